//! What is wrong with a command line, a file or the way to a server is said, with the right exit code.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use std::fs;
use std::net::TcpListener;

use common::{Run, command, file, finish, for_each, run, scratch, text, tls_trace};

/// Exit code 2, nothing on stdout, and a message that has all of `needles`.
fn assert_usage(run: &Run, needles: &[&str]) {
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:#?}");
    for needle in needles {
        assert!(run.err.contains(needle), "no {needle:?} in {run:#?}");
    }
    assert!(!run.err.contains("panicked"), "{run:#?}");
}

#[test]
fn bad_usage_is_named() {
    const ROWS: &[(&str, &[&str])] = &[
        ("", &["no target", "tls-trace example.com", "tls-trace demo"]),
        ("example.com:99999", &["\"99999\" is not a port", "example.com:8443"]),
        ("example.com:0", &["port 0"]),
        ("http://example.com", &["http has no TLS", "https"]),
        ("example.com/path", &["https://"]),
        ("[::1", &["bracket is not closed"]),
        ("1:2:3:x", &["not an IPv6 address"]),
        ("user@example.com", &["URL"]),
        ("--no-such-flag example.com", &["--no-such-flag"]),
        ("example.com --sni a.test --no-sni", &["--sni", "--no-sni", "cannot be used with"]),
        ("example.com --enforce -k", &["--enforce", "--insecure", "cannot be used with"]),
        ("example.com --alpn h2 --no-alpn", &["--alpn", "--no-alpn", "cannot be used with"]),
        ("example.com -4 -6", &["--ipv4", "--ipv6", "cannot be used with"]),
        ("example.com -q -v", &["--quiet", "--verbose", "cannot be used with"]),
        ("example.com --cacert /dev/null --trust mozilla", &["--cacert", "--trust"]),
        ("example.com --trust windows", &["windows", "mozilla, system and none"]),
        ("example.com --tls-min 1.3 --tls-max 1.2", &["--tls-min is above --tls-max"]),
        ("example.com --tls-min 1.4", &["--tls-min", "1.4"]),
        ("example.com --ciphers NO_SUCH_SUITE", &["NO_SUCH_SUITE"]),
        ("example.com --groups P-9", &["P-9"]),
        ("example.com --sigalgs none_with_none", &["none_with_none"]),
        ("example.com --key k.pem", &["--cert"]),
        ("example.com --at tomorrow", &["--at", "tomorrow", "2026-11-21"]),
        ("example.com --max-time 0", &["--max-time", "0"]),
        ("example.com --max-time nan", &["--max-time"]),
        ("example.com --width 7", &["--width", "40"]),
        ("example.com --format yaml", &["yaml", "text", "json"]),
        ("example.com --connect nowhere:port", &["\"port\" is not a port"]),
        ("demo no-such-scenario", &["no-such-scenario", "tls13", "truncated"]),
        ("example.com demo", &["demo is a command", "demo:443"]),
        ("read", &["FILE"]),
        ("example.com --starttls telnet", &["telnet", "smtp", "postgres"]),
        ("example.com -servername", &["-servername needs a value"]),
        ("--help flags", &["no group \"flags\"", "addressing", "all"]),
        ("read", &["FILE", "read:443"]),
        ("exlpain sni", &["did you mean the command explain?"]),
    ];
    for_each(ROWS, |row| row.0.to_owned(), |(line, needles)| assert_usage(&tls_trace(line), needles));
}

