//! A scenario's client: the library, in this process.

use std::time::Duration;

use tls_trace::capture::Offer;
use tls_trace::demo::Stage;
use tls_trace::demo::script::Script;
use tls_trace::engine::hello::{Opening, profiles};
use tls_trace::engine::{Engine, Request};
use tls_trace::preamble::{self, Ask, Planned};
use tls_trace::report::Report;
use tls_trace::run::{Bounds, Run, Source};
use tls_trace::trust::{Anchors, Loaded};

/// The limit of a run whose scenario gives none. Nothing here needs it: one that does hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// Starts the server and does what the client has to do.
pub fn perform(script: &Script) -> Report {
    let stage = script.clone().start().unwrap();
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("demo", [stage.ca.clone()]));
    let request = request(script, &stage);
    let source = match script.client.diagnose {
        true => Source::Diagnose(request, Bounds::default()),
        false => Source::One(request),
    };
    Run::trusting(anchors, source).report().unwrap()
}

fn request(script: &Script, stage: &Stage) -> Request {
    let client = &stage.client;
    let mut request = Request::to(&stage.host, stage.address.port());
    request.connect.host = stage.address.ip().to_string();
    if let Some(name) = &client.starttls {
        let row = preamble::find(name).unwrap();
        let ask = Ask { host: stage.host.clone(), port: stage.address.port(), ..Ask::default() };
        request.preambles = vec![Planned { row, ask }];
    }
    request.offer = Offer {
        min: client.tls_min.unwrap_or(request.offer.min),
        max: client.tls_max.unwrap_or(request.offer.max),
        ciphers: client.ciphers.clone(),
        groups: client.groups.clone(),
        alpn: client.alpn.iter().map(|name| name.as_bytes().to_vec()).collect(),
        ..request.offer
    };
    if client.no_sni {
        request.intent.sni = None;
    }
    if !Engine::Rustls.unsupported(&request.offer).is_empty() {
        request.engine = Engine::Lab;
    }
    if let Some(profile) = &script.client.profile {
        let template = profiles::find(profile).unwrap().template().unwrap();
        let template = template.named(request.intent.sni.as_deref()).unwrap();
        request.probe.opening = Some(Opening::Hello(template));
        request.engine = Engine::Probe;
    }
    request.max_time = Some(client.max_time.unwrap_or(LIMIT));
    // Long enough for what comes behind a handshake, however busy the machine is.
    request.settle = Some(client.settle.unwrap_or(Duration::from_millis(300)));
    request
}
