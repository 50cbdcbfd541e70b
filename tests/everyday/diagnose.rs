//! `--diagnose` against a middlebox in front of a good server: whatever it rejects, the cause is named.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use serde_json::Value;
use tls_trace::wire::handshake::client_hello::Hello;

use crate::common::{run, text};
use crate::lab::Lab;
use crate::server::Setup;

const HYBRID: u16 = 0x11ec;

/// How a connection that it does not like ends.
#[derive(Debug, Clone, Copy)]
pub enum How {
    Close,
    Reset,
    Alert(u8),
}

/// A ClientHello as it came: what it says, its length, and the lengths of its records.
pub struct Seen {
    pub hello: Hello,
    pub length: usize,
    pub records: Vec<usize>,
}

impl Seen {
    /// Whether the list in the extension has this code point.
    pub fn lists(&self, extension: u16, code: u16) -> bool {
        let list = self.hello.extension(extension).unwrap_or_default();
        list.windows(2).any(|two| two == code.to_be_bytes())
    }
}

/// Listens in front of `server` and lets through what `rejects` says nothing against.
pub fn middlebox(
    server: SocketAddr,
    how: How,
    rejects: impl Fn(&Seen) -> bool + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            let Some((bytes, seen)) = client_hello(&mut client) else { continue };
            if !rejects(&seen) {
                let Ok(mut server) = TcpStream::connect(server) else { continue };
                server.write_all(&bytes).unwrap();
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
                thread::spawn(move || {
                    let _ = std::io::copy(&mut server, &mut client);
                    let _ = client.shutdown(std::net::Shutdown::Write);
                });
                continue;
            }
            match how {
                How::Close => {}
                How::Reset => {
                    socket2::SockRef::from(&client).set_linger(Some(std::time::Duration::ZERO)).unwrap();
                }
                How::Alert(description) => {
                    let _ = client.write_all(&[21, 3, 3, 0, 2, 2, description]);
                }
            }
        }
    });
    address
}

fn client_hello(client: &mut TcpStream) -> Option<(Vec<u8>, Seen)> {
    let (mut bytes, mut message, mut records) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let mut header = [0; 5];
        client.read_exact(&mut header).ok()?;
        let mut body = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
        client.read_exact(&mut body).ok()?;
        bytes.extend(header);
        bytes.extend(&body);
        records.push(body.len());
        message.extend(body);
        if let [_, a, b, c, ..] = message[..]
            && message.len() >= 4 + u32::from_be_bytes([0, a, b, c]) as usize
        {
            let hello = Hello::read(&message).ok()?;
            return Some((bytes, Seen { hello, length: message.len(), records }));
        }
    }
}

/// The JSON document about a server behind such a middlebox, with a name.
fn diagnosed(how: How, flags: &[&str], rejects: impl Fn(&Seen) -> bool + Send + 'static) -> Value {
    let lab = Lab::new();
    let address = middlebox(lab.server(Setup::default()), how, rejects);
    let words = lab.words(address, &[&["--json", "--diagnose"], flags].concat());
    let run = run(words);
    assert_eq!(run.code, 4, "{run:#?}");
    run.json()
}

fn assert_found(id: &str, how: How, rejects: impl Fn(&Seen) -> bool + Send + 'static) -> Value {
    let document = diagnosed(how, &[], rejects);
    let diagnosis = document["diagnosis"].clone();
    assert_eq!(diagnosis["id"], id, "{diagnosis:#}");
    assert_eq!(diagnosis["certainty"], "certain");
    assert!(diagnosis["experiments"].as_array().unwrap().len() <= 24);
    let intolerant = id == "diagnosis.size" || id == "diagnosis.post_quantum";
    let post_quantum = &document["post_quantum"]["key_exchange"];
    assert_eq!(post_quantum["state"] == "intolerant", intolerant, "{post_quantum}");
    // Experiments are meant to fail: they are no findings, and the failure that was asked about decides.
    assert_eq!(document["verdict"]["exit_code"], 4);
    let verdicts = document["findings"].as_array().unwrap().iter().filter(|it| it["severity"] == "error");
    assert_eq!(verdicts.count(), 1);
    diagnosis
}

