//! Experiments: connections that are made to find out, by changing something, why another one failed.

use std::time::Duration;

use crate::capture::Change;
use crate::engine::hello::{Framing, Opening, Template};
use crate::engine::{self, Engine, Probe, Request};
use crate::finding::experiment::{Depth, Experiment};

/// What is sent again, changed.
#[derive(Debug, Clone)]
pub struct Experiments {
    /// The request of the connection that failed.
    request: Request,
    /// Its ClientHello.
    template: Template,
    depth: Depth,
    /// The limit on each connection.
    limit: Duration,
}

/// The limit on an experiment is this, or four round trips if that is more.
const SHORTEST: Duration = Duration::from_secs(1);

impl Experiments {
    /// From the request that failed and the ClientHello that was sent for it, with its header. `round_trip` is that of
    /// the connection, if it is known.
    pub fn new(
        mut request: Request,
        hello: &[u8],
        depth: Depth,
        round_trip: Option<Duration>,
    ) -> Result<Self, engine::Error> {
        request.retry = false;
        request.resumption = None;
        request.early_data = None;
        request.settle = Some(Duration::ZERO);
        // A first flight shows nothing of who answers, so nobody is told who asks.
        if depth == Depth::FirstFlight {
            request.client = None;
        }
        let template = Template::recorded(hello)?;
        let limit = round_trip.map_or(SHORTEST, |round_trip| (round_trip * 4).max(SHORTEST));
        Ok(Self { request, template, depth, limit })
    }

    /// What performs this one.
    pub fn request(&self, experiment: &Experiment) -> Result<Request, engine::Error> {
        let mut framing = Framing::default();
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
        request.max_time = Some(request.max_time.map_or(self.limit, |limit| limit.min(self.limit)));
        request.connect_timeout = request.max_time;
        Ok(request)
    }
}
