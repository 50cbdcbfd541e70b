//! IP packets: fragments put together, tunnels opened, TCP segments and UDP datagrams found.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use etherparse::defrag::IpDefragBuf;
use etherparse::{
    EtherType, IpFragOffset, IpNumber, LaxIpPayloadSlice, LaxNetSlice, LaxSlicedPacket, TcpSlice, UdpSlice,
};

use super::link::{self, Payload};
use crate::capture::Limits;

/// What a packet carries.
pub enum Transport<'a> {
    Tcp(Tcp<'a>),
    /// A datagram; VXLAN is opened instead.
    Udp {
        source: SocketAddr,
        target: SocketAddr,
        payload: &'a [u8],
    },
}

/// A TCP segment.
pub struct Tcp<'a> {
    pub source: SocketAddr,
    pub target: SocketAddr,
    pub header: TcpHeader<'a>,
    pub payload: &'a [u8],
    /// Bytes of payload that the packet had, and that were not captured.
    pub cut: u32,
}

/// What of a TCP header matters.
pub struct TcpHeader<'a> {
    pub sequence: u32,
    pub acknowledgement: u32,
    pub flags: u8,
    pub window: u16,
    pub options: &'a [u8],
}

/// Layers of tunnels that are opened.
const DEPTH: u32 = 8;

/// RFC 7348
const VXLAN_PORT: u16 = 4789;
const TRANSPARENT_ETHERNET: u16 = 0x6558;
const ERSPAN: u16 = 0x88be;

const IPV4: u8 = 4;
const TCP: u8 = 6;
const UDP: u8 = 17;
const IPV6: u8 = 41;
const GRE: u8 = 47;
const NO_NEXT: u8 = 59;

/// Which fragments belong together (RFC 791, section 3.2; RFC 8200, section 4.5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct FragmentOf {
    source: IpAddr,
    target: IpAddr,
    identification: u32,
    protocol: u8,
}

/// Takes packets apart; keeps the fragments of those that are not whole.
#[derive(Default)]
pub struct Packets {
    waiting: BTreeMap<FragmentOf, IpDefragBuf>,
    /// The same, the oldest in front.
    order: VecDeque<FragmentOf>,
    /// Bytes in `waiting`.
    bytes: usize,
    /// Fragments that no packet came of.
    pub lost: u64,
}

impl Packets {
    /// Gives what a frame carries to `found`, unless it is something else.
    pub fn read(&mut self, link: u32, frame: &[u8], found: &mut dyn FnMut(Transport<'_>)) {
        if let Some(payload) = link::payload(link, frame) {
            self.network(payload, DEPTH, found);
        }
    }

    fn network(&mut self, payload: Payload<'_>, depth: u32, found: &mut dyn FnMut(Transport<'_>)) {
        let (packet, bytes) = match payload {
            Payload::Ether(kind, bytes) => (LaxSlicedPacket::from_ether_type(EtherType(kind), bytes), bytes),
            Payload::Ip(bytes) => match LaxSlicedPacket::from_ip(bytes) {
                Ok(packet) => (packet, bytes),
                Err(_) => return,
            },
        };
        let (source, target, identification, offset, more, payload): (IpAddr, IpAddr, _, _, _, _) =
            match &packet.net {
                Some(LaxNetSlice::Ipv4(ip)) => {
                    let header = ip.header();
                    (
                        header.source_addr().into(),
                        header.destination_addr().into(),
                        header.identification().into(),
                        header.fragments_offset(),
                        header.more_fragments(),
                        ip.payload(),
                    )
                }
                Some(LaxNetSlice::Ipv6(ip)) => {
                    let extensions = ip.extensions();
                    let first = extensions.first_header().map_or(NO_NEXT, |number| number.0);
                    let (identification, offset, more) = fragment_header(first, extensions.slice());
                    let header = ip.header();
                    (
                        header.source_addr().into(),
                        header.destination_addr().into(),
                        identification,
                        offset,
                        more,
                        ip.payload(),
                    )
                }
                _ => return,
            };
        let ends = (source, target);
        if !payload.fragmented {
            let cut = missing(&packet, payload, bytes);
            return self.transport(ends, payload.ip_number.0, payload.payload, cut, depth, found);
        }
        if payload.incomplete {
            self.lost += 1;
            return;
        }
        let protocol = payload.ip_number.0;
        let of = FragmentOf { source, target, identification, protocol };
        if let Some(whole) = self.fragment(of, offset, more, payload.payload) {
            self.transport(ends, protocol, &whole, 0, depth, found);
        }
    }

