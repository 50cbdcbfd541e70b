//! The fields by which connections can be expected and filtered.

use super::{Kind, Known};

const fn field(name: &'static str, kind: Kind, about: &'static str) -> Known {
    Known { name, kind, about }
}

/// The fields by which connections can be expected and filtered: those of JSON's `facts`, in their order.
pub const FIELDS: &[Known] = &[
    field("host", Kind::Text, "name or address that was connected to"),
    field("port", Kind::Number, "its port"),
    field("sni", Kind::Text, "name in the ClientHello"),
    field("stream", Kind::Number, "a capture's connection, of its transport"),
    field("transport", Kind::Text, "what carried it: tcp, quic, unix"),
    field("tls", Kind::Version, "version: 1.3, 1.2, SSL3.0"),
    field("cipher", Kind::Text, "cipher suite, IANA name"),
    field("group", Kind::Text, "group of the key exchange"),
    field("pq", Kind::Boolean, "the key exchange is post-quantum"),
    field("forward_secrecy", Kind::Boolean, "the session's keys can't be computed later"),
    field("dh_size", Kind::Number, "bits of the Diffie-Hellman prime"),
    field("sigalg", Kind::Text, "scheme of the server's signature"),
    field("alpn", Kind::Text, "application protocol"),
    field("resumed", Kind::Boolean, "an earlier session was resumed"),
    field("retry", Kind::Boolean, "a HelloRetryRequest came"),
    field("ech", Kind::Boolean, "the server accepted Encrypted Client Hello"),
    field("early_data", Kind::Boolean, "early data was accepted"),
    field("extended_master_secret", Kind::Boolean, "up to TLS 1.2: the server supports it"),
    field("encrypt_then_mac", Kind::Boolean, "up to TLS 1.2: the server chose it"),
    field("secure_renegotiation", Kind::Boolean, "up to TLS 1.2: the server signals it"),
    field("compression", Kind::Boolean, "up to TLS 1.2: records are compressed"),
    field("roundtrips", Kind::Number, "round trips of the handshake"),
    field("alert", Kind::Text, "alert that ended it"),
    field("complete", Kind::Boolean, "both Finished were seen"),
    field("verified", Kind::Boolean, "the server is authenticated"),
    field("trust_store", Kind::Text, "stores that trust the chain"),
    field("revocation", Kind::Text, "of the leaf: good, revoked, unknown"),
    field("staple", Kind::Boolean, "an OCSP response was stapled"),
    field("subject", Kind::Text, "DN of the leaf"),
    field("issuer", Kind::Text, "DN of the leaf's issuer"),
    field("san", Kind::Text, "names in the leaf, wildcards as they are"),
    field("name", Kind::Names, "hosts that the leaf is good for"),
    field("key", Kind::Text, "the leaf's key: rsa, ec, ed25519"),
    field("key_size", Kind::Number, "its size in bits"),
    field("curve", Kind::Text, "its curve: P-256"),
    field("signature", Kind::Text, "signature algorithm of the leaf"),
    field("span", Kind::Number, "days for which the leaf was issued"),
    field("sct", Kind::Number, "signed certificate timestamps"),
    field("chain", Kind::Number, "certificates that were sent"),
    field("days", Kind::Number, "until the leaf expires"),
    field("life", Kind::Number, "how much of its time is left, in %"),
    field("client_certificate_requested", Kind::Boolean, "the server asked for one"),
    field("ja3", Kind::Text, "fingerprint of the ClientHello"),
    field("ja4", Kind::Text, "fingerprint of the ClientHello"),
    field("outcome", Kind::Text, "ok, untrusted, failed, unreachable, …"),
    field("finding", Kind::Text, "ids of what was found"),
];

/// Fields that are not known before a connection was judged.
pub const JUDGED: &[&str] = &[
    "verified",
    "trust_store",
    "revocation",
    "subject",
    "issuer",
    "san",
    "name",
    "key",
    "key_size",
    "sct",
    "chain",
    "days",
    "life",
    "outcome",
    "finding",
];
