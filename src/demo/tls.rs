//! The server's side of TLS: configurations, and what it does on a connection.

use std::io::{self, Write};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::version::TLS13;
use rustls::{ServerConfig, ServerConnection, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::pki::Credentials;
use super::server::{Act, PATIENCE, hang_up};

/// What a scenario may change before the configuration is built; the rest are fields of [`ServerConfig`].
pub(super) struct Recipe {
    pub provider: CryptoProvider,
    pub version: &'static SupportedProtocolVersion,
    pub client_verifier: Arc<dyn ClientCertVerifier>,
}

impl Default for Recipe {
    fn default() -> Recipe {
        Recipe {
            provider: aws_lc_rs::default_provider(),
            version: &TLS13,
            client_verifier: WebPkiClientVerifier::no_client_auth(),
        }
    }
}

impl Recipe {
    pub(super) fn config(self, credentials: &Credentials) -> io::Result<ServerConfig> {
        let version = self.version;
        self.config_of(&[version], credentials)
    }

    /// The same of several versions.
    pub(super) fn config_of(
        self,
        versions: &[&'static SupportedProtocolVersion],
        credentials: &Credentials,
    ) -> io::Result<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(self.provider))
            .with_protocol_versions(versions)
            .map_err(io::Error::other)?
            .with_client_cert_verifier(self.client_verifier)
            .with_single_cert_with_ocsp(
                credentials.chain.clone(),
                credentials.key.clone_key(),
                credentials.staple.clone(),
            )
            .map_err(io::Error::other)?;
        // rustls compresses certificates on its own accord; here only the scenario about it does.
        config.cert_compressors = Vec::new();
        Ok(config)
    }
}

/// Completes the handshake, reads (and forgets) what the client says, and answers its goodbye.
pub(super) fn converse(config: ServerConfig) -> Act {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Box::new(move |tcp| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        // The socket is the listener's, which closes it to end us; here it only changes its manners.
        tcp.set_nonblocking(true)?;
        runtime.block_on(async {
            let socket = tokio::net::TcpStream::from_std(tcp.try_clone()?)?;
            // The alert of a failed handshake has left when `accept` returns.
            let Ok(mut tls) = in_time(acceptor.accept(socket)).await? else { return Ok(()) };
            let mut heard = [0; 4096];
            // Until the client is done, has gone, or can't be understood: what follows is the same.
            while matches!(in_time(tls.read(&mut heard)).await, Ok(Ok(1..))) {}
            in_time(tls.shutdown()).await?
        })?;
        tcp.set_nonblocking(false)?;
        hang_up(tcp)
    })
}

async fn in_time<T>(talk: impl Future<Output = T>) -> io::Result<T> {
    tokio::time::timeout(PATIENCE, talk).await.map_err(io::Error::from)
}

/// Answers with a genuine flight whose end is missing: the first encrypted record is whole, so that it can be
/// opened and shows which message was under way; the second breaks off half way. A FIN follows.
pub(super) fn break_off(mut config: ServerConfig) -> Act {
    // Small records, so that the Certificate message needs several.
    config.max_fragment_size = Some(512);
    let config = Arc::new(config);
    Box::new(move |mut tcp| {
        let mut tls = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        loop {
            let mut understood = true;
            while understood && !tls.wants_write() {
                if tls.read_tls(&mut tcp)? == 0 {
                    return Ok(());
                }
                understood = tls.process_new_packets().is_ok();
            }
            let mut flight = Vec::new();
            while tls.wants_write() {
                tls.write_tls(&mut flight)?;
            }
            // An alert or a HelloRetryRequest has no second encrypted record: it goes out whole.
            let end = middle_of_encrypted_record(&flight, 2);
            tcp.write_all(&flight[..end.unwrap_or(flight.len())])?;
            if end.is_some() || !understood {
                return hang_up(tcp);
            }
        }
    })
}

/// Where the `nth` record of type application_data is half over.
fn middle_of_encrypted_record(flight: &[u8], nth: usize) -> Option<usize> {
    const HEADER: usize = 5;
    const APPLICATION_DATA: u8 = 23;
    let (mut at, mut seen) = (0, 0);
    while let Some(&[content_type, _, _, high, low]) = flight.get(at..at + HEADER) {
        let length = usize::from(u16::from_be_bytes([high, low]));
        seen += usize::from(content_type == APPLICATION_DATA);
        if seen == nth {
            return Some(at + HEADER + length / 2);
        }
        at += HEADER + length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cut_is_inside_the_right_record() {
        let flight = [22, 3, 3, 0, 2, 0, 0, 20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 1, 9, 23, 3, 3, 0, 4, 1, 2, 3, 4];
        assert_eq!(middle_of_encrypted_record(&flight, 1), Some(18));
        assert_eq!(middle_of_encrypted_record(&flight, 2), Some(26));
        assert_eq!(middle_of_encrypted_record(&flight, 3), None);
        assert_eq!(middle_of_encrypted_record(&flight[..9], 1), None);
    }
}