#[test]
fn a_long_client_hello_is_told_from_a_post_quantum_one() {
    let size = assert_found("diagnosis.size", How::Close, |seen| seen.length > 1400);
    assert!(size["conclusion"].as_str().unwrap().contains("in two records or segments it fails as well"));
    let record =
        assert_found("diagnosis.size", How::Reset, |seen| seen.records.iter().any(|len| *len > 1400));
    assert!(
        record["conclusion"].as_str().unwrap().contains("in two records the same ClientHello is answered")
    );
    let group = assert_found("diagnosis.post_quantum", How::Close, |seen| seen.lists(10, HYBRID));
    assert_eq!(group["changed"][0], "no post-quantum groups");
}

#[test]
fn what_a_server_does_not_tolerate_is_named() {
    let version = assert_found("diagnosis.version_intolerance", How::Reset, |seen| seen.lists(43, 0x0304));
    assert!(version["try"].as_array().unwrap().iter().any(|word| word == "--tls-max"), "{version:#}");
    let name = assert_found("diagnosis.server_name", How::Alert(112), |seen| {
        seen.hello.extension(0).is_some_and(|name| name.windows(9).any(|part| part == b"localhost"))
    });
    assert!(name["conclusion"].as_str().unwrap().contains("rejects the server_name localhost"), "{name:#}");
    let extension =
        assert_found("diagnosis.extension", How::Close, |seen| seen.hello.extension(23).is_some());
    assert!(extension["conclusion"].as_str().unwrap().contains("extended_master_secret"));
}

#[test]
fn several_things_that_matter_are_found_together() {
    let several = assert_found("diagnosis.several", How::Close, |seen| {
        seen.lists(43, 0x0304) || seen.hello.extension(0).is_some()
    });
    assert_eq!(several["changed"].as_array().unwrap().len(), 2, "{several:#}");
}

#[test]
fn a_server_that_needs_a_name_is_asked_with_one() {
    let document = diagnosed(How::Alert(40), &["--no-sni"], |seen| seen.hello.extension(0).is_none());
    assert_eq!(document["diagnosis"]["id"], "diagnosis.needs_server_name");
    assert_eq!(document["diagnosis"]["changed"][0], "with server_name");
}

#[test]
fn where_nothing_helps_or_nothing_is_wrong_that_is_said() {
    let document = diagnosed(How::Alert(40), &[], |_| true);
    assert_eq!(document["diagnosis"]["id"], "diagnosis.nothing_helps");
    let lab = Lab::new();
    let fine = run(lab.words(lab.server(Setup::default()), &["--diagnose"]));
    assert_eq!(fine.code, 0, "{fine:#?}");
    assert!(fine.err.contains("--diagnose: the handshake is complete"), "{fine:#?}");
    assert!(!fine.out.contains("diagnosis"));
}

/// The bounds that were given hold, and what was found with them is told as what it is.
#[test]
fn no_more_connections_than_allowed_are_made() {
    let document = diagnosed(How::Close, &["--max-probes", "2", "--probe-rate", "50"], |seen| {
        seen.hello.extension(23).is_some()
    });
    assert_eq!(document["diagnosis"]["id"], "diagnosis.unfinished");
    assert_eq!(document["diagnosis"]["experiments"].as_array().unwrap().len(), 2);
    assert_eq!(document["connections"].as_array().unwrap().len(), 3);
}

#[test]
fn a_saved_diagnosis_is_shown_again_as_it_was() {
    let lab = Lab::new();
    let server = middlebox(lab.server(Setup::default()), How::Reset, |seen| seen.length > 1400);
    let saved = lab.file("trace.json");
    let live = run(lab.words(server, &["--diagnose", "--save", text(&saved)]));
    assert_eq!(live.code, 4);
    assert!(live.err.contains("--diagnose: up to 24 more connections"), "{live:#?}");
    let again = run(["read", text(&saved)]);
    assert_eq!((again.code, again.out), (4, live.out));
}

