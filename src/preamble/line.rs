//! What protocols of lines have in common; replies with a code, as SMTP and FTP have them.

use std::ops::Range;

use super::{Stop, Talk};

/// A reply (RFC 5321, section 4.2; RFC 959, section 4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// Of each line what stands behind the code, as far as it has one.
    pub(super) lines: Vec<Vec<u8>>,
}

impl Reply {
    /// Whether a line begins with this word, whatever its case.
    pub(super) fn lists(&self, word: &str) -> bool {
        self.lines.iter().any(|line| verb(line).eq_ignore_ascii_case(word))
    }
}

/// The next reply. Lines between the first and the last need no code (RFC 959).
pub(super) async fn reply(talk: &mut Talk<'_>) -> Result<Reply, Stop> {
    let first = talk.hear_line().await?;
    let (code, more, text) = coded(&first).ok_or(Stop::Unexpected)?;
    let mut reply = Reply { code, lines: vec![text.to_vec()] };
    let mut goes_on = more;
    while goes_on {
        let line = talk.hear_line().await?;
        let text = match coded(&line) {
            Some((same, more, text)) if same == code => {
                goes_on = more;
                text
            }
            _ => line.trim_ascii_start(),
        };
        reply.lines.push(text.to_vec());
    }
    Ok(reply)
}

/// Code, whether more lines follow, and the text.
fn coded(line: &[u8]) -> Option<(u16, bool, &[u8])> {
    let (code, rest) = line.split_at_checked(3)?;
    let code = std::str::from_utf8(code).ok().filter(|code| code.bytes().all(|b| b.is_ascii_digit()))?;
    let code: u16 = code.parse().ok()?;
    match rest {
        [] => Some((code, false, rest)),
        [b' ', text @ ..] => Some((code, false, text)),
        [b'-', text @ ..] => Some((code, true, text)),
        _ => None,
    }
}

/// How a dialogue ends with the answer to the command that asks for TLS; `offered`: the server had listed it.
pub(super) fn decided(good: bool, offered: bool) -> Result<(), Stop> {
    match (good, offered) {
        (true, _) => Ok(()),
        (false, true) => Err(Stop::Refused),
        (false, false) => Err(Stop::NotOffered),
    }
}

/// What stands behind so many words, without the end of the line, if anything does.
pub(super) fn behind(words: usize, said: &[u8]) -> Option<Range<usize>> {
    let end = said.trim_ascii_end().len();
    let mut spaces = said.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(at, _)| at);
    let from = spaces.nth(words.checked_sub(1)?)? + 1;
    (from < end).then_some(from..end)
}

/// The first word; empty if it is no text.
pub(super) fn verb(line: &[u8]) -> &str {
    let word = line.split(|byte| *byte == b' ').next().unwrap_or_default();
    std::str::from_utf8(word).unwrap_or_default()
}
