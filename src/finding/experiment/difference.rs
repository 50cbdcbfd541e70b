//! What differs between two ClientHellos, each thing by itself, so that any of them can be given to the other.

use std::fmt::Display;

use crate::capture::Change;
use crate::wire::codepoints::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme, is_grease};
use crate::wire::extension::{
    application_layer_protocol_negotiation as alpn, encrypted_client_hello as ech, key_share, padding,
    pre_shared_key, server_name, session_ticket, signature_algorithms, signature_algorithms_cert,
    supported_groups, supported_versions,
};
use crate::wire::handshake::client_hello::Hello;
use crate::wire::handshake::lists;

use super::rows::{Atom, extension_name};

/// One thing that the second ClientHello has otherwise than the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The change that makes it in the first.
    pub atom: Atom,
    /// `extension status_request`, `no ALPN`: what the first is like with it.
    pub words: String,
    /// The same for the table, where lists are not told.
    pub short: String,
    /// If it is a list: what may be given one by one, in words.
    pub items: Vec<(Atom, String)>,
    /// The flag of ours that makes the same change.
    pub flag: Option<(&'static str, String)>,
}

/// So many names of a list are told.
const NAMED: usize = 3;

/// A command with a longer value is none that anybody would run.
const LONGEST_VALUE: usize = 200;

/// Whatever belongs to one connection only, or is told by another difference.
const NOT_COMPARED: &[u16] =
    &[padding::EXTENSION.code, server_name::EXTENSION.code, pre_shared_key::EXTENSION.code];

/// What is to be changed in `from` to make it like `to`, in the order in which the changes are made. What is new in each
/// connection (random, key shares, tickets, values of GREASE) is no difference.
pub fn differences(from: &Hello, to: &Hello, lengths: (usize, usize)) -> Vec<Difference> {
    let mut out = Vec::new();
    let mut add = |id: &str, change: Change, words: String, flag: Option<(&'static str, String)>| {
        let flag = flag.filter(|(_, value)| value.len() <= LONGEST_VALUE);
        let short = words.clone();
        let atom = Atom { id: format!("like-{id}"), change };
        out.push(Difference { atom, words, short, items: Vec::new(), flag });
    };
    match (has_grease(from), has_grease(to)) {
        (true, false) => add("no-grease", Change::WithoutGrease, "no GREASE values".into(), None),
        (false, true) => add("grease", Change::WithGrease, "GREASE values".into(), None),
        _ => {}
    }
    if from.legacy_version != to.legacy_version {
        let words = format!("legacy_version {}", ProtocolVersion(to.legacy_version));
        add("legacy_version", Change::LegacyVersion(to.legacy_version), words, None);
    }
    if from.session_id.len() != to.session_id.len() {
        let len = to.session_id.len();
        add("session_id", Change::SessionIdLength(len), format!("a session id of {len} bytes"), None);
    }
    if from.compression_methods != to.compression_methods {
        let methods = to.compression_methods.clone();
        add("compression", Change::Compression(methods), "other compression methods".into(), None);
    }
    let suites = [from, to].map(|hello| plain(hello.cipher_suites.iter().copied()));
    if suites[0] != suites[1] {
        let words = list("cipher suites", &suites, |code| CipherSuite(code).to_string());
        let names = joined(&suites[1], |code| CipherSuite(code).to_string());
        add("cipher_suites", Change::CipherSuites(suites[1].clone()), words, Some(("--ciphers", names)));
    }
    let name = |hello: &Hello| hello.extension(server_name::EXTENSION.code).map(<[u8]>::to_vec);
    if name(from) != name(to) {
        let code = server_name::EXTENSION.code;
        match name(to) {
            None => add(
                "no-sni",
                Change::Without(code),
                "no server_name".into(),
                Some(("--no-sni", String::new())),
            ),
            Some(content) => {
                // Type and two lengths stand before the name (RFC 6066, section 3).
                let host = String::from_utf8_lossy(content.get(5..).unwrap_or_default()).into_owned();
                let flag = Some(("--sni", host.clone()));
                add("sni", Change::Extension { code, content }, format!("server_name {host}"), flag);
            }
        }
    }
    let of = |hello: &Hello| -> Vec<u16> {
        let all = hello.extensions.iter().flatten().map(|(code, _)| *code);
        plain(all.filter(|code| !NOT_COMPARED.contains(code)))
    };
    let (ours, theirs) = (of(from), of(to));
    for code in ours.iter().filter(|code| !theirs.contains(code)) {
        let flag = (*code == alpn::EXTENSION.code).then(|| ("--no-alpn", String::new()));
        let name = extension_name(*code);
        add(&format!("without-{name}"), Change::Without(*code), format!("no extension {name}"), flag);
    }
    for code in theirs {
        let content = to.extension(code).map(<[u8]>::to_vec).unwrap_or_default();
        let old = from.extension(code);
        if old.is_some_and(|old| comparable(code, old) == comparable(code, &content)) {
            continue;
        }
        let (words, flag) = about_extension(code, old, &content);
        add(
            &extension_name(code),
            Change::Extension { code, content: without_grease(code, &content) },
            words,
            flag,
        );
    }
    let padded = |hello: &Hello| hello.extension(padding::EXTENSION.code).is_some();
    match (padded(from), padded(to)) {
        (true, false) => {
            let words = "no extension padding".to_owned();
            add("without-padding", Change::Without(padding::EXTENSION.code), words, None);
        }
        (false, true) => {
            add("padding", Change::PaddedTo(lengths.1), format!("padded to {} bytes", lengths.1), None);
        }
        _ => {}
    }
    let order = |hello: &Hello, other: &Hello| -> Vec<u16> {
        of(hello).into_iter().filter(|code| other.extension(*code).is_some()).collect()
    };
    if order(from, to) != order(to, from) {
        let codes = plain(to.extensions.iter().flatten().map(|(code, _)| *code));
        add("order", Change::ExtensionOrder(codes), "the extensions in another order".into(), None);
    }
    for difference in &mut out {
        difference.take_apart(from);
    }
    out
}

