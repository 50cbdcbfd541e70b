//! The certificate chain is not trusted.

use crate::capture::KeyFit;
use crate::certificate::rules::pin_mismatch;
use crate::certificate::{Judgement, NameFault, RuleResult, Weight};
use crate::trace::{Evidence, State};
use crate::wire::Direction;

use super::authenticated;
use super::{By, Case, Cause, Check, Command, Failure, Finding, Outcome, Rule, Severity};

/// `--enforce` ended the handshake.
pub const ENFORCED: Rule = Rule {
    id: "cert.enforced",
    about: "With --enforce an untrusted chain ends the handshake, with the alert that an ordinary client would send.",
    judge: enforced,
};

/// The handshake is complete, but the chain is not trusted.
pub const RULE: Rule = Rule {
    id: "cert.",
    about: "The handshake itself is complete, but the certificate chain does not prove that the server is who it \
            claims to be. Every rule that fails is listed; an ordinary client would have ended the connection.",
    judge,
};

/// `--min-days` is not met.
pub const DAYS: Rule = Rule {
    id: "days",
    about: "A certificate of the chain is still valid, but not for as many days more as --min-days asks for. Renewing it in \
            time is what the check is for.",
    judge: days,
};

/// `cert --key`: the key is another certificate's.
pub const KEY: Rule = Rule {
    id: "key_mismatch",
    about: "The private key that was given does not belong to the first certificate of the chain: a server configured with \
            the two would not start, or fail every handshake.",
    judge: key,
};

/// `cert --key`: nobody can say whose the key is.
pub const KEY_OPEN: Rule = Rule {
    id: "key_not_compared",
    about: "Whether the private key that was given belongs to the certificate could not be found out: the file holds no public \
            key, and none can be computed from the secret here (Ed448, for example). Nothing bad is known, so this is exit \
            code 7, not 1. `openssl pkey -in KEY -pubout` and `openssl x509 -in CERT -noout -pubkey` print both to compare.",
    judge: key_open,
};

/// The chain's summary and every rule that could say something, as checks.
pub fn checks(judgement: &Judgement) -> Vec<Check> {
    let check = |id: &'static str, state: &State| Check { id, state: state.clone(), evidence: Vec::new() };
    let mut checks = vec![
        check("certificate.name", &judgement.name),
        check("certificate.dates", &judgement.dates),
        check("certificate.signatures", &judgement.signatures),
        check("certificate.usage", &judgement.usage),
        check("certificate.path", &judgement.chain),
        check("certificate.days", &judgement.days),
        check("certificate.trusted", &judgement.trusted),
    ];
    checks.extend(judgement.rules.iter().map(|rule| {
        Check {
            id: rule.id,
            state: rule.state.clone(),
            evidence: Some(rule.evidence.clone())
                .filter(|evidence| *evidence != Evidence::default())
                .into_iter()
                .collect(),
        }
    }));
    checks
}

/// Rules that fail, as findings.
pub fn findings(judgement: &Judgement) -> Vec<Finding> {
    let failing = judgement.rules.iter().filter(|rule| rule.state.fails());
    failing
        .map(|rule| Finding {
            id: rule.id.into(),
            severity: match rule.weight {
                Weight::Fatal => Severity::Error,
                Weight::Flaw => Severity::Warning,
                Weight::Remark => Severity::Info,
            },
            what: reason(judgement, rule),
            evidence: vec![rule.evidence.clone()],
            causes: Vec::new(),
            remedy: None,
        })
        .collect()
}

/// What a rustls client decides, where it differs from our own list.
pub fn second_opinion(judgement: &Judgement) -> Option<String> {
    match (&judgement.second.verdict, &judgement.trusted) {
        (Err(error), State::Holds) => Some(format!("a client built on rustls would refuse it: {error}")),
        (Ok(()), State::Fails(_)) => Some("a client built on rustls would accept it".into()),
        _ => None,
    }
}

