//! Certificates, keys and CRLs from files: PEM or DER, one or many, a file, a folder or standard input; also PKCS#7,
//! PKCS#12 and Kubernetes Secrets. What is something else is named, with what to do.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use rustls_pki_types::PrivateKeyDer;

use super::content::{Foreign, Item, KeyForm, Kind, items};
use super::passphrase::Passphrase;
use super::{pem, pkcs12};
use crate::capture::Limits;
use crate::wire::asn1::{Certificate, pkcs7};
use crate::wire::text;

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
    TooLarge(u64),
    /// It is not what it should be, or broken.
    Foreign(Foreign),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = text::path(&self.path);
        match &self.why {
            Why::Unreadable(error) => write!(f, "{path}: {error}"),
            Why::TooLarge(limit) => write!(f, "{path}: larger than {limit} bytes"),
            Why::Foreign(foreign) => {
                write!(f, "{path}: {}", foreign.what)?;
                match foreign.remedy {
                    "" => Ok(()),
                    // A command that can be pasted.
                    remedy => {
                        let quoted = shlex::try_quote(&path).unwrap_or_else(|_| path.as_str().into());
                        write!(f, "; {}", remedy.replace("FILE", &quoted))
                    }
                }
            }
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

impl Error {
    fn new(path: &Path, foreign: Foreign) -> Error {
        Error { path: path.to_owned(), why: Why::Foreign(foreign) }
    }
}

/// A certificate chain and the key of its leaf.
pub struct Identity {
    /// DER, the leaf first.
    pub chain: Vec<Vec<u8>>,
    pub key: PrivateKeyDer<'static>,
}

/// The certificates of a file in their order, or of the files of a folder in the order of their names, as anchors; and
/// what had to be left out. `-` is standard input. Of a Kubernetes Secret the CA counts, if it has one.
pub fn certificates(path: &Path) -> Result<(Vec<Vec<u8>>, Vec<String>), Error> {
    if path.is_dir() {
        return folder(path);
    }
    let mut items = read_items(path)?;
    if items.iter().any(|item| item.entry.as_deref() == Some("ca.crt")) {
        items.retain(|item| item.entry.as_deref() == Some("ca.crt"));
    }
    Ok((of_items(items, None).map_err(|why| Error::new(path, why))?, Vec::new()))
}

/// The certificates of a file as a chain, the leaf first as far as the form of the file leaves that open.
pub fn chain(path: &Path, passphrase: Option<&Passphrase>) -> Result<Vec<Vec<u8>>, Error> {
    chain_of(path, read_items(path)?, passphrase)
}

fn chain_of(
    path: &Path,
    mut items: Vec<Item>,
    passphrase: Option<&Passphrase>,
) -> Result<Vec<Vec<u8>>, Error> {
    if items.iter().any(|item| item.entry.as_deref() == Some("tls.crt")) {
        items.retain(|item| item.entry.as_deref() == Some("tls.crt"));
    }
    of_items(items, passphrase).map_err(|why| Error::new(path, why))
}

/// What a client presents: the chain and the key, which may be in one file.
pub fn identity(cert: &Path, key: Option<&Path>, passphrase: Option<&Passphrase>) -> Result<Identity, Error> {
    let items = read_items(cert)?;
    let key = match key {
        Some(key) => private_key(key, passphrase)?,
        None => match key_of(&items, passphrase) {
            Ok(Some(key)) => key,
            Ok(None) => {
                let what = "there is no private key in it".to_owned();
                let remedy = "name the file with the key: --key KEYFILE";
                return Err(Error::new(cert, Foreign { what, remedy }));
            }
            Err(why) => return Err(Error::new(cert, why)),
        },
    };
    Ok(Identity { chain: chain_of(cert, items, passphrase)?, key })
}

/// The private key in a file.
pub fn private_key(path: &Path, passphrase: Option<&Passphrase>) -> Result<PrivateKeyDer<'static>, Error> {
    let items = read_items(path)?;
    let found = key_of(&items, passphrase).map_err(|why| Error::new(path, why))?;
    found.ok_or_else(|| Error::new(path, lacking("private key", &items, "")))
}

