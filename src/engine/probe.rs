//! A hello of ours, and what the server answers in the clear. No handshake comes of it.
//!
//! Of TLS 1.2 and before that is the whole first flight; of TLS 1.3 the ServerHello or HelloRetryRequest, behind which
//! everything is encrypted. Nothing is answered but a farewell: above all no certificate of ours.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::call::{Call, Failure};
use super::hello::{Cached, Framing, Opening, Piece, Template};
use super::{Error, Request, settle};
use crate::capture::recorder::Recorder;
use crate::wire::Direction;
use crate::wire::codepoints::content_type::{ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE};
use crate::wire::codepoints::{AlertDescription, ProtocolVersion};
use crate::wire::facts::Facts;
use crate::wire::handshake::{self, server_hello, server_hello_done};
use crate::wire::record::{self, Ahead, Header};

/// What is sent.
#[derive(Debug, Clone, Default)]
pub struct Probe {
    /// `None`: what the request's offer says.
    pub opening: Option<Opening>,
    pub framing: Framing,
    /// Key shares, made once for all probes that have this.
    pub shares: Arc<Cached>,
}

/// A probe that was checked.
#[derive(Debug)]
pub struct Setup {
    opening: Opening,
}

impl Setup {
    /// As `request` says.
    pub fn new(request: &Request) -> Result<Self, Error> {
        let opening = match &request.probe.opening {
            Some(opening) => opening.clone(),
            None => Opening::Hello(Template::offer(&request.offer, request.intent.sni.as_deref())?),
        };
        let setup = Self { opening };
        // What can't be built is told now, not when the connection stands.
        setup.pieces(&request.probe)?;
        Ok(setup)
    }

    fn pieces(&self, probe: &Probe) -> Result<Vec<Piece>, Error> {
        self.opening.pieces(&probe.framing, &mut &*probe.shares)
    }
}

impl Call<'_> {
    /// From the hello to the farewell.
    pub async fn probe<IO: AsyncRead + AsyncWrite + Unpin>(&mut self, setup: &Setup, mut io: Recorder<IO>) {
        let (request, watch) = (self.request, self.watch.clone());
        request.progress.waiting_for("waiting for the server's first flight");
        let talk = async {
            let pieces = setup.pieces(&request.probe).map_err(|e| Failure::Io(std::io::Error::other(e)))?;
            send(&mut io, &pieces, &request.probe.framing).await?;
            read(&mut io, request.limits.message_bytes).await
        };
        let done = watch.over(self.first_flight_and_rest(talk)).await;
        match done {
            Ok(Ok(version)) => {
                let until = self.watch.cap(tokio::time::Instant::now() + settle::LEAVE);
                if let Err(stopped) = watch.but_for_signals(leave(&mut io, version, until)).await {
                    self.stop(stopped);
                }
            }
            Ok(Err(failure)) => {
                self.note(&failure);
                if let Err(stopped) = watch.but_for_signals(self.part(&mut io, &failure)).await {
                    self.stop(stopped);
                }
            }
            Err(stopped) => self.stop(stopped),
        }
    }
}

async fn send<IO: AsyncWrite + Unpin>(
    io: &mut IO,
    pieces: &[Piece],
    framing: &Framing,
) -> Result<(), Failure> {
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 && !framing.pause.is_zero() {
            tokio::time::sleep(framing.pause).await;
        }
        io.write_all(piece).await.map_err(Failure::Io)?;
        io.flush().await.map_err(Failure::Io)?;
    }
    Ok(())
}

/// The first flight; what records of its version begin with.
async fn read<IO: AsyncRead + Unpin>(io: &mut IO, limit: usize) -> Result<ProtocolVersion, Failure> {
    let mut flight = Flight::new(limit);
    let mut buf = vec![0; 4096];
    loop {
        let len = io.read(&mut buf).await.map_err(Failure::Io)?;
        match flight.push(buf.get(..len).unwrap_or_default()) {
            _ if len == 0 => return Err(Failure::Eof),
            Step::More => {}
            Step::Done => return Ok(flight.record_version()),
            Step::Alert(description) => {
                return Err(Failure::Alert(format!("the server's alert: {}", AlertDescription(description))));
            }
            Step::Refused(why) => return Err(Failure::Refused(why)),
        }
    }
}