    /// Adds a fragment; the payload once it is whole.
    fn fragment(
        &mut self,
        of: FragmentOf,
        offset: IpFragOffset,
        more: bool,
        payload: &[u8],
    ) -> Option<Vec<u8>> {
        let limit = Limits::DEFAULT.fragment_bytes;
        if !self.waiting.contains_key(&of) {
            self.order.push_back(of.clone());
        }
        let number = IpNumber(of.protocol);
        let buffer = self
            .waiting
            .entry(of.clone())
            .or_insert_with(|| IpDefragBuf::new(number, Vec::new(), Vec::new()));
        let before = buffer.data().len();
        if buffer.add(offset, more, payload).is_err() {
            self.lost += 1;
        }
        // The last fragment may say that the packet is shorter than what came before.
        self.bytes = self.bytes.saturating_sub(before) + buffer.data().len();
        let whole = buffer.is_complete().then(|| self.take(&of)).flatten();
        // The identification of one that is whole may come again.
        while self.bytes > limit || self.order.len() > limit / 1024 {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some(buffer) = self.waiting.remove(&oldest) {
                self.bytes = self.bytes.saturating_sub(buffer.data().len());
                self.lost += 1;
            }
        }
        whole
    }

    fn take(&mut self, of: &FragmentOf) -> Option<Vec<u8>> {
        let (data, _) = self.waiting.remove(of)?.take_bufs();
        self.bytes = self.bytes.saturating_sub(data.len());
        if let Some(place) = self.order.iter().rposition(|other| other == of) {
            self.order.remove(place);
        }
        Some(data)
    }

    fn transport(
        &mut self,
        (source, target): (IpAddr, IpAddr),
        protocol: u8,
        payload: &[u8],
        cut: u32,
        depth: u32,
        found: &mut dyn FnMut(Transport<'_>),
    ) {
        let address = |ip: IpAddr, port: u16| SocketAddr::new(ip, port);
        match protocol {
            TCP => {
                let Ok(tcp) = TcpSlice::from_slice(payload) else { return };
                let header = TcpHeader {
                    sequence: tcp.sequence_number(),
                    acknowledgement: tcp.acknowledgment_number(),
                    flags: payload.get(13).copied().unwrap_or_default(),
                    window: tcp.window_size(),
                    options: tcp.options(),
                };
                let (source, target) =
                    (address(source, tcp.source_port()), address(target, tcp.destination_port()));
                found(Transport::Tcp(Tcp { source, target, header, payload: tcp.payload(), cut }));
            }
            UDP => {
                let Ok(udp) = UdpSlice::from_slice_lax(payload) else { return };
                let datagram = udp.payload();
                if udp.destination_port() == VXLAN_PORT
                    && datagram.first().is_some_and(|flags| flags & 8 != 0)
                {
                    let inner = datagram.get(8..).and_then(link::ethernet);
                    return self.inner(inner, depth, found);
                }
                let (source, target) =
                    (address(source, udp.source_port()), address(target, udp.destination_port()));
                found(Transport::Udp { source, target, payload: datagram });
            }
            IPV4 | IPV6 => self.inner(Some(Payload::Ip(payload)), depth, found),
            GRE => self.inner(gre(payload), depth, found),
            _ => {}
        }
    }

    fn inner(&mut self, payload: Option<Payload<'_>>, depth: u32, found: &mut dyn FnMut(Transport<'_>)) {
        if let Some(payload) = payload.filter(|_| depth > 0) {
            self.network(payload, depth - 1, found);
        }
    }
}

/// What the fragment header among these extension headers says: identification, offset, whether more follow (RFC 8200,
/// section 4.5). Not by etherparse's iterator over them, which takes the lengths of headers that were cut off for granted.
fn fragment_header(first: u8, mut headers: &[u8]) -> (u32, IpFragOffset, bool) {
    const WHOLE: (u32, IpFragOffset, bool) = (0, IpFragOffset::ZERO, false);
    let mut number = first;
    while let [next, length, ..] = *headers {
        let length = match number {
            // Hop-by-hop and destination options, routing, mobility, HIP, Shim6.
            0 | 43 | 60 | 135 | 139 | 140 => (usize::from(length) + 1) * 8,
            // Authentication (RFC 4302, section 2.2).
            51 => (usize::from(length) + 2) * 4,
            44 => {
                let [_, _, high, low, identification @ ..] = headers else { return WHOLE };
                let Some(identification) = identification.first_chunk() else { return WHOLE };
                let field = u16::from_be_bytes([*high, *low]);
                let Ok(offset) = IpFragOffset::try_new(field >> 3) else { return WHOLE };
                return (u32::from_be_bytes(*identification), offset, field & 1 != 0);
            }
            _ => return WHOLE,
        };
        number = next;
        headers = headers.get(length..).unwrap_or_default();
    }
    WHOLE
}

