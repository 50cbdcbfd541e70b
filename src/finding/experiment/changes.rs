//! What can be changed: one row each.

use crate::capture::Change;
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_0, TLS_1_2, TLS_1_3};
use crate::wire::extension;
use crate::wire::extension::{
    application_layer_protocol_negotiation as alpn, ec_point_formats, key_share, padding, pre_shared_key,
    psk_key_exchange_modes, server_name, signature_algorithms, supported_groups, supported_versions,
};

use super::Base;

/// A change that was made, or could be, to one ClientHello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// `no-sni`, `without-session_ticket`
    pub id: String,
    pub change: Change,
}

/// Something that can be changed.
pub struct Row {
    pub id: &'static str,
    /// What the hello is like with it, for the table.
    pub about: &'static str,
    /// None where it would change nothing.
    pub change: fn(&Base) -> Option<Change>,
    /// That the server goes on with it, and not without: what this says. None: other experiments have to say.
    pub means: Option<&'static str>,
    /// Flags that make the same change.
    pub flags: &'static [(&'static str, Option<&'static str>)],
}

/// Of all kinds: old key exchanges, ciphers and MACs last.
#[rustfmt::skip] // A table.
const SUITES: &[u16] = &[
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305,
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc0ac, 0xc0ad, 0xc0ae, 0xc0af,
    0x009e, 0x009f, 0xccaa, 0xc09e, 0xc09f, 0xc0a2, 0xc0a3,
    0xc023, 0xc027, 0xc024, 0xc028, 0xc009, 0xc013, 0xc00a, 0xc014, 0x0067, 0x006b, 0x0033, 0x0039,
    0x009c, 0x009d, 0xc09c, 0xc09d, 0xc0a0, 0xc0a1, 0x003c, 0x003d, 0x002f, 0x0035, 0x0041, 0x0084,
    0xc008, 0xc012, 0x0016, 0x000a, 0xc007, 0xc011, 0x0005, 0x0004,
];

/// The curves and the fields that servers have.
const GROUPS: &[u16] =
    &[0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100, 0x0101, 0x0102, 0x11ec, 0x11eb, 0x11ed];

/// With SHA-1, PKCS #1 and what few offer.
const SCHEMES: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501,
    0x0601, 0x0203, 0x0201, 0x0904, 0x0905, 0x0906,
];

pub const NO_POST_QUANTUM: &str = "no-post-quantum";
pub const NO_SNI: &str = "no-sni";
pub const SNI: &str = "sni";
pub const NO_ALPN: &str = "no-alpn";
pub const TLS12: &str = "tls12";
pub const TLS10: &str = "tls10";
pub const SSL3: &str = "ssl3";
pub const TLS13: &str = "tls13";
pub const SECOND_RECORD: &str = "second-record";
pub const SECOND_SEGMENT: &str = "second-segment";
pub const NO_CLIENT_CERTIFICATE: &str = "no-client-certificate";
pub const WITHOUT: &str = "without-";

