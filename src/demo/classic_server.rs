//! A small server of TLS 1.2 and earlier, for what no current library still does: RSA key exchange, DHE, CBC,
//! TLS 1.0, renegotiation, pre-shared keys.
//!
//! It says what its [`Server`] says and checks what a demonstration needs; it protects nothing. Tests make it
//! misbehave by changing what it sends.

use std::io::{self, Read, Write};

use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs::{kx_group, sign};
use rustls::ffdhe_groups::FFDHE2048;
use rustls_pki_types::PrivateKeyDer;

use crate::crypto::protection::{Protection, WriteKeys};
use crate::crypto::record::{Opener, Sealer};
use crate::crypto::{dh, prf, random, rsa};
use crate::wire::codepoints::cipher_suite::{Authentication, KeyExchange, SuiteInfo};
use crate::wire::codepoints::content_type::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE};
use crate::wire::codepoints::{CipherSuite, ProtocolVersion};
use crate::wire::extension::{self, encrypt_then_mac, extended_master_secret, renegotiation_info};
use crate::wire::handshake::client_hello::Hello;
use crate::wire::handshake::types;

/// What it negotiates and with what.
#[derive(Clone)]
pub struct Server {
    pub version: ProtocolVersion,
    pub cipher_suite: CipherSuite,
    /// DER, the leaf first; empty for suites without certificates.
    pub chain: Vec<Vec<u8>>,
    /// PKCS#8, RSA.
    pub key: Vec<u8>,
    pub psk: Vec<u8>,
    /// Answers these extensions where the client offers them.
    pub extended_master_secret: bool,
    pub encrypt_then_mac: bool,
    /// It chooses its version and suite although the client does not offer them.
    pub regardless: bool,
    /// After the handshake it asks for a second one, in which it asks for the client's certificate.
    pub renegotiates: bool,
    pub mischief: Mischief,
}

/// Changes bytes that are about to be sent.
pub type Change = fn(&mut Vec<u8>);

/// A record's content type, and its content.
pub type Content = (u8, Vec<u8>);

/// How it misbehaves.
#[derive(Clone, Default)]
pub struct Mischief {
    /// ServerDHParams or ServerECDHParams in place of true ones; they are signed.
    pub params: Option<Vec<u8>>,
    /// Changes the body of a message of this type before it is sent.
    pub message: Option<(u8, Change)>,
    /// Sends these contents (type, content), each in a record of its own, before a message of this type.
    pub before: Option<(u8, Vec<Content>)>,
    /// Handshake messages go out in records of this many bytes.
    pub fragment: Option<usize>,
    /// The whole first flight goes out in as few records as it takes.
    pub joined: bool,
    /// Changes its first protected record, header included.
    pub record: Option<Change>,
    /// In a renegotiation its certificate is another one.
    pub other_chain: Option<Vec<Vec<u8>>>,
    /// Its second ServerHello has no renegotiation_info.
    pub unbound: bool,
}

impl Default for Server {
    fn default() -> Self {
        Server {
            version: ProtocolVersion::TLS_1_2,
            cipher_suite: CipherSuite(0x009c),
            chain: Vec::new(),
            key: Vec::new(),
            psk: Vec::new(),
            extended_master_secret: true,
            encrypt_then_mac: false,
            regardless: false,
            renegotiates: false,
            mischief: Mischief::default(),
        }
    }
}

impl Server {
    /// From the ClientHello to the client's close_notify.
    pub fn serve<S: Read + Write>(&self, stream: S) -> io::Result<()> {
        let mut talk = Talk {
            server: self,
            stream,
            opener: None,
            sealer: None,
            handshake: Vec::new(),
            transcript: Vec::new(),
            flight: Vec::new(),
            finished: [Vec::new(), Vec::new()],
            sealed: 0,
        };
        let hello = talk.message(types::CLIENT_HELLO)?;
        talk.handshake(&hello, false)?;
        if self.renegotiates {
            talk.transcript.clear();
            talk.send(HANDSHAKE, &[types::HELLO_REQUEST, 0, 0, 0])?;
            let hello = talk.message(types::CLIENT_HELLO)?;
            talk.handshake(&hello, true)?;
        }
        while talk.record()?.0 != ALERT {}
        talk.send(ALERT, &[1, 0])
    }
}

