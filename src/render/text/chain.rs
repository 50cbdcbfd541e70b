//! The certificate chain and what was found about it.

use time::OffsetDateTime;
use time::macros::format_description;

use super::screen::{Screen, Style, width};
use crate::certificate::{Client, Element, Judgement, Role, Weight};
use crate::finding::Case;
use crate::finding::certificate::second_opinion;
use crate::finding::summary::counted;
use crate::trace::State;
use crate::wire::text::escape;

/// Below so many columns a certificate has two lines.
const NARROW: usize = 72;

pub(super) fn write(screen: &mut Screen<'_>, case: &Case<'_>) {
    let Some(judgement) = &case.connection.judgement else { return };
    let title = match (case.offline(), case.connection.inherited) {
        (true, _) => format!("certificates in {}", escape(&case.capture.intent.input)),
        (false, true) => "certificates of the original handshake".to_owned(),
        (false, false) => "certificates".to_owned(),
    };
    if !case.offline() {
        screen.gap();
    }
    let trust = trust(screen, case);
    screen.ends(&title, &trust);
    let subject_width = subject_width(screen, judgement);
    for (place, element) in judgement.elements.iter().enumerate() {
        self::element(screen, judgement, place, element, subject_width);
        if screen.settings.verbosity > 0 {
            details(screen, element);
        }
    }
    summary(screen, case, judgement);
}

/// `trust: mozilla, 120 anchors`
fn trust(screen: &Screen<'_>, case: &Case<'_>) -> String {
    let stores: Vec<_> = case
        .capture
        .intent
        .trust
        .iter()
        .filter(|store| !store.unread)
        .map(|store| format!("{}, {}", screen.cut(&store.name, 40), counted(store.size, "anchor")))
        .collect();
    if stores.is_empty() { "trust: nothing".into() } else { format!("trust: {}", stores.join("; ")) }
}

/// What is left for the subject on a line of this width.
fn subject_width(screen: &Screen<'_>, judgement: &Judgement) -> usize {
    let longest = judgement.elements.iter().map(|element| width(&element.subject)).max().unwrap_or(0);
    let fixed = screen.mark_width() + 3 + 6 + 2 + 9 + 2 + 16 + 2 + 10 + 2 + 5;
    if screen.width() < NARROW {
        return screen.width() - 12;
    }
    longest.clamp(12, screen.width().saturating_sub(fixed).max(12))
}

fn element(
    screen: &mut Screen<'_>,
    judgement: &Judgement,
    place: usize,
    element: &Element,
    subject_width: usize,
) {
    let mark = mark(judgement, place, element);
    let role = match element.role {
        Role::Leaf => "leaf".to_owned(),
        Role::Root => "root".to_owned(),
        Role::Intermediate => element.sent.map_or_else(|| "inter".to_owned(), |sent| sent.to_string()),
    };
    let subject = screen.cut(&element.subject, subject_width);
    let fill = subject_width - width(&subject).min(subject_width);
    let until = element.not_after.map(|at| format!("until {}", date(at))).unwrap_or_default();
    let days = element
        .days_left
        .map(|days| format!("{} {}", days, if days.abs() == 1 { "day" } else { "days" }))
        .unwrap_or_default();
    let soon = element.days_left.is_some_and(|days| days < 0);
    let days = if screen.width() < NARROW { days } else { format!("{days:>10}") };
    let days = screen.paint(if soon { Style::Bad } else { Style::Plain }, &days);
    let source = screen.paint(Style::Dim, element.source.name());
    let mark = screen.mark(&mark);
    let key = element.key.as_deref().unwrap_or_default();
    if screen.width() < NARROW {
        screen.line(&format!("  {mark} {role:<5} {subject}"));
        screen.wrapped(
            &" ".repeat(10),
            10,
            Style::Plain,
            &format!("{key} · {until} · {} · {}", days.trim(), element.source.name()),
        );
        return;
    }
    screen.line(&format!("  {mark} {role:<5} {subject}{:fill$}  {key:<9} {until:<16} {days}  {source}", ""));
}

