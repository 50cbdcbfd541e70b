//! TLS 1.3, one state for each message that is waited for, in the order of RFC 8446, section 2:
//!
//! ```text
//! ClientHello
//! + key_share, pre_shared_key*  -------->
//!                                                  ServerHello
//!                                       {EncryptedExtensions}
//!                                       {CertificateRequest*}
//!                                              {Certificate*}
//!                                        {CertificateVerify*}
//!                               <--------          {Finished}
//! {Certificate*}
//! {CertificateVerify*}
//! {Finished}                    -------->
//! ```

use rustls::compress::{BROTLI_DECOMPRESSOR, CertDecompressor, ZLIB_DECOMPRESSOR};

use super::Psk;
use super::client_auth;
use super::conn::Conn;
use super::handshake::{Handshake, message};
use super::refusal::*;
use super::state::{State, unexpected};
use crate::capture::Label;
use crate::crypto::hash::Hash;
use crate::crypto::hkdf;
use crate::crypto::record::{Opener, Sealer};
use crate::crypto::signature::{self, Outcome};
use crate::crypto::suite::Suite;
use crate::engine::hello::{Fresh, Hello, Shares};
use crate::wire::Direction;
use crate::wire::codepoints::content_type::{CHANGE_CIPHER_SPEC, HANDSHAKE};
use crate::wire::extension::{
    self, application_settings, application_settings_old, compress_certificate, cookie, key_share,
    pre_shared_key, signature_algorithms, supported_groups,
};
use crate::wire::handshake::{self, lists, types};

/// A certificate list beyond this is not decompressed.
const MOST_DECOMPRESSED: usize = 1 << 18;

/// The key schedule up to the handshake (RFC 8446, section 7.1).
pub struct Schedule {
    suite: Suite,
    handshake: Vec<u8>,
    client: Vec<u8>,
    server: Vec<u8>,
    psk: bool,
}

/// The keys in force after the handshake.
pub struct Traffic {
    suite: Suite,
    client: Vec<u8>,
    server: Vec<u8>,
}

fn suite(hs: &Handshake) -> Result<Suite, Refusal> {
    match hs.facts.cipher_suite.and_then(Suite::of) {
        Some(suite) => Ok(suite),
        None => refuse(Alert::illegal_parameter, "the server chose a cipher suite that is not performed"),
    }
}

/// A HelloRetryRequest (RFC 8446, section 4.1.4): the second ClientHello.
pub fn retry(hs: &mut Handshake, fresh: &mut Fresh, bytes: &[u8], conn: &mut Conn) -> Result<(), Refusal> {
    let hash = suite(hs)?.hash;
    let extensions = Handshake::server_extensions(bytes);
    let content =
        |code: u16| extensions.iter().find(|(found, _)| *found == code).map(|(_, content)| *content);
    let mut changed = false;
    if let Some(cookie) = content(cookie::EXTENSION.code) {
        hs.hello.set_extension(cookie::EXTENSION.code, cookie.to_vec());
        changed = true;
    }
    if let Some(group) = content(key_share::EXTENSION.code).and_then(|group| <[u8; 2]>::try_from(group).ok())
    {
        let group = u16::from_be_bytes(group);
        let offered = hs.hello.extension(supported_groups::EXTENSION.code).and_then(|list| list.get(2..));
        let shared = hs.hello.extension(key_share::EXTENSION.code).and_then(|list| list.get(2..));
        if !lists::codes(offered.unwrap_or_default()).any(|code| code == group) {
            return refuse(
                Alert::illegal_parameter,
                format!("HelloRetryRequest names the group 0x{group:04x}, which was not offered"),
            );
        }
        if lists::key_share_groups(shared.unwrap_or_default()).any(|code| code == group) {
            return refuse(Alert::illegal_parameter, "HelloRetryRequest asks for a share that was sent");
        }
        *fresh = Fresh::default();
        let share = fresh.share(group).map_err(|error| Refusal::internal(error.to_string()))?;
        let Some(share) = share else {
            return refuse(
                Alert::handshake_failure,
                format!("the group 0x{group:04x} is not one that is performed"),
            );
        };
        let content =
            key_share::write(&[(group, share)]).map_err(|error| Refusal::internal(error.to_string()))?;
        hs.hello.set_extension(key_share::EXTENSION.code, content);
        changed = true;
    }
    if !changed {
        return refuse(Alert::illegal_parameter, "HelloRetryRequest that changes nothing");
    }
    // RFC 8446, section 4.4.1: the first hello counts as its hash.
    let first = hs.transcript.len().saturating_sub(bytes.len());
    let digest = hash.digest(&[hs.transcript.get(..first).unwrap_or_default()]);
    hs.transcript = [&[254, 0, 0, digest.len() as u8][..], &digest, bytes].concat();
    if let Some(psk) = conn.setup.psk.clone() {
        // It stays the last one.
        hs.hello.remove_extension(pre_shared_key::EXTENSION.code);
        offer_psk(&mut hs.hello, &psk, &hs.transcript).map_err(Refusal::internal)?;
    }
    let hello = hs.hello.write().map_err(|error| Refusal::internal(error.to_string()))?;
    hs.say(&hello);
    change_cipher_spec(hs, conn)?;
    conn.records.send(HANDSHAKE, &hello)
}

