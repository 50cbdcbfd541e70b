//! What a question means: an id, a name in any spelling, a number, or another program's message.

use super::errors::{ALERT_WORDS, FOREIGN};
use super::registries::{by_number, in_registries, openssl_name};
use super::{GROUP_CHECKS, GROUP_CONCEPTS, GROUP_VERDICTS, Topic, topics};
use crate::wire::codepoints::ALERTS;

/// What a question found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// One or several things that are called so.
    Found(Vec<Topic>),
    /// Nothing; the nearest ids.
    Near(Vec<String>),
}

/// Abbreviations and second names of what is named in a table of its own.
const ALIASES: &[(&str, &str)] = &[
    ("sni", "extension.server_name"),
    ("server name indication", "extension.server_name"),
    ("alpn", "extension.application_layer_protocol_negotiation"),
    ("ech", "extension.encrypted_client_hello"),
    ("encrypted client hello", "extension.encrypted_client_hello"),
    ("ems", "extension.extended_master_secret"),
    ("hrr", "message.HelloRetryRequest"),
    ("key share", "extension.key_share"),
    ("p-256", "secp256r1"),
    ("prime256v1", "secp256r1"),
    ("nist p-256", "secp256r1"),
    ("p-384", "secp384r1"),
    ("p-521", "secp521r1"),
    ("curve25519", "x25519"),
    ("curve448", "x448"),
];

/// So many things of one name are shown.
const MOST: usize = 12;

/// Understands what people have in front of them.
pub fn answer(question: &str) -> Answer {
    let topics = topics();
    let question = question.trim();
    if let Some(topic) = exactly(topics, question) {
        return Answer::Found(vec![topic.clone()]);
    }
    let mut found = number(question).map(|(code, width)| by_number(topics, code, width)).unwrap_or_default();
    if found.is_empty() {
        found = by_name(topics, question);
    }
    if found.is_empty() {
        found = pasted(topics, question);
    }
    found.truncate(MOST);
    if found.is_empty() { Answer::Near(near(topics, question)) } else { Answer::Found(found) }
}

/// Whether a finding or a verdict may have this id.
///
/// # Errors
/// The ids that look like it.
pub fn is_finding(id: &str) -> Result<(), Vec<String>> {
    let topics = topics();
    let finding = |topic: &Topic| topic.group != GROUP_CHECKS && topic.id.eq_ignore_ascii_case(id);
    if topics.iter().any(finding) || family(topics, id).is_some() {
        return Ok(());
    }
    Err(near(topics, id))
}

/// An id, or a word that one idea is called by.
fn exactly<'a>(topics: &'a [Topic], question: &str) -> Option<&'a Topic> {
    let of_id = |id: &str| topics.iter().find(|topic| topic.id.eq_ignore_ascii_case(id));
    let wanted = squeeze(question);
    let idea = |topic: &&Topic| topic.group == GROUP_CONCEPTS && is_called(topic, &wanted);
    let alias = || ALIASES.iter().find(|(name, _)| squeeze(name) == wanted).and_then(|(_, id)| of_id(id));
    // `tcp` is an idea first, and only then a family of verdicts.
    topics.iter().find(idea).or_else(|| of_id(question)).or_else(|| family(topics, question)).or_else(alias)
}

/// `client_cert.required` is one of the verdicts that the row of `client_cert.` is about.
pub(super) fn family<'a>(topics: &'a [Topic], question: &str) -> Option<&'a Topic> {
    let below = |id: &str, family: &str| id.strip_prefix(family).is_some_and(|rest| rest.starts_with('.'));
    topics.iter().find(|topic| {
        topic.group == GROUP_VERDICTS
            && below(question, &topic.id)
            // Rules on certificates have a row each, so that a slip in an id is no verdict of a family.
            && !topics.iter().any(|other| other.group != GROUP_VERDICTS && below(&other.id, &topic.id))
    })
}

fn is_called(topic: &Topic, wanted: &str) -> bool {
    squeeze(&topic.title) == wanted || topic.also.iter().any(|name| squeeze(name) == wanted)
}

/// What is called so in any table.
fn by_name(topics: &[Topic], question: &str) -> Vec<Topic> {
    let wanted = squeeze(question);
    let alias = ALIASES.iter().find(|(name, _)| squeeze(name) == wanted).map(|(_, name)| squeeze(name));
    let named = alias.as_deref().unwrap_or(&wanted);
    let called = |topic: &&Topic| {
        is_called(topic, named) || topic.id.split_once('.').is_some_and(|(_, rest)| squeeze(rest) == named)
    };
    let mut found: Vec<Topic> = topics.iter().filter(called).cloned().collect();
    if found.is_empty() {
        found = in_registries(|entry| squeeze(entry.name) == named);
        found.extend(openssl_name(question));
    }
    found
}

