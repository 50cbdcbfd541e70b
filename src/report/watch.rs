//! What is watched of a target, and what has changed since the last look.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::macros::format_description;

use super::{Report, connection, verdict};
use crate::capture::Question;
use crate::certificate::element::Element;
use crate::finding::Outcome;
use crate::judged::{Facts, Judged};
use crate::wire::text::escape;

/// What one address showed. What a connection did not come to is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub outcome: Outcome,
    pub exit_code: u8,
    pub id: Option<String>,
    /// Of the verdict, in a few words; it is not compared.
    pub summary: String,
    pub tls: Option<String>,
    pub cipher: Option<String>,
    pub group: Option<String>,
    pub alpn: Option<String>,
    pub leaf: Option<Leaf>,
    /// SHA-256 of the certificates above the leaf, as sent.
    pub chain: Option<Vec<String>>,
}

/// The certificate that it presented. Texts are escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub subject: String,
    pub issuer: Option<String>,
    pub names: Vec<String>,
    pub serial: Option<String>,
    pub sha256: String,
    pub spki_pin: Option<String>,
    /// Seconds since 1970.
    pub not_after: Option<i64>,
}

/// What has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It was looked at for the first time.
    First,
    Verdict,
    Certificate,
    Chain,
    Version,
    Cipher,
    Group,
    Alpn,
    /// The name has other addresses.
    Addresses,
}

impl What {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            What::First => "first",
            What::Verdict => "verdict",
            What::Certificate => "certificate",
            What::Chain => "chain",
            What::Version => "version",
            What::Cipher => "cipher",
            What::Group => "group",
            What::Alpn => "alpn",
            What::Addresses => "addresses",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub what: What,
    /// None if it is about the whole target.
    pub address: Option<String>,
    /// What was known of the address before; none if it is new.
    pub before: Option<State>,
    pub now: Option<State>,
    /// In words; escaped.
    pub text: String,
    /// Of `Addresses`: those that came, and those that went.
    pub added: Vec<String>,
    pub removed: Vec<String>,
}

/// What is known of a target. It grows with the addresses that its name has now, and not with time.
#[derive(Debug, Clone, Default)]
pub struct Target {
    addresses: BTreeMap<String, State>,
    /// The verdict of a look at which the name had no address.
    without: Option<State>,
    looked_at: bool,
}

/// What a look at a target showed.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// By address; an address of which only that it was there was kept has no state.
    pub addresses: Vec<(String, Option<State>)>,
    /// The name had no address: it was not resolved.
    pub without: Option<State>,
    pub exit_code: u8,
}

impl Look {
    /// Of a report of `--each-address`.
    pub fn of(report: &Report) -> Look {
        let mut look = Look { exit_code: report.exit_code(), ..Look::default() };
        for (_, judged) in connection::counting(report) {
            let case = judged.case(&report.question);
            let state = State::of(judged, &report.question);
            match connection::address(&case) {
                Some(address) => look.addresses.push((address.ip().to_string(), Some(state))),
                // A path, or behind a proxy: it was reached without an address.
                None if case.connected() => look.addresses.push((String::new(), Some(state))),
                None => look.without = Some(state),
            }
        }
        look.addresses.extend(connection::others(report).map(|row| (row.label.clone(), None)));
        look
    }

    /// Every address is known, and there is one at least.
    pub fn is_whole(&self) -> bool {
        self.addresses.iter().all(|(_, state)| state.is_some())
    }
}

impl State {
    /// Of one connection.
    pub fn of(judged: &Judged, question: &Question) -> State {
        let (facts, told) = (Facts::judged(judged, question), &judged.verdict);
        let headlines = verdict::headlines(&judged.case(question), told);
        let sent = judged.judgement.as_ref().map(|judgement| {
            let mut sent: Vec<_> = judgement.elements.iter().filter(|one| one.sent.is_some()).collect();
            sent.sort_by_key(|one| one.sent);
            sent
        });
        let above = |sent: &Vec<&Element>| sent.iter().skip(1).filter_map(|one| one.sha256.clone()).collect();
        State {
            outcome: told.outcome,
            exit_code: told.exit_code,
            id: told.id.as_ref().map(ToString::to_string),
            summary: headlines.into_iter().next_back().unwrap_or_default(),
            tls: facts.tls,
            cipher: facts.cipher,
            group: facts.group,
            alpn: facts.alpn.as_deref().map(escape),
            chain: sent.as_ref().map(above),
            leaf: sent.and_then(|sent| sent.first().and_then(|leaf| Leaf::of(leaf))),
        }
    }