/// For middleboxes: a ChangeCipherSpec that means nothing (RFC 8446, appendix D.4).
fn change_cipher_spec(hs: &Handshake, conn: &mut Conn) -> Result<(), Refusal> {
    if hs.hello.session_id.is_empty() || conn.records.tls13 {
        return Ok(());
    }
    conn.records.tls13 = true;
    conn.records.send(CHANGE_CIPHER_SPEC, &[1])
}

/// Appends pre_shared_key with an external key and its binder (RFC 8446, section 4.2.11.2). `before`: the
/// transcript in front of this hello. The key goes with SHA-256, as all keys do of which nothing else is said.
pub fn offer_psk(hello: &mut Hello, psk: &Psk, before: &[u8]) -> Result<(), String> {
    let hash = Hash::Sha256;
    let with = |binder: Vec<u8>| pre_shared_key::write(&[(psk.identity.clone(), 0)], &[binder]);
    let placeholder = with(vec![0; hash.output_len()]).map_err(|error| error.to_string())?;
    hello.set_extension(pre_shared_key::EXTENSION.code, placeholder);
    let bytes = hello.write().map_err(|error| error.to_string())?;
    // What is in front of the list of binders: its length, one binder and that one's length.
    let end = bytes.len().saturating_sub(2 + 1 + hash.output_len());
    let early = hkdf::extract(hash, &[], &psk.key);
    let binder_key = hkdf::derive_secret(hash, &early, "ext binder", &hash.digest(&[]));
    let binder =
        hkdf::verify_data(hash, &binder_key, &hash.digest(&[before, bytes.get(..end).unwrap_or_default()]));
    hello.set_extension(pre_shared_key::EXTENSION.code, with(binder).map_err(|error| error.to_string())?);
    Ok(())
}

