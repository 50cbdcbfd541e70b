//! What a file holds: certificates, keys, lists, stores, or something else that people give by mistake. Each is read or
//! named, with what to do; nothing is taken for a certificate that is none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::kubernetes;
use super::pem::{self, Block};
use crate::wire::asn1::der::{self, SEQUENCE, Tlv};

/// One thing in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    /// Empty where nothing can be done with it.
    pub der: Vec<u8>,
    /// The entry of a Kubernetes Secret that it comes from.
    pub entry: Option<String>,
}

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Certificate,
    Crl,
    Request,
    /// PKCS#8, PKCS#1 or SEC1, not encrypted.
    Key(KeyForm),
    /// PKCS#8 with encryption.
    EncryptedKey,
    /// Encrypted by the headers of RFC 1421.
    OldEncryptedKey,
    PublicKey,
    Pkcs7,
    Pkcs12,
    /// A PEM block with another label.
    Other(String),
}

/// How a private key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    Pkcs8,
    Pkcs1,
    Sec1,
}

/// Why nothing in a file can be used: it is something else, or broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// A sentence: `it is a Java KeyStore (JKS)`, or what is broken.
    pub what: String,
    /// What to do, with `FILE` for its path; empty where nothing is known.
    pub remedy: &'static str,
}

impl Foreign {
    fn new(what: impl Into<String>, remedy: &'static str) -> Foreign {
        Foreign { what: what.into(), remedy }
    }
}

impl Kind {
    /// In a sentence.
    pub fn name(&self) -> String {
        match self {
            Kind::Certificate => "a certificate".to_owned(),
            Kind::Crl => "a certificate revocation list (CRL)".to_owned(),
            Kind::Request => "a certificate signing request (CSR)".to_owned(),
            Kind::Key(_) => "a private key".to_owned(),
            Kind::EncryptedKey | Kind::OldEncryptedKey => "an encrypted private key".to_owned(),
            Kind::PublicKey => "a public key".to_owned(),
            Kind::Pkcs7 => "a PKCS#7 file".to_owned(),
            Kind::Pkcs12 => "a PKCS#12 file".to_owned(),
            Kind::Other(label) => format!("a PEM block {label}"),
        }
    }

    /// What to do with it where a certificate is wanted.
    pub fn remedy(&self) -> &'static str {
        match self {
            Kind::Crl => "a CRL is given with --crl",
            Kind::Request => "the CA makes the certificate from it",
            Kind::Key(_) | Kind::EncryptedKey | Kind::OldEncryptedKey => {
                "the certificate is in another file; a key is given with --key"
            }
            _ => "",
        }
    }
}

/// The things in a file, in their order.
pub fn items(bytes: &[u8]) -> Result<Vec<Item>, Foreign> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Foreign::new("the file is empty", ""));
    }
    let text = pem::text(bytes);
    if let Some(secret) = kubernetes::secret(&text) {
        return of_secret(secret?);
    }
    let blocks = pem::blocks(&text).map_err(|what| Foreign::new(what, ""))?;
    if !blocks.is_empty() {
        return blocks.into_iter().map(of_block).collect();
    }
    match of_der(bytes) {
        Some(items) => Ok(items),
        None => Err(foreign(&text)),
    }
}

/// The things in a Secret, each entry like a file.
fn of_secret(entries: Vec<kubernetes::Entry>) -> Result<Vec<Item>, Foreign> {
    let mut all = Vec::new();
    for (entry, content) in entries {
        let items = items(&content)
            .map_err(|why| Foreign::new(format!("its entry {entry}: {}", why.what), why.remedy))?;
        all.extend(items.into_iter().map(|item| Item { entry: Some(entry.clone()), ..item }));
    }
    Ok(all)
}

