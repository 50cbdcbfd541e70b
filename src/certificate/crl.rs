//! Certificate revocation lists (RFC 5280, section 5).

use super::ocsp::Issuer;
use super::signature::{self, Verified};
use crate::capture::Limits;
use crate::trace::State;
use crate::wire::x509::Certificate;
use crate::wire::x509::certificate::usage;
use crate::wire::x509::der::{self, Malformed, Reader, SEQUENCE, Tlv, constructed, context};
use crate::wire::x509::name::Name;
use crate::wire::x509::oid;
use crate::wire::x509::time::{Time, date_time};

/// A list, taken apart.
#[derive(Debug, Clone)]
pub struct Crl<'a> {
    pub tbs: &'a [u8],
    pub algorithm: &'a [u8],
    pub signature: &'a [u8],
    pub issuer: Name<'a>,
    pub this_update: Time,
    pub next_update: Option<Time>,
    /// The revoked ones, still encoded: lists are long, and one entry is asked for.
    revoked: Option<Reader<'a>>,
    pub delta: bool,
    pub scope: Scope,
    /// A critical extension that is not understood.
    pub unknown_critical: Option<&'a [u8]>,
}

/// issuingDistributionPoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scope {
    pub only_user: bool,
    pub only_ca: bool,
    pub only_attribute: bool,
    pub some_reasons: bool,
    pub indirect: bool,
}

/// An entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked {
    pub at: i64,
    pub reason: Option<u64>,
}

