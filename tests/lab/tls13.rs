//! TLS 1.3 in memory, against rustls, whose answers are changed on the way.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use tls_trace::capture::Offer;
use tls_trace::engine::hello::{Fresh, Hello};
use tls_trace::engine::lab::{Ended, Lab, Setup, of_offer};

use crate::IDENTITY;

const CHANGE_CIPHER_SPEC: [u8; 6] = [20, 3, 3, 0, 1, 1];

/// A client, and the server that has its hello, which `change` may have changed before.
fn pair(alpn: &[&[u8]], change: impl Fn(&mut Hello)) -> (Lab, ServerConnection) {
    let offer = Offer { min: 0x0304, max: 0x0304, groups: Some(vec![29, 23]), ..Offer::default() };
    let offer = Offer { alpn: vec![b"h2".to_vec()], ..offer };
    let mut fresh = Fresh::default();
    let mut hello = of_offer(&offer, Some("localhost"), None, None, &mut fresh).unwrap();
    change(&mut hello);
    let setup = Setup { min: 0x0304, client: None, psk: None, enforced: false, judge: Box::new(|_| Ok(())) };
    let mut lab = Lab::new(setup, hello, fresh, None).unwrap();
    let (certificate, key) = IDENTITY.clone();
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(certificate)], PrivateKeyDer::Pkcs8(key.into()))
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let mut server = ServerConnection::new(Arc::new(config)).unwrap();
    hear(&mut server, &lab.take_outgoing()).unwrap();
    (lab, server)
}

fn hear(server: &mut ServerConnection, mut bytes: &[u8]) -> Result<(), rustls::Error> {
    while !bytes.is_empty() {
        server.read_tls(&mut bytes).unwrap();
        server.process_new_packets()?;
    }
    Ok(())
}

fn said(server: &mut ServerConnection) -> Vec<u8> {
    let mut out = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut out).unwrap();
    }
    out
}

/// Its records, header included.
fn records(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while bytes.len() >= 5 {
        let (record, rest) = bytes.split_at(5 + usize::from(u16::from_be_bytes([bytes[3], bytes[4]])));
        records.push(record.to_vec());
        bytes = rest;
    }
    records
}

fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
    [&[content_type, 3, 3], &(content.len() as u16).to_be_bytes()[..], content].concat()
}

#[track_caller]
fn refused(lab: &mut Lab, bytes: &[u8], why: &str) {
    match lab.hear(bytes, &mut Vec::new()) {
        Err(Ended::Refused(refusal)) => assert!(refusal.why.contains(why), "{refusal} does not say {why:?}"),
        other => panic!("{other:?}, not refused for {why:?}"),
    }
}

#[test]
fn a_good_server_is_not_refused() {
    let (mut lab, mut server) = pair(&[b"h2"], |_| {});
    lab.hear(&said(&mut server), &mut Vec::new()).unwrap();
    assert!(!lab.is_handshaking());
    hear(&mut server, &lab.take_outgoing()).unwrap();
    assert!(!server.is_handshaking());
    // Tickets, a KeyUpdate that wants an answer, data.
    server.refresh_traffic_keys().unwrap();
    std::io::Write::write_all(&mut server.writer(), b"hello").unwrap();
    let mut data = Vec::new();
    lab.hear(&said(&mut server), &mut data).unwrap();
    assert_eq!((data.as_slice(), lab.tickets() > 0), (&b"hello"[..], true));
    lab.write(b"and back").unwrap();
    hear(&mut server, &lab.take_outgoing()).unwrap();
    let mut back = [0; 8];
    std::io::Read::read_exact(&mut server.reader(), &mut back).unwrap();
    assert_eq!(&back, b"and back");
}

