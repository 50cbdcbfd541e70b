//! A recording of each scenario, for slides and courses: the same bytes, times and output each time.
//!
//! They are saved traces, compressed. `UPDATE_RECORDINGS=1 cargo test --test recorded` makes them anew.

use std::io::Read;

use flate2::read::GzDecoder;

use super::recorded;

/// The most that one may have, decompressed.
const MOST: u64 = 8 << 20;

macro_rules! recordings {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("recorded/", $name, ".json.gz")).as_slice())),*]
    };
}

/// By the name of the scenario.
const RECORDINGS: &[(&str, &[u8])] = recordings![
    "alpn-mismatch"
    "bad-padding"
    "bomb"
    "cbc"
    "client-cert-missing"
    "client-cert"
    "cn-only"
    "compressed"
    "dhe"
    "downgrade"
    "drip"
    "expired-intermediate"
    "expired"
    "extension-intolerant"
    "extension-limit"
    "flaky"
    "half-close"
    "hybrid-intolerant"
    "ip-name"
    "key-updates"
    "large-chain"
    "late-alert"
    "missing-intermediate"
    "must-staple"
    "needs-sni"
    "not-yet-valid"
    "old-server"
    "path-length"
    "plaintext"
    "proxy-connect"
    "psk"
    "rate-limit"
    "renegotiation"
    "reset"
    "resumption"
    "retry-twice"
    "retry"
    "revoked"
    "root-sent"
    "rsa-kx"
    "self-signed"
    "silent"
    "size-limit"
    "sni-filter"
    "socks5"
    "stapled"
    "starttls-imap"
    "starttls-injection"
    "starttls-postgres"
    "starttls-refused"
    "starttls-smtp"
    "suite-not-offered"
    "tls10"
    "tls12"
    "tls13"
    "truncated"
    "two-causes"
    "two-server-hellos"
    "untrusted"
    "unused-extra"
    "version-intolerant"
    "version-mismatch"
    "wildcard"
    "wrong-eku"
    "wrong-finished"
    "wrong-name"
    "wrong-order"
    "wrong-session-id"
    "wrong-signature"
];

/// The scenarios that have none: half a megabyte each.
pub const TOO_LARGE: &[&str] = &["empty-records", "many-certificates"];

/// The names of the scenarios that have one.
pub fn names() -> impl Iterator<Item = &'static str> {
    recorded::TRACES.iter().chain(RECORDINGS).map(|(name, _)| *name)
}

/// The saved trace of a scenario.
pub fn of(name: &str) -> Option<Vec<u8>> {
    if let Some((_, trace)) = recorded::TRACES.iter().find(|(recorded, _)| *recorded == name) {
        return Some(trace.to_vec());
    }
    let (_, compressed) = RECORDINGS.iter().find(|(recorded, _)| *recorded == name)?;
    let mut trace = Vec::new();
    GzDecoder::new(*compressed).take(MOST).read_to_end(&mut trace).ok()?;
    Some(trace)
}
