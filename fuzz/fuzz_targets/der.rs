//! Arbitrary DER: as a tree, and as a chain that is judged. The first byte says what the tree is read as.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tls_trace::certificate::{self, Question, Sent};
use tls_trace::trust::{Anchors, Loaded};
use tls_trace::wire::asn1;
use tls_trace::wire::dissector::{Dissector, Read};
use tls_trace_fuzz::assert_tiles;

const BODIES: [fn(&mut Dissector<'_>) -> Read<()>; 4] =
    [asn1::certificate, asn1::ocsp_response, asn1::public_key, asn1::any];

fuzz_target!(|input: &[u8]| {
    let [which, bytes @ ..] = input else { return };
    let body = BODIES[usize::from(*which) % BODIES.len()];
    let silent = Dissector::new(bytes, false).dissected("DER", body);
    let dissected = Dissector::new(bytes, true).dissected("DER", body);
    let root = dissected.root.expect("a tree was asked for");
    assert_tiles(&root, bytes.len());
    assert_eq!(silent.problem, dissected.problem);
    // What a structure only carries may be odd without it being malformed.
    assert!(dissected.problem.is_none() || !root.problems().is_empty());

    let elements = elements(bytes);
    let Some(last) = elements.last() else { return };
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("fuzz", [last.to_vec()]));
    let stores = anchors.candidates(&elements);
    for certificates in [&elements[..], &elements[..elements.len() - 1]] {
        // What is stapled is as arbitrary as the rest.
        let sent = Sent {
            certificates: certificates.to_vec(),
            ocsp: vec![(0, bytes)],
            scts: vec![(0, bytes)],
            ..Sent::default()
        };
        for name in [None, Some("localhost"), Some("127.0.0.1")] {
            certificate::judge(&sent, &Question::server(name, 1_800_000_000, &stores));
        }
    }
});

/// The elements that follow each other, and what is left as the last.
fn elements(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut elements = Vec::new();
    while !bytes.is_empty() && elements.len() < 8 {
        let length =
            asn1::der::head(bytes).map_or(bytes.len(), |head| (head.width + head.len).min(bytes.len()));
        let (element, rest) = bytes.split_at(length);
        elements.push(element);
        bytes = rest;
    }
    elements
}
