//! A connection on which a script is performed: makes the messages of TLS 1.3, and those of TLS 1.2 up to
//! ServerHelloDone.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs::{default_provider, sign};

use super::hear::{self, Heard};
use super::message::{Edit, HelloFields, Keys};
use crate::crypto::record::Sealer;
use crate::crypto::suite::Suite;
use crate::crypto::{hkdf, random, signature};
use crate::demo::pki::Credentials;
use crate::wire::Direction;
use crate::wire::codepoints::CipherSuite;
use crate::wire::codepoints::content_type::{ALERT, HANDSHAKE};
use crate::wire::extension::{self, key_share, renegotiation_info, supported_versions};
use crate::wire::handshake::client_hello::Hello;
use crate::wire::handshake::{lists, types};

/// `legacy_record_version` behind the first hello.
const RECORD_VERSION: u16 = 0x0303;
/// What says that a ServerHello is a HelloRetryRequest (RFC 8446, section 4.1.3).
const RETRY: &str = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
const X25519: u16 = 0x001d;
const SECP384R1: u16 = 0x0018;
/// A write of the server's.
const WRITE: usize = 1 << 14;

pub(super) struct Talk<'a> {
    tcp: &'a TcpStream,
    credentials: &'a Credentials,
    hello: Hello,
    transcript: Vec<u8>,
    suite: Suite,
    server_random: Vec<u8>,
    /// Of TLS 1.3: handshake secret, its server_handshake_traffic_secret, server_application_traffic_secret_0.
    handshake: Vec<u8>,
    traffic: [Vec<u8>; 2],
    sealer: Option<Sealer>,
    /// Written, and not sent yet.
    out: Vec<u8>,
    pub pace: Option<Duration>,
    pub fragment: usize,
}

fn wrong(what: &str) -> io::Error {
    io::Error::other(format!("the script's server: {what}"))
}

fn suite_of(code: u16) -> Option<Suite> {
    (code >> 8 == 0x13).then(|| Suite::of(CipherSuite(code))).flatten()
}

impl<'a> Talk<'a> {
    pub(super) fn new(tcp: &'a TcpStream, credentials: &'a Credentials, heard: &Heard) -> io::Result<Self> {
        let hello = heard.hello.clone().ok_or_else(|| wrong("the ClientHello can't be read"))?;
        let suite = suite_of(0x1301).ok_or_else(|| wrong("no suite"))?;
        Ok(Talk {
            tcp,
            credentials,
            hello,
            transcript: heard.message.clone(),
            suite,
            server_random: random(32).ok_or_else(|| wrong("no random numbers"))?,
            handshake: Vec::new(),
            traffic: [Vec::new(), Vec::new()],
            sealer: None,
            out: Vec::new(),
            pace: None,
            fragment: 1 << 14,
        })
    }

