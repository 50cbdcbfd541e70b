//! From a request to rustls's configuration.

use std::sync::{Arc, LazyLock};

use rustls::client::{Resumption, Tls12Resumption};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::{DnsName, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CipherSuite, ClientConfig, NamedGroup, SupportedCipherSuite, SupportedProtocolVersion, Tls13CipherSuite,
};

use super::client_auth::ClientAuth;
use super::groups::Grease;
use super::keylog::Keys;
use super::sessions::Store;
use super::verifier::Verifier;
use super::{Error, Request, ech, offer as offered};
use crate::capture::Offer;
use crate::wire::codepoints::VERSIONS;
use crate::wire::codepoints::version::{TLS_1_2, TLS_1_3};

/// What all connections of a request share.
#[derive(Debug)]
pub struct Setup {
    config: ClientConfig,
    pub name: ServerName<'static>,
    pub verifier: Arc<Verifier>,
    pub auth: Arc<ClientAuth>,
    /// The group that gets a key share, when it is not the first.
    share: Option<NamedGroup>,
}

/// What belongs to one connection.
pub struct Equipment {
    pub config: Arc<ClientConfig>,
    pub store: Arc<Store>,
}

impl Setup {
    /// As `request` says; fails if rustls can't do that.
    pub fn new(request: &Request) -> Result<Self, Error> {
        let offer = &request.offer;
        let versions = versions(offer)?;
        let mut provider = offered::provider(offer)?;
        let schemes = offered::signature_algorithms(offer, &provider);
        let share = offer.shares.iter().flatten().next().map(|group| NamedGroup::from(*group));
        let share = if offer.grease { share.or(grease(&mut provider)) } else { share };

        let algorithms = provider.signature_verification_algorithms;
        let verifier =
            Verifier::new(&request.intent, &request.question, &request.anchors, schemes, algorithms)?
                .rejecting_for(request.ech.as_ref(), &name(request)?);
        let auth = ClientAuth::new(request.client.clone());
        let (verifier, auth) = match &request.resumption {
            Some(sessions) => sessions.parties(verifier, auth),
            None => (Arc::new(verifier), Arc::new(auth)),
        };

        let builder = ClientConfig::builder_with_provider(Arc::new(provider));
        let builder = match &request.ech {
            // An inner hello offers nothing older (RFC 9849, section 6.1), and rustls's outer one neither.
            Some(_) if !offer.has(TLS_1_3) => return Err(Error("ECH needs TLS 1.3".into())),
            Some(offered) => builder.with_ech(ech::mode(offered)?),
            None => builder.with_protocol_versions(&versions),
        };
        let builder = builder.map_err(|error| Error(format!("rustls refuses this offer: {error}")))?;
        let mut config = builder
            .dangerous()
            .with_custom_certificate_verifier(verifier.clone())
            .with_client_cert_resolver(auth.clone());
        for protocol in &offer.alpn {
            if protocol.is_empty() || protocol.len() > 255 {
                return Err(Error("an ALPN protocol name has 1 to 255 bytes".into()));
            }
        }
        config.alpn_protocols = offer.alpn.clone();
        config.enable_sni = request.intent.sni.is_some();
        config.enable_early_data = request.early_data.is_some();
        if offer.no_tickets {
            let none = rustls::client::TicketRequest { new_session_count: 0, resumption_count: 0 };
            config.send_ticket_request = Some(none);
        }
        Ok(Self { config, name: name(request)?, verifier, auth, share })
    }

    /// For one more connection, whose secrets go to `keys`.
    pub fn equip(&self, request: &Request, keys: &Arc<Keys>) -> Equipment {
        self.verifier.reset();
        self.auth.reset();
        let store = Arc::new(Store::new(request.resumption.clone(), self.share));
        let mut config = self.config.clone();
        config.key_log = keys.clone();
        config.resumption = Resumption::store(store.clone()).tls12_resumption(if request.offer.no_tickets {
            Tls12Resumption::SessionIdOnly
        } else {
            Tls12Resumption::SessionIdOrTickets
        });
        Equipment { config: Arc::new(config), store }
    }
}

