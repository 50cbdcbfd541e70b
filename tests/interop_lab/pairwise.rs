//! Version × key exchange × cipher × MAC × encrypt-then-MAC × extended master secret × client certificate × resumption ×
//! renegotiation, pairwise, as far as each server has it: complete, both Finished and the signatures verified by the
//! fold, and tshark, given the key log, sees the same suites and messages.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tls_trace::capture::Capture;
use tls_trace::engine::lab::{Psk, suites};
use tls_trace::engine::{self, Request, Sessions};
use tls_trace::trace::{Kind, Proven, Trace};
use tls_trace::wire::codepoints::cipher_suite::{
    self, Authentication, Cipher, KeyExchange, Mac, Mode, SuiteInfo,
};

use crate::covering::{self, Partial};
use crate::support::pki::{Key, Pki};
use crate::support::{Server, gnutls, java, pcap, program};
use crate::{SSL_3_0, TLS_1_0, TLS_1_2, common, identity, request, verified};

const VERSIONS: [u16; 4] = [SSL_3_0, TLS_1_0, 0x0302, TLS_1_2];
const EXCHANGES: [(KeyExchange, Authentication); 10] = [
    (KeyExchange::Rsa, Authentication::Rsa),
    (KeyExchange::Dhe, Authentication::Rsa),
    (KeyExchange::Ecdhe, Authentication::Rsa),
    (KeyExchange::Ecdhe, Authentication::Ecdsa),
    (KeyExchange::Dhe, Authentication::Anonymous),
    (KeyExchange::Ecdhe, Authentication::Anonymous),
    (KeyExchange::Psk, Authentication::Psk),
    (KeyExchange::DhePsk, Authentication::Psk),
    (KeyExchange::EcdhePsk, Authentication::Psk),
    (KeyExchange::RsaPsk, Authentication::Rsa),
];
const CIPHERS: [(Cipher, Mode, u16); 12] = [
    (Cipher::Aes, Mode::Cbc, 128),
    (Cipher::Aes, Mode::Cbc, 256),
    (Cipher::Camellia, Mode::Cbc, 128),
    (Cipher::Camellia, Mode::Cbc, 256),
    (Cipher::TripleDes, Mode::Cbc, 0),
    (Cipher::Rc4, Mode::Stream, 0),
    (Cipher::Null, Mode::None, 0),
    (Cipher::Aes, Mode::Gcm, 256),
    (Cipher::Aes, Mode::Ccm, 128),
    (Cipher::Aes, Mode::Ccm8, 256),
    (Cipher::ChaCha20, Mode::Poly1305, 0),
    (Cipher::Camellia, Mode::Gcm, 0),
];
const MACS: [Mac; 5] = [Mac::Md5, Mac::Sha1, Mac::Sha256, Mac::Sha384, Mac::Aead];
/// Places of the parameters in a row.
const VERSION: usize = 0;
const EXCHANGE: usize = 1;
const CIPHER: usize = 2;
const MAC: usize = 3;
const ETM: usize = 4;
const EMS: usize = 5;
const CLIENT: usize = 6;
const RESUMED: usize = 7;
const RENEGOTIATED: usize = 8;
const SIZES: [usize; 9] = [VERSIONS.len(), EXCHANGES.len(), CIPHERS.len(), MACS.len(), 2, 2, 3, 3, 2];
/// Values of `CLIENT` (1: RSA) and `RESUMED` (1: by session id).
const ECDSA: usize = 2;
const BY_TICKET: usize = 2;

/// Whether a server has a suite in a version.
type Has = dyn Fn(&SuiteInfo, u16) -> bool;

/// What a server has.
struct Peer {
    name: &'static str,
    has: Box<Has>,
    /// What it has besides suites; a row is asked as far as it is chosen.
    can: fn(&Partial) -> bool,
    /// It asks for the client's certificate in each handshake, not once a connection.
    asks_again: bool,
    /// What has to be true of a row's server; rows that agree in it share one.
    start: fn(&Pki, &[usize]) -> Server,
    /// Makes the server, which had so many connections before, ask for a renegotiation.
    renegotiate: fn(&mut Server, &Request, usize) -> Capture,
}

