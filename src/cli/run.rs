//! The line from options to report: connect, trace, find the anchors that matter, judge.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::watch;

use super::early;
use super::options::{Job, Options, Several, Sni};
use super::say::say;
use super::spinner::Spinner;
use super::take_away::Files;
use super::target::Target;
use super::watched::Watched;
use crate::capture::{Capture, Intent, Limits, Purpose, Session, Stopped, What, saved};
use crate::connect::{self, Journal, Resolve};
use crate::demo;
use crate::engine::{self, ClientIdentity, Request, Sessions};
use crate::finding::authenticated::{self, Standard};
use crate::inquiry;
use crate::report::Report;
use crate::trace::Trace;
use crate::trust::{self, Anchors, Loaded};
use crate::wire::{Direction, text};

/// Performs what the options ask for and judges it.
pub(super) fn report(options: &Options) -> Result<(Report, Option<Files>), String> {
    match &options.job {
        Job::Read { file } => {
            let session = read(file)?;
            early::loaded();
            Ok((Report::of(session), None))
        }
        Job::Cert { files } => Ok((chain(options, files)?, None)),
        Job::Demo { scenario } => demo(options, scenario),
        Job::Trace { typed, target } => {
            let _warm_up = engine::warm_up();
            let request = request(options, typed, target)?;
            live(options, request, anchors(options)?, options.several)
        }
        _ => Err("nothing to report".into()),
    }
}

fn read(file: &Path) -> Result<Session, String> {
    let named = |why: &dyn std::fmt::Display| format!("can't read {}: {why}", text::path(file));
    let session = if file == Path::new("-") {
        let mut input: Box<dyn Read> = Box::new(io::stdin().lock());
        saved::read(&mut input)
    } else {
        saved::read(&mut File::open(file).map_err(|e| named(&e))?)
    };
    let session = session.map_err(|e| named(&e))?;
    if session.captures.is_empty() {
        return Err(named(&"it holds no connection"));
    }
    Ok(session)
}

/// The stores that may be relied on. The system's is read only when it is needed.
fn anchors(options: &Options) -> Result<Anchors, String> {
    let error = |e: trust::Error| e.to_string();
    let mut anchors = Anchors::none();
    if !options.trust.cacert.is_empty() {
        for path in &options.trust.cacert {
            anchors.push(Loaded::path(path).map_err(error)?);
        }
        return Ok(anchors);
    }
    if !options.trust.stores_given
        && let Some(given) = trust::from_environment(|name| std::env::var_os(name))
    {
        return given.map_err(error);
    }
    for name in &options.trust.stores {
        let first = anchors.stores().is_empty();
        anchors.push(match name.as_str() {
            "mozilla" => Loaded::mozilla(),
            _ if first || options.enforce => Loaded::system(),
            name => Loaded::unread(name),
        });
    }
    Ok(anchors)
}

/// A chain from files, judged like one that a server sent.
fn chain(options: &Options, paths: &[PathBuf]) -> Result<Report, String> {
    let mut given = Vec::new();
    for path in paths {
        if path.is_dir() {
            return Err(format!(
                "{} is a folder; name the file with the chain, the leaf first",
                text::path(path)
            ));
        }
        given.extend(trust::files::certificates(path).map_err(|e| e.to_string())?.0);
    }
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    let mut intent = judging(options)?;
    intent.input = names.join(" ");
    intent.verify_name = match (&options.verify_name, &options.sni) {
        (Some(name), _) | (None, Sni::Name(name)) => Some(name.clone()),
        (None, _) => None,
    };
    if let Some(path) = &options.key {
        let certificates = given.iter().cloned().map(CertificateDer::from).collect();
        intent.key_fits = Some(ClientIdentity::new(certificates, private_key(path, true)?).is_ok());
    }
    early::loaded();
    let mut capture = Capture::new(intent, SystemTime::now());
    capture.given = given;
    let mut anchors = anchors(options)?;
    let report = judge(Session { purpose: Purpose::Single, captures: vec![capture] }, &mut anchors);
    Ok(inquire(options, report, &mut anchors))
}

