//! The lab engine against other people's servers: every handshake is complete, and both Finished and the signature
//! are verified again by the fold, over the recording alone.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
#[path = "interop_lab/covering.rs"]
mod covering;
#[path = "interop_lab/pairwise.rs"]
mod pairwise;
#[path = "interop_lab/second_attempt.rs"]
mod second_attempt;
mod support;
#[path = "interop_lab/tls13.rs"]
mod tls13;
#[path = "interop_lab/warnings.rs"]
mod warnings;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use support::pki::{Credentials, Key, Pki};
use support::{Server, apache, gnutls, java, openssl, program};
use tls_trace::capture::{Capture, Intent, Offer};
use tls_trace::connect::Plan;
use tls_trace::engine::lab::{Psk, suites};
use tls_trace::engine::{self, ClientIdentity, Engine, Request, Sessions};
use tls_trace::trace::{Proven, Trace};
use tls_trace::wire::codepoints::cipher_suite::{self, Authentication, Cipher, KeyExchange};

const SSL_3_0: u16 = 0x0300;
const TLS_1_0: u16 = 0x0301;
const TLS_1_2: u16 = 0x0303;
const TLS_1_3: u16 = 0x0304;

/// A request to a server on loopback that is called localhost.
fn request(server: &Server, min: u16, max: u16, ciphers: &[u16]) -> Request {
    Request {
        intent: Intent { sni: Some("localhost".into()), ..Intent::default() },
        connect: Plan { host: "127.0.0.1".into(), port: server.address.port(), ..Plan::default() },
        engine: Engine::Lab,
        offer: Offer {
            min,
            max,
            ciphers: (!ciphers.is_empty()).then(|| ciphers.to_vec()),
            ..Offer::default()
        },
        max_time: Some(std::time::Duration::from_secs(20)),
        ..Request::default()
    }
}

fn perform(request: &Request) -> Capture {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(engine::trace(request)).unwrap()
}

/// Traces, and demands that the handshake be complete and that all that it proves hold.
fn complete(request: &Request, what: &str) -> (Capture, Trace) {
    let capture = perform(request);
    let trace = verified(&capture, what);
    (capture, trace)
}

/// What a complete handshake was, of which everything holds.
fn verified(capture: &Capture, what: &str) -> Trace {
    let trace = Trace::of(capture);
    let end = capture.engine.as_ref().unwrap();
    assert!(end.complete && end.error.is_none(), "{what}: {end:?}");
    assert!(!trace.handshakes.is_empty(), "{what}");
    for handshake in &trace.handshakes {
        assert_eq!(handshake.finished, [true, true], "{what}");
        for proof in &handshake.proofs {
            assert!(proof.state.holds(), "{what}: {proof:?}");
        }
        for finished in [Proven::ServerFinished, Proven::ClientFinished] {
            assert!(handshake.proofs.iter().any(|proof| proof.what == finished), "{what}: {finished:?}");
        }
        let suite = handshake.facts.cipher_suite.unwrap().info().unwrap();
        let signed = matches!(suite.key_exchange, KeyExchange::Dhe | KeyExchange::Ecdhe)
            && suite.authentication != Authentication::Anonymous
            && !handshake.facts.abbreviated;
        let proven = handshake.proofs.iter().any(|proof| proof.what == Proven::ServerKeyExchange);
        assert_eq!(signed, proven, "{what}: the signature of ServerKeyExchange");
    }
    trace
}

fn name(code: u16) -> &'static str {
    cipher_suite::find(code).unwrap().name
}

fn identity(credentials: &Credentials) -> ClientIdentity {
    let chain = CertificateDer::pem_file_iter(&credentials.chain).unwrap().collect::<Result<_, _>>().unwrap();
    ClientIdentity::new(chain, PrivateKeyDer::from_pem_file(&credentials.key).unwrap()).unwrap()
}

/// The suites that the lab engine performs in this version, of this key exchange or proof.
fn performed(version: u16, wanted: impl Fn(&cipher_suite::SuiteInfo) -> bool) -> Vec<u16> {
    let suites = cipher_suite::all().iter().filter(|suite| wanted(suite));
    suites.map(|suite| suite.code).filter(|code| suites::performed(*code, version)).collect()
}

/// What Debian's OpenSSL was built with: neither RC4 nor 3DES.
fn in_openssl(suite: &cipher_suite::SuiteInfo) -> bool {
    !matches!(suite.cipher, Cipher::Rc4 | Cipher::TripleDes | Cipher::Des)
        && (suite.mode, suite.cipher) != (cipher_suite::Mode::Gcm, Cipher::Camellia)
        && suite.openssl.is_some()
}

