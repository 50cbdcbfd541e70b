//! A DNS server on loopback that knows HTTPS records.

use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What it answers to a name.
#[derive(Clone)]
pub enum Answer {
    /// The RDATA of each HTTPS record.
    Records(Vec<Vec<u8>>),
    /// SERVFAIL
    Failure,
    /// Nothing.
    Silence,
}

/// A server that ends with the process.
pub struct Dns {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Dns {
    /// The names that it was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// RDATA of an HTTPS record (RFC 9460, section 2.2): target as a host name, or `.`; keys in rising order.
pub fn record(priority: u16, target: &str, parameters: &[(u16, &[u8])]) -> Vec<u8> {
    let mut out = priority.to_be_bytes().to_vec();
    for label in target.split('.').filter(|label| !label.is_empty()) {
        out.push(label.len() as u8);
        out.extend(label.as_bytes());
    }
    out.push(0);
    for (key, value) in parameters {
        out.extend(key.to_be_bytes());
        out.extend((value.len() as u16).to_be_bytes());
        out.extend(*value);
    }
    out
}

/// Answers queries by name; a name that it does not know has no records.
pub fn serve(zone: Vec<(String, Answer)>) -> Dns {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap_or_else(|e| panic!("no UDP socket: {e}"));
    let address = socket.local_addr().unwrap_or_else(|e| panic!("{e}"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = asked.clone();
    thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let query = &buffer[..length];
            let Some((name, end)) = question(query) else { continue };
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
            let known = zone.iter().find(|(known, _)| *known == name).map(|(_, answer)| answer.clone());
            let (code, records) = match known.unwrap_or(Answer::Records(Vec::new())) {
                Answer::Records(records) => (0, records),
                Answer::Failure => (2, Vec::new()),
                Answer::Silence => continue,
            };
            let mut reply = query[..2].to_vec();
            reply.extend([0x81, 0x80 | code, 0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
            reply.extend(&query[12..end]);
            for rdata in records {
                // The name of the question, HTTPS, IN, a minute.
                reply.extend([0xc0, 12, 0, 65, 0, 1, 0, 0, 0, 60]);
                reply.extend((rdata.len() as u16).to_be_bytes());
                reply.extend(rdata);
            }
            let _ = socket.send_to(&reply, from);
        }
    });
    Dns { address, asked }
}

/// The name that is asked for, and where the question ends.
fn question(query: &[u8]) -> Option<(String, usize)> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at + 4));
        }
        labels.push(String::from_utf8(query.get(at..at + length)?.to_vec()).ok()?);
        at += length;
    }
}
