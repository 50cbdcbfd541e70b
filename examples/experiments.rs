//! What the 24 experiments of `--diagnose` cost where each gets an answer: against a server of ours on loopback that rejects
//! every ClientHello with an alert. Prints each run's time.
//!
//! ```sh
//! cargo run --release --example experiments [RUNS]
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::time::{Duration, Instant};

use tls_trace::demo::script::Script;
use tls_trace::engine::Request;
use tls_trace::run::{Bounds, Run, Source};
use tls_trace::trust::Anchors;

fn main() -> Result<(), Box<dyn Error>> {
    let runs: usize = std::env::args().nth(1).map_or(Ok(20), |runs| runs.parse())?;
    let script = Script::read("[[rules]]\nwhen = {}\nthen = [{ alert = [2, 40] }, 'close']\n")?;
    let stage = script.start()?;
    let mut times: Vec<(Duration, usize)> = Vec::new();
    for _ in 0..runs {
        let mut request = Request::to(&stage.host, stage.address.port());
        request.connect.host = stage.address.ip().to_string();
        let began = Instant::now();
        let source = Source::Diagnose(request, Bounds::default());
        let report = Run::trusting(Anchors::none(), source).report().map_err(|e| e.0)?;
        times.push((began.elapsed(), report.count.saturating_sub(1)));
    }
    times.sort();
    let (median, experiments) = times.get(runs / 2).ok_or("no run")?;
    let (least, _) = times.first().ok_or("no run")?;
    println!("{experiments} experiments: median {median:.1?}, least {least:.1?} of {runs} runs");
    Ok(())
}
