//! `--pinnedpubkey`.

use super::{Part, Rule, Webpki};
use crate::certificate::element::spki_pin;

pub const RULE: Rule = Rule {
    id: "cert.pin_mismatch",
    title: "No public key of the chain is a pinned one",
    about: "With `--pinnedpubkey` one of the chain's public keys must have a given SHA-256 hash. None has. \
            Either the server has a new key, or somebody else answers in its place. \
            The report shows the pin of each certificate (SPKI pin).",
    reference: "curl --pinnedpubkey; RFC 7469, section 2.4",
    part: Part::Other,
    webpki: Webpki::Absent("it is a wish of the user, not a rule of validation"),
    check: |case, report| {
        if case.question.pins.is_empty() {
            return;
        }
        // Without a path nothing but the leaf is known to have a part in this: anybody can append certificates.
        let bound = if case.path.is_some() { case.judged.len() } else { 1 };
        let mut nodes = case
            .judged
            .iter()
            .take(bound)
            .filter_map(|node| case.graph.node(*node))
            .filter(|node| !node.spki.is_empty());
        if nodes.any(|node| case.question.pins.contains(&spki_pin(node.spki))) {
            report.holds();
        } else {
            report.fails_whole(format!(
                "no certificate of the path has one of the {} pinned keys",
                case.question.pins.len()
            ));
        }
    },
};
