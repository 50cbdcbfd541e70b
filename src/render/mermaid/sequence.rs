//! `--format mermaid`: the connection as a sequence diagram.

use std::io::{self, Write};
use std::time::Duration;

use super::ROOM;
use super::text::line;
use crate::render::text::screen::wrap;
use crate::render::{Document, Format, Settings, Several};
use crate::report::Report;
use crate::report::many::Untraced;
use crate::report::notes::Notes;
use crate::report::rows::{Mark, Tone};
use crate::report::sequence::{Arrow, End, Item, Kind, Lifeline, Party, Protection, Sequence, Sort};
use crate::trace::Kind as MessageKind;

/// `--format mermaid`
pub const FORMAT: Format = Format {
    name: "mermaid",
    about: "a sequence diagram, for documents on GitHub, GitLab, …",
    suffix: "mmd",
    several: Several::Document,
    begin: || Box::<Diagram>::default(),
};

/// Columns of a note.
const NOTE: usize = 56;

/// One diagram with all connections, one below the other.
#[derive(Default)]
struct Diagram {
    body: String,
    notes: Notes,
    /// The lifelines of the first connection.
    lifelines: Vec<Lifeline>,
    count: usize,
    /// Where the first one begins, and its heading, which it has only if there are others.
    first: (usize, String),
    left_out: usize,
    /// Those of the report that is drawn.
    settings: Settings,
}

impl Document for Diagram {
    fn add(&mut self, report: &Report, settings: &Settings, _: &mut dyn Write) -> io::Result<()> {
        self.settings = settings.clone();
        for (_, number, judged) in report.shown(false) {
            if self.body.len() > ROOM {
                self.left_out += 1;
                continue;
            }
            let notes = Some(&mut self.notes).filter(|_| settings.annotate);
            let case = judged.case(&report.question);
            if let Some(sequence) = Sequence::of(&case, &judged.verdict, number, notes) {
                self.connection(&sequence);
            }
        }
        Ok(())
    }

    fn untraced(&mut self, target: &Untraced, settings: &Settings, _: &mut dyn Write) -> io::Result<()> {
        self.settings = settings.clone();
        match self.body.len() > ROOM {
            true => self.left_out += 1,
            false => self.note(&format!("✗ {} · {}: {}", target.outcome.word(), target.name(), target.why)),
        }
        Ok(())
    }

    fn end(&mut self, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "sequenceDiagram")?;
        if self.lifelines.is_empty() {
            writeln!(out, "    participant c as client\n    participant s as server")?;
            if self.body.is_empty() {
                writeln!(out, "    Note over c,s: nothing was traced")?;
            }
        }
        for lifeline in &self.lifelines {
            let name = if self.count > 1 || lifeline.name.is_empty() {
                String::new()
            } else {
                format!("<br/>{}", line(&lifeline.name))
            };
            writeln!(out, "    participant {} as {}{name}", id(lifeline.party), lifeline.role)?;
        }
        let (begins, heading) = &self.first;
        let (before, behind) = self.body.split_at(*begins);
        let heading = if self.count > 1 { heading.as_str() } else { "" };
        write!(out, "{before}{heading}{behind}")?;
        if self.left_out > 0 {
            writeln!(out, "    Note over c,s: {} more connections", self.left_out)?;
        }
        Ok(())
    }
}

/// The sequence of one connection, whole.
pub(in crate::render) fn diagram(report: &Report, settings: &Settings) -> Option<String> {
    let judged = report.decisive()?;
    let sequence = Sequence::of(&judged.case(&report.question), &judged.verdict, None, None)?;
    let mut diagram = Diagram { settings: settings.clone(), ..Diagram::default() };
    diagram.connection(&sequence);
    let mut out = Vec::new();
    diagram.end(settings, &mut out).ok()?;
    String::from_utf8(out).ok()
}

impl Diagram {
    fn connection(&mut self, sequence: &Sequence) {
        self.count += 1;
        // A proxy that comes later has a place in the middle all the same.
        if self.lifelines.len() < sequence.lifelines.len() {
            let told = |lifeline: &Lifeline| Lifeline {
                name: self.settings.told(&lifeline.name).into_owned(),
                ..lifeline.clone()
            };
            self.lifelines = sequence.lifelines.iter().map(told).collect();
        }
        let begins = self.body.len();
        let number = sequence.number.unwrap_or(self.count);
        self.note(&format!("connection {number}: {}", sequence.title));
        if self.count == 1 && sequence.number.is_none() {
            self.first = (begins, self.body.split_off(begins));
        }
        if let Some(why) = &sequence.why {
            self.note(why);
        }
        let mut keys = Protection::Clear;
        for item in &sequence.items {
            if let Some(pause) = sequence.pause(item) {
                self.note(&format!("{} later", time(pause)));
            }
            let next = match &item.kind {
                Kind::Arrow(arrow) => arrow.protection,
                Kind::Keys(begun) => begun.protection,
                Kind::Remark(_) | Kind::Failure(_) | Kind::LeftOut(_) => keys,
            };
            self.change(keys, next);
            keys = next;
            self.item(item);
        }
        self.change(keys, Protection::Clear);
        self.last(&sequence.end, sequence.failure().is_some());
    }