/// The first private key; None if there is none.
fn key_of(
    items: &[Item],
    passphrase: Option<&Passphrase>,
) -> Result<Option<PrivateKeyDer<'static>>, Foreign> {
    for item in items {
        let der = item.der.clone();
        return Ok(Some(match &item.kind {
            Kind::Key(KeyForm::Pkcs8) => PrivateKeyDer::Pkcs8(der.into()),
            Kind::Key(KeyForm::Pkcs1) => PrivateKeyDer::Pkcs1(der.into()),
            Kind::Key(KeyForm::Sec1) => PrivateKeyDer::Sec1(der.into()),
            Kind::EncryptedKey => PrivateKeyDer::Pkcs8(decrypted(&der, passphrase)?.into()),
            Kind::OldEncryptedKey => {
                let what = "its key is encrypted in OpenSSL's old way (RFC 1421), which can't be read here";
                let remedy = "convert it, it stays encrypted: openssl pkcs8 -topk8 -in FILE -out NEW.key";
                return Err(Foreign { what: what.to_owned(), remedy });
            }
            Kind::Pkcs12 => match pkcs12::open(&der, passphrase)?.key {
                Some(key) => PrivateKeyDer::Pkcs8(key.into()),
                None => continue,
            },
            Kind::Other(label) if label == "OPENSSH PRIVATE KEY" => {
                let what = "its key is in OpenSSH's own form".to_owned();
                let remedy = "convert a copy of it, in place: ssh-keygen -p -m PKCS8 -f COPY";
                return Err(Foreign { what, remedy });
            }
            _ => continue,
        }));
    }
    Ok(None)
}

/// PKCS#8 with encryption (RFC 5958, section 3).
fn decrypted(der: &[u8], passphrase: Option<&Passphrase>) -> Result<Vec<u8>, Foreign> {
    let Some(passphrase) = passphrase else {
        return Err(Foreign {
            what: "its key is encrypted".to_owned(),
            remedy: "say where the passphrase is: --passin env:NAME, file:PATH, fd:N or stdin",
        });
    };
    let read = pkcs8::EncryptedPrivateKeyInfoRef::try_from(der);
    if let Ok(key) = &read
        && let Some(what) = too_costly(&key.encryption_algorithm)
    {
        return Err(Foreign { what, remedy: "convert it: openssl pkcs8 -topk8 -in FILE -out NEW.key" });
    }
    match read.and_then(|key| key.decrypt(passphrase.reveal())) {
        Ok(key) => Ok(key.as_bytes().to_vec()),
        Err(
            error @ pkcs8::Error::EncryptedPrivateKey(
                pkcs8::pkcs5::Error::NoPbes1CryptSupport
                | pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. }
                | pkcs8::pkcs5::Error::AlgorithmParametersInvalid { .. },
            ),
        ) => Err(Foreign {
            what: format!("its key is encrypted in a way that can't be read here ({error})"),
            remedy: "convert it, it stays encrypted: openssl pkcs8 -topk8 -in FILE -out NEW.key",
        }),
        Err(pkcs8::Error::EncryptedPrivateKey(_)) => {
            Err(Foreign { what: "the passphrase of --passin does not open its key".to_owned(), remedy: "" })
        }
        // Decrypted to what is no key, or damaged before that.
        Err(_) => Err(Foreign {
            what: "the passphrase of --passin does not open its key, or the key is damaged".to_owned(),
            remedy: "",
        }),
    }
}

/// What a key's passphrase costs is the file's to say: more than an ordinary key's is not computed, since no limit on
/// time ends it.
fn too_costly(scheme: &pkcs8::pkcs5::EncryptionScheme) -> Option<String> {
    use pkcs8::pkcs5::EncryptionScheme::Pbes2;
    use pkcs8::pkcs5::pbes2::Kdf;
    /// Three times what is recommended for PBKDF2 with SHA-256.
    const ITERATIONS: u32 = 2_000_000;
    const MEMORY: u128 = 256 << 20;
    let Pbes2(parameters) = scheme else { return None };
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) if kdf.iteration_count > ITERATIONS => Some(format!(
            "its key is encrypted with {} iterations of PBKDF2; at most {ITERATIONS} are computed here",
            kdf.iteration_count
        )),
        Kdf::Scrypt(kdf) => {
            let (n, r) = (u128::from(kdf.cost_parameter), u128::from(kdf.block_size));
            let memory = n * r * 128;
            let work = memory * u128::from(kdf.parallelization);
            let sound = n > 1 && n.is_power_of_two() && r > 0 && work > 0;
            (!sound || work > 4 * MEMORY || memory > MEMORY).then(|| {
                format!("its key is encrypted with scrypt and parameters that are not computed here (N = {n}, r = {r})")
            })
        }
        _ => None,
    }
}

