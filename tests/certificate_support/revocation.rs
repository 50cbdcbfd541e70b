//! OCSP responses and CRLs.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use tls_trace::wire::asn1::PublicKey;
use tls_trace::wire::asn1::{der, oid};

use super::{Key, NOW, SEQUENCE, common_name, digits, element, utc_or_generalized};

pub const DAY: i64 = 86_400;
/// What a recipe has unless it says otherwise.
pub const SERIAL: &[u8] = &[0x4a, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/// What a responder says of one certificate.
pub struct Answer<'a> {
    /// The CN of who issued it, and their key.
    pub issuer: &'a str,
    pub issuer_key: &'a Key,
    pub status: Vec<u8>,
    pub from: i64,
    pub to: Option<i64>,
    pub serial: Vec<u8>,
    pub signer: &'a Key,
    pub certificates: Vec<Vec<u8>>,
    pub extensions: Vec<u8>,
}

impl<'a> Answer<'a> {
    /// By the issuer itself, of a certificate with the usual serial number.
    pub fn good(issuer: &'a str, key: &'a Key) -> Self {
        Self {
            issuer,
            issuer_key: key,
            status: element(der::context(0), &[]),
            from: NOW - DAY,
            to: Some(NOW + DAY),
            serial: SERIAL.to_vec(),
            signer: key,
            certificates: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// Revoked a day ago, keyCompromise.
    pub fn revoked(issuer: &'a str, key: &'a Key) -> Self {
        let revoked = [time(NOW - DAY), element(der::constructed(0), &[10, 1, 1])].concat();
        Self { status: element(der::constructed(1), &revoked), ..Self::good(issuer, key) }
    }

    pub fn response(&self) -> Vec<u8> {
        let sha1 = |bytes: &[u8]| digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec();
        let algorithm = element(SEQUENCE, &[element(der::OID, oid::SHA1), vec![5, 0]].concat());
        let id = [
            algorithm,
            element(der::OCTET_STRING, &sha1(&common_name(self.issuer))),
            element(der::OCTET_STRING, &key_hash(self.issuer_key)),
            element(der::INTEGER, &self.serial),
        ];
        let mut single = [element(SEQUENCE, &id.concat()), self.status.clone(), time(self.from)].concat();
        if let Some(to) = self.to {
            single.extend(element(der::constructed(0), &time(to)));
        }
        single.extend(&self.extensions);
        let responder = element(der::constructed(2), &element(der::OCTET_STRING, &key_hash(self.signer)));
        let data = [responder, time(self.from), element(SEQUENCE, &element(SEQUENCE, &single))].concat();
        let data = element(SEQUENCE, &data);
        let mut basic = data.clone();
        basic.extend(element(SEQUENCE, &self.signer.algorithm()));
        basic.extend(element(der::BIT_STRING, &[vec![0], self.signer.sign(&data)].concat()));
        if !self.certificates.is_empty() {
            basic.extend(element(der::constructed(0), &element(SEQUENCE, &self.certificates.concat())));
        }
        let bytes =
            [element(der::OID, oid::OCSP_BASIC), element(der::OCTET_STRING, &element(SEQUENCE, &basic))]
                .concat();
        element(
            SEQUENCE,
            &[vec![10, 1, 0], element(der::constructed(0), &element(SEQUENCE, &bytes))].concat(),
        )
    }
}

pub fn key_hash(key: &Key) -> Vec<u8> {
    let spki = key.spki();
    digest(&SHA1_FOR_LEGACY_USE_ONLY, PublicKey::read(&spki).unwrap().bits).as_ref().to_vec()
}

pub fn time(at: i64) -> Vec<u8> {
    element(der::GENERALIZED_TIME, digits(at).as_bytes())
}

/// A list of `issuer` (a CN), from a day ago on.
pub fn crl(issuer: &str, signer: &Key, next: i64, serials: &[&[u8]], extensions: &[u8]) -> Vec<u8> {
    let algorithm = element(SEQUENCE, &signer.algorithm());
    let entries: Vec<u8> = serials
        .iter()
        .flat_map(|serial| {
            element(SEQUENCE, &[element(der::INTEGER, serial), utc_or_generalized(NOW - DAY)].concat())
        })
        .collect();
    let mut tbs = [
        vec![2, 1, 1],
        algorithm.clone(),
        common_name(issuer),
        utc_or_generalized(NOW - DAY),
        utc_or_generalized(next),
    ]
    .concat();
    if !entries.is_empty() {
        tbs.extend(element(SEQUENCE, &entries));
    }
    if !extensions.is_empty() {
        tbs.extend(element(der::constructed(0), &element(SEQUENCE, extensions)));
    }
    let tbs = element(SEQUENCE, &tbs);
    let signature = element(der::BIT_STRING, &[vec![0], signer.sign(&tbs)].concat());
    element(SEQUENCE, &[tbs, algorithm, signature].concat())
}
