//! The chain as it is shown.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::graph::{Node, Provenance};
use crate::wire::asn1::general_name::GeneralName;
use crate::wire::asn1::key::PublicKey;
use crate::wire::asn1::name::Name;
use crate::wire::asn1::oid;
use crate::wire::asn1::time;
use crate::wire::text;

/// What part it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Leaf,
    Intermediate,
    Root,
}

impl Role {
    /// `leaf`, `intermediate` or `root`.
    pub fn name(self) -> &'static str {
        match self {
            Role::Leaf => "leaf",
            Role::Intermediate => "intermediate",
            Role::Root => "root",
        }
    }
}

/// Where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Sent,
    /// By its AIA URL.
    Fetched,
    Store,
}

impl Source {
    /// `sent`, `fetched` or `store`.
    pub fn name(self) -> &'static str {
        match self {
            Source::Sent => "sent",
            Source::Fetched => "fetched",
            Source::Store => "store",
        }
    }
}

/// One line of the chain. Texts from the certificate are escaped already.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    pub role: Role,
    pub source: Source,
    /// Place in the chain as sent.
    pub sent: Option<usize>,
    /// It lies on the path that was found.
    pub in_path: bool,
    /// It is an anchor of a store that was asked (also when it was sent).
    pub anchor: bool,
    /// The certificate itself; empty for an anchor of which the store has the key only.
    pub der: Vec<u8>,
    /// Its SubjectPublicKeyInfo, also of an anchor without a certificate.
    pub spki: Vec<u8>,
    /// DER of its subject.
    pub name: Vec<u8>,
    /// Why it can't be read as a certificate.
    pub unreadable: Option<String>,
    /// Short name.
    pub subject: String,
    /// Whole DN, in the order of encoding.
    pub subject_dn: String,
    pub issuer: Option<String>,
    pub issuer_dn: Option<String>,
    /// subjectAltName: DNS names and addresses bare, others as `email:…`, `URI:…`.
    pub sans: Vec<String>,
    /// Lower-case hexadecimal, as encoded.
    pub serial: Option<String>,
    /// Of the certificate, lower-case hexadecimal.
    pub sha256: Option<String>,
    /// SHA-256 of SubjectPublicKeyInfo, base64, as `--pinnedpubkey` has it behind `sha256//`.
    pub spki_pin: Option<String>,
    /// `EC P-256`, `RSA 2048`, …
    pub key: Option<String>,
    /// `ecdsa-with-SHA256`, …
    pub signature: Option<String>,
    /// Seconds since 1970.
    pub not_before: Option<i64>,
    pub not_after: Option<i64>,
    /// Whole days from the time asked for to `not_after`; negative when it has passed.
    pub days_left: Option<i64>,
    /// 1, 2 or 3.
    pub version: Option<u64>,
    pub ca: Option<bool>,
    /// Lower-case hexadecimal.
    pub subject_key_id: Option<String>,
    pub authority_key_id: Option<String>,
    pub key_usage: Option<String>,
    pub extended_key_usage: Option<Vec<String>>,
    /// `DV`, `OV`, `IV` or `EV`, by the CA/Browser Forum's policy identifiers.
    pub policy: Option<&'static str>,
    /// Names of `sans` that have a Unicode form, with that form; escaped.
    pub unicode: Vec<(String, String)>,
    /// Escaped.
    pub ca_issuers: Vec<String>,
    pub ocsp_urls: Vec<String>,
    pub crl_urls: Vec<String>,
}

/// How many names of a certificate are kept as text.
const SHOWN_NAMES: usize = 1_000;

impl Element {
    /// A raw public key (RFC 7250): a key that comes without a certificate, and so without a name, dates or issuer.
    pub fn raw_public_key(spki: &[u8], at: i64) -> Self {
        let key = PublicKey::read(spki);
        let node = Node {
            provenance: Provenance::Sent(0),
            certificate: None,
            unreadable: None,
            problems: Vec::new(),
            der: spki,
            subject: Name::new(&[]),
            spki,
            key: key.ok(),
            anchor: None,
        };
        let mut element = Self::of(&node, at);
        element.unreadable = key.err().map(|problem| problem.to_string());
        element.subject = "raw public key".to_owned();
        element.subject_dn = String::new();
        element
    }

