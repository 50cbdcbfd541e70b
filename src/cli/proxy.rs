//! Which proxy a connection goes through: `--proxy`, or what the environment says, by curl's rules.

use super::args::ProxyProtocol;
use super::options::{Options, Several};
use super::say::say_once;
use super::target::{self, Target};
use crate::capture::{Argument, Intent};
use crate::connect::{Family, Plan, is_without_proxy};
use crate::preamble::{self, Ask, Credentials, Planned};
use crate::trust::passphrase::Passphrase;
use crate::wire::text::escape;

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Proxy {
    kind: Kind,
    host: String,
    port: u16,
    credentials: Option<Credentials>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Http,
    /// TLS is spoken with it.
    Https,
    /// A name is resolved here.
    Socks4,
    Socks4a,
    /// A name is resolved here.
    Socks5,
    Socks5h,
}

/// Schemes of proxies' URLs, as curl has them.
const KINDS: &[(&str, Kind)] = &[
    ("http", Kind::Http),
    ("https", Kind::Https),
    ("socks4", Kind::Socks4),
    ("socks", Kind::Socks4),
    ("socks4a", Kind::Socks4a),
    ("socks5", Kind::Socks5),
    ("socks5h", Kind::Socks5h),
];

/// The port of a proxy whose URL has none, as curl has it.
const PORT: u16 = 1080;
const HTTPS_PORT: u16 = 443;

/// The variables that name a proxy, the first that is set counts.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// How a connection is made that goes to `host` and `port`.
pub(super) struct Way {
    pub(super) plan: Plan,
    /// The proxy's URL, without credentials.
    pub(super) proxy: Option<String>,
    /// What is wanted of a proxy with which TLS is spoken.
    pub(super) tls: Option<Intent>,
    /// What is said before TLS on the way to the server.
    pub(super) preambles: Vec<Planned>,
}

/// The way to a target: through a proxy if one is to be used. `user`: what `--proxy-user` names; `environment` asks for a
/// variable.
pub(super) fn way(
    options: &Options,
    user: Option<&Passphrase>,
    target: &Target,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Way, String> {
    let host = target.host.as_str();
    let mut plan = options.plan(host, target.port);
    let proxy = match target.socket() {
        Some(path) => {
            let flags = [
                (options.connect.is_some(), "--connect"),
                (options.proxy.url.as_ref().is_some_and(|url| !url.is_empty()), "--proxy"),
                (matches!(options.several, Several::EachAddress { .. }), "--each-address"),
            ];
            if let Some((_, flag)) = flags.iter().find(|(given, _)| *given) {
                return Err(format!("a Unix socket and {flag} can't be used together: it has no address"));
            }
            plan.unix = Some(path.to_owned());
            None
        }
        None => chosen(options, user, host, environment)?,
    };
    let mut way = Way { plan, proxy: None, tls: None, preambles: Vec::new() };
    if let Some(proxy) = proxy {
        if matches!(options.several, Several::EachAddress { .. }) {
            return Err("--each-address and a proxy can't be used together: the proxy chooses the address \
                        (--noproxy '*' connects directly)"
                .into());
        }
        way = proxy.way(options, way.plan);
    }
    way.preambles.extend(options.proxy.protocol.map(|version| Planned {
        row: match version {
            ProxyProtocol::V1 => &preamble::PROXY_V1,
            ProxyProtocol::V2 => &preamble::PROXY_V2,
        },
        ask: Ask::default(),
    }));
    Ok(way)
}

/// `--proxy`, or the environment's, unless the host is connected to directly. Says what the environment did.
fn chosen(
    options: &Options,
    user: Option<&Passphrase>,
    host: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Proxy>, String> {
    let set = |names: &[&'static str]| {
        names.iter().find_map(|name| Some((*name, environment(name).filter(|value| !value.is_empty())?)))
    };
    let given = options.proxy.url.as_deref();
    let found = match given {
        Some("") => None,
        Some(url) => Some(("--proxy", url.to_owned())),
        None => set(&VARIABLES),
    };
    let Some((from, url)) = found else { return Ok(None) };
    let proxy = Proxy::read(&url).map_err(|why| format!("{from}: {why}"))?;
    let exceptions = match &options.proxy.none_for {
        Some(list) => Some(("--noproxy", list.clone())),
        None => set(&["no_proxy", "NO_PROXY"]),
    };
    if let Some((list, _)) = exceptions.filter(|(_, list)| is_without_proxy(host, list)) {
        if (from, list) != ("--proxy", "--noproxy") {
            say_once(&format!(
                "{list} lists {}: it is connected to without the proxy of {from}",
                escape(host)
            ));
        }
        return Ok(None);
    }
    let proxy = proxy.with(user)?;
    if given.is_none() {
        let shown = proxy.shown();
        say_once(&format!(
            "{from} is set: the connection goes through {shown} (--noproxy '*' connects directly)"
        ));
    } else if has_credentials(&url) {
        say_once(
            "warning: other users of this machine can see the password in --proxy (--proxy-user env:NAME or file:FILE hides it)",
        );
    }
    Ok(Some(proxy))
}

/// Whether TLS may be spoken with a proxy.
pub(super) fn is_https(options: &Options, environment: &dyn Fn(&str) -> Option<String>) -> bool {
    let is = |url: &str| url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    match &options.proxy.url {
        Some(url) => is(url),
        None => VARIABLES.iter().any(|name| environment(name).is_some_and(|url| is(&url))),
    }
}

/// Whether there is something in front of the host.
fn has_credentials(url: &str) -> bool {
    without_credentials(url) != url
}

/// The URL without a user's name and password.
fn without_credentials(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, url),
    };
    // Also what can't be understood must not be shown: the last @ counts, wherever it stands.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    scheme.map_or_else(|| rest.to_owned(), |scheme| format!("{scheme}://{rest}"))
}

