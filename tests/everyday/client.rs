//! Client certificates from files, and files that are no good.

use std::fs;

use rustls::pki_types::PrivateKeyDer;
use serde_json::json;

use crate::common::{Run, run, text, tls_trace};
use crate::lab::{Lab, pem, states};
use crate::server::{Clients, Setup};

/// A certificate and its key, PEM.
fn identity(lab: &Lab) -> (String, String) {
    let (certificate, key) = lab.authority.issue("client.test");
    let PrivateKeyDer::Pkcs8(key) = key else { panic!("not PKCS#8") };
    (pem("CERTIFICATE", &certificate), pem("PRIVATE KEY", key.secret_pkcs8_der()))
}

fn write(lab: &Lab, name: &str, content: &str) -> String {
    let path = lab.file(name);
    fs::write(&path, content).unwrap();
    text(&path).to_owned()
}

/// The second handshake asks for it: what it was, and what became of it, is shown all the same.
#[test]
fn a_certificate_that_a_renegotiation_asked_for_is_shown() {
    let document = tls_trace("demo renegotiation --json").json();
    let shown = &document["connections"][0]["client_auth"];
    assert_eq!((&shown["sent"], &shown["outcome"]), (&json!(1), &json!("accepted")), "{shown:#}");
    assert_eq!(shown["schemes"].as_array().unwrap().len(), 2);
    assert!(shown["fits"].as_array().unwrap().iter().all(|fit| fit["state"] == "holds"), "{shown:#}");
    assert_eq!(document["facts"]["verified"], true);
}

/// Against a server that wants one.
fn present(lab: &Lab, clients: Clients, flags: &[&str]) -> Run {
    let address = lab.server(Setup { clients, ..Setup::default() });
    run(lab.words(address, &[flags, &["--format", "json"]].concat()))
}

