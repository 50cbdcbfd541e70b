//! Alerts (RFC 8446, section 6; IANA "TLS Alerts").

use super::Recommended::Unstated;
use super::{Entry, Registry, code_point, registry, told};

code_point! {
    /// How serious an alert says it is.
    AlertLevel(u8) of ALERT_LEVELS {
        warning = 1,
        fatal = 2,
    }
}

code_point! {
    /// What an alert says.
    AlertDescription(u8) of ALERTS {
        close_notify = 0,
        unexpected_message = 10,
        bad_record_mac = 20,
        decryption_failed = 21,
        record_overflow = 22,
        decompression_failure = 30,
        handshake_failure = 40,
        no_certificate = 41,
        bad_certificate = 42,
        unsupported_certificate = 43,
        certificate_revoked = 44,
        certificate_expired = 45,
        certificate_unknown = 46,
        illegal_parameter = 47,
        unknown_ca = 48,
        access_denied = 49,
        decode_error = 50,
        decrypt_error = 51,
        too_many_cids_requested = 52,
        export_restriction = 60,
        protocol_version = 70,
        insufficient_security = 71,
        internal_error = 80,
        inappropriate_fallback = 86,
        user_canceled = 90,
        no_renegotiation = 100,
        missing_extension = 109,
        unsupported_extension = 110,
        certificate_unobtainable = 111,
        unrecognized_name = 112,
        bad_certificate_status_response = 113,
        bad_certificate_hash_value = 114,
        unknown_psk_identity = 115,
        certificate_required = 116,
        general_error = 117,
        no_application_protocol = 120,
        ech_required = 121,
    }
}

/// How serious an alert says it is.
pub static ALERT_LEVELS: Registry = registry!("TLS AlertLevel", 1, LEVELS);

/// What an alert says.
pub static ALERTS: Registry = registry!("TLS Alerts", 1, ROWS);

#[rustfmt::skip] // A table.
static LEVELS: &[Entry] = &[
    told(1, "warning", "RFC 8446, section 6", Unstated, "The connection may go on. TLS 1.3 keeps this level for close_notify and user_canceled; everything else is fatal whatever the level says."),
    told(2, "fatal", "RFC 8446, section 6", Unstated, "The connection ends at once, and its session must not be resumed."),
];

