//! Post-quantum signatures, made by OpenSSL 4.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use common::{run, text};
use support::pq;

#[test]
fn a_chain_and_a_handshake_signed_with_ml_dsa_are_verified() {
    for (kind, scheme) in [("44", "mldsa44"), ("65", "mldsa65"), ("87", "mldsa87")] {
        let served = pq::serve(kind);
        let port = served.server.address.port();
        let (target, address) = (format!("localhost:{port}"), format!("127.0.0.1:{port}"));
        let words = [&target, "--connect", &address, "--cacert", text(&served.root), "--format", "json"];
        let shown = run(words).json();
        assert_eq!(shown["verdict"]["exit_code"], 0, "{:#}", shown["verdict"]);
        assert_eq!(shown["facts"]["sigalg"], scheme, "{:#}", shown["facts"]);
        let connection = &shown["connections"][0];
        for check in ["certificate_verify.server", "certificate.signatures", "signature.server.offered"] {
            let checks = connection["checks"].as_array().unwrap();
            let found = checks.iter().find(|found| found["id"] == check).unwrap();
            assert_eq!(found["state"], "holds", "{scheme}: {found}");
        }
        assert!(connection["chain"][0]["key"].as_str().unwrap().contains(&format!("ML-DSA-{kind}")));
        // A root that it does not lead to.
        let other = pq::serve(kind);
        let words = [&target, "--connect", &address, "--cacert", text(&other.root), "-q"];
        let refused = run(words);
        assert_eq!(refused.code, 1, "{refused:?}");
    }
}
