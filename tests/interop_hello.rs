//! ClientHellos of our own, before other people's servers and eyes: every profile is answered, framing is what tshark
//! sees on the wire, and a fingerprint does not tell a profile from its client.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::collections::BTreeMap;
use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{fs, thread};

use aws_lc_rs::digest;
use common::{run, text};
use md5::{Digest as _, Md5};
use serde_json::Value;
use support::pki::{Key, Pki};
use support::{Process, gnutls, java, nginx, openssl, program, scratch};
use tls_trace::capture::{Capture, Event, Intent, Offer as Wanted};
use tls_trace::connect::Plan;
use tls_trace::engine::hello::{Cached, Framing, Opening, Template, profiles};
use tls_trace::engine::{self, Engine, Probe, Request};
use tls_trace::trace::{Kind, Trace};
use tls_trace::wire::codepoints::{CIPHER_SUITES, EXTENSION_TYPES, Registry, SIGNATURE_SCHEMES};
use tls_trace::wire::fingerprint::{Offer, Transport};
use tls_trace::wire::record::Cut;
use tls_trace::wire::{Direction, sslv2};

/// A probe of a server that is called localhost.
fn probe(server: SocketAddr, opening: Opening, framing: Framing) -> Capture {
    let request = Request {
        intent: Intent { host: "localhost".into(), port: server.port(), ..Intent::default() },
        connect: Plan { host: server.ip().to_string(), port: server.port(), ..Plan::default() },
        engine: Engine::Probe,
        probe: Probe { opening: Some(opening), framing, ..Probe::default() },
        connect_timeout: Some(Duration::from_secs(5)),
        max_time: Some(Duration::from_secs(20)),
        ..Request::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(engine::trace(&request)).unwrap()
}

fn offered(server: SocketAddr, offer: &Wanted) -> Capture {
    let template = Template::offer(offer, Some("localhost")).unwrap();
    probe(server, Opening::Hello(template), Framing::default())
}

fn profile(name: &str) -> Template {
    profiles::find(name).unwrap().template().unwrap().named(Some("localhost")).unwrap()
}

/// Who said what, in the clear.
fn messages(trace: &Trace) -> Vec<String> {
    let shown = trace.messages.iter().filter(|message| message.kind != Kind::ApplicationData);
    shown
        .filter(|message| matches!(message.kind, Kind::Handshake(_) | Kind::Alert { .. }))
        .map(|message| {
            let arrow = if message.direction == Direction::Client { '>' } else { '<' };
            format!("{arrow} {}", message.name)
        })
        .collect()
}

/// All that we sent.
fn sent(capture: &Capture) -> Vec<u8> {
    let ours = capture.events.iter().filter_map(|event| match event {
        Event::Bytes { direction: Direction::Client, bytes, .. } => Some(bytes.as_slice()),
        _ => None,
    });
    ours.collect::<Vec<_>>().concat()
}

#[track_caller]
fn assert_answered(capture: &Capture, what: &str) -> Trace {
    let trace = Trace::of(capture);
    let end = capture.engine.as_ref();
    assert!(end.is_some_and(|end| end.saw_first_flight() && !end.complete), "{what}: {end:?}");
    let facts = &trace.handshake().unwrap().facts;
    assert!(facts.version.is_some() && facts.cipher_suite.is_some(), "{what}");
    trace
}

#[test]
fn every_profile_is_answered_by_every_server() {
    let pki = Pki::new();
    let credentials = pki.server(Key::Rsa2048);
    let servers = [
        ("openssl", openssl::serve(&credentials, &["-alpn", "h2,http/1.1"])),
        ("gnutls", gnutls::serve(&credentials, "NORMAL", &["--disable-client-cert"])),
        ("nginx", nginx::serve(&[&credentials], "ssl_protocols TLSv1.2 TLSv1.3;")),
        ("java", java::serve(&credentials, &["TLSv1.3", "TLSv1.2"])),
    ];
    for (name, server) in &servers {
        for row in profiles::all() {
            let capture = probe(server.address, Opening::Hello(profile(row.name)), Framing::default());
            let trace = assert_answered(&capture, &format!("{} to {name}", row.name));
            let version = trace.handshake().unwrap().facts.version.unwrap();
            let newest = if row.name == "openssl-1.0" { 0x0303 } else { 0x0304 };
            assert_eq!(version.0, newest, "{} to {name}", row.name);
        }
    }
}

#[test]
fn the_program_completes_the_handshake_of_every_profile_that_it_can() {
    let pki = Pki::new();
    let credentials = pki.server(Key::EcdsaP256);
    let servers = [
        ("openssl", openssl::serve(&credentials, &["-alpn", "h2,http/1.1"])),
        ("openssl, TLS 1.2", openssl::serve(&credentials, &["-tls1_2"])),
        ("openssl, retry", openssl::serve(&credentials, &["-tls1_3", "-groups", "P-384"])),
        ("gnutls", gnutls::serve(&credentials, "NORMAL", &["--disable-client-cert"])),
        ("nginx", nginx::serve(&[&credentials], "ssl_protocols TLSv1.2 TLSv1.3;")),
        ("java", java::serve(&credentials, &["TLSv1.3", "TLSv1.2"])),
    ];
    for (name, server) in &servers {
        let (target, address) =
            (format!("localhost:{}", server.address.port()), format!("127.0.0.1:{}", server.address.port()));
        for row in profiles::all() {
            let shown =
                run([&target, "--connect", &address, "--cacert", text(&pki.root), "--hello", row.name, "-q"]);
            // All three offer DSA, Node's OpenSSL ARIA as well; the oldest has no TLS 1.3.
            let expected = match row.name {
                "openssl-1.0" if *name == "openssl, retry" => 4,
                "openssl-1.0" | "java-17" | "node" => 7,
                _ => 0,
            };
            assert_eq!(shown.code, expected, "{} to {name}: {shown:#?}", row.name);
        }
    }
}

#[test]
fn of_tls_12_the_whole_first_flight_is_seen_and_no_certificate_is_sent() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::Rsa2048), &["-tls1_2", "-Verify", "1"]);
    let trace = assert_answered(&offered(server.address, &Wanted::default()), "TLS 1.2");
    let flight = [
        "> ClientHello",
        "< ServerHello",
        "< Certificate",
        "< ServerKeyExchange",
        "< CertificateRequest",
        "< ServerHelloDone",
        "> Alert",
    ];
    assert_eq!(messages(&trace)[..flight.len()], flight);
    assert!(!trace.chain(0, Direction::Server).is_empty());
}

