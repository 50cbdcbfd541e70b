//! A small TLS server in a thread of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::authority::Authority;

pub type Stream = StreamOwned<ServerConnection, TcpStream>;

/// What the server's side looks like.
pub struct Setup {
    pub provider: CryptoProvider,
    pub versions: Vec<&'static rustls::SupportedProtocolVersion>,
    pub clients: Clients,
    pub tickets: usize,
    pub early_data: u32,
    /// It shows the certificate, but has another key: an impostor.
    pub impostor: bool,
}

/// What it asks of its clients.
#[derive(Clone, Copy, PartialEq)]
pub enum Clients {
    Anonymous,
    Optional,
    Required,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            provider: default_provider(),
            versions: vec![&TLS13, &TLS12],
            clients: Clients::Anonymous,
            tickets: 2,
            early_data: 0,
            impostor: false,
        }
    }
}

impl Setup {
    pub fn config(self, authority: &Authority) -> Arc<ServerConfig> {
        let provider = Arc::new(self.provider);
        let builder = ServerConfig::builder_with_provider(provider.clone());
        let builder = builder.with_protocol_versions(&self.versions).unwrap();
        let (leaf, key) = authority.issue("localhost");
        let mut roots = RootCertStore::empty();
        roots.add(authority.der()).unwrap();
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let builder = match self.clients {
            Clients::Anonymous => builder.with_no_client_auth(),
            Clients::Optional => {
                builder.with_client_cert_verifier(clients.allow_unauthenticated().build().unwrap())
            }
            Clients::Required => builder.with_client_cert_verifier(clients.build().unwrap()),
        };
        let key = if self.impostor { authority.issue("localhost").1 } else { key };
        let signing = provider.key_provider.load_private_key(key).unwrap();
        let certified = CertifiedKey::new(vec![leaf], signing);
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.send_tls13_tickets = self.tickets;
        config.max_early_data_size = self.early_data;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(config)
    }
}

/// Serves one connection on a port of its own.
pub fn serve<T: Send + 'static>(
    talk: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (address, std::thread::spawn(move || talk(listener.accept().unwrap().0)))
}

/// Serves one connection, and tells how it went: the handshake's error, or what the client sent
/// until it closed.
pub fn serve_tls(config: Arc<ServerConfig>) -> (SocketAddr, JoinHandle<Result<String, String>>) {
    serve(move |tcp| converse(&config, tcp))
}

/// Answers whatever the client sends with `ok`.
pub fn converse(config: &Arc<ServerConfig>, tcp: TcpStream) -> Result<String, String> {
    let mut stream = accept(config, tcp)?;
    let mut all = String::new();
    if let Some(mut early) = stream.conn.early_data() {
        early.read_to_string(&mut all).unwrap();
    }
    stream.read_to_string(&mut all).map_err(|error| error.to_string())?;
    if !all.is_empty() {
        let _ = stream.write_all(b"ok");
    }
    stream.conn.send_close_notify();
    let _ = stream.flush();
    Ok(all)
}

/// Performs the handshake.
pub fn accept(config: &Arc<ServerConfig>, mut tcp: TcpStream) -> Result<Stream, String> {
    let mut conn = ServerConnection::new(config.clone()).unwrap();
    while conn.is_handshaking() {
        conn.complete_io(&mut tcp).map_err(|error| error.to_string())?;
    }
    Ok(StreamOwned::new(conn, tcp))
}