/// The key exchange, and the keys of the handshake.
pub fn after_server_hello(
    hs: Box<Handshake>,
    mut fresh: Fresh,
    bytes: &[u8],
    conn: &mut Conn,
) -> Result<State, Refusal> {
    let suite = suite(&hs)?;
    let hash = suite.hash;
    let extensions = Handshake::server_extensions(bytes);
    let share =
        extensions.iter().find(|(code, _)| *code == key_share::EXTENSION.code).map(|(_, share)| *share);
    let psk = match (hs.facts.psk, &conn.setup.psk) {
        (None, _) => None,
        (Some(0), Some(psk)) if hash == Hash::Sha256 => Some(psk.key.clone()),
        _ => {
            return refuse(
                Alert::illegal_parameter,
                "the server chose a pre-shared key that was not offered with its suite",
            );
        }
    };
    let shared = match share {
        None if psk.is_some() => vec![0; hash.output_len()],
        None => return refuse(Alert::illegal_parameter, "ServerHello without a key share"),
        Some(share) => agree(share, &mut fresh)?,
    };
    let early = hkdf::extract(hash, &[], psk.as_deref().unwrap_or(&vec![0; hash.output_len()]));
    let handshake =
        hkdf::extract(hash, &hkdf::derive_secret(hash, &early, "derived", &hash.digest(&[])), &shared);
    let transcript = hash.digest(&[&hs.transcript]);
    let client = hkdf::derive_secret(hash, &handshake, "c hs traffic", &transcript);
    let server = hkdf::derive_secret(hash, &handshake, "s hs traffic", &transcript);
    conn.secret(&hs, Label::ClientHandshakeTraffic, &client);
    conn.secret(&hs, Label::ServerHandshakeTraffic, &server);
    change_cipher_spec(&hs, conn)?;
    conn.records.tls13 = true;
    conn.records.open_with(Opener::tls13(suite, &server))?;
    conn.records.seal_with(Sealer::tls13(suite, &client))?;
    let schedule = Schedule { suite, handshake, client, server, psk: psk.is_some() };
    Ok(State::EncryptedExtensions(ExpectEncryptedExtensions { hs, schedule }))
}

/// The shared secret of a KeyShareEntry.
fn agree(share: &[u8], fresh: &mut Fresh) -> Result<Vec<u8>, Refusal> {
    let entry = share.split_first_chunk::<4>();
    let Some(([a, b, _, _], share)) = entry else {
        return refuse(Alert::decode_error, "ServerHello with half a key share");
    };
    let group = u16::from_be_bytes([*a, *b]);
    let Some(ours) = fresh.take(group) else {
        return refuse(
            Alert::illegal_parameter,
            format!("a share in the group 0x{group:04x}, in which we sent none"),
        );
    };
    match ours.agree(share) {
        Ok(secret) => Ok(secret.secret_bytes().to_vec()),
        Err(_) => refuse(Alert::illegal_parameter, "the server's key share is no element of its group"),
    }
}

/// The answers to our extensions, now encrypted.
pub struct ExpectEncryptedExtensions {
    hs: Box<Handshake>,
    schedule: Schedule,
}

impl ExpectEncryptedExtensions {
    pub fn message(mut self, bytes: &[u8], conn: &mut Conn) -> Result<State, Refusal> {
        if bytes.first() != Some(&types::ENCRYPTED_EXTENSIONS) {
            return unexpected("EncryptedExtensions", bytes);
        }
        self.hs.hear(bytes)?;
        let Self { hs, schedule } = self;
        // Header, length of the list.
        hs.check_answers(extension::each(bytes.get(4 + 2..).unwrap_or_default()))?;
        hs.check_alpn()?;
        conn.records.limit(extension::each(bytes.get(4 + 2..).unwrap_or_default()))?;
        Ok(match schedule.psk {
            true => State::Finished13(ExpectFinished { hs, schedule }),
            false => State::Certificate13(ExpectCertificate { hs, schedule }),
        })
    }
}

/// The server's certificate; before it CertificateRequest, once.
pub struct ExpectCertificate {
    hs: Box<Handshake>,
    schedule: Schedule,
}

impl ExpectCertificate {
    pub fn message(mut self, bytes: &[u8], conn: &mut Conn) -> Result<State, Refusal> {
        match bytes.first() {
            Some(&types::CERTIFICATE_REQUEST) if self.hs.facts.certificate_request.is_none() => {
                self.hs.hear(bytes)?;
                return Ok(State::Certificate13(self));
            }
            Some(&types::CERTIFICATE) => self.hs.hear(bytes)?,
            Some(&types::COMPRESSED_CERTIFICATE) if self.hs.offers(compress_certificate::EXTENSION.code) => {
                self.hs.hear(bytes)?;
                decompress(&mut self.hs)?;
            }
            _ => return unexpected("Certificate", bytes),
        }
        if self.hs.chain().is_empty() {
            return refuse(Alert::decode_error, "Certificate without a certificate");
        }
        conn.judge(&self.hs)?;
        Ok(State::CertificateVerify13(ExpectCertificateVerify { hs: self.hs, schedule: self.schedule }))
    }
}

