//! What holds for every message.

use super::*;
use crate::wire::codepoints::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::samples;

/// See [`Field::untiled`].
pub fn assert_tiles(root: &Field, len: usize) {
    assert_eq!(root.untiled(len), None);
}

/// Dissects in both modes, and checks what has to hold for any bytes.
fn both(bytes: &[u8], direction: Direction, facts: &mut Facts) -> Dissected {
    let mut same = *facts;
    let silent = dissect(bytes, direction, &mut same, false);
    let dissected = dissect(bytes, direction, facts, true);
    assert_eq!(same, *facts);
    assert!(silent.root.is_none());
    assert_eq!((silent.problem, silent.carried_problem), (dissected.problem, dissected.carried_problem));
    let root = dissected.root.as_ref().unwrap();
    assert_tiles(root, bytes.len());
    assert_eq!(root.problems().is_empty(), dissected.problem.or(dissected.carried_problem).is_none());
    dissected
}

/// The facts before each message, and each message as it should be.
fn replay(messages: &samples::Messages) -> (Facts, Vec<(Facts, Dissected)>) {
    let mut facts = Facts::default();
    let mut out = Vec::new();
    for (at, (direction, bytes)) in messages.iter().enumerate() {
        facts.at = (at, false);
        let before = facts;
        let dissected = both(bytes, *direction, &mut facts);
        out.push((before, dissected));
    }
    (facts, out)
}

fn bytes_of(messages: &samples::Messages, span: crate::wire::facts::Span) -> &[u8] {
    &messages[span.message].1[span.range()]
}

#[test]
fn sound_handshakes_have_no_problems() {
    for messages in samples::all() {
        for (_, dissected) in replay(&messages).1 {
            assert_eq!(dissected.problem, None, "{}", dissected.name);
        }
    }
}

#[test]
fn every_prefix_and_every_mutation_is_tiled() {
    for messages in samples::all() {
        for ((direction, bytes), (before, _)) in messages.iter().zip(replay(&messages).1) {
            for end in 0..bytes.len() {
                both(&bytes[..end], *direction, &mut before.clone());
            }
            let mut mutated = bytes.clone();
            for at in 0..bytes.len() {
                for flip in [0x01, 0x80, 0xff] {
                    mutated[at] ^= flip;
                    both(&mutated, *direction, &mut before.clone());
                    mutated[at] ^= flip;
                }
            }
            mutated.extend_from_slice(&[0; 3]);
            assert!(both(&mutated, *direction, &mut before.clone()).problem.is_some());
        }
    }
}

#[test]
fn rows_are_sorted_and_told() {
    assert!(MESSAGES.windows(2).all(|pair| pair[0].code < pair[1].code));
    assert!(MESSAGES.iter().all(|row| !row.about.is_empty() && !row.reference.is_empty()));
    assert_eq!(HANDSHAKE_TYPES.name_of(1), Some("client_hello"));
}

#[test]
fn an_unknown_message_is_named_by_its_number() {
    let dissected = both(&[77, 0, 0, 2, 1, 2], Direction::Server, &mut Facts::default());
    assert_eq!(dissected.name, "unknown (77)");
    assert_eq!(dissected.root.unwrap().find("body").unwrap().range, 4..6);
    assert_eq!((unknown(7), unknown(255), unknown(100)), ("unknown (7)", "unknown (255)", "unknown (100)"));
    assert_eq!(both(&[], Direction::Server, &mut Facts::default()).name, "empty");
}

#[test]
fn a_message_of_very_many_fields_stays_bounded() {
    // A list of empty certificates: three bytes and two fields each.
    let list = vec![0; 3 * 100_000];
    let mut bytes = vec![11];
    bytes.extend(&(list.len() as u32 + 3).to_be_bytes()[1..]);
    bytes.extend(&(list.len() as u32).to_be_bytes()[1..]);
    bytes.extend(&list);
    let dissected = both(&bytes, Direction::Server, &mut Facts::default());
    let root = dissected.root.unwrap();
    assert_eq!(root.leaves().len(), crate::wire::dissector::MAX_LEAVES + 1);
    assert_eq!(root.children.last().unwrap().name, "more");
}

