//! The server that behaves, behind the rules.

use std::io::{self, Read};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use serde::Deserialize;

use super::hear::Again;
use crate::demo::classic_server::{Change, Mischief, Server};
use crate::demo::pki::{Credentials, Pki, rsa_credentials};
use crate::demo::tls::Recipe;
use crate::wire::codepoints::{CipherSuite, ProtocolVersion};

/// What it is like; what is not given is as rustls has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Good {
    min: Option<u16>,
    max: Option<u16>,
    suites: Option<Vec<u16>>,
    groups: Option<Vec<u16>>,
    alpn: Vec<String>,
    /// Its key is an RSA key.
    rsa: bool,
    /// It wants a client certificate.
    client_certificate: bool,
    /// In place of rustls, a server of old TLS.
    old: Option<Old>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Old {
    version: u16,
    suite: u16,
    /// What is wrong with its first sealed record.
    #[serde(default)]
    corrupt: Option<Corrupt>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Corrupt {
    Mac,
    Padding,
    Length,
}

impl Corrupt {
    fn change(self) -> Change {
        match self {
            // The IV of the first block.
            Corrupt::Mac => |record| record.iter_mut().skip(5).take(1).for_each(|byte| *byte ^= 1),
            // The last block but one decides on the padding.
            Corrupt::Padding => {
                |record| record.iter_mut().rev().skip(16).take(1).for_each(|byte| *byte ^= 0x40)
            }
            Corrupt::Length => |record| {
                record.truncate(20);
                record.iter_mut().skip(4).take(1).for_each(|low| *low = 15);
            },
        }
    }
}

/// Ready to serve.
pub(super) enum Serving {
    Rustls(Arc<ServerConfig>),
    Old(Box<Server>),
}

impl Good {
    pub(super) fn ready(&self, pki: &Pki, credentials: &Credentials) -> io::Result<Serving> {
        if let Some(old) = self.old {
            let identity = rsa_credentials(pki)?.identity();
            let record = old.corrupt.map(Corrupt::change);
            return Ok(Serving::Old(Box::new(Server {
                version: ProtocolVersion(old.version),
                cipher_suite: CipherSuite(old.suite),
                chain: identity.chain,
                key: identity.key,
                extended_master_secret: old.version > 0x0300,
                mischief: Mischief { record, ..Mischief::default() },
                ..Server::default()
            })));
        }
        let mut recipe = Recipe::default();
        if let Some(suites) = &self.suites {
            recipe.provider.cipher_suites.retain(|suite| suites.contains(&u16::from(suite.suite())));
        }
        if let Some(groups) = &self.groups {
            recipe.provider.kx_groups = rustls::crypto::aws_lc_rs::ALL_KX_GROUPS.to_vec();
            recipe.provider.kx_groups.retain(|group| groups.contains(&u16::from(group.name())));
        }
        if self.client_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(pki.root_der().into()).map_err(io::Error::other)?;
            let provider = Arc::new(recipe.provider.clone());
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            recipe.client_verifier = verifier.map_err(io::Error::other)?;
        }
        let rsa = if self.rsa { Some(rsa_credentials(pki)?) } else { None };
        let mut versions = vec![&TLS12, &TLS13];
        versions.retain(|it| {
            let code = u16::from(it.version);
            code >= self.min.unwrap_or(0) && code <= self.max.unwrap_or(u16::MAX)
        });
        let mut config = recipe.config_of(&versions, rsa.as_ref().unwrap_or(credentials))?;
        config.alpn_protocols = self.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(Serving::Rustls(Arc::new(config)))
    }
}

impl Serving {
    /// From the ClientHello, which was read already, to the client's goodbye.
    pub(super) fn serve(&self, heard: Vec<u8>, tcp: &TcpStream) -> io::Result<()> {
        let mut stream = Again { heard: io::Cursor::new(heard), tcp };
        match self {
            Serving::Old(server) => server.serve(&mut stream),
            Serving::Rustls(config) => {
                let mut tls = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
                while tls.is_handshaking() {
                    tls.complete_io(&mut stream)?;
                }
                let mut said = Vec::new();
                let _ = rustls::Stream::new(&mut tls, &mut stream).take(1 << 20).read_to_end(&mut said);
                tls.send_close_notify();
                tls.write_tls(&mut stream).map(drop)
            }
        }
    }
}
