//! Everyday use, as a user runs it: `--pipe`, signals, files to take away, several connections, addresses, the offer,
//! client certificates, `explain`. Against the demo's servers and small ones in these tests, all on loopback.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod authority;
mod common;

#[path = "everyday/addresses.rs"]
mod addresses;
#[path = "everyday/client.rs"]
mod client;
#[path = "everyday/diagnose.rs"]
mod diagnose;
#[path = "everyday/diff.rs"]
mod diff;
#[path = "everyday/explain.rs"]
mod explain;
#[path = "everyday/flight.rs"]
mod flight;
#[path = "everyday/hello.rs"]
mod hello;
#[path = "everyday/json.rs"]
mod json;
#[path = "everyday/lab.rs"]
mod lab;
#[path = "everyday/learner.rs"]
mod learner;
#[path = "everyday/like.rs"]
mod like;
#[path = "everyday/many.rs"]
mod many;
#[path = "everyday/offer.rs"]
mod offer;
#[path = "everyday/pipe.rs"]
mod pipe;
#[path = "everyday/reader.rs"]
mod reader;
#[path = "live/server.rs"]
#[allow(dead_code, reason = "a part of it is used here")]
mod server;
#[path = "everyday/several.rs"]
mod several;
#[path = "everyday/signals.rs"]
mod signals;
#[path = "everyday/take_away.rs"]
mod take_away;
#[cfg(unix)]
#[path = "everyday/unix.rs"]
mod unix;
#[path = "everyday/watch.rs"]
mod watch;
