//! The structures of Encrypted Client Hello (RFC 9849, section 4).

use super::codepoints::{HPKE_AEADS, HPKE_KDFS, HPKE_KEMS};
use super::dissector::{Dissector, LengthPrefix, Read};

/// The only version there is: it is the extension's code.
const VERSION: u16 = 0xfe0d;

/// An `ECHConfigList` with its length, as a server sends it and as the DNS has it.
pub fn configs(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    d.vector(name, LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.group("ECHConfig", |d| {
                let version = d.u16("version")?;
                d.vector("contents", LengthPrefix::U16, |d| contents(d, version))?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

fn contents(d: &mut Dissector<'_>, version: u16) -> Read<()> {
    if version != VERSION {
        d.rest("contents");
        d.note(|| "of an unknown version".into());
        return Ok(());
    }
    d.group("key_config", |d| {
        d.u8("config_id")?;
        d.code("kem_id", &HPKE_KEMS)?;
        d.opaque("public_key", LengthPrefix::U16)?;
        d.vector("cipher_suites", LengthPrefix::U16, |d| {
            while !d.is_empty() {
                cipher_suite(d)?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    d.u8("maximum_name_length")?;
    d.opaque_text("public_name", LengthPrefix::U8)?;
    d.vector("extensions", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.group("ECHConfigExtension", |d| {
                d.u16("type")?;
                d.opaque("data", LengthPrefix::U16)?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

/// An `HpkeSymmetricCipherSuite`.
pub fn cipher_suite(d: &mut Dissector<'_>) -> Read<()> {
    d.group("cipher_suite", |d| {
        d.code("kdf_id", &HPKE_KDFS)?;
        d.code("aead_id", &HPKE_AEADS)?;
        Ok(())
    })
}
