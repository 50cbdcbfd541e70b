//! Signature schemes (RFC 8446, section 4.2.3), and the hash and signature numbers of TLS 1.2 (RFC 5246, section 7.4.1.4.1).

use super::Recommended::{Discouraged, No, Unstated, Yes};
use super::{Entry, Registry, code_point, registry, row, told};

code_point! {
    /// A signature scheme.
    SignatureScheme(u16) of SIGNATURE_SCHEMES {
        rsa_pkcs1_md5 = 0x0101,
        dsa_md5 = 0x0102,
        ecdsa_md5 = 0x0103,
        rsa_pkcs1_sha1 = 0x0201,
        dsa_sha1 = 0x0202,
        ecdsa_sha1 = 0x0203,
        rsa_pkcs1_sha224 = 0x0301,
        dsa_sha224 = 0x0302,
        ecdsa_sha224 = 0x0303,
        rsa_pkcs1_sha256 = 0x0401,
        dsa_sha256 = 0x0402,
        ecdsa_secp256r1_sha256 = 0x0403,
        rsa_pkcs1_sha256_legacy = 0x0420,
        rsa_pkcs1_sha384 = 0x0501,
        dsa_sha384 = 0x0502,
        ecdsa_secp384r1_sha384 = 0x0503,
        rsa_pkcs1_sha384_legacy = 0x0520,
        rsa_pkcs1_sha512 = 0x0601,
        dsa_sha512 = 0x0602,
        ecdsa_secp521r1_sha512 = 0x0603,
        rsa_pkcs1_sha512_legacy = 0x0620,
        sm2sig_sm3 = 0x0708,
        rsa_pss_rsae_sha256 = 0x0804,
        rsa_pss_rsae_sha384 = 0x0805,
        rsa_pss_rsae_sha512 = 0x0806,
        ed25519 = 0x0807,
        ed448 = 0x0808,
        rsa_pss_pss_sha256 = 0x0809,
        rsa_pss_pss_sha384 = 0x080a,
        rsa_pss_pss_sha512 = 0x080b,
        ecdsa_brainpoolP256r1tls13_sha256 = 0x081a,
        ecdsa_brainpoolP384r1tls13_sha384 = 0x081b,
        ecdsa_brainpoolP512r1tls13_sha512 = 0x081c,
        mldsa44 = 0x0904,
        mldsa65 = 0x0905,
        mldsa87 = 0x0906,
    }
}

/// Signature schemes. TLS 1.2 reads the two bytes as a hash and a signature; pairs that TLS 1.3 has no name for are
/// named here after the same pattern.
pub static SIGNATURE_SCHEMES: Registry = registry!("TLS SignatureScheme", 2, SCHEMES, true);

/// The first byte in TLS 1.2.
pub static HASH_ALGORITHMS: Registry = registry!("TLS HashAlgorithm", 1, HASHES);

/// The second byte in TLS 1.2.
pub static SIGNATURE_ALGORITHMS: Registry = registry!("TLS SignatureAlgorithm", 1, SIGNATURES);

/// The hash and the signature that TLS 1.2 reads the two bytes of a scheme as; `None` if it knows no such pair.
pub fn pair(scheme: SignatureScheme) -> Option<(&'static str, &'static str)> {
    let [hash, signature] = scheme.0.to_be_bytes();
    Some((HASH_ALGORITHMS.name_of(hash.into())?, SIGNATURE_ALGORITHMS.name_of(signature.into())?))
}

const MD5: &str = "A signature over an MD5 hash: collisions can be found in seconds, so it proves nothing.";
const SHA1: &str = "A signature over a SHA-1 hash, for which collisions have been found. Deprecated for \
                    TLS 1.2, forbidden for the handshake of TLS 1.3.";
