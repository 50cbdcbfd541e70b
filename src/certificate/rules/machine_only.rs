//! Trusted here, but not by the public.

use super::{Part, Rule, Webpki};

pub const RULE: Rule = Rule {
    id: "trust.machine_only",
    title: "Only this machine trusts the root",
    about: "The chain leads to a root of this system's store that Mozilla's store does not have. \
            It is a private authority that somebody installed here, an inspecting proxy that answers in the server's place, \
            or a public root that only the system's vendor includes. Other machines see another result.",
    reference: "--trust mozilla,system",
    part: Part::Other,
    webpki: Webpki::Absent("webpki does not know which store an anchor is from"),
    check: |case, report| {
        let Some(path) = case.path else { return };
        let name = |store: usize| case.question.stores.get(store).map(|store| store.name.as_str());
        let asked_mozilla = case.question.stores.iter().any(|store| store.name == "mozilla" && !store.unread);
        if name(path.store) != Some("system") || !asked_mozilla {
            return;
        }
        let Some((node, anchor)) = case.anchor() else { return };
        let elsewhere = case.graph.nodes.iter().any(|other| match other.origin {
            crate::certificate::graph::Origin::Anchor(store, _) => {
                name(store) == Some("mozilla") && other.spki == anchor.spki
            }
            _ => false,
        });
        if !elsewhere {
            report.remark(node, None, format!("{} is in this system's store, but not in Mozilla's: a private authority, or interception", case.call(node)));
        }
    },
};