/// Suites of this exchange, cipher and MAC, as far as they are chosen, in the versions that may be.
fn suite(row: &Partial, peer: &Peer) -> Option<u16> {
    let is = |suite: &&SuiteInfo| {
        let exchange = row[EXCHANGE].map(|at| EXCHANGES[at]);
        let cipher = row[CIPHER].map(|at| CIPHERS[at]);
        exchange.is_none_or(|(exchange, authentication)| {
            suite.key_exchange == exchange
                && (suite.authentication == authentication || exchange == KeyExchange::RsaPsk)
        }) && cipher.is_none_or(|(cipher, mode, bits)| {
            suite.cipher == cipher
                && (cipher == Cipher::Null || suite.mode == mode)
                && (bits == 0 || suite.key_bits == bits)
        }) && row[MAC].is_none_or(|at| suite.mac == MACS[at])
    };
    let versions =
        || VERSIONS.iter().enumerate().filter(|(at, _)| row[VERSION].is_none_or(|chosen| chosen == *at));
    let fits = |suite: &&SuiteInfo| {
        versions().any(|(_, version)| suites::performed(suite.code, *version) && (peer.has)(suite, *version))
    };
    cipher_suite::all().iter().filter(is).find(fits).map(|suite| suite.code)
}

/// What no server could have.
fn possible(row: &Partial, peer: &Peer) -> bool {
    let yes = |parameter: usize| row[parameter].is_some_and(|value| value > 0);
    let ssl3 = row[VERSION] == Some(0);
    let authentication = row[EXCHANGE].map(|at| EXCHANGES[at]);
    let without_certificate = authentication.is_some_and(|(exchange, authentication)| {
        matches!(authentication, Authentication::Anonymous | Authentication::Psk)
            || exchange == KeyExchange::RsaPsk
    });
    let cbc = row[CIPHER].is_none_or(|at| CIPHERS[at].1 == Mode::Cbc);
    !(yes(ETM) && (ssl3 || !cbc))
        && !(yes(EMS) && ssl3)
        && !(row[RESUMED] == Some(BY_TICKET) && ssl3)
        && !(yes(CLIENT) && without_certificate)
        // ECDSA with SHA-1 is not performed.
        && !(row[CLIENT] == Some(ECDSA) && row[VERSION].is_some_and(|at| VERSIONS[at] < TLS_1_2))
        && (peer.can)(row)
        && suite(row, peer).is_some()
}

