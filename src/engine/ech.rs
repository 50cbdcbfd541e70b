//! Encrypted Client Hello (RFC 9849): which configuration is used, and what rustls encrypts with it.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustls::client::{EchConfig, EchGreaseConfig, EchMode};
use rustls::crypto::aws_lc_rs::hpke::{ALL_SUPPORTED_SUITES, DH_KEM_X25519_HKDF_SHA256_AES_128};
use rustls::crypto::hpke::{
    EncapsulatedSecret, Hpke, HpkeOpener, HpkePrivateKey, HpkePublicKey, HpkeSealer, HpkeSuite,
};
use rustls::pki_types::EchConfigListBytes;

use super::Error;
use crate::capture::{Ech, EchSource};
use crate::wire::codepoints::{HPKE_AEADS, HPKE_KDFS, HPKE_KEMS};
use crate::wire::ech::{self, Config};
use crate::wire::text::escape_bytes;

/// A random extension that hides nothing.
pub fn grease() -> Ech {
    Ech { source: EchSource::Grease, configs: Vec::new(), chosen: 0, inner: Vec::new() }
}

/// The first configuration of an `ECHConfigList` (with its length) that can be used.
///
/// # Errors
/// The list is malformed, or why each of its configurations can't be used.
pub fn choose(source: EchSource, configs: Vec<u8>) -> Result<Ech, Error> {
    let list =
        ech::read_list(&configs).map_err(|problem| Error(format!("malformed ECHConfigList: {problem}")))?;
    if list.is_empty() {
        return Err(Error("the ECHConfigList is empty".into()));
    }
    let mut faults = Vec::new();
    for (chosen, config) in list.iter().enumerate() {
        match fault(config) {
            None => return Ok(Ech { source, configs, chosen, inner: Vec::new() }),
            Some(why) => faults.push(format!("configuration {}: {why}", chosen + 1)),
        }
    }
    Err(Error(format!("the ECHConfigList has no usable configuration: {}", faults.join("; "))))
}

/// Why a configuration can't be used.
fn fault(config: &Config<'_>) -> Option<String> {
    let Some(contents) = config.contents else {
        return Some(format!("version {:#06x} is not that of RFC 9849 (0xfe0d)", config.version));
    };
    if contents.name().is_none() {
        return Some(format!(
            "its public_name \"{}\" is not a host name",
            escape_bytes(contents.public_name)
        ));
    }
    if let Some(code) = contents.mandatory_extension() {
        return Some(format!("it has the mandatory extension {code:#06x}, which is unknown"));
    }
    let Some(suite) = suite(config) else {
        let suites: Vec<String> = contents
            .cipher_suites()
            .map(|[kdf, aead]| format!("{} with {}", HPKE_KDFS.show(kdf), HPKE_AEADS.show(aead)))
            .collect();
        return Some(format!(
            "HPKE with {} and {} is not supported",
            HPKE_KEMS.show(contents.kem_id),
            match &suites[..] {
                [] => "no cipher suite".to_owned(),
                suites => suites.join(" or "),
            }
        ));
    };
    let key = HpkePublicKey(contents.public_key.to_vec());
    let unusable = suite.setup_sealer(&[], &key).is_err();
    unusable.then(|| format!("its public_key is not one of {}", HPKE_KEMS.show(contents.kem_id)))
}

/// The first of the configuration's cipher suites that is supported.
fn suite(config: &Config<'_>) -> Option<&'static Recording> {
    let contents = config.contents?;
    contents.cipher_suites().find_map(|wanted| {
        SUITES.iter().find(|Recording(hpke)| {
            let HpkeSuite { kem, sym } = hpke.suite();
            u16::from(kem) == contents.kem_id && [u16::from(sym.kdf_id), u16::from(sym.aead_id)] == wanted
        })
    })
}

/// As rustls is told.
pub(super) fn mode(ech: &Ech) -> Result<EchMode, Error> {
    let refused = |error: rustls::Error| Error(format!("rustls refuses this use of ECH: {error}"));
    let Some(config) = ech.config() else {
        let suite = DH_KEM_X25519_HKDF_SHA256_AES_128;
        let (key, _) = suite.generate_key_pair().map_err(refused)?;
        return Ok(EchMode::Grease(EchGreaseConfig::new(suite, key)));
    };
    // The one that was chosen, so that it is the one that the capture says.
    let list = ech::write_list(&[config.bytes]).map_err(|error| Error(error.to_string()))?;
    let suites: Vec<&'static dyn Hpke> = SUITES.iter().map(|suite| suite as &'static dyn Hpke).collect();
    EchConfig::new(EchConfigListBytes::from(list), &suites).map(EchMode::Enable).map_err(refused)
}

