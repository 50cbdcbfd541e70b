//! A server checked from a Rust test: trace it, and assert on the report.
//!
//! `cargo run --example check -- HOST PORT`; without arguments against the demo's server. `cargo test --example check` runs the
//! test below.

#![forbid(unsafe_code)]

use std::error::Error;

use tls_trace::demo::{self, Stage};
use tls_trace::engine::Request;
use tls_trace::report::Report;
use tls_trace::run::{Run, Source};
use tls_trace::trust::{Anchors, Loaded};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let report = match (arguments.next(), arguments.next()) {
        (Some(host), Some(port)) => Run::new(Source::One(Request::to(&host, port.parse()?))).report()?,
        _ => trace(&demo::start(&demo::SCENARIOS[0])?)?,
    };
    let verdict = report.verdict().ok_or("no connection was made")?;
    println!("{} · {} (exit {})", verdict.word(), verdict.summary, verdict.exit_code);
    Ok(())
}

/// A server of your own, here the demo's: where it listens, its name, and whom to trust.
fn trace(server: &Stage) -> Result<Report, Box<dyn Error>> {
    let mut request = Request::to(&server.host, server.address.port());
    request.connect.host = server.address.ip().to_string();
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("demo", [server.ca.clone()]));
    Ok(Run::trusting(anchors, Source::One(request)).report()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_speaks_tls_1_3_and_is_trusted() {
        let server = demo::start(&demo::SCENARIOS[0]).unwrap();
        let report = trace(&server).unwrap();
        assert_eq!(report.exit_code(), 0, "{}", report.verdict().unwrap().summary);
        let facts = report.facts();
        assert_eq!(facts.tls.as_deref(), Some("1.3"));
        assert_eq!((facts.verified, facts.pq), (Some(true), Some(true)));
        assert!(facts.days.is_some_and(|days| days >= 14), "{:?}", facts.days);
    }

    #[test]
    fn one_that_is_not_trusted_says_why() {
        let scenario = demo::SCENARIOS.iter().find(|scenario| scenario.name == "expired").unwrap();
        let report = trace(&demo::start(scenario).unwrap()).unwrap();
        let verdict = report.verdict().unwrap();
        assert_eq!((verdict.exit_code, verdict.id.as_deref()), (1, Some("cert.expired")));
        assert_eq!(report.facts().verified, Some(false));
    }
}
