//! LDAP: the extended operation StartTLS (RFC 4511, section 4.14).

use std::ops::Range;

use super::{Ask, Frame, Kind, Preamble, Running, Stop, Talk, waits};
use crate::wire::text::escape_bytes;

/// The directory.
pub const LDAP: Preamble = Preamble {
    name: "ldap",
    aliases: &[],
    title: "LDAP",
    kind: Kind::StartTls,
    about: "the extended operation StartTLS (RFC 4511, section 4.14)",
    port: 389,
    tls_port: Some(636),
    greets: waits,
    secret,
    script: perform,
};

const OID: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// Tags of protocolOp (RFC 4511, section 4.2 to 4.12).
const BIND_REQUEST: u8 = 0x60;
const UNBIND_REQUEST: u8 = 0x42;
const SEARCH_RESULT_ENTRY: u8 = 0x64;
const SEARCH_RESULT_REFERENCE: u8 = 0x73;
const EXTENDED_REQUEST: u8 = 0x77;
const EXTENDED_RESPONSE: u8 = 0x78;

/// protocolError: the operation is not known (RFC 4511, section 4.14.2).
const PROTOCOL_ERROR: u8 = 2;

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        loop {
            let said = talk.say(&request(), Frame::Sized(length)).await?;
            let (operation, body) = operation(&said).ok_or(Stop::Unexpected)?;
            let asked = operation == EXTENDED_REQUEST && body.windows(OID.len()).any(|part| part == OID);
            if operation == UNBIND_REQUEST {
                return Err(Stop::Unexpected);
            }
            talk.means(if asked {
                "ExtendedRequest StartTLS".to_owned()
            } else {
                format!("request {operation:#04x}")
            });
            loop {
                let heard = talk.hear(Frame::Sized(length)).await?;
                let (answer, body) = self::operation(&heard).ok_or(Stop::Unexpected)?;
                if asked && answer == EXTENDED_RESPONSE {
                    let (code, words) = result(body).ok_or(Stop::Unexpected)?;
                    talk.means(format!("ExtendedResponse: {words}"));
                    return match code {
                        0 => Ok(()),
                        PROTOCOL_ERROR => Err(Stop::NotOffered),
                        _ => Err(Stop::Refused),
                    };
                }
                if asked {
                    return Err(Stop::Unexpected);
                }
                talk.means(format!("response {answer:#04x}"));
                if answer != SEARCH_RESULT_ENTRY && answer != SEARCH_RESULT_REFERENCE {
                    break;
                }
            }
        }
    })
}

/// `LDAPMessage { messageID 1, extendedReq { requestName [0] OID } }`.
fn request() -> Vec<u8> {
    let name = [&[0x80, OID.len() as u8][..], OID].concat();
    let operation = [&[EXTENDED_REQUEST, name.len() as u8][..], &name].concat();
    [&[0x30, operation.len() as u8 + 3, 2, 1, 1][..], &operation].concat()
}

/// Of a message, a SEQUENCE; what can't be one is not waited for.
fn length(bytes: &[u8]) -> Option<usize> {
    match (bytes, header(bytes)) {
        ([] | [0x30], _) => None,
        ([0x30, ..], Some((header, content))) => Some(header + content),
        ([0x30, 0x81..=0x84, ..], None) if bytes.len() < 6 => None,
        _ => Some(bytes.len()),
    }
}

/// Length of the header of an element in BER, and of its content. Lengths need not be the shortest (RFC 4511,
/// section 5.1); four bytes are enough for what we read.
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*bytes.get(1)?);
    if first < 0x80 {
        return Some((2, first));
    }
    let count = first - 0x80;
    let length = bytes.get(2..2 + count).filter(|_| (1..=4).contains(&count))?;
    Some((2 + count, length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))))
}

/// An element at the start of `bytes`: tag, content, and where its content and what follows begin.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], usize, usize)> {
    let (header, length) = header(bytes)?;
    let end = header.checked_add(length)?;
    Some((*bytes.first()?, bytes.get(header..end)?, header, end))
}

