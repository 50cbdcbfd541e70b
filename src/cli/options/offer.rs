//! What the ClientHello offers, and who sends it.

use std::io::Read;
use std::path::Path;

use crate::capture::Offer;
use crate::cli::args::{self, EngineChoice, Flags};
use crate::cli::file_or_name::{self, FileOrName};
use crate::cli::names::{self, Kind};
use crate::cli::target::Target;
use crate::engine::Engine;
use crate::engine::hello::profiles::{self, Profile};
use crate::engine::lab::Psk;
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_2, TLS_1_3};
use crate::wire::text;

/// The versions, suites, groups and schemes that are offered; ALPN depends on the target.
pub(super) fn offer(flags: &args::OfferFlags) -> Result<Offer, String> {
    let version =
        |flag: &str, typed: &Option<String>| typed.as_deref().map(|v| names::version(flag, v)).transpose();
    let list = |kind, typed: &Option<String>| typed.as_deref().map(|l| names::list(kind, l)).transpose();
    let (min, max) = (version("--tls-min", &flags.tls_min)?, version("--tls-max", &flags.tls_max)?);
    let offer = Offer {
        alpn: Vec::new(),
        min: min.unwrap_or(TLS_1_2.min(max.unwrap_or(TLS_1_3))),
        max: max.unwrap_or(TLS_1_3),
        ciphers: list(Kind::Ciphers, &flags.ciphers)?,
        groups: list(Kind::Groups, &flags.groups)?,
        sigalgs: list(Kind::Sigalgs, &flags.sigalgs)?,
        no_tickets: flags.no_tickets,
        grease: flags.grease,
        ..Offer::default()
    };
    if (offer.min == SSL_3_0 || offer.max == SSL_3_0) && !flags.ssl3 {
        return Err("SSL 3.0 is offered only with --ssl3".into());
    }
    let offer = Offer { min: if flags.ssl3 { SSL_3_0 } else { offer.min }, ..offer };
    if offer.min > offer.max {
        return Err("--tls-min is above --tls-max".into());
    }
    Ok(offer)
}

/// `--alpn` and `--no-alpn`; none: what the target suggests.
pub(super) fn protocols(flags: &args::OfferFlags) -> Result<Option<Vec<Vec<u8>>>, String> {
    match (&flags.alpn, flags.no_alpn) {
        (_, true) => Ok(Some(Vec::new())),
        (Some(list), _) => alpn(list).map(Some),
        (None, false) => Ok(None),
    }
}

/// Who performs the handshake, if that is settled before the server has been seen.
pub(super) fn engine(flags: &Flags, offer: &Offer) -> Result<Option<Engine>, String> {
    let can = Engine::Rustls.unsupported(offer).is_empty() && flags.offer.psk.is_none();
    if flags.offer.ech.is_some() && (flags.offer.engine == EngineChoice::Lab || !can) {
        return Err("--ech is only supported by rustls, which can't make the rest of this offer".into());
    }
    let engine = match flags.offer.engine {
        EngineChoice::Lab => Some(Engine::Lab),
        EngineChoice::Rustls => Some(Engine::Rustls),
        EngineChoice::Auto if can => None,
        EngineChoice::Auto => Some(Engine::Lab),
    };
    if engine == Some(Engine::Rustls) && flags.offer.psk.is_some() {
        return Err("--psk is only supported by the lab engine; omit --engine rustls".into());
    }
    if engine == Some(Engine::Lab) && flags.more.pipe && !flags.more.allow_weak {
        return Err(
            "--pipe with the lab engine, which is for inspection and not hardened, needs --allow-weak".into(),
        );
    }
    if engine == Some(Engine::Lab) && flags.more.early_data.is_some() {
        return Err("--early-data is not supported by the lab engine".into());
    }
    Ok(engine)
}

/// `IDENTITY:env:NAME` or `IDENTITY:FILE`. The key is in hexadecimal digits, or else it is the bytes as they are.
pub(super) fn psk(typed: &str) -> Result<Psk, String> {
    let (identity, source) = match typed.rsplit_once(":env:") {
        Some((identity, name)) => (identity, Err(name)),
        None => match typed.split_once(':') {
            Some((identity, path)) => (identity, Ok(path)),
            None => return Err("--psk: write IDENTITY:env:NAME or IDENTITY:FILE".into()),
        },
    };
    let bytes = match source {
        Err(name) => match std::env::var(name) {
            Ok(value) => value.into_bytes(),
            Err(_) => return Err(format!("--psk: there is no variable {name} with text in it")),
        },
        Ok(path) => key_file(Path::new(path))
            .map_err(|error| format!("--psk: can't read {}: {error}", text::path(Path::new(path))))?,
    };
    let text = bytes.trim_ascii();
    let digits = text.strip_prefix(b"0x").unwrap_or(text);
    let key = hex::decode(digits).unwrap_or(bytes);
    // Both are vectors with two bytes of length (RFC 4279, section 2).
    if key.is_empty() || key.len() > 0xffff || identity.len() > 0xffff {
        return Err("--psk: a key has 1 to 65535 bytes".into());
    }
    Ok(Psk { identity: identity.as_bytes().to_vec(), key })
}

/// A file with a key in it, which has at most 65535 bytes, or twice as many digits; of a longer one the start.
fn key_file(path: &Path) -> std::io::Result<Vec<u8>> {
    const LONGEST: u64 = 2 * 0xffff + 64;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What `--like` means.
#[derive(Debug, Clone)]
pub enum Like {
    /// A client's ClientHello, or one in a file.
    Hello(FileOrName<&'static Profile>),
    /// Another server, as typed.
    Host(String, Target),
}

/// A client, a file with a hello in it, or another server: what has a dot or a colon, or is localhost. A server that is
/// called as a client is written with its port.
pub(super) fn like(typed: &str) -> Result<Like, String> {
    let names: Vec<&str> = profiles::all().iter().map(|profile| profile.name).collect();
    let resolved = file_or_name::resolve("--like", "client", typed, profiles::find, &names);
    match resolved {
        Err(_) if typed.contains(['.', ':']) && !typed.contains('/') || typed == "localhost" => {
            let target = Target::parse(typed).map_err(|e| format!("--like: {e}"))?;
            Ok(Like::Host(typed.to_owned(), target))
        }
        resolved => {
            resolved.map(Like::Hello).map_err(|e| format!("{e}; a server, as HOST:PORT or with a dot"))
        }
    }
}

/// A profile, or a file with a hello in it.
pub(super) fn hello(typed: &str) -> Result<FileOrName<&'static Profile>, String> {
    let names: Vec<&str> = profiles::all().iter().map(|profile| profile.name).collect();
    file_or_name::resolve("--hello", "profile", typed, profiles::find, &names)
}

fn alpn(list: &str) -> Result<Vec<Vec<u8>>, String> {
    let names: Vec<_> = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| name.as_bytes().to_vec())
        .collect();
    if names.is_empty() {
        return Err("--alpn is empty; --no-alpn offers none".into());
    }
    match names.iter().find(|name| name.len() > 255) {
        Some(_) => Err("--alpn: a protocol name has at most 255 bytes".into()),
        None => Ok(names),
    }
}
