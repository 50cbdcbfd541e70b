//! What holds for any DER.

use std::fmt::Debug;

use super::read::any;
use super::*;
use crate::wire::field::{Field, Value};
use crate::wire::handshake::Dissected;
use crate::wire::handshake::certificate::entries;
use crate::wire::handshake::tests::assert_tiles;
use crate::wire::{Direction, samples};

const BOUNDS: Bounds = Bounds { names: 1_000, extensions: 100, urls: 64, certificates: 10, answers: 100 };

/// Reads in both modes. They find the same problems and come to the same meaning, and the tree tiles the bytes.
fn both<'a, T: Debug>(bytes: &'a [u8], body: impl Fn(&mut Dissector<'a>) -> Read<T>) -> (Dissected, String) {
    let (meaning, problems) = Dissector::facts(bytes, "DER", &body);
    let mut same = None;
    let dissected = Dissector::new(bytes, true).dissected("DER", |d| {
        same = Some(body(d)?);
        Ok(())
    });
    let root = dissected.root.as_ref().unwrap();
    assert_tiles(root, bytes.len());
    assert_eq!(problems.first().copied(), dissected.problem.or(dissected.carried_problem));
    assert_eq!(root.problems().is_empty(), problems.is_empty());
    let meaning = format!("{meaning:?}");
    assert_eq!(meaning, format!("{same:?}"));
    (dissected, meaning)
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
    let (dissected, _) = both(&der, certificate);
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
    assert_eq!(note(&both(&rsa, certificate).0.root.unwrap(), "modulus"), "2048 bits");
}

fn whole<'a>(d: &mut Dissector<'a>) -> Read<Option<Certificate<'a>>> {
    certificate::certificate(d, &BOUNDS)
}

#[test]
fn every_prefix_and_every_mutation_is_tiled_and_means_the_same_in_both_modes() {
    for der in certificates() {
        for body in [certificate as fn(&mut Dissector<'_>) -> Read<()>, any, ocsp_response, public_key] {
            both(&der, body);
        }
        let (dissected, meaning) = both(&der, whole);
        assert!(dissected.problem.is_none() && meaning.contains("basic_constraints: Some"));
        for end in 0..der.len() {
            assert!(both(&der[..end], whole).0.problem.is_some());
        }
        for at in 0..der.len() {
            for flip in [0x01, 0x20, 0x80, 0xff] {
                let mut mutated = der.clone();
                mutated[at] ^= flip;
                both(&mutated, whole);
            }
        }
    }
}

#[test]
fn one_bad_date_does_not_lose_the_rest() {
    let der = certificates().remove(0);
    let sound = Certificate::read(&der, &BOUNDS).unwrap();
    let mut bad = der.clone();
    // The first digit of notBefore.
    bad[sound.validity.start + 4] = b'x';
    let (read, problems) = Certificate::read_all(&bad, &BOUNDS).unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].field, "notBefore");
    assert_eq!(read.not_before, None);
    assert_eq!(read.not_after, sound.not_after);
    assert_eq!(
        read.extensions.alt_names.map(|names| names.len()),
        sound.extensions.alt_names.map(|names| names.len())
    );
}

#[test]
fn one_bad_name_does_not_lose_the_others() {
    let names = [&[0x82, 1, b'a'][..], &[0x81, 1, 0xff], &[0x99, 0], &[0x82, 1, b'b']].concat();
    let value = der::element(der::SEQUENCE, &names);
    let list = der::element(der::SEQUENCE, &extension(oid::SUBJECT_ALT_NAME, &value));
    let mut known = extensions::Extensions::default();
    let (_, problems) =
        Dissector::facts(&list, "Extensions", |d| extensions::extensions(d, &mut known, &BOUNDS));
    assert_eq!(
        problems.iter().map(|problem| problem.field).collect::<Vec<_>>(),
        ["rfc822Name", "GeneralName"]
    );
    let names: Vec<String> = known.alt_names.unwrap().iter().map(|located| located.name.text()).collect();
    assert_eq!(names, ["DNS:a", "DNS:b"]);
}

fn extension(oid: &[u8], value: &[u8]) -> Vec<u8> {
    let parts = [der::element(der::OID, oid), der::element(der::OCTET_STRING, value)];
    der::element(der::SEQUENCE, &parts.concat())
}

