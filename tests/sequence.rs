//! A connection as a sequence diagram: what is drawn of the recordings, and that no peer makes it long.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tls_trace::capture::{Event, Said, Session, Step, StepKind, saved};
use tls_trace::demo::recordings;
use tls_trace::judged::Judge;
use tls_trace::report::flow::Flow;
use tls_trace::report::notes::Notes;
use tls_trace::report::sequence::{Arrow, Kind, Party, Protection, Sequence};
use tls_trace::wire::Direction;

fn session(name: &str) -> Session {
    let goldens = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    saved::parse(&fs::read(goldens.join(format!("{name}.json"))).unwrap()).unwrap()
}

fn drawn(session: Session, notes: Option<&mut Notes>) -> Sequence {
    let judge = Judge::new(session.question).unwrap();
    let judged = judge.judge(session.captures.into_iter().next().unwrap(), None);
    Sequence::of(&judged.case(&judge.question), &judged.verdict, None, notes).unwrap()
}

/// A line an item: who, to whom, what, under which keys.
fn outline(sequence: &Sequence) -> Vec<String> {
    let item = |kind: &Kind| match kind {
        Kind::Arrow(arrow) => {
            let way = match arrow.direction() {
                Direction::Client => "->",
                Direction::Server => "<-",
            };
            let failed = if arrow.failed { " !" } else { "" };
            format!("{way} {}, {}{failed}", arrow.label(), arrow.protection.text())
        }
        Kind::Keys(keys) => format!("-- {}", keys.text),
        Kind::Remark(remark) => format!("({})", remark.title),
        Kind::Failure(failure) => format!("!! {} {}", failure.word, failure.id),
        Kind::LeftOut(count) => format!(".. {count}"),
    };
    sequence.items.iter().map(|one| item(&one.kind)).collect()
}

#[test]
fn a_handshake_is_drawn_from_the_first_segment_to_the_tickets() {
    let sequence = drawn(session("tls13"), None);
    assert_eq!(
        outline(&sequence),
        [
            "-> SYN, in the clear",
            "<- SYN-ACK, in the clear",
            "-> ACK, in the clear",
            "-> ClientHello, in the clear",
            "<- ServerHello, in the clear",
            "-- handshake keys: what follows is encrypted",
            "<- EncryptedExtensions, handshake keys",
            "<- Certificate, handshake keys",
            "<- CertificateVerify, handshake keys",
            "<- Finished, handshake keys",
            "-> Finished, handshake keys",
            "-- application keys",
            "<- NewSessionTicket ×2, application keys",
            "-> Alert, application keys",
        ]
    );
    assert_eq!((sequence.end.word, sequence.end.exit_code), ("TRUSTED", 0));
    let names: Vec<_> = sequence.lifelines.iter().map(|line| (line.party, line.role)).collect();
    assert_eq!(names, [(Party::Client, "client"), (Party::Server, "server")]);
    let arrow = |name: &str| {
        let arrows = sequence.items.iter().filter_map(|item| match &item.kind {
            Kind::Arrow(arrow) => Some(arrow),
            _ => None,
        });
        arrows.into_iter().find(|arrow| arrow.name == name).unwrap()
    };
    let hello = arrow("ClientHello");
    assert_eq!((hello.protection, hello.records), (Protection::Clear, Some((1, 1))));
    let said: Vec<_> = hello.brief().map(|line| line.text.as_str()).collect();
    assert!(said[0].starts_with("TLS 1.3"), "{said:?}");
    // Both tickets are counted.
    let one = session("tls13");
    let trace = tls_trace::trace::Trace::of(&one.captures[0]);
    let tickets = trace.messages.iter().filter(|message| message.name == "NewSessionTicket");
    assert_eq!(arrow("NewSessionTicket").bytes, Some(tickets.map(|message| message.length as u64).sum()));
}

#[test]
fn the_point_of_failure_stands_where_it_is() {
    for (name, around) in [
        ("expired", ["<- Certificate, handshake keys !", "!! NOT TRUSTED cert.expired"]),
        ("alpn-mismatch", ["<- Alert, handshake keys !", "!! FAILED alert.no_application_protocol"]),
        ("client-cert-missing", ["<- Alert, application keys !", "!! FAILED client_cert.required"]),
        ("silent", ["-> ClientHello, in the clear", "!! TIMED OUT timeout.silent"]),
        ("plaintext", ["<- not TLS, in the clear !", "!! FAILED plaintext"]),
        ("reset", ["<- RST, in the clear !", "!! FAILED closed.reset"]),
        ("truncated", ["<- FIN, in the clear !", "!! FAILED closed.fin"]),
    ] {
        let outline = outline(&drawn(session(name), None));
        let at =
            outline.iter().position(|line| line.starts_with("!!")).unwrap_or_else(|| panic!("{outline:#?}"));
        assert_eq!(outline[at - 1..=at], around, "{name}: {outline:#?}");
        assert_eq!(outline.iter().filter(|line| line.starts_with("!!")).count(), 1, "{name}");
    }
}

