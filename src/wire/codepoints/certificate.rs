//! Kinds of certificates, of client certificates and of revocation answers.

use super::Recommended::{Discouraged, No, Unstated, Yes};
use super::{Entry, Registry, registry, row, told};

/// `ocsp`
pub const OCSP: u8 = 1;

/// `ocsp_multi`
pub const OCSP_MULTI: u8 = 2;

/// A bare key instead of a certificate.
pub const RAW_PUBLIC_KEY: u8 = 2;

/// Certificate types (RFC 7250; IANA "TLS Certificate Types").
pub static CERTIFICATE_TYPES: Registry = registry!("TLS Certificate Types", 1, TYPES);

/// What a TLS 1.2 server accepts as a client certificate (RFC 5246, section 7.4.4; IANA "TLS ClientCertificateType Identifiers").
pub static CLIENT_CERTIFICATE_TYPES: Registry =
    registry!("TLS ClientCertificateType Identifiers", 1, CLIENT_TYPES);

/// Kinds of revocation answers (RFC 6066, section 8; IANA "TLS Certificate Status Types").
pub static CERTIFICATE_STATUS_TYPES: Registry = registry!("TLS Certificate Status Types", 1, STATUS_TYPES);

#[rustfmt::skip] // A table.
static TYPES: &[Entry] = &[
    told(0, "X509", "RFC 6091", Yes, "An X.509 certificate, used almost everywhere."),
    told(1, "OpenPGP", "RFC 6091, RFC 8446", Discouraged, "An OpenPGP key; not in TLS 1.3."),
    told(2, "Raw Public Key", "RFC 7250", Yes, "A public key without a certificate; the peer must already \
                                                know the key by other means."),
    told(3, "1609Dot2", "RFC 8902", No, "The certificates of vehicular networks (IEEE 1609.2)."),
];

#[rustfmt::skip] // A table.
static CLIENT_TYPES: &[Entry] = &[
    row(1, "rsa_sign", "RFC 5246", Unstated),
    row(2, "dss_sign", "RFC 5246", Unstated),
    row(3, "rsa_fixed_dh", "RFC 5246", Unstated),
    row(4, "dss_fixed_dh", "RFC 5246", Unstated),
    row(5, "rsa_ephemeral_dh_RESERVED", "RFC 5246", Unstated),
    row(6, "dss_ephemeral_dh_RESERVED", "RFC 5246", Unstated),
    row(20, "fortezza_dms_RESERVED", "RFC 5246", Unstated),
    row(64, "ecdsa_sign", "RFC 8422", Unstated),
    row(65, "rsa_fixed_ecdh", "RFC 8422", Unstated),
    row(66, "ecdsa_fixed_ecdh", "RFC 8422", Unstated),
    row(67, "gost_sign256", "RFC 9189", Unstated),
    row(68, "gost_sign512", "RFC 9189", Unstated),
];

#[rustfmt::skip] // A table.
static STATUS_TYPES: &[Entry] = &[
    told(1, "ocsp", "RFC 6066", Unstated, "An OCSP response for the server's own certificate."),
    told(2, "ocsp_multi", "RFC 6961", Unstated, "An OCSP response for each certificate of the chain; not \
                                                 in TLS 1.3, which can carry them anyway."),
];
