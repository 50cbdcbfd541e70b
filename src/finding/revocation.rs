//! `--revocation` and `--crl`: a status that was asked for and is not known.

use crate::capture::What;
use crate::certificate::Judgement;

use super::{Case, Cause, Failure, Finding, Outcome, Rule, Severity};

/// Nothing bad is known, but whether a certificate is revoked is not known either.
pub const RULE: Rule = Rule {
    id: "revocation.not_evaluated",
    title: "revocation status unknown",
    about: "--revocation (or --crl) checks whether the certificates are revoked, and for one of them there \
            was no reliable answer: the responder did not answer, or with an error; the answer was out of \
            date or signed by somebody else; the CRL does not cover the certificate; or the certificate \
            names neither an OCSP responder nor a CRL. No problem was found, so this is exit code 7, not \
            1. --allow-unevaluated accepts it.",
    judge,
};

/// What is not known, and why: a line for each certificate.
fn open(case: &Case<'_>) -> Vec<String> {
    let question = case.question;
    let Some(judgement) = case.judgement().filter(|_| case.complete() || case.offline()) else {
        return Vec::new();
    };
    let path = judgement.path.as_deref().unwrap_or_default();
    // The anchor is trusted as it is.
    let below = path.split_last().map_or(&[][..], |(_, below)| below);
    let asked = match (question.revocation, question.crls.is_empty()) {
        (true, _) => below,
        (false, false) => below.get(..1).unwrap_or_default(),
        (false, true) => &[],
    };
    let name = |place: usize| match place {
        0 => "the leaf".to_owned(),
        _ => judgement
            .elements
            .get(place)
            .map_or_else(String::new, |element| format!("\"{}\"", element.subject)),
    };
    asked
        .iter()
        .filter_map(|place| Some(format!("{}: {}", name(*place), unknown(case, judgement, *place)?)))
        .collect()
}

/// Why the status of this certificate is not known; `None` if it is.
fn unknown(case: &Case<'_>, judgement: &Judgement, place: usize) -> Option<String> {
    let sources = || judgement.revocation.iter().filter(|source| source.of == place);
    if sources().any(|source| source.good.holds() || source.good.fails()) {
        return None;
    }
    let mut why: Vec<String> = sources()
        .filter_map(|source| Some(format!("{}: {}", source.source.name(), source.good.reason()?)))
        .collect();
    let about_it = |what: What| matches!(what, What::Ocsp { of } | What::Crl { of } if of == place);
    let evidence = case.capture.evidence.iter().filter(|fetched| about_it(fetched.what));
    why.extend(evidence.filter_map(|fetched| {
        let error = fetched.error.as_ref()?;
        Some(crate::wire::text::escape(&format!("{}: {error}", fetched.url)))
    }));
    if why.is_empty() {
        let element = judgement.elements.get(place)?;
        let named = !element.ocsp_urls.is_empty() || !element.crl_urls.is_empty();
        why.push(match (case.question.revocation, case.question.crls.is_empty(), named) {
            (true, _, false) => "it names neither an OCSP responder nor a CRL".into(),
            (_, false, _) => "none of the given CRLs is from its issuer".into(),
            _ => "its OCSP responders and CRLs are not reachable over http://".into(),
        });
    }
    Some(why.join("; "))
}

fn judge(case: &Case<'_>) -> Option<Failure> {
    let mut open = open(case);
    if open.is_empty() {
        return None;
    }
    let also = open.split_off(1);
    let first = open.first()?.clone();
    let mut failure = Failure::new(RULE.id, Outcome::Unevaluated, "certificate", RULE.title).detailed(first);
    failure.stage =
        if case.offline() { "verifying the chain from files" } else { "the handshake itself is complete" }
            .into();
    failure.also = also;
    failure.causes = vec![Cause::certain("it was requested, and there is no reliable answer")];
    failure.remedy.text =
        Some("a current answer: a staple, a reachable responder or CRL, or --crl FILE".into());
    Some(failure)
}

/// The same beside the verdict, which may be about something else.
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let finding = |what| Finding::new(RULE.id, Severity::Warning, RULE.title, what);
    open(case).into_iter().map(finding).collect()
}
