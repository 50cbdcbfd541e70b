//! What every handshake has anew: that it differs says nothing.

/// A field, and what it is.
const FRESH: &[(&str, &str)] = &[
    ("random", "random"),
    ("challenge", "random"),
    ("legacy_session_id", "session id"),
    ("legacy_session_id_echo", "session id"),
    ("session_id", "session id"),
    ("connection_id", "session id"),
    ("key_exchange", "key share"),
    ("public", "ephemeral public key"),
    ("dh_Ys", "ephemeral public key"),
    ("dh_Yc", "ephemeral public key"),
    ("ecdh_Yc", "ephemeral public key"),
    ("exchange_keys", "ephemeral public key"),
    ("EncryptedPreMasterSecret", "encrypted premaster secret"),
    ("signature", "signature"),
    ("verify_data", "verify_data"),
    ("renegotiated_connection", "verify_data"),
    ("ticket", "session ticket"),
    ("ticket_nonce", "session ticket"),
    ("ticket_age_add", "session ticket"),
    ("identity", "session ticket"),
    ("obfuscated_ticket_age", "session ticket"),
    ("PskBinderEntry", "PSK binder"),
    ("cookie", "cookie"),
    ("certificate_request_context", "certificate_request_context"),
    ("enc", "encrypted ClientHello"),
    ("payload", "encrypted ClientHello"),
    ("config_id", "encrypted ClientHello"),
    ("confirmation", "encrypted ClientHello"),
    ("padding", "padding"),
    ("SerializedSCT", "signed certificate timestamp"),
    ("OCSPResponse", "OCSP response"),
    ("uncompressed_length", "compressed form"),
    ("compressed_certificate_message", "compressed form"),
];

/// Values that are reserved to be ignored (RFC 8701).
pub const GREASE: &str = "GREASE value";

/// Many clients shuffle them.
pub const ORDER: &str = "order of extensions";

/// What the field of this name is, if every handshake has another one.
pub fn of(name: &str) -> Option<&'static str> {
    FRESH.iter().find(|(field, _)| *field == name).map(|(_, what)| *what)
}
