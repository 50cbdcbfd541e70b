//! What a file may change of a message.

use serde::Deserialize;

use super::bytes::Bytes;

/// Changes to the body of a message, made in this order; what is not given stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Edit {
    /// All of it is this.
    pub body: Option<Bytes>,
    /// These bytes are put over those at `at`; negative: from the end.
    pub at: isize,
    pub put: Option<Bytes>,
    /// One bit of the byte at this place is changed.
    pub flip: Option<isize>,
    /// It ends behind so many bytes.
    pub cut: Option<usize>,
    pub append: Option<Bytes>,
    /// What the header says of its length.
    pub claims: Option<u32>,
    /// The transcript has the message as it was.
    pub unnoticed: bool,
}

impl Edit {
    /// The body, changed.
    pub(super) fn of(&self, body: Vec<u8>) -> Vec<u8> {
        let mut body = self.body.as_ref().map_or(body, |bytes| bytes.0.clone());
        let place = |at: isize, len: usize| match usize::try_from(at) {
            Ok(at) => at,
            Err(_) => len.saturating_sub(at.unsigned_abs()),
        };
        if let Some(Bytes(put)) = &self.put {
            let from = place(self.at, body.len());
            for (old, new) in body.iter_mut().skip(from).zip(put) {
                *old = *new;
            }
        }
        if let Some(at) = self.flip {
            let at = place(at, body.len());
            if let Some(byte) = body.get_mut(at) {
                *byte ^= 1;
            }
        }
        body.truncate(self.cut.unwrap_or(usize::MAX));
        body.extend(self.append.iter().flat_map(|bytes| &bytes.0));
        body
    }
}

/// The fields of a ServerHello or HelloRetryRequest; what is not given is as it should be.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct HelloFields {
    /// Of TLS 1.2.
    pub tls12: bool,
    pub version: Option<u16>,
    pub random: Option<Bytes>,
    pub session_id: Option<Bytes>,
    pub suite: Option<u16>,
    pub compression: Option<u8>,
    /// In key_share.
    pub group: Option<u16>,
    pub share: Option<Bytes>,
    /// In place of all extensions: type and content.
    pub extensions: Option<Vec<(u16, Bytes)>>,
    /// Behind the others.
    pub add: Vec<(u16, Bytes)>,
    pub without: Vec<u16>,
    pub edit: Edit,
}

/// Keys to send with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Keys {
    Clear,
    Handshake,
    Application,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_changed() {
        let edit = |text: &str| toml::from_str::<Edit>(text).unwrap().of(vec![1, 2, 3, 4]);
        assert_eq!(edit(""), [1, 2, 3, 4]);
        assert_eq!(edit("at = 1\nput = 'ff ff'"), [1, 0xff, 0xff, 4]);
        assert_eq!(edit("at = -1\nput = 'ff ff'"), [1, 2, 3, 0xff]);
        assert_eq!(edit("flip = -4\ncut = 2\nappend = '09*2'"), [0, 2, 9, 9]);
    }
}
