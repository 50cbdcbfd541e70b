//! Packet sockets are Linux's: elsewhere `--packets` says so.

use std::net::SocketAddr;

use crate::capture::{Capture, LivePackets};

/// Captures nothing.
#[derive(Debug)]
pub struct Tap;

impl Tap {
    /// Fails.
    pub fn open(_port: u16) -> Result<Tap, LivePackets> {
        Err(LivePackets::Failed("packets of live connections are captured on Linux only".into()))
    }

    /// Of no consequence.
    pub fn belongs_to(&self, _local: SocketAddr, _peer: SocketAddr) {}

    /// Of no consequence.
    pub fn finish(self, _capture: &mut Capture) {}
}
