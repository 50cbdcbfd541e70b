//! OCSP (RFC 6960): a response read and evaluated, a request written.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};

use super::signature::{self, Verified};
use crate::capture::Limits;
use crate::trace::State;
use crate::wire::text;
use crate::wire::x509::Certificate;
use crate::wire::x509::der::{self, Malformed, Reader, SEQUENCE, Tlv, constructed, context, element};
use crate::wire::x509::key::PublicKey;
use crate::wire::x509::name::Name;
use crate::wire::x509::oid;
use crate::wire::x509::time::{Time, date_time};

/// A response, taken apart.
#[derive(Debug, Clone)]
pub struct Response<'a> {
    /// OCSPResponseStatus; only 0 (successful) has the rest.
    pub status: u64,
    pub basic: Option<Basic<'a>>,
}

/// BasicOCSPResponse.
#[derive(Debug, Clone)]
pub struct Basic<'a> {
    /// What is signed.
    pub data: &'a [u8],
    /// AlgorithmIdentifier's content.
    pub algorithm: &'a [u8],
    pub signature: &'a [u8],
    pub responder: Responder<'a>,
    pub produced_at: Time,
    pub singles: Vec<Single<'a>>,
    /// Certificates that came along, for a responder that is not the issuer.
    pub certificates: Vec<&'a [u8]>,
}

/// Who says that it signed.
#[derive(Debug, Clone, Copy)]
pub enum Responder<'a> {
    Name(Name<'a>),
    /// SHA-1 of its public key.
    KeyHash(&'a [u8]),
}

/// SingleResponse.
#[derive(Debug, Clone, Copy)]
pub struct Single<'a> {
    pub hash: &'a [u8],
    pub issuer_name_hash: &'a [u8],
    pub issuer_key_hash: &'a [u8],
    pub serial: &'a [u8],
    pub status: Status,
    pub this_update: Time,
    pub next_update: Option<Time>,
    /// SignedCertificateTimestampList.
    pub scts: Option<&'a [u8]>,
}

/// CertStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Good,
    Revoked {
        at: i64,
        /// CRLReason.
        reason: Option<u64>,
    },
    Unknown,
}

impl<'a> Response<'a> {
    pub fn read(bytes: &'a [u8], limits: &Limits) -> Result<Self, Malformed> {
        let mut outer = Reader::new(bytes);
        let mut parts = outer.expect(SEQUENCE, "OCSPResponse is no SEQUENCE")?.inside();
        outer.end("data behind the OCSP response")?;
        let status = parts.expect(der::ENUMERATED, "OCSP response without status")?.as_u64()?;
        let Some(bytes) = parts.optional(constructed(0))? else {
            return Ok(Self { status, basic: None });
        };
        let mut bytes = bytes.inside().expect(SEQUENCE, "ResponseBytes is no SEQUENCE")?.inside();
        let kind = bytes.expect(der::OID, "OCSP response without a type")?;
        if kind.value != oid::OCSP_BASIC {
            return Err(Malformed { what: "OCSP response of a type other than basic", at: kind.at });
        }
        let basic = bytes.expect(der::OCTET_STRING, "OCSP response without content")?;
        Ok(Self { status, basic: Some(Basic::read(basic.inside(), limits)?) })
    }
}

