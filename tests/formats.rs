//! Reports in the formats of other programs, and several of them in one run.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

#[path = "formats/documented.rs"]
mod documented;
#[path = "formats/goldens.rs"]
mod goldens;
#[path = "formats/hostile.rs"]
mod hostile;
#[path = "formats/nagios.rs"]
mod nagios;
#[path = "formats/page.rs"]
mod page;
#[path = "formats/several.rs"]
mod several;
#[path = "formats/shape.rs"]
mod shape;
