//! The verdict, with what is known about it: where, who, why, and what to do.

use maud::{Markup, html};

use super::chain::sign;
use crate::finding::{Outcome, Severity, Verdict};
use crate::judged::{Expectation, Judged};
use crate::policy::Adherence;
use crate::report::comparison::{Comparison, Resumption, Spread};
use crate::report::diagnosis::Diagnosis;
use crate::report::rows::{Detail, Line, Mark, Tone};
use crate::report::{self, Report, connection};
use crate::trace::State;

/// The class that says how an outcome is meant.
pub(super) fn class(verdict: &Verdict) -> &'static str {
    match verdict.outcome {
        _ if verdict.expected => "good",
        Outcome::Ok => "good",
        Outcome::Unevaluated => "warn",
        _ => "bad",
    }
}

/// The block that a connection begins with.
pub(super) fn block(report: &Report, judged: &Judged, place: usize, number: usize) -> Markup {
    let case = judged.case(&report.question);
    let verdict = &judged.verdict;
    let decides = report.decisive_place() == Some(place);
    let diagnosis = Diagnosis::of(report).filter(|_| decides);
    let headlines = report::verdict::headlines(&case, verdict);
    let headline = headlines.first().map_or(verdict.summary.as_str(), String::as_str);
    let exit_code = if decides { report.exit_code() } else { verdict.exit_code };
    html! {
        div class={ "verdict " (class(verdict)) } {
            h2 id={ "c" (number) } tabindex="-1" {
                span .word { (verdict.word()) }
                " "
                span .headline { (headline) }
            }
            p .about {
                (report::timeline::title(&case))
                " · " (began(judged))
                @if let Some(why) = report::timeline::why(&case) { " · " (why) }
                " · "
                @if judged.counts() { "exit code " (exit_code) } @else { "not counted" }
            }
            @if !case.question.again.is_empty() {
                p .about { "saved trace, verified again with " (case.question.again.join(" ")) }
            }
            (answers(&report::verdict::rows(&case, verdict, diagnosis.as_ref())))
            dl .facts {
                @for (name, value) in connection::negotiated(report, judged) {
                    div { dt { (name) } dd { (value) } }
                }
            }
        }
        @if decides { (together(report, diagnosis.as_ref())) }
    }
}

fn began(judged: &Judged) -> String {
    let format = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    time::OffsetDateTime::from(judged.capture.began).format(format).unwrap_or_default()
}

/// The questions that somebody has whose handshake failed, and the rows that answer each.
const QUESTIONS: &[(&str, &[&str])] = &[
    ("where", &["stage", "evidence", "seen"]),
    ("who", &["who", "server"]),
    ("why", &["what", "cause", "found", "changed", "also"]),
    ("what to do", &["need", "try", "more"]),
];

/// The rows of the verdict's block, question by question.
fn answers(rows: &[Line]) -> Markup {
    let mut groups: Vec<(&'static str, Vec<&Line>)> = Vec::new();
    for row in rows {
        match (row.label.unwrap_or_default(), groups.last_mut()) {
            ("", Some((_, lines))) => lines.push(row),
            (label, _) => groups.push((label, vec![row])),
        }
    }
    let asked = QUESTIONS.iter().map(|(question, labels)| {
        let of = |group: &&(&str, Vec<&Line>)| labels.contains(&group.0);
        (*question, groups.iter().filter(of).collect::<Vec<_>>())
    });
    html! {
        dl .answers {
            @for (question, groups) in asked.filter(|(_, groups)| !groups.is_empty()) {
                div {
                    dt { (question) }
                    @for (label, lines) in groups {
                        @for line in lines {
                            dd { (answer(label, line)) }
                        }
                    }
                }
            }
        }
    }
}

/// How what a command costs begins.
const COST: &str = "   (opens up to ";

fn answer(label: &str, line: &Line) -> Markup {
    html! {
        @match label {
            "try" => {
                // What it costs stands behind it and is no part of it.
                @let (command, cost) = line.text.rsplit_once(COST).map_or((line.text.as_str(), ""), |it| it);
                span .label { "try" } " "
                code .command { (command) }
                button type="button" .copy hidden data-do="copy" aria-label="Copy the command" { "copy" }
                @if !cost.is_empty() { " " span .quiet { (COST.trim_start()) (cost) } }
            }
            "more" => { span .label { "more" } " " code { (line.text) } },
            "stage" | "who" | "cause" | "what" => (marked(line)),
            label => { span .label { (label) } " " (marked(line)) },
        }
    }
}

/// A statement behind its mark, if it has one.
pub(super) fn marked(line: &Line) -> Markup {
    html! {
        @if let Some(mark) = line.mark { (sign(mark)) " " }
        span class=[tone(line.tone)] { (line.text) }
    }
}

fn tone(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Plain => None,
        Tone::Quiet => Some("quiet"),
        Tone::Warning => Some("warning"),
        Tone::Bad => Some("wrong"),
    }
}

/// What the connections of a run show together.
fn together(report: &Report, diagnosis: Option<&Diagnosis>) -> Markup {
    let resumption = Resumption::of(report);
    let compared = Comparison::of(report);
    html! {
        @if let Some(resumption) = &resumption {
            section .block {
                h3 { "Resumption" }
                ul .plain {
                    @for words in &resumption.words { li { (words) } }
                }
            }
        }
        @if let Some(compared) = &compared { (comparison(compared)) }
        @if let Some(diagnosis) = diagnosis { (experiments(diagnosis)) }
    }
}

