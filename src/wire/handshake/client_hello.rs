//! ClientHello (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2).

use super::*;
use crate::wire::codepoints::{CIPHER_SUITES, COMPRESSION_METHODS, CipherSuite, ProtocolVersion, VERSIONS};
use crate::wire::extension::{self, Place, supported_versions};
use crate::wire::facts::ClientHello;
use crate::wire::writer::{self, TooLong};

/// The row of ClientHello.
pub static MESSAGE: MessageType = MessageType {
    code: 1,
    name: "ClientHello",
    iana: "client_hello",
    reference: "RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2",
    about: "The client starts the handshake: it lists the versions, cipher suites, groups and signature \
            schemes that it offers, in order of preference, and names the server it wants. In TLS 1.3 it \
            guesses which group the server will choose and includes its key share. All of it is sent in \
            the clear.",
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
    let mut hello = ClientHello {
        legacy_version: ProtocolVersion(d.code("legacy_version", &VERSIONS)?),
        ..ClientHello::default()
    };
    if tls13 {
        d.note(|| "legacy: fixed at TLS 1.2; the extension supported_versions says what is offered".into());
    } else {
        d.note(|| "the highest version that the client offers".into());
    }
    hello.random.copy_from_slice(d.bytes("random", 32)?);
    let id = d.opaque("legacy_session_id", LengthPrefix::U8)?;
    hello.session_id = facts.span(d.behind(id.len()));
    if id.len() > MAX_SESSION_ID {
        d.wrong("legacy_session_id", Wrong::Illegal("a session id must have at most 32 bytes"));
    }
    let kept = id.len().min(MAX_SESSION_ID);
    hello.session_id_bytes[..kept].copy_from_slice(&id[..kept]);
    if tls13 && !id.is_empty() {
        d.note(|| {
            "legacy: without meaning in TLS 1.3; sent so that middleboxes see what looks like a TLS \
                   1.2 resumption"
                .into()
        });
    }
    let suites = d.codes("cipher_suites", "cipher_suite", LengthPrefix::U16, &CIPHER_SUITES)?;
    hello.renegotiation_scsv = lists::codes(&d.all()[suites.clone()])
        .any(|code| code == CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV.0);
    hello.cipher_suites = facts.span(suites);
    let methods =
        d.codes8("legacy_compression_methods", "compression_method", LengthPrefix::U8, &COMPRESSION_METHODS)?;
    if tls13 {
        d.note(|| "legacy: TLS 1.3 has no compression".into());
        if d.all().get(methods.clone()) != Some(&[0]) {
            d.wrong("legacy_compression_methods", Wrong::Illegal("must be a single 0 if TLS 1.3 is offered"));
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

/// A ClientHello as its fields: [`Hello::read`] takes a message apart, [`Hello::write`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    pub legacy_version: u16,
    pub random: [u8; 32],
    /// At most 32 bytes are legal, at most 255 can be written.
    pub session_id: Vec<u8>,
    pub cipher_suites: Vec<u16>,
    pub compression_methods: Vec<u8>,
    /// Types and contents, in the order in which they are sent. `None`: the message ends before them, as the hellos of
    /// before RFC 3546 do.
    pub extensions: Option<Vec<(u16, Vec<u8>)>>,
}

impl Hello {
    /// From a message with its header. What is written of it is the same message, byte for byte; one of which that
    /// can't be said is malformed. Values that are merely illegal are kept.
    pub fn read(message: &[u8]) -> Read<Self> {
        let mut facts = Facts::default();
        let dissected = dissect(message, Direction::Client, &mut facts, false);
        let taken_apart = facts.client.map(|client| {
            let list = message.get(HEADER..).and_then(extensions_ahead);
            Self {
                legacy_version: client.legacy_version.0,
                random: client.random,
                session_id: message[client.session_id.range()].to_vec(),
                cipher_suites: lists::codes(&message[client.cipher_suites.range()]).collect(),
                compression_methods: message[client.compression_methods.range()].to_vec(),
                extensions: list.map(|list| {
                    extension::each(list).map(|(code, content)| (code, content.to_vec())).collect()
                }),
            }
        });
        taken_apart.filter(|hello| hello.write().as_deref() == Ok(message)).ok_or_else(|| {
            let kind = Wrong::Illegal("not a ClientHello");
            dissected.problem.unwrap_or(Malformed { field: MESSAGE.name, offset: 0, kind })
        })
    }

    /// The message, with its header.
    pub fn write(&self) -> Result<Vec<u8>, TooLong> {
        writer::written(|w| {
            w.u8(MESSAGE.code);
            w.vector(MESSAGE.name, LengthPrefix::U24, |w| {
                w.u16(self.legacy_version);
                w.bytes(&self.random);
                w.opaque("legacy_session_id", LengthPrefix::U8, &self.session_id);
                w.codes("cipher_suites", LengthPrefix::U16, &self.cipher_suites);
                w.opaque("legacy_compression_methods", LengthPrefix::U8, &self.compression_methods);
                if let Some(extensions) = &self.extensions {
                    extension::write_list(w, extensions);
                }
            });
        })
    }

    /// The content of the extension `code`.
    pub fn extension(&self, code: u16) -> Option<&[u8]> {
        self.extensions.iter().flatten().find(|(found, _)| *found == code).map(|(_, content)| &**content)
    }

    /// Gives the extension `code` another content, where it is; at the end if there was none.
    pub fn set_extension(&mut self, code: u16, content: Vec<u8>) {
        let extensions = self.extensions.get_or_insert_default();
        match extensions.iter_mut().find(|(found, _)| *found == code) {
            Some((_, old)) => *old = content,
            None => extensions.push((code, content)),
        }
    }

    /// Takes the extension `code` out.
    pub fn remove_extension(&mut self, code: u16) {
        if let Some(extensions) = &mut self.extensions {
            extensions.retain(|(found, _)| *found != code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::samples;

    #[test]
    fn what_is_taken_apart_is_written_as_it_was() {
        let hello = samples::tls13()[0].1.clone();
        let fields = Hello::read(&hello).unwrap();
        assert_eq!(fields.write().unwrap(), hello);
        assert!(fields.extension(supported_versions::EXTENSION.code).is_some());
        // No extensions, and an empty list of them, are two things.
        let bare = Hello { extensions: None, ..fields.clone() };
        let empty = Hello { extensions: Some(Vec::new()), ..fields };
        for fields in [bare, empty] {
            assert_eq!(Hello::read(&fields.write().unwrap()), Ok(fields));
        }
    }

    #[test]
    fn what_would_not_be_the_same_again_is_refused() {
        let hello = samples::tls13()[0].1.clone();
        for end in 0..hello.len() {
            assert!(Hello::read(&hello[..end]).is_err(), "{end}");
        }
        for at in 0..hello.len() {
            for flip in [1, 0x80, 0xff] {
                let mut mutated = hello.clone();
                mutated[at] ^= flip;
                if let Ok(fields) = Hello::read(&mutated) {
                    assert_eq!(fields.write().unwrap(), mutated);
                }
            }
        }
        let server = &samples::tls13()[1].1;
        assert_eq!(Hello::read(server).unwrap_err().to_string(), "ClientHello at byte 0: not a ClientHello");
    }

    #[test]
    fn extensions_are_set_and_removed() {
        let mut fields = Hello::read(&samples::tls13()[0].1).unwrap();
        let order: Vec<u16> = fields.extensions.iter().flatten().map(|(code, _)| *code).collect();
        fields.set_extension(order[1], vec![1, 2]);
        fields.set_extension(0x5a5a, vec![]);
        assert_eq!(fields.extension(order[1]), Some(&[1, 2][..]));
        let after: Vec<u16> = fields.extensions.iter().flatten().map(|(code, _)| *code).collect();
        assert_eq!(after, [order.as_slice(), &[0x5a5a]].concat());
        fields.remove_extension(0x5a5a);
        assert_eq!(fields.extensions.unwrap().len(), order.len());
    }
}
