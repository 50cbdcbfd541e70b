//! What is being waited for, for whoever shows it.

use std::sync::{Arc, Mutex, PoisonError};

/// Shared by the one who waits and the one who shows it.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Mutex<String>>);

impl Progress {
    /// From now on this is waited for.
    pub fn waiting_for(&self, what: impl Into<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = what.into();
    }

    /// What is waited for now.
    pub fn now(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
