//! Certificates and CRLs from files: PEM or DER, one or many, a file, a folder or standard input.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::capture::Limits;
use crate::wire::asn1::der::{self, SEQUENCE, Tlv};
use crate::wire::asn1::pkcs7;

/// A file that is of no use: which, and why.
#[derive(Debug)]
pub struct Error {
    pub path: PathBuf,
    pub why: Why,
}

/// Why a file is of no use.
#[derive(Debug)]
pub enum Why {
    Unreadable(std::io::Error),
    Empty,
    TooLarge(u64),
    /// It has other things, by their PEM labels, but no certificate.
    Other(Vec<String>),
    NoCertificate,
    BrokenPem(String),
    /// It is not of the form that it should be.
    Form(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = crate::wire::text::path(&self.path);
        match &self.why {
            Why::Unreadable(error) => write!(f, "{path}: {error}"),
            Why::Empty => write!(f, "{path}: the file is empty"),
            Why::TooLarge(limit) => write!(f, "{path}: larger than {limit} bytes"),
            Why::Other(labels) => write!(f, "{path}: no certificate in it, only {}", labels.join(", ")),
            Why::NoCertificate => write!(f, "{path}: no certificate in it (neither PEM nor DER)"),
            Why::BrokenPem(what) | Why::Form(what) => write!(f, "{path}: {what}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.why {
            Why::Unreadable(error) => Some(error),
            _ => None,
        }
    }
}

/// One PEM block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `CERTIFICATE`, …
    pub label: String,
    pub der: Vec<u8>,
}

/// The certificates of a file in their order, or of the files of a folder in the order of their names;
/// and what had to be left out. `-` is standard input.
pub fn certificates(path: &Path) -> Result<(Vec<Vec<u8>>, Vec<String>), Error> {
    if path.is_dir() {
        return folder(path);
    }
    Ok((blocks(path, &["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"])?, Vec::new()))
}

/// The CRLs of a file.
pub fn crls(path: &Path) -> Result<Vec<Vec<u8>>, Error> {
    blocks(path, &["X509 CRL"])
}

/// The CRL in what a distribution point gave: DER (RFC 5280, section 4.2.1.13), now and then PEM.
pub fn fetched_crl(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let blocks = pem(bytes).unwrap_or_default();
    match blocks.into_iter().find(|block| block.label == "X509 CRL") {
        Some(block) => Ok(block.der),
        None if bytes.first() == Some(&SEQUENCE) => Ok(bytes.to_vec()),
        None => Err("what came is no CRL".to_owned()),
    }
}

/// The certificates in what an AIA URL gave: DER, PEM, or PKCS #7 without signers (RFC 5280, section 4.2.2.1).
pub fn fetched(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let blocks = pem(bytes).unwrap_or_default();
    if !blocks.is_empty() {
        return Ok(blocks
            .into_iter()
            .filter(|block| block.label == "CERTIFICATE")
            .map(|block| block.der)
            .collect());
    }
    // A certificate starts with a SEQUENCE, ContentInfo with an object identifier.
    match der::content(bytes, SEQUENCE) {
        None => Err("neither a certificate nor PKCS #7".to_owned()),
        Some([der::OID, ..]) => {
            let read =
                pkcs7::certificates(bytes, Limits::DEFAULT.chain).map_err(|problem| problem.to_string())?;
            Ok(read.into_iter().map(<[u8]>::to_vec).collect())
        }
        Some(_) => Ok(vec![bytes.to_vec()]),
    }
}

/// What a file has under these labels; a DER file counts as one of them.
pub fn blocks(path: &Path, labels: &[&str]) -> Result<Vec<Vec<u8>>, Error> {
    let fail = |why| Error { path: path.to_owned(), why };
    let bytes = read(path)?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(fail(Why::Empty));
    }
    let blocks = pem(&bytes).map_err(|what| fail(Why::BrokenPem(what)))?;
    if blocks.is_empty() {
        return match split_der(&bytes) {
            Some(ders) => Ok(ders),
            None => Err(fail(Why::NoCertificate)),
        };
    }
    let (wanted, others): (Vec<Block>, Vec<Block>) =
        blocks.into_iter().partition(|block| labels.contains(&block.label.as_str()));
    if wanted.is_empty() {
        let mut labels: Vec<String> = others.into_iter().map(|block| block.label).collect();
        labels.dedup();
        return Err(fail(Why::Other(labels)));
    }
    Ok(wanted.into_iter().map(certificate_of).collect())
}

/// OpenSSL's TRUSTED CERTIFICATE has its own data behind the certificate.
fn certificate_of(block: Block) -> Vec<u8> {
    if block.label == "TRUSTED CERTIFICATE"
        && let Ok(tlv) = Tlv::first(&block.der, 0)
    {
        return tlv.raw.to_vec();
    }
    block.der
}

fn folder(path: &Path) -> Result<(Vec<Vec<u8>>, Vec<String>), Error> {
    let fail = |error| Error { path: path.to_owned(), why: Why::Unreadable(error) };
    let mut files: Vec<PathBuf> = std::fs::read_dir(path)
        .map_err(fail)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    let (mut all, mut remarks) = (Vec::new(), Vec::new());
    for file in files {
        // Other things may lie in the folder.
        match blocks(&file, &["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"]) {
            Ok(certificates) => all.extend(certificates),
            Err(error) => remarks.push(error.to_string()),
        }
    }
    if all.is_empty() {
        return Err(Error { path: path.to_owned(), why: Why::NoCertificate });
    }
    Ok((all, remarks))
}