/// What a PEM block holds. One that says that it is a certificate and is none is an error: it must not be skipped.
fn of_block(block: Block) -> Result<Item, Foreign> {
    let Block { label, line, mut der, encrypted } = block;
    let kind = match label.as_str() {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
            let found = kind(&der);
            if label == "TRUSTED CERTIFICATE"
                && let Ok(first) = Tlv::first(&der, 0)
            {
                // OpenSSL's own data stand behind the certificate.
                let len = first.raw.len();
                der.truncate(len);
            }
            match found {
                Some(found @ (Kind::Certificate | Kind::Pkcs7)) => found,
                Some(other) => {
                    let what = format!("the block {label} of line {line} holds {}", other.name());
                    return Err(Foreign::new(what, other.remedy()));
                }
                None => {
                    return Err(Foreign::new(
                        format!("the block {label} of line {line} holds no certificate"),
                        "",
                    ));
                }
            }
        }
        "X509 CRL" => Kind::Crl,
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Kind::Request,
        "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS" => Kind::Pkcs7,
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Kind::PublicKey,
        "ENCRYPTED PRIVATE KEY" => Kind::EncryptedKey,
        _ if encrypted => Kind::OldEncryptedKey,
        "PRIVATE KEY" => Kind::Key(KeyForm::Pkcs8),
        "RSA PRIVATE KEY" => Kind::Key(KeyForm::Pkcs1),
        "EC PRIVATE KEY" => Kind::Key(KeyForm::Sec1),
        _ => Kind::Other(label),
    };
    Ok(Item { kind, der, entry: None })
}

/// One or several DER elements that fill the file; blank space at its end is a text editor's.
fn of_der(bytes: &[u8]) -> Option<Vec<Item>> {
    let mut out = Vec::new();
    for element in der::elements(bytes) {
        match element {
            Ok(tlv) if tlv.tag == SEQUENCE => {
                out.push(Item { kind: kind(tlv.raw)?, der: tlv.raw.to_vec(), entry: None });
            }
            // A line break is no element, or a short one of an odd type.
            _ => {
                let read: usize = out.iter().map(|item| item.der.len()).sum();
                let behind = bytes.get(read..).unwrap_or_default();
                return (!out.is_empty() && behind.iter().all(u8::is_ascii_whitespace)).then_some(out);
            }
        }
    }
    (!out.is_empty()).then_some(out)
}

/// What a DER element is, by its outline. A certificate may be malformed inside.
fn kind(element: &[u8]) -> Option<Kind> {
    // Something may stand behind it.
    let whole = Tlv::first(element, 0).ok().filter(|tlv| tlv.tag == SEQUENCE)?;
    let mut inside = der::elements(whole.value).map_while(Result::ok);
    let (first, second, third) = (inside.next()?, inside.next(), inside.next());
    match (first.tag, second.map(|tlv| tlv.tag), third.map(|tlv| tlv.tag)) {
        (der::OID, Some(_), _) => Some(Kind::Pkcs7),
        (der::INTEGER, Some(SEQUENCE), _) if first.value == [3] => Some(Kind::Pkcs12),
        (der::INTEGER, Some(SEQUENCE), Some(der::OCTET_STRING)) => Some(Kind::Key(KeyForm::Pkcs8)),
        (der::INTEGER, Some(der::OCTET_STRING), _) => Some(Kind::Key(KeyForm::Sec1)),
        (der::INTEGER, Some(der::INTEGER), Some(der::INTEGER)) => Some(Kind::Key(KeyForm::Pkcs1)),
        (der::INTEGER, Some(der::INTEGER), None) => Some(Kind::PublicKey),
        (SEQUENCE, Some(der::BIT_STRING), None) => Some(Kind::PublicKey),
        (SEQUENCE, Some(der::OCTET_STRING), None) => Some(Kind::EncryptedKey),
        (SEQUENCE, _, _) => Some(signed(&first)),
        _ => None,
    }
}

/// Certificate, CRL or request: all three are signed, and differ in what is.
fn signed(content: &Tlv<'_>) -> Kind {
    let mut inside = der::elements(content.value).map_while(Result::ok);
    let mut part = || inside.next();
    let is_algorithm = |tlv: &Tlv<'_>| tlv.tag == SEQUENCE && tlv.value.first() == Some(&der::OID);
    let is_time = |tlv: &Tlv<'_>| matches!(tlv.tag, der::UTC_TIME | der::GENERALIZED_TIME);
    let parts = [part(), part(), part(), part()];
    match &parts {
        // version, subject, subjectPKInfo, attributes
        [Some(version), Some(subject), Some(key), _]
            if version.tag == der::INTEGER && !is_algorithm(subject) && key.tag == SEQUENCE =>
        {
            Kind::Request
        }
        // version if it is there, signature, issuer, thisUpdate
        [Some(version), Some(algorithm), Some(_), Some(time)]
            if version.tag == der::INTEGER && is_algorithm(algorithm) && is_time(time) =>
        {
            Kind::Crl
        }
        [Some(algorithm), Some(_), Some(time), _] if is_algorithm(algorithm) && is_time(time) => Kind::Crl,
        _ => Kind::Certificate,
    }
}