#[test]
fn it_is_shown_and_taken() {
    let lab = Lab::new();
    let (certificate, key) = identity(&lab);
    let cert = write(&lab, "client.pem", &certificate);
    let key_file = write(&lab, "client.key", &key);
    let both = write(&lab, "both.pem", &(key.clone() + &certificate));
    for flags in [&["--cert", &cert, "--key", &key_file][..], &["--cert", &both]] {
        for version in ["1.2", "1.3"] {
            let shown = present(&lab, Clients::Required, &[flags, &["--tls-max", version]].concat());
            let document = shown.json();
            assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{:#}", document["verdict"]);
            let auth = &document["connections"][0]["client_auth"];
            assert_eq!((&auth["requested"], &auth["outcome"]), (&json!(true), &json!("accepted")), "{auth}");
            assert_eq!(states(&document, "certificate_verify.client"), ["holds"]);
        }
    }
    // Nobody asks: it stays at home.
    let shown = present(&lab, Clients::Anonymous, &["--cert", &both]);
    let auth = shown.json()["connections"][0]["client_auth"].clone();
    assert_eq!(
        (shown.code, &auth["requested"], &auth["outcome"]),
        (0, &json!(false), &json!(null)),
        "{auth}"
    );
}

#[test]
fn without_one_the_verdict_is_the_same_every_time() {
    let lab = Lab::new();
    let address = lab.server(Setup { clients: Clients::Required, ..Setup::default() });
    for nth in 0..10 {
        let shown = run(lab.words(address, &["--format", "json"]));
        let document = shown.json();
        let verdict = &document["verdict"];
        assert_eq!(
            (shown.code, &verdict["id"]),
            (4, &json!("client_cert.required")),
            "run {nth}: {verdict:#}"
        );
    }
    let shown = present(&lab, Clients::Optional, &[]);
    let document = shown.json();
    assert_eq!((shown.code, &document["connections"][0]["client_auth"]["requested"]), (0, &json!(true)));
}

#[test]
fn a_strangers_certificate_is_refused() {
    let (lab, stranger) = (Lab::new(), Lab::stranger());
    let (certificate, key) = identity(&stranger);
    let both = write(&lab, "both.pem", &(certificate + &key));
    let shown = present(&lab, Clients::Required, &["--cert", &both]);
    let document = shown.json();
    assert_eq!((shown.code, &document["verdict"]["id"]), (4, &json!("client_cert.refused")));
    // What is wrong with it is said: it is from none of the authorities that the server named.
    let auth = &document["connections"][0]["client_auth"];
    let state = |id: &str| {
        let fits = auth["fits"].as_array().unwrap();
        fits.iter().find(|fit| fit["id"] == id).map(|fit| fit["state"].clone())
    };
    assert_eq!((state("authority"), state("scheme")), (Some(json!("fails")), Some(json!("holds"))), "{auth}");
}

/// In TLS 1.3 a server that says nothing, or only farewell, has not said that it accepts; before, its Finished says it.
#[test]
fn without_tickets_nothing_tells_that_it_was_taken() {
    let lab = Lab::new();
    let (certificate, key) = identity(&lab);
    let both = write(&lab, "both.pem", &(certificate + &key));
    for (version, expected) in [("1.2", "accepted"), ("1.3", "unknown")] {
        let address = lab.server(Setup { clients: Clients::Required, tickets: 0, ..Setup::default() });
        let flags = ["--cert", &both, "--tls-max", version, "--format", "json"];
        let shown = run(lab.words(address, &flags));
        assert_eq!(shown.code, 0, "{version}: {shown:?}");
        assert_eq!(shown.json()["connections"][0]["client_auth"]["outcome"], expected, "{version}");
    }
}

/// A certificate that goes to somebody unknown is warned of.
#[test]
fn a_certificate_for_an_unverified_server_is_a_finding() {
    let (lab, stranger) = (Lab::new(), Lab::stranger());
    let (certificate, key) = identity(&stranger);
    let both = write(&lab, "both.pem", &(certificate + &key));
    let address = stranger.server(Setup { clients: Clients::Required, ..Setup::default() });
    let document = run(lab.words(address, &["--cert", &both, "--format", "json"])).json();
    let findings = document["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|finding| finding["id"].as_str().unwrap().starts_with("client_cert.")),
        "{findings:#?}"
    );
}

/// So is one for a server that has the right certificate and the wrong key.
#[test]
fn a_certificate_for_an_impostor_is_a_finding() {
    let lab = Lab::new();
    let (certificate, key) = identity(&lab);
    let both = write(&lab, "both.pem", &(certificate + &key));
    for (impostor, found) in [(true, true), (false, false)] {
        for version in ["1.2", "1.3"] {
            let address = lab.server(Setup { clients: Clients::Required, impostor, ..Setup::default() });
            let flags = ["--cert", &both, "--tls-max", version, "--format", "json"];
            let document = run(lab.words(address, &flags)).json();
            let ids: Vec<_> = document["findings"].as_array().unwrap().iter().map(|f| &f["id"]).collect();
            assert_eq!(ids.contains(&&json!("client_cert.to_unverified")), found, "{version}: {ids:?}");
        }
    }
}

/// Exit code 2 before any connection, and a message with the reason and the remedy.
#[test]
fn files_that_are_no_good_are_told() {
    let lab = Lab::new();
    let ((certificate, key), (_, other)) = (identity(&lab), identity(&lab));
    let cert = write(&lab, "client.pem", &certificate);
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let legacy = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMIIB\n-----END RSA PRIVATE KEY-----\n";
    let (encrypted, legacy) = (write(&lab, "enc.key", encrypted), write(&lab, "legacy.key", legacy));
    let (other, empty) = (write(&lab, "other.key", &other), write(&lab, "empty", ""));
    let (key, garbage) =
        (write(&lab, "client.key", &key), write(&lab, "garbage", "neither key nor certificate"));
    for (flags, needles) in [
        (&["--cert", &cert, "--key", &other][..], &["does not belong to its certificate"][..]),
        (&["--cert", &cert, "--key", &encrypted], &["is encrypted", "--passin env:NAME", &encrypted]),
        (&["--cert", &cert, "--key", &legacy], &["is encrypted", "openssl pkcs8 -topk8"]),
        (&["--cert", &cert], &["no private key in", "--key"]),
        (&["--cert", &cert, "--key", &empty], &["empty"]),
        (&["--cert", &cert, "--key", &garbage], &["neither PEM nor DER"]),
        (&["--cert", &cert, "--key", &cert], &["no private key in it, only a certificate"]),
        (&["--cert", &cert, "--key", "/no/such.key"], &["/no/such.key"]),
        (&["--cert", &key, "--key", &key], &["no certificate in it, only a private key"]),
        (&["--cert", &empty, "--key", &key], &["empty"]),
    ] {
        // Nothing listens there: it must not even be tried.
        let shown = run([&["127.0.0.1:1"], flags].concat());
        assert_eq!((shown.code, shown.out.as_str()), (2, ""), "{shown:#?}");
        assert!(needles.iter().all(|needle| shown.err.contains(needle)), "{needles:?}: {}", shown.err);
    }
}

/// Its issuer has the right name, but not the key: the server's word for that is decrypt_error.
#[test]
fn a_certificate_with_a_wrong_signature_is_refused() {
    let (lab, forger) = (Lab::new(), Lab::new());
    let (certificate, key) = identity(&forger);
    let both = write(&lab, "both.pem", &(certificate + &key));
    let shown = present(&lab, Clients::Required, &["--cert", &both]);
    let document = shown.json();
    assert_eq!((shown.code, &document["verdict"]["id"]), (4, &json!("client_cert.refused")));
    assert_eq!(document["connections"][0]["client_auth"]["outcome"], "refused");
}

/// Which alerts are about the client certificate. Before TLS 1.3 they come in clear, so a recording can be changed.
#[test]
fn alerts_about_a_client_certificate() {
    let lab = Lab::new();
    let path = lab.file("saved.json");
    let saved = |flags: &[&str]| {
        let flags = [&["--tls-max", "1.2", "--save", text(&path)], flags].concat();
        assert_eq!(present(&lab, Clients::Required, &flags).code, 4);
        fs::read_to_string(&path).unwrap()
    };
    let stranger = Lab::stranger();
    let (certificate, key) = identity(&stranger);
    let both = write(&lab, "both.pem", &(certificate + &key));
    let (without, with) = (saved(&[]), saved(&["--cert", &both]));
    let read = |recording: &str, description: u8| {
        let (before, after) = recording.split_once("150303000202").unwrap();
        fs::write(&path, format!("{before}150303000202{description:02x}{}", &after[2..])).unwrap();
        let document = run(["read", text(&path), "--format", "json"]).json();
        assert_eq!(document["verdict"]["exit_code"], 4, "{document:#}");
        document["verdict"]["id"].as_str().unwrap().to_owned()
    };
    // handshake_failure, bad_certificate, certificate_expired, unknown_ca, access_denied
    for description in [40, 42, 45, 48, 49] {
        assert_eq!(read(&without, description), "client_cert.required", "{description}");
        assert_eq!(read(&with, description), "client_cert.refused", "{description}");
    }
    // decode_error is GnuTLS's word for an empty Certificate; where none was sent no signature of ours can be wrong.
    assert_eq!(read(&without, 50), "client_cert.required");
    assert_eq!(read(&with, 50), "alert.decode_error");
    assert_eq!(read(&without, 51), "alert.decrypt_error");
    assert_eq!(read(&with, 51), "client_cert.refused");
    assert_eq!(read(&without, 80), "alert.internal_error");
}