/// A message of another program, anywhere in what was pasted: the alert that it quotes, or a row of the table.
fn pasted(topics: &[Topic], text: &str) -> Vec<Topic> {
    let squeezed = squeeze(text);
    let of_id = |id: &str| topics.iter().find(|topic| topic.id == id).cloned();
    if let Some(topic) = quoted_alert(text).and_then(|name| of_id(&format!("alert.{name}"))) {
        return vec![topic];
    }
    let fits = |says: &str| {
        let says = squeeze(says);
        says.len() >= 4 && squeezed.contains(&says)
    };
    let row = FOREIGN.iter().find(|row| row.says.iter().any(|says| fits(says)));
    row.and_then(|row| of_id(&row.id())).into_iter().collect()
}

/// `SSL alert number 40`, `Received fatal alert: handshake_failure`, `remote error: tls: bad certificate`, …
fn quoted_alert(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let behind = ["alert", "remote error: tls:", "tlsv1 ", "sslv3 "];
    let rest = behind.iter().find_map(|word| Some(&lower[lower.find(word)? + word.len()..]));
    // Firefox puts the word last: SSL_ERROR_HANDSHAKE_FAILURE_ALERT.
    let rest = match lower.strip_prefix("ssl_error_").and_then(|name| name.strip_suffix("_alert")) {
        Some(name) => name,
        None => rest?,
    };
    // The last number is the alert's own: OpenSSL prints a name that is not IANA's before it.
    let number = rest
        .rsplit_once("number ")
        .map_or(rest.trim_start_matches([' ', ':', '(']), |(_, number)| number)
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|digits| digits.parse::<u8>().ok());
    if let Some(name) = number.and_then(|code| ALERTS.name_of(code.into())) {
        return Some(name);
    }
    let words = squeeze(rest);
    let other =
        ALERT_WORDS.iter().find(|(theirs, _)| words.contains(&squeeze(theirs))).map(|(_, name)| *name);
    let names = || (ALERTS.all)().into_iter().map(|entry| entry.name);
    other.or_else(|| names().filter(|name| words.contains(&squeeze(name))).max_by_key(|name| name.len()))
}

/// What a question without an answer may have meant.
fn near(topics: &[Topic], question: &str) -> Vec<String> {
    const MOST_NEAR: usize = 6;
    let wanted = squeeze(question);
    let names = |topic: &Topic| {
        let id = topic.id.split_once('.').map_or(topic.id.as_str(), |(_, rest)| rest);
        let names = topic.also.iter().copied().chain([topic.title.as_str(), &topic.id, id]);
        names.map(squeeze).collect::<Vec<_>>()
    };
    let word = question.to_lowercase();
    let rank = |topic: &Topic| {
        let names = names(topic);
        let distance = names.iter().map(|name| distance(&wanted, name)).min().unwrap_or(usize::MAX);
        let inside = wanted.len() > 2 && names.iter().any(|name| name.contains(&wanted));
        let mentions = wanted.len() > 3 && topic.about.to_lowercase().contains(&word);
        match () {
            () if distance <= 1 + wanted.len() / 8 => Some((0, distance)),
            () if inside => Some((1, distance)),
            () if mentions => Some((2, distance)),
            () => None,
        }
    };
    let mut near: Vec<_> = topics.iter().filter_map(|topic| Some((rank(topic)?, topic.id.clone()))).collect();
    near.sort();
    near.into_iter().take(MOST_NEAR).map(|(_, id)| id).collect()
}

/// `116`, `0x1301`, `{0x13,0x01}`, `c02f`, `C0 2F`, and how many bytes the writing suggests.
fn number(text: &str) -> Option<(u16, Option<u8>)> {
    let bare: String = text.trim_matches(['{', '}', '(', ')']).to_ascii_lowercase();
    if let Some((high, low)) = bare.split_once([',', ' ', ':']) {
        let byte = |part: &str| {
            let part = part.trim();
            let digits = part.strip_prefix("0x").unwrap_or(part);
            (digits.len() == 2).then(|| u8::from_str_radix(digits, 16).ok())?
        };
        return Some((u16::from_be_bytes([byte(high)?, byte(low)?]), Some(2)));
    }
    if let Some(hex) = bare.strip_prefix("0x") {
        return Some((u16::from_str_radix(hex, 16).ok()?, (hex.len() > 2).then_some(2)));
    }
    if let Ok(code) = bare.parse() {
        return Some((code, None));
    }
    // As hexadecimal digits stand in a dump; a word such as "face" is none of them.
    let dump = bare.len() == 4 && bare.contains(|c: char| c.is_ascii_digit());
    dump.then(|| Some((u16::from_str_radix(&bare, 16).ok()?, Some(2))))?
}