#[test]
fn old_versions_and_forms_are_spoken() {
    let pki = Pki::new();
    let credentials = pki.server(Key::Rsa2048);
    for (flag, version) in [("-tls1", 0x0301), ("-tls1_1", 0x0302), ("-tls1_2", 0x0303)] {
        let server = openssl::serve(&credentials, &[flag, "-cipher", "ALL:@SECLEVEL=0"]);
        let offer = Wanted { min: 0x0301, max: version, ..Wanted::default() };
        let trace = assert_answered(&offered(server.address, &offer), flag);
        assert_eq!(trace.handshake().unwrap().facts.version.unwrap().0, version);
        // The same in the form of SSL 2.0, which OpenSSL still understands.
        let old = sslv2::Hello {
            version,
            cipher_specs: vec![0x9c, 0x35, 0x2f, 0xff],
            session_id: vec![],
            challenge: vec![0; 32],
        };
        let capture = probe(server.address, Opening::Sslv2(old), Framing::default());
        let trace = assert_answered(&capture, flag);
        assert_eq!(trace.handshake().unwrap().facts.version.unwrap().0, version);
    }
    // OpenSSL has no SSL 3.0 any more, and says so.
    let server = openssl::serve(&credentials, &[]);
    let capture = offered(server.address, &Wanted { min: 0x0300, max: 0x0300, ..Wanted::default() });
    let error = capture.engine.unwrap().error.unwrap();
    // SSL 3.0 has no alert for it but this one.
    assert!(error.contains("handshake_failure"), "{error}");
}

