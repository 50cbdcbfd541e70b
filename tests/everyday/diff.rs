//! `diff`: two handshakes side by side, from saved traces, captures and servers.

use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::{Run, command, file, finish, run, scratch, text};
use crate::lab::Lab;
use crate::server::Setup;

/// A server, and the words with which it and whatever it is compared with are verified.
struct Pair {
    lab: Lab,
    server: SocketAddr,
}

impl Pair {
    fn new() -> Pair {
        let lab = Lab::new();
        let server = lab.server(Setup::default());
        Pair { lab, server }
    }

    fn target(address: SocketAddr) -> String {
        format!("localhost:{}", address.port())
    }

    /// A saved trace of this server.
    fn saved(&self, address: SocketAddr, name: &str, flags: &[&str]) -> String {
        let file = self.lab.file(name);
        let words = [&["-q", "--save", text(&file)], flags].concat();
        let saved = run(self.lab.words(address, &words));
        assert!(file.metadata().is_ok_and(|it| it.len() > 0), "{saved:#?}");
        text(&file).to_owned()
    }

    fn diff(&self, a: &str, b: &str, flags: &[&str]) -> Run {
        run([&["diff", a, b, "-4", "--cacert", text(&self.lab.ca)], flags].concat())
    }

    fn json(&self, a: &str, b: &str, flags: &[&str]) -> (i32, Value) {
        let shown = self.diff(a, b, &[&["--json"], flags].concat());
        (shown.code, shown.json())
    }
}

/// The names of what differs in a group.
fn entries(document: &Value, group: &str) -> Vec<String> {
    let groups = document["groups"].as_array().unwrap();
    let group = groups.iter().find(|it| it["name"] == group).unwrap_or_else(|| panic!("no {group}"));
    let entries = group["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
}

fn entry<'a>(document: &'a Value, name: &str) -> &'a Value {
    let groups = document["groups"].as_array().unwrap();
    let mut entries = groups.iter().flat_map(|group| group["entries"].as_array().unwrap());
    entries.find(|entry| entry["name"] == name).unwrap_or_else(|| panic!("no {name}: {document:#}"))
}

/// Groups in which something differs.
fn differing(document: &Value) -> Vec<&str> {
    let groups = document["groups"].as_array().unwrap();
    groups.iter().filter(|it| it["differs"] == true).map(|it| it["name"].as_str().unwrap()).collect()
}

fn message<'a>(document: &'a Value, kind: &str) -> &'a Value {
    let messages = document["messages"].as_array().unwrap();
    messages.iter().find(|it| it["type"] == kind).unwrap_or_else(|| panic!("no {kind}: {messages:#?}"))
}

