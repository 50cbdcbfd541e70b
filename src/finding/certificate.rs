//! The certificate chain is not trusted.

use std::borrow::Cow;

use crate::capture::KeyFit;
use crate::certificate::rules::{self, pin_mismatch};
use crate::certificate::{Judgement, NameFault, RuleResult, Weight};
use crate::trace::{Evidence, State};
use crate::wire::codepoints::cipher_suite::Authentication;
use crate::wire::{Direction, text};

use super::authenticated;
use super::expectation::Row;
use super::{By, Case, Cause, Check, Command, Failure, Finding, HEADLINE, Outcome, Rule, Severity};

/// `--enforce` ended the handshake.
pub const ENFORCED: Rule = Rule {
    id: "cert.enforced",
    title: "certificate rejected by the client (--enforce)",
    about: "With --enforce an untrusted chain ends the handshake, with the alert that an ordinary client \
            would send.",
    judge: enforced,
};

/// The handshake is complete, but the chain is not trusted.
pub const RULE: Rule = Rule {
    id: "cert.",
    title: "certificate not trusted",
    about: "The handshake itself is complete, but the certificate chain does not prove that the server is who it \
            claims to be. Every rule that fails is listed; an ordinary client would have ended the connection.",
    judge,
};

/// Verdicts on the chain that no rule on certificates has a row for.
pub const ROWS: &[Row] = &[NONE, UNTRUSTED];

const NONE: Row = Row {
    id: "cert.none",
    title: "no certificate was sent",
    about: "The handshake is complete, but the server presented no certificate, so nothing proves who it is: the cipher \
            suite is anonymous, or a pre-shared key took the certificate's place. A pre-shared key authenticates the server \
            only to whoever knows that nobody else has the key.",
};

const UNTRUSTED: Row = Row {
    id: "cert.untrusted",
    title: RULE.title,
    about: "The certificate chain is not trusted, although no single rule on certificates fails: the reason stands beside \
            the verdict.",
};

/// `--min-days` is not met.
pub const DAYS: Rule = Rule {
    id: "days",
    title: "certificate expires too soon (--min-days)",
    about: "A certificate of the chain is still valid, but for fewer days than --min-days requires. Renew \
            it in time.",
    judge: days,
};

/// `cert --key`: the key is another certificate's.
pub const KEY: Rule = Rule {
    id: "key_mismatch",
    title: "private key does not match the certificate",
    about: "The private key that was given does not belong to the first certificate of the chain: a server \
            configured with these two files would not start, or would fail every handshake.",
    judge: key,
};

/// `cert --key`: nobody can say whose the key is.
pub const KEY_OPEN: Rule = Rule {
    id: "key_not_compared",
    title: "private key could not be compared",
    about: "It could not be determined whether the private key belongs to the certificate: the file \
            contains no public key, and none can be computed from the private key here (Ed448, for \
            example). No problem was found, so this is exit code 7, not 1. `openssl pkey -in KEY -pubout` \
            and `openssl x509 -in CERT -noout -pubkey` print both public keys to compare.",
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
        .map(|rule| {
            let severity = match rule.weight {
                Weight::Fatal => Severity::Error,
                Weight::Flaw => Severity::Warning,
                Weight::Remark => Severity::Note,
            };
            Finding {
                evidence: vec![rule.evidence.clone()],
                ..Finding::new(rule.id, severity, title(rule.id), reason(judgement, rule))
            }
        })
        .collect()
}

/// What a rustls client decides, where it differs from our own list.
pub fn second_opinion(judgement: &Judgement) -> Option<String> {
    match (&judgement.second.verdict, &judgement.trusted) {
        (Err(error), State::Holds) => Some(format!("a client built on rustls would reject it: {error}")),
        (Ok(()), State::Fails(_)) => Some("a client built on rustls would accept it".into()),
        _ => None,
    }
}

/// Why a server that completed a handshake sent no certificate.
fn no_certificate(case: &Case<'_>) -> Cause {
    let facts = case.handshake().map(|handshake| handshake.facts).unwrap_or_default();
    match facts.suite() {
        _ if facts.psk.is_some() => {
            Cause::certain("a pre-shared key (PSK) takes the place of the certificate")
        }
        Some(suite) if suite.authentication == Authentication::Anonymous => {
            Cause::certain(format!("{} is an anonymous cipher suite: nobody proves who they are", suite.name))
        }
        Some(suite) if suite.authentication == Authentication::Psk => Cause::certain(format!(
            "{}: a pre-shared key (PSK) takes the place of the certificate",
            suite.name
        )),
        _ if facts.abbreviated => {
            Cause::certain("a session was resumed whose handshake is not in this recording")
        }
        _ => Cause::possible("a pre-shared key (PSK), or an anonymous cipher suite"),
    }
}

