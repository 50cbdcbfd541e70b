//! The steps of a connection: each with what is said of it; a message opens to its explanation, its fields and its bytes.

use maud::{Markup, html};

use super::verdict::marked;
use crate::finding::Case;
use crate::report::notes::Notes;
use crate::report::rows::{Detail, Line, Row, What};
use crate::report::sequence::Protection;
use crate::report::timeline;
use crate::wire::Direction;

/// So many steps are shown.
const SHOWN: usize = 1_000;

/// The block with all of them.
pub(super) fn block(case: &Case<'_>, number: usize) -> Markup {
    let mut rows = timeline::rows(case, Detail::Full);
    let shown: Vec<Row> = rows.by_ref().take(SHOWN).collect();
    html! {
        section .block id={ "c" (number) "-steps" } {
            h3 { "Steps" }
            p .quiet { "Times in ms. # is the number of the record. Open a message for its fields and bytes." }
            ol .steps {
                @for row in &shown { (step(case, row, number)) }
            }
            @if rows.next().is_some() {
                p .warning { "The first " (SHOWN) " steps are shown." }
            }
        }
    }
}

fn step(case: &Case<'_>, row: &Row, number: usize) -> Markup {
    if let What::Keys(epoch) = row.what {
        return html! { li class={ "keys " (class(Protection::of(epoch))) } { (row.title) } };
    }
    let What::Message(index) = row.what else {
        return html! { li class={ "step " (way(row.direction)) } { div .line { (head(row)) } (more(row)) } };
    };
    let Some(message) = case.trace().messages.get(index) else { return html! {} };
    html! {
        li class={ "step " (way(row.direction)) " " (class(Protection::of(message.epoch))) } {
            details id={ "c" (number) "m" (index) } data-message=(index) {
                summary .line { (head(row)) }
                (more(row))
                (notes(case, index))
                div .bytes {}
            }
        }
    }
}

/// The class that a protection is drawn in.
pub(super) fn class(protection: Protection) -> &'static str {
    match protection {
        Protection::Clear => "clear",
        Protection::EarlyData => "early",
        Protection::Handshake => "handshake",
        Protection::Application | Protection::Session => "application",
    }
}

fn way(direction: Option<Direction>) -> &'static str {
    match direction {
        Some(Direction::Client) => "sent",
        Some(Direction::Server) => "received",
        None => "local",
    }
}

/// Time, direction, lock, name, what is said of it first, records.
fn head(row: &Row) -> Markup {
    let at = row.at.map(|at| format!("{:.1}", at.as_secs_f64() * 1000.0));
    let (arrow, words) = match row.direction {
        Some(Direction::Client) => ("→", "from the client: "),
        Some(Direction::Server) => ("←", "from the server: "),
        None => ("", ""),
    };
    html! {
        span .at { (at.unwrap_or_default()) }
        span .arrow aria-hidden="true" { (arrow) }
        span .name {
            span .unseen { (words) }
            (row.title)
            @if row.times > 1 { " ×" (row.times) }
            @if row.encrypted { " " span .lock role="img" aria-label="encrypted" title="encrypted" { "●" } }
        }
        span .says {
            @for line in row.lines.iter().filter(|line| line.detail == Detail::Brief) {
                span .say { (said(line)) }
            }
        }
        span .record {
            @match row.records {
                Some((first, last)) if first != last => { "#" (first) "–" (last) },
                Some((first, _)) => { "#" (first) },
                None => {},
            }
        }
    }
}

fn said(line: &Line) -> Markup {
    html! {
        @if let Some(label) = line.label.filter(|label| !label.is_empty()) { span .label { (label) } " " }
        (marked(line))
    }
}

/// What only who asks for more is told.
fn more(row: &Row) -> Markup {
    let lines: Vec<_> = row.lines.iter().filter(|line| line.detail == Detail::Full).collect();
    html! {
        @if !lines.is_empty() {
            ul .more { @for line in lines { li { (said(line)) } } }
        }
    }
}

/// What the message is for.
fn notes(case: &Case<'_>, index: usize) -> Markup {
    let notes = Notes::default().of_message(case, index);
    html! {
        @if !notes.is_empty() {
            div .notes {
                @for note in &notes {
                    @match note.about {
                        Some(about) => details .note { summary { (about) } p { (note.text) } },
                        None => p { (note.text) },
                    }
                }
            }
        }
    }
}
