//! Names are resolved as the system does it: getaddrinfo, with its error codes.

use std::net::SocketAddr;

use dns_lookup::{AddrFamily, AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use super::Family;
use crate::capture::Dns;

/// glibc's code for a name that has addresses, but none of the family that was asked for.
const EAI_ADDRFAMILY: i32 = -9;

/// Look-ups at the same time, in the whole process: each takes a thread, and some take long to fail.
pub const MOST: usize = 256;

static ROOM: Semaphore = Semaphore::const_new(MOST);

/// Bytes of a look-up's stack: getaddrinfo's own buffers are some KiB.
const STACK: usize = 512 << 10;

/// Room for one look-up.
pub type Room = SemaphorePermit<'static>;

/// Room that is there at once.
pub fn room() -> Option<Room> {
    ROOM.try_acquire().ok()
}

/// Room as soon as another look-up has ended.
pub async fn room_later() -> Option<Room> {
    ROOM.acquire().await.ok()
}

/// The addresses of `host`, without duplicates, in getaddrinfo's order (RFC 6724); ports are 0.
///
/// getaddrinfo blocks and can't be cancelled, so it has a thread of its own that nobody joins: a
/// runtime's blocking pool would make the end of the program wait for it.
pub async fn look_up(host: &str, family: Family, room: Option<Room>) -> Result<Vec<SocketAddr>, Dns> {
    let (answer, wait) = oneshot::channel();
    let name = host.to_owned();
    let thread = std::thread::Builder::new().name("resolver".into()).stack_size(STACK);
    let spawned = thread.spawn(move || {
        // Taken until there is an answer, whether or not anybody still wants it.
        let _room = room;
        // Nobody listens any more: that is what a timeout means.
        let _ = answer.send(ask(&name, family));
    });
    if let Err(error) = spawned {
        return Err(failed(format!("no thread for the resolver: {error}")));
    }
    wait.await.unwrap_or_else(|_| Err(failed("the resolver ended without an answer".into())))
}

fn ask(host: &str, family: Family) -> Result<Vec<SocketAddr>, Dns> {
    let address = match family {
        Family::Any => 0,
        Family::V4 => AddrFamily::Inet.into(),
        Family::V6 => AddrFamily::Inet6.into(),
    };
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), address, ..AddrInfoHints::default() };
    let answers = getaddrinfo(Some(host), None, Some(hints)).map_err(|error| describe(&error))?;
    let mut addresses = Vec::new();
    for answer in answers {
        // An address of an unknown family is none for us.
        if let Ok(answer) = answer
            && !addresses.contains(&answer.sockaddr)
        {
            addresses.push(answer.sockaddr);
        }
    }
    if addresses.is_empty() { Err(failed("no address came back".into())) } else { Ok(addresses) }
}

fn describe(error: &LookupError) -> Dns {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text).to_owned();
    let code = error.error_num();
    let not_found =
        matches!(error.kind(), LookupErrorKind::NoName | LookupErrorKind::NoData) || code == EAI_ADDRFAMILY;
    Dns::Failed { code, text, not_found }
}

fn failed(text: String) -> Dns {
    Dns::Failed { code: 0, text, not_found: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_found_in_the_wanted_family() {
        let found = ask("localhost", Family::V4).unwrap();
        assert_eq!(found, ["127.0.0.1:0".parse().unwrap()]);
    }

    #[test]
    fn a_failure_carries_code_and_text() {
        // A label of 64 bytes can't be asked for: no resolver, however configured, finds it.
        let Err(Dns::Failed { code, text, .. }) = ask(&"a".repeat(64), Family::Any) else { panic!("found") };
        assert_ne!(code, 0);
        assert!(!text.is_empty() && !text.starts_with("failed to lookup"));
        let Err(Dns::Failed { code: 0, text, not_found: false }) = ask("a\0b", Family::Any) else {
            panic!("a NUL byte was taken")
        };
        assert!(!text.is_empty());
    }
}
