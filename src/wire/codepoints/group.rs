//! Groups of the key exchange (RFC 8446, section 4.2.7; IANA "TLS Supported Groups").

use super::Recommended::{Discouraged, No, Unstated, Yes};
use super::{Entry, Recommended, Registry, code_point};

code_point! {
    /// A group of the key exchange.
    NamedGroup(u16) of SUPPORTED_GROUPS {
        secp256r1 = 23,
        secp384r1 = 24,
        secp521r1 = 25,
        x25519 = 29,
        x448 = 30,
        ffdhe2048 = 256,
        X25519MLKEM768 = 4588,
    }
}

impl NamedGroup {
    /// What is known about it, if it has a name.
    pub fn info(self) -> Option<&'static Group> {
        find(self.0)
    }
}

/// A group, and what a key share in it consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    pub code: u16,
    /// IANA's spelling.
    pub name: &'static str,
    pub kind: Kind,
    pub reference: &'static str,
    pub recommended: Recommended,
    /// What the client's share consists of; empty if the length is not fixed here.
    pub client: &'static [Part],
    /// What the server's share consists of.
    pub server: &'static [Part],
}

/// What a group rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    EllipticCurve,
    FiniteField,
    /// A key encapsulation mechanism alone.
    Kem,
    /// A key encapsulation mechanism beside an elliptic curve: safe as long as one of the two is.
    Hybrid,
    /// A placeholder.
    Other,
}

/// A part of a key share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub name: &'static str,
    pub len: usize,
}

/// The group with this code.
pub fn find(code: u16) -> Option<&'static Group> {
    ROWS.binary_search_by_key(&code, |group| group.code).ok().and_then(|at| ROWS.get(at))
}

/// All groups, sorted by code.
pub fn all() -> &'static [Group] {
    ROWS
}

/// Groups of the key exchange.
pub static SUPPORTED_GROUPS: Registry = Registry {
    name: "TLS Supported Groups",
    width: 2,
    find: |code| find(code).map(Group::entry),
    all: || ROWS.iter().map(Group::entry).collect(),
    grease: true,
};

impl Group {
    /// Whether TLS 1.3 has it: it left the older curves out (RFC 8446, section 4.2.7).
    pub fn is_of_tls13(&self) -> bool {
        self.kind != Kind::EllipticCurve || !self.client.is_empty() || (34..=40).contains(&self.code)
    }

    /// Whether it resists a quantum computer.
    pub fn is_post_quantum(&self) -> bool {
        matches!(self.kind, Kind::Kem | Kind::Hybrid)
    }

    fn entry(&self) -> Entry {
        let about = match self.kind {
            Kind::EllipticCurve => "Elliptic-curve Diffie-Hellman.",
            Kind::FiniteField => "Finite-field Diffie-Hellman, modulo a fixed prime.",
            Kind::Kem => "A post-quantum key encapsulation mechanism (KEM).",
            Kind::Hybrid => {
                "A hybrid of an elliptic curve and a post-quantum key encapsulation mechanism: what is \
                 recorded today stays secret as long as one of the two is unbroken."
            }
            Kind::Other => "",
        };
        Entry {
            code: self.code,
            name: self.name,
            reference: self.reference,
            recommended: self.recommended,
            about,
        }
    }
}

const fn part(name: &'static str, len: usize) -> Part {
    Part { name, len }
}

/// An elliptic curve whose share is one point (or u-coordinate) of `parts`.
const fn curve(
    code: u16,
    name: &'static str,
    reference: &'static str,
    recommended: Recommended,
    parts: &'static [Part],
) -> Group {
    Group { code, name, kind: Kind::EllipticCurve, reference, recommended, client: parts, server: parts }
}

const fn field(code: u16, name: &'static str, parts: &'static [Part]) -> Group {
    Group {
        code,
        name,
        kind: Kind::FiniteField,
        reference: "RFC 7919",
        recommended: No,
        client: parts,
        server: parts,
    }
}

