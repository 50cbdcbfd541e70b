//! Link layers: what stands before IP.

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// Of this EtherType; VLAN tags may stand before what it is about.
    Ether(u16, &'a [u8]),
    /// An IP packet of the version that it says.
    Ip(&'a [u8]),
}

const NULL: u32 = 0;
const ETHERNET: u32 = 1;
const LOOP: u32 = 108;
const LINUX_SLL: u32 = 113;
const LINUX_SLL2: u32 = 276;
/// Raw IP, under the numbers of several systems (12, 14), and of one version (228, 229).
const RAW: [u32; 5] = [101, 12, 14, 228, 229];

const MPLS: u16 = 0x8847;
const PPPOE: u16 = 0x8864;

/// Whether frames of this type are read.
pub fn is_known(link: u32) -> bool {
    matches!(link, NULL | ETHERNET | LOOP | LINUX_SLL | LINUX_SLL2) || RAW.contains(&link)
}

/// What a frame of a `LINKTYPE_` carries; None if that is not IP, or if the frame is too short.
pub fn payload(link: u32, frame: &[u8]) -> Option<Payload<'_>> {
    match link {
        ETHERNET => ethernet(frame),
        // An address family of four bytes, whose numbers differ between systems: the IP version says more.
        NULL | LOOP => Some(Payload::Ip(frame.get(4..)?)),
        LINUX_SLL => ether(frame, 14, 16),
        LINUX_SLL2 => ether(frame, 0, 20),
        link if RAW.contains(&link) => Some(Payload::Ip(frame)),
        _ => None,
    }
}

/// An Ethernet frame.
pub(super) fn ethernet(frame: &[u8]) -> Option<Payload<'_>> {
    ether(frame, 12, 14)
}

/// A frame with its EtherType at `kind`, and its payload at `start`.
fn ether(frame: &[u8], kind: usize, start: usize) -> Option<Payload<'_>> {
    of_type(word(frame, kind)?, frame.get(start..)?)
}

/// What is of an EtherType; MPLS labels and PPPoE are taken off.
pub(super) fn of_type(kind: u16, payload: &[u8]) -> Option<Payload<'_>> {
    match kind {
        MPLS => {
            // RFC 3032, section 2.1: the last label has the bottom-of-stack bit.
            let labels = payload.chunks_exact(4).position(|label| label[2] & 1 == 1)?;
            Some(Payload::Ip(payload.get(4 * (labels + 1)..)?))
        }
        // RFC 2516: six bytes, then PPP's protocol.
        PPPOE => match word(payload, 6)? {
            0x0021 | 0x0057 => Some(Payload::Ip(payload.get(8..)?)),
            _ => None,
        },
        kind => Some(Payload::Ether(kind, payload)),
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_ip_is_taken_off() {
        let ip = [0x45, 0, 0, 20];
        let framed = |head: &[u8]| [head, &ip].concat();
        let ethernet = framed(&[&[0; 12][..], &[0x08, 0x00]].concat());
        let cooked = framed(&[&[0; 14][..], &[0x08, 0x00]].concat());
        let cooked2 = framed(&[&[0x08, 0x00][..], &[0; 18]].concat());
        for (link, frame) in [(ETHERNET, ethernet), (LINUX_SLL, cooked), (LINUX_SLL2, cooked2)] {
            assert_eq!(payload(link, &frame), Some(Payload::Ether(0x0800, &ip)), "{link}");
            assert_eq!(payload(link, &frame[..10]), None, "{link}: too short");
        }
        for (link, frame) in
            [(NULL, framed(&[2, 0, 0, 0])), (LOOP, framed(&[0, 0, 0, 2])), (101, ip.to_vec())]
        {
            assert_eq!(payload(link, &frame), Some(Payload::Ip(&ip)), "{link}");
        }
        let labels = framed(&[&[0; 12][..], &[0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64]].concat());
        assert_eq!(payload(ETHERNET, &labels), Some(Payload::Ip(&ip)));
        let pppoe = framed(&[&[0; 12][..], &[0x88, 0x64, 0x11, 0, 0, 1, 0, 6, 0, 0x21]].concat());
        assert_eq!(payload(ETHERNET, &pppoe), Some(Payload::Ip(&ip)));
        assert_eq!(payload(105, &ip), None, "802.11 is not read");
    }
}
