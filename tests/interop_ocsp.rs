//! `--ocsp` against somebody else's responder: `openssl ocsp`.
#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use common::{Run, run, text};
use support::pki::{Credentials, Key, Pki};
use support::{free_port, openssl};

/// A leaf that names the responder on this port.
fn issue(pki: &Pki, file: &str, key: Key, port: u16) -> Credentials {
    let extensions = format!(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
        extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost\n\
        authorityInfoAccess=OCSP;URI:http://127.0.0.1:{port}/"
    );
    pki.issue(file, "localhost", key, &extensions)
}

fn cert(pki: &Pki, leaf: &Credentials, flags: &[&str]) -> Run {
    let chain = text(&leaf.chain);
    let arguments = ["cert", chain, "--verify-name", "localhost", "--width", "400"];
    run([&arguments[..], &["--cacert", text(&pki.root)], flags].concat())
}

/// Signed by the issuer itself, and by a delegate: both are asked about a good, a revoked and an unknown certificate.
#[test]
fn good_revoked_and_unknown() {
    let pki = Pki::new();
    let delegate = pki.issue(
        "delegate",
        "Test Responder",
        Key::EcdsaP256,
        "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored",
    );
    for signer in [None, Some(&delegate)] {
        // The port stands in the certificates, so that it is chosen before the responder starts.
        let port = free_port();
        let [good, revoked, unknown] =
            ["good", "revoked", "unknown"].map(|name| issue(&pki, name, Key::EcdsaP256, port));
        let index = openssl::index(&[(&good, None), (&revoked, Some("251120000000Z,keyCompromise"))]);
        let responder = openssl::responder(&pki, signer, &index, port);

        for leaf in [&good, &revoked] {
            let silent = cert(&pki, leaf, &[]);
            assert_eq!((silent.code, silent.err.as_str()), (0, ""), "nobody is asked: {silent:#?}");
        }
        for (leaf, code, needle) in [
            // The intermediate names nobody who could be asked.
            (&good, 7, "is not revoked (ocsp by "),
            (&revoked, 1, "revoked on 2025-11-20 00:00:00 UTC (keyCompromise) (ocsp by "),
            (&unknown, 7, "does not know"),
        ] {
            let asked = cert(&pki, leaf, &["--ocsp"]);
            assert_eq!((asked.code, asked.err.as_str()), (code, ""), "{asked:#?}\n{}", responder.log());
            assert!(asked.out.contains(needle), "no {needle:?} in {}\n{}", asked.out, responder.log());
            assert!(asked.out.contains(&format!("✓ fetched http://127.0.0.1:{port}/")), "{}", asked.out);
            let json = cert(&pki, leaf, &["--ocsp", "--format", "json"]).json();
            assert_eq!(json["verdict"]["exit_code"], code);
        }
    }
}
