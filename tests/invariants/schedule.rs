//! What `--show-secrets` shows is what was used: its keys open the records, its verify_data are the ones sent.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use tls_trace::capture::Capture;
use tls_trace::trace::Trace;
use tls_trace::trace::schedule::{Derived, Schedule};
use tls_trace::wire::Direction;

use super::golden::{capture, captures, sent};

fn schedule(capture: &Capture) -> (Trace, Schedule) {
    let trace = Trace::of(capture);
    let schedule = Schedule::of(&trace, 0, &capture.secrets).unwrap();
    (trace, schedule)
}

fn child<'d>(derived: &'d Derived, name: &str) -> &'d [u8] {
    &derived.children.iter().find(|(child, _)| *child == name).unwrap().1
}

/// The fragment of a side's first encrypted record, which is its Finished or begins with EncryptedExtensions.
fn first_encrypted(capture: &Capture, trace: &Trace, side: Direction, content_type: u8) -> Vec<u8> {
    let mut records = trace.records.iter().filter(|record| record.direction == side);
    let record = match content_type {
        // Behind ChangeCipherSpec.
        22 => records.skip_while(|record| record.content_type != 20).nth(1),
        _ => records.find(|record| record.content_type == content_type),
    };
    let at = usize::try_from(record.unwrap().offset).unwrap();
    let bytes = &sent(capture, side)[at..];
    bytes[..5 + usize::from(u16::from_be_bytes([bytes[3], bytes[4]]))].to_vec()
}

fn open(key: &[u8], nonce: &[u8], aad: &[u8], sealed: &[u8]) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
    let mut buffer = sealed.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
    key.open_in_place(nonce, Aad::from(aad), &mut buffer).unwrap().to_vec()
}

#[test]
fn the_keys_of_tls_1_2_open_its_records() {
    let capture = capture("tls12");
    let (trace, schedule) = schedule(&capture);
    let labels: Vec<_> = schedule.secrets.iter().map(|secret| secret.label).collect();
    assert_eq!(labels, ["master_secret", "key_block"]);
    let [master, block] = schedule.secrets.as_slice() else { panic!() };
    assert_eq!(master.secret, capture.secrets.0[0].secret);
    // The extended master secret is computed from the transcript up to ClientKeyExchange.
    let exchange = trace.messages.iter().position(|message| message.name == "ClientKeyExchange").unwrap();
    let (_, hash) = schedule.transcript.iter().find(|(index, _)| *index == exchange).unwrap();
    assert_eq!(child(master, "from session_hash"), hash);
    let facts = &trace.handshakes[0].facts;
    assert_eq!(child(block, "from client random"), facts.client.unwrap().random);
    assert_eq!(child(block, "from server random"), facts.server_random.unwrap());
    let names = ["client_write_key", "server_write_key", "client_write_IV", "server_write_IV"];
    assert_eq!(names.map(|name| child(block, name)).concat(), block.secret);
    for (side, key, iv) in [(Direction::Client, names[0], names[2]), (Direction::Server, names[1], names[3])]
    {
        let record = first_encrypted(&capture, &trace, side, 22);
        let (explicit, sealed) = record[5..].split_at(8);
        // Sequence number, type, version and length of the plaintext (RFC 5246, section 6.2.3.3).
        let aad = [&[0; 8][..], &[22, 3, 3, 0, 16]].concat();
        let plain = open(child(block, key), &[child(block, iv), explicit].concat(), &aad, sealed);
        let (_, verify_data, again) = &schedule.verify_data[usize::from(side == Direction::Server)];
        assert_eq!(plain, [&[20, 0, 0, 12], verify_data.as_slice()].concat());
        assert_eq!(again.as_ref(), Some(verify_data));
    }
}

#[test]
fn the_keys_of_tls_1_3_open_its_records() {
    let capture = capture("tls13");
    let (trace, schedule) = schedule(&capture);
    for (side, label) in [
        (Direction::Client, "CLIENT_HANDSHAKE_TRAFFIC_SECRET"),
        (Direction::Server, "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
    ] {
        let secret = schedule.secrets.iter().find(|secret| secret.label == label).unwrap();
        let record = first_encrypted(&capture, &trace, side, 23);
        let plain = open(child(secret, "key"), child(secret, "iv"), &record[..5], &record[5..]);
        // Finished, or EncryptedExtensions.
        assert_eq!(plain[0], if side == Direction::Client { 20 } else { 8 });
    }
}

#[test]
fn every_finished_is_computed_again() {
    let mut compared = 0;
    for (name, capture) in captures() {
        let trace = Trace::of(&capture);
        let Some(schedule) = Schedule::of(&trace, 0, &capture.secrets) else { continue };
        for (_, sent, again) in &schedule.verify_data {
            assert_eq!(again.as_ref(), Some(sent), "{name}");
            compared += 1;
        }
        // Without secrets nothing is made up.
        let without = Schedule::of(&trace, 0, &Default::default()).unwrap();
        assert!(
            without.secrets.is_empty() && without.verify_data.iter().all(|(_, _, again)| again.is_none())
        );
        assert_eq!(without.transcript, schedule.transcript, "{name}");
    }
    assert!(compared >= 20, "{compared}");
}
