//! Application protocols.

use crate::capture::Change;
use crate::finding::Certainty;
use crate::finding::experiment::Base;
use crate::finding::experiment::conclusion::Conclusion;
use crate::wire::codepoints::AlertDescription;

use super::{Atom, ROW, Row, TRY, Try};

const HTTP2: &str = "alpn-h2";
const HTTP11: &str = "alpn-http1.1";

pub const ROWS: &[Row] = &[
    Row {
        id: "no-alpn",
        about: "no ALPN",
        explain: "No application protocol is offered. If that helps, the server rejects those that were; which one is told \
                  by offering each alone.",
        changes: |base| (!base.alpn.is_empty()).then(|| Change::Alpn(Vec::new())).into_iter().collect(),
        plain: true,
        tries: &[Try { rank: 2, when: no_protocol, ..TRY }],
        helps: |lab, _| {
            let mut taken = Vec::new();
            // With one protocol there is nothing to tell apart.
            for (id, name) in [(HTTP2, "h2"), (HTTP11, "http/1.1")] {
                if let Some(alone) = Atom::of(id, lab.base).filter(|_| lab.base.alpn.len() > 1)
                    && lab.goes_on(&[alone])?
                {
                    taken.push(name);
                }
            }
            let mut text = "it rejects the application protocols that were offered by ALPN".to_owned();
            match *taken {
                [one] => {
                    text += &format!("; {one} alone is accepted");
                    return Ok(rejected(text).command("--alpn", one));
                }
                [] if lab.base.alpn.len() > 1 => text += ", and each of them alone",
                [] => {}
                _ => text += "; each of them alone is accepted",
            }
            Ok(rejected(text))
        },
        flags: &[("--no-alpn", None)],
        ..ROW
    },
    Row {
        id: HTTP2,
        about: "ALPN h2 only",
        explain: "Only h2 is offered by ALPN: it tells a server that rejects http/1.1 from one that rejects ALPN as such.",
        changes: |base| only(base, b"h2"),
        tries: &[Try { rank: 3, when: no_protocol, ..TRY }],
        helps: |_, _| Ok(rejected("the server goes on when h2 is the only application protocol".into())),
        flags: &[("--alpn", Some("h2"))],
        ..ROW
    },
    Row {
        id: HTTP11,
        about: "ALPN http/1.1 only",
        explain: "Only http/1.1 is offered by ALPN: it tells a server that rejects h2 from one that rejects ALPN as such.",
        changes: |base| only(base, b"http/1.1"),
        tries: &[Try { rank: 4, when: no_protocol, ..TRY }],
        helps: |_, _| {
            Ok(rejected("the server goes on when http/1.1 is the only application protocol".into()))
        },
        flags: &[("--alpn", Some("http/1.1"))],
        ..ROW
    },
    Row {
        id: "alpn-http",
        about: "ALPN h2 and http/1.1",
        explain: "h2 and http/1.1 are offered by ALPN, where nothing was offered: some servers need it.",
        changes: |base| {
            let names = || vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            base.alpn.is_empty().then(|| Change::Alpn(names())).into_iter().collect()
        },
        tries: &[Try { rank: 5, when: no_protocol, ..TRY }, Try { rank: 70, ..TRY }],
        helps: |_, _| Ok(rejected("it needs ALPN: it goes on when h2 and http/1.1 are offered".into())),
        flags: &[("--alpn", Some("h2,http/1.1"))],
        ..ROW
    },
];

fn no_protocol(base: &Base) -> bool {
    base.alert() == Some(AlertDescription::no_application_protocol)
}

/// Only `name`, where that is something else than what was offered.
fn only(base: &Base, name: &[u8]) -> Vec<Change> {
    let new = !base.alpn.is_empty() && base.alpn != [name];
    new.then(|| Change::Alpn(vec![name.to_vec()])).into_iter().collect()
}

fn rejected(text: String) -> Conclusion {
    Conclusion::new("diagnosis.alpn", Certainty::Certain, text)
}