fn run(peer: &Peer, least: usize) {
    let pki = Pki::new();
    let clients = [Key::Rsa2048, Key::EcdsaP256].map(|key| identity(&pki.client(key)));
    let rows = covering::rows(&SIZES, &|row| possible(row, peer));
    assert!(rows.len() >= least, "{} rows", rows.len());
    // Each with the number of its connections.
    let mut servers: HashMap<Vec<usize>, (Server, usize)> = HashMap::new();
    let mut captures: Vec<(String, Capture, Trace)> = Vec::new();
    for row in &rows {
        let partial: Vec<Option<usize>> = row.iter().copied().map(Some).collect();
        let (version, code) = (VERSIONS[row[VERSION]], suite(&partial, peer).unwrap());
        let what = format!("{}: {} in 0x{version:04x}, {row:?}", peer.name, crate::name(code));
        let ecdsa = EXCHANGES[row[EXCHANGE]].1 == Authentication::Ecdsa;
        let key = vec![
            usize::from(ecdsa),
            row[ETM],
            row[EMS],
            row[CLIENT].min(1),
            usize::from(row[RESUMED] == BY_TICKET),
            row[RENEGOTIATED],
        ];
        let (server, count) = servers.entry(key).or_insert_with(|| ((peer.start)(&pki, row), 0));
        let mut request = request(server, version, version, &[code]);
        request.client = row[CLIENT].checked_sub(1).map(|at| clients[at].clone());
        request.psk = Some(Psk { identity: b"me".to_vec(), key: (0..16).map(|n| n * 0x11).collect() });
        if row[RESUMED] > 0 {
            request.resumption = Some(Sessions::new());
            verified(&crate::perform(&request), &format!("{what}: the session to be resumed"));
            *count += 1;
        }
        let capture = match row[RENEGOTIATED] {
            0 => crate::perform(&request),
            _ => (peer.renegotiate)(server, &request, *count),
        };
        *count += 1;
        let trace = verified(&capture, &what);
        let facts = &trace.handshakes[0].facts;
        let chosen = (facts.version.map(u16::from), facts.cipher_suite.map(u16::from));
        assert_eq!(chosen, (Some(version), Some(code)), "{what}");
        let cbc = CIPHERS[row[CIPHER]].1 == Mode::Cbc;
        assert_eq!(facts.encrypt_then_mac, cbc && row[ETM] == 1, "{what}");
        assert_eq!(facts.extended_master_secret, row[EMS] == 1, "{what}");
        assert_eq!(facts.abbreviated, row[RESUMED] > 0, "{what}");
        assert_eq!(trace.handshakes.len(), 1 + row[RENEGOTIATED], "{what}");
        if row[RESUMED] > 0 {
            let ticket = facts.client.unwrap().session_ticket.is_some_and(|ticket| !ticket.is_empty());
            assert_eq!(ticket, row[RESUMED] == BY_TICKET, "{what}");
        }
        let signed = trace.handshakes.iter().flat_map(|handshake| &handshake.proofs);
        let signed = signed.filter(|proof| proof.what == Proven::ClientCertificateVerify).count();
        // A resumed handshake asks for none.
        let asked = usize::from(row[RESUMED] == 0) + row[RENEGOTIATED];
        let asked = if peer.asks_again { asked } else { asked.min(1) };
        assert_eq!(signed, if row[CLIENT] > 0 { asked } else { 0 }, "{what}");
        captures.push((what, capture, trace));
    }
    println!("{}: {} rows, {} servers", peer.name, rows.len(), servers.len());
    tshark_agrees(&captures);
}

