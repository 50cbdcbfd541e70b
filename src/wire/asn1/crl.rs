//! Certificate revocation lists (RFC 5280, section 5).

use super::Bounds;
use super::algorithm::{Algorithm, algorithm};
use super::der::{GENERALIZED_TIME, INTEGER, SEQUENCE, Tlv, UTC_TIME, constructed};
use super::extensions::{Extensions, extensions};
use super::name::{Name, name};
use super::read::{ahead, content, expect, integer, number, octets, optional, peek, sequence, time};
use super::time::Time;
use crate::wire::dissector::{Dissector, Read};
use crate::wire::field::{Malformed, Wrong};

/// CertificateList.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crl<'a> {
    /// What is signed.
    pub tbs: &'a [u8],
    pub algorithm: Algorithm<'a>,
    pub signature: &'a [u8],
    pub issuer: Name<'a>,
    pub this_update: Time,
    pub next_update: Option<Time>,
    /// The entries, still encoded: lists are long, and one entry is asked for.
    pub revoked: Option<Tlv<'a>>,
    pub extensions: Extensions<'a>,
}

/// An entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked {
    /// Seconds since 1970.
    pub at: i64,
    /// CRLReason.
    pub reason: Option<u8>,
}

impl<'a> Crl<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (read, problems) = Dissector::facts(bytes, "CertificateList", certificate_list);
        read.flatten()
            .filter(|_| problems.is_empty())
            .ok_or_else(|| super::first(&problems, "CertificateList"))
    }

    /// The entry with this serial number, among the first `limit`.
    pub fn find(&self, serial: &[u8], limit: usize) -> Result<Option<Revoked>, Malformed> {
        let Some(list) = &self.revoked else { return Ok(None) };
        let (mut count, mut found) = (0, None);
        let (_, problems) = Dissector::facts(list.value, "revokedCertificates", |d| {
            while found.is_none() && !d.is_empty() {
                count += 1;
                if count > limit {
                    let kind = Wrong::Illegal("more entries than are looked at");
                    return Err(Malformed { field: "revokedCertificates", offset: d.pos(), kind });
                }
                found = entry(d, serial)?;
            }
            // What lies behind it is not looked at.
            content(d, "revokedCertificates")
        });
        problems.first().map_or(Ok(found), |problem| Err(*problem))
    }
}

/// A CertificateList. Its entries are one leaf.
pub fn certificate_list<'a>(d: &mut Dissector<'a>) -> Read<Option<Crl<'a>>> {
    let crl = sequence(d, "CertificateList", |d| {
        let tbs = peek(d, "tbsCertList")?.raw;
        let fields = sequence(d, "tbsCertList", |d| {
            optional(d, "version", INTEGER, |d| number(d, "version"))?;
            algorithm(d, "signature")?;
            let issuer = name(d, "issuer")?;
            let this_update = time(d, "thisUpdate")?;
            let next_update = match ahead(d) {
                Some(UTC_TIME | GENERALIZED_TIME) => time(d, "nextUpdate")?,
                _ => None,
            };
            let revoked =
                if ahead(d) == Some(SEQUENCE) { Some(peek(d, "revokedCertificates")?) } else { None };
            optional(d, "revokedCertificates", SEQUENCE, |d| content(d, "revokedCertificates"))?;
            let mut known = Extensions::default();
            optional(d, "crlExtensions", constructed(0), |d| extensions(d, &mut known, &Bounds::STATUS))?;
            Ok((issuer, this_update, next_update, revoked, known))
        })?;
        let algorithm = algorithm(d, "signatureAlgorithm")?;
        let signature = octets(d, "signatureValue")?;
        let (Some(fields), Some(algorithm), Some(signature)) = (fields, algorithm, signature) else {
            return Ok(None);
        };
        let (issuer, this_update, next_update, revoked, extensions) = fields;
        Ok(this_update.map(|this_update| Crl {
            tbs,
            algorithm,
            signature,
            issuer,
            this_update,
            next_update,
            revoked,
            extensions,
        }))
    })?;
    Ok(crl.flatten())
}

/// An entry of revokedCertificates, if it is about this serial number.
fn entry(d: &mut Dissector<'_>, serial: &[u8]) -> Read<Option<Revoked>> {
    let entry = expect(d, "revokedCertificate", SEQUENCE, |d| {
        if integer(d, "userCertificate")? != Some(serial) {
            content(d, "entry")?;
            return Ok(None);
        }
        let at = time(d, "revocationDate")?;
        let mut known = Extensions::default();
        if !d.is_empty() {
            extensions(d, &mut known, &Bounds::STATUS)?;
        }
        Ok(at.map(|at| Revoked { at: at.unix, reason: known.reason }))
    })?;
    Ok(entry.flatten())
}
