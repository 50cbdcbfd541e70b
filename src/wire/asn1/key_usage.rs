//! keyUsage (RFC 5280, section 4.2.1.3).

use std::fmt;

/// What a key may be used for: the first bit, digitalSignature, is the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(pub u16);

impl KeyUsage {
    pub const DIGITAL_SIGNATURE: KeyUsage = KeyUsage(0x8000);
    pub const KEY_ENCIPHERMENT: KeyUsage = KeyUsage(0x2000);
    pub const KEY_AGREEMENT: KeyUsage = KeyUsage(0x0800);
    pub const KEY_CERT_SIGN: KeyUsage = KeyUsage(0x0400);
    pub const CRL_SIGN: KeyUsage = KeyUsage(0x0200);

    /// Whether the bits of `other` are set.
    pub fn has(self, other: KeyUsage) -> bool {
        self.0 & other.0 == other.0
    }
}

/// In the order of their bits.
const NAMES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

/// `digitalSignature, keyEncipherment`
impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = NAMES.iter().enumerate().filter(|(index, _)| self.0 & (0x8000 >> index) != 0);
        let Some((_, first)) = names.next() else { return f.write_str("none") };
        f.write_str(first)?;
        names.try_for_each(|(_, name)| write!(f, ", {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(KeyUsage(0xa000).to_string(), "digitalSignature, keyEncipherment");
        assert_eq!(KeyUsage(0x0080).to_string(), "decipherOnly");
        assert_eq!(KeyUsage(0).to_string(), "none");
        assert!(KeyUsage(0x0600).has(KeyUsage::CRL_SIGN) && !KeyUsage(0x0400).has(KeyUsage::CRL_SIGN));
    }
}
