//! Small registries, each used by one extension or message.

use super::Recommended::Unstated;
use super::{Entry, Registry, registry, row, told};

/// What a `server_name` is (RFC 6066, section 3).
pub static NAME_TYPES: Registry = registry!("TLS NameType", 1, NAMES);

/// `max_fragment_length` (RFC 6066, section 4).
pub static MAX_FRAGMENT_LENGTHS: Registry = registry!("TLS MaxFragmentLength", 1, FRAGMENTS);

/// `request_update` of KeyUpdate (RFC 8446, section 4.6.3).
pub static KEY_UPDATE_REQUESTS: Registry = registry!("TLS KeyUpdateRequest", 1, KEY_UPDATES);

/// The one byte of ChangeCipherSpec (RFC 5246, section 7.1).
pub static CHANGE_CIPHER_SPEC: Registry = registry!("TLS ChangeCipherSpec", 1, CHANGE);

/// `trusted_ca_keys` (RFC 6066, section 6).
pub static TRUSTED_CA_TYPES: Registry = registry!("TLS trusted_ca_keys IdentifierType", 1, TRUSTED);

/// Heartbeat modes (RFC 6520, section 2).
pub static HEARTBEAT_MODES: Registry = registry!("TLS Heartbeat Modes", 1, MODES);

/// Heartbeat messages (RFC 6520, section 3).
pub static HEARTBEAT_MESSAGES: Registry = registry!("TLS Heartbeat Message Types", 1, HEARTBEATS);

/// SRTP protection profiles (RFC 5764; IANA "DTLS-SRTP").
pub static SRTP_PROFILES: Registry = registry!("DTLS-SRTP Protection Profiles", 2, SRTP);

/// What `cached_info` can stand for (RFC 7924, section 3).
pub static CACHED_INFO_TYPES: Registry = registry!("TLS CachedInformationType Values", 1, CACHED);

/// Token binding keys (RFC 8471, section 7.1).
pub static TOKEN_BINDING_KEYS: Registry = registry!("Token Binding Key Parameters", 1, TOKENS);

/// Supplemental data (RFC 4680; IANA "TLS Supplemental Data Formats").
pub static SUPPLEMENTAL_DATA_TYPES: Registry = registry!("TLS Supplemental Data Formats", 2, SUPPLEMENTAL);

/// User mappings (RFC 4681).
pub static USER_MAPPING_TYPES: Registry = registry!("TLS UserMappingType Values", 1, MAPPINGS);

/// Versions of a signed certificate timestamp (RFC 6962, section 3.2).
pub static CT_VERSIONS: Registry = registry!("CT Version", 1, CT);

/// Which ClientHello an `encrypted_client_hello` stands in (RFC 9849, section 5).
pub static ECH_TYPES: Registry = registry!("ECHClientHelloType", 1, ECH);

/// QUIC transport parameters (RFC 9000, section 18.2; IANA "QUIC Transport Parameters").
pub static QUIC_PARAMETERS: Registry = registry!("QUIC Transport Parameters", 2, QUIC);

/// How an OCSP request went (RFC 6960, section 4.2.1).
pub static OCSP_RESPONSE_STATUSES: Registry = registry!("OCSPResponseStatus", 1, OCSP);

/// Why a certificate was revoked (RFC 5280, section 5.3.1).
pub static CRL_REASONS: Registry = registry!("CRLReason", 1, REASONS);

#[rustfmt::skip] // Tables.
static NAMES: &[Entry] = &[told(0, "host_name", "RFC 6066", Unstated, "A DNS name, without a trailing dot. \
                                                                       IP addresses are not allowed.")];

#[rustfmt::skip]
static FRAGMENTS: &[Entry] = &[
    row(1, "2^9", "RFC 6066", Unstated),
    row(2, "2^10", "RFC 6066", Unstated),
    row(3, "2^11", "RFC 6066", Unstated),
    row(4, "2^12", "RFC 6066", Unstated),
];