/// What a file is that has none of it.
fn foreign(bytes: &[u8]) -> Foreign {
    const TO_PKCS12: &str =
        "convert it: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12";
    const DECODE: &str = "decode it: base64 -d FILE > NEW";
    match bytes {
        [0xfe, 0xed, 0xfe, 0xed, ..] => return Foreign::new("it is a Java KeyStore (JKS)", TO_PKCS12),
        [0xce, 0xce, 0xce, 0xce, ..] => return Foreign::new("it is a Java KeyStore (JCEKS)", TO_PKCS12),
        [0xd4, 0xc3, 0xb2, 0xa1, ..]
        | [0xa1, 0xb2, 0xc3, 0xd4, ..]
        | [0x4d, 0x3c, 0xb2, 0xa1, ..]
        | [0xa1, 0xb2, 0x3c, 0x4d, ..]
        | [0x0a, 0x0d, 0x0d, 0x0a, ..] => return Foreign::new("it is a packet capture", ""),
        [0x1f, 0x8b, ..] => return Foreign::new("it is a gzip file", "unpack it: gzip -dc FILE > NEW"),
        [b'P', b'K', 3, 4, ..] => return Foreign::new("it is a ZIP file", "unpack it"),
        _ => {}
    }
    let start = bytes.trim_ascii_start();
    let lower = start.get(..start.len().min(32)).unwrap_or_default().to_ascii_lowercase();
    if matches!(start.first(), Some(b'{' | b'[')) {
        return json(start);
    }
    if lower.starts_with(b"<!doctype") || lower.starts_with(b"<html") {
        return Foreign::new("it is an HTML page", "");
    }
    if [&b"ssh-"[..], b"ecdsa-sha2-"].iter().any(|lead| start.starts_with(lead)) {
        return Foreign::new("it is an SSH public key", "");
    }
    if is_key_log(start) {
        return Foreign::new("it is a key log (session secrets)", "");
    }
    if start.windows(17).take(4096).any(|part| part == b"BEGIN CERTIFICATE") {
        return Foreign::new(
            "it is PEM whose dashes were changed",
            "a block begins with -----BEGIN CERTIFICATE-----, five hyphens on each side",
        );
    }
    let packed: Vec<u8> = start.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if let Ok(decoded) = STANDARD.decode(&packed) {
        if decoded.starts_with(b"-----BEGIN ") {
            return Foreign::new("it is PEM in base64, as a Kubernetes Secret has it", DECODE);
        }
        if of_der(&decoded).is_some() {
            return Foreign::new(
                "it is base64 without the lines -----BEGIN …----- and -----END …-----",
                DECODE,
            );
        }
    }
    if bytes.first() == Some(&SEQUENCE) {
        return Foreign::new(
            "it is neither PEM nor whole DER: it begins like DER, and is cut off or damaged",
            "",
        );
    }
    Foreign::new("it is neither PEM nor DER", "")
}

/// JSON, by the names in it.
fn json(text: &[u8]) -> Foreign {
    let has = |name: &str| {
        let start = text.get(..text.len().min(4096)).unwrap_or_default();
        start.windows(name.len()).any(|part| part == name.as_bytes())
    };
    if has("\"tls-trace-saved/") {
        Foreign::new("it is a saved trace", "tls-trace read FILE shows it")
    } else if has("\"tls-trace/") {
        Foreign::new("it is a report of tls-trace (--format json)", "")
    } else if has("\"operators\"") {
        Foreign::new("it is a list of CT logs", "it is given with --ct-logs")
    } else {
        Foreign::new("it is JSON, but not a Kubernetes Secret with tls.crt", "")
    }
}