#[rustfmt::skip] // A table.
static ROWS: &[Entry] = &[
    told(0, "close_notify", "RFC 8446, section 6.1", Unstated, "The sender will send nothing more in this direction. A connection that ends without it may have been cut short by somebody."),
    told(10, "unexpected_message", "RFC 8446, section 6.2", Unstated, "A message came that has no place there, e.g. application data in the middle of a handshake. The two ends disagree on where they are, or one of them is not speaking TLS."),
    told(20, "bad_record_mac", "RFC 8446, section 6.2", Unstated, "A record could not be opened: the keys differ, or its bytes were changed on the way. Wrong padding is reported by the same alert on purpose, so that an attacker cannot tell the two apart."),
    told(21, "decryption_failed", "RFC 4346, section 7.2.2", Unstated, "TLS 1.0: a record could not be decrypted. Never sent any more, since the difference from bad_record_mac helps an attacker."),
    told(22, "record_overflow", "RFC 8446, section 6.2", Unstated, "A record was longer than TLS, or the negotiated record_size_limit, allows."),
    told(30, "decompression_failure", "RFC 5246, section 7.2.2", Unstated, "Record compression, until TLS 1.2: the data did not unpack, or became too long. TLS 1.3 has no compression."),
    told(40, "handshake_failure", "RFC 8446, section 6.2", Unstated, "The two ends have no acceptable set of parameters in common: usually no cipher suite, group or signature algorithm that both allow. The alert does not say which."),
    told(41, "no_certificate", "RFC 6101, section 5.4.2", Unstated, "SSL 3.0: the client has no certificate that suits the request. Later versions send an empty Certificate message instead."),
    told(42, "bad_certificate", "RFC 8446, section 6.2", Unstated, "A certificate was corrupt, or its signature did not verify."),
    told(43, "unsupported_certificate", "RFC 8446, section 6.2", Unstated, "The certificate is of a kind that the receiver cannot use, e.g. by its key type or its key usage."),
    told(44, "certificate_revoked", "RFC 8446, section 6.2", Unstated, "The certificate was withdrawn by the CA that issued it."),
    told(45, "certificate_expired", "RFC 8446, section 6.2", Unstated, "The certificate has expired, or is not valid yet: compare both ends' clocks too."),
    told(46, "certificate_unknown", "RFC 8446, section 6.2", Unstated, "Something else about the certificate made it unacceptable. Many implementations send it when their application refused the certificate."),
    told(47, "illegal_parameter", "RFC 8446, section 6.2", Unstated, "A field had a value that is out of range or contradicts another field; e.g. the server chose what was never offered."),
    told(48, "unknown_ca", "RFC 8446, section 6.2", Unstated, "The chain leads to no CA that the receiver trusts. Either the CA is missing in its trust store, or an intermediate certificate was not sent."),
    told(49, "access_denied", "RFC 8446, section 6.2", Unstated, "The certificate or pre-shared key is valid, but its owner is not let in."),
    told(50, "decode_error", "RFC 8446, section 6.2", Unstated, "A message could not be read: a field out of range or a wrong length. No well-behaved pair of peers causes it."),
    told(51, "decrypt_error", "RFC 8446, section 6.2", Unstated, "A cryptographic check of the handshake failed: a signature, a Finished value or a PSK binder is wrong. Typical of a mismatched key and certificate, or of a message changed on the way."),
    told(52, "too_many_cids_requested", "RFC 9147, section 9", Unstated, "DTLS 1.3: the peer asked for more connection ids than it is given."),
    told(60, "export_restriction", "RFC 2246, section 7.2.2", Unstated, "TLS 1.0: a negotiation that broke the export rules of the 1990s. Never sent any more."),
    told(70, "protocol_version", "RFC 8446, section 6.2", Unstated, "The version that the peer offers is recognised but not supported: the two have no version in common."),
    told(71, "insufficient_security", "RFC 8446, section 6.2", Unstated, "There would be parameters in common, but all are weaker than the sender demands."),
    told(80, "internal_error", "RFC 8446, section 6.2", Unstated, "Something failed in the sender that has nothing to do with the peer: look into the sender's log."),
    told(86, "inappropriate_fallback", "RFC 7507", Unstated, "The client signalled that it fell back to a lower version (TLS_FALLBACK_SCSV) although the server knows a higher one: an earlier attempt failed for another reason, or was made to fail."),
    told(90, "user_canceled", "RFC 8446, section 6.1", Unstated, "The handshake was given up for a reason outside the protocol. A close_notify should follow."),
    told(100, "no_renegotiation", "RFC 5246, section 7.2.2", Unstated, "Until TLS 1.2: the sender will not renegotiate; the connection goes on as it is."),
    told(109, "missing_extension", "RFC 8446, section 6.2", Unstated, "An extension is missing without which TLS 1.3 cannot go on, e.g. signature_algorithms or key_share."),
    told(110, "unsupported_extension", "RFC 8446, section 6.2", Unstated, "An answer had an extension that was not offered, or that may not stand in that message."),
    told(111, "certificate_unobtainable", "RFC 6066", Unstated, "The certificate could not be fetched from the URL that the client gave (client_certificate_url)."),
    told(112, "unrecognized_name", "RFC 8446, section 6.2", Unstated, "The server has nothing under the name in server_name. As a warning it means that it goes on with a default certificate, which the client may well refuse."),
    told(113, "bad_certificate_status_response", "RFC 8446, section 6.2", Unstated, "The stapled OCSP response was missing, wrong or not acceptable."),
    told(114, "bad_certificate_hash_value", "RFC 6066", Unstated, "The certificate fetched from the client's URL is not the one that its hash promised."),
    told(115, "unknown_psk_identity", "RFC 8446, section 6.2", Unstated, "The server requires a pre-shared key and knows none of the identities that were offered."),
    told(116, "certificate_required", "RFC 8446, section 6.2", Unstated, "TLS 1.3: the server requires a client certificate and got none. It comes behind the client's Finished, so the client may already believe that the handshake succeeded."),
    told(117, "general_error", "RFC 9846", Unstated, "Something went wrong for which no other alert fits."),
    told(120, "no_application_protocol", "RFC 7301", Unstated, "The server supports none of the application protocols that the client offered by ALPN."),
    told(121, "ech_required", "RFC 9849", Unstated, "The client offered Encrypted Client Hello, and the server rejected it: it gives up rather than go on with the outer name alone, and may retry with the configuration that the server sent."),
];
