//! Experiments: connections that are made to find out, by changing something, why another one failed.

use std::net::IpAddr;
use std::time::Duration;

use crate::capture::Change;
use crate::connect::Resolve;
use crate::engine::hello::{Framing, Opening, Template};
use crate::engine::{self, Engine, Probe, Request};
use crate::finding::experiment::{Base, Depth, Experiment};
use crate::wire::record::Cut;

/// What is sent again, changed.
#[derive(Debug, Clone)]
pub struct Experiments {
    /// The request of the connection that failed.
    request: Request,
    /// Its ClientHello.
    template: Template,
    /// How it was sent.
    framing: Framing,
    /// Where.
    address: Option<IpAddr>,
    depth: Depth,
    /// The limit on each connection.
    limit: Duration,
}

/// The limit on an experiment is this, or four round trips if that is more.
const SHORTEST: Duration = Duration::from_secs(1);

/// What is recorded of a first flight.
const FIRST_FLIGHT: u64 = 1 << 16;

impl Experiments {
    /// From the request that failed and the ClientHello that was sent for it, with its header. `round_trip` is that of
    /// the connection, if it is known.
    pub fn new(
        mut request: Request,
        hello: &[u8],
        base: &Base,
        round_trip: Option<Duration>,
    ) -> Result<Self, engine::Error> {
        request.retry = false;
        request.resumption = None;
        request.early_data = None;
        request.settle = Some(Duration::ZERO);
        // A first flight shows nothing of who answers, so nobody is told who asks.
        if base.depth == Depth::FirstFlight {
            request.client = None;
        }
        let template = Template::recorded(hello)?.keyed(request.psk.clone());
        let mut framing = Framing { record_version: base.record_version, ..Framing::default() };
        if base.records > 1 {
            framing.records = Cut::At(base.cuts.clone());
        }
        let limit = round_trip.map_or(SHORTEST, |round_trip| (round_trip * 4).max(SHORTEST));
        Ok(Self { request, template, framing, address: base.address, depth: base.depth, limit })
    }

    /// What performs this one.
    pub fn request(&self, experiment: &Experiment) -> Result<Request, engine::Error> {
        let mut framing = self.framing.clone();
        let mut template = self.template.clone();
        for change in &experiment.changes {
            template = template.changed(change, &mut framing)?;
        }
        let mut request = self.request.clone();
        if experiment.changes.contains(&Change::WithoutClientCertificate) {
            request.client = None;
        }
        request.intent.client_certificate = request.client.is_some();
        request.intent.changes = experiment.changes.clone();
        request.engine = match self.depth {
            Depth::FirstFlight => Engine::Probe,
            Depth::Whole => Engine::Lab,
        };
        request.probe = Probe {
            opening: Some(Opening::Hello(template)),
            framing,
            shares: self.request.probe.shares.clone(),
        };
        let other = experiment.changes.iter().find_map(|change| match change {
            Change::Address(address) => Some(*address),
            _ => None,
        });
        // Whatever is tried is tried where it failed, whichever address would answer first now.
        if let Some(address) = other.or(self.address) {
            let (host, port) = request.connect.destination();
            let only = Resolve { host: Some(host.to_owned()), port, addresses: vec![address] };
            request.connect.resolve.push(only);
        }
        // Of a first flight the beginning is enough, and there are many of them.
        if self.depth == Depth::FirstFlight {
            request.limits.recorded_bytes = FIRST_FLIGHT;
        }
        request.max_time = Some(request.max_time.map_or(self.limit, |limit| limit.min(self.limit)));
        request.connect_timeout = request.max_time;
        Ok(request)
    }

    /// How long to wait before it, for its own sake.
    pub fn pause(experiment: &Experiment) -> Duration {
        let pauses = experiment.changes.iter().map(|change| match change {
            Change::Pause(ms) => Duration::from_millis(u64::from(*ms)),
            _ => Duration::ZERO,
        });
        pauses.sum()
    }
}
