//! Signed certificate timestamps (RFC 6962).

use aws_lc_rs::digest::{SHA256, digest};

use super::question::{Question, Sent};
use super::signature::{self, Verified};
use crate::trace::State;
use crate::wire::asn1::der::{SEQUENCE, constructed, element};
use crate::wire::asn1::ocsp::Response;
use crate::wire::asn1::{Algorithm, Certificate, PublicKey, oid};
use crate::wire::dissector::Dissector;
use crate::wire::sct::{Timestamp, list};
use crate::wire::text;

/// Where a timestamp came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Certificate,
    Tls,
    Ocsp,
}

impl From {
    /// `certificate`, `tls` or `ocsp`.
    pub fn name(self) -> &'static str {
        match self {
            From::Certificate => "certificate",
            From::Tls => "tls",
            From::Ocsp => "ocsp",
        }
    }
}

/// One timestamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sct {
    pub from: From,
    /// 1 for v1.
    pub version: u64,
    /// SHA-256 of the log's key, lower-case hexadecimal.
    pub log_id: String,
    /// As the list of logs calls it; escaped.
    pub log: Option<String>,
    /// Milliseconds since 1970.
    pub timestamp_ms: u64,
    /// e.g. `ecdsa_sha256`
    pub algorithm: String,
    /// Its signature; not evaluated unless the log's key is known.
    pub verified: State,
}

/// The leaf's timestamps from everywhere, verified where the log's key is known; and what is wrong with lists of them.
pub fn of_leaf(
    leaf: &Certificate<'_>,
    issuer_spki: Option<&[u8]>,
    sent: &Sent<'_>,
    question: &Question<'_>,
) -> (Vec<Sct>, Vec<String>) {
    let mut lists: Vec<(From, &[u8])> = Vec::new();
    lists.extend(leaf.extensions.scts.map(|list| (From::Certificate, list)));
    lists.extend(sent.scts.iter().filter(|(place, _)| *place == 0).map(|(_, list)| (From::Tls, *list)));
    for (_, staple) in sent.ocsp.iter().filter(|(place, _)| *place == 0) {
        let response = Response::read(staple, &question.limits.x509());
        let singles = response.ok().and_then(|response| response.basic).map(|basic| basic.singles);
        let about = singles.into_iter().flatten().filter(|single| single.serial == leaf.serial.value);
        lists.extend(about.filter_map(|single| single.scts).map(|list| (From::Ocsp, list)));
    }
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for (from, bytes) in lists {
        let mut timestamps = Vec::new();
        let (_, wrong) = Dissector::facts(bytes, "sct_list", |d| {
            list(d, |one| {
                if timestamps.len() < question.limits.urls {
                    timestamps.push(one);
                }
            })
        });
        problems.extend(wrong.first().map(|problem| format!("the list of SCTs is malformed: {problem}")));
        all.extend(timestamps.iter().map(|one| evaluate(one, from, leaf, issuer_spki, question)));
    }
    (all, problems)
}

fn evaluate(
    one: &Timestamp<'_>,
    from: From,
    leaf: &Certificate<'_>,
    issuer_spki: Option<&[u8]>,
    question: &Question<'_>,
) -> Sct {
    let log = question.ct_logs.and_then(|logs| logs.find(one.log_id));
    let open = |why: String| State::NotEvaluated(why);
    let verified = match (question.ct_logs, log) {
        _ if one.version != 0 => open(format!("SCT of version {}", u64::from(one.version) + 1)),
        (None, _) => open("no list of logs was given (--ct-logs FILE)".to_owned()),
        (Some(_), None) => open("the log is not in the list that was given".to_owned()),
        (Some(_), Some(log)) => verify(one, from, leaf, issuer_spki, &log.key),
    };
    Sct {
        from,
        version: u64::from(one.version) + 1,
        log_id: hex::encode(one.log_id),
        log: log.map(|log| text::escape(&log.name)),
        timestamp_ms: one.timestamp,
        algorithm: algorithm_name(one.algorithm),
        verified,
    }
}

/// `ecdsa_sha256`, or both numbers.
fn algorithm_name((hash, sign): (u8, u8)) -> String {
    let name = match hash {
        4 => "sha256",
        5 => "sha384",
        6 => "sha512",
        _ => "hash",
    };
    match sign {
        1 => format!("rsa_{name}"),
        3 => format!("ecdsa_{name}"),
        other => format!("0x{hash:02x}{other:02x}"),
    }
}

/// Verifies a timestamp against what the log saw (RFC 6962, section 3.2).
fn verify(
    one: &Timestamp<'_>,
    from: From,
    leaf: &Certificate<'_>,
    issuer_spki: Option<&[u8]>,
    key: &[u8],
) -> State {
    let Ok(key) = PublicKey::read(key) else {
        return State::NotEvaluated("the log's key can't be read".to_owned());
    };
    let algorithm = match one.algorithm {
        (4, 3) => Algorithm::bare(oid::ECDSA_SHA256),
        (4, 1) => Algorithm::bare(oid::SHA256_RSA),
        other => return State::NotEvaluated(format!("the algorithm {}", algorithm_name(other))),
    };
    // Version v1, certificate_timestamp, time, entry.
    let mut message = vec![0, 0];
    message.extend(one.timestamp.to_be_bytes());
    let body = match from {
        From::Certificate => {
            let (Some(spki), Some(tbs)) = (issuer_spki, tbs_without_scts(leaf)) else {
                return State::NotEvaluated("the issuer of the leaf is not known".to_owned());
            };
            message.extend([0, 1]);
            message.extend_from_slice(digest(&SHA256, spki).as_ref());
            tbs
        }
        From::Tls | From::Ocsp => {
            message.extend([0, 0]);
            leaf.der.to_vec()
        }
    };
    let len = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    message.extend_from_slice(len.get(1..).unwrap_or(&[]));
    message.extend(body);
    message.extend(u16::try_from(one.extensions.len()).unwrap_or(u16::MAX).to_be_bytes());
    message.extend_from_slice(one.extensions);
    match signature::verify(&key, &algorithm, &message, one.signature) {
        Verified::Yes => State::Holds,
        Verified::No => State::Fails("the log did not sign this".to_owned()),
        Verified::Unsupported(what) => State::NotEvaluated(what),
    }
}

/// What the log saw: tbsCertificate without its list of SCTs (RFC 6962, section 3.2).
fn tbs_without_scts(leaf: &Certificate<'_>) -> Option<Vec<u8>> {
    let field = leaf.extensions_field?;
    // `field` stands at the end; both count from the certificate's first byte.
    let start = leaf.tbs.range().end - leaf.tbs.value.len();
    let before = leaf.tbs.value.get(..field.at.checked_sub(start)?)?;
    let kept = leaf.extensions.list.iter().filter(|extension| extension.oid != oid::SCT_LIST);
    let extensions: Vec<u8> = kept.flat_map(|extension| extension.raw).copied().collect();
    let field = if extensions.is_empty() {
        Vec::new()
    } else {
        element(constructed(3), &element(SEQUENCE, &extensions))
    };
    Some(element(SEQUENCE, &[before, &field].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_by_name() {
        for (code, name) in
            [((4, 3), "ecdsa_sha256"), ((5, 3), "ecdsa_sha384"), ((6, 1), "rsa_sha512"), ((4, 9), "0x0409")]
        {
            assert_eq!(algorithm_name(code), name);
        }
    }
}
