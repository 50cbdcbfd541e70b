//! MySQL and MariaDB: the client's SSLRequest answers the server's greeting, and TLS begins without a go-ahead
//! (MySQL's documentation, "Connection Phase").

use super::{Ask, Frame, Kind, Preamble, Running, Stop, Talk, nothing_secret};
use crate::wire::text::escape_bytes;

/// The database.
pub const MYSQL: Preamble = Preamble {
    name: "mysql",
    aliases: &["mariadb"],
    title: "MySQL",
    kind: Kind::StartTls,
    about: "the server's greeting, answered by SSLRequest",
    port: 3306,
    tls_port: None,
    greets: |banner| matches!(banner, [_, _, 0, 0, 10 | 0xff, ..]),
    secret: nothing_secret,
    script: perform,
};

/// Capabilities.
const LONG_PASSWORD: u32 = 1;
const PROTOCOL_41: u32 = 1 << 9;
const SSL: u32 = 1 << 11;
const SECURE_CONNECTION: u32 = 1 << 15;
const PLUGIN_AUTH: u32 = 1 << 19;

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let packet = talk.hear(Frame::Sized(length)).await?;
        let greeting = match packet.get(4..) {
            Some([0xff, rest @ ..]) => {
                talk.means(format!("error packet: {}", error(rest)));
                return Err(Stop::Refused);
            }
            Some([10, rest @ ..]) => rest,
            _ => return Err(Stop::Unexpected),
        };
        let (version, offered) = read(greeting).ok_or(Stop::Unexpected)?;
        let tls = if offered & SSL != 0 { "TLS offered" } else { "no TLS offered" };
        talk.means(format!("greeting: {version} · capabilities {offered:#010x}: {tls}"));
        if offered & SSL == 0 {
            return Err(Stop::NotOffered);
        }
        let said = talk.say(&ssl_request(), Frame::Sized(length)).await?;
        let capabilities = said.get(4..8).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
        // A client without TLS says more in its packet.
        if said.len() != 36 || capabilities.is_none_or(|capabilities| capabilities & SSL == 0) {
            return Err(Stop::Unexpected);
        }
        talk.means("SSLRequest");
        Ok(())
    })
}

/// Of a packet: three bytes of length, the lowest first, and a number; the first two packets are 0 and 1. What can't be
/// one of them is not waited for.
fn length(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [_, _, c, ..] if c != 0 => Some(3),
        [_, _, 0, number, ..] if number > 1 => Some(4),
        [a, b, 0, _, ..] => Some(4 + usize::from(u16::from_le_bytes([a, b]))),
        _ => None,
    }
}

/// The server's version, escaped, and its capabilities.
fn read(greeting: &[u8]) -> Option<(String, u32)> {
    let end = greeting.iter().position(|byte| *byte == 0)?;
    let (version, rest) = greeting.split_at(end);
    // NUL, thread id, eight bytes of authentication data, a filler; between the halves of the capabilities: a
    // character set and the status.
    let low = rest.get(14..16)?.try_into().ok().map(u16::from_le_bytes)?;
    let high = rest.get(19..21).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_le_bytes);
    let version = version.get(..100).unwrap_or(version);
    Some((escape_bytes(version), u32::from(high) << 16 | u32::from(low)))
}

/// Code and text, escaped.
fn error(rest: &[u8]) -> String {
    let code = rest.get(..2).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_le_bytes);
    let text = rest.get(2..).unwrap_or_default();
    format!("{code} {}", escape_bytes(text.get(..200).unwrap_or(text)))
}

fn ssl_request() -> Vec<u8> {
    let capabilities = LONG_PASSWORD | PROTOCOL_41 | SSL | SECURE_CONNECTION | PLUGIN_AUTH;
    // The largest packet, and utf8mb4.
    let body = [&capabilities.to_le_bytes()[..], &(1_u32 << 24).to_le_bytes(), &[45], &[0; 23]].concat();
    [&[32, 0, 0, 1][..], &body].concat()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, steps, watched};
    use super::*;
    use crate::capture::Dialogue;

    fn greeting(capabilities: u32) -> Vec<u8> {
        let [a, b, c, d] = capabilities.to_le_bytes();
        let body =
            [&b"\x0a11.4-MariaDB\0\x01\0\0\0saltsalt\0"[..], &[a, b, 45, 2, 0, c, d], &[0; 11]].concat();
        [&[body.len() as u8, 0, 0, 0][..], &body].concat()
    }

    #[test]
    fn tls_begins_behind_our_request() {
        let ended = live(&MYSQL, &[greeting(SSL | PLUGIN_AUTH)]);
        assert_eq!(ended.bytes, ssl_request());
        assert_eq!(
            steps(&ended.steps),
            [
                "mysql Agreed { injected: 0 }",
                "< greeting: 11.4-MariaDB · capabilities 0x00080800: TLS offered",
                "> SSLRequest"
            ]
        );
        assert_eq!(live(&MYSQL, &[greeting(PLUGIN_AUTH)]).outcome(), Dialogue::NotOffered);
        let blocked = live(&MYSQL, &[&b"\x0b\0\0\0\xff\x6a\x04blocked!"[..]]);
        assert_eq!(blocked.outcome(), Dialogue::Refused);
        assert_eq!(steps(&blocked.steps)[1], "< error packet: 1130 blocked!");
        let other = live(&MYSQL, &["220 mx ESMTP\r\n"]);
        assert_eq!(other.outcome(), Dialogue::Unexpected);
        assert_eq!(steps(&other.steps)[1], "< 220 mx ESMTP", "what came is shown");
    }

    #[test]
    fn others_dialogues_are_recognised() {
        let client = [&ssl_request()[..], b"\x16\x03"].concat();
        let seen = watched(client, greeting(SSL)).unwrap();
        assert_eq!((seen.protocols(), seen.tls_from), (vec!["mysql"], [36, greeting(SSL).len() as u64]));
    }
}