#[test]
fn the_tree_of_a_large_hello_is_small() {
    // OpenSSL's hello with the share of a hybrid beside its own, as browsers send it.
    let mut hello = samples::tls13()[0].1.clone();
    let mut share = vec![0; 4 + 1216];
    share[..4].copy_from_slice(&[0x11, 0xec, 0x04, 0xc0]);
    let at = hello.windows(2).rposition(|two| two == [0, 29]).unwrap();
    hello.splice(at..at, share);
    // The lengths around it: of the shares, the extension, all extensions, and the message.
    let body = client_hello::extensions_ahead(&hello[HEADER..]).unwrap();
    let list = body.as_ptr() as usize - hello.as_ptr() as usize;
    for at in [at - 2, at - 4, list - 2, 2] {
        let len = u16::from_be_bytes([hello[at], hello[at + 1]]) + 1220;
        hello[at..at + 2].copy_from_slice(&len.to_be_bytes());
    }
    let dissected = both(&hello, Direction::Client, &mut Facts::default());
    assert_eq!(dissected.problem, None);
    let root = dissected.root.unwrap();
    assert!(root.find("ML-KEM-768 encapsulation key").is_some());
    fn memory(field: &Field) -> usize {
        let note =
            field.note.as_ref().map_or(0, |note| if matches!(note, Cow::Owned(_)) { note.len() } else { 0 });
        note + field.children.capacity() * size_of::<Field>()
            + field.children.iter().map(memory).sum::<usize>()
    }
    assert!(hello.len() > 1500 && memory(&root) < 100_000, "{}", memory(&root));
}

#[test]
fn the_downgrade_sentinel_is_recognised() {
    let mut hello = samples::tls12()[1].1.clone();
    hello[30..38].copy_from_slice(b"DOWNGRD\x01");
    let root = both(&hello, Direction::Server, &mut Facts::default()).root.unwrap();
    assert!(root.find("random").unwrap().note.as_ref().unwrap().starts_with("ends in DOWNGRD 01"));
}

#[test]
fn a_compressed_certificate_and_what_it_unpacks_to() {
    let mut facts = Facts { version: Some(ProtocolVersion::TLS_1_3), at: (7, false), ..Facts::default() };
    let compressed = [25, 0, 0, 10, 0, 2, 0, 2, 0, 0, 0, 2, 0xab, 0xcd];
    assert_eq!(both(&compressed, Direction::Server, &mut facts).problem, None);
    let (algorithm, len, span) = facts.compressed.unwrap();
    assert_eq!((algorithm, len, span.range()), (2, 512, 12..14));
    let messages = samples::tls13();
    let (_, certificate) = messages.iter().find(|(_, bytes)| bytes[0] == 11).unwrap();
    facts.at = (7, true);
    let dissected = dissect_certificate_body(&certificate[HEADER..], Direction::Server, &mut facts, true);
    assert_eq!(dissected.problem, None);
    assert_tiles(&dissected.root.unwrap(), certificate.len() - HEADER);
    let list = facts.certificates_of(Direction::Server).unwrap();
    assert!(list.list.derived && list.tls13);
}

#[test]
fn resumption_of_tls12_is_abbreviated() {
    let messages = samples::tls12();
    let mut facts = Facts::default();
    // OpenSSL's server sent an empty session id; here it repeats the client's.
    let client = &messages[0].1;
    let mut server = messages[1].1.clone();
    server.splice(38..39, client[38..71].iter().copied());
    server[3] += 32;
    both(client, Direction::Client, &mut facts);
    assert_eq!(both(&server, Direction::Server, &mut facts).problem, None);
    assert!(facts.abbreviated);
    both(&messages[2].1, Direction::Server, &mut facts);
    assert!(!facts.abbreviated);
}

