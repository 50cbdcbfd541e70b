//! Arbitrary server bytes: whatever comes, the engine comes to an end by itself.

use std::io::{self, Cursor, Read, Write};

use tls_trace::capture::Offer;
use tls_trace::engine::hello::Fresh;
use tls_trace::engine::lab::{Lab, Setup, of_offer};

use crate::{DHE_GCM, ECDHE_GCM, RSA_GCM, old_server};

/// Arbitrary server bytes: whatever is changed in a flight, and wherever it ends, the engine comes to an end by itself.
#[test]
fn any_change_of_a_flight_is_survived() {
    for (suite, version) in [(ECDHE_GCM, 0x0303), (DHE_GCM, 0x0303), (RSA_GCM, 0x0303), (0x002f, 0x0301)] {
        let flight = first_flight(suite, version);
        for at in 0..flight.len() {
            // Certificates are not looked into: one byte in sixteen of them will do.
            if at > 120 && at + 600 < flight.len() && at % 16 > 0 {
                continue;
            }
            let mut changed = flight.clone();
            changed[at] ^= 0x41;
            hear(suite, version, &changed);
            hear(suite, version, &flight[..at]);
        }
        // One byte a read, and everything twice.
        let mut lab = lab(suite, version);
        for byte in flight.iter().chain(&flight) {
            let _ = lab.hear(&[*byte], &mut Vec::new());
        }
    }
}

fn lab(suite: u16, version: u16) -> Lab {
    let offer = Offer { min: version, max: version, ciphers: Some(vec![suite]), ..Offer::default() };
    let mut fresh = Fresh::default();
    let hello = of_offer(&offer, Some("localhost"), None, None, &mut fresh).unwrap();
    let setup = Setup { min: version, client: None, psk: None, enforced: false, judge: Box::new(|_| Ok(())) };
    Lab::new(setup, hello, fresh, None).unwrap()
}

/// What it says is bounded whatever comes.
fn hear(suite: u16, version: u16, bytes: &[u8]) {
    let mut lab = lab(suite, version);
    let mut data = Vec::new();
    let _ = lab.hear(bytes, &mut data);
    assert!(lab.take_outgoing().len() < 4096 && data.is_empty());
}

/// ServerHello to ServerHelloDone.
fn first_flight(suite: u16, version: u16) -> Vec<u8> {
    let server = old_server(version, suite);
    let mut stream = Heard { asked: Cursor::new(lab(suite, version).take_outgoing()), said: Vec::new() };
    // It waits for an answer, which does not come.
    assert!(server.serve(&mut stream).is_err());
    stream.said
}

/// A client that says one thing, and keeps what it hears.
struct Heard {
    asked: Cursor<Vec<u8>>,
    said: Vec<u8>,
}

impl Read for Heard {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.asked.read(buf)
    }
}

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.said.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
