//! What an interrupted run has done: the targets that have a line in its results.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;

use crate::wire::text;

/// A line is no longer.
const LONGEST: u64 = 64 << 20;

/// The targets that need no more work, by what identifies each in a list: some bytes for each, however long its line is.
#[derive(Debug, Default)]
pub(super) struct Done {
    targets: HashSet<[u8; 16]>,
    /// Where the last whole line ends: a run that was killed may have left a part of one behind it.
    whole: u64,
}

/// What of a line is looked at.
#[derive(Deserialize)]
struct Line {
    target: Target,
}

#[derive(Deserialize)]
struct Target {
    input: Option<String>,
    #[serde(default)]
    options: Vec<String>,
}

impl Done {
    /// Reads what `--format jsonl` has written. A file that is not there yet has nothing in it.
    pub(super) fn read(path: &Path) -> Result<Done, String> {
        let named = |why: &dyn std::fmt::Display| format!("--resume-from {}: {why}", text::path(path));
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Done::default()),
            Err(e) => return Err(named(&e)),
        };
        let mut lines = BufReader::with_capacity(1 << 16, file);
        let (mut done, mut line, mut number) = (Done::default(), Vec::new(), 0);
        loop {
            line.clear();
            number += 1;
            let read = lines.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(|e| named(&e))?;
            if line.last() != Some(&b'\n') {
                // The end, or a line that was not written whole; one that is too long is no line of ours.
                return match read as u64 {
                    LONGEST => Err(named(&format!("line {number} is longer than any result"))),
                    _ => Ok(done),
                };
            }
            done.whole += read as u64;
            if line.trim_ascii().is_empty() {
                continue;
            }
            let found: Line = serde_json::from_slice(&line)
                .map_err(|e| named(&format!("line {number} is no result of --format jsonl: {e}")))?;
            if let Some(input) = found.target.input {
                done.targets.insert(key(&input, &found.target.options));
            }
        }
    }

    /// Whether a target has a result.
    pub(super) fn has(&self, input: &str, options: &[String]) -> bool {
        !self.targets.is_empty() && self.targets.contains(&key(input, options))
    }

    /// The file, to write more results to: behind its last whole line.
    pub(super) fn append(&self, path: &Path) -> Result<File, String> {
        let open = || {
            let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            if file.metadata()?.is_file() {
                file.set_len(self.whole)?;
                file.seek(SeekFrom::End(0))?;
            }
            Ok(file)
        };
        open().map_err(|e: io::Error| format!("can't write to {}: {e}", text::path(path)))
    }
}

/// The first half of a hash.
fn key(input: &str, options: &[String]) -> [u8; 16] {
    let words = std::iter::once(input).chain(options.iter().map(String::as_str));
    let joined = words.collect::<Vec<_>>().join("\0");
    let hash = digest(&SHA256, joined.as_bytes());
    hash.as_ref().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_line_that_was_not_written_whole_is_no_result_and_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        assert!(!Done::read(&path).unwrap().has("a", &[]), "a file that is not there yet");
        let whole =
            "{\"target\":{\"input\":\"a\"}}\n{\"target\":{\"input\":\"b\",\"options\":[\"-4\"]},\"x\":1}\n";
        std::fs::write(&path, format!("{whole}{{\"target\":{{\"input\":\"c\"")).unwrap();
        let done = Done::read(&path).unwrap();
        let options = ["-4".to_owned()];
        assert!(done.has("a", &[]) && done.has("b", &options));
        assert!(!done.has("b", &[]) && !done.has("a", &options) && !done.has("c", &[]));
        done.append(&path).unwrap().write_all(b"more\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{whole}more\n"));
        // What is no result is told, with its line.
        assert!(Done::read(&path).unwrap_err().contains("line 3 is no result"));
    }
}
