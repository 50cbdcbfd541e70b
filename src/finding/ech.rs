//! Encrypted Client Hello (RFC 9849): what became of it, and what the server of the public name has to prove.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::authenticated::{self, Standard};
use super::{By, Case, Cause, Check, Command, Failure, Outcome, Rule};
use crate::capture::{Capture, Ech as Offered, EchSource, Https, StepKind};
use crate::trace::{Ech, Evidence, State, Trace};
use crate::wire::codepoints::AlertDescription;
use crate::wire::handshake::types;
use crate::wire::text::escape;

/// The server did not decrypt the inner hello.
pub const RULE: Rule = Rule {
    id: "ech.rejected",
    title: "Encrypted Client Hello rejected",
    about: "The server did not decrypt the inner ClientHello and answered the outer one instead, as the server of \
            the configuration's public name. If it sent other configurations (retry_configs) and proved with its \
            certificate that it is the server of that name, the client connects once more with those: usually the \
            key was rotated and the HTTPS record is out of date. Otherwise ECH is switched off there. A client \
            never continues such a connection, since the real name was not reached: it ends with the alert \
            ech_required (RFC 9849, section 6.1.6).",
    judge: rejected,
};

/// It did not, and is not the server of the public name either.
pub const PUBLIC_NAME: Rule = Rule {
    id: "ech.public_name",
    title: "ECH rejected by a server without a certificate for it",
    about: "The server did not decrypt the inner ClientHello, and its certificate is not valid for the public name of \
            the ECH configuration. So the rejection, and any configurations that it sent, may come from anybody \
            between the client and the server, and are not used (RFC 9849, section 6.1.7).",
    judge: |_| None,
};

/// It confirmed in one message what it does not confirm in the next.
pub const INCONSISTENT: Rule = Rule {
    id: "ech.inconsistent",
    title: "ECH accepted, then rejected by the same server",
    about: "The HelloRetryRequest confirms that the server decrypted the inner ClientHello, and the ServerHello \
            that follows does not. A client must abort (RFC 9849, section 6.1.5). Usually two servers behind one \
            address share the cookie or the address, but not the ECH key.",
    judge: inconsistent,
};

/// `--ech dns` found nothing to encrypt with.
pub const NO_CONFIGURATION: Rule = Rule {
    id: "ech.no_configuration",
    title: "no usable ECH configuration in the HTTPS record",
    about: "The ECH configurations of a service are in the ech parameter of its HTTPS record in the DNS (RFC 9848). \
            There is no such record, it has no ech, it can't be used, or the DNS server did not answer. So nothing \
            was sent to the server: without ECH the name would be readable by every observer. For another port \
            than 443 the record stands at _PORT._https.NAME (RFC 9460, section 9.1).",
    judge: no_configuration,
};

fn no_configuration(case: &Case<'_>) -> Option<Failure> {
    let steps = &case.capture.steps;
    // The last of the queries; after one that succeeded there are other steps.
    let StepKind::Https { name, outcome } = &steps.last()?.what else { return None };
    let name = escape(name);
    let (summary, who, cause) = match outcome {
        Https::Timeout => (
            "no answer to the HTTPS query",
            None,
            Cause::likely("no DNS server that can be reached answers queries for HTTPS records"),
        ),
        Https::Failed { text } => (
            "HTTPS query failed",
            Some(format!("resolver: {}", escape(text))),
            Cause::likely("no network, or no working DNS server on this machine"),
        ),
        Https::Records(records) => match records.iter().find_map(|record| record.unusable.as_ref()) {
            Some(why) => (
                "ECH configuration unusable",
                None,
                Cause::certain(format!("the HTTPS record of {name}: {}", escape(why))),
            ),
            None if records.is_empty() => (
                "no HTTPS record, so no ECH",
                None,
                Cause::certain(format!(
                    "{name} has no HTTPS record: the service publishes no ECH configuration"
                )),
            ),
            None => (
                "no ECH configuration in the HTTPS record",
                None,
                Cause::certain(format!("the HTTPS record of {name} has no parameter ech")),
            ),
        },
    };
    let mut failure = Failure::new(NO_CONFIGURATION.id, Outcome::Unreachable, "dns", summary);
    failure.stage = "looking up the ECH configuration; nothing was sent to the server".into();
    failure.who = who;
    failure.causes = vec![cause];
    failure.remedy.text = Some(
        "an ECHConfigList from elsewhere (--ech FILE); without --ech the name is sent in the clear".into(),
    );
    failure.remedy.command = Some(Command::default().without("--ech"));
    Some(failure)
}

