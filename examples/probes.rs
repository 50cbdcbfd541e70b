//! How many probes a second one thread makes, and what each costs: `probes ADDRESS SECONDS CONCURRENCY SHARES`, where
//! SHARES is `none`, `x25519` or `hybrid`. Prints probes a second, their CPU time (user and system) and latencies.
//! `benches/probes.sh` runs it against nginx.

#![forbid(unsafe_code)]

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs};

use tls_trace::capture::Offer;
use tls_trace::connect::Plan;
use tls_trace::engine::{self, Engine, Request};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, seconds, concurrency, shares] = arguments.as_slice() else {
        return Err("usage: probes ADDRESS SECONDS CONCURRENCY none|x25519|hybrid".into());
    };
    let address: SocketAddr = address.parse()?;
    let (seconds, concurrency): (u64, usize) = (seconds.parse()?, concurrency.parse()?);
    let groups = vec![0x11ec, 0x001d, 0x0017];
    let shares = match shares.as_str() {
        "none" => vec![],
        "x25519" => vec![0x001d],
        "hybrid" => vec![0x11ec, 0x001d],
        _ => return Err("shares are none, x25519 or hybrid".into()),
    };
    let request = Arc::new(Request {
        connect: Plan { host: address.ip().to_string(), port: address.port(), ..Plan::default() },
        engine: Engine::Probe,
        offer: Offer { groups: Some(groups), shares: Some(shares), ..Offer::default() },
        max_time: Some(Duration::from_secs(9)),
        ..Request::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (cpu_before, began) = (cpu()?, Instant::now());
    let until = began + Duration::from_secs(seconds);
    let mut latencies = runtime
        .block_on(async {
            let mut tasks = tokio::task::JoinSet::new();
            let local = tokio::task::LocalSet::new();
            for _ in 0..concurrency {
                let request = request.clone();
                tasks.spawn_local_on(worker(request, until), &local);
            }
            local.await;
            tasks.join_all().await
        })
        .concat();
    let (took, spent) = (began.elapsed(), cpu()? - cpu_before);
    let failed = latencies.iter().filter(|latency| latency.is_none()).count();
    latencies.retain(Option::is_some);
    latencies.sort_unstable();
    let count = latencies.len();
    let at = |part: usize| latencies.get(count * part / 100).copied().flatten().unwrap_or_default();
    println!(
        "{:.0} probes/s, {:.0} µs of CPU each, median {:?}, 99 % within {:?}; {count} answered, {failed} not",
        count as f64 / took.as_secs_f64(),
        spent.as_secs_f64() * 1e6 / count.max(1) as f64,
        at(50),
        at(99),
    );
    if failed > 0 { Err("not every probe was answered".into()) } else { Ok(()) }
}

/// Probes one after the other; how long each took, `None` if it was not answered.
async fn worker(request: Arc<Request>, until: Instant) -> Vec<Option<Duration>> {
    let Ok(prepared) = engine::prepare(&request) else { return vec![None] };
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let capture = prepared.trace().await;
        let answered = capture.engine.is_some_and(|end| end.saw_first_flight());
        latencies.push(answered.then_some(capture.total));
    }
    latencies
}

/// CPU time of this process, user and system.
fn cpu() -> Result<Duration, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // Behind the name in parentheses: utime and stime are the 14th and 15th fields, in ticks of 10 ms.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks =
        |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).ok_or("/proc/self/stat");
    Ok(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}
