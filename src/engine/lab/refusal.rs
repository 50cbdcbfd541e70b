//! Why the lab engine ends a connection.

use std::fmt;

pub use crate::wire::codepoints::AlertDescription as Alert;

/// What is wrong with what the server sent, and the alert that tells it so (RFC 5246, section 7.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub alert: Alert,
    pub why: String,
}

/// A refusal.
pub fn refuse<T>(alert: Alert, why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { alert, why: why.into() })
}

impl Refusal {
    /// Something of ours failed, for example the system's random generator.
    pub fn internal(why: impl Into<String>) -> Self {
        Self { alert: Alert::internal_error, why: why.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}