fn judge(case: &Case<'_>) -> Option<Failure> {
    if !case.complete() && !case.offline() {
        return None;
    }
    if case.judgement.is_none() && authenticated::by_shared_key(case) {
        return None;
    }
    let Some(judgement) = case.judgement else {
        let mut failure = Failure::new(
            "cert.none",
            Outcome::Unmet,
            "certificate",
            "the server sent no certificate, so there is nothing that proves who it is",
        );
        failure.causes =
            vec![Cause::certain("a key that both sides had before (PSK), or an anonymous cipher suite")];
        failure.stage = case.stage();
        return Some(failure);
    };
    let mut failure = match &judgement.trusted {
        State::Holds => return None,
        State::Fails(_) => told(case, judgement),
        State::NotEvaluated(why) => {
            let summary = format!("the certificate could not be verified: {why}");
            // Without any anchor nothing is trusted, whatever else could not be evaluated.
            let nobody = case.question.stores.iter().all(|store| store.size == 0);
            let outcome = if nobody { Outcome::Unmet } else { Outcome::Unevaluated };
            Failure::new("cert.not_evaluated", outcome, "certificate", summary)
        }
    };
    failure.stage = stage(case);
    Some(failure)
}

/// The chain is known to be bad, however far the handshake went.
pub(super) fn untrusted(case: &Case<'_>) -> Option<Failure> {
    let judgement = case.judgement.filter(|judgement| judgement.trusted.fails())?;
    let mut failure = told(case, judgement);
    failure.stage = case.stage();
    Some(failure)
}

fn stage(case: &Case<'_>) -> String {
    if case.offline() {
        "judging the chain from files".into()
    } else {
        "the handshake itself is complete".into()
    }
}

fn days(case: &Case<'_>) -> Option<Failure> {
    let judgement = case.judgement.filter(|_| case.complete() || case.offline())?;
    let State::Fails(why) = &judgement.days else { return None };
    let mut failure = Failure::new("days", Outcome::Unmet, "certificate", why.clone());
    failure.stage = stage(case);
    failure.causes = vec![Cause::certain("--min-days asks for more")];
    Some(failure)
}

fn key(case: &Case<'_>) -> Option<Failure> {
    let fit = case.capture.intent.key.as_ref()?;
    let cause = match fit {
        KeyFit::First | KeyFit::NotCompared(_) => return None,
        KeyFit::Behind(_) => {
            Cause::certain("the certificates are in another order: the key's own has to be first")
        }
        KeyFit::None(_) => Cause::likely("the key of an earlier certificate, or of another server"),
    };
    let mut failure = Failure::new("key_mismatch", Outcome::Unmet, "certificate", whose_key(fit));
    failure.stage = stage(case);
    failure.causes = vec![cause];
    Some(failure)
}

fn key_open(case: &Case<'_>) -> Option<Failure> {
    let fit = case.capture.intent.key.as_ref().filter(|fit| matches!(fit, KeyFit::NotCompared(_)))?;
    let mut failure = Failure::new(KEY_OPEN.id, Outcome::Unevaluated, "certificate", whose_key(fit));
    failure.stage = stage(case);
    Some(failure)
}

/// To which certificate a key belongs, in a sentence.
pub fn whose_key(fit: &KeyFit) -> String {
    match fit {
        KeyFit::First => "the key belongs to the first certificate".into(),
        KeyFit::Behind(place) => format!("the key belongs to certificate {}, not to the first", place + 1),
        KeyFit::None(why) => format!("the key does not belong to the first certificate: {why}"),
        KeyFit::NotCompared(why) => {
            format!("whether the key belongs to the first certificate is not known: {why}")
        }
    }
}

fn enforced(case: &Case<'_>) -> Option<Failure> {
    let engine = case.capture.engine.as_ref().filter(|engine| engine.refused_certificate)?;
    let words = engine.error.clone().unwrap_or_default();
    let mut failure = match case.judgement {
        Some(judgement) if judgement.trusted.fails() => told(case, judgement),
        _ => {
            let mut failure = Failure::new(
                "cert.refused",
                Outcome::Untrusted,
                "certificate",
                format!("{} refused the certificate", engine.name),
            );
            failure.causes = vec![Cause::certain(words.clone())];
            failure
        }
    };
    failure.stage = case.stage();
    failure.by = Some(By::Client);
    failure.who = Some(match case.alert(Direction::Client) {
        Some((_, _, description)) => {
            format!("client (--enforce): alert {description} ({})", description.0)
        }
        None => format!("client (--enforce): {words}"),
    });
    Some(failure)
}