/// What the flags ask of every chain.
fn judging(options: &Options) -> Result<Intent, String> {
    let mut crls = Vec::new();
    for path in &options.judging.crls {
        crls.extend(trust::files::crls(path).map_err(|e| e.to_string())?);
    }
    let ct_logs = match &options.judging.ct_logs {
        Some(path) => {
            trust::ct::Logs::path(path).map_err(|e| e.to_string())?;
            Some(std::fs::read_to_string(path).map_err(|e| format!("can't read {}: {e}", text::path(path)))?)
        }
        None => None,
    };
    Ok(Intent {
        judge_at: options.at,
        insecure: options.insecure,
        enforce: options.enforce,
        pins: options.judging.pins.clone(),
        crls,
        ct_logs,
        min_days: options.judging.min_days.clone(),
        arguments: options.arguments.clone(),
        ..Intent::default()
    })
}

/// Fetches what the judge needs, if that was asked for, and has it judged again.
fn inquire(options: &Options, mut report: Report, anchors: &mut Anchors) -> Report {
    /// More missing issuers than that make no sensible chain.
    const MOST_ISSUERS: usize = 4;
    for _ in 0..MOST_ISSUERS {
        if !options.judging.fetch_aia || !inquiry::issuers(&mut report.session, &report.connections) {
            break;
        }
        report = judge(report.session, anchors);
    }
    if options.judging.ocsp && inquiry::statuses(&mut report.session, &report.connections) {
        report = judge(report.session, anchors);
    }
    report
}

/// What is asked of the engine.
fn request(options: &Options, typed: &str, target: &Target) -> Result<Request, String> {
    let sni = match &options.sni {
        Sni::Name(name) => Some(name.clone()),
        Sni::Target if !target.is_address => Some(target.host.clone()),
        Sni::Target | Sni::None => None,
    };
    let verify_name = match (&options.verify_name, &options.sni) {
        (Some(name), _) => name.clone(),
        (None, Sni::Name(name)) => name.clone(),
        (None, _) => target.host.clone(),
    };
    let mut offer = options.offer.clone();
    offer.alpn = match &options.alpn {
        Some(list) => list.clone(),
        None if target.http => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        None => Vec::new(),
    };
    let client = client(options)?;
    let early_data = options.early_data.as_deref().map(trust::files::read).transpose();
    Ok(Request {
        early_data: early_data.map_err(|e| e.to_string())?,
        intent: Intent {
            input: typed.to_owned(),
            host: target.host.clone(),
            port: target.port,
            sni,
            verify_name: Some(verify_name),
            connect: options.connect.clone(),
            client_certificate: client.is_some(),
            max_time: options.max_time,
            ..judging(options)?
        },
        connect: options.plan(&target.host, target.port),
        offer,
        settle: options.settle,
        connect_timeout: Some(options.connect_timeout),
        max_time: options.max_time,
        max_time_covers_pipe: options.max_time_given,
        // Proxies drop the answer to a client that closes its direction at once; a second is enough for it to begin.
        pipe_hold: Duration::from_secs(1),
        client,
        limits: Limits::DEFAULT,
        ..Request::default()
    })
}

/// The client certificate and its key.
fn client(options: &Options) -> Result<Option<ClientIdentity>, String> {
    use rustls::pki_types::pem::PemObject;
    let Some(cert) = &options.cert else { return Ok(None) };
    let read = |path: &Path| -> Result<Vec<u8>, String> {
        let bytes = trust::files::read(path).map_err(|e| e.to_string())?;
        if bytes.is_empty() {
            return Err(format!("can't use {}: the file is empty", text::path(path)));
        }
        Ok(bytes)
    };
    let bytes = read(cert)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|e| format!("can't use {}: {e}", text::path(cert)))?;
    if chain.is_empty() {
        return Err(format!(
            "can't use {}: there is no PEM certificate (-----BEGIN CERTIFICATE-----) in it",
            text::path(cert)
        ));
    }
    let key = match &options.key {
        Some(key) => private_key(key, true)?,
        None => private_key(cert, false)?,
    };
    ClientIdentity::new(chain, key).map(Some).map_err(|e| e.to_string())
}

/// The private key in a file; `named`: by --key.
fn private_key(path: &Path, named: bool) -> Result<PrivateKeyDer<'static>, String> {
    use rustls::pki_types::pem::PemObject;
    let shown = text::path(path);
    let bytes = trust::files::read(path).map_err(|e| e.to_string())?;
    if bytes.is_empty() {
        return Err(format!("can't use {shown}: the file is empty"));
    }
    if String::from_utf8_lossy(&bytes).contains("ENCRYPTED") {
        return Err(format!(
            "the key in {shown} is encrypted; decrypt it first: openssl pkey -in {shown} -out plain.key"
        ));
    }
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| match named {
        true => format!("can't use {shown}: there is no PEM private key in it (PKCS#8, PKCS#1 or SEC1)"),
        false => format!("there is no private key in {shown}; name its file with --key"),
    })
}

