//! Signed certificate timestamps (RFC 6962).

use aws_lc_rs::digest::{SHA256, digest};

use super::signature::{self, Verified};
use crate::capture::Limits;
use crate::trace::State;
use crate::trust::ct::Logs;
use crate::wire::x509::Certificate;
use crate::wire::x509::der::{SEQUENCE, constructed, element};
use crate::wire::x509::key::PublicKey;
use crate::wire::x509::{der, oid};

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

/// The raw fields of one.
#[derive(Debug, Clone, Copy)]
struct Raw<'a> {
    version: u8,
    log_id: &'a [u8],
    timestamp: u64,
    extensions: &'a [u8],
    hash: u8,
    sign: u8,
    signature: &'a [u8],
}

/// Reads and verifies a SignedCertificateTimestampList.
pub fn evaluate(
    list: &[u8],
    from: From,
    leaf: &Certificate<'_>,
    issuer_spki: Option<&[u8]>,
    logs: Option<&Logs>,
    limits: &Limits,
) -> Result<Vec<Sct>, String> {
    let cut = || "the list of SCTs is cut short".to_owned();
    let mut rest =
        prefixed(&mut { list }, 2).filter(|inner| inner.len() + 2 == list.len()).ok_or_else(cut)?;
    let mut out = Vec::new();
    while !rest.is_empty() && out.len() < limits.urls {
        let mut one = prefixed(&mut rest, 2).ok_or_else(cut)?;
        let raw =
            Raw::read(&mut one).filter(|_| one.is_empty()).ok_or_else(|| "an SCT is malformed".to_owned())?;
        let log = logs.and_then(|logs| logs.find(raw.log_id));
        let verified = if raw.version != 0 {
            State::NotEvaluated(format!("SCT of version {}", u64::from(raw.version) + 1))
        } else {
            match (logs, log) {
                (None, _) => State::NotEvaluated("no list of logs was given (--ct-logs FILE)".to_owned()),
                (Some(_), None) => {
                    State::NotEvaluated("the log is not in the list that was given".to_owned())
                }
                (Some(_), Some(log)) => raw.verify(from, leaf, issuer_spki, &log.key),
            }
        };
        out.push(Sct {
            from,
            version: u64::from(raw.version) + 1,
            log_id: hex::encode(raw.log_id),
            log: log.map(|log| crate::wire::text::escape(&log.name)),
            timestamp_ms: raw.timestamp,
            algorithm: raw.algorithm(),
            verified,
        });
    }
    Ok(out)
}

impl<'a> Raw<'a> {
    fn read(bytes: &mut &'a [u8]) -> Option<Self> {
        let version = number(bytes, 1)?;
        let log_id = take(bytes, 32)?;
        let timestamp = number(bytes, 8)?;
        let extensions = prefixed(bytes, 2)?;
        let hash = number(bytes, 1)?;
        let sign = number(bytes, 1)?;
        let signature = prefixed(bytes, 2)?;
        let byte = |value: u64| u8::try_from(value).ok();
        Some(Self {
            version: byte(version)?,
            log_id,
            timestamp,
            extensions,
            hash: byte(hash)?,
            sign: byte(sign)?,
            signature,
        })
    }

    fn algorithm(&self) -> String {
        let hash = match self.hash {
            4 => "sha256",
            5 => "sha384",
            6 => "sha512",
            _ => "hash",
        };
        match self.sign {
            1 => format!("rsa_{hash}"),
            3 => format!("ecdsa_{hash}"),
            other => format!("0x{:02x}{other:02x}", self.hash),
        }
    }

    fn verify(&self, from: From, leaf: &Certificate<'_>, issuer_spki: Option<&[u8]>, key: &[u8]) -> State {
        let Ok(key) = PublicKey::read(key, 0) else {
            return State::NotEvaluated("the log's key can't be read".to_owned());
        };
        let algorithm = match (self.hash, self.sign) {
            (4, 3) => element(der::OID, oid::ECDSA_SHA256),
            (4, 1) => [element(der::OID, oid::SHA256_RSA), element(der::NULL, &[])].concat(),
            _ => return State::NotEvaluated(format!("the algorithm {}", self.algorithm())),
        };
        // RFC 6962, section 3.2: version v1, certificate_timestamp, time, entry.
        let mut message = vec![0, 0];
        message.extend(self.timestamp.to_be_bytes());
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
        message.extend(u16::try_from(self.extensions.len()).unwrap_or(u16::MAX).to_be_bytes());
        message.extend_from_slice(self.extensions);
        match signature::verify(&key, &algorithm, &message, self.signature) {
            Verified::Yes => State::Holds,
            Verified::No => State::Fails("the log did not sign this".to_owned()),
            Verified::Unsupported(what) => State::NotEvaluated(what),
        }
    }
}

/// What the log saw: tbsCertificate without its list of SCTs (RFC 6962, section 3.2).
fn tbs_without_scts(leaf: &Certificate<'_>) -> Option<Vec<u8>> {
    let field = leaf.extensions_field?;
    let tbs = der::Reader::new(leaf.tbs).any().ok()?;
    // `field` stands at the end; both count from the certificate's first byte.
    let start = leaf.tbs_at + (tbs.raw.len() - tbs.value.len());
    let before = tbs.value.get(..field.at.checked_sub(start)?)?;
    let kept = leaf.extensions.iter().filter(|extension| extension.oid != oid::SCT_LIST);
    let extensions: Vec<u8> =
        kept.filter_map(|extension| leaf.der.get(extension.range())).flatten().copied().collect();
    let field = if extensions.is_empty() {
        Vec::new()
    } else {
        element(constructed(3), &element(SEQUENCE, &extensions))
    };
    Some(element(SEQUENCE, &[before, &field].concat()))
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, tail) = bytes.split_at_checked(len)?;
    *bytes = tail;
    Some(head)
}

fn number(bytes: &mut &[u8], len: usize) -> Option<u64> {
    take(bytes, len).map(|head| head.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

fn prefixed<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let count = number(bytes, len)?;
    take(bytes, usize::try_from(count).ok()?)
}
