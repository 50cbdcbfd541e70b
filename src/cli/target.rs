//! What a target on the command line means.

use std::fmt;

use crate::capture::Argument;
use url::{Host, Url};

use super::schemes;
use crate::preamble::{self, Preamble};

/// Where to connect to, and what it is called.
#[derive(Debug, Clone)]
pub struct Target {
    /// A name in ASCII (IDNA), or an address without brackets.
    pub host: String,
    pub port: u16,
    /// The port was typed, or the URL's scheme says it.
    pub port_given: bool,
    /// The host is an address: nothing to resolve, nothing for server_name.
    pub is_address: bool,
    /// It speaks HTTP, as far as one can tell from here: ALPN is offered.
    pub http: bool,
    /// What the URL's scheme says before TLS.
    pub preamble: Option<&'static Preamble>,
    /// What the URL says that is offered as the application protocol.
    pub alpn: Option<&'static str>,
}

/// Why a target can't be understood; shows the forms that can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub typed: String,
    pub why: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "can't understand the target {:?}: {}\n  targets look like this: example.com, example.com:8443, 192.0.2.1:443, [2001:db8::1]:443, https://example.com/, unix:/run/server.sock",
            self.typed, self.why
        )
    }
}

impl std::error::Error for Error {}

/// What was typed without what a handshake does not need of a URL: user, password, path, query and fragment, which may be
/// secrets. That is what is shown and saved.
pub(super) fn bare(typed: &str) -> String {
    let Some((scheme, rest)) = typed.split_once("://") else { return typed.to_owned() };
    // A backslash counts as a slash in a URL.
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}")
}

/// The words of a command, of which some may be targets.
pub(super) fn bare_words(arguments: Vec<Argument>, targets: &[String]) -> Vec<Argument> {
    let is_target = |argument: &Argument| {
        argument.flag.is_none() && matches!(&argument.words[..], [word] if targets.contains(word))
    };
    let bare = |argument: Argument| match argument.words.first().filter(|_| is_target(&argument)) {
        Some(word) => Argument::word(self::bare(word)),
        None => argument,
    };
    arguments.into_iter().map(bare).collect()
}

impl Target {
    /// host | host:port | [v6]:port | v6 | URL; port 443 if none is given.
    pub fn parse(typed: &str) -> Result<Target, Error> {
        let error = |why: &str| Error { typed: bare(typed), why: why.to_owned() };
        if typed.trim().is_empty() {
            return Err(error("it is empty"));
        }
        if let Some(path) = typed.strip_prefix("unix:") {
            return Self::of_socket(path).map_err(|why| error(&why));
        }
        if typed.contains("://") {
            return Self::from_url(typed).map_err(|why| error(&why));
        }
        let (host, port) = split(typed).map_err(|why| error(&why))?;
        let given = port.map(self::port).transpose().map_err(|why| error(&why))?;
        let port = given.unwrap_or(443);
        let (host, is_address) = self::host(host).map_err(|why| error(&why))?;
        let http = matches!(port, 443 | 8443);
        Ok(Target { host, port, port_given: given.is_some(), is_address, http, preamble: None, alpn: None })
    }

    /// The same with the dialogue of `--starttls`, if it was given: its port counts where none was typed.
    pub fn behind(mut self, row: Option<&'static Preamble>) -> Target {
        let Some(row) = row else { return self };
        self.preamble = Some(row);
        self.http = false;
        if !self.port_given {
            self.port = row.port;
        }
        self
    }

    /// A Unix socket: its path stands for the host, and no name is sent or verified unless one is given.
    fn of_socket(path: &str) -> Result<Target, String> {
        let path = path.strip_prefix("//").unwrap_or(path);
        let host = match path {
            "" => return Err("it has no path".into()),
            path if path.contains('/') => path.to_owned(),
            // A host has no slash.
            path => format!("./{path}"),
        };
        Ok(Target {
            host,
            port: 0,
            port_given: true,
            is_address: true,
            http: false,
            preamble: None,
            alpn: None,
        })
    }

    /// The path, if it is a Unix socket.
    pub fn socket(&self) -> Option<&std::path::Path> {
        self.host.contains('/').then(|| std::path::Path::new(&self.host))
    }

    fn from_url(typed: &str) -> Result<Target, String> {
        let (without, zone) = without_zone(typed);
        let url = Url::parse(&without).map_err(|e| e.to_string())?;
        let scheme = url.scheme();
        if scheme == "http" {
            return Err("http has no TLS; did you mean https?".into());
        }
        let known = schemes::find(scheme);
        let port = match (url.port(), known, url.port_or_known_default()) {
            (Some(port), ..) => port,
            (None, Some(scheme), _) => scheme.port,
            (None, None, Some(port)) => port,
            (None, None, None) => {
                return Err(format!("the default port of {scheme}:// is not known; add one"));
            }
        };
        if port == 0 {
            return Err("port 0 is not a valid port".into());
        }
        let host = url.host_str().ok_or("it has no host")?;
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let bare = match zone {
            Some(zone) => format!("{bare}%{zone}"),
            None => bare.to_owned(),
        };
        let (host, is_address) = self::host(&bare)?;
        let http = scheme == "https" || scheme == "wss";
        let preamble = known.and_then(schemes::Scheme::preamble);
        // As libpq has it: TLS from the first byte, and this protocol in it.
        let direct = preamble.is_some_and(|row| row.name == "postgres")
            && url.query_pairs().any(|(key, value)| key == "sslnegotiation" && value == "direct");
        let (preamble, alpn) = if direct { (None, Some(preamble::POSTGRES_ALPN)) } else { (preamble, None) };
        Ok(Target { host, port, port_given: true, is_address, http, preamble, alpn })
    }
}

