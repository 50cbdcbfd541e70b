//! A ClientHello, with how it came.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use crate::wire::codepoints::content_type::HANDSHAKE;
use crate::wire::handshake::client_hello::Hello;

/// A ClientHello as it came.
#[derive(Debug)]
pub(super) struct Heard {
    /// Every byte.
    pub bytes: Vec<u8>,
    /// The message, with its header.
    pub message: Vec<u8>,
    /// None: it can't be read.
    pub hello: Option<Hello>,
    /// `legacy_record_version` of the first record.
    pub record_version: u16,
    /// Length of each record's fragment.
    pub records: Vec<usize>,
    /// Bytes of the first read, and whether there were more.
    pub first_read: usize,
}

/// Reads a ClientHello.
pub(super) fn hello(mut tcp: &TcpStream) -> io::Result<Heard> {
    let mut bytes = Vec::new();
    let (mut message, mut records) = (Vec::new(), Vec::new());
    let mut first_read = 0;
    let mut at = 0;
    let mut buf = [0; 1 << 14];
    loop {
        // Records that are whole.
        while let Some(&[kind, _, _, high, low]) = bytes.get(at..at + 5) {
            let length = usize::from(u16::from_be_bytes([high, low]));
            let Some(fragment) = bytes.get(at + 5..at + 5 + length) else { break };
            if kind != HANDSHAKE {
                return Err(io::ErrorKind::InvalidData.into());
            }
            message.extend_from_slice(fragment);
            records.push(length);
            at += 5 + length;
        }
        if let [_, a, b, c, ..] = *message.as_slice()
            && message.len() >= 4 + u32::from_be_bytes([0, a, b, c]) as usize
        {
            let record_version = u16::from_be_bytes([bytes[1], bytes[2]]);
            let hello = Hello::read(&message).ok();
            return Ok(Heard { bytes, message, hello, record_version, records, first_read });
        }
        let len = tcp.read(&mut buf)?;
        if len == 0 || bytes.len() > 1 << 20 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if first_read == 0 {
            first_read = len;
        }
        bytes.extend_from_slice(buf.get(..len).unwrap_or_default());
    }
}

/// A stream of which some was read already.
pub(super) struct Again<'a> {
    pub heard: io::Cursor<Vec<u8>>,
    pub tcp: &'a TcpStream,
}

impl Read for Again<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.heard.read(buf)? {
            0 => self.tcp.read(buf),
            len => Ok(len),
        }
    }
}

impl Write for Again<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}
