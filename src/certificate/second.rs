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
use crate::wire::asn1::Certificate;
use crate::wire::asn1::der::{self, SEQUENCE};

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
    let verdict =
        name_holds(&parsed, question).and_then(|()| graph.certificate(0).map_or(Ok(()), handshake_key));
    Second { verdict, path: places, asked: true }
}

/// Whether the name is the leaf's, in webpki's words if not. It has no notion of a URI.
fn name_holds(leaf: &EndEntityCert<'_>, question: &Question<'_>) -> Result<(), String> {
    let name = match question.verify_name.map(Reference::read).transpose()? {
        None | Some(Reference::Uri(_)) => return Ok(()),
        Some(Reference::Ip(address)) => ServerName::IpAddress(address.into()),
        Some(Reference::Dns(name)) => ServerName::try_from(name).map_err(|error| error.to_string())?,
    };
    leaf.verify_is_valid_for_subject_name(&name).map_err(|error| match error {
        // Its Debug form repeats every name of the certificate.
        webpki::Error::CertNotValidForName(_) => "CertNotValidForName".to_owned(),
        error => format!("{error:?}"),
    })
}

/// Whether webpki has an algorithm that verifies what the leaf's key signs: without one a client built on rustls ends the
/// handshake, however good the chain is.
fn handshake_key(leaf: &Certificate<'_>) -> Result<(), String> {
    let Some(key) = leaf.key else { return Ok(()) };
    let known = |algorithm: &&dyn SignatureVerificationAlgorithm| {
        der::content(key.algorithm.raw, SEQUENCE) == Some(algorithm.public_key_alg_id().as_ref())
    };
    // RSA keys count from 2048 bits on (aws-lc-rs, RSA_PKCS1_2048_8192_*).
    let sized = key.rsa.is_none() || key.size().is_some_and(|bits| (2048..=8192).contains(&bits));
    if sized && webpki::ALL_VERIFICATION_ALGS.iter().any(known) {
        return Ok(());
    }
    Err(format!("{UNVERIFIABLE_KEY}: no signature of a key of type {} can be verified", key.text()))
}

/// How the verdict begins where the leaf's key is the reason.
const UNVERIFIABLE_KEY: &str = "UnsupportedLeafKey";

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
        ("CertExpired", &["cert.expired", "cert.ca_expired"]),
        ("CertNotValidYet", &["cert.not_yet_valid"]),
        ("InvalidCertValidity", &["cert.not_yet_valid"]),
        ("CaUsedAsEndEntity", &["cert.leaf_is_ca", "chain.leaf_not_first"]),
        ("EndEntityUsedAsCa", &["cert.not_a_ca"]),
        ("PathLenConstraintViolated", &["cert.path_length"]),
        ("RequiredEkuNotFound", &["cert.extended_key_usage"]),
        ("EmptyEkuExtension", &["cert.malformed"]),
        ("NameConstraintViolation", &["cert.name_constraints"]),
        ("MalformedNameConstraint", &["cert.name_constraints"]),
        ("InvalidNetworkMaskConstraint", &["cert.name_constraints"]),
        ("CertNotValidForName", &["cert.name_mismatch"]),
        ("UnsupportedCertVersion", &["cert.version"]),
        ("UnsupportedCriticalExtension", &["cert.unknown_critical_extension", "cert.criticality"]),
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
        (UNVERIFIABLE_KEY, &["cert.weak_key", "cert.key_kind"]),
    ];
    TABLE.iter().find(|(prefix, _)| error.starts_with(prefix)).map_or(&[], |(_, rules)| rules)
}
