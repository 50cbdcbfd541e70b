//! What people come to see with an article or a course in their hands: each row is seen on a handshake or explained.

use crate::common::{for_each, run, tls_trace};

/// What articles say, a command, and what its output must have.
const ROWS: &[(&str, &str, &[&str])] = &[
    ("SYN carries a sequence number", "explain SYN", &["sequence number of the client's choice", "plus one"]),
    ("and it is explained where it is seen", "demo --annotate", &["SYN, SYN-ACK, ACK in", "sequence number"]),
    (
        "TLS runs on TCP",
        "explain tls",
        &["between TCP and a protocol", "confidentiality", "integrity", "authentication"],
    ),
    ("asymmetric for keys, symmetric for data", "explain asymmetric", &["same key", "public-key"]),
    (
        "the order of messages",
        "explain handshake",
        &[
            "TLS 1.2, two round trips     TLS 1.3, one round trip",
            "ServerKeyExchange *",
            "* optional",
            "With RSA key exchange there is none",
        ],
    ),
    ("SSL became TLS", "explain ssl", &["SSL 2.0 and 3.0 are broken", "TLS 1.0 and 1.1 are deprecated"]),
    (
        "the premaster secret is encrypted with the public key",
        "explain premaster",
        &["48 bytes of the client's choice"],
    ),
    ("only the private key opens it", "explain private key", &["only be decrypted with the private key"]),
    (
        "randoms and premaster make the master secret",
        "explain master secret",
        &["both randoms", "MAC keys, write keys"],
    ),
    (
        "and both have the same",
        "demo tls12 --show-secrets",
        &["master_secret", "as recomputed", "✓ recomputed over the transcript, equal"],
    ),
    (
        "suites are named so",
        "explain cipher suite",
        &["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "type of the certificate's key (RSA)"],
    ),
    ("TLS_RSA_WITH_AES_128_GCM_SHA256", "explain TLS_RSA_WITH_AES_128_GCM_SHA256", &["No forward secrecy"]),
    ("the session id resumes a session", "explain session id", &["resume that session"]),
    ("the random is 32 random bytes", "explain random", &["32 fresh random bytes", "last eight bytes"]),
    ("the downgrade sentinel", "explain downgrade", &["DOWNGRD", "illegal_parameter"]),
    (
        "the version in the hello is the highest supported",
        "explain supported_versions",
        &["supported_versions"],
    ),
    (
        "the chain is validated against the trust store",
        "explain chain of trust",
        &["on its own machine", "the CA is not contacted"],
    ),
    ("Finished says that the keys are right", "explain message.Finished", &["same keys"]),
    (
        "application data is exchanged",
        "explain application data",
        &["encrypted with the keys of the handshake"],
    ),
    ("records are not packets", "explain packet", &["TCP segments or IP packets"]),
    ("a record's header", "demo tls12 -vv", &["legacy_record_version", "type  handshake (22)"]),
    ("hashing", "explain hashing", &["cannot be forced to a chosen value"]),
    ("MAC and HMAC", "explain hmac", &["HMAC is a MAC built from a hash and a secret key"]),
    ("encryption", "explain encryption", &["symmetric cipher"]),
    ("session key, write key", "explain write key", &["client's write key encrypts what the client sends"]),
    ("trust store", "explain trust store", &["--cacert FILE"]),
    ("root CA, intermediate", "explain root ca", &["must send its intermediates"]),
    ("pinning, with its dangers", "explain pinning", &["outlives its key"]),
    ("when it fails", "explain hardening", &["compare what was offered", "server's own log"]),
    ("use the latest TLS", "explain best practice", &["TLS 1.3 and 1.2 only"]),
];

#[test]
fn every_row_is_seen_or_explained() {
    for_each(
        ROWS,
        |row| row.0.to_owned(),
        |(_, line, needles)| {
            let shown = match line.split_once("explain ") {
                Some((_, question)) => run(["explain", question]),
                None => tls_trace(line),
            };
            // Wherever it breaks.
            let text = shown.out.split_whitespace().collect::<Vec<_>>().join(" ");
            for needle in *needles {
                let needle = needle.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(text.contains(&needle), "{line}: no {needle:?} in {}", shown.out);
            }
            assert_eq!(shown.code, 0, "{shown:#?}");
        },
    );
}

/// What is asked leads there and not astray.
#[test]
fn words_of_the_articles_are_understood() {
    for (word, title) in [
        ("ack", "The TCP handshake"),
        ("tcp", "The TCP handshake"),
        ("rsa", "RSA"),
        ("signature", "Signatures"),
        ("mTLS", "Client certificates (mutual TLS)"),
        ("SNI", "server_name"),
        ("certificate", "Certificates"),
        ("public key", "Public and private keys"),
        ("forward secrecy", "Key exchange"),
    ] {
        let shown = run(["explain", word]);
        assert!(shown.code == 0 && shown.out.starts_with(title), "{word}: {shown:#?}");
    }
}

#[test]
fn other_programs_messages_are_put_into_our_words() {
    for (message, ours) in [
        (
            "curl: (60) SSL certificate problem: unable to get local issuer certificate",
            "cert.missing_intermediate",
        ),
        ("wrong version number", "plaintext"),
        ("error:0A00010B:SSL routines::wrong version number", "plaintext"),
        ("SSL alert number 40", "handshake_failure  40"),
        ("OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to a.example:443", "closed.reset"),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
            "cert.expired",
        ),
        ("sun.security.validator.ValidatorException: PKIX path building failed", "cert.untrusted_root"),
        ("x509: certificate signed by unknown authority", "cert.untrusted_root"),
        ("x509: certificate is valid for a.example, not b.example", "cert.name_mismatch"),
        ("NET::ERR_CERT_AUTHORITY_INVALID", "cert.self_signed"),
        ("Error: self signed certificate in certificate chain", "cert.untrusted_root"),
        ("Received fatal alert: handshake_failure", "handshake_failure  40"),
        ("c02f", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("prime256v1", "secp256r1"),
    ] {
        let shown = run(["explain", message]);
        assert!(shown.code == 0 && shown.out.contains(ours), "{message}: {shown:#?}");
    }
}

/// `--annotate` says each thing once, and on TLS 1.2 nothing of TLS 1.3's disguise.
#[test]
fn notes_are_said_once_and_speak_of_the_version_at_hand() {
    for (scenario, legacy) in [("tls12", false), ("tls13", true), ("resumption", true)] {
        let shown = run(["demo", scenario, "--annotate", "--width", "400"]).out;
        let notes = shown.lines().map(str::trim).filter(|line| line.len() > 120 && line.contains(". "));
        let mut seen = std::collections::HashSet::new();
        for note in notes {
            assert!(seen.insert(note), "{scenario} says it twice: {note}");
        }
        assert_eq!(shown.contains("TLS 1.3 looks like TLS 1.2"), legacy, "{scenario}");
        assert!(shown.contains("on its own machine"), "{scenario}");
    }
    // The certificate and the verdict are explained too.
    let shown = run(["demo", "expired", "--annotate"]).out;
    assert!(shown.contains("Every certificate states until when it is valid"), "{shown}");
}

/// A server that knows TLS 1.3 says so in the random of its TLS 1.2 answer.
#[test]
fn the_downgrade_mark_is_shown_without_asking() {
    use crate::lab::Lab;
    use crate::server::Setup;
    let lab = Lab::new();
    let address = lab.server(Setup::default());
    let shown = run(lab.words(address, &["--tls-max", "1.2"])).out;
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("downgrade sentinel: the server supports TLS 1.3,"), "{shown}");
}