fn demo(options: &Options, scenario: &str) -> Result<(Report, Option<Files>), String> {
    let Some(scenario) = demo::find(scenario) else {
        let names: Vec<_> = demo::SCENARIOS.iter().map(|s| s.name).collect();
        return Err(format!("there is no scenario {scenario:?}; there are {}", names.join(", ")));
    };
    let _warm_up = engine::warm_up();
    let stage = demo::start(scenario).map_err(|e| e.to_string())?;
    let client = &stage.client;
    let is_address = stage.host.parse::<std::net::IpAddr>().is_ok();
    let target = Target { host: stage.host.clone(), port: stage.address.port(), is_address, http: false };
    let mut request = request(options, &format!("demo {}", scenario.name), &target)?;
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
    if let (None, Some(limit), false) = (&options.cert, client.max_time, options.max_time_given) {
        request.max_time = Some(limit);
        request.intent.max_time = Some(limit);
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
    live(options, request, anchors, several)
}

/// Traces, and judges what came of it.
fn live(
    options: &Options,
    mut request: Request,
    mut anchors: Anchors,
    several: Several,
) -> Result<(Report, Option<Files>), String> {
    let files = Files::open(&options.take_away)?;
    if request.intent.enforce {
        request.anchors = anchors.all().into();
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("the runtime can't start: {e}"))?;
    let spinner = (!options.pipe).then(|| Spinner::start(&request.progress));
    let session = runtime.block_on(async {
        request.stop = Some(signals());
        session(options, request, &mut anchors, several).await
    });
    // A resolver that hangs, or a terminal that is read, must not delay the exit.
    runtime.shutdown_background();
    drop(spinner);
    let report = judge(session?, &mut anchors);
    let report = inquire(options, report, &mut anchors);
    Ok((report, Some(files)))
}

/// Makes the connections.
async fn session(
    options: &Options,
    request: Request,
    anchors: &mut Anchors,
    several: Several,
) -> Result<Session, String> {
    Ok(match several {
        Several::One if options.pipe => {
            let prepared = engine::prepare(&request).map_err(|e| e.to_string())?;
            let mut out = Watched::new(tokio::io::stdout());
            let piped = prepared.pipe(&mut tokio::io::stdin(), &mut out).await;
            let mut capture = piped.map_err(|e| e.to_string())?;
            if let Some(e) = out.failure() {
                return Err(format!("can't write the server's answer to standard output: {e}"));
            }
            capture.cut_times();
            Session { purpose: Purpose::Single, captures: vec![capture] }
        }
        Several::One => Session { purpose: Purpose::Single, captures: vec![one(&request).await?] },
        Several::Resume => {
            Session { purpose: Purpose::Resumption, captures: resumed(request, anchors).await? }
        }
        Several::EachAddress => {
            Session { purpose: Purpose::EachAddress, captures: each_address(request).await? }
        }
        Several::Repeat(times) => {
            let mut captures: Vec<Capture> = Vec::new();
            while captures.len() < usize::from(times) && !captures.last().is_some_and(interrupted) {
                captures.push(one(&request).await?);
            }
            Session { purpose: Purpose::Repeat, captures }
        }
    })
}

async fn one(request: &Request) -> Result<Capture, String> {
    let mut capture = engine::trace(request).await.map_err(|e| e.to_string())?;
    capture.cut_times();
    Ok(capture)
}

/// Whether somebody wants us to end.
fn interrupted(capture: &Capture) -> bool {
    matches!(capture.stopped, Some(Stopped::Interrupt | Stopped::Terminate))
}

/// Two connections: the second resumes the first one's session, if that came about.
async fn resumed(mut request: Request, anchors: &mut Anchors) -> Result<Vec<Capture>, String> {
    request.resumption = Some(Sessions::new());
    let early_data = request.early_data.take();
    let first = one(&request).await?;
    if !first.engine.as_ref().is_some_and(|engine| engine.complete) || first.stopped.is_some() {
        return Ok(vec![first]);
    }
    let report = judge(Session { purpose: Purpose::Resumption, captures: vec![first] }, anchors);
    let authenticated = report.cases().map(|case| authenticated::of(&case, Standard::of(&case))).next();
    match authenticated.as_ref().and_then(|state| state.reason()) {
        None => request.early_data = early_data,
        Some(why) if early_data.is_some() => {
            let waived = report.cases().all(|case| authenticated::of(&case, Standard::Insecure).holds());
            let hint = if waived { " (-k sends it all the same)" } else { "" };
            say(&format!("the early data was not sent: the server is not authenticated: {why}{hint}"));
        }
        Some(_) => {}
    }
    let mut captures = report.session.captures;
    captures.push(one(&request).await?);
    Ok(captures)
}

/// One connection to each address of the name.
async fn each_address(request: Request) -> Result<Vec<Capture>, String> {
    /// More than any ordinary name has.
    const MOST: usize = 32;
    let began = Instant::now();
    let mut journal = Journal::telling(began, &request.progress);
    let limit = request.connect_timeout.unwrap_or(Duration::MAX);
    let addresses = tokio::time::timeout(limit, connect::resolve(&request.connect, &mut journal)).await;
    let Ok(Some(mut addresses)) = addresses else {
        return Ok(vec![one(&request).await?]);
    };
    addresses.dedup();
    if addresses.len() > MOST {
        say(&format!("the name has {} addresses; the first {MOST} are traced", addresses.len()));
        addresses.truncate(MOST);
    }
    let took = began.elapsed();
    let mut steps = Some(journal.into_steps());
    let mut captures: Vec<Capture> = Vec::new();
    for address in addresses {
        let mut request = request.clone();
        let (host, port) = request.connect.destination();
        let only = Resolve { host: Some(host.to_owned()), port, addresses: vec![address.ip()] };
        request.connect.resolve.push(only);
        let mut capture = engine::trace(&request).await.map_err(|e| e.to_string())?;
        if let Some(steps) = steps.take() {
            capture.preceded_by(steps, took);
        }
        capture.cut_times();
        let stop = interrupted(&capture);
        captures.push(capture);
        if stop {
            break;
        }
    }
    Ok(captures)
}

/// Finds the anchors that matter and judges. The system's store is read only if the others don't suffice.
fn judge(mut session: Session, anchors: &mut Anchors) -> Report {
    let traces: Vec<Trace> = session.captures.iter().map(Trace::of).collect();
    candidates(&mut session.captures, &traces, anchors);
    let report = Report::with_traces(session, traces);
    let judged = report.connections.iter().filter_map(|connection| connection.judgement.as_ref());
    let lacking = judged.into_iter().any(|judgement| judgement.path.is_none());
    if !lacking || !anchors.read_rest() {
        return report;
    }
    let mut session = report.session;
    let traces: Vec<Trace> = report.connections.into_iter().map(|connection| connection.trace).collect();
    candidates(&mut session.captures, &traces, anchors);
    Report::with_traces(session, traces)
}

fn candidates(captures: &mut [Capture], traces: &[Trace], anchors: &Anchors) {
    for (capture, trace) in captures.iter_mut().zip(traces) {
        let mut chain = trace.chain(0, Direction::Server);
        chain.extend(capture.given.iter().map(Vec::as_slice));
        let issuers = capture.evidence.iter().filter(|fetched| fetched.what == What::Issuer);
        chain.extend(issuers.map(|fetched| fetched.bytes.as_slice()));
        capture.intent.trust = anchors.candidates(&chain);
    }
}

/// Ctrl-C and SIGTERM, as something that ends a trace with a report.
fn signals() -> watch::Receiver<Option<Stopped>> {
    let (tell, told) = watch::channel(None);
    let tell = Arc::new(tell);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let ends =
            [(SignalKind::interrupt(), Stopped::Interrupt), (SignalKind::terminate(), Stopped::Terminate)];
        for (kind, stopped) in ends {
            // It is registered here, not when the task runs first.
            let Ok(mut signal) = signal(kind) else { continue };
            let tell = tell.clone();
            tokio::spawn(async move {
                if signal.recv().await.is_some() {
                    let _ = tell.send(Some(stopped));
                }
            });
        }
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            let _ = tell.send(Some(Stopped::Interrupt));
        }
    });
    early::run_begins();
    told
}
