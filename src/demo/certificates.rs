//! Handshakes that complete, with a chain that is judged afterwards.

use std::io;

use rcgen::{BasicConstraints, CustomExtension, ExtendedKeyUsagePurpose, IsCa};

use super::pki::{self, Credentials, Pki, authority, days, good_leaf, leaf_for};
use super::tls::{Recipe, converse};
use super::{Client, HOST, Plan, Scenario};

pub(super) const EXPIRED: Scenario =
    Scenario { name: "expired", about: "The certificate expired a week ago.", exit_code: 1, setup: expired };

pub(super) const NOT_YET_VALID: Scenario = Scenario {
    name: "not-yet-valid",
    about: "The certificate becomes valid next week.",
    exit_code: 1,
    setup: not_yet_valid,
};

pub(super) const WRONG_NAME: Scenario = Scenario {
    name: "wrong-name",
    about: "The certificate is for another host.",
    exit_code: 1,
    setup: wrong_name,
};

pub(super) const UNTRUSTED: Scenario = Scenario {
    name: "untrusted",
    about: "A correct chain, whose root the client does not trust.",
    exit_code: 1,
    setup: untrusted,
};

pub(super) const MISSING_INTERMEDIATE: Scenario = Scenario {
    name: "missing-intermediate",
    about: "The intermediate certificate is not sent.",
    exit_code: 1,
    setup: missing_intermediate,
};

pub(super) const SELF_SIGNED: Scenario = Scenario {
    name: "self-signed",
    about: "The certificate is signed with its own key.",
    exit_code: 1,
    setup: self_signed,
};

pub(super) const EXPIRED_INTERMEDIATE: Scenario = Scenario {
    name: "expired-intermediate",
    about: "The leaf is valid, the intermediate has expired.",
    exit_code: 1,
    setup: expired_intermediate,
};

pub(super) const PATH_LENGTH: Scenario = Scenario {
    name: "path-length",
    about: "A CA that may not issue CA certificates has issued one.",
    exit_code: 1,
    setup: path_length,
};

pub(super) const WRONG_EKU: Scenario = Scenario {
    name: "wrong-eku",
    about: "The server's certificate is for clients only.",
    exit_code: 1,
    setup: wrong_eku,
};

pub(super) const CN_ONLY: Scenario = Scenario {
    name: "cn-only",
    about: "The name is only in the common name (CN), not the SAN.",
    exit_code: 1,
    setup: cn_only,
};

pub(super) const WRONG_ORDER: Scenario = Scenario {
    name: "wrong-order",
    about: "Two intermediates are sent in the wrong order.",
    exit_code: 0,
    setup: wrong_order,
};

pub(super) const ROOT_SENT: Scenario = Scenario {
    name: "root-sent",
    about: "The server also sends its root, which no client needs.",
    exit_code: 0,
    setup: root_sent,
};

pub(super) const UNUSED_EXTRA: Scenario = Scenario {
    name: "unused-extra",
    about: "The server sends a certificate that is not in the chain.",
    exit_code: 0,
    setup: unused_extra,
};

// Clients differ on this one: of the usual ones only Firefox refuses. The code is that of a client that
// follows the standard path validation (RFC 5280), which knows nothing of staples.
pub(super) const MUST_STAPLE: Scenario = Scenario {
    name: "must-staple",
    about: "A must-staple certificate; no OCSP response is sent.",
    exit_code: 0,
    setup: must_staple,
};

pub(super) const WILDCARD: Scenario = Scenario {
    name: "wildcard",
    about: "The certificate is for *.tls-trace.test.",
    exit_code: 0,
    setup: wildcard,
};

pub(super) const IP_NAME: Scenario = Scenario {
    name: "ip-name",
    about: "The server is addressed by IP; its certificate has it.",
    exit_code: 0,
    setup: ip_name,
};

fn expired() -> io::Result<Plan> {
    let mut leaf = good_leaf()?;
    (leaf.not_before, leaf.not_after) = (days(-97), days(-7));
    let pki = Pki::new()?;
    plan(&pki, &pki.credentials(&leaf)?)
}

fn not_yet_valid() -> io::Result<Plan> {
    let mut leaf = good_leaf()?;
    (leaf.not_before, leaf.not_after) = (days(7), days(97));
    let pki = Pki::new()?;
    plan(&pki, &pki.credentials(&leaf)?)
}

fn wrong_name() -> io::Result<Plan> {
    let pki = Pki::new()?;
    plan(&pki, &pki.credentials(&leaf_for(&["other.tls-trace.test"])?)?)
}

fn untrusted() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let mut plan = plan(&pki, &pki.credentials(&good_leaf()?)?)?;
    plan.client.trust_root = false;
    Ok(plan)
}

fn missing_intermediate() -> io::Result<Plan> {
    let pki = Pki::new()?;
    plan(&pki, &pki::issue(&good_leaf()?, &pki.intermediate)?)
}

fn self_signed() -> io::Result<Plan> {
    let mut leaf = good_leaf()?;
    // An authority key identifier would only repeat its own.
    leaf.use_authority_key_identifier_extension = false;
    plan(&Pki::new()?, &pki::self_signed(&leaf)?)
}

fn expired_intermediate() -> io::Result<Plan> {
    let mut intermediate = authority("tls-trace demo Intermediate CA");
    (intermediate.not_before, intermediate.not_after) = (days(-372), days(-7));
    let pki = Pki::with_intermediate(intermediate)?;
    plan(&pki, &pki.credentials(&good_leaf()?)?)
}

