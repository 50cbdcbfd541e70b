//! Everything about one connection, in the order in which it is wanted.

use maud::html;

use super::{chain, keys, steps, verdict};
use crate::render::{Settings, svg};
use crate::report::Report;
use crate::report::sequence::Sequence;

/// The connection at this place of the report; `number` tells it apart from the others in the page.
pub(super) fn section(report: &Report, place: usize, number: usize, settings: &Settings) -> String {
    let Some(judged) = report.connections.get(place) else { return String::new() };
    let case = judged.case(&report.question);
    let decides = report.decisive_place() == Some(place);
    let sequence = Sequence::of(&case, &judged.verdict, None, None);
    let diagram = html! {
        @if let Some(sequence) = &sequence {
            section .block id={ "c" (number) "-sequence" } {
                h3 { "Sequence" }
                figure .sequence {
                    div .scroll tabindex="0" role="region" aria-label="Sequence diagram" {
                        (svg::diagram(sequence, Some(&format!("c{number}m"))))
                    }
                    figcaption { (svg::legend(sequence)) }
                }
            }
        }
    };
    let steps = if sequence.is_some() {
        steps::block(&case, number)
    } else {
        html! {}
    };
    let results = verdict::results(judged, settings.min_severity);
    let parts = [
        ("sequence", "Sequence", diagram),
        ("steps", "Steps", steps),
        ("certificates", "Certificates", chain::block(&case, number)),
        ("client", "Client certificate", chain::client_auth(&case, number)),
        ("offer", "Offered and chosen", keys::offered(&case, number)),
        ("keys", "Key schedule", keys::schedule(&case, number, settings.show_secrets)),
        (
            "quantum",
            "Post-quantum",
            if decides {
                keys::quantum(report, number)
            } else {
                html! {}
            },
        ),
        ("results", "Findings and checks", html! { div id={ "c" (number) "-results" } { (results) } }),
    ];
    let parts: Vec<_> = parts.into_iter().filter(|(_, _, part)| !part.0.is_empty()).collect();
    let markup = html! {
        (verdict::block(report, judged, place, number))
        nav .contents aria-label="Parts of this connection" {
            ul {
                @for (id, name, _) in &parts { li { a href={ "#c" (number) "-" (id) } { (name) } } }
            }
        }
        @for (_, _, part) in &parts { (part) }
    };
    markup.into_string()
}