/// The bytes of a file that is not too large. `-` is standard input.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let fail = |why| Error { path: path.to_owned(), why };
    let limit = Limits::DEFAULT.trust_file_bytes;
    let mut bytes = Vec::new();
    let result = if path == Path::new("-") {
        std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
    };
    result.map_err(|error| fail(Why::Unreadable(error)))?;
    if bytes.len() as u64 > limit {
        return Err(fail(Why::TooLarge(limit)));
    }
    Ok(bytes)
}

/// One or several DER elements that fill the file.
fn split_der(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let elements: Result<Vec<_>, _> = der::elements(bytes).collect();
    let elements =
        elements.ok().filter(|found| !found.is_empty() && found.iter().all(|it| it.tag == SEQUENCE))?;
    Some(elements.iter().map(|element| element.raw.to_vec()).collect())
}

/// The PEM blocks of a text (RFC 7468); text around them is passed over.
pub fn pem(bytes: &[u8]) -> Result<Vec<Block>, String> {
    // Base64 at the end of a block is often written without its padding.
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, CONFIG);
    let mut out = Vec::new();
    let mut open: Option<(String, usize, Vec<u8>, bool)> = None;
    for (number, line) in bytes
        .split(|byte| *byte == b'\n' || *byte == b'\r')
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim_ascii()))
    {
        if let Some(label) = marker(line, "-----BEGIN ") {
            if let Some((label, from, ..)) = &open {
                return Err(format!("broken PEM: the block {label} of line {from} has no end"));
            }
            open = Some((label, number, Vec::new(), false));
        } else if let Some(end) = marker(line, "-----END ") {
            let Some((label, from, text, encrypted)) = open.take() else {
                return Err(format!("broken PEM: line {number} ends a block that never began"));
            };
            if label != end {
                return Err(format!("broken PEM: the block {label} of line {from} ends as {end}"));
            }
            if encrypted {
                out.push(Block { label: format!("{label} (encrypted)"), der: Vec::new() });
                continue;
            }
            let der = engine
                .decode(&text)
                .map_err(|error| format!("broken PEM: the block {label} of line {from}: {error}"))?;
            out.push(Block { label, der });
        } else if let Some((_, _, text, encrypted)) = &mut open {
            // Headers of RFC 1421 stand in old encrypted keys.
            if line.contains(&b':') {
                *encrypted |= line.starts_with(b"Proc-Type:") || line.starts_with(b"DEK-Info:");
                continue;
            }
            text.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
        }
    }
    match open {
        Some((label, from, ..)) => Err(format!("broken PEM: the block {label} of line {from} has no end")),
        None => Ok(out),
    }
}

fn marker(line: &[u8], begin: &str) -> Option<String> {
    let label = line.strip_prefix(begin.as_bytes())?.strip_suffix(b"-----")?;
    Some(String::from_utf8_lossy(label).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_among_text() {
        let text = "subject=x\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\r\n\r\n-----BEGIN EC PARAMETERS-----\nBgg\n-----END EC PARAMETERS-----\n";
        let blocks = pem(text.as_bytes()).unwrap();
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0], Block { label: "CERTIFICATE".to_owned(), der: vec![0x30, 0] });
    }

    #[test]
    fn broken_blocks_say_where() {
        for (text, part) in [
            ("-----BEGIN CERTIFICATE-----\nMAA=\n", "line 1 has no end"),
            ("\n-----END CERTIFICATE-----\n", "line 2 ends"),
            ("-----BEGIN A-----\n-----END B-----", "ends as B"),
            ("-----BEGIN A-----\n!!\n-----END A-----", "line 1"),
        ] {
            let error = pem(text.as_bytes()).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn what_an_aia_url_gives() {
        let certificate = der::element(SEQUENCE, &[0x30, 0]);
        assert_eq!(fetched(&certificate).unwrap(), std::slice::from_ref(&certificate));
        let list = der::element(der::constructed(0), &[certificate.clone(), certificate.clone()].concat());
        let data = [vec![2, 1, 1], vec![der::SET, 0], vec![SEQUENCE, 0], list].concat();
        let content = der::element(der::constructed(0), &der::element(SEQUENCE, &data));
        let id = der::element(der::OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2]);
        let pkcs7 = der::element(SEQUENCE, &[id, content].concat());
        assert_eq!(fetched(&pkcs7).unwrap().len(), 2);
        assert!(fetched(b"<html>").is_err());
    }

    #[test]
    fn files_of_no_use() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let error = certificates(&folder.path().join("none.pem")).unwrap_err();
        assert!(matches!(error.why, Why::Unreadable(_)) && error.to_string().contains("none.pem"));
        assert!(matches!(certificates(&write("empty", "\n")).unwrap_err().why, Why::Empty));
        assert!(matches!(certificates(&write("text", "hello")).unwrap_err().why, Why::NoCertificate));
        let key = write("key", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n");
        assert_eq!(
            certificates(&key).unwrap_err().to_string(),
            format!("{}: no certificate in it, only PRIVATE KEY", key.display())
        );
        assert!(matches!(certificates(folder.path()).unwrap_err().why, Why::NoCertificate));
    }
}
