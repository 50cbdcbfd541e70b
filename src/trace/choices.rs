//! Whether each choice was among what was offered, and whether the version allows it: checks of their own, beside the
//! proofs, which only say that a signature or a MAC is right.

use std::fmt::Display;

use super::State;
use super::model::Trace;
use crate::wire::Direction;
use crate::wire::codepoints::cipher_suite::{Hash, Mac};
use crate::wire::codepoints::{
    CERTIFICATE_COMPRESSION, COMPRESSION_METHODS, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme,
};
use crate::wire::extension::{self, renegotiation_info};
use crate::wire::facts::{ClientHello, Facts, Span};
use crate::wire::handshake::lists;
use crate::wire::text::escape_bytes;

/// A choice, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The id of the check, as in JSON: `cipher_suite.offered`.
    pub id: &'static str,
    /// Index of the message that has it.
    pub message: usize,
    /// Whose it is.
    pub by: Direction,
    pub state: State,
}

/// What was chosen in the handshake that came to `facts`; of what did not come nothing is said.
pub(super) fn of(trace: &Trace, hellos: &[ClientHello], facts: &Facts) -> Vec<Choice> {
    let mut choices = Choices { trace, facts, found: Vec::new() };
    if let (Some(client), Some(hello)) = (&facts.client, facts.server_hello) {
        choices.server_hello(client, hello);
        choices.signature(
            Direction::Server,
            client.signature_algorithms,
            ["signature.server.offered", "signature.server.legal"],
        );
    }
    // The request for another key share answers the first hello.
    if let (Some(retry), Some(first)) = (facts.retry, hellos.first())
        && let Some(group) = retry.group
    {
        choices.offered("retry.group.offered", retry.message, first.supported_groups, group, &group);
    }
    if facts.certificate_request.is_some() {
        choices.signature(
            Direction::Client,
            facts.certificate_request_schemes,
            ["signature.client.offered", "signature.client.legal"],
        );
        choices.compression(
            Direction::Client,
            facts.certificate_request_compression,
            "certificate_compression.client.offered",
        );
    }
    choices.found
}

struct Choices<'a> {
    trace: &'a Trace,
    facts: &'a Facts,
    found: Vec<Choice>,
}