/// The CRLs of a file.
pub fn crls(path: &Path) -> Result<Vec<Vec<u8>>, Error> {
    let items = read_items(path)?;
    let found: Vec<Vec<u8>> =
        items.iter().filter(|item| item.kind == Kind::Crl).map(|item| item.der.clone()).collect();
    match found.is_empty() {
        true => Err(Error::new(path, lacking("CRL", &items, ""))),
        false => Ok(found),
    }
}

/// The CRL in what a distribution point gave: DER (RFC 5280, section 4.2.1.13), now and then PEM.
pub fn fetched_crl(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let found = items(bytes).and_then(|items| {
        let crl = items.iter().find(|item| item.kind == Kind::Crl);
        crl.map(|item| item.der.clone()).ok_or_else(|| lacking("CRL", &items, ""))
    });
    found.map_err(|why| format!("the answer is not a CRL: {}", why.what))
}

/// The certificates in what an AIA URL gave: DER, PEM, or PKCS #7 without signers (RFC 5280, section 4.2.2.1).
pub fn fetched(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    items(bytes).and_then(|items| of_items(items, None)).map_err(|why| why.what)
}

/// The certificates among these, those of PKCS#7 and PKCS#12 too.
fn of_items(items: Vec<Item>, passphrase: Option<&Passphrase>) -> Result<Vec<Vec<u8>>, Foreign> {
    let mut found = Vec::new();
    for item in &items {
        match item.kind {
            Kind::Certificate => found.push(item.der.clone()),
            Kind::Pkcs7 => {
                let inside = pkcs7::certificates(&item.der, Limits::DEFAULT.chain);
                let inside = inside.map_err(|problem| Foreign {
                    what: format!("its PKCS#7 can't be read: {problem}"),
                    remedy: "",
                })?;
                found.extend(leaf_first(inside.into_iter().map(<[u8]>::to_vec).collect()));
            }
            Kind::Pkcs12 => found.extend(pkcs12::open(&item.der, passphrase)?.certificates),
            _ => {}
        }
    }
    if found.is_empty() {
        let remedy = items.first().map_or("", |item| item.kind.remedy());
        return Err(lacking("certificate", &items, remedy));
    }
    Ok(found)
}

/// No such thing is among the items, only others.
fn lacking(what: &str, items: &[Item], remedy: &'static str) -> Foreign {
    /// More need not be named.
    const NAMED: usize = 3;
    let mut names: Vec<String> = Vec::new();
    for item in items {
        let name = item.kind.name();
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() > NAMED {
            break;
        }
    }
    let more = if names.len() > NAMED { ", and more" } else { "" };
    names.truncate(NAMED);
    Foreign { what: format!("no {what} in it, only {}{more}", names.join(", ")), remedy }
}

/// PKCS#7 holds a set, so the order means nothing: a certificate that issued none of the others goes first.
fn leaf_first(mut certificates: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let limits = Limits::DEFAULT.x509();
    let read: Vec<_> = certificates.iter().map(|der| Certificate::read(der, &limits).ok()).collect();
    let leaf = read.iter().position(|one| {
        one.as_ref().is_some_and(|one| {
            read.iter().flatten().all(|other| other.self_issued() || other.issuer.raw != one.subject.raw)
                && !one.self_issued()
        })
    });
    if let Some(at) = leaf {
        certificates.get_mut(..=at).unwrap_or_default().rotate_right(1);
    }
    certificates
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
        match certificates(&file) {
            Ok((certificates, _)) => all.extend(certificates),
            Err(error) => remarks.push(error.to_string()),
        }
    }
    if all.is_empty() {
        let what = "no certificate in the files of this folder".to_owned();
        return Err(Error::new(path, Foreign { what, remedy: "" }));
    }
    Ok((all, remarks))
}

