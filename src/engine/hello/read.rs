//! ClientHellos that others recorded: hexadecimal, base64, bare bytes, or a saved trace.

use super::super::Error;
use super::{Opening, Template};
use crate::capture::{Capture, Event, encoding, saved};
use crate::wire::codepoints::content_type::HANDSHAKE;
use crate::wire::handshake::{self, client_hello};
use crate::wire::record::{self, Ahead, Header};
use crate::wire::{Direction, sslv2};

impl Opening {
    /// From a file's content: the message (with or without its records, and with whatever the client sent behind it) as
    /// bytes, in hexadecimal or in base64, or a trace that `--save` wrote, of which the first connection counts.
    pub fn read(file: &[u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(file).ok().map(str::trim);
        match text {
            Some(text) if text.starts_with('{') => {
                let session = saved::parse(file).map_err(|e| Error(e.to_string()))?;
                let capture = session.captures.first();
                Self::of_capture(capture.ok_or_else(|| Error("a trace without a connection".into()))?)
            }
            Some("") => Err(Error("the file is empty".into())),
            Some(text) if text.bytes().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => {
                Self::of_stream(&encoding::from_text(text).map_err(|why| Error(why.into()))?)
            }
            _ => Self::of_stream(file),
        }
    }

    /// The first hello of a connection.
    pub fn of_capture(capture: &Capture) -> Result<Self, Error> {
        let mut stream = Vec::new();
        for event in &capture.events {
            match event {
                Event::Bytes { direction: Direction::Client, bytes, .. } => stream.extend(bytes),
                Event::Gap { direction: Direction::Client, .. } => break,
                _ => {}
            }
        }
        let from = usize::try_from(capture.tls_from[Direction::Client.index()]).unwrap_or(usize::MAX);
        Self::of_stream(stream.get(from..).unwrap_or_default())
    }

    /// From the bytes that a client sent, or a bare message.
    fn of_stream(stream: &[u8]) -> Result<Self, Error> {
        if let Some(len) = sslv2::peek(stream) {
            let message = stream.get(sslv2::HEADER..sslv2::HEADER + len).ok_or_else(|| ends_early(len))?;
            let hello = sslv2::Hello::read(message).map_err(|e| Error(format!("not a ClientHello: {e}")))?;
            return Ok(Opening::Sslv2(hello));
        }
        let joined;
        let message = if stream.first() == Some(&client_hello::MESSAGE.code) {
            stream
        } else {
            joined = join(stream)?;
            &joined
        };
        let len = length(message).ok_or_else(|| Error("not a ClientHello".into()))?;
        let message = message.get(..len).ok_or_else(|| ends_early(len))?;
        Ok(Opening::Hello(Template::recorded(message)?))
    }
}

/// The content of the handshake records that a stream starts with, up to the first whole message.
fn join(stream: &[u8]) -> Result<Vec<u8>, Error> {
    let mut rest = stream;
    let mut joined = Vec::new();
    while length(&joined).is_none_or(|len| joined.len() < len) {
        match Header::peek(rest) {
            Ahead::Record(header) if header.content_type == HANDSHAKE => {
                let end = rest.len().min(record::HEADER + header.length);
                joined.extend(&rest[record::HEADER..end]);
                rest = &rest[end..];
            }
            _ if joined.is_empty() => {
                return Err(Error(
                    "not a ClientHello: neither a handshake record nor the message itself".into(),
                ));
            }
            // The caller sees that it ends early.
            _ => break,
        }
    }
    Ok(joined)
}

/// The length of a message with its header.
fn length(message: &[u8]) -> Option<usize> {
    let [_, a, b, c, ..] = *message else { return None };
    Some(handshake::HEADER + u32::from_be_bytes([0, a, b, c]) as usize)
}

fn ends_early(len: usize) -> Error {
    Error(format!("the ClientHello has {len} bytes, and not all of them are there"))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::engine::hello::{Hello, profiles};

    fn message() -> Vec<u8> {
        profiles::find("openssl-3").unwrap().template().unwrap().hello().write().unwrap()
    }

    fn read(file: &[u8]) -> Hello {
        match Opening::read(file).unwrap() {
            Opening::Hello(template) => template.hello().clone(),
            Opening::Sslv2(hello) => panic!("{hello:?}"),
        }
    }

    #[test]
    fn every_form_is_the_same_hello() {
        let message = message();
        let hello = Hello::read(&message).unwrap();
        let ranges = [0..100, 100..message.len()];
        let records = record::write(HANDSHAKE, 0x0301, &message, ranges);
        let digits = hex::encode(&records);
        let spread: Vec<String> = records.iter().map(|byte| format!("0x{byte:02X}")).collect();
        for file in [
            message.clone(),
            records.clone(),
            [&records[..], b"\x14\x03\x03\x00\x01\x01"].concat(),
            digits.clone().into_bytes(),
            format!("{}\n{}\n", &digits[..80], &digits[80..]).into_bytes(),
            spread.join(", ").into_bytes(),
            hex::encode(&message).into_bytes(),
            format!("{}\n", STANDARD.encode(&records)).into_bytes(),
            STANDARD.encode(&message).into_bytes(),
        ] {
            assert_eq!(read(&file), hello);
        }
    }

    #[test]
    fn a_saved_trace_has_the_hello_of_its_first_connection() {
        let file = include_bytes!("../../../tests/goldens/retry.json");
        let hello = read(file);
        let session = saved::parse(file).unwrap();
        let Event::Bytes { bytes, .. } = &session.captures[0].events[0] else { panic!() };
        assert_eq!(hello.write().unwrap(), bytes[record::HEADER..][..bytes.len() - record::HEADER]);
    }

    #[test]
    fn the_form_of_ssl_2_is_known() {
        let mut record = vec![0x80, 28, 1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 0x39];
        record.extend(1..=16);
        let Opening::Sslv2(hello) = Opening::read(&record).unwrap() else { panic!() };
        assert_eq!(hello.cipher_specs, [0x39]);
    }

    #[test]
    fn what_is_none_says_why() {
        let message = message();
        let records = record::write(HANDSHAKE, 0x0301, &message, std::iter::once(0..message.len()));
        let why = |file: &[u8]| Opening::read(file).unwrap_err().to_string();
        assert!(why(b"").contains("empty"));
        assert!(why(b"160").contains("half a byte"));
        assert!(why(b"not a hello!").contains("neither hexadecimal nor base64"));
        assert!(why(b"\xff\xfe\x00").contains("neither a handshake record"));
        assert!(why(b"GET / HTTP/1.1\r\n").contains("neither"));
        assert!(why(b"{\"schema\": \"tls-trace/1\"}").contains("--format json"));
        assert!(why(&records[..99]).contains("not all of them are there"));
        assert!(why(&message[..99]).contains("not all of them are there"));
        assert!(why(&[2, 0, 0, 0]).contains("not a ClientHello"));
        for end in 0..records.len() {
            assert!(Opening::read(&records[..end]).is_err());
        }
    }
}
