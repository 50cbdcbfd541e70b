//! What holds for any DER.

use super::*;
use crate::wire::field::{Field, Value};
use crate::wire::handshake::Dissected;
use crate::wire::handshake::certificate::entries;
use crate::wire::handshake::tests::assert_tiles;
use crate::wire::{Direction, samples};

fn both(bytes: &[u8], body: fn(&mut Dissector<'_>) -> Read<()>) -> Dissected {
    let silent = Dissector::new(bytes, false).dissected("DER", body);
    let dissected = Dissector::new(bytes, true).dissected("DER", body);
    let root = dissected.root.as_ref().unwrap();
    assert_tiles(root, bytes.len());
    assert_eq!(silent.problem, dissected.problem);
    assert_eq!(root.problems().is_empty(), dissected.problem.is_none());
    dissected
}

fn certificates() -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for messages in samples::all() {
        for (direction, bytes) in messages {
            if bytes[0] == 11 && direction == Direction::Server {
                // In TLS 1.2 the body is the list and its length, and nothing else.
                let tls13 = u32::from_be_bytes([0, bytes[4], bytes[5], bytes[6]]) as usize != bytes.len() - 7;
                let list = if tls13 { &bytes[8..] } else { &bytes[7..] };
                out.extend(entries(list, tls13).map(|range| list[range].to_vec()));
            }
        }
    }
    assert!(out.len() >= 3);
    out
}

fn note<'a>(root: &'a Field, name: &str) -> &'a str {
    let mut stack = vec![root];
    while let Some(field) = stack.pop() {
        if let Some(note) = field.note.as_deref().filter(|_| field.name == name) {
            return note;
        }
        stack.extend(field.children.iter().rev());
    }
    ""
}

#[test]
fn a_certificate_is_read_by_meaning() {
    let der = certificates().remove(0);
    let dissected = both(&der, certificate);
    assert_eq!(dissected.problem, None);
    let root = dissected.root.unwrap();
    assert_eq!(note(&root, "version"), "v3");
    assert_eq!(note(&root, "issuer"), "C=DE, O=Example, CN=localhost");
    assert_eq!(note(&root, "signature"), "");
    assert_eq!(note(&root, "algorithm"), "ecdsa-with-SHA256 (1.2.840.10045.4.3.2)");
    assert!(note(&root, "notBefore").starts_with("20"));
    assert_eq!(note(&root, "parameters"), "secp256r1 (1.2.840.10045.3.1.7)");
    assert_eq!(note(&root, "iPAddress"), "127.0.0.1");
    assert_eq!(der[root.find("dNSName").unwrap().children[1].range.clone()], *b"localhost");
    let rsa = certificates().pop().unwrap();
    assert_eq!(note(&both(&rsa, certificate).root.unwrap(), "modulus"), "2048 bits");
}

#[test]
fn every_prefix_and_every_mutation_is_tiled() {
    for der in certificates() {
        for body in [certificate as fn(&mut Dissector<'_>) -> Read<()>, any, ocsp_response, public_key] {
            both(&der, body);
        }
        for end in 0..der.len() {
            assert!(both(&der[..end], certificate).problem.is_some());
        }
        let mut mutated = der.clone();
        for at in 0..der.len() {
            for flip in [0x01, 0x20, 0x80, 0xff] {
                mutated[at] ^= flip;
                both(&mutated, certificate);
                mutated[at] ^= flip;
            }
        }
    }
}

#[test]
fn depth_is_bounded() {
    let mut nested = Vec::new();
    for _ in 0..20_000 {
        let mut outer = vec![0x30, 0x82];
        outer.extend((nested.len() as u16).to_be_bytes());
        outer.append(&mut nested);
        nested = outer;
        if nested.len() > 60_000 {
            break;
        }
    }
    assert!(both(&nested, any).problem.is_some());
}

#[test]
fn heads() {
    let head_of = |tag, width, len, long| Ok(Head { tag, width, len, long });
    assert_eq!(head(&[0x30, 0x05]), head_of(0x30, 2, 5, false));
    assert_eq!(head(&[0x30, 0x81, 0x05]), head_of(0x30, 3, 5, true));
    assert_eq!(head(&[0x30, 0x82, 1, 0]), head_of(0x30, 4, 256, false));
    assert_eq!(head(&[0x1f, 0x81, 0x01, 0]), head_of(0x1f, 4, 0, false));
    assert!(
        head(&[0x30, 0x80]).is_err()
            && head(&[0x30]).is_err()
            && head(&[]).is_err()
            && head(&[0x30, 0x85]).is_err()
    );
}

#[test]
fn an_ocsp_response_is_read_by_meaning() {
    let [good, revoked] = samples::ocsp();
    let dissected = both(&good, ocsp_response);
    assert_eq!(dissected.problem, None);
    let root = dissected.root.unwrap();
    assert_eq!(note(&root, "certStatus"), "good");
    assert_eq!(note(&root, "byName"), "CN=Example CA");
    assert_eq!(root.find("serialNumber").unwrap().children[1].value, Value::Uint(0x1234));
    assert_eq!(note(root.find("certs").unwrap(), "subject"), "CN=Example CA");
    let dissected = both(&revoked, ocsp_response);
    assert_eq!(dissected.problem, None);
    let root = dissected.root.unwrap();
    assert_eq!(note(&root, "certStatus"), "revoked");
    assert_eq!(note(&root, "revocationTime"), "2026-01-01 00:00:00 UTC");
    let reason = root.find("revocationReason").unwrap().find("ENUMERATED").unwrap().range.end;
    assert_eq!(revoked[reason], 1);
    // unauthorized, without an answer
    let root = both(&[0x30, 3, 0x0a, 1, 6], ocsp_response).root.unwrap();
    let status = &root.find("responseStatus").unwrap().children[1];
    assert_eq!(status.value, Value::Code(6, &crate::wire::codepoints::OCSP_RESPONSE_STATUSES));
    for response in samples::ocsp() {
        for at in 0..response.len() {
            assert!(both(&response[..at], ocsp_response).problem.is_some());
            let mut mutated = response.clone();
            mutated[at] ^= 0x81;
            both(&mutated, ocsp_response);
        }
    }
}
