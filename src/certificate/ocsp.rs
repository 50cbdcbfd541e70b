//! OCSP (RFC 6960): a response evaluated, a request written.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};

use super::signature::{self, Verified};
use crate::capture::Limits;
use crate::trace::State;
use crate::wire::asn1::der::{self, SEQUENCE, element};
use crate::wire::asn1::ocsp::{Basic, Responder, Response, Single, Status};
use crate::wire::asn1::time::date_time;
use crate::wire::asn1::{Certificate, Name, PublicKey, oid};
use crate::wire::codepoints::{CRL_REASONS, OCSP_RESPONSE_STATUSES};
use crate::wire::text;

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
    let response = match Response::read(bytes, &limits.x509()) {
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
            format!("the response is not yet valid: thisUpdate is {}", date_time(single.this_update.unix));
        return fails(answer, why);
    }
    match single.next_update {
        Some(next) if next.unix.saturating_add(SKEW) < at => {
            let said = said(single.status);
            fails(
                answer,
                format!("the response is out of date: nextUpdate was {}{said}", date_time(next.unix)),
            )
        }
        // Without nextUpdate newer information is always there (RFC 6960, section 4.2.2.1): a day is taken as fresh.
        None if single.this_update.unix.saturating_add(86_400) < at => {
            let said = said(single.status);
            fails(answer, format!("the response has no nextUpdate and is older than a day{said}"))
        }
        _ => answer,
    }
}

/// A revocation is seldom undone: that an answer of yesterday names one is worth knowing.
pub(super) fn said(status: Status) -> String {
    match status {
        Status::Revoked { at, .. } => {
            format!("; it says that the certificate was revoked on {}", date_time(at))
        }
        Status::Good | Status::Unknown => String::new(),
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
        |key: &PublicKey<'_>| match signature::verify(key, &basic.algorithm, basic.data, basic.signature) {
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
        let Some(key) = delegate.key else { continue };
        if !is(&delegate.subject, &key) {
            continue;
        }
        let by_issuer = delegate.issuer.same(&issuer.name)
            && delegate.signature.is_some_and(|value| {
                signature::verify(&issuer.key, &delegate.algorithm, delegate.tbs.raw, value) == Verified::Yes
            });
        if !by_issuer {
            return State::Fails("the responder's certificate is not from the issuer".to_owned());
        }
        if !delegate
            .extensions
            .extended_key_usage
            .as_ref()
            .is_some_and(|list| list.contains(&oid::OCSP_SIGNING))
        {
            return State::Fails("the responder's certificate is not for OCSPSigning".to_owned());
        }
        let valid = delegate.not_before.is_some_and(|from| from.unix <= at)
            && delegate.not_after.is_some_and(|to| at <= to.unix);
        if !valid {
            return State::Fails("the responder's certificate is not valid at this time".to_owned());
        }
        return verify(&key);
    }
    State::Fails("the response is signed by neither the issuer nor a responder that it authorised".to_owned())
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
fn status_name(status: u8) -> String {
    match status {
        0 => "successful, but contains no response".to_owned(),
        _ => OCSP_RESPONSE_STATUSES.name_of(status.into()).unwrap_or("an undefined status").to_owned(),
    }
}

/// CRLReason by name (RFC 5280, section 5.3.1).
pub fn reason_name(reason: u8) -> &'static str {
    CRL_REASONS.name_of(reason.into()).unwrap_or("an undefined reason")
}
