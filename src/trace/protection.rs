//! What stands around a Finished in its record: IV, MAC and padding (RFC 5246, section 6.2.3).

use std::borrow::Cow;

use crate::crypto::record::Plain;
use crate::wire::dissector::Dissector;
use crate::wire::handshake::Dissected;

use super::message::{Form, Message};

/// Lengths of the parts of an opened record. A stream cipher has neither IV nor padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    iv: usize,
    content: usize,
    mac: usize,
    /// With its length byte.
    padding: usize,
    encrypt_then_mac: bool,
}

impl Parts {
    fn name(self) -> &'static str {
        if self.padding > 0 { "GenericBlockCipher" } else { "GenericStreamCipher" }
    }

    /// The record as fields.
    pub(super) fn dissect(self, bytes: &[u8], tree: bool) -> Dissected {
        Dissector::new(bytes, tree).dissected(self.name(), |d| {
            if self.iv > 0 {
                d.bytes("IV", self.iv)?;
            }
            d.bytes("content", self.content)?;
            if !self.encrypt_then_mac {
                d.bytes("MAC", self.mac)?;
            }
            if self.padding > 0 {
                if self.padding > 1 {
                    d.bytes("padding", self.padding - 1)?;
                }
                d.u8("padding_length")?;
            }
            if self.encrypt_then_mac {
                d.bytes("MAC", self.mac)?;
                d.note(|| "over the encrypted record: encrypt_then_mac".into());
            }
            Ok(())
        })
    }
}

/// The opened record that carried `finished`. An AEAD has no such parts.
pub(super) fn of_finished(finished: &Message, plain: &Plain, encrypt_then_mac: bool) -> Message {
    let padding = plain.padding.len();
    let parts = Parts {
        iv: plain.iv.len(),
        content: finished.bytes.len(),
        mac: plain.mac.len(),
        padding,
        encrypt_then_mac: encrypt_then_mac && padding > 0,
    };
    let bytes = match parts.encrypt_then_mac {
        true => [&plain.iv[..], &finished.bytes, &plain.padding, &plain.mac].concat(),
        false => [&plain.iv[..], &finished.bytes, &plain.mac, &plain.padding].concat(),
    };
    Message {
        name: Cow::Borrowed(parts.name()),
        origin: Vec::new(),
        length: bytes.len(),
        bytes,
        problem: None,
        carried_problem: None,
        incomplete: None,
        derived: Vec::new(),
        in_transcript: false,
        form: Form::Protected(parts),
        ..finished.clone()
    }
}
