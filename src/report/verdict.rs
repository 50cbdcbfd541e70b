//! The verdict as rows: the last line, what is known about it, and what else is worth telling.

use std::borrow::Cow;

use super::diagnosis::Diagnosis;
use super::rows::{Line, Mark, Tone};
use crate::certificate::rules;
use crate::finding::authenticated::{self, Standard};
use crate::finding::experiment::{Conclusion, MOST};
use crate::finding::summary::{self, Length};
use crate::finding::{Case, Cause, Certainty, Failure, Finding, Outcome, Severity, Verdict, explain};
use crate::trace::{Evidence, State};
use crate::wire::Direction;
use crate::wire::text::is_hostile;

/// What the last line says, from the whole to the shortest: a renderer takes the first that fits.
pub fn headlines(case: &Case<'_>, verdict: &Verdict) -> Vec<String> {
    match (verdict.outcome, &verdict.id) {
        _ if verdict.expected => vec![verdict.summary.clone()],
        (Outcome::Ok, None) => Length::ALL.map(|length| summary::success(case, length)).to_vec(),
        (Outcome::Ok, Some(_)) => {
            let summary = &verdict.summary;
            let longer = |length| format!("{summary} · {}", summary::success(case, length));
            Length::ALL.map(longer).into_iter().chain([summary.clone()]).collect()
        }
        _ => vec![verdict.summary.clone()],
    }
}

/// The rows of the block under the last line: each with its name, but those that go on with the row before.
/// What experiments found takes the place of what could be supposed.
pub fn rows(case: &Case<'_>, verdict: &Verdict, diagnosis: Option<&Diagnosis>) -> Vec<Line> {
    // The chain's block has said it of a certificate.
    let told = verdict.phase == Some("certificate") && case.judgement.is_some();
    let detail = verdict.detail.iter().filter(|_| !told);
    let detail = detail.map(|detail| Line::labelled("what", detail));
    let mut rows: Vec<Line> = detail.collect();
    let Some(failure) = &verdict.failure else {
        rows.extend(diagnosis.into_iter().flat_map(compared));
        return rows;
    };
    rows.push(Line::labelled("id", failure.id.clone()).explained(failure.id.clone()));
    let mut row = |name: &'static str, text: String| rows.push(Line::labelled(name, text));
    if !failure.stage.is_empty() {
        row("stage", failure.stage.clone());
    }
    if let Some(who) = &failure.who {
        row("who", who.clone());
    }
    if case.connected() {
        let bytes = |direction: Direction| case.trace().flows[direction.index()].bytes;
        let (sent, received) = (bytes(Direction::Client), bytes(Direction::Server));
        row(
            "seen",
            match case.capture.intent.origin.is_live() {
                true => format!("{sent} B sent, {received} B received"),
                false => format!("{sent} B from the client, {received} B from the server"),
            },
        );
    }
    if let Some(seen) = &failure.seen {
        row(if case.connected() { "" } else { "seen" }, seen.clone());
    }
    let mut places: Vec<_> = failure.evidence.iter().filter_map(|evidence| place(case, evidence)).collect();
    places.dedup();
    if !places.is_empty() {
        row("evidence", places.join(", "));
    }
    if failure.phase != "certificate"
        && let Some(judgement) = case.judgement
    {
        // A certificate that anybody can copy says nothing about who answers.
        let peer = authenticated::peer(case, Standard::Full);
        let words = match (&peer, judgement.trusted.holds()) {
            (State::NotEvaluated(why), true) if verdict.outcome == Outcome::Unevaluated => {
                match case.complete() {
                    true => format!("the chain is trusted; it could not be checked that the server has the key: {why}"),
                    false => {
                        "the chain is trusted; the handshake that would authenticate the server was not completed"
                            .into()
                    }
                }
            }
            (State::Holds, _) if about_certificate(case, failure) => "its certificate is trusted".to_owned(),
            (State::Holds, _) => "its certificate is trusted and not the cause".to_owned(),
            (State::Fails(why) | State::NotEvaluated(why), true) => {
                format!(
                    "its certificate is trusted, but it has not proved that it has the private key: \
                         {why}"
                )
            }
            (_, false) if !judgement.trusted.fails() => {
                format!(
                    "its certificate could not be verified: {}",
                    judgement.trusted.reason().unwrap_or_default()
                )
            }
            (_, false) => "its certificate is not trusted, but that did not end the handshake".to_owned(),
        };
        rows.push(Line { mark: Some(Mark::from(&peer)), ..Line::labelled("server", words) });
    }
    let mut list = |name: &'static str, texts: Vec<String>| {
        let names = std::iter::once(name).chain(std::iter::repeat(""));
        rows.extend(names.zip(texts).map(|(name, text)| Line::labelled(name, text)));
    };
    list("also", failure.also.clone());
    let conclusion = diagnosis.map(|diagnosis| &diagnosis.conclusion);
    let (causes, need, next) = match (conclusion, diagnosis) {
        (Some(found), Some(diagnosis)) => {
            (std::slice::from_ref(&found.cause), &found.remedy.text, &diagnosis.next)
        }
        _ => (failure.causes.as_slice(), &failure.remedy.text, &verdict.next),
    };
    list("cause", causes.iter().map(cause).collect());
    if let Some(found) = conclusion.filter(|found| !found.smallest.is_empty()) {
        list("changed", vec![found.smallest.join(", ")]);
    }
    list("need", need.clone().into_iter().collect());
    if !next.is_empty() {
        let cost = match next.iter().any(|word| word == "--diagnose") {
            true => format!("   (opens up to {MOST} connections)"),
            false => String::new(),
        };
        list("try", vec![command(next) + &cost]);
    }
    if let Some(found) = conclusion {
        list("more", vec![format!("tls-trace explain {}", found.id)]);
    }
    if explain::topic(&failure.id).is_some() {
        list("more", vec![format!("tls-trace explain {}", failure.id)]);
    }
    rows
}