/// Every rule that decides and fails: the first in the order of the table gives id and summary.
fn told(case: &Case<'_>, judgement: &Judgement) -> Failure {
    let mut fatal: Vec<_> =
        judgement.rules.iter().filter(|rule| rule.weight == Weight::Fatal && rule.state.fails()).collect();
    // What -k waives must not hide what it does not.
    let pins = fatal.iter().position(|rule| rule.id == pin_mismatch::RULE.id);
    if let Some(place) = pins.filter(|_| case.question.insecure) {
        fatal.swap(0, place);
    }
    let (id, summary) = match fatal.first() {
        Some(first) => (first.id, reason(judgement, first)),
        None => ("cert.untrusted", judgement.trusted.reason().unwrap_or_default().to_owned()),
    };
    let mut failure = Failure::new(id, Outcome::Untrusted, "certificate", summary);
    failure.evidence = fatal.iter().map(|rule| rule.evidence.clone()).collect();
    failure.also = fatal.iter().skip(1).map(|rule| reason(judgement, rule)).collect();
    failure.binding = pins.is_some();
    failure.causes = causes(case, judgement, id);
    let (text, command) = remedy(case, judgement, id);
    failure.remedy.text = text;
    failure.remedy.command = command;
    failure
}

/// The reason, and which certificate it is about when that is not the leaf, unless the reason says it.
fn reason(judgement: &Judgement, rule: &RuleResult) -> String {
    let why = rule.state.reason().unwrap_or_default().to_owned();
    match rule.certificate.and_then(|place| judgement.elements.get(place).map(|element| (place, element))) {
        Some((place, element)) if place > 0 && !why.contains(&element.subject) => {
            format!("{}: {why}", element.subject)
        }
        _ => why,
    }
}

/// Where a failure usually comes from, as far as the chain rules nothing of it out.
fn causes(case: &Case<'_>, judgement: &Judgement, id: &str) -> Vec<Cause> {
    match id {
        "chain.leaf_not_first" => {
            vec![Cause::certain(
                "the certificates were put together in another order than leaf, intermediates",
            )]
        }
        "cert.expired" => vec![Cause::likely(match case.offline() {
            false => "the certificate was not renewed, or the server was not reloaded after it was",
            true => "the certificate was not renewed, or this is the file of the earlier one",
        })],
        "cert.ca_expired" if cross_sign_expired(judgement) => vec![Cause::likely(
            "a cross-sign that has run out: it leads to an older root, and the trust store lacks the newer one",
        )],
        "cert.ca_expired" => vec![Cause::likely(
            "the CA replaced its intermediate certificate, and the chain still has the one before",
        )],
        "cert.anchor_expired" => {
            vec![Cause::likely("the trust store is out of date: the CA's newer root is not in it")]
        }
        "cert.not_yet_valid" => vec![Cause::likely(
            "a clock is wrong: this machine's, or the CA's when it issued the certificate",
        )],
        "cert.name_mismatch" => match judgement.name_fault {
            Some(NameFault::NoNames) => {
                vec![Cause::certain(
                    "the certificate was made without subjectAltName: reissue it with the name in it",
                )]
            }
            Some(NameFault::Form) => {
                vec![Cause::certain(
                    "the name was put into the certificate in a form that does not count: reissue it",
                )]
            }
            Some(NameFault::Behind(_)) => {
                vec![Cause::certain(
                    "the certificates are in another order: the server's own has to be first",
                )]
            }
            _ if case.offline() => vec![Cause::certain("the certificate was issued for other names")],
            _ if case.capture.intent.sni.is_none() => vec![Cause::likely(
                "no server name was sent (SNI), so the server answered with its default certificate",
            )],
            _ => vec![
                Cause::likely(
                    "the server has no certificate for this name and answered with its default one",
                ),
                Cause::possible("the connection goes to another server than meant"),
            ],
        },
        "cert.missing_intermediate" => {
            let alone = judgement.elements.iter().filter(|element| element.sent.is_some()).count() == 1;
            vec![Cause::likely(match (alone, case.offline()) {
                (true, false) => {
                    "the server is configured with its leaf certificate alone, not with the full chain"
                }
                (true, true) => "the file has the leaf certificate alone, not the full chain",
                (false, _) => "the chain was put together with another intermediate than the one that signed",
            })]
        }
        "cert.untrusted_root" => vec![
            Cause::likely("a private CA that this machine does not know"),
            Cause::possible("something on the way intercepts the connection with a certificate of its own"),
        ],
        "cert.extended_key_usage" | "cert.key_usage" => {
            vec![Cause::likely(
                "the certificate was issued for another purpose, e.g. for clients or for signing mail",
            )]
        }
        "cert.path_length" => vec![Cause::likely("a CA issued a further CA below one that may not have any")],
        "cert.self_signed" => vec![Cause::likely("a test or default certificate that nobody replaced")],
        _ => Vec::new(),
    }
}