impl<'a> Basic<'a> {
    fn read(mut outer: Reader<'a>, limits: &Limits) -> Result<Self, Malformed> {
        let mut parts = outer.expect(SEQUENCE, "BasicOCSPResponse is no SEQUENCE")?.inside();
        let data = parts.expect(SEQUENCE, "ResponseData is no SEQUENCE")?;
        let algorithm = parts.expect(SEQUENCE, "OCSP response without signatureAlgorithm")?;
        let signature = parts.expect(der::BIT_STRING, "OCSP response without signature")?.as_octets()?;
        let mut certificates = Vec::new();
        if let Some(list) = parts.optional(constructed(0))? {
            let mut list =
                list.inside().expect(SEQUENCE, "certificates of an OCSP response are no SEQUENCE")?.inside();
            while !list.is_empty() && certificates.len() < limits.chain {
                certificates.push(list.any()?.raw);
            }
        }
        let mut fields = data.inside();
        fields.optional(constructed(0))?;
        let responder = fields.any()?;
        let responder = match responder.tag {
            tag if tag == constructed(1) => {
                let name = responder.inside().expect(SEQUENCE, "responder's name is no SEQUENCE")?;
                Responder::Name(Name { raw: name.raw, at: name.at })
            }
            tag if tag == constructed(2) => Responder::KeyHash(
                responder
                    .inside()
                    .expect(der::OCTET_STRING, "responder's key hash is no OCTET STRING")?
                    .value,
            ),
            _ => return Err(Malformed { what: "OCSP response without responderID", at: responder.at }),
        };
        let produced_at = Time::read(&fields.any()?)?;
        let mut list = fields.expect(SEQUENCE, "OCSP response without responses")?.inside();
        let mut singles = Vec::new();
        while !list.is_empty() && singles.len() < limits.status_entries {
            singles.push(Single::read(&list.expect(SEQUENCE, "SingleResponse is no SEQUENCE")?)?);
        }
        Ok(Self {
            data: data.raw,
            algorithm: algorithm.value,
            signature,
            responder,
            produced_at,
            singles,
            certificates,
        })
    }
}

impl<'a> Single<'a> {
    fn read(tlv: &Tlv<'a>) -> Result<Self, Malformed> {
        let mut parts = tlv.inside();
        let mut id = parts.expect(SEQUENCE, "CertID is no SEQUENCE")?.inside();
        let mut algorithm = id.expect(SEQUENCE, "CertID without hashAlgorithm")?.inside();
        let hash = algorithm.expect(der::OID, "hashAlgorithm without OID")?.value;
        let issuer_name_hash = id.expect(der::OCTET_STRING, "CertID without issuerNameHash")?.value;
        let issuer_key_hash = id.expect(der::OCTET_STRING, "CertID without issuerKeyHash")?.value;
        let serial = id.expect(der::INTEGER, "CertID without serialNumber")?.value;
        let status = parts.any()?;
        let status = match status.tag {
            tag if tag == context(0) => Status::Good,
            tag if tag == constructed(1) => {
                let mut info = status.inside();
                let at = Time::read(&info.any()?)?.unix;
                let reason = match info.optional(constructed(0))? {
                    Some(tagged) => {
                        Some(tagged.inside().expect(der::ENUMERATED, "reason is no ENUMERATED")?.as_u64()?)
                    }
                    None => None,
                };
                Status::Revoked { at, reason }
            }
            tag if tag == context(2) => Status::Unknown,
            _ => return Err(Malformed { what: "CertStatus of an unknown kind", at: status.at }),
        };
        let this_update = Time::read(&parts.any()?)?;
        let next_update = match parts.optional(constructed(0))? {
            Some(tagged) => Some(Time::read(&tagged.inside().any()?)?),
            None => None,
        };
        let mut scts = None;
        if let Some(extensions) = parts.optional(constructed(1))? {
            let mut list = extensions.inside().expect(SEQUENCE, "extensions are no SEQUENCE")?.inside();
            while !list.is_empty() {
                let mut extension = list.expect(SEQUENCE, "extension is no SEQUENCE")?.inside();
                let id = extension.expect(der::OID, "extension without OID")?.value;
                extension.optional(der::BOOLEAN)?;
                let value = extension.expect(der::OCTET_STRING, "extension without value")?;
                if id == oid::OCSP_SCT_LIST {
                    scts =
                        Some(value.inside().expect(der::OCTET_STRING, "SCT list is no OCTET STRING")?.value);
                }
            }
        }
        Ok(Self { hash, issuer_name_hash, issuer_key_hash, serial, status, this_update, next_update, scts })
    }
}