/// Bytes of a packet that were not captured.
fn missing(packet: &LaxSlicedPacket<'_>, payload: &LaxIpPayloadSlice<'_>, bytes: &[u8]) -> u32 {
    if !payload.incomplete {
        return 0;
    }
    let tags: usize = packet.link_exts.iter().map(|tag| tag.header_len()).sum();
    let announced = match &packet.net {
        Some(LaxNetSlice::Ipv4(ip)) => usize::from(ip.header().total_len()),
        Some(LaxNetSlice::Ipv6(ip)) => 40 + usize::from(ip.header().payload_length()),
        _ => 0,
    };
    u32::try_from((announced + tags).saturating_sub(bytes.len())).unwrap_or_default()
}

/// Behind a GRE header (RFC 2784, RFC 2890), or one of ERSPAN.
fn gre(bytes: &[u8]) -> Option<Payload<'_>> {
    let &[flags, version, a, b, ..] = bytes else { return None };
    if version & 7 != 0 {
        return None;
    }
    let optional = [0x80, 0x20, 0x10].iter().filter(|flag| flags & **flag != 0).count();
    let start = 4 + 4 * optional;
    match u16::from_be_bytes([a, b]) {
        TRANSPARENT_ETHERNET => link::ethernet(bytes.get(start..)?),
        // Type II, with a sequence number, has a header of its own.
        ERSPAN => link::ethernet(bytes.get(if flags & 0x10 != 0 { start + 8 } else { start }..)?),
        kind => link::of_type(kind, bytes.get(start..)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A raw IP packet of version 6 with these bytes behind its header.
    fn packet(next: u8, behind: &[u8]) -> Vec<u8> {
        let length = u16::try_from(behind.len()).unwrap().to_be_bytes();
        let mut packet = vec![0x60, 0, 0, 0, length[0], length[1], next, 64];
        packet.extend([1; 32]);
        packet.extend(behind);
        packet
    }

    /// Extension headers say how long they are; what was captured may end before.
    #[test]
    fn extension_headers_that_are_cut_off() {
        const LINKTYPE_RAW: u32 = 101;
        for first in [0, 43, 44, 51, 60, 135, 139, 140] {
            for length in [0, 1, 3, 31, 255] {
                for rest in 0..40 {
                    let behind: Vec<u8> = [first, length].into_iter().chain(vec![0; rest]).collect();
                    Packets::default().read(LINKTYPE_RAW, &packet(first, &behind), &mut |_| {});
                }
            }
        }
    }

    /// The last fragment ends before one that came earlier.
    #[test]
    fn fragments_that_contradict_each_other() {
        const LINKTYPE_RAW: u32 = 101;
        let fragment = |eighths: u16, more: bool, bytes: usize| {
            let field = (eighths << 3 | u16::from(more)).to_be_bytes();
            packet(44, &[&[6, 0, field[0], field[1], 0, 0, 0, 9][..], &vec![7; bytes]].concat())
        };
        let mut packets = Packets::default();
        for one in
            [fragment(4, true, 64), fragment(0, false, 8), fragment(0, true, 16), fragment(1, false, 8)]
        {
            packets.read(LINKTYPE_RAW, &one, &mut |_| {});
        }
        let waiting: usize = packets.waiting.values().map(|buffer| buffer.data().len()).sum();
        assert_eq!(packets.bytes, waiting);
    }

    #[test]
    fn a_fragment_header_is_found_behind_others() {
        // Hop-by-hop options, then a fragment header: offset 185 (eight bytes each), more follow.
        let headers = [44, 0, 1, 4, 0, 0, 0, 0, 6, 0, 0x05, 0xc9, 0, 0, 0, 9];
        let (identification, offset, more) = fragment_header(0, &headers);
        assert_eq!((identification, offset.value(), more), (9, 185, true));
        assert_eq!(fragment_header(6, &headers).0, 0);
        assert_eq!(fragment_header(0, &headers[..12]).0, 0);
    }
}
