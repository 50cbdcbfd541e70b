//! Finished (RFC 8446, section 4.4.4; RFC 5246, section 7.4.9).

use super::*;
use crate::wire::codepoints::ProtocolVersion;

/// The row of Finished.
pub static MESSAGE: MessageType = MessageType {
    code: 20,
    name: "Finished",
    iana: "finished",
    reference: "RFC 8446, section 4.4.4; RFC 5246, section 7.4.9",
    about: "A MAC over the whole handshake so far, with a key that only client and server know. If anybody \
            changed a byte of any message in transit, the two transcripts differ and the MAC does not \
            match. It is the first proof that both sides have the same keys.",
    body,
};

fn body(d: &mut Dissector<'_>, direction: Direction, facts: &mut Facts) -> Read<()> {
    let range = d.pos()..d.pos() + d.remaining();
    facts.finished[direction.index()] = Some(facts.span(range));
    // Until TLS 1.2 the server is the first to finish only if the handshake is an abbreviated one, or the client's was lost.
    if direction == Direction::Server
        && facts.version.is_some_and(|v| v <= ProtocolVersion::TLS_1_2)
        && facts.finished[0].is_none()
        && facts.certificates_of(Direction::Server).is_none()
        && facts.server_key_exchange.is_none()
    {
        facts.abbreviated = true;
    }
    let expected = match facts.version {
        Some(ProtocolVersion::SSL_3_0) => 36,
        Some(version) if version <= ProtocolVersion::TLS_1_2 => 12,
        // As long as the hash of the cipher suite.
        _ => d.remaining(),
    };
    d.bytes("verify_data", expected)?;
    Ok(())
}
