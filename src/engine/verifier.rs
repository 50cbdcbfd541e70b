//! The engine's own judgement of the server's certificate.
//!
//! The certificates are judged from the recording, behind the capture; here they pass, so that the
//! trace goes on whatever the server shows. With `--enforce` rustls decides as an ordinary client
//! does, over our anchors, name and time, and its alert goes out on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::Error;
use crate::capture::{Anchor, Ech, Intent, Limits, Question};
use crate::trust::webpki_anchor;
use crate::wire::asn1::Certificate;
use crate::wire::asn1::general_name::{GeneralName, uri_matches};

/// Lets everything pass, or enforces a [`Policy`].
#[derive(Debug)]
pub struct Verifier {
    /// What goes into signature_algorithms.
    schemes: Vec<SignatureScheme>,
    policy: Option<Policy>,
    refused: AtomicBool,
    /// rustls asks for this name where the server rejected ECH: the public name of the configuration.
    public_name: Option<ServerName<'static>>,
}

/// What `--enforce` enforces.
#[derive(Debug)]
struct Policy {
    /// Chain, name and dates are accepted as they are (`-k`); signatures and pins are not.
    insecure: bool,
    anchors: Arc<[Anchor]>,
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
    /// `None`: the name is not judged.
    name: Option<Name>,
    /// `None`: now.
    at: Option<UnixTime>,
    /// One of them must be the leaf's, if there are any.
    pins: Vec<String>,
}

/// What the leaf has to be for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Name {
    Server(ServerName<'static>),
    /// A SPIFFE ID, for example.
    Uri(String),
}

impl Verifier {
    /// As `intent` and `question` say.
    pub fn new(
        intent: &Intent,
        question: &Question,
        anchors: &Arc<[Anchor]>,
        schemes: Vec<SignatureScheme>,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Result<Self, Error> {
        let policy =
            question.enforce.then(|| Policy::new(intent, question, anchors, algorithms)).transpose()?;
        Ok(Self { schemes, policy, refused: AtomicBool::new(false), public_name: None })
    }

    /// The same with ECH: a server that rejects it is judged for its public name (RFC 9849, section 6.1.7).
    /// `name`: what rustls asks for otherwise.
    pub fn rejecting_for(self, ech: Option<&Ech>, name: &ServerName<'_>) -> Self {
        let public =
            ech.and_then(Ech::public_name).and_then(|public| ServerName::try_from(public.to_owned()).ok());
        Self { public_name: public.filter(|public| public != name), ..self }
    }

    /// A new connection begins.
    pub fn reset(&self) {
        self.refused.store(false, Ordering::Relaxed);
    }

    /// Whether it refused the server's certificate.
    pub fn refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// Whether it would decide the same.
    pub fn same(&self, other: &Verifier) -> bool {
        let policy = |verifier: &Verifier| {
            let policy = verifier.policy.as_ref();
            policy.map(|p| {
                (p.insecure, p.anchors.clone(), p.name.clone(), p.at.map(|at| at.as_secs()), p.pins.clone())
            })
        };
        self.schemes == other.schemes
            && policy(self) == policy(other)
            && self.public_name == other.public_name
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(policy) = &self.policy {
            let public = self.public_name.as_ref().filter(|public| *public == name);
            let public = public.map(|public| Name::Server(public.clone()));
            let verdict =
                policy.judge(public.as_ref().or(policy.name.as_ref()), end_entity, intermediates, now);
            self.refused.store(verdict.is_err(), Ordering::Relaxed);
            verdict?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match &self.policy {
            Some(policy) => verify_tls12_signature(message, cert, dss, &policy.algorithms),
            None => Ok(HandshakeSignatureValid::assertion()),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match &self.policy {
            Some(policy) => verify_tls13_signature(message, cert, dss, &policy.algorithms),
            None => Ok(HandshakeSignatureValid::assertion()),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

impl Policy {
    fn new(
        intent: &Intent,
        question: &Question,
        anchors: &Arc<[Anchor]>,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Result<Self, Error> {
        let name = intent.verify_name.as_deref().map(|name| match name.contains("://") {
            true => Ok(Name::Uri(name.to_owned())),
            false => ServerName::try_from(name.to_owned())
                .map(Name::Server)
                .map_err(|_| Error(format!("`{name}` can't be the name in a certificate"))),
        });
        let at = question.at.map(|at| {
            let seconds = u64::try_from(at).map_err(|_| Error("--at is before 1970".into()))?;
            Ok(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
        });
        Ok(Self {
            insecure: question.insecure,
            roots: RootCertStore {
                roots: anchors.iter().filter_map(webpki_anchor).map(|anchor| anchor.to_owned()).collect(),
            },
            anchors: anchors.clone(),
            algorithms,
            name: name.transpose()?,
            at: at.transpose()?,
            pins: question.pins.clone(),
        })
    }

    fn judge(
        &self,
        name: Option<&Name>,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let now = self.at.unwrap_or(now);
        let leaf = ParsedCertificate::try_from(end_entity)?;
        if !self.pins.is_empty() {
            let pin = STANDARD.encode(digest(&SHA256, &leaf.subject_public_key_info()));
            if !self.pins.contains(&pin) {
                return Err(CertificateError::ApplicationVerificationFailure.into());
            }
        }
        if self.insecure {
            return Ok(());
        }
        if self.anchors.iter().any(|anchor| anchor.certificate.as_deref() == Some(end_entity)) {
            in_force(end_entity, now)?;
        } else {
            let algorithms = self.algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&leaf, &self.roots, intermediates, now, algorithms)?;
        }
        match name {
            Some(Name::Server(name)) => verify_server_name(&leaf, name),
            Some(Name::Uri(uri)) => names_uri(end_entity, uri),
            None => Ok(()),
        }
    }
}

/// Whether a certificate is for this URI, which webpki does not look at.
fn names_uri(certificate: &CertificateDer<'_>, uri: &str) -> Result<(), rustls::Error> {
    let certificate = Certificate::read(certificate, &Limits::DEFAULT.x509());
    let names = certificate.ok().and_then(|it| it.extensions.alt_names).unwrap_or_default();
    let mut uris = names.iter().filter_map(|it| match it.name {
        GeneralName::Uri(presented) => Some(presented),
        _ => None,
    });
    match uris.any(|presented| uri_matches(presented, uri)) {
        true => Ok(()),
        false => Err(CertificateError::NotValidForName.into()),
    }
}

/// Whether a leaf that is itself an anchor has begun and not ended. webpki refuses such a leaf if
/// it may also sign others, as those made by `openssl req -x509` may; curl and openssl take it.
fn in_force(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), rustls::Error> {
    let certificate = Certificate::read(certificate, &Limits::DEFAULT.x509());
    let validity = certificate.ok().and_then(|it| it.not_before.zip(it.not_after));
    let (from, until) = validity.ok_or(CertificateError::BadEncoding)?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if now < from.unix {
        Err(CertificateError::NotValidYet.into())
    } else if now > until.unix {
        Err(CertificateError::Expired.into())
    } else {
        Ok(())
    }
}
