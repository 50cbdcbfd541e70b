//! PostgreSQL: SSLRequest (PostgreSQL's documentation, chapter "Message Formats"). TLS from the first byte
//! (`sslnegotiation=direct`) needs no dialogue, but the application protocol [`ALPN`].

use super::{Ask, Frame, Kind, Preamble, Running, Stop, Talk, nothing_secret, waits};
use crate::wire::text::escape_bytes;

/// The database.
pub const POSTGRES: Preamble = Preamble {
    name: "postgres",
    aliases: &["postgresql"],
    title: "PostgreSQL",
    kind: Kind::StartTls,
    about: "SSLRequest, answered by S or N",
    port: 5432,
    tls_port: None,
    greets: waits,
    secret: nothing_secret,
    script: perform,
};

/// The application protocol of TLS from the first byte.
pub const ALPN: &str = "postgresql";

/// Length, and 1234.5679.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
/// Length, and 1234.5680.
const GSSENC_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 48];

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        loop {
            let said = talk.say(&SSL_REQUEST, Frame::Exactly(8)).await?;
            let gss = said == GSSENC_REQUEST;
            if said != SSL_REQUEST && !gss {
                return Err(Stop::Unexpected);
            }
            talk.means(if gss { "GSSENCRequest" } else { "SSLRequest" });
            let answer = talk.hear(Frame::Exactly(1)).await?;
            match (answer.as_slice(), gss) {
                (b"S", false) => {
                    talk.means("S: TLS may begin");
                    return Ok(());
                }
                (b"N", false) => {
                    talk.means("N: no TLS");
                    return Err(Stop::NotOffered);
                }
                // Others' client asks for the one, and then for the other.
                (b"N", true) => talk.means("N: no encryption by GSSAPI"),
                (b"E", _) => {
                    let error = talk.hear(Frame::Sized(length)).await?;
                    if error.get(..2) != Some(&[0, 0]) {
                        return Err(Stop::Unexpected);
                    }
                    talk.means(format!("ErrorResponse: {}", message(&error)));
                    return Err(Stop::Refused);
                }
                _ => return Err(Stop::Unexpected),
            }
        }
    })
}

/// Of a message behind its type: four bytes that count themselves. What can't be one is not waited for.
fn length(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [a, ..] if a != 0 => Some(1),
        [0, b, ..] if b != 0 => Some(2),
        [0, 0, c, d, ..] => Some(usize::from(u16::from_be_bytes([c, d])).max(4)),
        _ => None,
    }
}

/// The field M of an ErrorResponse, escaped; of servers before 7.4 all of it.
fn message(error: &[u8]) -> String {
    let fields = error.get(4..).unwrap_or_default();
    let text = fields.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M")).unwrap_or(fields);
    escape_bytes(text.get(..200).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, steps, watched};
    use super::*;
    use crate::capture::Dialogue;

    #[test]
    fn tls_begins_behind_the_go_ahead() {
        let ended = live(&POSTGRES, &["S"]);
        assert_eq!(ended.bytes, SSL_REQUEST);
        assert_eq!(
            steps(&ended.steps),
            ["postgres Agreed { injected: 0 }", "> SSLRequest", "< S: TLS may begin"]
        );
        let outcome = |server: &[u8]| live(&POSTGRES, &[server]).outcome();
        assert_eq!(outcome(b"N"), Dialogue::NotOffered);
        assert_eq!(outcome(b""), Dialogue::Closed);
        assert_eq!(outcome(b"HTTP/1.1 400\r\n"), Dialogue::Unexpected);
        assert_eq!(outcome(b"EHLO?"), Dialogue::Unexpected);
        let refused = live(&POSTGRES, &[&b"E\0\0\0\x13SFATAL\0Mbusy\0\0\0"[..]]);
        assert_eq!(refused.outcome(), Dialogue::Refused);
        assert_eq!(steps(&refused.steps)[2], "< ErrorResponse: busy");
        let client = [&GSSENC_REQUEST[..], &SSL_REQUEST, b"\x16\x03"].concat();
        assert_eq!(watched(client, "NS").unwrap().tls_from, [16, 2]);
        assert!(watched(b"\0\0\0\x08\0\x03\0\0", "N").is_none());
    }
}
