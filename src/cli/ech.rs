//! `--ech`: GREASE, or the configurations of a server's Encrypted Client Hello.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::capture::{Ech, EchSource};
use crate::engine::ech;
use crate::trust;
use crate::wire::text;

/// What the flag means.
#[derive(Debug, Clone)]
pub enum EchFlag {
    Offer(Ech),
    /// To be looked up, at this DNS server if one is given.
    Dns(Option<SocketAddr>),
}

/// What the flag means; files are read and configurations chosen.
pub(super) fn read(typed: &str) -> Result<EchFlag, String> {
    match typed.split_once('@') {
        None if typed == "grease" => return Ok(EchFlag::Offer(ech::grease())),
        None if typed == "dns" => return Ok(EchFlag::Dns(None)),
        Some(("dns", server)) => return self::server(server).map(|server| EchFlag::Dns(Some(server))),
        _ => {}
    }
    let path = Path::new(typed);
    let (list, named) = match path.is_file() {
        true => (file(path)?, format!("--ech {}", text::path(path))),
        false => match STANDARD.decode(typed.trim()) {
            Ok(list) => (list, "--ech".to_owned()),
            Err(_) => {
                return Err(format!(
                    "--ech: {typed:?} is no file, and not the base64 of an ECHConfigList; write grease, dns, or the value \
                     of ech= in the HTTPS record (dig +short HTTPS NAME)"
                ));
            }
        },
    };
    ech::choose(EchSource::Given, list).map(EchFlag::Offer).map_err(|why| {
        format!(
            "{named}: {why}; what is needed is the value of ech= in the HTTPS record (dig +short HTTPS NAME)"
        )
    })
}

/// The address of a DNS server, with its port or without.
fn server(typed: &str) -> Result<SocketAddr, String> {
    let bare = typed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(typed);
    let address = bare.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    address.or_else(|_| typed.parse()).map_err(|_| {
        format!(
            "--ech: {typed:?} is not the address of a DNS server; write dns@192.0.2.53 or dns@192.0.2.53:5353"
        )
    })
}

/// An `ECHConfigList` with its length: PEM (RFC 9934), base64 or as it is.
fn file(path: &Path) -> Result<Vec<u8>, String> {
    /// With its length it has at most 65 537 bytes, a third more in base64, and there may be a key in front of it.
    const LONGEST: usize = 1 << 18;
    let bytes = trust::files::read(path).map_err(|e| format!("--ech: {e}"))?;
    let shown = text::path(path);
    if bytes.len() > LONGEST {
        return Err(format!("--ech {shown}: longer than any ECHConfigList ({} bytes)", bytes.len()));
    }
    let Ok(words) = std::str::from_utf8(&bytes) else { return Ok(bytes) };
    if words.contains("-----BEGIN ") {
        let blocks = pem::parse_many(words).map_err(|e| format!("--ech {shown}: {e}"))?;
        let found = blocks.into_iter().find(|block| block.tag() == "ECHCONFIG");
        return found
            .map(|block| block.into_contents())
            .ok_or_else(|| format!("--ech {shown}: it has no ECHCONFIG block"));
    }
    let compact: String = words.split_ascii_whitespace().collect();
    Ok(STANDARD.decode(compact).unwrap_or(bytes))
}
