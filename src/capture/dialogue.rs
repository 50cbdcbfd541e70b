//! What was said before TLS, as a recording keeps it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Event;

use crate::wire::Direction;

/// How a dialogue before TLS ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialogue {
    /// It was agreed that TLS, or the next dialogue, begins.
    Agreed {
        /// Bytes that the server sent behind its go-ahead, before anything of TLS was said: none of the stream.
        #[serde(default)]
        injected: u64,
    },
    /// The server said no.
    Refused,
    /// The server does not offer TLS, and refused it as well.
    NotOffered,
    /// What came is not this protocol.
    Unexpected,
    /// What came did not end within our limit.
    Endless,
    /// The server closed the connection.
    Closed,
    /// The connection failed.
    Failed { text: String },
    /// We stopped before it ended.
    Unfinished,
}

/// What one side said in one go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Name of the protocol's row.
    pub protocol: String,
    pub direction: Direction,
    /// Escaped, without line ends; credentials are blanked. Of binary messages: what they say.
    pub lines: Vec<String>,
    /// Lines behind them that were not kept.
    #[serde(default, skip_serializing_if = "super::encoding::is_zero")]
    pub left_out: u64,
}

/// Puts `*` in the place of the bytes of `direction` that stand in `range`, counted from its first one.
pub fn blank(events: &mut [Event], wanted: Direction, range: Range<u64>) {
    let mut offset = 0;
    for event in events {
        match event {
            Event::Bytes { direction, bytes, .. } if *direction == wanted => {
                let inside = |at: u64| usize::try_from(at.saturating_sub(offset)).unwrap_or(usize::MAX);
                let (from, to) = (inside(range.start).min(bytes.len()), inside(range.end).min(bytes.len()));
                if let Some(bytes) = bytes.get_mut(from..to) {
                    bytes.fill(b'*');
                }
                offset += bytes.len() as u64;
            }
            Event::Gap { direction, len, .. } if *direction == wanted => offset += len.unwrap_or(0),
            _ => {}
        }
    }
}