impl<'a> Crl<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(bytes);
        let mut parts = outer.expect(SEQUENCE, "CertificateList is no SEQUENCE")?.inside();
        outer.end("data behind the CRL")?;
        let tbs = parts.expect(SEQUENCE, "tbsCertList is no SEQUENCE")?;
        let algorithm = parts.expect(SEQUENCE, "CRL without signatureAlgorithm")?.value;
        let signature = parts.expect(der::BIT_STRING, "CRL without signature")?.as_octets()?;
        let mut fields = tbs.inside();
        fields.optional(der::INTEGER)?;
        fields.expect(SEQUENCE, "tbsCertList without signature algorithm")?;
        let issuer = fields.expect(SEQUENCE, "CRL without issuer")?;
        let this_update = Time::read(&fields.any()?)?;
        let next_update = match fields.peek() {
            Some(der::UTC_TIME | der::GENERALIZED_TIME) => Some(Time::read(&fields.any()?)?),
            _ => None,
        };
        let revoked = fields.optional(SEQUENCE)?.map(|list| list.inside());
        let mut crl = Self {
            tbs: tbs.raw,
            algorithm,
            signature,
            issuer: Name { raw: issuer.raw, at: issuer.at },
            this_update,
            next_update,
            revoked,
            delta: false,
            scope: Scope::default(),
            unknown_critical: None,
        };
        if let Some(extensions) = fields.optional(constructed(0))? {
            let mut list = extensions.inside().expect(SEQUENCE, "crlExtensions are no SEQUENCE")?.inside();
            while !list.is_empty() {
                let mut extension = list.expect(SEQUENCE, "extension is no SEQUENCE")?.inside();
                let id = extension.expect(der::OID, "extension without OID")?.value;
                let critical =
                    extension.optional(der::BOOLEAN)?.is_some_and(|flag| flag.as_bool() == Ok(true));
                let value = extension.expect(der::OCTET_STRING, "extension without value")?;
                match id {
                    oid::DELTA_CRL_INDICATOR => crl.delta = true,
                    oid::ISSUING_DISTRIBUTION_POINT => crl.scope = Scope::read(value.inside())?,
                    oid::AUTHORITY_KEY_IDENTIFIER
                    | oid::CRL_NUMBER
                    | oid::FRESHEST_CRL
                    | oid::ISSUER_ALT_NAME => {}
                    _ if critical => crl.unknown_critical = Some(id),
                    _ => {}
                }
            }
        }
        Ok(crl)
    }

    /// The entry with this serial number.
    pub fn find(&self, serial: &[u8], limits: &Limits) -> Result<Option<Revoked>, Malformed> {
        let Some(mut list) = self.revoked.clone() else { return Ok(None) };
        let mut count = 0;
        while !list.is_empty() {
            count += 1;
            if count > limits.status_entries {
                return Err(Malformed { what: "more entries than are looked at", at: list.position() });
            }
            let mut entry = list.expect(SEQUENCE, "entry of a CRL is no SEQUENCE")?.inside();
            if entry.expect(der::INTEGER, "entry without serialNumber")?.value != serial {
                continue;
            }
            let at = Time::read(&entry.any()?)?.unix;
            let mut reason = None;
            if let Some(extensions) = entry.optional(SEQUENCE)? {
                let mut extensions = extensions.inside();
                while !extensions.is_empty() {
                    let mut extension = extensions.expect(SEQUENCE, "extension is no SEQUENCE")?.inside();
                    let id = extension.expect(der::OID, "extension without OID")?.value;
                    extension.optional(der::BOOLEAN)?;
                    let value = extension.expect(der::OCTET_STRING, "extension without value")?;
                    if id == oid::REASON_CODE {
                        reason = Some(
                            value.inside().expect(der::ENUMERATED, "reason is no ENUMERATED")?.as_u64()?,
                        );
                    }
                }
            }
            return Ok(Some(Revoked { at, reason }));
        }
        Ok(None)
    }

    /// Whether the list may be relied on for `subject`, and what it says of it.
    pub fn evaluate(
        &self,
        subject: &Certificate<'_>,
        issuer: &Issuer<'_>,
        issuer_usage: Option<u16>,
        at: i64,
        limits: &Limits,
    ) -> Result<Option<Revoked>, State> {
        let fails = |why: String| Err(State::Fails(why));
        let unknown = |why: &str| Err(State::NotEvaluated(why.to_owned()));
        if issuer_usage.is_some_and(|bits| bits & usage::CRL_SIGN == 0) {
            return fails("the issuer may not sign CRLs: its keyUsage lacks cRLSign".to_owned());
        }
        match signature::verify(&issuer.key, self.algorithm, self.tbs, self.signature) {
            Verified::Yes => {}
            Verified::No => return fails("the CRL is not signed by the issuer".to_owned()),
            Verified::Unsupported(what) => {
                return unknown(&format!("the CRL's signature can't be verified: {what}"));
            }
        }
        if self.delta || self.scope.indirect || self.unknown_critical.is_some() {
            return unknown(
                "the CRL is a delta, an indirect one, or has a critical extension that is not understood",
            );
        }
        if self.scope.only_attribute
            || (self.scope.only_ca && !subject.is_ca())
            || (self.scope.only_user && subject.is_ca())
        {
            return unknown("the CRL is for certificates of another kind");
        }
        if self.this_update.unix > at {
            return fails(format!(
                "the CRL is from the future: thisUpdate {}",
                date_time(self.this_update.unix)
            ));
        }
        if let Some(next) = self.next_update.filter(|next| next.unix < at) {
            return fails(format!("the CRL is out of date: nextUpdate was {}", date_time(next.unix)));
        }
        match self.find(subject.serial.value, limits) {
            Ok(None) if self.scope.some_reasons => unknown("the CRL is about some reasons only"),
            // A hold that was lifted is no revocation.
            Ok(Some(Revoked { reason: Some(8), .. })) => Ok(None),
            Ok(entry) => Ok(entry),
            Err(problem) => fails(format!("the CRL can't be read: {problem}")),
        }
    }
}

impl Scope {
    fn read(mut value: Reader<'_>) -> Result<Self, Malformed> {
        let mut parts = value.expect(SEQUENCE, "issuingDistributionPoint is no SEQUENCE")?.inside();
        parts.optional(constructed(0))?;
        let mut present = |number: u8| parts.optional(context(number));
        let set = |tlv: Option<Tlv<'_>>| tlv.is_some_and(|tlv| tlv.value == [0xff]);
        Ok(Self {
            only_user: set(present(1)?),
            only_ca: set(present(2)?),
            // A BIT STRING: that it is there is enough.
            some_reasons: present(3)?.is_some(),
            indirect: set(present(4)?),
            only_attribute: set(present(5)?),
        })
    }
}