/// What one connection encrypted, in the order in which it did.
pub(super) type Tape = Arc<Mutex<Vec<Vec<u8>>>>;

/// What is on the tape.
pub(super) fn take(tape: &Tape) -> Vec<Vec<u8>> {
    std::mem::take(&mut *tape.lock().unwrap_or_else(PoisonError::into_inner))
}

thread_local! {
    /// Of the connection that is being made in this thread. rustls wants suites that are static, and sets up a sealer
    /// when it makes a connection: nothing else tells whose the sealer is.
    static TAPE: RefCell<Option<Tape>> = const { RefCell::new(None) };
}

/// Makes a connection whose inner hellos go to `tape`.
pub(super) fn recorded<T>(tape: &Tape, make: impl FnOnce() -> T) -> T {
    let before = TAPE.replace(Some(tape.clone()));
    let made = make();
    TAPE.set(before);
    made
}

/// rustls's suites, wrapped.
static SUITES: LazyLock<Vec<Recording>> =
    LazyLock::new(|| ALL_SUPPORTED_SUITES.iter().map(|suite| Recording(*suite)).collect());

/// An HPKE suite that notes what is encrypted with it.
#[derive(Debug)]
struct Recording(&'static dyn Hpke);

impl Hpke for Recording {
    fn seal(
        &self,
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
        pub_key: &HpkePublicKey,
    ) -> Result<(EncapsulatedSecret, Vec<u8>), rustls::Error> {
        self.0.seal(info, aad, plaintext, pub_key)
    }

    fn setup_sealer(
        &self,
        info: &[u8],
        pub_key: &HpkePublicKey,
    ) -> Result<(EncapsulatedSecret, Box<dyn HpkeSealer + 'static>), rustls::Error> {
        let (secret, sealer) = self.0.setup_sealer(info, pub_key)?;
        Ok((secret, Box::new(Sealer { sealer, tape: TAPE.with_borrow(Clone::clone) })))
    }

    fn open(
        &self,
        enc: &EncapsulatedSecret,
        info: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
        secret_key: &HpkePrivateKey,
    ) -> Result<Vec<u8>, rustls::Error> {
        self.0.open(enc, info, aad, ciphertext, secret_key)
    }

    fn setup_opener(
        &self,
        enc: &EncapsulatedSecret,
        info: &[u8],
        secret_key: &HpkePrivateKey,
    ) -> Result<Box<dyn HpkeOpener + 'static>, rustls::Error> {
        self.0.setup_opener(enc, info, secret_key)
    }

    fn generate_key_pair(&self) -> Result<(HpkePublicKey, HpkePrivateKey), rustls::Error> {
        self.0.generate_key_pair()
    }

    fn suite(&self) -> HpkeSuite {
        self.0.suite()
    }
}

/// Its `Debug` shows no plaintext.
struct Sealer {
    sealer: Box<dyn HpkeSealer>,
    tape: Option<Tape>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

impl HpkeSealer for Sealer {
    fn seal(&mut self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let sealed = self.sealer.seal(aad, plaintext)?;
        if let Some(tape) = &self.tape {
            tape.lock().unwrap_or_else(PoisonError::into_inner).push(plaintext.to_vec());
        }
        Ok(sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ech::tests::list;

    fn wrong(bytes: Vec<u8>) -> String {
        choose(EchSource::Given, bytes).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_with_a_list_is_said() {
        let good = list(b"public.example", &[]);
        let chosen = choose(EchSource::Given, good.clone()).unwrap();
        assert_eq!((chosen.chosen, chosen.public_name()), (0, Some("public.example")));
        assert!(
            matches!(mode(&chosen), Ok(EchMode::Enable(_)))
                && matches!(mode(&grease()), Ok(EchMode::Grease(_)))
        );
        assert!(wrong(good[..20].to_vec()).contains("at byte"), "{}", wrong(good[..20].to_vec()));
        assert!(wrong(vec![0, 0]).contains("empty"));
        assert!(wrong(list(b"192.0.2.1", &[])).contains("\"192.0.2.1\" is not a host name"));
        assert!(wrong(list(b"a.example", &[0x80, 1, 0, 0])).contains("0x8001"));
        assert!(wrong(vec![0, 4, 0xfe, 0x0a, 0, 0]).contains("version 0xfe0a"));
        let mut strange = good.clone();
        strange[2 + 4 + 2] = 0x7f; // kem_id
        assert!(wrong(strange).contains("is not supported"));
        // The first of two is none that can be used.
        let two = [&[0, 4, 0xfe, 0x0a, 0, 0][2..], &good[2..]].concat();
        let two = [&(two.len() as u16).to_be_bytes()[..], &two].concat();
        assert_eq!(choose(EchSource::Dns, two).unwrap().chosen, 1);
    }
}
