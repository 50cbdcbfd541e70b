//! Every limit on what a peer, a capture or a file can make us keep.

/// Bounds in one place. Reaching one is a finding, never a failure of ours.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes recorded per direction; beyond it they are only counted.
    pub recorded_bytes: u64,
    /// Events recorded per connection.
    pub events: usize,
    /// Records kept per connection; beyond it they are only counted.
    pub records: usize,
    /// Messages kept per connection.
    pub messages: usize,
    /// The largest handshake message that is joined.
    pub message_bytes: usize,
    /// Records that wait for their keys, per direction.
    pub waiting_records: usize,
    /// A certificate list after decompression.
    pub decompressed_bytes: usize,
    /// Certificates of a chain that are looked at.
    pub chain: usize,
    /// Steps of the search for a path.
    pub path_steps: usize,
    /// A saved trace that is read.
    pub saved_bytes: u64,
}

impl Limits {
    /// The limits of every run.
    pub const DEFAULT: Limits = Limits {
        recorded_bytes: 8 << 20,
        events: 65_536,
        records: 65_536,
        messages: 16_384,
        message_bytes: 1 << 20,
        waiting_records: 1_024,
        decompressed_bytes: 1 << 20,
        chain: 100,
        path_steps: 2_000,
        saved_bytes: 256 << 20,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
