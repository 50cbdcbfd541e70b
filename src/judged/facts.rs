//! What a connection comes to, flat: the names that expectations and filters use.

use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::authenticated::{self, Standard};
use crate::finding::{Case, summary};
use crate::trace::State;

/// Flat: the names that expectations use. Of the connection that decides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Facts {
    /// `TLS 1.3`
    pub tls: Option<String>,
    pub cipher: Option<String>,
    pub group: Option<String>,
    /// Scheme of the server's signature.
    pub sigalg: Option<String>,
    pub alpn: Option<String>,
    /// An earlier session was resumed; null if the server says so and its Finished does not prove it.
    pub resumed: Option<bool>,
    /// A HelloRetryRequest came.
    pub retry: Option<bool>,
    /// Early data was offered and taken.
    pub early_data: Option<bool>,
    /// Until the leaf expires.
    pub days: Option<i64>,
    /// The server is authenticated: chain trusted for the name, handshake signature and both Finished hold (of a chain
    /// from files: it is trusted); null if that could not be evaluated.
    pub verified: Option<bool>,
    /// Both Finished were seen.
    pub complete: bool,
    /// The server asked for a client certificate.
    pub client_certificate_requested: bool,
    /// Fingerprints of our ClientHello.
    pub ja3: Option<String>,
    pub ja4: Option<String>,
}

impl Facts {
    /// Of one connection.
    pub fn of(case: &Case<'_>) -> Self {
        let judgement = case.judgement;
        let verified = match (case.offline(), judgement) {
            (true, Some(judgement)) => judgement.trusted.clone(),
            _ => authenticated::of(case, Standard::Full),
        };
        let mut facts = Facts {
            days: judgement.and_then(|judgement| judgement.elements.first()).and_then(|leaf| leaf.days_left),
            verified: match verified {
                State::Holds => Some(true),
                State::Fails(_) => Some(false),
                State::NotEvaluated(_) => None,
            },
            complete: case.complete(),
            client_certificate_requested: case.certificate_request().is_some(),
            ..Facts::default()
        };
        if let Some((ja3, ja4)) = summary::fingerprints(case.trace()) {
            facts.ja3 = Some(ja3);
            facts.ja4 = Some(ja4);
        }
        if let Some(handshake) = case.trace().current() {
            let known = &handshake.facts;
            facts.tls = known.version.map(|code| code.to_string());
            facts.cipher = known.cipher_suite.map(|code| code.to_string());
            facts.group = known.group.map(|code| code.to_string());
            facts.alpn = summary::alpn(case.trace(), known);
            facts.sigalg = summary::server_scheme(known).map(|scheme| scheme.to_string());
            // A key that was agreed on beforehand is no session.
            let resumed = summary::resumed(case.trace()) && !authenticated::by_shared_key(case);
            facts.resumed =
                known.version.map(|_| resumed).filter(|_| !resumed || summary::resumption_proven(case));
            facts.retry = Some(known.retry.is_some());
            facts.early_data = known.client.map(|client| client.early_data && known.early_data_accepted);
        }
        facts
    }
}
