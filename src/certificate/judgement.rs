//! What a chain comes to.

use super::differences::{Client, Difference};
use super::element::Element;
use super::revocation::Revocation;
use super::rules::name_mismatch::NameFault;
use super::rules::{self, RuleResult};
use super::sct::Sct;
use super::second::Second;
use crate::trace::State;

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
#[derive(Debug, Clone, PartialEq)]
pub struct StoreVerdict {
    pub name: String,
    pub version: Option<String>,
    pub size: usize,
    pub trusted: State,
}

/// What the chain comes to.
#[derive(Debug, Clone, PartialEq)]
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
    /// What is wrong with the leaf's names, if the one that was asked for is not among them.
    pub name_fault: Option<NameFault>,
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
