//! Every use of a room by another is an arrow that DESIGN.md's table of rooms allows.

#![allow(clippy::unwrap_used, reason = "a source file that can't be read has to fail the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A room and the rooms that it may use. `main.rs` and `lib.rs` only join them; `demo` and `cli` stand aside, and
/// what they use is theirs, but nobody uses `cli`, and only `cli` uses `demo`.
const ROOMS: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("crypto", &["wire"]),
    ("capture", &["wire"]),
    ("trust", &["wire", "capture"]),
    ("connect", &["capture", "wire"]),
    ("engine", &["connect", "capture", "trust", "wire", "crypto"]),
    ("trace", &["capture", "wire", "crypto"]),
    ("certificate", &["trace", "trust", "wire", "crypto", "capture"]),
    ("finding", &["certificate", "trace", "trust", "crypto", "capture", "wire"]),
    ("judged", &["finding", "certificate", "trace", "trust", "crypto", "capture", "wire"]),
    (
        "inquiry",
        &[
            "judged",
            "finding",
            "engine",
            "connect",
            "capture",
            "certificate",
            "trace",
            "trust",
            "crypto",
            "wire",
        ],
    ),
    ("report", &["judged", "finding", "certificate", "trace", "trust", "crypto", "capture", "wire"]),
    (
        "render",
        &["report", "judged", "finding", "certificate", "trace", "trust", "crypto", "capture", "wire"],
    ),
    (
        "run",
        &[
            "render",
            "report",
            "inquiry",
            "judged",
            "finding",
            "certificate",
            "trace",
            "engine",
            "connect",
            "trust",
            "crypto",
            "capture",
            "wire",
        ],
    ),
    ("demo", &["wire", "crypto"]),
];

#[test]
fn every_arrow_is_allowed() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut arrows = 0;
    let mut wrong = BTreeSet::new();
    for file in files(&source) {
        let inside: Vec<_> =
            file.strip_prefix(&source).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
        let module = module(&inside);
        let room = module.first().map_or("", |room| room.as_str());
        if matches!(room, "" | "cli" | "main") {
            continue;
        }
        let (_, allowed) = ROOMS.iter().find(|(name, _)| *name == room).unwrap_or_else(|| {
            panic!("src/{room} is no room of DESIGN.md's table: give it a row there and here")
        });
        for (line, used) in used(&fs::read_to_string(&file).unwrap(), &module) {
            arrows += 1;
            if used != room && !allowed.contains(&used.as_str()) {
                wrong.insert(format!("{}:{line}: {room} uses {used}", file.display()));
            }
        }
    }
    assert!(arrows > 200, "only {arrows} paths were found: the scanner is blind");
    assert!(wrong.is_empty(), "{wrong:#?}");
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
