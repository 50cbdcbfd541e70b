//! Certificate policies along the path.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.policy",
    title: "No certificate policy valid for the whole path",
    about: "A CA can require that everything below it is issued under a policy that all certificates of \
            the path name (requireExplicitPolicy). Here the certificates have no policy in common, so the \
            path is not valid. This only applies if a CA requires it, and public CAs do not.",
    reference: "RFC 5280, section 6.1.2 to 6.1.5",
    part: Part::Usage,
    webpki: Webpki::Absent(
        "webpki does not implement policies, and rejects a critical policy extension as \
                            unknown",
    ),
    check: |chain, out| {
        let below: Vec<_> = chain.below_anchor().collect();
        let explicit = |node: usize| {
            chain.graph.certificate(node).and_then(|it| it.extensions.policy_constraints?.0).is_some()
        };
        if !below.iter().any(|(node, _)| explicit(*node)) || chain.path.is_none() {
            return;
        }
        if let Some((node, _)) =
            below.iter().find(|(_, certificate)| certificate.extensions.policy_mappings.is_some())
        {
            return out.unknown(Some(*node), "the chain has policy mappings, which are not evaluated");
        }
        // Certificates that may still follow before the condition binds.
        let count = below.len() as u64;
        let (mut need, mut any_ends) = (count + 1, count + 1);
        // None: every policy is still possible.
        let mut valid: Option<Vec<&[u8]>> = None;
        for (place, (_, certificate)) in below.iter().enumerate().rev() {
            let last = place == 0;
            match &certificate.extensions.policies {
                None => valid = Some(Vec::new()),
                Some(policies) => {
                    let any = policies.contains(&oid::ANY_POLICY)
                        && (any_ends > 0 || (!last && certificate.self_issued()));
                    let named = policies.iter().copied().filter(|id| *id != oid::ANY_POLICY);
                    valid = match valid {
                        None if any => None,
                        None => Some(named.collect()),
                        Some(valid) if any => Some(valid),
                        Some(valid) => Some(named.filter(|id| valid.contains(id)).collect()),
                    };
                }
            }
            if need == 0 && valid.as_ref().is_some_and(Vec::is_empty) {
                break;
            }
            if !certificate.self_issued() || last {
                need = need.saturating_sub(1);
                any_ends = any_ends.saturating_sub(1);
            }
            if let Some((Some(skip), _)) = certificate.extensions.policy_constraints {
                // In the leaf only 0 has an effect (6.1.5 (b)).
                need = if last { if skip == 0 { 0 } else { need } } else { need.min(skip) };
            }
            if let Some(skip) = certificate.extensions.inhibit_any_policy {
                any_ends = any_ends.min(skip);
            }
        }
        if need == 0 && valid.as_ref().is_some_and(Vec::is_empty) {
            out.fails(
                0,
                chain.leaf().and_then(|leaf| leaf.extension_range(oid::CERTIFICATE_POLICIES)),
                "an explicit policy is required, and no policy is valid for the whole path",
            );
        } else {
            out.holds();
        }
    },
};
