//! The server's own certificate comes first.

use super::{ChainRule, Part, Webpki};
use crate::certificate::host::Reference;
use crate::certificate::rules::name_mismatch::covers;
use crate::certificate::validation::Validation;
use crate::wire::text;

pub const RULE: ChainRule = ChainRule {
    id: "chain.leaf_not_first",
    title: "Server certificate not first in the chain",
    about: "The first certificate of the list is always taken as the server's own. Here it is a CA \
            certificate, and the server's own comes later: the files were concatenated in the wrong order. \
            Put the leaf first, then each certificate that signed the one before it.",
    reference: "RFC 8446, section 4.4.2; RFC 5246, section 7.4.2",
    part: Part::Chain,
    webpki: Webpki::Absent(
        "webpki takes the first certificate as the leaf, and rejects it because it is a \
                            CA's",
    ),
    check: |chain, out| {
        if chain.sent.certificates.len() < 2 {
            return;
        }
        let Some(place) = leaf_elsewhere(chain) else { return out.holds_flaw() };
        let name =
            chain.graph.node(place).map_or_else(String::new, |node| text::escape(&node.subject.short()));
        out.fails(place, None, format!("the leaf is certificate {} (\"{name}\"): put it first", place + 1));
    },
};

/// Where the leaf stands, if that is not the first place: the only certificate that is no CA's behind one that is; or the
/// one that is for the name that was asked for, where the first is not.
pub(super) fn leaf_elsewhere(chain: &Validation<'_, '_>) -> Option<usize> {
    let first = chain.graph.certificate(0)?;
    let reference = chain.question.verify_name.and_then(|name| Reference::read(name).ok());
    let named = |place: usize| {
        let certificate = chain.graph.certificate(place);
        reference.as_ref().zip(certificate).is_some_and(|(reference, it)| covers(it, reference))
    };
    if named(0) {
        return None;
    }
    let sent = chain.graph.nodes.iter().filter(|node| node.sent().is_some()).count();
    let leaves: Vec<usize> = (1..sent)
        .filter(|place| chain.graph.certificate(*place).is_some_and(|it| !it.is_ca() && !it.self_issued()))
        .collect();
    match leaves.iter().copied().find(|place| named(*place)) {
        Some(place) => Some(place),
        None => match leaves[..] {
            [only] if first.is_ca() => Some(only),
            _ => None,
        },
    }
}
