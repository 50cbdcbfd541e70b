//! Which hosts are connected to without a proxy: `--noproxy` and `NO_PROXY`, by curl's rules.

use std::net::{IpAddr, Ipv6Addr};

/// Whether `list` has the host: a name, or an address without brackets. Entries are separated by commas or spaces. A name
/// stands for itself and all below it, with or without a dot in front; an address may have the length of a prefix
/// behind it; `*` alone stands for every host.
pub fn is_listed(host: &str, list: &str) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let bare = host.split_once('%').map_or(host, |(bare, _)| bare);
    let address = bare.parse::<IpAddr>().ok();
    let name = host.strip_suffix('.').unwrap_or(host);
    list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty()).any(|entry| match address {
        Some(address) => covers(entry, address),
        None => is_below(name, entry),
    })
}

/// Whether the name is the entry's, or below it.
fn is_below(name: &str, entry: &str) -> bool {
    let entry = entry.strip_suffix('.').unwrap_or(entry);
    let entry = entry.strip_prefix('.').unwrap_or(entry);
    let Some(start) = name.len().checked_sub(entry.len()).filter(|_| !entry.is_empty()) else { return false };
    let same = name.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(entry));
    same && (start == 0 || name.as_bytes().get(start - 1) == Some(&b'.'))
}

/// Whether the entry is this address, or a prefix of it.
fn covers(entry: &str, address: IpAddr) -> bool {
    let (network, length) = match entry.split_once('/') {
        Some((network, length)) => (network, Some(length)),
        None => (entry, None),
    };
    let network = network.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(network);
    let (bits, most) = match (network.parse::<IpAddr>(), address) {
        (Ok(IpAddr::V4(a)), IpAddr::V4(b)) => (u128::from(a.to_bits() ^ b.to_bits()) << 96, 32),
        (Ok(IpAddr::V6(a)), IpAddr::V6(b)) => (differing(a, b), 128),
        _ => return false,
    };
    let length = match length.map(str::parse::<u32>) {
        None => most,
        Some(Ok(length)) if length <= most => length,
        Some(_) => return false,
    };
    bits.checked_shr(128 - length).unwrap_or(0) == 0
}

fn differing(a: Ipv6Addr, b: Ipv6Addr) -> u128 {
    a.to_bits() ^ b.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of curl's own tests (tests/unit/unit1614.c), and others.
    #[test]
    fn curls_rules() {
        for (host, list) in [
            ("www.example.com", "localhost,.example.com,.example.de"),
            ("www.example.com.", "localhost,.example.com,.example.de"),
            ("example.com", "localhost,.example.com,.example.de"),
            ("example.com", "localhost,.example.com.,.example.de"),
            ("www.example.com", "localhost,example.com.,.example.de"),
            ("WWW.Example.COM", "example.com"),
            ("localhost", "localhost .example.com"),
            ("anything", "*"),
            ("192.168.0.1", "192.168.0.0/16"),
            ("192.168.0.1", "192.168.0.1"),
            ("192.168.0.1", "foo, 192.168.0.0/24"),
            ("192.168.0.1", "0.0.0.0/0"),
            ("fe80::1%eth0", "fe80::/10"),
            ("::1", "[::1]"),
            ("2001:db8::1", "2001:db8::/32"),
        ] {
            assert!(is_listed(host, list), "{host} in {list}");
        }
        for (host, list) in [
            ("notexample.com", "example.com"),
            ("example.de", "localhost,.example.com"),
            ("example", "*,example.com"),
            ("www.example.com", "..example.com"),
            ("192.168.0.1", "192.168.1.0/24"),
            ("192.168.0.1", "192.168.0.0/33"),
            ("192.168.0.1", "192.168.0.0/x"),
            ("192.168.0.1", "*.168.0.1"),
            ("192.168.0.1", "168.0.1"),
            ("::1", "::2, 0.0.0.1"),
            ("example.com", ""),
            ("example.com", ", ."),
        ] {
            assert!(!is_listed(host, list), "{host} in {list}");
        }
    }
}
