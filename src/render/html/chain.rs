//! The certificates as a tree, each with its checks.

use maud::{Markup, html};

use super::verdict::marked;
use crate::certificate::{Judgement, Weight};
use crate::finding::Case;
use crate::finding::summary::counted;
use crate::report::chain::{Certificate, Chain, Node, date, tree};
use crate::report::client_auth;
use crate::report::rows::Mark;

/// A mark, with its word for who hears the page.
pub(super) fn sign(mark: Mark) -> Markup {
    let (class, sign, word) = match mark {
        Mark::Holds => ("mark good", "✓", "holds"),
        Mark::Fails => ("mark bad", "✗", "fails"),
        Mark::NotEvaluated => ("mark open", "–", "not evaluated"),
    };
    html! { span class=(class) role="img" aria-label=(word) title=(word) { (sign) } }
}

/// The block about the chain.
pub(super) fn block(case: &Case<'_>, number: usize) -> Markup {
    let (Some(chain), Some(judgement)) = (Chain::of(case), case.judgement) else { return html! {} };
    let (nodes, more) = tree(judgement);
    html! {
        section .block id={ "c" (number) "-certificates" } {
            h3 { "Certificates" }
            p .quiet { (trust(&chain)) }
            ul .parts {
                @for part in &chain.parts {
                    li {
                        (sign(Mark::from(part.state))) " " (part.name)
                        @if let Some(why) = part.state.reason() { ": " span .quiet { (why) } }
                    }
                }
            }
            (nested(&chain, judgement, &nodes))
            @if more > 0 { p .quiet { "and " (counted(more, "more certificate")) } }
            @if !chain.remarks.is_empty() {
                ul .plain { @for line in &chain.remarks { li { (marked(line)) } } }
            }
        }
    }
}

fn trust(chain: &Chain<'_>) -> String {
    let stores: Vec<_> = chain
        .trust
        .iter()
        .map(|(name, anchors)| format!("{name}, {}", counted(*anchors, "anchor")))
        .collect();
    let trust = if stores.is_empty() { "nothing".to_owned() } else { stores.join("; ") };
    match chain.title.as_str() {
        "certificates" => format!("trust: {trust}"),
        title => format!("{title} · trust: {trust}"),
    }
}

/// Each node with those below it: what it issued.
fn nested(chain: &Chain<'_>, judgement: &Judgement, nodes: &[Node]) -> Markup {
    let Some((first, rest)) = nodes.split_first() else { return html! {} };
    let own = rest.iter().position(|node| node.depth <= first.depth).unwrap_or(rest.len());
    let (below, beside) = rest.split_at(own);
    html! {
        ul .tree {
            (item(chain, judgement, first, below))
            @for (index, node) in beside.iter().enumerate().filter(|(_, node)| node.depth == first.depth) {
                @let own = beside[index + 1..].iter().take_while(|other| other.depth > node.depth).count();
                (item(chain, judgement, node, &beside[index + 1..index + 1 + own]))
            }
        }
    }
}

fn item(chain: &Chain<'_>, judgement: &Judgement, node: &Node, below: &[Node]) -> Markup {
    let certificate = node.place.and_then(|place| chain.certificates.get(place));
    html! {
        li {
            @match certificate {
                Some(certificate) => (self::certificate(certificate, judgement, node.place)),
                None => (missing(judgement)),
            }
            @if !below.is_empty() { (nested(chain, judgement, below)) }
        }
    }
}

/// The issuer that nobody gave.
fn missing(judgement: &Judgement) -> Markup {
    html! {
        @if let Some(missing) = &judgement.missing {
            div .certificate .missing {
                (sign(Mark::Fails)) " " strong { (missing.issuer) }
                " " span .quiet { "not sent, and not in the trust stores" }
                @for url in &missing.urls { " " code { (url) } }
            }
        }
    }
}

fn certificate(certificate: &Certificate<'_>, judgement: &Judgement, place: Option<usize>) -> Markup {
    let element = certificate.element;
    let own = judgement.rules.iter().filter(|rule| rule.certificate == place);
    let (hold, others): (Vec<_>, Vec<_>) = own.partition(|rule| rule.state.holds());
    html! {
        details .certificate {
            summary {
                (sign(certificate.mark)) " "
                strong { (element.subject) } " "
                span .tag { (element.role.name()) }
                span .tag { (element.source.name()) }
                @if let Some(key) = &element.key { span .tag { (key) } }
                @if let Some(until) = element.not_after {
                    span class=(if element.days_left.is_some_and(|days| days < 0) { "tag wrong" } else { "tag" }) {
                        "until " (date(until))
                        @if let Some(days) = element.days_left { " (" (counted_days(days)) ")" }
                    }
                }
                @if !element.in_path && judgement.path.is_some() { span .tag { "not in the path" } }
            }
            dl .details {
                @for (name, value) in certificate.details() { div { dt { (name) } dd { (value) } } }
            }
            @if !hold.is_empty() || !others.is_empty() {
                ul .checks {
                    @for rule in others.iter().chain(&hold) {
                        li {
                            (sign(Mark::from(&rule.state))) " " code { (rule.id) }
                            @if rule.state.fails() && rule.weight != Weight::Fatal { " " span .tag { "trusted all the same" } }
                            @if let Some(why) = rule.state.reason() { " " span .quiet { (why) } }
                        }
                    }
                }
            }
        }
    }
}

fn counted_days(days: i64) -> String {
    if days.abs() == 1 { format!("{days} day") } else { format!("{days} days") }
}

/// What became of the client's certificate.
pub(super) fn client_auth(case: &Case<'_>, number: usize) -> Markup {
    let Some((result, fits)) = client_auth::lines(case) else { return html! {} };
    html! {
        section .block id={ "c" (number) "-client" } {
            h3 { "Client certificate" }
            p { (marked(&result)) }
            @if !fits.is_empty() { ul .plain { @for line in &fits { li { (marked(line)) } } } }
        }
    }
}
