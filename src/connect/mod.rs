//! A name becomes a connected stream.
//!
//! [`open`] resolves, connects and notes each step in a [`Journal`], which outlives it when it is
//! dropped in the middle.

mod facts;
pub mod https_record;
mod no_proxy;
mod overrides;
mod progress;
mod race;
mod resolver;
mod stream;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::capture::{Dns, Step, StepKind, Tcp};
pub use facts::Diagnostics;
pub use no_proxy::is_listed as is_without_proxy;
pub use overrides::{ConnectTo, Resolve};
pub use progress::Progress;
pub use stream::Stream;

/// Where to connect, and how to get there.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// A name, or an address without brackets.
    pub host: String,
    pub port: u16,
    pub family: Family,
    /// curl's `--connect-to`; the first one that fits counts.
    pub connect_to: Vec<ConnectTo>,
    /// curl's `--resolve`; the last one that fits counts.
    pub resolve: Vec<Resolve>,
    /// Where a proxy is to connect to that wants to be told an address: it is resolved here, before the proxy's name.
    pub target: Option<Box<Plan>>,
    /// A Unix socket instead: host and port are names only.
    pub unix: Option<PathBuf>,
}

/// Which addresses may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Family {
    #[default]
    Any,
    /// `-4`
    V4,
    /// `-6`
    V6,
}

impl Family {
    /// Whether `address` is of this family. An IPv4-mapped one counts as IPv6.
    pub fn has(self, address: IpAddr) -> bool {
        match self {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Family::Any => "IP",
            Family::V4 => "IPv4",
            Family::V6 => "IPv6",
        }
    }
}

/// A connection, and how long its TCP handshake took.
#[derive(Debug)]
pub struct Connected {
    pub stream: Stream,
    /// Both ends of it, ours first, where it is TCP.
    pub ends: Option<[SocketAddr; 2]>,
    pub took: Duration,
    /// The address of [`Plan::target`].
    pub target: Option<IpAddr>,
}

impl Plan {
    /// Host and port after `--connect-to`.
    pub fn destination(&self) -> (&str, u16) {
        let found = self.connect_to.iter().find(|rule| rule.fits(&self.host, self.port));
        found.map_or((&self.host, self.port), |rule| rule.apply(&self.host, self.port))
    }

