//! Files to take away: the key log, the chain, the saved trace and the packets, with all, some or none of the secrets.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use tls_trace::capture::Label;

use crate::common::{command, file, finish, run, scratch, text};
use crate::lab::{saved, states};

/// The lines of a key log: label and client random.
fn lines(path: &Path) -> Vec<(Label, String)> {
    let log = fs::read_to_string(path).unwrap();
    assert!(log.is_empty() || log.ends_with('\n'));
    let line = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let [label, random, secret] = words[..] else { panic!("{line}") };
        assert_eq!(hex::decode(random).unwrap().len(), 32);
        assert!([32, 48].contains(&hex::decode(secret).unwrap().len()), "{line}");
        (Label::parse(label).unwrap(), random.to_owned())
    };
    log.lines().map(line).collect()
}

#[test]
fn a_key_log_is_private_and_grows() {
    let directory = scratch();
    let log = file(&directory, "keys");
    let first = run(["demo", "-q", "--keylog", text(&log)]);
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    #[cfg(unix)]
    assert_eq!(crate::lab::mode(&log), 0o600);
    let after_one = lines(&log);
    let labels: Vec<_> = after_one.iter().map(|(label, _)| *label).collect();
    for label in [
        Label::ClientHandshakeTraffic,
        Label::ServerHandshakeTraffic,
        Label::ClientTraffic,
        Label::ServerTraffic,
    ] {
        assert!(labels.contains(&label), "{labels:?}");
    }
    assert_eq!(run(["demo", "tls12", "-q", "--keylog", text(&log)]).code, 0);
    let after_two = lines(&log);
    assert_eq!(after_two[..after_one.len()], after_one);
    assert_eq!(
        after_two[after_one.len()..].iter().map(|(label, _)| *label).collect::<Vec<_>>(),
        [Label::ClientRandom]
    );
    // What is there was not ours to remove.
    fs::write(&log, "# a note\n").unwrap();
    run(["demo", "-q", "--keylog", text(&log)]);
    assert!(fs::read_to_string(&log).unwrap().starts_with("# a note\nCLIENT_HANDSHAKE"));
}

#[test]
fn a_failed_handshake_leaves_its_keys_too() {
    let directory = scratch();
    for (scenario, code) in
        [("truncated", 4), ("alpn-mismatch", 4), ("client-cert-missing", 4), ("expired", 1)]
    {
        let log = file(&directory, scenario);
        assert_eq!(run(["demo", scenario, "-q", "--keylog", text(&log)]).code, code);
        let labels: Vec<_> = lines(&log).into_iter().map(|(label, _)| label).collect();
        assert!(labels.contains(&Label::ServerHandshakeTraffic), "{scenario}: {labels:?}");
    }
    // Before there were any, the file stays empty.
    let log = file(&directory, "reset");
    assert_eq!(run(["demo", "reset", "-q", "--keylog", text(&log)]).code, 4);
    assert!(lines(&log).is_empty());
}

#[test]
fn a_key_log_of_the_handshake_alone_has_no_more() {
    let directory = scratch();
    let log = file(&directory, "keys");
    run(["demo", "-q", "--keylog", text(&log), "--secrets", "handshake"]);
    let labels: Vec<_> = lines(&log).into_iter().map(|(label, _)| label).collect();
    assert_eq!(labels, [Label::ClientHandshakeTraffic, Label::ServerHandshakeTraffic]);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let directory = scratch();
    let log = file(&directory, "keys");
    fs::write(&log, "").unwrap();
    fs::set_permissions(&log, fs::Permissions::from_mode(0o644)).unwrap();
    let run = run(["demo", "-q", "--keylog", text(&log)]);
    assert!(run.err.contains("warning") && run.err.contains("chmod 600") && run.code == 0, "{run:#?}");
    assert_eq!(crate::lab::mode(&log), 0o644);
    assert!(!lines(&log).is_empty());
}