const OPENSSL: [&str; 4] = ["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "-dhparam", "DHPARAM"];

/// DH parameters of 2048 bits: ffdhe2048.
fn dh_parameters(directory: &std::path::Path) -> String {
    let file = directory.join("dh.pem");
    let mut command = support::program("openssl", "openssl");
    command.args(["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out"]);
    assert!(command.arg(&file).output().unwrap().status.success());
    file.to_str().unwrap().to_owned()
}

fn s_server(credentials: &Credentials, directory: &std::path::Path, flags: &[&str]) -> Server {
    let parameters = dh_parameters(directory);
    let own = OPENSSL.map(|flag| if flag == "DHPARAM" { parameters.as_str() } else { flag });
    openssl::serve(credentials, &[&own, flags].concat())
}

#[test]
fn every_suite_of_openssl_in_every_version() {
    let pki = Pki::new();
    let directory = common::scratch();
    for (key, authentication) in
        [(Key::Rsa2048, Authentication::Rsa), (Key::EcdsaP256, Authentication::Ecdsa)]
    {
        let credentials = pki.server(key);
        let psk = ["-psk_identity", "me", "-psk", "00112233445566778899aabbccddeeff"];
        let server = s_server(&credentials, directory.path(), &psk);
        let mut done = 0;
        for version in TLS_1_0..=TLS_1_2 {
            let wanted = |suite: &cipher_suite::SuiteInfo| {
                let proven = suite.authentication == authentication
                    || (key == Key::Rsa2048
                        && matches!(suite.authentication, Authentication::Anonymous | Authentication::Psk));
                in_openssl(suite) && proven
            };
            for code in performed(version, wanted) {
                let mut request = request(&server, version, version, &[code]);
                request.psk =
                    Some(Psk { identity: b"me".to_vec(), key: (0..16).map(|n| n * 0x11).collect() });
                let what = format!("{} in 0x{version:04x}", name(code));
                let (_, trace) = complete(&request, &what);
                let facts = trace.handshakes[0].facts;
                let chosen = (facts.version.map(u16::from), facts.cipher_suite.map(u16::from));
                assert_eq!(chosen, (Some(version), Some(code)), "{what}");
                assert!(facts.extended_master_secret, "{what}");
                assert_eq!(facts.encrypt_then_mac, suites::is_cbc(code), "{what}");
                done += 1;
            }
        }
        assert!(done >= 20, "{done}");
    }
}

/// Without extended_master_secret and encrypt_then_mac: MAC-then-encrypt, the master secret from both randoms.
#[test]
fn gnutls_without_the_extensions() {
    let pki = Pki::new();
    let priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0:+RSA:+DHE-RSA:+SHA1:+SHA256:+SHA384:\
                    %NO_SESSION_HASH:%NO_ETM:%NO_EXTENSIONS";
    let server = gnutls::serve(&pki.server(Key::Rsa2048), priority, &[]);
    let mut done = 0;
    for version in TLS_1_0..=TLS_1_2 {
        let wanted = |suite: &cipher_suite::SuiteInfo| {
            suite.authentication == Authentication::Rsa
                && suite.key_exchange != KeyExchange::RsaPsk
                && suite.cipher == Cipher::Aes
        };
        for code in performed(version, wanted) {
            let what = format!("{} in 0x{version:04x}", name(code));
            if perform(&request(&server, version, version, &[code])).engine.is_some_and(|end| !end.complete) {
                continue;
            }
            let (_, trace) = complete(&request(&server, version, version, &[code]), &what);
            let facts = trace.handshakes[0].facts;
            assert!(!facts.encrypt_then_mac && !facts.extended_master_secret, "{what}");
            done += 1;
        }
    }
    assert!(done > 12, "{done}");
}

#[test]
fn groups_of_openssl() {
    let pki = Pki::new();
    let directory = common::scratch();
    let server =
        s_server(&pki.server(Key::Rsa2048), directory.path(), &["-groups", "x25519:P-256:P-384:P-521"]);
    for group in [23, 24, 25, 29] {
        for (min, max) in [(TLS_1_0, TLS_1_0), (TLS_1_2, TLS_1_2), (TLS_1_3, TLS_1_3)] {
            let mut request = request(&server, min, max, &[]);
            request.offer.groups = Some(vec![group]);
            let (_, trace) = complete(&request, &format!("group {group}"));
            if max == TLS_1_2 {
                assert_eq!(trace.handshakes[0].facts.group.map(u16::from), Some(group));
            }
        }
    }
    // A HelloRetryRequest: the share is in a group that the server does not have.
    let mut request = request(&server, TLS_1_3, TLS_1_3, &[]);
    request.offer.groups = Some(vec![4588, 24]);
    let (_, trace) = complete(&request, "HelloRetryRequest");
    assert_eq!(trace.handshakes[0].client_hellos.len(), 2);
}

#[test]
fn rc4_and_3des_of_gnutls() {
    let pki = Pki::new();
    let priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0:+ARCFOUR-128:+3DES-CBC:+RSA:+DHE-RSA:\
                    +ANON-DH:+ANON-ECDH:+MD5:+SHA1:+CAMELLIA-128-CBC:+CAMELLIA-256-CBC:+CAMELLIA-128-GCM:\
                    +CAMELLIA-256-GCM:+AES-128-CCM-8:+AES-256-CCM-8:+NULL:%COMPAT:%ALLOW_SMALL_RECORDS:+SHA256:+SHA384";
    let server = gnutls::serve(&pki.server(Key::Rsa2048), priority, &[]);
    let mut done = Vec::new();
    for version in TLS_1_0..=TLS_1_2 {
        let wanted = |suite: &cipher_suite::SuiteInfo| {
            matches!(suite.cipher, Cipher::Rc4 | Cipher::TripleDes | Cipher::Camellia | Cipher::Null)
                && matches!(suite.authentication, Authentication::Rsa | Authentication::Anonymous)
                && suite.key_exchange != KeyExchange::RsaPsk
        };
        for code in performed(version, wanted) {
            let what = format!("{} in 0x{version:04x}", name(code));
            let capture = perform(&request(&server, version, version, &[code]));
            // GnuTLS has fewer than IANA has.
            if capture.engine.as_ref().is_some_and(|end| !end.complete) {
                continue;
            }
            complete(&request(&server, version, version, &[code]), &what);
            done.push((version, code));
        }
    }
    for wanted in
        [(TLS_1_0, 0x0005), (TLS_1_0, 0x000a), (TLS_1_2, 0x0005), (TLS_1_2, 0x0041), (TLS_1_2, 0xc07a)]
    {
        assert!(done.contains(&wanted), "{wanted:x?} is not among {done:x?}");
    }
}

#[test]
fn java_down_to_ssl_3() {
    let pki = Pki::new();
    let server = java::serve_everything(&pki.server(Key::Rsa2048), &["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"]);
    let mut done = Vec::new();
    for version in SSL_3_0..=TLS_1_2 {
        let wanted = |suite: &cipher_suite::SuiteInfo| {
            matches!(suite.authentication, Authentication::Rsa | Authentication::Anonymous)
        };
        for code in performed(version, wanted) {
            let what = format!("{} in 0x{version:04x}", name(code));
            let capture = perform(&request(&server, version, version, &[code]));
            if capture.engine.as_ref().is_some_and(|end| !end.complete) {
                continue;
            }
            complete(&request(&server, version, version, &[code]), &what);
            done.push((version, code));
        }
    }
    for wanted in [(SSL_3_0, 0x002f), (SSL_3_0, 0x000a), (TLS_1_0, 0x0005), (TLS_1_2, 0x009c)] {
        assert!(done.contains(&wanted), "{wanted:x?} is not among {done:x?}");
    }
}

#[test]
fn client_certificates() {
    let pki = Pki::new();
    let directory = common::scratch();
    let root = pki.root.to_str().unwrap().to_owned();
    let server = s_server(
        &pki.server(Key::Rsa2048),
        directory.path(),
        &["-Verify", "2", "-verify_return_error", "-CAfile", &root],
    );
    for (key, versions) in [
        (Key::Rsa2048, vec![TLS_1_0, 0x0302, TLS_1_2, TLS_1_3]),
        (Key::EcdsaP256, vec![TLS_1_2, TLS_1_3]),
        (Key::EcdsaP384, vec![TLS_1_2, TLS_1_3]),
    ] {
        let client = identity(&pki.client(key));
        for version in versions {
            let mut request = request(&server, version, version, &[]);
            request.client = Some(client.clone());
            let what = format!("{key:?} in 0x{version:04x}");
            let (_, trace) = complete(&request, &what);
            let proofs = &trace.handshakes[0].proofs;
            assert!(proofs.iter().any(|proof| proof.what == Proven::ClientCertificateVerify), "{what}");
        }
    }
    // A server that names no CA takes any.
    let any = s_server(&pki.server(Key::Rsa2048), directory.path(), &["-Verify", "2"]);
    for version in [TLS_1_0, TLS_1_2, TLS_1_3] {
        let mut request = request(&any, version, version, &[]);
        request.client = Some(identity(&pki.client(Key::Rsa2048)));
        let (_, trace) = complete(&request, "any CA");
        let authorities = trace.handshakes[0].facts.certificate_request_authorities;
        assert!(authorities.is_none_or(|list| list.is_empty()), "0x{version:04x}");
        assert!(!trace.chain(0, tls_trace::wire::Direction::Client).is_empty(), "0x{version:04x}");
    }
    // Without one the server refuses.
    let end = perform(&request(&server, TLS_1_2, TLS_1_2, &[])).engine.unwrap();
    assert!(!end.complete && !end.refused, "{end:?}");
}

#[test]
fn resumption_by_ticket_and_by_session_id() {
    let pki = Pki::new();
    let directory = common::scratch();
    for flags in [&[][..], &["-no_ticket"]] {
        let server = s_server(&pki.server(Key::Rsa2048), directory.path(), flags);
        for version in TLS_1_0..=TLS_1_2 {
            let mut request = request(&server, version, version, &[]);
            request.resumption = Some(Sessions::new());
            complete(&request, "first");
            let (capture, trace) = complete(&request, "second");
            assert!(capture.engine.unwrap().resumed, "{flags:?} 0x{version:04x}");
            assert!(trace.handshakes[0].facts.abbreviated, "{flags:?} 0x{version:04x}");
        }
    }
}

#[test]
fn external_keys_in_tls_1_3() {
    let pki = Pki::new();
    let directory = common::scratch();
    let flags = ["-psk_identity", "me", "-psk", "00112233445566778899aabbccddeeff", "-tls1_3"];
    let server = s_server(&pki.server(Key::Rsa2048), directory.path(), &flags);
    let mut request = request(&server, TLS_1_3, TLS_1_3, &[0x1301]);
    request.psk = Some(Psk { identity: b"me".to_vec(), key: (0..16).map(|n| n * 0x11).collect() });
    let (_, trace) = complete(&request, "psk");
    assert_eq!(trace.handshakes[0].facts.psk, Some(0));
    assert!(trace.chain(0, tls_trace::wire::Direction::Server).is_empty());
    // With a HelloRetryRequest the binder is made again.
    request.offer.groups = Some(vec![25, 29]);
    request.offer.shares = Some(vec![]);
    let (_, trace) = complete(&request, "psk after a HelloRetryRequest");
    assert_eq!((trace.handshakes[0].facts.psk, trace.handshakes[0].client_hellos.len()), (Some(0), 2));
}

/// Apache asks for a certificate for one path only: HelloRequest, and a second handshake inside the first.
#[test]
fn client_certificates_by_renegotiation() {
    let pki = Pki::new();
    let server = apache::serve_old(&pki.server(Key::Rsa2048), &pki.root);
    for version in [TLS_1_0, TLS_1_2] {
        let mut request = request(&server, version, version, &[]);
        request.client = Some(identity(&pki.client(Key::Rsa2048)));
        request.pipe_hold = std::time::Duration::from_secs(5);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut answer = Vec::new();
        let prepared = engine::prepare(&request).unwrap();
        let capture = runtime.block_on(
            prepared.pipe(&mut &b"GET /secret/ HTTP/1.0\r\nHost: localhost\r\n\r\n"[..], &mut answer),
        );
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.contains("for known clients"), "0x{version:04x}: {answer}");
        let trace = Trace::of(&capture.unwrap());
        assert_eq!(trace.handshakes.len(), 2, "0x{version:04x}");
        for handshake in &trace.handshakes {
            assert_eq!(handshake.finished, [true, true]);
            assert!(handshake.proofs.iter().all(|proof| proof.state.holds()), "{:?}", handshake.proofs);
        }
        let proofs = &trace.handshakes[1].proofs;
        assert!(proofs.iter().any(|proof| proof.what == Proven::ClientCertificateVerify), "0x{version:04x}");
    }
}

