//! SOCKS proxies: version 5 (RFC 1928, RFC 1929), and version 4 with its extension 4A for names.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

use super::{Ask, Frame, Kind, Preamble, Running, Stop, Talk};
use crate::wire::text::escape_bytes;

/// Version 5. A name is resolved by the proxy, an address is taken as it is.
pub const SOCKS5: Preamble = Preamble {
    name: "socks5",
    aliases: &[],
    title: "SOCKS5",
    kind: Kind::Proxy,
    about: "a SOCKS proxy of version 5 is asked for a connection (RFC 1928, RFC 1929)",
    port: 1080,
    tls_port: None,
    greets: super::waits,
    // The message with the user's name and password is the only one that begins so.
    secret: |said| (said.first() == Some(&AUTHENTICATION)).then_some(2..said.len()),
    script: version5,
};

/// Version 4, and 4A where the target is a name.
pub const SOCKS4: Preamble = Preamble {
    name: "socks4",
    aliases: &["socks4a"],
    title: "SOCKS4",
    kind: Kind::Proxy,
    about: "a SOCKS proxy of version 4 (4A for names) is asked for a connection",
    port: 1080,
    tls_port: None,
    greets: super::waits,
    secret: user_id,
    script: version4,
};

/// The versions of SOCKS, and that of its sub-negotiation for names and passwords.
const VERSION_5: u8 = 5;
const AUTHENTICATION: u8 = 1;
const VERSION_4: u8 = 4;

/// Methods (RFC 1928, section 3).
const NO_AUTHENTICATION: u8 = 0;
const GSSAPI: u8 = 1;
const PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;

/// Types of addresses (RFC 1928, section 5).
const TYPE_IPV4: u8 = 1;
const TYPE_NAME: u8 = 3;
const TYPE_IPV6: u8 = 4;

fn version5<'t>(talk: &'t mut Talk<'_>, ask: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let hello: &[u8] = match ask.credentials {
            Some(_) => &[VERSION_5, 2, NO_AUTHENTICATION, PASSWORD],
            None => &[VERSION_5, 1, NO_AUTHENTICATION],
        };
        let said = talk.say(hello, Frame::Sized(|bytes| Some(usize::from(*bytes.get(1)?) + 2))).await?;
        let [VERSION_5, _, methods @ ..] = said.as_slice() else { return Err(Stop::Unexpected) };
        let names: Vec<_> = methods.iter().map(|method| self::method(*method)).collect();
        talk.means(format!("offers: {}", names.join(", ")));

        let chosen = talk.hear(Frame::Exactly(2)).await?;
        let &[VERSION_5, chosen] = chosen.as_slice() else { return Err(Stop::Unexpected) };
        match chosen {
            NONE_ACCEPTABLE => {
                talk.means("none of these is acceptable");
                return Err(Stop::Refused);
            }
            // Nothing acceptable was offered, and it says so in its way.
            chosen if !methods.contains(&chosen) && (chosen == PASSWORD || chosen == GSSAPI) => {
                talk.means(format!("it is to be: {}, which was not offered", self::method(chosen)));
                return Err(Stop::Refused);
            }
            chosen if !methods.contains(&chosen) => return Err(Stop::Unexpected),
            chosen => talk.means(format!("it is to be: {}", self::method(chosen))),
        }
        if chosen == PASSWORD {
            password(talk, ask).await?;
        } else if chosen != NO_AUTHENTICATION {
            // Others may agree on what we don't read (GSSAPI).
            return Err(Stop::Unexpected);
        }

        let mut request = vec![VERSION_5, 1, 0];
        request.extend(address(&ask.host).ok_or(Stop::Unexpected)?);
        request.extend(ask.port.to_be_bytes());
        let said = talk.say(&request, Frame::Sized(addressed)).await?;
        let [VERSION_5, command, _, target @ ..] = said.as_slice() else { return Err(Stop::Unexpected) };
        if *command != 1 {
            return Err(Stop::Unexpected);
        }
        talk.means(format!("connect to {}", shown(target)));

        // A refusal may end behind its code.
        let reply = Frame::Sized(|bytes| match bytes {
            [_, 1..=255, ..] => Some(2),
            bytes => addressed(bytes),
        });
        let reply = talk.hear(reply).await?;
        match reply.as_slice() {
            [VERSION_5, 0, _, bound @ ..] if bound.len() > 1 => {
                talk.means(format!("connected, from {}", shown(bound)));
                Ok(())
            }
            [VERSION_5, code @ 1..=255] => {
                talk.means(format!("refused: {} ({code})", self::reply(*code)));
                Err(Stop::Refused)
            }
            _ => Err(Stop::Unexpected),
        }
    })
}

