//! `--format mermaid-flow`: the flow chart of the handshake, with the way that was taken.

use std::io::{self, Write};

use super::text::{label, line};
use crate::render::{Document, Format, Settings, Several};
use crate::report::Report;
use crate::report::flow::{BoxKind, Flow};
use crate::report::many::Untraced;
use crate::wire::Direction;

/// `--format mermaid-flow`
pub const FORMAT: Format = Format {
    name: "mermaid-flow",
    about: "the handshake's flow chart, with the way that was taken",
    suffix: "",
    several: Several::Document,
    begin: || Box::<Charts>::default(),
};

/// So many connections have a chart: who draws takes no more than 500 edges (mermaid's `maxEdges`).
const MOST: usize = 8;

/// The charts of all connections, one beside the other.
#[derive(Default)]
struct Charts {
    all: Vec<(Option<usize>, Flow)>,
    /// What could not be attempted, in words.
    untraced: Vec<String>,
    left_out: usize,
}

impl Document for Charts {
    fn add(&mut self, report: &Report, settings: &Settings, _: &mut dyn Write) -> io::Result<()> {
        for (_, number, judged) in report.shown(false) {
            match Flow::of(&judged.case(&report.question), &judged.verdict) {
                Some(mut flow) if self.all.len() < MOST => {
                    for one in &mut flow.boxes {
                        one.text = settings.told(&one.text).into_owned().into();
                    }
                    self.all.push((number, flow));
                }
                Some(_) => self.left_out += 1,
                None => {}
            }
        }
        Ok(())
    }

    fn untraced(&mut self, target: &Untraced, settings: &Settings, _: &mut dyn Write) -> io::Result<()> {
        match self.untraced.len() < MOST {
            true => {
                let text = format!("{} · {}: {}", target.outcome.word(), target.name(), target.why);
                self.untraced.push(settings.told(&text).into_owned());
            }
            false => self.left_out += 1,
        }
        Ok(())
    }

    fn end(&mut self, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "flowchart TD")?;
        if self.all.is_empty() && self.untraced.is_empty() {
            return writeln!(out, "    nothing[\"nothing was traced\"]");
        }
        let mut links = Links::default();
        for (n, (number, flow)) in self.all.iter().enumerate() {
            let several = self.all.len() > 1;
            if several {
                let title = format!("connection {}: {}", number.unwrap_or(n + 1), flow.version);
                writeln!(out, "    subgraph g{n}[{}]", label(&title))?;
            }
            chart(flow, n, &mut links, out)?;
            if several {
                writeln!(out, "    end")?;
            }
        }
        for (n, text) in self.untraced.iter().enumerate() {
            writeln!(out, "    u{n}{{{{{}}}}}:::bad", label(text))?;
        }
        if self.left_out > 0 {
            writeln!(out, "    more[{}]", label(&format!("{} more connections", self.left_out)))?;
        }
        styles(out)?;
        if !links.taken.is_empty() {
            let taken: Vec<String> = links.taken.iter().map(ToString::to_string).collect();
            writeln!(out, "    linkStyle {} stroke:#2a7d4f,stroke-width:3px", taken.join(","))?;
        }
        Ok(())
    }
}

/// Edges are numbered through, in the order in which they are written.
#[derive(Default)]
struct Links {
    count: usize,
    taken: Vec<usize>,
}

fn chart(flow: &Flow, n: usize, links: &mut Links, out: &mut dyn Write) -> io::Result<()> {
    for (place, one) in flow.boxes.iter().enumerate() {
        let (open, close) = match one.kind {
            BoxKind::State => ("([", "])"),
            BoxKind::Message(_) => ("[", "]"),
            BoxKind::End { .. } => ("{{", "}}"),
        };
        let arrow = match one.kind {
            BoxKind::Message(Direction::Client) => "→#160;",
            BoxKind::Message(Direction::Server) => "←#160;",
            _ => "",
        };
        let class = match (one.kind, one.passed) {
            (BoxKind::End { well: true }, _) => "good",
            (BoxKind::End { well: false }, _) => "bad",
            (_, true) => "passed",
            (_, false) => "open",
        };
        let text = line(&one.text);
        writeln!(out, "    b{n}_{place}{open}\"{arrow}{text}\"{close}:::{class}")?;
    }
    for edge in &flow.edges {
        let line = if edge.taken { "==>" } else { "-.->" };
        let words = if edge.label.is_empty() { String::new() } else { format!("|{}|", label(edge.label)) };
        writeln!(out, "    b{n}_{} {line}{words} b{n}_{}", edge.from, edge.to)?;
        if edge.taken {
            links.taken.push(links.count);
        }
        links.count += 1;
    }
    Ok(())
}

/// Each with its own ink, for light and dark pages.
fn styles(out: &mut dyn Write) -> io::Result<()> {
    for (class, style) in [
        ("passed", "fill:#d9f0e3,stroke:#2a7d4f,stroke-width:2px,color:#0f2f1e"),
        ("open", "fill:#f2f2f2,stroke:#a0a0a0,stroke-dasharray:4 3,color:#6a6a6a"),
        ("good", "fill:#2a7d4f,stroke:#17492e,stroke-width:3px,color:#ffffff"),
        ("bad", "fill:#b3261e,stroke:#6d1510,stroke-width:3px,color:#ffffff"),
    ] {
        writeln!(out, "    classDef {class} {style}")?;
    }
    Ok(())
}
