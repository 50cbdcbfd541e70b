//! Object identifiers that code has to tell apart, as the bytes of their DER content, and the short names of all.

use super::der::dotted;
use crate::wire::codepoints::oid::find;

pub const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
pub const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
pub const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 14];
pub const SUBJECT_DIRECTORY_ATTRIBUTES: &[u8] = &[0x55, 0x1d, 9];
pub const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
pub const ISSUER_ALT_NAME: &[u8] = &[0x55, 0x1d, 18];
pub const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 20];
pub const REASON_CODE: &[u8] = &[0x55, 0x1d, 21];
pub const DELTA_CRL_INDICATOR: &[u8] = &[0x55, 0x1d, 27];
pub const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
pub const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
pub const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 31];
pub const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 32];
pub const ANY_POLICY: &[u8] = &[0x55, 0x1d, 32, 0];
pub const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1d, 33];
pub const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 35];
pub const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 36];
pub const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
pub const ANY_EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37, 0];
pub const FRESHEST_CRL: &[u8] = &[0x55, 0x1d, 46];
pub const INHIBIT_ANY_POLICY: &[u8] = &[0x55, 0x1d, 54];
pub const AUTHORITY_INFO_ACCESS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];
pub const SUBJECT_INFO_ACCESS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 11];
pub const TLS_FEATURE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 24];
pub const SCT_LIST: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2];
pub const CT_POISON: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 3];
pub const OCSP_SCT_LIST: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 5];
pub const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
pub const OCSP_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 9];
pub const AD_OCSP: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1];
pub const AD_CA_ISSUERS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 2];
pub const OCSP_BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1];
pub const OCSP_NONCE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 2];
pub const OCSP_NOCHECK: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 5];
pub const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];
pub const MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 2, 5];
pub const SHA224: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4];
pub const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
pub const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
pub const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];

pub const COMMON_NAME: &[u8] = &[0x55, 4, 3];
pub const ORGANIZATION: &[u8] = &[0x55, 4, 10];
pub const ORGANIZATIONAL_UNIT: &[u8] = &[0x55, 4, 11];
pub const EMAIL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];

pub const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];

pub const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
pub const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
pub const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
pub const MD2_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2];
pub const MD4_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 3];
pub const MD5_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4];
pub const SHA1_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5];
pub const SHA256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
pub const SHA384_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12];
pub const SHA512_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13];
pub const SHA224_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14];
pub const SHA1_RSA_OIW: &[u8] = &[0x2b, 14, 3, 2, 29];
pub const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
pub const P192: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1];
pub const P224: &[u8] = &[0x2b, 0x81, 4, 0, 33];
pub const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
pub const P384: &[u8] = &[0x2b, 0x81, 4, 0, 34];
pub const P521: &[u8] = &[0x2b, 0x81, 4, 0, 35];
pub const SECP256K1: &[u8] = &[0x2b, 0x81, 4, 0, 10];
pub const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
pub const ECDSA_SHA224: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1];
pub const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
pub const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
pub const ECDSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
pub const ED25519: &[u8] = &[0x2b, 0x65, 112];
pub const X25519: &[u8] = &[0x2b, 0x65, 110];
pub const X448: &[u8] = &[0x2b, 0x65, 111];
pub const DH: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3e, 2, 1];
pub const DH_PKCS3: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3, 1];
pub const EC_DH: &[u8] = &[0x2b, 0x81, 4, 1, 12];
pub const ML_KEM_512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, 1];
pub const ML_KEM_768: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, 2];
pub const ML_KEM_1024: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, 3];
pub const ED448: &[u8] = &[0x2b, 0x65, 113];
pub const ML_DSA_44: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17];
pub const ML_DSA_65: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 18];
pub const ML_DSA_87: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 19];
pub const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
pub const DSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3];
pub const DSA_SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2];

/// `keyUsage`, `serverAuth`, `sha256WithRSAEncryption`; the dotted form of what has no name.
pub fn name(oid: &[u8]) -> String {
    find(oid).map_or_else(|| dotted(oid), |known| known.name.to_owned())
}

fn label(oid: &[u8]) -> Option<String> {
    find(oid).map(|known| known.label).filter(|label| !label.is_empty()).map(str::to_owned)
}

/// `CN`, or the dotted form.
pub fn attribute(oid: &[u8]) -> String {
    label(oid).unwrap_or_else(|| dotted(oid))
}

/// `P-256`, or the dotted form.
pub fn curve(oid: &[u8]) -> String {
    label(oid).unwrap_or_else(|| name(oid))
}
