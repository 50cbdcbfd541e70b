//! Only the lab engine got through: the server speaks nothing that ordinary clients still do.

use crate::capture::Role;
use crate::wire::codepoints::cipher_suite::{KeyExchange, SuiteInfo};
use crate::wire::codepoints::{NamedGroup, SignatureScheme};
use crate::wire::facts::Facts;

use super::{By, Case, Cause, Command, Failure, Outcome, Remedy, Rule, summary, weak};

/// The first attempt failed, and a second one with long discarded cryptography succeeded.
pub const RULE: Rule = Rule {
    id: "server.legacy_only",
    about: "An ordinary modern client finds nothing in common with this server; the lab engine, which speaks what such \
            clients have taken out, completed the handshake. Browsers and current libraries fail here. What to enable on \
            the server is said; naming the old thing (--ciphers, --tls-min, --engine lab) asks for the verdict on that \
            alone.",
    judge,
};

/// The same, but what the server speaks is not old.
pub const LAB_ONLY: Rule = Rule {
    id: "server.lab_only",
    about: "Version and cipher suite are ordinary ones, but an ordinary client has something else not in common with this \
            server, mostly the signature scheme of its key (RSA-PSS keys); the lab engine, which offers more, completed the \
            handshake. openssl s_client offers such schemes too.",
    judge: |_| None,
};

fn judge(case: &Case<'_>) -> Option<Failure> {
    if case.capture.role != Role::Retry || !case.complete() {
        return None;
    }
    let facts = &case.handshake()?.facts;
    let suite = facts.suite()?;
    let version = facts.version?;
    let mut failure = match unusual(facts, suite) {
        Some(unusual) => other(suite, unusual),
        None => old(suite),
    };
    failure.stage = "ordinary modern clients fail at the ServerHello; the lab engine got through".into();
    failure.by = Some(By::Server);
    failure.seen = Some(format!("{version}, {}", suite.name));
    failure.causes.extend(weak::of(case).into_iter().map(|weakness| Cause::certain(weakness.what)));
    if let Some(why) = case.judgement.and_then(|judgement| judgement.trusted.reason()) {
        failure.also.push(format!("the certificate is not trusted: {why}"));
    }
    Some(failure)
}

/// The suite is one that ordinary clients have taken out.
fn old(suite: &SuiteInfo) -> Failure {
    let what = match suite.key_exchange {
        KeyExchange::Rsa => "RSA key exchange",
        KeyExchange::Dhe => "finite-field DHE",
        _ if !suite.is_aead() => "CBC",
        _ => "what clients have dropped",
    };
    let summary = format!("the server speaks only old cryptography: {what}");
    let mut failure = Failure::new(RULE.id, Outcome::Failed, "tls", summary);
    failure.causes = vec![Cause::certain(format!(
        "the server accepts none of the suites with ECDHE and an AEAD that rustls and browsers offer; it chose {}",
        suite.name
    ))];
    failure.remedy = Remedy {
        command: Some(Command::default().set("--ciphers", Some(suite.openssl.unwrap_or(suite.name))).without("--engine")),
        text: Some(
            "TLS 1.3, or in TLS 1.2 the suites ECDHE with AES-GCM or ChaCha20-Poly1305, enabled on the server: \
             ssl_protocols TLSv1.2 TLSv1.3 and ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20 (nginx), SSLCipherSuite with the \
             same list (Apache)"
                .into(),
        ),
    };
    failure
}

/// The suite is an ordinary one: what else the server chose that rustls does not offer.
enum Unusual {
    Scheme(SignatureScheme),
    Group(NamedGroup),
    /// Nothing of what can be seen.
    Unknown,
}

fn unusual(facts: &Facts, suite: &SuiteInfo) -> Option<Unusual> {
    let ordinary = match suite.is_tls13() {
        true => (0x1301..=0x1303).contains(&suite.code),
        false => matches!(suite.code, 0xc02b | 0xc02c | 0xc02f | 0xc030 | 0xcca8 | 0xcca9),
    };
    if !ordinary {
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
    let (summary, cause, command, text) = match unusual {
        Unusual::Scheme(scheme) => (
            format!("no common signature algorithm: the server signs with {scheme}"),
            Cause::certain(format!(
                "the server's key signs with {scheme} only, which rustls does not offer; \
                 version and suite ({}) are ordinary ones",
                suite.name
            )),
            Some(Command::default().set("--sigalgs", scheme.name()).without("--engine")),
            Some(
                "a certificate with an RSA (rsaEncryption), EC P-256, P-384, P-521 or Ed25519 key, for clients built on rustls; or a client that offers this scheme",
            ),
        ),
        Unusual::Group(group) => (
            format!("no common group: the server takes {group}"),
            Cause::certain(format!("the server chose the group {group}, which rustls does not offer")),
            None,
            Some("X25519 or secp256r1 among the server's groups"),
        ),
        Unusual::Unknown => (
            "only the lab engine got through".to_owned(),
            Cause::possible(
                "something in rustls's offer that the lab engine's does not have, or the other way round",
            ),
            Some(Command::default().set("--engine", Some("lab"))),
            None,
        ),
    };
    let mut failure = Failure::new(LAB_ONLY.id, Outcome::Failed, "tls", summary);
    failure.causes = vec![cause];
    failure.remedy = Remedy { command, text: text.map(str::to_owned) };
    failure
}
