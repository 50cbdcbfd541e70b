//! `tls-trace demo`: the client's side of a scenario.

use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::accepts;
use super::args;
use super::demo_capture;
use super::options::{Options, Several, Sni};
use super::request::{anchors, question, request};
use super::run::source;
use super::target::Target;
use crate::capture::saved;
use crate::demo::{self, Stage, recordings};
use crate::engine::lab::Psk;
use crate::engine::{ClientIdentity, Engine};
use crate::preamble;
use crate::run::{Run, Source};
use crate::trust::{Anchors, Loaded};

/// The run, and the server's stage, which has to live as long.
pub(super) fn run(options: &Options, scenario: &str) -> Result<(Run, Stage), String> {
    let scenario = find(scenario)?;
    let stage = demo::start(scenario).map_err(|e| e.to_string())?;
    let client = &stage.client;
    if let Some(trace) = client.replays {
        return Ok((replayed(options, scenario.name, trace)?, stage));
    }
    let is_address = stage.host.parse::<std::net::IpAddr>().is_ok();
    let target = Target {
        host: stage.host.clone(),
        port: stage.address.port(),
        port_given: true,
        is_address,
        http: false,
        preamble: client.starttls.as_deref().and_then(preamble::find),
        alpn: None,
    };
    let mut question = question(options)?;
    let mut request = request(options, &format!("demo {}", scenario.name), &target)?;
    // A scenario is one conversation.
    request.retry = false;
    // What the user says comes before what the scenario wants.
    if options.connect.is_none() {
        request.connect.host = stage.address.ip().to_string();
    }
    if options.verify_name.is_none() && options.sni == Sni::Target {
        request.intent.verify_name = client.verify_name.clone().or(request.intent.verify_name);
    }
    if options.alpn.is_none() {
        request.offer.alpn = client.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    }
    if !options.tls_given {
        request.offer.min = client.tls_min.unwrap_or(request.offer.min);
        request.offer.max = client.tls_max.unwrap_or(request.offer.max);
    }
    if options.offer.ciphers.is_none() {
        request.offer.ciphers = client.ciphers.clone();
    }
    if options.offer.groups.is_none() {
        request.offer.groups = client.groups.clone();
    }
    if client.no_sni && options.sni == Sni::Target {
        request.intent.sni = None;
    }
    // With -q nobody listens on, unless what happens there is the scenario.
    if request.settle.is_none_or(|settle| settle.is_zero()) {
        request.settle = client.settle.or(request.settle);
    }
    if let (None, Some(psk)) = (&request.psk, &client.psk) {
        request.psk = Some(Psk { identity: psk.identity.clone(), key: psk.key.clone() });
    }
    if options.engine.is_none()
        && !(Engine::Rustls.unsupported(&request.offer).is_empty() && request.psk.is_none())
    {
        request.engine = Engine::Lab;
    }
    if let (None, Some(limit), false) = (&options.cert, client.max_time, options.max_time_given) {
        request.max_time = Some(limit);
        question.max_time = Some(limit);
    }
    if let (None, Some(identity)) = (&request.client, &client.certificate) {
        let chain = identity.chain.iter().cloned().map(CertificateDer::from).collect();
        let key = PrivateKeyDer::try_from(identity.key.clone()).map_err(str::to_owned)?;
        request.client = Some(ClientIdentity::new(chain, key).map_err(|e| e.to_string())?);
        request.intent.client_certificate = true;
    }
    let own_trust = !options.trust.cacert.is_empty() || options.trust.stores_given;
    let anchors = if own_trust {
        anchors(options)?
    } else {
        let mut anchors = Anchors::none();
        let roots = client.trust_root.then(|| stage.ca.clone());
        anchors.push(match roots {
            Some(root) => Loaded::certificates("demo", [root]),
            None => Loaded::mozilla(),
        });
        anchors
    };
    request.early_data = request.early_data.or_else(|| client.early_data.clone());
    let several = match options.several {
        Several::One if client.connections > 1 => Several::Resume,
        several => several,
    };
    let run = Run { question, ..Run::trusting(anchors, source(options, request, several)) };
    Ok((run, stage))
}

/// `--recorded`: no server is started.
pub(super) fn recorded(options: &Options, name: &str) -> Result<Run, String> {
    if name == demo_capture::NAME {
        return Err(format!("demo {name} writes a capture of live connections; it has no recording"));
    }
    let scenario = find(name)?;
    let trace = recordings::of(scenario.name).ok_or_else(|| {
        let without = recordings::TOO_LARGE.join(" and ");
        format!("demo {name} has no recording: {without} would be too large; all other scenarios have one")
    })?;
    replayed(options, &format!("{name} --recorded"), &trace)
}

fn find(name: &str) -> Result<&'static demo::Scenario, String> {
    demo::find(name).ok_or_else(|| {
        let names: Vec<_> = demo::SCENARIOS.iter().map(|s| s.name).collect();
        format!("there is no scenario {name:?}; there are {}", names.join(", "))
    })
}

/// A recording. Nothing is sent, so flags about the connection would change nothing.
fn replayed(options: &Options, name: &str, trace: &[u8]) -> Result<Run, String> {
    let program = args::command();
    let flags = options.arguments.iter().filter_map(|argument| argument.flag.as_deref()?.strip_prefix("--"));
    for flag in flags {
        let arg = program.get_arguments().find(|arg| arg.get_long() == Some(flag));
        let shows =
            arg.is_some_and(|arg| accepts::by("read", arg) || arg.get_help_heading() == Some("To take away"));
        if !shows {
            return Err(format!("demo {name} shows a recording, in which --{flag} would change nothing"));
        }
    }
    let session = saved::parse(trace).map_err(|e| format!("demo {name}: {e}"))?;
    Ok(Run::trusting(Anchors::none(), Source::Saved(session)))
}
