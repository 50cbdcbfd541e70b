//! Every use of a room by another is an arrow that the table of rooms in docs/architecture.md allows.

#![allow(clippy::unwrap_used, reason = "a source file that can't be read has to fail the test")]

#[path = "architecture/words.rs"]
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may use, from the table. None: all of them.
type Rooms = BTreeMap<String, Option<BTreeSet<String>>>;

#[test]
fn every_arrow_is_allowed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rooms = rooms(&fs::read_to_string(root.join("docs/architecture.md")).unwrap());
    let source = root.join("src");
    let mut arrows = 0;
    let mut seen = BTreeSet::new();
    let mut wrong = BTreeSet::new();
    for file in files(&source) {
        let inside: Vec<_> =
            file.strip_prefix(&source).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
        let module = module(&inside);
        let room = module.first().map_or("", |room| room.as_str());
        if matches!(room, "" | "main") {
            continue;
        }
        seen.insert(room.to_owned());
        let allowed = rooms.get(room).unwrap_or_else(|| {
            panic!("src/{room} is no room: give it a row in the table of docs/architecture.md")
        });
        let text = fs::read_to_string(&file).unwrap();
        for (line, used) in used(&text, &module) {
            arrows += 1;
            if used != room && !may(allowed, &used) {
                wrong.insert(format!("{}:{line}: {room} uses {used}", file.display()));
            }
        }
        for (line, other) in reexported(&text, &module) {
            // Whoever may use the room may use what it hands on: else that would be a way round the table.
            let astray = rooms.iter().filter(|(name, allowed)| {
                *name != room && may(allowed, room) && **name != other && !may(allowed, &other)
            });
            wrong
                .extend(astray.map(|(name, _)| {
                    format!("{}:{line}: {room} hands {other} on to {name}", file.display())
                }));
        }
    }
    assert!(arrows > 200, "only {arrows} paths were found: the scanner is blind");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(seen, rooms.keys().cloned().collect(), "the table has other rooms than src/");
}

fn may(allowed: &Option<BTreeSet<String>>, room: &str) -> bool {
    allowed.as_ref().is_none_or(|rooms| rooms.contains(room))
}

/// The rows `| `room/` | what it owns | what it may use |` of the page: names with commas, `–` for none,
/// `room and what it may use`, `all above`, or `all`.
fn rooms(page: &str) -> Rooms {
    let mut rooms = Rooms::new();
    for line in page.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let ["", names, _, uses, ""] = cells[..] else { continue };
        let Some((name, _)) = names.strip_prefix('`').and_then(|rest| rest.split_once("/`")) else {
            continue;
        };
        let known = || rooms.keys().cloned().collect::<BTreeSet<_>>();
        let allowed = match uses {
            "all" => None,
            "all above" => Some(known()),
            "–" => Some(BTreeSet::new()),
            _ => {
                let mut allowed = BTreeSet::new();
                let (list, rest) = match uses.strip_suffix(" and what they may use") {
                    Some(list) => (list, true),
                    None => {
                        uses.strip_suffix(" and what it may use").map_or((uses, false), |list| (list, true))
                    }
                };
                for used in list.split(", ") {
                    let row =
                        rooms.get(used).unwrap_or_else(|| panic!("{name}: {used:?} is no room above it"));
                    allowed.insert(used.to_owned());
                    allowed.extend(row.iter().flatten().filter(|_| rest).cloned());
                }
                Some(allowed)
            }
        };
        rooms.insert(name.to_owned(), allowed);
    }
    rooms
}

/// The rooms from which a source hands something on: `pub use crate::…`.
fn reexported(source: &str, module: &[String]) -> Vec<(usize, String)> {
    let code = without_comments_and_strings(source);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("pub use ") {
        let line = code[..at].matches('\n').count();
        let statement = &code[at..code[at..].find(';').map_or(code.len(), |end| at + end)];
        let others = used(statement, module).into_iter().filter(|(_, room)| *room != module[0]);
        found.extend(others.map(|(inside, room)| (line + inside, room)));
    }
    found
}

/// All sources below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.extension() {
            _ if path.is_dir() => found.extend(files(&path)),
            Some(kind) if kind == "rs" => found.push(path),
            _ => {}
        }
    }
    found.sort();
    found
}

/// `["trace", "fold"]` for `trace/fold.rs`, `["trace"]` for `trace/mod.rs`; nothing for `lib.rs`.
fn module(inside: &[&str]) -> Vec<String> {
    let mut path: Vec<_> = inside.iter().map(|part| part.trim_end_matches(".rs").to_owned()).collect();
    if path.last().is_some_and(|last| last == "mod" || last == "lib") {
        path.pop();
    }
    path
}

/// The rooms that a source names, with the line: by `crate::`, by `super::`s that lead out of its room, or as
/// `tls_trace::`. Groups (`crate::{a, b::c}`) count with each of their members.
fn used(source: &str, module: &[String]) -> Vec<(usize, String)> {
    let code = without_comments_and_strings(source);
    let mut found = Vec::new();
    for (at, depth) in paths(&code, module) {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at..];
        match depth {
            // Still inside its own room.
            Some(left) if left > 0 => found.push((line, module[0].clone())),
            _ => found.extend(heads(rest).into_iter().map(|head| (line, head))),
        }
    }
    found
}

