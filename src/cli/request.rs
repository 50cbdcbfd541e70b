//! From options to what a run is made of: the question, the anchors, the request.

use std::path::Path;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::options::{Options, Sni};
use super::target::Target;
use crate::capture::{Intent, Limits, Question};
use crate::engine::{ClientIdentity, Request};
use crate::trust::{self, Anchors, Loaded};
use crate::wire::text;

/// What the flags ask of every connection.
pub(super) fn question(options: &Options) -> Result<Question, String> {
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
    Ok(Question {
        at: options.at,
        insecure: options.insecure,
        enforce: options.enforce,
        pins: options.judging.pins.clone(),
        crls,
        revocation: options.judging.revocation,
        allow_unevaluated: allowed(&options.judging.allow_unevaluated),
        ct_logs,
        min_days: options.judging.min_days.clone(),
        arguments: options.arguments.clone(),
        max_time: options.max_time,
        ..Question::default()
    })
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

/// What is asked of the engine.
pub(super) fn request(options: &Options, typed: &str, target: &Target) -> Result<Request, String> {
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
            ..Intent::default()
        },
        connect: options.plan(&target.host, target.port),
        engine: options.engine.unwrap_or_default(),
        retry: options.engine.is_none() && !options.no_retry,
        psk: options.psk.clone(),
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
pub(super) fn private_key(path: &Path, named: bool) -> Result<PrivateKeyDer<'static>, String> {
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
