//! Saved traces.
