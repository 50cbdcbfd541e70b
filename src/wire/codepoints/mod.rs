//! The IANA registries, as data.

pub mod alert;
pub mod alpn;
pub mod certificate;
pub mod cipher_suite;
mod cipher_suites;
mod code;
pub mod compression;
pub mod content_type;
pub mod ec;
pub mod group;
pub mod hpke;
pub mod oid;
pub mod other;
pub mod psk;
pub mod signature;
pub mod version;

use std::borrow::Cow;
use std::fmt;

pub use super::extension::EXTENSION_TYPES;
pub use super::handshake::HANDSHAKE_TYPES;
pub use alert::{ALERT_LEVELS, ALERTS, AlertDescription, AlertLevel};
pub use certificate::{CERTIFICATE_STATUS_TYPES, CERTIFICATE_TYPES, CLIENT_CERTIFICATE_TYPES};
pub use cipher_suite::{CIPHER_SUITES, CipherSuite};
pub use compression::{CERTIFICATE_COMPRESSION, COMPRESSION_METHODS};
pub use content_type::CONTENT_TYPES;
pub use ec::{EC_CURVE_TYPES, EC_POINT_FORMATS};
pub use group::{NamedGroup, SUPPORTED_GROUPS};
pub use hpke::{HPKE_AEADS, HPKE_KDFS, HPKE_KEMS};
pub use other::{
    CACHED_INFO_TYPES, CHANGE_CIPHER_SPEC, CRL_REASONS, CT_VERSIONS, ECH_TYPES, HEARTBEAT_MESSAGES,
    HEARTBEAT_MODES, KEY_UPDATE_REQUESTS, MAX_FRAGMENT_LENGTHS, NAME_TYPES, OCSP_RESPONSE_STATUSES,
    QUIC_PARAMETERS, SRTP_PROFILES, SUPPLEMENTAL_DATA_TYPES, TOKEN_BINDING_KEYS, TRUSTED_CA_TYPES,
    USER_MAPPING_TYPES,
};
pub use psk::PSK_KEY_EXCHANGE_MODES;
pub use signature::{HASH_ALGORITHMS, SIGNATURE_ALGORITHMS, SIGNATURE_SCHEMES, SignatureScheme};
pub use version::{ProtocolVersion, VERSIONS};

/// A registry: names for numbers.
pub struct Registry {
    /// As IANA calls it.
    pub name: &'static str,
    /// Width of its numbers in bytes: 1 or 2.
    pub width: u8,
    /// The entry with this number.
    pub find: fn(u16) -> Option<Entry>,
    /// All entries, in the order of their numbers.
    pub all: fn() -> Vec<Entry>,
    /// Whether RFC 8701 reserves values in it.
    pub grease: bool,
}

/// One row of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub code: u16,
    /// IANA's spelling.
    pub name: &'static str,
    /// e.g. `RFC 8446`
    pub reference: &'static str,
    /// IANA's "recommended" column.
    pub recommended: Recommended,
    /// What it is, in a sentence or two; may be empty.
    pub about: &'static str,
}

/// IANA's "recommended" column (RFC 9847).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recommended {
    Yes,
    No,
    Discouraged,
    /// The registry has no such column.
    Unstated,
}

