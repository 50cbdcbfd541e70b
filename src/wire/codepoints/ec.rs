//! Elliptic curves as TLS 1.2 names them (RFC 8422, section 5).

use super::Recommended::{No, Unstated, Yes};
use super::{Entry, Registry, registry, row, told};

/// How the curve of a ServerKeyExchange is given.
pub static EC_CURVE_TYPES: Registry = registry!("TLS EC Curve Types", 1, CURVE_TYPES);

/// How a point is encoded.
pub static EC_POINT_FORMATS: Registry = registry!("TLS EC Point Formats", 1, POINT_FORMATS);

#[rustfmt::skip] // A table.
static CURVE_TYPES: &[Entry] = &[
    told(1, "explicit_prime", "RFC 8422", Unstated, "The curve's parameters are sent explicitly, over a \
                                                     prime field. Deprecated: a receiver cannot check such \
                                                     a curve during a handshake."),
    told(2, "explicit_char2", "RFC 8422", Unstated, "The curve's parameters are sent explicitly, over a \
                                                     binary field. Deprecated."),
    told(3, "named_curve", "RFC 8422", Unstated, "The curve is identified by its number in \
                                                  supported_groups."),
];

#[rustfmt::skip] // A table.
static POINT_FORMATS: &[Entry] = &[
    row(0, "uncompressed", "RFC 8422", Yes),
    row(1, "ansiX962_compressed_prime", "RFC 8422", No),
    row(2, "ansiX962_compressed_char2", "RFC 8422", No),
];