/// Where the path behind `crate::` or the last `super::` begins, and how many segments of `module` are left there.
fn paths(code: &str, module: &[String]) -> Vec<(usize, Option<usize>)> {
    let mut found = Vec::new();
    for (root, _) in code.match_indices("crate::").chain(code.match_indices("tls_trace::")) {
        let boundary = !code[..root].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        if boundary {
            found.push((root + code[root..].find("::").unwrap() + 2, None));
        }
    }
    let mut from = 0;
    while let Some(start) = code[from..].find("super::").map(|at| at + from) {
        let mut at = start;
        let mut ups = 0;
        while code[at..].starts_with("super::") {
            at += "super::".len();
            ups += 1;
        }
        // Inside `mod tests { … }` each module costs one more; an inline module is counted by its braces.
        let nested = inline_modules(&code[..start]);
        found.push((at, Some((module.len() + nested).saturating_sub(ups))));
        from = at;
    }
    found
}

/// How many `mod name {` are open at the end of `code`.
fn inline_modules(code: &str) -> usize {
    let mut open: Vec<bool> = Vec::new();
    let mut word_start = 0;
    for (at, c) in code.char_indices() {
        match c {
            '{' => {
                let head = code[word_start..at].trim();
                let words: Vec<_> = head.split_whitespace().collect();
                open.push(words.len() >= 2 && words[words.len() - 2] == "mod");
                word_start = at + 1;
            }
            '}' => {
                open.pop();
                word_start = at + 1;
            }
            ';' => word_start = at + 1,
            _ => {}
        }
    }
    open.into_iter().filter(|module| *module).count()
}

/// The first names of a path: one, or those of a group.
fn heads(rest: &str) -> Vec<String> {
    let name =
        |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let (mut depth, mut member, mut members) = (0, String::new(), Vec::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(std::mem::take(&mut member)),
            _ => {}
        }
        if depth == 0 && c != ',' {
            member.push(c);
        }
    }
    members.push(member);
    members.iter().map(|member| name(member)).filter(|member| !member.is_empty()).collect()
}

/// Comments and the contents of string literals are no code; line breaks stay.
fn without_comments_and_strings(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = raw_string(rest) {
            raw
        } else if c == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("'\"'") || rest.starts_with("'{'") || rest.starts_with("'}'") {
            3
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        code.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
        rest = &rest[skipped..];
    }
    code
}

/// The length of `r"…"` or `r#"…"#` at the start of `rest`.
fn raw_string(rest: &str) -> Option<usize> {
    let hashes = rest.strip_prefix('r')?.chars().take_while(|c| *c == '#').count();
    let body = rest.get(1 + hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(2 + hashes + body.find(&end)? + end.len())
}

#[test]
fn the_scanner_sees() {
    let module = ["finding".to_owned(), "alert".to_owned()];
    let rooms = |source: &str| used(source, &module).into_iter().map(|(_, room)| room).collect::<Vec<_>>();
    assert_eq!(rooms("use crate::report::summary;"), ["report"]);
    assert_eq!(
        rooms("pub use crate::{trace::{Fold, Trace}, wire, report as r};"),
        ["trace", "wire", "report"]
    );
    assert_eq!(rooms("fn f() { super::super::render::find(x) }"), ["render"]);
    assert_eq!(
        rooms("use super::Case; mod tests { use super::super::Case; use super::super::super::cli; }"),
        ["finding", "finding", "cli"]
    );
    assert_eq!(
        rooms("// crate::render\nlet a = \"crate::cli \\\" crate::demo\"; let b = r#\"\"crate::cli\"#;"),
        [""; 0]
    );
    assert_eq!(used("\n\n x(tls_trace::cli::main)", &module), [(3, "cli".to_owned())]);
}

#[test]
fn the_table_and_what_is_handed_on_are_read() {
    let page = "| `wire/` | bytes | – |\n| `capture/` | x | wire |\n| `trace/` | y | capture and what it may use |\n| `run/` | z | all above |\n| `cli/`, `main.rs` | flags | all |\n";
    let rooms = rooms(page);
    let uses = |name: &str| rooms[name].clone().map(|rooms| rooms.into_iter().collect::<Vec<_>>().join(" "));
    assert_eq!(uses("trace").unwrap(), "capture wire");
    assert_eq!(uses("run").unwrap(), "capture trace wire");
    assert_eq!((uses("wire").unwrap().as_str(), uses("cli")), ("", None));
    let module = ["engine".to_owned(), "hello".to_owned()];
    let handed_on =
        reexported("use crate::trust::A;\n\npub use crate::wire::{B, C};\npub use super::D;", &module);
    assert_eq!(handed_on, [(3, "wire".to_owned())]);
}