#[test]
fn framing_and_compatibility() {
    let (mut lab, mut server) = pair(&[], |_| {});
    let mut records = records(&said(&mut server));
    // ServerHello in records of one byte; a ChangeCipherSpec more than needed.
    let hello: Vec<u8> = records.remove(0)[5..].iter().flat_map(|byte| record(22, &[*byte])).collect();
    let bytes = [&hello[..], &CHANGE_CIPHER_SPEC, &CHANGE_CIPHER_SPEC, &records.concat()].concat();
    for byte in bytes {
        lab.hear(&[byte], &mut Vec::new()).unwrap();
    }
    assert!(!lab.is_handshaking());

    // Afterwards it is none.
    refused(&mut lab, &CHANGE_CIPHER_SPEC, "after the handshake");

    // Before the hello it is allowed only once there was a HelloRetryRequest.
    let (mut lab, _) = pair(&[], |_| {});
    refused(&mut lab, &CHANGE_CIPHER_SPEC, "wrong place");
    let no_share = |hello: &mut Hello| {
        hello.set_extension(51, vec![0, 0]);
        hello.session_id.clear();
    };
    let (mut lab, mut server) = pair(&[], no_share);
    lab.hear(&[&said(&mut server)[..], &CHANGE_CIPHER_SPEC].concat(), &mut Vec::new()).unwrap();
    hear(&mut server, &lab.take_outgoing()).unwrap();
    lab.hear(&said(&mut server), &mut Vec::new()).unwrap();
    assert!(!lab.is_handshaking());
}

#[test]
fn what_is_not_protected_by_the_new_keys() {
    // EncryptedExtensions in the clear, behind ServerHello in its record.
    let (mut lab, mut server) = pair(&[], |_| {});
    let hello = records(&said(&mut server)).remove(0);
    refused(&mut lab, &record(22, &[&hello[5..], &[8, 0, 0, 2, 0, 0]].concat()), "where the keys change");
    // In a record of its own.
    let (mut lab, mut server) = pair(&[], |_| {});
    let hello = records(&said(&mut server)).remove(0);
    refused(&mut lab, &[&hello[..], &record(22, &[8, 0, 0, 2, 0, 0])].concat(), "MAC");
    // Something else within a message.
    let (mut lab, mut server) = pair(&[], |_| {});
    let hello = records(&said(&mut server)).remove(0);
    let half = [record(22, &hello[5..20]), CHANGE_CIPHER_SPEC.to_vec()].concat();
    refused(&mut lab, &half, "");
}

#[test]
fn a_server_hello_that_is_changed() {
    let changed = |change: &dyn Fn(&mut Vec<u8>), why: &str| {
        let (mut lab, mut server) = pair(&[], |_| {});
        let mut hello = records(&said(&mut server)).remove(0)[5..].to_vec();
        change(&mut hello);
        let len = hello.len() - 4;
        hello[1..4].copy_from_slice(&(len as u32).to_be_bytes()[1..]);
        refused(&mut lab, &record(22, &hello), why);
    };
    // header, version, random, session id, suite, compression, length, extensions
    changed(&|hello| hello[39] ^= 1, "");
    changed(&|hello| hello[72] = 0x99, "");
    changed(&|hello| hello[73] = 1, "");
    // No extensions: then it is TLS 1.2, which was not offered.
    changed(&|hello| hello.truncate(74), "");
    // An extension that nobody asked for.
    changed(
        &|hello| {
            let len = u16::from_be_bytes([hello[74], hello[75]]) + 4;
            hello[74..76].copy_from_slice(&len.to_be_bytes());
            hello.extend([0x7a, 0x7a, 0, 0]);
        },
        "not offered",
    );
}

#[test]
fn any_change_of_a_flight_is_survived() {
    let (_, mut server) = pair(&[], |_| {});
    let len = said(&mut server).len();
    for at in (0..len).step_by(3) {
        let (mut lab, mut server) = pair(&[], |_| {});
        let mut bytes = said(&mut server);
        let at = at.min(bytes.len() - 1);
        bytes[at] ^= 0x41;
        let mut data = Vec::new();
        let _ = lab.hear(&bytes, &mut data);
        assert!(data.is_empty() && lab.take_outgoing().len() < 4096);
    }
}
