//! Every limit on what a peer, a capture or a file can make us keep.

use crate::wire::asn1::Bounds;

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
    /// Records that wait for their keys, or behind one that does, per connection.
    pub waiting_records: usize,
    /// Leaves of all trees of one connection that a view shows.
    pub fields: usize,
    /// Finished messages and signatures that are verified, per connection.
    pub proofs: usize,
    /// A certificate list after decompression.
    pub decompressed_bytes: usize,
    /// Certificates of a chain that are looked at.
    pub chain: usize,
    /// Anchors of one store that are candidates for a chain.
    pub anchors: usize,
    /// Steps of the search for a path.
    pub path_steps: usize,
    /// Signatures that are verified to find and check a path.
    pub signatures: usize,
    /// Complete paths that are compared with each other.
    pub paths: usize,
    /// Names of one certificate (subjectAltName, a list of name constraints) that are looked at.
    pub names: usize,
    /// Comparisons of a name with a name constraint.
    pub name_comparisons: usize,
    /// Extensions of one certificate.
    pub extensions: usize,
    /// URLs of one kind in a certificate.
    pub urls: usize,
    /// SCTs, OCSP answers or revoked serial numbers of one kind that are looked at.
    pub status_entries: usize,
    /// A file of certificates, keys or CRLs that is read.
    pub trust_file_bytes: u64,
    /// What is fetched for a missing certificate or a revocation status.
    pub fetched_bytes: usize,
    /// A CRL that is fetched: large CAs have some of many MiB.
    pub fetched_crl_bytes: usize,
    /// A saved trace that is read.
    pub saved_bytes: u64,
    /// All open connections of a capture file together.
    pub captured_bytes: usize,
    /// Bytes before TLS, in each direction: of a captured connection, and of one dialogue of ours.
    pub preamble_bytes: u64,
    /// Lines that are shown of what one side says in one go before TLS.
    pub preamble_lines: usize,
    /// Columns that are shown of such a line.
    pub preamble_line: usize,
    /// Times that one side or the other says something before TLS.
    pub preamble_turns: usize,
    /// Bytes of one direction that came before their time.
    pub early_bytes: usize,
    /// Segments of one direction that came before their time.
    pub early_segments: usize,
    /// Segments kept of a captured connection.
    pub segments: usize,
    /// Ended connections of a capture file that late packets are known by.
    pub past_connections: usize,
    /// UDP conversations of a capture file that are known by their number.
    pub datagram_conversations: usize,
    /// All open QUIC connections of a capture file together.
    pub quic_bytes: usize,
    /// Fragments of IP packets that are not whole.
    pub fragment_bytes: usize,
    /// A block of a pcapng file.
    pub block_bytes: usize,
    /// Key logs embedded in a capture file.
    pub key_log_bytes: usize,
    /// Secrets that are read from one key log file.
    pub key_log_secrets: usize,
    /// Session ids and tickets that the sessions of a capture are known by, for the connections that resume them.
    pub past_sessions: usize,
    /// Chains whose verdicts are kept for those connections; a verdict takes a few times as many bytes.
    pub past_chain_bytes: usize,
}

impl Limits {
    /// The limits of every run.
    pub const DEFAULT: Limits = Limits {
        recorded_bytes: 8 << 20,
        events: 65_536,
        records: 40_960,
        messages: 8_192,
        message_bytes: 1 << 20,
        waiting_records: 2_048,
        fields: 1 << 17,
        proofs: 64,
        decompressed_bytes: 1 << 20,
        chain: 100,
        anchors: 200,
        path_steps: 2_000,
        signatures: 200,
        paths: 64,
        names: 10_000,
        name_comparisons: 250_000,
        extensions: 1_000,
        urls: 64,
        status_entries: 1 << 20,
        trust_file_bytes: 64 << 20,
        fetched_bytes: 1 << 20,
        fetched_crl_bytes: 32 << 20,
        saved_bytes: 256 << 20,
        captured_bytes: 24 << 20,
        preamble_bytes: 64 << 10,
        preamble_lines: 100,
        preamble_line: 500,
        preamble_turns: 100,
        early_bytes: 1 << 20,
        early_segments: 4096,
        segments: 4096,
        past_connections: 65_536,
        datagram_conversations: 16_384,
        quic_bytes: 8 << 20,
        fragment_bytes: 4 << 20,
        block_bytes: 16 << 20,
        key_log_bytes: 64 << 20,
        key_log_secrets: 2 << 20,
        past_sessions: 65_536,
        past_chain_bytes: 1 << 20,
    };
}

impl Limits {
    /// What bounds the reading of one certificate, or of one OCSP response.
    pub fn x509(&self) -> Bounds {
        Bounds {
            names: self.names,
            extensions: self.extensions,
            urls: self.urls,
            certificates: self.chain,
            answers: self.status_entries,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
