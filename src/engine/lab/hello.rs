//! Our ClientHello, and the ServerHello that answers it (RFC 5246, sections 7.4.1.2 and 7.4.1.3; RFC 8446, section 4.1).

use super::conn::{Conn, Resumable};
use super::handshake::Handshake;
use super::refusal::*;
use super::state::{State, unexpected};
use super::{Psk, Setup, classic, suites, tls13};
use crate::capture::Offer;
use crate::crypto::random;
use crate::engine::Error;
use crate::engine::hello::{Fresh, Hello, Template};
use crate::wire::codepoints::version::{TLS_1_0, TLS_1_2, TLS_1_3};
use crate::wire::codepoints::{CipherSuite, ProtocolVersion};
use crate::wire::extension::{
    cookie, key_share, psk_key_exchange_modes, renegotiation_info, session_ticket, supported_versions,
};
use crate::wire::handshake::hello_retry_request;
use crate::wire::handshake::{lists, types};
use crate::wire::writer::TooLong;

/// The signature schemes that are offered if the user names none: those of today first, then those of old servers.
pub const SCHEMES: [u16; 13] =
    [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601, 0x0807, 0x0809, 0x0203, 0x0201];

/// The ClientHello of an offer, with what this engine offers where the offer leaves that open. `session` is offered for
/// resumption; the shares' private halves stay in `fresh`.
pub fn of_offer(
    offer: &Offer,
    sni: Option<&str>,
    psk: Option<&Psk>,
    session: Option<&Resumable>,
    fresh: &mut Fresh,
) -> Result<Hello, Error> {
    let tls13 = offer.max >= TLS_1_3;
    let mut offer = offer.clone();
    let ciphers = offer.ciphers.take().unwrap_or_else(|| suites::default_list(&offer, psk.is_some()));
    if ciphers.is_empty() {
        return Err(Error::new("no cipher suite is left to be offered"));
    }
    offer.ciphers = Some(ciphers);
    offer.sigalgs.get_or_insert_with(|| SCHEMES.to_vec());
    let mut hello = Template::offer(&offer, sni)?.build(fresh)?;
    if let Some(session) = session {
        let id = match &session.ticket {
            // A ticket needs an id by which its acceptance is told (RFC 5077, section 3.4).
            Some(_) => random(32).ok_or_else(|| Error::new("the system has no random numbers"))?,
            None => session.id.clone(),
        };
        hello.session_id = id;
        if hello.extension(session_ticket::EXTENSION.code).is_some() {
            hello.set_extension(session_ticket::EXTENSION.code, session.ticket.clone().unwrap_or_default());
        }
    }
    if let Some(psk) = psk.filter(|_| tls13) {
        // With a key share, and without.
        let modes = psk_key_exchange_modes::write(&[1, 0]).map_err(|error| Error::new(error.to_string()))?;
        hello.set_extension(psk_key_exchange_modes::EXTENSION.code, modes);
        tls13::offer_psk(&mut hello, psk, &[]).map_err(Error::new)?;
    }
    Ok(hello)
}

/// The hello of a renegotiation: what was offered before, bound to the handshake that it stands in.
pub fn renegotiating(before: &Hello, client_finished: &[u8]) -> Result<Hello, Refusal> {
    let internal = |error: TooLong| Refusal::internal(error.to_string());
    let mut hello = before.clone();
    hello.random.copy_from_slice(&random(32).ok_or_else(|| Refusal::internal("no random bytes"))?);
    hello.session_id.clear();
    hello.cipher_suites.retain(|code| *code != CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV.0);
    // The version stays what it is (RFC 8446, section 4.1.2).
    for code in [
        supported_versions::EXTENSION.code,
        key_share::EXTENSION.code,
        psk_key_exchange_modes::EXTENSION.code,
        crate::wire::extension::pre_shared_key::EXTENSION.code,
    ] {
        hello.remove_extension(code);
    }
    if hello.extension(session_ticket::EXTENSION.code).is_some() {
        hello.set_extension(session_ticket::EXTENSION.code, Vec::new());
    }
    let binding = renegotiation_info::write(client_finished).map_err(internal)?;
    hello.set_extension(renegotiation_info::EXTENSION.code, binding);
    Ok(hello)
}