fn read_items(path: &Path) -> Result<Vec<Item>, Error> {
    items(&read(path)?).map_err(|why| Error::new(path, why))
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

/// What a file is that should have been a saved trace; None if that is not known.
pub fn recognised(bytes: &[u8]) -> Option<String> {
    // What is wrong with JSON the reader of saved traces says better.
    if matches!(pem::text(bytes).trim_ascii_start().first(), Some(b'{' | b'[')) {
        return None;
    }
    match items(bytes) {
        Ok(items) => Some(format!("it is {}", items.first()?.kind.name())),
        Err(foreign) => foreign.what.starts_with("it is a").then_some(foreign.what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::asn1::der::{self, SEQUENCE};

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        use std::error::Error as _;
        let limit = Limits::DEFAULT.trust_file_bytes;
        let file = tempfile::NamedTempFile::new().unwrap();
        for (len, fits) in [(0, true), (limit, true), (limit + 1, false)] {
            file.as_file().set_len(len).unwrap();
            match read(file.path()) {
                Ok(bytes) => assert!(fits && bytes.len() as u64 == len, "{len}"),
                Err(error) => assert!(!fits && error.to_string().contains("larger than"), "{error}"),
            }
        }
        let error = read(Path::new("/no/such/file")).unwrap_err();
        assert!(error.source().is_some() && error.to_string().starts_with("/no/such/file: "), "{error}");
    }

    /// The file says how much its passphrase costs; nobody waits for hours, and no memory is asked for without end.
    #[test]
    fn a_key_that_costs_too_much_is_not_opened() {
        let seq = |parts: &[Vec<u8>]| der::element(SEQUENCE, &parts.concat());
        let oid = |bytes: &[u8]| der::element(der::OID, bytes);
        let int = |n: u64| {
            let digits = n.to_be_bytes();
            let zeros = digits.iter().take_while(|byte| **byte == 0).count().min(digits.len() - 1);
            let trimmed = &digits[zeros..];
            let sign = if trimmed[0] > 0x7f { vec![0] } else { vec![] };
            der::element(der::INTEGER, &[sign, trimmed.to_vec()].concat())
        };
        let octets = |bytes: &[u8]| der::element(der::OCTET_STRING, bytes);
        let pbkdf2 = |iterations: u64| {
            seq(&[
                oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 5, 12]),
                seq(&[octets(b"saltsalt"), int(iterations)]),
            ])
        };
        let scrypt = |n: u64, r: u64, p: u64| {
            seq(&[
                oid(&[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11]),
                seq(&[octets(b"salt"), int(n), int(r), int(p)]),
            ])
        };
        let key = |kdf: Vec<u8>| {
            let aes = seq(&[oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a]), octets(&[7; 16])]);
            let scheme = seq(&[oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 5, 13]), seq(&[kdf, aes])]);
            seq(&[scheme, octets(&[9; 128])])
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passphrase");
        std::fs::write(&file, "x").unwrap();
        let passphrase = super::super::passphrase::Passin::File(file).read().unwrap();
        let why = |kdf| decrypted(&key(kdf), Some(&passphrase)).unwrap_err().what;
        for kdf in [
            pbkdf2(2_000_001),
            pbkdf2(1 << 31),
            scrypt(1 << 30, 8, 1),
            scrypt(1 << 20, 8, 1),
            scrypt(1 << 14, 8, 1 << 15),
            scrypt(0, 8, 1),
            scrypt(3, 8, 1),
        ] {
            let why = why(kdf);
            assert!(why.contains("computed here") || why.contains("damaged"), "{why}");
        }
        // Ordinary ones are tried.
        assert!(why(pbkdf2(2048)).contains("does not open"), "{}", why(pbkdf2(2048)));
        assert!(why(scrypt(1 << 10, 8, 1)).contains("does not open"));
    }

    #[test]
    fn what_an_aia_url_gives() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(["a.test".to_owned()]).unwrap();
        let certificate = certificate.self_signed(&key).unwrap().der().to_vec();
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
        for (name, text, why) in [
            ("empty", "\n", "the file is empty"),
            ("text", "hello", "it is neither PEM nor DER"),
            (
                "key",
                "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
                "no certificate in it, only a private key; the certificate is in another file; a key is given with --key",
            ),
        ] {
            let path = write(name, text);
            let said = certificates(&path).unwrap_err().to_string();
            assert_eq!(said, format!("{}: {why}", path.display()));
        }
        let said = certificates(folder.path()).unwrap_err().to_string();
        assert!(said.contains("files of this folder"), "{said}");
    }
}
