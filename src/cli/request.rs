//! From options to what a run is made of: the question, the anchors, the request.

use std::time::Duration;

use rustls::pki_types::CertificateDer;

use super::ech::EchFlag;
use super::file_or_name::FileOrName;
use super::options::{Options, Sni};
use super::proxy;
use super::say::say;
use super::target::Target;
use crate::capture::{Intent, Limits, Question};
use crate::engine::hello::Opening;
use crate::engine::hello::profiles::Profile;
use crate::engine::{ClientIdentity, EchRecord, Engine, Probe, Request, lab};
use crate::preamble::{Ask, Planned};
use crate::trust::files::Identity;
use crate::trust::passphrase::{Passin, Passphrase};
use crate::trust::{self, Anchors, Loaded};
use crate::wire::extension::server_name;
use crate::wire::text;

/// What the flags ask of every connection, with what is in the files that they name.
pub(super) fn question(options: &Options) -> Result<Question, String> {
    let mut crls = Vec::new();
    for path in &options.judging.crls {
        crls.extend(trust::files::crls(path).map_err(|e| e.to_string())?);
    }
    let ct_logs = match &options.judging.ct_logs {
        Some(path) => {
            trust::ct::Logs::path(path).map_err(|e| e.to_string())?;
            let list = std::fs::read_to_string(path);
            Some(list.map_err(|e| format!("can't read {}: {e}", text::path(path)))?.into())
        }
        None => None,
    };
    Ok(Question { crls: crls.into(), ct_logs, ..asked(options) })
}

/// What the flags ask themselves.
pub(super) fn asked(options: &Options) -> Question {
    Question {
        at: options.at,
        insecure: options.insecure,
        enforce: options.enforce,
        pins: options.judging.pins.clone(),
        revocation: options.judging.revocation,
        allow_unevaluated: allowed(&options.judging.allow_unevaluated),
        min_days: options.judging.min_days.clone(),
        expect: options.judging.expect.clone(),
        warn: options.judging.warn.clone(),
        policies: options.judging.policies.clone(),
        arguments: options.arguments.clone(),
        max_time: options.max_time,
        data: options.output.data,
        ..Question::default()
    }
}

/// `--allow-unevaluated`, alone or with ids.
fn allowed(given: &[String]) -> Option<Vec<String>> {
    match given {
        [] => None,
        given if given.iter().any(String::is_empty) => Some(Vec::new()),
        given => Some(given.to_vec()),
    }
}

/// The stores that may be relied on. The system's is read only when it is needed.
pub(super) fn anchors(options: &Options) -> Result<Anchors, String> {
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
        let (anchors, unusable) = given.map_err(error)?;
        unusable.iter().for_each(|why| say(&format!("warning: {why}")));
        return Ok(anchors);
    }
    for name in &options.trust.stores {
        let first = anchors.stores().is_empty();
        anchors.push(match name.as_str() {
            "mozilla" => Loaded::mozilla(),
            // Before a proxy gets a password it has to be authenticated.
            _ if first || options.enforce || proxy::is_https(options, &environment(options)) => {
                Loaded::system()
            }
            name => Loaded::unread(name),
        });
    }
    Ok(anchors)
}

/// The environment's variables that say which proxy is used, if it is to be asked.
fn environment(options: &Options) -> impl Fn(&str) -> Option<String> + use<> {
    let asked = options.proxy.environment;
    move |name| asked.then(|| std::env::var_os(name)?.into_string().ok()).flatten()
}

/// What is ours, from files: read once, however many targets there are.
pub(super) struct Own {
    client: Option<ClientIdentity>,
    /// What `--proxy-user` names.
    proxy_user: Option<Passphrase>,
    early_data: Option<Vec<u8>>,
}

impl Own {
    pub(super) fn read(options: &Options) -> Result<Own, String> {
        let early_data = options.early_data.as_deref().map(trust::files::read).transpose();
        let proxy_user = options.proxy.user.as_ref().map(Passin::read).transpose();
        Ok(Own {
            client: client(options)?,
            proxy_user: proxy_user.map_err(|why| format!("--proxy-user: {why}"))?,
            early_data: early_data.map_err(|e| e.to_string())?,
        })
    }
}

/// What is asked of the engine.
pub(super) fn request(options: &Options, typed: &str, target: &Target) -> Result<Request, String> {
    request_with(options, &Own::read(options)?, typed, target)
}

