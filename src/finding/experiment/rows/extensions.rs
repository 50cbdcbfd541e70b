//! Extensions, and values that are to be ignored.

use crate::capture::Change;
use crate::finding::Certainty;
use crate::finding::experiment::conclusion::Conclusion;
use crate::wire::extension;
use crate::wire::extension::{
    application_layer_protocol_negotiation as alpn, key_share, padding, pre_shared_key,
    psk_key_exchange_modes, server_name, signature_algorithms, supported_groups, supported_versions,
};

use super::{ROW, Row, TRY, Try, versions};

/// Without these nothing else in a hello of their version can be understood; each has its own rows.
const NOT_ALONE: &[u16] = &[
    server_name::EXTENSION.code,
    supported_groups::EXTENSION.code,
    signature_algorithms::EXTENSION.code,
    supported_versions::EXTENSION.code,
    psk_key_exchange_modes::EXTENSION.code,
    key_share::EXTENSION.code,
    pre_shared_key::EXTENSION.code,
    padding::EXTENSION.code,
    alpn::EXTENSION.code,
];

pub const ROWS: &[Row] = &[
    Row {
        id: "no-grease",
        about: "no GREASE values",
        explain: "The ClientHello without the reserved values of GREASE (RFC 8701), which a server has to ignore.",
        changes: |base| base.grease.then_some(Change::WithoutGrease).into_iter().collect(),
        plain: true,
        helps: |_, _| {
            let text =
                "it does not tolerate the reserved values of GREASE, which it should ignore (RFC 8701)";
            Ok(Conclusion::new("diagnosis.grease", Certainty::Certain, text))
        },
        ..ROW
    },
    Row {
        id: "grease",
        about: "with GREASE values",
        explain: "Reserved values of GREASE are added, as browsers send them. A server ignores them, so if that helps, \
                  something looks for the fingerprint of a browser.",
        changes: |base| (!base.grease).then_some(Change::WithGrease).into_iter().collect(),
        tries: &[Try { rank: 205, when: super::wordless, ..TRY }],
        helps: |_, _| {
            let text = "it goes on when GREASE is sent, as browsers do, which no server has a use for: a filter on the \
                        fingerprint of the client is likely";
            Ok(Conclusion::new("diagnosis.grease", Certainty::Likely, text).remedy(
                "ask whoever runs a filter in front of the server (web application firewall, bot detection)",
            ))
        },
        ..ROW
    },
    Row {
        id: "without-{}",
        about: "no {}",
        explain: "One extension that a ClientHello can do without is left out: session_ticket, extended_master_secret, \
                  status_request, and each other one. Unknown extensions have to be ignored, so if that helps, the server \
                  or a middlebox mishandles this one.",
        changes: |base| {
            let optional = base.extensions.iter().filter(|code| !NOT_ALONE.contains(code));
            optional.map(|code| Change::Without(*code)).collect()
        },
        plain: true,
        helps: |_, one| {
            let Change::Without(code) = one.change else { return Ok(Conclusion::unnamed()) };
            let text = format!(
                "the server does not tolerate the extension {} in a ClientHello; without it, it goes on",
                name_of(code)
            );
            Ok(Conclusion::new("diagnosis.extension", Certainty::Certain, text).remedy(
                "update the server: extensions that it does not know have to be ignored (RFC 8446, section 4.1.2)",
            ))
        },
        ..ROW
    },
    Row {
        id: "no-extensions",
        about: "no extensions at all",
        explain: "A ClientHello of TLS 1.2 or earlier without any extension, as clients of the 1990s sent it.",
        changes: |base| {
            (!base.extensions.is_empty()).then_some(Change::WithoutExtensions).into_iter().collect()
        },
        tries: &[Try { rank: 110, with: &[versions::TLS12], ..TRY }],
        helps: |_, _| {
            let text = "it does not tolerate extensions, which it should ignore where it does not know them (RFC 5246, \
                        section 7.4.1.4)";
            Ok(Conclusion::new("diagnosis.extension", Certainty::Certain, text))
        },
        ..ROW
    },
];

/// The name of an extension.
pub fn name_of(code: u16) -> String {
    extension::find(code).map_or_else(|| format!("extension-{code}"), |row| row.name.to_owned())
}