/// A URL without the zone of its address, which `url` does not read, and the zone: behind `%25` (RFC 6874), or `%` as
/// people write it.
fn without_zone(typed: &str) -> (String, Option<&str>) {
    let found = || {
        let (before, rest) = typed.split_once("://[")?;
        let (inside, behind) = rest.split_once(']')?;
        let (address, zone) = inside.split_once('%')?;
        let zone = zone.strip_prefix("25").filter(|zone| !zone.is_empty()).unwrap_or(zone);
        Some((format!("{before}://[{address}]{behind}"), Some(zone)))
    };
    found().unwrap_or_else(|| (typed.to_owned(), None))
}

/// `HOST:PORT`, where both are needed (`--connect`).
pub fn host_and_port(typed: &str) -> Result<(String, u16), Error> {
    let error = |why: String| Error { typed: bare(typed), why };
    let (name, given) = split(typed).map_err(error)?;
    let error = |why: String| Error { typed: bare(typed), why };
    let port = port(given.unwrap_or("443")).map_err(error)?;
    let error = |why: String| Error { typed: bare(typed), why };
    let (host, _) = host(name).map_err(error)?;
    Ok((host, port))
}

/// Host and port as typed. An IPv6 address without brackets has no port.
pub(super) fn split(typed: &str) -> Result<(&str, Option<&str>), String> {
    if let Some(rest) = typed.strip_prefix('[') {
        let (address, behind) = rest.split_once(']').ok_or("the bracket is not closed")?;
        return match behind.strip_prefix(':') {
            Some(port) => Ok((address, Some(port))),
            None if behind.is_empty() => Ok((address, None)),
            None => Err(format!("{behind:?} after the bracket is not a port")),
        };
    }
    match typed.matches(':').count() {
        0 => Ok((typed, None)),
        1 => Ok(typed.split_once(':').map_or((typed, None), |(host, port)| (host, Some(port)))),
        _ => Ok((typed, None)),
    }
}

pub(super) fn port(typed: &str) -> Result<u16, String> {
    match typed.parse() {
        Ok(0) => Err("port 0 is not a valid port".into()),
        Ok(port) if typed.bytes().all(|b| b.is_ascii_digit()) => Ok(port),
        _ => Err(format!("{typed:?} is not a port (1 to 65535)")),
    }
}

/// Whether the system tells its interfaces, and this is none of them. A number stands for one as well.
fn no_such_interface(zone: &str) -> bool {
    let all = std::path::Path::new("/sys/class/net");
    let named = !zone.is_empty() && !zone.contains(['/', '.']);
    all.is_dir() && zone.parse::<u32>().is_err() && !(named && all.join(zone).exists())
}

