//! Whether a certificate revocation list may be relied on (RFC 5280, section 6.3.3).

use super::ocsp::{self, Issuer};
use super::signature::{self, Verified};
use crate::capture::Limits;
use crate::trace::State;
use crate::wire::asn1::crl::{Crl, Revoked};
use crate::wire::asn1::ocsp::Status;
use crate::wire::asn1::time::date_time;
use crate::wire::asn1::{Certificate, KeyUsage, oid};

/// Extensions that are evaluated, or that do not matter here even if they are critical.
const KNOWN: [&[u8]; 5] = [
    oid::ISSUING_DISTRIBUTION_POINT,
    oid::AUTHORITY_KEY_IDENTIFIER,
    oid::CRL_NUMBER,
    oid::FRESHEST_CRL,
    oid::ISSUER_ALT_NAME,
];

/// Whether the list may be relied on for `subject`, and what it says of it.
pub fn evaluate(
    crl: &Crl<'_>,
    subject: &Certificate<'_>,
    issuer: &Issuer<'_>,
    issuer_usage: Option<KeyUsage>,
    at: i64,
    limits: &Limits,
) -> Result<Option<Revoked>, State> {
    let fails = |why: String| Err(State::Fails(why));
    let open = |why: &str| Err(State::NotEvaluated(why.to_owned()));
    if issuer_usage.is_some_and(|bits| !bits.has(KeyUsage::CRL_SIGN)) {
        return fails("the issuer may not sign CRLs: its keyUsage lacks cRLSign".to_owned());
    }
    match signature::verify(&issuer.key, &crl.algorithm, crl.tbs, crl.signature) {
        Verified::Yes => {}
        Verified::No => return fails("the CRL is not signed by the issuer".to_owned()),
        Verified::Unsupported(what) => {
            return open(&format!("the CRL's signature can't be verified: {what}"));
        }
    }
    let scope = crl.extensions.scope.unwrap_or_default();
    let delta = crl.extensions.find(oid::DELTA_CRL_INDICATOR).is_some();
    let unknown =
        crl.extensions.list.iter().any(|extension| extension.critical && !KNOWN.contains(&extension.oid));
    if delta || scope.indirect || unknown || crl.extensions.cut {
        return open(
            "the CRL is a delta, an indirect one, or has a critical extension that is not understood",
        );
    }
    if scope.only_attribute || (scope.only_ca && !subject.is_ca()) || (scope.only_user && subject.is_ca()) {
        return open("the CRL is for certificates of another type");
    }
    // Lists are often split, and each part says where it is from: another part says nothing of this certificate.
    if let Some(point) = &crl.extensions.issuing_point
        && !point.iter().any(|url| subject.extensions.crl_urls.contains(url))
    {
        return open("the CRL is for another distribution point than the certificate's");
    }
    if crl.this_update.unix > at {
        return fails(format!("the CRL is not yet valid: thisUpdate is {}", date_time(crl.this_update.unix)));
    }
    if let Some(next) = crl.next_update.filter(|next| next.unix < at) {
        let entry = crl.find(subject.serial.value, limits.status_entries).ok().flatten();
        let said = entry.map(|Revoked { at, reason }| ocsp::said(Status::Revoked { at, reason }));
        let said = said.unwrap_or_default();
        return fails(format!("the CRL is out of date: nextUpdate was {}{said}", date_time(next.unix)));
    }
    match crl.find(subject.serial.value, limits.status_entries) {
        Ok(None) if scope.some_reasons => open("the CRL covers only some revocation reasons"),
        // A hold that was lifted is no revocation.
        Ok(Some(Revoked { reason: Some(8), .. })) => Ok(None),
        Ok(entry) => Ok(entry),
        Err(problem) => fails(format!("the CRL can't be read: {problem}")),
    }
}