#[test]
fn a_bad_file_is_named_with_the_reason() {
    let directory = scratch();
    let made = |name: &str, content: &[u8]| {
        let path = file(&directory, name);
        fs::write(&path, content).unwrap();
        path
    };
    let report = run(["demo", "--format", "json"]).out;
    let newer = r#"{"format": "tls-trace-saved/9", "session": {}}"#;
    let hollow = r#"{"format": "tls-trace-saved/1", "written_by": "0", "session": {"captures": []}}"#;
    for (path, reason) in [
        (file(&directory, "missing.json"), "No such file"),
        (directory.path().to_owned(), "directory"),
        (made("empty.json", b""), "empty"),
        (made("blank.json", b" \n"), "empty"),
        (made("garbage.json", b"\x00\xff\x16\x03\x01 garbage"), "not a saved trace"),
        (
            made("cut.json", br#"{"format": "tls-trace-saved/1", "session": {"captures": [{"#),
            "not a saved trace",
        ),
        (made("report.json", report.as_bytes()), "--save FILE.json"),
        (made("newer.json", newer.as_bytes()), "tls-trace-saved/9"),
        (made("other.json", b"{\"name\": 1}"), "--save"),
        (made("array.json", b"[1, 2]"), "not a saved trace"),
        (made("number.json", b"7 is a digit, as in hexadecimal"), "not a capture"),
        (made("hollow.json", hollow.as_bytes()), "no connection"),
    ] {
        assert_usage(&run(["read", text(&path)]), &[text(&path), reason]);
    }
    // A file that nobody may read. (root reads it all the same, and finds no trace in it.)
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = made("secret.json", b"{}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        let reason = if fs::read(&path).is_err() { "Permission denied" } else { "--save" };
        assert_usage(&run(["read", text(&path)]), &[text(&path), reason]);
    }
    let missing = file(&directory, "missing");
    assert_usage(&run(["demo", "--early-data", text(&missing)]), &[text(&missing), "No such file"]);
    let garbage = made("garbage.pem", b"no certificate here");
    for flag in ["--cacert", "--cert"] {
        for path in [&garbage, &file(&directory, "missing.pem"), &file(&directory, "empty.json")] {
            assert_usage(&run(["demo", flag, text(path)]), &[text(path)]);
        }
    }
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_is_done() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    for flag in ["-o", "--save", "--keylog", "--certs"] {
        let run = run([&address, flag, "/no-such-folder/file", "--max-time", "1"]);
        assert_usage(&run, &["/no-such-folder/file", "No such file"]);
    }
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "it connected");
}

#[test]
fn a_name_that_does_not_exist_is_not_reached() {
    let json = run(["no-such-host.invalid", "--format", "json"]);
    assert_eq!(json.code, 3, "{json:#?}");
    let document = json.json();
    let verdict = &document["verdict"];
    assert_eq!(verdict["outcome"], "unreachable");
    assert_eq!(verdict["phase"], "dns");
    assert!(verdict["id"].as_str().unwrap().starts_with("dns."), "{verdict}");
    let shown = run(["no-such-host.invalid"]);
    assert_eq!((shown.code, shown.err.as_str()), (3, ""));
    assert!(shown.out.contains("no-such-host.invalid") && shown.last_line() != "", "{shown:#?}");
    assert!(shown.out.contains("[exit 3]"), "{}", shown.out);
}

#[test]
fn a_refused_port_is_not_reached() {
    // Bound, but not listening: nobody else can take it, and connections are refused.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap().into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap().to_string();
    let shown = run([&address]);
    assert_eq!(shown.code, 3, "{shown:#?}");
    assert!(shown.out.contains("refused") && shown.out.contains(&address), "{}", shown.out);
    let verdict = &run([&address, "--format", "json"]).json()["verdict"];
    assert_eq!((&verdict["id"], &verdict["phase"]), (&"tcp.refused".into(), &"tcp".into()));
    assert_eq!(verdict["exit_code"], 3);
}

