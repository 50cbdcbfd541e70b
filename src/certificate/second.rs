//! The second verdict: what a rustls client decides (rustls-webpki, its one error).

use std::time::Duration;

use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, ServerName, SignatureVerificationAlgorithm,
    TrustAnchor, UnixTime,
};
use webpki::{EndEntityCert, KeyUsage};

use super::graph::{Graph, Known};
use super::host::Reference;
use super::question::{Question, Sent, Usage};
use crate::trust;

/// What webpki says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Second {
    /// Ok, or its error in its own words.
    pub verdict: Result<(), String>,
    /// Places in the chain as sent, of the path that it chose, leaf first, without the anchor.
    pub path: Vec<usize>,
    /// False: the certificates can be combined in so many ways that it was not asked.
    pub asked: bool,
}

/// Asks webpki, with the anchors of all stores.
pub fn ask(sent: &Sent<'_>, question: &Question<'_>, graph: &Graph<'_>) -> Second {
    let fails = |error: String| Second { verdict: Err(error), path: Vec::new(), asked: true };
    let limits = &question.limits;
    // Its own bound, 200 000 calls that each read every certificate anew, is a matter of minutes.
    if graph.too_many_walks() {
        let verdict = Err("not asked: the certificates can be combined in too many ways".to_owned());
        return Second { verdict, path: Vec::new(), asked: false };
    }
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
    let known = graph.verified();
    let remembering: Vec<Remembering<'_>> = webpki::ALL_VERIFICATION_ALGS
        .iter()
        .map(|inner| Remembering { inner: *inner, known: &known })
        .collect();
    let algorithms: Vec<&dyn SignatureVerificationAlgorithm> = remembering.iter().map(|it| it as _).collect();
    let path = match parsed.verify_for_usage(&algorithms, &anchors, &others, at, usage, None, None) {
        Ok(path) => path,
        Err(error) => return fails(format!("{error:?}")),
    };
    let mut places = vec![0];
    for certificate in path.intermediate_certificates() {
        let der = certificate.der();
        places.extend(sent.certificates.iter().position(|sent| *sent == der.as_ref()));
    }
    let name = match question.verify_name.map(Reference::read) {
        None => return Second { verdict: Ok(()), path: places, asked: true },
        Some(Err(why)) => return Second { verdict: Err(why), path: places, asked: true },
        Some(Ok(Reference::Ip(address))) => ServerName::IpAddress(address.into()),
        Some(Ok(Reference::Dns(name))) => match ServerName::try_from(name) {
            Ok(name) => name,
            Err(error) => return Second { verdict: Err(error.to_string()), path: places, asked: true },
        },
    };
    let verdict = parsed.verify_is_valid_for_subject_name(&name).map_err(|error| match error {
        // Its Debug form repeats every name of the certificate.
        webpki::Error::CertNotValidForName(_) => "CertNotValidForName".to_owned(),
        error => format!("{error:?}"),
    });
    Second { verdict, path: places, asked: true }
}

/// An algorithm of webpki's that does not compute again what is known to be good: signatures are most of the work,
/// and both verdicts would use the same primitive for them. Which algorithm is meant, webpki decides.
#[derive(Debug)]
struct Remembering<'k> {
    inner: &'static dyn SignatureVerificationAlgorithm,
    known: &'k [Known<'k>],
}

impl SignatureVerificationAlgorithm for Remembering<'_> {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.signature_alg_id()
    }

    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let same =
            |known: &Known<'_>| known.signature == signature && known.key == key && known.message == message;
        if self.known.iter().any(same) {
            return Ok(());
        }
        self.inner.verify_signature(key, message, signature)
    }
}

/// Which rules of ours say what an error of webpki says; empty for errors that no chain gives.
pub fn rules_of(error: &str) -> &'static [&'static str] {
    const TABLE: &[(&str, &[&str])] = &[
        ("CertExpired", &["cert.expired"]),
        ("CertNotValidYet", &["cert.not_yet_valid"]),
        ("InvalidCertValidity", &["cert.not_yet_valid"]),
        ("CaUsedAsEndEntity", &["cert.leaf_is_ca"]),
        ("EndEntityUsedAsCa", &["cert.not_a_ca"]),
        ("PathLenConstraintViolated", &["cert.path_length"]),
        ("RequiredEkuNotFound", &["cert.extended_key_usage"]),
        ("EmptyEkuExtension", &["cert.malformed"]),
        ("NameConstraintViolation", &["cert.name_constraints"]),
        ("MalformedNameConstraint", &["cert.name_constraints"]),
        ("InvalidNetworkMaskConstraint", &["cert.name_constraints"]),
        ("CertNotValidForName", &["cert.name_mismatch"]),
        ("UnsupportedCertVersion", &["cert.version"]),
        ("UnsupportedCriticalExtension", &["cert.unknown_critical_extension"]),
        ("ExtensionValueInvalid", &["cert.duplicate_extension"]),
        ("SignatureAlgorithmMismatch", &["cert.algorithm_mismatch"]),
        ("InvalidSignatureForPublicKey", &["cert.signature", "cert.weak_key"]),
        ("UnsupportedSignatureAlgorithm", &["cert.signature", "cert.weak_signature", "cert.weak_key"]),
        ("UnknownIssuer", &["cert.untrusted_root", "cert.missing_intermediate", "cert.self_signed"]),
        ("TrailingData", &["cert.malformed"]),
        ("BadDer", &["cert.malformed", "cert.version"]),
        ("MalformedExtensions", &["cert.malformed"]),
        ("InvalidSerialNumber", &["cert.malformed"]),
        ("Maximum", &["chain.limit"]),
    ];
    TABLE.iter().find(|(prefix, _)| error.starts_with(prefix)).map_or(&[], |(_, rules)| rules)
}
