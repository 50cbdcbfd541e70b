//! What bytes mean: code points, the field tree, records, handshake messages and extensions.
//!
//! Everything here is pure and total: any byte string goes in, a tree of named fields comes out.

pub mod alert;
pub mod asn1;
pub mod codepoints;
pub mod dissector;
pub mod ech;
pub mod extension;
pub mod facts;
pub mod field;
pub mod fingerprint;
pub mod handshake;
pub mod heartbeat;
pub mod quic;
pub mod record;
#[cfg(test)]
mod samples;
pub mod sct;
pub mod sslv2;
pub mod text;
pub mod writer;

pub use alert::dissect_alert;
pub use heartbeat::dissect_heartbeat;
pub use record::{dissect_change_cipher_spec, dissect_header, opaque};

use serde::{Deserialize, Serialize};

/// Who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the client to the server.
    Client,
    /// From the server to the client.
    Server,
}

impl Direction {
    /// Both, client first: the order of every `[T; 2]` that is kept per direction.
    pub const BOTH: [Direction; 2] = [Direction::Client, Direction::Server];

    /// Place in a `[T; 2]` kept per direction.
    pub fn index(self) -> usize {
        match self {
            Direction::Client => 0,
            Direction::Server => 1,
        }
    }

    /// `"client"` or `"server"`: the sender.
    pub fn sender(self) -> &'static str {
        match self {
            Direction::Client => "client",
            Direction::Server => "server",
        }
    }

    /// The other one.
    pub fn other(self) -> Direction {
        match self {
            Direction::Client => Direction::Server,
            Direction::Server => Direction::Client,
        }
    }
}
