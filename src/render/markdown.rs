//! Markdown (GitHub's), for a job's summary or a ticket: the verdict, what was negotiated, findings, expectations,
//! the chain, checks.

use std::io::{self, Write};

use super::plain::safe;
use super::{Document, Format, Settings, Several, mermaid};
use crate::judged::Judged;
use crate::report::connection;
use crate::report::many::Untraced;
use crate::report::rows::Mark;
use crate::report::told::{self, Told};
use crate::report::{Report, chain, comparison};

/// `--format markdown`
pub const FORMAT: Format = Format {
    name: "markdown",
    about: "Markdown, for a job's summary or a ticket",
    suffix: "md",
    several: Several::Lines,
    begin: || Box::new(Sections { begun: false, room: PICTURES }),
};

/// Bytes that all diagrams together have in one output: GitHub takes a summary of a step up to 1 MiB, and drops a larger
/// one.
const PICTURES: usize = 256 << 10;

struct Sections {
    begun: bool,
    /// What is left for diagrams.
    room: usize,
}

impl Document for Sections {
    fn add(&mut self, report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            writeln!(out)?;
        }
        section(report, settings, out)?;
        let Some(judged) = report.decisive() else { return Ok(()) };
        certificates(report, judged, out)?;
        checks(judged, out)?;
        match mermaid::diagram(report, settings)
            .filter(|diagram| settings.pictures && diagram.len() <= self.room)
        {
            Some(diagram) => {
                self.room -= diagram.len();
                sequence(&diagram, out)
            }
            None => Ok(()),
        }
    }

    fn untraced(&mut self, target: &Untraced, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            writeln!(out)?;
        }
        writeln!(out, "### {} {}\n", mark(Mark::Fails), code(&target.name()))?;
        let (word, why, exit_code) = (target.outcome.word(), text(&target.why), target.exit_code());
        writeln!(out, "**{word}** · {why} (exit code {exit_code})")
    }

    fn end(&mut self, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        match self.begun {
            true => Ok(()),
            false => writeln!(out, "Nothing was traced."),
        }
    }
}

fn section(report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let Some(judged) = report.decisive() else { return writeln!(out, "Nothing was traced.") };
    let verdict = &judged.verdict;
    let sign = mark(if verdict.exit_code == 0 { Mark::Holds } else { Mark::Fails });
    writeln!(out, "### {sign} {}\n", code(&connection::target(report)))?;
    let exit_code = report.exit_code();
    writeln!(out, "**{}** · {} (exit code {exit_code})", verdict.word(), text(&verdict.summary))?;
    let told: Vec<_> = told::of(report, settings.min_severity).collect();
    compared(report, out)?;
    facts(report, judged, out)?;
    findings(report, &told, out)?;
    if !judged.expectations.is_empty() {
        writeln!(out, "\n| | expectation | found |\n|---|---|---|")?;
        for one in &judged.expectations {
            let why = one.state.reason().unwrap_or_default();
            let found = if one.found.is_empty() { why.to_owned() } else { one.found.join(", ") };
            let weight = one.weight.name();
            writeln!(
                out,
                "| {} | {weight} {} | {} |",
                mark(Mark::from(&one.state)),
                code(&one.text),
                text(&found)
            )?;
        }
    }
    Ok(())
}

/// The connection that decides, drawn. In its texts nothing ends the block: backticks are entities there.
fn sequence(diagram: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n<details><summary>sequence diagram</summary>\n\n```mermaid\n{diagram}```\n\n</details>")
}

/// The connections side by side.
fn compared(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(compared) = comparison::Comparison::of(report) else { return Ok(()) };
    writeln!(out, "\n| | connections | exit code | |\n|---|---|---|---|")?;
    for group in &compared.groups {
        let sign = mark(if group.exit_code == 0 { Mark::Holds } else { Mark::Fails });
        let values = text(&group.values.join(", "));
        writeln!(out, "| {sign} | {} | {} | {values} |", code(&group.label), group.exit_code)?;
    }
    Ok(())
}

fn facts(report: &Report, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = connection::negotiated(report, judged).into_iter().peekable();
    if rows.peek().is_some() {
        writeln!(out, "\n| | |\n|---|---|")?;
    }
    for (name, value) in rows {
        writeln!(out, "| {name} | {} |", code(&value))?;
    }
    Ok(())
}

