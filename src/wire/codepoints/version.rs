//! Protocol versions (RFC 8446, section 4.2.1).

use super::Recommended::{Discouraged, Unstated, Yes};
use super::{Entry, Registry, code_point, registry, row, told};

code_point! {
    /// A protocol version as it stands on the wire.
    ProtocolVersion(u16) of VERSIONS {
        SSL_2_0 = 0x0002,
        SSL_3_0 = 0x0300,
        TLS_1_0 = 0x0301,
        TLS_1_1 = 0x0302,
        TLS_1_2 = 0x0303,
        TLS_1_3 = 0x0304,
        DTLS_1_3 = 0xfefc,
        DTLS_1_2 = 0xfefd,
        DTLS_1_0 = 0xfeff,
    }
}

// As bare numbers, for offers, which are lists of numbers.
pub const SSL_3_0: u16 = ProtocolVersion::SSL_3_0.0;
pub const TLS_1_0: u16 = ProtocolVersion::TLS_1_0.0;
pub const TLS_1_1: u16 = ProtocolVersion::TLS_1_1.0;
pub const TLS_1_2: u16 = ProtocolVersion::TLS_1_2.0;
pub const TLS_1_3: u16 = ProtocolVersion::TLS_1_3.0;

impl ProtocolVersion {
    /// TLS 1.3, its drafts (0x7f12 = draft 18 …) and the experiments with them.
    pub fn is_tls13(self) -> bool {
        self == Self::TLS_1_3 || matches!(self.0 >> 8, 0x7e | 0x7f | 0xfb)
    }

    /// TLS 1.3 and those drafts whose keys and records are computed in the same way: the labels have been what they are
    /// since draft 20, the records' additional data since draft 25.
    pub fn computes_as_tls13(self) -> bool {
        let [family, draft] = self.0.to_be_bytes();
        self == Self::TLS_1_3 || (matches!(family, 0x7f | 0xfb) && draft >= 25)
    }

    /// Drafts up to 21, whose ServerHello has its version in front and neither session id nor compression.
    pub fn has_short_server_hello(self) -> bool {
        (0x7f00..=0x7f15).contains(&self.0)
    }
}

/// Versions. A draft of TLS 1.3 is 0x7f and its number.
pub static VERSIONS: Registry = registry!("TLS ProtocolVersion", 2, ROWS, true);

#[rustfmt::skip] // A table.
static ROWS: &[Entry] = &[
    told(0x0002, "SSL 2.0", "RFC 6176", Discouraged, "Netscape's first public version (1995). Broken in \
                                                      many ways and forbidden."),
    told(0x0300, "SSL 3.0", "RFC 6101; forbidden by RFC 7568", Discouraged, "Published in 1996. Its CBC \
                                                                             padding is not covered by the \
                                                                             MAC, which POODLE exploits; \
                                                                             forbidden since 2015."),
    told(0x0301, "TLS 1.0", "RFC 2246; deprecated by RFC 8996", Discouraged, "Published in 1999. \
                                                                              Predictable CBC IVs, MD5 and \
                                                                              SHA-1 in the key derivation; \
                                                                              deprecated since 2021."),
    told(0x0302, "TLS 1.1", "RFC 4346; deprecated by RFC 8996", Discouraged, "Published in 2006. Explicit \
                                                                              CBC IVs, otherwise like TLS \
                                                                              1.0; deprecated since 2021."),
    told(0x0303, "TLS 1.2", "RFC 5246", Unstated, "Published in 2008. Negotiable hashes and AEAD ciphers. \
                                                   Still secure with ECDHE and an AEAD."),
    told(0x0304, "TLS 1.3", "RFC 8446", Yes, "Published in 2018. One round trip, forward secret unless \
                                              only a PSK is used, everything after ServerHello encrypted."),
    row(0x7e01, "TLS 1.3 (experiment 1)", "BoringSSL", Unstated),
    row(0x7e02, "TLS 1.3 (experiment 2)", "BoringSSL", Unstated),
    row(0x7f0a, "TLS 1.3 (draft 10)", "draft-ietf-tls-tls13-10", Unstated),
    row(0x7f0b, "TLS 1.3 (draft 11)", "draft-ietf-tls-tls13-11", Unstated),
    row(0x7f0c, "TLS 1.3 (draft 12)", "draft-ietf-tls-tls13-12", Unstated),
    row(0x7f0d, "TLS 1.3 (draft 13)", "draft-ietf-tls-tls13-13", Unstated),
    row(0x7f0e, "TLS 1.3 (draft 14)", "draft-ietf-tls-tls13-14", Unstated),
    row(0x7f0f, "TLS 1.3 (draft 15)", "draft-ietf-tls-tls13-15", Unstated),
    row(0x7f10, "TLS 1.3 (draft 16)", "draft-ietf-tls-tls13-16", Unstated),
    row(0x7f11, "TLS 1.3 (draft 17)", "draft-ietf-tls-tls13-17", Unstated),
    row(0x7f12, "TLS 1.3 (draft 18)", "draft-ietf-tls-tls13-18", Unstated),
    row(0x7f13, "TLS 1.3 (draft 19)", "draft-ietf-tls-tls13-19", Unstated),
    row(0x7f14, "TLS 1.3 (draft 20)", "draft-ietf-tls-tls13-20", Unstated),
    row(0x7f15, "TLS 1.3 (draft 21)", "draft-ietf-tls-tls13-21", Unstated),
    row(0x7f16, "TLS 1.3 (draft 22)", "draft-ietf-tls-tls13-22", Unstated),
    row(0x7f17, "TLS 1.3 (draft 23)", "draft-ietf-tls-tls13-23", Unstated),
    row(0x7f18, "TLS 1.3 (draft 24)", "draft-ietf-tls-tls13-24", Unstated),
    row(0x7f19, "TLS 1.3 (draft 25)", "draft-ietf-tls-tls13-25", Unstated),
    row(0x7f1a, "TLS 1.3 (draft 26)", "draft-ietf-tls-tls13-26", Unstated),
    row(0x7f1b, "TLS 1.3 (draft 27)", "draft-ietf-tls-tls13-27", Unstated),
    row(0x7f1c, "TLS 1.3 (draft 28)", "draft-ietf-tls-tls13-28", Unstated),
    row(0xfb17, "TLS 1.3 (Facebook, draft 23)", "fizz", Unstated),
    row(0xfb1a, "TLS 1.3 (Facebook, draft 26)", "fizz", Unstated),
    row(0xfefc, "DTLS 1.3", "RFC 9147", Yes),
    row(0xfefd, "DTLS 1.2", "RFC 6347", Unstated),
    row(0xfeff, "DTLS 1.0", "RFC 4347; deprecated by RFC 8996", Discouraged),
];