/// The same with what has been read.
pub(super) fn request_with(
    options: &Options,
    own: &Own,
    typed: &str,
    target: &Target,
) -> Result<Request, String> {
    let target = &target.clone().behind(options.starttls);
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
    // A path is no name.
    let named = options.verify_name.is_some() || matches!(options.sni, Sni::Name(_));
    let verify_name = (target.socket().is_none() || named).then_some(verify_name);
    let mut offer = options.offer.clone();
    offer.alpn = match &options.alpn {
        Some(list) => list.clone(),
        None if target.alpn.is_some() => target.alpn.iter().map(|name| name.as_bytes().to_vec()).collect(),
        None if target.http => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        None => Vec::new(),
    };
    let (engine, probe, sni) = match &options.hello {
        Some(hello) => {
            let (opening, sni) = opening("--hello", hello, &options.sni, sni)?;
            let engine = completing(options, &opening)?;
            (engine, Probe { opening: Some(opening), ..Probe::default() }, sni)
        }
        None => (options.engine.unwrap_or_default(), Probe::default(), sni),
    };
    let client = own.client.clone();
    let user = own.proxy_user.as_ref();
    let way = proxy::way(options, user, target, &environment(options))?;
    let ask =
        Ask { host: sni.clone().unwrap_or_else(|| target.host.clone()), port: target.port, ..Ask::default() };
    let mut preambles = way.preambles;
    preambles.extend(target.preamble.map(|row| Planned { row, ask }));
    Ok(Request {
        early_data: own.early_data.clone(),
        intent: Intent {
            input: typed.to_owned(),
            host: target.host.clone(),
            port: target.port,
            sni,
            verify_name,
            connect: options.connect.clone(),
            client_certificate: client.is_some(),
            proxy: way.proxy,
            ..Intent::default()
        },
        connect: way.plan,
        preambles,
        tls_proxy: way.tls,
        engine,
        // Another engine has no ECH, and would show the name that it hides.
        retry: options.engine.is_none()
            && options.hello.is_none()
            && options.ech.is_none()
            && !options.no_retry,
        ech: match &options.ech {
            Some(EchFlag::Offer(ech)) => Some(ech.clone()),
            Some(EchFlag::Dns(_)) | None => None,
        },
        ech_record: match options.ech {
            Some(EchFlag::Dns(_)) if target.is_address && !matches!(options.sni, Sni::Name(_)) => {
                return Err("--ech dns: an address has no HTTPS record; --sni NAME gives the name".into());
            }
            Some(EchFlag::Dns(server)) => Some(EchRecord { server }),
            Some(EchFlag::Offer(_)) | None => None,
        },
        retry_ech: !options.no_retry,
        psk: options.psk.clone(),
        offer,
        probe,
        settle: options.settle,
        connect_timeout: Some(options.connect_timeout),
        max_time: options.max_time,
        max_time_covers_pipe: options.max_time_given,
        // Proxies drop the answer to a client that closes its direction at once; a second is enough for it to begin.
        pipe_hold: Duration::from_secs(1),
        client,
        packets: options.take_away.packets,
        limits: Limits::DEFAULT,
        ..Request::default()
    })
}

/// The lab engine, if it can complete a handshake with the hello; else it goes as far as the server's first flight.
fn completing(options: &Options, opening: &Opening) -> Result<Engine, String> {
    let lacking = lab::lacking(opening);
    if options.engine == Some(Engine::Rustls) {
        return Err(
            "--hello and --engine rustls can't be used together: rustls makes its own ClientHello".into()
        );
    }
    if lacking.is_empty() {
        return Ok(Engine::Lab);
    }
    let lacking = lacking.join(", ");
    let given = [
        (options.engine == Some(Engine::Lab), "--engine lab"),
        (options.cert.is_some(), "--cert"),
        (options.enforce, "--enforce"),
        (options.take_away.keylog.is_some(), "--keylog"),
    ];
    match given.iter().find(|(given, _)| *given) {
        Some((_, flag)) => Err(format!(
            "--hello and {flag} can't be used together here: the handshake ends after the server's first \
             flight, since the lab engine does not support {lacking}"
        )),
        None => Ok(Engine::Probe),
    }
}

/// The ClientHello that a connection is compared with; it asks for the same name.
pub(super) fn compared(
    hello: &FileOrName<&'static Profile>,
    options: &Options,
    ours: &Request,
) -> Result<Opening, String> {
    match opening("--like", hello, &options.sni, ours.intent.sni.clone())?.0 {
        Opening::Sslv2(_) => {
            Err("--like: a ClientHello of SSL 2.0 can't be compared with another one".into())
        }
        hello => Ok(hello),
    }
}

/// What is sent, and the name in it. A client's hello gets the name as the client would send it. A recorded one keeps its
/// form: without a name it gets one only if that was asked for.
fn opening(
    flag: &str,
    hello: &FileOrName<&'static Profile>,
    asked: &Sni,
    name: Option<String>,
) -> Result<(Opening, Option<String>), String> {
    let (template, name) = match hello {
        FileOrName::Name(profile) => (profile.template().map_err(|e| e.to_string())?, name),
        FileOrName::File(path) => {
            let shown = text::path(path);
            let bytes = trust::files::read(path).map_err(|e| e.to_string())?;
            match Opening::read(&bytes).map_err(|e| format!("{flag} {shown}: {e}"))? {
                Opening::Hello(template) => {
                    let named = template.hello().extension(server_name::EXTENSION.code).is_some();
                    let name = name.filter(|_| named || matches!(asked, Sni::Name(_)));
                    (template, name)
                }
                Opening::Sslv2(_) if matches!(asked, Sni::Name(_)) => {
                    return Err(format!("{flag} {shown}: an SSL 2.0 ClientHello has no server_name (--sni)"));
                }
                old => return Ok((old, None)),
            }
        }
    };
    let template = template.named(name.as_deref()).map_err(|e| e.to_string())?;
    Ok((Opening::Hello(template), name))
}

/// The client certificate and its key.
fn client(options: &Options) -> Result<Option<ClientIdentity>, String> {
    let Some(cert) = &options.cert else { return Ok(None) };
    let passphrase = passphrase(options)?;
    let identity = trust::files::identity(cert, options.key.as_deref(), passphrase.as_ref());
    let Identity { chain, key } = identity.map_err(|e| e.to_string())?;
    let chain = chain.into_iter().map(CertificateDer::from).collect();
    ClientIdentity::new(chain, key).map(Some).map_err(|e| e.to_string())
}

/// What opens an encrypted key or a PKCS#12 file.
pub(super) fn passphrase(options: &Options) -> Result<Option<Passphrase>, String> {
    options.passin.as_ref().map(Passin::read).transpose().map_err(|why| format!("--passin: {why}"))
}