    /// Of an address of which nothing else is known: it could not be worked on.
    pub fn fault(exit_code: u8, why: &str) -> State {
        State {
            outcome: Outcome::Fault,
            exit_code,
            id: None,
            summary: why.to_owned(),
            tls: None,
            cipher: None,
            group: None,
            alpn: None,
            leaf: None,
            chain: None,
        }
    }

    /// `OK · TLS 1.3 · …`
    fn text(&self) -> String {
        let word = self.outcome.word();
        let leaf = self.leaf.as_ref().map(|leaf| {
            format!(" · certificate {} until {}", leaf.subject, leaf.not_after.map_or("?".into(), day))
        });
        let id = self.id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
        format!("{word}{id}: {}{}", self.summary, leaf.unwrap_or_default())
    }

    fn verdict(&self) -> String {
        self.id.clone().unwrap_or_else(|| self.outcome.name().to_owned())
    }

    /// What this look did not come to is as it was.
    fn keep(&mut self, before: &State) {
        fn or<T: Clone>(now: &mut Option<T>, before: &Option<T>) {
            if now.is_none() {
                now.clone_from(before);
            }
        }
        or(&mut self.tls, &before.tls);
        or(&mut self.cipher, &before.cipher);
        or(&mut self.group, &before.group);
        or(&mut self.leaf, &before.leaf);
        or(&mut self.chain, &before.chain);
        // A handshake that was completed without ALPN has none.
        if self.outcome != Outcome::Ok {
            or(&mut self.alpn, &before.alpn);
        }
    }
}

impl Leaf {
    fn of(leaf: &Element) -> Option<Leaf> {
        Some(Leaf {
            subject: leaf.subject.clone(),
            issuer: leaf.issuer.clone(),
            names: leaf.sans.clone(),
            serial: leaf.serial.clone(),
            sha256: leaf.sha256.clone().or_else(|| leaf.spki_pin.clone())?,
            spki_pin: leaf.spki_pin.clone(),
            not_after: leaf.not_after,
        })
    }

    /// What is new about this one.
    fn after(&self, before: &Leaf) -> String {
        let renewed = self.subject == before.subject && self.names == before.names;
        let mut parts = vec![match renewed {
            true => "certificate renewed".to_owned(),
            false => format!("another certificate: {} (was {})", self.subject, before.subject),
        }];
        let (until, was) = (self.not_after.map(day), before.not_after.map(day));
        parts.push(match (until, was) {
            (Some(until), Some(was)) if until != was => format!("until {until} (was {was})"),
            (Some(until), _) => format!("until {until}"),
            (None, _) => "no end".to_owned(),
        });
        if self.issuer != before.issuer {
            let name = |leaf: &Leaf| leaf.issuer.clone().unwrap_or_else(|| "unknown".into());
            parts.push(format!("issuer {} (was {})", name(self), name(before)));
        }
        let short = |leaf: &Leaf| leaf.sha256.chars().take(16).collect::<String>();
        parts.push(format!("sha256 {}… (was {}…)", short(self), short(before)));
        parts.push(match self.spki_pin == before.spki_pin {
            true => "the same key".into(),
            false => "another key".into(),
        });
        parts.join(", ")
    }
}

fn day(at: i64) -> String {
    let format = format_description!("[year]-[month]-[day]");
    OffsetDateTime::from_unix_timestamp(at).ok().and_then(|at| at.format(format).ok()).unwrap_or_default()
}