/// The server's choice.
pub struct ExpectServerHello {
    pub hs: Box<Handshake>,
    /// The private halves of our key shares.
    fresh: Fresh,
    session: Option<Resumable>,
    /// A HelloRetryRequest came.
    retried: bool,
    /// A renegotiation: the version in force.
    renegotiates: Option<ProtocolVersion>,
}

impl ExpectServerHello {
    /// At the start of a connection.
    pub fn new(hs: Box<Handshake>, fresh: Fresh, session: Option<Resumable>) -> Self {
        Self { hs, fresh, session, retried: false, renegotiates: None }
    }

    /// Within a connection of this version.
    pub fn renegotiating(hs: Box<Handshake>, version: ProtocolVersion) -> Self {
        Self { hs, fresh: Fresh::default(), session: None, retried: false, renegotiates: Some(version) }
    }

    pub fn message(mut self, bytes: &[u8], conn: &mut Conn) -> Result<State, Refusal> {
        if bytes.first() != Some(&types::SERVER_HELLO) {
            return unexpected("ServerHello", bytes);
        }
        self.hs.hear(bytes)?;
        let version = self.hs.version();
        self.check_version(bytes, version, &conn.setup)?;
        self.check_choices(bytes, version)?;
        self.hs.check_alpn()?;
        if is_retry(bytes) {
            if version != ProtocolVersion::TLS_1_3 || self.retried {
                return refuse(Alert::unexpected_message, "HelloRetryRequest at the wrong place");
            }
            // From here on a ChangeCipherSpec means nothing, whether or not we send one.
            tls13::retry(&mut self.hs, &mut self.fresh, bytes, conn)?;
            conn.records.tls13 = true;
            self.retried = true;
            return Ok(State::ServerHello(self));
        }
        conn.records.version = version.0.min(TLS_1_2);
        if version == ProtocolVersion::TLS_1_3 {
            return tls13::after_server_hello(self.hs, self.fresh, bytes, conn);
        }
        conn.records.limit(Handshake::server_extensions(bytes).into_iter())?;
        self.check_downgrade(version)?;
        self.check_renegotiation(bytes, conn)?;
        let id = self.hs.facts.server_session_id.map(|id| self.hs.bytes(id)).unwrap_or_default();
        match self.session.take() {
            Some(session) if !id.is_empty() && id == self.hs.hello.session_id => {
                classic::resume(self.hs, &session, conn)
            }
            _ => classic::after_server_hello(self.hs, conn),
        }
    }

    fn check_version(&self, bytes: &[u8], version: ProtocolVersion, setup: &Setup) -> Result<(), Refusal> {
        let hello = &self.hs.hello;
        // RFC 8446, section 4.2.1: TLS 1.3 is chosen by the extension, and nothing else is.
        let extension = supported_versions::EXTENSION.code;
        let extension = Handshake::server_extensions(bytes).iter().any(|(code, _)| *code == extension);
        if extension != (version == ProtocolVersion::TLS_1_3) {
            return refuse(
                Alert::illegal_parameter,
                format!("supported_versions and {version} do not go together in a ServerHello"),
            );
        }
        let offered = match (self.renegotiates, hello.extension(supported_versions::EXTENSION.code)) {
            (Some(in_force), _) => version == in_force,
            (None, Some(list)) => {
                lists::codes(list.get(1..).unwrap_or_default()).any(|code| code == version.0)
            }
            (None, None) => (setup.min..=hello.legacy_version).contains(&version.0),
        };
        match offered {
            true => Ok(()),
            false => {
                refuse(Alert::protocol_version, format!("the server chose {version}, which was not offered"))
            }
        }
    }

