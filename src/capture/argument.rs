//! The command as typed, argument by argument, so that a remedy can change it.

use serde::{Deserialize, Serialize};

/// One argument of the command line, with its value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// The flag's long name (`--sni`), however it was spelled; None for anything else.
    pub flag: Option<String>,
    pub value: Option<String>,
    /// As typed: `["--sni", "a.example"]`, `["--sni=a.example"]`, `["-k"]`.
    pub words: Vec<String>,
}

impl Argument {
    /// A word that is no flag.
    pub fn word(word: impl Into<String>) -> Argument {
        Argument { flag: None, value: None, words: vec![word.into()] }
    }

    /// A flag as it is spelled out.
    pub fn flag(flag: &str, value: Option<&str>) -> Argument {
        let words = [Some(flag), value].into_iter().flatten().map(str::to_owned).collect();
        Argument { flag: Some(flag.to_owned()), value: value.map(str::to_owned), words }
    }

    /// Whether it is this flag.
    pub fn is(&self, flag: &str) -> bool {
        self.flag.as_deref() == Some(flag)
    }
}
