//! What comes after the network: dissecting, opening, judging and rendering a recorded TLS 1.3 handshake.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a benchmark that can't be set up has nothing to measure")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use tls_trace::capture::{Capture, Intent, Session};
use tls_trace::certificate::{self, Question, Sent};
use tls_trace::connect::Plan;
use tls_trace::demo;
use tls_trace::engine::{self, Request};
use tls_trace::render::{self, Settings};
use tls_trace::report::Report;
use tls_trace::trace::Trace;
use tls_trace::trust::{Anchors, Loaded};
use tls_trace::wire::Direction;
use tls_trace::wire::facts::Facts;
use tls_trace::wire::handshake::dissect;

/// A handshake with the demo's server: three certificates on the path, X25519MLKEM768.
fn recorded() -> Capture {
    let stage = demo::start(&demo::SCENARIOS[0]).expect("the demo's server starts");
    let request = Request {
        intent: Intent {
            host: stage.host.clone(),
            port: stage.address.port(),
            sni: Some(stage.host.clone()),
            verify_name: Some(stage.host.clone()),
            ..Intent::default()
        },
        connect: Plan { host: stage.address.ip().to_string(), port: stage.address.port(), ..Plan::default() },
        connect_timeout: Some(Duration::from_secs(5)),
        max_time: Some(Duration::from_secs(9)),
        ..Request::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut capture = runtime.block_on(engine::trace(&request)).expect("a trace");
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("demo", [stage.ca.clone()]));
    let trace = Trace::of(&capture);
    capture.intent.trust = anchors.candidates(&trace.chain(0, Direction::Server));
    capture
}

fn benches(c: &mut Criterion) {
    let capture = recorded();
    let trace = Trace::of(&capture);
    let report = Report::of(Session { captures: vec![capture.clone()], ..Session::default() });
    assert_eq!(report.exit_code(), 0);

    c.bench_function("fold: open, join, dissect with the full tree", |b| {
        b.iter(|| Trace::of(black_box(&capture)));
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

    let chain = trace.chain(0, Direction::Server);
    let sent = Sent { certificates: chain, ..Sent::default() };
    let intent = &capture.intent;
    let question = Question::server(intent.verify_name.as_deref(), capture.judged_at(), &intent.trust);
    c.bench_function("judge the chain", |b| {
        b.iter(|| certificate::judge(black_box(&sent), black_box(&question)));
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
