//! Heartbeat messages (RFC 6520, section 4).

use super::codepoints::HEARTBEAT_MESSAGES;
use super::dissector::Dissector;
use super::field::Wrong;
use super::handshake::Dissected;

/// Padding that every heartbeat has at least.
const MIN_PADDING: usize = 16;

/// Dissects the content of a heartbeat record.
pub fn dissect_heartbeat(bytes: &[u8], tree: bool) -> Dissected {
    Dissector::new(bytes, tree).dissected("HeartbeatMessage", |d| {
        d.code8("type", &HEARTBEAT_MESSAGES)?;
        let len = usize::from(d.u16("payload_length")?);
        if len > d.remaining() {
            // Heartbleed: an implementation that answers such a request leaks its memory.
            d.wrong("payload_length", Wrong::Truncated { need: len, have: d.remaining() });
        }
        d.bytes("payload", len.min(d.remaining()))?;
        let short = d.remaining() < MIN_PADDING;
        d.rest("padding");
        if short {
            d.wrong("padding", Wrong::Illegal("padding must have at least 16 bytes"));
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbleed_is_a_problem() {
        let dissected = dissect_heartbeat(&[1, 0x40, 0, 1, 2, 3], true);
        assert_eq!(dissected.problem.unwrap().kind, Wrong::Truncated { need: 0x4000, have: 3 });
        let mut sound = vec![2, 0, 2, 7, 7];
        sound.resize(5 + MIN_PADDING, 0);
        assert!(dissect_heartbeat(&sound, true).problem.is_none());
    }
}
