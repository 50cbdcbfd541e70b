//! Servers that staple an OCSP response (RFC 6960) of their certificate.

use std::io;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rcgen::{PublicKeyData, SigningKey};
use time::{Duration, OffsetDateTime};
use x509_parser::parse_x509_certificate;

use super::pki::{Authority, Pki, good_leaf};
use super::tls::{Recipe, converse};
use super::{Client, HOST, Plan, Scenario};

pub(super) const STAPLED: Scenario = Scenario {
    name: "stapled",
    about: "The server staples a good OCSP response.",
    exit_code: 0,
    setup: || plan(Status::Good),
};

pub(super) const REVOKED: Scenario = Scenario {
    name: "revoked",
    about: "The stapled OCSP response says: revoked two hours ago.",
    exit_code: 1,
    setup: || plan(Status::Revoked),
};

#[derive(Clone, Copy)]
enum Status {
    Good,
    Revoked,
}

fn plan(status: Status) -> io::Result<Plan> {
    let pki = Pki::new()?;
    let mut credentials = pki.credentials(&good_leaf()?)?;
    let Some(leaf) = credentials.chain.first() else { return Err(io::Error::other("no leaf")) };
    credentials.staple = response(leaf, &pki.intermediate, status)?;
    let config = Recipe::default().config(&credentials)?;
    Ok(Plan { act: converse(config), host: HOST.into(), ca: pki.root_der(), client: Client::default() })
}

const ENUMERATED: u8 = 0x0a;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// `[n]`, primitive and constructed.
const CONTEXT: u8 = 0x80;
const CONSTRUCTED: u8 = 0xa0;

const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const OCSP_BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];

/// What the issuer itself, without a delegate, says of the leaf: as of an hour ago, for a week.
fn response(leaf: &[u8], issuer: &Authority, status: Status) -> io::Result<Vec<u8>> {
    let now = OffsetDateTime::now_utc();
    let updated = generalized(now - Duration::hours(1));
    let (_, leaf) = parse_x509_certificate(leaf).map_err(io::Error::other)?;
    let (_, authority) = parse_x509_certificate(issuer.der()).map_err(io::Error::other)?;
    let key_hash = element(OCTET_STRING, &[&sha1(issuer.key().der_bytes())]);
    let id = element(
        SEQUENCE,
        &[
            &element(SEQUENCE, &[&element(OID, &[SHA1]), &[5, 0]]),
            &element(OCTET_STRING, &[&sha1(authority.subject().as_raw())]),
            &key_hash,
            &element(INTEGER, &[leaf.raw_serial()]),
        ],
    );
    let status = match status {
        Status::Good => element(CONTEXT, &[]),
        Status::Revoked => {
            let key_compromise = element(ENUMERATED, &[&[1]]);
            let at = generalized(now - Duration::hours(2));
            element(CONSTRUCTED | 1, &[&at, &element(CONSTRUCTED, &[&key_compromise])])
        }
    };
    let next = element(CONSTRUCTED, &[&generalized(now + Duration::days(7))]);
    let single = element(SEQUENCE, &[&id, &status, &updated, &next]);
    let by_key = element(CONSTRUCTED | 2, &[&key_hash]);
    let data = element(SEQUENCE, &[&by_key, &updated, &element(SEQUENCE, &[&single])]);
    let signature = issuer.key().sign(&data).map_err(io::Error::other)?;
    let basic = element(
        SEQUENCE,
        &[
            &data,
            &element(SEQUENCE, &[&element(OID, &[ECDSA_SHA256])]),
            &element(BIT_STRING, &[&[0], &signature]),
        ],
    );
    let bytes = element(SEQUENCE, &[&element(OID, &[OCSP_BASIC]), &element(OCTET_STRING, &[&basic])]);
    let successful = element(ENUMERATED, &[&[0]]);
    Ok(element(SEQUENCE, &[&successful, &element(CONSTRUCTED, &[&bytes])]))
}

/// RFC 6960 has it in every responder's CertID; here it guards nothing.
fn sha1(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

fn generalized(at: OffsetDateTime) -> Vec<u8> {
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = at.to_hms();
    let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    element(GENERALIZED_TIME, &[text.as_bytes()])
}

/// Tag, length and these parts.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let significant = length.iter().position(|&byte| byte != 0).unwrap_or(length.len() - 1);
    let length = &length[significant..];
    let mut out = vec![tag];
    if content.len() > 0x7f {
        out.push(0x80 | length.len() as u8);
    }
    out.extend_from_slice(length);
    out.extend(content);
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::visit;
    use super::*;

    /// Whatever the staple says, the chain is good and the handshake completes; webpki does not look at staples.
    #[test]
    fn the_staple_arrives() {
        for (scenario, good) in [(&STAPLED, true), (&REVOKED, false)] {
            let seen = visit(scenario).only();
            assert!(seen.completed && seen.error.is_none() && seen.closed_properly, "{seen:?}");
            assert_eq!(seen.verified(), Ok(()));
            let (_, leaf) = parse_x509_certificate(&seen.chain[0]).unwrap();
            let id = element(INTEGER, &[leaf.raw_serial()]);
            // What follows the CertID is the status.
            let after = seen.staple.windows(id.len()).position(|bytes| bytes == id).unwrap() + id.len();
            let status = if good { CONTEXT } else { CONSTRUCTED | 1 };
            assert_eq!(seen.staple[after], status, "{}", scenario.name);
        }
    }

    #[test]
    fn lengths() {
        assert_eq!(element(4, &[]), [4, 0]);
        assert_eq!(element(4, &[&[7], &[8]]), [4, 2, 7, 8]);
        assert_eq!(element(4, &[&[7; 127]])[..2], [4, 127]);
        assert_eq!(element(4, &[&[7; 128]])[..3], [4, 0x81, 128]);
        assert_eq!(element(4, &[&[7; 256]])[..4], [4, 0x82, 1, 0]);
    }
}
