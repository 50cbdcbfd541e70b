//! Each warning of weak cryptography against a server that has it.

use std::path::Path;

use tls_trace::run::{Run, Source};

use crate::support::pki::{Key, Pki};
use crate::support::{Server, gnutls};
use crate::{TLS_1_0, TLS_1_2, common, request, s_server};

/// Ids of the warnings, each with its reason, reference and remedy.
fn warnings(server: &Server, version: u16, suite: u16) -> Vec<String> {
    let report = Run::new(Source::One(request(server, version, version, &[suite]))).report().unwrap();
    let judged = &report.connections[0];
    assert!(judged.capture.engine.as_ref().unwrap().complete, "0x{suite:04x}: {:?}", judged.verdict.summary);
    let weak = judged.findings.iter().filter(|finding| finding.id.starts_with("weak."));
    let told = weak.map(|finding| {
        let (cause, remedy) = (&finding.causes[0].text, finding.remedy.as_ref().unwrap());
        assert!(cause.contains("RFC") || cause.contains("CVE"), "{cause}");
        assert!(remedy.text.is_some() && finding.evidence[0].message.is_some(), "{finding:?}");
        finding.id.to_string()
    });
    told.collect()
}

#[track_caller]
fn warned(server: &Server, version: u16, suite: u16, expected: &[&str]) {
    let told = warnings(server, version, suite);
    for id in expected {
        assert!(told.iter().any(|told| told == id), "no {id} among {told:?}");
    }
    assert_eq!(told.len(), expected.len(), "{told:?}");
}

#[test]
fn of_openssl() {
    let pki = Pki::new();
    let directory = common::scratch();
    let server = s_server(&pki.server(Key::Rsa2048), directory.path(), &[]);
    // ECDHE with GCM: nothing.
    warned(&server, TLS_1_2, 0xc02f, &[]);
    warned(&server, TLS_1_2, 0x009c, &["weak.forward_secrecy"]);
    // With encrypt_then_mac CBC is no weakness.
    warned(&server, TLS_1_2, 0xc027, &[]);
    warned(&server, TLS_1_2, 0x003b, &["weak.null", "weak.forward_secrecy"]);
    warned(&server, TLS_1_2, 0x00a6, &["weak.anonymous"]);
    warned(&server, TLS_1_0, 0xc013, &["weak.version", "weak.signature"]);
    warned(&server, 0x0302, 0x002f, &["weak.version", "weak.forward_secrecy"]);
    drop(server);
    let server = s_server(&pki.server(Key::Rsa2048), directory.path(), &["-no_etm"]);
    warned(&server, TLS_1_2, 0xc027, &["weak.cbc"]);
}

#[test]
fn of_gnutls() {
    let pki = Pki::new();
    let priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+ARCFOUR-128:+3DES-CBC:+RSA:+DHE-RSA:+SHA1";
    let credentials = pki.server(Key::Rsa2048);
    let server = gnutls::serve(&credentials, priority, &[]);
    warned(&server, TLS_1_2, 0x0005, &["weak.rc4", "weak.forward_secrecy"]);
    warned(&server, TLS_1_2, 0xc012, &["weak.small_blocks"]);
    let without = format!("{priority}:%NO_SESSION_HASH:%DISABLE_SAFE_RENEGOTIATION");
    let server = gnutls::serve(&credentials, &without, &[]);
    let expected = ["weak.no_secure_renegotiation", "weak.no_extended_master_secret"];
    warned(&server, TLS_1_2, 0xc02f, &expected);
}

/// 1024 bits, and a prime that many servers have: the second Oakley group (RFC 2409, section 6.2).
#[test]
fn of_old_groups() {
    let pki = Pki::new();
    let directory = common::scratch();
    let p = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
             EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
             EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF";
    let integer = [&[2, 0x81, 0x81, 0][..], &hex::decode(p).unwrap()].concat();
    let content = [&integer[..], &[2, 1, 2]].concat();
    let der = [&[0x30, 0x81, content.len() as u8][..], &content].concat();
    let file = directory.path().join("oakley.pem");
    std::fs::write(&file, pem::encode(&pem::Pem::new("DH PARAMETERS", der))).unwrap();
    let flags = ["-dhparam", Path::to_str(&file).unwrap()];
    let server = s_server(&pki.server(Key::Rsa2048), directory.path(), &flags);
    warned(&server, TLS_1_2, 0x009e, &["weak.dh_size", "weak.dh_prime"]);
}
