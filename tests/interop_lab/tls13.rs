//! TLS 1.3 with hellos that rustls can't make.

use tls_trace::engine::hello::{Fresh, Opening, Template, profiles};
use tls_trace::engine::lab::Psk;
use tls_trace::engine::{Probe, Request};
use tls_trace::wire::Direction;
use tls_trace::wire::extension::{key_share, signature_algorithms};

use crate::support::pki::{Key, Pki};
use crate::support::{Server, gnutls, openssl};
use crate::{TLS_1_2, TLS_1_3, common, complete, identity, request};

/// Servers of TLS 1.3 and 1.2: OpenSSL, GnuTLS.
fn servers(pki: &Pki) -> [(&'static str, Server); 2] {
    let credentials = pki.server(Key::Rsa2048);
    [("openssl", openssl::serve(&credentials, &[])), ("gnutls", gnutls::serve(&credentials, "NORMAL", &[]))]
}

fn with(request: Request, template: Template) -> Request {
    let template = template.named(Some("localhost")).unwrap();
    Request { probe: Probe { opening: Some(Opening::Hello(template)), ..Probe::default() }, ..request }
}

#[test]
fn hellos_of_well_known_clients_are_completed() {
    let pki = Pki::new();
    for (name, server) in servers(&pki) {
        for client in ["chrome", "firefox", "opera", "curl", "python", "gnutls", "openssl-3", "rustls"] {
            let template = profiles::find(client).unwrap().template().unwrap();
            let request = with(request(&server, TLS_1_2, TLS_1_3, &[]), template);
            let (_, trace) = complete(&request, &format!("{client} with {name}"));
            assert!(trace.handshakes[0].facts.is_tls13(), "{client} with {name}");
        }
    }
}

#[test]
fn unusual_hellos_are_completed() {
    let pki = Pki::new();
    for (name, server) in servers(&pki) {
        let mut base = request(&server, TLS_1_3, TLS_1_3, &[]);
        base.offer.groups = Some(vec![29, 23]);
        let made = Template::offer(&base.offer, Some("localhost")).unwrap();
        let hello = made.build(&mut Fresh::default()).unwrap();

        let mut one_scheme = hello.clone();
        one_scheme.set_extension(signature_algorithms::EXTENSION.code, vec![0, 2, 8, 4]);
        let mut no_session_id = hello.clone();
        no_session_id.session_id.clear();
        // Without a share there is a HelloRetryRequest; without a session id no ChangeCipherSpec of ours.
        let mut no_share = no_session_id.clone();
        no_share.set_extension(key_share::EXTENSION.code, vec![0, 0]);
        for (what, hello) in
            [("one scheme", one_scheme), ("no session id", no_session_id), ("no share", no_share)]
        {
            let request = with(base.clone(), Template::new(hello).unwrap());
            let (_, trace) = complete(&request, &format!("{what} with {name}"));
            let hellos = trace.handshakes[0].client_hellos.len();
            assert_eq!(hellos, if what == "no share" { 2 } else { 1 }, "{what} with {name}");
        }
    }
}

#[test]
fn external_keys_of_gnutls() {
    let pki = Pki::new();
    let directory = common::scratch();
    let file = directory.path().join("psk");
    std::fs::write(&file, "me:00112233445566778899aabbccddeeff\n").unwrap();
    for (priority, groups) in [
        ("NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+PSK:+DHE-PSK:+ECDHE-PSK", None),
        // A key alone, without a share.
        ("NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+PSK", None),
        // A HelloRetryRequest.
        ("NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+ECDHE-PSK:-GROUP-ALL:+GROUP-SECP256R1", Some(vec![29, 23])),
    ] {
        let flags = ["--pskpasswd", file.to_str().unwrap()];
        let server = gnutls::serve(&pki.server(Key::Rsa2048), priority, &flags);
        let mut request = request(&server, TLS_1_3, TLS_1_3, &[0x1301]);
        request.psk = Some(Psk { identity: b"me".to_vec(), key: (0..16).map(|n| n * 0x11).collect() });
        request.offer.groups = groups;
        let (_, trace) = complete(&request, priority);
        assert_eq!(trace.handshakes[0].facts.psk, Some(0), "{priority}");
    }
}

/// record_size_limit: the client's certificate goes out in small records.
#[test]
fn records_are_as_small_as_gnutls_wants_them() {
    let pki = Pki::new();
    let root = pki.root.to_str().unwrap();
    let flags =
        ["--recordsize", "600", "--require-client-cert", "--verify-client-cert", "--x509cafile", root];
    for (version, priority) in
        [(TLS_1_2, "NORMAL:-VERS-ALL:+VERS-TLS1.2"), (TLS_1_3, "NORMAL:-VERS-ALL:+VERS-TLS1.3")]
    {
        let server = gnutls::serve(&pki.server(Key::Rsa2048), priority, &flags);
        let template = profiles::find("firefox").unwrap().template().unwrap();
        let mut request = with(request(&server, TLS_1_2, TLS_1_3, &[]), template);
        request.client = Some(identity(&pki.client(Key::Rsa2048)));
        let (_, trace) = complete(&request, priority);
        assert_eq!(trace.handshakes[0].facts.version.map(u16::from), Some(version));
        let sent = trace.records.iter().filter(|record| record.direction == Direction::Client).skip(1);
        assert!(sent.map(|record| record.length).max().unwrap() < 700);
    }
}