/// RFC 1929.
async fn password(talk: &mut Talk<'_>, ask: &Ask) -> Result<(), Stop> {
    let mut message = vec![AUTHENTICATION];
    if let Some(credentials) = &ask.credentials {
        for part in [&credentials.user, &credentials.password] {
            // Longer ones are refused before anything is sent.
            message.push(u8::try_from(part.len()).map_err(|_| Stop::Unexpected)?);
            message.extend(part.as_bytes());
        }
    }
    let both = Frame::Sized(|bytes| {
        let user = usize::from(*bytes.get(1)?);
        Some(3 + user + usize::from(*bytes.get(2 + user)?))
    });
    let said = talk.say(&message, both).await?;
    if said.first() != Some(&AUTHENTICATION) {
        return Err(Stop::Unexpected);
    }
    talk.means("name and password ****");
    let answer = talk.hear(Frame::Exactly(2)).await?;
    match answer.as_slice() {
        [_, 0] => {
            talk.means("accepted");
            Ok(())
        }
        _ => {
            talk.means("name and password are wrong");
            Err(Stop::Refused)
        }
    }
}

/// An address as requests and replies have it, with its type.
fn address(host: &str) -> Option<Vec<u8>> {
    let bare = host.split_once('%').map_or(host, |(bare, _)| bare);
    Some(match bare.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => [&[TYPE_IPV4][..], &ip.octets()].concat(),
        Ok(IpAddr::V6(ip)) => [&[TYPE_IPV6][..], &ip.octets()].concat(),
        Err(_) => [&[TYPE_NAME, u8::try_from(host.len()).ok()?][..], host.as_bytes()].concat(),
    })
}

/// The length of a request or reply, whose address has its type in the fourth byte.
fn addressed(bytes: &[u8]) -> Option<usize> {
    Some(match *bytes.get(3)? {
        TYPE_IPV4 => 10,
        TYPE_IPV6 => 22,
        TYPE_NAME => 7 + usize::from(*bytes.get(4)?),
        // Of another type nothing says how long it is.
        _ => 4,
    })
}

/// An address with its type and port, for people.
fn shown(bytes: &[u8]) -> String {
    let port = |bytes: &[u8]| u16::from_be_bytes([bytes[0], bytes[1]]);
    match bytes {
        [TYPE_IPV4, a, b, c, d, rest @ ..] if rest.len() == 2 => {
            format!("{}:{}", Ipv4Addr::new(*a, *b, *c, *d), port(rest))
        }
        [TYPE_IPV6, rest @ ..] if rest.len() == 18 => {
            let ip: [u8; 16] = rest[..16].try_into().unwrap_or_default();
            format!("[{}]:{}", IpAddr::from(ip), port(&rest[16..]))
        }
        [TYPE_NAME, length, rest @ ..] if rest.len() == usize::from(*length) + 2 => {
            let (name, rest) = rest.split_at(usize::from(*length));
            format!("{}:{}", escape_bytes(name), port(rest))
        }
        _ => "an address of another type".to_owned(),
    }
}

fn method(code: u8) -> String {
    match code {
        NO_AUTHENTICATION => "no authentication".into(),
        GSSAPI => "GSSAPI".into(),
        PASSWORD => "name and password".into(),
        code => format!("method {code}"),
    }
}

/// RFC 1928, section 6.
fn reply(code: u8) -> &'static str {
    match code {
        1 => "general failure",
        2 => "not allowed by the proxy's rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "for an unknown reason",
    }
}