#[test]
fn what_an_unknown_extension_holds_need_not_be_der() {
    // A SEQUENCE that is one from outside only.
    for (value, taken_apart) in
        [(&[0x30, 2, 0x02, 0x05][..], false), (&[0x30, 3, 2, 1, 7], true), (b"text", false)]
    {
        let list = der::element(der::SEQUENCE, &extension(&[0x2a, 3], value));
        let (dissected, _) =
            both(&list, |d| extensions::extensions(d, &mut extensions::Extensions::default(), &BOUNDS));
        assert_eq!(dissected.problem, None);
        assert_eq!(dissected.root.unwrap().find("INTEGER").is_some(), taken_apart);
    }
}

#[test]
fn the_first_of_a_duplicate_extension_counts_and_bounds_are_kept() {
    let value = |name: u8| der::element(der::SEQUENCE, &[0x82, 1, name]);
    let both =
        [extension(oid::SUBJECT_ALT_NAME, &value(b'a')), extension(oid::SUBJECT_ALT_NAME, &value(b'b'))];
    let list = der::element(der::SEQUENCE, &both.concat());
    let read = |bounds: &Bounds| {
        let mut known = extensions::Extensions::default();
        let (_, problems) =
            Dissector::facts(&list, "Extensions", |d| extensions::extensions(d, &mut known, bounds));
        assert_eq!(problems, []);
        let names = known.alt_names.unwrap_or_default();
        (
            known.list.len(),
            known.cut,
            names.iter().map(|it| it.name.text()).collect::<Vec<_>>(),
            known.alt_names_cut,
        )
    };
    assert_eq!(read(&BOUNDS), (2, false, vec!["DNS:a".to_owned()], false));
    assert_eq!(read(&Bounds { extensions: 1, ..BOUNDS }), (1, true, vec!["DNS:a".to_owned()], false));
    assert_eq!(read(&Bounds { names: 0, ..BOUNDS }), (2, false, vec![], true));
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
    assert!(both(&nested, any).0.problem.is_some());
}

#[test]
fn an_ocsp_response_is_read_by_meaning() {
    let [good, revoked] = samples::ocsp();
    let (dissected, _) = both(&good, ocsp_response);
    assert_eq!(dissected.problem, None);
    let root = dissected.root.unwrap();
    assert_eq!(note(&root, "certStatus"), "good");
    assert_eq!(note(&root, "byName"), "CN=Example CA");
    assert_eq!(root.find("serialNumber").unwrap().children[1].value, Value::Uint(0x1234));
    assert_eq!(note(root.find("certs").unwrap(), "subject"), "CN=Example CA");
    let (dissected, _) = both(&revoked, ocsp_response);
    assert_eq!(dissected.problem, None);
    let root = dissected.root.unwrap();
    assert_eq!(note(&root, "certStatus"), "revoked");
    assert_eq!(note(&root, "revocationTime"), "2026-01-01 00:00:00 UTC");
    let reason = root.find("revocationReason").unwrap().find("ENUMERATED").unwrap().range.end;
    assert_eq!(revoked[reason], 1);
    // unauthorized, without an answer
    let root = both(&[0x30, 3, 0x0a, 1, 6], ocsp_response).0.root.unwrap();
    let status = &root.find("responseStatus").unwrap().children[1];
    assert_eq!(status.value, Value::Code(6, &crate::wire::codepoints::OCSP_RESPONSE_STATUSES));
    for response in samples::ocsp() {
        for at in 0..response.len() {
            assert!(both(&response[..at], |d| ocsp::response(d, &BOUNDS)).0.problem.is_some());
            let mut mutated = response.clone();
            mutated[at] ^= 0x81;
            both(&mutated, |d| ocsp::response(d, &BOUNDS));
        }
    }
}

#[test]
fn what_is_wrong_with_certificates_that_came_along_does_not_spoil_an_ocsp_response() {
    let [good, _] = samples::ocsp();
    let read = ocsp::Response::read(&good, &BOUNDS).unwrap();
    let at = read.basic.as_ref().unwrap().certificates_at;
    assert_eq!(read.basic.unwrap().certificates.len(), 1);
    let digit = |from: usize| {
        let time = good[from..].windows(2).position(|two| matches!(two, [0x17, 13] | [0x18, 15])).unwrap();
        let mut changed = good.clone();
        changed[from + time + 2] = b'x';
        changed
    };
    let spoilt = digit(at);
    assert!(both(&spoilt, |d| ocsp::response(d, &BOUNDS)).0.problem.is_some());
    assert!(ocsp::Response::read(&spoilt, &BOUNDS).is_ok());
    // producedAt
    assert_eq!(ocsp::Response::read(&digit(0), &BOUNDS).unwrap_err().field, "producedAt");
}