/// The host as it is looked up, and whether it is an address.
pub(super) fn host(typed: &str) -> Result<(String, bool), String> {
    if typed.is_empty() {
        return Err("it has no host".into());
    }
    if typed.contains(':') {
        // A zone (fe80::1%eth0) is for the resolver.
        let (bare, zone) = typed.split_once('%').map_or((typed, None), |(bare, zone)| (bare, Some(zone)));
        // As URLs write it (RFC 6874).
        let encoded = zone.filter(|zone| no_such_interface(zone)).and_then(|zone| zone.strip_prefix("25"));
        if let Some(zone) = encoded.filter(|zone| !zone.is_empty()) {
            return host(&format!("{bare}%{zone}"));
        }
        return match (bare.parse::<std::net::Ipv6Addr>(), zone) {
            (Ok(address), None) if address.is_unicast_link_local() => {
                Err(format!("a link-local address needs its interface: [{typed}%eth0]"))
            }
            (Ok(_), Some(zone)) if no_such_interface(zone) => Err(format!("there is no interface {zone:?}")),
            (Ok(address), Some(zone))
                if !(address.is_unicast_link_local() || zone.parse::<u32>().is_ok()) =>
            {
                Err(format!(
                    "only a link-local address (fe80::…) has an interface: write [{bare}] without %{zone}"
                ))
            }
            (Ok(_), _) => Ok((typed.to_owned(), true)),
            (Err(_), _) => Err(format!("{typed:?} is not an IPv6 address, and a host name has no colons")),
        };
    }
    if typed.contains(['/', '@', '?', '#']) {
        return Err("a path or user belongs to a URL: write https://… in front".into());
    }
    match Host::parse(typed) {
        Ok(Host::Domain(name)) if name.len() > 253 => Err("the name is longer than 253 characters".into()),
        Ok(Host::Domain(name)) => Ok((name, false)),
        Ok(Host::Ipv4(address)) => Ok((address.to_string(), true)),
        Ok(Host::Ipv6(address)) => Ok((address.to_string(), true)),
        Err(_) => Err(format!("{typed:?} is not a host name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(typed: &str) -> (String, u16, bool, bool) {
        let target = Target::parse(typed).unwrap();
        (target.host, target.port, target.is_address, target.http)
    }

    #[test]
    fn every_documented_form() {
        assert_eq!(parsed("example.com"), ("example.com".into(), 443, false, true));
        assert_eq!(parsed("example.com:8443"), ("example.com".into(), 8443, false, true));
        assert_eq!(parsed("mail.example.com:993"), ("mail.example.com".into(), 993, false, false));
        assert_eq!(parsed("[2001:db8::1]:444"), ("2001:db8::1".into(), 444, true, false));
        assert_eq!(parsed("[::1]"), ("::1".into(), 443, true, true));
        assert_eq!(parsed("::1"), ("::1".into(), 443, true, true));
        assert_eq!(parsed("192.0.2.7:1"), ("192.0.2.7".into(), 1, true, false));
        assert_eq!(parsed("https://example.com/x?y"), ("example.com".into(), 443, false, true));
        assert_eq!(parsed("https://example.com:444"), ("example.com".into(), 444, false, true));
        assert_eq!(parsed("https://[::1]:8443/"), ("::1".into(), 8443, true, true));
        assert_eq!(parsed("imaps://mail.example.com"), ("mail.example.com".into(), 993, false, false));
        assert_eq!(parsed("dot://dns.example.com"), ("dns.example.com".into(), 853, false, false));
        let before = |typed: &str| {
            let target = Target::parse(typed).unwrap();
            (target.port, target.preamble.map(|row| row.name), target.alpn)
        };
        assert_eq!(before("smtp://mx.example.com"), (25, Some("smtp"), None));
        assert_eq!(before("submission://mx.example.com"), (587, Some("smtp"), None));
        assert_eq!(before("ftp://ftp.example.com"), (21, Some("ftp"), None));
        assert_eq!(before("postgres://db:6432/x?sslmode=require"), (6432, Some("postgres"), None));
        assert_eq!(before("postgres://db/x?sslnegotiation=direct"), (5432, None, Some("postgresql")));
        assert_eq!(before("smtps://mx.example.com"), (465, None, None));
        assert_eq!(parsed("Bücher.example"), ("xn--bcher-kva.example".into(), 443, false, true));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_address_has_its_zone() {
        let wanted = ("fe80::1%lo".to_owned(), 8443, true, true);
        for typed in [
            "[fe80::1%lo]:8443",
            "[fe80::1%25lo]:8443",
            "https://[fe80::1%25lo]:8443/",
            "https://[fe80::1%lo]:8443/",
        ] {
            assert_eq!(parsed(typed), wanted, "{typed}");
        }
        assert!(Target::parse("[::1%lo]").unwrap_err().why.contains("write [::1]"));
        assert!(Target::parse("[fe80::1]").unwrap_err().why.contains("[fe80::1%eth0]"));
        assert!(
            Target::parse("https://[fe80::1%25nosuch]/").unwrap_err().why.contains("no interface \"nosuch\"")
        );
    }

    #[test]
    fn a_url_is_shown_without_what_may_be_secret() {
        for (typed, shown) in [
            ("https://alice:s3cret@example.com:8443/private?token=1#x", "https://example.com:8443"),
            ("https://a@b@example.com", "https://example.com"),
            ("https://example.com?token=a@b", "https://example.com"),
            ("https://example.com\\private@x", "https://example.com"),
            ("wss://[::1]:444/", "wss://[::1]:444"),
            ("example.com:443", "example.com:443"),
        ] {
            assert_eq!(bare(typed), shown);
        }
        let error = Target::parse("https://alice:s3cret@/private").unwrap_err().to_string();
        assert!(!error.contains("s3cret") && !error.contains("private"), "{error}");
        let words = [
            Argument::word("https://a:b@c.example/d"),
            Argument::flag("--verify-name", Some("spiffe://a/b")),
        ];
        let bare = bare_words(words.to_vec(), &["https://a:b@c.example/d".to_owned()]);
        assert_eq!((&bare[0].words[0][..], &bare[1]), ("https://c.example", &words[1]));
    }

    #[test]
    fn what_is_wrong_is_said_with_the_forms_that_work() {
        for typed in [
            "",
            "host:",
            "host:0",
            "host:99999",
            "host:x",
            "[::1",
            "[::1]x",
            "http://a",
            "gopher://a",
            "a/b",
            ":443",
            "a b",
            "1:2:3:x",
            "[fe80::1]:443",
            "https://[fe80::1]/",
            "[fe80::1%]:443",
        ] {
            let error = Target::parse(typed).unwrap_err().to_string();
            assert!(error.contains("example.com:8443"), "{typed}: {error}");
        }
        assert!(Target::parse("http://a").unwrap_err().why.contains("https"));
    }
}
