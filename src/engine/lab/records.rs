//! The record layer: bytes to contents and back, protected once there are keys.

use super::refusal::*;
use crate::crypto::record::{Bad, Opener, Sealer};
use crate::wire::codepoints::content_type::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE};
use crate::wire::extension::record_size_limit;
use crate::wire::record::{Ahead, HEADER, Header};

/// TLSPlaintext.length (RFC 5246, section 6.2.1).
const MOST_CONTENT: usize = 1 << 14;
/// TLSCiphertext.length (RFC 5246, section 6.2.3).
const MOST_FRAGMENT: usize = MOST_CONTENT + 2048;
/// Records without content, one behind the other: some servers send one against BEAST, none needs many.
const MOST_EMPTY: u32 = 32;

/// Both directions of one connection.
#[derive(Default)]
pub struct Records {
    incoming: Vec<u8>,
    /// `read <= incoming.len()`
    read: usize,
    empty: u32,
    opener: Option<Opener>,
    sealer: Option<Sealer>,
    outgoing: Vec<u8>,
    /// How often the keys of what comes have changed.
    pub keys: u32,
    /// In the headers of what we send.
    pub version: u16,
    /// Content of what we send, where the server takes less than a record has room for.
    most: Option<usize>,
    /// TLS 1.3 is in force: a ChangeCipherSpec means nothing, and comes in the clear.
    pub tls13: bool,
}

impl Records {
    /// Bytes that came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.incoming.drain(..self.read);
        self.read = 0;
        self.incoming.extend_from_slice(bytes);
    }

    /// The content of the next whole record, with its type.
    pub fn next(&mut self) -> Result<Option<(u8, Vec<u8>)>, Refusal> {
        let ahead = self.incoming.get(self.read..).unwrap_or_default();
        let header = match Header::peek(ahead) {
            _ if ahead.is_empty() => return Ok(None),
            Ahead::Record(header) => header,
            Ahead::More => return Ok(None),
            Ahead::NotTls => return refuse(Alert::decode_error, "what was received is not a TLS record"),
        };
        if header.length > MOST_FRAGMENT {
            return refuse(Alert::record_overflow, format!("a record of {} bytes", header.length));
        }
        let Some((head, fragment)) =
            ahead.get(..HEADER + header.length).and_then(|record| record.split_first_chunk::<HEADER>())
        else {
            return Ok(None);
        };
        self.read += HEADER + header.length;
        let clear = self.tls13 && matches!(header.content_type, CHANGE_CIPHER_SPEC | ALERT);
        let (content_type, content) = match &mut self.opener {
            Some(opener) if !clear => {
                let plain = opener.open(*head, fragment).map_err(bad_record)?;
                if self.tls13 { inner(plain.content)? } else { (header.content_type, plain.content) }
            }
            _ => (header.content_type, fragment.to_vec()),
        };
        if content.len() > MOST_CONTENT {
            return refuse(
                Alert::record_overflow,
                format!("a record with {} bytes of content", content.len()),
            );
        }
        self.empty = if content.is_empty() { self.empty + 1 } else { 0 };
        if self.empty > MOST_EMPTY {
            return refuse(Alert::unexpected_message, "records without content do not end");
        }
        match content_type {
            HANDSHAKE | ALERT | CHANGE_CIPHER_SPEC | APPLICATION_DATA => Ok(Some((content_type, content))),
            other => refuse(Alert::unexpected_message, format!("a record of the unknown type {other}")),
        }
    }

    /// Queues content to be sent, in as many records as it takes.
    pub fn send(&mut self, content_type: u8, content: &[u8]) -> Result<(), Refusal> {
        for part in content.chunks(self.most.unwrap_or(MOST_CONTENT)) {
            match &mut self.sealer {
                // In TLS 1.3 a ChangeCipherSpec is never protected.
                Some(sealer) if content_type != CHANGE_CIPHER_SPEC || !self.tls13 => {
                    let record = sealer.seal(content_type, self.version, part);
                    self.outgoing
                        .extend(record.ok_or_else(|| Refusal::internal("a record could not be sealed"))?);
                }
                _ => {
                    let header = [self.version.to_be_bytes(), (part.len() as u16).to_be_bytes()].concat();
                    self.outgoing.push(content_type);
                    self.outgoing.extend(header);
                    self.outgoing.extend_from_slice(part);
                }
            }
        }
        Ok(())
    }

    /// Keeps to the `record_size_limit` among the server's extensions (RFC 8449, section 4).
    pub fn limit<'a>(
        &mut self,
        mut extensions: impl Iterator<Item = (u16, &'a [u8])>,
    ) -> Result<(), Refusal> {
        let Some((_, content)) = extensions.find(|(code, _)| *code == record_size_limit::EXTENSION.code)
        else {
            return Ok(());
        };
        let limit = <[u8; 2]>::try_from(content).map(|limit| usize::from(u16::from_be_bytes(limit)));
        match limit {
            Ok(limit) if limit >= 64 => {
                // In TLS 1.3 the content type counts.
                self.most = Some((limit - usize::from(self.tls13)).min(MOST_CONTENT));
                Ok(())
            }
            _ => refuse(Alert::illegal_parameter, "a record_size_limit below 64 bytes"),
        }
    }

    /// What is to be written to the stream.
    pub fn take_outgoing(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.outgoing)
    }

    /// From now on what comes is protected so.
    pub fn open_with(&mut self, opener: Option<Opener>) -> Result<(), Refusal> {
        self.opener = Some(opener.ok_or_else(|| Refusal::internal("no keys for these records"))?);
        self.keys += 1;
        Ok(())
    }

    /// From now on what is sent is protected so.
    pub fn seal_with(&mut self, sealer: Option<Sealer>) -> Result<(), Refusal> {
        self.sealer = Some(sealer.ok_or_else(|| Refusal::internal("no keys for these records"))?);
        Ok(())
    }
}

/// TLSInnerPlaintext (RFC 8446, section 5.2): content, type, zeros.
fn inner(mut plaintext: Vec<u8>) -> Result<(u8, Vec<u8>), Refusal> {
    while let Some(last) = plaintext.pop() {
        if last != 0 {
            return Ok((last, plaintext));
        }
    }
    refuse(Alert::unexpected_message, "a record without a content type in it")
}

fn bad_record(bad: Bad) -> Refusal {
    let why = match bad {
        Bad::Length => "a record whose length its protection can't have",
        Bad::Padding => "a record with wrong padding",
        Bad::Mac => "a record with a wrong MAC",
    };
    // One alert for all of them (RFC 5246, section 7.2.2): telling them apart is what padding oracles are made of.
    Refusal { alert: Alert::bad_record_mac, why: why.into() }
}
