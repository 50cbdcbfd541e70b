//! Standard input to the server, its answer to standard output.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Output, Stdio};
use std::time::Duration;

use crate::common::{command, text};
use crate::lab::{Lab, noise};
use crate::server::{Setup, Stream, accept, serve, serve_tls};

/// What comes of a pipe with this input, and what the server's side returned.
fn pipe<T: Send + 'static>(
    lab: &Lab,
    flags: &[&str],
    input: &[u8],
    talk: impl FnOnce(Stream) -> T + Send + 'static,
) -> (Output, T) {
    pipe_to(lab, flags, input, Stdio::piped(), talk)
}

/// The same, with the answer going there.
fn pipe_to<T: Send + 'static>(
    lab: &Lab,
    flags: &[&str],
    input: &[u8],
    to: Stdio,
    talk: impl FnOnce(Stream) -> T + Send + 'static,
) -> (Output, T) {
    let config = Setup::default().config(&lab.authority);
    let (address, server) = serve(move |tcp| talk(accept(&config, tcp).unwrap()));
    let output = run_to(lab, address, flags, input, to);
    (output, server.join().unwrap())
}

fn run(lab: &Lab, address: SocketAddr, flags: &[&str], input: &[u8]) -> Output {
    run_to(lab, address, flags, input, Stdio::piped())
}

fn run_to(lab: &Lab, address: SocketAddr, flags: &[&str], input: &[u8], to: Stdio) -> Output {
    let mut command = command(lab.words(address, &[&["--pipe"], flags].concat()));
    command.stdin(Stdio::piped()).stdout(to).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // Nobody may be left to read it.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    })
}

fn say_goodbye(stream: &mut Stream) {
    stream.conn.send_close_notify();
    stream.flush().unwrap();
}

/// Sends back what comes, changed, as it comes.
fn echo(mut stream: Stream) -> usize {
    let (mut all, mut buf) = (0, vec![0; 1 << 16]);
    loop {
        let len = stream.read(&mut buf).unwrap();
        if len == 0 {
            break;
        }
        all += len;
        buf[..len].iter_mut().for_each(|byte| *byte ^= 0x5a);
        stream.write_all(&buf[..len]).unwrap();
    }
    say_goodbye(&mut stream);
    all
}

#[test]
fn megabytes_go_through_in_both_directions_and_nothing_is_said() {
    let lab = Lab::new();
    let input = noise(5_000_011);
    let (output, heard) = pipe(&lab, &["-q"], &input, echo);
    assert_eq!(heard, input.len());
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr)), (Some(0), "".into()));
    // Not assert_eq: nobody wants to see megabytes.
    assert!(output.stdout.iter().map(|byte| byte ^ 0x5a).eq(input));
}

/// Recording stops at its limit, and says so; piping goes on.
#[test]
fn more_than_is_recorded_goes_through_as_well() {
    let lab = Lab::new();
    let input = noise(10 << 20);
    let (output, heard) = pipe(&lab, &[], &input, |mut stream| {
        let heard = std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
        stream.write_all(b"enough").unwrap();
        say_goodbye(&mut stream);
        heard
    });
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((heard, output.stdout.as_slice()), (10 << 20, &b"enough"[..]), "{report}");
    assert_eq!(output.status.code(), Some(0), "{report}");
    let words: Vec<_> = report.split_whitespace().collect();
    assert!(words.join(" ").contains("the rest was not recorded"), "{report}");
}

#[test]
fn the_end_of_the_input_ends_our_direction_only() {
    let lab = Lab::new();
    let (output, heard) = pipe(&lab, &["-q"], b"question", |mut stream| {
        let mut all = String::new();
        // Ends with the client's close_notify only.
        stream.read_to_string(&mut all).unwrap();
        stream.write_all(b"answer").unwrap();
        say_goodbye(&mut stream);
        all
    });
    assert_eq!((heard.as_str(), output.stdout.as_slice()), ("question", &b"answer"[..]));
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{output:?}");
}

#[test]
fn an_empty_input_still_gets_the_servers_greeting() {
    let lab = Lab::new();
    let (output, ()) = pipe(&lab, &["-q"], b"", |mut stream| {
        stream.write_all(b"220 hello\r\n").unwrap();
        say_goodbye(&mut stream);
    });
    assert_eq!((output.stdout.as_slice(), output.status.code()), (&b"220 hello\r\n"[..], Some(0)));
}

#[test]
fn the_report_goes_to_stderr_or_to_its_file() {
    let lab = Lab::new();
    let talk = |mut stream: Stream| {
        let mut buf = [0; 8];
        let len = stream.read(&mut buf).unwrap();
        stream.write_all(&buf[..len]).unwrap();
        say_goodbye(&mut stream);
    };
    let (output, ()) = pipe(&lab, &[], b"x", talk);
    let report = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.stdout, b"x");
    assert!(report.contains("ClientHello") && report.ends_with("[exit 0]\n"), "{report}");

    let file = lab.file("report.json");
    let (output, ()) = pipe(&lab, &["-o", text(&file), "--format", "json"], b"x", talk);
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"x"[..], &b""[..]));
    let report = std::fs::read_to_string(&file).unwrap();
    let document: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(document["verdict"]["exit_code"], 0);
    // No ALPN, unless it is asked for.
    assert_eq!(document["facts"]["alpn"], serde_json::Value::Null);
    assert!(!report.contains("application_layer_protocol_negotiation"));
}