/// The issuer of the certificate that a response is about.
#[derive(Debug, Clone, Copy)]
pub struct Issuer<'a> {
    pub name: Name<'a>,
    pub key: PublicKey<'a>,
}

/// What a response says about one certificate, and whether that may be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Only if the response is about this certificate.
    pub status: Option<Status>,
    /// It is well formed, about this certificate, signed by the right one, and fresh.
    pub usable: State,
    /// Who signed it; escaped.
    pub responder: Option<String>,
    pub this_update: Option<i64>,
    pub next_update: Option<i64>,
    /// SignedCertificateTimestampList in it.
    pub scts: Option<Vec<u8>>,
}

/// Evaluates a response for `subject`, which `issuer` issued. Clocks may differ by five minutes.
pub fn evaluate(
    bytes: &[u8],
    subject: &Certificate<'_>,
    issuer: &Issuer<'_>,
    at: i64,
    limits: &Limits,
) -> Answer {
    const SKEW: i64 = 300;
    let mut answer = Answer {
        status: None,
        usable: State::Holds,
        responder: None,
        this_update: None,
        next_update: None,
        scts: None,
    };
    let fails = |mut answer: Answer, why: String| {
        answer.usable = State::Fails(why);
        answer
    };
    let response = match Response::read(bytes, limits) {
        Ok(response) => response,
        Err(problem) => return fails(answer, format!("not an OCSP response: {problem}")),
    };
    let Some(basic) = response.basic.filter(|_| response.status == 0) else {
        return fails(answer, format!("the responder says {}", status_name(response.status)));
    };
    answer.responder = Some(match basic.responder {
        Responder::Name(name) => text::escape(&name.short()),
        Responder::KeyHash(hash) => format!("key {}", hex::encode(hash)),
    });
    let Some(single) = basic.singles.iter().find(|single| about(single, subject, issuer)) else {
        return fails(answer, "the response is about another certificate".to_owned());
    };
    answer.status = Some(single.status);
    answer.this_update = Some(single.this_update.unix);
    answer.next_update = single.next_update.map(|time| time.unix);
    answer.scts = single.scts.map(<[u8]>::to_vec);
    match signed(&basic, issuer, at, limits) {
        State::Holds => {}
        other => {
            answer.usable = other;
            return answer;
        }
    }
    if single.this_update.unix > at.saturating_add(SKEW) {
        let why =
            format!("the response is from the future: thisUpdate {}", date_time(single.this_update.unix));
        return fails(answer, why);
    }
    match single.next_update {
        Some(next) if next.unix.saturating_add(SKEW) < at => {
            fails(answer, format!("the response is out of date: nextUpdate was {}", date_time(next.unix)))
        }
        // Without nextUpdate newer information is always there (RFC 6960, section 4.2.2.1): a day is taken as fresh.
        None if single.this_update.unix.saturating_add(86_400) < at => {
            fails(answer, "the response has no nextUpdate and is older than a day".to_owned())
        }
        _ => answer,
    }
}

/// Whether a SingleResponse is about this certificate.
fn about(single: &Single<'_>, subject: &Certificate<'_>, issuer: &Issuer<'_>) -> bool {
    let algorithm = match single.hash {
        oid::SHA1 => &SHA1_FOR_LEGACY_USE_ONLY,
        oid::SHA256 => &SHA256,
        oid::SHA384 => &SHA384,
        oid::SHA512 => &SHA512,
        _ => return false,
    };
    single.serial == subject.serial.value
        && digest(algorithm, issuer.key.bits).as_ref() == single.issuer_key_hash
        && (digest(algorithm, subject.issuer.raw).as_ref() == single.issuer_name_hash
            || digest(algorithm, issuer.name.raw).as_ref() == single.issuer_name_hash)
}

