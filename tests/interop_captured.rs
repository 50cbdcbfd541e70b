//! Connections of OpenSSL's client with OpenSSL's server, captured by tcpdump and opened with the client's key log.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use common::{file, run, scratch, text};
use serde_json::Value;
use support::pki::{Key, Pki};
use support::{Server, openssl, program};

/// What one side says next, with a pause before it.
#[derive(Clone, Copy)]
enum Say {
    Client(&'static str),
    Server(&'static str),
}

/// A run of `openssl s_client`: its flags, and what is said over it. `{}` in a flag is the folder.
type Session = (&'static [&'static str], &'static [Say]);

const QUIT: &[Say] = &[Say::Client("Q\n")];

/// Both sides need a moment to do what they are told.
const PAUSE: Duration = Duration::from_millis(400);

fn connect(server: &mut Server, pki: &Pki, folder: &Path, (flags, said): Session) {
    let mut client = program("openssl", "openssl");
    client.args(["s_client", "-connect", &server.address.to_string(), "-servername", "localhost"]);
    client.arg("-CAfile").arg(&pki.root).arg("-keylogfile").arg(folder.join("keys"));
    client.args(flags.iter().map(|flag| flag.replace("{}", text(folder))));
    let mut child = client.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for say in said {
        thread::sleep(PAUSE);
        match say {
            Say::Client(words) => child.stdin.as_mut().unwrap().write_all(words.as_bytes()).unwrap(),
            Say::Server(words) => server.say(words),
        }
    }
    child.wait().unwrap();
}

/// Waits until there is something in the file and no more comes.
fn settled(packets: &Path) {
    let length = || std::fs::metadata(packets).map(|it| it.len()).unwrap_or_default();
    let mut last = 0;
    for _ in 0..20 {
        thread::sleep(PAUSE);
        let now = length();
        if now > 24 && now == last {
            return;
        }
        last = now;
    }
    panic!("tcpdump writes for too long, or nothing: {last} bytes");
}

/// What `read` makes of these connections: a document each.
fn captured(flags: &[&str], sessions: &[Session]) -> Vec<Value> {
    let (pki, folder) = (Pki::new(), scratch());
    let client = pki.client(Key::EcdsaP256);
    std::fs::copy(&client.chain, folder.path().join("client.pem")).unwrap();
    std::fs::copy(&client.key, folder.path().join("client.key")).unwrap();
    std::fs::write(folder.path().join("early"), "early words\n").unwrap();
    let mut server = openssl::serve(&pki.server(Key::EcdsaP256), flags);
    let packets = file(&folder, "packets.pcap");
    let mut tcpdump = program("tcpdump", "tcpdump");
    tcpdump.args(["-i", "lo", "-U", "--immediate-mode", "-w"]).arg(&packets);
    tcpdump.args(["tcp", "port", &server.address.port().to_string()]);
    let mut tcpdump = tcpdump.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(tcpdump.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("listening on"), "CAP_NET_RAW is missing: {said}");
    for session in sessions {
        connect(&mut server, &pki, folder.path(), *session);
    }
    settled(&packets);
    std::process::Command::new("kill").args(["-INT", &tcpdump.id().to_string()]).status().unwrap();
    tcpdump.wait().unwrap();
    let keys = file(&folder, "keys");
    let shown = run([
        "read",
        text(&packets),
        "--decrypt-with",
        text(&keys),
        "--cacert",
        text(&pki.root),
        "--format",
        "jsonl",
    ]);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{flags:?}: {shown:#?}");
    let documents: Vec<Value> = shown.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents.len(), sessions.len(), "{flags:?}");
    for document in &documents {
        let connection = &document["connections"][0];
        assert_eq!(document["facts"]["verified"], true, "{flags:?}: {document}");
        let sealed =
            connection["records"].as_array().unwrap().iter().filter(|it| it["protection"] == "sealed");
        assert_eq!(sealed.count(), 0, "{flags:?}: {document}");
    }
    documents
}

/// The types of the messages of one side, in their order.
fn messages(document: &Value, of: &str) -> Vec<String> {
    let messages = document["connections"][0]["messages"].as_array().unwrap().iter();
    let own = messages.filter(|message| message["direction"] == of);
    own.map(|message| message["type"].as_str().unwrap().to_owned()).collect()
}

fn count(document: &Value, of: &str, kind: &str) -> usize {
    messages(document, of).iter().filter(|message| *message == kind).count()
}

#[test]
fn suites_with_ccm() {
    for suite in ["TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"] {
        let client: &'static [&'static str] = match suite {
            "TLS_AES_128_CCM_SHA256" => &["-ciphersuites", "TLS_AES_128_CCM_SHA256"],
            _ => &["-ciphersuites", "TLS_AES_128_CCM_8_SHA256"],
        };
        let documents = captured(&["-ciphersuites", suite], &[(client, QUIT)]);
        assert_eq!(documents[0]["facts"]["cipher"], suite);
    }
    for cipher in ["ECDHE-ECDSA-AES128-CCM", "ECDHE-ECDSA-AES256-CCM8"] {
        let documents = captured(&["-tls1_2", "-cipher", cipher], &[(&["-cipher", "ALL"], QUIT)]);
        assert!(documents[0]["facts"]["cipher"].as_str().unwrap().contains("CCM"), "{cipher}");
    }
}

/// `K` asks the other side for new keys too, which it has before it says something; `k` does not.
#[test]
fn keys_are_updated() {
    use Say::{Client, Server};
    let said =
        &[Client("k\n"), Client("one\n"), Client("K\n"), Server("two\n"), Client("three\n"), Client("Q\n")];
    let document = &captured(&[], &[(&[], said)])[0];
    assert!(count(document, "client", "KeyUpdate") >= 2, "{:?}", messages(document, "client"));
    assert!(count(document, "server", "KeyUpdate") >= 1, "{:?}", messages(document, "server"));
}

#[test]
fn a_hello_retry_request() {
    let document = &captured(&["-groups", "P-384"], &[(&["-groups", "X25519:P-384"], QUIT)])[0];
    assert_eq!(
        (&document["facts"]["retry"], &document["facts"]["group"]),
        (&true.into(), &"secp384r1".into())
    );
    assert_eq!(count(document, "client", "ClientHello"), 2);
}

#[test]
fn sessions_are_resumed() {
    let sessions: &[Session] = &[(&["-sess_out", "{}/session"], QUIT), (&["-sess_in", "{}/session"], QUIT)];
    for flags in [&[][..], &["-tls1_2"], &["-tls1_2", "-no_ticket"]] {
        let documents = captured(flags, sessions);
        let [first, second] = [0, 1].map(|place| &documents[place]["connections"][0]);
        assert_eq!((&first["chain_inherited"], &first["chain_from"]), (&false.into(), &Value::Null));
        assert_eq!(
            (&second["chain_inherited"], &second["chain_from"]),
            (&true.into(), &"0".into()),
            "{flags:?}"
        );
        assert_eq!(documents[1]["facts"]["resumed"], true, "{flags:?}");
    }
}

#[test]
fn early_data() {
    let second: &'static [&'static str] = &["-sess_in", "{}/session", "-early_data", "{}/early"];
    let sessions: &[Session] = &[(&["-sess_out", "{}/session"], QUIT), (second, QUIT)];
    let documents = captured(&["-early_data", "-max_early_data", "16384"], sessions);
    assert_eq!(documents[1]["facts"]["early_data"], true);
    assert_eq!(count(&documents[1], "client", "EndOfEarlyData"), 1);
}

#[test]
fn a_renegotiation() {
    let flags = ["-tls1_2", "-client_renegotiation"];
    let document = &captured(&flags, &[(&[], &[Say::Client("R\n"), Say::Client("Q\n")])])[0];
    assert_eq!(count(document, "client", "Finished"), 2, "{:?}", messages(document, "client"));
    assert_eq!(count(document, "server", "ServerHello"), 2);
}

#[test]
fn the_client_is_asked_for_its_certificate_after_the_handshake() {
    let client: &'static [&'static str] = &["-enable_pha", "-cert", "{}/client.pem", "-key", "{}/client.key"];
    let document = &captured(&["-verify", "3"], &[(client, &[Say::Server("c\n"), Say::Client("Q\n")])])[0];
    let client = messages(document, "client");
    assert!(count(document, "server", "CertificateRequest") >= 1, "{:?}", messages(document, "server"));
    assert!(
        client.iter().rposition(|it| it == "Certificate") > client.iter().position(|it| it == "Finished"),
        "{client:?}"
    );
}