/// The command as it may be shown and kept.
pub(super) fn blank(arguments: Vec<Argument>) -> Vec<Argument> {
    let blank = |argument: Argument| match argument.value.as_deref().filter(|_| argument.is("--proxy")) {
        Some(url) if has_credentials(url) => Argument::flag("--proxy", Some(&without_credentials(url))),
        _ => argument,
    };
    arguments.into_iter().map(blank).collect()
}

impl Proxy {
    /// `[scheme://][user[:password]@]host[:port]`
    fn read(url: &str) -> Result<Proxy, String> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let scheme = scheme.to_ascii_lowercase();
        let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == scheme) else {
            return Err(format!(
                "{:?} is not a kind of proxy; there are http, https, socks5, socks5h, socks4 and socks4a",
                escape(&scheme)
            ));
        };
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        // A password that is not written as it should be may be where the host is expected: it is not repeated.
        let form = |why: String| match user {
            None if !url.contains('@') => why,
            _ => {
                "write http://USER:PASSWORD@HOST:PORT, with / ? # @ and % in them as %2F %3F %23 %40 and %25"
                    .into()
            }
        };
        let (host, port) = target::split(place).map_err(form)?;
        let (host, _) = target::host(host).map_err(form)?;
        let default = if *kind == Kind::Https { HTTPS_PORT } else { PORT };
        let port = port.map(target::port).transpose().map_err(form)?.unwrap_or(default);
        let credentials = user.map(|user| {
            let (user, password) = user.split_once(':').unwrap_or((user, ""));
            Credentials { user: decoded(user), password: decoded(password) }
        });
        Ok(Proxy { kind: *kind, host, port, credentials })
    }

    /// With what `--proxy-user` says, which comes before the URL.
    fn with(mut self, user: Option<&Passphrase>) -> Result<Proxy, String> {
        if let Some(both) = user {
            let (user, password) = both.reveal().split_once(':').unwrap_or((both.reveal(), ""));
            self.credentials = Some(Credentials { user: user.to_owned(), password: password.to_owned() });
        }
        let longest = if matches!(self.kind, Kind::Http | Kind::Https) { 4096 } else { 255 };
        let long =
            |credentials: &Credentials| credentials.user.len().max(credentials.password.len()) > longest;
        if self.credentials.as_ref().is_some_and(long) {
            return Err(format!("the proxy's user name or password has more than {longest} bytes"));
        }
        Ok(self)
    }

    /// As a URL without credentials.
    fn shown(&self) -> String {
        let scheme = KINDS.iter().find(|(_, kind)| *kind == self.kind).map_or("http", |(name, _)| name);
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{scheme}://{host}:{}", self.port)
    }

    /// What is wanted of the handshake with it.
    fn intent(&self) -> Intent {
        let is_address = self.host.parse::<std::net::IpAddr>().is_ok();
        Intent {
            input: self.shown(),
            host: self.host.clone(),
            port: self.port,
            sni: (!is_address).then(|| self.host.clone()),
            verify_name: Some(self.host.clone()),
            ..Intent::default()
        }
    }

    /// The way through it to where `direct` goes.
    fn way(self, options: &Options, mut direct: Plan) -> Way {
        let (host, port) = direct.destination();
        let (host, port) = (host.to_owned(), port);
        let row = match self.kind {
            Kind::Http | Kind::Https => &preamble::CONNECT,
            Kind::Socks4 | Kind::Socks4a => &preamble::SOCKS4,
            Kind::Socks5 | Kind::Socks5h => &preamble::SOCKS5,
        };
        if self.kind == Kind::Socks4 {
            // It knows no others.
            direct.family = Family::V4;
        }
        let target = matches!(self.kind, Kind::Socks4 | Kind::Socks5).then(|| Box::new(direct));
        let proxy = Some(self.shown());
        let tls = (self.kind == Kind::Https).then(|| self.intent());
        let ask = Ask { host, port, credentials: self.credentials, ends: None };
        let plan = Plan {
            host: self.host,
            port: self.port,
            resolve: options.resolve.clone(),
            target,
            ..Plan::default()
        };
        Way { plan, proxy, tls, preambles: vec![Planned { row, ask }] }
    }
}

