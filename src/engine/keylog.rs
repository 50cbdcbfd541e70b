//! The secrets of one connection, as the engine derives them, and what it hides with ECH.

use std::sync::{Mutex, PoisonError};

use rustls::KeyLog;

use super::ech::Tape;
use crate::capture::{Label, Secret, Secrets};

/// Collects what rustls would write to a key log file.
#[derive(Debug, Default)]
pub struct Keys {
    secrets: Mutex<Secrets>,
    /// `EncodedClientHelloInner` of each outer hello.
    pub(super) inner: Tape,
}

impl Keys {
    /// What was collected so far.
    pub fn take(&self) -> Secrets {
        std::mem::take(&mut self.secrets.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds what another engine derived.
    pub fn add(&self, secrets: Secrets) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).0.extend(secrets.0);
    }
}

impl KeyLog for Keys {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        if let Some(label) = Label::parse(label) {
            let secret = Secret { label, client_random: client_random.to_vec(), secret: secret.to_vec() };
            self.secrets.lock().unwrap_or_else(PoisonError::into_inner).0.push(secret);
        }
    }
}