    pub(super) fn tcp(&self) -> &'a TcpStream {
        self.tcp
    }

    /// Sends what is written.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let out = std::mem::take(&mut self.out);
        match self.pace {
            None => self.tcp.write_all(&out),
            Some(pace) => out.iter().try_for_each(|byte| {
                self.tcp.write_all(&[*byte])?;
                thread::sleep(pace);
                Ok(())
            }),
        }
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.extend_from_slice(bytes);
        if self.out.len() < WRITE && self.pace.is_none() { Ok(()) } else { self.flush() }
    }

    /// A record in the clear.
    pub(super) fn record(&mut self, kind: u8, version: Option<u16>, body: &[u8]) -> io::Result<()> {
        let version = version.unwrap_or(RECORD_VERSION).to_be_bytes();
        let length = u16::try_from(body.len()).map_err(|_| wrong("too much for a record"))?;
        let header = [&[kind][..], &version, &length.to_be_bytes()].concat();
        self.send(&header)?;
        self.send(body)
    }

    pub(super) fn seal(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        let sealer = self.sealer.as_mut().ok_or_else(|| wrong("there are no keys"))?;
        let record = sealer.seal(kind, RECORD_VERSION, body).ok_or_else(|| wrong("too much for a record"))?;
        self.send(&record)
    }

    /// Sealed if there are keys.
    fn content(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        if self.sealer.is_some() { self.seal(kind, body) } else { self.record(kind, None, body) }
    }

    pub(super) fn alert(&mut self, alert: [u8; 2]) -> io::Result<()> {
        self.content(ALERT, &alert)
    }

    pub(super) fn message(&mut self, kind: u8, body: Vec<u8>, edit: &Edit) -> io::Result<()> {
        let framed = |body: &[u8], claims: Option<u32>| {
            let length = claims.unwrap_or(body.len() as u32).to_be_bytes();
            [&[kind], &length[1..], body].concat()
        };
        let plain = edit.unnoticed.then(|| framed(&body, None));
        let message = framed(&edit.of(body), edit.claims);
        self.transcript.extend_from_slice(plain.as_ref().unwrap_or(&message));
        for part in message.chunks(self.fragment.clamp(1, WRITE)) {
            self.content(HANDSHAKE, part)?;
        }
        Ok(())
    }

    /// The client's next record.
    pub(super) fn hear(&mut self) -> io::Result<()> {
        self.flush()?;
        let mut header = [0; 5];
        self.tcp.read_exact(&mut header)?;
        let mut fragment = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
        self.tcp.read_exact(&mut fragment)
    }

    /// The client's second ClientHello, in front of which there may be a ChangeCipherSpec.
    pub(super) fn hear_hello(&mut self) -> io::Result<()> {
        self.flush()?;
        let mut first = [0; 1];
        while self.tcp.peek(&mut first)? > 0 && first == [20] {
            self.hear()?;
        }
        let heard = hear::hello(self.tcp)?;
        self.transcript.extend_from_slice(&heard.message);
        self.hello = heard.hello.ok_or_else(|| wrong("the second ClientHello can't be read"))?;
        Ok(())
    }

    fn shares(&self) -> Vec<(u16, Vec<u8>)> {
        let list = self.hello.extension(key_share::EXTENSION.code).and_then(|list| list.get(2..));
        lists::key_shares(list.unwrap_or_default()).map(|(group, share)| (group, share.to_vec())).collect()
    }

    fn hello_body(
        &self,
        fields: &HelloFields,
        random: &[u8],
        suite: u16,
        own: Vec<(u16, Vec<u8>)>,
    ) -> Vec<u8> {
        let mut extensions = match &fields.extensions {
            Some(list) => list.iter().map(|(code, content)| (*code, content.0.clone())).collect(),
            None => own,
        };
        extensions.retain(|(code, _)| !fields.without.contains(code));
        extensions.extend(fields.add.iter().map(|(code, content)| (*code, content.0.clone())));
        // Of TLS 1.2: a new session that can't be resumed.
        let echo = if fields.tls12 { Vec::new() } else { self.hello.session_id.clone() };
        let session_id = fields.session_id.as_ref().map_or(echo, |bytes| bytes.0.clone());
        let mut body = fields.version.unwrap_or(RECORD_VERSION).to_be_bytes().to_vec();
        body.extend_from_slice(random);
        body.push(session_id.len() as u8);
        body.extend_from_slice(&session_id);
        body.extend(suite.to_be_bytes());
        body.push(fields.compression.unwrap_or(0));
        // A list that is too long for its length field is not written.
        body.extend(
            crate::wire::writer::written(|w| extension::write_list(w, &extensions)).unwrap_or_default(),
        );
        body
    }

    pub(super) fn server_hello(&mut self, fields: &HelloFields) -> io::Result<()> {
        if let Some(random) = &fields.random {
            self.server_random.clone_from(&random.0);
        }
        let server_random = self.server_random.clone();
        if fields.tls12 {
            let offered = |code: u16| self.hello.extension(code).is_some();
            let mut own = Vec::new();
            if offered(renegotiation_info::EXTENSION.code) || self.hello.cipher_suites.contains(&0x00ff) {
                own.push((renegotiation_info::EXTENSION.code, vec![0]));
            }
            // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            let body = self.hello_body(fields, &server_random, fields.suite.unwrap_or(0xc02b), own);
            return self.message(types::SERVER_HELLO, body, &fields.edit);
        }
        let offered = self.hello.cipher_suites.iter().copied();
        let suite = fields.suite.or_else(|| offered.into_iter().find(|code| suite_of(*code).is_some()));
        let suite = suite.unwrap_or(0x1301);
        self.suite = suite_of(suite).unwrap_or(self.suite);
        let shares = self.shares();
        let preferred = shares.iter().find(|(group, _)| *group == X25519).or(shares.first());
        let provider = default_provider();
        let exchanged = preferred.and_then(|(code, share)| {
            let group = provider.kx_groups.iter().find(|group| u16::from(group.name()) == *code)?;
            group.start_and_complete(share).ok()
        });
        let (code, share, secret) = match &exchanged {
            Some(done) => (u16::from(done.group), done.pub_key.clone(), done.secret.secret_bytes().to_vec()),
            None => (X25519, vec![9; 32], vec![0; 32]),
        };
        let code = fields.group.unwrap_or(code);
        let share = fields.share.as_ref().map_or(share, |bytes| bytes.0.clone());
        let own = vec![
            (supported_versions::EXTENSION.code, vec![3, 4]),
            (
                key_share::EXTENSION.code,
                [&code.to_be_bytes()[..], &(share.len() as u16).to_be_bytes(), &share].concat(),
            ),
        ];
        let body = self.hello_body(fields, &server_random, suite, own);
        self.message(types::SERVER_HELLO, body, &fields.edit)?;
        let hash = self.suite.hash;
        let early = hkdf::extract(hash, &[], &vec![0; hash.output_len()]);
        let derived = hkdf::derive_secret(hash, &early, "derived", &hash.digest(&[]));
        self.handshake = hkdf::extract(hash, &derived, &secret);
        let so_far = hash.digest(&[&self.transcript]);
        self.traffic[0] = hkdf::derive_secret(hash, &self.handshake, "s hs traffic", &so_far);
        self.keys(Keys::Handshake);
        Ok(())
    }

    pub(super) fn retry(&mut self, fields: &HelloFields) -> io::Result<()> {
        let suite = fields.suite.unwrap_or_else(|| {
            self.hello.cipher_suites.iter().copied().find(|code| suite_of(*code).is_some()).unwrap_or(0x1301)
        });
        self.suite = suite_of(suite).unwrap_or(self.suite);
        let group = fields.group.unwrap_or(SECP384R1).to_be_bytes().to_vec();
        let own = vec![(supported_versions::EXTENSION.code, vec![3, 4]), (key_share::EXTENSION.code, group)];
        let random = hex::decode(RETRY).map_err(io::Error::other)?;
        let body = self.hello_body(fields, &random, suite, own);
        // The first ClientHello is replaced by its hash (RFC 8446, section 4.4.1).
        let digest = self.suite.hash.digest(&[&self.transcript]);
        self.transcript = [&[254, 0, 0, digest.len() as u8], &digest[..]].concat();
        self.message(types::SERVER_HELLO, body, &fields.edit)
    }

    /// Of the version that is spoken; `copies` of the leaf in place of the chain.
    pub(super) fn certificate(&mut self, edit: &Edit, copies: Option<usize>) -> io::Result<()> {
        let tls13 = self.sealer.is_some();
        let chain = &self.credentials.chain;
        let certificates = match copies {
            Some(copies) => chain.iter().take(1).cycle().take(copies).collect::<Vec<_>>(),
            None => chain.iter().collect(),
        };
        let mut list = Vec::new();
        for certificate in certificates {
            list.extend(vector24(certificate));
            if tls13 {
                list.extend([0, 0]);
            }
        }
        let context: &[u8] = if tls13 { &[0] } else { &[] };
        self.message(types::CERTIFICATE, [context, &vector24(&list)].concat(), edit)
    }

    pub(super) fn certificate_verify(&mut self, edit: &Edit) -> io::Result<()> {
        let hash = self.suite.hash.digest(&[&self.transcript]);
        let body = self.signed(&signature::content13(Direction::Server, &hash))?;
        self.message(types::CERTIFICATE_VERIFY, body, edit)
    }

    fn signed(&self, content: &[u8]) -> io::Result<Vec<u8>> {
        let key = sign::any_supported_type(&self.credentials.key).map_err(io::Error::other)?;
        let signer = key.choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256]);
        let signature = signer.ok_or_else(|| wrong("the key does not sign"))?.sign(content);
        let signature = signature.map_err(io::Error::other)?;
        Ok([&[4, 3][..], &(signature.len() as u16).to_be_bytes(), &signature].concat())
    }

    pub(super) fn finished(&mut self, edit: &Edit) -> io::Result<()> {
        let hash = self.suite.hash;
        let so_far = hash.digest(&[&self.transcript]);
        self.message(types::FINISHED, hkdf::verify_data(hash, &self.traffic[0], &so_far), edit)?;
        let derived = hkdf::derive_secret(hash, &self.handshake, "derived", &hash.digest(&[]));
        let master = hkdf::extract(hash, &derived, &vec![0; hash.output_len()]);
        let so_far = hash.digest(&[&self.transcript]);
        self.traffic[1] = hkdf::derive_secret(hash, &master, "s ap traffic", &so_far);
        self.keys(Keys::Application);
        Ok(())
    }

    /// Behind it the next keys are used.
    pub(super) fn key_update(&mut self, edit: &Edit) -> io::Result<()> {
        self.message(types::KEY_UPDATE, vec![0], edit)?;
        self.traffic[1] = hkdf::updated(self.suite.hash, &self.traffic[1]);
        self.keys(Keys::Application);
        Ok(())
    }

    pub(super) fn server_key_exchange(&mut self, edit: &Edit) -> io::Result<()> {
        let group = rustls::crypto::aws_lc_rs::kx_group::X25519.start().map_err(io::Error::other)?;
        // named_curve, x25519
        let params = [&[3, 0, 29, 32], group.pub_key()].concat();
        let signature = self.signed(&[&self.hello.random[..], &self.server_random, &params].concat())?;
        self.message(types::SERVER_KEY_EXCHANGE, [params, signature].concat(), edit)
    }

    pub(super) fn keys(&mut self, keys: Keys) {
        self.sealer = match keys {
            Keys::Clear => None,
            Keys::Handshake => Sealer::tls13(self.suite, &self.traffic[0]),
            Keys::Application => Sealer::tls13(self.suite, &self.traffic[1]),
        };
    }
}

fn vector24(bytes: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (bytes.len() as u32).to_be_bytes();
    [&length, bytes].concat()
}