fn version4<'t>(talk: &'t mut Talk<'_>, ask: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let request = request4(ask);
        let said = talk.say(&request, Frame::Sized(length4)).await?;
        let [VERSION_4, 1, high, low, ip @ ..] = said.as_slice() else { return Err(Stop::Unexpected) };
        let (ip, strings) = ip.split_at_checked(4).ok_or(Stop::Unexpected)?;
        let port = u16::from_be_bytes([*high, *low]);
        let target = match ip {
            [0, 0, 0, 1..=255] => {
                let mut strings = strings.split(|byte| *byte == 0).skip(1);
                escape_bytes(strings.next().unwrap_or_default())
            }
            ip => Ipv4Addr::from(<[u8; 4]>::try_from(ip).unwrap_or_default()).to_string(),
        };
        talk.means(format!("connect to {target}:{port}"));

        let reply = talk.hear(Frame::Exactly(8)).await?;
        match reply.as_slice() {
            [0, 90, ..] => {
                talk.means("connected");
                Ok(())
            }
            [0, code @ 91..=255, ..] => {
                let why = match code {
                    91 => "rejected, or it failed",
                    92 => "the proxy found no identd here",
                    93 => "identd names another user",
                    _ => "for an unknown reason",
                };
                talk.means(format!("refused: {why} ({code})"));
                Err(Stop::Refused)
            }
            _ => Err(Stop::Unexpected),
        }
    })
}

fn request4(ask: &Ask) -> Vec<u8> {
    let ip = ask.host.parse::<Ipv4Addr>();
    let mut request = vec![VERSION_4, 1];
    request.extend(ask.port.to_be_bytes());
    // 4A: an address that can't be one says that a name follows.
    request.extend(ip.as_ref().map_or([0, 0, 0, 1], Ipv4Addr::octets));
    let user = ask.credentials.as_ref().map_or("", |credentials| &credentials.user);
    request.extend(user.bytes().filter(|byte| *byte != 0));
    request.push(0);
    if ip.is_err() {
        request.extend(ask.host.as_bytes());
        request.push(0);
    }
    request
}

/// The length of a request: a string or two behind eight bytes.
fn length4(bytes: &[u8]) -> Option<usize> {
    let string = |from: usize| Some(from + bytes.get(from..)?.iter().position(|byte| *byte == 0)? + 1);
    let behind_user = string(8)?;
    match bytes.get(4..8)? {
        [0, 0, 0, 1..=255] => string(behind_user),
        _ => Some(behind_user),
    }
}

/// Of version 4 a user's name is all that there is.
fn user_id(said: &[u8]) -> Option<Range<usize>> {
    let end = 8 + said.get(8..)?.iter().position(|byte| *byte == 0)?;
    (end > 8).then_some(8..end)
}

#[cfg(test)]
mod tests {
    use super::super::Credentials;
    use super::super::testing::{live, live_with, steps, watched};
    use super::*;
    use crate::capture::Dialogue;

    fn ask(host: &str) -> Ask {
        Ask { host: host.into(), port: 443, ..Ask::default() }
    }

    fn with_password(host: &str) -> Ask {
        let credentials = Credentials { user: "me".into(), password: "secret".into() };
        Ask { credentials: Some(credentials), ..ask(host) }
    }

    const CONNECTED: &[u8] = &[5, 0, 0, 1, 10, 0, 0, 1, 4, 0];

    #[test]
    fn version_5_asks_for_names_and_addresses() {
        for (host, wanted) in [
            ("a.test", &b"\x05\x01\x00\x05\x01\x00\x03\x06a.test\x01\xbb"[..]),
            ("192.0.2.1", b"\x05\x01\x00\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb"),
            ("::1", b"\x05\x01\x00\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xbb"),
        ] {
            let ended = live_with(&SOCKS5, ask(host), &[&[5, 0], CONNECTED, b"\x16\x03"]);
            assert_eq!(ended.bytes, wanted, "{host}");
            assert_eq!(ended.left, b"\x16\x03");
            assert_eq!(ended.outcome(), Dialogue::Agreed { injected: 0 });
            let shown = steps(&ended.steps);
            assert_eq!(shown.last().unwrap(), "< connected, from 10.0.0.1:1024");
            assert!(shown.iter().any(|line| line.contains("connect to") && line.contains(host)), "{shown:?}");
        }
    }

