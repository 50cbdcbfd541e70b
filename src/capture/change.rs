//! What an experiment does otherwise than the connection whose failure it is to explain.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::encoding;

/// One change to a ClientHello, or to the way in which it is sent.
///
/// Code points are numbers, so that anything can be tried; each variant says which field it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// server_name is this, or is left out.
    ServerName(Option<String>),
    /// Only these versions are offered, with what belongs to them.
    Versions { min: u16, max: u16 },
    /// cipher_suites are these.
    CipherSuites(Vec<u16>),
    /// These cipher suites come behind those that were offered.
    MoreCipherSuites(Vec<u16>),
    /// supported_groups are these, and key_share has those shares that are among them.
    Groups(Vec<u16>),
    /// These groups come behind those that were offered.
    MoreGroups(Vec<u16>),
    /// key_share has a share for each of these groups.
    Shares(Vec<u16>),
    /// signature_algorithms are these.
    SignatureSchemes(Vec<u16>),
    /// These schemes come behind those that were offered.
    MoreSignatureSchemes(Vec<u16>),
    /// The names in application_layer_protocol_negotiation.
    Alpn(#[serde(with = "encoding::hex_list")] Vec<Vec<u8>>),
    /// This extension is left out.
    Without(u16),
    /// No extension at all.
    WithoutExtensions,
    /// No reserved values of RFC 8701.
    WithoutGrease,
    /// Reserved values of RFC 8701 are added, as browsers send them.
    WithGrease,
    /// The message has so many bytes, by the extension `padding`; it is not cut if it is longer.
    PaddedTo(usize),
    /// The message is cut into two records behind so many bytes.
    SecondRecordAt(usize),
    /// The message is in one record.
    OneRecord,
    /// The bytes are sent in two segments, the second from this byte on, with a pause between them.
    SecondSegmentAt(usize),
    /// legacy_record_version of the first record.
    RecordVersion(u16),
    /// The client certificate is not sent, though it was given.
    WithoutClientCertificate,
    /// legacy_version is this.
    LegacyVersion(u16),
    /// The session id has so many bytes.
    SessionIdLength(usize),
    /// legacy_compression_methods are these.
    Compression(#[serde(with = "hex::serde")] Vec<u8>),
    /// This extension has this content; key shares and the like are made anew.
    Extension {
        code: u16,
        #[serde(with = "hex::serde")]
        content: Vec<u8>,
    },
    /// These code points come behind those in the list of this extension, or (none) behind the cipher suites.
    Add { extension: Option<u16>, codes: Vec<u16> },
    /// These are taken out of it.
    Remove { extension: Option<u16>, codes: Vec<u16> },
    /// The extensions come in this order; others behind them.
    ExtensionOrder(Vec<u16>),
    /// The connection is made to this address of the name.
    Address(IpAddr),
    /// It is made after so many milliseconds.
    Pause(u32),
}
