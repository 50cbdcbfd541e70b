//! One handshake message behind arbitrary facts. The input: direction and what is known, version, suite, message.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tls_trace::wire::Direction;
use tls_trace::wire::codepoints::{CipherSuite, ProtocolVersion};
use tls_trace::wire::facts::{ClientHello, Facts};
use tls_trace::wire::handshake::dissect;
use tls_trace_fuzz::assert_tiles;

fuzz_target!(|input: &[u8]| {
    let [flags, version, suite_high, suite_low, message @ ..] = input else { return };
    let direction = Direction::BOTH[usize::from(flags & 1)];
    let mut facts = Facts::default();
    facts.client = (flags & 2 != 0).then(ClientHello::default);
    facts.client_hellos = facts.client.is_some().into();
    facts.version = (*version < 5).then_some(ProtocolVersion(0x0300 | u16::from(*version)));
    facts.cipher_suite =
        (flags & 4 != 0).then_some(CipherSuite(u16::from_be_bytes([*suite_high, *suite_low])));
    facts.certificate_types = [flags >> 3 & 3, flags >> 5 & 3];

    let mut same = facts;
    let silent = dissect(message, direction, &mut same, false);
    let dissected = dissect(message, direction, &mut facts, true);
    assert_eq!(same, facts);
    assert!(silent.root.is_none());
    assert_eq!(silent.name, dissected.name);
    assert_eq!(silent.problem, dissected.problem);
    let root = dissected.root.expect("a tree was asked for");
    assert_tiles(&root, message.len());
    // What a message only carries (names, certificates) may be odd without the message being malformed.
    assert!(dissected.problem.is_none() || !root.problems().is_empty());
});
