//! A handshake performed by rustls, over tokio-rustls.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::{ClientConnection, HandshakeKind, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Request;
use super::call::{Established, Failure, Session};
use super::config::{Equipment, Setup};
use super::ech;
use super::keylog::Keys;
use super::records::Records;
use super::sessions::Store;
use crate::capture::EarlyData;
use crate::capture::recorder::Recorder;

/// The line of releases that this is built with; rustls does not tell its own version.
pub const VERSION: &str = "0.23";

/// From the ClientHello to the client's Finished. On a failure rustls's alert has been sent.
pub async fn handshake<IO: AsyncRead + AsyncWrite + Unpin>(
    setup: &Setup,
    request: &Request,
    io: Recorder<IO>,
    keys: &Arc<Keys>,
) -> Result<Talk<IO>, (Failure, Recorder<IO>)> {
    let Equipment { config, store } = setup.equip(request, keys);
    // Written here and not with tokio-rustls's feature for it: that one returns before a
    // ClientHello is out, and says again what the server refused as early data, before anybody has
    // looked at the server's certificate.
    let mut early_data_offered = false;
    let connect = ech::recorded(&keys.inner, || {
        TlsConnector::from(config).connect_with(setup.name.clone(), Records::new(io), |connection| {
            early_data_offered = write_early_data(request, connection);
        })
    });
    match connect.into_fallible().await {
        Ok(tls) => {
            let connection = tls.get_ref().1;
            let established = Established {
                tls13: connection.protocol_version() == Some(ProtocolVersion::TLSv1_3),
                resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
                early_data: request.early_data.is_some().then(|| {
                    match (early_data_offered, connection.is_early_data_accepted()) {
                        (false, _) => EarlyData::NotSent,
                        (true, false) => EarlyData::Rejected,
                        (true, true) => EarlyData::Accepted,
                    }
                }),
                certificate_requested: setup.auth.requested(),
            };
            Ok(Talk { tls, store, established })
        }
        Err((error, io)) => Err((failure(error), io.into_inner())),
    }
}

/// Whether early data is offered.
fn write_early_data(request: &Request, connection: &mut ClientConnection) -> bool {
    let Some((data, mut writer)) = request.early_data.as_ref().zip(connection.early_data()) else {
        return false;
    };
    // It ends where the ticket's max_early_data_size does.
    let fits = data.get(..writer.bytes_left()).unwrap_or(data);
    io::Write::write_all(&mut writer, fits).is_ok()
}

/// tokio-rustls wraps rustls's errors.
fn failure(error: io::Error) -> Failure {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(alert @ rustls::Error::AlertReceived(_)) => Failure::Alert(alert.to_string()),
        // Nothing has been sent or received yet.
        Some(rustls::Error::FailedToGetRandomBytes | rustls::Error::FailedToGetCurrentTime) => {
            Failure::Io(error)
        }
        Some(refusal) => Failure::Refused(refusal.to_string()),
        None if error.raw_os_error().is_some() => Failure::Io(error),
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof => Failure::Eof,
            // A message that is too large for rustls.
            io::ErrorKind::InvalidData => Failure::Refused(error.to_string()),
            _ => Failure::Io(error),
        },
    }
}

/// A connection after the handshake.
pub struct Talk<IO> {
    tls: TlsStream<Records<Recorder<IO>>>,
    store: Arc<Store>,
    established: Established,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Session for Talk<IO> {
    type Io = IO;

    fn established(&self) -> Established {
        self.established
    }

    fn tickets(&self) -> usize {
        self.store.tickets()
    }

    fn below(&mut self) -> &mut Recorder<IO> {
        self.tls.get_mut().0.get_mut()
    }

    fn failure(error: io::Error) -> Failure {
        failure(error)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for Talk<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let tls = &mut self.get_mut().tls;
        let read = Pin::new(&mut *tls).poll_read(cx, buf);
        // A server that asks for a KeyUpdate gets it. tokio-rustls would wait for us to write.
        if tls.get_ref().1.wants_write() {
            // What can't be sent now is tried at the next read; an error is found by reading.
            let _ = Pin::new(&mut *tls).poll_flush(cx);
        }
        read
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Talk<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().tls).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tls).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tls).poll_shutdown(cx)
    }
}
