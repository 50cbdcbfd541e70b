//! What is asked once a run, whoever asks: raw bytes and strings, so that nothing but this room is needed to keep it.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Argument, encoding};

/// What is asked of every connection of a run. Copies share what is large.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Question {
    /// The time to judge validity at, in seconds since 1970; None: when the capture began.
    pub at: Option<i64>,
    /// `-k`: an untrusted chain, name or date does not change the exit code.
    pub insecure: bool,
    /// `--enforce`: the engine refuses a server that is not authenticated.
    pub enforce: bool,
    /// SHA-256 pins of SubjectPublicKeyInfo, in base64.
    pub pins: Vec<String>,
    /// CRLs that were given, DER.
    #[serde(with = "encoding::hex_list")]
    pub crls: Arc<[Vec<u8>]>,
    /// The list of Certificate Transparency logs that was given, as JSON.
    pub ct_logs: Option<Arc<str>>,
    /// `--revocation`: the status of every certificate of the path has to be known.
    pub revocation: bool,
    /// Checks that may be left open, by id; all of them if the list is empty.
    pub allow_unevaluated: Option<Vec<String>>,
    /// `FAIL` or `WARN:FAIL`: for how many days more the chain has to be valid.
    pub min_days: Option<String>,
    /// `--expect` and `--warn`, as typed.
    pub expect: Vec<String>,
    pub warn: Vec<String>,
    /// `--policy`.
    pub policies: Vec<PolicyText>,
    /// The stores that may be relied on, in their order.
    pub stores: Vec<StoreName>,
    /// The limit on time.
    #[serde(with = "encoding::opt_micros")]
    pub max_time: Option<Duration>,
    /// The command as typed, without the program's name: what a remedy repeats.
    pub arguments: Vec<Argument>,
    /// Application data is kept, to be shown.
    #[serde(skip)]
    pub data: bool,
    /// A saved trace is verified again with these flags, as typed.
    #[serde(skip)]
    pub again: Vec<String>,
}

impl Question {
    /// Whether the command has this flag, by its long name.
    pub fn has(&self, flag: &str) -> bool {
        self.arguments.iter().any(|argument| argument.is(flag))
    }
}

/// A policy, as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyText {
    /// Of a built-in one its name, of a file that file's.
    pub name: String,
    /// TOML.
    pub text: String,
}

/// A trust store by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreName {
    /// `mozilla`, `system`, or the path of a file.
    pub name: String,
    /// e.g. `webpki-roots 1.0.4`
    pub version: Option<String>,
    /// How many anchors it has in all.
    pub size: usize,
}
