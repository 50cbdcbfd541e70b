//! The one fold: records → opened → messages → fields → facts.

pub mod state;

pub use state::{Evidence, State};
