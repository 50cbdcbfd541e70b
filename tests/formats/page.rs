//! What a page has of recordings: the verdict first, every message with its fields and bytes, nothing that loads or runs.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tls_trace::capture::{Purpose, Session, saved};
use tls_trace::render::{Settings, html, json};
use tls_trace::report::Report;

use crate::common::{file, run, scratch, text, tls_trace};
use crate::hostile::elements;

fn session(name: &str) -> Session {
    let goldens = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    saved::parse(&fs::read(goldens.join(format!("{name}.json"))).unwrap()).unwrap()
}

fn page(session: Session, settings: &Settings) -> String {
    let report = Report::of(session).unwrap();
    let mut out = Vec::new();
    html::FORMAT.write(&report, settings, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The block of data with this id.
fn data(page: &str, id: &str) -> Value {
    let from = page.split_once(&format!("id=\"{id}\">")).unwrap().1;
    serde_json::from_str(from.split_once("</script>").unwrap().0).unwrap()
}

/// The markup behind the data.
fn body(page: &str) -> &str {
    page.split_once("<main").unwrap().1
}

#[test]
fn an_ordinary_handshake_is_a_small_page_that_forbids_the_network() {
    let page = page(session("tls13"), &Settings::default());
    assert!(page.len() < 300_000, "{}", page.len());
    assert!(elements(&page) > 300);
    let policy =
        page.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.contains("; script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.contains("http://") || !page.contains("src="), "it loads something");
}

#[test]
fn the_verdict_comes_first_and_says_what_to_do() {
    let page = page(session("client-cert-missing"), &Settings::default());
    let body = body(&page);
    let at = |needle: &str| body.find(needle).unwrap_or_else(|| panic!("no {needle} in {body}"));
    let order = [
        ">FAILED<",
        "<dt>where</dt>",
        "<dt>who</dt>",
        "<dt>why</dt>",
        "<dt>what to do</dt>",
        "<svg",
        "id=\"c0-steps\"",
        "id=\"c0-certificates\"",
    ];
    assert!(order.map(at).is_sorted(), "{:?}", order.map(at));
    assert!(body.contains("✗ Alert") && body.contains("--cert CLIENT.pem"));
}

#[test]
fn what_is_copied_is_a_command_and_nothing_else() {
    let out = tls_trace("demo alpn-mismatch --diagnose --format html").out;
    let command = out.split_once("<code class=\"command\">").unwrap().1.split_once("</code>").unwrap().0;
    assert!(command.starts_with("tls-trace demo") && !command.contains('('), "{command}");
    assert!(out.contains("(opens up to 24 connections)"));
}

/// Of each message all bytes, and the fields that JSON has, at the same places.
#[test]
fn each_message_has_its_bytes_and_the_fields_that_json_has() {
    for name in ["tls13", "tls12", "client-cert", "compressed"] {
        let settings = Settings { fields: Some(json::Choice::All), ..Settings::default() };
        let page = page(session(name), &settings);
        let report = Report::of(session(name)).unwrap();
        let mut document = Vec::new();
        json::FORMAT.write(&report, &settings, &mut document).unwrap();
        let document: Value = serde_json::from_slice(&document).unwrap();
        let messages = document["connections"][0]["messages"].as_array().unwrap();
        let opened = data(&page, "d0");
        let opened = opened["messages"].as_array().unwrap();
        assert!(opened.len() > 5, "{name}");
        for one in opened {
            let index = usize::try_from(one["id"].as_u64().unwrap()).unwrap();
            let shown: Vec<(String, u64, u64)> = one["views"][0]["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| {
                    (row[3].as_str().unwrap().to_owned(), row[1].as_u64().unwrap(), row[2].as_u64().unwrap())
                })
                .collect();
            let mut wanted = Vec::new();
            flat(&messages[index]["fields"], &mut wanted);
            assert_eq!(shown, wanted, "{name}, message {index}");
            let bytes = one["views"][0]["bytes"].as_str().unwrap();
            assert_eq!(
                bytes.len() as u64,
                2 * messages[index]["length"].as_u64().unwrap(),
                "{name}, message {index}"
            );
            assert!(body(&page).contains(&format!("id=\"c0m{index}\"")), "{name}, message {index}");
        }
    }
}

fn flat(fields: &Value, out: &mut Vec<(String, u64, u64)>) {
    for field in fields.as_array().unwrap() {
        let [offset, length] = ["offset", "length"].map(|key| field[key].as_u64().unwrap());
        out.push((field["name"].as_str().unwrap().to_owned(), offset, offset + length));
        flat(&field["children"], out);
    }
}

#[test]
fn fields_decides_how_much_there_is() {
    let with = |fields| {
        let page = page(session("tls13"), &Settings { fields: Some(fields), ..Settings::default() });
        data(&page, "d0").to_string().len()
    };
    let [none, summary, all] = [json::Choice::None, json::Choice::Summary, json::Choice::All].map(with);
    assert!(none < 50 && none < summary && summary < all, "{none} {summary} {all}");
}

#[test]
fn secrets_are_in_it_only_if_they_are_asked_for() {
    let secret = session("tls13").captures[0].secrets.0[0].secret.clone();
    let with = |show_secrets| page(session("tls13"), &Settings { show_secrets, ..Settings::default() });
    let (without, with) = (with(false), with(true));
    assert!(without.contains("client_handshake_traffic_secret") && !without.contains(&hex::encode(&secret)));
    assert!(with.contains(&hex::encode(&secret)));
}

/// It opens with the worst; the others are data until somebody wants them.
#[test]
fn several_connections_are_in_one_page() {
    let mut session = session("tls13");
    let bad = self::session("client-cert-missing").captures.remove(0);
    session.captures = vec![session.captures[0].clone(), bad, session.captures[0].clone()];
    session.purpose = Purpose::Captured;
    let page = page(session, &Settings::default());
    let entries = data(&page, "entries");
    let words: Vec<_> = entries.as_array().unwrap().iter().map(|entry| entry[2].as_str().unwrap()).collect();
    assert_eq!(words.len(), 3);
    assert_eq!(words[1], "FAILED");
    assert!(page.contains("data-number=\"1\"") && body(&page).contains("id=\"c1-steps\""));
    assert!(
        !body(&page).contains("id=\"c0-steps\"") && page.contains("id=\"h0\"") && page.contains("id=\"h2\"")
    );
    let other = data(&page, "h0");
    assert!(other.as_str().unwrap().contains("id=\"c0-steps\""));
    elements(&page);
    elements(&format!("<script></script>{}", other.as_str().unwrap()));
}

/// A page of many connections opens at once: of those that are good only so many are whole, and it says so.
#[test]
fn many_connections_make_no_large_page() {
    const MANY: usize = 500;
    let report = |name: &str| Report::of(session(name)).unwrap();
    let (good, bad) = (report("tls13"), report("client-cert-missing"));
    let (mut document, mut out) = ((html::FORMAT.begin)(), Vec::new());
    let settings = Settings::default();
    for n in 0..MANY {
        document.add(if n % 100 == 99 { &bad } else { &good }, &settings, &mut out).unwrap();
    }
    document.end(&settings, &mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    assert!(page.len() < 12 << 20, "{} bytes", page.len());
    let entries = data(&page, "entries");
    let whole = |place: usize| page.contains(&format!("id=\"d{place}\""));
    for (place, entry) in entries.as_array().unwrap().iter().enumerate() {
        let is_whole = place < 100 || place % 100 == 99;
        assert_eq!((whole(place), entry[5].as_u64()), (is_whole, Some(is_whole.into())), "{place}");
    }
    assert!(body(&page).contains("396 connections are rows only"));
    assert!(body(&page).contains("--stream N --format html"));

    // Where none is good it is no larger than that by more than a connection and the rows.
    let mut out = Vec::new();
    let mut document = (html::FORMAT.begin)();
    for _ in 0..MANY {
        document.add(&bad, &settings, &mut out).unwrap();
    }
    document.end(&settings, &mut out).unwrap();
    let room = 16 << 20;
    assert!((room..room + (1 << 20)).contains(&out.len()), "{} bytes", out.len());
}

/// Of a capture as well, and of many connections that are not all kept.
#[test]
fn captures_repetitions_and_files_are_pages_too() {
    let directory = scratch();
    let [pcap, page] = ["a.pcapng", "a.html"].map(|name| file(&directory, name));
    assert_eq!(run(["demo", "--repeat", "3", "-qq", "--pcap", text(&pcap)]).code, 0);
    run(["read", text(&pcap), "--all", "-o", text(&page)]);
    let shown = fs::read_to_string(&page).unwrap();
    assert_eq!(data(&shown, "entries").as_array().unwrap().len(), 3, "the suffix says the format");
    let repeated = tls_trace("demo --repeat 105 --format html").out;
    let entries = data(&repeated, "entries");
    assert_eq!(entries.as_array().unwrap().len(), 105);
    assert!(body(&repeated).contains("Connections compared"));
    let both = tls_trace("demo resumption --format html").out;
    assert!(body(&both).contains("<h3>Resumption</h3>"));
}

#[test]
fn the_picture_is_the_diagram_of_the_page() {
    let page = page(session("tls13"), &Settings::default());
    let report = Report::of(session("tls13")).unwrap();
    let mut picture = Vec::new();
    tls_trace::render::svg::FORMAT.write(&report, &Settings::default(), &mut picture).unwrap();
    let picture = String::from_utf8(picture).unwrap();
    let of = |drawing: &str| -> Vec<String> {
        let names = drawing.split("class=\"name\"").skip(1);
        names.map(|name| name.split_once('>').unwrap().1.split_once('<').unwrap().0.to_owned()).collect()
    };
    let svg = page.split_once("<svg").unwrap().1.split_once("</svg>").unwrap().0;
    assert_eq!(of(&picture), of(svg));
    assert!(of(svg).contains(&"ServerHello".to_owned()), "{:?}", of(svg));
}