#[rustfmt::skip]
static KEY_UPDATES: &[Entry] = &[
    told(0, "update_not_requested", "RFC 8446", Unstated, "Only the sender changes its keys."),
    told(1, "update_requested", "RFC 8446", Unstated, "The sender changes its keys and asks the peer to do the same."),
];

static CHANGE: &[Entry] = &[row(1, "change_cipher_spec", "RFC 5246, section 7.1", Unstated)];

#[rustfmt::skip]
static TRUSTED: &[Entry] = &[
    row(0, "pre_agreed", "RFC 6066", Unstated),
    row(1, "key_sha1_hash", "RFC 6066", Unstated),
    row(2, "x509_name", "RFC 6066", Unstated),
    row(3, "cert_sha1_hash", "RFC 6066", Unstated),
];

#[rustfmt::skip]
static MODES: &[Entry] = &[
    row(1, "peer_allowed_to_send", "RFC 6520", Unstated),
    row(2, "peer_not_allowed_to_send", "RFC 6520", Unstated),
];

#[rustfmt::skip]
static HEARTBEATS: &[Entry] = &[
    row(1, "heartbeat_request", "RFC 6520", Unstated),
    row(2, "heartbeat_response", "RFC 6520", Unstated),
];

#[rustfmt::skip]
static SRTP: &[Entry] = &[
    row(0x0001, "SRTP_AES128_CM_HMAC_SHA1_80", "RFC 5764", Unstated),
    row(0x0002, "SRTP_AES128_CM_HMAC_SHA1_32", "RFC 5764", Unstated),
    row(0x0005, "SRTP_NULL_HMAC_SHA1_80", "RFC 5764", Unstated),
    row(0x0006, "SRTP_NULL_HMAC_SHA1_32", "RFC 5764", Unstated),
    row(0x0007, "SRTP_AEAD_AES_128_GCM", "RFC 7714", Unstated),
    row(0x0008, "SRTP_AEAD_AES_256_GCM", "RFC 7714", Unstated),
    row(0x0009, "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM", "RFC 8723", Unstated),
    row(0x000a, "DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM", "RFC 8723", Unstated),
    row(0x000b, "SRTP_ARIA_128_CTR_HMAC_SHA1_80", "RFC 8269", Unstated),
    row(0x000c, "SRTP_ARIA_128_CTR_HMAC_SHA1_32", "RFC 8269", Unstated),
    row(0x000d, "SRTP_ARIA_256_CTR_HMAC_SHA1_80", "RFC 8269", Unstated),
    row(0x000e, "SRTP_ARIA_256_CTR_HMAC_SHA1_32", "RFC 8269", Unstated),
    row(0x000f, "SRTP_AEAD_ARIA_128_GCM", "RFC 8269", Unstated),
    row(0x0010, "SRTP_AEAD_ARIA_256_GCM", "RFC 8269", Unstated),
];

#[rustfmt::skip]
static CACHED: &[Entry] = &[
    row(1, "cert", "RFC 7924", Unstated),
    row(2, "cert_req", "RFC 7924", Unstated),
];

#[rustfmt::skip]
static TOKENS: &[Entry] = &[
    row(0, "rsa2048_pkcs1.5", "RFC 8471", Unstated),
    row(1, "rsa2048_pss", "RFC 8471", Unstated),
    row(2, "ecdsap256", "RFC 8471", Unstated),
];

#[rustfmt::skip]
static SUPPLEMENTAL: &[Entry] = &[
    row(0, "user_mapping_data", "RFC 4681", Unstated),
    row(16386, "authz_data", "RFC 5878", Unstated),
];

static MAPPINGS: &[Entry] = &[row(64, "upn_domain_hint", "RFC 4681", Unstated)];

#[rustfmt::skip]
static CT: &[Entry] = &[
    row(0, "v1", "RFC 6962", Unstated),
    row(1, "v2", "RFC 9162", Unstated),
];

