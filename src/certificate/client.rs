//! Which of what a server accepts a client certificate fits (RFC 8446, section 4.4.2.3; RFC 5246, section 7.4.4).

use super::question::Usage;
use crate::capture::Limits;
use crate::trace::State;
use crate::wire::asn1::time::date_time;
use crate::wire::asn1::{Certificate, KeyUsage, Name, oid};
use crate::wire::codepoints::SignatureScheme;
use crate::wire::text;

/// What a CertificateRequest says.
#[derive(Debug, Clone, Default)]
pub struct Accepted<'a> {
    /// DER of each acceptable authority's Name; none: any.
    pub authorities: Vec<&'a [u8]>,
    /// SignatureScheme code points for the handshake's signature.
    pub schemes: Vec<SignatureScheme>,
    /// SignatureScheme code points for certificates; none: `schemes` count.
    pub schemes_certificate: Vec<SignatureScheme>,
    /// ClientCertificateType of TLS 1.2 (1 rsa_sign, 64 ecdsa_sign); none: any.
    pub types: Vec<u8>,
    /// TLS 1.3, where an ECDSA scheme names its curve.
    pub tls13: bool,
}

/// One condition and whether the certificate meets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// `authority`, `scheme`, `signature`, `type`, `usage` or `dates`.
    pub id: &'static str,
    pub state: State,
}

/// Compares the certificates that a client would send, the leaf first, with what the server accepts.
pub fn fits<T: AsRef<[u8]>>(chain: &[T], accepted: &Accepted<'_>, at: i64) -> Vec<Fit> {
    let limits = Limits::DEFAULT;
    let read = chain.iter().take(limits.chain).map(|der| Certificate::read(der.as_ref(), &limits.x509()));
    let certificates: Vec<Certificate<'_>> = match read.collect() {
        Ok(certificates) => certificates,
        Err(problem) => {
            return vec![Fit { id: "type", state: State::Fails(format!("not a certificate: {problem}")) }];
        }
    };
    let Some(leaf) = certificates.first() else {
        return vec![Fit { id: "type", state: State::Fails("there is no certificate".to_owned()) }];
    };
    vec![
        Fit { id: "authority", state: authority(&certificates, accepted) },
        Fit { id: "type", state: kind(leaf, accepted) },
        Fit { id: "scheme", state: scheme(leaf, accepted) },
        Fit { id: "signature", state: signature(&certificates, accepted) },
        Fit { id: "usage", state: purpose(leaf) },
        Fit { id: "dates", state: dates(leaf, at) },
    ]
}

