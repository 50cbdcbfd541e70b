//! The lab engine over a stream.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use super::refusal::Alert;
use super::{Ended, Lab, Refusal, Setup, given, of_offer, suites};
use crate::capture::recorder::Recorder;
use crate::engine::call::{Established, Failure, Session};
use crate::engine::hello::{Fresh, Opening};
use crate::engine::keylog::Keys;
use crate::engine::verifier::Verifier;
use crate::engine::{Engine, Error, Request};
use crate::wire::codepoints::ProtocolVersion;

/// Room for one read: a server's flight fits, and so does a record.
const READ: usize = 32 << 10;

/// What all connections of a request share.
#[derive(Debug)]
pub struct Equipment {
    verifier: Arc<Verifier>,
}

impl Equipment {
    /// As `request` says; fails if the lab engine can't do that.
    pub fn new(request: &Request) -> Result<Self, Error> {
        let lacking = Engine::Lab.unsupported(&request.offer);
        if !lacking.is_empty() {
            let lacking: Vec<_> = lacking.iter().map(ToString::to_string).collect();
            return Err(Error::new(format!("the lab engine can't offer {}", lacking.join(", "))));
        }
        let algorithms = default_provider().signature_verification_algorithms;
        let verifier =
            Verifier::new(&request.intent, &request.question, &request.anchors, Vec::new(), algorithms)?;
        let equipment = Self { verifier: Arc::new(verifier) };
        // Whether a hello can be made of it all is the user's to know before anything is connected.
        equipment.start(request).map(|_| equipment)
    }

    /// Whether the enforced verdict refused the server's certificate.
    pub fn refused(&self) -> bool {
        self.verifier.refused()
    }

    /// A connection that is about to begin.
    fn start(&self, request: &Request) -> Result<Lab, Error> {
        self.verifier.reset();
        let enforced = request.question.enforce;
        let session = request.resumption.as_ref().and_then(|sessions| sessions.resumable(enforced));
        let offer = suites::narrowed(&request.offer);
        let session = session.filter(|session| offer.has(session.version.0));
        let (sni, psk) = (request.intent.sni.as_deref(), request.psk.as_ref());
        let mut fresh = Fresh::default();
        let (hello, min) = match &request.probe.opening {
            Some(Opening::Hello(template)) => {
                let hello = template.build(&mut fresh)?;
                let min = given::min(&hello);
                (hello, min)
            }
            Some(Opening::Sslv2(_)) => return Err(Error::new("the lab engine sends no hello of SSL 2.0")),
            None => (of_offer(&offer, sni, psk, session.as_ref(), &mut fresh)?, offer.min),
        };
        // A hello that was given offers no session of ours.
        let session = session.filter(|_| request.probe.opening.is_none());
        let verifier = self.verifier.clone();
        let setup = Setup {
            min,
            client: request.client.clone(),
            psk: request.psk.clone(),
            enforced,
            judge: Box::new(move |chain| judge(&verifier, chain)),
        };
        Lab::new(setup, hello, fresh, session)
    }
}

/// Asks the verifier; without `--enforce` it lets everything pass.
fn judge(verifier: &Verifier, chain: &[&[u8]]) -> Result<(), Refusal> {
    let mut chain = chain.iter().map(|certificate| CertificateDer::from(*certificate));
    let Some(leaf) = chain.next() else {
        return Err(Refusal { alert: Alert::handshake_failure, why: "no certificate to verify".into() });
    };
    let chain: Vec<_> = chain.collect();
    // The verifier knows the name that is to be verified; this one is not looked at.
    let nobody = ServerName::IpAddress(rustls::pki_types::IpAddr::from(std::net::Ipv4Addr::UNSPECIFIED));
    match verifier.verify_server_cert(&leaf, &chain, &nobody, &[], UnixTime::now()) {
        Ok(_) => Ok(()),
        Err(error) => {
            let alert = match &error {
                rustls::Error::InvalidCertificate(error) => {
                    Alert(u8::from(rustls::AlertDescription::from(error.clone())))
                }
                _ => Alert::bad_certificate,
            };
            Err(Refusal { alert, why: error.to_string() })
        }
    }
}