/// All registries, for look-ups by number or name.
pub static REGISTRIES: &[&Registry] = &[
    &CONTENT_TYPES,
    &HANDSHAKE_TYPES,
    &VERSIONS,
    &ALERT_LEVELS,
    &ALERTS,
    &CIPHER_SUITES,
    &COMPRESSION_METHODS,
    &EXTENSION_TYPES,
    &SUPPORTED_GROUPS,
    &SIGNATURE_SCHEMES,
    &HASH_ALGORITHMS,
    &SIGNATURE_ALGORITHMS,
    &EC_CURVE_TYPES,
    &EC_POINT_FORMATS,
    &CERTIFICATE_TYPES,
    &CLIENT_CERTIFICATE_TYPES,
    &CERTIFICATE_STATUS_TYPES,
    &CERTIFICATE_COMPRESSION,
    &PSK_KEY_EXCHANGE_MODES,
    &KEY_UPDATE_REQUESTS,
    &NAME_TYPES,
    &MAX_FRAGMENT_LENGTHS,
    &TRUSTED_CA_TYPES,
    &SRTP_PROFILES,
    &HEARTBEAT_MODES,
    &HEARTBEAT_MESSAGES,
    &CACHED_INFO_TYPES,
    &TOKEN_BINDING_KEYS,
    &SUPPLEMENTAL_DATA_TYPES,
    &USER_MAPPING_TYPES,
    &CT_VERSIONS,
    &ECH_TYPES,
    &HPKE_KEMS,
    &HPKE_KDFS,
    &HPKE_AEADS,
    &CHANGE_CIPHER_SPEC,
    &OCSP_RESPONSE_STATUSES,
    &CRL_REASONS,
    &QUIC_PARAMETERS,
];

/// The row with this code in a table that is sorted by code.
fn find_in(rows: &[Entry], code: u16) -> Option<Entry> {
    rows.binary_search_by_key(&code, |row| row.code).ok().and_then(|at| rows.get(at)).copied()
}

/// A row without a text of its own.
const fn row(code: u16, name: &'static str, reference: &'static str, recommended: Recommended) -> Entry {
    Entry { code, name, reference, recommended, about: "" }
}

/// A row with what it is.
const fn told(
    code: u16,
    name: &'static str,
    reference: &'static str,
    recommended: Recommended,
    about: &'static str,
) -> Entry {
    Entry { code, name, reference, recommended, about }
}

/// A registry over a static table of [`Entry`] that is sorted by code.
macro_rules! registry {
    ($name:literal, $width:literal, $rows:ident) => {
        registry!($name, $width, $rows, false)
    };
    ($name:literal, $width:literal, $rows:ident, $grease:literal) => {
        $crate::wire::codepoints::Registry {
            name: $name,
            width: $width,
            find: |code| $crate::wire::codepoints::find_in($rows, code),
            all: || $rows.to_vec(),
            grease: $grease,
        }
    };
}
use code::code_point;
use registry;

impl Registry {
    /// The name of `code`, if it has one.
    pub fn name_of(&self, code: u16) -> Option<&'static str> {
        if self.grease && is_grease(code, self.width) {
            return Some("GREASE");
        }
        (self.find)(code).map(|entry| entry.name)
    }

    /// The name of `code`, else its number in hexadecimal.
    pub fn show(&self, code: u16) -> Cow<'static, str> {
        match self.name_of(code) {
            Some(name) => Cow::Borrowed(name),
            None if self.width == 1 => Cow::Owned(format!("0x{code:02x}")),
            None => Cow::Owned(format!("0x{code:04x}")),
        }
    }
}

impl PartialEq for Registry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// RFC 8701: both bytes equal and ending in `a`; for one-byte registries 0x0b + 0x1f·n.
pub fn is_grease(code: u16, width: u8) -> bool {
    let [high, low] = code.to_be_bytes();
    if width == 1 {
        high == 0 && low >= 0x0b && (low - 0x0b) % 0x1f == 0
    } else {
        high == low && low & 0x0f == 0x0a
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registry_is_sorted_and_has_a_name_of_its_own() {
        for (at, registry) in REGISTRIES.iter().enumerate() {
            let all = (registry.all)();
            assert!(all.windows(2).all(|pair| pair[0].code < pair[1].code), "{registry:?}");
            assert!(all.iter().all(|entry| registry.name_of(entry.code) == Some(entry.name)), "{registry:?}");
            assert!(REGISTRIES[..at].iter().all(|other| other != registry), "{registry:?}");
        }
    }

    #[test]
    fn grease_has_two_equal_bytes() {
        assert!(is_grease(0x1a1a, 2) && !is_grease(0x0a1a, 2) && !is_grease(0x0b0b, 2));
        assert!(is_grease(0x0b, 1) && is_grease(0xe4, 1) && !is_grease(0x0a, 1));
    }
}