/// The verdict offers it where an experiment could decide, and says what it costs.
#[test]
fn it_is_offered_where_it_would_help() {
    let reset = run(["demo", "reset"]);
    assert!(reset.out.contains("--diagnose"), "{reset:#?}");
    let reset = reset.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(reset.contains("(opens up to 24 connections)"), "{reset}");
    assert!(!run(["demo", "plaintext"]).out.contains("--diagnose"));
    assert!(!run(["demo", "expired"]).out.contains("--diagnose"));
}

/// What the end of the time cut short is no answer: nothing is said to be certain then.
#[test]
fn time_that_runs_out_is_no_evidence() {
    let lab = Lab::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let words = lab.words(silent.local_addr().unwrap(), &["--json", "--diagnose", "--max-time", "2.6"]);
    let run = run([words, vec!["--connect-timeout".into(), "1".into()]].concat());
    assert_eq!(run.code, 5, "{run:#?}");
    let document = run.json();
    for experiment in document["diagnosis"]["experiments"].as_array().into_iter().flatten() {
        assert!(experiment["elapsed_us"].as_u64().unwrap() > 900_000, "{document:#}");
    }
    assert_ne!(document["diagnosis"]["certainty"], "certain");
}

/// A wrong external key is named as the cause, with `--diagnose` and without, and is not called a session.
#[test]
fn a_wrong_pre_shared_key_is_named() {
    let lab = Lab::new();
    let key = lab.file("wrong.hex");
    std::fs::write(&key, "00112233").unwrap();
    let psk = format!("me:{}", text(&key));
    let behind = lab.server(Setup::default());
    // As OpenSSL does where the binder does not verify.
    let server = middlebox(behind, How::Alert(47), |seen| {
        let offered = seen.hello.extension(41);
        // The same identity each time: another one such a server would not know, and would go on without it.
        offered.is_some_and(|content| content.windows(2).any(|part| part == b"me"))
    });
    let shown = run(lab.words(server, &["--psk", &psk]));
    assert_eq!(shown.code, 4, "{shown:#?}");
    let words = shown.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("cause likely: the pre-shared key is wrong"), "{words}");
    assert!(words.contains("offers a pre-shared key, identity me") && !words.contains("session"), "{words}");
    let found = run(lab.words(server, &["--psk", &psk, "--json", "--diagnose"])).json()["diagnosis"].clone();
    assert_eq!(found["id"], "diagnosis.pre_shared_key", "{found:#}");
    assert_eq!(found["changed"], serde_json::json!(["no pre-shared key"]), "{found:#}");
}

/// Peers that send without end: however many connections there are, no more than what a few of them take is in memory.
#[cfg(target_os = "linux")]
#[test]
fn floods_cost_no_more_memory_for_being_many() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            thread::spawn(move || {
                let _ = client.read(&mut [0; 1 << 16]);
                // Warnings, of which nothing but their number is new.
                let flood = [21, 3, 3, 0, 2, 1, 90].repeat(4096);
                for _ in 0..200 {
                    if client.write_all(&flood).is_err() {
                        return;
                    }
                }
            });
        }
    });
    let line = "exec \"$0\" \"$@\" & pid=$!; peak=0; while kill -0 $pid 2>/dev/null; do \
                now=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$pid/status 2>/dev/null); peak=${now:-$peak}; \
                sleep 0.02; done; echo peak $peak";
    for flags in [&["--repeat", "6"][..], &["--diagnose", "--max-probes", "6"]] {
        let program = env!("CARGO_BIN_EXE_tls-trace");
        let output = std::process::Command::new("sh")
            .args(["-c", line, program, &address, "-q"])
            .args(flags)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let peak: u64 = said.rsplit("peak ").next().unwrap().trim().parse().unwrap();
        assert!((1..64 << 10).contains(&peak), "{flags:?}: {peak} KiB, {output:?}");
    }
}
