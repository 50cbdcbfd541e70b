//! Cipher suites and signature schemes.

use crate::capture::Change;
use crate::finding::Certainty;
use crate::finding::experiment::conclusion::{Conclusion, chosen_other, unexplained};
use crate::finding::experiment::plan::{Asked, Lab};
use crate::finding::experiment::{Base, Outcome};
use crate::wire::codepoints::{AlertDescription, SignatureScheme};

use super::versions::TLS12;
use super::{Atom, ROW, Row, TRY, Try, more};

/// Of all kinds: old key exchanges, ciphers and MACs last.
#[rustfmt::skip] // A table.
const SUITES: &[u16] = &[
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305,
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc0ac, 0xc0ad, 0xc0ae, 0xc0af,
    0x009e, 0x009f, 0xccaa, 0xc09e, 0xc09f, 0xc0a2, 0xc0a3,
    0xc023, 0xc027, 0xc024, 0xc028, 0xc009, 0xc013, 0xc00a, 0xc014, 0x0067, 0x006b, 0x0033, 0x0039,
    0x009c, 0x009d, 0xc09c, 0xc09d, 0xc0a0, 0xc0a1, 0x003c, 0x003d, 0x002f, 0x0035, 0x0041, 0x0084,
    0xc008, 0xc012, 0x0016, 0x000a, 0xc007, 0xc011, 0x0005, 0x0004,
];

/// With SHA-1, PKCS #1 and what few offer.
const SCHEMES: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501,
    0x0601, 0x0203, 0x0201, 0x0904, 0x0905, 0x0906,
];

const SHA1_SCHEMES: &[u16] = &[0x0203, 0x0201];

/// `rsa_pss_rsae_*`, `rsa_pss_pss_*`
/// What every server knows.
const COMMON: &[u16] = &[0x0403, 0x0804, 0x0401];

const RSA_PSS: &[u16] = &[0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b];

const SHA1: &str = "sha1-signatures";

pub const FEW: &str = "tls13-suites";