/// RFC 8879, section 4.
fn decompress(hs: &mut Handshake) -> Result<(), Refusal> {
    let wrong =
        || Refusal { alert: Alert::bad_certificate, why: "CompressedCertificate does not decompress".into() };
    let (algorithm, length, span) = hs.facts.compressed.take().ok_or_else(wrong)?;
    let decompressor: &dyn CertDecompressor = match algorithm {
        1 => ZLIB_DECOMPRESSOR,
        2 => BROTLI_DECOMPRESSOR,
        _ => return Err(wrong()),
    };
    if length > MOST_DECOMPRESSED {
        return Err(wrong());
    }
    let mut body = vec![0; length];
    decompressor.decompress(hs.bytes(span), &mut body).map_err(|_| wrong())?;
    hs.facts.at.1 = true;
    handshake::dissect_certificate_body(&body, Direction::Server, &mut hs.facts, false);
    hs.decompressed = body;
    Ok(())
}

/// The signature over everything so far, with the certificate's key.
pub struct ExpectCertificateVerify {
    hs: Box<Handshake>,
    schedule: Schedule,
}

impl ExpectCertificateVerify {
    pub fn message(mut self, bytes: &[u8], _: &mut Conn) -> Result<State, Refusal> {
        if bytes.first() != Some(&types::CERTIFICATE_VERIFY) {
            return unexpected("CertificateVerify", bytes);
        }
        let transcript = self.schedule.suite.hash.digest(&[&self.hs.transcript]);
        self.hs.hear(bytes)?;
        let verify = self.hs.facts.certificate_verify[Direction::Server.index()];
        let Some((signed, scheme)) = verify.and_then(|verify| Some((verify.signature, verify.scheme?)))
        else {
            return refuse(Alert::decode_error, "CertificateVerify without a signature");
        };
        let offered =
            self.hs.hello.extension(signature_algorithms::EXTENSION.code).and_then(|list| list.get(2..));
        if !lists::codes(offered.unwrap_or_default()).any(|code| code == scheme.0) {
            return refuse(
                Alert::illegal_parameter,
                format!("the signature scheme {scheme} was not offered"),
            );
        }
        // No PKCS #1 and no SHA-1 in TLS 1.3 (RFC 8446, section 4.4.3).
        if matches!(scheme.0, 0x0201 | 0x0203 | 0x0401 | 0x0501 | 0x0601) {
            return refuse(
                Alert::illegal_parameter,
                format!("the signature scheme {scheme} is not one of TLS 1.3"),
            );
        }
        let content = signature::content13(Direction::Server, &transcript);
        let chain = self.hs.chain();
        let leaf = chain.first().copied().unwrap_or_default();
        let outcome = signature::verify(leaf, scheme, &content, self.hs.bytes(signed), true);
        if let Outcome::Invalid(why) = outcome {
            return refuse(Alert::decrypt_error, format!("CertificateVerify: {why}"));
        }
        Ok(State::Finished13(ExpectFinished { hs: self.hs, schedule: self.schedule }))
    }
}

/// The server's Finished, which ours answers.
pub struct ExpectFinished {
    hs: Box<Handshake>,
    schedule: Schedule,
}