impl Target {
    /// Takes in a look; what has changed since the one before.
    pub fn take_in(&mut self, look: Look) -> Vec<Change> {
        let first = !std::mem::replace(&mut self.looked_at, true);
        let mut changes = Vec::new();
        let resolved = look.without.is_none();
        match (&self.without, look.without) {
            (Some(before), Some(now)) => {
                changes.extend(verdict_change(None, before, &now));
                self.without = Some(now);
            }
            (None, Some(now)) => {
                let what = if first { What::First } else { What::Verdict };
                changes.push(change(what, None, None, Some(&now), now.text()));
                self.without = Some(now);
            }
            (Some(before), None) => {
                let text = format!("{}: no longer", before.text());
                changes.push(change(What::Verdict, None, Some(before), None, text));
                self.without = None;
            }
            (None, None) => {}
        }
        // Of a name that was not resolved nothing new is known.
        if resolved {
            changes.extend(self.addresses_change(&look.addresses, first));
        }
        for (address, now) in look.addresses {
            let Some(mut now) = now else { continue };
            match self.addresses.get(&address) {
                None => changes.push(change(What::First, Some(&address), None, Some(&now), now.text())),
                Some(before) => {
                    now.keep(before);
                    changes.extend(differences(&address, before, &now));
                }
            }
            self.addresses.insert(address, now);
        }
        changes
    }

    /// Forgets the addresses that are gone.
    fn addresses_change(&mut self, now: &[(String, Option<State>)], first: bool) -> Option<Change> {
        let added: Vec<String> = now
            .iter()
            .filter(|(address, _)| !self.addresses.contains_key(address))
            .map(|(address, _)| address.clone())
            .collect();
        let gone = |address: &String| !now.iter().any(|(known, _)| known == address);
        let removed: Vec<String> = self.addresses.keys().filter(|address| gone(address)).cloned().collect();
        removed.iter().for_each(|address| drop(self.addresses.remove(address)));
        // Those that are first seen after the name could not be resolved are as new as at the first look.
        if first || added.is_empty() && removed.is_empty() || self.addresses.is_empty() && removed.is_empty()
        {
            return None;
        }
        let named = |sign: &str, all: &[String]| {
            if all.is_empty() { None } else { Some(format!("{sign} {}", all.join(", "))) }
        };
        let words: Vec<String> =
            [named("new", &added), named("gone", &removed)].into_iter().flatten().collect();
        let text = format!("addresses: {}", words.join("; "));
        Some(Change { added, removed, ..change(What::Addresses, None, None, None, text) })
    }

    /// How many addresses it has.
    pub fn addresses(&self) -> usize {
        self.addresses.len()
    }
}

fn change(
    what: What,
    address: Option<&str>,
    before: Option<&State>,
    now: Option<&State>,
    text: String,
) -> Change {
    Change {
        what,
        address: address.filter(|address| !address.is_empty()).map(str::to_owned),
        before: before.cloned(),
        now: now.cloned(),
        text,
        added: Vec::new(),
        removed: Vec::new(),
    }
}

fn verdict_change(address: Option<&str>, before: &State, now: &State) -> Option<Change> {
    let of = |state: &State| (state.exit_code, state.outcome, state.id.clone());
    (of(before) != of(now)).then(|| {
        let text = format!("{} (was {})", now.text(), before.verdict());
        change(What::Verdict, address, Some(before), Some(now), text)
    })
}