/// Suites and handshake messages of each connection, as tshark sees them with the keys.
fn tshark_agrees(captures: &[(String, Capture, Trace)]) {
    let directory = common::scratch();
    let (wire, log) = (directory.path().join("lab.pcap"), directory.path().join("lab.keys"));
    std::fs::write(&wire, pcap::several(captures.iter().map(|(_, capture, _)| capture))).unwrap();
    let keys: Vec<String> = captures.iter().map(|(_, capture, _)| capture.secrets.key_log()).collect();
    std::fs::write(&log, keys.concat()).unwrap();
    let mut command = program("tshark", "tshark");
    command.env("HOME", directory.path()).env("XDG_CONFIG_HOME", directory.path());
    command.arg("-o").arg(format!("tls.keylog_file:{}", log.display())).arg("-r").arg(&wire);
    command.args(["-d", "tcp.port==443,tls", "-T", "fields", "-e", "tcp.stream"]);
    command.args(["-e", "tls.handshake.type", "-e", "tls.handshake.ciphersuite"]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut seen: HashMap<usize, (Vec<u8>, Vec<String>)> = HashMap::new();
    for line in said.lines() {
        let mut fields = line.split('\t');
        let Some(stream) = fields.next().and_then(|stream| stream.parse().ok()) else { continue };
        let (types, suites) = seen.entry(stream).or_default();
        types.extend(
            fields.next().unwrap_or_default().split(',').filter_map(|number| number.parse::<u8>().ok()),
        );
        // A ClientHello's list is longer than one.
        suites.extend(fields.next().map(str::to_owned));
    }
    for (stream, (what, _, trace)) in captures.iter().enumerate() {
        let (types, suites) = seen.remove(&stream).unwrap_or_default();
        let messages = trace.messages.iter().filter_map(|message| match message.kind {
            Kind::Handshake(code) => Some(code),
            _ => None,
        });
        assert_eq!(types, messages.collect::<Vec<_>>(), "{what}: handshake messages as tshark sees them");
        for handshake in &trace.handshakes {
            let suite = format!("0x{:04x}", u16::from(handshake.facts.cipher_suite.unwrap()));
            assert!(suites.iter().any(|list| list.contains(&suite)), "{what}: {suites:?}");
        }
    }
}

/// Traces with a server that asks for a renegotiation by itself.
fn by_itself(_: &mut Server, request: &Request, _: usize) -> Capture {
    crate::perform(&Request { settle: Some(Duration::from_secs(1)), ..request.clone() })
}

#[test]
fn with_openssl() {
    run(
        &Peer {
            name: "openssl",
            has: Box::new(|suite, version| version > SSL_3_0 && crate::in_openssl(suite)),
            // It has no switch for extended_master_secret.
            can: |row| row[EMS] != Some(0),
            asks_again: false,
            start: |pki, row| {
                let directory = common::scratch();
                let root = pki.root.to_str().unwrap().to_owned();
                let mut flags = vec!["-psk_identity", "me", "-psk", "00112233445566778899aabbccddeeff"];
                if row[ETM] == 0 {
                    flags.push("-no_etm");
                }
                if row[RESUMED] != BY_TICKET {
                    flags.push("-no_ticket");
                }
                if row[CLIENT] > 0 {
                    flags.extend(["-Verify", "2", "-verify_return_error", "-CAfile", &root]);
                }
                let ecdsa = EXCHANGES[row[EXCHANGE]].1 == Authentication::Ecdsa;
                let credentials = pki.server(if ecdsa { Key::EcdsaP256 } else { Key::Rsa2048 });
                crate::s_server(&credentials, directory.path(), &flags)
            },
            renegotiate: |server, request, before| {
                let request = Request { settle: Some(Duration::from_millis(1500)), ..request.clone() };
                let tracing = std::thread::spawn(move || crate::perform(&request));
                let deadline = Instant::now() + Duration::from_secs(10);
                while server.log().matches("CIPHER is").count() <= before && Instant::now() < deadline {
                    std::thread::sleep(Duration::from_millis(5));
                }
                server.say("r\n");
                tracing.join().unwrap()
            },
        },
        40,
    );
}

#[test]
fn with_gnutls() {
    // `TLS_RSA_ARCFOUR_128_SHA1   0x00, 0x05   SSL3.0`: from which version on.
    let list = program("gnutls-cli", "gnutls-bin").arg("--list").output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let of_line = |line: &str| {
        let (front, version) = line.trim_end().rsplit_once('\t')?;
        let (_, code) = front.split_once("0x")?;
        let code = u16::from_str_radix(&code.trim().replace(", 0x", ""), 16).ok()?;
        Some((code, if version.ends_with("1.2") { TLS_1_2 } else { TLS_1_0 }))
    };
    let suites: HashMap<u16, u16> = list.lines().filter_map(of_line).collect();
    assert!(suites.len() > 100, "{list}");
    let has =
        move |suite: &SuiteInfo, version: u16| suites.get(&suite.code).is_some_and(|min| version >= *min);
    run(
        &Peer {
            name: "gnutls",
            has: Box::new(has),
            can: |_| true,
            asks_again: true,
            start: |pki, row| {
                let directory = common::scratch();
                let file = directory.path().join("psk");
                std::fs::write(&file, "me:00112233445566778899aabbccddeeff\n").unwrap();
                let mut priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0:+ARCFOUR-128:+3DES-CBC:+RSA:\
                                    +DHE-RSA:+ECDHE-RSA:+ECDHE-ECDSA:+PSK:+DHE-PSK:+ECDHE-PSK:+RSA-PSK:+ANON-DH:+ANON-ECDH:+MD5:\
                                    +SHA1:+SHA256:+SHA384:+CAMELLIA-128-CBC:+CAMELLIA-256-CBC:+CAMELLIA-128-GCM:\
                                    +CAMELLIA-256-GCM:+AES-128-CCM:+AES-256-CCM:+AES-128-CCM-8:+AES-256-CCM-8:\
                                    +NULL:+SIGN-RSA-SHA1:%VERIFY_ALLOW_SIGN_WITH_SHA1"
                    .to_owned();
                if row[ETM] == 0 {
                    priority += ":%NO_ETM";
                }
                if row[EMS] == 0 {
                    priority += ":%NO_SESSION_HASH";
                }
                let (root, file) = (pki.root.to_str().unwrap(), file.to_str().unwrap());
                let mut flags = vec!["--echo", "--pskpasswd", file];
                if row[RESUMED] != BY_TICKET {
                    flags.push("--noticket");
                }
                match row[CLIENT] {
                    0 => flags.push("--disable-client-cert"),
                    _ => {
                        flags.extend(["--require-client-cert", "--verify-client-cert", "--x509cafile", root])
                    }
                }
                let ecdsa = EXCHANGES[row[EXCHANGE]].1 == Authentication::Ecdsa;
                let credentials = pki.server(if ecdsa { Key::EcdsaP256 } else { Key::Rsa2048 });
                let server = gnutls::serve(&credentials, &priority, &flags);
                // It reads the file with each connection.
                let _ = directory.keep();
                server
            },
            renegotiate: |_, request, _| {
                let request = Request { pipe_hold: Duration::from_millis(700), ..request.clone() };
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let prepared = engine::prepare(&request).unwrap();
                let mut answer = Vec::new();
                runtime.block_on(prepared.pipe(&mut &b"**REHANDSHAKE**\n"[..], &mut answer)).unwrap()
            },
        },
        40,
    );
}

#[test]
fn with_java() {
    run(
        &Peer {
            name: "java",
            has: Box::new(|suite, version| {
                let cipher = match (suite.cipher, suite.mode) {
                    (Cipher::Aes, Mode::Cbc | Mode::Gcm) => true,
                    (Cipher::ChaCha20, _) => suite.authentication == Authentication::Rsa,
                    (Cipher::TripleDes | Cipher::Rc4 | Cipher::Null, _) => true,
                    _ => false,
                };
                let rsa = matches!(suite.authentication, Authentication::Rsa | Authentication::Anonymous)
                    && suite.key_exchange != KeyExchange::RsaPsk;
                // What the JDK's table has of each.
                let exists = match (suite.cipher, suite.key_exchange, suite.mac) {
                    (Cipher::Rc4, KeyExchange::Dhe, mac) => {
                        suite.authentication == Authentication::Anonymous && mac == Mac::Md5
                    }
                    (Cipher::Null, KeyExchange::Dhe, _) => false,
                    (Cipher::ChaCha20, KeyExchange::Rsa, _) => false,
                    _ => true,
                };
                cipher && rsa && exists && (version > SSL_3_0 || suite.key_exchange != KeyExchange::Ecdhe)
            }),
            can: |row| row[ETM] != Some(1),
            asks_again: true,
            start: |pki, row| {
                let mut flags = vec![];
                if row[EMS] == 0 {
                    flags.push("-Djdk.tls.useExtendedMasterSecret=false");
                }
                if row[RESUMED] != BY_TICKET {
                    flags.push("-Djdk.tls.server.enableSessionTicketExtension=false");
                }
                if row[RENEGOTIATED] == 1 {
                    flags.push("-Drenegotiates=yes");
                }
                let clients = (row[CLIENT] > 0).then_some(&*pki.root);
                let protocols = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"];
                java::serve_anything(&pki.server(Key::Rsa2048), &protocols, clients, &flags)
            },
            renegotiate: by_itself,
        },
        30,
    );
}
