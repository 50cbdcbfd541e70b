//! Ctrl-C and SIGTERM end a run with a report of what was seen.
#![cfg(unix)]

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use crate::common::{Run, command, finish, text};
use crate::lab::{Lab, mode, saved};
use crate::server::{Setup, accept, converse, serve};

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A server that says nothing, a client of it whose ClientHello is there, and the signal.
fn interrupted(signal: &str, flags: &[&str]) -> Run {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut command = command([&[address.as_str()], flags].concat());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut tcp = listener.accept().unwrap().0;
    await_hello(&mut tcp);
    send(signal, &child);
    let run = finish(child.wait_with_output().unwrap());
    drop(tcp);
    run
}

/// All of the first record.
fn await_hello(tcp: &mut TcpStream) {
    let mut header = [0; 5];
    tcp.read_exact(&mut header).unwrap();
    tcp.read_exact(&mut vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))]).unwrap();
}

#[test]
fn a_signal_ends_with_its_code_and_what_was_seen() {
    for (signal, code, id) in [("-INT", 130, "interrupted"), ("-TERM", 143, "terminated")] {
        let shown = interrupted(signal, &[]);
        assert_eq!((shown.code, shown.err.as_str()), (code, ""), "{shown:#?}");
        for needle in ["ClientHello", "INTERRUPTED", "0 B received", &format!("id        {id}\n")] {
            assert!(shown.out.contains(needle), "no {needle:?} in {}", shown.out);
        }
        assert!(shown.out.contains(&format!("[exit {code}]")), "{}", shown.out);

        let document = interrupted(signal, &["--format", "json"]).json();
        let verdict = &document["verdict"];
        assert_eq!(
            (&verdict["outcome"], &verdict["exit_code"]),
            (&"interrupted".into(), &i64::from(code).into())
        );
        assert_eq!(document["connections"][0]["messages"][0]["type"], "ClientHello");
    }
}

/// Ctrl-C among the experiments of `--diagnose`: the run was interrupted, and says that it did not finish.
#[test]
fn experiments_are_interrupted_alike() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let child = command([address.as_str(), "--diagnose", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Closed: what is asked about, and the first experiment. Then the signal.
    for _ in 0..2 {
        await_hello(&mut listener.accept().unwrap().0);
    }
    let mut third = listener.accept().unwrap().0;
    await_hello(&mut third);
    send("-INT", &child);
    let run = finish(child.wait_with_output().unwrap());
    assert_eq!(run.code, 130, "{run:#?}");
    let document = run.json();
    assert_eq!(document["verdict"]["exit_code"], 130);
    assert_eq!(document["diagnosis"]["id"], "diagnosis.unfinished");
    assert_eq!(document["diagnosis"]["experiments"].as_array().unwrap().len(), 1);
    // The one that was cut short is an experiment like the one before, and says nothing.
    let roles: Vec<_> =
        document["connections"].as_array().unwrap().iter().map(|it| it["role"].clone()).collect();
    assert_eq!(roles, ["main", "experiment", "experiment"]);
}

/// Until the program has a connection of its own: two ends of it, and the listener.
#[cfg(target_os = "linux")]
fn await_connection(child: &mut Child) {
    let folder = format!("/proc/{}/fd", child.id());
    let sockets = || {
        let links = std::fs::read_dir(&folder).unwrap();
        let links = links.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        links.filter_map(|to| Some(to.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
    };
    let until = std::time::Instant::now() + std::time::Duration::from_secs(50);
    loop {
        assert!(
            std::time::Instant::now() < until && child.try_wait().unwrap().is_none(),
            "no connection of its own"
        );
        let (table, sockets) =
            (std::fs::read_to_string("/proc/net/tcp").unwrap(), sockets().collect::<Vec<_>>());
        // sl, local and remote address, state (01: established), queues, timer, retransmissions, uid, timeout, inode
        let established = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let mut established = established.filter(|words| words.get(3) == Some(&"01"));
        if established.any(|words| sockets.iter().any(|socket| words.get(9) == Some(&socket.as_str()))) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_demo_is_interrupted_alike() {
    let mut command = command(["demo", "silent", "-q", "--max-time", "60"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    await_connection(&mut child);
    send("-INT", &child);
    let run = finish(child.wait_with_output().unwrap());
    assert!(run.out.starts_with("INTERRUPTED") && run.code == 130, "{run:#?}");
}

/// The files that were asked for are there all the same.
#[test]
fn what_was_to_be_kept_is_kept() {
    let lab = Lab::new();
    let path = lab.file("saved.json");
    let run = interrupted("-TERM", &["--save", text(&path), "-q"]);
    assert_eq!(run.code, 143, "{run:#?}");
    assert_eq!(mode(&path), 0o600);
    let session = saved(&path);
    assert!(!session.captures[0].events.is_empty());
    let again = crate::common::run(["read", text(&path), "-q"]);
    assert_eq!((again.code, again.out), (143, run.out));
}

#[test]
fn an_open_pipe_is_interrupted_too() {
    let lab = Lab::new();
    let config = Setup::default().config(&lab.authority);
    let (complete, told) = mpsc::channel();
    let (address, server) = serve(move |tcp| {
        let mut stream = accept(&config, tcp).unwrap();
        complete.send(()).unwrap();
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let mut command = command(lab.words(address, &["--pipe"]));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take();
    told.recv().unwrap();
    send("-INT", &child);
    let run = finish(child.wait_with_output().unwrap());
    drop(stdin);
    server.join().unwrap();
    assert_eq!((run.code, run.out.as_str()), (130, ""), "{run:#?}");
    assert!(run.err.contains("after the handshake was complete"), "{}", run.err);
}

/// Of several connections those that were made are shown.
#[test]
fn a_comparison_ends_early() {
    let lab = Lab::new();
    let config = Setup::default().config(&lab.authority);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (third, told) = mpsc::channel();
    std::thread::spawn(move || {
        for number in 1.. {
            let tcp = listener.accept().unwrap().0;
            if number == 3 {
                third.send(()).unwrap();
            }
            let _ = converse(&config, tcp);
        }
    });
    let mut command = command(lab.words(address, &["--repeat", "1000", "--format", "json"]));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    told.recv().unwrap();
    send("-INT", &child);
    let run = finish(child.wait_with_output().unwrap());
    assert_eq!(run.code, 130, "{:?}", run.err);
    let made = run.json()["connections"].as_array().unwrap().len();
    assert!((1..1000).contains(&made), "{made}");
}