#[rustfmt::skip]
static ECH: &[Entry] = &[
    told(0, "outer", "RFC 9849", Unstated, "The outer hello, which everybody can read; the real one is \
                                            encrypted in it."),
    told(1, "inner", "RFC 9849", Unstated, "The real (inner) hello, once decrypted."),
];

#[rustfmt::skip]
static OCSP: &[Entry] = &[
    told(0, "successful", "RFC 6960", Unstated, "The responder answered; the certificate's status is \
                                                 inside."),
    told(1, "malformedRequest", "RFC 6960", Unstated, "The responder could not read the request."),
    told(2, "internalError", "RFC 6960", Unstated, "The responder failed."),
    told(3, "tryLater", "RFC 6960", Unstated, "The responder is temporarily unable to answer."),
    told(5, "sigRequired", "RFC 6960", Unstated, "The request must be signed."),
    told(6, "unauthorized", "RFC 6960", Unstated, "The client is not authorised, or the responder does not \
                                                   know the certificate: often an expired one, or one that \
                                                   was issued minutes ago."),
];

#[rustfmt::skip]
static REASONS: &[Entry] = &[
    row(0, "unspecified", "RFC 5280", Unstated),
    row(1, "keyCompromise", "RFC 5280", Unstated),
    row(2, "cACompromise", "RFC 5280", Unstated),
    row(3, "affiliationChanged", "RFC 5280", Unstated),
    row(4, "superseded", "RFC 5280", Unstated),
    row(5, "cessationOfOperation", "RFC 5280", Unstated),
    row(6, "certificateHold", "RFC 5280", Unstated),
    row(8, "removeFromCRL", "RFC 5280", Unstated),
    row(9, "privilegeWithdrawn", "RFC 5280", Unstated),
    row(10, "aACompromise", "RFC 5280", Unstated),
];

#[rustfmt::skip]
static QUIC: &[Entry] = &[
    row(0x00, "original_destination_connection_id", "RFC 9000", Unstated),
    row(0x01, "max_idle_timeout", "RFC 9000", Unstated),
    row(0x02, "stateless_reset_token", "RFC 9000", Unstated),
    row(0x03, "max_udp_payload_size", "RFC 9000", Unstated),
    row(0x04, "initial_max_data", "RFC 9000", Unstated),
    row(0x05, "initial_max_stream_data_bidi_local", "RFC 9000", Unstated),
    row(0x06, "initial_max_stream_data_bidi_remote", "RFC 9000", Unstated),
    row(0x07, "initial_max_stream_data_uni", "RFC 9000", Unstated),
    row(0x08, "initial_max_streams_bidi", "RFC 9000", Unstated),
    row(0x09, "initial_max_streams_uni", "RFC 9000", Unstated),
    row(0x0a, "ack_delay_exponent", "RFC 9000", Unstated),
    row(0x0b, "max_ack_delay", "RFC 9000", Unstated),
    row(0x0c, "disable_active_migration", "RFC 9000", Unstated),
    row(0x0d, "preferred_address", "RFC 9000", Unstated),
    row(0x0e, "active_connection_id_limit", "RFC 9000", Unstated),
    row(0x0f, "initial_source_connection_id", "RFC 9000", Unstated),
    row(0x10, "retry_source_connection_id", "RFC 9000", Unstated),
    row(0x11, "version_information", "RFC 9368", Unstated),
    row(0x20, "max_datagram_frame_size", "RFC 9221", Unstated),
    row(0x173e, "discard", "RFC 9443", Unstated),
    row(0x26ab, "google handshake message", "Google", Unstated),
    row(0x2ab2, "grease_quic_bit", "RFC 9287", Unstated),
    row(0x3127, "initial_rtt", "Google", Unstated),
    row(0x3128, "google_connection_options", "Google", Unstated),
    row(0x3129, "user_agent", "Google", Unstated),
    row(0x4752, "google_version", "Google", Unstated),
];
