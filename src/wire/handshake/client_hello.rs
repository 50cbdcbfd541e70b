//! ClientHello (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2).

use super::*;
use crate::wire::codepoints::cipher_suite::EMPTY_RENEGOTIATION_INFO_SCSV;
use crate::wire::codepoints::{CIPHER_SUITES, COMPRESSION_METHODS, VERSIONS};
use crate::wire::extension::{self, Place, supported_versions};
use crate::wire::facts::ClientHello;

/// The row of ClientHello.
pub static MESSAGE: MessageType = MessageType {
    code: 1,
    name: "ClientHello",
    iana: "client_hello",
    reference: "RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2",
    about: "The client opens the conversation: which versions, cipher suites, groups and signature schemes it offers, best first, and which server it wants by name. In TLS 1.3 it guesses what the server will choose and sends its half of the key exchange along. All of it travels in clear.",
    body,
};

/// A session id is at most so long.
pub(super) const MAX_SESSION_ID: usize = 32;

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    let extensions = extensions_ahead(d.peek());
    let tls13 =
        extensions.is_some_and(|list| extension::scan(list, supported_versions::EXTENSION.code).is_some());
    facts.restart();
    facts.client_hellos = facts.client_hellos.saturating_add(1);
    let mut hello =
        ClientHello { legacy_version: d.code("legacy_version", &VERSIONS)?, ..ClientHello::default() };
    if tls13 {
        d.note(|| "legacy: stays at TLS 1.2, the extension supported_versions says what is offered".into());
    } else {
        d.note(|| "the highest version that the client offers".into());
    }
    hello.random.copy_from_slice(d.bytes("random", 32)?);
    let id = d.opaque("legacy_session_id", LengthPrefix::U8)?;
    hello.session_id = facts.span(d.behind(id.len()));
    if id.len() > MAX_SESSION_ID {
        d.wrong("legacy_session_id", Wrong::Illegal("a session id has at most 32 bytes"));
    }
    let kept = id.len().min(MAX_SESSION_ID);
    hello.session_id_bytes[..kept].copy_from_slice(&id[..kept]);
    if tls13 && !id.is_empty() {
        d.note(|| "legacy: has no meaning in TLS 1.3, and is sent to look like a resumption of TLS 1.2 to boxes on the way".into());
    }
    let suites = d.codes("cipher_suites", "cipher_suite", LengthPrefix::U16, &CIPHER_SUITES)?;
    hello.renegotiation_scsv =
        lists::codes(&d.all()[suites.clone()]).any(|code| code == EMPTY_RENEGOTIATION_INFO_SCSV);
    hello.cipher_suites = facts.span(suites);
    let methods =
        d.codes8("legacy_compression_methods", "compression_method", LengthPrefix::U8, &COMPRESSION_METHODS)?;
    if tls13 {
        d.note(|| "legacy: TLS 1.3 knows no compression".into());
        if d.all().get(methods.clone()) != Some(&[0]) {
            d.wrong("legacy_compression_methods", Wrong::Illegal("one zero, if TLS 1.3 is offered"));
        }
    }
    hello.compression_methods = facts.span(methods);
    facts.client = Some(hello);
    // Hellos of before RFC 3546 end here.
    if !d.is_empty() {
        extension::list(d, Place::ClientHello, facts)?;
    }
    Ok(())
}

/// The list of extensions, without its length, in a ClientHello's body that lies ahead.
pub fn extensions_ahead(body: &[u8]) -> Option<&[u8]> {
    let rest = body.get(34..)?;
    let rest = rest.get(1 + usize::from(*rest.first()?)..)?;
    let rest = rest.get(2 + two(rest)?..)?;
    let rest = rest.get(1 + usize::from(*rest.first()?)..)?;
    let list = rest.get(2..)?;
    Some(&list[..two(rest)?.min(list.len())])
}

fn two(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().map(|two| usize::from(u16::from_be_bytes(*two)))
}