struct Talk<'a, S> {
    server: &'a Server,
    stream: S,
    opener: Option<Opener>,
    sealer: Option<Sealer>,
    /// Content of handshake records that is not taken yet.
    handshake: Vec<u8>,
    transcript: Vec<u8>,
    /// Messages of ours that are not sent yet.
    flight: Vec<u8>,
    /// `verify_data` of the last handshake, the client's first.
    finished: [Vec<u8>; 2],
    sealed: usize,
}

/// What was agreed in the hellos.
struct Agreed {
    hello: Hello,
    server_random: [u8; 32],
    protection: Protection,
    suite: &'static SuiteInfo,
    extended_master_secret: bool,
}

/// Our half of the key exchange.
enum Half {
    None,
    Dh(dh::Exchange),
    Ecdh(Box<dyn rustls::crypto::ActiveKeyExchange>),
}

impl<S: Read + Write> Talk<'_, S> {
    fn handshake(&mut self, hello: &[u8], again: bool) -> io::Result<()> {
        let agreed = self.server_hello(hello, again)?;
        let server = self.server;
        let chain = server.mischief.other_chain.as_ref().filter(|_| again).unwrap_or(&server.chain);
        if !chain.is_empty() {
            let list: Vec<u8> = chain.iter().flat_map(|der| vector24(der)).collect();
            self.say(types::CERTIFICATE, vector24(&list))?;
        }
        let half = self.server_key_exchange(&agreed)?;
        if again {
            // rsa_sign and ecdsa_sign; rsa_pkcs1_sha256 and ecdsa_secp256r1_sha256; any CA.
            self.say(types::CERTIFICATE_REQUEST, vec![2, 1, 64, 0, 4, 4, 1, 4, 3, 0, 0])?;
        }
        self.say(types::SERVER_HELLO_DONE, Vec::new())?;

        let mut next = self.message(0)?;
        let with_certificate = next.first() == Some(&types::CERTIFICATE) && next.len() > 7;
        if next.first() == Some(&types::CERTIFICATE) {
            next = self.message(types::CLIENT_KEY_EXCHANGE)?;
        }
        let premaster = self.premaster(&agreed, half, next.get(4..).unwrap_or_default())?;
        let prf = agreed.protection.prf;
        let master = match agreed.extended_master_secret {
            true => prf.extended_master_secret(&premaster, &self.transcript),
            false => prf.master_secret(&premaster, &agreed.hello.random, &agreed.server_random),
        };
        let keys = agreed.protection.keys(&master, &agreed.hello.random, &agreed.server_random);
        if with_certificate {
            // The demonstration is of the client's side: whose certificate it is does not matter here.
            self.message(types::CERTIFICATE_VERIFY)?;
        }
        self.change_cipher_spec(&agreed.protection, &keys.client)?;
        let expected = prf.verify_data(&master, true, &self.transcript);
        if self.message(types::FINISHED)?.get(4..) != Some(&expected) {
            return self.refuse(51, "the client's Finished is wrong");
        }
        self.send(CHANGE_CIPHER_SPEC, &[1])?;
        self.sealer = Sealer::new(&agreed.protection, &keys.server);
        let ours = prf.verify_data(&master, false, &self.transcript);
        self.say(types::FINISHED, ours.clone())?;
        self.finished = [expected, ours];
        Ok(())
    }

    fn server_hello(&mut self, hello: &[u8], again: bool) -> io::Result<Agreed> {
        let server = self.server;
        let hello = Hello::read(hello).map_err(|problem| io::Error::other(problem.to_string()))?;
        let version = server.version;
        if hello.legacy_version < version.0 && !server.regardless {
            return self.refuse(70, "the client does not offer this version");
        }
        if !hello.cipher_suites.contains(&server.cipher_suite.0) && !server.regardless {
            return self.refuse(40, "the client does not offer this cipher suite");
        }
        let mut server_random = [0; 32];
        server_random.copy_from_slice(&random(32).ok_or_else(no_random)?);
        let offers = |extension: &extension::Extension| hello.extension(extension.code).is_some();
        let mut extensions = Vec::new();
        let signalled = hello.cipher_suites.contains(&CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV.0);
        if (offers(&renegotiation_info::EXTENSION) || signalled) && !(again && server.mischief.unbound) {
            let binding = if again { self.finished.concat() } else { Vec::new() };
            let content = renegotiation_info::write(&binding).map_err(io::Error::other)?;
            extensions.push((renegotiation_info::EXTENSION.code, content));
        }
        let extended = server.extended_master_secret && offers(&extended_master_secret::EXTENSION);
        if extended {
            extensions.push((extended_master_secret::EXTENSION.code, Vec::new()));
        }
        let encrypt_first = server.encrypt_then_mac && offers(&encrypt_then_mac::EXTENSION);
        if encrypt_first {
            extensions.push((encrypt_then_mac::EXTENSION.code, Vec::new()));
        }
        let mut body = version.0.to_be_bytes().to_vec();
        body.extend(server_random);
        body.push(0);
        body.extend(server.cipher_suite.0.to_be_bytes());
        body.push(0);
        let list = crate::wire::writer::written(|w| extension::write_list(w, &extensions))
            .map_err(io::Error::other)?;
        body.extend(list);
        self.say(types::SERVER_HELLO, body)?;
        let protection = Protection::of(version, server.cipher_suite, encrypt_first);
        match protection.zip(server.cipher_suite.info()) {
            Some((protection, suite)) => {
                Ok(Agreed { hello, server_random, protection, suite, extended_master_secret: extended })
            }
            None => Err(io::Error::other("the demo's server does not perform this suite")),
        }
    }

    fn server_key_exchange(&mut self, agreed: &Agreed) -> io::Result<Half> {
        let (half, params) = match agreed.suite.key_exchange {
            KeyExchange::Dhe => {
                let (p, g) = (FFDHE2048.p, FFDHE2048.g);
                let ours =
                    dh::Exchange::start(p, g).map_err(|refused| io::Error::other(refused.to_string()))?;
                let params = [vector16(p), vector16(g), vector16(&ours.public)].concat();
                (Half::Dh(ours), params)
            }
            KeyExchange::Ecdhe => {
                let ours = kx_group::X25519.start().map_err(io::Error::other)?;
                let share = ours.pub_key();
                // named_curve, x25519
                let params = [&[3, 0, 29, share.len() as u8], share].concat();
                (Half::Ecdh(ours), params)
            }
            _ => return Ok(Half::None),
        };
        let params = self.server.mischief.params.clone().unwrap_or(params);
        let content = [&agreed.hello.random[..], &agreed.server_random, &params].concat();
        let mut body = params;
        if agreed.suite.authentication == Authentication::Anonymous {
            // Nobody signs.
        } else if agreed.protection.version >= ProtocolVersion::TLS_1_2 {
            let key = PrivateKeyDer::Pkcs8(self.server.key.clone().into());
            let key = sign::any_supported_type(&key).map_err(io::Error::other)?;
            let signer = key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]);
            let signer = signer.ok_or_else(|| io::Error::other("the demo's key is no RSA key"))?;
            body.extend(u16::from(signer.scheme()).to_be_bytes());
            body.extend(vector16(&signer.sign(&content).map_err(io::Error::other)?));
        } else {
            let signature = self.private_key()?.sign(&prf::md5_sha1(&content));
            body.extend(vector16(
                &signature.ok_or_else(|| io::Error::other("the demo's key does not sign"))?,
            ));
        }
        self.say(types::SERVER_KEY_EXCHANGE, body)?;
        Ok(half)
    }

    fn premaster(&mut self, agreed: &Agreed, half: Half, body: &[u8]) -> io::Result<Vec<u8>> {
        match (agreed.suite.key_exchange, half) {
            (KeyExchange::Rsa, _) => {
                let encoded =
                    body.get(2..).and_then(|ciphertext| self.private_key().ok()?.decrypt(ciphertext));
                let premaster = encoded.as_deref().and_then(rsa::message_of);
                // Whatever is wrong with it, the handshake goes on with a random one and fails at Finished: telling
                // would be an oracle (RFC 5246, section 7.4.7.1).
                let right = |premaster: &&[u8]| {
                    premaster.len() == 48 && premaster.starts_with(&agreed.hello.legacy_version.to_be_bytes())
                };
                match premaster.filter(right) {
                    Some(premaster) => Ok(premaster.to_vec()),
                    None => random(48).ok_or_else(no_random),
                }
            }
            (_, Half::Dh(ours)) => match body.get(2..).map(|theirs| ours.finish(theirs)) {
                Some(Ok(secret)) => Ok(secret),
                _ => self.refuse(47, "the client's public value is none"),
            },
            (_, Half::Ecdh(ours)) => match body.get(1..).map(|theirs| ours.complete(theirs)) {
                Some(Ok(secret)) => Ok(secret.secret_bytes().to_vec()),
                _ => self.refuse(47, "the client's public value is none"),
            },
            (KeyExchange::Psk, _) => {
                Ok([vector16(&vec![0; self.server.psk.len()]), vector16(&self.server.psk)].concat())
            }
            _ => Err(io::Error::other("the demo's server does not perform this key exchange")),
        }
    }

    fn private_key(&self) -> io::Result<rsa::PrivateKey> {
        rsa::PrivateKey::from_der(&self.server.key)
            .ok_or_else(|| io::Error::other("the demo's key is no RSA key"))
    }

    /// The next handshake message, which has to be of this type; 0: of any.
    fn message(&mut self, expected: u8) -> io::Result<Vec<u8>> {
        loop {
            if let [_, a, b, c, ..] = *self.handshake.as_slice() {
                let len = 4 + (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c));
                if self.handshake.len() >= len {
                    let message: Vec<u8> = self.handshake.drain(..len).collect();
                    self.transcript.extend_from_slice(&message);
                    return match expected == 0 || message.first() == Some(&expected) {
                        true => Ok(message),
                        false => self.refuse(10, "another message was to come"),
                    };
                }
            }
            match self.record()? {
                (HANDSHAKE, content) => self.handshake.extend(content),
                // What is said between two handshakes is none of our business.
                (APPLICATION_DATA, _) => {}
                _ => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }

    fn change_cipher_spec(&mut self, protection: &Protection, keys: &WriteKeys) -> io::Result<()> {
        match self.record()? {
            (CHANGE_CIPHER_SPEC, _) => self.opener = Opener::new(protection, keys),
            _ => return self.refuse(10, "ChangeCipherSpec was to come"),
        }
        Ok(())
    }

    fn record(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut header = [0; 5];
        self.stream.read_exact(&mut header)?;
        let mut fragment = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
        self.stream.read_exact(&mut fragment)?;
        let [content_type, ..] = header;
        match &mut self.opener {
            None => Ok((content_type, fragment)),
            Some(opener) => match opener.open(header, &fragment) {
                Ok(plain) => Ok((content_type, plain.content)),
                Err(_) => self.refuse(20, "a record that does not open"),
            },
        }
    }

    fn say(&mut self, handshake_type: u8, mut body: Vec<u8>) -> io::Result<()> {
        let mischief = &self.server.mischief;
        if let Some((of, change)) = mischief.message
            && of == handshake_type
        {
            change(&mut body);
        }
        if let Some((of, contents)) = &mischief.before
            && *of == handshake_type
        {
            for (content_type, content) in contents {
                self.send(*content_type, content)?;
                // HelloRequest is no part of a handshake (RFC 5246, section 7.4.1.1).
                if *content_type == HANDSHAKE && content.first() != Some(&types::HELLO_REQUEST) {
                    self.transcript.extend_from_slice(content);
                }
            }
        }
        let message = [&[handshake_type][..], &vector24(&body)].concat();
        self.transcript.extend_from_slice(&message);
        self.flight.extend(message);
        if mischief.joined && self.sealer.is_none() && handshake_type != types::SERVER_HELLO_DONE {
            return Ok(());
        }
        let flight = std::mem::take(&mut self.flight);
        for part in flight.chunks(mischief.fragment.unwrap_or(1 << 14)) {
            self.send(HANDSHAKE, part)?;
        }
        Ok(())
    }

    fn send(&mut self, content_type: u8, content: &[u8]) -> io::Result<()> {
        let version = self.server.version.0;
        let record = match &mut self.sealer {
            Some(sealer) => {
                let mut record = sealer.seal(content_type, version, content).ok_or_else(no_random)?;
                if let Some(change) = self.server.mischief.record.filter(|_| self.sealed == 0) {
                    change(&mut record);
                }
                self.sealed += 1;
                record
            }
            None => [&[content_type][..], &version.to_be_bytes(), &vector16(content)].concat(),
        };
        self.stream.write_all(&record)
    }

    /// A fatal alert, and the end.
    fn refuse<T>(&mut self, alert: u8, why: &str) -> io::Result<T> {
        self.send(ALERT, &[2, alert])?;
        Err(io::Error::new(io::ErrorKind::InvalidData, why))
    }
}

fn no_random() -> io::Error {
    io::Error::other("the system has no random numbers")
}

fn vector16(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes(), bytes].concat()
}

fn vector24(bytes: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (bytes.len() as u32).to_be_bytes();
    [&length, bytes].concat()
}
