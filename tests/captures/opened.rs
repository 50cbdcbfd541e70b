//! Captures that are opened with what is not in them.

use tls_trace::capture::{Capture, Label};
use tls_trace::trace::Trace;
use tls_trace::wire::handshake::types::CLIENT_KEY_EXCHANGE;

use super::{demo, pcap, pcapng, read, write};
use crate::common::{scratch, text};

/// The line of an RSA key exchange in an NSS key log: the start of what the client encrypted, and the premaster secret.
fn rsa_line(capture: &Capture) -> (String, String) {
    let trace = Trace::of(capture);
    let exchange = &trace.first(CLIENT_KEY_EXCHANGE).unwrap().1.bytes;
    let premaster = capture.secrets.0.iter().find(|secret| secret.label == Label::Premaster).unwrap();
    // Behind the message's header and the length.
    (hex::encode(&exchange[6..14]), hex::encode(&premaster.secret))
}

#[test]
fn a_premaster_secret_opens_an_rsa_key_exchange() {
    let folder = scratch();
    let capture = demo(&folder, "rsa-kx");
    let path = write(&folder, "t.pcap", &pcap::pcap(&capture));
    let (name, premaster) = rsa_line(&capture);
    let opened = |line: String| {
        let log = write(&folder, "keys.txt", format!("# NSS\n{line}\n").as_bytes());
        read(&path, &["--decrypt-with", text(&log)])
    };

    let right = opened(format!("RSA {name} {premaster}"));
    assert_eq!(right.out.matches("recomputed over the transcript, equal").count(), 2, "{right:#?}");
    assert_eq!(right.err, "");

    let wrong = opened(format!("RSA {name} {}00", &premaster[..94]));
    assert!(!wrong.out.contains("transcript, equal"), "{wrong:#?}");
    assert!(
        wrong.err.contains("there is a secret for its client random, but it belongs to another session"),
        "{wrong:#?}"
    );
    assert_eq!(wrong.code, 7, "{wrong:#?}");
    assert!(wrong.out.contains("NOT EVALUATED · handshake not verifiable: wrong secrets"), "{wrong:#?}");

    for (line, why) in [
        (format!("RSA {name} {}", &premaster[2..]), "there are no secrets in it"),
        (format!("RSA {name}00 {premaster}"), "there are no secrets in it"),
        (format!("RSA {} {premaster}", "00".repeat(8)), "no line of a key log has its client random"),
    ] {
        let shown = opened(line);
        assert!(shown.err.contains(why), "{shown:#?}");
        assert_eq!(shown.code, 7, "{shown:#?}");
    }
}

/// The same line in a block of a capture file.
#[test]
fn an_embedded_premaster_secret_opens_an_rsa_key_exchange() {
    let folder = scratch();
    let capture = demo(&folder, "rsa-kx");
    let (name, premaster) = rsa_line(&capture);
    let classic = pcap::several([&capture, &capture].into_iter());
    let path = write(&folder, "t.pcapng", &pcapng(&classic, &format!("RSA {name} {premaster}\n"), false));
    for stream in ["0", "1"] {
        let shown = read(&path, &["--stream", stream]);
        assert_eq!(shown.out.matches("recomputed over the transcript, equal").count(), 2, "{shown:#?}");
        assert_eq!(shown.err, "");
    }
    // What is cut out of it can be opened with what is cut out with it.
    let cut = folder.path().join("one.pcapng");
    let _ = read(&path, &["--stream", "1", "--pcap", text(&cut), "-q"]);
    let again = read(&cut, &[]);
    assert_eq!(again.out.matches("recomputed over the transcript, equal").count(), 2, "{again:#?}");
}
