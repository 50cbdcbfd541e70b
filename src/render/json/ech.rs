//! Encrypted Client Hello of one connection.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::code;
use super::document::EchOut;
use crate::capture::EchSource;
use crate::finding::{self, Case};
use crate::wire::codepoints::{HPKE_AEADS, HPKE_KDFS, HPKE_KEMS};
use crate::wire::facts::Span;
use crate::wire::text::escape_bytes;

/// `None` where no ClientHello has the extension.
pub(super) fn of(case: &Case<'_>) -> Option<EchOut> {
    let ech = case.handshake()?.ech.as_ref()?;
    let outer = ech.outer.first()?;
    let sent = outer.ech?;
    let offered = case.capture.ech.as_ref();
    let config = offered.and_then(|offered| offered.config()?.contents);
    let name = |span: Option<Span>| span.map(|span| escape_bytes(case.trace().bytes(span)));
    let [kdf, aead] = sent.cipher_suite;
    Some(EchOut {
        source: offered.map(|offered| match offered.source {
            EchSource::Grease => "grease",
            EchSource::Given => "given",
            EchSource::Dns => "dns",
            EchSource::Retry => "retry",
        }),
        config_id: sent.config_id,
        kem: config.map(|config| code(config.kem_id, &HPKE_KEMS)),
        kdf: code(kdf, &HPKE_KDFS),
        aead: code(aead, &HPKE_AEADS),
        public_name: config.map(|config| escape_bytes(config.public_name)),
        outer_name: name(outer.server_name),
        inner_name: ech.inner.first().and_then(|inner| name(inner.server_name)),
        accepted: ech.accepted.name(),
        reason: ech.accepted.reason().map(str::to_owned),
        retry_configs: finding::ech::retry_configs(case).map(|list| STANDARD.encode(list)),
    })
}
