//! A server that takes no notice of ALPN.

use crate::finding::{Cause, Finding, Remedy, Severity, summary};
use crate::trace::Evidence;

use super::Remark;

pub(super) const IGNORED: Remark = Remark {
    id: "alpn.ignored",
    title: "ALPN was offered, the server chose nothing",
    about: "The client offered application protocols in ALPN, and the server answered without that extension: it \
            does not support ALPN, or was not configured for it. Both sides then have to assume a protocol. \
            HTTP/2 can't be used over such a connection, and without ALPN nothing keeps a client from \
            talking to the wrong service (ALPACA).",
    of: |case| {
        let handshake = case.handshake().filter(|handshake| handshake.complete_at.is_some())?;
        let facts = &handshake.facts;
        let offered = facts.client?.alpn?;
        let names = summary::protocol_names(case.trace().bytes(offered));
        if facts.alpn.is_some() || names.is_empty() {
            return None;
        }
        Some(Finding {
            evidence: vec![Evidence { message: facts.server_hello, ..Evidence::default() }],
            causes: vec![
                Cause::likely("the server does not support ALPN, or no protocols were configured for it"),
                Cause::possible(
                    "it speaks none of the protocols, and goes on where it should send no_application_protocol",
                ),
            ],
            remedy: Some(Remedy {
                command: None,
                text: Some("enable ALPN on the server (HTTP/2 in its configuration, say)".into()),
            }),
            ..Finding::new(
                IGNORED.id,
                Severity::Note,
                IGNORED.title,
                format!("offered: {}; the server's answer has no ALPN extension", names.join(", ")),
            )
        })
    },
};
