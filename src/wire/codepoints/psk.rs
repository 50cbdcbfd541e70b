//! PSK key exchange modes (RFC 8446, section 4.2.9).

use super::Recommended::{No, Yes};
use super::{Entry, Registry, registry, told};

/// How a pre-shared key may be used.
pub static PSK_KEY_EXCHANGE_MODES: Registry = registry!("TLS PskKeyExchangeMode", 1, ROWS, true);

#[rustfmt::skip] // A table.
static ROWS: &[Entry] = &[
    told(0, "psk_ke", "RFC 8446", No, "The pre-shared key alone. Whoever learns the key later can decrypt \
                                       what was recorded."),
    told(1, "psk_dhe_ke", "RFC 8446", Yes, "The pre-shared key together with an ephemeral Diffie-Hellman \
                                            exchange: forward secret."),
];
