//! Messages in the clear, told from what is encrypted where nothing else says which it is.

use crate::wire::Direction;
use crate::wire::handshake::{self, HEADER, types};

/// Few handshake messages have more: a long list of certificates.
const LIKELY: usize = 1 << 17;

/// Whether a record has handshake messages in the clear. Ciphertext that looks so is one in a thousand.
pub(super) fn is_handshake(fragment: &[u8], sender: Direction) -> bool {
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
