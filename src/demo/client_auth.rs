//! A server that wants to know its client.

use std::io;
use std::sync::Arc;

use rcgen::ExtendedKeyUsagePurpose;
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;

use super::pki::{self, Pki, good_leaf, leaf_for, subject};
use super::tls::{Recipe, converse};
use super::{Client, HOST, Identity, Plan, Scenario};

pub(super) const CLIENT_CERT: Scenario = Scenario {
    name: "client-cert",
    about: "A client certificate is required, and presented.",
    exit_code: 0,
    setup: || plan(true),
};

pub(super) const CLIENT_CERT_MISSING: Scenario = Scenario {
    name: "client-cert-missing",
    about: "A client certificate is required, and none is sent.",
    exit_code: 4,
    setup: || plan(false),
};

fn plan(present: bool) -> io::Result<Plan> {
    let server = Pki::new()?;
    let clients = pki::root("tls-trace demo Client CA")?;
    let mut accepted = RootCertStore::empty();
    accepted.add(clients.der().clone()).map_err(io::Error::other)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(accepted), provider)
        .build()
        .map_err(io::Error::other)?;
    let recipe = Recipe { client_verifier: verifier, ..Recipe::default() };
    let config = recipe.config(&server.credentials(&good_leaf()?)?)?;
    let certificate = if present { Some(client_identity(&clients)?) } else { None };
    let client = Client { certificate, ..Client::default() };
    Ok(Plan { act: converse(config), host: HOST.into(), ca: server.root_der(), client })
}

pub(super) fn client_identity(issuer: &pki::Authority) -> io::Result<Identity> {
    let mut params = leaf_for(&["client.tls-trace.test"])?;
    params.distinguished_name = subject("demo client");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(pki::issue(&params, issuer)?.identity())
}

#[cfg(test)]
mod tests {
    use super::super::testing::visit;
    use super::*;
    use rustls::AlertDescription;

    #[test]
    fn a_client_that_presents_its_certificate_is_accepted() {
        let seen = visit(&CLIENT_CERT).only();
        assert!(seen.error.is_none() && seen.closed_properly, "{seen:?}");
        assert!(seen.certificate_requested);
        assert_eq!(seen.verified(), Ok(()));
    }

    #[test]
    fn a_client_without_one_is_refused_after_its_handshake_is_complete() {
        let seen = visit(&CLIENT_CERT_MISSING).only();
        assert_eq!(seen.alert(), Some(AlertDescription::CertificateRequired), "{seen:?}");
        assert!(seen.certificate_requested && seen.completed && !seen.closed_properly);
        assert_eq!(seen.verified(), Ok(()));
    }
}
