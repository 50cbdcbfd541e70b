//! What comes after the network: dissecting, opening, judging and rendering a recorded TLS 1.3 handshake; and how time grows
//! with what a peer sends much of.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a benchmark that can't be set up has nothing to measure")]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use tls_trace::capture::{Capture, Event, Label, Secret, Session};
use tls_trace::crypto::hkdf;
use tls_trace::crypto::record::Sealer;
use tls_trace::crypto::suite::Suite;
use tls_trace::demo;
use tls_trace::engine::Request;
use tls_trace::judged::Judge;
use tls_trace::render::{self, Settings};
use tls_trace::report::Report;
use tls_trace::run::{Run, Source};
use tls_trace::trace::{Epoch, Opened, Trace};
use tls_trace::trust::{Anchors, Loaded};
use tls_trace::wire::Direction;
use tls_trace::wire::facts::Facts;
use tls_trace::wire::handshake::dissect;

/// A handshake with the demo's server: three certificates on the path, X25519MLKEM768.
fn recorded() -> (Session, Report) {
    let stage = demo::start(&demo::SCENARIOS[0]).expect("the demo's server starts");
    let mut request = Request::to(&stage.host, stage.address.port());
    request.connect.host = stage.address.ip().to_string();
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("demo", [stage.ca.clone()]));
    let run = Run { anchors, ..Run::new(Source::One(request)) };
    let report = run.report().expect("a trace");
    let captures = report.connections.iter().map(|judged| judged.capture.clone()).collect();
    (Session { captures, question: report.question.clone(), ..Session::default() }, report)
}

fn benches(c: &mut Criterion) {
    let (session, report) = recorded();
    assert_eq!(report.exit_code(), 0);
    let (capture, trace) = (&session.captures[0], &report.connections[0].trace);

    c.bench_function("fold: open, join, dissect for the facts", |b| {
        b.iter(|| Trace::of(black_box(capture)));
    });

    let hello = &trace.messages[0];
    let name = format!("ClientHello of {} bytes", hello.length);
    assert_eq!(hello.name, "ClientHello");
    c.bench_function(&format!("{name}: tree"), |b| {
        b.iter(|| dissect(black_box(&hello.bytes), Direction::Client, &mut Facts::default(), true));
    });
    c.bench_function(&format!("{name}: facts"), |b| {
        b.iter(|| dissect(black_box(&hello.bytes), Direction::Client, &mut Facts::default(), false));
    });

    let judge = Judge::new(session.question.clone()).expect("nothing in it can't be read");
    c.bench_function("fold and judge", |b| {
        b.iter(|| judge.judge(black_box(capture).clone(), None));
    });

    for (name, verbosity) in [("text", 0), ("text", 1), ("text", 2), ("json", 0), ("html", 0), ("svg", 0)] {
        let format = render::find(name).expect("a format");
        let settings = Settings { verbosity, ..Settings::default() };
        let name = format!("render {name} {}", "-vv".get(..[0, 2, 3][usize::from(verbosity)]).unwrap_or(""));
        c.bench_function(name.trim_end(), |b| {
            b.iter(|| {
                let mut out = Vec::new();
                format.write(black_box(&report), &settings, &mut out).expect("a Vec takes everything");
                out
            });
        });
    }
}

/// A shape of input: its name, and a capture of `n` units of it.
type Shape = (&'static str, fn(&Capture, usize) -> Capture);

/// What a peer can send much of. Each is folded and judged twice, the second time with twice as many units.
const SHAPES: &[Shape] = &[
    ("key updates", |of, n| behind(of, &key_updates(of, n))),
    ("empty records", |of, n| hello_and(of, &record(22, &[]).repeat(n))),
    ("tiny fragments", |of, n| hello_and(of, &record(22, &[4]).repeat(n))),
    ("messages", |of, n| hello_and(of, &record(22, &[4, 0, 0, 6, 0, 0, 0, 0, 0, 0]).repeat(n))),
    ("alerts", |of, n| hello_and(of, &record(21, &[1, 0]).repeat(n))),
    ("certificates", |of, n| {
        let list = [0, 0, 5, 0x30, 3, 2, 1, 9].repeat(n);
        hello_and(of, &message(11, &[&(list.len() as u32).to_be_bytes()[1..], &list].concat()))
    }),
    ("extensions", |of, n| {
        let list = [0x12, 0x34, 0, 0].repeat(n);
        let head = [&[3, 3][..], &[7; 32], &[0, 0xc0, 0x2f, 0]].concat();
        hello_and(of, &message(2, &[&head, &(list.len() as u16).to_be_bytes()[..], &list].concat()))
    }),
    ("key log lines", |of, n| {
        let mut capture = of.clone();
        for other in 0..n {
            let random = [&(other as u32).to_be_bytes()[..], &[9; 28]].concat();
            capture.secrets.0.extend(
                of.secrets.0.iter().map(|secret| Secret { client_random: random.clone(), ..secret.clone() }),
            );
        }
        capture
    }),
];

fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = (content.len() as u16).to_be_bytes();
    [&[content_type, 3, 3, high, low], content].concat()
}