impl Choices<'_> {
    fn add(&mut self, id: &'static str, message: usize, by: Direction, fault: Option<String>) {
        let state = fault.map_or(State::Holds, State::Fails);
        self.found.push(Choice { id, message, by, state });
    }

    /// One of a list of two-byte code points. Without a list nothing is said.
    fn offered(
        &mut self,
        id: &'static str,
        message: usize,
        list: Option<Span>,
        chosen: impl Into<u16>,
        name: &dyn Display,
    ) {
        let Some(list) = list else { return };
        let chosen = chosen.into();
        let there = lists::codes(self.trace.bytes(list)).any(|code| code == chosen);
        self.add(id, message, Direction::Server, (!there).then(|| format!("{name} was not offered")));
    }

    fn server_hello(&mut self, client: &ClientHello, hello: usize) {
        let server = Direction::Server;
        if let Some(version) = self.facts.version {
            match client.supported_versions {
                Some(list) => self.offered("version.offered", hello, Some(list), version, &version),
                None => {
                    let beyond = version > client.legacy_version;
                    let fault = beyond.then(|| format!("{version} was not offered"));
                    self.add("version.offered", hello, server, fault);
                }
            }
        }
        if let Some(suite) = self.facts.cipher_suite {
            // A hello in the form of SSL 2.0 has a list of another kind.
            let list = Some(client.cipher_suites).filter(|list| !list.is_empty());
            self.offered("cipher_suite.offered", hello, list, suite, &suite);
            if let Some(version) = self.facts.version
                && let Some(legal) = suits(suite, version)
            {
                let fault = (!legal).then(|| format!("{suite} is not a cipher suite of {version}"));
                self.add("cipher_suite.legal", hello, server, fault);
            }
        }
        // A client has to refuse another one (RFC 8446, section 4.1.3); not all do.
        if let Some(echo) = self.facts.server_session_id.filter(|_| self.facts.is_tls13()) {
            let same = self.trace.bytes(echo) == self.trace.bytes(client.session_id);
            let fault = (!same).then(|| "legacy_session_id_echo is not what the client sent".to_owned());
            self.add("session_id.legal", hello, server, fault);
        }
        if !client.compression_methods.is_empty() {
            let method = self.facts.compression_method;
            let there = self.trace.bytes(client.compression_methods).contains(&method);
            let name = COMPRESSION_METHODS.show(method.into());
            let fault = (!there).then(|| format!("compression {name} was not offered"));
            self.add("compression.offered", hello, server, fault);
        }
        if let Some(group) = self.facts.group {
            self.group(client, group, hello);
        }
        if let Some(index) = self.facts.psk {
            let identities = client.psk_identities.map(|span| self.trace.bytes(span)).unwrap_or_default();
            let count = psk_identities(identities);
            let fault = (usize::from(index) >= count)
                .then(|| format!("pre-shared key {} of {count} that were offered", usize::from(index) + 1));
            self.add("psk.offered", hello, server, fault);
        }
        if let Some(chosen) = self.facts.alpn {
            let list = client.alpn.map(|span| self.trace.bytes(span)).unwrap_or_default();
            let name = self.trace.bytes(chosen);
            let there = lists::alpn_names(list).any(|offered| offered == name);
            let fault = (!there).then(|| format!("the protocol {} was not offered", escape_bytes(name)));
            self.add("alpn.offered", chosen.message, server, fault);
        }
        self.compression(server, client.certificate_compression, "certificate_compression.offered");
        self.extensions(client, hello);
    }

    /// In TLS 1.3 a group for which the client sent a share, before it one of those that it supports.
    fn group(&mut self, client: &ClientHello, group: NamedGroup, hello: usize) {
        if !self.facts.is_tls13() {
            let message = self.facts.server_key_exchange.map_or(hello, |(params, _)| params.message);
            self.offered("group.offered", message, client.supported_groups, group, &group);
            return;
        }
        let shares = client.key_shares.map(|span| self.trace.bytes(span)).unwrap_or_default();
        let there = lists::key_share_groups(shares).any(|code| code == group.0);
        let fault = (!there).then(|| format!("the client sent no key share of {group}"));
        self.add("group.offered", hello, Direction::Server, fault);
    }

    /// How a side compressed its certificates (RFC 8879, section 4).
    fn compression(&mut self, by: Direction, list: Option<Span>, id: &'static str) {
        let Some((algorithm, message)) = self.facts.certificate_compression[by.index()] else { return };
        let list = list.map(|span| self.trace.bytes(span)).unwrap_or_default();
        let there = lists::codes(list).any(|code| code == algorithm);
        let name = CERTIFICATE_COMPRESSION.show(algorithm);
        let fault = (!there).then(|| format!("certificate compression {name} was not offered"));
        self.add(id, message, by, fault);
    }

    /// The server answers extensions; it adds none of its own (RFC 8446, section 4.2; RFC 5246, section 7.4.1.4).
    fn extensions(&mut self, client: &ClientHello, hello: usize) {
        if client.extensions.overflow || self.facts.server_extensions.overflow {
            return;
        }
        let unasked: Vec<String> = self
            .facts
            .server_extensions
            .codes()
            .filter(|code| !client.extensions.contains(*code))
            .filter(|code| *code != renegotiation_info::EXTENSION.code || !client.renegotiation_scsv)
            .map(|code| extension::EXTENSION_TYPES.show(code).into_owned())
            .collect();
        let fault = (!unasked.is_empty()).then(|| {
            format!("the server answered an extension that the client did not send: {}", unasked.join(", "))
        });
        self.add("extensions.offered", hello, Direction::Server, fault);
    }

    /// The scheme of a side's signature over the handshake.
    fn signature(&mut self, by: Direction, list: Option<Span>, [offered, legal]: [&'static str; 2]) {
        let in_key_exchange =
            self.facts.server_key_exchange.and_then(|(_, signed)| signed).filter(|_| by == Direction::Server);
        let Some(signed) = self.facts.certificate_verify[by.index()].or(in_key_exchange) else { return };
        let (Some(scheme), Some(version)) = (signed.scheme, self.facts.version) else { return };
        let message = signed.signature.message;
        let there = match list {
            Some(list) => lists::codes(self.trace.bytes(list)).any(|code| code == scheme.0),
            // Without the extension SHA-1 is meant (RFC 5246, section 7.4.1.4.1); TLS 1.3 requires it.
            None => {
                !version.is_tls13()
                    && matches!(
                        scheme,
                        SignatureScheme::rsa_pkcs1_sha1
                            | SignatureScheme::dsa_sha1
                            | SignatureScheme::ecdsa_sha1
                    )
            }
        };
        self.add(offered, message, by, (!there).then(|| format!("{scheme} was not offered")));
        if let Some(allowed) = allows(version, scheme, by) {
            let fault = (!allowed).then(|| format!("{version} does not allow {scheme} here"));
            self.add(legal, message, by, fault);
        }
    }
}

/// Whether a version may use a suite; `None` if that is not known.
fn suits(suite: CipherSuite, version: ProtocolVersion) -> Option<bool> {
    let info = suite.info()?;
    if version == ProtocolVersion::TLS_1_3 {
        return Some(info.is_tls13());
    }
    if version > ProtocolVersion::TLS_1_2 {
        return None; // The drafts changed their mind about that.
    }
    // AEADs, and SHA-256 and SHA-384, came with TLS 1.2.
    let new = info.is_aead() || matches!(info.mac, Mac::Sha256 | Mac::Sha384) || info.prf == Hash::Sha384;
    Some(!info.is_tls13() && (!new || version >= ProtocolVersion::TLS_1_2))
}

