//! The classic format: a header, then packets with 16 bytes before each (draft-ietf-opsawg-pcap).

use std::io::Read;
use std::time::Duration;

use super::file::{Item, LARGEST_PACKET, Notices, Packet, ends};
use super::source::Source;

/// Length of the file's header.
const FILE_HEADER: usize = 24;

/// What the file's header says.
#[derive(Debug)]
pub(super) struct Pcap {
    big_endian: bool,
    /// Times are in nanoseconds, not microseconds.
    nanoseconds: bool,
    /// Before each packet: 16 bytes, 24 in the variant of a patched libpcap (0xa1b2cd34).
    header: usize,
    link: u32,
    /// Seconds of the last packet: what a neighbour of it is known by.
    last: Option<u32>,
}

/// What stands before a packet.
struct Header {
    seconds: u32,
    fraction: u32,
    captured: u32,
    length: u32,
}

impl Pcap {
    /// Whether a file starts like this.
    pub(super) fn recognise(start: &[u8]) -> bool {
        Self::magic(start).is_some()
    }

    /// Byte order, nanoseconds, length of a packet's header.
    fn magic(start: &[u8]) -> Option<(bool, bool, usize)> {
        let magic = u32::from_be_bytes(start.get(..4)?.try_into().ok()?);
        [(magic, true), (magic.swap_bytes(), false)].into_iter().find_map(|(magic, big)| match magic {
            0xa1b2_c3d4 => Some((big, false, 16)),
            0xa1b2_3c4d => Some((big, true, 16)),
            0xa1b2_cd34 => Some((big, false, 24)),
            _ => None,
        })
    }

    /// Reads the file's header; None if there is none.
    pub(super) fn header<R: Read>(source: &mut Source<R>, notices: &mut Notices) -> Option<Pcap> {
        let (big_endian, nanoseconds, header) = Self::magic(source.peek(4))?;
        let mut pcap = Pcap { big_endian, nanoseconds, header, link: 0, last: None };
        match source.whole(FILE_HEADER) {
            // Above the type are the length of the frame check sequence, and what says whether there is one.
            Some(bytes) => pcap.link = pcap.u32(bytes, 20) & 0x03ff_ffff,
            None => ends(source, notices, "the file's header"),
        }
        source.pass(FILE_HEADER);
        Some(pcap)
    }

    fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).unwrap_or_default();
        if self.big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
    }

    fn read(&self, bytes: &[u8]) -> Header {
        let word = |place: usize| self.u32(bytes, 4 * place);
        Header { seconds: word(0), fraction: word(1), captured: word(2), length: word(3) }
    }

    /// Whether these numbers can stand before a packet.
    fn plausible(&self, header: &Header) -> bool {
        header.captured <= LARGEST_PACKET
    }

    /// Whether they surely do: asked where we don't know where a packet starts.
    fn certain(&self, header: &Header) -> bool {
        /// A day.
        const NEAR: u32 = 86_400;
        let within = if self.nanoseconds { 1_000_000_000 } else { 1_000_000 };
        header.fraction < within
            && (1..=LARGEST_PACKET).contains(&header.captured)
            && header.captured <= header.length
            && header.length <= LARGEST_PACKET
            && self.last.is_none_or(|last| last.abs_diff(header.seconds) < NEAR)
    }

    pub(super) fn next<'a, R: Read>(
        &mut self,
        source: &'a mut Source<R>,
        notices: &mut Notices,
        packets: &mut u64,
    ) -> Option<Item<'a>> {
        let (header, captured) = loop {
            let ahead = source.peek(self.header);
            if ahead.is_empty() && source.error().is_none() {
                return None;
            }
            let Some(bytes) = source.whole(self.header) else {
                ends(source, notices, "a packet's header");
                return None;
            };
            let header = self.read(bytes);
            if !self.plausible(&header) {
                self.resynchronise(source, notices, header.captured);
                continue;
            }
            let captured = header.captured as usize;
            if source.whole(self.header + captured).is_none() {
                // A last packet of which there is a part is read as one that was cut.
                let there = source.peek(0).len() - self.header;
                *packets += 1;
                let (number, offset) = (*packets, source.offset());
                notices.add(
                    offset,
                    format!("the file ends in the middle of packet {number}: {there} of {captured} bytes are there"),
                );
                break (header, there);
            }
            *packets += 1;
            break (header, captured);
        };
        self.last = Some(header.seconds);
        let nanoseconds =
            if self.nanoseconds { header.fraction } else { header.fraction.saturating_mul(1000) };
        let at = Duration::from_secs(header.seconds.into()) + Duration::from_nanos(nanoseconds.into());
        source.pass(self.header);
        let bytes = source.take(captured);
        Some(Item::Packet(Packet {
            number: *packets,
            at: Some(at),
            link: self.link,
            bytes,
            length: header.length,
        }))
    }

    /// Looks for the next place where a packet surely starts, with another one behind it.
    fn resynchronise<R: Read>(&self, source: &mut Source<R>, notices: &mut Notices, captured: u32) {
        let from = source.offset();
        loop {
            source.pass(1);
            let Some(bytes) = source.whole(self.header) else {
                source.pass(usize::MAX);
                break;
            };
            let header = self.read(bytes);
            if !self.certain(&header) {
                continue;
            }
            let behind = self.header + header.captured as usize;
            let ahead = source.peek(behind + self.header);
            let is_last = ahead.len() == behind;
            let follows = ahead.get(behind..behind + self.header).map(|next| self.read(next));
            if is_last || follows.is_some_and(|next| self.certain(&next)) {
                break;
            }
        }
        let skipped = source.offset() - from;
        notices.add(
            from,
            format!("no packet can have {captured} bytes: {skipped} bytes of the file are passed over"),
        );
    }
}
