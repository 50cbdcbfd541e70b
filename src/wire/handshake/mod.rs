//! Handshake messages: one file each, and the table of them.

use super::Direction;
use super::dissector::{Dissector, Read};
use super::facts::Facts;
use super::field::{Field, Malformed};

/// A row of the table of handshake messages.
pub struct MessageType {
    pub code: u8,
    /// The RFC's name in CamelCase, e.g. `ClientHello`.
    pub name: &'static str,
    /// e.g. `RFC 8446, section 4.1.2`
    pub reference: &'static str,
    /// Two or three sentences for somebody who has read one article on TLS.
    pub about: &'static str,
    /// Reads the body behind the four-byte header.
    pub body: fn(&mut Dissector<'_>, Direction, &mut Facts) -> Read<()>,
}

/// What dissecting a message gives.
pub struct Dissected {
    /// `ServerHello`, `HelloRetryRequest`, `unknown (77)`, …
    pub name: std::borrow::Cow<'static, str>,
    /// The tree; `None` in Facts mode.
    pub root: Option<Field>,
    /// The first thing that is wrong.
    pub problem: Option<Malformed>,
}

/// Dissects one whole handshake message (with its header), and brings `facts` up to date.
/// Total: any bytes give a tree that tiles them.
pub fn dissect(bytes: &[u8], direction: Direction, facts: &mut Facts, tree: bool) -> Dissected {
    let _ = (bytes, direction, facts, tree);
    todo!()
}
