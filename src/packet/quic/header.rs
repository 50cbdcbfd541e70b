//! Headers of QUIC packets (RFC 9000, section 17; RFC 8999 for any version).

use crate::crypto::quic::Version;

/// What a packet with a long header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
    /// Of the server: the versions that it speaks.
    VersionNegotiation,
    /// Of a version that is not read here.
    Other,
}

/// A packet with a long header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Long<'a> {
    pub(super) kind: Kind,
    pub(super) number: u32,
    /// Destination connection id.
    pub(super) to: &'a [u8],
    /// The packet, as far as its length says; else all of the datagram that is left.
    pub(super) bytes: &'a [u8],
    /// Where its packet number starts; of those that have one.
    pub(super) number_at: usize,
}

/// Long header, fixed bit (RFC 9000, section 17.2).
const LONG: u8 = 0x80;
const FIXED: u8 = 0x40;
/// The longest connection id (RFC 9000, section 17.2).
const MOST_ID: u8 = 20;

/// Whether a packet has a short header: 1-RTT.
pub(super) fn is_short(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first & (LONG | FIXED) == FIXED)
}

/// The packet with a long header at the start of `datagram`, and what is coalesced behind it.
pub(super) fn long(datagram: &[u8]) -> Option<(Long<'_>, &[u8])> {
    let mut reader = Reader { bytes: datagram, at: 0 };
    let first = reader.byte().filter(|first| first & LONG != 0)?;
    let number = u32::from_be_bytes(*reader.take(4)?.first_chunk()?);
    let version = Version::of(number);
    let to = reader.connection_id(version)?;
    reader.connection_id(version)?;
    let all = |kind| (Long { kind, number, to, bytes: datagram, number_at: 0 }, &datagram[datagram.len()..]);
    let Some(version) = version else {
        return Some(all(if number == 0 { Kind::VersionNegotiation } else { Kind::Other }));
    };
    if first & FIXED == 0 {
        return None;
    }
    const V1: [Kind; 4] = [Kind::Initial, Kind::ZeroRtt, Kind::Handshake, Kind::Retry];
    // RFC 9369, section 3.2.
    const V2: [Kind; 4] = [Kind::Retry, Kind::Initial, Kind::ZeroRtt, Kind::Handshake];
    let kinds = if version == Version::V1 { V1 } else { V2 };
    let kind = kinds[usize::from(first >> 4 & 3)];
    if kind == Kind::Retry {
        return Some(all(kind));
    }
    if kind == Kind::Initial {
        let token = reader.number()?;
        reader.take(usize::try_from(token).ok()?)?;
    }
    let length = usize::try_from(reader.number()?).ok()?;
    let number_at = reader.at;
    reader.take(length)?;
    let (bytes, rest) = datagram.split_at(reader.at);
    Some((Long { kind, number, to, bytes, number_at }, rest))
}

/// Reads integers and bytes front to back.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }

    /// A variable-length integer (RFC 9000, section 16).
    pub(super) fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let more = self.take((1 << (first >> 6)) - 1)?;
        Some(more.iter().fold(u64::from(first & 0x3f), |number, byte| number << 8 | u64::from(*byte)))
    }

    fn connection_id(&mut self, version: Option<Version>) -> Option<&'a [u8]> {
        let length = self.byte().filter(|length| version.is_none() || *length <= MOST_ID)?;
        self.take(length.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9000, section A.1.
    #[test]
    fn integers_of_the_rfc() {
        for (bytes, number) in [
            (&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c][..], 151_288_809_941_952_652),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
            (&[0x40, 0x25], 37),
        ] {
            assert_eq!(Reader { bytes, at: 0 }.number(), Some(number));
            assert_eq!(Reader { bytes: &bytes[1..], at: 0 }.take(bytes.len()), None);
        }
    }

    #[test]
    fn coalesced_packets_are_told_apart() {
        let initial = [0xc0, 0, 0, 0, 1, 1, 7, 0, 0, 2, 0xaa, 0xbb];
        let handshake = [0xe0, 0, 0, 0, 1, 1, 7, 0, 3, 1, 2, 3];
        let datagram = [&initial[..], &handshake, &[0x40, 1, 2]].concat();
        let (first, rest) = long(&datagram).unwrap();
        assert_eq!(
            (first.kind, first.to, first.bytes, first.number_at),
            (Kind::Initial, &[7][..], &initial[..], 10)
        );
        let (second, rest) = long(rest).unwrap();
        assert_eq!((second.kind, second.bytes), (Kind::Handshake, &handshake[..]));
        assert!(is_short(rest) && long(rest).is_none());
        for length in 0..initial.len() {
            assert_eq!(long(&initial[..length]), None, "{length}");
        }
    }
}