#[test]
fn shares_of_another_group_or_none_are_answered_with_a_retry() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &["-tls1_3", "-groups", "P-384:P-521"]);
    for shares in [vec![], vec![0x001d], vec![0x001d, 0x0017]] {
        let offer = Wanted { shares: Some(shares), ..Wanted::default() };
        let trace = Trace::of(&offered(server.address, &offer));
        assert_eq!(messages(&trace)[..2], ["> ClientHello", "< HelloRetryRequest"]);
    }
    for share in [0x0018, 0x0019] {
        let offer = Wanted { groups: Some(vec![share]), shares: Some(vec![share]), ..Wanted::default() };
        let trace = assert_answered(&offered(server.address, &offer), "its own group");
        assert_eq!(messages(&trace)[..2], ["> ClientHello", "< ServerHello"]);
    }
}

#[test]
fn a_refusal_is_recorded() {
    let pki = Pki::new();
    let server = nginx::serve(&[&pki.server(Key::EcdsaP256)], "");
    let capture =
        offered(server.address, &Wanted { ciphers: Some(vec![0x0000]), max: 0x0303, ..Wanted::default() });
    let end = capture.engine.as_ref().unwrap();
    assert!(end.error.as_ref().unwrap().contains("handshake_failure"), "{end:?}");
    assert_eq!(messages(&Trace::of(&capture)), ["> ClientHello", "< Alert"]);
}

/// What tshark sees on loopback while `talk` lasts: the fields of each packet that carries data to `port`.
fn watched(port: u16, fields: &[&str], talk: impl FnOnce()) -> Vec<Vec<String>> {
    let directory = scratch();
    let file = directory.path().join("seen.pcapng");
    let mut command = program("tshark", "tshark");
    command.args(["-i", "lo", "-f", &format!("tcp port {port}"), "-w"]).arg(&file);
    let mut tshark = Process::start("tshark", command, scratch());
    let deadline = Instant::now() + Duration::from_secs(30);
    while !tshark.log().contains("Capture started") {
        assert!(tshark.is_running() && Instant::now() < deadline, "tshark can't capture: {}", tshark.log());
        thread::sleep(Duration::from_millis(20));
    }
    talk();
    // Packets reach the file a moment later: until it stops growing.
    let mut size = 0;
    loop {
        thread::sleep(Duration::from_millis(700));
        let now = fs::metadata(&file).map_or(0, |file| file.len());
        if now > 0 && now == size {
            break;
        }
        assert!(Instant::now() < deadline, "nothing was captured");
        size = now;
    }
    drop(tshark);
    let mut command = program("tshark", "tshark");
    command.arg("-r").arg(&file).arg("-d").arg(format!("tcp.port=={port},tls"));
    command.args(["-Y", &format!("tcp.dstport == {port} && tcp.len > 0"), "-T", "fields"]);
    fields.iter().for_each(|field| {
        command.args(["-e", field]);
    });
    let output = command.output().unwrap();
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    lines.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn tshark_sees_the_framing_that_was_asked_for() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &[]);
    let fields = ["tcp.len", "tls.record.length", "tls.handshake.type"];
    let look = |framing: &Framing| {
        watched(server.address.port(), &fields, || {
            let hello = Opening::Hello(profile("openssl-3"));
            assert_answered(&probe(server.address, hello, framing.clone()), "framed");
        })
    };

    // Two records: tshark puts one ClientHello together again.
    let two = look(&Framing { records: Cut::At(vec![100]), ..Framing::default() });
    let message = profile("openssl-3").hello().write().unwrap().len();
    assert_eq!(two[0], [(message + 10).to_string(), format!("100,{}", message - 100), "1".into()], "{two:?}");

    // 300 segments of one byte each, and the rest.
    let ends: Vec<usize> = (1..300).collect();
    let many = look(&Framing { segments: Cut::At(ends), ..Framing::default() });
    let segments: Vec<usize> = many.iter().map(|row| row[0].parse().unwrap()).collect();
    let whole = message + 5;
    let last = segments
        .iter()
        .scan(0, |sum, len| {
            *sum += len;
            Some(*sum)
        })
        .position(|sum| sum == whole);
    assert_eq!(last, Some(299), "{segments:?}");
    assert!(segments[..299].iter().all(|len| *len == 1), "{segments:?}");
    let hellos = many.iter().filter(|row| row.get(2).is_some_and(|kind| kind == "1"));
    assert_eq!(hellos.count(), 1);

    // Both at once, with pauses.
    let every = NonZeroUsize::new(90).unwrap();
    let began = Instant::now();
    let pause = Duration::from_millis(5);
    let both =
        Framing { records: Cut::Every(every), segments: Cut::Every(every), pause, ..Framing::default() };
    let rows = look(&both);
    let lens: Vec<usize> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    let records = message.div_ceil(90);
    let pieces = (message + 5 * records).div_ceil(90);
    assert!(began.elapsed() > pause * (pieces as u32 - 1));
    assert!(lens[..pieces - 1].iter().all(|len| *len == 90), "{lens:?}");
}

