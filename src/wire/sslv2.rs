//! The ClientHello in the form of SSL 2.0, which clients that still knew it sent to offer newer versions as well
//! (RFC 5246, appendix E.2; RFC 6176).

use super::codepoints::{CIPHER_SUITES, ProtocolVersion, VERSIONS};
use super::dissector::{Dissector, Read};
use super::facts::{ClientHello, Facts};
use super::field::{Malformed, Wrong};
use super::handshake::Dissected;
use super::writer::{TooLong, Writer};

/// Length of the record header: the length in 15 bits, under a bit that is set.
pub const HEADER: usize = 2;

/// `msg_type` of a ClientHello.
const CLIENT_HELLO: u8 = 1;

/// Length of the message behind the record header, if a byte stream starts with such a hello. Needs five bytes to say.
pub fn peek(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [high, low, CLIENT_HELLO, major, minor, ..]
            if high & 0x80 != 0 && (major == 3 || (major, minor) == (0, 2)) =>
        {
            let len = usize::from(high & 0x7f) << 8 | usize::from(low);
            // msg_type, version, three lengths, and the shortest challenge
            (len >= 9 + 16).then_some(len)
        }
        _ => None,
    }
}

/// Dissects the message behind the record header, which is what the transcript has as well. The facts' list of
/// suites stays empty, since a kind of cipher has three bytes here.
pub fn dissect_client_hello(bytes: &[u8], facts: &mut Facts, tree: bool) -> Dissected {
    Dissector::new(bytes, tree).dissected("ClientHello (SSL 2.0)", |d| body(d, facts))
}

fn body(d: &mut Dissector<'_>, facts: &mut Facts) -> Read<()> {
    if d.u8("msg_type")? != CLIENT_HELLO {
        d.wrong("msg_type", Wrong::Illegal("a ClientHello has type 1"));
    } else {
        d.note(|| "client_hello".into());
    }
    facts.restart();
    facts.client_hellos = facts.client_hellos.saturating_add(1);
    let mut hello = ClientHello {
        legacy_version: ProtocolVersion(d.code("version", &VERSIONS)?),
        ..ClientHello::default()
    };
    d.note(|| "the highest version that the client offers".into());
    let kinds = usize::from(d.u16("cipher_spec_length")?);
    let session_id = usize::from(d.u16("session_id_length")?);
    let challenge = usize::from(d.u16("challenge_length")?);
    if kinds > d.remaining() {
        d.wrong("cipher_spec_length", Wrong::Truncated { need: kinds, have: d.remaining() });
    }
    let mut scsv = false;
    d.group("cipher_specs", |d| {
        d.enclosed("cipher_specs", kinds.min(d.remaining()), |d| {
            while !d.is_empty() {
                scsv |= kind(d)? == 0xff;
            }
            Ok(())
        });
        Ok(())
    })?;
    hello.renegotiation_scsv = scsv;
    let id = d.bytes("session_id", session_id)?;
    hello.session_id = facts.span(d.behind(id.len()));
    let challenge = d.bytes("challenge", challenge)?;
    d.note(|| "called random in later versions".into());
    if !(16..=32).contains(&challenge.len()) {
        d.wrong("challenge", Wrong::Illegal("a challenge must have 16 to 32 bytes"));
    }
    // Padded with zeros in front (RFC 5246, appendix E.2).
    let kept = challenge.len().min(32);
    hello.random[32 - kept..].copy_from_slice(&challenge[challenge.len() - kept..]);
    facts.client = Some(hello);
    Ok(())
}

/// A kind of cipher: those of SSL 2.0, or a zero and a suite of today.
fn kind(d: &mut Dissector<'_>) -> Read<u32> {
    let kind = d.u24("cipher_spec")?;
    let name = match u16::try_from(kind) {
        Ok(suite) => CIPHER_SUITES.name_of(suite),
        Err(_) => KINDS.iter().find(|(code, _)| *code == kind).map(|(_, name)| *name),
    };
    if let Some(name) = name {
        d.note(|| name.into());
    }
    Ok(kind)
}

/// A ClientHello in this form, as its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The highest version that is offered: 0x0002, or 0x0300 and later.
    pub version: u16,
    /// Of three bytes each: kinds of SSL 2.0, or cipher suites below a zero.
    pub cipher_specs: Vec<u32>,
    pub session_id: Vec<u8>,
    /// 16 to 32 bytes.
    pub challenge: Vec<u8>,
}

impl Hello {
    /// From a message without its record header; written, it is the same again.
    pub fn read(message: &[u8]) -> Read<Self> {
        let mut facts = Facts::default();
        let problem = dissect_client_hello(message, &mut facts, false).problem;
        let length = |at: usize| {
            let two = message.get(at..at + 2).and_then(<[u8]>::first_chunk);
            two.map_or(0, |two| usize::from(u16::from_be_bytes(*two)))
        };
        let specs = FIXED..FIXED + length(3);
        let session_id = specs.end..specs.end + length(5);
        let challenge = session_id.end..session_id.end + length(7);
        let part = |range| message.get(range).unwrap_or_default();
        let hello = Self {
            version: facts.client.map_or(0, |client| client.legacy_version.0),
            cipher_specs: part(specs)
                .chunks_exact(3)
                .map(|k| u32::from_be_bytes([0, k[0], k[1], k[2]]))
                .collect(),
            session_id: part(session_id).to_vec(),
            challenge: part(challenge).to_vec(),
        };
        if hello.write().as_deref() == Ok(message) {
            return Ok(hello);
        }
        let kind = Wrong::Illegal("not a ClientHello of SSL 2.0");
        Err(problem.unwrap_or(Malformed { field: "ClientHello", offset: 0, kind }))
    }

