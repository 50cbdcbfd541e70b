//! The certificate chain: as sent, the path as found, and every rule that it keeps or breaks.
//!
//! Pure and total: DER, a question and candidate anchors in, a [`Judgement`] out. No clock, no socket, no file.
//!
//! [`graph`] finds paths, [`validation`] is one of them under examination, [`rules`] say what they find in it, and
//! [`judge`](mod@judge) takes the best.

pub mod client;
pub mod crl;
pub mod differences;
pub mod element;
pub mod graph;
pub mod host;
pub mod judge;
pub mod judgement;
pub mod key;
pub mod links;
pub mod ocsp;
pub mod question;
pub mod revocation;
pub mod rules;
pub mod sct;
pub mod second;
pub mod signature;
pub mod validation;

pub use differences::{Client, Difference};
pub use element::{Element, Role, Source};
pub use graph::Path;
pub use judge::judge;
pub use judgement::{Alternative, Judgement, MissingIssuer, StoreVerdict};
pub use links::Links;
pub use question::{MinDays, Question, Sent, Usage};
pub use revocation::Revocation;
pub use rules::name_mismatch::NameFault;
pub use rules::{ChainRule, Part, RuleResult, Weight};
pub use sct::Sct;
pub use second::Second;
pub use validation::Validation;
