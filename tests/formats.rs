//! Reports in the formats of other programs, and several of them in one run.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

#[path = "formats/several.rs"]
mod several;
