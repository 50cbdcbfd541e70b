//! What comes after the network: dissecting, opening, judging and rendering a recorded TLS 1.3 handshake.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a benchmark that can't be set up has nothing to measure")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tls_trace::capture::Session;
use tls_trace::demo;
use tls_trace::engine::Request;
use tls_trace::judged::Judge;
use tls_trace::render::{self, Settings};
use tls_trace::report::Report;
use tls_trace::run::{Run, Source};
use tls_trace::trace::Trace;
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

    for (name, verbosity) in [("text", 0), ("text", 1), ("text", 2), ("json", 0)] {
        let format = render::find(name).expect("a format");
        let settings = Settings { verbosity, ..Settings::default() };
        let name = format!("render {name} {}", "-vv".get(..[0, 2, 3][usize::from(verbosity)]).unwrap_or(""));
        c.bench_function(name.trim_end(), |b| {
            b.iter(|| {
                let mut out = Vec::new();
                (format.write)(black_box(&report), &settings, &mut out).expect("a Vec takes everything");
                out
            });
        });
    }
}

criterion_group!(all, benches);
criterion_main!(all);
