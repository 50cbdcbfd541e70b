//! Arbitrary bytes from the server, and good flights that are changed and cut anywhere: the run ends within its time, with
//! a verdict.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tls_trace::demo::script::Script;
use tls_trace::engine::{Engine, Request};
use tls_trace::run::{Bounds, Run, Source};
use tls_trace::trust::Anchors;

use crate::common;

/// So many servers; each has a seed, which a failure names.
const SERVERS: u64 = 400;

/// What a run may take at most.
const LIMIT: Duration = Duration::from_millis(1500);

/// xorshift64*: the same servers each time.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// Bytes that look like TLS the more the dice say so.
fn arbitrary(dice: &mut Dice) -> Vec<u8> {
    let mut all = Vec::new();
    for _ in 0..1 + dice.below(5) {
        let len = [0, 1, 4, 40, 200, 5000][dice.below(6)];
        let mut content = dice.bytes(len);
        if dice.below(2) == 0 && content.len() > 4 {
            // A handshake message whose length fits, or hardly.
            let length = (content.len() - 4 + dice.below(3)) as u32;
            content[1..4].copy_from_slice(&length.to_be_bytes()[1..]);
            content[0] = [1, 2, 4, 8, 11, 12, 14, 15, 20, 22, 24, 25][dice.below(12)];
        }
        if dice.below(6) > 0 {
            let length = (content.len() + usize::from(dice.below(9) == 0)) as u16;
            all.extend([[20, 21, 22, 23, 24, 99][dice.below(6)], 3, [0, 1, 3, 3, 3][dice.below(5)]]);
            all.extend(length.to_be_bytes());
        }
        all.extend(content);
    }
    all
}

/// Changes bytes: flips, repeats, leaves out.
fn mutated(dice: &mut Dice, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..dice.below(4) {
        let (at, other) = (dice.below(bytes.len()), dice.below(bytes.len()));
        let (from, to) = (at.min(other), at.max(other));
        match dice.below(4) {
            0 => {
                bytes.drain(from..to.min(from + 40));
            }
            1 => {
                let part = bytes[from..to.min(from + 600)].to_vec();
                bytes.splice(to..to, part);
            }
            _ if bytes.is_empty() => {}
            _ => bytes[at] ^= 1 << dice.below(8),
        }
    }
    bytes
}

/// Sends it in pieces, with pauses; then closes, resets, or waits for the client to leave.
fn say(dice: &mut Dice, client: &mut TcpStream, bytes: &[u8]) {
    let mut rest = &bytes[..if dice.below(3) == 0 { dice.below(bytes.len() + 1) } else { bytes.len() }];
    for _ in 0..dice.below(4) {
        let (piece, later) = rest.split_at(dice.below(rest.len() + 1));
        let _ = client.write_all(piece);
        thread::sleep(Duration::from_millis([0, 0, 1, 5][dice.below(4)]));
        rest = later;
    }
    let _ = client.write_all(rest);
    match dice.below(8) {
        0 => drop(socket2::SockRef::from(&*client).set_linger(Some(Duration::ZERO))),
        // A server that goes silent costs the whole limit.
        1 if dice.below(4) == 0 => drop(client.read_to_end(&mut Vec::new())),
        _ => {
            let _ = client.shutdown(std::net::Shutdown::Write);
            let _ = client.set_read_timeout(Some(Duration::from_millis(50)));
            let _ = client.read_to_end(&mut Vec::new());
        }
    }
}

/// What a good server says when it has this ClientHello.
fn good_answer(good: &tls_trace::demo::Stage, hello: &[u8]) -> Vec<u8> {
    let mut server = TcpStream::connect(good.address).unwrap();
    server.set_read_timeout(Some(Duration::from_millis(30))).unwrap();
    let _ = server.write_all(hello);
    let mut answer = vec![0; 1 << 16];
    let mut len = 0;
    while let Ok(read @ 1..) = server.read(&mut answer[len..]) {
        len += read;
    }
    answer.truncate(len);
    answer
}

/// Whatever the engine, and with experiments or without.
#[test]
fn whatever_a_server_sends_the_run_ends_with_a_verdict() {
    let good = Script::read("").unwrap().start().unwrap();
    let old =
        Script::read("server = { old = { version = 0x0303, suite = 0xc013 } }").unwrap().start().unwrap();
    let seeds: Vec<u64> = (0..SERVERS).collect();
    let verdicts = AtomicUsize::new(0);
    common::for_each(
        &seeds,
        |seed| format!("seed {seed}"),
        |seed| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let (seed, good, old) = (*seed, &good, &old);
            let over = std::sync::atomic::AtomicBool::new(false);
            thread::scope(|scope| {
                scope.spawn(|| {
                    let mut dice = Dice::new(seed);
                    while let Ok((mut client, _)) = listener.accept() {
                        if over.load(Ordering::SeqCst) {
                            return;
                        }
                        let _ = client.set_read_timeout(Some(Duration::from_secs(5)));
                        let mut hello = vec![0; 4096];
                        let Ok(len) = client.read(&mut hello) else { continue };
                        let bytes = match dice.below(4) {
                            0 => arbitrary(&mut dice),
                            1 => {
                                let bytes = good_answer(old, &hello[..len]);
                                mutated(&mut dice, bytes)
                            }
                            _ => {
                                let bytes = good_answer(good, &hello[..len]);
                                mutated(&mut dice, bytes)
                            }
                        };
                        say(&mut dice, &mut client, &bytes);
                    }
                });
                let mut request = Request::to("localhost", port);
                request.connect.host = "127.0.0.1".into();
                request.engine =
                    [Engine::Rustls, Engine::Lab, Engine::Probe, Engine::Rustls][seed as usize % 4];
                request.settle = Some(Duration::from_millis(20));
                request.max_time = Some(LIMIT);
                request.retry = seed % 3 == 0;
                let source = match seed % 5 {
                    0 => Source::Diagnose(request, Bounds { most: 5, rate: None }),
                    _ => Source::One(request),
                };
                let report = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    Run::trusting(Anchors::none(), source).report().unwrap()
                }));
                over.store(true, Ordering::SeqCst);
                let _ = TcpStream::connect(("127.0.0.1", port));
                let report = report.unwrap_or_else(|_| panic!("a panic, see above"));
                let verdict = report.verdict().unwrap();
                assert!(!verdict.summary.is_empty() && verdict.exit_code <= 7, "{verdict:#?}");
                // What it took is on the recording's own clock: however busy the machine, nothing waits beyond its limit.
                let total = report.connections.iter().map(|judged| judged.capture.total).max().unwrap();
                assert!(total < LIMIT + Duration::from_secs(20), "{total:?}");
                verdicts.fetch_add(1, Ordering::SeqCst);
            });
        },
    );
    assert_eq!(verdicts.load(Ordering::SeqCst), seeds.len());
}
