//! One owned value per connection: what was recorded, what it means, and what was made of it.

pub mod expectations;
pub mod facts;
pub mod judge;
mod memory;
pub mod originals;
pub mod policies;

use std::sync::Arc;

use crate::capture::{Capture, Question};
use crate::certificate::Judgement;
use crate::finding::{Case, Check, Finding, Original, Verdict};
use crate::policy::Adherence;
use crate::trace::{Message, Record, Trace};

pub use expectations::{Expectation, Expectations};
pub use facts::Facts;
pub use judge::Judge;
pub use originals::{Earlier, Originals};
pub use policies::Policies;

/// One connection, judged.
#[derive(Debug, Clone)]
pub struct Judged {
    pub capture: Capture,
    pub trace: Trace,
    /// The server's chain; of the original handshake if this one was resumed.
    pub judgement: Option<Arc<Judgement>>,
    /// Of a handshake that resumes another's session: what is known of that one.
    pub original: Option<Original>,
    pub checks: Vec<Check>,
    pub findings: Vec<Finding>,
    pub verdict: Verdict,
    /// What was expected of it.
    pub expectations: Vec<Expectation>,
    /// Whether it adheres to the policies.
    pub adherence: Vec<Adherence>,
    /// The verdict without regard to what was expected, where that changed it.
    pub unexpected: Option<Verdict>,
}

impl Judged {
    /// As the rules see it.
    pub fn case<'a>(&'a self, question: &'a Question) -> Case<'a> {
        Case {
            question,
            capture: &self.capture,
            trace: &self.trace,
            judgement: self.judgement.as_deref(),
            original: self.original.as_ref(),
        }
    }

    /// The bytes that it takes, as far as a peer decides about them: what was recorded, and what was made of it.
    pub fn weight(&self) -> usize {
        let records = self.trace.records.len() * size_of::<Record>();
        let messages: usize =
            self.trace.messages.iter().map(|message| size_of::<Message>() + message.bytes.len()).sum();
        self.capture.recorded_bytes() + records + messages
    }

    /// Whether its verdict decides about the exit code.
    pub fn counts(&self) -> bool {
        self.capture.role.counts()
    }
}
