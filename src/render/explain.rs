//! `tls-trace explain`: the list, one topic at length, and the page in docs/.

use std::fmt::Write;
use std::io;

use super::Settings;
use super::text::screen::{Screen, Style};
use crate::finding::explain::{self, Answer, GROUP_FOREIGN, Topic};

/// The answer to a question (without one: the list), and whether something was found.
pub fn answer(question: Option<&str>, settings: &Settings, out: &mut dyn io::Write) -> io::Result<bool> {
    let mut screen = Screen::new(settings, out);
    let Some(question) = question else {
        list(&mut screen);
        return screen.finish().map(|()| true);
    };
    let found = match explain::answer(question) {
        Answer::Found(topics) => {
            for (i, topic) in topics.iter().enumerate() {
                if i > 0 {
                    screen.gap();
                }
                at_length(&mut screen, topic);
            }
            true
        }
        Answer::Near(near) => {
            let question = crate::wire::text::escape(question);
            let lead = if near.is_empty() { "; tls-trace explain lists everything" } else { "; similar:" };
            screen.wrapped("", 0, Style::Plain, &format!("nothing is known about \"{question}\"{lead}"));
            for id in near {
                screen.line(&format!("  tls-trace explain {id}"));
            }
            false
        }
    };
    screen.finish().map(|()| found)
}

fn list(screen: &mut Screen<'_>) {
    let mut group = "";
    for topic in explain::topics() {
        if topic.group != group {
            if !group.is_empty() {
                screen.gap();
            }
            group = topic.group;
            let title = screen.paint(Style::Bold, group);
            screen.line(&title);
        }
        let code = topic.code.map(|(code, _)| format!(" ({code})")).unwrap_or_default();
        screen.line(&format!("  {}{code}", topic.id));
    }
    screen.gap();
    screen.wrapped(
        "",
        0,
        Style::Plain,
        "cipher suites, groups, signature schemes and other code points \
                                         are found by name or number: tls-trace explain 0x1301",
    );
}

fn at_length(screen: &mut Screen<'_>, topic: &Topic) {
    let number = match topic.code {
        Some((code, 2)) => format!("  {code} (0x{code:04x})"),
        Some((code, _)) => format!("  {code} (0x{code:02x})"),
        None => String::new(),
    };
    let title = screen.paint(Style::Bold, &topic.title);
    screen.line(&format!("{title}{number}"));
    for line in topic.figure.lines() {
        screen.line(&format!("  {line}"));
    }
    screen.wrapped("  ", 2, Style::Plain, &topic.about);
    for item in &topic.items {
        screen.wrapped("  - ", 4, Style::Plain, item);
    }
    let mut last = format!("{} · {}", topic.group, topic.id);
    if topic.id.starts_with(topic.group) {
        last = topic.group.to_owned();
    }
    if !topic.reference.is_empty() {
        let _ = write!(last, " · {}", topic.reference);
    }
    screen.wrapped("  ", 2, Style::Dim, &last);
    if !topic.see.is_empty() {
        // Of another program's message: what tls-trace calls it.
        let lead = if topic.group == GROUP_FOREIGN { "here" } else { "see" };
        let lead = format!("  {}  ", screen.paint(Style::Dim, lead));
        screen.wrapped(&lead, 8, Style::Plain, &topic.see.join(" · "));
    }
}

/// The page in docs/: everything that has an id, in Markdown.
pub fn page() -> String {
    let mut out = String::from(
        "# What tls-trace can explain\n\nGenerated from the tables in the source; `tls-trace explain ID` shows the same.\n",
    );
    let mut group = "";
    for topic in explain::topics() {
        if topic.group != group {
            group = topic.group;
            let _ = write!(out, "\n## {group}\n");
        }
        let code = topic.code.map(|(code, _)| format!(" ({code})")).unwrap_or_default();
        let _ = write!(out, "\n### `{}`{code}\n\n", topic.id);
        if topic.group == GROUP_FOREIGN {
            let _ = write!(out, "`{}`. ", topic.title);
        }
        if !topic.figure.is_empty() {
            let _ = write!(out, "```text\n{}\n```\n\n", topic.figure);
        }
        let _ = writeln!(out, "{}", topic.about);
        for (i, item) in topic.items.iter().enumerate() {
            let _ = writeln!(out, "{}- {item}", if i == 0 { "\n" } else { "" });
        }
        if !topic.see.is_empty() {
            let ids: Vec<_> = topic.see.iter().map(|id| format!("`{id}`")).collect();
            let _ = write!(out, "\nSee {}.\n", ids.join(", "));
        }
        if !topic.reference.is_empty() {
            let _ = write!(out, "\n{}\n", topic.reference);
        }
    }
    out
}
