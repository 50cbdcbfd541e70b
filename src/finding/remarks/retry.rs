//! A HelloRetryRequest that another key share would have avoided.

use crate::finding::{Cause, Command, Finding, Remedy, Severity, summary};
use crate::trace::Evidence;

use super::Remark;

pub(super) const AVOIDABLE: Remark = Remark {
    id: "retry.avoidable",
    title: "HelloRetryRequest: one round trip more",
    about: "The server wanted a key share of a group that the client supports but had sent no share for, so it \
            asked for a second ClientHello (HelloRetryRequest; RFC 8446, section 4.1.4). Every new connection \
            pays a round trip for it. A key share for that group in the first ClientHello avoids it; so does a \
            server that takes a group of which it has a share already.",
    of: |case| {
        let handshake = case.handshake()?;
        let retry = handshake.facts.retry?;
        let group = retry.group?;
        let first = handshake.client_hellos.first()?;
        let trace = case.trace();
        if !summary::codes(trace.bytes(first.supported_groups?)).any(|code| code == group.0) {
            return None;
        }
        let mut shares = trace.bytes(first.key_shares?);
        let mut sent = Vec::new();
        while let [a, b, high, low, rest @ ..] = shares {
            let code = crate::wire::codepoints::NamedGroup(u16::from_be_bytes([*a, *b]));
            sent.extend((!code.is_grease()).then_some(code));
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            shares = rest.get(length..).unwrap_or_default();
        }
        if sent.contains(&group) {
            return None;
        }
        let shares = match sent.as_slice() {
            [] => "the ClientHello had no key share".to_owned(),
            sent => {
                let names: Vec<_> = sent.iter().map(ToString::to_string).collect();
                format!("the ClientHello had key shares for {} only", names.join(" and "))
            }
        };
        let command = case
            .capture
            .intent
            .origin
            .is_live()
            .then(|| Command::default().set("groups", Some(&group.to_string())));
        Some(Finding {
            evidence: vec![Evidence { message: Some(retry.message), ..Evidence::default() }],
            causes: vec![Cause::certain(format!("{shares}, and the server wants {group}"))],
            remedy: Some(Remedy {
                command,
                text: Some(format!("a key share for {group} in the first ClientHello")),
            }),
            ..Finding::new(
                AVOIDABLE.id,
                Severity::Note,
                AVOIDABLE.title,
                format!(
                    "{shares}; the server asked for one for {group}, which was offered: a share for it in the first ClientHello saves the round trip"
                ),
            )
        })
    },
};
