//! Over thousands of generated chains: where webpki implements a rule, both verdicts agree;
//! and every other difference is a row of the table.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a chain that cannot be made has to fail the test"
)]

mod certificate_support;

use certificate_support::*;
use std::collections::BTreeMap;
use tls_trace::certificate::rules::Webpki;
use tls_trace::certificate::{Judgement, Question, Sent, judge, rules, second};
use tls_trace::trust::{Anchors, Loaded};
use tls_trace::wire::asn1::{der, oid};

/// SplitMix64: small, seeded, the same everywhere.
struct Dice(u64, u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n * self.1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[(self.next() % from.len() as u64) as usize]
    }
}

/// One chain: what is sent, its roots, and what was done to it.
struct Chain {
    sent: Vec<Vec<u8>>,
    roots: Vec<Vec<u8>>,
    story: Vec<String>,
}

fn chain(dice: &mut Dice, keys: &[Key]) -> Chain {
    let mut story = Vec::new();
    let depth = 1 + (dice.next() % 4) as usize;
    let mut sent = Vec::new();
    let mut roots = Vec::new();
    // From the root down: index 0 is the root, depth + 1 the leaf.
    let names: Vec<Vec<u8>> = (0..depth + 2).map(|level| common_name(&format!("level {level}"))).collect();
    let mut signer = dice.pick(keys);
    for level in 0..depth + 2 {
        let (leaf, root) = (level == depth + 1, level == 0);
        let key = dice.pick(keys);
        let issuer = if root { key } else { signer };
        let mut note = |what: &str| story.push(format!("level {level}: {what}"));
        let (mut from, mut to) = if leaf {
            (NOW - 86_400 * 10, NOW + 86_400 * 60)
        } else {
            (NOW - 86_400 * 500, NOW + 86_400 * 2_000)
        };
        match dice.next() % (24 * dice.1) {
            0 => {
                to = NOW - 1;
                note("expired");
            }
            1 => {
                from = NOW + 1;
                note("not yet valid");
            }
            2 => {
                (from, to) = (NOW, NOW);
                note("valid for this second only");
            }
            _ => {}
        }
        let issuer_name = if root { &names[0] } else { &names[level - 1] };
        let mut recipe = Recipe::new(&names[level], issuer_name, from, to);
        let mut extensions = Vec::new();
        let mut ca = !leaf;
        if dice.one_in(20) {
            ca = !ca;
            note("cA is the other way round");
        }
        if ca || dice.one_in(4) {
            let mut value = if ca { vec![1, 1, 0xff] } else { Vec::new() };
            if ca && dice.one_in(4) {
                let len = (dice.next() % 4) as u8;
                value.extend([2, 1, len]);
                note(&format!("pathLenConstraint {len}"));
            }
            extensions.push(extension(oid::BASIC_CONSTRAINTS, true, &element(SEQUENCE, &value)));
        }
        if dice.one_in(2) {
            let mut usages = vec![if leaf { "digitalSignature" } else { "keyCertSign" }.to_owned()];
            if dice.one_in(10) {
                usages = vec!["cRLSign".to_owned()];
                note("keyUsage without the right bit");
            }
            extensions.push(extension(oid::KEY_USAGE, true, &key_usage(&usages)));
        }
        if leaf || dice.one_in(6) {
            let all: [&[&str]; 6] = [
                &["serverAuth"],
                &["serverAuth", "clientAuth"],
                &["serverAuth"],
                &["clientAuth"],
                &["any"],
                &["any", "serverAuth"],
            ];
            let purposes = if dice.1 > 1 { all[0] } else { *dice.pick(&all) };
            note(&format!("{purposes:?}"));
            let purposes: Vec<String> = purposes.iter().map(|purpose| (*purpose).to_owned()).collect();
            extensions.push(extension(
                oid::EXTENDED_KEY_USAGE,
                dice.one_in(2),
                &extended_key_usage(&purposes),
            ));
        }
        if leaf || dice.one_in(8) {
            let all = [
                "DNS:example.com",
                "DNS:*.example.com",
                "DNS:other.example",
                "IP:192.0.2.1",
                "DNS:a.example.com",
                "email:a@example.com",
            ];
            let count = 1 + dice.next() % 3;
            let names: Vec<&str> = (0..count).map(|_| *dice.pick(&all)).collect();
            note(&format!("{names:?}"));
            let names: Vec<Vec<u8>> = names.iter().map(|name| general_name(name)).collect();
            extensions.push(extension(
                oid::SUBJECT_ALT_NAME,
                dice.one_in(5),
                &element(SEQUENCE, &names.concat()),
            ));
        }
        if !leaf && dice.one_in(6) {
            let bases = [
                "DNS:example.com",
                "DNS:.example.com",
                "DNS:other.example",
                "IP:192.0.2.0/255.255.255.0",
                "DNS:",
                "dir:level 9",
                "email:example.com",
                "DNS:a.example.com",
            ];
            let (tag, base) = (dice.next() % 2, *dice.pick(&bases));
            note(&format!("nameConstraints {tag} {base}"));
            let subtrees = element(der::constructed(tag as u8), &element(SEQUENCE, &general_name(base)));
            extensions.push(extension(oid::NAME_CONSTRAINTS, true, &element(SEQUENCE, &subtrees)));
        }
        if dice.one_in(16) {
            let critical = dice.one_in(2);
            note(&format!("unknown extension, critical: {critical}"));
            extensions.push(extension(&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 99], critical, &[5, 0]));
        }
        if dice.one_in(30) && !extensions.is_empty() {
            extensions.push(extensions[0].clone());
            note("first extension twice");
        }
        if dice.one_in(30) {
            recipe.version = *dice.pick(&[None, Some(1)]);
            note("another version");
            if recipe.version.is_none() {
                extensions.clear();
            }
        }
        if dice.one_in(25) {
            recipe.spoil_signature = true;
            note("spoilt signature");
        }
        if dice.one_in(40) {
            let other = dice.pick(keys).algorithm();
            recipe.outer_algorithm = Some(other);
            note("another algorithm outside, perhaps");
        }
        if dice.one_in(40) {
            recipe.trailing = vec![0];
            note("data behind");
        }
        recipe.extensions = extensions;
        let der = recipe.sign(&key.spki(), issuer);
        if root {
            roots.push(der);
        } else {
            sent.insert(0, der);
        }
        signer = key;
    }
    if dice.one_in(12) && sent.len() > 1 {
        let place = 1 + (dice.next() as usize) % (sent.len() - 1);
        sent.remove(place);
        story.push(format!("{place} not sent"));
    }
    if dice.one_in(8) {
        sent[1..].reverse();
        story.push("others reversed".to_owned());
    }
    if dice.one_in(10) {
        sent.push(roots[0].clone());
        story.push("root sent".to_owned());
    }
    if dice.one_in(16) {
        roots = vec![
            Recipe::new(&common_name("another"), &common_name("another"), NOW - 9, NOW + 9)
                .sign(&keys[0].spki(), &keys[0]),
        ];
        story.push("another root".to_owned());
    } else if dice.one_in(16) && sent.len() > 1 {
        roots = vec![sent[1].clone()];
        story.push("an intermediate as the anchor".to_owned());
    } else if dice.one_in(24) {
        roots = vec![sent[0].clone()];
        story.push("the leaf as the anchor".to_owned());
    }
    Chain { sent, roots, story }
}