/// Whether a version allows a scheme for a side's signature over the handshake; `None` if that is not known.
fn allows(version: ProtocolVersion, scheme: SignatureScheme, by: Direction) -> Option<bool> {
    use SignatureScheme as Scheme;
    scheme.name()?;
    let [hash, signature] = scheme.0.to_be_bytes();
    // What TLS 1.2 reads as a hash up to SHA-512 and RSA, DSA or ECDSA.
    let pair = (1..=6).contains(&hash) && (1..=3).contains(&signature);
    let ecdsa = matches!(
        scheme,
        Scheme::ecdsa_secp256r1_sha256 | Scheme::ecdsa_secp384r1_sha384 | Scheme::ecdsa_secp521r1_sha512
    );
    let legacy = matches!(
        scheme,
        Scheme::rsa_pkcs1_sha256_legacy | Scheme::rsa_pkcs1_sha384_legacy | Scheme::rsa_pkcs1_sha512_legacy
    );
    let post_quantum = hash == 9;
    let named_curve = hash == 8 && (0x1a..=0x1c).contains(&signature);
    if version == ProtocolVersion::TLS_1_3 {
        // RFC 8446, section 4.4.3: no rsa_pkcs1_*, no SHA-1; the legacy ones are a client's alone.
        return Some(if pair { ecdsa } else { !legacy || by == Direction::Client });
    }
    if version == ProtocolVersion::TLS_1_2 {
        return Some(!legacy && !post_quantum && !named_curve);
    }
    None
}

/// How many identities a `pre_shared_key` has: each with its length and an age of four bytes.
fn psk_identities(mut list: &[u8]) -> usize {
    let mut count = 0;
    while let Some((len, rest)) = list.split_first_chunk() {
        let Some(rest) = rest.get(usize::from(u16::from_be_bytes(*len)) + 4..) else { break };
        list = rest;
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_version_allows() {
        use SignatureScheme as Scheme;
        let (tls13, tls12) = (ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2);
        for (version, scheme, by, legal) in [
            (tls13, Scheme::rsa_pkcs1_sha256, Direction::Server, Some(false)),
            (tls13, Scheme::ecdsa_sha1, Direction::Server, Some(false)),
            (tls13, Scheme::dsa_sha256, Direction::Client, Some(false)),
            (tls13, Scheme::ecdsa_secp384r1_sha384, Direction::Server, Some(true)),
            (tls13, Scheme::rsa_pss_rsae_sha256, Direction::Server, Some(true)),
            (tls13, Scheme::mldsa65, Direction::Server, Some(true)),
            (tls13, Scheme::rsa_pkcs1_sha256_legacy, Direction::Server, Some(false)),
            (tls13, Scheme::rsa_pkcs1_sha256_legacy, Direction::Client, Some(true)),
            (tls13, Scheme(0xfe42), Direction::Server, None),
            (tls12, Scheme::rsa_pkcs1_sha256, Direction::Server, Some(true)),
            (tls12, Scheme::mldsa44, Direction::Server, Some(false)),
            (tls12, Scheme::ecdsa_brainpoolP256r1tls13_sha256, Direction::Server, Some(false)),
            (ProtocolVersion(0x7f12), Scheme::rsa_pkcs1_sha256, Direction::Server, None),
        ] {
            assert_eq!(allows(version, scheme, by), legal, "{version} {scheme} {by:?}");
        }
    }

    #[test]
    fn suites_of_versions() {
        let of = |suite: u16, version: u16| suits(CipherSuite(suite), ProtocolVersion(version));
        assert_eq!(of(0x1301, 0x0304), Some(true));
        assert_eq!(of(0x1301, 0x0303), Some(false));
        assert_eq!(of(0xc02f, 0x0304), Some(false));
        assert_eq!(of(0xc02f, 0x0303), Some(true));
        assert_eq!(
            (of(0xc02f, 0x0302), of(0x003d, 0x0302), of(0x002f, 0x0301)),
            (Some(false), Some(false), Some(true))
        );
        assert_eq!((of(0x1301, 0x7f12), of(0xfe42, 0x0303)), (None, None));
    }

    #[test]
    fn identities_are_counted() {
        assert_eq!(psk_identities(&[0, 1, 9, 0, 0, 0, 0, 0, 2, 9, 9, 1, 2, 3, 4]), 2);
        assert_eq!(psk_identities(&[0, 1, 9, 0, 0]), 0);
    }
}
