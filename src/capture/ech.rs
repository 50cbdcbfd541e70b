//! Encrypted Client Hello (RFC 9849): what a connection offers of it, and what that hid.

use serde::{Deserialize, Serialize};

use super::encoding;
use crate::wire::ech::{self, Config};

/// What is offered, and which inner hellos went out with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ech {
    pub source: EchSource,
    /// The `ECHConfigList`, with its length; empty for GREASE.
    #[serde(default, with = "hex::serde")]
    pub configs: Vec<u8>,
    /// The place in it of the configuration that is used.
    #[serde(default)]
    pub chosen: usize,
    /// The `EncodedClientHelloInner` of each outer hello, as it was before it was encrypted: Finished and signatures are
    /// over what it says. None for GREASE, which hides nothing.
    #[serde(default, with = "encoding::hex_list")]
    pub inner: Vec<Vec<u8>>,
}

/// Where the configurations come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EchSource {
    /// There are none: the extension is random.
    Grease,
    /// The command line, or a file.
    Given,
    /// The HTTPS record of the name.
    Dns,
    /// The server itself, which had rejected others.
    Retry,
}

impl Ech {
    /// Whether an inner hello is hidden.
    pub fn is_real(&self) -> bool {
        self.source != EchSource::Grease
    }

    /// The configuration that is used; `None` for GREASE, or if there is no such place.
    pub fn config(&self) -> Option<Config<'_>> {
        ech::read_list(&self.configs).ok()?.get(self.chosen).copied()
    }

    /// The name in the outer hello, which the server has to prove if it rejects (RFC 9849, section 6.1.7).
    pub fn public_name(&self) -> Option<&str> {
        self.config()?.contents?.name()
    }
}