/// Says that this was all, and sees the server go: who closes with bytes unread resets the connection, and a server's
/// log should not have that.
async fn leave<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    version: ProtocolVersion,
    until: tokio::time::Instant,
) {
    let [major, minor] = version.0.to_be_bytes();
    // close_notify, a warning, in a record in the clear (RFC 8446, section 6.1).
    let close_notify = [ALERT, major, minor, 0, 2, 1, 0];
    // The server may be gone: then there is nobody to tell.
    let _ = io.write_all(&close_notify).await;
    let _ = io.shutdown().await;
    settle::drain(io, until).await;
}

/// Follows the server's first flight, as far as it is in the clear.
struct Flight {
    /// The start of a record.
    pending: Vec<u8>,
    /// The start of a handshake message. Both together have at most `left` bytes and a read more.
    message: Vec<u8>,
    facts: Facts,
    greeted: bool,
    /// Bytes that may still come.
    left: usize,
    limit: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    More,
    Done,
    /// An alert that ends the connection.
    Alert(u8),
    Refused(String),
}

impl Flight {
    fn new(limit: usize) -> Self {
        Self {
            pending: Vec::new(),
            message: Vec::new(),
            facts: Facts::default(),
            greeted: false,
            left: limit,
            limit,
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Step {
        let Some(left) = self.left.checked_sub(bytes.len()) else {
            return Step::Refused(format!(
                "its first flight is longer than the limit of {} bytes",
                self.limit
            ));
        };
        self.left = left;
        self.pending.extend(bytes);
        let mut from = 0;
        let step = loop {
            let ahead = self.pending.get(from..).unwrap_or_default();
            let header = match Header::peek(ahead) {
                Ahead::Record(header) => header,
                Ahead::More => break Step::More,
                Ahead::NotTls => break Step::Refused("its answer is no TLS record".into()),
            };
            let end = record::HEADER + header.length;
            let Some(fragment) = ahead.get(record::HEADER..end) else { break Step::More };
            from += end;
            let step = match header.content_type {
                HANDSHAKE => {
                    self.message.extend(fragment);
                    self.messages()
                }
                ALERT => alert(fragment),
                // The session is resumed; of what follows nothing can be read.
                CHANGE_CIPHER_SPEC if self.greeted => Step::Done,
                other => Step::Refused(format!(
                    "a record of type {other} came before its first flight was complete"
                )),
            };
            if step != Step::More {
                break step;
            }
        };
        self.pending.drain(..from);
        step
    }

    /// `legacy_record_version`: TLS 1.3 stays at TLS 1.2 (RFC 8446, section 5.1).
    fn record_version(&self) -> ProtocolVersion {
        let version = self.facts.version.unwrap_or(ProtocolVersion::TLS_1_2);
        if self.facts.is_tls13() { ProtocolVersion::TLS_1_2 } else { version }
    }

    /// Takes the whole messages off.
    fn messages(&mut self) -> Step {
        let mut from = 0;
        let step = loop {
            let ahead = self.message.get(from..).unwrap_or_default();
            let [kind, a, b, c, ..] = *ahead else { break Step::More };
            let len = handshake::HEADER + u32::from_be_bytes([0, a, b, c]) as usize;
            let Some(message) = ahead.get(..len) else { break Step::More };
            from += len;
            handshake::dissect(message, Direction::Server, &mut self.facts, false);
            let retry = self.facts.retry.is_some();
            self.greeted |= kind == server_hello::MESSAGE.code;
            if retry || (self.greeted && self.facts.is_tls13()) || kind == server_hello_done::MESSAGE.code {
                break Step::Done;
            }
        };
        self.message.drain(..from);
        step
    }
}

/// Warnings, such as unrecognized_name, end nothing; but close_notify does.
fn alert(fragment: &[u8]) -> Step {
    const WARNING: u8 = 1;
    match *fragment {
        [WARNING, description] if description != 0 => Step::More,
        [_, description] => Step::Alert(description),
        _ => Step::Refused("an alert that is none".into()),
    }
}

#[cfg(test)]
mod tests;
