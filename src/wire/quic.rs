//! QUIC transport parameters (RFC 9000, section 18).

use super::codepoints::QUIC_PARAMETERS;
use super::dissector::{Dissector, Read};
use super::field::{Value, Wrong};

/// How the value of a parameter is read.
enum Kind {
    Number,
    Flag,
    Bytes,
}

/// A sequence of parameters up to the end of the enclosing length.
pub fn quic_parameters(d: &mut Dissector<'_>) -> Read<()> {
    while !d.is_empty() {
        let id = varint_ahead(d.peek()).map(|(id, _)| id);
        let known = id.and_then(|id| u16::try_from(id).ok()).and_then(|id| QUIC_PARAMETERS.name_of(id));
        d.group(known.unwrap_or("unknown parameter"), |d| {
            let id = varint(d, "id")?;
            match known {
                Some(name) => d.note(|| name.into()),
                None if is_reserved(id) => {
                    d.note(|| "GREASE: a reserved value, to check that peers ignore unknown values".into())
                }
                None => {}
            }
            let name = known.unwrap_or("value");
            let len = varint(d, "length")?;
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            if len > d.remaining() {
                d.wrong("length", Wrong::Truncated { need: len, have: d.remaining() });
            }
            d.enclosed(name, len.min(d.remaining()), |d| value(d, name, kind(id)));
            Ok(())
        })?;
    }
    Ok(())
}

fn value(d: &mut Dissector<'_>, name: &'static str, kind: Kind) -> Read<()> {
    match kind {
        Kind::Number => varint(d, name).map(drop),
        // What it has nevertheless is found to be trailing.
        Kind::Flag => Ok(()),
        Kind::Bytes if d.is_empty() => Ok(()),
        Kind::Bytes => {
            d.rest(name);
            Ok(())
        }
    }
}

fn kind(id: u64) -> Kind {
    match id {
        0x01 | 0x03..=0x0b | 0x0e | 0x20 => Kind::Number,
        0x0c | 0x2ab2 => Kind::Flag,
        _ => Kind::Bytes,
    }
}

/// 31·n + 27 is reserved (RFC 9000, section 18.1).
fn is_reserved(id: u64) -> bool {
    id >= 27 && (id - 27).is_multiple_of(31)
}

/// A variable-length integer (RFC 9000, section 16).
fn varint(d: &mut Dissector<'_>, name: &'static str) -> Read<u64> {
    match varint_ahead(d.peek()) {
        Some((value, width)) => d.valued(name, width, Value::Uint(value)).map(|_| value),
        // Fails, and says how much is missing.
        None => d.bytes(name, d.peek().first().map_or(1, |first| 1 << (first >> 6))).map(|_| 0),
    }
}

fn varint_ahead(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let width = 1 << (first >> 6);
    let rest = bytes.get(1..width)?;
    Some((rest.iter().fold(u64::from(first & 0x3f), |value, byte| value << 8 | u64::from(*byte)), width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_named_and_valued() {
        // max_idle_timeout = 30000, an empty flag, a connection id, a reserved one, one that is cut short
        let bytes = [1, 4, 0x80, 0, 0x75, 0x30, 0x0c, 0, 0x0f, 2, 7, 8, 27, 1, 9, 4, 8, 0x40];
        let dissected = Dissector::new(&bytes, true).dissected("parameters", quic_parameters);
        let root = dissected.root.unwrap();
        assert_eq!(root.find("max_idle_timeout").unwrap().children[2].value, Value::Uint(30_000));
        assert_eq!(root.find("initial_source_connection_id").unwrap().children[2].range, 10..12);
        assert!(
            root.find("unknown parameter").unwrap().children[0].note.as_ref().unwrap().starts_with("GREASE")
        );
        assert!(dissected.problem.is_some());
    }
}
