//! Signature schemes (RFC 8446, section 4.2.3), and the hash and signature numbers of TLS 1.2 (RFC 5246, section 7.4.1.4.1).

use super::Recommended::{Discouraged, No, Unstated, Yes};
use super::{Entry, Registry, registry, row};

/// Signature schemes. TLS 1.2 reads the two bytes as a hash and a signature; pairs that TLS 1.3 has no name for are
/// named here after the same pattern.
pub static SIGNATURE_SCHEMES: Registry = registry!("TLS SignatureScheme", 2, SCHEMES, true);

/// The first byte in TLS 1.2.
pub static HASH_ALGORITHMS: Registry = registry!("TLS HashAlgorithm", 1, HASHES);

/// The second byte in TLS 1.2.
pub static SIGNATURE_ALGORITHMS: Registry = registry!("TLS SignatureAlgorithm", 1, SIGNATURES);

/// The hash and the signature that TLS 1.2 reads the two bytes of a scheme as; `None` if it knows no such pair.
pub fn pair(scheme: u16) -> Option<(&'static str, &'static str)> {
    let [hash, signature] = scheme.to_be_bytes();
    Some((HASH_ALGORITHMS.name_of(hash.into())?, SIGNATURE_ALGORITHMS.name_of(signature.into())?))
}

const PAIR: &str = "RFC 5246, section 7.4.1.4.1";

#[rustfmt::skip] // A table.
static SCHEMES: &[Entry] = &[
    row(0x0101, "rsa_pkcs1_md5", PAIR, Discouraged),
    row(0x0102, "dsa_md5", PAIR, Discouraged),
    row(0x0103, "ecdsa_md5", PAIR, Discouraged),
    row(0x0201, "rsa_pkcs1_sha1", "RFC 8446, RFC 9155", Discouraged),
    row(0x0202, "dsa_sha1", PAIR, Discouraged),
    row(0x0203, "ecdsa_sha1", "RFC 8446, RFC 9155", Discouraged),
    row(0x0301, "rsa_pkcs1_sha224", PAIR, Unstated),
    row(0x0302, "dsa_sha224", PAIR, Unstated),
    row(0x0303, "ecdsa_sha224", PAIR, Unstated),
    row(0x0401, "rsa_pkcs1_sha256", "RFC 8446", Yes),
    row(0x0402, "dsa_sha256", PAIR, Unstated),
    row(0x0403, "ecdsa_secp256r1_sha256", "RFC 8446", Yes),
    row(0x0420, "rsa_pkcs1_sha256_legacy", "draft-ietf-tls-tls13-pkcs1", No),
    row(0x0501, "rsa_pkcs1_sha384", "RFC 8446", Yes),
    row(0x0502, "dsa_sha384", PAIR, Unstated),
    row(0x0503, "ecdsa_secp384r1_sha384", "RFC 8446", Yes),
    row(0x0520, "rsa_pkcs1_sha384_legacy", "draft-ietf-tls-tls13-pkcs1", No),
    row(0x0601, "rsa_pkcs1_sha512", "RFC 8446", Yes),
    row(0x0602, "dsa_sha512", PAIR, Unstated),
    row(0x0603, "ecdsa_secp521r1_sha512", "RFC 8446", Yes),
    row(0x0620, "rsa_pkcs1_sha512_legacy", "draft-ietf-tls-tls13-pkcs1", No),
    row(0x0704, "eccsi_sha256", "draft-wang-tls-raw-public-key-with-ibc", No),
    row(0x0705, "iso_ibs1", "draft-wang-tls-raw-public-key-with-ibc", No),
    row(0x0706, "iso_ibs2", "draft-wang-tls-raw-public-key-with-ibc", No),
    row(0x0707, "iso_chinese_ibs", "draft-wang-tls-raw-public-key-with-ibc", No),
    row(0x0708, "sm2sig_sm3", "RFC 8998", No),
    row(0x0709, "gostr34102012_256a", "RFC 9367", No),
    row(0x070a, "gostr34102012_256b", "RFC 9367", No),
    row(0x070b, "gostr34102012_256c", "RFC 9367", No),
    row(0x070c, "gostr34102012_256d", "RFC 9367", No),
    row(0x070d, "gostr34102012_512a", "RFC 9367", No),
    row(0x070e, "gostr34102012_512b", "RFC 9367", No),
    row(0x070f, "gostr34102012_512c", "RFC 9367", No),
    row(0x0804, "rsa_pss_rsae_sha256", "RFC 8446", Yes),
    row(0x0805, "rsa_pss_rsae_sha384", "RFC 8446", Yes),
    row(0x0806, "rsa_pss_rsae_sha512", "RFC 8446", Yes),
    row(0x0807, "ed25519", "RFC 8446", Yes),
    row(0x0808, "ed448", "RFC 8446", Yes),
    row(0x0809, "rsa_pss_pss_sha256", "RFC 8446", Yes),
    row(0x080a, "rsa_pss_pss_sha384", "RFC 8446", Yes),
    row(0x080b, "rsa_pss_pss_sha512", "RFC 8446", Yes),
    row(0x081a, "ecdsa_brainpoolP256r1tls13_sha256", "RFC 8734", No),
    row(0x081b, "ecdsa_brainpoolP384r1tls13_sha384", "RFC 8734", No),
    row(0x081c, "ecdsa_brainpoolP512r1tls13_sha512", "RFC 8734", No),
    row(0x0840, "gostr34102012_256", "RFC 9189", No),
    row(0x0841, "gostr34102012_512", "RFC 9189", No),
    row(0x0904, "mldsa44", "draft-ietf-tls-mldsa", No),
    row(0x0905, "mldsa65", "draft-ietf-tls-mldsa", No),
    row(0x0906, "mldsa87", "draft-ietf-tls-mldsa", No),
    row(0x0911, "slhdsa_sha2_128s", "draft-reddy-tls-slhdsa", No),
    row(0x0912, "slhdsa_sha2_128f", "draft-reddy-tls-slhdsa", No),
    row(0x0913, "slhdsa_sha2_192s", "draft-reddy-tls-slhdsa", No),
    row(0x0914, "slhdsa_sha2_192f", "draft-reddy-tls-slhdsa", No),
    row(0x0915, "slhdsa_sha2_256s", "draft-reddy-tls-slhdsa", No),
    row(0x0916, "slhdsa_sha2_256f", "draft-reddy-tls-slhdsa", No),
    row(0x0917, "slhdsa_shake_128s", "draft-reddy-tls-slhdsa", No),
    row(0x0918, "slhdsa_shake_128f", "draft-reddy-tls-slhdsa", No),
    row(0x0919, "slhdsa_shake_192s", "draft-reddy-tls-slhdsa", No),
    row(0x091a, "slhdsa_shake_192f", "draft-reddy-tls-slhdsa", No),
    row(0x091b, "slhdsa_shake_256s", "draft-reddy-tls-slhdsa", No),
    row(0x091c, "slhdsa_shake_256f", "draft-reddy-tls-slhdsa", No),
];

