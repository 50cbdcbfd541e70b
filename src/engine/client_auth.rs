//! What we answer to a CertificateRequest.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

use super::ClientIdentity;

/// Sends the certificate that it has, and notes that it was asked.
#[derive(Debug)]
pub struct ClientAuth {
    identity: Option<ClientIdentity>,
    requested: AtomicBool,
}

impl ClientAuth {
    pub fn new(identity: Option<ClientIdentity>) -> Self {
        Self { identity, requested: AtomicBool::new(false) }
    }

    /// A new connection begins.
    pub fn reset(&self) {
        self.requested.store(false, Ordering::Relaxed);
    }

    /// Whether the server asked for a certificate. For what exactly is in the recording.
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed)
    }

    /// Whether it would send the same.
    pub fn same(&self, other: &ClientAuth) -> bool {
        let chain = |auth: &ClientAuth| auth.identity.as_ref().map(|identity| identity.0.cert.clone());
        chain(self) == chain(other)
    }
}

impl ResolvesClientCert for ClientAuth {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.requested.store(true, Ordering::Relaxed);
        // The named authorities are not looked at: which certificate to send is the user's
        // decision, and a refusal is worth seeing.
        self.identity.as_ref().map(|identity| identity.0.clone())
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}