const fn kem(
    code: u16,
    name: &'static str,
    kind: Kind,
    (reference, recommended): (&'static str, Recommended),
    client: &'static [Part],
    server: &'static [Part],
) -> Group {
    Group { code, name, kind, reference, recommended, client, server }
}

/// An uncompressed point: 0x04, x, y.
macro_rules! point {
    ($len:literal) => {
        &[Part { name: "point", len: $len }]
    };
}

const X25519: Part = part("x25519", 32);
const P256: Part = part("secp256r1", 65);
const P384: Part = part("secp384r1", 97);
const EK512: Part = part("ML-KEM-512 encapsulation key", 800);
const CT512: Part = part("ML-KEM-512 ciphertext", 768);
const EK768: Part = part("ML-KEM-768 encapsulation key", 1184);
const CT768: Part = part("ML-KEM-768 ciphertext", 1088);
const EK1024: Part = part("ML-KEM-1024 encapsulation key", 1568);
const CT1024: Part = part("ML-KEM-1024 ciphertext", 1568);
const KYBER512_PK: Part = part("Kyber512 public key", 800);
const KYBER512_CT: Part = part("Kyber512 ciphertext", 768);
const KYBER_PK: Part = part("Kyber768 public key", 1184);
const KYBER_CT: Part = part("Kyber768 ciphertext", 1088);

/// Sorted by code.
#[rustfmt::skip] // A table.
static ROWS: &[Group] = &[
    curve(1, "sect163k1", "RFC 8422", Discouraged, &[]),
    curve(2, "sect163r1", "RFC 8422", Discouraged, &[]),
    curve(3, "sect163r2", "RFC 8422", Discouraged, &[]),
    curve(4, "sect193r1", "RFC 8422", Discouraged, &[]),
    curve(5, "sect193r2", "RFC 8422", Discouraged, &[]),
    curve(6, "sect233k1", "RFC 8422", Discouraged, &[]),
    curve(7, "sect233r1", "RFC 8422", Discouraged, &[]),
    curve(8, "sect239k1", "RFC 8422", Discouraged, &[]),
    curve(9, "sect283k1", "RFC 8422", Discouraged, &[]),
    curve(10, "sect283r1", "RFC 8422", Discouraged, &[]),
    curve(11, "sect409k1", "RFC 8422", Discouraged, &[]),
    curve(12, "sect409r1", "RFC 8422", Discouraged, &[]),
    curve(13, "sect571k1", "RFC 8422", Discouraged, &[]),
    curve(14, "sect571r1", "RFC 8422", Discouraged, &[]),
    curve(15, "secp160k1", "RFC 8422", Discouraged, &[]),
    curve(16, "secp160r1", "RFC 8422", Discouraged, &[]),
    curve(17, "secp160r2", "RFC 8422", Discouraged, &[]),
    curve(18, "secp192k1", "RFC 8422", Discouraged, &[]),
    curve(19, "secp192r1", "RFC 8422", Discouraged, &[]),
    curve(20, "secp224k1", "RFC 8422", Discouraged, &[]),
    curve(21, "secp224r1", "RFC 8422", Discouraged, &[]),
    curve(22, "secp256k1", "RFC 8422", Discouraged, &[]),
    curve(23, "secp256r1", "RFC 8422", Yes, point!(65)),
    curve(24, "secp384r1", "RFC 8422", Yes, point!(97)),
    curve(25, "secp521r1", "RFC 8422", No, point!(133)),
    curve(26, "brainpoolP256r1", "RFC 7027", Discouraged, &[]),
    curve(27, "brainpoolP384r1", "RFC 7027", Discouraged, &[]),
    curve(28, "brainpoolP512r1", "RFC 7027", Discouraged, &[]),
    curve(29, "x25519", "RFC 8446, RFC 8422", Yes, &[part("u-coordinate", 32)]),
    curve(30, "x448", "RFC 8446, RFC 8422", Yes, &[part("u-coordinate", 56)]),
    curve(31, "brainpoolP256r1tls13", "RFC 8734", No, point!(65)),
    curve(32, "brainpoolP384r1tls13", "RFC 8734", No, point!(97)),
    curve(33, "brainpoolP512r1tls13", "RFC 8734", No, point!(129)),
    curve(34, "GC256A", "RFC 9189", No, &[]),
    curve(35, "GC256B", "RFC 9189", No, &[]),
    curve(36, "GC256C", "RFC 9189", No, &[]),
    curve(37, "GC256D", "RFC 9189", No, &[]),
    curve(38, "GC512A", "RFC 9189", No, &[]),
    curve(39, "GC512B", "RFC 9189", No, &[]),
    curve(40, "GC512C", "RFC 9189", No, &[]),
    curve(41, "curveSM2", "RFC 8998", No, point!(65)),
    field(256, "ffdhe2048", &[part("Y", 256)]),
    field(257, "ffdhe3072", &[part("Y", 384)]),
    field(258, "ffdhe4096", &[part("Y", 512)]),
    field(259, "ffdhe6144", &[part("Y", 768)]),
    field(260, "ffdhe8192", &[part("Y", 1024)]),
    kem(512, "MLKEM512", Kind::Kem, ("draft-ietf-tls-mlkem", No), &[EK512], &[CT512]),
    kem(513, "MLKEM768", Kind::Kem, ("draft-ietf-tls-mlkem", No), &[EK768], &[CT768]),
    kem(514, "MLKEM1024", Kind::Kem, ("draft-ietf-tls-mlkem", No), &[EK1024], &[CT1024]),
    kem(4587, "SecP256r1MLKEM768", Kind::Hybrid, ("RFC 10024", No), &[P256, EK768], &[P256, CT768]),
    kem(4588, "X25519MLKEM768", Kind::Hybrid, ("RFC 10024", Yes), &[EK768, X25519], &[CT768, X25519]),
    kem(4589, "SecP384r1MLKEM1024", Kind::Hybrid, ("RFC 10024", No), &[P384, EK1024], &[P384, CT1024]),
    kem(4590, "curveSM2MLKEM768", Kind::Hybrid, ("draft-yang-tls-hybrid-sm2-mlkem", No), &[part("curveSM2", 65), EK768], &[part("curveSM2", 65), CT768]),
    kem(0x2f39, "x25519_kyber512", Kind::Hybrid, ("Open Quantum Safe", Unstated), &[], &[]),
    kem(0x2f3a, "p256_kyber512", Kind::Hybrid, ("Open Quantum Safe", Unstated), &[], &[]),
    kem(16696, "CECPQ2", Kind::Hybrid, ("BoringSSL", Unstated), &[X25519, part("HRSS public key", 1138)], &[X25519, part("HRSS ciphertext", 1138)]),
    kem(25497, "X25519Kyber768Draft00", Kind::Hybrid, ("draft-tls-westerbaan-xyber768d00", No), &[X25519, KYBER_PK], &[X25519, KYBER_CT]),
    kem(25498, "SecP256r1Kyber768Draft00", Kind::Hybrid, ("draft-kwiatkowski-tls-ecdhe-kyber", No), &[P256, KYBER_PK], &[P256, KYBER_CT]),
    kem(0xfe30, "X25519Kyber512Draft00", Kind::Hybrid, ("Cloudflare", Unstated), &[X25519, KYBER512_PK], &[X25519, KYBER512_CT]),
    kem(0xfe31, "X25519Kyber768Draft00Old", Kind::Hybrid, ("Cloudflare", Unstated), &[X25519, KYBER_PK], &[X25519, KYBER_CT]),
    kem(0xfe32, "P256Kyber768Draft00", Kind::Hybrid, ("Cloudflare", Unstated), &[P256, KYBER_PK], &[P256, KYBER_CT]),
    kem(65281, "arbitrary_explicit_prime_curves", Kind::Other, ("RFC 8422", Discouraged), &[], &[]),
    kem(65282, "arbitrary_explicit_char2_curves", Kind::Other, ("RFC 8422", Discouraged), &[], &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hybrids_say_what_their_shares_consist_of() {
        let group = find(0x11ec).unwrap();
        assert_eq!(group.name, "X25519MLKEM768");
        assert_eq!(group.client.iter().map(|part| part.len).sum::<usize>(), 1216);
        assert_eq!(group.server.iter().map(|part| part.len).sum::<usize>(), 1120);
        assert_eq!(SUPPORTED_GROUPS.name_of(0x6399), Some("X25519Kyber768Draft00"));
    }
}
