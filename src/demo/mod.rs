//! A TLS server of our own on loopback, so that `tls-trace demo` needs no network.
//!
//! A [`Scenario`] is a row: what it shows, the exit code that it deserves, and how to set it up. [`start`]
//! makes the certificates, binds a port that the system picks and answers from threads of its own; the
//! [`Stage`] that comes back says where the server is and how the client has to behave for the scenario to
//! happen. Nothing here knows the rest of the crate: to the tracing side this is a server like any other.
//!
//! A new scenario is a constant in the file of its family and a row in [`SCENARIOS`].

mod certificates;
mod classic;
pub mod classic_server;
mod client_auth;
mod handshake;
mod hostile;
mod pki;
mod recorded;
pub mod recordings;
mod refusal;
pub mod script;
mod server;
mod staple;
mod starttls;
#[cfg(test)]
mod testing;
mod tls;
mod transport;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// The name that the demo's client sends and verifies. `.test` never resolves (RFC 6761), so that nobody
/// mistakes it for a real host.
pub const HOST: &str = "demo.tls-trace.test";

/// One thing that can happen between a client and a server.
pub struct Scenario {
    pub name: &'static str,
    /// One sentence, for `demo --list`: beside the name it fits 80 columns.
    pub about: &'static str,
    /// What the process exits with when the client behaves as [`Stage::client`] says.
    pub exit_code: u8,
    setup: fn() -> io::Result<Plan>,
}

/// Every scenario, in the order in which they are listed; the first is the default.
pub static SCENARIOS: &[Scenario] = &[
    handshake::TLS13,
    handshake::TLS12,
    handshake::RETRY,
    handshake::RESUMPTION,
    handshake::COMPRESSED,
    handshake::LARGE_CHAIN,
    recorded::ECH,
    recorded::ECH_REJECTED,
    client_auth::CLIENT_CERT,
    client_auth::CLIENT_CERT_MISSING,
    starttls::SMTP,
    starttls::IMAP,
    starttls::POSTGRES,
    starttls::REFUSED,
    starttls::INJECTION,
    starttls::CONNECT,
    starttls::SOCKS5,
    certificates::EXPIRED,
    certificates::NOT_YET_VALID,
    certificates::WRONG_NAME,
    certificates::UNTRUSTED,
    certificates::MISSING_INTERMEDIATE,
    certificates::SELF_SIGNED,
    certificates::EXPIRED_INTERMEDIATE,
    certificates::PATH_LENGTH,
    certificates::WRONG_EKU,
    certificates::CN_ONLY,
    certificates::WRONG_ORDER,
    certificates::ROOT_SENT,
    certificates::UNUSED_EXTRA,
    certificates::MUST_STAPLE,
    staple::STAPLED,
    staple::REVOKED,
    certificates::WILDCARD,
    certificates::IP_NAME,
    classic::RSA_KX,
    classic::CBC,
    classic::DHE,
    classic::TLS10,
    classic::RENEGOTIATION,
    classic::PSK,
    refusal::ALPN_MISMATCH,
    refusal::VERSION_MISMATCH,
    transport::PLAINTEXT,
    transport::SILENT,
    transport::RESET,
    transport::TRUNCATED,
    hostile::DRIP,
    hostile::HALF_CLOSE,
    hostile::BOMB,
    hostile::MANY_CERTIFICATES,
    hostile::KEY_UPDATES,
    hostile::EMPTY_RECORDS,
    hostile::TWO_HELLOS,
    hostile::RETRY_TWICE,
    hostile::SUITE_NOT_OFFERED,
    hostile::DOWNGRADE,
    hostile::WRONG_ECHO,
    hostile::WRONG_SIGNATURE,
    hostile::WRONG_FINISHED,
    hostile::LATE_ALERT,
    hostile::BAD_PADDING,
    hostile::NEEDS_SNI,
    hostile::SNI_FILTER,
    hostile::SIZE_LIMIT,
    hostile::HYBRID_INTOLERANT,
    hostile::VERSION_INTOLERANT,
    hostile::EXTENSION_INTOLERANT,
    hostile::EXTENSION_LIMIT,
    hostile::TWO_CAUSES,
    hostile::OLD_SERVER,
    hostile::FLAKY,
    hostile::RATE_LIMIT,
];

/// Where each group of [`SCENARIOS`] begins, and its title.
pub static GROUPS: &[(&str, &str)] = &[
    ("tls13", "handshakes"),
    ("client-cert", "client certificates"),
    ("starttls-smtp", "before TLS"),
    ("expired", "certificates"),
    ("rsa-kx", "obsolete cryptography"),
    ("alpn-mismatch", "failures"),
    ("drip", "hostile servers"),
    ("needs-sni", "servers that reject something (append --diagnose)"),
];

pub fn find(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.name == name)
}

/// Makes what the scenario needs and starts its server.
pub fn start(scenario: &Scenario) -> io::Result<Stage> {
    (scenario.setup)().and_then(staged).map_err(|e| {
        io::Error::new(e.kind(), format!("the demo's server for {:?} can't start: {e}", scenario.name))
    })
}

