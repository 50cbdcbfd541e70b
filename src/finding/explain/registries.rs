//! Code points without a topic of their own: what their registry says.

use std::borrow::Cow;

use super::Topic;
use crate::wire::codepoints::{CIPHER_SUITES, Entry, REGISTRIES, Recommended, Registry, cipher_suite};

/// A number in decimal is looked for everywhere; in hexadecimal with four digits only where numbers have two bytes.
pub(super) fn by_number(topics: &[Topic], code: u16, width: Option<u8>) -> Vec<Topic> {
    let fits = |topic: &&Topic| {
        topic.code.is_some_and(|(own, own_width)| own == code && width.is_none_or(|width| width == own_width))
    };
    let mut found: Vec<Topic> = topics.iter().filter(fits).cloned().collect();
    for registry in other_registries() {
        if width.is_none_or(|width| width == registry.width)
            && let Some(entry) = (registry.find)(code)
        {
            found.push(of_entry(registry, &entry));
        }
    }
    found
}

/// The entries that are wanted.
pub(super) fn in_registries(wanted: impl Fn(&Entry) -> bool) -> Vec<Topic> {
    let of = |registry: &'static Registry| {
        let entries = (registry.all)().into_iter().filter(&wanted).collect::<Vec<_>>();
        entries.into_iter().map(move |entry| of_entry(registry, &entry))
    };
    other_registries().flat_map(of).collect()
}

/// The cipher suite that OpenSSL calls so.
pub(super) fn openssl_name(name: &str) -> Option<Topic> {
    let suite = cipher_suite::by_name(name)?;
    (CIPHER_SUITES.find)(suite.code).map(|entry| of_entry(&CIPHER_SUITES, &entry))
}

/// Those whose rows are no topics of their own.
fn other_registries() -> impl Iterator<Item = &'static Registry> {
    let own = ["TLS Alerts", "TLS HandshakeType", "TLS ExtensionType Values"];
    REGISTRIES.iter().copied().filter(move |registry| !own.contains(&registry.name))
}

fn of_entry(registry: &'static Registry, entry: &Entry) -> Topic {
    let about = if entry.about.is_empty() {
        Cow::Owned(describe(registry, entry))
    } else {
        Cow::Borrowed(entry.about)
    };
    Topic {
        id: format!("{} {}", registry.name, entry.name),
        group: registry.name,
        title: entry.name.to_owned(),
        about,
        reference: entry.reference.to_owned(),
        code: Some((entry.code, registry.width)),
        ..Topic::default()
    }
}

/// A code point without words of its own: what its columns say.
fn describe(registry: &Registry, entry: &Entry) -> String {
    let recommended = match entry.recommended {
        Recommended::Yes => " The IETF recommends it.",
        Recommended::No => " The IETF does not recommend it for general use.",
        Recommended::Discouraged => " The IETF discourages its use.",
        Recommended::Unstated => "",
    };
    let suite = cipher_suite::find(entry.code).filter(|suite| suite.name == entry.name);
    match suite {
        Some(suite) => {
            let openssl = suite.openssl.map(|name| format!(" OpenSSL calls it {name}.")).unwrap_or_default();
            format!("{}{openssl}{recommended}", suite.describe())
        }
        None => format!("A code point of the registry \"{}\".{recommended}", registry.name),
    }
}
