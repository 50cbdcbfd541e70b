//! ServerHello (RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3).

use super::*;
use crate::wire::codepoints::{CIPHER_SUITES, COMPRESSION_METHODS, CipherSuite, ProtocolVersion, VERSIONS};
use crate::wire::extension::{self, Place, supported_versions};

/// The row of ServerHello.
pub static MESSAGE: MessageType = MessageType {
    code: 2,
    name: "ServerHello",
    iana: "server_hello",
    reference: "RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3",
    about: "The server chooses from what the client offered: one version, one cipher suite, and in TLS 1.3 \
            a key share. In TLS 1.3 both sides can now compute the handshake keys, and everything that \
            follows is encrypted.",
    body,
};

/// What a server that could do more ends its random with (RFC 8446, section 4.1.3).
const DOWNGRADE_TLS12: &[u8; 8] = b"DOWNGRD\x01";
const DOWNGRADE_TLS11: &[u8; 8] = b"DOWNGRD\x00";

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    hello(d, facts, false)
}

/// Reads a ServerHello or, which has the same form, a HelloRetryRequest.
pub(super) fn hello(d: &mut Dissector<'_>, facts: &mut Facts, retry: bool) -> Read<()> {
    let short = d
        .peek()
        .first_chunk()
        .is_some_and(|version| ProtocolVersion(u16::from_be_bytes(*version)).has_short_server_hello());
    let selected = extensions_ahead(d.peek())
        .filter(|_| !short)
        .and_then(|list| extension::scan(list, supported_versions::EXTENSION.code))
        .and_then(|content| <[u8; 2]>::try_from(content).ok())
        .map(|version| ProtocolVersion(u16::from_be_bytes(version)));
    let legacy = ProtocolVersion(d.code("legacy_version", &VERSIONS)?);
    if selected.is_some() {
        d.note(|| "legacy: fixed at TLS 1.2; the extension supported_versions says what was chosen".into());
    }
    let version = selected.unwrap_or(legacy);
    facts.version = Some(version);
    let tls13 = version.is_tls13();
    random(d, facts, retry)?;
    if !short {
        session_id(d, facts, tls13)?;
    }
    facts.cipher_suite = Some(CipherSuite(d.code("cipher_suite", &CIPHER_SUITES)?));
    if !short {
        let method = d.code8("legacy_compression_method", &COMPRESSION_METHODS)?;
        facts.compression_method = method;
        if tls13 {
            d.note(|| "legacy: TLS 1.3 has no compression".into());
            if method != 0 {
                d.wrong("legacy_compression_method", Wrong::Illegal("must be 0 in TLS 1.3"));
            }
        }
    }
    if d.is_empty() {
        return Ok(());
    }
    let place = match (retry, tls13) {
        (true, _) => Place::HelloRetryRequest,
        (false, true) => Place::ServerHello,
        (false, false) => Place::ServerHello12,
    };
    let there = extension::list(d, place, facts)?;
    if !retry {
        facts.server_extensions.extend(&there);
    }
    Ok(())
}

fn random(d: &mut Dissector<'_>, facts: &mut Facts, retry: bool) -> Read<()> {
    let mut random = [0; 32];
    random.copy_from_slice(d.bytes("random", 32)?);
    if retry {
        d.note(|| "not random: the SHA-256 of \"HelloRetryRequest\", which identifies the message".into());
        return Ok(());
    }
    facts.server_hello = Some(facts.at.0);
    facts.server_random = Some(random);
    let version = facts.version.unwrap_or_default();
    if version == ProtocolVersion::TLS_1_2 && random.ends_with(DOWNGRADE_TLS12) {
        d.note(|| {
            "ends in DOWNGRD 01: the server supports TLS 1.3; a client that offered it too must abort".into()
        });
    } else if version <= ProtocolVersion::TLS_1_1 && random.ends_with(DOWNGRADE_TLS11) {
        d.note(|| {
            "ends in DOWNGRD 00: the server supports TLS 1.2 or later; a client that offered it too \
                   must abort"
                .into()
        });
    }
    Ok(())
}

fn session_id(d: &mut Dissector<'_>, facts: &mut Facts, tls13: bool) -> Read<()> {
    let name = if tls13 { "legacy_session_id_echo" } else { "session_id" };
    let id = d.opaque(name, LengthPrefix::U8)?;
    facts.server_session_id = Some(facts.span(d.behind(id.len())));
    if id.len() > client_hello::MAX_SESSION_ID {
        d.wrong(name, Wrong::Illegal("a session id must have at most 32 bytes"));
    }
    let Some(client) = facts.client else {
        return Ok(());
    };
    let echoed = client.session_id.len() == id.len() && client.session_id_bytes.get(..id.len()) == Some(id);
    if tls13 {
        d.note(|| "legacy: repeats the client's".into());
        if !echoed {
            d.wrong(name, Wrong::Illegal("repeats the client's legacy_session_id in TLS 1.3"));
        }
    } else if echoed && !id.is_empty() {
        // What follows may still show that it is not.
        facts.abbreviated = true;
        d.note(|| "repeats the client's: the session is resumed".into());
    }
    Ok(())
}

/// The list of extensions, without its length, in a ServerHello's body that lies ahead.
fn extensions_ahead(body: &[u8]) -> Option<&[u8]> {
    let rest = body.get(34..)?;
    let rest = rest.get(1 + usize::from(*rest.first()?) + 3..)?;
    let list = rest.get(2..)?;
    let len = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
    Some(&list[..len.min(list.len())])
}