/// The remedy repeats what was typed, quoted for a shell, and only names flags that there are.
#[test]
fn the_command_to_run_next_can_be_run() {
    let verdict = run(["demo", "wrong-name", "--at", "2026-11-21 ", "--format", "json"]);
    assert_usage(&verdict, &["--at"]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let target = format!("127.0.0.1:{port}");
    let hung_up = std::thread::spawn(move || drop(listener.accept().unwrap()));
    let shown = run([target.as_str(), "--sni", "a.test", "--alpn", "a b,c'd", "--format", "json"]);
    hung_up.join().unwrap();
    assert_eq!(shown.code, 4, "{shown:#?}");
    let next = shown.json()["verdict"]["try"].clone();
    let next: Vec<String> =
        next.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect();
    assert_eq!(next[..2], ["tls-trace".to_owned(), target]);
    assert!(next.contains(&"a b,c'd".to_owned()), "{next:?}");
    // It can be parsed: a dead port is what is wrong with it now, not its flags.
    let again = run(&next[1..]);
    assert_eq!(again.code, 3, "{again:#?}");
}

#[test]
fn help_and_version_are_no_errors() {
    for line in ["--help", "-h", "--version", "demo --help", "read --help"] {
        let shown = tls_trace(line);
        assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{line}");
        assert!(shown.out.lines().all(|line| line.chars().count() <= 100), "{}", shown.out);
    }
    for line in ["-h", "--help", "help", "-v --help", "-h example.com"] {
        let shown = tls_trace(line);
        assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{line}");
        assert!(shown.out.lines().count() <= 40 && shown.out.contains("Usage: tls-trace"), "{}", shown.out);
    }
    let trust = tls_trace("--help trust").out;
    assert!(trust.contains("--pinnedpubkey") && !trust.contains("--alpn"), "{trust}");
    let all = tls_trace("--help all").out;
    assert!(all.contains("--pinnedpubkey") && all.contains("--alpn") && all.contains("cert"), "{all}");
    assert_eq!(tls_trace("--version").out.trim(), format!("tls-trace {}", env!("CARGO_PKG_VERSION")));
}

/// What a subcommand lists it accepts, and what it does not accept it neither lists nor passes over.
#[test]
fn a_subcommand_lists_the_flags_that_it_accepts() {
    let all: Vec<String> = tls_trace("--help all").out.lines().filter_map(flag).collect();
    assert!(all.len() > 40, "{all:?}");
    for (line, name) in [
        ("demo", "demo"),
        ("read /no/such", "read"),
        ("cert /no/such", "cert"),
        ("explain alert.unknown_ca", "explain"),
        ("schema", "schema"),
        ("completions bash", "completions"),
        ("man", "man"),
    ] {
        let help = tls_trace(&format!("{name} -h"));
        assert_eq!((help.code, help.out.clone()), (0, tls_trace(&format!("help {name}")).out));
        assert!(help.out.contains(&format!("Usage: tls-trace {name}")), "{}", help.out);
        let listed: Vec<String> = help.out.lines().filter_map(flag).collect();
        for flag in all.iter().filter(|flag| !matches!(flag.as_str(), "--help" | "--version")) {
            // Before the subcommand and behind it. A value that is wrong or a file that is missing is another matter.
            let value = VALUES.iter().find(|(of, _)| of == flag).map_or("", |(_, value)| value);
            for words in [format!("{line} {flag} {value}"), format!("{flag} {value} {line}")] {
                if listed.contains(flag) {
                    // To be tried in full it would have to connect.
                    continue;
                }
                let run = tls_trace(&words);
                assert_eq!(run.code, 2, "{words}: {run:#?}");
                let refused = format!("{name} and {flag} can't be used together");
                assert!(run.err.contains(&refused), "{words}: {run:#?}");
            }
        }
    }
    let cert = tls_trace("cert -h").out;
    assert!(cert.contains("--crl") && !cert.contains("--repeat") && !cert.contains("--alpn"), "{cert}");
}

/// The flag that a line of help is about.
fn flag(line: &str) -> Option<String> {
    let line = line.strip_prefix("  ")?;
    let long = line.strip_prefix("    ").or_else(|| line.strip_prefix('-')?.get(1..)?.strip_prefix(", "))?;
    long.starts_with("--").then(|| long.split(' ').next().unwrap().to_owned())
}

/// A value for each flag that wants one.
const VALUES: &[(&str, &str)] = &[
    ("--exit", "own"),
    ("--hello", "chrome"),
    ("--sni", "a.test"),
    ("--starttls", "smtp"),
    ("--verify-name", "a.test"),
    ("--connect", "a.test:1"),
    ("--resolve", "a.test:1:127.0.0.1"),
    ("--connect-to", "a.test:1:b.test:1"),
    ("--proxy", "http://p.test:1"),
    ("--proxy-user", "env:X"),
    ("--noproxy", "a.test"),
    ("--targets", "-"),
    ("--concurrency", "2"),
    ("--per-host", "2"),
    ("--rate", "2"),
    ("--retries", "2"),
    ("--target-timeout", "2"),
    ("--resume-from", "a.jsonl"),
    ("--repeat", "2"),
    ("--max-probes", "2"),
    ("--probe-rate", "2"),
    ("--early-data", "f"),
    ("--ech", "grease"),
    ("--like", "chrome"),
    ("--trust", "none"),
    ("--cacert", "f"),
    ("--pinnedpubkey", "x"),
    ("--min-days", "1"),
    ("--expect", "pq"),
    ("--warn", "pq"),
    ("--policy", "strict"),
    ("--crl", "f"),
    ("--ct-logs", "f"),
    ("--at", "1"),
    ("--cert", "f"),
    ("--key", "f"),
    ("--pcap", "x.pcapng"),
    ("--passin", "stdin"),
    ("--alpn", "h2"),
    ("--tls-min", "1.2"),
    ("--tls-max", "1.3"),
    ("--ciphers", "x"),
    ("--groups", "x"),
    ("--sigalgs", "x"),
    ("--psk", "x:env:X"),
    ("--engine", "auto"),
    ("--connect-timeout", "1"),
    ("--max-time", "1"),
    ("--settle", "1"),
    ("--format", "text"),
    ("--fields", "none"),
    ("--min-severity", "note"),
    ("--output", "/dev/null"),
    ("--color", "never"),
    ("--width", "80"),
    ("--save", "f"),
    ("--keylog", "f"),
    ("--certs", "f"),
    ("--secrets", "all"),
];

#[test]
fn other_programs_spellings_are_understood() {
    let demo = "demo tls12 --format json";
    let ours = tls_trace(&format!("{demo} --sni localhost --tls-max 1.2 --groups P-256"));
    assert_eq!(ours.code, 0, "{}", ours.err);
    for (flags, words) in [
        ("-servername localhost -no_tls1_3 -curves P-256 -showcerts", &["--sni", "--tls-max 1.2"][..]),
        ("-servername=localhost -tls1_2 -groups P-256", &["--tls-min 1.2 --tls-max 1.2"]),
        ("--servername localhost --tls-max 1.2 --curves P-256 --tlsv1.2 -m 5", &[]),
    ] {
        let run = tls_trace(&format!("{demo} {flags}"));
        assert_eq!(run.code, 0, "{flags}: {}", run.err);
        let facts = |run: &Run| {
            let facts = run.json()["facts"].clone();
            ["tls", "cipher", "group"].map(|name| facts[name].clone())
        };
        assert_eq!(facts(&run), facts(&ours), "{flags}");
        for word in words {
            assert!(run.err.contains("OpenSSL's spelling") && run.err.contains(word), "{flags}: {}", run.err);
        }
        assert_eq!(words.is_empty(), run.err.is_empty(), "{flags}: {}", run.err);
    }
}

#[test]
fn twice_quiet_says_nothing_at_all() {
    let folder = scratch();
    let save = file(&folder, "s.json");
    for (line, code) in [("demo -qq", 0), ("demo expired -qq", 1), ("demo silent -qq -m 0.3", 5)] {
        let run = run(line.split(' ').chain(["--save", text(&save)]));
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (code, "", ""), "{line}");
        assert!(save.metadata().unwrap().len() > 100);
    }
}

#[test]
fn an_environment_that_names_a_bad_store_is_told() {
    let output =
        command(["demo", "--trust", "mozilla", "-q"]).env("SSL_CERT_FILE", "/no/such").output().unwrap();
    // A flag comes before the environment.
    assert_eq!(finish(output).code, 1);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let output =
        command([&address, "-q", "--max-time", "1"]).env("SSL_CERT_FILE", "/no/such").output().unwrap();
    assert_usage(&finish(output), &["/no/such"]);
}
