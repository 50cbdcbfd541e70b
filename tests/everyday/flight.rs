//! What a server's flight shows besides what is in it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection};
use serde_json::Value;

use crate::common::{Run, run};
use crate::lab::{Lab, serve_all};
use crate::server::{Setup, accept, serve};

fn ids(document: &Value) -> Vec<&str> {
    document["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

/// A server that pauses in the middle of its flight.
fn paused(pause: Duration) -> Run {
    let lab = Lab::new();
    let config = Setup::default().config(&lab.authority);
    let (address, server) = serve(move |mut tcp| {
        let mut conn = ServerConnection::new(config).unwrap();
        let mut all = Vec::new();
        while all.is_empty() {
            conn.read_tls(&mut tcp).unwrap();
            conn.process_new_packets().unwrap();
            while conn.wants_write() {
                conn.write_tls(&mut all).unwrap();
            }
        }
        let (first, rest) = all.split_at(all.len() - 60);
        tcp.write_all(first).unwrap();
        std::thread::sleep(pause);
        tcp.write_all(rest).unwrap();
        while conn.is_handshaking() {
            conn.complete_io(&mut tcp).unwrap();
        }
        conn.send_close_notify();
        let _ = conn.write_tls(&mut tcp);
        let _ = tcp.read_to_end(&mut Vec::new());
    });
    let shown = run(lab.words(address, &["--format", "json"]));
    server.join().unwrap();
    shown
}

#[test]
fn a_pause_inside_a_flight_is_noted() {
    let shown = paused(Duration::from_millis(400)).json();
    assert_eq!(shown["verdict"]["exit_code"], 0);
    let finding = shown["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == "tcp.stall");
    let finding = finding.unwrap_or_else(|| panic!("{:?}", ids(&shown)));
    assert!(finding["causes"].to_string().contains("Nagle"), "{finding}");
}

#[test]
fn a_certificate_that_no_client_takes_is_named() {
    let lab = Lab::new();
    for compressed in [false, true] {
        let (leaf, key) = lab.authority.issue("localhost");
        let chain = vec![leaf.clone(); 70_000 / leaf.len()];
        let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        if !compressed {
            config.cert_compressors.clear();
        }
        // It takes as many connections as come: no other offer would help.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        serve_all(listener, Arc::new(config));
        let shown = run(lab.words(address, &[]));
        assert_eq!(shown.code, 4, "{shown:#?}");
        for needle in
            ["Certificate too large: 7", "id        message.oversized", "rustls accepts at most 65535"]
        {
            assert!(shown.out.contains(needle), "no {needle:?} in {}", shown.out);
        }
        // It is the message that carries it.
        assert!(!shown.out.contains("is not the cause"), "{}", shown.out);
    }
}

#[test]
fn much_that_is_no_message_is_not_called_too_large() {
    // Records that nobody asked for, more than any message may have.
    let (address, server) = serve(|mut tcp| {
        let _ = tcp.read(&mut [0; 4096]).unwrap();
        let record = [&[23, 3, 3, 0x10, 0][..], &[0; 0x1000]].concat();
        let _ = tcp.write_all(&record.repeat(64));
        let _ = tcp.read_to_end(&mut Vec::new());
    });
    let shown = run(Lab::new().words(address, &[]));
    server.join().unwrap();
    assert!(shown.code == 4 && !shown.out.contains("too large"), "{shown:#?}");
}

#[test]
fn a_close_without_farewell_is_noted_where_nothing_was_piped() {
    let lab = Lab::new();
    let config = Setup { tickets: 0, ..Setup::default() }.config(&lab.authority);
    let (address, server) = serve(move |tcp| {
        let mut stream = accept(&config, tcp).unwrap();
        stream.sock.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = stream.sock.read(&mut [0; 64]);
    });
    let shown = run(lab.words(address, &["--settle", "5000", "--format", "json"])).json();
    server.join().unwrap();
    assert_eq!(shown["verdict"]["exit_code"], 0);
    assert!(ids(&shown).contains(&"closed.truncated"), "{:?}", ids(&shown));
}

/// What one run of a demo tells besides its verdict.
fn told(words: &[&str]) -> (Vec<String>, Value) {
    let document = run([&["demo"], words, &["--format", "json"]].concat()).json();
    let ids = ids(&document).into_iter().map(str::to_owned).collect();
    (ids, document["findings"].clone())
}

#[test]
fn what_works_but_should_be_mended_is_noted() {
    // An ordinary handshake has nothing of it.
    assert_eq!(told(&["tls13"]).0, [""; 0]);
    // 34 kB of certificates: two windows of 14 600 bytes and the next double one.
    let (ids, findings) = told(&["large-chain"]);
    assert_eq!(ids, ["tcp.large_flight"]);
    let what = findings[0]["what"].as_str().unwrap();
    assert!(what.contains("1 round trip more") && what.contains("compression (brotli) saves"), "{what}");
    // The same compressed has room in one.
    assert_eq!(told(&["compressed"]).0, [""; 0]);
    let (ids, findings) = told(&["retry"]);
    assert_eq!(ids, ["retry.avoidable"]);
    assert_eq!(findings[0]["severity"], "note");
    assert!(findings[0]["what"].as_str().unwrap().contains("asked for one for secp384r1"), "{findings}");
    // With that group first there is no second ClientHello.
    assert_eq!(told(&["retry", "--groups", "secp384r1"]).0, [""; 0]);
}

#[test]
fn a_server_without_alpn_is_noted() {
    let lab = Lab::new();
    let told = |alpn: &[&str]| {
        let mut config = Arc::unwrap_or_clone(Setup::default().config(&lab.authority));
        config.alpn_protocols.clear();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        serve_all(listener, Arc::new(config));
        let document = run(lab.words(address, &[alpn, &["--format", "json"]].concat())).json();
        let ids = ids(&document).into_iter().filter(|id| !id.starts_with("cert."));
        ids.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(told(&["--alpn", "h2"]), ["alpn.ignored"]);
    assert_eq!(told(&["--no-alpn"]), [""; 0]);
}

#[test]
fn what_weighs_too_little_is_left_out() {
    let shown = |words: &[&str]| run([&["demo", "retry"], words].concat());
    assert!(shown(&[]).out.contains("retry.avoidable"));
    assert!(shown(&["--min-severity", "note"]).out.contains("retry.avoidable"));
    for least in ["warning", "error"] {
        let quiet = shown(&["--min-severity", least]);
        assert!(!quiet.out.contains("retry.avoidable") && quiet.out.contains("TRUSTED"), "{}", quiet.out);
        let document = shown(&["--min-severity", least, "--format", "json"]).json();
        assert_eq!(ids(&document), [""; 0]);
    }
    // What the verdict is about stays, also where -k makes a warning of it.
    for waived in [&[][..], &["-k"]] {
        let words = [&["demo", "expired", "--min-severity", "error", "--format", "json"], waived].concat();
        assert_eq!(ids(&run(words).json()), ["cert.expired"]);
    }
}