/// What `--like` found where the connection itself did not fail.
fn compared(diagnosis: &Diagnosis) -> Vec<Line> {
    let Conclusion { id, cause: found, smallest, remedy } = &diagnosis.conclusion;
    let mut rows = vec![Line::labelled("found", cause(found))];
    if !smallest.is_empty() {
        rows.push(Line::labelled("changed", smallest.join(", ")));
    }
    rows.extend(remedy.text.iter().map(|need| Line::labelled("need", need.clone())));
    if !diagnosis.next.is_empty() {
        rows.push(Line::labelled("try", command(&diagnosis.next)));
    }
    rows.push(Line::labelled("more", format!("tls-trace explain {id}")));
    rows
}

fn cause(cause: &Cause) -> String {
    let certainty = match cause.certainty {
        Certainty::Certain => "certain: ",
        Certainty::Likely => "likely: ",
        Certainty::Possible => "possible: ",
    };
    format!("{certainty}{}", cause.text)
}

/// Whether the failure is one of the message that has the server's certificate.
fn about_certificate(case: &Case<'_>, failure: &Failure) -> bool {
    let list = case.handshake().and_then(|handshake| handshake.facts.certificates_of(Direction::Server));
    let messages = failure.evidence.iter().filter_map(|evidence| evidence.message);
    list.is_some_and(|list| messages.into_iter().any(|index| index == list.list.message))
}

/// What is worth telling besides the verdict: a word for its severity and a headline, and below it what was seen.
pub fn findings(findings: &[Finding], verdict: &Verdict, least: Severity) -> Vec<Line> {
    // Of a failure the verdict says what it is, and the chain what is wrong with the certificate.
    let elsewhere = |finding: &Finding| {
        verdict.failure.is_some()
            && finding.severity == Severity::Error
            && (verdict.id.as_ref() == Some(&finding.id) || rules::find(&finding.id).is_some())
    };
    let expected = |finding: &Finding| verdict.expected && verdict.id.as_ref() == Some(&finding.id);
    let told = |finding: &&Finding| finding.severity >= least && !elsewhere(finding) && !expected(finding);
    let line = |finding: &Finding| {
        let (word, tone) = match finding.severity {
            Severity::Error => ("error", Tone::Bad),
            Severity::Warning => ("warning", Tone::Warning),
            Severity::Note => ("note", Tone::Quiet),
        };
        let headline = Line::labelled(word, format!("{} ({})", finding.title, finding.id)).in_tone(tone);
        [headline, Line::text(&finding.what).explained(finding.id.clone())]
    };
    let mut told: Vec<&Finding> = findings.iter().filter(told).collect();
    told.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut lines: Vec<Line> = told.iter().copied().flat_map(line).collect();
    // One command explains one of them; which there are stands beside their headlines.
    let mut ids: Vec<&str> =
        told.iter().map(|finding| &*finding.id).filter(|id| explain::topic(id).is_some()).collect();
    ids.dedup();
    match *ids {
        [] => {}
        [id] => lines.push(Line::labelled("more", format!("tls-trace explain {id}"))),
        [id, ..] => lines.push(Line::labelled("more", format!("tls-trace explain {id} (or another id)"))),
    }
    lines
}

/// Where a statement points: `ServerHello in record 2`, `certificate 2, "Example Issuing CA"`.
/// Where something was seen, in words.
pub fn place(case: &Case<'_>, evidence: &Evidence) -> Option<String> {
    let message = evidence.message.and_then(|index| case.trace().messages.get(index));
    match (message, evidence.certificate) {
        (Some(message), _) => Some(match message.origin.first() {
            Some(origin) => format!("{} in record {}", message.name, origin.record + 1),
            None => message.name.clone().into_owned(),
        }),
        (None, Some(place)) => {
            let element = case.judgement.and_then(|judgement| judgement.elements.get(place));
            let subject = element.map(|element| format!(", \"{}\"", element.subject)).unwrap_or_default();
            Some(format!("certificate {}{subject}", place + 1))
        }
        (None, None) => None,
    }
}

/// Words as a shell takes them. They may be those of somebody else, who saved the trace.
pub fn command(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if !word.contains(is_hostile) {
        return shlex::try_quote(word).map_or_else(|_| "?".into(), Cow::into_owned);
    }
    let escaped = word.chars().map(|c| match c {
        '\'' | '\\' => format!("\\{c}"),
        c if is_hostile(c) => format!("\\U{:08x}", u32::from(c)),
        c => c.into(),
    });
    format!("$'{}'", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_none_steers_the_terminal() {
        assert_eq!(quoted("a.example"), "a.example");
        assert_eq!(quoted("two words"), "'two words'");
        assert_eq!(quoted("it's \u{1b}[2J\u{202e}"), "$'it\\'s \\U0000001b[2J\\U0000202e'");
    }
}
