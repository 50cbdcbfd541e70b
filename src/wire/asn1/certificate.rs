//! Certificates (RFC 5280, section 4.1).
//!
//! What can't be understood is a problem of its field; the other fields are read all the same.

use std::ops::Range;

use super::Bounds;
use super::algorithm::{Algorithm, algorithm};
use super::der::{INTEGER, Tlv, constructed, context};
use super::extensions::{Extensions, extensions};
use super::key::{PublicKey, public_key};
use super::name::{Name, name};
use super::read::{bits, expect, integer, octets, optional, peek, sequence, small, time};
use super::time::Time;
use crate::wire::dissector::{Dissector, Read};
use crate::wire::field::{Malformed, Wrong};

/// A certificate whose skeleton could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate<'a> {
    pub der: &'a [u8],
    /// What is signed.
    pub tbs: Tlv<'a>,
    /// 1, 2 or 3.
    pub version: u64,
    pub serial: Tlv<'a>,
    /// The algorithm as named inside of what is signed.
    pub tbs_algorithm: Algorithm<'a>,
    pub issuer: Name<'a>,
    pub not_before: Option<Time>,
    pub not_after: Option<Time>,
    pub validity: Range<usize>,
    pub subject: Name<'a>,
    /// The whole SubjectPublicKeyInfo.
    pub spki: Tlv<'a>,
    /// None if it can't be read.
    pub key: Option<PublicKey<'a>>,
    /// issuerUniqueID or subjectUniqueID is there.
    pub unique_ids: bool,
    /// `[3]` with all extensions, at the end of what is signed.
    pub extensions_field: Option<Tlv<'a>>,
    pub extensions: Extensions<'a>,
    /// The algorithm as named beside the signature.
    pub algorithm: Algorithm<'a>,
    pub signature: Option<&'a [u8]>,
}

impl<'a> Certificate<'a> {
    /// Reads a certificate. `Err` if not even its skeleton is there.
    pub fn read(der: &'a [u8], bounds: &Bounds) -> Result<Self, Malformed> {
        Self::read_all(der, bounds).map(|(certificate, _)| certificate)
    }

    /// The same, with everything that is wrong with its fields and extensions.
    pub fn read_all(der: &'a [u8], bounds: &Bounds) -> Result<(Self, Vec<Malformed>), Malformed> {
        let (read, problems) = Dissector::facts(der, "Certificate", |d| certificate(d, bounds));
        match read.flatten() {
            Some(certificate) => Ok((certificate, problems)),
            None => Err(super::first(&problems, "Certificate")),
        }
    }

    /// Subject and issuer are the same name.
    pub fn self_issued(&self) -> bool {
        self.subject.same(&self.issuer)
    }

    /// basicConstraints say that it is a CA.
    pub fn is_ca(&self) -> bool {
        self.extensions.basic_constraints.is_some_and(|constraints| constraints.ca)
    }

    /// Where an extension stands, if it is there.
    pub fn extension_range(&self, oid: &[u8]) -> Option<Range<usize>> {
        self.extensions.find(oid).map(|extension| extension.range())
    }
}

/// A certificate. Problems with its parts are told by the dissector; None if a part of the skeleton is missing.
pub fn certificate<'a>(d: &mut Dissector<'a>, bounds: &Bounds) -> Read<Option<Certificate<'a>>> {
    let whole = peek(d, "Certificate")?;
    let certificate = sequence(d, "Certificate", |d| {
        let at = peek(d, "tbsCertificate")?;
        let tbs = sequence(d, "tbsCertificate", |d| to_be_signed(d, bounds))?.flatten();
        let algorithm = algorithm(d, "signatureAlgorithm")?;
        let signature = octets(d, "signatureValue")?;
        Ok(tbs.zip(algorithm).map(|(fields, algorithm)| Certificate {
            der: whole.raw,
            tbs: at,
            version: fields.version,
            serial: fields.serial,
            tbs_algorithm: fields.algorithm,
            issuer: fields.issuer,
            not_before: fields.validity.0,
            not_after: fields.validity.1,
            validity: fields.validity_range,
            subject: fields.subject,
            spki: fields.spki,
            key: fields.key,
            unique_ids: fields.unique_ids,
            extensions_field: fields.extensions_field,
            extensions: fields.extensions,
            algorithm,
            signature,
        }))
    })?;
    Ok(certificate.flatten())
}

/// TBSCertificate.
struct Fields<'a> {
    version: u64,
    serial: Tlv<'a>,
    algorithm: Algorithm<'a>,
    issuer: Name<'a>,
    validity: (Option<Time>, Option<Time>),
    validity_range: Range<usize>,
    subject: Name<'a>,
    spki: Tlv<'a>,
    key: Option<PublicKey<'a>>,
    unique_ids: bool,
    extensions_field: Option<Tlv<'a>>,
    extensions: Extensions<'a>,
}

fn to_be_signed<'a>(d: &mut Dissector<'a>, bounds: &Bounds) -> Read<Option<Fields<'a>>> {
    let version = version(d)?;
    let serial = peek(d, "serialNumber")?;
    integer(d, "serialNumber")?;
    let signature = algorithm(d, "signature")?;
    let issuer = name(d, "issuer")?;
    let validity_range = peek(d, "validity")?.range();
    let validity = sequence(d, "validity", |d| Ok((time(d, "notBefore")?, time(d, "notAfter")?)))?;
    let subject = name(d, "subject")?;
    let spki = peek(d, "subjectPublicKeyInfo")?;
    let key = public_key(d)?;
    let issuer_id = optional(d, "issuerUniqueID", context(1), |d| bits(d, "issuerUniqueID"))?;
    let subject_id = optional(d, "subjectUniqueID", context(2), |d| bits(d, "subjectUniqueID"))?;
    let mut known = Extensions::default();
    let extensions_field =
        if d.is_empty() { None } else { Some(peek(d, "extensions")?).filter(|it| it.tag == constructed(3)) };
    optional(d, "extensions", constructed(3), |d| extensions(d, &mut known, bounds))?;
    Ok(version.zip(signature).map(|(version, algorithm)| Fields {
        version,
        serial,
        algorithm,
        issuer,
        validity: validity.unwrap_or((None, None)),
        validity_range,
        subject,
        spki,
        key,
        unique_ids: issuer_id.is_some() || subject_id.is_some(),
        extensions_field,
        extensions: known,
    }))
}

/// 1, 2 or 3; 1 is the default, which is left out. None if there is one that can't be read.
fn version(d: &mut Dissector<'_>) -> Read<Option<u64>> {
    if super::read::ahead(d) != Some(constructed(0)) {
        return Ok(Some(1));
    }
    let version = expect(d, "version", constructed(0), |d| {
        expect(d, "version", INTEGER, |d| {
            let version = small(d, "version")?;
            match version {
                Some(0) => d.wrong("version", Wrong::Illegal("v1 is the default, which DER omits")),
                Some(version) => d.note(|| format!("v{}", version.saturating_add(1)).into()),
                None => {}
            }
            Ok(version)
        })
    })?;
    Ok(version.flatten().flatten().map(|version| version.saturating_add(1)))
}
