//! What the judge said that it needs, fetched: missing certificates and revocation status.
//!
//! Only when the user asked for it by a flag: a request tells others what is being looked at.

pub mod http;

use std::time::Duration;

use crate::capture::Limits;
use crate::certificate::ocsp::{self, Issuer};
use crate::certificate::{Judgement, MissingIssuer};
use crate::trust::files;
use crate::wire::x509::Certificate;
use crate::wire::x509::key::PublicKey;
use crate::wire::x509::name::Name;

/// What a question to somebody else came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub url: String,
    /// What came, or why nothing did.
    pub result: Result<Vec<u8>, String>,
    pub took: Duration,
}

/// Fetches the certificate that is missing: its URLs in order, until one gives certificates.
/// They need not be the right ones; the judge finds out.
pub async fn missing_issuer(missing: &MissingIssuer, within: Duration) -> (Vec<Vec<u8>>, Vec<Fetched>) {
    let mut asked = Vec::new();
    for url in &missing.urls {
        let limit = Limits::DEFAULT.fetched_bytes;
        let (result, took) = http::timed(http::request(url, None, limit, within)).await;
        let certificates = result.as_deref().map(files::fetched);
        let result = match (&result, &certificates) {
            (Ok(_), Ok(Err(why))) => Err(why.clone()),
            _ => result.clone(),
        };
        asked.push(Fetched { url: url.clone(), result, took });
        if let Ok(Ok(certificates)) = certificates {
            return (certificates, asked);
        }
    }
    (Vec::new(), asked)
}

/// Asks the OCSP responders of the path's certificates, each once; with the place of the certificate among the elements.
pub async fn ocsp(judgement: &Judgement, within: Duration) -> Vec<(usize, Fetched)> {
    let limits = Limits::DEFAULT;
    let mut out = Vec::new();
    for pair in judgement.path.iter().flat_map(|path| path.windows(2)) {
        let &[place, above] = pair else { continue };
        let (Some(subject), Some(issuer)) = (judgement.elements.get(place), judgement.elements.get(above))
        else {
            continue;
        };
        let Ok(certificate) = Certificate::read(&subject.der, &limits.x509()) else { continue };
        let (Some(url), Ok(key)) = (subject.ocsp_urls.first(), PublicKey::read(&issuer.spki, 0)) else {
            continue;
        };
        let request = ocsp::request(&certificate, &Issuer { name: Name::new(&issuer.name), key });
        let (result, took) =
            http::timed(http::request(url, Some(&request), limits.fetched_bytes, within)).await;
        out.push((place, Fetched { url: url.clone(), result, took }));
    }
    out
}
