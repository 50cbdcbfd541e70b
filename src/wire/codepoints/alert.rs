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

impl AlertDescription {
    /// Whether it says something about a certificate, and nothing about anything else (RFC 8446, section 6.2).
    pub fn is_about_certificate(self) -> bool {
        matches!(
            self,
            Self::bad_certificate
                | Self::unsupported_certificate
                | Self::certificate_revoked
                | Self::certificate_expired
                | Self::certificate_unknown
                | Self::unknown_ca
                | Self::access_denied
                | Self::bad_certificate_status_response
                | Self::bad_certificate_hash_value
        )
    }
}

/// How serious an alert says it is.
pub static ALERT_LEVELS: Registry = registry!("TLS AlertLevel", 1, LEVELS);

/// What an alert says.
pub static ALERTS: Registry = registry!("TLS Alerts", 1, ROWS);

#[rustfmt::skip] // A table.
static LEVELS: &[Entry] = &[
    told(1, "warning", "RFC 8446, section 6", Unstated, "The connection may continue. TLS 1.3 uses this \
                                                         level only for close_notify and user_canceled; \
                                                         every other alert is fatal, whatever its level."),
    told(2, "fatal", "RFC 8446, section 6", Unstated, "The connection is closed immediately, and its \
                                                       session must not be resumed."),
];