    /// Suite, compression and extensions are among what was offered.
    fn check_choices(&self, bytes: &[u8], version: ProtocolVersion) -> Result<(), Refusal> {
        let hello = &self.hs.hello;
        let suite = self.hs.suite()?;
        if !hello.cipher_suites.contains(&suite.code) || CipherSuite(suite.code).is_signal() {
            return refuse(
                Alert::illegal_parameter,
                format!("the server chose {}, which was not offered", suite.name),
            );
        }
        if suite.is_tls13() != (version == ProtocolVersion::TLS_1_3) {
            return refuse(Alert::illegal_parameter, format!("{} does not go with the version", suite.name));
        }
        if self.hs.facts.compression_method != 0 {
            return refuse(Alert::illegal_parameter, "the server chose a compression that was not offered");
        }
        let signalled = hello.cipher_suites.contains(&CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV.0);
        let unasked = |code: u16| match code {
            // The signalling suite stands for it (RFC 5746, section 3.6).
            code if code == renegotiation_info::EXTENSION.code => signalled,
            // RFC 8446, section 4.2.2
            code if code == cookie::EXTENSION.code => is_retry(bytes),
            _ => false,
        };
        let answers = Handshake::server_extensions(bytes).into_iter();
        self.hs.check_answers(answers.filter(|(code, _)| !unasked(*code)))
    }

    /// The end of the server's random says whether it could do better (RFC 8446, section 4.1.3).
    fn check_downgrade(&self, version: ProtocolVersion) -> Result<(), Refusal> {
        let (_, random) = self.hs.randoms();
        let offered = |version: u16| match self.hs.hello.extension(supported_versions::EXTENSION.code) {
            Some(list) => lists::codes(list.get(1..).unwrap_or_default()).any(|code| code >= version),
            None => self.hs.hello.legacy_version >= version,
        };
        let downgraded = (version == ProtocolVersion::TLS_1_2
            && offered(TLS_1_3)
            && random.ends_with(b"DOWNGRD\x01"))
            || (version < ProtocolVersion::TLS_1_2 && offered(TLS_1_2) && random.ends_with(b"DOWNGRD\x00"));
        match downgraded && self.renegotiates.is_none() {
            true => refuse(
                Alert::illegal_parameter,
                "the server's random says that a higher version was possible: a downgrade",
            ),
            false => Ok(()),
        }
    }

    /// RFC 5746, sections 3.4 and 3.5.
    fn check_renegotiation(&self, bytes: &[u8], conn: &mut Conn) -> Result<(), Refusal> {
        let info = Handshake::server_extensions(bytes).into_iter();
        let info =
            info.filter(|(code, _)| *code == renegotiation_info::EXTENSION.code).map(|(_, info)| info).next();
        let expected = match self.renegotiates {
            Some(_) => conn.finished.concat(),
            None => Vec::new(),
        };
        let expected = [&[expected.len() as u8][..], &expected].concat();
        match info {
            Some(info) if info == expected => {
                conn.secure_renegotiation = true;
                Ok(())
            }
            Some(_) => refuse(Alert::handshake_failure, "renegotiation_info is not that of this connection"),
            None if self.renegotiates.is_some() => refuse(
                Alert::handshake_failure,
                "the renegotiation is not bound to the handshake before (no renegotiation_info)",
            ),
            None => Ok(()),
        }
    }
}

/// Whether a ServerHello is a HelloRetryRequest (RFC 8446, section 4.1.3).
fn is_retry(bytes: &[u8]) -> bool {
    bytes.get(6..38) == Some(&hello_retry_request::RANDOM)
}

/// The version in the header of the first record: old servers want it low.
pub fn first_record_version(hello: &Hello) -> u16 {
    hello.legacy_version.min(TLS_1_0)
}