    /// Opens and closes the block in the colour of the keys.
    fn change(&mut self, from: Protection, to: Protection) {
        if from == to {
            return;
        }
        if from != Protection::Clear {
            self.say("end");
        }
        if let Some(color) = color(to) {
            self.say(&format!("rect {color}"));
        }
    }

    fn item(&mut self, item: &Item) {
        match &item.kind {
            Kind::Arrow(arrow) => {
                let head = match (arrow.lost, arrow.sort) {
                    (true, _) => "-x",
                    (_, Sort::Tcp) => "-->>",
                    _ => "->>",
                };
                let label = self.label(arrow, item.at);
                self.say(&format!("{}{head}{}: {label}", id(arrow.from), id(arrow.to)));
            }
            Kind::Keys(keys) => self.note(&keys.text),
            Kind::Remark(remark) if remark.text.is_empty() => self.note(&remark.title),
            Kind::Remark(remark) => self.note(&format!("{}: {}", remark.title, remark.text)),
            Kind::Failure(failure) => {
                self.say(&format!("rect {FAILED}"));
                let cause = failure.cause.iter().map(|cause| format!(" · {cause}"));
                self.note(&format!("✗ {} · {}{}", failure.word, failure.text, cause.collect::<String>()));
                self.say("end");
            }
            Kind::LeftOut(count) => self.note(&format!("… {count} more …")),
        }
        // What the whole is for; what its parts mean is for a longer text than a picture's.
        if let Some(note) = item.notes.iter().find(|note| note.about.is_none())
            && self.body.len() <= ROOM
        {
            self.note(&note.text);
        }
    }

    /// What failed has been said where it did.
    fn last(&mut self, end: &End, told: bool) {
        if told {
            return self.note(&format!("{} (exit code {})", end.word, end.exit_code));
        }
        let text = end.texts.first().map(String::as_str).unwrap_or_default();
        let mark = if end.exit_code == 0 { "✓" } else { "✗" };
        self.note(&format!("{mark} {} · {text} (exit code {})", end.word, end.exit_code));
    }

    /// Name, time, and what is said about it.
    fn label(&self, arrow: &Arrow, at: Option<Duration>) -> String {
        let mut first = arrow.label();
        first.extend(at.map(|at| format!(" · {}", time(at))));
        if let (MessageKind::ApplicationData | MessageKind::Sealed, Some(bytes)) = (kind(arrow), arrow.bytes)
        {
            first.push_str(&format!(" · {bytes} B"));
        }
        let mut lines = vec![line(&self.settings.told(&first))];
        if self.body.len() <= ROOM || arrow.tone == Tone::Bad {
            for said in arrow.brief().take(3) {
                let mark = match said.mark {
                    Some(Mark::Holds) => "✓ ",
                    Some(Mark::Fails) => "✗ ",
                    Some(Mark::NotEvaluated) => "– ",
                    None => "",
                };
                let text = format!("{mark}{}", self.settings.told(&said.text));
                lines.extend(wrap(&text, NOTE).iter().take(3).map(|text| line(text)));
            }
        }
        lines.join("<br/>")
    }

    /// A note over all of them.
    fn note(&mut self, text: &str) {
        let text = self.settings.told(text);
        let lines: Vec<String> = wrap(&text, NOTE).iter().take(12).map(|text| line(text)).collect();
        self.say(&format!("Note over c,s: {}", lines.join("<br/>")));
    }

    fn say(&mut self, text: &str) {
        self.body.push_str("    ");
        self.body.push_str(text);
        self.body.push('\n');
    }
}

fn kind(arrow: &Arrow) -> MessageKind {
    match arrow.sort {
        Sort::Message(kind) => kind,
        _ => MessageKind::Unknown(0),
    }
}

fn time(at: Duration) -> String {
    format!("{:.1} ms", at.as_secs_f64() * 1e3)
}

/// `c`, `p`, `s`
fn id(party: Party) -> char {
    match party {
        Party::Client => 'c',
        Party::Proxy => 'p',
        Party::Server => 's',
    }
}

/// Behind what failed. All of them let a light and a dark page shine through.
const FAILED: &str = "rgba(220, 40, 40, 0.25)";

fn color(protection: Protection) -> Option<&'static str> {
    Some(match protection {
        Protection::Clear => return None,
        Protection::EarlyData => "rgba(150, 90, 200, 0.15)",
        Protection::Handshake => "rgba(220, 160, 30, 0.15)",
        Protection::Application | Protection::Session => "rgba(40, 160, 90, 0.15)",
    })
}