fn judge(case: &Case<'_>) -> Option<Failure> {
    if !case.complete() && !case.offline() {
        return None;
    }
    if case.judgement.is_none() && authenticated::by_shared_key(case) {
        return None;
    }
    if let (None, Some(original)) = (case.judgement, case.original) {
        let why = original.authenticated.reason().unwrap_or_default();
        let mut failure = Failure::new(
            "cert.not_evaluated",
            Outcome::Unevaluated,
            "certificate",
            "the certificate could not be verified",
        )
        .detailed(format!("a resumed handshake has no certificate, and {why}"));
        failure.stage = case.stage();
        return Some(failure);
    }
    if case.judgement.is_none() && case.has_gap_before_finished() {
        let mut failure = Failure::new(
            "cert.not_evaluated",
            Outcome::Unevaluated,
            "certificate",
            "the certificate was not recorded",
        )
        .detailed("bytes of the server are missing in the file, and its certificate with them");
        failure.stage = case.stage();
        return Some(failure);
    }
    let Some(judgement) = case.judgement else {
        let mut failure = Failure::new(NONE.id, Outcome::Unmet, "certificate", NONE.title)
            .detailed("the server sent no certificate, so nothing proves its identity");
        failure.causes = vec![no_certificate(case)];
        failure.stage = case.stage();
        return Some(failure);
    };
    let mut failure = match &judgement.trusted {
        State::Holds => return None,
        State::Fails(_) => told(case, judgement),
        State::NotEvaluated(why) => {
            // Without any anchor nothing is trusted, whatever else could not be evaluated.
            let nobody = case.question.stores.iter().all(|store| store.size == 0);
            let outcome = if nobody { Outcome::Unmet } else { Outcome::Unevaluated };
            Failure::new(
                "cert.not_evaluated",
                outcome,
                "certificate",
                "the certificate could not be verified",
            )
            .detailed(why)
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
        "verifying the chain from files".into()
    } else {
        "the handshake itself is complete".into()
    }
}

fn days(case: &Case<'_>) -> Option<Failure> {
    let judgement = case.judgement.filter(|_| case.complete() || case.offline())?;
    let State::Fails(why) = &judgement.days else { return None };
    let mut failure = Failure::new(DAYS.id, Outcome::Unmet, "certificate", DAYS.title).detailed(why);
    failure.stage = stage(case);
    failure.causes = vec![Cause::certain("--min-days asks for more")];
    Some(failure)
}

fn key(case: &Case<'_>) -> Option<Failure> {
    let fit = case.capture.intent.key.as_ref()?;
    let cause = match fit {
        KeyFit::First | KeyFit::NotCompared(_) => return None,
        KeyFit::Behind(_) => {
            Cause::certain("the certificates are in the wrong order: the one with this key has to be first")
        }
        KeyFit::None(_) => Cause::likely("the key of an earlier certificate, or of another server"),
    };
    let mut failure = Failure::new(KEY.id, Outcome::Unmet, "certificate", KEY.title).detailed(whose_key(fit));
    failure.stage = stage(case);
    failure.causes = vec![cause];
    Some(failure)
}

fn key_open(case: &Case<'_>) -> Option<Failure> {
    let fit = case.capture.intent.key.as_ref().filter(|fit| matches!(fit, KeyFit::NotCompared(_)))?;
    let mut failure = Failure::new(KEY_OPEN.id, Outcome::Unevaluated, "certificate", KEY_OPEN.title)
        .detailed(whose_key(fit));
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
            format!("it is not known whether the key belongs to the first certificate: {why}")
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
                format!("certificate rejected by {}", engine.name),
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
    let (id, summary, detail) = match fatal.first() {
        Some(first) => (first.id, headline(case, judgement, first), reason(judgement, first)),
        None => {
            let why = judgement.trusted.reason().unwrap_or_default();
            (UNTRUSTED.id, UNTRUSTED.title.to_owned(), why.to_owned())
        }
    };
    let mut failure = Failure::new(id, Outcome::Untrusted, "certificate", summary).detailed(detail);
    failure.evidence = fatal.iter().map(|rule| rule.evidence.clone()).collect();
    failure.also = fatal.iter().skip(1).map(|rule| reason(judgement, rule)).collect();
    failure.binding = pins.is_some();
    failure.causes = causes(case, judgement, id);
    let (text, command) = remedy(case, judgement, id);
    failure.remedy.text = text;
    failure.remedy.command = command;
    failure
}

/// The rule's title, as it stands behind another word: without a capital that only begins it.
fn title(id: &str) -> Cow<'static, str> {
    let title = rules::find(id).map_or("", |rule| rule.title);
    let mut letters = title.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            Cow::Owned(first.to_lowercase().chain(letters).collect())
        }
        _ => Cow::Borrowed(title),
    }
}

