//! Only what ordinary clients have taken out gets through to the server.

use crate::capture::Role;
use crate::crypto::performed::{needs_groups, performed};
use crate::trace::{Evidence, Kind};
use crate::wire::codepoints::cipher_suite::{Authentication, Cipher, KeyExchange, SuiteInfo};
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_0, TLS_1_1, TLS_1_2};
use crate::wire::codepoints::{NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::facts::Facts;
use crate::wire::handshake::types;

use super::{By, Case, Cause, Command, Failure, Outcome, Remedy, Rule, summary};

/// The first attempt failed, and a second one showed what the server wants.
pub const RULE: Rule = Rule {
    id: "server.legacy_only",
    title: "server supports only obsolete cryptography",
    about: "An ordinary modern client has no parameters in common with this server. A second attempt, which also offers \
            what such clients have removed, showed what the server requires: the lab engine completed the handshake, or, \
            where that is below the lowest version allowed or not supported by tls-trace, the server's ServerHello says \
            so. Browsers and current libraries fail here. The report says what to enable on the server. If the obsolete \
            parameter is requested explicitly (--ciphers, --tls-min, --engine lab), this is not reported as a failure.",
    judge,
};

/// The same, but what the server speaks is not old.
pub const LAB_ONLY: Rule = Rule {
    id: "server.lab_only",
    title: "only the lab engine completed the handshake",
    about: "Version and cipher suite are ordinary, but an ordinary client has something else not in common \
            with this server, mostly the signature scheme of its key (RSA-PSS keys); the lab engine, which \
            offers more, completed the handshake. openssl s_client offers such schemes too.",
    judge: |_| None,
};

/// How the second attempt went.
enum Seen {
    /// The lab engine completed the handshake.
    Complete,
    /// The server chose a version or suite, and the handshake went no further.
    ServerHello,
}

fn judge(case: &Case<'_>) -> Option<Failure> {
    // The retry of ECH is rustls's again.
    if case.capture.role != Role::Retry || case.capture.ech.is_some() {
        return None;
    }
    let probed = case.capture.engine.as_ref()?.saw_first_flight();
    let seen = match case.complete() {
        true => Seen::Complete,
        false if probed => Seen::ServerHello,
        false => return None,
    };
    let facts = &case.handshake()?.facts;
    let (suite, version) = (facts.suite()?, facts.version?);
    let mut failure = match unusual(facts, version, suite) {
        Some(Unusual::Unknown) if as_modern_as_the_first(case, facts) => by_chance(),
        Some(unusual) => other(suite, unusual),
        None if suite.authentication == Authentication::Psk && !case.question.has("--psk") => {
            pre_shared_key()
        }
        None => old(version, suite),
    };
    failure.stage = match seen {
        Seen::Complete => {
            "the first attempt failed before a certificate; the lab engine completed the handshake".into()
        }
        Seen::ServerHello => {
            "the first attempt failed before a certificate; a probe with an obsolete offer got a ServerHello"
                .into()
        }
    };
    failure.by = Some(By::Server);
    failure.seen = Some(format!("{version}, {}", suite.name));
    let hello = case.trace().messages.iter().position(|m| m.kind == Kind::Handshake(types::SERVER_HELLO));
    failure.evidence = vec![Evidence { message: hello, ..Evidence::default() }];
    let performed = performable(version, suite);
    if let Seen::ServerHello = seen {
        failure.also.push(match performed {
            _ if suite.key_exchange == KeyExchange::Psk => {
                "the server requires a pre-shared key, and none was given (--psk): no handshake was performed"
                    .into()
            }
            false => format!("tls-trace does not perform {} itself: this is its own limit", suite.name),
            true => format!(
                "{version} with {} is only offered on request: no handshake was performed",
                suite.name
            ),
        });
    } else if let Some(why) = case.judgement.and_then(|judgement| judgement.trusted.reason()) {
        failure.also.push(format!("the certificate is not trusted: {why}"));
    }
    Some(failure)
}

/// Whether the attempt that got through offered what modern clients do: then that is not what the first one failed on.
fn as_modern_as_the_first(case: &Case<'_>, facts: &Facts) -> bool {
    /// An Ethernet frame less the headers of IP and TCP with time stamps.
    const SEGMENT: usize = 1440;
    let hello = case.trace().first(types::CLIENT_HELLO).map_or(0, |(_, message)| message.length);
    facts.is_tls13() || hello > SEGMENT
}

/// Whatever the suite: the server has no certificate.
fn pre_shared_key() -> Failure {
    let summary = "pre-shared key required, none given";
    let mut failure = Failure::new(LAB_ONLY.id, Outcome::Failed, "tls", summary);
    failure.causes =
        vec![Cause::certain("the server chose a suite that is authenticated by a pre-shared key")];
    failure.remedy.text = Some("the identity and the key that the server knows: --psk IDENTITY:FILE".into());
    failure
}

/// The second attempt had nothing that the first one lacked.
fn by_chance() -> Failure {
    let summary = "the first connection failed, another went through";
    let mut failure = Failure::new(LAB_ONLY.id, Outcome::Failed, "tls", summary);
    failure.causes = vec![
        Cause::likely(
            "the first connection failed by chance: a rate limit, an overloaded server, one host of several",
        ),
        Cause::possible("a filter rejects the fingerprint of the first ClientHello"),
    ];
    failure.remedy.command = Some(Command::default().set("--repeat", Some("10")).without("--diagnose"));
    failure
}

/// Version or suite is one that ordinary clients have removed.
fn old(version: ProtocolVersion, suite: &SuiteInfo) -> Failure {
    let summary = format!("obsolete cryptography: {}", taken_out(version, suite).join(", "));
    let mut failure = Failure::new(RULE.id, Outcome::Failed, "tls", summary);
    if version < ProtocolVersion::TLS_1_2 {
        failure
            .causes
            .push(Cause::certain(format!("it chose {version} where everything up to TLS 1.2 was offered")));
    }
    // Old and new were offered together: the choice shows what it prefers, the first attempt that it took nothing newer
    // there. That could have had another reason.
    failure.causes.push(Cause::likely(format!(
        "the server accepts none of the ECDHE suites with an AEAD that rustls and browsers offer; it chose {}",
        suite.name
    )));
    failure.causes.push(Cause::possible(
        "it prefers the obsolete suite, and the first ClientHello failed for another reason: its size, or chance",
    ));
    failure.remedy = Remedy {
        command: performable(version, suite).then(|| command(version, suite)),
        text: Some(
            "TLS 1.3, or in TLS 1.2 the suites ECDHE with AES-GCM or ChaCha20-Poly1305, enabled on the server: \
             ssl_protocols TLSv1.2 TLSv1.3 and ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20 (nginx), SSLCipherSuite with the \
             same list (Apache)"
                .into(),
        ),
    };
    failure
}

/// What of the server's choice ordinary clients have taken out, in few words.
fn taken_out(version: ProtocolVersion, suite: &SuiteInfo) -> Vec<String> {
    let mut old = Vec::new();
    if version < ProtocolVersion::TLS_1_2 {
        old.push(version.to_string());
    }
    match (suite.key_exchange, suite.authentication) {
        _ if suite.export => old.push("export suites".into()),
        (_, Authentication::Anonymous) => old.push("anonymous suites".into()),
        (_, Authentication::Dss) => old.push("DSS".into()),
        (KeyExchange::Rsa, _) => old.push("RSA key exchange".into()),
        (KeyExchange::Dhe, _) => old.push("finite-field DHE".into()),
        (KeyExchange::Dh | KeyExchange::Ecdh, _) => old.push("static Diffie-Hellman".into()),
        _ => {}
    }
    match suite.cipher {
        Cipher::Rc4 | Cipher::TripleDes | Cipher::Des | Cipher::Null => old.push(suite.cipher.to_string()),
        _ if !suite.is_aead() && old.is_empty() => old.push("CBC".into()),
        // What clients offer with an AEAD is AES-GCM and ChaCha20.
        Cipher::Aes | Cipher::ChaCha20 if !suite.name.contains("CCM") => {}
        _ if old.is_empty() => old.push(suite.cipher.to_string()),
        _ => {}
    }
    old
}

/// Whether the lab engine gets through if it is asked for by its name. In SSL 3.0 without extensions, in which no curve can
/// be named: a server that chose one then takes another suite.
fn performable(version: ProtocolVersion, suite: &SuiteInfo) -> bool {
    let version = if needs_groups(suite.code) { version.0.max(TLS_1_0) } else { version.0 };
    performed(suite.code, version)
}

/// What asks for the old thing by its name.
fn command(version: ProtocolVersion, suite: &SuiteInfo) -> Command {
    let named = Command::default().without("--engine").without("--no-retry");
    let lowest = match version.0 {
        SSL_3_0 => Some("3.0"),
        TLS_1_0 => Some("1.0"),
        TLS_1_1 => Some("1.1"),
        _ => None,
    };
    let named = match lowest {
        // Nothing newer is offered: the server may not tolerate that.
        Some("3.0") => named.without("--tls-min").set("--ssl3", None).set("--tls-max", Some("3.0")),
        Some(version) => named.set("--tls-min", Some(version)).set("--tls-max", Some(version)),
        None if version.0 == TLS_1_2 => named.set("--tls-max", Some("1.2")),
        None => named,
    };
    match lowest {
        Some(_)
            if !matches!(suite.authentication, Authentication::Anonymous) && suite.cipher != Cipher::Null =>
        {
            named
        }
        _ => named.set("--ciphers", Some(suite.openssl.unwrap_or(suite.name))),
    }
}

/// The suite is an ordinary one: what else the server chose that rustls does not offer.
enum Unusual {
    Scheme(SignatureScheme),
    Group(NamedGroup),
    /// Nothing of what can be seen.
    Unknown,
}

fn unusual(facts: &Facts, version: ProtocolVersion, suite: &SuiteInfo) -> Option<Unusual> {
    let ordinary = match suite.is_tls13() {
        true => (0x1301..=0x1303).contains(&suite.code),
        false => matches!(suite.code, 0xc02b | 0xc02c | 0xc02f | 0xc030 | 0xcca8 | 0xcca9),
    };
    if !ordinary || version < ProtocolVersion::TLS_1_2 {
        return None;
    }
    let scheme = summary::server_scheme(facts).filter(|scheme| !is_ordinary(*scheme));
    // Those that rustls has; in its default offer, or in ours.
    let group = facts.group.filter(|group| {
        let curves = matches!(group.0, 0x0017..=0x0019 | 0x001d);
        !curves && !group.info().is_some_and(|group| group.is_post_quantum())
    });
    Some(match (scheme, group) {
        (Some(scheme), _) => Unusual::Scheme(scheme),
        (None, Some(group)) => Unusual::Group(group),
        (None, None) => Unusual::Unknown,
    })
}

/// Whether rustls offers a scheme.
fn is_ordinary(scheme: SignatureScheme) -> bool {
    use SignatureScheme as Scheme;
    matches!(
        scheme,
        Scheme::ecdsa_secp256r1_sha256
            | Scheme::ecdsa_secp384r1_sha384
            | Scheme::ecdsa_secp521r1_sha512
            | Scheme::ed25519
            | Scheme::rsa_pss_rsae_sha256
            | Scheme::rsa_pss_rsae_sha384
            | Scheme::rsa_pss_rsae_sha512
            | Scheme::rsa_pkcs1_sha256
            | Scheme::rsa_pkcs1_sha384
            | Scheme::rsa_pkcs1_sha512
            | Scheme::mldsa44
            | Scheme::mldsa65
            | Scheme::mldsa87
    )
}

/// Version and suite are today's, and rustls could not connect all the same.
fn other(suite: &SuiteInfo, unusual: Unusual) -> Failure {
    // A server that answers the second time may have answered by chance.
    let by_chance = matches!(unusual, Unusual::Unknown).then(|| {
        Cause::possible("the first connection was cut by chance, and a repetition would get through")
    });
    let (summary, cause, command, text) = match unusual {
        Unusual::Scheme(scheme) => (
            format!("no common signature algorithm: {scheme}"),
            Cause::certain(format!(
                "the server's key can only sign with {scheme}, which rustls does not offer; version and \
                 suite ({}) are ordinary",
                suite.name
            )),
            Some(Command::default().set("--sigalgs", scheme.name()).without("--engine")),
            Some(
                "a certificate with an RSA (rsaEncryption), EC P-256, P-384, P-521 or Ed25519 key, for clients built on rustls; or a client that offers this scheme",
            ),
        ),
        Unusual::Group(group) => (
            format!("no common group: server requires {group}"),
            Cause::certain(format!("the server chose the group {group}, which rustls does not offer")),
            None,
            Some("X25519 or secp256r1 among the server's groups"),
        ),
        Unusual::Unknown => (
            "the server fails on a modern ClientHello".to_owned(),
            Cause::likely(
                "the server, or a middlebox in front of it, does not tolerate a modern ClientHello: the offer of \
                 TLS 1.3, or its size of more than 1 kB; without these it chose what modern clients offer too",
            ),
            Some(super::cause::diagnose()),
            Some("an update of the server's TLS library, or of the middlebox"),
        ),
    };
    let mut failure = Failure::new(LAB_ONLY.id, Outcome::Failed, "tls", summary);
    failure.causes = [cause].into_iter().chain(by_chance).collect();
    failure.remedy = Remedy { command, text: text.map(str::to_owned) };
    failure
}
