//! The structures of Encrypted Client Hello (RFC 9849, sections 4 and 5).

use super::codepoints::{HPKE_AEADS, HPKE_KDFS, HPKE_KEMS};
use super::dissector::{Dissector, LengthPrefix, Read};
use super::extension::{ech_outer_extensions, encrypted_client_hello};
use super::handshake::client_hello::{Hello, MESSAGE};
use super::handshake::lists;
use super::writer::written;

/// The only version there is: it is the extension's code.
const VERSION: u16 = encrypted_client_hello::EXTENSION.code;

const LIST: &str = "ECHConfigList";

/// One `ECHConfig` of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config<'a> {
    pub version: u16,
    /// All of it, with version and length.
    pub bytes: &'a [u8],
    /// `None` if the version is not RFC 9849's.
    pub contents: Option<Contents<'a>>,
}

/// What an `ECHConfig` of RFC 9849 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contents<'a> {
    pub config_id: u8,
    pub kem_id: u16,
    pub public_key: &'a [u8],
    /// KDF and AEAD, two bytes each.
    cipher_suites: &'a [u8],
    /// 0: not said.
    pub maximum_name_length: u8,
    /// What the outer hello names. As sent; see [`Contents::name`].
    pub public_name: &'a [u8],
    /// Type, length and content of each.
    extensions: &'a [u8],
}

impl<'a> Contents<'a> {
    /// KDF and AEAD of each cipher suite.
    pub fn cipher_suites(&self) -> impl Iterator<Item = [u16; 2]> + use<'a> {
        self.cipher_suites
            .chunks_exact(4)
            .map(|four| [u16::from_be_bytes([four[0], four[1]]), u16::from_be_bytes([four[2], four[3]])])
    }

    /// The public name, if it is one that a client may use: dot-separated labels of letters, digits and hyphens, the last
    /// of which is no number, else it might be read as an IPv4 address (section 6.1.7).
    pub fn name(&self) -> Option<&'a str> {
        let name = std::str::from_utf8(self.public_name).ok()?;
        let ldh = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let last = name.rsplit('.').next()?;
        let hex = last.strip_prefix("0x").or(last.strip_prefix("0X"));
        let number = last.bytes().all(|byte| byte.is_ascii_digit())
            || hex.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        (name.len() <= 253 && name.split('.').all(ldh) && !number).then_some(name)
    }

    /// The first extension that a client has to know to use this, and that is not known here: none is (section 4.2).
    pub fn mandatory_extension(&self) -> Option<u16> {
        super::extension::codes(self.extensions).find(|code| code & 0x8000 != 0)
    }
}

/// The configurations of an `ECHConfigList` with its length.
///
/// # Errors
/// The first thing that is malformed.
pub fn read_list(list: &[u8]) -> Read<Vec<Config<'_>>> {
    let mut found = Vec::new();
    let (_, problems) =
        Dissector::facts(list, LIST, |d| configs_each(d, LIST, &mut |config| found.push(config)));
    match problems.into_iter().next() {
        Some(problem) => Err(problem),
        None => Ok(found),
    }
}

/// An `ECHConfigList` of these configurations, each as [`Config::bytes`] has it.
pub fn write_list(configs: &[&[u8]]) -> Result<Vec<u8>, super::writer::TooLong> {
    written(|w| {
        w.vector(LIST, LengthPrefix::U16, |w| configs.iter().for_each(|config| w.bytes(config)));
    })
}

/// An `ECHConfigList` with its length, as a server sends it and as the DNS has it.
pub fn configs(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    configs_each(d, name, &mut |_| ())
}

