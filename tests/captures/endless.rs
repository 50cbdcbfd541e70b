//! Input that does not end by itself: what was open when the run is ended is reported too.
#![cfg(unix)]

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{demo, pcap};
use crate::common::{Run, command, file, scratch, text};

/// A named pipe.
fn fifo(folder: &TempDir) -> std::path::PathBuf {
    let path = file(folder, "fifo");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// `read` of a named pipe that has this in it and stays open. With a signal, that comes when `lines` lines are there.
fn endless(path: &Path, bytes: &[u8], more: &[&str], signal: Option<(&str, usize)>) -> Run {
    let mut child = command([&["read", text(path)], more].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // For reading too: without that, the pipe would end with whoever writes last.
    let mut input: File = OpenOptions::new().read(true).write(true).open(path).unwrap();
    input.write_all(bytes).unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut out = String::new();
    if let Some((signal, lines)) = signal {
        (0..lines).for_each(|_| assert!(stdout.read_line(&mut out).unwrap() > 0, "{out}"));
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    }
    stdout.read_to_string(&mut out).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    let code = child.wait().unwrap().code().unwrap();
    drop(input);
    Run { code, out, err }
}

/// Two connections that ended, and one that has not: what ends it is missing, and the last packet is not whole.
fn one_is_open(folder: &TempDir) -> Vec<u8> {
    let captures = [demo(folder, "tls12"), demo(folder, "tls12"), demo(folder, "tls13")];
    let mut bytes = pcap::several(captures.iter());
    let (mut at, mut ends) = (24, Vec::new());
    while let Some(length) = bytes.get(at + 8..at + 12) {
        at += 16 + u32::from_le_bytes(length.try_into().unwrap()) as usize;
        ends.push(at);
    }
    bytes.truncate(ends[ends.len() - 5] + 20);
    bytes
}

#[test]
fn an_interrupt_shows_the_connections_that_are_open() {
    let folder = scratch();
    let bytes = one_is_open(&folder);
    let path = fifo(&folder);
    for (more, lines, last) in [
        (&["--filter", "tls>=1.2"][..], 2, "3 connections, none of them verified"),
        (&["--filter", "tls>=1.2 and chain>=0 or tls=1.3"], 2, "3 connections of 3, each of them verified"),
        (&["--all"], 1, "3 connections"),
        (&["--format", "jsonl"], 1, "\"tls\":\"1.3\""),
    ] {
        let shown = endless(&path, &bytes, more, Some(("-INT", lines)));
        assert_eq!(shown.code, 130, "{more:?}: {shown:#?}");
        assert!(shown.out.contains("1.3") && shown.last_line().contains(last), "{more:?}: {shown:#?}");
        let connections =
            shown.out.lines().filter(|line| line.starts_with("stream ") || line.starts_with('{'));
        assert!(more[0] == "--filter" || connections.count() == 3, "{more:?}: {shown:#?}");
        assert!(!shown.out.contains("INTERRUPTED"), "the connection was not: {shown:#?}");
        assert!(!shown.err.contains("in the middle"), "that is not the input's fault: {shown:#?}");
    }
}

#[test]
fn a_limit_on_the_time_ends_it_with_what_there_is() {
    let folder = scratch();
    let bytes = one_is_open(&folder);
    let path = fifo(&folder);
    for more in [&["--filter", "tls>=1.2"][..], &["--all", "--width", "100"], &["--format", "jsonl"]] {
        let shown = endless(&path, &bytes, &[more, &["--max-time", "2"]].concat(), None);
        assert!(shown.err.contains("time was up (--max-time) after"), "{shown:#?}");
        assert!(matches!(shown.code, 1 | 2 | 7), "not 0, since there may have been more: {shown:#?}");
        assert!(shown.out.contains("1.3") && !shown.out.contains("TIMED OUT"), "{more:?}: {shown:#?}");
    }
}