/// The worst that is said of this certificate.
fn mark(judgement: &Judgement, place: usize, element: &Element) -> State {
    if let Some(why) = &element.unreadable {
        return State::Fails(why.clone());
    }
    let of_it =
        judgement.rules.iter().filter(|rule| rule.certificate == Some(place) && rule.weight == Weight::Fatal);
    if let Some(bad) = of_it.clone().find(|rule| rule.state.fails()) {
        return bad.state.clone();
    }
    if let Some(open) = of_it.clone().find(|rule| matches!(rule.state, State::NotEvaluated(_))) {
        return open.state.clone();
    }
    if element.in_path { State::Holds } else { State::NotEvaluated("not on the path".into()) }
}

/// Everything about one certificate (`-v`).
fn details(screen: &mut Screen<'_>, element: &Element) {
    let mut rows: Vec<(&str, String)> = vec![("subject", element.subject_dn.clone())];
    let mut push = |name, value: Option<String>| rows.extend(value.map(|value| (name, value)));
    push("issuer", element.issuer_dn.clone());
    push("names", (!element.sans.is_empty()).then(|| element.sans.join(", ")));
    push("serial", element.serial.clone());
    push(
        "valid",
        element
            .not_before
            .zip(element.not_after)
            .map(|(from, to)| format!("{} – {}", moment(from), moment(to))),
    );
    push("signature", element.signature.clone());
    push("usage", element.key_usage.clone());
    push("for", element.extended_key_usage.as_ref().map(|usages| usages.join(", ")));
    push("SHA-256", element.sha256.clone());
    push("pin", element.spki_pin.as_ref().map(|pin| format!("sha256//{pin}")));
    for (name, value) in rows {
        let lead = format!("{:10}{}", "", screen.paint(Style::Dim, &format!("{name:<10}")));
        screen.wrapped(&lead, 20, Style::Plain, &value);
    }
}

/// `✓ name  ✓ dates  ✓ signatures  ✓ usage`, and what is wrong.
fn summary(screen: &mut Screen<'_>, case: &Case<'_>, judgement: &Judgement) {
    let parts = [
        ("name", &judgement.name),
        ("dates", &judgement.dates),
        ("signatures", &judgement.signatures),
        ("usage", &judgement.usage),
        ("path to an anchor", &judgement.chain),
    ];
    let line: Vec<_> =
        parts.iter().map(|(name, state)| format!("{} {name}", screen.mark(state).trim_end())).collect();
    let line = format!("  {}", line.join("  "));
    screen.line(&line);
    for (name, state) in parts {
        if let (Some(why), State::Fails(_) | State::NotEvaluated(_)) = (state.reason(), state) {
            let lead = format!("    {} ", screen.mark(state));
            let style = if state.fails() { Style::Bad } else { Style::Warn };
            screen.wrapped(&lead, 6 + screen.mark_width(), style, &format!("{name}: {why}"));
        }
    }
    if case.connection.inherited {
        let words = "a resumed handshake sends no certificate: this is the one that the session began with";
        screen.wrapped("  ", 2, Style::Dim, words);
    }
    further(screen, case, judgement);
    // What a rustls client decides is shown where it differs from the list above.
    if let Some(words) = second_opinion(judgement) {
        screen.wrapped("  ", 4, Style::Warn, &words);
        for difference in &judgement.differences {
            screen.wrapped("    ", 4, Style::Dim, &format!("{}: {}", difference.id, difference.reason));
        }
    }
    others(screen, judgement);
    revocation(screen, judgement);
    timestamps(screen, judgement);
}

/// Days, pins and the key that was given, where they were asked for.
fn further(screen: &mut Screen<'_>, case: &Case<'_>, judgement: &Judgement) {
    let intent = &case.capture.intent;
    let marked = |screen: &mut Screen<'_>, state: &State, words: &str| {
        let lead = format!("  {} ", screen.mark(state));
        screen.wrapped(&lead, 3 + screen.mark_width(), Style::Plain, words);
    };
    if intent.min_days.is_some() {
        let words = judgement
            .days
            .reason()
            .map_or_else(|| "days left: enough".to_owned(), |why| format!("days left: {why}"));
        marked(screen, &judgement.days, &words);
    }
    if !intent.pins.is_empty() {
        let pin = judgement.rules.iter().find(|rule| rule.id == "cert.pin_mismatch");
        let state = pin.map_or(State::Holds, |rule| rule.state.clone());
        let words = state
            .reason()
            .map_or_else(|| "pinned key: it is in the chain".to_owned(), |why| format!("pinned key: {why}"));
        marked(screen, &state, &words);
    }
    match intent.key_fits {
        Some(true) => marked(screen, &State::Holds, "the key belongs to the first certificate"),
        Some(false) => {
            marked(screen, &State::Fails(String::new()), "the key does not belong to the first certificate")
        }
        None => {}
    }
    for fetched in &case.capture.evidence {
        let url = escape(&fetched.url);
        match &fetched.error {
            None => marked(screen, &State::Holds, &format!("fetched {url}, {} B", fetched.bytes.len())),
            Some(why) => {
                marked(screen, &State::Fails(String::new()), &format!("not fetched: {url}: {}", escape(why)))
            }
        }
    }
}

