//! Records behind missing bytes: messages in the clear, told from what is encrypted where nothing else says which it is.

use std::time::Duration;

use super::{Cut, Epoch, Fold};
use crate::wire::Direction;
use crate::wire::codepoints::content_type::{ALERT, APPLICATION_DATA, HANDSHAKE};
use crate::wire::handshake::{self, HEADER, types};

/// Few handshake messages have more: a long list of certificates.
const LIKELY: usize = 1 << 17;

impl Fold {
    /// Whether a record is no message in the clear, where it is not known which ones are: bytes before it are missing, which
    /// may have been a ChangeCipherSpec, or one came and the ServerHello is missing that says what it means.
    pub(super) fn may_be_protected(&self, direction: Direction, cut: &Cut) -> bool {
        /// A Finished is no longer, whatever protects it. What is longer may be the rest of a message whose start is missing.
        const FINISHED: usize = 128;
        let lane = &self.lanes[direction.index()];
        let (version, missing) = (self.facts.version, lane.protection.is_incomplete());
        let unknown = match version {
            None => missing || lane.changed,
            Some(version) => missing && !version.is_tls13(),
        };
        if !unknown || lane.protection.epoch() != Epoch::Clear {
            return false;
        }
        match cut.header.content_type {
            ALERT => !matches!(cut.fragment[..], [1 | 2, _]),
            HANDSHAKE if version.is_some() && cut.fragment.len() > FINISHED => false,
            HANDSHAKE => lane.joiner.is_empty() && !is_handshake(&cut.fragment, direction),
            _ => false,
        }
    }

    /// Application data behind missing bytes: a ChangeCipherSpec was among them (RFC 5246, section 7.1).
    pub(super) fn change_unseen(&mut self, direction: Direction, content_type: u8, at: Duration) {
        let protection = &self.lanes[direction.index()].protection;
        let missing = protection.is_incomplete() && protection.epoch() == Epoch::Clear;
        if missing && content_type == APPLICATION_DATA {
            self.change_cipher_spec(direction, at);
        }
    }
}

/// Whether a record has handshake messages in the clear. Ciphertext that looks so is one in a thousand.
fn is_handshake(fragment: &[u8], sender: Direction) -> bool {
    let mut rest = fragment;
    while let [kind, a, b, c, ..] = *rest {
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        // An explicit nonce often begins with zeros, which is a HelloRequest: only servers send one.
        let sent = kind != types::HELLO_REQUEST || sender == Direction::Server;
        if !sent || handshake::find(kind).is_none() || length > LIKELY {
            return false;
        }
        let Some(behind) = rest.get(HEADER + length..) else { return true };
        rest = behind;
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ciphertext_is_no_message() {
        let hello_done = [14, 0, 0, 0];
        assert!(is_handshake(&hello_done, Direction::Server));
        assert!(is_handshake(&[&hello_done[..], &[11, 0, 20, 0, 1, 2]].concat(), Direction::Server));
        // The explicit nonce of AES-GCM, and a Finished of CBC.
        let nonce = [&[0; 8][..], &[0xf7; 24]].concat();
        for sender in Direction::BOTH {
            assert!(!is_handshake(&nonce, sender));
            assert!(!is_handshake(&[0xaa; 48], sender));
            assert!(!is_handshake(&[20, 0xe4, 0x65, 0x9d, 1, 2, 3], sender));
            assert!(!is_handshake(&[14, 0, 0, 0, 9], sender));
        }
        assert!(is_handshake(&[0; 4], Direction::Server) && !is_handshake(&[0; 4], Direction::Client));
    }
}
