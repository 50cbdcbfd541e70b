//! Arguments that name a file or something of our own: `--hello FILE|NAME`, and others of the kind.
//!
//! One rule for all of them: what contains a `/`, or ends in a suffix that our files have, is a file; anything else is a
//! name. What could be both is refused, with a word on how to say which.

use std::path::{Path, PathBuf};

use crate::finding::explain::distance;

/// What such an argument means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOrName<T> {
    File(PathBuf),
    Name(T),
}

/// The suffixes of files that we read: traces, captures, policies; bytes as such, in hexadecimal or base64; certificates.
const SUFFIXES: &[&str] = &[
    "json", "pcap", "pcapng", "gz", "toml", "txt", "hex", "bin", "b64", "base64", "pem", "crt", "cer", "der",
];

/// What `typed` means. `known` finds a name; `kind` is what it names (`profile`), and `names` are all there are.
pub fn resolve<T>(
    flag: &str,
    kind: &str,
    typed: &str,
    known: impl Fn(&str) -> Option<T>,
    names: &[&str],
) -> Result<FileOrName<T>, String> {
    let is_there = Path::new(typed).is_file();
    let looks_like_file = looks_like_file(typed);
    match (known(typed), looks_like_file || is_there) {
        (Some(_), true) => Err(format!(
            "{flag}: {typed} is a {kind} and could be a file as well: write ./{typed} for the file; the {kind} can be \
             asked for where no such file is"
        )),
        (Some(found), false) => Ok(FileOrName::Name(found)),
        (None, _) if looks_like_file => Ok(FileOrName::File(typed.into())),
        (None, true) => {
            Err(format!("{flag}: there is no {kind} {typed:?}; for the file of that name write ./{typed}"))
        }
        (None, false) => {
            let mut near = names.to_vec();
            near.sort_by_key(|name| distance(typed, name));
            let (nearest, others) = near.split_at(near.len().min(1));
            Err(format!(
                "{flag}: there is no {kind} {typed:?}; the nearest is {}, the others are {}; a file is written with a /",
                nearest.join(""),
                others.join(", ")
            ))
        }
    }
}

/// Whether it is a file, be it there or not.
pub fn looks_like_file(typed: &str) -> bool {
    let suffix = Path::new(typed).extension().and_then(|suffix| suffix.to_str());
    typed.contains('/')
        || suffix.is_some_and(|suffix| SUFFIXES.iter().any(|s| suffix.eq_ignore_ascii_case(s)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(typed: &str) -> Result<FileOrName<usize>, String> {
        let names = ["chrome", "openssl-1.0", "odd.json"];
        resolve("--hello", "profile", typed, |name| names.iter().position(|n| *n == name), &names)
    }

    #[test]
    fn a_slash_or_a_suffix_makes_a_file() {
        for file in ["./chrome", "/tmp/x", "a/b", "trace.json", "hello.HEX", "x.pcapng"] {
            assert_eq!(ask(file), Ok(FileOrName::File(file.into())));
        }
        assert_eq!(ask("chrome"), Ok(FileOrName::Name(0)));
        assert_eq!(ask("openssl-1.0"), Ok(FileOrName::Name(1)));
    }

    #[test]
    fn what_could_be_both_is_refused() {
        assert!(ask("odd.json").unwrap_err().contains("write ./odd.json for the file"));
        // Tests run where the package is.
        assert!(ask("LICENSE-MIT").unwrap_err().contains("write ./LICENSE-MIT"));
        let names = ["Cargo"];
        let both = resolve("--hello", "profile", "Cargo.lock", |_| Some(0), &names);
        assert!(both.unwrap_err().contains("could be a file as well"));
    }

    #[test]
    fn an_unknown_name_is_told_the_nearest() {
        let why = ask("chrom").unwrap_err();
        assert!(why.contains("no profile \"chrom\"; the nearest is chrome, the others are "), "{why}");
    }
}