fn configs_each<'a>(d: &mut Dissector<'a>, name: &'static str, each: &mut dyn FnMut(Config<'a>)) -> Read<()> {
    d.vector(name, LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.group("ECHConfig", |d| {
                let start = d.pos();
                let version = d.u16("version")?;
                let mut known = None;
                d.vector("contents", LengthPrefix::U16, |d| {
                    known = contents(d, version)?;
                    Ok(())
                })?;
                let bytes = d.all().get(start..d.pos()).unwrap_or_default();
                each(Config { version, bytes, contents: known });
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

fn contents<'a>(d: &mut Dissector<'a>, version: u16) -> Read<Option<Contents<'a>>> {
    if version != VERSION {
        d.rest("contents");
        d.note(|| "of an unknown version".into());
        return Ok(None);
    }
    let mut found = Contents::default();
    d.group("key_config", |d| {
        found.config_id = d.u8("config_id")?;
        found.kem_id = d.code("kem_id", &HPKE_KEMS)?;
        found.public_key = d.opaque("public_key", LengthPrefix::U16)?;
        d.vector("cipher_suites", LengthPrefix::U16, |d| {
            found.cipher_suites = d.peek();
            while !d.is_empty() {
                cipher_suite(d)?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    found.maximum_name_length = d.u8("maximum_name_length")?;
    found.public_name = d.opaque_text("public_name", LengthPrefix::U8)?;
    d.vector("extensions", LengthPrefix::U16, |d| {
        found.extensions = d.peek();
        while !d.is_empty() {
            d.group("ECHConfigExtension", |d| {
                d.u16("type")?;
                d.opaque("data", LengthPrefix::U16)?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(Some(found))
}

/// An `HpkeSymmetricCipherSuite`: KDF and AEAD.
pub fn cipher_suite(d: &mut Dissector<'_>) -> Read<[u16; 2]> {
    let mut suite = [0; 2];
    d.group("cipher_suite", |d| {
        suite = [d.code("kdf_id", &HPKE_KDFS)?, d.code("aead_id", &HPKE_AEADS)?];
        Ok(())
    })?;
    Ok(suite)
}

/// The ClientHelloInner, a message with its header, of an `EncodedClientHelloInner` that was sealed in the message
/// `outer` (section 5.1).
///
/// # Errors
/// Why it is none.
pub fn decode_inner(encoded: &[u8], outer: &[u8]) -> Result<Vec<u8>, &'static str> {
    const NONE: &str = "the decrypted payload is not a ClientHello";
    let outer = Hello::read(outer).map_err(|_| "the outer ClientHello is malformed")?;
    let end = hello_end(encoded).ok_or(NONE)?;
    let (hello, padding) = encoded.split_at_checked(end).ok_or(NONE)?;
    if padding.iter().any(|byte| *byte != 0) {
        return Err("the padding behind the inner ClientHello is not zero");
    }
    let message = written(|w| {
        w.u8(MESSAGE.code);
        w.opaque(MESSAGE.name, LengthPrefix::U24, hello);
    });
    let mut hello = Hello::read(&message.map_err(|_| NONE)?).map_err(|_| NONE)?;
    if !hello.session_id.is_empty() {
        return Err("the encoded inner ClientHello has a legacy_session_id of its own");
    }
    hello.session_id = outer.session_id;
    let mut extensions = Vec::new();
    // The references are in the order of the outer hello: each of its extensions is looked at once.
    let mut outer = outer.extensions.unwrap_or_default().into_iter();
    let mut expanded = false;
    for (code, content) in hello.extensions.take().unwrap_or_default() {
        if code != ech_outer_extensions::EXTENSION.code {
            extensions.push((code, content));
            continue;
        }
        if std::mem::replace(&mut expanded, true) {
            return Err("ech_outer_extensions occurs twice");
        }
        let list =
            content.split_first().filter(|(len, list)| usize::from(**len) == list.len() && **len % 2 == 0);
        let (_, list) = list.ok_or("ech_outer_extensions is malformed")?;
        for wanted in lists::codes(list) {
            if wanted == encrypted_client_hello::EXTENSION.code {
                return Err("ech_outer_extensions refers to encrypted_client_hello");
            }
            let found = outer.find(|(code, _)| *code == wanted);
            extensions.push(found.ok_or("ech_outer_extensions refers to what the outer ClientHello lacks")?);
        }
    }
    let inner = extensions.iter().find(|(code, _)| *code == encrypted_client_hello::EXTENSION.code);
    if inner.is_none_or(|(_, content)| content[..] != [encrypted_client_hello::INNER]) {
        return Err("the inner ClientHello does not say that it is one");
    }
    hello.extensions = Some(extensions);
    hello.write().map_err(|_| "the inner ClientHello is too long")
}

/// Where the body of a ClientHello ends that has something behind it.
fn hello_end(body: &[u8]) -> Option<usize> {
    let mut at = 2 + 32;
    for width in [1, 2, 1, 2] {
        let length = body.get(at..at + width)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        at += width + length;
    }
    Some(at)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::wire::extension::{server_name, supported_groups};
    use crate::wire::handshake::HEADER;

    /// A list with one configuration: id 7, X25519, two suites.
    pub fn list(public_name: &[u8], extensions: &[u8]) -> Vec<u8> {
        let config = written(|w| {
            w.u16(VERSION);
            w.vector("contents", LengthPrefix::U16, |w| {
                w.u8(7);
                w.u16(0x0020);
                w.opaque("public_key", LengthPrefix::U16, &[9; 32]);
                w.codes("cipher_suites", LengthPrefix::U16, &[1, 1, 1, 3]);
                w.u8(0);
                w.opaque("public_name", LengthPrefix::U8, public_name);
                w.opaque("extensions", LengthPrefix::U16, extensions);
            });
        });
        write_list(&[&config.unwrap()]).unwrap()
    }

    #[test]
    fn a_list_is_read_and_its_faults_have_a_place() {
        let bytes = list(b"public.example", &[]);
        let [config] = read_list(&bytes).unwrap()[..] else { panic!() };
        assert_eq!(config.bytes, &bytes[2..]);
        let contents = config.contents.unwrap();
        assert_eq!((contents.config_id, contents.kem_id, contents.name()), (7, 32, Some("public.example")));
        assert!(contents.cipher_suites().eq([[1, 1], [1, 3]]));
        for end in 0..bytes.len() {
            let fault = read_list(&bytes[..end]).unwrap_err().to_string();
            assert!(fault.contains("at byte"), "{fault}");
        }
        let longer = read_list(&[&bytes[..], &[0]].concat()).unwrap_err();
        assert_eq!(longer.offset, bytes.len());
        assert!(read_list(&[0, 5, 0xfe, 0x0c, 0, 1, 9]).unwrap()[0].contents.is_none());
    }

    #[test]
    fn a_public_name_is_a_host_name() {
        for (name, usable) in [
            (&b"public.example"[..], true),
            (b"localhost", true),
            (b"", false),
            (b"a..b", false),
            (b"192.0.2.1", false),
            (b"a.0x1f", false),
            (b"-a.example", false),
            (b"a b.example", false),
            (b"caf\xc3\xa9.example", false),
        ] {
            let bytes = list(name, &[]);
            let contents = read_list(&bytes).unwrap()[0].contents.unwrap();
            assert_eq!(contents.name().is_some(), usable, "{}", name.escape_ascii());
        }
        let bytes = list(b"a.example", &[0x12, 0x34, 0, 0, 0x80, 1, 0, 0]);
        assert_eq!(read_list(&bytes).unwrap()[0].contents.unwrap().mandatory_extension(), Some(0x8001));
    }

    fn hello(extensions: Vec<(u16, Vec<u8>)>, session_id: Vec<u8>) -> Hello {
        Hello {
            legacy_version: 0x0303,
            random: [5; 32],
            session_id,
            cipher_suites: vec![0x1301],
            compression_methods: vec![0],
            extensions: Some(extensions),
        }
    }

    #[test]
    fn an_inner_hello_is_put_together() {
        let ech = encrypted_client_hello::EXTENSION.code;
        let groups = (supported_groups::EXTENSION.code, vec![0, 2, 0, 29]);
        let name = |name: &str| (server_name::EXTENSION.code, server_name::write(name).unwrap());
        let outer = hello(vec![name("public.example"), groups.clone(), (ech, vec![0, 9])], vec![3; 32]);
        let outer = outer.write().unwrap();
        let reference = |codes: &[u16]| {
            let list: Vec<u8> = codes.iter().flat_map(|code| code.to_be_bytes()).collect();
            let content = [vec![list.len() as u8], list].concat();
            (ech_outer_extensions::EXTENSION.code, content)
        };
        let encoded = |extensions: Vec<(u16, Vec<u8>)>| {
            let mut body = hello(extensions, vec![]).write().unwrap().split_off(HEADER);
            body.extend([0; 40]);
            body
        };
        let inner = |extensions| decode_inner(&encoded(extensions), &outer);
        let sealed = vec![name("secret.example"), (ech, vec![1]), reference(&[10])];
        let expected = hello(vec![name("secret.example"), (ech, vec![1]), groups], vec![3; 32]);
        assert_eq!(inner(sealed.clone()), Ok(expected.write().unwrap()));

        assert!(inner(vec![name("secret.example")]).unwrap_err().contains("does not say"));
        assert!(
            inner(vec![(ech, vec![1]), reference(&[10, 0])]).unwrap_err().contains("lacks"),
            "out of order"
        );
        assert!(inner(vec![(ech, vec![1]), reference(&[ech])]).unwrap_err().contains("refers to"));
        let twice = vec![(ech, vec![1]), reference(&[0]), reference(&[10])];
        assert!(inner(twice).is_err());
        let mut padded = encoded(sealed.clone());
        *padded.last_mut().unwrap() = 1;
        assert!(decode_inner(&padded, &outer).unwrap_err().contains("padding"));
        let whole = encoded(sealed);
        for end in 0..whole.len() - 40 {
            assert!(decode_inner(&whole[..end], &outer).is_err(), "{end}");
        }
    }
}