fn broken(judgement: &Judgement) -> Vec<&'static str> {
    judgement
        .rules
        .iter()
        .filter(|result| result.decides() && !result.state.holds())
        .map(|result| result.id)
        .collect()
}

#[test]
fn both_verdicts_agree_where_webpki_implements_the_rule() {
    let keys: Vec<Key> =
        ["p256", "p256", "p256", "ed25519", "p256", "p384"].iter().map(|kind| Key::make(kind)).collect();
    let (mut accepted, mut errors, mut differences) =
        (0, BTreeMap::<String, usize>::new(), BTreeMap::<&str, usize>::new());
    let mut wrong = Vec::new();
    for seed in 0..5_000u64 {
        // Every other chain is a calm one, or hardly any would be accepted.
        let mut dice = Dice(seed, if seed % 2 == 0 { 1 } else { 8 });
        let Chain { sent, roots, story } = chain(&mut dice, &keys);
        let mut anchors = Anchors::none();
        anchors.push(Loaded::certificates("ca.pem", roots));
        let stores = anchors.candidates(&sent);
        let name = *dice.pick(&["example.com", "a.example.com", "192.0.2.1"]);
        let judgement = judge(&Sent::chain(&sent), &Question::server(Some(name), NOW, &stores));
        let broken = broken(&judgement);
        for difference in &judgement.differences {
            *differences.entry(difference.id).or_default() += 1;
        }
        let mut complain = |what: String| {
            wrong.push(format!(
                "seed {seed}, {name}: {what}\n  webpki {:?}\n  ours {broken:?}\n  {}",
                judgement.second.verdict,
                story.join("; ")
            ))
        };
        match &judgement.second.verdict {
            Ok(()) => {
                accepted += 1;
                // It accepted a path: no rule that it implements may be broken, and what it does not implement has a reason.
                for id in &broken {
                    let rule = rules::find(id).unwrap();
                    if rule.webpki == Webpki::Same {
                        complain(format!("{id} is broken, and webpki implements it"));
                    }
                    if !judgement.differences.iter().any(|difference| difference.id == *id) {
                        complain(format!("{id} has no row"));
                    }
                }
            }
            Err(error) => {
                let key: String = error.chars().take_while(|c| c.is_alphanumeric()).collect();
                *errors.entry(key).or_default() += 1;
                let same = second::rules_of(error).iter().any(|id| broken.contains(id));
                if !same && judgement.differences.is_empty() {
                    if broken.is_empty() {
                        complain("we accept, webpki refuses, and no row says why".to_owned());
                    } else if !other_way(error, &judgement) {
                        complain("webpki's error is none of our findings".to_owned());
                    }
                }
            }
        }
    }
    println!("accepted {accepted}; refused {errors:?}; differences {differences:?}");
    assert!(wrong.is_empty(), "{} of them, first:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
    // The dice must have something to say about everything.
    assert!(accepted > 500 && errors.len() >= 12, "{accepted} {errors:?}");
}

/// Both refuse, but webpki met its error on another way than the one that we judged.
fn other_way(error: &str, judgement: &Judgement) -> bool {
    // It reads every certificate whose name fits nothing, too, and stops at one that it can't read.
    const READING: [&str; 5] = [
        "UnsupportedCertVersion",
        "UnsupportedCriticalExtension",
        "TrailingData",
        "ExtensionValueInvalid",
        "SignatureAlgorithmMismatch",
    ];
    // What it does not get past, so that it does not see what is above.
    const STOPS: [&str; 6] = [
        "cert.version",
        "cert.malformed",
        "cert.unknown_critical_extension",
        "cert.duplicate_extension",
        "cert.algorithm_mismatch",
        "cert.signature",
    ];
    let stopped = judgement.rules.iter().any(|result| result.state.fails() && STOPS.contains(&result.id));
    let more_ways = judgement.path.is_some()
        && judgement
            .elements
            .iter()
            .any(|element| element.sent.is_some() && (!element.in_path || element.anchor));
    READING.iter().any(|reading| error.starts_with(reading))
        || (error.starts_with("UnknownIssuer") && stopped)
        || more_ways
}