/// tshark, given the key log, opens the same records and names the same suite.
#[test]
fn tshark_agrees() {
    let pki = Pki::new();
    let directory = common::scratch();
    let server = s_server(&pki.server(Key::Rsa2048), directory.path(), &[]);
    for (version, code) in [
        (TLS_1_0, 0x002f),
        (0x0302, 0xc013),
        (TLS_1_2, 0x003c),
        (TLS_1_2, 0xc09c),
        (TLS_1_2, 0x009e),
        (TLS_1_3, 0x1303),
    ] {
        let (capture, _) = complete(&request(&server, version, version, &[code]), name(code));
        let (wire, log) = (directory.path().join("lab.pcap"), directory.path().join("lab.keys"));
        std::fs::write(&wire, support::pcap::pcap(&capture)).unwrap();
        std::fs::write(&log, capture.secrets.key_log()).unwrap();
        let mut command = program("tshark", "tshark");
        command.env("HOME", directory.path()).env("XDG_CONFIG_HOME", directory.path());
        command.arg("-o").arg(format!("tls.keylog_file:{}", log.display())).arg("-r").arg(&wire);
        command.args(["-T", "fields", "-e", "tls.handshake.type", "-e", "tls.handshake.ciphersuite"]);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let numbers: Vec<&str> = said.split([',', '\n', '\t']).collect();
        // Finished, which only the keys show.
        assert_eq!(numbers.iter().filter(|number| **number == "20").count(), 2, "{}: {said}", name(code));
        assert!(said.contains(&format!("0x{code:04x}")), "{}: {said}", name(code));
    }
}
