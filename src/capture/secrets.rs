//! A session's secrets, and the NSS key log format that carries them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a secret is for, as key log files name it (draft-ietf-tls-keylogfile).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Label {
    #[serde(rename = "CLIENT_RANDOM")]
    ClientRandom,
    /// The premaster secret of TLS 1.2 and earlier, as Wireshark names it.
    #[serde(rename = "PMS_CLIENT_RANDOM")]
    Premaster,
    /// What RSA encrypted: the premaster secret with its PKCS #1 padding. No key log file has it.
    #[serde(rename = "ENCODED_PREMASTER")]
    EncodedPremaster,
    #[serde(rename = "CLIENT_EARLY_TRAFFIC_SECRET")]
    ClientEarlyTraffic,
    #[serde(rename = "CLIENT_HANDSHAKE_TRAFFIC_SECRET")]
    ClientHandshakeTraffic,
    #[serde(rename = "SERVER_HANDSHAKE_TRAFFIC_SECRET")]
    ServerHandshakeTraffic,
    #[serde(rename = "CLIENT_TRAFFIC_SECRET_0")]
    ClientTraffic,
    #[serde(rename = "SERVER_TRAFFIC_SECRET_0")]
    ServerTraffic,
    #[serde(rename = "EXPORTER_SECRET")]
    Exporter,
    #[serde(rename = "EARLY_EXPORTER_SECRET")]
    EarlyExporter,
    #[serde(rename = "ECH_SECRET")]
    EchSecret,
    #[serde(rename = "ECH_CONFIG")]
    EchConfig,
}

impl Label {
    const ALL: [(Label, &'static str); 12] = [
        (Label::ClientRandom, "CLIENT_RANDOM"),
        (Label::Premaster, "PMS_CLIENT_RANDOM"),
        (Label::EncodedPremaster, "ENCODED_PREMASTER"),
        (Label::ClientEarlyTraffic, "CLIENT_EARLY_TRAFFIC_SECRET"),
        (Label::ClientHandshakeTraffic, "CLIENT_HANDSHAKE_TRAFFIC_SECRET"),
        (Label::ServerHandshakeTraffic, "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
        (Label::ClientTraffic, "CLIENT_TRAFFIC_SECRET_0"),
        (Label::ServerTraffic, "SERVER_TRAFFIC_SECRET_0"),
        (Label::Exporter, "EXPORTER_SECRET"),
        (Label::EarlyExporter, "EARLY_EXPORTER_SECRET"),
        (Label::EchSecret, "ECH_SECRET"),
        (Label::EchConfig, "ECH_CONFIG"),
    ];

    /// As a key log file spells it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(label, _)| *label == self).map_or("", |(_, name)| name)
    }

    /// The label spelled `name`.
    pub fn parse(name: &str) -> Option<Label> {
        Self::ALL.iter().find(|(_, spelled)| *spelled == name).map(|(label, _)| *label)
    }

    /// Whether key log files have it: what a later secret is derived from is not needed there.
    fn in_key_log(self) -> bool {
        !matches!(self, Label::Premaster | Label::EncodedPremaster)
    }

    /// One of the two TLS 1.3 handshake secrets: they open the handshake and nothing else.
    pub fn is_handshake(self) -> bool {
        matches!(self, Label::ClientHandshakeTraffic | Label::ServerHandshakeTraffic)
    }
}

/// One secret. Its `Debug` shows label and length only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    pub label: Label,
    #[serde(with = "hex::serde")]
    pub client_random: Vec<u8>,
    #[serde(with = "hex::serde")]
    pub secret: Vec<u8>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}, {} bytes)", self.label.name(), self.secret.len())
    }
}

/// The secrets of one capture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets(pub Vec<Secret>);

impl Secrets {
    /// The secret with this label. With several (renegotiation), the one for `client_random`,
    /// if given and there.
    pub fn find(&self, label: Label, client_random: Option<&[u8]>) -> Option<&[u8]> {
        let mut of_label = self.0.iter().filter(|secret| secret.label == label);
        let first = of_label.clone().next()?;
        let exact = of_label.find(|secret| Some(secret.client_random.as_slice()) == client_random);
        Some(&exact.unwrap_or(first).secret)
    }

    /// Only those that open the handshake (`--secrets handshake`).
    pub fn handshake_only(&self) -> Secrets {
        Secrets(self.0.iter().filter(|secret| secret.label.is_handshake()).cloned().collect())
    }

    /// In the NSS key log format, a line each.
    pub fn key_log(&self) -> String {
        let line = |s: &Secret| {
            format!("{} {} {}\n", s.label.name(), hex::encode(&s.client_random), hex::encode(&s.secret))
        };
        self.0.iter().filter(|secret| secret.label.in_key_log()).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_label_and_length_only() {
        let secret =
            Secret { label: Label::ServerTraffic, client_random: vec![1; 32], secret: vec![0xab; 48] };
        assert_eq!(format!("{secret:?}"), "Secret(SERVER_TRAFFIC_SECRET_0, 48 bytes)");
    }

    #[test]
    fn handshake_secrets_alone_are_kept() {
        let all = Label::ALL.map(|(label, _)| Secret { label, client_random: vec![], secret: vec![1] });
        let kept: Vec<_> = Secrets(all.to_vec()).handshake_only().0.iter().map(|s| s.label).collect();
        assert_eq!(kept, [Label::ClientHandshakeTraffic, Label::ServerHandshakeTraffic]);
    }
}
