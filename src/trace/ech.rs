//! Encrypted Client Hello: whether the server accepted it, computed from the recording (RFC 9849, section 7.2).

use super::State;
use super::proofs::Transcript;
use crate::crypto::hash::Hash;
use crate::crypto::hkdf;
use crate::wire::facts::{ClientHello, Span};
use crate::wire::handshake::HEADER;

/// What came of a ClientHello with an encrypted one in it.
#[derive(Debug, Clone)]
pub struct Ech {
    /// The ClientHellos as observers see them.
    pub outer: Vec<ClientHello>,
    /// Those that are encrypted in them, as far as they are known. Once they are accepted they are the handshake's.
    pub inner: Vec<ClientHello>,
    /// Why an inner hello that is known can't be read.
    pub unreadable: Option<&'static str>,
    /// Whether the server took the inner hello; `Fails` says how it shows that it did not.
    pub accepted: State,
    /// What confirmed it, or should have.
    pub confirmations: Vec<Confirmation>,
}

/// Eight bytes by which a server shows that it has the inner hello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Where they are: in the random of a ServerHello, or in a HelloRetryRequest.
    pub found: Span,
    /// What they are if it does.
    pub expected: [u8; 8],
    pub equal: bool,
}

impl Default for Ech {
    fn default() -> Self {
        Ech {
            outer: Vec::new(),
            inner: Vec::new(),
            unreadable: None,
            accepted: State::NotEvaluated("the server did not answer".into()),
            confirmations: Vec::new(),
        }
    }
}

/// The bytes that confirm ECH in a ServerHello: the last of its random.
pub(super) fn in_server_hello(message: usize) -> Span {
    Span { message, derived: false, start: HEADER + 2 + 24, end: HEADER + 2 + 32 }
}

/// `accept_confirmation`, or in a HelloRetryRequest `hrr_accept_confirmation`: over the inner hellos (`transcript`) and
/// `message`, with zeros where `place` is. `random` is the inner hello's.
pub(super) fn confirmation(
    hash: Hash,
    random: &[u8; 32],
    transcript: &Transcript,
    message: &[u8],
    place: Span,
    retry: bool,
) -> Option<[u8; 8]> {
    let label = if retry { "hrr ech accept confirmation" } else { "ech accept confirmation" };
    let (before, rest) = message.split_at_checked(place.start)?;
    let (zeroed, behind) = rest.split_at_checked(place.len())?;
    let zeros = vec![0; zeroed.len()];
    let digest = hash.digest(&[transcript.bytes(), before, &zeros, behind]);
    let secret = hkdf::extract(hash, &[], random);
    hkdf::expand_label(hash, &secret, label, &digest, 8).try_into().ok()
}