/// With `%41` for `A`; what is no such escape stands for itself.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let escaped = behind.get(..2).filter(|_| *first == b'%').and_then(|digits| hex::decode(digits).ok());
        match escaped.as_deref() {
            Some([byte]) => {
                bytes.push(*byte);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> (String, Option<(String, String)>) {
        let proxy = Proxy::read(url).unwrap();
        let credentials = proxy.credentials.clone().map(|both| (both.user, both.password));
        (proxy.shown(), credentials)
    }

    #[test]
    fn proxies_are_written_as_for_curl() {
        assert_eq!(read("proxy"), ("http://proxy:1080".into(), None));
        assert_eq!(read("Http://Proxy.Example:80/"), ("http://proxy.example:80".into(), None));
        assert_eq!(read("socks5h://[::1]:9"), ("socks5h://[::1]:9".into(), None));
        let credentials = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(
            read("http://me:p%40:ss@w@10.0.0.1:8080"),
            ("http://10.0.0.1:8080".into(), credentials("me", "p@:ss@w"))
        );
        assert_eq!(read("socks5://me@h"), ("socks5://h:1080".into(), credentials("me", "")));
        assert_eq!(read("me:100%@h:1").1, credentials("me", "100%"));
        for wrong in [
            "ftp://secret@h",
            "http://secret@:1",
            "http://secret@h:x",
            "http://",
            "http://secret@h:0",
            "http://me:1secret/2@h:1",
            "socks5://me:x#secret@h",
        ] {
            let why = Proxy::read(wrong).unwrap_err();
            assert!(!why.contains("secret"), "{why}");
        }
    }

    #[test]
    fn credentials_are_taken_out_of_the_command() {
        for (word, shown) in [
            ("http://me:secret@h:1", "http://h:1"),
            ("me:secret@h", "h"),
            ("http://h:1", "http://h:1"),
            ("nonsense://a@b@c", "nonsense://c"),
        ] {
            for words in [vec!["-x", word], vec!["--proxy=", word]] {
                let argument = Argument {
                    flag: Some("--proxy".into()),
                    value: Some(word.into()),
                    words: words.into_iter().map(str::to_owned).collect(),
                };
                let blanked = blank(vec![argument]);
                assert_eq!(blanked[0].value.as_deref(), Some(shown));
                assert!(!blanked[0].words.join(" ").contains("secret"), "{blanked:?}");
            }
        }
    }
}