#[test]
fn the_environments_key_log_is_told_and_never_written_to_by_read() {
    let directory = scratch();
    let (log, trace) = (file(&directory, "keys"), file(&directory, "saved.json"));
    let with = |arguments: &[&str]| finish(command(arguments).env("SSLKEYLOGFILE", &log).output().unwrap());
    let live = with(&["demo", "-q", "--save", text(&trace)]);
    assert!(live.err.contains("SSLKEYLOGFILE is set") && live.err.contains(text(&log)), "{live:#?}");
    assert_eq!(live.out.lines().count(), 1);
    let written = fs::read(&log).unwrap();
    assert!(!lines(&log).is_empty());
    let again = with(&["read", text(&trace), "-q"]);
    assert_eq!((again.code, again.err.as_str()), (0, ""));
    assert_eq!(fs::read(&log).unwrap(), written);
    fs::remove_file(&log).unwrap();
    with(&["read", text(&trace), "-q"]);
    assert!(!log.exists());
    // Empty is not set; a flag comes first, and the environment's file is not touched.
    let unset = finish(command(["demo", "-q"]).env("SSLKEYLOGFILE", "").output().unwrap());
    assert_eq!((unset.code, unset.err.as_str()), (0, ""));
    let flag = with(&["demo", "-q", "--keylog", text(&file(&directory, "other"))]);
    assert!(flag.err.is_empty() && !log.exists(), "{flag:#?}");
    // Who wants no secrets to leave gets none.
    let none = with(&["demo", "-q", "--secrets", "none"]);
    assert!(none.err.is_empty() && !log.exists(), "{none:#?}");
}