/// The drift check of a pipeline: what was recorded, and the server as it is now.
#[test]
fn a_server_that_has_not_changed_is_the_same_as_its_saved_trace() {
    let pair = Pair::new();
    let saved = pair.saved(pair.server, "saved.json", &[]);
    for flags in [&[][..], &["--tls-max", "1.2"]] {
        let saved = if flags.is_empty() { saved.clone() } else { pair.saved(pair.server, "s12.json", flags) };
        let shown = pair.diff(&saved, &Pair::target(pair.server), flags);
        assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{shown:#?}");
        assert!(shown.last_line().starts_with("SAME  nothing differs"), "{}", shown.out);
        assert!(shown.last_line().ends_with("[exit 0]"), "{}", shown.out);
        let ticket = if flags.is_empty() { "session ticket" } else { "session id" };
        for what in ["random", "key", "signature", "verify_data", ticket, "order of"] {
            let end = shown.out.find("not compared, since every handshake has its own").unwrap();
            assert!(shown.out[end..].contains(what), "{what}: {}", shown.out);
        }
    }
    // And so are two recordings, or two servers.
    let again = pair.saved(pair.server, "again.json", &[]);
    assert_eq!(pair.diff(&saved, &again, &[]).code, 0);
    let target = Pair::target(pair.server);
    assert_eq!(pair.diff(&target, &target, &["--grease"]).code, 0, "GREASE values are others each time");
    assert_eq!(pair.diff(&target, &target, &["--hello", "chrome"]).code, 0);
    let (code, document) = pair.json(&saved, &target, &[]);
    assert_eq!((code, &document["result"], &document["exit_code"]), (0, &json!("same"), &json!(0)));
    assert_eq!((&document["a"]["kind"], &document["b"]["kind"]), (&json!("saved"), &json!("live")));
    assert_eq!(document["a"]["input"], saved);
    assert_eq!(differing(&document), [""; 0]);
}

#[test]
fn what_is_offered_and_chosen_is_told() {
    let pair = Pair::new();
    let saved = pair.saved(pair.server, "saved.json", &[]);
    let words = ["--ciphers", "TLS_AES_128_GCM_SHA256", "--alpn", "http/1.1", "--groups", "secp256r1"];
    let other = pair.saved(pair.server, "other.json", &words);
    let (code, document) = pair.json(&saved, &other, &[]);
    assert_eq!((code, &document["result"]), (1, &json!("different")));
    assert_eq!(differing(&document), ["offer", "choice"], "{document:#}");
    for name in ["cipher_suites", "supported_groups", "application_layer_protocol_negotiation"] {
        assert!(entries(&document, "offer").iter().any(|entry| entry == name), "{name}: {document:#}");
    }
    assert_eq!(entries(&document, "choice"), ["cipher", "group", "alpn"]);
    let cipher = entry(&document, "cipher");
    assert_eq!(cipher["a"], json!({"state": "is", "value": "TLS_AES_256_GCM_SHA384"}));
    assert_eq!(cipher["b"]["value"], "TLS_AES_128_GCM_SHA256");
    let suites = &entry(&document, "cipher_suites")["list"];
    assert_eq!(suites["only_b"], json!([]));
    assert!(suites["only_a"].as_array().unwrap().iter().any(|name| name == "TLS_AES_256_GCM_SHA384"));

    let shown = pair.diff(&saved, &other, &[]);
    for line in
        ["  cipher                A  TLS_AES_256_GCM_SHA384", "only in A  X25519MLKEM768, x25519, secp384r1"]
    {
        assert!(shown.out.contains(line), "no {line:?} in {}", shown.out);
    }
    assert!(shown.last_line().starts_with("DIFFERENT  "), "{}", shown.out);
    assert!(shown.last_line().ends_with("3 in choice [exit 1]"), "{}", shown.out);

    // The order of what is offered is a preference.
    let ordered = |list: &str, name: &str| pair.saved(pair.server, name, &["--ciphers", list]);
    let one = ordered("TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384", "one.json");
    let two = ordered("TLS_AES_256_GCM_SHA384,TLS_AES_128_GCM_SHA256", "two.json");
    let (_, document) = pair.json(&one, &two, &[]);
    assert_eq!(entry(&document, "cipher_suites")["list"]["reordered"], true);
}

#[test]
fn versions_are_told_without_all_that_follows_from_them() {
    let pair = Pair::new();
    let saved = pair.saved(pair.server, "saved.json", &[]);
    let old = pair.saved(pair.server, "old.json", &["--tls-max", "1.2"]);
    let (code, document) = pair.json(&saved, &old, &[]);
    assert_eq!((code, differing(&document)), (1, vec!["offer", "choice"]));
    assert_eq!(entry(&document, "tls")["b"]["value"], "1.2");
    // Neither is compressed: that TLS 1.3 has no compression is no difference.
    assert!(!entries(&document, "choice").iter().any(|name| name == "compression"), "{document:#}");
    let groups = document["groups"].as_array().unwrap();
    let left_out = groups.iter().filter(|group| !group["not_compared"].is_null());
    let left_out: Vec<_> = left_out.map(|group| group["name"].as_str().unwrap()).collect();
    assert_eq!(left_out, ["extensions", "messages"]);
    // Byte for byte they are there all the same.
    assert_eq!(message(&document, "ServerKeyExchange")["a"], Value::Null);
}

#[test]
fn another_certificate_and_another_verdict_are_told() {
    let pair = Pair::new();
    let target = Pair::target(pair.server);
    let saved = pair.saved(pair.server, "saved.json", &[]);
    // Renewed by the same CA, then by one that nobody trusts.
    let renewed = Pair::target(pair.lab.server(Setup::default()));
    let (code, document) = pair.json(&saved, &renewed, &[]);
    assert_eq!((code, differing(&document)), (1, vec!["certificate"]), "{document:#}");
    let told = entries(&document, "certificate");
    assert!(told.contains(&"leaf sha256".into()) && told.contains(&"leaf spki_pin".into()), "{told:?}");
    assert!(!told.contains(&"leaf subject".into()) && !told.contains(&"leaf names".into()), "{told:?}");
    let stranger = Pair::target(Lab::stranger().server(Setup::default()));
    let (code, document) = pair.json(&target, &stranger, &[]);
    assert_eq!((code, differing(&document)), (1, vec!["verdict", "certificate"]), "{document:#}");
    assert_eq!(entry(&document, "verified")["a"]["value"], "yes");
    assert!(entry(&document, "verdict")["b"]["value"].as_str().unwrap().starts_with("untrusted, "));
    assert_eq!(document["b"]["outcome"], "untrusted");
    // Two that are not trusted are the same in that.
    assert_eq!(run(["diff", &target, &target, "-4", "--trust", "none"]).code, 0);
    // An expectation is a part of the verdict.
    let (code, document) = pair.json(&saved, &target, &["--expect", "tls<1.3"]);
    assert_eq!((code, &document["a"]["outcome"]), (0, &json!("unmet")));
}

#[test]
fn the_servers_extensions_and_messages_are_told() {
    let pair = Pair::new();
    // It asks for a client certificate, and issues no tickets.
    let clients = crate::server::Clients::Optional;
    let other = pair.lab.server(Setup { clients, ..Setup::default() });
    let words = |name: &str, address| pair.saved(address, name, &["--settle", "1000"]);
    let (a, b) = (words("a.json", pair.server), words("b.json", other));
    let (code, document) = pair.json(&a, &b, &[]);
    assert_eq!(code, 1);
    assert_eq!(entries(&document, "choice"), ["client_certificate_requested"]);
    assert_eq!(entries(&document, "messages"), ["client Certificate"]);
    let told = message(&document, "CertificateRequest");
    assert_eq!((&told["a"], told["b"].is_u64(), &told["from"]), (&Value::Null, true, &json!("server")));

    // How many tickets were seen depends on how long somebody listened.
    let fewer = words("c.json", pair.lab.server(Setup { tickets: 1, ..Setup::default() }));
    let (_, document) = pair.json(&a, &fewer, &[]);
    assert_eq!(differing(&document), ["certificate"], "{document:#}");
    assert_eq!(message(&document, "NewSessionTicket")["differs"], false);

    // What the server says of early data is its configuration.
    let early = words("d.json", pair.lab.server(Setup { early_data: 1000, ..Setup::default() }));
    let (_, document) = pair.json(&a, &early, &[]);
    assert_eq!(differing(&document), ["certificate", "extensions"], "{document:#}");
    assert!(entries(&document, "extensions")[0].starts_with("NewSessionTicket early_data"), "{document:#}");
}

/// The bytes that differ are where it says that they are.
#[test]
fn byte_ranges_point_into_the_messages() {
    let pair = Pair::new();
    let a = pair.saved(pair.server, "a.json", &["--alpn", "h2,http/1.1"]);
    let b = pair.saved(pair.server, "b.json", &["--alpn", "h2"]);
    let (_, document) = pair.json(&a, &b, &[]);
    let hello = message(&document, "ClientHello");
    assert_eq!((&hello["a"], &hello["b"], &hello["differs"]), (&json!(0), &json!(0), &json!(true)));
    let fields = hello["fields"].as_array().unwrap();
    let of =
        |name: &str| fields.iter().find(|field| field["path"].as_array().unwrap().last().unwrap() == name);
    let random = of("random").unwrap();
    assert_eq!(random["not_compared"], "random");
    let traces = [&a, &b].map(|path| {
        let session = tls_trace::capture::saved::parse(&std::fs::read(path).unwrap()).unwrap();
        tls_trace::trace::Trace::of(&session.captures[0])
    });
    for (side, trace) in ["a", "b"].into_iter().zip(&traces) {
        let (offset, length) = (random[side]["offset"].as_u64(), random[side]["length"].as_u64());
        assert_eq!((offset, length), (Some(6), Some(32)));
        assert_eq!(random[side]["value"], hex::encode(&trace.messages[0].bytes[6..38]));
    }
    let alpn = of("application_layer_protocol_negotiation").unwrap();
    assert_eq!(alpn["list"]["only_a"], json!(["\"http/1.1\""]), "{alpn:#}");

    let shown = pair.diff(&a, &b, &["-v"]);
    for line in [
        "message by message",
        "→ ClientHello",
        "    random · not compared: random",
        "      A  6-37        ",
        "    extensions.application_layer_protocol_negotiation",
        "← Certificate\n",
    ] {
        assert_eq!(shown.out.contains(line), line != "← Certificate\n", "{line:?} in {}", shown.out);
    }
    assert!(shown.out.lines().all(|line| line.chars().count() <= 80), "{}", shown.out);
    let wide = pair.diff(&a, &b, &["-v", "--width", "120"]);
    assert!(wide.out.lines().any(|line| line.chars().count() > 80), "{}", wide.out);
}

#[test]
fn connections_of_captures_have_a_number() {
    let pair = Pair::new();
    let capture = pair.lab.file("two.pcapng");
    let words = ["-q", "--repeat", "2", "--pcap", text(&capture)];
    assert_eq!(run(pair.lab.words(pair.server, &words)).code, 0);
    let saved = pair.saved(pair.server, "saved.json", &[]);
    let of = |number: &str| format!("{}#{number}", text(&capture));
    let name = ["--verify-name", "localhost"];
    let shown = pair.diff(&of("0"), &of("1"), &name);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{shown:#?}");
    assert!(shown.out.contains("two.pcapng#0\n   captured "), "{}", shown.out);
    let (code, document) = pair.json(&saved, &of("1"), &name);
    assert_eq!((code, &document["b"]["kind"]), (0, &json!("capture")), "{document:#}");
    assert_eq!(pair.diff(&of("1"), &Pair::target(pair.server), &[]).code, 0);
    for (side, why) in [
        (text(&capture).to_owned(), "several connections: name one as "),
        (of("7"), "there is no TLS in its connection 7"),
        (of("x"), "behind # stands the number"),
    ] {
        let shown = pair.diff(&saved, &side, &[]);
        assert_eq!(shown.code, 2, "{shown:#?}");
        assert!(shown.err.contains(why), "{why:?}: {}", shown.err);
    }

    // Without its secrets most of it can't be seen: nothing is known to differ, and that is not the same.
    let sealed = pair.lab.file("sealed.pcapng");
    let words = ["-q", "--pcap", text(&sealed), "--secrets", "none"];
    assert_eq!(run(pair.lab.words(pair.server, &words)).code, 0);
    let (code, document) = pair.json(&saved, text(&sealed), &[]);
    assert_eq!(document["result"], "different", "it is not verified: {document:#}");
    assert_eq!(code, 1);
    assert_eq!(entry(&document, "chain")["b"]["state"], "not_known");
    assert_eq!(entry(&document, "EncryptedExtensions")["b"]["state"], "not_known");
    assert_eq!(message(&document, "EncryptedExtensions")["may_be_sealed"], true);
}

/// Connections of a saved trace are numbered as its report numbers them.
#[test]
fn connections_of_a_saved_trace_have_a_number_too() {
    let pair = Pair::new();
    let resumed = pair.saved(pair.server, "resumed.json", &["--resume"]);
    let (code, document) = pair.json(&format!("{resumed}#1"), &format!("{resumed}#2"), &[]);
    assert_eq!(code, 1);
    assert!(entries(&document, "choice").contains(&"resumed".into()), "{document:#}");
    assert!(entries(&document, "offer").contains(&"pre_shared_key".into()), "{document:#}");
    let shown = pair.diff(&format!("{resumed}#3"), &resumed, &[]);
    assert_eq!(shown.code, 2);
    assert!(shown.err.contains("it has no connection 3; there are 2"), "{}", shown.err);
}

/// A side that failed gives its own code; two that fail alike are compared.
#[test]
fn a_side_that_failed_gives_its_own_code() {
    let pair = Pair::new();
    let target = Pair::target(pair.server);
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Pair::target(listener.local_addr().unwrap())
    };
    let (code, document) = pair.json(&target, &refused, &[]);
    assert_eq!(
        (code, &document["result"], &document["b"]["id"]),
        (3, &json!("failed"), &json!("tcp.refused"))
    );
    assert_eq!(pair.diff(&refused, &refused, &[]).code, 3, "there is nothing to compare");
    let shown = pair.diff(&target, &refused, &[]);
    assert!(shown.last_line().starts_with("FAILED  B: connection refused"), "{}", shown.out);
    assert!(shown.last_line().ends_with("[exit 3]"), "{}", shown.out);

    let failed = pair.saved(pair.server, "failed.json", &["--alpn", "nothing-of-the-kind"]);
    assert_eq!(pair.diff(&failed, &target, &[]).code, 4);
    let again = pair.diff(&failed, &target, &["--alpn", "nothing-of-the-kind"]);
    assert_eq!(again.code, 0, "{}", again.out);

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let waits = Pair::target(silent.local_addr().unwrap());
    assert_eq!(pair.diff(&target, &waits, &["--max-time", "1"]).code, 5);
}

#[test]
fn usage() {
    let directory = scratch();
    let missing = file(&directory, "missing.json");
    for (words, why) in [
        (vec!["diff", text(&missing), text(&missing)], "can't read "),
        (vec!["diff", "-", "-"], "only one side of diff can be standard input"),
        (vec!["diff", "a.example", "b.example", "--format", "csv"], "diff has no format csv"),
        (vec!["diff", "a.example", "b.example", "--keylog", "x"], "diff and --keylog can't be used together"),
        (vec!["diff", "a.example"], "<B>"),
    ] {
        let shown = run(&words);
        assert_eq!(shown.code, 2, "{words:?}: {shown:#?}");
        assert!(shown.err.contains(why), "{why:?}: {}", shown.err);
    }
    let golden = "tests/goldens/tls13.json";
    let quiet = run(["diff", golden, golden, "-q"]);
    assert_eq!((quiet.code, quiet.out.lines().count()), (0, 1), "{quiet:#?}");
    assert_eq!(
        run(["diff", golden, "tests/goldens/tls12.json", "-qq"]),
        Run { code: 1, out: "".into(), err: "".into() }
    );
    let lines = run(["diff", golden, golden, "--format", "jsonl"]);
    assert_eq!((lines.out.lines().count(), lines.json()["schema"].clone()), (1, json!("tls-trace-diff/1")));
    let out = file(&directory, "diff.json");
    assert_eq!(run(["diff", golden, golden, "-o", text(&out)]).out, "");
    assert!(std::fs::read_to_string(&out).unwrap().contains("tls-trace-diff/1"));
}

/// The documents are what their schemas say, and every key is always there.
#[test]
fn documents_follow_their_schema() {
    let schema: Value = serde_json::from_str(&run(["schema", "diff"]).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (a, b) in [("tls12", "tls13"), ("tls13", "retry"), ("tls13", "reset"), ("resumption", "client-cert")]
    {
        let golden = |name: &str| format!("tests/goldens/{name}.json");
        let shown = run(["diff", &golden(a), &golden(b), "--json"]);
        let document = shown.json();
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{a} {b}: {errors:#?}");
        for side in ["a", "b"] {
            assert!(document[side].get("id").is_some(), "null, but there");
        }
    }
}

/// The page shows what the program prints, and its commands work.
#[test]
fn the_example_of_the_page() {
    let page = std::fs::read_to_string("docs/diff.md").unwrap();
    let (_, example) = page.split_once("```\n$ tls-trace diff ").unwrap();
    let (words, rest) = example.split_once('\n').unwrap();
    let (block, _) = rest.split_once("```").unwrap();
    let shown = run(["diff"].into_iter().chain(words.split_whitespace()));
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write("docs/diff.md", page.replace(block, &shown.out)).unwrap();
        return;
    }
    assert_eq!((shown.code, shown.out.as_str()), (1, block));

    let pair = Pair::new();
    let good = text(&pair.lab.file("good.json")).to_owned();
    let block = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let mut codes = Vec::new();
    for line in block.lines() {
        let line = line.split('#').next().unwrap().replace("example.com", &Pair::target(pair.server));
        let line = line.replace("good.json", &good);
        let words = shlex::split(&line).unwrap();
        let words = [&words[1..], &["-4", "--cacert", text(&pair.lab.ca)].map(str::to_owned)].concat();
        codes.push(run(words).code);
    }
    assert_eq!(codes, [0, 0, 0]);
}

/// Ctrl-C while a side is being made: what is there is compared, and the code is the signal's.
#[cfg(unix)]
#[test]
fn a_signal_ends_it() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Pair::target(silent.local_addr().unwrap());
    let child = command(["diff", "tests/goldens/tls13.json", &target, "-4", "--sni", "demo.tls-trace.test"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut tcp = silent.accept().unwrap().0;
    tcp.read_exact(&mut [0; 100]).unwrap();
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let shown = finish(child.wait_with_output().unwrap());
    assert_eq!((shown.code, shown.err.as_str()), (130, ""), "{shown:#?}");
    assert_eq!(shown.last_line(), "FAILED  B: interrupted by Ctrl-C [exit 130]");
    // What the server never answered is one thing that is not known.
    assert!(shown.out.contains("choice       1 thing known of one side only\n  tls "), "{}", shown.out);
    assert!(!shown.out.contains("the versions differ"), "{}", shown.out);
}

#[test]
fn a_name_is_shown_as_one() {
    let shown = run(["diff", "tests/goldens/tls13.json", "tests/goldens/silent.json"]);
    assert_eq!(shown.code, 5, "{}", shown.out);
    let pair = Pair::new();
    let a = pair.saved(pair.server, "a.json", &[]);
    let b = pair.saved(pair.server, "b.json", &["--no-sni"]);
    let (_, document) = pair.json(&a, &b, &[]);
    let name = entry(&document, "server_name");
    assert_eq!(name["a"]["value"], "name_type host_name, host_name \"localhost\"");
    assert_eq!(name["b"], json!({"state": "absent", "value": null}));
}

/// The same connection, saved and captured: nothing differs, not even that it resumes a session.
#[test]
fn a_connection_and_its_packets_are_the_same() {
    let pair = Pair::new();
    let (trace, packets) = (pair.lab.file("both.json"), pair.lab.file("both.pcapng"));
    let words = ["-q", "--resume", "--save", text(&trace), "--pcap", text(&packets)];
    assert_eq!(run(pair.lab.words(pair.server, &words)).code, 0);
    for (saved, captured) in [("1", "0"), ("2", "1")] {
        let side = |file: &std::path::Path, number: &str| format!("{}#{number}", text(file));
        let (a, b) = (side(&trace, saved), side(&packets, captured));
        let (code, document) = pair.json(&a, &b, &["--verify-name", "localhost"]);
        assert_eq!(code, 0, "{document:#}");
        assert_eq!(document["messages"], json!([]), "they are equal, byte for byte");
    }
    // Without a number it is not known which is meant.
    assert_eq!(pair.diff(text(&trace), text(&packets), &[]).code, 2);
}
