//! Certificate Transparency.

use super::{ChainRule, Part, Webpki};
use crate::trace::State;

pub const RULE: ChainRule = ChainRule {
    id: "ct.scts",
    title: "Too few SCTs (Certificate Transparency)",
    about: "Public CAs submit every certificate to public logs, and a log's signed certificate timestamp \
            (SCT) proves it. The policies of Chrome, Apple and Mozilla require at least two for \
            certificates of public CAs. Private CAs do not log. The signatures of the timestamps are \
            verified when the logs' keys are given (`--ct-logs FILE`).",
    reference: "RFC 6962, section 3.3; the browsers' CT policies",
    part: Part::Other,
    webpki: Webpki::Absent("rustls passes timestamps on and evaluates none"),
    check: |chain, out| {
        let (scts, problems) = chain.timestamps();
        if chain.leaf().is_none() {
            return;
        }
        for why in problems {
            out.flaw(0, None, why.clone());
        }
        for sct in scts {
            if let State::Fails(why) = &sct.verified {
                let log = sct.log.as_deref().unwrap_or("a log");
                out.flaw(0, None, format!("the timestamp of {log}: {why}"));
            }
        }
        if out.said() {
            return;
        }
        match (scts.len(), chain.public()) {
            (0 | 1, true) => out.flaw(
                0,
                None,
                format!(
                    "{} SCTs; browser policies require at least two for certificates of public CAs",
                    scts.len()
                ),
            ),
            (0, false) => out.not_asked(Some(0), "no SCTs; a private CA need not log"),
            _ if scts.iter().all(|sct| sct.verified.holds()) => out.holds_flaw(),
            (count, _) => {
                let why = scts.iter().find_map(|sct| sct.verified.reason()).unwrap_or_default();
                out.not_asked(Some(0), format!("{count} SCTs; not all are verified: {why}"));
            }
        }
    },
};