#[rustfmt::skip] // A table.
static HASHES: &[Entry] = &[
    row(0, "none", "RFC 5246", Yes),
    row(1, "md5", "RFC 5246", Discouraged),
    row(2, "sha1", "RFC 5246", Discouraged),
    row(3, "sha224", "RFC 5246", Discouraged),
    row(4, "sha256", "RFC 5246", Yes),
    row(5, "sha384", "RFC 5246", Yes),
    row(6, "sha512", "RFC 5246", Yes),
    row(8, "Intrinsic", "RFC 8422", Yes),
];

#[rustfmt::skip] // A table.
static SIGNATURES: &[Entry] = &[
    row(0, "anonymous", "RFC 5246", No),
    row(1, "rsa", "RFC 5246", Yes),
    row(2, "dsa", "RFC 5246", No),
    row(3, "ecdsa", "RFC 8422", Yes),
    row(7, "ed25519", "RFC 8422", Yes),
    row(8, "ed448", "RFC 8422", Yes),
    row(64, "gostr34102012_256", "RFC 9189", No),
    row(65, "gostr34102012_512", "RFC 9189", No),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls12_reads_a_scheme_as_a_pair() {
        assert_eq!(pair(0x0401), Some(("sha256", "rsa")));
        assert_eq!(pair(0x0807), Some(("Intrinsic", "ed25519")));
        assert_eq!(pair(0x0804), None);
        assert_eq!(SIGNATURE_SCHEMES.name_of(0x0402), Some("dsa_sha256"));
    }
}