/// Stores and clients that come to another verdict than ours.
fn others(screen: &mut Screen<'_>, judgement: &Judgement) {
    let trusted = judgement.trusted.holds();
    let read: Vec<_> = judgement.stores.iter().filter(|store| store.size > 0).collect();
    if read.len() > 1 {
        let words: Vec<_> = read
            .iter()
            .map(|store| {
                format!("{} by {}", if store.trusted.holds() { "trusted" } else { "not trusted" }, store.name)
            })
            .collect();
        screen.wrapped("  ", 2, Style::Plain, &words.join("; "));
    }
    // rustls has its own line.
    let differs = |client: &&Client| {
        client.name != "rustls" && client.accepts.is_some_and(|accepts| accepts != trusted)
    };
    let differing: Vec<_> = judgement.clients.iter().filter(differs).collect();
    if !differing.is_empty() {
        let names: Vec<_> = differing.iter().map(|client| client.name).collect();
        let does = if trusted { "refuse" } else { "accept" };
        let mut because: Vec<_> = differing.iter().flat_map(|client| client.because.clone()).collect();
        because.dedup();
        let because = if because.is_empty() { String::new() } else { format!(" ({})", because.join(", ")) };
        let words = format!("{} would {does} it{because}", names.join(" and "));
        screen.wrapped("  ", 4, Style::Warn, &words);
    }
}

/// What OCSP and CRLs say.
fn revocation(screen: &mut Screen<'_>, judgement: &Judgement) {
    if judgement.revocation.is_empty() {
        let lead = format!("  {} ", screen.mark(&State::NotEvaluated(String::new())));
        let rule = judgement.rules.iter().find(|rule| rule.id == "cert.revoked");
        let why = rule.and_then(|rule| rule.state.reason()).unwrap_or("nothing stapled");
        screen.wrapped(&lead, 3 + screen.mark_width(), Style::Plain, &format!("revocation: {why}"));
        return;
    }
    for revocation in &judgement.revocation {
        let subject = judgement.elements.get(revocation.of).map_or("?", |element| element.subject.as_str());
        let by =
            revocation.responder.as_ref().map(|responder| format!(" by {responder}")).unwrap_or_default();
        let until = revocation.next_update.map(|at| format!(", good until {}", date(at))).unwrap_or_default();
        let state = if revocation.usable.fails() { &revocation.usable } else { &revocation.good };
        let words = match state {
            State::Holds => {
                format!("revocation: {subject} is not revoked ({}{by}{until})", revocation.source.name())
            }
            State::Fails(why) | State::NotEvaluated(why) => {
                format!("revocation: {subject}: {why} ({}{by})", revocation.source.name())
            }
        };
        let lead = format!("  {} ", screen.mark(state));
        screen.wrapped(&lead, 3 + screen.mark_width(), Style::Plain, &words);
    }
}

/// Signed certificate timestamps.
fn timestamps(screen: &mut Screen<'_>, judgement: &Judgement) {
    for sct in &judgement.scts {
        let log = sct.log.clone().unwrap_or_else(|| sct.log_id.chars().take(16).collect());
        let at = date(i64::try_from(sct.timestamp_ms / 1000).unwrap_or(i64::MAX));
        let why = sct.verified.reason().map(|why| format!(": {why}")).unwrap_or_default();
        let words = format!("timestamp of log {log}, {at}, from the {}{why}", sct.from.name());
        let lead = format!("  {} ", screen.mark(&sct.verified));
        screen.wrapped(&lead, 3 + screen.mark_width(), Style::Plain, &words);
    }
}

fn date(at: i64) -> String {
    let format = format_description!("[year]-[month]-[day]");
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_else(|| "?".into())
}

fn moment(at: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_else(|| "?".into())
}
