//! Which cipher suites a handshake can be performed with, by what is computed here.

use super::protection::Protection;
use super::suite::Suite;
use crate::wire::codepoints::cipher_suite::{self, Authentication, KeyExchange, Mac};
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_2, TLS_1_3};
use crate::wire::codepoints::{CipherSuite, ProtocolVersion};

/// Whether a whole handshake with the suite can be computed in this version: its key exchange, its proof, its records.
/// Export suites, DSS and static Diffie-Hellman are not.
pub fn performed(code: u16, version: u16) -> bool {
    let Some(suite) = cipher_suite::find(code) else { return false };
    if version == TLS_1_3 {
        return suite.is_tls13() && Suite::of(CipherSuite(code)).is_some();
    }
    let key_exchange = matches!(
        suite.key_exchange,
        KeyExchange::Rsa
            | KeyExchange::Dhe
            | KeyExchange::Ecdhe
            | KeyExchange::Psk
            | KeyExchange::DhePsk
            | KeyExchange::EcdhePsk
            | KeyExchange::RsaPsk
    );
    // ECDHE needs the extensions that SSL 3.0 does not have.
    let extensions = version != SSL_3_0 || !needs_groups(code);
    let authentication = suite.authentication != Authentication::Dss;
    // RFC 5246, section A.5, and RFC 5289, section 5, want TLS 1.2; RFC 5487 and RFC 5489 don't.
    let sha2 = matches!(suite.mac, Mac::Sha256 | Mac::Sha384) && suite.authentication != Authentication::Psk;
    if sha2 && version < TLS_1_2 {
        return false;
    }
    key_exchange
        && extensions
        && authentication
        && Protection::of(ProtocolVersion(version), CipherSuite(code), false).is_some()
}

/// Whether its key exchange is on an elliptic curve, so that the hello has to name groups.
pub fn needs_groups(code: u16) -> bool {
    cipher_suite::find(code).is_some_and(|suite| {
        matches!(suite.key_exchange, KeyExchange::Ecdhe | KeyExchange::EcdhePsk | KeyExchange::Tls13)
    })
}