#[test]
fn tls13_names_and_facts() {
    let messages = samples::tls13();
    let (facts, dissected) = replay(&messages);
    let names: Vec<_> = dissected.iter().map(|(_, message)| message.name.as_ref()).collect();
    assert_eq!(
        names,
        [
            "ClientHello",
            "HelloRetryRequest",
            "ClientHello",
            "ServerHello",
            "EncryptedExtensions",
            "CertificateRequest",
            "Certificate",
            "CertificateVerify",
            "Finished",
            "Certificate",
            "CertificateVerify",
            "Finished",
            "NewSessionTicket",
            "NewSessionTicket",
        ]
    );
    let client = facts.client.unwrap();
    assert_eq!(facts.client_hellos, 2);
    assert_eq!(facts.retry.unwrap().group, Some(NamedGroup::secp384r1));
    assert_eq!(facts.version, Some(ProtocolVersion::TLS_1_3));
    assert_eq!(facts.cipher_suite, Some(CipherSuite::TLS_AES_256_GCM_SHA384));
    assert_eq!(facts.group, Some(NamedGroup::secp384r1));
    assert_eq!(client.legacy_version, ProtocolVersion::TLS_1_2);
    assert_eq!(bytes_of(&messages, client.server_name.unwrap()), b"localhost");
    assert!(lists::alpn_names(bytes_of(&messages, client.alpn.unwrap())).eq([&b"h2"[..], b"http/1.1"]));
    assert!(lists::key_share_groups(bytes_of(&messages, client.key_shares.unwrap())).eq([24]));
    assert_eq!(lists::codes(bytes_of(&messages, client.supported_versions.unwrap())).next(), Some(0x0304));
    assert!(client.extensions.contains(13) && !client.extensions.contains(41));
    assert!(facts.encrypted_extensions_seen);
    assert_eq!(facts.tickets, 2);
    assert_eq!(facts.finished.map(|span| span.unwrap().len()), [48, 48]);
    let list = facts.certificates_of(Direction::Server).unwrap();
    assert!(list.tls13);
    let list_bytes = bytes_of(&messages, list.list);
    let ders: Vec<_> = certificate::entries(list_bytes, true).collect();
    assert_eq!(ders.len(), 1);
    assert_eq!(list_bytes[ders[0].start], 0x30);
    assert_eq!(facts.certificate_verify[1].unwrap().scheme, Some(SignatureScheme::ecdsa_secp256r1_sha256));
    assert!(facts.certificate_request.unwrap().is_empty());
    assert!(
        lists::codes(bytes_of(&messages, facts.certificate_request_schemes.unwrap()))
            .any(|code| code == 0x0403)
    );
}

#[test]
fn tls12_names_and_facts() {
    let messages = samples::tls12();
    let (facts, dissected) = replay(&messages);
    assert!(dissected.iter().any(|(_, message)| message.name == "ServerHelloDone"));
    assert_eq!(facts.version, Some(ProtocolVersion::TLS_1_2));
    assert_eq!(facts.cipher_suite, Some(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384));
    assert_eq!(facts.group, Some(NamedGroup::x25519));
    let (parameters, signature) = facts.server_key_exchange.unwrap();
    assert_eq!(bytes_of(&messages, parameters)[..4], [3, 0, 29, 32]);
    assert_eq!(signature.unwrap().scheme, Some(SignatureScheme::ecdsa_secp256r1_sha256));
    assert_eq!(facts.finished.map(|span| span.unwrap().len()), [12, 12]);
    assert!(facts.extended_master_secret && !facts.abbreviated);
    assert_eq!(facts.client_key_exchange.unwrap().len(), 33);
    assert!(!facts.certificates_of(Direction::Client).unwrap().tls13);
}

#[test]
fn older_key_exchanges() {
    let messages = samples::tls12_dhe();
    let (facts, dissected) = replay(&messages);
    let exchange = dissected.iter().find(|(_, message)| message.name == "ServerKeyExchange").unwrap();
    let root = exchange.1.root.as_ref().unwrap();
    assert_eq!(root.find("dh_g").unwrap().range.len(), 3);
    assert!(facts.server_key_exchange.unwrap().1.is_some());
    let (facts, dissected) = replay(&samples::tls11());
    assert_eq!(facts.version, Some(ProtocolVersion::TLS_1_1));
    let exchange = dissected.iter().find(|(_, message)| message.name == "ClientKeyExchange").unwrap();
    assert_eq!(exchange.1.root.as_ref().unwrap().find("EncryptedPreMasterSecret").unwrap().range.len(), 258);
    let messages = samples::tls12_psk();
    let (facts, dissected) = replay(&messages);
    let exchange = dissected.iter().find(|(_, message)| message.name == "ServerKeyExchange").unwrap();
    assert!(exchange.1.root.as_ref().unwrap().find("psk_identity_hint").is_some());
    assert_eq!(facts.server_key_exchange.unwrap().1, None);
}

/// A message that none of the handshakes has: type, version, cipher suite, sound body in hexadecimal, a field that it has.
type Rare = (u8, u16, u16, &'static str, &'static str);