const DSA: &str = "DSA, the signature scheme of the US government of the 1990s. Not in TLS 1.3.";
const PKCS1: &str = "RSA with the padding of PKCS #1 version 1.5. TLS 1.3 accepts it in certificates only; the handshake itself needs PSS there.";
const PKCS1_LEGACY: &str = "RSA with the old padding, for client certificates in TLS 1.3 whose key is in \
                            hardware that cannot do PSS.";
const PSS_RSAE: &str = "RSA with the randomised padding PSS, which has a security proof, using an ordinary \
                        RSA key.";
const PSS_PSS: &str = "RSA with the randomised padding PSS, using a key whose certificate restricts it to \
                       PSS. Rare.";
const ECDSA: &str = "Elliptic-curve signatures: short, and fast to create. In TLS 1.3 the scheme also \
                     determines the curve; in TLS 1.2 only the hash.";
const EDDSA: &str =
    "Edwards-curve signatures, designed so that there is little that an implementation can get wrong.";
const ML_DSA: &str = "ML-DSA, based on lattices: a post-quantum signature. Keys and signatures take a few \
                      kilobytes.";
const SLH_DSA: &str = "SLH-DSA: a post-quantum signature that relies only on a hash function. It is large \
                       and slow to create.";
const GOST: &str = "The Russian signature scheme GOST R 34.10-2012, on elliptic curves.";
const IBS: &str = "An identity-based signature, whose public key is derived from the signer's name. Only \
                   seen in proposals.";
const SM2: &str = "The Chinese signature scheme SM2, on an elliptic curve of its own, with the hash SM3.";

const PAIR: &str = "RFC 5246, section 7.4.1.4.1";