fn staged(plan: Plan) -> io::Result<Stage> {
    let server = server::Server::start(plan.act)?;
    Ok(Stage { address: server.address(), host: plan.host, ca: plan.ca, client: plan.client, server })
}

/// A running server, and what its client needs to know. Dropping it ends the server and its threads.
#[derive(Debug)]
pub struct Stage {
    pub address: SocketAddr,
    /// The name to send and, unless [`Client::verify_name`] differs, to verify. An address is not sent.
    pub host: String,
    /// The root certificate, DER.
    pub ca: Vec<u8>,
    pub client: Client,
    #[cfg_attr(not(test), expect(dead_code, reason = "held for its Drop, which ends the server"))]
    server: server::Server,
}

/// How the client has to behave.
#[derive(Debug, Clone)]
pub struct Client {
    /// Application protocols to offer; none: no ALPN.
    pub alpn: Vec<String>,
    /// Lowest and highest version to offer, as on the wire: 0x0303, 0x0304.
    pub tls_min: Option<u16>,
    pub tls_max: Option<u16>,
    /// cipher_suites to offer, where they are not the engine's own.
    pub ciphers: Option<Vec<u16>>,
    /// supported_groups to offer, where they are not the engine's own.
    pub groups: Option<Vec<u16>>,
    /// The dialogue that it holds before TLS.
    pub starttls: Option<String>,
    /// It sends no server_name.
    pub no_sni: bool,
    pub psk: Option<Psk>,
    /// How long to listen after the handshake.
    pub settle: Option<Duration>,
    /// What to authenticate with when asked.
    pub certificate: Option<Identity>,
    /// The name to verify, where it is not the one that is sent.
    pub verify_name: Option<String>,
    /// How many connections, one after the other, sharing one session store.
    pub connections: u8,
    /// What to send as early data once a session permits it.
    pub early_data: Option<Vec<u8>>,
    pub max_time: Option<Duration>,
    /// A saved trace that is shown instead of connecting.
    pub replays: Option<&'static [u8]>,
    /// Whether the client trusts [`Stage::ca`].
    pub trust_root: bool,
}

impl Default for Client {
    fn default() -> Client {
        Client {
            alpn: Vec::new(),
            tls_min: None,
            tls_max: None,
            ciphers: None,
            groups: None,
            starttls: None,
            no_sni: false,
            psk: None,
            settle: None,
            certificate: None,
            verify_name: None,
            connections: 1,
            early_data: None,
            max_time: None,
            replays: None,
            trust_root: true,
        }
    }
}

/// A pre-shared key and its name.
#[derive(Clone)]
pub struct Psk {
    pub identity: Vec<u8>,
    pub key: Vec<u8>,
}

/// A secret, a throw-away one too: it shows its length only.
impl fmt::Debug for Psk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Psk({}, {} bytes)", String::from_utf8_lossy(&self.identity), self.key.len())
    }
}

/// A certificate chain with its key.
#[derive(Clone)]
pub struct Identity {
    /// DER, the leaf first.
    pub chain: Vec<Vec<u8>>,
    /// PKCS#8, DER.
    pub key: Vec<u8>,
}

/// The key is a secret, a throw-away one too: it shows its length only.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({} certificates, key of {} bytes)", self.chain.len(), self.key.len())
    }
}

/// A scenario that is set up, but has no port yet.
struct Plan {
    act: server::Act,
    host: String,
    ca: Vec<u8>,
    client: Client,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn names_are_unique_and_can_be_found() {
        for scenario in SCENARIOS {
            let found = find(scenario.name).unwrap();
            assert!(std::ptr::eq(found, scenario), "{} stands twice in the table", scenario.name);
        }
        assert_eq!(SCENARIOS[0].name, "tls13");
        let place = |name: &str| SCENARIOS.iter().position(|scenario| scenario.name == name).unwrap();
        assert!(GROUPS.iter().map(|(first, _)| place(first)).is_sorted() && place(GROUPS[0].0) == 0);
        assert!(find("tls14").is_none());
    }

    #[test]
    fn rows_are_fit_for_a_list() {
        for Scenario { name, about, exit_code, .. } in SCENARIOS {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{name}"
            );
            assert!(about.ends_with('.') && about.matches(". ").count() == 0, "{name}: one sentence");
            // Side by side in 80 columns.
            assert!(name.len() <= 20 && about.len() <= 56, "{name}: {} characters", about.len());
            assert!([0, 1, 3, 4, 5].contains(exit_code), "{name}: exit code {exit_code}");
        }
    }

    #[test]
    fn a_stage_that_ends_takes_its_connections_along() {
        let stage = start(&SCENARIOS[0]).unwrap();
        let address = stage.address;
        assert!(address.ip().is_loopback());
        let mut idle = TcpStream::connect(address).unwrap();
        testing::finish(stage);
        // The listener is gone, as `finish` has waited for; the idle connection ends too.
        assert!(matches!(io::Read::read(&mut idle, &mut [0; 1]), Ok(0) | Err(_)));
    }

    #[test]
    fn debug_hides_the_key() {
        let identity = Identity { chain: vec![vec![1, 2]], key: vec![0xab; 32] };
        assert_eq!(format!("{identity:?}"), "Identity(1 certificates, key of 32 bytes)");
    }
}