#[rustfmt::skip] // A table.
static ROWS: &[Entry] = &[
    told(0, "close_notify", "RFC 8446, section 6.1", Unstated, "The sender will send nothing more in this \
                                                                direction. A connection that ends without \
                                                                it may have been truncated by an attacker."),
    told(10, "unexpected_message", "RFC 8446, section 6.2", Unstated, "A message was received out of \
                                                                       place, e.g. application data in the \
                                                                       middle of a handshake. The two \
                                                                       sides disagree about the state of \
                                                                       the handshake, or one of them is \
                                                                       not speaking TLS."),
    told(20, "bad_record_mac", "RFC 8446, section 6.2", Unstated, "A record could not be decrypted: the \
                                                                   keys differ, or its bytes were changed \
                                                                   in transit. Wrong padding is \
                                                                   deliberately reported by the same \
                                                                   alert, so that an attacker cannot \
                                                                   distinguish the two."),
    told(21, "decryption_failed", "RFC 4346, section 7.2.2", Unstated, "TLS 1.0: a record could not be \
                                                                        decrypted. No longer sent, since \
                                                                        the difference from bad_record_mac \
                                                                        helps an attacker."),
    told(22, "record_overflow", "RFC 8446, section 6.2", Unstated, "A record was longer than TLS or the \
                                                                    negotiated record_size_limit allows."),
    told(30, "decompression_failure", "RFC 5246, section 7.2.2", Unstated, "TLS 1.2 and earlier: \
                                                                            compressed data could not be \
                                                                            decompressed, or became too \
                                                                            long. TLS 1.3 has no \
                                                                            compression."),
    told(40, "handshake_failure", "RFC 8446, section 6.2", Unstated, "Client and server have no acceptable \
                                                                      set of parameters in common: usually \
                                                                      no common cipher suite, group or \
                                                                      signature algorithm. The alert does \
                                                                      not say which."),
    told(41, "no_certificate", "RFC 6101, section 5.4.2", Unstated, "SSL 3.0: the client has no \
                                                                     certificate that matches the request. \
                                                                     Later versions send an empty \
                                                                     Certificate message instead."),
    told(42, "bad_certificate", "RFC 8446, section 6.2", Unstated, "A certificate was corrupt, or its signature did not verify."),
    told(43, "unsupported_certificate", "RFC 8446, section 6.2", Unstated, "The certificate is of a type \
                                                                            that the receiver cannot use, \
                                                                            e.g. because of its key type \
                                                                            or key usage."),
    told(44, "certificate_revoked", "RFC 8446, section 6.2", Unstated, "The certificate was revoked by the \
                                                                        CA that issued it."),
    told(45, "certificate_expired", "RFC 8446, section 6.2", Unstated, "The certificate has expired or is \
                                                                        not yet valid. Check the clocks of \
                                                                        both sides too."),
    told(46, "certificate_unknown", "RFC 8446, section 6.2", Unstated, "The certificate was rejected for \
                                                                        some other reason. Many \
                                                                        implementations send this alert \
                                                                        when the application rejected the \
                                                                        certificate."),
    told(47, "illegal_parameter", "RFC 8446, section 6.2", Unstated, "A field had a value that is out of \
                                                                      range or inconsistent with another \
                                                                      field; e.g. the server chose \
                                                                      something that was not offered."),
    told(48, "unknown_ca", "RFC 8446, section 6.2", Unstated, "The chain does not lead to a CA that the \
                                                               receiver trusts. Either the CA is missing \
                                                               from its trust store, or an intermediate \
                                                               certificate was not sent."),
    told(49, "access_denied", "RFC 8446, section 6.2", Unstated, "The certificate or pre-shared key is \
                                                                  valid, but its owner is not authorised."),
    told(50, "decode_error", "RFC 8446, section 6.2", Unstated, "A message could not be decoded: a field \
                                                                 was out of range or a length was wrong. \
                                                                 It does not occur between correct \
                                                                 implementations."),
    told(51, "decrypt_error", "RFC 8446, section 6.2", Unstated, "A cryptographic check of the handshake \
                                                                  failed: a signature, a Finished value or \
                                                                  a PSK binder is wrong. Typical causes \
                                                                  are a key that does not belong to the \
                                                                  certificate, or a message changed in \
                                                                  transit."),
    told(52, "too_many_cids_requested", "RFC 9147, section 9", Unstated, "DTLS 1.3: the peer requested too \
                                                                          many connection ids."),
    told(60, "export_restriction", "RFC 2246, section 7.2.2", Unstated, "TLS 1.0: a negotiation that \
                                                                         violated the export restrictions \
                                                                         of the 1990s. No longer sent."),
    told(70, "protocol_version", "RFC 8446, section 6.2", Unstated, "The version that the peer offered is \
                                                                     recognised but not supported: there \
                                                                     is no common protocol version."),
    told(71, "insufficient_security", "RFC 8446, section 6.2", Unstated, "There are common parameters, but \
                                                                          all of them are weaker than the \
                                                                          sender requires."),
    told(80, "internal_error", "RFC 8446, section 6.2", Unstated, "The sender failed for a reason that has \
                                                                   nothing to do with the peer: look into \
                                                                   the sender's log."),
    told(86, "inappropriate_fallback", "RFC 7507", Unstated, "The client signalled that it fell back to a \
                                                              lower version (TLS_FALLBACK_SCSV) although \
                                                              the server supports a higher one: an earlier \
                                                              attempt failed for another reason, or an \
                                                              attacker made it fail."),
    told(90, "user_canceled", "RFC 8446, section 6.1", Unstated, "The handshake was cancelled for a reason \
                                                                  unrelated to the protocol. A \
                                                                  close_notify should follow."),
    told(100, "no_renegotiation", "RFC 5246, section 7.2.2", Unstated, "TLS 1.2 and earlier: the sender \
                                                                        will not renegotiate; the \
                                                                        connection continues as it is."),
    told(109, "missing_extension", "RFC 8446, section 6.2", Unstated, "An extension that TLS 1.3 requires \
                                                                       is missing, e.g. \
                                                                       signature_algorithms or key_share."),
    told(110, "unsupported_extension", "RFC 8446, section 6.2", Unstated, "A message contained an \
                                                                           extension that was not offered, \
                                                                           or that is not allowed in that \
                                                                           message."),
    told(111, "certificate_unobtainable", "RFC 6066", Unstated, "The certificate could not be fetched from the URL that the client gave (client_certificate_url)."),
    told(112, "unrecognized_name", "RFC 8446, section 6.2", Unstated, "The server does not recognise the \
                                                                       name in server_name. As a warning \
                                                                       it means that the server continues \
                                                                       with its default certificate, which \
                                                                       the client may then reject."),
    told(113, "bad_certificate_status_response", "RFC 8446, section 6.2", Unstated, "The stapled OCSP response was missing, wrong or not acceptable."),
    told(114, "bad_certificate_hash_value", "RFC 6066", Unstated, "The certificate fetched from the \
                                                                   client's URL does not match the hash \
                                                                   that the client gave."),
    told(115, "unknown_psk_identity", "RFC 8446, section 6.2", Unstated, "The server requires a pre-shared \
                                                                          key and does not recognise any \
                                                                          of the identities that were \
                                                                          offered."),
    told(116, "certificate_required", "RFC 8446, section 6.2", Unstated, "TLS 1.3: the server requires a \
                                                                          client certificate and received \
                                                                          none. It arrives after the \
                                                                          client's Finished, so the client \
                                                                          may already believe that the \
                                                                          handshake succeeded."),
    told(117, "general_error", "RFC 9846", Unstated, "An error for which there is no other alert."),
    told(120, "no_application_protocol", "RFC 7301", Unstated, "The server supports none of the \
                                                                application protocols that the client \
                                                                offered in ALPN."),
    told(121, "ech_required", "RFC 9849", Unstated, "The client offered Encrypted Client Hello, and the \
                                                     server rejected it. The client aborts instead of \
                                                     continuing with the outer name, and may retry with \
                                                     the configuration that the server sent."),
];
