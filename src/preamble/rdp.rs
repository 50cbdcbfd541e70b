//! RDP: the negotiation request in the X.224 connection request ([MS-RDPBCGR], section 2.2.1.1).

use super::{Ask, Frame, Kind, Preamble, Running, Stop, Talk, nothing_secret};

/// The desktop.
pub const RDP: Preamble = Preamble {
    name: "rdp",
    aliases: &[],
    title: "RDP",
    kind: Kind::StartTls,
    about: "a negotiation request in the X.224 connection request",
    port: 3389,
    tls_port: None,
    // It does not begin, but what it says to somebody who does not speak its protocol can be told.
    greets: |answer| matches!(answer, [3, 0, 0, _, _, CONNECTION_CONFIRM | DATA, ..]),
    secret: nothing_secret,
    script: perform,
};

/// requestedProtocols: TLS, and CredSSP, which begins with TLS too, in both of its forms.
const REQUESTED: u32 = 0x0000_000b;

const NEGOTIATION_REQUEST: u8 = 1;
const NEGOTIATION_RESPONSE: u8 = 2;
const NEGOTIATION_FAILURE: u8 = 3;

const CONNECTION_REQUEST: u8 = 0xe0;
const CONNECTION_CONFIRM: u8 = 0xd0;
const DATA: u8 = 0xf0;

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let said = talk.say(&request(), Frame::Sized(length)).await?;
        let Some((NEGOTIATION_REQUEST, protocols)) = negotiation(&said, CONNECTION_REQUEST) else {
            return Err(Stop::Unexpected);
        };
        talk.means(format!("X.224 Connection Request: {}", names(protocols)));
        let heard = talk.hear(Frame::Sized(length)).await?;
        if heard.get(5) != Some(&CONNECTION_CONFIRM) {
            return Err(Stop::Unexpected);
        }
        match negotiation(&heard, CONNECTION_CONFIRM) {
            Some((NEGOTIATION_RESPONSE, 0)) | None => {
                talk.means("X.224 Connection Confirm: RDP's own security, without TLS");
                Err(Stop::NotOffered)
            }
            Some((NEGOTIATION_RESPONSE, selected)) => {
                talk.means(format!("X.224 Connection Confirm: {}", names(selected)));
                Ok(())
            }
            Some((NEGOTIATION_FAILURE, code)) => {
                talk.means(format!("X.224 Connection Confirm: {} ({code})", failure(code)));
                Err(if code == 2 { Stop::NotOffered } else { Stop::Refused })
            }
            Some(_) => Err(Stop::Unexpected),
        }
    })
}

/// TPKT (RFC 1006, section 6), a connection request of class 0, and RDP_NEG_REQ.
fn request() -> Vec<u8> {
    let head = [3, 0, 0, 19, 14, CONNECTION_REQUEST, 0, 0, 0, 0, 0, NEGOTIATION_REQUEST, 0, 8, 0];
    [&head[..], &REQUESTED.to_le_bytes()].concat()
}

/// TPKT's; what can't be one is not waited for.
fn length(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [] => None,
        [3] | [3, 0] | [3, 0, _] => None,
        [3, 0, high, low, ..] => Some(usize::from(u16::from_be_bytes([high, low])).max(4)),
        _ => Some(bytes.len()),
    }
}

/// The type and value of a negotiation structure, which stands at the end.
fn negotiation(message: &[u8], kind: u8) -> Option<(u8, u32)> {
    let &[3, 0, _, _, _, found, ..] = message else { return None };
    let end = message.get(11..)?.last_chunk::<8>().filter(|_| found == kind)?;
    let [kind, _, 8, 0, value @ ..] = *end else { return None };
    Some((kind, u32::from_le_bytes(value)))
}

fn names(protocols: u32) -> String {
    let known = [(1, "TLS"), (2, "CredSSP"), (4, "RDSTLS"), (8, "CredSSP with early user authorization")];
    let names: Vec<_> = known.iter().filter(|(bit, _)| protocols & bit != 0).map(|(_, name)| *name).collect();
    if names.is_empty() { format!("protocols {protocols:#x}") } else { names.join(", ") }
}

/// failureCode ([MS-RDPBCGR], section 2.2.1.2.2).
fn failure(code: u32) -> &'static str {
    match code {
        1 => "SSL_REQUIRED_BY_SERVER",
        2 => "SSL_NOT_ALLOWED_BY_SERVER",
        3 => "SSL_CERT_NOT_ON_SERVER",
        4 => "INCONSISTENT_FLAGS",
        5 => "HYBRID_REQUIRED_BY_SERVER",
        6 => "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
        _ => "failure",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, steps, watched};
    use super::*;
    use crate::capture::Dialogue;

    fn confirm(negotiation: &[u8]) -> Vec<u8> {
        let length = 11 + negotiation.len() as u8;
        [&[3, 0, 0, length, length - 5, CONNECTION_CONFIRM, 0, 0, 0x12, 0x34, 0][..], negotiation].concat()
    }

    #[test]
    fn tls_begins_behind_the_confirm() {
        let ended = live(&RDP, &[confirm(&[2, 31, 8, 0, 2, 0, 0, 0])]);
        assert_eq!(ended.bytes, request());
        assert_eq!(
            steps(&ended.steps)[1..],
            [
                "> X.224 Connection Request: TLS, CredSSP, CredSSP with early user authorization",
                "< X.224 Connection Confirm: CredSSP"
            ]
        );
        let outcome = |server: Vec<u8>| live(&RDP, &[server]).outcome();
        assert_eq!(outcome(confirm(&[])), Dialogue::NotOffered);
        assert_eq!(outcome(confirm(&[3, 0, 8, 0, 3, 0, 0, 0])), Dialogue::Refused);
        assert_eq!(outcome(confirm(&[3, 0, 8, 0, 2, 0, 0, 0])), Dialogue::NotOffered);
        assert_eq!(outcome(b"SSH-2.0\r\n".to_vec()), Dialogue::Unexpected);
        let cookie = [
            &[3, 0, 0, 40, 35, CONNECTION_REQUEST, 0, 0, 0, 0, 0][..],
            b"Cookie: mstshash=a\r\n\0",
            &[1, 0, 8, 0, 3, 0, 0, 0],
            b"\x16\x03",
        ]
        .concat();
        assert_eq!(watched(cookie, confirm(&[2, 0, 8, 0, 1, 0, 0, 0])).unwrap().tls_from, [40, 19]);
    }
}