#[test]
fn the_chain_is_written_leaf_first() {
    let directory = scratch();
    let path = file(&directory, "chain.pem");
    for scenario in ["tls13", "tls12", "expired", "compressed"] {
        let document = run(["demo", scenario, "--format", "json", "--certs", text(&path)]).json();
        let blocks = pem::parse_many(fs::read(&path).unwrap()).unwrap();
        let sent: Vec<_> = document["connections"][0]["chain"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|element| element["source"] == "sent")
            .collect();
        assert_eq!(sent[0]["role"], "leaf");
        assert!(sent.len() > 1 && sent.len() == blocks.len(), "{scenario}");
        for (block, element) in blocks.iter().zip(sent) {
            assert_eq!(block.tag(), "CERTIFICATE");
            let (rest, certificate) = x509_parser::parse_x509_certificate(block.contents()).unwrap();
            assert!(rest.is_empty());
            let digits = |text: &str| text.replace(':', "").to_ascii_lowercase();
            let serial = digits(element["serial"].as_str().unwrap());
            assert_eq!(
                digits(&certificate.raw_serial_as_string()).trim_start_matches('0'),
                serial.trim_start_matches('0')
            );
        }
        // It can be judged again.
        let judged = run(["cert", text(&path), "-k", "--format", "json"]).json();
        assert_eq!(
            judged["connections"][0]["chain"][0]["sha256"],
            document["connections"][0]["chain"][0]["sha256"]
        );
    }
    let none = run(["demo", "reset", "-q", "--certs", text(&path)]);
    assert!(none.err.contains("no certificate was sent") && none.code == 4, "{none:#?}");
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[test]
fn handshake_secrets_prove_the_handshake_and_nothing_else() {
    let directory = scratch();
    let path = file(&directory, "saved.json");
    // The server's tickets are waited for, however slow this machine is now.
    let live = run(["demo", "-q", "--settle", "2000", "--save", text(&path), "--secrets", "handshake"]);
    assert!(live.err.contains("the handshake can be decrypted, application data can't"), "{live:#?}");
    let labels: Vec<_> = saved(&path).captures[0].secrets.0.iter().map(|secret| secret.label).collect();
    assert_eq!(labels, [Label::ClientHandshakeTraffic, Label::ServerHandshakeTraffic]);

    let again = run(["read", text(&path), "--format", "json"]);
    let document = again.json();
    assert_eq!(again.code, 0, "{:#}", document["verdict"]);
    for id in ["finished.server", "finished.client", "certificate_verify.server", "certificate.trusted"] {
        assert_eq!(states(&document, id), ["holds"], "{id}");
    }
    // Tickets and close_notify stand under the application keys.
    let connection = &document["connections"][0];
    let sealed = |record: &&serde_json::Value| record["state"] == "sealed";
    assert!(connection["records"].as_array().unwrap().iter().filter(sealed).count() >= 2);
    let messages = connection["messages"].as_array().unwrap();
    assert!(messages.iter().all(|message| message["type"] != "NewSessionTicket"));
    // TLS 1.2 has no such secrets: then none goes in, and that is said.
    let live = run(["demo", "tls12", "-q", "--save", text(&path), "--secrets", "handshake"]);
    assert!(live.err.contains("contains no secrets"), "{live:#?}");
    assert!(saved(&path).captures[0].secrets.0.is_empty());
}

#[test]
fn without_secrets_nothing_is_evaluated_and_nothing_called_wrong() {
    let directory = scratch();
    let path = file(&directory, "saved.json");
    for scenario in ["tls13", "resumption"] {
        let live = run(["demo", scenario, "-q", "--save", text(&path), "--secrets", "none"]);
        assert_eq!((live.code, live.err.as_str()), (0, ""));
        assert!(saved(&path).captures.iter().all(|capture| capture.secrets.0.is_empty()));
        let again = run(["read", text(&path), "--format", "json"]);
        let document = again.json();
        assert_eq!(again.code, 7, "{scenario}: {:#}", document["verdict"]);
        assert_eq!(
            (&document["verdict"]["outcome"], &document["verdict"]["id"]),
            (&json!("unevaluated"), &json!("sealed"))
        );
        for id in ["finished.server", "finished.client"] {
            let states = states(&document, id);
            assert!(!states.is_empty() && states.iter().all(|state| *state == "not_evaluated"), "{id}");
        }
        // The remedy is a command that keeps them.
        let next = document["verdict"]["try"].as_array().unwrap();
        assert!(!next.contains(&json!("none")), "{next:?}");
    }
    // Before TLS 1.3 the certificate is in sight; what is not was verified when it was recorded, and that is said.
    let live = run(["demo", "tls12", "-q", "--save", text(&path), "--secrets", "none"]);
    assert_eq!((live.code, live.err.as_str()), (0, ""));
    let again = run(["read", text(&path), "--format", "json"]);
    let document = again.json();
    assert_eq!((again.code, &document["verdict"]["outcome"]), (0, &json!("ok")), "{:#}", document["verdict"]);
    assert!(document["verdict"]["summary"].as_str().unwrap().contains("verified when recorded"));
    for id in ["finished.server", "finished.client"] {
        assert_eq!(states(&document, id), ["not_evaluated"], "{id}");
    }
    // What did fail has failed without secrets too.
    let live = run(["demo", "reset", "-q", "--save", text(&path), "--secrets", "none"]);
    let again = run(["read", text(&path), "-q"]);
    assert_eq!((again.code, again.out), (4, live.out));
}

/// What was piped is the user's: unless asked, a saved trace has it sealed.
#[test]
fn piped_data_is_saved_without_its_keys() {
    let directory = scratch();
    let path = file(&directory, "saved.json");
    let labels =
        || -> Vec<_> { saved(&path).captures[0].secrets.0.iter().map(|secret| secret.label).collect() };
    let piped = |scenario: &str, flags: &[&str]| {
        let words = [&["demo", scenario, "-q", "--pipe", "--save", text(&path)], flags].concat();
        let mut child = command(words)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"a word").unwrap();
        finish(child.wait_with_output().unwrap())
    };
    let live = piped("tls13", &[]);
    assert_eq!(live.code, 0, "{live:?}");
    assert_eq!(labels(), [Label::ClientHandshakeTraffic, Label::ServerHandshakeTraffic]);
    assert!(live.err.contains("--secrets all saves them"), "{live:?}");
    assert_eq!(run(["read", text(&path), "-q"]).code, 0);
    // Before TLS 1.3 no key opens the handshake alone.
    let live = piped("tls12", &[]);
    assert!(labels().is_empty() && live.err.contains("--secrets all"), "{live:?}");
    let again = run(["read", text(&path), "-q"]);
    assert!(again.code == 0 && again.out.contains("verified when recorded"), "{again:?}");
    let live = piped("tls13", &["--secrets", "all"]);
    assert!(labels().contains(&Label::ClientTraffic), "{live:?}");
}

