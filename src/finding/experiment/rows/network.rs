//! Where and when, with the same ClientHello.

use crate::capture::Change;
use crate::finding::Certainty;
use crate::finding::experiment::conclusion::Conclusion;
use crate::finding::experiment::{Base, Outcome};
use crate::wire::codepoints::AlertDescription;

use super::{ROW, Row, TRY, Try, others, wordless};

/// So many other addresses are tried at most.
const MOST_ADDRESSES: usize = 3;

/// Milliseconds. Rate limits count by the second.
const PAUSE: u32 = 1500;

pub const ROWS: &[Row] = &[
    Row {
        id: "address-{}",
        about: "at the address {}",
        explain: "The same ClientHello at another address of the name: it tells one host that is misconfigured from a cause \
                  that all of them share.",
        changes: |base| others(base).take(MOST_ADDRESSES).map(Change::Address).collect(),
        tries: &[Try { rank: 45, ..TRY }],
        helps: |lab, one| {
            let Change::Address(other) = one.change else { return Ok(Conclusion::unnamed()) };
            let here = lab.base.address.map(|address| address.to_string()).unwrap_or_default();
            let text = format!(
                "the host at {here}: it fails ({}), and the one at {other} goes on with the same ClientHello",
                lab.base.outcome
            );
            Ok(Conclusion::new("diagnosis.address", Certainty::Certain, text)
                .remedy(format!("compare the configuration at {here} with that at {other}"))
                .command("--each-address", ""))
        },
        ..ROW
    },
    Row {
        id: "pause-{}",
        about: "after a pause of {} s",
        explain: "The same ClientHello after a pause: a rate limit lets it through then.",
        changes: |_| vec![Change::Pause(PAUSE)],
        tries: &[Try { rank: RATE_LIMIT, when: may_be_limited, ..TRY }],
        helps: |lab, _| {
            let text = format!(
                "a rate limit: the same ClientHello fails at once ({}), and goes through after a pause of {:.1} s",
                lab.base.outcome,
                f64::from(PAUSE) / 1000.0
            );
            Ok(Conclusion::new("diagnosis.rate_limit", Certainty::Likely, text)
                .remedy("connect less often, or ask whoever runs the limit (firewall, load balancer)"))
        },
        ..ROW
    },
];

/// Last of all that is not rare.
const RATE_LIMIT: u16 = 190;

fn may_be_limited(base: &Base) -> bool {
    let alert = |alert| {
        matches!(
            alert,
            AlertDescription::internal_error
                | AlertDescription::access_denied
                | AlertDescription::user_canceled
        )
    };
    wordless(base) && base.outcome != Outcome::Silent || base.alert().is_some_and(alert)
}
