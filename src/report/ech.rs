//! What the timeline says of Encrypted Client Hello.

use super::rows::{Line, Mark};
use crate::capture::{EchSource, Https, HttpsRecord, Step};
use crate::finding::{Case, summary};
use crate::trace::{Message, State};
use crate::wire::codepoints::{HPKE_AEADS, HPKE_KDFS, HPKE_KEMS};
use crate::wire::ech;
use crate::wire::facts::{ClientHello, Facts};
use crate::wire::text::{escape, escape_bytes};

/// A query for HTTPS records.
pub(super) fn record(case: &Case<'_>, step: &Step, name: &str, outcome: &Https) -> Vec<Line> {
    let took = case.when(step.took);
    let name = escape(name);
    let records = match outcome {
        Https::Records(records) => records,
        Https::Failed { text } => return vec![Line::text(format!("FAILED: {} · {took}", escape(text)))],
        Https::Timeout => return vec![Line::text(format!("no answer in {took}"))],
    };
    let first = match records.len() {
        0 => format!("none for {name} · {took}"),
        count => format!("{} for {name} · {took}", summary::counted(count, "record")),
    };
    let line = |record: &HttpsRecord| {
        let target = match (record.priority, record.target.as_str()) {
            (0, target) => return Line::text(format!("alias of {}", escape(target))),
            (_, ".") => name.clone(),
            (_, target) => escape(target),
        };
        let port = record.port.map(|port| format!(" · port {port}")).unwrap_or_default();
        let ech = match (&record.ech, &record.unusable) {
            (_, Some(why)) => format!("ech unusable: {}", escape(why)),
            (Some(list), None) => format!("ech, {} B", list.len()),
            (None, None) => "no ech".to_owned(),
        };
        Line::text(format!("{} {target}{port} · {ech}", record.priority))
    };
    std::iter::once(Line::text(first)).chain(records.iter().map(line)).collect()
}

/// Under an outer ClientHello: what is offered, and what it hides.
pub(super) fn client_hello(case: &Case<'_>, message: &Message, outer: &ClientHello) -> Vec<Line> {
    let Some(sent) = outer.ech else { return Vec::new() };
    let offered = case.capture.ech.as_ref();
    let [kdf, aead] = sent.cipher_suite;
    let mut parts = vec![format!("configuration {}", sent.config_id)];
    let config = offered.and_then(|offered| offered.config());
    parts.extend(
        config
            .and_then(|config| config.contents)
            .map(|contents| HPKE_KEMS.show(contents.kem_id).into_owned()),
    );
    parts.push(format!("{}, {}", HPKE_KDFS.show(kdf), HPKE_AEADS.show(aead)));
    match offered.map(|offered| offered.source) {
        Some(EchSource::Grease) => parts = vec!["GREASE: random bytes, nothing is hidden".into()],
        Some(EchSource::Given) => {}
        Some(EchSource::Dns) => parts.push("from the HTTPS record".into()),
        Some(EchSource::Retry) => parts.push("as the server asked".into()),
        None => parts.push("or random (GREASE)".into()),
    }
    let mut lines = vec![
        Line::labelled("ECH", parts.join(" · "))
            .of("extensions")
            .explained("extension.encrypted_client_hello"),
    ];
    let handshake = case.trace().handshakes.get(message.handshake);
    let Some(state) = handshake.and_then(|handshake| handshake.ech.as_ref()) else { return lines };
    // Both lie in the same message.
    let inner = state.inner.iter().find(|inner| inner.cipher_suites.message == outer.cipher_suites.message);
    match (inner, state.unreadable) {
        (Some(inner), _) => {
            let name = inner.server_name.map(|name| summary::host_name(case.trace().bytes(name)));
            let name = name.map_or("no SNI".to_owned(), |name| format!("SNI {name}"));
            lines.push(
                Line::labelled("hidden", format!("{name} · {} B, encrypted", sent.payload)).of("extensions"),
            );
            lines.push(Line::labelled("its random", hex::encode(inner.random)).in_full());
            let offer = summary::offer_parts(case.trace(), inner).join(" · ");
            lines.push(Line::labelled("its offer", offer).in_full());
        }
        (None, Some(why)) => lines.push(Line::bad(format!("the inner ClientHello can't be read: {why}"))),
        (None, None) => {}
    }
    lines
}

/// Under a ServerHello or HelloRetryRequest: whether it confirms the inner hello.
pub(super) fn answer(case: &Case<'_>, index: usize, message: &Message) -> Option<Line> {
    let handshake = case.trace().handshakes.get(message.handshake)?;
    let state = handshake.ech.as_ref()?;
    // Nothing was offered with GREASE.
    case.capture.ech.as_ref().is_none_or(|offered| offered.is_real()).then_some(())?;
    let confirmation = state.confirmations.iter().find(|it| it.found.message == index);
    let retry = handshake.facts.retry.is_some_and(|retry| retry.message == index);
    let (mark, words) = match (confirmation, &state.accepted) {
        (Some(it), _) if it.equal && retry => {
            (Mark::Holds, "accepted: the confirmation in it, computed again, is equal".to_owned())
        }
        (Some(it), _) if it.equal => {
            (Mark::Holds, "accepted: the random's last 8 bytes, computed again, are equal".to_owned())
        }
        (_, State::Fails(why)) => (Mark::Fails, format!("rejected: {why}")),
        (_, State::NotEvaluated(why)) => (Mark::NotEvaluated, format!("not evaluated: {why}")),
        (None, State::Holds) => (Mark::Holds, "accepted, as the secrets show".to_owned()),
        (Some(_), State::Holds) => return None,
    };
    let line = Line { mark: Some(mark), ..Line::labelled("ECH", words) };
    Some(line.explained("ech.accepted"))
}

/// Under EncryptedExtensions: the configurations that the server has instead.
pub(super) fn retry_configs(case: &Case<'_>, index: usize, facts: &Facts) -> Vec<Line> {
    let Some(list) = facts.ech_retry_configs.filter(|list| list.message == index) else { return Vec::new() };
    let configs = ech::read_list(case.trace().bytes(list)).unwrap_or_default();
    let line = |config: &ech::Config<'_>| match config.contents {
        Some(contents) => Line::labelled(
            "ECH",
            format!(
                "offers configuration {} for {} · {}",
                contents.config_id,
                escape_bytes(contents.public_name),
                HPKE_KEMS.show(contents.kem_id)
            ),
        ),
        None => Line::labelled("ECH", format!("offers a configuration of version {:#06x}", config.version)),
    };
    configs.iter().map(|config| line(config).of("extensions")).collect()
}