/// From the ClientHello to the end of the handshake. On a failure our alert has been sent.
pub async fn handshake<IO: AsyncRead + AsyncWrite + Unpin>(
    equipment: &Equipment,
    request: &Request,
    mut io: Recorder<IO>,
    keys: &Arc<Keys>,
) -> Result<Talk<IO>, (Failure, Recorder<IO>)> {
    let mut lab = match equipment.start(request) {
        Ok(lab) => lab,
        Err(error) => return Err((Failure::Io(io::Error::other(error.to_string())), io)),
    };
    let mut data = Vec::new();
    let mut buf = vec![0; READ];
    loop {
        let out = lab.take_outgoing();
        if !out.is_empty()
            && let Err(error) = write_all(&mut io, &out).await
        {
            return Err((Failure::Io(error), io));
        }
        if !lab.is_handshaking() {
            break;
        }
        let len = match io.read(&mut buf).await {
            Ok(0) => return Err((Failure::Eof, io)),
            Ok(len) => len,
            Err(error) => return Err((Failure::Io(error), io)),
        };
        let heard = lab.hear(buf.get(..len).unwrap_or_default(), &mut data);
        keys.add(lab.take_secrets());
        match heard {
            Ok(heard) if heard.closed && lab.is_handshaking() => return Err((Failure::Eof, io)),
            Ok(_) => {}
            Err(ended) => {
                // The alert that says why. If it can't be sent the reason is no other.
                let _ = write_all(&mut io, &lab.take_outgoing()).await;
                return Err((failure(&ended), io));
            }
        }
    }
    if let Some(sessions) = &request.resumption {
        sessions.keep(lab.take_sessions(), request.question.enforce);
    }
    let established = Established {
        tls13: lab.version() == Some(ProtocolVersion::TLS_1_3),
        resumed: lab.resumed(),
        early_data: None,
        certificate_requested: lab.certificate_requested(),
    };
    Ok(Talk { io, lab, keys: keys.clone(), established, data, out: Vec::new(), closed: false, buf })
}

async fn write_all<IO: AsyncWrite + Unpin>(io: &mut IO, bytes: &[u8]) -> io::Result<()> {
    io.write_all(bytes).await?;
    io.flush().await
}

fn failure(ended: &Ended) -> Failure {
    match ended {
        Ended::Refused(refusal) => Failure::Refused(refusal.why.clone()),
        Ended::Alert(description) => Failure::Alert(format!("the server sent the alert {description}")),
    }
}

/// [`Ended`] as the error of a stream.
#[derive(Debug)]
struct EndedError(Ended);

impl fmt::Display for EndedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match failure(&self.0) {
            Failure::Alert(text) | Failure::Refused(text) => f.write_str(&text),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for EndedError {}

/// A connection after the handshake.
pub struct Talk<IO> {
    io: Recorder<IO>,
    lab: Lab,
    keys: Arc<Keys>,
    established: Established,
    /// For the application, not yet read.
    data: Vec<u8>,
    /// To be written to the stream.
    out: Vec<u8>,
    /// close_notify came.
    closed: bool,
    buf: Vec<u8>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Session for Talk<IO> {
    type Io = IO;

    fn established(&self) -> Established {
        self.established
    }

    fn tickets(&self) -> usize {
        self.lab.tickets()
    }

    fn is_renegotiating(&self) -> bool {
        self.lab.is_renegotiating()
    }

    fn below(&mut self) -> &mut Recorder<IO> {
        &mut self.io
    }

    fn failure(error: io::Error) -> Failure {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<EndedError>()) {
            Some(ended) => failure(&ended.0),
            None if error.kind() == io::ErrorKind::UnexpectedEof => Failure::Eof,
            None => Failure::Io(error),
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Talk<IO> {
    /// One read, and what it makes us say.
    fn poll_hear(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut buf = ReadBuf::new(&mut self.buf);
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut buf))?;
        if buf.filled().is_empty() {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        let heard = self.lab.hear(buf.filled(), &mut self.data);
        self.keys.add(self.lab.take_secrets());
        // What can't be sent now is tried at the next read or write; an error is found by reading.
        let _ = self.poll_send(cx);
        match heard {
            Ok(heard) => {
                self.closed |= heard.closed;
                Poll::Ready(Ok(()))
            }
            Err(ended) => Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, EndedError(ended)))),
        }
    }

    /// Writes what is to be written.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.out.extend(self.lab.take_outgoing());
        while !self.out.is_empty() {
            let written = ready!(Pin::new(&mut self.io).poll_write(cx, &self.out))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.drain(..written);
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for Talk<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.data.is_empty() && !this.closed {
            ready!(this.poll_hear(cx))?;
            // Tickets are told of, as a read of other streams does not: a caller counts them.
            if this.data.is_empty() && !this.closed {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        let len = this.data.len().min(buf.remaining());
        buf.put_slice(this.data.get(..len).unwrap_or_default());
        this.data.drain(..len);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Talk<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // Between our hello and the end of a renegotiation nothing of the application's is said.
        while this.lab.is_renegotiating() {
            ready!(this.poll_hear(cx))?;
        }
        ready!(this.poll_send(cx))?;
        let part = buf.get(..buf.len().min(1 << 14)).unwrap_or_default();
        this.lab.write(part).map_err(|refusal| io::Error::other(refusal.why))?;
        let _ = this.poll_send(cx)?;
        Poll::Ready(Ok(part.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_send(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.lab.close();
        // The server may be gone: then there is nobody to tell.
        let _ = ready!(this.poll_send(cx));
        Pin::new(&mut this.io).poll_shutdown(cx)
    }
}