fn ms(time: std::time::Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn comparison(compared: &Comparison) -> Markup {
    html! {
        section .block {
            h3 { "Connections compared" }
            @if !compared.common.is_empty() { p { "All: " (compared.common.join(" · ")) } }
            @if !compared.differing.is_empty() {
                p .warning { "They differ in " (compared.differing.join(", ")) "." }
            }
            div .scroll tabindex="0" role="region" aria-label="Connections compared" {
                table {
                    thead { tr { th { "connections" } th { "result" } th { "handshake" } th { "" } } }
                    tbody {
                        @for group in &compared.groups {
                            tr {
                                td { (group.label) }
                                td {
                                    (sign(if group.exit_code == 0 { Mark::Holds } else { Mark::Fails }))
                                    " exit code " (group.exit_code)
                                }
                                td { (group.handshake.map(ms).unwrap_or_default()) }
                                td { (group.values.join(" · ")) }
                            }
                        }
                    }
                }
            }
            @if !compared.spreads.is_empty() { (spreads(&compared.spreads)) }
        }
    }
}

fn spreads(spreads: &[Spread]) -> Markup {
    html! {
        div .scroll tabindex="0" role="region" aria-label="Times" {
            table {
                thead { tr { @for name in ["time", "least", "median", "95 %", "most", "outliers"] { th { (name) } } } }
                tbody {
                    @for spread in spreads {
                        tr {
                            td { (spread.what) }
                            @for time in [spread.least, spread.median, spread.p95, spread.most] { td { (ms(time)) } }
                            td {
                                @let far = spread.outliers.iter().map(|(label, time)| format!("{label} {}", ms(*time)));
                                (far.collect::<Vec<_>>().join(", "))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn experiments(diagnosis: &Diagnosis) -> Markup {
    html! {
        section .block {
            h3 { "Experiments" }
            div .scroll tabindex="0" role="region" aria-label="Experiments" {
                table {
                    thead { tr { th { "changed" } th { "what happened" } th { "time" } } }
                    tbody {
                        @for row in &diagnosis.rows {
                            tr {
                                td { @if row.about.is_empty() { "unchanged" } @else { (row.about.join(", ")) } }
                                td {
                                    (sign(if row.outcome.went_on() { Mark::Holds } else { Mark::Fails }))
                                    " " (row.outcome.to_string())
                                }
                                td { (ms(row.took)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Findings, expectations, policies and checks of one connection.
pub(super) fn results(judged: &Judged, least: Severity) -> Markup {
    let findings = report::verdict::findings(&judged.findings, &judged.verdict, least);
    html! {
        @if !findings.is_empty() {
            section .block {
                h3 { "Findings" }
                dl .findings {
                    @for line in &findings {
                        @match line.label {
                            Some(word) => dt { span class={ "severity " (word) } { (word) } " " (line.text) },
                            None => dd { (line.text) },
                        }
                    }
                }
            }
        }
        (expectations(&judged.expectations))
        @for adherence in &judged.adherence { (policy(adherence)) }
        (checks(judged))
    }
}

fn expectations(expectations: &[Expectation]) -> Markup {
    let lines = report::expectations::rows(expectations);
    html! {
        @if !lines.is_empty() {
            section .block {
                h3 { "Expectations" }
                ul .plain {
                    @for line in &lines { li { span .label { (line.label.unwrap_or_default()) } " " (marked(line)) } }
                }
            }
        }
    }
}

fn policy(adherence: &Adherence) -> Markup {
    let rows = report::policies::rows(adherence);
    let (brief, full): (Vec<_>, Vec<_>) = rows.iter().partition(|line| line.detail == Detail::Brief);
    html! {
        section .block {
            h3 { "Policy" }
            p { (report::policies::head(adherence)) }
            ul .plain { @for line in brief { li { (marked(line)) } } }
            @if !full.is_empty() {
                details {
                    summary { (full.len()) " that hold" }
                    ul .plain { @for line in full { li { (marked(line)) } } }
                }
            }
        }
    }
}

/// All checks, those that do not hold first.
fn checks(judged: &Judged) -> Markup {
    if judged.checks.is_empty() {
        return html! {};
    }
    let count = |mark: Mark| judged.checks.iter().filter(|check| Mark::from(&check.state) == mark).count();
    let (hold, fail, open) = (count(Mark::Holds), count(Mark::Fails), count(Mark::NotEvaluated));
    let mut sorted: Vec<_> = judged.checks.iter().collect();
    sorted.sort_by_key(|check| match check.state {
        State::Fails(_) => 0,
        State::NotEvaluated(_) => 1,
        State::Holds => 2,
    });
    html! {
        section .block {
            h3 { "Checks" }
            details open[fail > 0] {
                summary { (fail) " fail, " (open) " not evaluated, " (hold) " hold" }
                ul .checks {
                    @for check in sorted {
                        li {
                            (sign(Mark::from(&check.state))) " " code { (check.id) }
                            @if let Some(why) = check.state.reason() { " " span .quiet { (why) } }
                        }
                    }
                }
            }
        }
    }
}
