//! What stands around a run: streams that are closed or full, files that can't be written, FIFOs without an other
//! end, few descriptors, arguments that would steer a terminal. Each ends with a code of the table, never in a panic.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use common::{Run, command, file, finish, run, scratch, text};

/// In a shell: `$T` is the program, and the folder is the working directory.
fn shell(folder: &TempDir, line: &str) -> Run {
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder.path()).stdin(Stdio::null());
    command.env("T", env!("CARGO_BIN_EXE_tls-trace")).env("LC_ALL", "C.UTF-8");
    finish(command.output().unwrap())
}

fn fifo(folder: &TempDir) -> PathBuf {
    let path = file(folder, "fifo");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[test]
#[cfg(target_os = "linux")]
fn standard_error_that_cannot_be_written_is_no_panic() {
    let folder = scratch();
    for (line, code) in [
        ("$T cert nofile", 2),
        ("$T --no-such-flag", 2),
        ("$T --save new.json -q demo", 0),
        ("SSLKEYLOGFILE=k $T -q demo", 0),
        // The report would go there.
        ("$T --pipe demo", 2),
    ] {
        for stderr in ["2>/dev/full", "2>&-"] {
            let run = shell(&folder, &format!("{line} {stderr}"));
            // Rust opens /dev/null in place of a closed stream, so there the report is written.
            let code = if line.contains("--pipe") && stderr == "2>&-" { 0 } else { code };
            assert_eq!(run.code, code, "{line} {stderr}: {run:#?}");
        }
    }
    let run = shell(&folder, "$T -q demo >/dev/full; echo $?; $T -h >/dev/full; echo $?; $T -h | true");
    assert_eq!(run.out, "2\n2\n", "{run:#?}");
    assert_eq!(run.err.matches("can't write").count(), 2, "{run:#?}");
}

#[test]
#[cfg(target_os = "linux")]
fn few_descriptors_are_no_panic() {
    let folder = scratch();
    for limit in 4..20 {
        let run = shell(&folder, &format!("ulimit -n {limit}; $T -q demo; echo $?"));
        let code = run.out.lines().last().unwrap_or_default();
        assert!(["0", "2", "3", "4", "6"].contains(&code), "{limit}: {run:#?}");
        assert!(!run.err.contains("panicked"), "{limit}: {run:#?}");
    }
    // Nothing can be done without a runtime, and whose fault that is is said.
    let run = shell(&folder, "ulimit -n 6; exec $T -q -k 127.0.0.1:1");
    assert!([2, 6].contains(&run.code) && run.err.starts_with("tls-trace: "), "{run:#?}");
}

#[test]
fn a_file_at_its_largest_is_an_error() {
    let folder = scratch();
    for flag in ["-o out", "--save out"] {
        let run = shell(&folder, &format!("ulimit -f 1; exec $T --format json {flag} demo"));
        assert_eq!(run.code, 2, "{flag}: {run:#?}");
        assert!(run.err.contains("can't write") && run.err.contains("out"), "{run:#?}");
    }
}

#[test]
fn one_path_for_two_files_is_refused_and_nothing_is_lost() {
    let folder = scratch();
    let path = |name: &str| file(&folder, name);
    fs::write(path("precious.pem"), "precious").unwrap();
    fs::hard_link(path("precious.pem"), path("other.pem")).unwrap();
    for (line, flags) in [
        ("-q --save s -o s demo", ["--output", "--save"]),
        ("-q --save s --keylog ./s demo", ["--save", "--keylog"]),
        ("-q --certs precious.pem --save other.pem demo", ["--save", "--certs"]),
        ("-q --cacert precious.pem --certs precious.pem demo", ["--cacert", "--certs"]),
        ("-q --cert precious.pem -o other.pem demo", ["--cert", "--output"]),
        ("cert precious.pem -o precious.pem", ["cert FILE", "--output"]),
        ("read precious.pem -o precious.pem", ["read FILE", "--output"]),
        ("-q --save s demo > s", ["--save", "standard output"]),
    ] {
        let run = shell(&folder, &format!("exec $T {line}"));
        assert_eq!(run.code, 2, "{line}: {run:#?}");
        for flag in flags {
            assert!(run.err.contains(flag), "{line}: {run:#?}");
        }
        assert_eq!(fs::read_to_string(path("precious.pem")).unwrap(), "precious", "{line}");
    }
    // A device takes what comes.
    let run = shell(&folder, "exec $T -q demo --save /dev/null -o /dev/null");
    assert_eq!(run.code, 0, "{run:#?}");
}

#[test]
fn a_report_with_secrets_is_its_owners() {
    let folder = scratch();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let run = shell(&folder, "umask 022; exec $T --show-secrets -o secret.txt demo");
    assert_eq!((run.code, mode(&file(&folder, "secret.txt"))), (0, 0o600), "{run:#?}");
    fs::write(file(&folder, "wide"), "").unwrap();
    fs::set_permissions(file(&folder, "wide"), fs::Permissions::from_mode(0o644)).unwrap();
    let run = shell(&folder, "exec $T --show-secrets -o wide demo");
    assert!(run.code == 0 && run.err.contains("readable by others"), "{run:#?}");
    let run = shell(&folder, "umask 022; exec $T -o plain.txt demo");
    assert_eq!((run.code, mode(&file(&folder, "plain.txt"))), (0, 0o644), "{run:#?}");
}

/// Opening it waits for ever.
#[test]
fn a_fifo_without_an_other_end_is_given_the_time_that_there_is() {
    let folder = scratch();
    let fifo = fifo(&folder);
    let fifo = text(&fifo);
    let target = "127.0.0.1:1";
    for arguments in [
        &["cert", fifo][..],
        &["cert", "/dev/null", "--key", fifo],
        &["read", fifo],
        &[target, "--cacert", fifo],
        &[target, "--cert", fifo],
        &[target, "--crl", fifo],
        &[target, "--early-data", fifo],
        &[target, "--keylog", fifo],
        &[target, "--save", fifo],
        &[target, "-o", fifo],
    ] {
        let began = Instant::now();
        let run = run([arguments, &["--max-time", "0.2"]].concat());
        assert!(began.elapsed() < Duration::from_secs(30), "{arguments:?}");
        assert_eq!(run.code, 2, "{arguments:?}: {run:#?}");
        if arguments[1] != "/dev/null" {
            assert!(run.err.contains(fifo) && run.err.contains("--max-time"), "{arguments:?}: {run:#?}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_ends_the_wait_for_a_fifo() {
    let folder = scratch();
    let fifo = fifo(&folder);
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let mut child = command(["cert", text(&fifo)]).spawn().unwrap();
        // It is there before the file is opened.
        while common::caught_signals(&child) & 0b10 == 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let status = child.wait().unwrap();
        assert_eq!((status.code(), status.signal()), (Some(code), None));
    }
}

#[test]
fn no_argument_reaches_the_terminal_as_it_is() {
    let folder = scratch();
    let hostile = "\u{1b}[31mred\u{202e}\nnext";
    let option = format!("--{hostile}");
    for arguments in [
        &["cert", hostile][..],
        &["read", hostile],
        &["demo", hostile],
        &["demo", option.as_str()],
        &["demo", "--format", hostile],
        &["demo", "--width", hostile],
        &["demo", "--sni", hostile],
        &["demo", "--cacert", hostile],
        &["demo", "--ciphers", hostile],
        &["demo", "--min-days", hostile],
        &["demo", "--pinnedpubkey", hostile],
        &["demo", "--at", hostile],
        &["demo", "--resolve", hostile],
        &["demo", "-o", "/no-such-folder/\u{1b}[31mred\u{202e}\nnext"],
        &["explain", hostile],
        &["completions", hostile],
        &[hostile],
        &[hostile, "demo"],
        &["--connect", hostile, "example.com"],
    ] {
        let run = finish(command(arguments).current_dir(folder.path()).output().unwrap());
        assert_eq!(run.code, 2, "{arguments:?}: {run:#?}");
        for c in ['\u{1b}', '\u{202e}'] {
            assert!(!run.err.contains(c) && !run.out.contains(c), "{arguments:?}: {run:#?}");
        }
        assert!(!run.err.lines().any(|line| line.starts_with("next")), "{arguments:?}: {run:#?}");
    }
}
