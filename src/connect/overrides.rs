//! curl's `--resolve` and `--connect-to`, with curl's syntax.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// `HOST:PORT:ADDR[,ADDR]…`: these addresses, without asking the resolver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    /// `None` for `*`: every host.
    pub host: Option<String>,
    pub port: u16,
    pub addresses: Vec<IpAddr>,
}

/// `HOST1:PORT1:HOST2:PORT2`: connect to the second pair when the first is wanted. An empty part
/// of the first pair fits everything, one of the second leaves what was wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    pub from: (Option<String>, Option<u16>),
    pub to: (Option<String>, Option<u16>),
}

impl Resolve {
    pub(super) fn fits(&self, host: &str, port: u16) -> bool {
        self.port == port && self.host.as_deref().is_none_or(|wanted| same(wanted, host))
    }
}

impl ConnectTo {
    pub(super) fn fits(&self, host: &str, port: u16) -> bool {
        self.from.0.as_deref().is_none_or(|wanted| same(wanted, host))
            && self.from.1.is_none_or(|wanted| wanted == port)
    }

    pub(super) fn apply<'a>(&'a self, host: &'a str, port: u16) -> (&'a str, u16) {
        (self.to.0.as_deref().unwrap_or(host), self.to.1.unwrap_or(port))
    }
}

/// The same host: names have no case, and one may be written with its root's dot.
fn same(a: &str, b: &str) -> bool {
    let bare = |name| str::strip_suffix(name, ".").unwrap_or(name);
    bare(a).eq_ignore_ascii_case(bare(b))
}

impl FromStr for Resolve {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || format!("`{text}` is not HOST:PORT:ADDR[,ADDR]…");
        if text.starts_with('-') {
            return Err(format!("`{text}` removes an entry: there is nothing to remove it from"));
        }
        // curl's `+` lets the entry expire; in one run that makes no difference.
        let rest = text.strip_prefix('+').unwrap_or(text);
        let (host, rest) = host(rest).ok_or_else(form)?;
        let (port, addresses) = rest.split_once(':').ok_or_else(form)?;
        let port = port.parse().map_err(|_| format!("`{port}` in `{text}` is not a port"))?;
        let address = |text: &str| {
            let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
            bare.parse().map_err(|_| format!("`{text}` is not an IP address"))
        };
        let addresses = addresses.split(',').map(address).collect::<Result<_, _>>()?;
        let host = host.ok_or_else(form)?;
        Ok(Resolve { host: (host != "*").then_some(host), port, addresses })
    }
}

impl FromStr for ConnectTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || format!("`{text}` is not HOST1:PORT1:HOST2:PORT2");
        let port = |part: &str| match part {
            "" => Ok(None),
            _ => part.parse().map(Some).map_err(|_| format!("`{part}` in `{text}` is not a port")),
        };
        let (from_host, rest) = host(text).ok_or_else(form)?;
        let (from_port, rest) = rest.split_once(':').ok_or_else(form)?;
        let (to_host, to_port) = host(rest).ok_or_else(form)?;
        Ok(ConnectTo { from: (from_host, port(from_port)?), to: (to_host, port(to_port)?) })
    }
}

/// The host at the start of `text` (`None` if empty; IPv6 in brackets) and what follows its colon.
fn host(text: &str) -> Option<(Option<String>, &str)> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(inside) => {
            let (address, rest) = inside.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            (address, rest.strip_prefix(':')?)
        }
        None => text.split_once(':')?,
    };
    let ascii = match host.is_ascii() {
        true => host.to_owned(),
        false => idna::domain_to_ascii(host).ok()?,
    };
    Some(((!ascii.is_empty()).then_some(ascii), rest))
}

#[cfg(test)]
mod tests {
    use super::super::{Family, Plan};
    use super::*;

    #[test]
    fn resolve_is_read_as_curl_reads_it() {
        let rule: Resolve = "example.com:443:127.0.0.1,[::1],::2".parse().unwrap();
        assert_eq!(rule.addresses.len(), 3);
        assert!(rule.fits("EXAMPLE.com.", 443) && !rule.fits("example.com", 444));
        let rule: Resolve = "bücher.example:443:127.0.0.1".parse().unwrap();
        assert!(rule.fits("xn--bcher-kva.example", 443));
        assert!("*:443:127.0.0.1".parse::<Resolve>().unwrap().fits("anything", 443));
        assert!("+[::1]:443:127.0.0.1".parse::<Resolve>().unwrap().fits("::1", 443));
        for wrong in ["", "a", "a:443", "a:x:127.0.0.1", "a:443:b", ":443:::1", "-a:443", "a:443:"] {
            assert!(wrong.parse::<Resolve>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn connect_to_is_read_as_curl_reads_it() {
        let rule: ConnectTo = "a:443:b:8443".parse().unwrap();
        assert!(rule.fits("a", 443) && !rule.fits("a", 80) && !rule.fits("b", 443));
        assert_eq!(rule.apply("a", 443), ("b", 8443));
        let every: ConnectTo = "::[::1]:".parse().unwrap();
        assert_eq!(every.apply("a", 443), ("::1", 443));
        for wrong in ["", "a", "a:1", "a:1:b", "a:x:b:1", "a:1:b:x", "[a]:1:b:1"] {
            assert!(wrong.parse::<ConnectTo>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn connect_to_comes_before_resolve() {
        let plan = Plan {
            host: "a".into(),
            port: 443,
            connect_to: vec!["a:443:b:1".parse().unwrap()],
            resolve: vec!["b:1:192.0.2.1".parse().unwrap(), "b:1:192.0.2.2".parse().unwrap()],
            ..Plan::default()
        };
        assert_eq!(plan.destination(), ("b", 1));
        assert_eq!(plan.known("b", 1).unwrap(), ["192.0.2.2:1".parse().unwrap()]);
        assert_eq!(plan.impossible(), None);
        let six = Plan { family: Family::V6, ..plan };
        assert_eq!(six.impossible().unwrap(), "b is not an IPv6 address");
        let zoned = Plan { host: "fe80::1%eth0".into(), port: 443, family: Family::V4, ..Plan::default() };
        assert_eq!(zoned.impossible().unwrap(), "fe80::1%eth0 is not an IPv4 address");
        assert_eq!(Plan { family: Family::Any, ..zoned }.impossible(), None);
    }
}
