//! Versions.

use crate::capture::Change;
use crate::finding::Certainty;
use crate::finding::experiment::Base;
use crate::finding::experiment::conclusion::Conclusion;
use crate::finding::experiment::plan::{Asked, Lab};
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3};
use crate::wire::codepoints::{AlertDescription, ProtocolVersion};
use crate::wire::extension::psk_key_exchange_modes;

use super::{Atom, ROW, Row, TRY, Try};

const PSK_MODES: u16 = psk_key_exchange_modes::EXTENSION.code;

pub const TLS12: &str = "tls12";

pub const ROWS: &[Row] = &[
    Row {
        id: TLS12,
        about: "TLS 1.0 to 1.2 only",
        explain: "TLS 1.3 is not offered, with all that belongs to it. If that helps, the server does not tolerate the offer \
                  of TLS 1.3, or its TLS 1.3 has nothing in common with what was offered; what it answers shows its version.",
        changes: |base| only(base, TLS_1_0, TLS_1_2, base.versions.0 > TLS_1_2),
        tries: &[Try { rank: 7, plain: true, when: by_version, ..TRY }, Try { rank: 20, plain: true, ..TRY }],
        helps: without_tls13,
        flags: &[("--tls-max", Some("1.2"))],
        ..ROW
    },
    Row {
        id: "tls13",
        about: "TLS 1.3 too",
        explain: "TLS 1.3 is offered as well: some servers speak nothing else.",
        changes: |base| only(base, base.versions.1, TLS_1_3, base.versions.0 < TLS_1_3),
        tries: &[Try { rank: 6, plain: true, when: by_version, ..TRY }, Try { rank: 12, plain: true, ..TRY }],
        helps: |_, _| Ok(version(Certainty::Certain, "it speaks TLS 1.3 only")),
        flags: &[("--tls-max", Some("1.3"))],
        ..ROW
    },
    Row {
        id: "tls13-only",
        about: "TLS 1.3 only",
        explain: "Only TLS 1.3 is offered: something rejects a ClientHello that offers older versions as well.",
        changes: |base| only(base, TLS_1_3, TLS_1_3, base.versions.0 == TLS_1_3 && base.versions.1 < TLS_1_3),
        tries: &[Try { rank: 155, ..TRY }],
        helps: |lab, _| {
            // It has a shorter list of cipher suites as well.
            if let Some(few) = Atom::of(super::suites::FEW, lab.base)
                && lab.goes_on(&[few])?
            {
                return Ok(super::suites::too_many(lab));
            }
            let text = "it goes on only with a ClientHello that offers nothing below TLS 1.3";
            Ok(version(Certainty::Certain, text))
        },
        flags: &[("--tls-min", Some("1.3"))],
        ..ROW
    },
    Row {
        id: "tls11",
        about: "TLS 1.1 only",
        explain: "Nothing above or below TLS 1.1 is offered: servers that reject any newer offer, instead of choosing an older \
                  version, are found so.",
        changes: |base| only(base, TLS_1_1, TLS_1_1, base.versions != (TLS_1_1, TLS_1_1)),
        tries: &[Try { rank: 85, plain: true, ..TRY }],
        helps: |_, _| {
            let text = "it goes on only with a ClientHello that offers nothing above TLS 1.1";
            Ok(version(Certainty::Certain, text))
        },
        flags: &[("--tls-min", Some("1.1")), ("--tls-max", Some("1.1"))],
        ..ROW
    },
    Row {
        id: "tls10",
        about: "TLS 1.0 only",
        explain: "Nothing above TLS 1.0 is offered, as by the clients of 2000.",
        changes: |base| only(base, TLS_1_0, TLS_1_0, base.versions != (TLS_1_0, TLS_1_0)),
        tries: &[Try { rank: 80, plain: true, ..TRY }],
        helps: |_, _| {
            let text = "it goes on only with a ClientHello that offers nothing above TLS 1.0";
            Ok(version(Certainty::Certain, text))
        },
        flags: &[("--tls-min", Some("1.0")), ("--tls-max", Some("1.0"))],
        ..ROW
    },
    Row {
        id: "ssl3",
        about: "SSL 3.0 only",
        explain: "Nothing but SSL 3.0 is offered, which is broken (RFC 7568) and which some appliances still speak alone.",
        changes: |base| only(base, SSL_3_0, SSL_3_0, base.versions.0 > SSL_3_0),
        tries: &[Try { rank: 120, ..TRY }],
        helps: |_, _| Ok(version(Certainty::Certain, "it speaks nothing but SSL 3.0")),
        flags: &[("--ssl3", None)],
        ..ROW
    },
];

fn only(_: &Base, min: u16, max: u16, changes: bool) -> Vec<Change> {
    changes.then_some(Change::Versions { min, max }).into_iter().collect()
}

fn by_version(base: &Base) -> bool {
    base.alert() == Some(AlertDescription::protocol_version)
}

fn version(certainty: Certainty, text: impl Into<String>) -> Conclusion {
    Conclusion::new("diagnosis.version", certainty, text)
}

/// The server goes on when TLS 1.3 is not offered.
fn without_tls13(lab: &Lab<'_>, one: &Atom) -> Asked<Conclusion> {
    let answered = lab.answer_to(one).version.unwrap_or(ProtocolVersion::TLS_1_2);
    let (highest, lowest) = lab.base.versions;
    if !(lowest..=highest).contains(&answered.0) || highest != TLS_1_3 {
        return Ok(version(Certainty::Certain, format!("the server goes on only with {answered}")));
    }
    // An alert may be a correct answer: a key that can't sign in TLS 1.3, for example.
    if let Some(alert) = lab.base.alert().filter(|alert| *alert != AlertDescription::protocol_version) {
        let text = format!(
            "the server does not complete TLS 1.3 (alert {alert}), and goes on with {answered} where TLS 1.3 is not offered: \
             its TLS 1.3 has nothing in common with what was offered, or its key can't sign in TLS 1.3"
        );
        return Ok(version(Certainty::Likely, text)
            .remedy("look at the server's TLS 1.3 configuration and at the kind and size of its key"));
    }
    // Not what comes with such an offer.
    let modes = Atom { id: "without-psk_key_exchange_modes".into(), change: Change::Without(PSK_MODES) };
    let modes = Some(modes).filter(|_| lab.base.extensions.contains(&PSK_MODES));
    for part in Atom::of("no-key-share", lab.base).into_iter().chain(modes) {
        if lab.goes_on(std::slice::from_ref(&part))?
            && let Some(row) = super::row(&part.id)
        {
            return (row.helps)(lab, &part);
        }
    }
    let text = format!(
        "the server does not tolerate a ClientHello that offers TLS 1.3; it should answer such a one with {answered}, which it \
         speaks"
    );
    Ok(Conclusion::new("diagnosis.version_intolerance", Certainty::Certain, text)
        .remedy("update the server, or what terminates TLS in front of it"))
}