/// Lines of a label, the client's random and a secret.
fn is_key_log(text: &[u8]) -> bool {
    let mut lines =
        text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    lines.next().is_some_and(|line| {
        let words: Vec<&[u8]> = line.trim_ascii_end().split(|byte| *byte == b' ').collect();
        let hex = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_hexdigit);
        matches!(words[..], [label, random, secret] if hex(random) && hex(secret)
            && label.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::asn1::der::element;

    /// A SEQUENCE of these parts.
    fn sequence(parts: &[&[u8]]) -> Vec<u8> {
        element(SEQUENCE, &parts.concat())
    }

    /// Each by the outline that its RFC gives; of what is inside nothing else is read.
    #[test]
    fn der_is_known_by_its_outline() {
        let integer = |value: &[u8]| element(der::INTEGER, value);
        let (zero, octets) = (integer(&[0]), element(der::OCTET_STRING, b"secret"));
        let algorithm = sequence(&[&element(der::OID, &[0x2a, 3])]);
        let name = sequence(&[&element(der::SET, b"")]);
        let time = element(der::UTC_TIME, b"261121000000Z");
        let bits = element(der::BIT_STRING, &[0, 1]);
        let signed = |content: &[&[u8]]| sequence(&[&sequence(content), &algorithm, &bits]);
        let validity = sequence(&[&time, &time]);
        let version = element(der::constructed(0), &integer(&[2]));
        let rows = [
            (sequence(&[&element(der::OID, &[0x2a, 3]), &element(der::constructed(0), &zero)]), Kind::Pkcs7),
            (sequence(&[&integer(&[3]), &sequence(&[]), &sequence(&[])]), Kind::Pkcs12),
            // PrivateKeyInfo, ECPrivateKey, RSAPrivateKey
            (sequence(&[&zero, &algorithm, &octets]), Kind::Key(KeyForm::Pkcs8)),
            (sequence(&[&integer(&[1]), &octets]), Kind::Key(KeyForm::Sec1)),
            (sequence(&[&zero, &integer(&[5]), &integer(&[3])]), Kind::Key(KeyForm::Pkcs1)),
            // RSAPublicKey, SubjectPublicKeyInfo
            (sequence(&[&integer(&[5]), &integer(&[3])]), Kind::PublicKey),
            (sequence(&[&algorithm, &bits]), Kind::PublicKey),
            (sequence(&[&algorithm, &octets]), Kind::EncryptedKey),
            (signed(&[&version, &zero, &algorithm, &name, &validity]), Kind::Certificate),
            // Version 1 has no such field.
            (signed(&[&zero, &algorithm, &name, &validity]), Kind::Certificate),
            (signed(&[&zero, &name, &algorithm, &element(der::constructed(0), b"")]), Kind::Request),
            (signed(&[&integer(&[1]), &algorithm, &name, &time]), Kind::Crl),
            (signed(&[&algorithm, &name, &time]), Kind::Crl),
        ];
        for (place, (der, expected)) in rows.into_iter().enumerate() {
            assert_eq!(kind(&der), Some(expected), "row {place}");
        }
        assert!(kind(b"text").is_none() && kind(&[]).is_none() && kind(&sequence(&[])).is_none());
    }

    #[test]
    fn several_elements_and_blank_space_behind_them() {
        let key = sequence(&[&element(der::INTEGER, &[1]), &element(der::OCTET_STRING, b"secret")]);
        let count = |bytes: &[u8]| of_der(bytes).map(|items| items.len());
        assert_eq!(count(&key), Some(1));
        assert_eq!(count(&[key.clone(), key.clone()].concat()), Some(2));
        assert_eq!(count(&[&key[..], b"\r\n"].concat()), Some(1));
        assert_eq!(count(&[&key[..], b"\r\nx"].concat()), None);
        assert_eq!(count(b"\n"), None);
    }

    #[test]
    fn files_of_other_kinds_are_named() {
        for (bytes, word) in [
            (&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2][..], "JKS"),
            (&[0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2], "JCEKS"),
            (&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0], "capture"),
            (&[0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28], "capture"),
            (&[0x1f, 0x8b, 8, 0], "gzip"),
            (b"PK\x03\x04", "ZIP"),
            (b"  <!DOCTYPE html>", "HTML"),
            (b"<HTML>", "HTML"),
            (b"ssh-ed25519 AAAA", "SSH"),
            (b"{\"a\": 1}", "JSON"),
            (b"CLIENT_RANDOM 0123 4567\n", "key log"),
            (b"# a comment\n\nCLIENT_RANDOM 0123 4567\r\n", "key log"),
            (b"SERVER_TRAFFIC_SECRET_0 ab cd", "key log"),
            (b"client random 0123", "neither"),
            (b"CLIENT_RANDOM 0123", "neither"),
            (b"CLIENT_RANDOM xyz 0123", "neither"),
            (b"CLIENT_RANDOM 0123 xyz", "neither"),
            (b"Client 0123 4567", "neither"),
            (&[0x30, 0x82, 1, 0, 2], "cut off"),
        ] {
            let what = foreign(bytes).what;
            assert!(what.contains(word), "{what}, not {word}");
        }
    }
}
