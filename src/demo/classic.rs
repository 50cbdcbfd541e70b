//! The handshake of the textbooks, and of old appliances: what current libraries no longer do.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::classic_server::Server;
use super::client_auth::client_identity;
use super::pki::{Pki, rsa_credentials};
use super::server::hang_up;
use super::{Client, HOST, Plan, Psk, Scenario};
use crate::wire::codepoints::{CipherSuite, ProtocolVersion};

pub(super) const RSA_KX: Scenario = Scenario {
    name: "rsa-kx",
    about: "RSA key exchange: the premaster secret is encrypted.",
    exit_code: 0,
    // TLS_RSA_WITH_AES_128_GCM_SHA256
    setup: || plan(Server { cipher_suite: CipherSuite(0x009c), ..Server::default() }),
};

pub(super) const CBC: Scenario = Scenario {
    name: "cbc",
    about: "CBC and HMAC: each record has an IV, a MAC and padding.",
    exit_code: 0,
    // TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
    setup: || plan(Server { cipher_suite: CipherSuite(0xc013), ..Server::default() }),
};

pub(super) const DHE: Scenario = Scenario {
    name: "dhe",
    about: "Diffie-Hellman in a finite field of 2048 bits.",
    exit_code: 0,
    // TLS_DHE_RSA_WITH_AES_128_GCM_SHA256
    setup: || plan(Server { cipher_suite: CipherSuite(0x009e), ..Server::default() }),
};

pub(super) const TLS10: Scenario = Scenario {
    name: "tls10",
    about: "TLS 1.0 with RSA key exchange and CBC, as in 1999.",
    exit_code: 0,
    setup: || {
        // TLS_RSA_WITH_AES_128_CBC_SHA
        plan(Server {
            version: ProtocolVersion::TLS_1_0,
            cipher_suite: CipherSuite(0x002f),
            extended_master_secret: false,
            ..Server::default()
        })
    },
};

pub(super) const RENEGOTIATION: Scenario = Scenario {
    name: "renegotiation",
    about: "The client certificate is requested by renegotiation.",
    exit_code: 0,
    setup: || {
        let pki = Pki::new()?;
        let certificate = client_identity(&pki.intermediate)?;
        // TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256
        let server = Server { cipher_suite: CipherSuite(0xc027), renegotiates: true, ..Server::default() };
        let mut plan = with(&pki, server)?;
        plan.client.certificate = Some(certificate);
        plan.client.settle = Some(Duration::from_millis(300));
        Ok(plan)
    },
};

pub(super) const PSK: Scenario = Scenario {
    name: "psk",
    about: "Both sides authenticate with a pre-shared key.",
    exit_code: 0,
    setup: || {
        let psk = Psk { identity: b"demo".to_vec(), key: b"a key that both sides have had before".to_vec() };
        // TLS_PSK_WITH_AES_128_GCM_SHA256
        let server = Server { cipher_suite: CipherSuite(0x00a8), psk: psk.key.clone(), ..Server::default() };
        let mut plan = serve(server, super::pki::root("tls-trace demo Root")?.der().to_vec());
        plan.client.psk = Some(psk);
        Ok(plan)
    },
};

fn plan(server: Server) -> io::Result<Plan> {
    with(&Pki::new()?, server)
}

/// With an RSA certificate.
fn with(pki: &Pki, server: Server) -> io::Result<Plan> {
    let credentials = rsa_credentials(pki)?.identity();
    Ok(serve(Server { chain: credentials.chain, key: credentials.key, ..server }, pki.root_der()))
}

fn serve(server: Server, ca: Vec<u8>) -> Plan {
    let (version, suite) = (server.version.0, server.cipher_suite.0);
    let client = Client {
        tls_min: Some(version),
        tls_max: Some(version),
        ciphers: Some(vec![suite]),
        ..Client::default()
    };
    let server = Arc::new(server);
    Plan {
        act: Box::new(move |tcp| {
            // What the client sees of a failure, and what it says of it, is the demonstration.
            let _ = server.serve(tcp);
            hang_up(tcp)
        }),
        host: HOST.into(),
        ca,
        client,
    }
}
