//! The second verdict: what a rustls client decides (rustls-webpki, its one error).

use std::time::Duration;

use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};

use super::host::Reference;
use super::{Question, Sent, Usage};
use crate::trust;

/// What webpki says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Second {
    /// Ok, or its error in its own words.
    pub verdict: Result<(), String>,
    /// Places in the chain as sent, of the path that it chose, leaf first, without the anchor.
    pub path: Vec<usize>,
}

/// Asks webpki, with the anchors of all stores.
pub fn ask(sent: &Sent<'_>, question: &Question<'_>) -> Second {
    let fails = |error: String| Second { verdict: Err(error), path: Vec::new() };
    let limits = &question.limits;
    let Some((leaf, rest)) = sent.certificates.split_first() else {
        return fails("no certificate".to_owned());
    };
    let anchors: Vec<TrustAnchor<'_>> = trust::webpki_anchors(question.stores);
    let leaf = CertificateDer::from(*leaf);
    let others: Vec<CertificateDer<'_>> =
        rest.iter().chain(&sent.fetched).take(limits.chain).map(|der| CertificateDer::from(*der)).collect();
    let parsed = match EndEntityCert::try_from(&leaf) {
        Ok(parsed) => parsed,
        Err(error) => return fails(format!("{error:?}")),
    };
    // webpki can't express times before 1970.
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(question.at).unwrap_or(0)));
    let usage = match question.usage {
        Usage::ServerAuth => KeyUsage::server_auth(),
        Usage::ClientAuth => KeyUsage::client_auth(),
    };
    let path = match parsed.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &others,
        at,
        usage,
        None,
        None,
    ) {
        Ok(path) => path,
        Err(error) => return fails(format!("{error:?}")),
    };
    let mut places = vec![0];
    for certificate in path.intermediate_certificates() {
        let der = certificate.der();
        places.extend(sent.certificates.iter().position(|sent| *sent == der.as_ref()));
    }
    let name = match question.verify_name.map(Reference::read) {
        None => return Second { verdict: Ok(()), path: places },
        Some(Err(why)) => return Second { verdict: Err(why), path: places },
        Some(Ok(Reference::Ip(address))) => ServerName::IpAddress(address.into()),
        Some(Ok(Reference::Dns(name))) => match ServerName::try_from(name) {
            Ok(name) => name,
            Err(error) => return Second { verdict: Err(error.to_string()), path: places },
        },
    };
    let verdict = parsed.verify_is_valid_for_subject_name(&name).map_err(|error| match error {
        // Its Debug form repeats every name of the certificate.
        webpki::Error::CertNotValidForName(_) => "CertNotValidForName".to_owned(),
        error => format!("{error:?}"),
    });
    Second { verdict, path: places }
}