/// All but those that leave one extension out.
pub const ROWS: &[Row] = &[
    Row {
        id: NO_POST_QUANTUM,
        about: "no post-quantum groups",
        change: |base| {
            let classical = base.classical_groups();
            (!classical.is_empty() && classical.len() < base.groups.len())
                .then_some(Change::Groups(classical))
        },
        means: None,
        flags: &[("--groups", Some("X25519,secp256r1"))],
    },
    Row {
        id: "no-grease",
        about: "no GREASE values",
        change: |base| base.grease.then_some(Change::WithoutGrease),
        means: Some("it does not tolerate the reserved values of GREASE, which it should ignore (RFC 8701)"),
        flags: &[],
    },
    Row {
        id: NO_ALPN,
        about: "no ALPN",
        change: |base| base.alpn.then(|| Change::Alpn(Vec::new())),
        means: Some("it rejects the application protocols that were offered by ALPN"),
        flags: &[("--no-alpn", None)],
    },
    Row {
        id: "more-suites",
        about: "all cipher suites",
        change: |base| more(SUITES, &base.suites).map(Change::MoreCipherSuites),
        means: Some("it has no cipher suite in common with what was offered"),
        flags: &[],
    },
    Row {
        id: "more-groups",
        about: "all groups",
        change: |base| more(GROUPS, &base.groups).map(Change::MoreGroups),
        means: Some("it has no group in common with what was offered"),
        flags: &[],
    },
    Row {
        id: "more-schemes",
        about: "all signature schemes",
        change: |base| more(SCHEMES, &base.schemes).map(Change::MoreSignatureSchemes),
        means: Some("it can't sign with any of the signature schemes that were offered"),
        flags: &[],
    },
    Row {
        id: TLS12,
        about: "TLS 1.0 to 1.2 only",
        change: |base| (base.versions.0 > TLS_1_2).then_some(Change::Versions { min: TLS_1_0, max: TLS_1_2 }),
        means: None,
        flags: &[("--tls-max", Some("1.2"))],
    },
    Row {
        id: TLS13,
        about: "TLS 1.3 too",
        change: |base| {
            let min = base.versions.1;
            (base.versions.0 < TLS_1_3).then_some(Change::Versions { min, max: TLS_1_3 })
        },
        means: Some("it speaks TLS 1.3 only"),
        flags: &[("--tls-max", Some("1.3"))],
    },
    Row {
        id: TLS10,
        about: "TLS 1.0 only",
        change: |base| {
            (base.versions != (TLS_1_0, TLS_1_0)).then_some(Change::Versions { min: TLS_1_0, max: TLS_1_0 })
        },
        means: Some("it goes on only with a ClientHello that offers nothing above TLS 1.0"),
        flags: &[("--tls-min", Some("1.0")), ("--tls-max", Some("1.0"))],
    },
    Row {
        id: SSL3,
        about: "SSL 3.0 only",
        change: |base| (base.versions.0 > SSL_3_0).then_some(Change::Versions { min: SSL_3_0, max: SSL_3_0 }),
        means: Some("it speaks nothing but SSL 3.0"),
        flags: &[("--ssl3", None)],
    },
    Row {
        id: NO_SNI,
        about: "no server_name",
        change: |base| base.sni.then_some(Change::ServerName(None)),
        means: None,
        flags: &[("--no-sni", None)],
    },
    Row {
        id: SNI,
        about: "with server_name",
        change: |base| {
            let name = base.host.clone().unwrap_or_else(|| "localhost".into());
            (!base.sni).then_some(Change::ServerName(Some(name)))
        },
        means: Some("it needs a server_name"),
        flags: &[],
    },
    Row {
        id: "no-extensions",
        about: "no extensions at all",
        change: |base| (!base.extensions.is_empty()).then_some(Change::WithoutExtensions),
        means: Some(
            "it does not tolerate extensions, which it should ignore where it does not know them (RFC 5246, section 7.4.1.4)",
        ),
        flags: &[],
    },
    Row {
        id: SECOND_RECORD,
        about: "the ClientHello in two records",
        change: |base| Some(Change::SecondRecordAt(base.length / 2)),
        means: Some(
            "a middlebox that inspects the ClientHello, or the server, rejects it in one record, and does \
             not see what it rejects when it is split into two",
        ),
        flags: &[],
    },
    Row {
        id: SECOND_SEGMENT,
        about: "the ClientHello in two TCP segments",
        change: |base| Some(Change::SecondSegmentAt(base.length / 2)),
        means: Some(
            "a middlebox rejects the ClientHello in one TCP segment, and does not see what it rejects when \
             it is split into two",
        ),
        flags: &[],
    },
    Row {
        id: "record-version-3.3",
        about: "record version 3.3",
        change: |_| Some(Change::RecordVersion(0x0303)),
        means: Some(
            "it rejects a first record with version 3.1, which it should ignore (RFC 8446, section 5.1)",
        ),
        flags: &[],
    },
    Row {
        id: "padded-600",
        about: "padded to 600 bytes",
        change: |base| (base.length < 596).then_some(Change::PaddedTo(600)),
        means: Some(
            "it does not answer a ClientHello of this length, but a longer one (some load balancers hang on 256 to 511 bytes: RFC 7685)",
        ),
        flags: &[],
    },
    Row {
        id: "alpn-http",
        about: "ALPN h2 and http/1.1",
        change: |base| (!base.alpn).then(|| Change::Alpn(vec![b"h2".to_vec(), b"http/1.1".to_vec()])),
        means: Some("it needs ALPN: it goes on when h2 and http/1.1 are offered"),
        flags: &[("--alpn", Some("h2,http/1.1"))],
    },
    Row {
        id: NO_CLIENT_CERTIFICATE,
        about: "no client certificate",
        change: |base| base.client_certificate.then_some(Change::WithoutClientCertificate),
        means: Some("it rejects the client certificate, and accepts a client that has none"),
        flags: &[],
    },
];

