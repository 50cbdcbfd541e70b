//! The chains of two servers side by side.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Entry, Seen, Side, listed};
use crate::certificate::element::{Element, sha256_hex};
use crate::finding::summary;
use crate::wire::Direction;

type Value = fn(&Element) -> Option<String>;

/// What is told of two leaves that are not the same.
const LEAF: &[(&str, Value)] = &[
    ("leaf subject", |leaf| Some(leaf.subject_dn.clone())),
    ("leaf issuer", |leaf| leaf.issuer_dn.clone()),
    ("leaf serial", |leaf| leaf.serial.clone()),
    ("leaf not_before", |leaf| moment(leaf.not_before)),
    ("leaf not_after", |leaf| moment(leaf.not_after)),
    ("leaf key", |leaf| leaf.key.clone()),
    ("leaf spki_pin", |leaf| leaf.spki_pin.clone()),
    ("leaf signature", |leaf| leaf.signature.clone()),
    ("leaf key_usage", |leaf| leaf.key_usage.clone()),
    ("leaf extended_key_usage", |leaf| leaf.extended_key_usage.as_ref().map(|all| all.join(", "))),
    ("leaf sha256", |leaf| leaf.sha256.clone()),
];

/// What differs, certificate by certificate.
pub fn entries(sides: &[Side<'_>; 2]) -> Vec<Entry> {
    let chains = [&sides[0], &sides[1]].map(chain);
    let (a, b) = match &chains {
        [Chain::Of(a), Chain::Of(b)] => (a.as_slice(), b.as_slice()),
        [Chain::None, Chain::None] | [Chain::Unknown, Chain::Unknown] => return Vec::new(),
        _ => {
            let sides = chains.map(|chain| match chain {
                Chain::Of(all) => {
                    Seen::Is(all.first().map_or_else(|| "sent".into(), |leaf| leaf.subject.clone()))
                }
                Chain::None => Seen::Absent,
                Chain::Unknown => Seen::Unknown,
            });
            return vec![Entry { name: "chain".into(), sides, list: None }];
        }
    };
    let mut out = Vec::new();
    if let (Some(leaf), Some(other)) = (a.first(), b.first())
        && leaf.der != other.der
    {
        for (name, value) in LEAF {
            let (value, of_other) = (value(leaf), value(other));
            if value != of_other {
                let seen = |value: Option<String>| value.map_or(Seen::Absent, Seen::Is);
                out.push(Entry { name: (*name).into(), sides: [seen(value), seen(of_other)], list: None });
            }
        }
        out.extend(listed("leaf names", [leaf.sans.clone(), other.sans.clone()]));
        if out.is_empty() {
            let seen = |leaf: &Element| Seen::Is(leaf.sha256.clone().unwrap_or_default());
            out.push(Entry { name: "leaf".into(), sides: [seen(leaf), seen(other)], list: None });
        }
    }
    let rest = |chain: &[&Element]| chain.iter().skip(1).map(|one| name(one)).collect::<Vec<_>>();
    out.extend(listed("chain above the leaf", [rest(a), rest(b)]));
    let root = |side: &Side<'_>| {
        let judgement = side.judged.judgement.as_ref();
        let on_path = judgement.and_then(|judgement| judgement.elements.iter().rfind(|one| one.in_path));
        on_path.filter(|one| one.anchor).map(|one| one.subject.clone())
    };
    // Whether there is one is the verdict's matter.
    if let (Some(a), Some(b)) = (root(&sides[0]), root(&sides[1]))
        && a != b
    {
        out.push(Entry { name: "trusted root".into(), sides: [Seen::Is(a), Seen::Is(b)], list: None });
    }
    out
}

/// The chains that the clients presented.
pub fn of_client(sides: &[Side<'_>; 2]) -> Option<Entry> {
    let digests = [&sides[0], &sides[1]].map(|side| {
        let chain = side.judged.trace.chain(0, Direction::Client);
        chain.iter().map(|der| format!("sha256 {}", sha256_hex(der))).collect::<Vec<_>>()
    });
    // That there is none at all is a message that is not there.
    if digests.iter().any(Vec::is_empty) { None } else { listed("client certificate", digests) }
}

enum Chain<'a> {
    /// As sent, the leaf first.
    Of(Vec<&'a Element>),
    /// None was sent.
    None,
    /// It was not seen.
    Unknown,
}

fn chain<'a>(side: &Side<'a>) -> Chain<'a> {
    let case = side.judged.case(side.question);
    let sent = side.judged.judgement.as_ref().map(|judgement| {
        let mut sent: Vec<_> = judgement.elements.iter().filter(|one| one.sent.is_some()).collect();
        sent.sort_by_key(|one| one.sent);
        sent
    });
    match sent {
        Some(sent) if !sent.is_empty() => Chain::Of(sent),
        _ if summary::resumed(case.trace()) => Chain::None,
        _ => Chain::Unknown,
    }
}

/// `R11 (sha256 591e9ce6…)`
fn name(one: &Element) -> String {
    let digest = one.sha256.as_deref().and_then(|digest| digest.get(..16)).unwrap_or("unknown");
    format!("{} (sha256 {digest}…)", one.subject)
}

fn moment(at: Option<i64>) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(at?).ok()?.format(&Rfc3339).ok()
}