#[test]
fn an_untrusted_server_gets_nothing() {
    let (lab, stranger) = (Lab::new(), Lab::stranger());
    let config = Setup::default().config(&stranger.authority);
    let (address, server) = serve(move |tcp| {
        let mut heard = String::new();
        accept(&config, tcp).map(|mut stream| drop(stream.read_to_string(&mut heard))).map(|()| heard)
    });
    let output = run(&lab, address, &[], b"secret");
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{report}");
    assert!(report.contains("cert.missing_intermediate") && report.contains("[exit 1]"), "{report}");
    // Either the alert ended the server's handshake, or it came right behind it.
    let heard = server.join().unwrap();
    assert!(heard.as_ref().map_or_else(|error| error.contains("UnknownCA"), String::is_empty), "{heard:?}");

    let config = Setup::default().config(&stranger.authority);
    let (address, server) = serve(move |tcp| echo(accept(&config, tcp).unwrap()));
    let output = run(&lab, address, &["-k", "-q"], b"secret");
    assert_eq!(server.join().unwrap(), 6);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 6), "{output:?}");
}

#[test]
fn a_reset_is_told_and_what_came_before_it_arrives() {
    let lab = Lab::new();
    let (output, ()) = pipe(&lab, &[], b"question", |mut stream| {
        let mut buf = [0; 64];
        assert_eq!(stream.read(&mut buf).unwrap(), 8);
        stream.write_all(b"half an ans").unwrap();
        // A reset may overtake it.
        std::thread::sleep(Duration::from_millis(500));
        socket2::SockRef::from(&stream.sock).set_linger(Some(Duration::ZERO)).unwrap();
    });
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.stdout, b"half an ans", "{report}");
    assert!(report.contains("RST") || report.contains("reset"), "{report}");
    assert_eq!(output.status.code(), Some(4), "{report}");
}

#[test]
fn an_end_without_close_notify_is_a_truncated_answer() {
    let lab = Lab::new();
    let (output, ()) = pipe(&lab, &[], b"question", |mut stream| {
        let mut buf = [0; 64];
        assert_eq!(stream.read(&mut buf).unwrap(), 8);
        stream.write_all(b"half an ans").unwrap();
        stream.sock.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = stream.sock.read(&mut buf);
    });
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.stdout.as_slice(), output.status.code()), (&b"half an ans"[..], Some(4)), "{report}");
    assert!(report.contains("FAILED · closed without close_notify, possibly truncated"), "{report}");
    assert!(report.contains("id        closed.truncated"), "{report}");
}

#[test]
fn an_answer_that_does_not_end_in_time_is_a_timeout() {
    let lab = Lab::new();
    let config = Setup::default().config(&lab.authority);
    let (address, server) = serve(move |tcp| {
        let mut stream = accept(&config, tcp).unwrap();
        stream.write_all(b"half an ans").unwrap();
        // It stays open until the client has left.
        stream
    });
    let output = run(&lab, address, &["--max-time", "3"], b"question");
    drop(server.join().unwrap());
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.stdout.as_slice(), output.status.code()), (&b"half an ans"[..], Some(5)), "{report}");
    assert!(report.contains("id        timeout.pipe"), "{report}");
}

#[test]
fn a_late_refusal_ends_it() {
    let lab = Lab::new();
    let setup = Setup { clients: crate::server::Clients::Required, ..Setup::default() };
    let output = run(&lab, lab.server(setup), &[], b"question");
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(4), 0), "{report}");
    assert!(report.contains("client_cert.required"), "{report}");
}

/// A full disk is told; a reader that went away is not.
#[test]
#[cfg(target_os = "linux")]
fn an_output_that_cannot_be_written_is_an_error() {
    let lab = Lab::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (output, ()) = pipe_to(&lab, &["-q"], b"x", full.into(), |mut stream| {
        // The client may be gone before all of it is out.
        let _ = stream.write_all(&[7; 1 << 20]);
        stream.conn.send_close_notify();
        let _ = stream.flush();
    });
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{report}");
    assert!(report.contains("standard output"), "{report}");
}

/// `-k` accepts chain, name and dates. Who pins a key, or talks to a server that does not have its certificate's
/// key, is not helped by it.
#[test]
fn insecure_waives_neither_pins_nor_the_servers_key() {
    let lab = Lab::new();
    let stranger = Lab::stranger();
    let wrong = format!("sha256//{}=", "A".repeat(43));
    for (setup, flags, code, needle) in [
        (Setup::default(), &["-k"][..], 0, ""),
        (Setup::default(), &["-k", "--pinnedpubkey", &wrong], 1, "pinned"),
        (Setup { impostor: true, ..Setup::default() }, &["-k"], 4, "signature"),
    ] {
        let (address, server) = serve_tls(setup.config(&stranger.authority));
        let output = run(&lab, address, flags, b"PASSWORD");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{flags:?}: {said}");
        assert!(said.contains(needle), "{flags:?}: {said}");
        let heard = server.join().unwrap();
        if code == 0 {
            assert_eq!(heard, Ok("PASSWORD".to_owned()));
        } else {
            assert!(heard.is_err(), "{heard:?}");
        }
    }
    // Also where nothing is sent the pin holds.
    let address = stranger.server(Setup::default());
    let shown = crate::common::run(lab.words(address, &["-k", "--pinnedpubkey", &wrong, "--format", "json"]));
    assert_eq!((shown.code, &shown.json()["verdict"]["id"]), (1, &serde_json::json!("cert.pin_mismatch")));
}
