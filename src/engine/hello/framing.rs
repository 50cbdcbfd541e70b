//! How a hello travels: in which records, and in which TCP segments.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::super::Error;
use super::Hello;
use crate::wire::codepoints::content_type::HANDSHAKE;
use crate::wire::record::{self, Cut};

/// The most that a record may carry (RFC 8446, section 5.1).
const FRAGMENT: NonZeroUsize = NonZeroUsize::new(1 << 14).unwrap();

/// How a hello is cut up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framing {
    /// `legacy_record_version`: 0x0301 in front of a first hello, whatever it offers (RFC 8446, section 5.1).
    pub record_version: u16,
    /// Where the message is cut into records.
    pub records: Cut,
    /// Where the bytes of the records are cut into TCP segments.
    pub segments: Cut,
    /// How long to wait after each segment but the last.
    pub pause: Duration,
}

impl Default for Framing {
    fn default() -> Self {
        Self { record_version: 0x0301, records: Cut::Whole, segments: Cut::Whole, pause: Duration::ZERO }
    }
}

/// What is written at once.
pub type Piece = Vec<u8>;

impl Framing {
    /// The pieces that are written, one segment each.
    pub fn frame(&self, hello: &Hello) -> Result<Vec<Piece>, Error> {
        let message = hello.write().map_err(|e| Error(e.to_string()))?;
        let fragments = self.records.ranges(message.len(), FRAGMENT);
        Ok(self.cut(&record::write(HANDSHAKE, self.record_version, &message, fragments)))
    }

    /// Cuts bytes that are records already into segments.
    pub fn cut(&self, records: &[u8]) -> Vec<Piece> {
        let pieces = self.segments.ranges(records.len(), NonZeroUsize::MAX);
        pieces.into_iter().filter_map(|piece| records.get(piece)).map(<[u8]>::to_vec).collect()
    }
}
