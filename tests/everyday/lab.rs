//! A certification authority, and servers that it vouches for.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use serde_json::Value;
use tempfile::TempDir;

use crate::authority::Authority;
use crate::common::{file, scratch, text};
use crate::server::{Setup, converse};

pub struct Lab {
    pub directory: TempDir,
    pub authority: Authority,
    /// Its certificate, PEM.
    pub ca: PathBuf,
}

impl Lab {
    pub fn new() -> Lab {
        Lab::of(Authority::new())
    }

    /// One that the others do not know.
    pub fn stranger() -> Lab {
        Lab::of(Authority::called("Another CA"))
    }

    fn of(authority: Authority) -> Lab {
        let directory = scratch();
        let ca = file(&directory, "ca.pem");
        std::fs::write(&ca, pem("CERTIFICATE", &authority.der())).unwrap();
        Lab { directory, authority, ca }
    }

    /// The words that trace the server at `address`, called localhost, with our CA.
    pub fn words<'a>(&'a self, address: SocketAddr, flags: &[&'a str]) -> Vec<String> {
        let port = address.port();
        let words =
            [&format!("localhost:{port}"), "--resolve", &format!("localhost:{port}:{}", address.ip())];
        let all = words.into_iter().chain(["--cacert", text(&self.ca)]).chain(flags.iter().copied());
        all.map(str::to_owned).collect()
    }

    /// A server of TLS that serves as many connections as there are, on a port of its own.
    pub fn server(&self, setup: Setup) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        serve_all(listener, setup.config(&self.authority));
        address
    }

    /// A file in the lab's directory.
    pub fn file(&self, name: &str) -> PathBuf {
        file(&self.directory, name)
    }
}

/// Until the test program ends.
pub fn serve_all(listener: TcpListener, config: Arc<ServerConfig>) {
    std::thread::spawn(move || {
        while let Ok((tcp, _)) = listener.accept() {
            let config = config.clone();
            std::thread::spawn(move || converse(&config, tcp));
        }
    });
}

/// As a block of PEM.
pub fn pem(tag: &str, der: &[u8]) -> String {
    pem::encode(&pem::Pem::new(tag, der))
}

/// Bytes that look random and are the same each time.
pub fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// The states of the checks with this id, on each connection.
pub fn states<'a>(document: &'a Value, id: &str) -> Vec<&'a str> {
    let connections = document["connections"].as_array().unwrap();
    let checks = connections.iter().flat_map(|connection| connection["checks"].as_array().unwrap());
    checks.filter(|check| check["id"] == id).map(|check| check["state"].as_str().unwrap()).collect()
}

pub fn saved(path: &Path) -> tls_trace::capture::Session {
    tls_trace::capture::saved::parse(&std::fs::read(path).unwrap()).unwrap()
}

/// Owner only.
#[cfg(unix)]
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o777
}
