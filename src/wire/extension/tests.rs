//! What holds for every extension: each in each place where it may stand.

use super::*;
use crate::wire::codepoints::NamedGroup;
use crate::wire::facts::ClientHello as Client;
use crate::wire::field::{Field, Malformed, Value};
use crate::wire::handshake::tests::assert_tiles;

/// Sound content of an extension in a place, in hexadecimal; spaces are for the eye.
#[rustfmt::skip] // A table.
const SOUND: &[(u16, Place, &str)] = &[
    (0, ClientHello, "000e 00 000b 6578616d706c652e636f6d"),
    (0, ServerHello12, ""),
    (0, EncryptedExtensions, ""),
    (1, ClientHello, "02"),
    (2, ClientHello, ""),
    (3, ClientHello, "0032 00 01 000102030405060708090a0b0c0d0e0f10111213 02 0016 3014311230100603550403 0c0945786d70206c652041 00 00 00"),
    (3, ServerHello12, ""),
    (4, ClientHello, ""),
    (5, ClientHello, "01 0000 0000"),
    (5, ClientHello, "01 0006 0004 01020304 0002 3000"),
    (5, ServerHello12, ""),
    (5, CertificateRequest, ""),
    (5, Certificate, "01 000005 30030a0106"),
    (6, ClientHello, "01 40"),
    (9, ClientHello, "02 00 02"),
    (9, ServerHello12, "00"),
    (10, ClientHello, "0006 11ec 001d 1a1a"),
    (10, EncryptedExtensions, "0002 001d"),
    (11, ClientHello, "01 00"),
    (12, ClientHello, "05 616c696365"),
    (13, ClientHello, "0004 0403 0804"),
    (13, CertificateRequest, "0004 0403 0804"),
    (14, ClientHello, "0004 0001 0007 00"),
    (14, EncryptedExtensions, "0002 0007 01 09"),
    (15, ClientHello, "01"),
    (16, ClientHello, "000f 02 6832 08 687474702f312e31 02 0a0a"),
    (16, EncryptedExtensions, "0003 02 6832"),
    (17, ClientHello, "0007 02 0004 0000 0000"),
    (17, ServerHello12, ""),
    (18, ClientHello, ""),
    (18, CertificateRequest, ""),
    (18, Certificate, "0037 0035 00 0000000000000000000000000000000000000000000000000000000000000000 0000018000000000 0000 04 03 0006 010203040506"),
    (19, ClientHello, "02 02 00"),
    (19, EncryptedExtensions, "00"),
    (20, ClientHello, "02 02 00"),
    (20, ServerHello12, "02"),
    (21, ClientHello, "0000000000"),
    (21, ClientHello, ""),
    (22, ClientHello, ""),
    (23, ServerHello12, ""),
    (24, ClientHello, "01 00 02 02 01"),
    (25, ClientHello, "0005 01 03 010203"),
    (25, EncryptedExtensions, "0001 02"),
    (27, ClientHello, "04 0002 0001"),
    (27, CertificateRequest, "02 0003"),
    (28, ClientHello, "4001"),
    (33, ServerHello, ""),
    (34, ClientHello, "0002 0403"),
    (34, Certificate, "00093a80 0403 00000c 300a 300506032b6570 030100 0403 0002 abcd"),
    (35, ClientHello, "0102"),
    (35, ClientHello, ""),
    (35, ServerHello12, ""),
    (41, ClientHello, "0008 0002 abcd 00000000 0021 20 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    (41, ServerHello, "0000"),
    (42, ClientHello, ""),
    (42, EncryptedExtensions, ""),
    (42, NewSessionTicket, "00004000"),
    (43, ClientHello, "06 3a3a 0304 0303"),
    (43, ServerHello, "0304"),
    (43, HelloRetryRequest, "0304"),
    (44, ClientHello, "0003 010203"),
    (44, HelloRetryRequest, "0003 010203"),
    (45, ClientHello, "02 01 00"),
    (47, ClientHello, "0004 0002 3000"),
    (47, CertificateRequest, "0004 0002 3000"),
    (48, CertificateRequest, "000b 05 0603551d0f 0003 03010 0"),
    (49, ClientHello, ""),
    (50, ClientHello, "0002 0401"),
    (51, ClientHello, "0029 0a0a 0001 00 001d 0020 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    (51, ServerHello, "001d 0020 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    (51, HelloRetryRequest, "0017"),
    (52, ClientHello, ""),
    (52, Certificate, "0006 0004 0001 abcd"),
    (54, ClientHello, "02 abcd"),
    (55, ClientHello, "02 abcd"),
    (56, EncryptedExtensions, "01 ab"),
    (57, ClientHello, "01 04 80007530 0f 00"),
    (58, ClientHello, "04 01"),
    (58, EncryptedExtensions, "04"),
    (59, ClientHello, "01bb"),
    (59, Certificate, "0048 00"),
    (61, ClientHello, ""),
    (62, ClientHello, "01 80"),
    (13172, ClientHello, ""),
    (13172, ServerHello12, "02 6832 08 687474702f312e31"),
    (17513, ClientHello, "0003 02 6832"),
    (17613, ClientHello, "0003 02 6832"),
    (17613, EncryptedExtensions, ""),
    (30032, ClientHello, ""),
    (51764, ClientHello, "0003 02 abcd"),
    (51764, Certificate, ""),
    (64768, ClientHello, "04 000a 0033"),
    (65037, ClientHello, "00 0001 0001 2a 0004 01020304 0003 abcdef"),
    (65037, ClientHello, "01"),
    (65037, HelloRetryRequest, "0102030405060708"),
    (65037, EncryptedExtensions, "0022 fe0d 001e 2a 0020 0004 01020304 0004 00010001 00 0b 6578616d706c652e636f6d 0000"),
    (65281, ClientHello, "00"),
    (65281, ServerHello12, "02 abcd"),
    (0x4a4a, ClientHello, "00"),
];

fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

/// A list of extensions with its length.
fn block(extensions: &[(u16, &[u8])]) -> Vec<u8> {
    let mut list = Vec::new();
    for (code, content) in extensions {
        list.extend(code.to_be_bytes());
        list.extend((content.len() as u16).to_be_bytes());
        list.extend_from_slice(content);
    }
    let mut out = (list.len() as u16).to_be_bytes().to_vec();
    out.append(&mut list);
    out
}

/// Facts of a client that offered `codes`.
fn offered(codes: &[u16]) -> Facts {
    let mut client = Client::default();
    for code in codes {
        client.extensions.insert(*code);
    }
    Facts { client: Some(client), ..Facts::default() }
}

fn both(bytes: &[u8], place: Place, mut facts: Facts) -> (Field, Option<Malformed>, Facts) {
    let mut same = facts;
    let silent = Dissector::new(bytes, false).dissected("list", |d| list(d, place, &mut same).map(drop));
    let dissected = Dissector::new(bytes, true).dissected("list", |d| list(d, place, &mut facts).map(drop));
    let root = dissected.root.unwrap();
    assert_tiles(&root, bytes.len());
    let problem = dissected.problem.or(dissected.carried_problem);
    assert_eq!(
        (silent.problem, silent.carried_problem, same),
        (dissected.problem, dissected.carried_problem, facts)
    );
    assert_eq!(root.problems().is_empty(), problem.is_none());
    (root, problem, facts)
}

#[test]
fn rows_are_sorted_and_told() {
    assert!(EXTENSIONS.windows(2).all(|pair| pair[0].code < pair[1].code));
    assert!(
        EXTENSIONS
            .iter()
            .all(|row| !row.name.is_empty() && !row.about.is_empty() && !row.reference.is_empty())
    );
}

#[test]
fn scan_finds_an_extension_and_survives_a_wrong_length() {
    let list = [0, 5, 0, 1, 9, 0, 43, 0, 2, 3, 4];
    assert_eq!(scan(&list, 43), Some(&[3, 4][..]));
    assert_eq!(scan(&list, 44), None);
    assert_eq!(scan(&list[..10], 43), None);
    assert!(codes(&list).eq([5, 43]));
    assert!(codes(&list[..10]).eq([5]));
}

#[test]
fn sound_content_has_no_problem_and_a_name() {
    for (code, place, content) in SOUND {
        let (root, problem, _) = both(&block(&[(*code, &unhex(content))]), *place, offered(&[*code]));
        assert_eq!(problem, None, "{code} in {place:?}");
        let name = find(*code).map_or("GREASE", |row| row.name);
        assert_eq!(root.children[0].children[1].name, name);
    }
}

#[test]
fn every_prefix_and_every_mutation_is_tiled() {
    for (code, place, content) in SOUND {
        let content = unhex(content);
        let whole = block(&[(*code, &content)]);
        for end in 0..whole.len() {
            assert!(both(&whole[..end], *place, offered(&[*code])).1.is_some());
        }
        for at in 0..whole.len() {
            for flip in [0x01, 0x02, 0x10, 0x80, 0xff] {
                let mut mutated = whole.clone();
                mutated[at] ^= flip;
                both(&mutated, *place, offered(&[*code]));
            }
        }
        for end in 0..content.len() {
            both(&block(&[(*code, &content[..end])]), *place, offered(&[*code]));
        }
        let mut longer = content.clone();
        longer.push(0x77);
        both(&block(&[(*code, &longer)]), *place, offered(&[*code]));
    }
}

#[test]
fn what_may_not_stand_there_is_a_problem_on_its_type() {
    let kind = |bytes: &[u8], place, facts| {
        let (root, problem, _) = both(bytes, place, facts);
        let marked = root.problems();
        assert_eq!(marked[0].name, "extension_type");
        problem.unwrap().kind
    };
    let twice = block(&[(23, &[]), (23, &[])]);
    assert_eq!(kind(&twice, ClientHello, offered(&[])), Wrong::Duplicate);
    let ticket = block(&[(35, &[])]);
    assert_eq!(kind(&ticket, EncryptedExtensions, offered(&[35])), Wrong::NotAllowedHere);
    let answer = block(&[(23, &[])]);
    assert_eq!(kind(&answer, ServerHello12, offered(&[])), Wrong::Unsolicited);
    let scsv = block(&[(65281, &[0])]);
    let mut facts = offered(&[]);
    assert_eq!(kind(&scsv, ServerHello12, facts), Wrong::Unsolicited);
    if let Some(client) = &mut facts.client {
        client.renegotiation_scsv = true;
    }
    assert_eq!(both(&scsv, ServerHello12, facts).1, None);
    assert_eq!(both(&block(&[(44, &[0, 1, 7])]), HelloRetryRequest, offered(&[])).1, None);
}

#[test]
fn wrong_lengths_are_problems() {
    for (code, place, content) in [
        (23, ClientHello, "00"),
        (0, EncryptedExtensions, "0000"),
        (43, ServerHello, "030400"),
        (28, ClientHello, "40"),
    ] {
        assert!(both(&block(&[(code, &unhex(content))]), place, offered(&[code])).1.is_some(), "{code}");
    }
    let late = block(&[(41, &unhex("0008 0002 abcd 00000000 0002 01 00")), (21, &[])]);
    assert!(matches!(both(&late, ClientHello, offered(&[])).1.unwrap().kind, Wrong::Illegal(_)));
}

#[test]
fn a_hybrid_share_is_split_into_its_parts() {
    let mut share = unhex("11ec 04c0");
    share.extend([1; 1184]);
    share.extend([2; 32]);
    let mut content = (share.len() as u16).to_be_bytes().to_vec();
    content.extend(&share);
    let (root, problem, facts) = both(&block(&[(51, &content)]), ClientHello, offered(&[]));
    assert_eq!(problem, None);
    assert_eq!(root.find("ML-KEM-768 encapsulation key").unwrap().range.len(), 1184);
    assert_eq!(root.find("x25519").unwrap().range.len(), 32);
    assert_eq!(facts.client.unwrap().key_shares.unwrap().len(), 1220);
    content[5] = 0xbf;
    content[1] -= 1;
    content.pop();
    assert!(both(&block(&[(51, &content)]), ClientHello, offered(&[])).1.is_some());
}

#[test]
fn values_and_facts() {
    let (root, _, facts) = both(&block(&[(41, &[0, 1])]), ServerHello, offered(&[41]));
    assert_eq!(root.find("selected_identity").unwrap().value, Value::Uint(1));
    assert_eq!(facts.psk, Some(1));
    let (_, _, facts) = both(&block(&[(51, &[0, 23])]), HelloRetryRequest, offered(&[51]));
    assert_eq!(facts.retry.unwrap().group, Some(NamedGroup::secp256r1));
    let (root, _, facts) = both(&block(&[(0, &unhex(SOUND[0].2))]), ClientHello, offered(&[]));
    assert_eq!(facts.client.unwrap().server_name.unwrap().range(), 11..22);
    assert_eq!(root.find("host_name").unwrap().children[1].value, Value::Text);
    let (root, ..) =
        both(&block(&[(65037, &unhex("00 0001 0001 2a 0000 0001 00"))]), ClientHello, offered(&[]));
    assert_eq!(root.find("config_id").unwrap().value, Value::Uint(0x2a));
    let (_, _, facts) = both(&block(&[(20, &[2])]), ServerHello12, offered(&[20]));
    assert_eq!(facts.certificate_types, [0, 2]);
}