fn versions(offer: &Offer) -> Result<Vec<&'static SupportedProtocolVersion>, Error> {
    let known = [(TLS_1_3, &TLS13), (TLS_1_2, &TLS12)];
    let versions: Vec<_> =
        known.iter().filter(|(version, _)| offer.has(*version)).map(|(_, known)| *known).collect();
    if versions.is_empty() {
        let [min, max] = [offer.min, offer.max].map(|version| VERSIONS.show(version));
        return Err(Error(format!("no version is at least {min} and at most {max}")));
    }
    Ok(versions)
}

/// The name that rustls knows the server by: it goes into server_name, and sessions are filed
/// under it. (What the certificate must carry is the verifier's business.)
fn name(request: &Request) -> Result<ServerName<'static>, Error> {
    let intent = &request.intent;
    if let Some(sni) = &intent.sni {
        return match DnsName::try_from(sni.clone()) {
            Ok(name) => Ok(ServerName::DnsName(name)),
            Err(_) if sni.parse::<std::net::IpAddr>().is_ok() => Err(Error(format!(
                "`{sni}` can't be sent in server_name: RFC 6066 allows no addresses in it"
            ))),
            Err(_) => Err(Error(format!("`{sni}` can't be sent in server_name: it is no DNS name"))),
        };
    }
    let unspecified = ServerName::IpAddress(std::net::Ipv4Addr::UNSPECIFIED.into());
    Ok(ServerName::try_from(request.connect.host.clone()).unwrap_or(unspecified))
}

/// Puts a reserved value before the suites and before the groups. Returns the group whose key
/// share is sent, for the first one can't have any.
fn grease(provider: &mut CryptoProvider) -> Option<NamedGroup> {
    let share = provider.kx_groups.first().map(|group| group.name());
    let tls13 = provider.cipher_suites.iter().any(|suite| suite.tls13().is_some());
    if tls13 && let Some(suite) = GREASE_SUITE.as_ref() {
        provider.cipher_suites.insert(0, SupportedCipherSuite::Tls13(suite));
    }
    let groups: &'static [Grease; 16] = &GREASE_GROUPS;
    if let Some(group) = groups.get(usize::from(random_nibble(provider))) {
        let group: &'static dyn SupportedKxGroup = group;
        provider.kx_groups.insert(0, group);
    }
    share
}

/// RFC 8701: 0x0a0a, 0x1a1a, …, 0xfafa.
static GREASE_GROUPS: [Grease; 16] = {
    const fn grease(nibble: u16) -> Grease {
        Grease((nibble << 4 | 0xa) * 0x0101)
    }
    [
        grease(0),
        grease(1),
        grease(2),
        grease(3),
        grease(4),
        grease(5),
        grease(6),
        grease(7),
        grease(8),
        grease(9),
        grease(10),
        grease(11),
        grease(12),
        grease(13),
        grease(14),
        grease(15),
    ]
};

/// rustls wants a suite to be static and whole; no server may choose this one.
static GREASE_SUITE: LazyLock<Option<Tls13CipherSuite>> = LazyLock::new(|| {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let model = provider.cipher_suites.iter().find_map(SupportedCipherSuite::tls13)?;
    Some(Tls13CipherSuite {
        common: rustls::CipherSuiteCommon {
            suite: CipherSuite::from(GREASE_GROUPS.get(usize::from(random_nibble(&provider)))?.0),
            hash_provider: model.common.hash_provider,
            confidentiality_limit: model.common.confidentiality_limit,
        },
        hkdf_provider: model.hkdf_provider,
        aead_alg: model.aead_alg,
        quic: None,
    })
});

fn random_nibble(provider: &CryptoProvider) -> u8 {
    let mut byte = [0];
    // Any value will do.
    let _ = provider.secure_random.fill(&mut byte);
    byte[0] & 0x0f
}