/// In the words that people search for, with the name that matters, cut to the room that it has.
fn headline(case: &Case<'_>, judgement: &Judgement, rule: &RuleResult) -> String {
    const ROOM: usize = HEADLINE - "NOT TRUSTED - ".len();
    let named = |before: &str, name: &str, behind: &str| {
        let room = ROOM.saturating_sub(text::width(before) + text::width(behind));
        format!("{before}{}{behind}", text::cut(name, room, "…"))
    };
    let element = rule.certificate.and_then(|place| judgement.elements.get(place));
    let issuer = || element.and_then(|element| element.issuer.as_deref()).unwrap_or_default();
    match rule.id {
        "cert.untrusted_root" if judgement.missing.is_some() => {
            named("unknown CA \"", issuer(), "\" (private CA?)")
        }
        "cert.untrusted_root" => {
            let root = element.map_or("", |element| &element.subject);
            named("unknown root \"", root, "\" (private CA?)")
        }
        "cert.missing_intermediate" => named("incomplete chain: \"", issuer(), "\" not sent"),
        "cert.name_mismatch" => {
            let name = super::ech::name_to_verify(case.capture, case.trace()).unwrap_or_default();
            named("hostname mismatch: not for ", &text::escape(name), "")
        }
        "cert.expired" => match element.and_then(|element| element.days_left) {
            Some(days) if days < -1 => format!("certificate expired {} days ago", -days),
            _ => title(rule.id).into_owned(),
        },
        id => title(id).into_owned(),
    }
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
                "the certificates were concatenated in the wrong order: it has to be leaf, intermediates",
            )]
        }
        "cert.expired" => vec![Cause::likely(match case.offline() {
            false => "the certificate was not renewed, or the server was not reloaded after it was",
            true => "the certificate was not renewed, or this is the file of the earlier one",
        })],
        "cert.ca_expired" if cross_sign_expired(judgement) => vec![Cause::likely(
            "an expired cross-sign: it leads to an older root, and the newer one is not in the trust store",
        )],
        "cert.ca_expired" => vec![Cause::likely(
            "the CA replaced its intermediate certificate, and the chain still contains the old one",
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
                    "the name is in the certificate in a form that clients ignore: reissue it",
                )]
            }
            Some(NameFault::Behind(_)) => {
                vec![Cause::certain(
                    "the certificates are in the wrong order: the server's own has to be first",
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
                Cause::possible("the connection goes to a different server than intended"),
            ],
        },
        "cert.missing_intermediate" => {
            let alone = judgement.elements.iter().filter(|element| element.sent.is_some()).count() == 1;
            vec![Cause::likely(match (alone, case.offline()) {
                (true, false) => {
                    "the server is configured with its leaf certificate only, not with the full chain"
                }
                (true, true) => "the file contains only the leaf certificate, not the full chain",
                (false, _) => "the chain contains a different intermediate than the one that signed",
            })]
        }
        "cert.untrusted_root" => vec![
            Cause::likely("a private CA that this machine does not know"),
            Cause::possible("a proxy or firewall intercepts the connection with a certificate of its own"),
        ],
        "cert.extended_key_usage" | "cert.key_usage" => {
            vec![Cause::likely(
                "the certificate was issued for another purpose, e.g. for clients or for signing mail",
            )]
        }
        "cert.path_length" => vec![Cause::likely(
            "a CA issued a CA certificate although its own path \
                                                  length does not allow any below it",
        )],
        "cert.self_signed" => vec![Cause::likely("a test or default certificate that was never replaced")],
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
            Some(
                "a certificate issued by a CA; or this very certificate as trust anchor, if you got it \
                  over a trusted channel"
                    .into(),
            ),
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
            let names =
                judgement.elements.first().map(|leaf| leaf.sans.iter().take(3).cloned().collect::<Vec<_>>());
            let names = names.unwrap_or_default();
            match names.first() {
                Some(first)
                    if case.capture.intent.sni.is_some()
                        && judgement.name_fault == Some(NameFault::Others) =>
                {
                    (
                        Some(format!("one of the names that it has: {}", names.join(", "))),
                        Some(Command::default().set("--verify-name", Some(first.trim_start_matches("*.")))),
                    )
                }
                _ => (None, None),
            }
        }
        "cert.expired" => {
            let text =
                if case.offline() { "a renewed certificate" } else { "a renewed certificate on the server" };
            (Some(text.into()), None)
        }
        "cert.ca_expired" if cross_sign_expired(judgement) => {
            (Some("the CA's newer root in the trust store of the client".into()), None)
        }
        "cert.ca_expired" => (Some("the CA's current intermediate certificate in the chain".into()), None),
        "cert.anchor_expired" => (Some("the CA's newer root in the trust store of the client".into()), None),
        "chain.leaf_not_first" => (
            Some(
                "the leaf at the top of the file, then each certificate that signed the one before it".into(),
            ),
            None,
        ),
        _ => (None, None),
    }
}