/// Whether the CA that expired is not the one that issued the leaf, but one above it: mostly a root's certificate by an
/// older root.
fn cross_sign_expired(judgement: &Judgement) -> bool {
    let expired = judgement.rules.iter().find(|rule| rule.id == "cert.ca_expired" && rule.state.fails());
    let place = expired.and_then(|rule| rule.certificate);
    let path = judgement.path.as_deref().unwrap_or_default();
    path.iter().position(|at| Some(*at) == place).is_some_and(|depth| depth > 1)
}

fn remedy(case: &Case<'_>, judgement: &Judgement, id: &str) -> (Option<String>, Option<Command>) {
    let trust = || Command::default().set("--cacert", Some("CA.pem")).without("--trust");
    match id {
        "cert.untrusted_root" => (Some("the root of this CA, if it is to be trusted".into()), Some(trust())),
        "cert.self_signed" => (
            Some("a certificate of a CA; or this very certificate as the anchor, if it came to you on a safe way".into()),
            Some(trust()),
        ),
        "cert.missing_intermediate" => {
            let text = judgement.missing.as_ref().map(|missing| {
                let from = match missing.urls.first() {
                    Some(url) => format!(" (from {url})"),
                    None => String::new(),
                };
                match case.offline() {
                    false => format!("the server must also send the certificate of {}{from}", missing.issuer),
                    true => format!("the file must also have the certificate of {}{from}", missing.issuer),
                }
            });
            let has_url = judgement.missing.as_ref().is_some_and(|missing| !missing.urls.is_empty());
            (text, has_url.then(|| Command::default().set("--fetch-aia", None)))
        }
        "cert.name_mismatch" => {
            let names = judgement.elements.first().map(|leaf| leaf.sans.iter().take(3).cloned().collect::<Vec<_>>());
            let names = names.unwrap_or_default();
            match names.first() {
                Some(first)
                    if case.capture.intent.sni.is_some() && judgement.name_fault == Some(NameFault::Others) =>
                (
                    Some(format!("one of the names that it has: {}", names.join(", "))),
                    Some(Command::default().set("--verify-name", Some(first.trim_start_matches("*.")))),
                ),
                _ => (None, None),
            }
        }
        "cert.expired" => {
            let text = if case.offline() { "a renewed certificate" } else { "a renewed certificate on the server" };
            (Some(text.into()), None)
        }
        "cert.ca_expired" if cross_sign_expired(judgement) => {
            (Some("the CA's newer root in the trust store of the client".into()), None)
        }
        "cert.ca_expired" => (Some("the CA's current intermediate certificate in the chain".into()), None),
        "cert.anchor_expired" => (Some("the CA's newer root in the trust store of the client".into()), None),
        "chain.leaf_not_first" => {
            (Some("the leaf at the top of the file, then each certificate that signed the one before it".into()), None)
        }
        _ => (None, None),
    }
}