/// What an address shows otherwise than before.
fn differences(address: &str, before: &State, now: &State) -> Vec<Change> {
    let mut out: Vec<Change> = verdict_change(Some(address), before, now).into_iter().collect();
    let mut add =
        |what: What, text: String| out.push(change(what, Some(address), Some(before), Some(now), text));
    let leaf = |state: &State| state.leaf.as_ref().map(|leaf| leaf.sha256.clone());
    if let (Some(new), Some(old)) = (&now.leaf, &before.leaf)
        && leaf(now) != leaf(before)
    {
        add(What::Certificate, new.after(old));
    }
    if let (Some(new), Some(old)) = (&now.chain, &before.chain)
        && new != old
    {
        let short = |all: &[String]| match all {
            [] => "none".to_owned(),
            all => {
                let names: Vec<String> = all.iter().map(|digest| digest.chars().take(16).collect()).collect();
                format!("{}…", names.join("…, "))
            }
        };
        add(What::Chain, format!("certificates above the leaf: {} (was {})", short(new), short(old)));
    }
    let values = [
        (What::Version, "version", &before.tls, &now.tls),
        (What::Cipher, "cipher suite", &before.cipher, &now.cipher),
        (What::Group, "group", &before.group, &now.group),
        (What::Alpn, "ALPN", &before.alpn, &now.alpn),
    ];
    for (what, name, old, new) in values {
        if old != new && (old.is_some() || what == What::Alpn) {
            let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".into());
            add(what, format!("{name} {} (was {})", known(new), known(old)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(leaf: &str) -> State {
        State {
            outcome: Outcome::Ok,
            exit_code: 0,
            tls: Some("1.3".into()),
            cipher: Some("TLS_AES_128_GCM_SHA256".into()),
            group: Some("x25519".into()),
            leaf: Some(Leaf {
                subject: "a.example".into(),
                issuer: Some("CA".into()),
                names: vec!["a.example".into()],
                serial: Some("01".into()),
                sha256: leaf.repeat(32),
                spki_pin: Some("pin".into()),
                not_after: Some(86_400 * i64::from(leaf.as_bytes()[0])),
            }),
            chain: Some(vec!["aa".repeat(32)]),
            ..State::fault(0, "TLS 1.3")
        }
    }

    fn look(addresses: &[(&str, State)]) -> Look {
        let addresses = addresses.iter().map(|(address, state)| ((*address).into(), Some(state.clone())));
        Look { addresses: addresses.collect(), ..Look::default() }
    }

    fn unreachable() -> State {
        State { outcome: Outcome::Unreachable, id: Some("tcp.refused".into()), ..State::fault(3, "refused") }
    }

    fn names(changes: &[Change]) -> Vec<&'static str> {
        changes.iter().map(|change| change.what.name()).collect()
    }

    #[test]
    fn only_what_changes_is_told() {
        let mut target = Target::default();
        assert_eq!(names(&target.take_in(look(&[("1", state("a")), ("2", state("a"))]))), ["first", "first"]);
        assert_eq!(names(&target.take_in(look(&[("1", state("a")), ("2", state("a"))]))), [""; 0]);
        let renewed = target.take_in(look(&[("1", state("b")), ("2", state("a"))]));
        assert_eq!(names(&renewed), ["certificate"]);
        assert_eq!(renewed[0].address.as_deref(), Some("1"));
        assert!(
            renewed[0].text.starts_with("certificate renewed, until 1970-04-09 (was 1970-04-08), sha256")
        );
        assert!(renewed[0].text.ends_with("the same key"), "{}", renewed[0].text);
        let other = State { tls: Some("1.2".into()), chain: Some(vec![]), ..state("b") };
        assert_eq!(names(&target.take_in(look(&[("1", other), ("2", state("a"))]))), ["chain", "version"]);
    }

    /// What an address has shown before it went away is what it is compared with when it is back.
    #[test]
    fn what_goes_away_and_comes_back() {
        let mut target = Target::default();
        target.take_in(look(&[("1", state("a"))]));
        assert_eq!(names(&target.take_in(look(&[("1", unreachable())]))), ["verdict"]);
        assert_eq!(names(&target.take_in(look(&[("1", unreachable())]))), [""; 0]);
        let back = target.take_in(look(&[("1", state("a"))]));
        assert_eq!(names(&back), ["verdict"]);
        assert!(back[0].text.ends_with("(was tcp.refused)"), "{}", back[0].text);
        target.take_in(look(&[("1", unreachable())]));
        assert_eq!(names(&target.take_in(look(&[("1", state("b"))]))), ["verdict", "certificate"]);
    }

    #[test]
    fn addresses_come_and_go_and_a_name_that_is_not_resolved_has_lost_none() {
        let mut target = Target::default();
        target.take_in(look(&[("1", state("a")), ("2", state("a"))]));
        let changed = target.take_in(look(&[("2", state("a")), ("3", state("a"))]));
        assert_eq!(names(&changed), ["addresses", "first"]);
        assert_eq!(changed[0].text, "addresses: new 3; gone 1");
        assert_eq!(target.addresses(), 2);
        let failed = Look { without: Some(unreachable()), ..Look::default() };
        assert_eq!(names(&target.take_in(failed.clone())), ["verdict"]);
        assert_eq!(names(&target.take_in(failed)), [""; 0]);
        assert_eq!(names(&target.take_in(look(&[("2", state("a")), ("3", state("a"))]))), ["verdict"]);
    }

    /// Names whose addresses are others each time.
    #[test]
    fn nothing_is_kept_of_what_is_gone() {
        let mut target = Target::default();
        for n in 0..1000 {
            target.take_in(look(&[(&n.to_string(), state("a"))]));
        }
        assert_eq!(target.addresses(), 1);
    }
}
