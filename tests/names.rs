//! Names and URLs: international names in both forms, and what of a URL never leaves the command line.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use std::fs;

use common::{file, run, scratch, text};
use tls_trace::demo;

#[test]
fn an_international_name_is_accepted_and_shown_in_both_forms() {
    let stage = demo::start(demo::find("tls13").unwrap()).unwrap();
    let port = stage.address.port();
    let resolve = format!("bücher.example:{port}:127.0.0.1");
    let target = format!("Bücher.example:{port}");
    let shown = run([&target, "--resolve", &resolve]);
    assert_eq!(shown.code, 1, "{shown:?}");
    let title = format!("xn--bcher-kva.example:{port} (bücher.example) at 127.0.0.1");
    assert!(shown.out.starts_with(&title), "{}", shown.out);
    assert!(shown.out.contains("SNI xn--bcher-kva.example (bücher.example)"), "{}", shown.out);
    let json = run([&target, "--resolve", &resolve, "--json"]).json();
    let of = &json["target"];
    assert_eq!(
        (&of["host"], &of["host_unicode"]),
        (&"xn--bcher-kva.example".into(), &"bücher.example".into())
    );
    assert_eq!(
        (&of["sni"], &of["verify_name"]),
        (&"xn--bcher-kva.example".into(), &"xn--bcher-kva.example".into())
    );
    // Wherever a name is given, and UTS 46 has its say: full stops of other scripts, capital letters.
    for name in ["bücher。example", "BÜCHER.example", "xn--bcher-kva.example"] {
        let address = format!("127.0.0.1:{port}");
        let flags = ["127.0.0.1", "--connect", &address, "--sni", name, "--verify-name", name, "--json"];
        let json = run(flags).json();
        assert_eq!(json["target"]["sni"], "xn--bcher-kva.example", "{name}");
    }
    // What is no name.
    for wrong in ["a\u{2028}b.example", "xn--a.example", "bü cher.example"] {
        let run = run([wrong]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{wrong}: {run:?}");
    }
}

/// Not in what is shown or saved, not in the packets, not in the command that is proposed, not on the wire.
#[test]
fn user_path_and_query_of_a_url_stay_on_the_command_line() {
    let stage = demo::start(demo::find("tls13").unwrap()).unwrap();
    let directory = scratch();
    let port = stage.address.port();
    let url = format!("https://alice:hunter2@localhost:{port}/s3gment/path?token=t0ken#fragm3nt");
    let secrets = ["alice", "hunter2", "s3gment", "t0ken", "fragm3nt"];
    let paths = ["trace.json", "report.json", "wire.pcapng", "report.txt"].map(|name| file(&directory, name));
    let [saved, report, wire, lines] = &paths;
    let resolve = format!("localhost:{port}:127.0.0.1");
    let flags = [&url, "--resolve", &resolve, "--save", text(saved), "--pcap", text(wire), "-v"];
    let mut shown = vec![
        run(flags),
        run([&url, "--resolve", &resolve, "-o", text(report)]),
        run([&url, "--resolve", &resolve, "-o", text(lines)]),
        run(["read", text(saved), "-v"]),
        // Proposes a command.
        run([&url, "--resolve", &format!("localhost:{port}:127.0.0.2"), "--max-time", "0.001"]),
    ];
    assert!(
        shown.iter().any(|run| run.out.contains(&format!("try       tls-trace https://localhost:{port}")))
    );
    shown.push(run(["https://alice:hunter2@:1/s3gment?t0ken#fragm3nt"]));
    for run in shown {
        for secret in secrets {
            assert!(!run.out.contains(secret) && !run.err.contains(secret), "{secret}: {run:?}");
        }
    }
    for path in &paths {
        let bytes = fs::read(path).unwrap();
        assert!(!bytes.is_empty());
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(
                !String::from_utf8_lossy(&bytes).contains(&hex),
                "{secret} is on the wire: {}",
                path.display()
            );
        }
    }
}
