//! The ClientHello in the form of SSL 2.0, which clients that still knew it sent to offer newer versions as well
//! (RFC 5246, appendix E.2; RFC 6176).

use super::codepoints::{CIPHER_SUITES, VERSIONS};
use super::dissector::{Dissector, Read};
use super::facts::{ClientHello, Facts};
use super::field::Wrong;
use super::handshake::Dissected;

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
        d.wrong("msg_type", Wrong::Illegal("a ClientHello has 1"));
    } else {
        d.note(|| "client_hello".into());
    }
    facts.restart();
    facts.client_hellos = facts.client_hellos.saturating_add(1);
    let mut hello = ClientHello { legacy_version: d.code("version", &VERSIONS)?, ..ClientHello::default() };
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
    d.note(|| "what later versions call the random".into());
    if !(16..=32).contains(&challenge.len()) {
        d.wrong("challenge", Wrong::Illegal("a challenge has 16 to 32 bytes"));
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
        assert_eq!(client.legacy_version, 0x0301);
        assert!(client.renegotiation_scsv);
        assert_eq!(client.random[14..18], [0, 0, 1, 2]);
        let notes: Vec<_> =
            dissected.root.unwrap().leaves().iter().filter_map(|leaf| leaf.note.clone()).collect();
        assert!(notes.iter().any(|note| note == "SSL_CK_RC4_128_WITH_MD5"));
        assert!(notes.iter().any(|note| note == "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"));
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