/// Without these nothing else in a hello of their version can be understood; each has its own rows.
const NOT_ALONE: &[u16] = &[
    server_name::EXTENSION.code,
    supported_groups::EXTENSION.code,
    ec_point_formats::EXTENSION.code,
    signature_algorithms::EXTENSION.code,
    supported_versions::EXTENSION.code,
    psk_key_exchange_modes::EXTENSION.code,
    key_share::EXTENSION.code,
    pre_shared_key::EXTENSION.code,
    padding::EXTENSION.code,
    alpn::EXTENSION.code,
];

/// What is in `all` and not in `offered`.
fn more(all: &[u16], offered: &[u16]) -> Option<Vec<u16>> {
    let new: Vec<u16> = all.iter().copied().filter(|code| !offered.contains(code)).collect();
    (!new.is_empty()).then_some(new)
}

/// The row with this id.
pub fn row(id: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.id == id)
}

impl Atom {
    /// The change `id`, if it would change something.
    pub fn of(id: &str, base: &Base) -> Option<Atom> {
        let change = (row(id)?.change)(base)?;
        Some(Atom { id: id.to_owned(), change })
    }

    /// One that no row has.
    pub fn new(id: &str, change: Change) -> Atom {
        Atom { id: id.to_owned(), change }
    }

    /// Whether the hello is shorter with it.
    pub fn shortens(&self) -> bool {
        match &self.change {
            Change::Without(_)
            | Change::WithoutExtensions
            | Change::WithoutGrease
            | Change::Versions { .. }
            | Change::Groups(_)
            | Change::ServerName(None) => true,
            Change::Alpn(names) => names.is_empty(),
            _ => false,
        }
    }

    /// Each extension that a hello can do without, left out.
    pub fn without_extensions(base: &Base) -> impl Iterator<Item = Atom> {
        let optional = base.extensions.iter().filter(|code| !NOT_ALONE.contains(code));
        optional.map(|code| Atom { id: format!("{WITHOUT}{}", name(*code)), change: Change::Without(*code) })
    }
}

fn name(code: u16) -> String {
    extension::find(code).map_or_else(|| format!("extension-{code}"), |row| row.name.to_owned())
}

/// What an experiment's changes make of the hello; empty if there are none.
pub fn abouts(id: &str, changes: &[Change]) -> Vec<String> {
    id.split('+').zip(changes).map(|(id, change)| about(change, id)).collect()
}

/// What a change makes of the hello, for the table.
pub fn about(change: &Change, id: &str) -> String {
    if let Some(row) = row(id) {
        return row.about.to_owned();
    }
    match change {
        Change::Without(code) => format!("no {}", name(*code)),
        Change::PaddedTo(len) => format!("padded to {len} bytes"),
        Change::ServerName(Some(name)) => format!("server_name {name}"),
        Change::Shares(_) => "key shares of classical groups only".into(),
        _ => id.to_owned(),
    }
}