pub const ROWS: &[Row] = &[
    Row {
        id: "more-schemes",
        about: "all signature schemes",
        explain: "All signature schemes that we know are offered, SHA-1 and PKCS #1 among them.",
        changes: |base| more(SCHEMES, &base.schemes).map(Change::MoreSignatureSchemes).into_iter().collect(),
        plain: true,
        helps: |lab, _| {
            let sha1 =
                Atom::of(SHA1, lab.base).map(|sha1| lab.goes_on(&[sha1])).transpose()?.unwrap_or(false);
            let mut text = "it can't sign with any of the signature schemes that were offered".to_owned();
            if sha1 {
                text += "; it signs with SHA-1";
            }
            let it = Conclusion::new("diagnosis.signature_scheme", Certainty::Certain, text);
            Ok(match sha1 {
                true => it.remedy("update the server: SHA-1 in signatures is deprecated (RFC 9155)"),
                false => it,
            })
        },
        ..ROW
    },
    Row {
        id: SHA1,
        about: "SHA-1 signatures as well",
        explain: "The signature schemes with SHA-1 are offered as well: it tells a server that can sign with nothing newer.",
        changes: |base| {
            more(SHA1_SCHEMES, &base.schemes).map(Change::MoreSignatureSchemes).into_iter().collect()
        },
        ..ROW
    },
    Row {
        id: "no-rsa-pss",
        about: "no rsa_pss",
        explain: "The schemes of RSASSA-PSS are left out, of TLS 1.2: some keys in hardware sign with PKCS #1 only, and their \
                  server chooses RSASSA-PSS all the same.",
        changes: |base| {
            let left: Vec<u16> =
                base.schemes.iter().copied().filter(|code| !RSA_PSS.contains(code)).collect();
            let fewer = !left.is_empty() && left.len() < base.schemes.len();
            fewer.then_some(Change::SignatureSchemes(left)).into_iter().collect()
        },
        tries: &[Try { rank: 136, ..TRY }, Try { rank: 165, with: &[TLS12], when: parameters, ..TRY }],
        helps: |_, _| {
            let text = "it fails where RSASSA-PSS is offered, and goes on where it is not";
            Ok(Conclusion::new("diagnosis.signature_scheme", Certainty::Certain, text)
                .remedy("update the server, or whatever holds its key: TLS 1.3 needs RSASSA-PSS"))
        },
        ..ROW
    },
    Row {
        id: "few-schemes",
        about: "three signature schemes",
        explain: "Only ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256 and rsa_pkcs1_sha256 are offered, which every server knows: it \
                  tells a server that fails on a newer scheme.",
        changes: |base| {
            let few: Vec<u16> = base.schemes.iter().copied().filter(|code| COMMON.contains(code)).collect();
            let fewer = !few.is_empty() && few.len() < base.schemes.len();
            fewer.then_some(Change::SignatureSchemes(few)).into_iter().collect()
        },
        tries: &[Try { rank: 137, ..TRY }],
        helps: |lab, _| {
            let others: Vec<String> = lab
                .base
                .schemes
                .iter()
                .filter(|code| !COMMON.contains(code))
                .map(|code| SignatureScheme(*code).to_string())
                .collect();
            let text = format!(
                "it fails on a signature scheme that was offered, or on their number, and should ignore those that it does not \
                 know: one of {}",
                others.join(", ")
            );
            Ok(Conclusion::new("diagnosis.signature_scheme", Certainty::Certain, text).remedy(
                "update the server: unknown signature schemes have to be ignored (RFC 8446, section 4.2.3)",
            ))
        },
        ..ROW
    },
    Row {
        id: "more-suites",
        about: "all cipher suites",
        explain: "All cipher suites that we know are offered, those that were offered first. The one that the server chooses \
                  shows what it is configured for.",
        changes: |base| more(SUITES, &base.suites).map(Change::MoreCipherSuites).into_iter().collect(),
        plain: true,
        helps: |lab, one| {
            let suite = lab.answer_to(one).suite;
            Ok(match suite {
                Some(suite) if lab.base.suites.contains(&suite.0) => unexplained("cipher suites", suite),
                _ => chosen_other("diagnosis.cipher_suite", "cipher suite", "--ciphers", suite),
            })
        },
        ..ROW
    },
    Row {
        id: FEW,
        about: "cipher suites of TLS 1.3 only",
        explain: "The versions stay, and the cipher suites of TLS 1.3 alone are offered: a server that fails on a long list is \
                  told from one that fails on an older version.",
        changes: |base| {
            let few: Vec<u16> = base.suites.iter().copied().filter(|code| code >> 8 == 0x13).collect();
            let fewer = !few.is_empty() && few.len() < base.suites.len();
            fewer.then_some(Change::CipherSuites(few)).into_iter().collect()
        },
        ..ROW
    },
    Row {
        id: "rsa-key-exchange",
        about: "RSA key exchange only",
        explain: "Only cipher suites with RSA key exchange are offered: a server that fails on others, or on a long list, is \
                  found so.",
        changes: |_| vec![Change::CipherSuites(vec![0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f])],
        tries: &[Try { rank: 220, with: &[TLS12], when: parameters, ..TRY }],
        helps: alone,
        ..ROW
    },
    Row {
        id: "dhe",
        about: "DHE only",
        explain: "Only cipher suites with finite-field Diffie-Hellman are offered.",
        changes: |_| vec![Change::CipherSuites(vec![0x009f, 0x009e, 0x006b, 0x0067, 0x0039, 0x0033])],
        tries: &[Try { rank: 221, with: &[TLS12], when: parameters, ..TRY }],
        helps: alone,
        ..ROW
    },
    Row {
        id: "cbc",
        about: "CBC only",
        explain: "Only cipher suites with AES in CBC mode are offered.",
        changes: |_| vec![Change::CipherSuites(vec![0xc00a, 0xc009, 0xc014, 0xc013, 0x0035, 0x002f])],
        tries: &[Try { rank: 222, with: &[TLS12], when: parameters, ..TRY }],
        helps: alone,
        ..ROW
    },
    Row {
        id: "3des",
        about: "3DES only",
        explain: "Only cipher suites with 3DES are offered.",
        changes: |_| vec![Change::CipherSuites(vec![0xc008, 0xc012, 0x0016, 0x000a])],
        tries: &[Try { rank: 223, with: &[TLS12], when: parameters, ..TRY }],
        helps: alone,
        ..ROW
    },
    Row {
        id: "rc4",
        about: "RC4 only",
        explain: "Only cipher suites with RC4 are offered.",
        changes: |_| vec![Change::CipherSuites(vec![0xc007, 0xc011, 0x0005, 0x0004])],
        tries: &[Try { rank: 224, with: &[TLS12], when: parameters, ..TRY }],
        helps: alone,
        ..ROW
    },
];

/// The server understood the ClientHello, and found nothing in it that it could use, or broke down over it.
fn parameters(base: &Base) -> bool {
    let alert = |alert| {
        matches!(
            alert,
            AlertDescription::handshake_failure
                | AlertDescription::insufficient_security
                | AlertDescription::illegal_parameter
                | AlertDescription::decode_error
                | AlertDescription::internal_error
        )
    };
    base.alert().is_some_and(alert) || base.outcome == Outcome::Unusable
}

/// The server goes on with a short list of one kind.
fn alone(lab: &Lab<'_>, one: &Atom) -> Asked<Conclusion> {
    let chosen = lab.answer_to(one).suite.map(|suite| suite.to_string());
    let text = format!(
        "the cipher suites: with a short list ({}) the server goes on{}, with the one that was offered it does not",
        one.about(),
        chosen.as_ref().map(|chosen| format!(" and chooses {chosen}")).unwrap_or_default()
    );
    let it = Conclusion::new("diagnosis.cipher_suite", Certainty::Certain, text);
    Ok(match chosen {
        Some(chosen) => it.command("--ciphers", &chosen),
        None => it,
    })
}

/// It goes on where the cipher suites of TLS 1.3 alone are offered.
pub fn too_many(lab: &Lab<'_>) -> Conclusion {
    let text = format!(
        "it fails on the list of {} cipher suites, on its length or on one of them, and goes on where those of TLS 1.3 alone \
         are offered",
        lab.base.suites.len()
    );
    Conclusion::new("diagnosis.cipher_suite", Certainty::Certain, text).remedy(
        "update the server: cipher suites that it does not know have to be ignored (RFC 8446, section 4.1.2)",
    )
}