impl Difference {
    /// A list, as what is added to it and what is taken away, one by one.
    fn take_apart(&mut self, from: &Hello) {
        let (old, new, extension, name, spelled): (Vec<u16>, Vec<u16>, Option<u16>, String, Spell) =
            match &self.atom.change {
                Change::CipherSuites(new) => {
                    let old = plain(from.cipher_suites.iter().copied());
                    (old, new.clone(), None, "cipher suites".into(), |code| CipherSuite(code).to_string())
                }
                Change::Extension { code, content } => {
                    let (Some(old), Some(new)) =
                        (from.extension(*code).and_then(|old| codes(*code, old)), codes(*code, content))
                    else {
                        return;
                    };
                    (old, new, Some(*code), extension_name(*code), spelling(*code))
                }
                _ => return,
            };
        self.short = format!("other {name}");
        let mut item = |code: u16, add: bool| {
            let change = match add {
                true => Change::Add { extension, codes: vec![code] },
                false => Change::Remove { extension, codes: vec![code] },
            };
            let words = format!("{name} {} {}", if add { "with" } else { "without" }, spelled(code));
            let id = format!("like-{}-{}", if add { "with" } else { "without" }, spelled(code));
            self.items.push((Atom { id, change }, words));
        };
        new.iter().filter(|code| !old.contains(code)).for_each(|code| item(*code, true));
        old.iter().filter(|code| !new.contains(code)).for_each(|code| item(*code, false));
    }
}

type Spell = fn(u16) -> String;

/// The names of the code points in this extension.
fn spelling(code: u16) -> Spell {
    match code {
        c if c == supported_groups::EXTENSION.code => |code| NamedGroup(code).to_string(),
        c if c == supported_versions::EXTENSION.code => |code| ProtocolVersion(code).to_string(),
        _ => |code| SignatureScheme(code).to_string(),
    }
}

/// Without the values that are reserved to be ignored.
fn plain(codes: impl Iterator<Item = u16>) -> Vec<u16> {
    codes.filter(|code| !is_grease(*code, 2)).collect()
}

fn has_grease(hello: &Hello) -> bool {
    let extensions = hello.extensions.iter().flatten().map(|(code, _)| code);
    hello.cipher_suites.iter().chain(extensions).any(|code| is_grease(*code, 2))
}

/// How many bytes of length stand before the code points of this extension, if it is a list of them.
fn prefix(code: u16) -> Option<usize> {
    match code {
        c if c == supported_versions::EXTENSION.code => Some(1),
        c if [
            supported_groups::EXTENSION.code,
            signature_algorithms::EXTENSION.code,
            signature_algorithms_cert::EXTENSION.code,
        ]
        .contains(&c) =>
        {
            Some(2)
        }
        _ => None,
    }
}