/// Of each connection in a JSON report, its messages: sender, type, length, whether it was encrypted.
fn messages(report: &str) -> Vec<serde_json::Value> {
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    let of = |connection: &serde_json::Value| {
        let message =
            |it: &serde_json::Value| json!([it["direction"], it["type"], it["length"], it["encrypted"]]);
        connection["messages"].as_array().unwrap().iter().map(message).collect()
    };
    report["connections"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn packets_that_are_taken_away_show_what_the_live_trace_showed() {
    let directory = scratch();
    for scenario in ["tls13", "tls12", "client-cert-missing", "retry", "tls10"] {
        let (pcap, trace) =
            (file(&directory, &format!("{scenario}.pcapng")), file(&directory, &format!("{scenario}.json")));
        let words =
            ["demo", scenario, "--json", "--secrets", "all", "--pcap", text(&pcap), "--save", text(&trace)];
        let live = run(words);
        assert!(live.err.contains(&format!("{} contains the session's secrets", pcap.display())), "{live:?}");
        #[cfg(unix)]
        assert_eq!(crate::lab::mode(&pcap), 0o600);
        let read = run(["read", text(&pcap), "--json"]);
        let seen = messages(&live.out);
        assert!(seen[0].as_array().unwrap().len() > 4, "{seen:?}");
        assert_eq!(messages(&read.out), seen, "{scenario}");
        // The saved trace holds the same.
        let again = file(&directory, "again.pcapng");
        run(["read", text(&trace), "-q", "--secrets", "all", "--pcap", text(&again)]);
        assert_eq!(fs::read(&again).unwrap(), fs::read(&pcap).unwrap(), "{scenario}");
    }
}

#[test]
fn packets_are_taken_away_without_secrets_and_of_several_connections() {
    let directory = scratch();
    let pcap = file(&directory, "several.pcapng");
    let live = run(["demo", "--json", "--repeat", "3", "--secrets", "none", "--pcap", text(&pcap)]);
    assert_eq!((live.code, live.err.as_str()), (0, ""));
    let read = run(["read", text(&pcap), "--json"]);
    let seen = messages(&read.out);
    assert_eq!(seen.len(), 3);
    assert!(!read.out.contains("CertificateVerify") && read.out.contains("ServerHello"));
    // Nothing was connected, so there is nothing in it.
    let shown = run(["127.0.0.1:1", "-q", "--pcap", text(&pcap)]);
    assert_eq!(shown.code, 3);
    assert!(shown.err.contains("there are no packets in"), "{shown:?}");
    let refused = run(["demo", "-q", "--pcap", "-"]);
    assert_eq!(refused.code, 2, "{refused:?}");
}

#[test]
fn one_connection_is_cut_out_with_its_packets_and_its_secrets() {
    let directory = scratch();
    let [all, keys, one] = ["all.pcapng", "keys", "one.pcapng"].map(|name| file(&directory, name));
    let flags = ["--repeat", "3", "--secrets", "all", "--keylog", text(&keys)];
    let live = run(["demo", "--json", "--pcap", text(&all)].into_iter().chain(flags));
    run(["read", text(&all), "--stream", "1", "-q", "--secrets", "all", "--pcap", text(&one)]);
    let read = run(["read", text(&one), "--json"]);
    assert_eq!(messages(&read.out), messages(&live.out)[1..2]);
    let (whole, cut) = (fs::read(&all).unwrap(), fs::read(&one).unwrap());
    assert!(cut.len() < whole.len() / 2, "{} of {}", cut.len(), whole.len());
    let mut randoms: Vec<_> = lines(&keys).into_iter().map(|(_, random)| random).collect();
    randoms.dedup();
    let has = |random: &&String| cut.windows(64).any(|window| window == random.as_bytes());
    assert_eq!((randoms.len(), randoms.iter().filter(has).collect::<Vec<_>>()), (3, vec![&randoms[1]]));
}

#[test]
fn piped_data_is_in_packets_without_its_keys() {
    let directory = scratch();
    let pcap = file(&directory, "data.pcapng");
    for (flags, sealed) in [(&[][..], true), (&["--secrets", "all"], false)] {
        let words = [&["demo", "tls13", "-q", "--pipe", "--pcap", text(&pcap)], flags].concat();
        let mut child = command(words)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let live = finish(child.wait_with_output().unwrap());
        assert_eq!(live.err.contains("its keys are not saved"), sealed, "{live:?}");
        let log = String::from_utf8_lossy(&fs::read(&pcap).unwrap()).into_owned();
        assert!(log.contains("SERVER_HANDSHAKE_TRAFFIC_SECRET"));
        assert_eq!(log.contains("SERVER_TRAFFIC_SECRET_0"), !sealed);
    }
}

/// A saved trace without its secrets.
fn without_secrets(saved: &Path, to: &Path) {
    let mut trace: serde_json::Value = serde_json::from_slice(&fs::read(saved).unwrap()).unwrap();
    for capture in trace["session"]["captures"].as_array_mut().unwrap() {
        assert!(!capture["secrets"].as_array().unwrap().is_empty());
        capture["secrets"] = json!([]);
    }
    fs::write(to, trace.to_string()).unwrap();
}

#[test]
fn what_came_without_secrets_is_decrypted_with_a_key_log() {
    let directory = scratch();
    let [trace, bare, pcap, keys, others] =
        ["trace.json", "bare.json", "bare.pcapng", "keys", "others"].map(|name| file(&directory, name));
    run(["demo", "-q", "--keylog", text(&others)]);
    for scenario in ["tls13", "tls12", "retry", "resumption", "tls10", "cbc", "renegotiation"] {
        let _ = fs::remove_file(&keys);
        let live = run([
            "demo",
            scenario,
            "--json",
            "--secrets",
            "all",
            "--save",
            text(&trace),
            "--keylog",
            text(&keys),
        ]);
        without_secrets(&trace, &bare);
        run(["read", text(&trace), "-q", "--secrets", "none", "--pcap", text(&pcap)]);
        for from in [&bare, &pcap] {
            let opened = run(["read", text(from), "--json", "--decrypt-with", text(&keys)]);
            assert_eq!(messages(&opened.out), messages(&live.out), "{scenario}: {}", opened.err);
            assert!(!opened.err.contains("not decrypted"), "{scenario}: {}", opened.err);
            let sealed = run(["read", text(from), "--json", "--decrypt-with", text(&others)]);
            assert_ne!(messages(&sealed.out), messages(&live.out), "{scenario}");
            assert!(
                sealed.err.contains("not decrypted: no line of a key log has its client random"),
                "{scenario}: {}",
                sealed.err
            );
        }
        // A line, but of another session.
        let wrong: String = fs::read_to_string(&keys)
            .unwrap()
            .lines()
            .map(|line| {
                let (line, secret) = line.rsplit_once(' ').unwrap();
                format!("{line} {}\n", "5a".repeat(secret.len() / 2))
            })
            .collect();
        fs::write(&others, fs::read_to_string(&others).unwrap() + &wrong).unwrap();
        let sealed = run(["read", text(&bare), "--json", "--decrypt-with", text(&others)]);
        assert!(sealed.err.contains("but it belongs to another session"), "{scenario}: {}", sealed.err);
        fs::write(&others, format!("CLIENT_RANDOM {} {}\n", "00".repeat(32), "11".repeat(48))).unwrap();
    }
}

#[test]
fn a_premaster_secret_is_enough() {
    let directory = scratch();
    let [trace, bare, keys] = ["trace.json", "bare.json", "keys"].map(|name| file(&directory, name));
    for scenario in ["rsa-kx", "dhe", "tls10"] {
        let live = run(["demo", scenario, "--json", "--secrets", "all", "--save", text(&trace)]);
        let secrets = &saved(&trace).captures[0].secrets.0;
        let premaster = secrets.iter().find(|secret| secret.label == Label::Premaster).unwrap();
        let (random, premaster) = (hex::encode(&premaster.client_random), hex::encode(&premaster.secret));
        fs::write(&keys, format!("# of a debugger\nPMS_CLIENT_RANDOM {random} {premaster}\n")).unwrap();
        without_secrets(&trace, &bare);
        let opened = run(["read", text(&bare), "--json", "--decrypt-with", text(&keys)]);
        assert_eq!(messages(&opened.out), messages(&live.out), "{scenario}: {}", opened.err);
    }
}

#[test]
fn what_decrypts_nothing_is_refused() {
    let directory = scratch();
    let trace = file(&directory, "trace.json");
    run(["demo", "-q", "--save", text(&trace)]);
    let other = file(&directory, "other");
    fs::write(&other, "a word\n").unwrap();
    let refused = run(["read", text(&trace), "--decrypt-with", text(&other)]);
    assert!(refused.code == 2 && refused.err.contains("needs a key log"), "{refused:?}");
    let refused = run(["read", text(&trace), "--decrypt-with", text(&file(&directory, "none"))]);
    assert!(refused.code == 2 && refused.err.contains("can't read"), "{refused:?}");
}
