//! What was seen of a QUIC connection in packets.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::wire::Direction;

/// The packets of a QUIC connection, of which the Initial packets alone are opened. The CRYPTO data in them is kept as
/// the bytes of the connection, in TLS records that QUIC does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quic {
    pub local: SocketAddr,
    pub address: SocketAddr,
    /// The version that the packets say, of the last Initial packet that was opened.
    pub version: u32,
    /// A Retry packet came whose tag holds.
    pub retry: bool,
    /// Initial packets that were opened, of both directions.
    pub initial: u64,
    /// Initial packets that were not.
    pub unopened: u64,
    /// Packets under keys that are not computed here, by kind.
    pub zero_rtt: u64,
    pub handshake: u64,
    /// 1-RTT.
    pub protected: u64,
    /// Who closed the connection in an Initial packet, and the error (RFC 9000, section 20.1).
    pub closed: Option<(Direction, u64)>,
}

impl Quic {
    /// `QUIC v1`
    pub fn name(&self) -> String {
        match self.version {
            1 => "QUIC v1".to_owned(),
            0x6b33_43cf => "QUIC v2".to_owned(),
            other => format!("QUIC version {other:#010x}"),
        }
    }

    /// Packets of the connection that are not decoded.
    pub fn not_decoded(&self) -> u64 {
        self.unopened + self.zero_rtt + self.handshake + self.protected
    }
}

/// The name of a transport error (RFC 9000, section 20.1); 0x0100 to 0x01ff are TLS alerts.
pub fn error_name(code: u64) -> &'static str {
    const NAMES: [&str; 17] = [
        "NO_ERROR",
        "INTERNAL_ERROR",
        "CONNECTION_REFUSED",
        "FLOW_CONTROL_ERROR",
        "STREAM_LIMIT_ERROR",
        "STREAM_STATE_ERROR",
        "FINAL_SIZE_ERROR",
        "FRAME_ENCODING_ERROR",
        "TRANSPORT_PARAMETER_ERROR",
        "CONNECTION_ID_LIMIT_ERROR",
        "PROTOCOL_VIOLATION",
        "INVALID_TOKEN",
        "APPLICATION_ERROR",
        "CRYPTO_BUFFER_EXCEEDED",
        "KEY_UPDATE_ERROR",
        "AEAD_LIMIT_REACHED",
        "NO_VIABLE_PATH",
    ];
    match code {
        0x100..=0x1ff => "CRYPTO_ERROR",
        code => usize::try_from(code).ok().and_then(|code| NAMES.get(code).copied()).unwrap_or("unknown"),
    }
}
