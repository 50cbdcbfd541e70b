//! The PROXY protocol, versions 1 and 2 (proxy-protocol.txt of HAProxy): a header that tells the server whose connection
//! it is. Nothing answers it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Ask, Frame, Kind, Preamble, Running, Stop, Talk};
use crate::wire::text::escape_bytes;

/// Version 1: a line.
pub const V1: Preamble = Preamble {
    name: "proxy-v1",
    aliases: &[],
    title: "PROXY v1",
    kind: Kind::Proxy,
    about: "a line of the PROXY protocol names the client's address to the server",
    port: 443,
    tls_port: None,
    greets: super::waits,
    secret: super::nothing_secret,
    script: version1,
};

/// Version 2: binary.
pub const V2: Preamble = Preamble {
    name: "proxy-v2",
    title: "PROXY v2",
    about: "a binary header of the PROXY protocol names the client's address to the server",
    script: version2,
    ..V1
};

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// The longest line of version 1, with its end.
const LONGEST: usize = 107;

fn version1<'t>(talk: &'t mut Talk<'_>, ask: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let said = talk.say(line(ask.ends).as_bytes(), Frame::Line).await?;
        match said.starts_with(b"PROXY ") && said.len() <= LONGEST {
            true => Ok(()),
            false => Err(Stop::Unexpected),
        }
    })
}

/// `PROXY TCP4 192.0.2.1 192.0.2.2 50000 443`
fn line(ends: Option<[SocketAddr; 2]>) -> String {
    let Some([source, target]) = ends.map(same_family) else { return "PROXY UNKNOWN\r\n".into() };
    let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
    format!("PROXY {family} {} {} {} {}\r\n", source.ip(), target.ip(), source.port(), target.port())
}

/// Without mapped addresses, unless only one of them is one.
fn same_family(ends: [SocketAddr; 2]) -> [SocketAddr; 2] {
    let [source, target] = ends.map(|end| SocketAddr::new(end.ip().to_canonical(), end.port()));
    if source.is_ipv4() == target.is_ipv4() {
        return [source, target];
    }
    [source, target].map(|end| match end.ip() {
        IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), end.port()),
        IpAddr::V6(_) => end,
    })
}

fn version2<'t>(talk: &'t mut Talk<'_>, ask: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let sized = Frame::Sized(|bytes| {
            Some(16 + usize::from(u16::from_be_bytes([*bytes.get(14)?, *bytes.get(15)?])))
        });
        let said = talk.say(&header(ask.ends), sized).await?;
        let words = said.strip_prefix(SIGNATURE).and_then(meaning).ok_or(Stop::Unexpected)?;
        talk.means(words);
        Ok(())
    })
}

/// Version and command, family and protocol, length, addresses.
fn header(ends: Option<[SocketAddr; 2]>) -> Vec<u8> {
    let (kind, addresses) = match ends.map(same_family) {
        Some([SocketAddr::V4(source), SocketAddr::V4(target)]) => {
            (0x11, [source.ip().octets(), target.ip().octets()].concat())
        }
        Some([SocketAddr::V6(source), SocketAddr::V6(target)]) => {
            (0x21, [source.ip().octets(), target.ip().octets()].concat())
        }
        _ => (0, Vec::new()),
    };
    let ports = ends.filter(|_| kind != 0).map(|ends| ends.map(|end| end.port().to_be_bytes()).concat());
    let body = [addresses, ports.unwrap_or_default()].concat();
    let length = u16::try_from(body.len()).unwrap_or_default().to_be_bytes();
    [&SIGNATURE[..], &[0x21, kind], &length, &body].concat()
}