/// Whether the issuer, or one that it delegated, signed the response (RFC 6960, section 4.2.2.2).
fn signed(basic: &Basic<'_>, issuer: &Issuer<'_>, at: i64, limits: &Limits) -> State {
    let is = |name: &Name<'_>, key: &PublicKey<'_>| match basic.responder {
        Responder::Name(responder) => responder.same(name),
        Responder::KeyHash(hash) => digest(&SHA1_FOR_LEGACY_USE_ONLY, key.bits).as_ref() == hash,
    };
    let verify =
        |key: &PublicKey<'_>| match signature::verify(key, basic.algorithm, basic.data, basic.signature) {
            Verified::Yes => State::Holds,
            Verified::No => State::Fails("the response's signature does not verify".to_owned()),
            Verified::Unsupported(what) => {
                State::NotEvaluated(format!("the response's signature can't be verified: {what}"))
            }
        };
    if is(&issuer.name, &issuer.key) {
        return verify(&issuer.key);
    }
    for der in &basic.certificates {
        let Ok(delegate) = Certificate::read(der, &limits.x509()) else { continue };
        let Ok(key) = delegate.key else { continue };
        if !is(&delegate.subject, &key) {
            continue;
        }
        let by_issuer = delegate.issuer.same(&issuer.name)
            && delegate.signature.is_ok_and(|value| {
                signature::verify(&issuer.key, delegate.algorithm.value, delegate.tbs, value) == Verified::Yes
            });
        if !by_issuer {
            return State::Fails("the responder's certificate is not from the issuer".to_owned());
        }
        if !delegate.extended_key_usage.as_ref().is_some_and(|list| list.contains(&oid::OCSP_SIGNING)) {
            return State::Fails("the responder's certificate is not for OCSPSigning".to_owned());
        }
        let valid = delegate.not_before.is_ok_and(|from| from.unix <= at)
            && delegate.not_after.is_ok_and(|to| at <= to.unix);
        if !valid {
            return State::Fails("the responder's certificate is not valid at this time".to_owned());
        }
        return verify(&key);
    }
    State::Fails("the response is signed by someone who is neither the issuer nor known".to_owned())
}

/// A request for the status of `subject` (RFC 6960, section 4.1; SHA-1 identifiers, as RFC 5019 asks for).
pub fn request(subject: &Certificate<'_>, issuer: &Issuer<'_>) -> Vec<u8> {
    let sha1 = |bytes: &[u8]| digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec();
    let algorithm = element(SEQUENCE, &[element(der::OID, oid::SHA1), element(der::NULL, &[])].concat());
    let id = [
        algorithm,
        element(der::OCTET_STRING, &sha1(subject.issuer.raw)),
        element(der::OCTET_STRING, &sha1(issuer.key.bits)),
        element(der::INTEGER, subject.serial.value),
    ];
    let request = element(SEQUENCE, &element(SEQUENCE, &id.concat()));
    element(SEQUENCE, &element(SEQUENCE, &element(SEQUENCE, &request)))
}

/// OCSPResponseStatus by name.
pub fn status_name(status: u64) -> &'static str {
    match status {
        0 => "successful, but gives no answer",
        1 => "malformedRequest",
        2 => "internalError",
        3 => "tryLater",
        5 => "sigRequired",
        6 => "unauthorized",
        _ => "something that is not defined",
    }
}

/// CRLReason by name (RFC 5280, section 5.3.1).
pub fn reason_name(reason: u64) -> &'static str {
    const NAMES: [&str; 11] = [
        "unspecified",
        "keyCompromise",
        "cACompromise",
        "affiliationChanged",
        "superseded",
        "cessationOfOperation",
        "certificateHold",
        "undefined (7)",
        "removeFromCRL",
        "privilegeWithdrawn",
        "aACompromise",
    ];
    usize::try_from(reason).ok().and_then(|reason| NAMES.get(reason)).copied().unwrap_or("undefined")
}
