//! What a ClientHello offers, as code points and bytes.

use serde::{Deserialize, Serialize};

use super::encoding;
use crate::wire::codepoints::version::{TLS_1_2, TLS_1_3};

/// What a client offers. Nothing in it depends on who sends it: an engine says by itself what of
/// it it can't perform.
///
/// Lists are in order of preference; `None` is the engine's own list, an empty one is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// The lowest version, a ProtocolVersion: 0x0300 for SSL 3.0 to 0x0304 for TLS 1.3.
    pub min: u16,
    /// The highest one. `min <= max`
    pub max: u16,
    /// cipher_suites, those of all versions together.
    pub ciphers: Option<Vec<u16>>,
    /// supported_groups
    pub groups: Option<Vec<u16>>,
    /// The groups that get a key share in TLS 1.3; each has to be in supported_groups, in the same
    /// order (RFC 8446, section 4.2.8).
    pub shares: Option<Vec<u16>>,
    /// signature_algorithms
    pub sigalgs: Option<Vec<u16>>,
    /// Protocol names of application_layer_protocol_negotiation, 1 to 255 bytes each; no extension
    /// if there are none.
    #[serde(with = "encoding::hex_list")]
    pub alpn: Vec<Vec<u8>>,
    /// No session_ticket extension, and with TLS 1.3 a ticket_request for none (RFC 9149).
    pub no_tickets: bool,
    /// One reserved value (RFC 8701) each before the cipher suites and the groups.
    pub grease: bool,
}

impl Default for Offer {
    fn default() -> Self {
        Self {
            min: TLS_1_2,
            max: TLS_1_3,
            ciphers: None,
            groups: None,
            shares: None,
            sigalgs: None,
            alpn: Vec::new(),
            no_tickets: false,
            grease: false,
        }
    }
}

impl Offer {
    /// Whether `version` is within what is offered.
    pub fn has(&self, version: u16) -> bool {
        (self.min..=self.max).contains(&version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_written_and_read_again() {
        let offer = Offer {
            min: 0x0300,
            ciphers: Some(vec![0x000a, 0x1301]),
            groups: Some(vec![]),
            shares: Some(vec![0x001d]),
            alpn: vec![b"h2".to_vec(), vec![0xff]],
            grease: true,
            ..Offer::default()
        };
        let text = serde_json::to_string(&offer).unwrap();
        assert!(text.contains(r#""alpn":["6832","ff"]"#), "{text}");
        assert_eq!(serde_json::from_str::<Offer>(&text).unwrap(), offer);
        // What a trace does not say is the default.
        assert_eq!(serde_json::from_str::<Offer>("{}").unwrap(), Offer::default());
    }
}