    /// The message, without its record header.
    pub fn write(&self) -> Result<Vec<u8>, TooLong> {
        let lengths = [
            ("cipher_specs", self.cipher_specs.len() * 3),
            ("session_id", self.session_id.len()),
            ("challenge", self.challenge.len()),
        ];
        let mut w = Writer::default();
        w.u8(CLIENT_HELLO);
        w.u16(self.version);
        for (field, len) in lengths {
            w.u16(u16::try_from(len).map_err(|_| TooLong { field, len, most: usize::from(u16::MAX) })?);
        }
        self.cipher_specs.iter().for_each(|kind| w.u24(*kind));
        w.bytes(&self.session_id);
        w.bytes(&self.challenge);
        w.finish()
    }

    /// The message in its record.
    pub fn write_record(&self) -> Result<Vec<u8>, TooLong> {
        const MOST: usize = 0x7fff;
        let message = self.write()?;
        match u16::try_from(message.len()) {
            Ok(len) if message.len() <= MOST => {
                Ok([&(0x8000 | len).to_be_bytes(), message.as_slice()].concat())
            }
            _ => Err(TooLong { field: "ClientHello", len: message.len(), most: MOST }),
        }
    }
}

/// What stands before the cipher kinds: msg_type, version, three lengths.
const FIXED: usize = 9;

/// The kinds that SSL 2.0 itself has.
#[rustfmt::skip] // A table.
static KINDS: &[(u32, &str)] = &[
    (0x010080, "SSL_CK_RC4_128_WITH_MD5"),
    (0x020080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5"),
    (0x030080, "SSL_CK_RC2_128_CBC_WITH_MD5"),
    (0x040080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"),
    (0x050080, "SSL_CK_IDEA_128_CBC_WITH_MD5"),
    (0x060040, "SSL_CK_DES_64_CBC_WITH_MD5"),
    (0x0700c0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"),
    (0x080080, "SSL_CK_RC4_64_WITH_MD5"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::handshake::tests::assert_tiles;

    /// What OpenSSL 0.9.8 sent, shortened to three kinds.
    fn sample() -> Vec<u8> {
        let mut message = vec![1, 3, 1, 0, 9, 0, 0, 0, 16, 0, 0, 0x39, 1, 0, 0x80, 0, 0, 0xff];
        message.extend(1..=16);
        message
    }

    #[test]
    fn a_hello_in_the_old_form_is_read() {
        let message = sample();
        let mut record = vec![0x80, message.len() as u8];
        record.extend_from_slice(&message);
        assert_eq!(peek(&record), Some(message.len()));
        assert_eq!(peek(b"\x80\x2e\x02\x03\x01"), None);
        let mut facts = Facts::default();
        let dissected = dissect_client_hello(&message, &mut facts, true);
        assert_eq!(dissected.problem, None);
        let client = facts.client.unwrap();
        assert_eq!(client.legacy_version, ProtocolVersion::TLS_1_0);
        assert!(client.renegotiation_scsv);
        assert_eq!(client.random[14..18], [0, 0, 1, 2]);
        let notes: Vec<_> =
            dissected.root.unwrap().leaves().iter().filter_map(|leaf| leaf.note.clone()).collect();
        assert!(notes.iter().any(|note| note == "SSL_CK_RC4_128_WITH_MD5"));
        assert!(notes.iter().any(|note| note == "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"));
    }

    #[test]
    fn what_is_taken_apart_is_written_as_it_was() {
        let message = sample();
        let hello = Hello::read(&message).unwrap();
        assert_eq!(hello.cipher_specs, [0x39, 0x010080, 0xff]);
        assert_eq!(hello.write().unwrap(), message);
        let record = hello.write_record().unwrap();
        assert_eq!((peek(&record), &record[HEADER..]), (Some(message.len()), &message[..]));
        for end in 0..message.len() {
            assert!(Hello::read(&message[..end]).is_err());
        }
        let long = Hello { cipher_specs: vec![0x39; 10922], ..hello };
        assert!(long.write().is_ok());
        assert_eq!(long.write_record().unwrap_err().len, 9 + 3 * 10922 + 16);
    }

    #[test]
    fn every_prefix_and_every_mutation_is_tiled() {
        let message = sample();
        for end in 0..message.len() {
            let dissected = dissect_client_hello(&message[..end], &mut Facts::default(), true);
            assert_tiles(&dissected.root.unwrap(), end);
            assert!(dissected.problem.is_some());
        }
        for at in 0..message.len() {
            for flip in 1..=255 {
                let mut mutated = message.clone();
                mutated[at] ^= flip;
                let silent = dissect_client_hello(&mutated, &mut Facts::default(), false);
                let dissected = dissect_client_hello(&mutated, &mut Facts::default(), true);
                assert_tiles(&dissected.root.unwrap(), message.len());
                assert_eq!(silent.problem, dissected.problem);
            }
        }
    }
}
