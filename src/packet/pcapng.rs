//! The newer format: blocks, each with its length before and behind it (draft-ietf-opsawg-pcapng).

use std::io::Read;
use std::ops::Range;
use std::time::Duration;

use pcap_parser::pcapng::{Block, SecretsType, parse_block_be, parse_block_le};

use super::file::{Item, LARGEST_PACKET, Notices, Packet, ends};
use super::source::Source;
use crate::capture::Limits;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
/// Obsolete: what the Enhanced Packet Block took the place of.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

/// Types of block that a damaged file is searched for.
const KNOWN: [u32; 9] = [
    SECTION_HEADER,
    INTERFACE_DESCRIPTION,
    PACKET,
    SIMPLE_PACKET,
    4,
    5,
    ENHANCED_PACKET,
    9,
    DECRYPTION_SECRETS,
];

/// Type, length, and the length again behind it.
const SMALLEST: usize = 12;

/// Interfaces of a section; there are no more in any ordinary file.
const INTERFACES: usize = 4096;

/// Where the current section stands.
#[derive(Debug, Default)]
pub(super) struct Pcapng {
    big_endian: bool,
    interfaces: Vec<Interface>,
}

#[derive(Debug, Clone, Copy)]
struct Interface {
    link: u32,
    snap_length: u32,
    /// Units of its times in a second.
    resolution: u64,
    /// Seconds that are added to its times.
    offset: i64,
}

impl Interface {
    fn time(&self, high: u32, low: u32) -> Duration {
        let units = u64::from(high) << 32 | u64::from(low);
        let seconds = (units / self.resolution).saturating_add_signed(self.offset);
        let rest = u128::from(units % self.resolution) * 1_000_000_000 / u128::from(self.resolution);
        Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(rest).unwrap_or_default())
    }
}

/// A block that matters comes next.
enum Ahead {
    Packet { total: usize, found: Found, interface: Interface },
    Secrets { total: usize, range: Range<usize> },
}

/// What a block says of a packet: where in the block it lies.
struct Found {
    interface: u32,
    time: Option<(u32, u32)>,
    captured: usize,
    start: usize,
    length: u32,
}

impl Pcapng {
    /// Whether a file starts like this.
    pub(super) fn recognise(start: &[u8]) -> bool {
        start.starts_with(&SECTION_HEADER.to_be_bytes())
    }

    fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).unwrap_or_default();
        if self.big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
    }

    pub(super) fn next<'a, R: Read>(
        &mut self,
        source: &'a mut Source<R>,
        notices: &mut Notices,
        packets: &mut u64,
    ) -> Option<Item<'a>> {
        match self.find(source, notices, packets)? {
            Ahead::Packet { total, found, interface } => {
                let bytes = source.take(total);
                Some(Item::Packet(Packet {
                    number: *packets,
                    at: found.time.map(|(high, low)| interface.time(high, low)),
                    link: interface.link,
                    bytes: bytes.get(found.start..found.start + found.captured).unwrap_or_default(),
                    length: found.length,
                }))
            }
            Ahead::Secrets { total, range } => {
                let text = source.take(total).get(range).unwrap_or_default();
                Some(Item::Secrets(std::str::from_utf8(text).unwrap_or_default()))
            }
        }
    }

    /// Passes over what does not matter, up to a block that does.
    fn find<R: Read>(
        &mut self,
        source: &mut Source<R>,
        notices: &mut Notices,
        packets: &mut u64,
    ) -> Option<Ahead> {
        loop {
            let ahead = source.peek(SMALLEST);
            if ahead.is_empty() && source.error().is_none() {
                return None;
            }
            let Some(ahead) = source.whole(SMALLEST) else {
                ends(source, notices, "a block");
                return None;
            };
            if ahead.starts_with(&SECTION_HEADER.to_be_bytes()) {
                match ahead[8..12] {
                    [0x1a, 0x2b, 0x3c, 0x4d] => self.big_endian = true,
                    [0x4d, 0x3c, 0x2b, 0x1a] => self.big_endian = false,
                    _ => {
                        self.resynchronise(source, notices, "a section of unknown byte order");
                        continue;
                    }
                }
            }
            let (kind, total) = (self.u32(ahead, 0), self.u32(ahead, 4) as usize);
            if !is_length(total) {
                self.resynchronise(source, notices, &format!("a block can't have {total} bytes"));
                continue;
            }
            let offset = source.offset();
            let Some(block) = source.whole(total) else {
                ends(source, notices, "a block");
                return None;
            };
            if self.u32(block, total - 4) as usize != total {
                self.resynchronise(source, notices, "the two lengths of a block differ");
                continue;
            }
            match kind {
                SECTION_HEADER => self.interfaces.clear(),
                INTERFACE_DESCRIPTION if self.interfaces.len() < INTERFACES => {
                    self.interfaces.push(self.interface(block));
                }
                PACKET | SIMPLE_PACKET | ENHANCED_PACKET => {
                    *packets += 1;
                    let found = self.packet(kind, block);
                    let place = found.as_ref().map_or(0, |found| found.interface);
                    match (found, self.interfaces.get(place as usize)) {
                        (Some(found), Some(&interface)) => {
                            return Some(Ahead::Packet { total, found, interface });
                        }
                        (None, _) => notices.add(offset, "a packet is longer than its block"),
                        (Some(_), None) => notices.add(offset, format!("there is no interface {place}")),
                    }
                }
                DECRYPTION_SECRETS => match self.secrets(block) {
                    Ok(Some(range)) => match block.get(range.clone()).map(std::str::from_utf8) {
                        Some(Ok(_)) => return Some(Ahead::Secrets { total, range }),
                        _ => notices.add(offset, "the secrets of a block are not text"),
                    },
                    Ok(None) => {}
                    Err(()) => notices.add(offset, "the secrets are longer than their block"),
                },
                // Statistics, names, comments, and what is not known.
                _ => {}
            }
            source.pass(total);
        }
    }

    fn parsed<'a>(&self, block: &'a [u8]) -> Option<Block<'a>> {
        let parsed = if self.big_endian { parse_block_be(block) } else { parse_block_le(block) };
        parsed.ok().map(|(_, block)| block)
    }

    /// An interface that can't be read keeps its place, since packets count them.
    fn interface(&self, block: &[u8]) -> Interface {
        let link = self.u32(block, 8);
        let link = if self.big_endian { link >> 16 } else { link & 0xffff };
        let usual = Interface { link, snap_length: self.u32(block, 12), resolution: 1_000_000, offset: 0 };
        match self.parsed(block) {
            Some(Block::InterfaceDescription(read)) => Interface {
                resolution: read.ts_resolution().filter(|units| *units > 0).unwrap_or(usual.resolution),
                offset: read.if_tsoffset,
                ..usual
            },
            _ => usual,
        }
    }

    /// The packet of a block, if it lies in it. Its options say nothing that matters here and are not read.
    fn packet(&self, kind: u32, block: &[u8]) -> Option<Found> {
        let word = |at: usize| self.u32(block, at);
        let found = match kind {
            SIMPLE_PACKET => {
                let length = word(8);
                let snap = self.interfaces.first().map_or(0, |interface| interface.snap_length);
                let captured = if snap == 0 { length } else { length.min(snap) };
                let captured = (captured as usize).min(block.len().checked_sub(16)?);
                Found { interface: 0, time: None, captured, start: 12, length }
            }
            _ => {
                let interface = match (kind, self.big_endian) {
                    (PACKET, true) => word(8) >> 16,
                    (PACKET, false) => word(8) & 0xffff,
                    _ => word(8),
                };
                let time = Some((word(12), word(16)));
                Found { interface, time, captured: word(20) as usize, start: 28, length: word(24) }
            }
        };
        (found.start.checked_add(found.captured)? <= block.len().checked_sub(4)?).then_some(found)
    }

    /// Where in a block the key log lies; None if its secrets are of another kind.
    fn secrets(&self, block: &[u8]) -> Result<Option<Range<usize>>, ()> {
        const START: usize = 16;
        match self.parsed(block) {
            Some(Block::DecryptionSecrets(read)) => {
                let length = read.secrets_len as usize;
                let is_key_log = read.secrets_type == SecretsType::TlsKeyLog;
                Ok(is_key_log.then_some(START..START + length))
            }
            _ => Err(()),
        }
    }

    /// Looks for the next place where a block surely starts.
    fn resynchronise<R: Read>(&self, source: &mut Source<R>, notices: &mut Notices, why: &str) {
        let from = source.offset();
        loop {
            source.pass(1);
            let ahead = source.peek(SMALLEST);
            if ahead.len() < SMALLEST {
                source.pass(usize::MAX);
                break;
            }
            let (kind, total) = (self.u32(ahead, 0), self.u32(ahead, 4) as usize);
            // A section may have another byte order.
            if kind == SECTION_HEADER
                && matches!(ahead[8..12], [0x1a, 0x2b, 0x3c, 0x4d] | [0x4d, 0x3c, 0x2b, 0x1a])
            {
                break;
            }
            if KNOWN.contains(&kind)
                && (SMALLEST..=LARGEST_PACKET as usize).contains(&total)
                && total.is_multiple_of(4)
                && source.whole(total).is_some_and(|block| self.u32(block, total - 4) as usize == total)
            {
                break;
            }
        }
        let skipped = source.offset() - from;
        notices.add(from, format!("{why}: {skipped} bytes of the file are passed over"));
    }
}

fn is_length(total: usize) -> bool {
    (SMALLEST..=Limits::DEFAULT.block_bytes).contains(&total) && total.is_multiple_of(4)
}
