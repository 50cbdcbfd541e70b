//! Certificate Transparency logs, from the JSON format of the public log lists (version 3).

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::content::Foreign;
use super::files::{Error, Why, read};

/// The logs that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logs {
    logs: Vec<Log>,
}

/// One log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// SHA-256 of its key.
    pub id: Vec<u8>,
    pub name: String,
    /// SubjectPublicKeyInfo.
    pub key: Vec<u8>,
}

#[derive(Deserialize)]
struct List {
    operators: Vec<Operator>,
}

#[derive(Deserialize)]
struct Operator {
    #[serde(default)]
    name: String,
    #[serde(default)]
    logs: Vec<Entry>,
    #[serde(default)]
    tiled_logs: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    description: Option<String>,
    log_id: String,
    key: String,
}

impl Logs {
    /// Reads a file.
    pub fn path(path: &Path) -> Result<Self, Error> {
        let bytes = read(path)?;
        Self::read(&bytes).map_err(|what| {
            let why = Why::Foreign(Foreign { what, remedy: "" });
            Error { path: path.to_owned(), why }
        })
    }

    /// Reads the JSON text.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let list: List =
            serde_json::from_slice(bytes).map_err(|error| format!("not a list of CT logs: {error}"))?;
        let mut logs = Vec::new();
        for operator in list.operators {
            for entry in operator.logs.into_iter().chain(operator.tiled_logs) {
                let name = entry.description.unwrap_or_else(|| operator.name.clone());
                let decode = |text: &str, what: &str| {
                    STANDARD
                        .decode(text)
                        .map_err(|error| format!("the {what} of the log \"{name}\" is not base64: {error}"))
                };
                let (id, key) = (decode(&entry.log_id, "log_id")?, decode(&entry.key, "key")?);
                logs.push(Log { id, name: name.clone(), key });
            }
        }
        if logs.is_empty() { Err("a list without logs".to_owned()) } else { Ok(Self { logs }) }
    }

    pub fn find(&self, id: &[u8]) -> Option<&Log> {
        self.logs.iter().find(|log| log.id == id)
    }
}