#[rustfmt::skip] // A table.
const RARE: &[Rare] = &[
    (0, 0x0303, 0, "", "length"),
    (3, 0x0303, 0, "feff 04 01020304", "cookie"),
    (5, 0x0304, 0x1301, "", "length"),
    (6, 0x7f12, 0, "7f12 0006 0033 0002 001d", "selected_group"),
    (9, 0x0304, 0x1301, "02", "num_cids"),
    (10, 0x0304, 0x1301, "0003 02 abcd 01", "cid"),
    // ServerKeyExchange: a prime curve and a binary one in full, DHE of SSL 3.0, RSA export, SRP, hints, anonymous, by name
    (12, 0x0303, 0xc014, "01 01 17 01 01 01 02 02 0301 01 05 01 01 02 0405 0401 0002 abcd", "prime_p"),
    (12, 0x0303, 0xc014, "02 00a3 02 01 01 01 02 01 03 01 01 01 02 02 0301 01 05 01 01 02 0405 0401 0002 abcd", "k3"),
    (12, 0x0303, 0xc014, "02 00a3 01 01 01 01 01 01 02 02 0301 01 05 01 01 02 0405 0401 0002 abcd", "k"),
    (12, 0x0300, 0x0016, "0002 0017 0001 05 0002 0102 0002 abcd", "dh_Ys"),
    (12, 0x0301, 0x0003, "0002 0017 0001 03 0002 abcd", "rsa_modulus"),
    (12, 0x0302, 0xc01d, "0001 17 0001 02 04 01020304 0001 09", "srp_B"),
    (12, 0x0303, 0xc01e, "0001 17 0001 02 04 01020304 0001 09 0201 0002 abcd", "srp_s"),
    (12, 0x0303, 0x008c, "0003 77686f", "psk_identity_hint"),
    (12, 0x0303, 0xc035, "0000 03 001d 01 05", "namedcurve"),
    (12, 0x0303, 0xc018, "03 001d 01 05", "public"),
    (12, 0x0303, 0x0034, "0001 17 0001 05 0001 01", "dh_p"),
    (12, 0x0303, 0xc0ff, "0102", "ECJPAKEKeyKPPairList"),
    (12, 0x0303, 0xeeee, "0102", "parameters"),
    (13, 0x0301, 0x002f, "02 01 40 0004 0002 3000", "DistinguishedName"),
    (13, 0x0304, 0x1301, "01 07 0008 000d 0004 0002 0403", "certificate_request_context"),
    // ClientKeyExchange
    (16, 0x0300, 0x0004, "01020304", "EncryptedPreMasterSecret"),
    (16, 0x0303, 0x0033, "0002 abcd", "dh_Yc"),
    (16, 0x0303, 0xc013, "02 abcd", "ecdh_Yc"),
    (16, 0x0303, 0xc013, "", "length"),
    (16, 0x0303, 0x008c, "0003 77686f", "psk_identity"),
    (16, 0x0303, 0x00ac, "0003 77686f 0002 abcd", "EncryptedPreMasterSecret"),
    (16, 0x0303, 0xc035, "0003 77686f 02 abcd", "ecdh_Yc"),
    (16, 0x0303, 0xc01d, "0002 abcd", "srp_A"),
    (16, 0x0303, 0xc102, "3000", "GostKeyTransport"),
    (16, 0x0303, 0xeeee, "0102", "exchange_keys"),
    (17, 0x0304, 0x1301, "00 0008 000d 0004 0002 0403", "certificate_request_context"),
    (20, 0x0300, 0x0004, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223", "verify_data"),
    (21, 0x0303, 0, "00 001b 0004 61626364 01 000102030405060708090a0b0c0d0e0f10111213", "SHA1Hash"),
    (22, 0x0303, 0, "01 000005 30030a0106", "responseStatus"),
    (22, 0x0303, 0, "02 00000b 000000 000005 30030a0106", "ocsp_response_list"),
    (23, 0x0303, 0, "000006 4002 0002 abcd", "supp_data_type"),
    (24, 0x0304, 0x1301, "01", "request_update"),
    (26, 0x0304, 0x1301, "01 07 01 08 0001 000002", "ekt_spi"),
    (67, 0x0303, 0, "02 6832 01 00", "selected_protocol"),
    (254, 0x0304, 0x1301, "0102", "hash"),
];

#[test]
fn rare_messages_are_read_and_tiled() {
    for (code, version, suite, body, field) in RARE {
        let body = hex::decode(body.replace(' ', "")).unwrap();
        let mut message = vec![*code];
        message.extend(&(body.len() as u32).to_be_bytes()[1..]);
        message.extend(&body);
        let facts = Facts {
            version: Some(ProtocolVersion(*version)),
            cipher_suite: Some(CipherSuite(*suite)),
            ..Facts::default()
        };
        let sender = if matches!(code, 5 | 16 | 21 | 67) { Direction::Client } else { Direction::Server };
        let dissected = both(&message, sender, &mut facts.clone());
        let name = &dissected.name;
        assert_eq!(dissected.problem, None, "{name} of {version:04x}, {suite:04x}");
        assert!(dissected.root.unwrap().find(field).is_some(), "{name} has no {field}");
        for end in 0..message.len() {
            assert!(both(&message[..end], sender, &mut facts.clone()).problem.is_some());
        }
        for at in 0..message.len() {
            for flip in [0x01, 0x02, 0x04, 0x80, 0xff] {
                let mut mutated = message.clone();
                mutated[at] ^= flip;
                both(&mutated, sender, &mut facts.clone());
            }
        }
    }
}

#[test]
fn what_is_signed_and_what_is_exchanged_is_known() {
    let mut facts = Facts {
        version: Some(ProtocolVersion::TLS_1_2),
        cipher_suite: Some(CipherSuite(0xc014)),
        ..Facts::default()
    };
    let message = hex::decode("0c00000a030017015504010001ab").unwrap();
    assert_eq!(both(&message, Direction::Server, &mut facts).problem, None);
    let (parameters, signature) = facts.server_key_exchange.unwrap();
    assert_eq!((parameters.range(), facts.group), (4..9, Some(NamedGroup::secp256r1)));
    assert_eq!(
        (signature.unwrap().scheme, signature.unwrap().signature.range()),
        (Some(SignatureScheme::rsa_pkcs1_sha256), 13..14)
    );
    let message = hex::decode("0b000009000006000003010203").unwrap();
    both(&message, Direction::Client, &mut facts);
    assert_eq!(facts.certificates_of(Direction::Client).unwrap().list.range(), 7..13);
}

/// The drafts of TLS 1.3 up to 21 have neither a session id nor a compression method in the ServerHello; the
/// experiments and later drafts look like TLS 1.2.
#[test]
fn a_server_hello_of_the_drafts() {
    let share = [&[0, 40, 0, 36, 0, 29, 0, 32][..], &[7; 32]].concat();
    let extensions = [&[0, 40][..], &share].concat();
    let hello = |version: [u8; 2], middle: &[u8], extensions: &[u8]| {
        let body = [&version[..], &[9; 32], middle, extensions].concat();
        [&[2, 0, 0, body.len() as u8][..], &body].concat()
    };
    let offered = || {
        let mut client = crate::wire::facts::ClientHello::default();
        [40, 43].into_iter().for_each(|code| {
            client.extensions.insert(code);
        });
        Facts { client: Some(client), ..Facts::default() }
    };
    for draft in [14, 18, 21] {
        let mut facts = offered();
        let dissected = both(&hello([0x7f, draft], &[0x13, 1], &extensions), Direction::Server, &mut facts);
        assert_eq!(dissected.problem, None, "draft {draft}");
        assert_eq!(facts.group, Some(NamedGroup::x25519), "draft {draft}");
        assert_eq!(facts.cipher_suite, Some(CipherSuite::TLS_AES_128_GCM_SHA256));
        assert!(facts.is_tls13() && facts.server_extensions.contains(40));
    }
    for version in [[0x7e, 0x01], [0x7f, 0x17]] {
        let mut facts = offered();
        let selected = [&[0, 6, 0, 43, 0, 2][..], &version].concat();
        let dissected = both(&hello([3, 3], &[0, 0x13, 1, 0], &selected), Direction::Server, &mut facts);
        assert_eq!((dissected.problem, facts.is_tls13()), (None, true), "{version:02x?}");
    }
}

#[test]
fn a_lifetime_of_zero_is_unspecified_in_tls12() {
    let ticket = [4, 0, 0, 7, 0, 0, 0, 0, 0, 1, 9];
    let mut facts = Facts { version: Some(ProtocolVersion::TLS_1_2), ..Facts::default() };
    let root = both(&ticket, Direction::Server, &mut facts).root.unwrap();
    assert_eq!(root.find("ticket_lifetime_hint").unwrap().note.as_deref(), Some("0: unspecified"));
}