impl ExpectFinished {
    pub fn message(self, bytes: &[u8], conn: &mut Conn) -> Result<State, Refusal> {
        let Self { mut hs, schedule } = self;
        let Some((&types::FINISHED, sent)) = bytes.split_first().map(|(kind, rest)| (kind, rest.get(3..)))
        else {
            return unexpected("Finished", bytes);
        };
        let Schedule { suite, handshake, client, server, .. } = schedule;
        let hash = suite.hash;
        let expected = hkdf::verify_data(hash, &server, &hash.digest(&[&hs.transcript]));
        hs.hear(bytes)?;
        if sent != Some(&expected) {
            return refuse(Alert::decrypt_error, "the server's Finished does not fit the handshake");
        }

        let derived = hkdf::derive_secret(hash, &handshake, "derived", &hash.digest(&[]));
        let master = hkdf::extract(hash, &derived, &vec![0; hash.output_len()]);
        let transcript = hash.digest(&[&hs.transcript]);
        let secret = |label: &str| hkdf::derive_secret(hash, &master, label, &transcript);
        let traffic = Traffic { suite, client: secret("c ap traffic"), server: secret("s ap traffic") };
        conn.secret(&hs, Label::ClientTraffic, &traffic.client);
        conn.secret(&hs, Label::ServerTraffic, &traffic.server);
        conn.secret(&hs, Label::Exporter, &secret("exp master"));

        application_settings(&mut hs, conn)?;
        authenticate(&mut hs, hash, conn)?;
        let verify_data = hkdf::verify_data(hash, &client, &hash.digest(&[&hs.transcript]));
        conn.say(&mut hs, types::FINISHED, &verify_data)?;
        conn.records.open_with(Opener::tls13(suite, &traffic.server))?;
        conn.records.seal_with(Sealer::tls13(suite, &traffic.client))?;
        conn.traffic = Some(traffic);
        conn.complete(hs);
        Ok(State::Open)
    }
}

/// Our settings, if the server took that extension up: none (draft-vvv-tls-alps-01, section 4).
fn application_settings(hs: &mut Handshake, conn: &mut Conn) -> Result<(), Refusal> {
    let taken_up = [application_settings::EXTENSION.code, application_settings_old::EXTENSION.code]
        .into_iter()
        .find(|code| hs.facts.server_extensions.contains(*code));
    let Some(code) = taken_up else { return Ok(()) };
    let [high, low] = code.to_be_bytes();
    conn.say(hs, types::ENCRYPTED_EXTENSIONS, &[0, 4, high, low, 0, 0])
}

/// Our certificate, if the server asked for one.
fn authenticate(hs: &mut Handshake, hash: Hash, conn: &mut Conn) -> Result<(), Refusal> {
    let Some(request) = hs.facts.certificate_request else { return Ok(()) };
    let context = hs.bytes(request).to_vec();
    let identity = conn.setup.client.clone().filter(|identity| client_auth::fits(hs, identity));
    let chain = identity.as_ref().map(|identity| identity.chain()).unwrap_or_default();
    conn.say(hs, types::CERTIFICATE, &client_auth::certificate13(&context, &chain))?;
    if let Some(identity) = &identity {
        let content = signature::content13(Direction::Client, &hash.digest(&[&hs.transcript]));
        let body = client_auth::certificate_verify(hs, identity, &[], &content)?;
        conn.say(hs, types::CERTIFICATE_VERIFY, &body)?;
    }
    Ok(())
}

impl Conn {
    /// Tickets are not kept; KeyUpdate changes the keys (RFC 8446, section 4.6).
    pub fn post_handshake13(&mut self, bytes: &[u8]) -> Result<State, Refusal> {
        let Some(traffic) = &mut self.traffic else { return Ok(State::Open) };
        match bytes {
            [types::NEW_SESSION_TICKET, ..] => self.tickets += 1,
            [types::KEY_UPDATE, 0, 0, 1, asked @ (0 | 1)] => {
                let (hash, suite) = (traffic.suite.hash, traffic.suite);
                traffic.server = hkdf::updated(hash, &traffic.server);
                self.records.open_with(Opener::tls13(suite, &traffic.server))?;
                if *asked == 1 {
                    self.records.send(HANDSHAKE, &message(types::KEY_UPDATE, &[0]))?;
                    traffic.client = hkdf::updated(hash, &traffic.client);
                    self.records.seal_with(Sealer::tls13(suite, &traffic.client))?;
                }
            }
            _ => return unexpected("NewSessionTicket or KeyUpdate", bytes),
        }
        Ok(State::Open)
    }
}
