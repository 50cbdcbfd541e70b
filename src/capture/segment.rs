//! TCP segments, where packets were seen: of a capture file, or by `--packets`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::encoding;
use crate::wire::Direction;

/// Where a capture's bytes come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A connection of ours.
    #[default]
    Live,
    /// Packets of a connection that others made.
    Packets,
    /// QUIC packets of a connection that others made.
    Datagrams,
    /// TLS bytes in a file, without packets and times.
    Bytes,
    /// Certificates in files.
    Files,
}

impl Origin {
    /// Whether we made the connection.
    pub fn is_live(&self) -> bool {
        *self == Origin::Live
    }

    /// Whether others made it, so that no command of ours makes it again.
    pub fn is_captured(&self) -> bool {
        matches!(self, Origin::Packets | Origin::Datagrams | Origin::Bytes)
    }
}

/// How capturing the packets of a connection of ours went (`--packets`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LivePackets {
    /// They are the capture's segments.
    Captured {
        /// Packets that were seen a second time, and left out.
        again: u64,
        /// Packets of any connection at the server's port that the kernel had no room to keep.
        lost: u64,
    },
    /// We lack CAP_NET_RAW.
    NotPermitted,
    /// For another reason, in the system's words.
    Failed(String),
}

/// One TCP segment as it was captured (RFC 9293, section 3.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Whose it is.
    pub direction: Direction,
    #[serde(with = "encoding::micros")]
    pub at: Duration,
    /// Number of the packet in the file, from 1.
    pub packet: u64,
    /// Absolute.
    pub sequence: u32,
    /// Absolute; None without the ACK flag.
    pub acknowledgement: Option<u32>,
    /// CWR, ECE, URG, ACK, PSH, RST, SYN, FIN from the highest bit to the lowest.
    pub flags: u8,
    /// As in the header: not scaled.
    pub window: u16,
    /// The options as they stand in the header, padding included.
    #[serde(with = "hex::serde", skip_serializing_if = "Vec::is_empty", default)]
    pub options: Vec<u8>,
    /// Bytes of payload.
    pub length: u32,
    /// Where its payload starts in this direction's bytes, as the events have them (from the first byte of the
    /// connection on, gaps included). None if it carries none.
    pub offset: Option<u64>,
    /// What the receiver had already got of its payload, or what came again.
    #[serde(default, skip_serializing_if = "Seen::is_new")]
    pub seen: Seen,
}

/// How a segment's payload stands to what was there before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    #[default]
    New,
    /// All of it had been there before.
    Retransmission,
    /// Some of it had been there before.
    Overlap,
    /// Something before it was missing when it came.
    OutOfOrder,
    /// A probe that the peer is alive: at most one byte before what is awaited (RFC 9293, section 3.8.4).
    KeepAlive,
}

impl Seen {
    fn is_new(&self) -> bool {
        *self == Seen::New
    }
}

impl Segment {
    pub const FIN: u8 = 0x01;
    pub const SYN: u8 = 0x02;
    pub const RST: u8 = 0x04;
    pub const PSH: u8 = 0x08;
    pub const ACK: u8 = 0x10;

    /// Whether a flag is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}
