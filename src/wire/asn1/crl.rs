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
                    let kind = Wrong::Illegal("further entries, not examined");
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

#[cfg(test)]
mod tests {
    use super::super::der::{BIT_STRING, ENUMERATED, OCTET_STRING, OID, element};
    use super::super::extensions::Scope;
    use super::super::oid;
    use super::*;

    fn extension(id: &[u8], value: &[u8]) -> Vec<u8> {
        element(SEQUENCE, &[element(OID, id), element(OCTET_STRING, value)].concat())
    }

    fn time() -> Vec<u8> {
        element(UTC_TIME, b"260101000000Z")
    }

    /// A list with these serial numbers, the second with a reason.
    fn list(serials: &[u8], extensions: &[u8]) -> Vec<u8> {
        let entries: Vec<u8> = serials
            .iter()
            .enumerate()
            .flat_map(|(index, serial)| {
                let reason = extension(oid::REASON_CODE, &element(ENUMERATED, &[4]));
                let more = if index == 1 { element(SEQUENCE, &reason) } else { Vec::new() };
                element(SEQUENCE, &[element(INTEGER, &[*serial]), time(), more].concat())
            })
            .collect();
        let algorithm = element(SEQUENCE, &element(OID, oid::ED25519));
        let name = element(SEQUENCE, &[]);
        let extensions = element(constructed(0), &element(SEQUENCE, extensions));
        let tbs =
            [vec![2, 1, 1], algorithm.clone(), name, time(), time(), element(SEQUENCE, &entries), extensions];
        let parts = [element(SEQUENCE, &tbs.concat()), algorithm, element(BIT_STRING, &[0, 7])];
        element(SEQUENCE, &parts.concat())
    }

    #[test]
    fn entries_are_found_and_counted() {
        let der = list(&[5, 6, 7], &extension(oid::CRL_NUMBER, &[2, 1, 1]));
        let crl = Crl::read(&der).unwrap();
        assert_eq!(crl.find(&[5], 10), Ok(Some(Revoked { at: 1_767_225_600, reason: None })));
        assert_eq!(crl.find(&[6], 2), Ok(Some(Revoked { at: 1_767_225_600, reason: Some(4) })));
        assert_eq!(crl.find(&[9], 3), Ok(None));
        assert!(crl.find(&[7], 2).unwrap_err().to_string().contains("further entries"));
        assert_eq!(crl.next_update.map(|time| time.unix), Some(1_767_225_600));
    }

    #[test]
    fn what_a_list_is_about() {
        // onlyContainsUserCerts, onlySomeReasons, indirectCRL.
        let value = element(SEQUENCE, &[0x81, 1, 0xff, 0x83, 2, 0, 1, 0x84, 1, 0xff]);
        let der = list(&[5], &extension(oid::ISSUING_DISTRIBUTION_POINT, &value));
        let scope = Crl::read(&der).unwrap().extensions.scope.unwrap();
        let expected = Scope { only_user: true, some_reasons: true, indirect: true, ..Scope::default() };
        assert_eq!(scope, expected);
        let value = element(SEQUENCE, &[0x82, 1, 0xff, 0x85, 1, 0xff]);
        let der = list(&[5], &extension(oid::ISSUING_DISTRIBUTION_POINT, &value));
        let scope = Crl::read(&der).unwrap().extensions.scope.unwrap();
        assert_eq!(scope, Scope { only_ca: true, only_attribute: true, ..Scope::default() });
        assert!(Crl::read(&der[..der.len() - 1]).is_err());
        assert!(Crl::read(&[der, vec![0]].concat()).is_err());
    }
}
