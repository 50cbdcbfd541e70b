//! Trusted here, but not by the public.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "trust.machine_only",
    title: "Root trusted by this machine only",
    about: "The chain leads to a root in this system's store that is not in Mozilla's store: a private CA \
            that was installed here, a TLS-inspecting proxy that answers in the server's place, or a \
            public root that only the operating system's vendor includes. Other machines may get a \
            different result.",
    reference: "--trust mozilla,system",
    part: Part::Other,
    webpki: Webpki::Absent("webpki does not know which store an anchor is from"),
    check: |chain, out| {
        let Some(path) = chain.path else { return };
        let name = |store: usize| chain.question.stores.get(store).map(|store| store.name.as_str());
        let asked_mozilla =
            chain.question.stores.iter().any(|store| store.name == "mozilla" && !store.unread);
        if name(path.store) != Some("system") || !asked_mozilla {
            return;
        }
        let Some((node, anchor)) = chain.anchor() else { return };
        let elsewhere = chain.graph.nodes.iter().any(|other| match other.provenance {
            crate::certificate::graph::Provenance::Anchor(store, _) => {
                name(store) == Some("mozilla") && other.spki == anchor.spki
            }
            _ => false,
        });
        if !elsewhere {
            out.remark(
                node,
                None,
                format!(
                    "{} is in this system's store, but not in Mozilla's: private CA \
                                            or interception",
                    chain.call(node)
                ),
            );
        }
    },
};
