//! The one fold: records → opened → messages → fields → facts.

mod choices;
mod decompress;
mod ech;
mod flow;
mod fold;
mod join;
mod keys;
mod message;
mod model;
mod opening;
mod proofs;
mod protection;
pub mod schedule;
pub mod sessions;
pub mod state;

pub use choices::Choice;
pub use decompress::compressed_length;
pub use ech::{Confirmation, Ech};
pub use fold::Fold;
pub use message::{Kind, Message, Origin};
pub use model::*;
pub use opening::Opening;
pub use state::{Evidence, State};
