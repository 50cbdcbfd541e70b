//! The certificate chain and what was found about it; client authentication below.

use super::screen::{Screen, Style, width};
use super::{detail, explained};
use crate::finding::Case;
use crate::finding::summary::counted;
use crate::report::chain::{Certificate, Chain, Part, date};
use crate::report::client_auth;
use crate::report::notes::Notes;
use crate::report::rows::{Detail, Line, Mark};
use crate::trace::State;

/// Below so many columns a certificate has two lines.
const NARROW: usize = 72;

pub(super) fn write(screen: &mut Screen<'_>, case: &Case<'_>, notes: &mut Notes) {
    let Some(chain) = Chain::of(case) else { return };
    if !case.offline() {
        screen.gap();
    }
    let trust = trust(screen, &chain);
    screen.ends(&chain.title, &trust);
    explained(screen, 2, "concept.certificate_chain", notes);
    let subject_width = subject_width(screen, &chain);
    for certificate in &chain.certificates {
        self::certificate(screen, certificate, subject_width);
        if detail(screen.settings) == Detail::Full {
            for (name, value) in certificate.details() {
                let lead = format!("{:10}{}", "", screen.paint(Style::Dim, &format!("{name:<10}")));
                screen.wrapped(&lead, 20, Style::Plain, &value);
            }
        }
    }
    parts(screen, &chain.parts);
    for id in chain.failing.iter().copied() {
        explained(screen, 4, id, notes);
    }
    for line in &chain.remarks {
        remark(screen, line);
        if let Some(id) = &line.explain {
            explained(screen, 4, id, notes);
        }
    }
}

/// `trust: mozilla, 120 anchors`
fn trust(screen: &Screen<'_>, chain: &Chain<'_>) -> String {
    let stores: Vec<_> = chain
        .trust
        .iter()
        .map(|(name, anchors)| format!("{}, {}", screen.cut(name, 40), counted(*anchors, "anchor")))
        .collect();
    if stores.is_empty() { "trust: nothing".into() } else { format!("trust: {}", stores.join("; ")) }
}

/// What is left for the subject on a line of this width.
fn subject_width(screen: &Screen<'_>, chain: &Chain<'_>) -> usize {
    if screen.width() < NARROW {
        return screen.width() - 12;
    }
    let longest = chain.certificates.iter().map(|it| width(&it.element.subject)).max().unwrap_or(0);
    let fixed = screen.mark_width() + 3 + 7 + 2 + 9 + 2 + 16 + 2 + 10 + 2 + 5;
    longest.clamp(12, screen.width().saturating_sub(fixed).max(12))
}

fn certificate(screen: &mut Screen<'_>, certificate: &Certificate<'_>, subject_width: usize) {
    let element = certificate.element;
    let label = format!("{} {:<4}", certificate.number, certificate.role());
    let subject = screen.cut(&element.subject, subject_width);
    let until = element.not_after.map(|at| format!("until {}", date(at))).unwrap_or_default();
    let days = element
        .days_left
        .map(|days| format!("{} {}", days, if days.abs() == 1 { "day" } else { "days" }))
        .unwrap_or_default();
    let over = element.days_left.is_some_and(|days| days < 0);
    let style = if over { Style::Bad } else { Style::Plain };
    let mark = screen.mark(certificate.mark);
    let key = element.key.as_deref().unwrap_or_default();
    let source = element.source.name();
    if screen.width() < NARROW {
        let days = screen.paint(style, &days);
        screen.line(&format!("  {mark} {label:<6} {subject}"));
        screen.wrapped(&" ".repeat(10), 10, Style::Plain, &format!("{key} · {until} · {days} · {source}"));
        return;
    }
    let fill = subject_width - width(&subject).min(subject_width);
    let days = screen.paint(style, &format!("{days:>10}"));
    let source = screen.paint(Style::Dim, source);
    screen.line(&format!("  {mark} {label:<6} {subject}{:fill$}  {key:<9} {until:<16} {days}  {source}", ""));
}

/// `✓ name  ✓ dates  ✓ signatures  ✓ usage`, and why not.
fn parts(screen: &mut Screen<'_>, parts: &[Part<'_>]) {
    let (mut line, mut used) = (String::new(), 0);
    for part in parts {
        let mark = part.state.into();
        let needed = 2 + width(screen.sign(mark)) + 1 + width(part.name);
        if used + needed > screen.width() {
            screen.line(&std::mem::take(&mut line));
            used = 0;
        }
        line.push_str(&format!("  {} {}", screen.bare_mark(mark), part.name));
        used += needed;
    }
    screen.line(&line);
    for Part { name, state } in parts {
        if let (Some(why), State::Fails(_) | State::NotEvaluated(_)) = (state.reason(), state) {
            let lead = format!("    {} ", screen.mark(*state));
            let style = if state.fails() { Style::Bad } else { Style::Warn };
            screen.wrapped(&lead, 6 + screen.mark_width(), style, &format!("{name}: {why}"));
        }
    }
}

/// A statement behind its mark, if it has one.
fn remark(screen: &mut Screen<'_>, line: &Line) {
    match line.mark {
        Some(mark) => {
            let lead = format!("  {} ", screen.mark(mark));
            screen.wrapped(&lead, 3 + screen.mark_width(), line.tone.into(), &line.text);
        }
        None => screen.wrapped("  ", 4, line.tone.into(), &line.text),
    }
}

/// What became of our certificate.
pub(super) fn client_auth(screen: &mut Screen<'_>, case: &Case<'_>) {
    let Some((result, fits)) = client_auth::lines(case) else { return };
    screen.gap();
    let mark = screen.bare_mark(result.mark.unwrap_or(Mark::NotEvaluated));
    let lead = format!("client certificate  {mark} ");
    screen.wrapped(&lead, 22, Style::Plain, &result.text);
    let detail = detail(screen.settings);
    for line in fits.iter().filter(|line| line.detail <= detail) {
        remark(screen, line);
    }
}