fn authority(chain: &[Certificate<'_>], accepted: &Accepted<'_>) -> State {
    if accepted.authorities.is_empty() {
        return State::Holds;
    }
    let named =
        |name: &Name<'_>| accepted.authorities.iter().any(|authority| Name::new(authority).same(name));
    if chain.iter().any(|certificate| named(&certificate.issuer)) {
        return State::Holds;
    }
    let shown: Vec<String> =
        accepted.authorities.iter().take(3).map(|authority| Name::new(authority).shown()).collect();
    let more = accepted.authorities.len().saturating_sub(3);
    let more = if more > 0 { format!(" or {more} more") } else { String::new() };
    let issuer = chain.last().map_or_else(String::new, |last| last.issuer.shown());
    State::Fails(format!(
        "the server accepts certificates from {}{more}; this chain ends at {issuer}",
        shown.join(", ")
    ))
}

/// The issuer of the last certificate of a client's chain, where the chain may only lack that one: it is not signed by
/// itself, and the server does not name its issuer. Escaped.
pub fn missing_issuer<T: AsRef<[u8]>>(chain: &[T], accepted: &Accepted<'_>) -> Option<String> {
    let last = Certificate::read(chain.last()?.as_ref(), &Limits::DEFAULT.x509()).ok()?;
    let named = accepted.authorities.iter().any(|authority| Name::new(authority).same(&last.issuer));
    (!last.self_issued() && !named).then(|| last.issuer.shown())
}

fn kind(leaf: &Certificate<'_>, accepted: &Accepted<'_>) -> State {
    const RSA_SIGN: u8 = 1;
    const ECDSA_SIGN: u8 = 64;
    if accepted.types.is_empty() {
        return State::Holds;
    }
    let Some(key) = leaf.key else { return State::NotEvaluated("the key can't be read".to_owned()) };
    let (needs, name) = match key.oid {
        oid::RSA | oid::RSA_PSS => (RSA_SIGN, "rsa_sign"),
        oid::EC | oid::ED25519 | oid::ED448 => (ECDSA_SIGN, "ecdsa_sign"),
        _ => return State::NotEvaluated(format!("there is no certificate type for a key of {}", key.text())),
    };
    if accepted.types.contains(&needs) {
        State::Holds
    } else {
        State::Fails(format!("the server does not accept {name}, which a key of {} needs", key.text()))
    }
}

/// Schemes that a key can sign a handshake with.
fn schemes_of(leaf: &Certificate<'_>, tls13: bool) -> Option<Vec<SignatureScheme>> {
    let key = leaf.key?;
    Some(match (key.oid, key.curve) {
        (oid::RSA, _) if tls13 => vec![
            SignatureScheme::rsa_pss_rsae_sha256,
            SignatureScheme::rsa_pss_rsae_sha384,
            SignatureScheme::rsa_pss_rsae_sha512,
        ],
        (oid::RSA, _) => vec![
            SignatureScheme::rsa_pss_rsae_sha256,
            SignatureScheme::rsa_pss_rsae_sha384,
            SignatureScheme::rsa_pss_rsae_sha512,
            SignatureScheme::rsa_pkcs1_sha256,
            SignatureScheme::rsa_pkcs1_sha384,
            SignatureScheme::rsa_pkcs1_sha512,
            SignatureScheme::rsa_pkcs1_sha1,
        ],
        (oid::RSA_PSS, _) => vec![
            SignatureScheme::rsa_pss_pss_sha256,
            SignatureScheme::rsa_pss_pss_sha384,
            SignatureScheme::rsa_pss_pss_sha512,
        ],
        (oid::EC, Some(oid::P256)) if tls13 => vec![SignatureScheme::ecdsa_secp256r1_sha256],
        (oid::EC, Some(oid::P384)) if tls13 => vec![SignatureScheme::ecdsa_secp384r1_sha384],
        (oid::EC, Some(oid::P521)) if tls13 => vec![SignatureScheme::ecdsa_secp521r1_sha512],
        (oid::EC, _) if !tls13 => vec![
            SignatureScheme::ecdsa_secp256r1_sha256,
            SignatureScheme::ecdsa_secp384r1_sha384,
            SignatureScheme::ecdsa_secp521r1_sha512,
            SignatureScheme::ecdsa_sha1,
        ],
        (oid::ED25519, _) => vec![SignatureScheme::ed25519],
        (oid::ED448, _) => vec![SignatureScheme::ed448],
        (oid::ML_DSA_44, _) => vec![SignatureScheme::mldsa44],
        (oid::ML_DSA_65, _) => vec![SignatureScheme::mldsa65],
        (oid::ML_DSA_87, _) => vec![SignatureScheme::mldsa87],
        _ => return None,
    })
}

fn scheme(leaf: &Certificate<'_>, accepted: &Accepted<'_>) -> State {
    if accepted.schemes.is_empty() {
        return State::NotEvaluated("the server names no signature schemes".to_owned());
    }
    let key = leaf.key.map_or_else(|| "an unreadable key".to_owned(), |key| key.text());
    match schemes_of(leaf, accepted.tls13) {
        None => State::NotEvaluated(format!("there is no signature scheme for {key}")),
        Some(schemes) if schemes.iter().any(|scheme| accepted.schemes.contains(scheme)) => State::Holds,
        Some(_) => State::Fails(format!("the server accepts no signature scheme that {key} can make")),
    }
}

/// How the certificates themselves are signed; a self-signed root's own signature does not count.
fn signature(chain: &[Certificate<'_>], accepted: &Accepted<'_>) -> State {
    let schemes = if accepted.schemes_certificate.is_empty() {
        &accepted.schemes
    } else {
        &accepted.schemes_certificate
    };
    if schemes.is_empty() {
        return State::NotEvaluated("the server names no signature schemes".to_owned());
    }
    for certificate in chain.iter().filter(|certificate| !certificate.self_issued()) {
        let possible: &[SignatureScheme] = match certificate.algorithm.oid {
            oid::SHA256_RSA => &[SignatureScheme::rsa_pkcs1_sha256],
            oid::SHA384_RSA => &[SignatureScheme::rsa_pkcs1_sha384],
            oid::SHA512_RSA => &[SignatureScheme::rsa_pkcs1_sha512],
            oid::SHA1_RSA => &[SignatureScheme::rsa_pkcs1_sha1],
            oid::RSA_PSS => &[
                SignatureScheme::rsa_pss_rsae_sha256,
                SignatureScheme::rsa_pss_rsae_sha384,
                SignatureScheme::rsa_pss_rsae_sha512,
                SignatureScheme::rsa_pss_pss_sha256,
                SignatureScheme::rsa_pss_pss_sha384,
                SignatureScheme::rsa_pss_pss_sha512,
            ],
            oid::ECDSA_SHA256 => &[SignatureScheme::ecdsa_secp256r1_sha256],
            oid::ECDSA_SHA384 => &[SignatureScheme::ecdsa_secp384r1_sha384],
            oid::ECDSA_SHA512 => &[SignatureScheme::ecdsa_secp521r1_sha512],
            oid::ECDSA_SHA1 => &[SignatureScheme::ecdsa_sha1],
            oid::ED25519 => &[SignatureScheme::ed25519],
            oid::ED448 => &[SignatureScheme::ed448],
            oid::ML_DSA_44 => &[SignatureScheme::mldsa44],
            oid::ML_DSA_65 => &[SignatureScheme::mldsa65],
            oid::ML_DSA_87 => &[SignatureScheme::mldsa87],
            other => return State::NotEvaluated(format!("there is no scheme for {}", oid::name(other))),
        };
        if !possible.iter().any(|scheme| schemes.contains(scheme)) {
            let (subject, algorithm) =
                (text::escape(&certificate.subject.short()), oid::name(certificate.algorithm.oid));
            return State::Fails(format!(
                "\"{subject}\" is signed with {algorithm}, which the server does not list"
            ));
        }
    }
    State::Holds
}

fn purpose(leaf: &Certificate<'_>) -> State {
    if let Some(purposes) = &leaf.extensions.extended_key_usage
        && !purposes.iter().any(|purpose| [oid::CLIENT_AUTH, oid::ANY_EXTENDED_KEY_USAGE].contains(purpose))
    {
        return State::Fails(format!("the certificate is not for {}", Usage::ClientAuth.name()));
    }
    match leaf.extensions.key_usage {
        Some(bits) if !bits.has(KeyUsage::DIGITAL_SIGNATURE) => {
            State::Fails(format!("its keyUsage lacks digitalSignature: {}", bits))
        }
        _ => State::Holds,
    }
}

fn dates(leaf: &Certificate<'_>, at: i64) -> State {
    match (leaf.not_before, leaf.not_after) {
        (Some(from), _) if at < from.unix => {
            State::Fails(format!("not valid before {}", date_time(from.unix)))
        }
        (_, Some(to)) if at > to.unix => State::Fails(format!("expired on {}", date_time(to.unix))),
        (Some(_), Some(_)) => State::Holds,
        _ => State::NotEvaluated("its dates can't be read".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_fits_and_why_it_does_not() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(["client".to_owned()]).unwrap();
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        let issuer = Certificate::read(&der, &Limits::DEFAULT.x509()).unwrap().issuer.raw.to_vec();
        let at = 1_795_219_200;
        let mut accepted = Accepted {
            authorities: vec![&issuer],
            schemes: vec![SignatureScheme::ecdsa_secp256r1_sha256],
            types: vec![64],
            tls13: true,
            ..Accepted::default()
        };
        assert!(fits(std::slice::from_ref(&der), &accepted, at).iter().all(|fit| fit.state.holds()));

        accepted.authorities = vec![b"\x30\x00"];
        accepted.schemes = vec![SignatureScheme::rsa_pss_rsae_sha256];
        accepted.types = vec![1];
        let failing: Vec<&str> = fits(std::slice::from_ref(&der), &accepted, at + 86_400 * 365)
            .iter()
            .filter(|fit| fit.state.fails())
            .map(|fit| fit.id)
            .collect();
        assert_eq!(failing, ["authority", "type", "scheme", "dates"]);
        assert!(fits::<Vec<u8>>(&[], &accepted, at)[0].state.fails());
    }
}
