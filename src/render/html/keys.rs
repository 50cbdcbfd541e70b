//! What was offered against what was chosen, and the key schedule as a drawing.

use maud::{Markup, html};

use super::chain::sign;
use crate::finding::Case;
use crate::report::Report;
use crate::report::offer::{self, Offered};
use crate::report::post_quantum;
use crate::report::schedule::{self, Branch, Stage};
use crate::trace::schedule::Derived;

/// So many items of a list are shown at once.
const SHOWN: usize = 60;

/// Offered against chosen.
pub(super) fn offered(case: &Case<'_>, number: usize) -> Markup {
    let rows = offer::of(case);
    if rows.is_empty() {
        return html! {};
    }
    html! {
        section .block id={ "c" (number) "-offer" } {
            h3 { "Offered and chosen" }
            dl .offer { @for row in &rows { (choice(row)) } }
        }
    }
}

fn choice(row: &Offered) -> Markup {
    html! {
        div {
            dt { (row.name) }
            dd .chosen {
                @if let Some(mark) = row.mark() { (sign(mark)) " " }
                @match &row.chosen {
                    Some(chosen) => strong { (chosen) },
                    None => span .quiet { "none chosen" },
                }
                @if let Some(why) = row.state.as_ref().and_then(|state| state.reason()) { " " span .wrong { (why) } }
            }
            dd .items {
                @if row.items.is_empty() { span .quiet { "not offered" } }
                ul {
                    @for item in row.items.iter().take(SHOWN) {
                        li class=[class(item)] {
                            (item.name)
                            @if item.chosen { span .unseen { " (chosen)" } }
                        }
                    }
                    @if row.items.len() > SHOWN { li .quiet { "and " (row.items.len() - SHOWN) " more" } }
                }
            }
        }
    }
}

fn class(item: &offer::Item) -> Option<&'static str> {
    match (item.chosen, item.quiet) {
        (true, _) => Some("chosen"),
        (false, true) => Some("signal"),
        (false, false) => None,
    }
}

/// How the connection stands up to a quantum computer.
pub(super) fn quantum(report: &Report, number: usize) -> Markup {
    let Some(known) = post_quantum::of(report) else { return html! {} };
    html! {
        section .block id={ "c" (number) "-quantum" } {
            h3 { "Post-quantum" }
            dl .details {
                @for (name, half) in [("key exchange", &known.key_exchange), ("authentication", &known.authentication)] {
                    div {
                        dt { (name) }
                        dd {
                            (half.state.words())
                            @if let Some(name) = &half.name { ": " (name) }
                            "; " (half.text)
                        }
                    }
                }
            }
        }
    }
}

/// The key schedule. The bytes of secrets are in it only if that was asked for.
pub(super) fn schedule(case: &Case<'_>, number: usize, secrets: bool) -> Markup {
    let Some(drawing) = schedule::of(case) else { return html! {} };
    html! {
        section .block id={ "c" (number) "-keys" } {
            h3 { "Key schedule" }
            p .quiet {
                "Computed with " (drawing.hash) ". "
                @if !secrets { "Secrets are not in this page; " code { "--show-secrets" } " puts them into it." }
            }
            ol .schedule { @for stage in &drawing.stages { (self::stage(stage, secrets)) } }
        }
    }
}

fn stage(stage: &Stage, secrets: bool) -> Markup {
    html! {
        li {
            div .stage {
                strong { (stage.name) }
                " " span .quiet { "from " (stage.from) }
                (known(stage.known.as_ref(), secrets))
            }
            @if !stage.branches.is_empty() {
                ul .branches { @for branch in &stage.branches { li { (self::branch(branch, secrets)) } } }
            }
        }
    }
}

fn branch(branch: &Branch, secrets: bool) -> Markup {
    html! {
        code { (branch.name) }
        @if branch.known.is_some() { " " span .tag { "in the recording" } }
        @if !branch.over.is_empty() { span .over { "over " (branch.over) } }
        span .use { "for " (branch.protects) }
        (known(branch.known.as_ref(), secrets))
    }
}

fn known(known: Option<&Derived>, secrets: bool) -> Markup {
    let Some(derived) = known.filter(|_| secrets) else { return html! {} };
    html! {
        dl .secret {
            div { dt { "secret" } dd { code { (hex::encode(&derived.secret)) } } }
            @for (name, bytes) in &derived.children {
                div { dt { (name) } dd { code { (hex::encode(bytes)) } } }
            }
        }
    }
}