fn path_length() -> io::Result<Plan> {
    let mut constrained = authority("tls-trace demo Intermediate CA");
    constrained.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let pki = Pki::with_intermediate(constrained)?;
    let one_too_many = pki::subordinate(authority("tls-trace demo Sub CA"), &pki.intermediate)?;
    let mut credentials = pki::issue(&good_leaf()?, &one_too_many)?;
    credentials.chain.extend([one_too_many.der().clone(), pki.intermediate.der().clone()]);
    plan(&pki, &credentials)
}

fn wrong_eku() -> io::Result<Plan> {
    let mut leaf = good_leaf()?;
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let pki = Pki::new()?;
    plan(&pki, &pki.credentials(&leaf)?)
}

fn cn_only() -> io::Result<Plan> {
    let mut leaf = good_leaf()?;
    leaf.subject_alt_names.clear();
    let pki = Pki::new()?;
    plan(&pki, &pki.credentials(&leaf)?)
}

fn wrong_order() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let issuing = pki::subordinate(authority("tls-trace demo Issuing CA"), &pki.intermediate)?;
    let mut credentials = pki::issue(&good_leaf()?, &issuing)?;
    credentials.chain.extend([pki.intermediate.der().clone(), issuing.der().clone()]);
    plan(&pki, &credentials)
}

fn root_sent() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let mut credentials = pki.credentials(&good_leaf()?)?;
    credentials.chain.push(pki.root.der().clone());
    plan(&pki, &credentials)
}

fn unused_extra() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let mut credentials = pki.credentials(&good_leaf()?)?;
    let stranger = pki::root("tls-trace demo Unrelated CA")?;
    credentials.chain.push(stranger.der().clone());
    plan(&pki, &credentials)
}

fn must_staple() -> io::Result<Plan> {
    // id-pe-tlsfeature: a SEQUENCE of the INTEGER 5, status_request (RFC 7633).
    const TLS_FEATURE: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 24];
    let mut leaf = good_leaf()?;
    leaf.custom_extensions.push(CustomExtension::from_oid_content(TLS_FEATURE, vec![0x30, 3, 2, 1, 5]));
    let pki = Pki::new()?;
    plan(&pki, &pki.credentials(&leaf)?)
}

fn wildcard() -> io::Result<Plan> {
    let pki = Pki::new()?;
    plan(&pki, &pki.credentials(&leaf_for(&["*.tls-trace.test"])?)?)
}

fn ip_name() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let plan = plan(&pki, &pki.credentials(&leaf_for(&["127.0.0.1"])?)?)?;
    Ok(Plan { host: "127.0.0.1".into(), ..plan })
}

fn plan(pki: &Pki, credentials: &Credentials) -> io::Result<Plan> {
    let config = Recipe::default().config(credentials)?;
    Ok(Plan { act: converse(config), host: HOST.into(), ca: pki.root_der(), client: Client::default() })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seen, visit};
    use super::*;
    use rustls::CertificateError as Error;
    use rustls::Error::InvalidCertificate;

    /// The handshake completes whatever the chain is worth.
    fn complete(scenario: &Scenario, certificates: usize) -> Seen {
        let seen = visit(scenario).only();
        assert!(seen.completed && seen.error.is_none() && seen.closed_properly, "{seen:?}");
        assert_eq!(seen.chain.len(), certificates, "{}", scenario.name);
        seen
    }

    fn refused(scenario: &Scenario, certificates: usize) -> Error {
        match complete(scenario, certificates).verified() {
            Err(InvalidCertificate(why)) => why,
            other => panic!("{}: {other:?}", scenario.name),
        }
    }

    #[test]
    fn dates() {
        assert!(matches!(refused(&EXPIRED, 2), Error::ExpiredContext { .. }));
        assert!(matches!(refused(&NOT_YET_VALID, 2), Error::NotValidYetContext { .. }));
        assert!(matches!(refused(&EXPIRED_INTERMEDIATE, 2), Error::ExpiredContext { .. }));
    }

    #[test]
    fn names() {
        assert!(matches!(refused(&WRONG_NAME, 2), Error::NotValidForNameContext { .. }));
        assert!(matches!(refused(&CN_ONLY, 2), Error::NotValidForNameContext { .. }));
        assert_eq!(complete(&WILDCARD, 2).verified(), Ok(()));
        assert_eq!(complete(&IP_NAME, 2).verified(), Ok(()));
    }

    #[test]
    fn issuers() {
        assert_eq!(refused(&UNTRUSTED, 2), Error::UnknownIssuer);
        assert_eq!(refused(&MISSING_INTERMEDIATE, 1), Error::UnknownIssuer);
        assert_eq!(refused(&SELF_SIGNED, 1), Error::UnknownIssuer);
    }

    #[test]
    fn constraints() {
        let why = refused(&PATH_LENGTH, 3);
        assert!(format!("{why:?}").contains("PathLen"), "{why:?}");
        assert!(matches!(
            refused(&WRONG_EKU, 2),
            Error::InvalidPurpose | Error::InvalidPurposeContext { .. }
        ));
    }

    #[test]
    fn oddities_that_do_no_harm() {
        assert_eq!(complete(&WRONG_ORDER, 3).verified(), Ok(()));
        assert_eq!(complete(&ROOT_SENT, 3).verified(), Ok(()));
        assert_eq!(complete(&UNUSED_EXTRA, 3).verified(), Ok(()));
        assert_eq!(complete(&MUST_STAPLE, 2).verified(), Ok(()));
    }

    #[test]
    fn the_sent_order_is_the_wrong_one() {
        let seen = complete(&WRONG_ORDER, 3);
        let [leaf, second, third] = &seen.chain[..] else { unreachable!("three, as counted") };
        let parse = |der| x509_parser::parse_x509_certificate(der).unwrap().1;
        assert_ne!(parse(leaf).issuer(), parse(second).subject());
        assert_eq!(parse(leaf).issuer(), parse(third).subject());
        assert_eq!(parse(third).issuer(), parse(second).subject());
    }
}
