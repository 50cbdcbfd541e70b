//! Content types of records (RFC 8446, section 5.1).

use super::Recommended::Unstated;
use super::{Entry, Registry, registry, told};

pub const CHANGE_CIPHER_SPEC: u8 = 20;
pub const ALERT: u8 = 21;
pub const HANDSHAKE: u8 = 22;
pub const APPLICATION_DATA: u8 = 23;
pub const HEARTBEAT: u8 = 24;

/// What a record carries.
pub static CONTENT_TYPES: Registry = registry!("TLS ContentType", 1, ROWS);

#[rustfmt::skip] // A table.
static ROWS: &[Entry] = &[
    told(20, "change_cipher_spec", "RFC 8446, section 5", Unstated, "Until TLS 1.2: from the next record on, the sender protects with the keys just agreed. In TLS 1.3 it means nothing and is sent only so that old middleboxes see what they expect."),
    told(21, "alert", "RFC 8446, section 6", Unstated, "A two-byte notice: an error that ends the connection, or the orderly close of one direction."),
    told(22, "handshake", "RFC 8446, section 4", Unstated, "A piece of the handshake. A message may span several records, and a record may hold several messages."),
    told(23, "application_data", "RFC 8446, section 5.2", Unstated, "What the application sends. TLS 1.3 disguises every encrypted record as one of these; the true type stands inside, behind the content."),
    told(24, "heartbeat", "RFC 6520", Unstated, "A request to echo some bytes, to see whether the peer is alive. An implementation that trusted the stated length leaked memory: Heartbleed."),
    told(25, "tls12_cid", "RFC 9146", Unstated, "DTLS 1.2 with a connection id: an encrypted record whose true type stands inside."),
    told(26, "ACK", "RFC 9147", Unstated, "DTLS 1.3: acknowledges handshake records that arrived."),
    told(27, "return_routability_check", "RFC 9853", Unstated, "DTLS: checks that a peer can be reached at the address it seems to have moved to."),
];