    /// The addresses that need no look-up: `--resolve`'s, or the literal in the target.
    fn known(&self, host: &str, port: u16) -> Option<Vec<SocketAddr>> {
        let given = self.resolve.iter().rev().find(|rule| rule.fits(host, port));
        let addresses = match given {
            Some(rule) => rule.addresses.clone(),
            None => vec![host.parse::<IpAddr>().ok()?],
        };
        Some(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    /// Why no connection can come of this plan, if that can be said beforehand.
    pub fn impossible(&self) -> Option<String> {
        if let Some(why) = self.target.as_ref().and_then(|target| target.impossible()) {
            return Some(why);
        }
        let (host, port) = self.destination();
        let zoned = || host.split_once('%').and_then(|(address, _)| address.parse::<IpAddr>().ok());
        let known = match zoned() {
            Some(address) => vec![SocketAddr::new(address, port)],
            None => self.known(host, port)?,
        };
        if known.is_empty() || known.iter().any(|address| self.family.has(address.ip())) {
            return None;
        }
        Some(format!("{host} is not an {} address", self.family.name()))
    }
}

/// Resolves and connects; the connection is `None` if that failed or took longer than `timeout`,
/// which counts from the beginning, as curl's `--connect-timeout` does. Why is in the journal.
pub async fn open(plan: &Plan, timeout: Option<Duration>, journal: &mut Journal) -> Option<Connected> {
    let attempt = async {
        if let Some(path) = &plan.unix {
            return unix(path, journal).await;
        }
        let target = match &plan.target {
            Some(target) => Some(resolve(target, journal).await?.first()?.ip()),
            None => None,
        };
        let addresses = resolve(plan, journal).await?;
        Some(Connected { target, ..race::connect(&addresses, journal).await? })
    };
    match timeout {
        Some(timeout) => tokio::time::timeout(timeout, attempt).await.ok().flatten(),
        None => attempt.await,
    }
}

/// Connects to a Unix socket.
async fn unix(path: &Path, journal: &mut Journal) -> Option<Connected> {
    let shown = path.to_string_lossy().into_owned();
    let step = journal.begin(StepKind::Unix { path: shown.clone(), error: Some("no answer in time".into()) });
    #[cfg(unix)]
    let result = tokio::net::UnixStream::connect(path).await.map(Stream::Unix);
    #[cfg(not(unix))]
    let result: std::io::Result<Stream> = Err(std::io::ErrorKind::Unsupported.into());
    let error = result.as_ref().err().map(ToString::to_string);
    let took = journal.end(step, StepKind::Unix { path: shown, error });
    Some(Connected { stream: result.ok()?, ends: None, took, target: None })
}

/// All the addresses that `plan` leads to, in the resolver's order; `None` if there are none.
pub async fn resolve(plan: &Plan, journal: &mut Journal) -> Option<Vec<SocketAddr>> {
    let (host, port) = plan.destination();
    if let Some(mut known) = plan.known(host, port) {
        known.retain(|address| plan.family.has(address.ip()));
        return (!known.is_empty()).then_some(known);
    }
    let dns = |outcome| StepKind::Dns { name: host.to_owned(), outcome };
    let room = resolver::room();
    let begun = if room.is_some() { Dns::Timeout } else { not_asked() };
    let step = journal.begin(dns(begun));
    let room = match room {
        Some(room) => Some(room),
        None => {
            let room = resolver::room_later().await;
            journal.becomes(step, dns(Dns::Timeout));
            room
        }
    };
    let answer = resolver::look_up(host, plan.family, room).await;
    let outcome = match &answer {
        Ok(addresses) => Dns::Addresses(addresses.iter().map(SocketAddr::ip).collect()),
        Err(failed) => failed.clone(),
    };
    journal.end(step, dns(outcome));
    let mut addresses = answer.ok()?;
    for address in &mut addresses {
        address.set_port(port);
    }
    Some(addresses)
}

/// What a look-up comes to for which there never was room.
fn not_asked() -> Dns {
    let text = format!("not asked: {} look-ups of other names were still unanswered", resolver::MOST);
    Dns::Failed { code: 0, text, not_found: false }
}

/// The steps before TLS, as they happen.
///
/// A step begins with the outcome "timeout" and keeps it unless it ends: so nothing is lost when
/// the future that takes it is dropped.
#[derive(Debug)]
pub struct Journal {
    began: Instant,
    /// With whether it has ended.
    steps: Vec<(Step, bool)>,
    progress: Progress,
}

impl Journal {
    /// An empty one; times count from `began`.
    pub fn new(began: Instant) -> Self {
        Self { began, steps: Vec::new(), progress: Progress::default() }
    }

    /// The same, telling `progress` what is waited for.
    pub fn telling(began: Instant, progress: &Progress) -> Self {
        Self { progress: progress.clone(), ..Self::new(began) }
    }

    /// The steps; those that have not ended did so now.
    pub fn into_steps(self) -> Vec<Step> {
        let now = self.began.elapsed();
        let close = |(mut step, ended): (Step, bool)| {
            if !ended {
                step.took = now.saturating_sub(step.at);
            }
            step
        };
        self.steps.into_iter().map(close).collect()
    }

    /// A step begins; its place.
    fn begin(&mut self, what: StepKind) -> usize {
        let at = self.began.elapsed();
        self.progress.waiting_for(match &what {
            StepKind::Dns { name, .. } => format!("resolving {name}"),
            StepKind::Https { name, .. } => format!("looking for the HTTPS record of {name}"),
            StepKind::Tcp { address, .. } => format!("connecting to {address}"),
            StepKind::Unix { path, .. } => format!("connecting to {path}"),
            StepKind::Quic(_) | StepKind::Preamble { .. } | StepKind::Said(_) => {
                "speaking before TLS".to_owned()
            }
        });
        self.steps.push((Step { at, took: Duration::ZERO, what }, false));
        self.steps.len() - 1
    }

    /// What the step at `place` comes to unless it ends.
    fn becomes(&mut self, place: usize, what: StepKind) {
        if let Some((step, _)) = self.steps.get_mut(place) {
            step.what = what;
        }
    }

    /// The step at `place` ends like this; how long it took.
    fn end(&mut self, place: usize, what: StepKind) -> Duration {
        let now = self.began.elapsed();
        match self.steps.get_mut(place) {
            Some((step, ended)) => {
                *ended = true;
                step.took = now.saturating_sub(step.at);
                step.what = what;
                step.took
            }
            None => Duration::ZERO,
        }
    }

    /// Every TCP attempt that has not ended was given up for a faster one.
    fn abandon(&mut self) {
        let now = self.began.elapsed();
        for (step, ended) in self.steps.iter_mut().filter(|(_, ended)| !ended) {
            if let StepKind::Tcp { outcome, .. } = &mut step.what {
                *outcome = Tcp::Abandoned;
                *ended = true;
                step.took = now.saturating_sub(step.at);
            }
        }
    }
}
