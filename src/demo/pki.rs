//! Certificates made at the moment: root → intermediate → leaf, all ECDSA P-256.

use std::io;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};

use super::{HOST, Identity};

/// A certificate authority: its certificate and the key to sign with.
pub(super) type Authority = CertifiedIssuer<'static, KeyPair>;

/// What a server (or client) presents.
pub(super) struct Credentials {
    /// The leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
    /// The OCSP response to staple; empty: none.
    pub staple: Vec<u8>,
}

impl Credentials {
    pub(super) fn identity(&self) -> Identity {
        Identity {
            chain: self.chain.iter().map(|certificate| certificate.to_vec()).collect(),
            key: self.key.secret_der().to_vec(),
        }
    }
}

/// The usual hierarchy.
pub(super) struct Pki {
    pub root: Authority,
    pub intermediate: Authority,
}

impl Pki {
    pub(super) fn new() -> io::Result<Pki> {
        Pki::with_intermediate(authority("tls-trace demo Intermediate CA"))
    }

    pub(super) fn with_intermediate(intermediate: CertificateParams) -> io::Result<Pki> {
        let root = root("tls-trace demo Root")?;
        let intermediate = subordinate(intermediate, &root)?;
        Ok(Pki { root, intermediate })
    }

    pub(super) fn root_der(&self) -> Vec<u8> {
        self.root.der().to_vec()
    }

    /// A leaf of the intermediate, with the chain as it should be sent.
    pub(super) fn credentials(&self, leaf: &CertificateParams) -> io::Result<Credentials> {
        let mut credentials = issue(leaf, &self.intermediate)?;
        credentials.chain.push(self.intermediate.der().clone());
        Ok(credentials)
    }
}

pub(super) fn root(name: &str) -> io::Result<Authority> {
    let mut params = authority(name);
    (params.not_before, params.not_after) = (days(-730), days(3650));
    params.use_authority_key_identifier_extension = false;
    Authority::self_signed(params, KeyPair::generate().map_err(io::Error::other)?).map_err(io::Error::other)
}

pub(super) fn subordinate(params: CertificateParams, issuer: &Authority) -> io::Result<Authority> {
    Authority::signed_by(params, KeyPair::generate().map_err(io::Error::other)?, issuer)
        .map_err(io::Error::other)
}

/// The good leaf with an RSA key, which can encrypt too.
pub(super) fn rsa_credentials(pki: &Pki) -> io::Result<Credentials> {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(io::Error::other)?;
    let mut leaf = good_leaf()?;
    leaf.key_usages.push(KeyUsagePurpose::KeyEncipherment);
    let certificate = leaf.signed_by(&key, &pki.intermediate).map_err(io::Error::other)?;
    let chain = vec![certificate.into(), pki.intermediate.der().clone()];
    Ok(Credentials { chain, key: private(&key), staple: Vec::new() })
}

/// A leaf alone, without its issuer's chain.
pub(super) fn issue(leaf: &CertificateParams, issuer: &Authority) -> io::Result<Credentials> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = leaf.signed_by(&key, issuer).map_err(io::Error::other)?;
    Ok(Credentials { chain: vec![certificate.into()], key: private(&key), staple: Vec::new() })
}

pub(super) fn self_signed(leaf: &CertificateParams) -> io::Result<Credentials> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = leaf.self_signed(&key).map_err(io::Error::other)?;
    Ok(Credentials { chain: vec![certificate.into()], key: private(&key), staple: Vec::new() })
}

/// A CA certificate that others can issue from; for intermediates as it is.
pub(super) fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = subject(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = (days(-365), days(1825));
    params
}

/// The leaf that nothing is wrong with.
pub(super) fn good_leaf() -> io::Result<CertificateParams> {
    leaf_for(&[HOST, "localhost", "127.0.0.1"])
}

/// A server's leaf for these names (DNS or addresses); the first is its common name too.
pub(super) fn leaf_for(names: &[&str]) -> io::Result<CertificateParams> {
    let sans: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(sans).map_err(io::Error::other)?;
    params.distinguished_name = subject(names.first().unwrap_or(&HOST));
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    // A day back, for readers whose clock is a little behind.
    (params.not_before, params.not_after) = (days(-1), days(90));
    Ok(params)
}

/// So many days later than now (or earlier), and an hour: the number of days is the same however long a handshake takes.
pub(super) fn days(n: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::days(n) + Duration::hours(n.signum())
}

pub(super) fn subject(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "tls-trace demo");
    name.push(DnType::CommonName, common_name);
    name
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(key.serialize_der().into())
}