    #[test]
    fn version_5_says_a_password_that_is_nowhere_to_be_seen() {
        let ended = live_with(&SOCKS5, with_password("a.test"), &[&[5, 2], &[1, 0][..], CONNECTED]);
        assert!(ended.bytes.starts_with(b"\x05\x02\x00\x02\x01\x02me\x06secret\x05"), "{:?}", ended.bytes);
        assert!(ended.recorded.starts_with(b"\x05\x02\x00\x02\x01\x02*********\x05"), "{:?}", ended.recorded);
        let shown = steps(&ended.steps).join("\n");
        assert!(shown.contains("> name and password ****") && !shown.contains("secret"), "{shown}");
        let wrong = live_with(&SOCKS5, with_password("a.test"), &[&[5, 2], &[1, 1][..]]);
        assert_eq!(wrong.outcome(), Dialogue::Refused);
    }

    #[test]
    fn refusals_of_version_5() {
        for (server, wanted, words) in [
            (&[5, 0xff][..], Dialogue::Refused, "none of these is acceptable"),
            (&[5, 0, 5, 5], Dialogue::Refused, "refused: connection refused (5)"),
            (&[5, 0, 5, 99, 0, 1, 0, 0, 0, 0, 0, 0], Dialogue::Refused, "for an unknown reason (99)"),
            (&[5, 2], Dialogue::Refused, "name and password, which was not offered"),
            (&[5, 7], Dialogue::Unexpected, ""),
            (b"HTTP/1.1 400 Bad", Dialogue::Unexpected, ""),
            (&[5, 0, 5, 0, 0, 77, 1], Dialogue::Unexpected, ""),
            (&[5, 0, 5, 0, 0, 3, 200, 1], Dialogue::Closed, ""),
            (&[5], Dialogue::Closed, ""),
        ] {
            let ended = live_with(&SOCKS5, ask("a.test"), &[server]);
            assert_eq!(ended.outcome(), wanted, "{server:?}");
            assert!(steps(&ended.steps).last().unwrap().contains(words), "{:?}", steps(&ended.steps));
        }
        assert_eq!(live_with(&SOCKS5, ask(&"a".repeat(300)), &[&[5, 0]]).outcome(), Dialogue::Unexpected);
    }

    #[test]
    fn version_4_with_names_and_addresses() {
        let granted = [0, 90, 0, 0, 0, 0, 0, 0];
        let named = live_with(&SOCKS4, with_password("a.test"), &[granted]);
        assert_eq!(named.bytes, b"\x04\x01\x01\xbb\0\0\0\x01me\0a.test\0");
        assert_eq!(named.recorded, b"\x04\x01\x01\xbb\0\0\0\x01**\0a.test\0");
        assert_eq!(steps(&named.steps)[1..], ["> connect to a.test:443", "< connected"]);
        let address = live_with(&SOCKS4, ask("192.0.2.1"), &[granted]);
        assert_eq!(address.bytes, b"\x04\x01\x01\xbb\xc0\0\x02\x01\0");
        assert_eq!(live(&SOCKS4, &[[0, 91, 0, 0, 0, 0, 0, 0]]).outcome(), Dialogue::Refused);
        assert_eq!(live(&SOCKS4, &[[5, 0, 0, 0, 0, 0, 0, 0]]).outcome(), Dialogue::Unexpected);
    }

    #[test]
    fn others_requests_are_recognised() {
        let client =
            b"\x05\x02\x00\x02\x01\x02me\x06secret\x05\x01\x00\x03\x06a.test\x01\xbb\x16\x03\x01\x00\x05";
        let server = [&[5, 2, 1, 0][..], CONNECTED, b"\x16\x03"].concat();
        let seen = watched(client, &server).unwrap();
        assert_eq!((seen.protocols(), seen.tls_from), (vec!["socks5"], [28, 14]));
        assert_eq!(seen.secrets[0], 6..15);
        let four =
            watched(b"\x04\x01\x01\xbb\0\0\0\x01me\0a.test\0\x16\x03\x01\x00\x05", [0, 90, 0, 0, 0, 0, 0, 0]);
        let four = four.unwrap();
        assert_eq!((four.protocols(), four.tls_from), (vec!["socks4"], [18, 8]));
        assert_eq!(four.secrets[0], 8..10);
    }
}
