//! Where the connection goes, under which name, and through what.

use crate::certificate::host::Reference;
use crate::cli::args::{Addressing, BeforeTls, ProxyProtocol};
use crate::cli::target;
use crate::connect::Family;
use crate::trust::passphrase::Passin;

/// The name in server_name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sni {
    /// The target's, if it is a name.
    Target,
    Name(String),
    None,
}

/// What was said of proxies.
#[derive(Debug, Clone, Default)]
pub struct ProxyOptions {
    /// Empty: none is used.
    pub url: Option<String>,
    pub user: Option<Passin>,
    /// Hosts that are connected to directly.
    pub none_for: Option<String>,
    pub protocol: Option<ProxyProtocol>,
    /// The environment is asked.
    pub environment: bool,
}

/// `--sni` and `--no-sni`.
pub(super) fn sni(flags: &Addressing) -> Result<Sni, String> {
    Ok(match (&flags.sni, flags.no_sni) {
        (Some(name), _) => Sni::Name(host_name("--sni", name)?),
        (None, true) => Sni::None,
        (None, false) => Sni::Target,
    })
}

/// `-4` and `-6`.
pub(super) fn family(flags: &Addressing) -> Family {
    match (flags.ipv4, flags.ipv6) {
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        _ => Family::Any,
    }
}

pub(super) fn proxy_options(flags: &BeforeTls, environment: bool) -> Result<ProxyOptions, String> {
    let user = flags.proxy_user.as_deref().map(str::parse).transpose();
    Ok(ProxyOptions {
        url: flags.proxy.clone(),
        user: user.map_err(|why| format!("--proxy-user: {why}"))?,
        none_for: flags.noproxy.clone(),
        protocol: flags.haproxy_protocol,
        environment,
    })
}

/// A host, or a URI such as a SPIFFE ID.
pub(super) fn name_to_verify(typed: &str) -> Result<String, String> {
    if !typed.contains("://") {
        return host_name("--verify-name", typed);
    }
    if let Some(host) = ["https://", "http://"].iter().find_map(|scheme| typed.strip_prefix(scheme)) {
        let host = host.split('/').next().unwrap_or_default();
        return Err(format!(
            "--verify-name: of a web address it is the host that a certificate names: {host:?}"
        ));
    }
    match Reference::read(typed) {
        Ok(_) => Ok(typed.to_owned()),
        Err(why) => Err(format!("--verify-name: {typed:?}: {why}")),
    }
}

/// A name as it is sent and verified: IDNA in ASCII.
pub(super) fn host_name(flag: &str, typed: &str) -> Result<String, String> {
    match target::host(typed) {
        Ok((name, _)) => Ok(name),
        Err(why) => Err(format!("{flag}: {why}")),
    }
}

pub(super) fn parsed<T: std::str::FromStr<Err = String>>(
    flag: &str,
    typed: &[String],
) -> Result<Vec<T>, String> {
    typed.iter().map(|text| text.parse().map_err(|why| format!("{flag}: {why}"))).collect()
}