/// What was offered, and what came of it in the first handshake.
pub(super) fn offered<'a>(case: &Case<'a>) -> Option<(Option<&'a Offered>, &'a Ech)> {
    Some((case.capture.ech.as_ref(), case.handshake()?.ech.as_ref()?))
}

/// The name that the server's certificate has to be for: the public name of the configuration where the server rejected
/// ECH (RFC 9849, section 6.1.7), else what was asked for.
pub fn name_to_verify<'a>(capture: &'a Capture, trace: &Trace) -> Option<&'a str> {
    let rejected = trace
        .handshake()
        .and_then(|handshake| handshake.ech.as_ref())
        .is_some_and(|ech| ech.accepted.fails());
    let public = capture.ech.as_ref().filter(|ech| ech.is_real() && rejected).and_then(Offered::public_name);
    public.or(capture.intent.verify_name.as_deref())
}

/// The `ECHConfigList` that the server sent, with its length.
pub fn retry_configs<'a>(case: &Case<'a>) -> Option<&'a [u8]> {
    let list = case.trace().bytes(case.handshake()?.facts.ech_retry_configs?);
    crate::wire::ech::read_list(list).is_ok_and(|configs| !configs.is_empty()).then_some(list)
}

/// Those that a client connects again with: it offered others, and the server that rejected them is the one of the
/// public name.
pub fn to_try_next<'a>(case: &Case<'a>) -> Option<&'a [u8]> {
    let (offered, ech) = offered(case)?;
    // One retry, no more: servers that disagree would go on for ever.
    let first = offered.is_some_and(|offered| offered.is_real() && offered.source != EchSource::Retry);
    (first && ech.accepted.fails() && authenticated::of(case, Standard::of(case)).holds())
        .then(|| retry_configs(case))
        .flatten()
}

