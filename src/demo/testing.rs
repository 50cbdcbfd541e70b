//! A plain client for the tests: behaves as the stage says, accepts any certificate, notes what it sees.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, ResolvesClientCert, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue, WebPkiServerVerifier,
};
use rustls::compress::{BROTLI_DECOMPRESSOR, CertDecompressor, DecompressionFailed};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription, CertificateCompressionAlgorithm, CipherSuite, ClientConfig, ClientConnection,
    DigitallySignedStruct, HandshakeKind, NamedGroup, ProtocolVersion, RootCertStore, SignatureScheme,
    Stream,
};

use super::{Scenario, Stage, start};

/// The outer type of encrypted records.
pub(super) const ENCRYPTED: u8 = 23;

/// Runs a scenario from its start to the end of its server.
pub(super) fn visit(scenario: &Scenario) -> Visit {
    visit_with_patience(scenario, Duration::from_secs(20))
}

/// `patience` is how long the client waits for each answer.
pub(super) fn visit_with_patience(scenario: &Scenario, patience: Duration) -> Visit {
    let stage = start(scenario).unwrap();
    let notes = Arc::new(Notes::default());
    let config = Arc::new(config(&stage, &notes));
    let all = (0..stage.client.connections)
        .map(|_| connect(&stage, Arc::clone(&config), &notes, patience))
        .collect();
    finish(stage);
    Visit { all }
}

/// Ends the server and waits for its listener to be gone.
pub(super) fn finish(mut stage: Stage) {
    stage.server.stop().unwrap().join().unwrap();
}

pub(super) struct Visit {
    pub all: Vec<Seen>,
}

impl Visit {
    pub(super) fn only(self) -> Seen {
        let [seen] = self.all.try_into().unwrap();
        seen
    }
}

/// What the client saw of one connection.
#[derive(Debug)]
pub(super) struct Seen {
    /// The client's side of the handshake is complete.
    pub completed: bool,
    pub version: Option<ProtocolVersion>,
    pub suite: Option<CipherSuite>,
    pub group: Option<NamedGroup>,
    pub kind: Option<HandshakeKind>,
    pub alpn: Option<Vec<u8>>,
    pub chain: Vec<CertificateDer<'static>>,
    /// The OCSP response that came with it; empty: none.
    pub staple: Vec<u8>,
    pub certificate_requested: bool,
    pub decompressed: bool,
    pub tickets: usize,
    pub early_data_accepted: bool,
    /// The server's close_notify came before its FIN.
    pub closed_properly: bool,
    pub error: Option<io::Error>,
    /// Every byte, as it came.
    pub received: Vec<u8>,
    host: ServerName<'static>,
    roots: Arc<RootCertStore>,
}

impl Seen {
    /// The fatal alert that ended the connection.
    pub(super) fn alert(&self) -> Option<AlertDescription> {
        match self.error.as_ref()?.get_ref()?.downcast_ref()? {
            rustls::Error::AlertReceived(alert) => Some(*alert),
            _ => None,
        }
    }

    /// What webpki says about the chain.
    pub(super) fn verified(&self) -> Result<(), rustls::Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&self.roots), provider).build().unwrap();
        let (leaf, rest) = self.chain.split_first().unwrap();
        verifier.verify_server_cert(leaf, rest, &self.host, &[], UnixTime::now()).map(drop)
    }

    /// Type and body of each record; the last may be incomplete.
    pub(super) fn records(&self) -> impl Iterator<Item = (u8, &[u8])> {
        let mut rest = &self.received[..];
        std::iter::from_fn(move || {
            let (&[kind, _, _, high, low], body) = rest.split_first_chunk::<5>()?;
            let length = usize::from(u16::from_be_bytes([high, low])).min(body.len());
            let (body, after) = body.split_at(length);
            rest = after;
            Some((kind, body))
        })
    }
}

fn connect(stage: &Stage, config: Arc<ClientConfig>, notes: &Notes, patience: Duration) -> Seen {
    notes.clear();
    let host =
        ServerName::try_from(stage.client.verify_name.as_ref().unwrap_or(&stage.host).clone()).unwrap();
    let tcp = TcpStream::connect(stage.address).unwrap();
    tcp.set_read_timeout(Some(patience)).unwrap();
    let mut wire = Tee { tcp, received: Vec::new() };
    let mut tls = ClientConnection::new(config, ServerName::try_from(stage.host.clone()).unwrap()).unwrap();
    if let (Some(data), Some(mut early)) = (&stage.client.early_data, tls.early_data()) {
        early.write_all(data).unwrap();
    }
    let end = talk(&mut tls, &mut wire);
    Seen {
        completed: !tls.is_handshaking(),
        version: tls.protocol_version(),
        suite: tls.negotiated_cipher_suite().map(|suite| suite.suite()),
        group: tls.negotiated_key_exchange_group().map(|group| group.name()),
        kind: tls.handshake_kind(),
        alpn: tls.alpn_protocol().map(<[u8]>::to_vec),
        chain: tls.peer_certificates().unwrap_or_default().to_vec(),
        staple: notes.staple.lock().unwrap().clone(),
        certificate_requested: notes.certificate_requested.load(Ordering::SeqCst),
        decompressed: notes.decompressed.load(Ordering::SeqCst),
        tickets: notes.tickets.load(Ordering::SeqCst),
        early_data_accepted: tls.is_early_data_accepted(),
        closed_properly: matches!(end, Ok(0)),
        error: end.err(),
        received: wire.received,
        host,
        roots: roots(stage),
    }
}

