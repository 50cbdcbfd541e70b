//! Servers that do not get as far as an answer in TLS.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::pki::{self, Pki, good_leaf};
use super::server::{Act, hang_up};
use super::tls::{Recipe, break_off};
use super::{Client, HOST, Plan, Scenario};

pub(super) const PLAINTEXT: Scenario = Scenario {
    name: "plaintext",
    about: "The port speaks plain HTTP, not TLS.",
    exit_code: 4,
    setup: || plan(Box::new(plaintext)),
};

pub(super) const SILENT: Scenario = Scenario {
    name: "silent",
    about: "The server accepts the connection and never answers.",
    exit_code: 5,
    setup: silent,
};

pub(super) const RESET: Scenario = Scenario {
    name: "reset",
    about: "The connection is reset right after the ClientHello.",
    exit_code: 4,
    setup: || plan(Box::new(reset)),
};

pub(super) const TRUNCATED: Scenario = Scenario {
    name: "truncated",
    about: "The connection ends in the middle of Certificate.",
    exit_code: 4,
    setup: truncated,
};

fn plaintext(mut tcp: &TcpStream) -> io::Result<()> {
    const ANSWER: &str = "HTTP/1.1 400 Bad Request\r\nServer: demo\r\nContent-Type: text/html\r\n\
        Connection: close\r\n\r\n<html><head><title>400 Bad Request</title></head></html>\r\n";
    hear_client_hello(tcp)?;
    tcp.write_all(ANSWER.as_bytes())?;
    hang_up(tcp)
}

fn silent() -> io::Result<Plan> {
    let mut plan = plan(Box::new(|mut tcp| {
        // Longer than any client waits here; it ends with the client, or with the stage.
        tcp.set_read_timeout(Some(Duration::from_secs(600)))?;
        let mut heard = [0; 4096];
        while tcp.read(&mut heard)? > 0 {}
        Ok(())
    }))?;
    plan.client.max_time = Some(Duration::from_secs(2));
    Ok(plan)
}

fn reset(tcp: &TcpStream) -> io::Result<()> {
    hear_client_hello(tcp)?;
    // With this, the close that follows is a RST instead of a FIN.
    socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO))
}

fn truncated() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let config = Recipe::default().config(&pki.credentials(&good_leaf()?)?)?;
    Ok(Plan { act: break_off(config), host: HOST.into(), ca: pki.root_der(), client: Client::default() })
}

/// For servers that never show a certificate. The client gets a root all the same: its side is as ever.
fn plan(act: Act) -> io::Result<Plan> {
    let ca = pki::root("tls-trace demo Root")?.der().to_vec();
    Ok(Plan { act, host: HOST.into(), ca, client: Client::default() })
}

/// One record; whatever a client sends instead is cut at the length that it claims.
fn hear_client_hello(mut tcp: &TcpStream) -> io::Result<()> {
    let mut header = [0; 5];
    tcp.read_exact(&mut header)?;
    let mut hello = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    tcp.read_exact(&mut hello)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ENCRYPTED, visit, visit_with_patience};
    use super::*;

    #[test]
    fn plaintext_answers_in_http() {
        let seen = visit(&PLAINTEXT).only();
        assert!(seen.received.starts_with(b"HTTP/1.1 400 Bad Request\r\n"), "{seen:?}");
        assert!(!seen.completed && seen.error.is_some());
    }

    #[test]
    fn silent_says_nothing() {
        let seen = visit_with_patience(&SILENT, Duration::from_millis(100)).only();
        assert!(seen.received.is_empty() && !seen.completed);
        let kind = seen.error.as_ref().map(io::Error::kind);
        assert!(matches!(kind, Some(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)), "{seen:?}");
    }

    #[test]
    fn reset_is_a_reset() {
        let seen = visit(&RESET).only();
        assert_eq!(
            seen.error.as_ref().map(io::Error::kind),
            Some(io::ErrorKind::ConnectionReset),
            "{seen:?}"
        );
        assert!(seen.received.is_empty());
    }

    #[test]
    fn truncated_ends_inside_an_encrypted_record() {
        let seen = visit(&TRUNCATED).only();
        assert_eq!(seen.error.as_ref().map(io::Error::kind), Some(io::ErrorKind::UnexpectedEof), "{seen:?}");
        assert!(!seen.completed);
        let records: Vec<_> = seen.records().collect();
        let [.., (first_kind, first), (last_kind, last)] = records[..] else { panic!("{seen:?}") };
        assert_eq!((first_kind, last_kind), (ENCRYPTED, ENCRYPTED));
        let whole: usize = records.iter().map(|(_, body)| body.len() + 5).sum();
        assert_eq!(whole, seen.received.len());
        // Equal lengths were claimed: the first arrived whole, the last half.
        assert_eq!(last.len(), first.len() / 2);
    }
}