#[test]
fn tshark_computes_the_fingerprint_that_the_client_has() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &[]);
    let rows = profiles::all();
    let seen = watched(server.address.port(), &["tls.handshake.ja3"], || {
        for row in rows {
            let hello = Opening::Hello(profile(row.name));
            assert_answered(&probe(server.address, hello, Framing::default()), row.name);
        }
    });
    let mut seen = seen.iter().filter_map(|row| row.first()).filter(|ja3| !ja3.is_empty());
    for row in rows {
        let table = row.template().unwrap().hello().write().unwrap();
        let ja3 = Offer::of(&table).unwrap().ja3(|text| Md5::digest(text).into());
        let seen = seen.next().unwrap();
        // A client that permutes its extensions has another one each time.
        assert_eq!(*seen == ja3, !row.permuted, "{}", row.name);
    }
}

/// What `command` sends to a socket; PORT in it stands for the port.
fn overheard(name: &str, package: &str, arguments: &[&str]) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let mut command = program(name, package);
    command.args(arguments.iter().map(|argument| argument.replace("PORT", &port)));
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let (mut tcp, _) = listener.accept().unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut bytes = vec![0; 1 << 16];
    let mut len = 0;
    while Opening::read(&bytes[..len]).is_err() {
        let more = tcp.read(&mut bytes[len..]).unwrap();
        assert!(more > 0, "{name} hung up");
        len += more;
    }
    drop(tcp);
    drop(listener);
    let _ = child.kill();
    let _ = child.wait();
    bytes.truncate(len);
    bytes
}

/// JA3 and JA4 of the hello that a client's bytes start with.
fn fingerprints(bytes: &[u8]) -> (String, String) {
    let Opening::Hello(template) = Opening::read(bytes).unwrap() else { panic!("an SSL 2.0 hello") };
    let message = template.hello().write().unwrap();
    let offer = Offer::of(&message).unwrap();
    let sha256 = |text: &[u8]| digest::digest(&digest::SHA256, text).as_ref().try_into().unwrap();
    (offer.ja3(|text| Md5::digest(text).into()), offer.ja4(Transport::Tcp, sha256))
}

#[test]
fn what_a_program_sends_is_sent_again_with_its_fingerprints() {
    let pki = Pki::new();
    let server = nginx::serve(&[&pki.server(Key::EcdsaP256)], "");
    for (name, package, arguments) in [
        ("openssl", "openssl", &["s_client", "-connect", "127.0.0.1:PORT", "-servername", "localhost"][..]),
        ("openssl", "openssl", &["s_client", "-tls1_2", "-connect", "127.0.0.1:PORT", "-noservername"]),
        ("gnutls-cli", "gnutls-bin", &["-p", "PORT", "127.0.0.1", "--sni-hostname", "localhost"]),
        ("curl", "curl", &["-sk", "https://localhost:PORT/", "--resolve", "localhost:PORT:127.0.0.1"]),
    ] {
        let original = overheard(name, package, arguments);
        for form in [original.clone(), hex::encode(&original).into_bytes()] {
            let capture = probe(server.address, Opening::read(&form).unwrap(), Framing::default());
            assert_answered(&capture, name);
            assert_eq!(fingerprints(&sent(&capture)), fingerprints(&original), "{name}");
            assert_ne!(sent(&capture)[11..43], original[11..43], "{name}: the same random");
        }
    }
}

