//! The server name.

use crate::capture::Change;
use crate::finding::Certainty;
use crate::finding::experiment::Base;
use crate::finding::experiment::conclusion::Conclusion;
use crate::finding::experiment::plan::{Asked, Lab};
use crate::wire::codepoints::AlertDescription;

use super::versions::TLS12;
use super::{Atom, ROW, Row, TRY, Try};

const SNI: &str = "sni";
pub const NO_SNI: &str = "no-sni";
const OTHER: &str = "other-sni";
const DOT: &str = "sni-with-dot";

/// A name that nobody has (RFC 6761).
const OTHER_NAME: &str = "tls-trace.invalid";

const CONFIGURE: &str =
    "ask for a name that the server is configured for (--sni NAME), or configure this one on the server";

pub const ROWS: &[Row] = &[
    Row {
        id: NO_SNI,
        about: "no server_name",
        explain: "The ClientHello without a server_name: a server that goes on then rejects the name, and has a default.",
        changes: |base| base.sni.then_some(Change::ServerName(None)).into_iter().collect(),
        tries: TRIES,
        first: |lab| {
            let rejected = lab.base.alert() == Some(AlertDescription::unrecognized_name);
            let (Some(none), Some(other), true) =
                (Atom::of(NO_SNI, lab.base), Atom::of(OTHER, lab.base), rejected)
            else {
                return Ok(None);
            };
            if lab.outcome(&[none])? != lab.base.outcome || lab.outcome(&[other])? != lab.base.outcome {
                return Ok(None);
            }
            let text = format!(
                "the server does not serve the name {}: it answers with the alert unrecognized_name to this server_name, \
                 to an unknown one and to none",
                name(lab)
            );
            Ok(Some(Conclusion::new("diagnosis.server_name", Certainty::Certain, text).remedy(CONFIGURE)))
        },
        helps: rejects,
        flags: &[("--no-sni", None)],
        ..ROW
    },
    Row {
        id: SNI,
        about: "with server_name",
        explain: "The ClientHello with a server_name, where none was sent: servers of several names choose the certificate by \
                  it, and many refuse a client without one.",
        changes: |base| {
            let name = base.host.clone().unwrap_or_else(|| "localhost".into());
            (!base.sni).then_some(Change::ServerName(Some(name))).into_iter().collect()
        },
        tries: TRIES,
        helps: |lab, _| {
            let text = format!(
                "the server needs SNI; without a server_name it ends the connection ({})",
                lab.base.outcome
            );
            Ok(Conclusion::new("diagnosis.needs_server_name", Certainty::Certain, text)
                .remedy("connect by name, or give one with --sni"))
        },
        ..ROW
    },
    Row {
        id: OTHER,
        about: "server_name {}",
        explain: "The server_name is one that nobody has (RFC 6761): it tells a server that does not serve the name that was \
                  sent from one that rejects any.",
        changes: |base| base.sni.then(|| Change::ServerName(Some(OTHER_NAME.into()))).into_iter().collect(),
        ..ROW
    },
    Row {
        id: DOT,
        about: "server_name {} (with a dot at the end)",
        explain: "The server_name ends in a dot, which RFC 6066 does not allow and many servers ignore. If the name is \
                  accepted like this, something compares the bytes of the name, as filters do.",
        changes: |base| {
            let name = base.host.as_ref().filter(|name| base.sni && !name.ends_with('.'));
            name.map(|name| Change::ServerName(Some(format!("{name}.")))).into_iter().collect()
        },
        ..ROW
    },
];

const TRIES: &[Try] = &[
    Try { rank: 1, when: |base| base.alert() == Some(AlertDescription::unrecognized_name), ..TRY },
    Try { rank: 30, plain: true, ..TRY },
    Try { rank: 40, with: &[TLS12], plain: true, when: |_: &Base| true },
];

fn name<'a>(lab: &'a Lab<'_>) -> &'a str {
    lab.base.host.as_deref().unwrap_or("that was sent")
}

/// The server goes on without the name that was sent.
fn rejects(lab: &Lab<'_>, _: &Atom) -> Asked<Conclusion> {
    let goes_on = |id: &str| match Atom::of(id, lab.base) {
        Some(atom) => lab.goes_on(&[atom]),
        None => Ok(false),
    };
    let mut text = match goes_on(OTHER)? {
        true => {
            format!("the server rejects the server_name {}: without one, and with another, it goes on", name(lab))
        }
        false => "the server goes on only without a server_name: it rejects the one that was sent, and an unknown one as well"
            .to_owned(),
    };
    let certain = |text| Conclusion::new("diagnosis.server_name", Certainty::Certain, text);
    if !text.contains("only without") && goes_on(DOT)? {
        text += "; with a dot at its end the same name is accepted, so something compares its bytes, as filters do";
        return Ok(certain(text).remedy("ask whoever runs a filter between here and the server"));
    }
    Ok(certain(text).remedy(CONFIGURE))
}