fn findings(report: &Report, told: &[Told], out: &mut dyn Write) -> io::Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    let several = report.count > 1;
    let (connection, line) = if several { ("| connection ", "|---") } else { ("", "") };
    writeln!(out, "\n| severity {connection}| finding | what |\n|---{line}|---|---|")?;
    for one in told {
        let connection = match several {
            true => format!("| {} ", code(&connection::name(report, one.connection))),
            false => String::new(),
        };
        let lines = one.lines().into_iter().map(|(what, said)| match what {
            "what" => text(&said),
            "try" => format!("try: {}", code(&said)),
            what => format!("{what}: {}", text(&said)),
        });
        let said = lines.collect::<Vec<_>>().join("<br>");
        let title = text(&one.title);
        writeln!(out, "| {} {connection}| {title}<br>{} | {said} |", one.severity.name(), code(&one.id))?;
    }
    Ok(())
}

fn certificates(report: &Report, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let case = judged.case(&report.question);
    let Some(chain) = chain::Chain::of(&case) else { return Ok(()) };
    writeln!(
        out,
        "\n| | certificate | subject | issuer | key | until | days left |\n|---|---|---|---|---|---|---|"
    )?;
    for certificate in &chain.certificates {
        let element = certificate.element;
        let role = match certificate.role() {
            "" => certificate.number.to_string(),
            role => role.to_owned(),
        };
        let until = element.not_after.map(chain::date).unwrap_or_default();
        let days = element.days_left.map(|days| days.to_string()).unwrap_or_default();
        let [issuer, key] =
            [&element.issuer_dn, &element.key].map(|text| code(text.as_deref().unwrap_or_default()));
        let subject = code(&element.subject_dn);
        writeln!(
            out,
            "| {} | {role} | {subject} | {issuer} | {key} | {until} | {days} |",
            mark(certificate.mark)
        )?;
    }
    Ok(())
}

/// Folded away: there are many of them.
fn checks(judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    if judged.checks.is_empty() {
        return Ok(());
    }
    let count = |mark: Mark| judged.checks.iter().filter(|check| Mark::from(&check.state) == mark).count();
    let [hold, fail, open] = [Mark::Holds, Mark::Fails, Mark::NotEvaluated].map(count);
    writeln!(out, "\n<details><summary>checks: {hold} hold, {fail} fail, {open} not evaluated</summary>\n")?;
    writeln!(out, "| | check | |\n|---|---|---|")?;
    for check in &judged.checks {
        let why = text(check.state.reason().unwrap_or_default());
        writeln!(out, "| {} | {} | {why} |", mark(Mark::from(&check.state)), code(check.id))?;
    }
    writeln!(out, "\n</details>")
}

fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Holds => "✓",
        Mark::Fails => "✗",
        Mark::NotEvaluated => "–",
    }
}

/// A text of the report, with all of Markdown's and HTML's own characters as entities, so that a name starts no link, no
/// mention, no tag and no cell.
fn text(text: &str) -> String {
    let safe = safe(text);
    let mut out = String::with_capacity(safe.len());
    let mut chars = safe.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        let alphanumeric = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        let active = match c {
            // Within a word it stands for itself.
            '_' => !(alphanumeric(before.as_ref()) && alphanumeric(chars.peek())),
            // `https:` and `www.` are made links of.
            ':' => chars.peek() == Some(&'/'),
            '.' => before == Some('w') || before == Some('W'),
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '@' | '#' | '!' | '$' | '"'
            | '\'' => true,
            _ => false,
        };
        match active {
            true => out.push_str(&format!("&#{};", u32::from(c))),
            false => out.push(c),
        }
        before = Some(c);
    }
    out
}

/// The same as it is written on a machine.
fn code(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("<code>{}</code>", text(name)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        for (hostile, shown) in [
            ("a|b", "a&#124;b"),
            ("<img src=x>", "&#60;img src=x&#62;"),
            ("[x](https://evil.example)", "&#91;x&#93;(https&#58;//evil.example)"),
            ("www.evil.example", "www&#46;evil.example"),
            ("@everyone `x` *b*", "&#64;everyone &#96;x&#96; &#42;b&#42;"),
            ("TLS_AES_128 _x_", "TLS_AES_128 &#95;x&#95;"),
            ("a\nb", "a&#92;nb"),
            ("&#124;", "&#38;&#35;124;"),
        ] {
            assert_eq!(text(hostile), shown);
        }
    }
}