/// What became of a real offer, in words.
pub fn became(case: &Case<'_>) -> Option<&'static str> {
    let (offered, ech) = offered(case)?;
    let offered = offered.filter(|offered| offered.is_real())?;
    match (&ech.accepted, &offered.source) {
        (State::Holds, EchSource::Retry) => Some("ECH accepted (retry configurations)"),
        (State::Holds, _) => Some("ECH accepted"),
        (State::Fails(_), _) => Some("ECH rejected"),
        (State::NotEvaluated(_), _) => None,
    }
}

/// Whether the server accepted a real offer; no check where there was none.
pub(super) fn check(case: &Case<'_>) -> Option<Check> {
    let (offered, ech) = offered(case)?;
    let hides = offered.is_some_and(Offered::is_real);
    let evidence = ech.confirmations.iter().map(|it| at(it.found.message)).collect();
    hides.then(|| Check { id: "ech.accepted", state: ech.accepted.clone(), evidence })
}

pub(super) fn at(message: usize) -> Evidence {
    Evidence { message: Some(message), ..Evidence::default() }
}

/// Whether the client itself ended the handshake because of it.
fn gave_up(case: &Case<'_>) -> bool {
    case.capture.engine.as_ref().is_some_and(|engine| !engine.complete && engine.refused)
}

fn rejected(case: &Case<'_>) -> Option<Failure> {
    let (offered, ech) = offered(case)?;
    let offered = offered.filter(|offered| offered.is_real())?;
    let how = match &ech.accepted {
        State::Fails(how) if gave_up(case) => how,
        _ => return None,
    };
    // The HelloRetryRequest confirmed it.
    if ech.confirmations.first().is_some_and(|first| first.equal) {
        return None;
    }
    let public = escape(offered.public_name().unwrap_or_default());
    let standard = Standard::of(case);
    let proven = match case.complete() {
        true => authenticated::of(case, standard),
        false => authenticated::peer(case, standard),
    };
    let mut failure = if let Some(why) = proven.reason() {
        let mut failure =
            Failure::new(PUBLIC_NAME.id, Outcome::Untrusted, "tls", "ECH rejected, public name not proven");
        failure.detail = Some(format!("the server is not authenticated for the public name {public}: {why}"));
        failure.causes = vec![
            Cause::likely(format!(
                "the configuration is for another server: one that has a certificate for {public}"
            )),
            Cause::possible("somebody between here and the server answers in its place"),
        ];
        failure.remedy.text = Some(format!(
            "on the server a certificate for {public}, or an ECH configuration for this server"
        ));
        failure
    } else if let Some(list) = retry_configs(case) {
        let mut failure = Failure::new(
            RULE.id,
            Outcome::Failed,
            "tls",
            "Encrypted Client Hello rejected, other keys offered",
        );
        failure.causes = why_others(offered, list);
        failure.remedy.text = Some(
            "the server's current ECHConfigList in the HTTPS record, with a time to live shorter than the key's".into(),
        );
        failure.remedy.command = Some(Command::default().set("--ech", Some(&STANDARD.encode(list))));
        failure
    } else {
        let mut failure =
            Failure::new(RULE.id, Outcome::Failed, "tls", "Encrypted Client Hello rejected, none available");
        failure.causes = vec![
            Cause::likely(
                "ECH is switched off on this server, or was never on: it proved to be the server of the public name, \
                 and sent no configurations",
            ),
            Cause::possible("several servers answer at this address, and this one has no ECH key"),
        ];
        failure.remedy.text = Some(
            "ECH keys on every server of the public name, or no ech in the HTTPS record; without --ech the name is \
             sent in the clear"
                .into(),
        );
        failure.remedy.command = Some(Command::default().without("--ech"));
        failure
    };
    failure.stage = case.stage();
    failure.by = Some(By::Server);
    let required =
        case.trace().alerts().any(|(.., description)| description == AlertDescription::ech_required);
    failure.who = Some(match required {
        true => "the server rejected it; the client ended the handshake with ech_required, as it must".into(),
        false => "the server rejected it, and the client ended the handshake".to_owned(),
    });
    failure.seen = Some(format!("{how}; the certificate was verified for the public name, {public}"));
    let list = case.handshake().and_then(|handshake| handshake.facts.ech_retry_configs);
    let answer = case.trace().first(types::SERVER_HELLO).map(|(index, _)| index);
    failure.evidence = list.map(|span| span.message).or(answer).into_iter().map(at).collect();
    Some(failure)
}

/// Why a server sends configurations in place of the one that was used.
fn why_others(offered: &Offered, list: &[u8]) -> Vec<Cause> {
    let used = offered.config();
    let id = used.and_then(|config| config.contents).map(|contents| contents.config_id).unwrap_or_default();
    let same = used.is_some_and(|used| {
        let list = crate::wire::ech::read_list(list).unwrap_or_default();
        list.iter().any(|config| config.bytes == used.bytes)
    });
    match same {
        true => vec![Cause::likely(format!(
            "the server sends the same configuration (id {id}) again, so it did not decrypt the hello although it should \
             be able to: it has another private key for it, or a middlebox changed the outer hello"
        ))],
        false => vec![
            Cause::likely(format!(
                "the configuration (id {id}) is out of date: the server's keys were rotated since it was published"
            )),
            Cause::possible("several servers answer at this address and have different ECH keys"),
        ],
    }
}

fn inconsistent(case: &Case<'_>) -> Option<Failure> {
    let (_, ech) = offered(case)?;
    let [first, second] = &ech.confirmations[..] else { return None };
    if !first.equal || second.equal || !gave_up(case) {
        return None;
    }
    let mut failure = Failure::new(INCONSISTENT.id, Outcome::Failed, "tls", "ECH accepted, then rejected");
    failure.detail = ech.accepted.reason().map(str::to_owned);
    failure.stage = case.stage();
    failure.by = Some(By::Client);
    failure.evidence = vec![at(first.found.message), at(second.found.message)];
    failure.causes =
        vec![Cause::likely("the two ClientHellos reached different servers, which do not share the ECH key")];
    failure.remedy.text = Some("the same ECH keys on all servers that answer at this address".into());
    Some(failure)
}
