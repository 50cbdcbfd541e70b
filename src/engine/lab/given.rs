//! A hello that was given, not made of an offer: can a handshake with it be completed?

use super::suites;
use crate::engine::groups;
use crate::engine::hello::{Hello, Opening};
use crate::wire::codepoints::version::TLS_1_0;
use crate::wire::codepoints::{CipherSuite, NamedGroup};
use crate::wire::extension::{self, channel_id, channel_id_old, key_share, next_protocol_negotiation};
use crate::wire::handshake::lists;

/// Extensions that oblige the client to a message of its own, if the server takes them up.
const OBLIGING: [u16; 3] =
    [next_protocol_negotiation::EXTENSION.code, channel_id::EXTENSION.code, channel_id_old::EXTENSION.code];

/// What of a hello this engine could not complete a handshake with, should the server take it up; nothing if it can
/// complete all. Groups without a share and signature schemes are left aside: hardly a server insists on a rare one.
pub fn lacking(opening: &Opening) -> Vec<String> {
    let hello = match opening {
        Opening::Hello(template) => template.hello(),
        Opening::Sslv2(_) => return vec!["the form of SSL 2.0".into()],
    };
    let suites = hello.cipher_suites.iter().map(|code| CipherSuite(*code));
    let suites = suites.filter(|suite| !suite.is_grease() && !suite.is_signal());
    let mut lacking: Vec<String> = suites
        .filter(|suite| !suites::all().any(|code| code == suite.0))
        .map(|suite| suite.to_string())
        .collect();
    let shares = hello.extension(key_share::EXTENSION.code).and_then(|content| content.get(2..));
    let groups = lists::key_share_groups(shares.unwrap_or_default()).map(NamedGroup);
    let unknown = groups.filter(|group| !group.is_grease() && groups::find(group.0).is_none());
    lacking.extend(unknown.map(|group| format!("a key share in {group}")));
    let obliging = OBLIGING.into_iter().filter(|code| hello.extension(*code).is_some());
    lacking.extend(obliging.filter_map(extension::find).map(|row| row.name.to_owned()));
    lacking
}

/// The lowest version that an answer may have where `supported_versions` does not say.
pub fn min(hello: &Hello) -> u16 {
    hello.legacy_version.min(TLS_1_0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::hello::profiles;

    #[test]
    fn what_could_not_be_completed_is_named() {
        let lacks = |name: &str| {
            lacking(&Opening::Hello(profiles::find(name).unwrap().template().unwrap())).join(", ")
        };
        for name in
            ["chrome", "firefox", "opera", "openssl-3", "gnutls", "curl", "curl-gnutls", "python", "rustls"]
        {
            assert_eq!(lacks(name), "", "{name}");
        }
        for name in ["java-17", "node", "openssl-1.0"] {
            assert!(lacks(name).contains("TLS_DHE_DSS_WITH_AES_256_GCM_SHA384"), "{name}");
        }
    }
}
