//! The texts keep to the field's terms: what once was worded otherwise does not come back.

use std::fs;
use std::path::{Path, PathBuf};

/// What is not written, and what is instead. Words, whatever stands between them; `*` stands for any end of a word.
const NOT: &[(&str, &str)] = &[
    ("until tls", "TLS 1.2 and earlier"),
    ("encrypted to the server's", "encrypted with the server's public key"),
    ("encrypted to a key", "encrypted with a public key"),
    ("boxes on the way", "middleboxes"),
    ("on the way", "in transit, or by an observer"),
    ("signed and dated word", "signed, timestamped statement"),
    ("got lost", "was compromised"),
    ("nobody can steer", "cannot be forced to a chosen value"),
    ("makes one from a hash", "is built from a hash and a key"),
    ("means anything", "is ignored"),
    ("in clear", "in the clear"),
    ("please it", "was rejected"),
    ("no business", "is not used"),
    ("right server", "correct server"),
    ("his own words", "prepend data"),
    ("safe way", "trusted channel"),
    ("may as well", "might"),
    ("must stand in", "must appear in"),
    ("stands there", "occurs"),
    ("stand there", "occur"),
    ("ignore it since", "have ignored it since"),
    ("not bear it", "mishandled it"),
    ("bear with", "tolerate"),
    ("show a certificate", "present a certificate"),
    ("nothing under the name", "does not recognise the name"),
    ("came about", "was established"),
    ("undo elliptic curves", "break elliptic-curve cryptography"),
    ("who he says", "an impostor"),
    ("says nothing any more", "no longer matters"),
    ("judge", "verify"),
    ("judges", "verifies"),
    ("judged", "verified"),
    ("judging", "verifying"),
    ("what came of", "the result"),
    ("what came is", "the answer is"),
    ("vouch*", "sign, confirm"),
    ("at hand", "available"),
    ("in force", "negotiated"),
    ("taken apart", "dissected"),
    ("has no notion", "does not know"),
    ("is no host name", "is not a host name"),
    ("is no authority", "is not a CA"),
    ("had enough", "gave up"),
    ("said nothing", "did not answer"),
    ("never says a word", "never answers"),
    ("without a word", "silently"),
    ("farewell", "close_notify"),
    ("somebody's own", "its own"),
    ("evidence the leaf", "evidence: certificate 1"),
    ("an authority", "a CA"),
    ("authorities have", "CAs have"),
    ("public authorit*", "public CAs"),
    ("private authorit*", "a private CA"),
    ("in no store that was asked", "not in the trust stores used"),
];

#[test]
fn no_text_has_a_word_that_has_a_better_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    let mut look = |place: String, text: &str| {
        let words: Vec<String> = words(text).collect();
        for (not, but) in NOT {
            let not: Vec<&str> = not.split(' ').collect();
            if words
                .windows(not.len())
                .any(|window| window.iter().zip(&not).all(|(word, not)| same(word, not)))
            {
                wrong.push(format!("{place}: {:?}, better {but:?}: {text:?}", not.join(" ")));
            }
        }
    };
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    assert!(files.len() > 200, "{}", files.len());
    let mut literals = 0;
    for file in &files {
        let source = fs::read_to_string(file).unwrap();
        let place = file.strip_prefix(root).unwrap().display().to_string();
        for literal in self::literals(code(&source)) {
            literals += 1;
            look(place.clone(), &literal);
        }
        // clap makes the help of them.
        if place.ends_with("cli/args.rs") {
            for line in source.lines().filter_map(|line| line.trim_start().strip_prefix("/// ")) {
                look(place.clone(), line);
            }
        }
    }
    assert!(literals > 5000, "{literals}");
    for page in ["README.md", "docs/json.md"] {
        for paragraph in fs::read_to_string(root.join(page)).unwrap().split("\n\n") {
            look(page.into(), paragraph);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whoever reads a capture did not make the connection: what is said of its packets is not said as if we had.
#[test]
fn no_text_about_packets_is_about_us() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join("src/packet"), &mut files);
    assert!(files.len() > 10, "{}", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        for literal in self::literals(code(&fs::read_to_string(file).unwrap())) {
            if words(&literal).any(|word| ["our", "ours", "we", "us", "your"].contains(&word.as_str())) {
                wrong.push(format!("{}: {literal:?}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Lower-case words: an identifier with underscores is one, and so is a word with an apostrophe or a hyphen.
fn words(text: &str) -> impl Iterator<Item = String> {
    let part = |c: char| !c.is_alphanumeric() && !"_'-.".contains(c);
    text.split(part)
        .map(|word| word.trim_matches(['.', '\'', '-']).to_lowercase())
        .filter(|word| !word.is_empty())
}

fn same(word: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == pattern,
    }
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// A file without its tests.
fn code(source: &str) -> &str {
    source.split_once("#[cfg(test)]\nmod tests {").map_or(source, |(code, _)| code)
}

/// The string literals, with lines that go on behind a backslash put together.
fn literals(source: &str) -> Vec<String> {
    let mut literals = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'', 'r']) {
        let here = &rest[at..];
        // A comment, a character, a raw string: passed over, but the last.
        if here.starts_with("//") {
            rest = here.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(behind) = here.strip_prefix("r#\"") {
            let (literal, behind) = behind.split_once("\"#").unwrap_or((behind, ""));
            literals.push(literal.to_owned());
            rest = behind;
        } else if here.starts_with("'\"'") || here.starts_with("'\\\"'") {
            rest = &here[if here.starts_with("'\"'") { 3 } else { 4 }..];
        } else if let Some(behind) = here.strip_prefix('"') {
            let mut literal = String::new();
            let mut letters = behind.char_indices();
            let mut end = behind.len();
            while let Some((place, letter)) = letters.next() {
                match letter {
                    '"' => {
                        end = place + 1;
                        break;
                    }
                    '\\' => match letters.next() {
                        Some((at, '\n')) => {
                            let blanks = behind[at..].len() - behind[at..].trim_start().len();
                            for _ in 1..behind[at..][..blanks].chars().count() {
                                letters.next();
                            }
                        }
                        Some(_) => literal.push(' '),
                        None => {}
                    },
                    letter => literal.push(letter),
                }
            }
            literals.push(literal);
            rest = &behind[end.min(behind.len())..];
        } else {
            rest = &here[1..];
        }
    }
    literals
}

#[test]
fn literals_are_found() {
    let source = "let a = \"one \\\n     two\"; // \"not this\"\nlet b = ('\"', \"it's \\\"so\\\"\", r#\"raw \"one\"\"#);";
    assert_eq!(literals(source), ["one two", "it's  so ", "raw \"one\""]);
}