fn codes(code: u16, content: &[u8]) -> Option<Vec<u16>> {
    Some(plain(lists::codes(content.get(prefix(code)?..).unwrap_or_default())))
}

fn shares(content: &[u8]) -> Vec<(u16, &[u8])> {
    let list = lists::key_shares(content.get(2..).unwrap_or_default());
    list.filter(|(group, _)| !is_grease(*group, 2)).collect()
}

/// What two contents are compared by: without what is new in each connection.
fn comparable(code: u16, content: &[u8]) -> Vec<u8> {
    let bytes = |codes: Vec<u16>| codes.into_iter().flat_map(u16::to_be_bytes).collect();
    match code {
        c if c == key_share::EXTENSION.code => {
            bytes(shares(content).iter().map(|(group, _)| *group).collect())
        }
        c if c == session_ticket::EXTENSION.code || c == ech::EXTENSION.code => {
            content.len().to_be_bytes().to_vec()
        }
        _ => codes(code, content).map_or_else(|| content.to_vec(), bytes),
    }
}

/// The content without values of GREASE, which are a difference of their own.
fn without_grease(code: u16, content: &[u8]) -> Vec<u8> {
    let written = match (codes(code, content), code) {
        (_, c) if c == key_share::EXTENSION.code => key_share::write(&shares(content)).ok(),
        (Some(list), c) if c == supported_versions::EXTENSION.code => supported_versions::write(&list).ok(),
        // All others have the form of supported_groups: two bytes of length, and the code points.
        (Some(list), _) => supported_groups::write(&list).ok(),
        (None, _) => None,
    };
    written.unwrap_or_else(|| content.to_vec())
}

/// An extension that is new, or has another content.
fn about_extension(
    code: u16,
    old: Option<&[u8]>,
    content: &[u8],
) -> (String, Option<(&'static str, String)>) {
    let name = extension_name(code);
    let old_codes = old.and_then(|old| codes(code, old));
    let spelled = spelling(code);
    let flag = |list: &[u16]| match code {
        c if c == supported_groups::EXTENSION.code => Some(("--groups", joined(list, spelled))),
        c if c == signature_algorithms::EXTENSION.code => Some(("--sigalgs", joined(list, spelled))),
        _ => None,
    };
    if let Some(list) = codes(code, content) {
        let words = match old_codes {
            Some(old) => self::list(&name, &[old, list.clone()], spelled),
            None => format!(
                "extension {name} ({})",
                some(&list.iter().map(|code| spelled(*code)).collect::<Vec<_>>())
            ),
        };
        return (words, flag(&list));
    }
    if code == key_share::EXTENSION.code {
        let groups: Vec<String> =
            shares(content).iter().map(|(group, _)| NamedGroup(*group).to_string()).collect();
        return (
            format!("key shares for {}", if groups.is_empty() { "no group".into() } else { some(&groups) }),
            None,
        );
    }
    if code == alpn::EXTENSION.code {
        let names = lists::alpn_names(content.get(2..).unwrap_or_default());
        let names: Vec<String> = names.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        return (format!("ALPN {}", names.join(", ")), Some(("--alpn", names.join(","))));
    }
    match old {
        None => (format!("extension {name}"), None),
        Some(_) => (format!("another content of the extension {name}"), None),
    }
}

/// `cipher suites: with A, B; without C`
fn list(what: &str, [old, new]: &[Vec<u16>; 2], spelled: impl Fn(u16) -> String) -> String {
    let only = |list: &[u16], other: &[u16]| -> Vec<String> {
        list.iter().filter(|code| !other.contains(code)).map(|code| spelled(*code)).collect()
    };
    let (added, removed) = (only(new, old), only(old, new));
    let parts = [("with", added), ("without", removed)];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(word, names)| format!("{word} {}", some(&names)))
        .collect();
    match parts.is_empty() {
        true => format!("{what} in another order"),
        false => format!("{what} {}", parts.join(", ")),
    }
}

/// The first names of some, and how many more there are.
fn some(names: &[impl Display]) -> String {
    let named: Vec<String> = names.iter().take(NAMED).map(ToString::to_string).collect();
    match names.len().checked_sub(NAMED) {
        None | Some(0) => named.join(", "),
        Some(more) => format!("{} and {more} more", named.join(", ")),
    }
}

fn joined(codes: &[u16], spelled: impl Fn(u16) -> String) -> String {
    codes.iter().map(|code| spelled(*code)).collect::<Vec<_>>().join(",")
}
