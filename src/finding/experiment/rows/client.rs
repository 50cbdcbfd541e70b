//! Who asks: client certificate and pre-shared key.

use crate::capture::Change;
use crate::finding::Certainty;
use crate::finding::experiment::conclusion::Conclusion;
use crate::finding::experiment::{Base, Depth};
use crate::wire::codepoints::AlertDescription;
use crate::wire::extension::pre_shared_key;

use super::{ALONE, ROW, Row, TRY, Try};

pub const ROWS: &[Row] = &[
    Row {
        id: "no-client-certificate",
        about: "no client certificate",
        explain: "No client certificate is sent, where one was: it tells a server that rejects this one from one that needs \
                  one. With the certificate it is sent only to a server that is authenticated.",
        changes: |base| {
            base.client_certificate.then_some(Change::WithoutClientCertificate).into_iter().collect()
        },
        // It was refused behind all that the ClientHello settles.
        tries: &[Try { rank: ALONE, when: |base| base.depth == Depth::Whole, ..TRY }],
        helps: |_, _| {
            let text = "it rejects the client certificate, and accepts a client that has none";
            Ok(Conclusion::new("diagnosis.client_certificate", Certainty::Certain, text))
        },
        in_vain: |lab| {
            if !lab.base.client_certificate || lab.base.depth != Depth::Whole {
                return None;
            }
            Some(match lab.base.alert().is_some_and(AlertDescription::is_about_certificate) {
                true => {
                    let text = "the server rejects the client certificate that was sent, and a client without one as well";
                    Conclusion::new("diagnosis.client_certificate", Certainty::Certain, text)
                        .remedy("a client certificate that the server accepts")
                }
                false => {
                    let text = "the handshake fails with the client certificate and without it: that it is the certificate \
                                is not shown";
                    Conclusion::new("diagnosis.nothing_helps", Certainty::Possible, text)
                        .remedy("the server's log says more than any client can find out")
                }
            })
        },
        ..ROW
    },
    Row {
        id: "no-psk",
        about: "no pre-shared key",
        explain: "No pre-shared key is offered, where one was: if the server then goes on, it is the key that it rejects.",
        changes: |base| {
            psk(base).then_some(Change::Without(pre_shared_key::EXTENSION.code)).into_iter().collect()
        },
        tries: &[Try { rank: 8, when: psk, ..TRY }],
        helps: |lab, _| {
            let text = format!(
                "the pre-shared key: the server rejects it ({}), and goes on without one; most likely it has another key \
                 for the identity that was sent",
                lab.base.outcome
            );
            Ok(Conclusion::new("diagnosis.pre_shared_key", Certainty::Certain, text)
                .remedy("compare the key and its identity with what the server has (--psk)"))
        },
        in_vain: |lab| {
            let about_key =
                [AlertDescription::decrypt_error, AlertDescription::unknown_psk_identity].map(Some);
            (psk(lab.base) && about_key.contains(&lab.base.alert())).then(|| {
                let text = format!(
                    "the pre-shared key: the server rejects it ({}), and has nothing else to go on with",
                    lab.base.outcome
                );
                Conclusion::new("diagnosis.pre_shared_key", Certainty::Likely, text)
                    .remedy("compare the key and its identity with what the server has (--psk)")
            })
        },
        ..ROW
    },
];

fn psk(base: &Base) -> bool {
    base.extensions.contains(&pre_shared_key::EXTENSION.code)
}