/// The tag and content of a message's operation.
fn operation(message: &[u8]) -> Option<(u8, &[u8])> {
    let (0x30, inside, ..) = element(message)? else { return None };
    let (2, _, _, behind) = element(inside)? else { return None };
    let (tag, content, ..) = element(inside.get(behind..)?)?;
    Some((tag, content))
}

/// resultCode and diagnosticMessage (RFC 4511, section 4.1.9), in words.
fn result(body: &[u8]) -> Option<(u8, String)> {
    let (0x0a, &[code], _, behind) = element(body)? else { return None };
    let rest = body.get(behind..)?;
    let (_, _, _, behind) = element(rest)?;
    let (_, text, ..) = element(rest.get(behind..)?)?;
    let name = match code {
        0 => "success",
        1 => "operationsError",
        2 => "protocolError",
        8 => "strongerAuthRequired",
        51 => "busy",
        52 => "unavailable",
        53 => "unwillingToPerform",
        80 => "other",
        _ => "resultCode",
    };
    let text = escape_bytes(text.get(..200).unwrap_or(text));
    let words = if text.is_empty() { String::new() } else { format!(": {text}") };
    Some((code, format!("{name} ({code}){words}")))
}

/// The password of a simple bind (RFC 4511, section 4.2), and whatever another way of it brings.
fn secret(said: &[u8]) -> Option<Range<usize>> {
    let (BIND_REQUEST, body) = operation(said)? else { return None };
    // Version and name stand before it.
    let (_, _, _, name) = element(body)?;
    let (_, _, _, behind) = element(body.get(name..)?)?;
    let (_, secret, ..) = element(body.get(name + behind..)?)?;
    let end = said.len();
    Some(end - secret.len()..end)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, steps, watched};
    use super::*;
    use crate::capture::Dialogue;

    fn response(code: u8, text: &[u8]) -> Vec<u8> {
        let result = [&[0x0a, 1, code, 4, 0, 4, text.len() as u8][..], text].concat();
        // As OpenLDAP writes lengths.
        let operation = [&[EXTENDED_RESPONSE, 0x84, 0, 0, 0, result.len() as u8][..], &result].concat();
        [&[0x30, 0x84, 0, 0, 0, operation.len() as u8 + 3, 2, 1, 1][..], &operation].concat()
    }

    #[test]
    fn tls_begins_behind_success() {
        let ended = live(&LDAP, &[response(0, b"")]);
        assert_eq!(
            hex::encode(&ended.bytes),
            "301d02010177188016312e332e362e312e342e312e313436362e3230303337"
        );
        assert_eq!(
            steps(&ended.steps),
            ["ldap Agreed { injected: 0 }", "> ExtendedRequest StartTLS", "< ExtendedResponse: success (0)"]
        );
        let refused = live(&LDAP, &[response(52, b"no\x1bkey")]);
        assert_eq!(refused.outcome(), Dialogue::Refused);
        assert_eq!(steps(&refused.steps)[2], "< ExtendedResponse: unavailable (52): no\\u{1b}key");
        assert_eq!(live(&LDAP, &[response(2, b"")]).outcome(), Dialogue::NotOffered);
        assert_eq!(live(&LDAP, &["HTTP/1.1 400\r\n"]).outcome(), Dialogue::Unexpected);
        assert_eq!(live(&LDAP, &[b"\x30\x84\xff\xff\xff\xff"]).outcome(), Dialogue::Endless);
        assert_eq!(live(&LDAP, &[b"\x30\x85\x01\x00\x00\x00\x00"]).outcome(), Dialogue::Unexpected);
    }

    #[test]
    fn others_dialogues_are_recognised_and_their_credentials_blanked() {
        let bind = b"\x30\x14\x02\x01\x01\x60\x0f\x02\x01\x03\x04\x04cn=a\x80\x04pass";
        let bound = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\x00\x04\x00";
        let client = [&bind[..], &request(), b"\x16\x03"].concat();
        let seen = watched(&client, [&bound[..], &response(0, b"")].concat()).unwrap();
        assert_eq!((seen.protocols(), seen.tls_from[0]), (vec!["ldap"], client.len() as u64 - 2));
        assert_eq!(format!("{:?}", seen.secrets), "[18..22]");
    }
}