/// What stands behind the signature, as version 1 would say it.
fn meaning(bytes: &[u8]) -> Option<String> {
    let [command, kind, _, _, body @ ..] = bytes else { return None };
    let port = |at: usize| Some(u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?]));
    match (command, kind) {
        (0x20, _) => Some("LOCAL: a connection of the proxy's own".into()),
        (0x21, 0x11) => {
            let ip = |at: usize| Some(Ipv4Addr::from(<[u8; 4]>::try_from(body.get(at..at + 4)?).ok()?));
            Some(format!("PROXY TCP4 {} {} {} {}{}", ip(0)?, ip(4)?, port(8)?, port(10)?, more(body, 12)))
        }
        (0x21, 0x21) => {
            let ip = |at: usize| Some(Ipv6Addr::from(<[u8; 16]>::try_from(body.get(at..at + 16)?).ok()?));
            Some(format!("PROXY TCP6 {} {} {} {}{}", ip(0)?, ip(16)?, port(32)?, port(34)?, more(body, 36)))
        }
        (0x21, 0x31 | 0x32) => {
            let path = body.get(..108)?.split(|byte| *byte == 0).next().unwrap_or_default();
            Some(format!("PROXY UNIX {}", escape_bytes(path)))
        }
        (0x21, _) => Some("PROXY UNKNOWN".into()),
        _ => None,
    }
}

/// The extensions behind the addresses (TLVs).
fn more(body: &[u8], addresses: usize) -> String {
    match body.len() - addresses {
        0 => String::new(),
        bytes => format!(", and {bytes} B of extensions"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live_with, steps, watched};
    use super::*;
    use crate::capture::Dialogue;

    fn ask(ends: [&str; 2]) -> Ask {
        Ask { ends: Some(ends.map(|end| end.parse().unwrap())), ..Ask::default() }
    }

    const V4_ENDS: [&str; 2] = ["192.0.2.1:50000", "192.0.2.2:443"];
    const V6_ENDS: [&str; 2] = ["[2001:db8::1]:50000", "[2001:db8::2]:443"];
    const HELLO: &[u8] = b"\x16\x03\x01\x00\x05";

    #[test]
    fn both_versions_say_whose_connection_it_is() {
        let cases = [
            (V4_ENDS, "PROXY TCP4 192.0.2.1 192.0.2.2 50000 443"),
            (V6_ENDS, "PROXY TCP6 2001:db8::1 2001:db8::2 50000 443"),
            (["[::ffff:192.0.2.1]:50000", "192.0.2.2:443"], "PROXY TCP4 192.0.2.1 192.0.2.2 50000 443"),
        ];
        for (ends, words) in cases {
            for row in [&V1, &V2] {
                let ended = live_with(row, ask(ends), &[HELLO]);
                assert_eq!(ended.outcome(), Dialogue::Agreed { injected: 0 });
                assert_eq!(ended.left, HELLO, "nothing is heard");
                assert_eq!(steps(&ended.steps)[1..], [format!("> {words}")]);
                let seen = watched([&ended.bytes, HELLO].concat(), HELLO).unwrap();
                assert_eq!(
                    (seen.protocols(), seen.tls_from),
                    (vec![row.name], [ended.bytes.len() as u64, 0])
                );
            }
        }
        let v2 = live_with(&V2, ask(V4_ENDS), &[HELLO]).bytes;
        let addresses = b"\x21\x11\x00\x0c\xc0\x00\x02\x01\xc0\x00\x02\x02\xc3\x50\x01\xbb";
        assert_eq!(v2, [&SIGNATURE[..], addresses].concat());
        assert_eq!(live_with(&V1, Ask::default(), &[HELLO]).bytes, b"PROXY UNKNOWN\r\n");
        assert_eq!(live_with(&V2, Ask::default(), &[HELLO]).bytes[12..], [0x21, 0, 0, 0]);
    }

    #[test]
    fn what_others_say_may_be_cut_or_extended() {
        let header = header(ask(V4_ENDS).ends);
        for len in 0..header.len() {
            assert!(watched(&header[..len], b"").is_none(), "{len}");
        }
        let mut extended = header.clone();
        extended[15] += 3;
        extended.extend([4, 0, 0]);
        let seen = watched([&extended, HELLO].concat(), b"").unwrap();
        assert!(steps(&seen.steps)[1].ends_with("443, and 3 B of extensions"), "{:?}", seen.steps);
        let mut short = header;
        short[15] = 3;
        assert!(watched(&short, b"").is_none());
    }
}