/// Handshake, goodbye, and the server's goodbye; tickets and late alerts come before it.
fn talk(tls: &mut ClientConnection, wire: &mut Tee) -> io::Result<usize> {
    while tls.is_handshaking() {
        tls.complete_io(wire)?;
    }
    tls.send_close_notify();
    Stream::new(tls, wire).read(&mut [0; 64])
}

fn roots(stage: &Stage) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let trusted = if stage.client.trust_root {
        stage.ca.clone()
    } else {
        super::pki::root("somebody else").unwrap().der().to_vec()
    };
    roots.add(trusted.into()).unwrap();
    Arc::new(roots)
}

fn config(stage: &Stage, notes: &Arc<Notes>) -> ClientConfig {
    let wanted = |version: &&'static rustls::SupportedProtocolVersion| {
        let code = u16::from(version.version);
        stage.client.tls_min.is_none_or(|min| min <= code)
            && stage.client.tls_max.is_none_or(|max| code <= max)
    };
    let versions: Vec<_> = rustls::ALL_VERSIONS.iter().copied().filter(wanted).collect();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let key = stage.client.certificate.as_ref().map(|identity| {
        let chain = identity.chain.iter().map(|der| der.clone().into()).collect();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.clone()));
        Arc::new(CertifiedKey::from_der(chain, key, &provider).unwrap())
    });
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AcceptsAll { provider, notes: Arc::clone(notes) }))
        .with_client_cert_resolver(Arc::new(Presents { key, notes: Arc::clone(notes) }));
    config.alpn_protocols = stage.client.alpn.iter().map(|name| name.clone().into_bytes()).collect();
    config.enable_early_data = stage.client.early_data.is_some();
    config.resumption = Resumption::store(Arc::new(Store {
        inner: ClientSessionMemoryCache::new(8),
        notes: Arc::clone(notes),
    }));
    // A leak, because rustls wants it static; one for each visit.
    config.cert_decompressors = vec![Box::leak(Box::new(Decompressor(Arc::clone(notes))))];
    config
}

/// What only callbacks learn.
#[derive(Debug, Default)]
struct Notes {
    certificate_requested: AtomicBool,
    decompressed: AtomicBool,
    tickets: AtomicUsize,
    staple: Mutex<Vec<u8>>,
}

impl Notes {
    fn clear(&self) {
        self.certificate_requested.store(false, Ordering::SeqCst);
        self.decompressed.store(false, Ordering::SeqCst);
        self.tickets.store(0, Ordering::SeqCst);
        self.staple.lock().unwrap().clear();
    }
}

struct Tee {
    tcp: TcpStream,
    received: Vec<u8>,
}

impl Read for Tee {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.tcp.read(buffer)?;
        self.received.extend_from_slice(&buffer[..n]);
        Ok(n)
    }
}

impl Write for Tee {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.tcp.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

#[derive(Debug)]
struct AcceptsAll {
    provider: Arc<CryptoProvider>,
    notes: Arc<Notes>,
}

impl ServerCertVerifier for AcceptsAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        staple: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.notes.staple.lock().unwrap() = staple.to_vec();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            leaf,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            leaf,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[derive(Debug)]
struct Presents {
    key: Option<Arc<CertifiedKey>>,
    notes: Arc<Notes>,
}

impl ResolvesClientCert for Presents {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.notes.certificate_requested.store(true, Ordering::SeqCst);
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}

#[derive(Debug)]
struct Decompressor(Arc<Notes>);

impl CertDecompressor for Decompressor {
    fn decompress(&self, input: &[u8], output: &mut [u8]) -> Result<(), DecompressionFailed> {
        self.0.decompressed.store(true, Ordering::SeqCst);
        BROTLI_DECOMPRESSOR.decompress(input, output)
    }

    fn algorithm(&self) -> CertificateCompressionAlgorithm {
        BROTLI_DECOMPRESSOR.algorithm()
    }
}

#[derive(Debug)]
struct Store {
    inner: ClientSessionMemoryCache,
    notes: Arc<Notes>,
}

impl ClientSessionStore for Store {
    fn set_kx_hint(&self, name: ServerName<'static>, group: NamedGroup) {
        self.inner.set_kx_hint(name, group);
    }

    fn kx_hint(&self, name: &ServerName<'_>) -> Option<NamedGroup> {
        self.inner.kx_hint(name)
    }

    fn set_tls12_session(&self, name: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.notes.tickets.fetch_add(1, Ordering::SeqCst);
        self.inner.set_tls12_session(name, session);
    }

    fn tls12_session(&self, name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.inner.tls12_session(name)
    }

    fn remove_tls12_session(&self, name: &ServerName<'static>) {
        self.inner.remove_tls12_session(name);
    }

    fn insert_tls13_ticket(&self, name: ServerName<'static>, session: Tls13ClientSessionValue) {
        self.notes.tickets.fetch_add(1, Ordering::SeqCst);
        self.inner.insert_tls13_ticket(name, session);
    }

    fn take_tls13_ticket(&self, name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.inner.take_tls13_ticket(name)
    }
}