/// Letters and digits only, in lower case: "Client Hello" and client_hello are the same.
pub(super) fn squeeze(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters must be changed, added or removed; of words that have nothing to do with each other at least as
/// many as that.
pub fn distance(a: &str, b: &str) -> usize {
    /// No misspelling.
    const FAR: usize = 32;
    let apart = a.len().abs_diff(b.len());
    if apart > FAR {
        return apart;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(question: &str) -> String {
        match answer(question) {
            Answer::Found(topics) => topics[0].id.clone(),
            Answer::Near(near) => format!("near {}", near.first().map_or("nothing", String::as_str)),
        }
    }

    #[test]
    fn what_people_have_in_front_of_them() {
        for (question, id) in [
            ("Client Hello", "message.ClientHello"),
            ("client_hello", "message.ClientHello"),
            ("unknown_ca", "alert.unknown_ca"),
            ("116", "alert.certificate_required"),
            ("server_name", "extension.server_name"),
            ("SNI", "extension.server_name"),
            ("mTLS", "concept.client_auth"),
            ("master secret", "concept.premaster_secret"),
            ("unknwon_ca", "near alert.unknown_ca"),
            ("cert.expired", "cert.expired"),
            ("client_cert.required", "client_cert"),
            ("ack", "step.tcp"),
            ("rsa", "concept.rsa"),
            ("signature", "concept.signature"),
            ("tcp", "step.tcp"),
        ] {
            assert_eq!(first(question), id, "{question}");
        }
        for (question, name) in [
            ("0x1301", "TLS_AES_128_GCM_SHA256"),
            ("{0x13,0x01}", "TLS_AES_128_GCM_SHA256"),
            ("c02f", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
            ("C0,2F", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
            ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
            ("P-256", "secp256r1"),
            ("prime256v1", "secp256r1"),
        ] {
            assert!(first(question).ends_with(name), "{question}: {}", first(question));
        }
    }

    /// Four digits are two bytes, which no alert has.
    #[test]
    fn a_number_is_as_wide_as_it_is_written() {
        let ids = |question: &str| match answer(question) {
            Answer::Found(topics) => topics.into_iter().map(|topic| topic.id).collect(),
            Answer::Near(_) => Vec::new(),
        };
        for question in ["40", "0x28"] {
            assert!(ids(question).contains(&"alert.handshake_failure".to_owned()), "{question}");
        }
        for question in ["0x0028", "00 28", "{0x00,0x28}"] {
            assert!(ids(question).iter().all(|id| !id.starts_with("alert.")), "{question}");
        }
    }

    /// Near is what is written nearly so, then what has the word in its name, then what speaks of it. Two letters are in
    /// too many names, and three in too many texts.
    #[test]
    fn what_is_near() {
        let near = |question: &str| match answer(question) {
            Answer::Found(topics) => panic!("{question} is {}", topics[0].id),
            Answer::Near(near) => near,
        };
        assert_eq!(near("unknwon_ca")[0], "alert.unknown_ca");
        assert!(near("enthell")[0].ends_with("Hello"), "{:?}", near("enthell"));
        assert!(near("helo").len() <= 6);
        assert!(near("qz").is_empty(), "{:?}", near("qz"));
        assert!(near("el").iter().all(|id| !id.contains("Hello")), "{:?}", near("el"));
        assert!(near("gnu").is_empty(), "{:?}", near("gnu"));
        let spoken = near("AddTrust");
        assert!(spoken.contains(&"cert.anchor_expired".to_owned()), "{spoken:?}");
        assert!(near("Trus").iter().any(|id| id.contains("trust")), "{:?}", near("Trus"));
        assert!(near("xyzzy plugh").is_empty());
    }

    #[test]
    fn an_alert_is_found_in_what_was_pasted() {
        for (text, alert) in [
            (
                "error:0A000410:SSL routines::sslv3 alert handshake failure:SSL alert number 40",
                "handshake_failure",
            ),
            ("SSL alert number 116", "certificate_required"),
            (
                "javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_unknown",
                "certificate_unknown",
            ),
            ("remote error: tls: bad certificate", "bad_certificate"),
            ("remote error: tls: unknown certificate authority", "unknown_ca"),
            ("tlsv1 alert protocol version", "protocol_version"),
            ("tlsv1 unrecognized name", "unrecognized_name"),
            ("received fatal alert: HandshakeFailure", "handshake_failure"),
            ("SSL_ERROR_HANDSHAKE_FAILURE_ALERT", "handshake_failure"),
            ("A TLS fatal alert has been received: Handshake failed", "handshake_failure"),
        ] {
            assert_eq!(first(text), format!("alert.{alert}"), "{text}");
        }
    }
}
