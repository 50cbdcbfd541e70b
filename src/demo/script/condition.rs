//! What a rule asks of a ClientHello.

use std::time::Duration;

use serde::Deserialize;

use super::hear::Heard;
use crate::wire::codepoints::is_grease;
use crate::wire::extension::{
    application_layer_protocol_negotiation as alpn, key_share, server_name, signature_algorithms,
    supported_groups, supported_versions,
};
use crate::wire::handshake::lists;

/// Holds if all that is given holds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Condition {
    /// It has a server_name.
    sni: Option<bool>,
    /// The server_name is this.
    name: Option<String>,
    /// Bytes of the message with its header.
    longer_than: Option<usize>,
    shorter_than: Option<usize>,
    /// The longest of its records, in bytes.
    record_longer_than: Option<usize>,
    /// It came in so many records.
    records: Option<usize>,
    more_records_than: Option<usize>,
    /// The first read got all of it.
    one_segment: Option<bool>,
    /// `legacy_record_version` of the first record.
    record_version: Option<u16>,
    legacy_version: Option<u16>,
    /// It offers this version.
    version: Option<u16>,
    highest_above: Option<u16>,
    suite: Option<u16>,
    group: Option<u16>,
    share: Option<u16>,
    scheme: Option<u16>,
    alpn: Option<String>,
    extension: Option<u16>,
    extensions_over: Option<usize>,
    suites_over: Option<usize>,
    /// It has reserved values (RFC 8701).
    grease: Option<bool>,
    /// The connection before began less than so many milliseconds ago.
    sooner_than_ms: Option<u64>,
    /// Of every so many connections the first ones: `[2, 3]`: two, then not the third.
    connections: Option<[usize; 2]>,
    /// So many connections came before it.
    after_connections: Option<usize>,
    not: Option<Box<Condition>>,
    any: Option<Vec<Condition>>,
}

/// Which connection it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Which {
    pub number: usize,
    pub since_last: Option<Duration>,
}

impl Condition {
    pub(super) fn holds(&self, heard: &Heard, which: Which) -> bool {
        let Some(hello) = &heard.hello else { return false };
        let extension = |code: u16| hello.extension(code);
        let list = |code: u16, prefix: usize| -> Vec<u16> {
            lists::codes(extension(code).and_then(|list| list.get(prefix..)).unwrap_or_default()).collect()
        };
        let versions = match list(supported_versions::EXTENSION.code, 1) {
            list if list.is_empty() => vec![hello.legacy_version],
            list => list,
        };
        let groups = list(supported_groups::EXTENSION.code, 2);
        let schemes = list(signature_algorithms::EXTENSION.code, 2);
        let shares = || {
            let list = extension(key_share::EXTENSION.code).and_then(|list| list.get(2..));
            lists::key_shares(list.unwrap_or_default()).map(|(group, _)| group).collect::<Vec<_>>()
        };
        let holds_name = |code: u16, name: &str| {
            let name = name.as_bytes();
            extension(code).is_some_and(|list| list.windows(name.len()).any(|part| part == name))
        };
        let extensions: Vec<u16> = hello.extensions.iter().flatten().map(|(code, _)| *code).collect();
        let grease = || hello.cipher_suites.iter().chain(&extensions).any(|code| is_grease(*code, 2));
        let real = extensions.iter().filter(|code| !is_grease(**code, 2)).count();
        let highest = versions.iter().copied().filter(|code| !is_grease(*code, 2)).max().unwrap_or_default();
        let longest = heard.records.iter().copied().max().unwrap_or_default();
        let all = [
            self.sni.is_none_or(|it| it == extension(server_name::EXTENSION.code).is_some()),
            self.name.as_ref().is_none_or(|name| holds_name(server_name::EXTENSION.code, name)),
            self.longer_than.is_none_or(|length| heard.message.len() > length),
            self.shorter_than.is_none_or(|length| heard.message.len() < length),
            self.record_longer_than.is_none_or(|length| longest > length),
            self.records.is_none_or(|count| heard.records.len() == count),
            self.more_records_than.is_none_or(|count| heard.records.len() > count),
            self.one_segment.is_none_or(|it| it == (heard.first_read == heard.bytes.len())),
            self.record_version.is_none_or(|version| heard.record_version == version),
            self.legacy_version.is_none_or(|version| hello.legacy_version == version),
            self.version.is_none_or(|version| versions.contains(&version)),
            self.highest_above.is_none_or(|version| highest > version),
            self.suite.is_none_or(|suite| hello.cipher_suites.contains(&suite)),
            self.group.is_none_or(|group| groups.contains(&group)),
            self.share.is_none_or(|group| shares().contains(&group)),
            self.scheme.is_none_or(|scheme| schemes.contains(&scheme)),
            self.alpn.as_ref().is_none_or(|name| holds_name(alpn::EXTENSION.code, name)),
            self.extension.is_none_or(|code| extensions.contains(&code)),
            self.extensions_over.is_none_or(|count| real > count),
            self.suites_over.is_none_or(|count| hello.cipher_suites.len() > count),
            self.grease.is_none_or(|it| it == grease()),
            self.sooner_than_ms
                .is_none_or(|ms| which.since_last.is_some_and(|since| since < Duration::from_millis(ms))),
            self.connections.is_none_or(|[first, of]| which.number % of.max(1) < first),
            self.after_connections.is_none_or(|count| which.number >= count),
            self.not.as_ref().is_none_or(|other| !other.holds(heard, which)),
            self.any.as_ref().is_none_or(|others| others.iter().any(|other| other.holds(heard, which))),
        ];
        all.into_iter().all(|it| it)
    }
}
