//! What is fetched when a flag asks for it, and `tls-trace cert`: the real program, files, and an HTTP server here.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod certificate_support;
mod common;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certificate_support::revocation::{Answer, DAY, SERIAL, crl};
use certificate_support::{Key, NOW, SEQUENCE, Workshop, element, sha256};
use common::{Run, command, file, finish, for_each, run, scratch, text};
use serde_json::{Value, json};
use tempfile::TempDir;
use tls_trace::wire::asn1::der;

/// The date of [`NOW`].
const AT: &str = "2026-11-21";

/// What is answered to a path.
#[derive(Clone)]
enum Page {
    Bytes(Vec<u8>),
    /// A status line, and a Location.
    Other(&'static str, String),
    /// A head, then the body byte by byte, for ever.
    Drip,
    /// The head byte by byte, for ever.
    DripHead,
    /// A body without end.
    Endless,
    HangUp,
}

/// Method and path, and the body, of each request.
type Seen = Mutex<Vec<(String, Vec<u8>)>>;

/// An HTTP server on loopback that notes what it is asked for.
struct Server {
    address: SocketAddr,
    pages: Arc<Mutex<HashMap<String, Page>>>,
    seen: Arc<Seen>,
}

impl Server {
    fn start() -> Server {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let server =
            Server { address: listener.local_addr().unwrap(), pages: Arc::default(), seen: Arc::default() };
        let (pages, seen) = (Arc::clone(&server.pages), Arc::clone(&server.seen));
        // It ends with the test program.
        std::thread::spawn(move || {
            for tcp in listener.incoming().map_while(Result::ok) {
                let (pages, seen) = (Arc::clone(&pages), Arc::clone(&seen));
                // A client that goes away is no error.
                std::thread::spawn(move || drop(serve(&tcp, &pages, &seen)));
            }
        });
        server
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    fn put(&self, path: &str, page: Page) {
        self.pages.lock().unwrap().insert(format!("/{path}"), page);
    }

    /// `GET /path`, … since the last time.
    fn asked(&self) -> Vec<String> {
        self.seen.lock().unwrap().drain(..).map(|(line, _)| line).collect()
    }
}

fn serve(mut tcp: &TcpStream, pages: &Mutex<HashMap<String, Page>>, seen: &Seen) -> std::io::Result<()> {
    const LONGEST: Duration = Duration::from_secs(30);
    let mut input = BufReader::new(tcp);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let length = head.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    input.read_exact(&mut body)?;
    let mut words = head.first().map_or("", String::as_str).split(' ');
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    seen.lock().unwrap().push((format!("{method} {path}"), body));
    let page = pages.lock().unwrap().get(path).cloned();
    let until = Instant::now() + LONGEST;
    match page.unwrap_or(Page::Other("404 Not Found", String::new())) {
        Page::Bytes(bytes) => {
            let length = bytes.len();
            write!(tcp, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
            tcp.write_all(&bytes)
        }
        Page::Other(status, location) => {
            let location = if location.is_empty() { location } else { format!("Location: {location}\r\n") };
            write!(tcp, "HTTP/1.1 {status}\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n")
        }
        Page::Drip => {
            tcp.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")?;
            while Instant::now() < until {
                tcp.write_all(b"0")?;
                std::thread::sleep(Duration::from_millis(100));
            }
            Ok(())
        }
        Page::DripHead => {
            tcp.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ")?;
            while Instant::now() < until {
                tcp.write_all(b"0")?;
                std::thread::sleep(Duration::from_millis(100));
            }
            Ok(())
        }
        Page::Endless => {
            tcp.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            while Instant::now() < until {
                tcp.write_all(&[0x30; 65_536])?;
            }
            Ok(())
        }
        Page::HangUp => Ok(()),
    }
}

/// Certificates as files.
struct Files {
    directory: TempDir,
    shop: Workshop,
}

impl Files {
    fn of(recipes: &Value) -> Files {
        let shop = Workshop::make(recipes.as_object().unwrap());
        let files = Files { directory: scratch(), shop };
        for (name, der) in &files.shop.certificates {
            files.write(&format!("{name}.pem"), pem("CERTIFICATE", der).as_bytes());
        }
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        file(&self.directory, name)
    }

    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn der(&self, name: &str) -> &[u8] {
        &self.shop.certificates[name]
    }

    fn key(&self, name: &str) -> &Key {
        &self.shop.keys[name]
    }

    /// Its private key as a file.
    fn key_file(&self, name: &str) -> PathBuf {
        let Key::P256(key) = self.key(name) else { panic!("{name} has another kind of key") };
        let pkcs8 = key.to_pkcs8v1().unwrap();
        self.write(&format!("{name}.key"), pem("PRIVATE KEY", pkcs8.as_ref()).as_bytes())
    }

    /// `tls-trace cert` of these files, on the day of the recipes, trusting the root unless it is said otherwise.
    fn cert(&self, names: &[&str], flags: &[&str]) -> Run {
        let paths: Vec<_> = names.iter().map(|name| self.path(name)).collect();
        let root = self.path("root.pem");
        let mut arguments = vec!["cert"];
        arguments.extend(paths.iter().map(|path| text(path)));
        arguments.extend(["--width", "400"]);
        if !flags.contains(&"--at") {
            arguments.extend(["--at", AT]);
        }
        if !flags.contains(&"--trust") {
            arguments.extend(["--cacert", text(&root)]);
        }
        arguments.extend(flags);
        run(arguments)
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    pem::encode(&pem::Pem::new(label, der))
}

/// A root, an intermediate and a leaf with what else its recipe is to say.
fn usual(leaf: &Value) -> Value {
    let mut recipe = json!({"issuer": "inter"});
    recipe.as_object_mut().unwrap().extend(leaf.as_object().unwrap().clone());
    json!({"root": {"ca": true}, "inter": {"ca": true, "issuer": "root"}, "leaf": recipe})
}

/// A SignedData of certificates only.
fn pkcs7(certificates: &[&[u8]]) -> Vec<u8> {
    const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    let data = [
        vec![2, 1, 1],
        element(der::SET, &[]),
        element(SEQUENCE, &element(der::OID, DATA)),
        element(der::constructed(0), &certificates.concat()),
        element(der::SET, &[]),
    ];
    let content = element(der::constructed(0), &element(SEQUENCE, &data.concat()));
    element(SEQUENCE, &[element(der::OID, SIGNED_DATA), content].concat())
}

fn has(run: &Run, code: i32, needles: &[&str]) {
    assert_eq!((run.code, run.err.as_str()), (code, ""), "{run:#?}");
    for needle in needles {
        assert!(run.out.contains(needle), "no {needle:?} in {}", run.out);
    }
}

#[test]
fn a_missing_issuer_is_fetched_in_each_form() {
    let server = Server::start();
    for form in ["der", "pem", "pkcs7", "several"] {
        let url = server.url(form);
        let files = Files::of(&usual(&json!({"aia": url})));
        let inter = files.der("inter");
        let bytes = match form {
            "der" => inter.to_vec(),
            "pem" => pem("CERTIFICATE", inter).into_bytes(),
            "pkcs7" => pkcs7(&[inter]),
            _ => pkcs7(&[files.der("root"), inter]),
        };
        server.put(form, Page::Bytes(bytes));

        let without = files.cert(&["leaf.pem"], &[]);
        has(&without, 1, &["cert.missing_intermediate", &url, "--fetch-aia"]);
        assert_eq!(server.asked(), [""; 0], "nothing is requested without the flag");

        let with = files.cert(&["leaf.pem"], &["--fetch-aia"]);
        has(&with, 0, &[&format!("fetched {url}"), "inter", "✓ path to an anchor"]);
        assert_eq!(server.asked(), [format!("GET /{form}")]);

        // A chain that is complete asks nobody.
        has(&files.cert(&["leaf.pem", "inter.pem"], &["--fetch-aia"]), 0, &[]);
        assert_eq!(server.asked(), [""; 0]);
    }
}

#[test]
fn a_redirect_is_followed() {
    let server = Server::start();
    let files = Files::of(&usual(&json!({"aia": server.url("old/ca")})));
    server.put("old/ca", Page::Other("301 Moved Permanently", "../new/ca".into()));
    server.put("new/ca", Page::Other("302 Found", server.url("ca")));
    server.put("ca", Page::Bytes(files.der("inter").to_vec()));
    has(&files.cert(&["leaf.pem"], &["--fetch-aia"]), 0, &[]);
    assert_eq!(server.asked(), ["GET /old/ca", "GET /new/ca", "GET /ca"]);
}

#[test]
fn two_missing_issuers_are_fetched_one_after_the_other() {
    let server = Server::start();
    let files = Files::of(&json!({
        "root": {"ca": true},
        "upper": {"ca": true, "issuer": "root"},
        "lower": {"ca": true, "issuer": "upper", "aia": server.url("upper")},
        "leaf": {"issuer": "lower", "aia": server.url("lower")},
    }));
    server.put("lower", Page::Bytes(files.der("lower").to_vec()));
    let half = files.cert(&["leaf.pem"], &["--fetch-aia"]);
    has(&half, 1, &[&server.url("upper"), "404"]);
    assert_eq!(server.asked(), ["GET /lower", "GET /upper"]);
    server.put("upper", Page::Bytes(files.der("upper").to_vec()));
    has(&files.cert(&["leaf.pem"], &["--fetch-aia"]), 0, &[]);
    assert_eq!(server.asked(), ["GET /lower", "GET /upper"]);
}

/// Issuers without end: each URL has a certificate whose own issuer is missing.
#[test]
fn it_does_not_go_on_for_ever() {
    let server = Server::start();
    let mut recipes = serde_json::Map::new();
    recipes.insert("root".into(), json!({"ca": true}));
    for n in 0..12 {
        let issuer = format!("ca{}", n + 1);
        let ca = n > 0;
        recipes.insert(format!("ca{n}"), json!({"ca": ca, "issuer": issuer, "aia": server.url(&issuer)}));
    }
    recipes.insert("ca12".into(), json!({"ca": true, "issuer": "root"}));
    let files = Files::of(&Value::Object(recipes));
    for n in 1..13 {
        server.put(&format!("ca{n}"), Page::Bytes(files.der(&format!("ca{n}")).to_vec()));
    }
    let end = files.cert(&["ca0.pem"], &["--fetch-aia"]);
    has(&end, 1, &["✗ path to an anchor: \"ca4\" was issued by \"ca5\"", &server.url("ca4")]);
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn hostile_answers_are_bounded_and_named() {
    let server = Server::start();
    let elsewhere = |url: &str| Page::Other("302 Found", url.to_owned());
    server.put("loop", elsewhere("/loop"));
    server.put("https", elsewhere("https://127.0.0.1:1/ca.crt"));
    server.put("file", elsewhere("file:///etc/passwd"));
    server.put("garbage", Page::Bytes(b"<html>no such page</html>".to_vec()));
    server.put("empty", Page::Bytes(Vec::new()));
    server.put("endless", Page::Endless);
    server.put("drip", Page::Drip);
    server.put("drip-head", Page::DripHead);
    server.put("hang-up", Page::HangUp);
    server.put("stranger", Page::Bytes(Files::of(&json!({"root": {"ca": true}})).der("root").to_vec()));
    let local = |path: &str| server.url(path);
    // A URL and what is said of it.
    let rows: &[(String, &str)] = &[
        (local("nothing"), "the server answered 404 not found"),
        (local("loop"), "more than 3 redirects"),
        (local("https"), "redirected to https://127.0.0.1:1/ca.crt: only http:// is fetched"),
        (local("file"), "redirected to file:///etc/passwd: only http:// is fetched"),
        (local("garbage"), "not a certificate"),
        (local("empty"), "not a certificate"),
        (local("endless"), "the answer is larger than 256 kib"),
        (local("drip"), "no complete answer within 5 seconds"),
        (local("drip-head"), "no complete answer within 5 seconds"),
        (local("hang-up"), "not fetched"),
        (local("stranger"), "cert.missing_intermediate"),
        ("https://127.0.0.1:1/ca.crt".into(), "only http:// is fetched"),
        ("file:///etc/passwd".into(), "only http:// is fetched"),
        ("http://127.0.0.1:1/ca.crt".into(), "not fetched"),
        ("http://".into(), "not fetched"),
        ("http://user@:x/\u{1b}[31m".into(), "not fetched"),
    ];
    for_each(
        rows,
        |row| row.0.clone(),
        |(url, needle)| {
            let files = Files::of(&usual(&json!({"aia": url})));
            let began = Instant::now();
            let run = files.cert(&["leaf.pem"], &["--fetch-aia"]);
            assert!(began.elapsed() < Duration::from_secs(40), "{url}: {:?}", began.elapsed());
            has(&run, 1, &["cert.missing_intermediate"]);
            assert!(!run.out.contains('\u{1b}') && !run.out.contains("root:"), "{run:#?}");
            let lines: Vec<_> = run.out.lines().filter(|line| line.contains("fetched")).collect();
            println!("{}", lines.join("\n"));
            assert!(run.out.to_lowercase().contains(needle), "no {needle:?} in {}", run.out);
            valid(&files.cert(&["leaf.pem"], &["--format", "json"]).json());
        },
    );
}

#[test]
fn responders_are_asked_and_judged() {
    let server = Server::start();
    let files = Files::of(&usual(&json!({"ocsp": server.url("ocsp")})));
    let key = files.key("inter");
    let chain = ["leaf.pem", "inter.pem"];
    has(&files.cert(&chain, &[]), 0, &["– revocation: no OCSP response or CRL is available"]);
    assert_eq!(server.asked(), [""; 0], "nobody is asked without the flag");

    let other = Answer { serial: vec![9], ..Answer::good("inter", key) };
    let old = Answer { from: NOW - 9 * DAY, to: Some(NOW - DAY), ..Answer::good("inter", key) };
    let stranger = Answer { signer: files.key("leaf"), ..Answer::good("inter", key) };
    let rows = [
        (
            Page::Bytes(Answer::good("inter", key).response()),
            // Of the intermediate nobody says anything.
            7,
            "✓ revocation: leaf is not revoked (ocsp by key ",
        ),
        (
            Page::Bytes(Answer::revoked("inter", key).response()),
            1,
            "revoked on 2026-11-20 00:00:00 UTC (keyCompromise)",
        ),
        (Page::Bytes(other.response()), 7, "another certificate"),
        (Page::Bytes(old.response()), 7, "out of date"),
        (Page::Bytes(stranger.response()), 7, "neither the issuer nor a responder"),
        (Page::Bytes(b"garbage".to_vec()), 7, "revocation"),
        (Page::Bytes(Vec::new()), 7, "revocation"),
        (Page::Other("404 Not Found", String::new()), 7, "404"),
        (Page::Endless, 7, "larger than 256 KiB"),
        (Page::HangUp, 7, "not fetched"),
        (Page::Other("307 Temporary Redirect", "/elsewhere".into()), 7, "redirected to /elsewhere"),
    ];
    for (page, code, needle) in rows {
        server.put("ocsp", page);
        let said = files.cert(&chain, &["--ocsp"]);
        has(&said, code, &[needle]);
        for line in said.out.lines().filter(|line| line.contains("revo") || line.contains("fetched")) {
            println!("{line}");
        }
        let seen: Vec<_> = server.seen.lock().unwrap().drain(..).collect();
        let [(line, request)] = &seen[..] else { panic!("{seen:?}") };
        assert_eq!(line, "POST /ocsp");
        // The request names the certificate by its serial number.
        assert!(request.windows(SERIAL.len()).any(|bytes| bytes == SERIAL), "{request:?}");
        let json = files.cert(&chain, &["--ocsp", "--format", "json"]).json();
        valid(&json);
        assert_eq!(json["verdict"]["exit_code"], code);
        server.asked();
    }
}

/// The issuer comes from an AIA URL, and then the responder can be asked.
#[test]
fn both_flags_together() {
    let server = Server::start();
    let files = Files::of(&usual(&json!({"aia": server.url("ca"), "ocsp": server.url("ocsp")})));
    server.put("ca", Page::Bytes(files.der("inter").to_vec()));
    server.put("ocsp", Page::Bytes(Answer::revoked("inter", files.key("inter")).response()));
    let said = files.cert(&["leaf.pem"], &["--fetch-aia", "--ocsp"]);
    has(&said, 1, &["cert.revoked", "NOT TRUSTED"]);
    assert_eq!(server.asked(), ["GET /ca", "POST /ocsp"]);
}

#[test]
fn several_files_and_standard_input() {
    let files = Files::of(&usual(&json!({})));
    let chain = pem("CERTIFICATE", files.der("leaf")) + &pem("CERTIFICATE", files.der("inter"));
    files.write("fullchain.pem", chain.as_bytes());
    files.write("leaf.der", files.der("leaf"));
    for names in [&["leaf.pem", "inter.pem"][..], &["fullchain.pem"], &["leaf.der", "inter.pem"]] {
        has(&files.cert(names, &[]), 0, &["✓ path to an anchor", "TRUSTED"]);
        has(&files.cert(names, &["--verify-name", "example.com"]), 0, &["✓ name"]);
        has(&files.cert(names, &["--verify-name", "example.net"]), 1, &["cert.name_mismatch"]);
    }
    let root = files.path("root.pem");
    let mut child = command(["cert", "-", "--at", AT, "--cacert", text(&root)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(chain.as_bytes()).unwrap();
    has(&finish(child.wait_with_output().unwrap()), 0, &["TRUSTED"]);
}

#[test]
fn the_key_fits_or_it_does_not() {
    let files = Files::of(&usual(&json!({})));
    let chain = ["leaf.pem", "inter.pem"];
    let (right, wrong) = (files.key_file("leaf"), files.key_file("inter"));
    has(&files.cert(&chain, &["--key", text(&right)]), 0, &["the key belongs to the first certificate"]);
    let behind = files.cert(&chain, &["--key", text(&wrong)]);
    has(&behind, 1, &["the key belongs to certificate 2, not to the first"]);
    let other = files.cert(&["leaf.pem"], &["--key", text(&wrong)]);
    has(&other, 1, &["the key does not belong to the first certificate: the private key is a different key"]);
    // A key that the engine can't use is compared all the same, or it is said that it was not.
    let ed448 = "-----BEGIN PRIVATE KEY-----\nMEcCAQAwBQYDK2VxBDsEOQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\nISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OQ==\n-----END PRIVATE KEY-----\n";
    let ed448 = files.write("ed448.key", ed448.as_bytes());
    has(&files.cert(&chain, &["--key", text(&ed448)]), 1, &["the private key is of type Ed448"]);
    let unknown = Files::of(&usual(&json!({"key": "ed448"})));
    let ed448 = unknown.write("ed448.key", &std::fs::read(&ed448).unwrap());
    let run = unknown.cert(&chain, &["--key", text(&ed448)]);
    has(&run, 7, &["key_not_compared", "the Ed448 private key file contains no public key"]);
    has(&unknown.cert(&chain, &["--key", text(&ed448), "--allow-unevaluated"]), 0, &["TRUSTED"]);
    let garbage = files.write("garbage", b"garbage");
    for path in [&garbage, &files.path("leaf.pem"), &files.path("absent")] {
        let run = files.cert(&chain, &["--key", text(path)]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:#?}");
    }
}

/// The leaf has 55 days left, the others years.
#[test]
fn days_left() {
    let files = Files::of(&usual(&json!({})));
    let says = |days: &str| files.cert(&["leaf.pem", "inter.pem"], &["--min-days", days]);
    has(&says("54"), 0, &["TRUSTED"]);
    has(&says("56"), 1, &["  id        days", "the leaf has 55 days left, fewer than 56"]);
    let warned = says("60:30");
    has(&warned, 0, &["60"]);
    assert_ne!(warned.out, says("54:30").out);
    has(&says("90:56"), 1, &["  id        days"]);
    // The intermediate and the root count too.
    has(&says("4000:3000"), 1, &["  id        days"]);
    let wrong = says("soon");
    assert_eq!((wrong.code, wrong.out.as_str()), (2, ""), "{wrong:#?}");
}

#[test]
fn pins() {
    let files = Files::of(&usual(&json!({})));
    let pin = |name: &str| format!("sha256//{}", STANDARD.encode(sha256(&files.key(name).spki())));
    let stranger = format!("sha256//{}", STANDARD.encode([7; 32]));
    let says = |pins: &str| files.cert(&["leaf.pem", "inter.pem"], &["--pinnedpubkey", pins]);
    for good in [pin("leaf"), pin("inter"), pin("root"), format!("{stranger};{}", pin("leaf"))] {
        has(&says(&good), 0, &["pinned key: found in the chain"]);
    }
    has(&says(&stranger), 1, &["✗ pinned key"]);
    for malformed in ["sha256//AAAA", "md5//AAAA", "sha256//***", ""] {
        assert_eq!(says(malformed).code, 2, "{malformed}");
    }
}

#[test]
fn lists_of_the_revoked() {
    let files = Files::of(&usual(&json!({})));
    let (inter, root) = (files.key("inter"), files.key("root"));
    let list = |name: &str, bytes: &[u8]| files.write(name, pem("X509 CRL", bytes).as_bytes());
    let none = list("none.crl", &crl("inter", inter, NOW + DAY, &[&[7]], &[]));
    let leaf = list("leaf.crl", &crl("inter", inter, NOW + DAY, &[SERIAL], &[]));
    let ca = list("ca.crl", &crl("root", root, NOW + DAY, &[SERIAL], &[]));
    let says = |lists: &[&PathBuf]| {
        let flags: Vec<_> = lists.iter().flat_map(|path| ["--crl", text(path)]).collect();
        files.cert(&["leaf.pem", "inter.pem"], &flags)
    };
    has(&says(&[&none]), 0, &["TRUSTED"]);
    has(&says(&[&none, &leaf]), 1, &["cert.revoked", "revoked on 2026-11-20"]);
    has(&says(&[&none, &ca]), 1, &["cert.revoked"]);
    let garbage = files.write("garbage", b"garbage");
    for path in [&garbage, &files.path("leaf.pem"), &files.path("absent")] {
        let run = says(&[path]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:#?}");
    }
}

#[test]
fn another_day() {
    let files = Files::of(&usual(&json!({})));
    let at = |date: &str| files.cert(&["leaf.pem", "inter.pem"], &["--at", date]);
    has(&at("2026-11-02"), 0, &[]);
    has(&at("2026-10-31"), 1, &["cert.not_yet_valid"]);
    has(&at("2027-01-16"), 1, &["cert.expired"]);
    assert_eq!(at("tomorrow").code, 2);
}

#[test]
fn nothing_is_trusted() {
    let files = Files::of(&usual(&json!({})));
    let none = files.cert(&["leaf.pem", "inter.pem", "root.pem"], &["--trust", "none"]);
    has(&none, 1, &["trust: nothing"]);
    has(&files.cert(&["leaf.pem", "inter.pem"], &["--trust", "mozilla"]), 1, &["NOT TRUSTED"]);
}

#[test]
fn files_of_no_use() {
    let files = Files::of(&usual(&json!({})));
    let key = files.key_file("leaf");
    let cut = pem("CERTIFICATE", files.der("leaf"));
    let rows = [
        files.write("garbage", b"garbage"),
        files.write("empty", b""),
        files.write("cut.pem", &cut.as_bytes()[..cut.len() / 2]),
        files.path("absent"),
        key,
    ];
    for path in rows {
        let name = path.file_name().unwrap().to_str().unwrap();
        let run = files.cert(&[name], &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:#?}");
        assert!(run.err.contains(name) && run.err.lines().count() <= 3, "{run:#?}");
    }
}

#[test]
fn json_is_what_its_schema_says() {
    let files =
        Files::of(&usual(&json!({"aia": "http://127.0.0.1:1/ca", "ocsp": "http://127.0.0.1:1/ocsp"})));
    let key = files.key_file("leaf");
    let list = files.write("leaf.crl", &crl("inter", files.key("inter"), NOW + DAY, &[SERIAL], &[]));
    let (key, list) = (text(&key), text(&list));
    let forms: &[(&[&str], &[&str], i32)] = &[
        (&["leaf.pem", "inter.pem"], &[], 0),
        (&["leaf.pem"], &["--fetch-aia"], 1),
        (&["leaf.pem", "inter.pem"], &["--ocsp", "--key", key, "--min-days", "90:30"], 7),
        (&["leaf.pem", "inter.pem"], &["--crl", list, "--trust", "none"], 1),
        (&["inter.pem", "leaf.pem", "leaf.pem"], &["--verify-name", "example.com"], 1),
    ];
    for (names, flags, code) in forms {
        let run = files.cert(names, &[flags, &["--format", "json"][..]].concat());
        assert_eq!(run.code, *code, "{run:#?}");
        let document = run.json();
        valid(&document);
        assert_eq!(document["verdict"]["exit_code"], *code);
        // What is said at most takes no network and no panic either.
        assert_eq!(files.cert(names, &[flags, &["-vv"][..]].concat()).code, *code);
    }
}

/// The document keeps what the schema promises.
fn valid(document: &Value) {
    let schema: Value = serde_json::from_str(&tls_trace::render::json::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<_> =
        validator.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Waits until something was asked for.
fn await_request(server: &Server) {
    while server.seen.lock().unwrap().is_empty() {
        std::thread::sleep(Duration::from_millis(2));
    }
    server.asked();
}

/// A signal ends the run while an answer is awaited, with its code and a report of what is known by then.
#[test]
#[cfg(unix)]
fn a_signal_ends_an_inquiry() {
    let server = Server::start();
    server.put("slow", Page::DripHead);
    let files = Files::of(&usual(&json!({"aia": server.url("slow"), "ocsp": server.url("slow")})));
    let (leaf, inter, root) = (files.path("leaf.pem"), files.path("inter.pem"), files.path("root.pem"));
    let alone = ["cert", text(&leaf), "--fetch-aia"];
    let whole = ["cert", text(&leaf), text(&inter), "--ocsp"];
    for (flags, signal, code) in
        [(&alone[..], "-INT", 130), (&alone[..], "-TERM", 143), (&whole[..], "-INT", 130)]
    {
        let mut command = command([flags, &["--at", AT, "--cacert", text(&root)]].concat());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        await_request(&server);
        let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(killed.unwrap().success());
        let run = finish(child.wait_with_output().unwrap());
        assert_eq!(run.code, code, "{flags:?}: {run:#?}");
        // Not what is said when its own five seconds are over.
        for needle in ["interrupted", "INTERRUPTED", &format!("[exit {code}]"), "leaf"] {
            assert!(run.out.contains(needle), "no {needle:?} in {}", run.out);
        }
    }
}

/// `--max-time` spans all that is fetched together.
#[test]
fn max_time_ends_an_inquiry() {
    let server = Server::start();
    server.put("slow", Page::DripHead);
    let files = Files::of(&json!({
        "root": {"ca": true},
        "upper": {"ca": true, "issuer": "root", "ocsp": server.url("slow")},
        "lower": {"ca": true, "issuer": "upper", "ocsp": server.url("slow")},
        "leaf": {"issuer": "lower", "ocsp": server.url("slow")},
    }));
    let run = files.cert(&["leaf.pem", "lower.pem", "upper.pem"], &["--ocsp", "--max-time", "2"]);
    has(&run, 7, &["revocation status unknown"]);
    let lines = run.out.lines().filter(|line| line.contains("not fetched"));
    assert_eq!(lines.filter(|line| line.contains("within --max-time")).count(), 3, "{run:#?}");
}

/// Who asks for a status wants to know it: what can't be found out is neither good nor bad.
#[test]
fn a_status_that_nobody_tells_is_exit_code_7() {
    let server = Server::start();
    let url = |path: &str| server.url(path);
    server.put("dead", Page::HangUp);
    server.put("try-later", Page::Bytes(vec![0x30, 3, 0x0a, 1, 3]));
    server.put("garbage.crl", Page::Bytes(b"garbage".to_vec()));
    let chain = ["leaf.pem", "inter.pem"];
    for (leaf, needle) in [
        (json!({}), "it names neither an OCSP responder nor a CRL"),
        (json!({"ocsp": url("dead")}), "dead"),
        (json!({"ocsp": url("try-later")}), "tryLater"),
        (json!({"crl": url("garbage.crl")}), "the answer is not a CRL"),
        (json!({"crl": "ldap://127.0.0.1/ca"}), "only http:// is fetched"),
    ] {
        let files = Files::of(&usual(&leaf));
        let run = files.cert(&chain, &["--revocation"]);
        has(&run, 7, &["revocation.not_evaluated", "NOT EVALUATED", needle, "[exit 7]"]);
        let quiet = files.cert(&chain, &["--revocation", "-q"]);
        has(&quiet, 7, &["revocation status unknown"]);
        let json = files.cert(&chain, &["--revocation", "--format", "json"]).json();
        valid(&json);
        assert_eq!(json["verdict"]["outcome"], "unevaluated");
        for lifted in ["--allow-unevaluated", "--allow-unevaluated=revocation.not_evaluated"] {
            has(&files.cert(&chain, &["--revocation", lifted]), 0, &["TRUSTED", needle]);
        }
        has(&files.cert(&chain, &["--revocation", "--allow-unevaluated=sealed"]), 7, &[]);
        // Something bad comes first.
        has(&files.cert(&chain, &["--revocation", "--verify-name", "other.example"]), 1, &["NOT TRUSTED"]);
    }
}

/// Large CAs name no responder any more; and a second responder may answer where the first does not.
#[test]
fn what_the_first_source_does_not_say_the_next_one_does() {
    let server = Server::start();
    server.put("dead", Page::HangUp);
    let urls = json!({"ocsp": server.url("dead"), "crl": server.url("list.crl")});
    let files = Files::of(&usual(&urls));
    let chain = ["leaf.pem", "inter.pem"];
    let key = files.key("inter");
    server.put("list.crl", Page::Bytes(crl("inter", key, NOW + DAY, &[&[7]], &[])));
    // The intermediate names nothing.
    let flags = ["--revocation", "--format", "json"];
    let json = files.cert(&chain, &flags).json();
    let of_leaf: Vec<_> = json["connections"][0]["revocation"].as_array().unwrap().iter().collect();
    assert!(
        of_leaf.iter().any(|source| source["source"] == "crl"
            && source["state"] == "holds"
            && source["certificate"] == 1),
        "{of_leaf:?}"
    );
    assert_eq!(server.asked(), ["POST /dead", "GET /list.crl"]);
}