/// A handshake message in records.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let whole = [&[kind], &(body.len() as u32).to_be_bytes()[1..], body].concat();
    whole.chunks(16_384).flat_map(|part| record(22, part)).collect()
}

/// The recorded ClientHello, and what the server says to it.
fn hello_and(of: &Capture, bytes: &[u8]) -> Capture {
    let mut capture = of.clone();
    capture.events.truncate(1);
    behind(&capture, bytes)
}

/// A capture at whose end the server sends something more.
fn behind(of: &Capture, bytes: &[u8]) -> Capture {
    let mut capture = of.clone();
    let at = capture.events.last().map(Event::at).unwrap_or_default();
    capture.events.push(Event::Bytes { direction: Direction::Server, at, bytes: bytes.to_vec() });
    capture
}

fn key_updates(of: &Capture, n: usize) -> Vec<u8> {
    let facts = Trace::of(of).handshakes[0].facts;
    let suite = Suite::of(facts.cipher_suite.expect("a suite")).expect("one that is opened");
    let found = of.secrets.0.iter().find(|secret| secret.label == Label::ServerTraffic);
    let mut secret = found.expect("the secrets were recorded").secret.clone();
    let mut out = Vec::new();
    for update in 0..n {
        let mut sealer = Sealer::tls13(suite, &secret).expect("a key");
        // Under the first keys the tickets have gone out.
        let tickets = if update == 0 { tickets(of) } else { 0 };
        for _ in 0..tickets {
            sealer.seal(22, 0x0303, &[]).expect("a number that is passed over");
        }
        out.extend(sealer.seal(22, 0x0303, &[24, 0, 0, 1, 0]).expect("a record"));
        secret = hkdf::updated(suite.hash, &secret);
    }
    out
}

/// How many records the server has sent under its application keys.
fn tickets(of: &Capture) -> usize {
    let trace = Trace::of(of);
    let records = trace.records.iter().filter(|record| record.direction == Direction::Server);
    let under = |opened| matches!(opened, Opened::Decrypted { epoch: Epoch::Application(_), .. });
    records.filter(|record| under(record.opened)).count()
}

/// Time of `n` units and of `2 n`, and their ratio: about 2 where work is linear, 4 where it is quadratic.
fn shapes(c: &mut Criterion) {
    let (session, _) = recorded();
    let judge = Judge::new(session.question.clone()).expect("nothing in it can't be read");
    for (name, of) in SHAPES {
        const UNITS: usize = 4_000;
        let [once, twice] = [UNITS, 2 * UNITS].map(|n| of(&session.captures[0], n));
        let least = |capture: &Capture| {
            let time = || {
                let began = Instant::now();
                black_box(judge.judge(black_box(capture).clone(), None));
                began.elapsed()
            };
            (0..5).map(|_| time()).min().unwrap_or_default().as_secs_f64()
        };
        println!("{name}: twice as many take {:.2} times as long", least(&twice) / least(&once));
        let mut group = c.benchmark_group(*name);
        group.sample_size(10);
        for (n, capture) in [(UNITS, &once), (2 * UNITS, &twice)] {
            group.bench_function(n.to_string(), |b| b.iter(|| judge.judge(black_box(capture).clone(), None)));
        }
    }
}

/// A page of many connections, written as they come.
fn page(c: &mut Criterion) {
    const MANY: usize = 500;
    let (_, report) = recorded();
    let (format, settings) = (render::html::FORMAT, Settings::default());
    let mut group = c.benchmark_group("page");
    group.sample_size(10);
    group.bench_function(format!("{MANY} connections"), |b| {
        b.iter(|| {
            let mut document = (format.begin)();
            let mut out = std::io::sink();
            for _ in 0..MANY {
                document.add(black_box(&report), &settings, &mut out).expect("a sink takes everything");
            }
            document.end(&settings, &mut out).expect("a sink takes everything");
        });
    });
}

criterion_group!(all, benches, page, shapes);
criterion_main!(all);