/// The code that a registry has for a name, whatever its spelling.
fn code(registry: &Registry, name: &str) -> u16 {
    let plain = |name: &str| name.to_ascii_lowercase().replace('_', "");
    let found = (registry.all)().into_iter().find(|entry| plain(entry.name) == plain(name));
    found.unwrap_or_else(|| panic!("{name} is not in {}", registry.name)).code
}

/// What CryptoDataHub calls otherwise.
fn extension(name: &str) -> u16 {
    match name {
        "APPLICATION_LAYER_PROTOCOL_SETTINGS" => 17613,
        "DELEGATED_CREDENTIALS" => 34,
        "SERVER_PADDING" => 0x12e0,
        name => code(&EXTENSION_TYPES, name),
    }
}

fn scheme(name: &str) -> u16 {
    let hash = |name: &str| name.strip_prefix("SHA").map(|bits| format!("sha{bits}"));
    let name = match name.rsplit_once('_') {
        Some(("ECDSA", "SHA256")) => "ecdsa_secp256r1_sha256".into(),
        Some(("ECDSA", "SHA384")) => "ecdsa_secp384r1_sha384".into(),
        Some(("ECDSA", "SHA512")) => "ecdsa_secp521r1_sha512".into(),
        Some(("RSA", bits)) => format!("rsa_pkcs1_{}", hash(bits).unwrap()),
        _ => name.to_owned(),
    };
    code(&SIGNATURE_SCHEMES, &name)
}

/// The JA4 of a client as CryptoDataHub describes it, in the form that is not hashed; a name is asked for.
fn ja4(client: &Value) -> String {
    let list = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let hex4 = |codes: Vec<u16>| codes.iter().map(|code| format!("{code:04x}")).collect::<Vec<_>>().join(",");
    let mut suites: Vec<u16> =
        list(&client["cipher_suites"]).iter().map(|name| code(&CIPHER_SUITES, name)).collect();
    let mut extensions: Vec<u16> =
        list(&client["extension_types"]).iter().map(|name| extension(name)).collect();
    let parameters = &client["extension_params"];
    let schemes = list(&parameters["signature_algorithms"]).iter().map(|name| scheme(name)).collect();
    assert_eq!(list(&parameters["application_layer_protocol_negotiation"])[0], "H2");
    // server_name, which is not in the description, comes with a name.
    let head = format!("t13d{:02}{:02}h2", suites.len(), extensions.len() + 1);
    suites.sort_unstable();
    extensions.retain(|code| *code != 16);
    extensions.sort_unstable();
    format!("{head}_{}_{}_{}", hex4(suites), hex4(extensions), hex4(schemes))
}

#[test]
fn browsers_have_the_fingerprint_of_their_description() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/cryptodatahub/client.json");
    let clients: BTreeMap<String, Value> = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let cached = Cached::default();
    for name in ["chrome", "firefox", "opera"] {
        let row = profiles::find(name).unwrap();
        let key = row.source.split(", ").nth(2).and_then(|rest| rest.split(';').next()).unwrap();
        let sent = profile(name).build(&mut &cached).unwrap().write().unwrap();
        let ours = Offer::of(&sent).unwrap().ja4_text(Transport::Tcp);
        assert_eq!(ours, ja4(&clients[key]["capabilities"]), "{key}");
    }
}

#[test]
fn thousands_of_probes_in_one_process() {
    let pki = Pki::new();
    let server = nginx::serve(&[&pki.server(Key::EcdsaP256)], "ssl_protocols TLSv1.3;");
    let request = Request {
        connect: Plan {
            host: server.address.ip().to_string(),
            port: server.address.port(),
            ..Plan::default()
        },
        engine: Engine::Probe,
        offer: Wanted { shares: Some(vec![]), min: 0x0304, ..Wanted::default() },
        max_time: Some(Duration::from_secs(20)),
        ..Request::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answered = runtime.block_on(async {
        let prepared = engine::prepare(&request).unwrap();
        let mut answered = 0;
        for _ in 0..2000 {
            answered += usize::from(prepared.trace().await.engine.unwrap().saw_first_flight());
        }
        answered
    });
    assert_eq!(answered, 2000);
}
