//! HelloRetryRequest (RFC 8446, section 4.1.4).

use super::*;
use crate::wire::codepoints::{CIPHER_SUITES, CipherSuite, ProtocolVersion, VERSIONS};
use crate::wire::extension::{self, Place};
use crate::wire::facts::Retry;

/// The row of HelloRetryRequest. The type of its own that it had in drafts is reserved; now it is a
/// ServerHello with a certain random.
pub static MESSAGE: MessageType = MessageType {
    code: 6,
    name: "HelloRetryRequest",
    iana: "hello_retry_request_RESERVED",
    reference: "RFC 8446, section 4.1.4",
    about: "The server can continue, but not with the key shares that the client sent: it names the group \
            to use, and the client sends its hello again. That costs one round trip. It has the form of a \
            ServerHello with a fixed random, so that middleboxes are not confused.",
    body,
};

/// SHA-256 of "HelloRetryRequest" (RFC 8446, section 4.1.3).
pub const RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    // A second one breaks the protocol; the first counts.
    facts.retry.get_or_insert(Retry { message: facts.at.0, ..Retry::default() });
    if d.all().first() == Some(&server_hello::MESSAGE.code) {
        return server_hello::hello(d, facts, true);
    }
    // Drafts 1 to 21: a version, from draft 19 on a cipher suite, and extensions.
    let version = ProtocolVersion(d.code("server_version", &VERSIONS)?);
    facts.version = Some(version);
    if version >= ProtocolVersion(0x7f13) {
        facts.cipher_suite = Some(CipherSuite(d.code("cipher_suite", &CIPHER_SUITES)?));
    }
    extension::list(d, Place::HelloRetryRequest, facts)?;
    Ok(())
}
