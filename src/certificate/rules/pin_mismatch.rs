//! `--pinnedpubkey`.

use super::{ChainRule, Part, Webpki};
use crate::certificate::element::spki_pin;
use crate::certificate::signature::Verified;

pub const RULE: ChainRule = ChainRule {
    id: "cert.pin_mismatch",
    title: "Pinned public key not in the chain",
    about: "With `--pinnedpubkey` one of the chain's public keys must have a given SHA-256 hash. None of \
            them has. Either the server has a new key, or somebody else answers in its place. The report \
            shows the pin of each certificate (SPKI pin).",
    reference: "curl --pinnedpubkey; RFC 7469, section 2.4",
    part: Part::Other,
    webpki: Webpki::Absent("it is the user's requirement, not a rule of validation"),
    check: |chain, out| {
        if chain.question.pins.is_empty() {
            return;
        }
        // Anybody can append certificates: beyond the leaf count those of a path whose every signature holds.
        let signed = |pair: &[usize]| matches!(pair, &[child, issuer] if chain.graph.signed(child, issuer) == Verified::Yes);
        let valid = chain.path.is_some() && (chain.leaf_is_anchor() || chain.judged.windows(2).all(signed));
        let bound = if valid { chain.judged.len() } else { 1 };
        let mut nodes = chain
            .judged
            .iter()
            .take(bound)
            .filter_map(|node| chain.graph.node(*node))
            .filter(|node| !node.spki.is_empty());
        if nodes.any(|node| chain.question.pins.contains(&spki_pin(node.spki))) {
            out.holds();
        } else {
            out.fails_whole(format!(
                "no certificate of the path has one of the {} pinned keys",
                chain.question.pins.len()
            ));
        }
    },
};
