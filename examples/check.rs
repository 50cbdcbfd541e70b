//! A server checked from a Rust test: trace it, and assert on the report.
//!
//! `cargo run --example check -- HOST PORT`; without arguments against the demo's server.

#![forbid(unsafe_code)]

use std::error::Error;

use tls_trace::demo;
use tls_trace::engine::Request;
use tls_trace::run::{Run, Source};
use tls_trace::trust::{Anchors, Loaded};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let stage;
    let run = match (arguments.next(), arguments.next()) {
        (Some(host), Some(port)) => Run::new(Source::One(Request::to(&host, port.parse()?))),
        _ => {
            stage = demo::start(&demo::SCENARIOS[0])?;
            let mut request = Request::to(&stage.host, stage.address.port());
            request.connect.host = stage.address.ip().to_string();
            let mut anchors = Anchors::none();
            anchors.push(Loaded::certificates("demo", [stage.ca.clone()]));
            Run { anchors, ..Run::new(Source::One(request)) }
        }
    };
    let report = run.report()?;
    let verdict = report.verdict().ok_or("no connection was made")?;
    println!("{} · {} (exit {})", verdict.word(), verdict.summary, verdict.exit_code);

    // What a test would say.
    let facts = report.facts();
    assert_eq!(report.exit_code(), 0);
    assert_eq!(facts.tls.as_deref(), Some("1.3"));
    assert_eq!(facts.verified, Some(true));
    Ok(())
}