#[rustfmt::skip] // A table.
static SCHEMES: &[Entry] = &[
    told(0x0101, "rsa_pkcs1_md5", PAIR, Discouraged, MD5),
    told(0x0102, "dsa_md5", PAIR, Discouraged, MD5),
    told(0x0103, "ecdsa_md5", PAIR, Discouraged, MD5),
    told(0x0201, "rsa_pkcs1_sha1", "RFC 8446, RFC 9155", Discouraged, SHA1),
    told(0x0202, "dsa_sha1", PAIR, Discouraged, SHA1),
    told(0x0203, "ecdsa_sha1", "RFC 8446, RFC 9155", Discouraged, SHA1),
    told(0x0301, "rsa_pkcs1_sha224", PAIR, Unstated, PKCS1),
    told(0x0302, "dsa_sha224", PAIR, Unstated, DSA),
    told(0x0303, "ecdsa_sha224", PAIR, Unstated, ECDSA),
    told(0x0401, "rsa_pkcs1_sha256", "RFC 8446", Yes, PKCS1),
    told(0x0402, "dsa_sha256", PAIR, Unstated, DSA),
    told(0x0403, "ecdsa_secp256r1_sha256", "RFC 8446", Yes, ECDSA),
    told(0x0420, "rsa_pkcs1_sha256_legacy", "draft-ietf-tls-tls13-pkcs1", No, PKCS1_LEGACY),
    told(0x0501, "rsa_pkcs1_sha384", "RFC 8446", Yes, PKCS1),
    told(0x0502, "dsa_sha384", PAIR, Unstated, DSA),
    told(0x0503, "ecdsa_secp384r1_sha384", "RFC 8446", Yes, ECDSA),
    told(0x0520, "rsa_pkcs1_sha384_legacy", "draft-ietf-tls-tls13-pkcs1", No, PKCS1_LEGACY),
    told(0x0601, "rsa_pkcs1_sha512", "RFC 8446", Yes, PKCS1),
    told(0x0602, "dsa_sha512", PAIR, Unstated, DSA),
    told(0x0603, "ecdsa_secp521r1_sha512", "RFC 8446", Yes, ECDSA),
    told(0x0620, "rsa_pkcs1_sha512_legacy", "draft-ietf-tls-tls13-pkcs1", No, PKCS1_LEGACY),
    told(0x0704, "eccsi_sha256", "draft-wang-tls-raw-public-key-with-ibc", No, IBS),
    told(0x0705, "iso_ibs1", "draft-wang-tls-raw-public-key-with-ibc", No, IBS),
    told(0x0706, "iso_ibs2", "draft-wang-tls-raw-public-key-with-ibc", No, IBS),
    told(0x0707, "iso_chinese_ibs", "draft-wang-tls-raw-public-key-with-ibc", No, IBS),
    told(0x0708, "sm2sig_sm3", "RFC 8998", No, SM2),
    told(0x0709, "gostr34102012_256a", "RFC 9367", No, GOST),
    told(0x070a, "gostr34102012_256b", "RFC 9367", No, GOST),
    told(0x070b, "gostr34102012_256c", "RFC 9367", No, GOST),
    told(0x070c, "gostr34102012_256d", "RFC 9367", No, GOST),
    told(0x070d, "gostr34102012_512a", "RFC 9367", No, GOST),
    told(0x070e, "gostr34102012_512b", "RFC 9367", No, GOST),
    told(0x070f, "gostr34102012_512c", "RFC 9367", No, GOST),
    told(0x0804, "rsa_pss_rsae_sha256", "RFC 8446", Yes, PSS_RSAE),
    told(0x0805, "rsa_pss_rsae_sha384", "RFC 8446", Yes, PSS_RSAE),
    told(0x0806, "rsa_pss_rsae_sha512", "RFC 8446", Yes, PSS_RSAE),
    told(0x0807, "ed25519", "RFC 8446", Yes, EDDSA),
    told(0x0808, "ed448", "RFC 8446", Yes, EDDSA),
    told(0x0809, "rsa_pss_pss_sha256", "RFC 8446", Yes, PSS_PSS),
    told(0x080a, "rsa_pss_pss_sha384", "RFC 8446", Yes, PSS_PSS),
    told(0x080b, "rsa_pss_pss_sha512", "RFC 8446", Yes, PSS_PSS),
    told(0x081a, "ecdsa_brainpoolP256r1tls13_sha256", "RFC 8734", No, ECDSA),
    told(0x081b, "ecdsa_brainpoolP384r1tls13_sha384", "RFC 8734", No, ECDSA),
    told(0x081c, "ecdsa_brainpoolP512r1tls13_sha512", "RFC 8734", No, ECDSA),
    told(0x0840, "gostr34102012_256", "RFC 9189", No, GOST),
    told(0x0841, "gostr34102012_512", "RFC 9189", No, GOST),
    told(0x0904, "mldsa44", "draft-ietf-tls-mldsa", No, ML_DSA),
    told(0x0905, "mldsa65", "draft-ietf-tls-mldsa", No, ML_DSA),
    told(0x0906, "mldsa87", "draft-ietf-tls-mldsa", No, ML_DSA),
    told(0x0911, "slhdsa_sha2_128s", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x0912, "slhdsa_sha2_128f", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x0913, "slhdsa_sha2_192s", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x0914, "slhdsa_sha2_192f", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x0915, "slhdsa_sha2_256s", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x0916, "slhdsa_sha2_256f", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x0917, "slhdsa_shake_128s", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x0918, "slhdsa_shake_128f", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x0919, "slhdsa_shake_192s", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x091a, "slhdsa_shake_192f", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x091b, "slhdsa_shake_256s", "draft-reddy-tls-slhdsa", No, SLH_DSA),
    told(0x091c, "slhdsa_shake_256f", "draft-reddy-tls-slhdsa", No, SLH_DSA),
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
        assert_eq!(pair(SignatureScheme::rsa_pkcs1_sha256), Some(("sha256", "rsa")));
        assert_eq!(pair(SignatureScheme::ed25519), Some(("Intrinsic", "ed25519")));
        assert_eq!(pair(SignatureScheme::rsa_pss_rsae_sha256), None);
        assert_eq!(SIGNATURE_SCHEMES.name_of(0x0402), Some("dsa_sha256"));
    }
}
