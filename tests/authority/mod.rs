//! Well-formed certificates, written by rcgen, for tests that need no other program. (Odd ones are made from
//! recipes in `certificate_support`; the interop suite's are made by OpenSSL, so that nothing of ours reads what
//! ours wrote.)

#![allow(dead_code, reason = "not every test needs all of it")]

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, RsaKeySize, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        Self::called("Test CA")
    }

    /// A root.
    pub fn called(name: &str) -> Self {
        Self(CertifiedIssuer::self_signed(ca(name), key()).unwrap())
    }

    /// An intermediate of this one.
    pub fn intermediate(&self, name: &str) -> Self {
        Self(CertifiedIssuer::signed_by(ca(name), key(), &self.0).unwrap())
    }

    pub fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// A certificate for `name`, and its key.
    pub fn issue(&self, name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        self.issue_as(CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    /// A certificate that was described otherwise, and its key.
    pub fn issue_as(&self, leaf: CertificateParams) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let key = key();
        let certificate = leaf.signed_by(&key, &self.0).unwrap();
        (certificate.der().clone(), PrivateKeyDer::Pkcs8(key.serialize_der().into()))
    }
}

/// A self-signed certificate for `name`.
pub fn self_signed(name: &str) -> Vec<u8> {
    CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key()).unwrap().der().to_vec()
}

/// A self-signed certificate for `name` with an RSA key of 2048 bits, and the key (PKCS #8).
pub fn self_signed_rsa(name: &str) -> (Vec<u8>, Vec<u8>) {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    (certificate.der().to_vec(), key.serialize_der())
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn ca(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = (date_time_ymd(2025, 1, 1), date_time_ymd(2045, 1, 1));
    params
}