/// Where no message shows it, it stands behind what does: not behind what came later.
#[test]
fn a_failure_that_no_message_shows_stands_where_it_is_too() {
    let shown = |scenario: &str| {
        let session = saved::parse(&recordings::of(scenario).unwrap()).unwrap();
        let outline = outline(&drawn(session, None));
        let at = outline.iter().position(|line| line.starts_with("!!")).unwrap();
        (outline[at - 1].clone(), outline[at].clone(), outline[at + 1..].to_vec())
    };
    // Whoever gave up says so.
    let (before, failure, behind) = shown("bad-padding");
    assert_eq!((before.as_str(), failure.as_str()), ("-> Alert, session keys !", "!! FAILED engine.refused"));
    assert!(behind.iter().any(|line| line.contains("FIN")), "{behind:#?}");
    // What was wrong before TLS is told before TLS.
    let (before, failure, behind) = shown("starttls-injection");
    assert_eq!(before, "<- SMTP, in the clear");
    assert_eq!(failure, "!! NOT TRUSTED starttls.injection");
    assert_eq!(behind[0], "-> ClientHello, in the clear");
    let (before, _, behind) = shown("starttls-refused");
    assert_eq!(before, "<- SMTP, in the clear");
    assert!(behind.iter().all(|line| line.ends_with("FIN, in the clear")), "{behind:#?}");
}

/// The flow chart leads over a HelloRetryRequest, and says what it does not draw.
#[test]
fn the_way_through_the_flow_chart_is_whole() {
    let way = |scenario: &str| {
        let session = saved::parse(&recordings::of(scenario).unwrap()).unwrap();
        let judge = Judge::new(session.question).unwrap();
        let judged = judge.judge(session.captures.into_iter().next().unwrap(), None);
        let flow = Flow::of(&judged.case(&judge.question), &judged.verdict).unwrap();
        let (mut at, mut way) = (0, Vec::new());
        while let Some(edge) = flow.edges.iter().find(|edge| edge.from == at && edge.taken) {
            at = edge.to;
            way.push(flow.boxes[at].text.clone().into_owned());
        }
        way
    };
    let retry = way("retry");
    let hello = retry.iter().position(|text| text == "HelloRetryRequest").unwrap();
    assert_eq!(
        retry[hello - 1..=hello + 2],
        ["ClientHello", "HelloRetryRequest", "ClientHello, the second", "ServerHello"]
    );
    let renegotiation = way("renegotiation");
    let end = renegotiation.len();
    assert_eq!(renegotiation[end - 2], "renegotiation: 1 more handshake, not drawn");
    assert!(renegotiation[end - 1].starts_with("TRUSTED"), "{renegotiation:#?}");
}

#[test]
fn notes_are_said_once() {
    let mut notes = Notes::default();
    let first = drawn(session("tls13"), Some(&mut notes));
    let hello =
        first.items.iter().find(|item| matches!(&item.kind, Kind::Arrow(a) if a.name == "ClientHello"));
    assert!(!hello.unwrap().notes.is_empty());
    let again = drawn(session("tls13"), Some(&mut notes));
    assert!(again.items.iter().all(|item| item.notes.is_empty()));
}

#[test]
fn nothing_makes_it_long() {
    // Messages without end: an alert after the other, in both directions by turns.
    let mut flood = session("silent");
    for n in 0..20_000 {
        let direction = if n % 2 == 0 { Direction::Server } else { Direction::Client };
        let bytes = vec![21, 3, 3, 0, 2, 1, 90];
        flood.captures[0].events.push(Event::Bytes { direction, at: Duration::from_millis(100 + n), bytes });
    }
    let sequence = drawn(flood, None);
    assert!(sequence.items.len() <= Sequence::MOST, "{}", sequence.items.len());
    let left_out = sequence.items.iter().find_map(|item| match item.kind {
        Kind::LeftOut(count) => Some(count),
        _ => None,
    });
    assert!(left_out.unwrap() > 7_000, "{left_out:?}");
    assert!(sequence.failure().is_some());
    // A dialogue without end, with lines that do not end.
    let mut talk = session("tls13");
    let said = |n: u64| Step {
        at: Duration::from_micros(n),
        took: Duration::ZERO,
        what: StepKind::Said(Said {
            protocol: "smtp".into(),
            direction: Direction::Server,
            lines: vec!["x".repeat(1_000); 10],
            left_out: 0,
        }),
    };
    talk.captures[0].steps.extend((0..500).map(said));
    let sequence = drawn(talk, None);
    assert!(sequence.items.len() <= 60, "{}", sequence.items.len());
    let longest = sequence.items.iter().filter_map(|item| match &item.kind {
        Kind::Arrow(arrow) => arrow.lines.iter().map(|line| line.text.chars().count()).max(),
        _ => None,
    });
    assert!(longest.max().unwrap() <= Arrow::COLUMNS);
    let names: Vec<_> = outline(&sequence);
    assert!(names.contains(&".. 482".to_owned()), "{names:#?}");
    assert!(names.contains(&"<- ServerHello, in the clear".to_owned()));
}

/// A diagram with several connections says which is which; one with a single connection says it at the lifelines.
#[test]
fn connections_of_one_diagram_are_told_apart() {
    let drawn = |names: &[&str]| {
        let format = tls_trace::render::find("mermaid").unwrap();
        let (mut document, settings, mut out) = ((format.begin)(), Default::default(), Vec::new());
        for name in names {
            let report = tls_trace::report::Report::of(session(name)).unwrap();
            document.add(&report, &settings, &mut out).unwrap();
        }
        document.end(&settings, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let one = drawn(&["tls13"]);
    assert!(!one.contains("connection 1") && one.contains("as server<br/>demo.tls-trace.test"), "{one}");
    let two = drawn(&["tls13", "expired"]);
    for heading in ["Note over c,s: connection 1: demo", "Note over c,s: connection 2: demo"] {
        assert_eq!(two.matches(heading).count(), 1, "{two}");
    }
    assert!(two.contains("as server\n"), "{two}");
    // A file of many stays within what who draws it takes.
    let many = drawn(&["tls13"; 200]);
    assert!(many.len() < 50_000 && many.contains(" more connections"), "{}", many.len());
}
