//! Why a connection was made, which decides whether it counts for the exit code.

use serde::{Deserialize, Serialize};

/// What a connection is among those of its run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The one that was asked for.
    #[default]
    Main,
    /// To one of several addresses of a name.
    EachAddress,
    /// The same again.
    Repeated,
    /// It should resume the session of the one before.
    Resumed,
    /// Made because the one before did not get through.
    Retry,
    /// One that a retry took the place of.
    Superseded,
    /// To find out by changing one thing, with the experiment's id. It may be meant to fail.
    Experiment(String),
    /// TLS with the proxy, within which the next one was made.
    Proxy,
    /// One of many that together say what a server can do.
    Survey,
}

impl Role {
    /// Whether it has a say in the exit code.
    pub fn counts(&self) -> bool {
        !matches!(self, Role::Superseded | Role::Experiment(_) | Role::Proxy | Role::Survey)
    }

    /// Whether it was made to find out something about another one.
    pub fn is_experiment(&self) -> bool {
        matches!(self, Role::Experiment(_))
    }

    /// As in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Role::Main => "main",
            Role::EachAddress => "each_address",
            Role::Repeated => "repeated",
            Role::Resumed => "resumed",
            Role::Retry => "retry",
            Role::Superseded => "superseded",
            Role::Experiment(_) => "experiment",
            Role::Proxy => "proxy",
            Role::Survey => "survey",
        }
    }
}
