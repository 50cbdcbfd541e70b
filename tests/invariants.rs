//! DESIGN.md's invariants, one by one, over recorded sessions (`goldens/`) and over what can become of them.
//!
//! `UPDATE_GOLDENS=1 cargo test --test invariants` writes the expectations anew; look at the difference before
//! you commit it. A recording is made in `goldens/` with `tls-trace demo NAME --save NAME.json`.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

#[path = "invariants/bounds.rs"]
mod bounds;
#[path = "invariants/causes.rs"]
mod causes;
#[path = "invariants/choices.rs"]
mod choices;
#[path = "invariants/conservation.rs"]
mod conservation;
#[path = "invariants/differences.rs"]
mod differences;
#[path = "invariants/golden.rs"]
mod golden;
#[path = "invariants/independence.rs"]
mod independence;
#[path = "invariants/linear.rs"]
mod linear;
#[path = "invariants/replay.rs"]
mod replay;
#[path = "invariants/schedule.rs"]
mod schedule;
#[path = "invariants/secrecy.rs"]
mod secrecy;
#[path = "invariants/tiling.rs"]
mod tiling;