    pub fn of(node: &Node<'_>, at: i64) -> Self {
        let source = match node.provenance {
            Provenance::Sent(_) => Source::Sent,
            Provenance::Fetched(_) => Source::Fetched,
            Provenance::Anchor(..) => Source::Store,
        };
        let role = match (&node.certificate, node.provenance) {
            (_, Provenance::Sent(0)) => Role::Leaf,
            (_, Provenance::Anchor(..)) => Role::Root,
            (Some(certificate), _) if certificate.self_issued() => Role::Root,
            _ => Role::Intermediate,
        };
        let mut element = Element {
            role,
            source,
            sent: node.sent(),
            in_path: false,
            anchor: node.anchor.is_some(),
            der: node.der.to_vec(),
            spki: node.spki.to_vec(),
            name: node.subject.raw.to_vec(),
            unreadable: node.unreadable.map(|problem| problem.to_string()),
            subject: String::new(),
            subject_dn: String::new(),
            issuer: None,
            issuer_dn: None,
            sans: Vec::new(),
            serial: None,
            sha256: (!node.der.is_empty()).then(|| sha256_hex(node.der)),
            spki_pin: (!node.spki.is_empty()).then(|| spki_pin(node.spki)),
            key: node.key.map(|key| key.text()),
            signature: None,
            not_before: None,
            not_after: None,
            days_left: None,
            version: None,
            ca: None,
            subject_key_id: None,
            authority_key_id: None,
            key_usage: None,
            extended_key_usage: None,
            policy: None,
            unicode: Vec::new(),
            ca_issuers: Vec::new(),
            ocsp_urls: Vec::new(),
            crl_urls: Vec::new(),
        };
        if node.unreadable.is_some() {
            element.subject = "not a certificate".to_owned();
            return element;
        }
        element.subject = escaped_short(&node.subject);
        element.subject_dn = node.subject.shown();
        let Some(certificate) = &node.certificate else { return element };
        if let Some(names) = &certificate.extensions.alt_names {
            let shown = names.iter().take(SHOWN_NAMES);
            element.sans = shown
                .map(|located| match located.name {
                    GeneralName::Dns(name) => text::escape_bytes(name),
                    GeneralName::Ip(_) => located.name.text().trim_start_matches("IP:").to_owned(),
                    _ => located.name.text(),
                })
                .collect();
        }
        element.unicode = element
            .sans
            .iter()
            .filter_map(|name| Some((name.clone(), text::escape(&super::host::unicode(name)?))))
            .collect();
        element.policy = certificate.extensions.policies.as_deref().and_then(policy);
        if certificate.subject.is_empty() {
            element.subject = element.sans.first().cloned().unwrap_or_else(|| "(empty subject)".to_owned());
        }
        element.issuer = Some(escaped_short(&certificate.issuer));
        element.issuer_dn = Some(certificate.issuer.shown());
        element.serial = Some(hex::encode(certificate.serial.value));
        element.signature = Some(certificate.algorithm.name());
        element.not_before = certificate.not_before.map(|time| time.unix);
        element.not_after = certificate.not_after.map(|time| time.unix);
        element.days_left = element.not_after.map(|until| time::days_between(at, until));
        element.version = Some(certificate.version);
        element.ca = Some(certificate.is_ca());
        element.subject_key_id = certificate.extensions.subject_key_id.map(hex::encode);
        element.authority_key_id =
            certificate.extensions.authority_key_id.and_then(|id| id.key_id).map(hex::encode);
        element.key_usage = certificate.extensions.key_usage.map(|bits| bits.to_string());
        element.extended_key_usage = certificate
            .extensions
            .extended_key_usage
            .as_ref()
            .map(|list| list.iter().map(|oid| oid::name(oid)).collect());
        let urls = |list: &[&[u8]]| list.iter().map(|url| text::escape_bytes(url)).collect();
        element.ca_issuers = urls(&certificate.extensions.ca_issuers);
        element.ocsp_urls = urls(&certificate.extensions.ocsp_urls);
        element.crl_urls = urls(&certificate.extensions.crl_urls);
        element
    }
}

/// What an authority says that it checked (CA/Browser Forum BR, section 7.1.6.1, and the EV guidelines).
fn policy(policies: &[&[u8]]) -> Option<&'static str> {
    // 2.23.140.1.…
    let has = |arc: &[u8]| policies.iter().any(|id| id.strip_prefix(&[0x67, 0x81, 0x0c, 1]) == Some(arc));
    let table: [(&[u8], &str); 4] = [(&[1], "EV"), (&[2, 2], "OV"), (&[2, 3], "IV"), (&[2, 1], "DV")];
    table.iter().find(|(arc, _)| has(arc)).map(|(_, name)| *name)
}

fn escaped_short(name: &Name<'_>) -> String {
    let short = name.short();
    if short.is_empty() { "(empty)".to_owned() } else { text::escape(&short) }
}

/// Lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

/// curl's `sha256//` form without that prefix.
pub fn spki_pin(spki: &[u8]) -> String {
    STANDARD.encode(digest(&SHA256, spki))
}
