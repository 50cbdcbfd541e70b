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
    told(20, "change_cipher_spec", "RFC 8446, section 5", Unstated, "TLS 1.2 and earlier: from the next \
                                                                     record on, the sender uses the newly \
                                                                     negotiated keys. TLS 1.3 ignores it; \
                                                                     it is sent only because old \
                                                                     middleboxes expect it."),
    told(21, "alert", "RFC 8446, section 6", Unstated, "A two-byte message: an error that ends the \
                                                        connection, or the orderly closure of one \
                                                        direction."),
    told(22, "handshake", "RFC 8446, section 4", Unstated, "Handshake messages. A message may span several \
                                                            records, and a record may contain several \
                                                            messages."),
    told(23, "application_data", "RFC 8446, section 5.2", Unstated, "The application's data. In TLS 1.3 \
                                                                     every encrypted record has this outer \
                                                                     type; the true type is inside, after \
                                                                     the content."),
    told(24, "heartbeat", "RFC 6520", Unstated, "A request to echo some bytes, to check that the peer is \
                                                 alive. OpenSSL once trusted the stated length and leaked \
                                                 memory: Heartbleed."),
    told(25, "tls12_cid", "RFC 9146", Unstated, "DTLS 1.2 with a connection id: an encrypted record whose \
                                                 true type is inside."),
    told(26, "ACK", "RFC 9147", Unstated, "DTLS 1.3: acknowledges received handshake records."),
    told(27, "return_routability_check", "RFC 9853", Unstated, "DTLS: checks that a peer can be reached at \
                                                                its apparent new address."),
];
