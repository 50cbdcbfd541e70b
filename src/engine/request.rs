//! What a trace needs to know.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use tokio::sync::watch;

use super::lab::Psk;
use super::{Engine, Probe, Sessions};
use crate::capture::{Anchor, Ech, Intent, Limits, Offer, Question, Stopped};
use crate::connect::{Plan, Progress};
use crate::preamble::Planned;
use crate::wire::asn1::{Certificate, PrivateKey, PublicKey};

/// One connection to be traced.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// What goes into the capture. `sni` and `verify_name` are also obeyed.
    pub intent: Intent,
    /// What the run asks. `at`, `enforce`, `insecure` and `pins` are obeyed.
    pub question: Arc<Question>,
    pub connect: Plan,
    /// The dialogues that are held before TLS, in this order.
    pub preambles: Vec<Planned>,
    /// TLS is spoken with the proxy too, in which the rest is said: what is wanted of the proxy.
    pub tls_proxy: Option<Intent>,
    pub engine: Engine,
    pub offer: Offer,
    /// Encrypted Client Hello, which only rustls performs, and then with TLS 1.3 alone.
    pub ech: Option<Ech>,
    /// Where `ech` comes from, if it is still to be looked up.
    pub ech_record: Option<EchRecord>,
    /// Once more, if the server rejects that and sends other configurations.
    pub retry_ech: bool,
    /// What [`Engine::Probe`] sends. A hello that is given here is also sent by [`Engine::Lab`].
    pub probe: Probe,
    /// How long to listen after the handshake. `None`: three round trips, at most 300 ms.
    pub settle: Option<Duration>,
    /// The limit on name resolution and TCP together.
    pub connect_timeout: Option<Duration>,
    /// The limit on everything, from the start of the trace.
    pub max_time: Option<Duration>,
    /// `max_time` also ends what is piped after the handshake.
    pub max_time_covers_pipe: bool,
    /// With a pipe: how long our direction stays open after the end of the input, counted from the
    /// last bytes that came. Zero suits a server that answers at the end of its input. But many
    /// HTTP servers take a client that closes its direction for one that has left: nginx then
    /// drops the answer of its backend.
    pub pipe_hold: Duration,
    /// What we answer to a CertificateRequest.
    pub client: Option<ClientIdentity>,
    /// Whether the lab engine tries once more where rustls finds nothing in common with the server.
    pub retry: bool,
    /// The lab engine offers it.
    pub psk: Option<Psk>,
    /// Whom to trust, with `question.enforce`.
    pub anchors: Arc<[Anchor]>,
    /// Sessions to resume, and where new ones go. `None`: nothing is resumed.
    pub resumption: Option<Arc<Sessions>>,
    /// Sent as early data, if the session that is resumed allows it.
    pub early_data: Option<Vec<u8>>,
    /// Something other than `None` in here ends the trace.
    pub stop: Option<watch::Receiver<Option<Stopped>>>,
    /// The connection's packets are captured too.
    pub packets: bool,
    /// Told what is being waited for.
    pub progress: Progress,
    /// What is recorded at most.
    pub limits: Limits,
}

impl Request {
    /// A connection to a host or address, whose name is sent and has to be in the certificate, with the limits on time
    /// that the program has.
    pub fn to(host: &str, port: u16) -> Request {
        let is_address = host.parse::<std::net::IpAddr>().is_ok();
        Request {
            intent: Intent {
                input: format!("{host}:{port}"),
                host: host.to_owned(),
                port,
                sni: (!is_address).then(|| host.to_owned()),
                verify_name: Some(host.to_owned()),
                ..Intent::default()
            },
            connect: Plan { host: host.to_owned(), port, ..Plan::default() },
            connect_timeout: Some(Duration::from_secs(5)),
            max_time: Some(Duration::from_secs(9)),
            ..Request::default()
        }
    }
}

/// That the HTTPS record of the name that is sent has the ECH configurations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EchRecord {
    /// The DNS server that is asked; `None`: those of /etc/resolv.conf.
    pub server: Option<SocketAddr>,
}

/// A client certificate's chain, leaf first, and its key.
#[derive(Clone)]
pub struct ClientIdentity(pub(super) Arc<CertifiedKey>, Arc<PrivateKeyDer<'static>>);

impl ClientIdentity {
    /// From DER. The key is PKCS#8, PKCS#1 or SEC1.
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, Error> {
        if chain.is_empty() {
            return Err(Error("the client certificate's file holds no certificate".into()));
        }
        let der = Arc::new(key.clone_key());
        let kind =
            PrivateKey::read(key.secret_der()).map_or("of an unknown kind".to_owned(), |key| key.text());
        // Not CertifiedKey::from_der, which refuses certificates of version 1: what is sent is the user's decision.
        let key = default_provider().key_provider.load_private_key(key).map_err(|_| {
            Error(format!(
                "the client's key ({kind}) can't be used: this engine (rustls) signs with RSA of 2048 to 8192 bits, \
                 EC P-256, P-384 and P-521, and Ed25519"
            ))
        })?;
        let bounds = Limits::DEFAULT.x509();
        let leaf = chain.first().and_then(|leaf| Certificate::read(leaf, &bounds).ok()?.key);
        let own = key.public_key();
        let own = own.as_ref().and_then(|spki| PublicKey::read(spki.as_ref()).ok());
        // The parameters may be written in two ways; what counts is the key.
        if leaf.zip(own).is_some_and(|(leaf, own)| leaf.bits != own.bits) {
            return Err(Error(
                "the client's key does not belong to its certificate (the first one counts)".into(),
            ));
        }
        let key = CertifiedKey::new(chain, key);
        Ok(Self(Arc::new(key), der))
    }

    /// The chain, leaf first, DER.
    pub(super) fn chain(&self) -> Vec<Vec<u8>> {
        self.0.cert.iter().map(|certificate| certificate.to_vec()).collect()
    }

    /// The key, ready to sign.
    pub(super) fn key(&self) -> &dyn rustls::sign::SigningKey {
        &*self.0.key
    }

    /// The key, DER: PKCS#8, PKCS#1 or SEC1.
    pub(super) fn key_der(&self) -> &[u8] {
        self.1.secret_der()
    }
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientIdentity({} certificates)", self.0.cert.len())
    }
}

/// A request that can't be fulfilled, whatever the server does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(pub(super) String);

impl Error {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
