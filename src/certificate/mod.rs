//! The certificate chain: as sent, the path as found, and every rule that it keeps or breaks.
//!
//! Pure and total: DER, a question and candidate anchors in, a [`Judgement`] out. No clock, no socket, no file.

pub mod case;
pub mod client;
pub mod crl;
pub mod differences;
pub mod element;
pub mod graph;
pub mod host;
pub mod ocsp;
pub mod revocation;
pub mod rules;
pub mod sct;
pub mod second;
pub mod signature;

use crate::capture::{Limits, Store};
use crate::trace::{Evidence, State};
use crate::trust::ct::Logs;

pub use case::Case;
pub use differences::{Client, Difference};
pub use element::{Element, Role, Source};
pub use graph::Path;
pub use revocation::Revocation;
pub use rules::{Part, Rule, RuleResult, Weight};
pub use sct::Sct;
pub use second::Second;

/// What a peer sent.
#[derive(Debug, Clone, Default)]
pub struct Sent<'a> {
    /// DER as sent, the leaf first.
    pub certificates: Vec<&'a [u8]>,
    /// The OCSP response stapled to each certificate, by its place (TLS 1.2 has one, for the leaf).
    pub ocsp: Vec<(usize, &'a [u8])>,
    /// SignedCertificateTimestampList extensions, by the place of the certificate.
    pub scts: Vec<(usize, &'a [u8])>,
    /// OCSP responses that were asked for at a responder, by the place of the certificate.
    pub answers: Vec<(usize, &'a [u8])>,
    /// A stapled OCSP response was asked for, so that its absence means something.
    pub staple_asked: bool,
    /// Certificates that were not sent, but fetched by their AIA URL.
    pub fetched: Vec<&'a [u8]>,
}

impl<'a> Sent<'a> {
    /// A chain and nothing else.
    pub fn chain<T: AsRef<[u8]>>(certificates: &'a [T]) -> Self {
        Self { certificates: certificates.iter().map(AsRef::as_ref).collect(), ..Self::default() }
    }
}

/// What the chain is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Usage {
    /// The peer is a server.
    #[default]
    ServerAuth,
    /// The peer is a client.
    ClientAuth,
}

impl Usage {
    /// `serverAuth` or `clientAuth`.
    pub fn name(self) -> &'static str {
        match self {
            Usage::ServerAuth => "serverAuth",
            Usage::ClientAuth => "clientAuth",
        }
    }
}

/// What is asked about a chain.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The name that the leaf must carry; None: the name is not judged.
    pub verify_name: Option<&'a str>,
    /// Seconds since 1970.
    pub at: i64,
    /// The stores that may be relied on, in order.
    pub stores: &'a [Store],
    /// SHA-256 pins in base64; one of them must be an element's.
    pub pins: &'a [String],
    pub usage: Usage,
    /// CRLs that were given.
    pub crls: &'a [Vec<u8>],
    /// The logs of Certificate Transparency, if their list was given.
    pub ct_logs: Option<&'a Logs>,
    pub min_days: MinDays,
    pub limits: Limits,
}

impl<'a> Question<'a> {
    /// Whether a server of this name is to be trusted.
    pub fn server(verify_name: Option<&'a str>, at: i64, stores: &'a [Store]) -> Self {
        Self {
            verify_name,
            at,
            stores,
            pins: &[],
            usage: Usage::ServerAuth,
            crls: &[],
            ct_logs: None,
            min_days: MinDays::default(),
            limits: Limits::DEFAULT,
        }
    }
}

/// For how many days more every certificate of the path has to be valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MinDays {
    pub fail: Option<i64>,
    pub warn: Option<i64>,
}

impl MinDays {
    /// Reads `FAIL` or `WARN:FAIL`.
    pub fn read(text: &str) -> Result<Self, String> {
        let number = |text: &str| match text.trim().parse::<i64>() {
            Ok(days) if days >= 0 => Ok(Some(days)),
            _ => Err(format!("\"{text}\" is no number of days; the form is FAIL or WARN:FAIL")),
        };
        match text.split_once(':') {
            Some((warn, fail)) => Ok(Self { warn: number(warn)?, fail: number(fail)? }),
            None => Ok(Self { warn: None, fail: number(text)? }),
        }
    }
}

/// A certificate that is needed to go on, and where it may be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingIssuer {
    /// Place in [`Judgement::elements`] of the certificate whose issuer it is.
    pub of: usize,
    /// Its whole DN.
    pub issuer: String,
    /// Its key identifier, in hexadecimal.
    pub key_id: Option<String>,
    /// Where the certificate says that it is; escaped.
    pub urls: Vec<String>,
}

/// What one store says.
#[derive(Debug, Clone)]
pub struct StoreVerdict {
    pub name: String,
    pub version: Option<String>,
    pub size: usize,
    pub trusted: State,
}

/// What the chain comes to.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// What was sent, in its order; then what was fetched; then the anchor, if a store gave it.
    pub elements: Vec<Element>,
    /// Places in `elements`, leaf first, anchor last.
    pub path: Option<Vec<usize>>,
    /// Whose anchor it is: place among the question's stores.
    pub store: Option<usize>,
    /// Other complete paths, as places in `elements` where they are there, with the subject of their anchor.
    pub alternatives: Vec<Alternative>,
    /// Every rule that could say something, in the order of the table.
    pub rules: Vec<RuleResult>,
    /// The name asked for is in the leaf.
    pub name: State,
    /// Every certificate of the path is valid at the time asked for.
    pub dates: State,
    /// Every link of the path is signed by its issuer, with something that is not weak.
    pub signatures: State,
    /// Every certificate of the path may be used for what it is used for.
    pub usage: State,
    /// The chain leads to an anchor.
    pub chain: State,
    /// `--min-days` is met; not evaluated if nothing was asked.
    pub days: State,
    /// Nothing that decides fails, and all of it could be evaluated.
    pub trusted: State,
    /// No requirement of RFC 5280 or of the CA/Browser Forum that we check is broken, also none that clients overlook.
    pub conforms: State,
    /// Each store by itself.
    pub stores: Vec<StoreVerdict>,
    /// What OCSP and CRLs say, for each certificate of the path about which anything is known.
    pub revocation: Vec<Revocation>,
    /// The leaf's signed certificate timestamps.
    pub scts: Vec<Sct>,
    /// What a rustls client would decide.
    pub second: Second,
    /// Why our verdict and the second one differ, when they do.
    pub differences: Vec<Difference>,
    /// What the common kinds of client would decide.
    pub clients: Vec<Client>,
    /// The certificate that is missing.
    pub missing: Option<MissingIssuer>,
}

impl Judgement {
    /// `--pinnedpubkey` is met; also where none was asked for.
    pub fn pins(&self) -> State {
        let rule = self.rules.iter().find(|result| result.id == rules::pin_mismatch::RULE.id);
        rule.map_or(State::Holds, |result| result.state.clone())
    }
}

/// A path that was not chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// Places in `elements` of those that are there; the anchor is not.
    pub elements: Vec<usize>,
    /// Short name of the anchor.
    pub anchor: String,
    pub store: usize,
    /// Rules that it would break, by id.
    pub fails: Vec<&'static str>,
}

/// Judges a chain.
pub fn judge(sent: &Sent<'_>, question: &Question<'_>) -> Judgement {
    case::Case::judge(sent, question)
}

/// The places in the chain and in its certificates that a rule points at.
pub(crate) fn evidence(
    sent: Option<usize>,
    range: Option<std::ops::Range<usize>>,
    text: Option<String>,
) -> Evidence {
    Evidence { message: None, certificate: sent, range, text }
}
