//! A capture file of either format, cut into packets.

use std::io::{self, Read};
use std::time::Duration;

use super::pcap::Pcap;
use super::pcapng::Pcapng;
use super::source::Source;

/// One packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// In the file, from 1.
    pub number: u64,
    /// Since 1970; None where the file does not say (a Simple Packet Block).
    pub at: Option<Duration>,
    /// The link layer's type: a `LINKTYPE_` of tcpdump.org.
    pub link: u32,
    /// As much of it as was captured.
    pub bytes: &'a [u8],
    /// Bytes that it had on the wire.
    pub length: u32,
}

/// What a capture file has in it, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    Packet(Packet<'a>),
    /// A key log that is embedded in a pcapng file (a Decryption Secrets Block).
    Secrets(&'a str),
}

/// Something in a file that could not be read; what follows is read all the same, if anything does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Where it starts in the (decompressed) file.
    pub offset: u64,
    pub what: String,
}

/// Notices that are kept; further ones are only counted.
const NOTICES: usize = 20;

/// What could not be read so far.
#[derive(Debug, Default)]
pub(super) struct Notices {
    kept: Vec<Notice>,
    more: u64,
}

impl Notices {
    pub(super) fn add(&mut self, offset: u64, what: impl Into<String>) {
        match self.kept.len() {
            NOTICES.. => self.more += 1,
            _ => self.kept.push(Notice { offset, what: what.into() }),
        }
    }
}

/// A file's bytes cut into packets. What is malformed is passed over, with a notice.
pub struct Reader<R> {
    source: Source<R>,
    format: Format,
    notices: Notices,
    /// Packets so far.
    packets: u64,
}

enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// How many bytes [`is_capture`] looks at.
pub const MAGIC: usize = 4;

/// Whether a file that starts like this is a capture file.
pub fn is_capture(start: &[u8]) -> bool {
    Pcap::recognise(start) || Pcapng::recognise(start)
}

impl<R: Read> Reader<R> {
    /// Reads the file's header.
    ///
    /// # Errors
    /// The file can't be read, or starts like no capture file.
    pub fn new(from: R) -> io::Result<Self> {
        let mut source = Source::new(from);
        let mut notices = Notices::default();
        let start = source.peek(MAGIC);
        let format = if Pcapng::recognise(start) {
            Format::Pcapng(Pcapng::default())
        } else if let Some(pcap) = Pcap::header(&mut source, &mut notices) {
            Format::Pcap(pcap)
        } else if let Some(e) = source.error() {
            return Err(io::Error::new(e.kind(), e.to_string()));
        } else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "neither pcap nor pcapng"));
        };
        Ok(Reader { source, format, notices, packets: 0 })
    }

    /// The next packet or key log; None at the end.
    #[allow(clippy::should_implement_trait, reason = "what it gives borrows from the reader")]
    pub fn next(&mut self) -> Option<Item<'_>> {
        let (source, notices) = (&mut self.source, &mut self.notices);
        match &mut self.format {
            Format::Pcap(pcap) => pcap.next(source, notices, &mut self.packets),
            Format::Pcapng(pcapng) => pcapng.next(source, notices, &mut self.packets),
        }
    }

    /// What could not be read so far: the first ones.
    pub fn notices(&self) -> &[Notice] {
        &self.notices.kept
    }

    /// How many there are.
    pub(super) fn said(&self) -> (usize, u64) {
        (self.notices.kept.len(), self.notices.more)
    }

    /// Takes back those after the first so many.
    pub(super) fn unsay(&mut self, (kept, more): (usize, u64)) {
        self.notices.kept.truncate(kept);
        self.notices.more = more;
    }

    /// How many more there were.
    pub fn more_notices(&self) -> u64 {
        self.notices.more
    }
}

/// The largest packet that is believed: what libpcap allows as a snap length, and room for merged segments.
pub(super) const LARGEST_PACKET: u32 = 1 << 20;

/// Says that the file ends in the middle of something.
pub(super) fn ends<R: Read>(source: &mut Source<R>, notices: &mut Notices, what: &str) {
    let left = source.peek(0).len();
    let offset = source.offset();
    let why = match source.error() {
        Some(e) => format!("reading failed: {e}"),
        None => format!("the file ends in the middle of {what}: {left} bytes of it are there"),
    };
    notices.add(offset, why);
    source.pass(usize::MAX);
}
