//! NATS: the server's INFO says whether TLS follows; nothing is asked (NATS documentation, "Client Protocol").

use serde::Deserialize;

use super::{Ask, Kind, Preamble, Running, Stop, Talk, nothing_secret};

/// Messaging.
pub const NATS: Preamble = Preamble {
    name: "nats",
    aliases: &[],
    title: "NATS",
    kind: Kind::StartTls,
    about: "the server's INFO; TLS begins without another word",
    port: 4222,
    tls_port: None,
    greets: |banner| banner.starts_with(b"INFO {"),
    secret: nothing_secret,
    script: perform,
};

/// What matters of INFO.
#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    tls_required: bool,
    #[serde(default)]
    tls_available: bool,
}

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let line = talk.hear_line().await?;
        if line.starts_with(b"-ERR") {
            return Err(Stop::Refused);
        }
        let json = line.strip_prefix(b"INFO ").ok_or(Stop::Unexpected)?;
        let info: Info = serde_json::from_slice(json).map_err(|_| Stop::Unexpected)?;
        match info.tls_required || info.tls_available {
            true => Ok(()),
            false => Err(Stop::NotOffered),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::recognise;
    use super::super::testing::{live, watched};
    use super::*;
    use crate::capture::{Dialogue, Event};
    use crate::wire::Direction;

    #[test]
    fn info_says_whether_tls_follows() {
        let outcome = |server: &str| live(&NATS, &[server]).outcome();
        let agreed = Dialogue::Agreed { injected: 0 };
        assert_eq!(outcome("INFO {\"version\":\"2\",\"tls_required\":true}\r\n"), agreed);
        assert_eq!(outcome("INFO {\"tls_available\":true} \r\n"), agreed);
        assert_eq!(outcome("INFO {\"version\":\"2\"}\r\n"), Dialogue::NotOffered);
        assert_eq!(outcome("-ERR 'maximum connections exceeded'\r\n"), Dialogue::Refused);
        assert_eq!(outcome("INFO {\r\n"), Dialogue::Unexpected);
    }

    #[test]
    fn others_dialogues_are_recognised() {
        let hello = "\x16\x03\x01\x00\x10\x01";
        let info = "INFO {\"tls_required\":true}\r\n";
        let seen = watched(hello, format!("{info}\x16\x03\x03\x00\x10\x02")).unwrap();
        assert_eq!((seen.protocols(), seen.tls_from), (vec!["nats"], [0, info.len() as u64]));
        // Through a proxy too.
        let client = format!("CONNECT a.test:4222 HTTP/1.1\r\n\r\n{hello}");
        let seen = watched(&client, format!("HTTP/1.1 200 OK\r\n\r\n{info}")).unwrap();
        assert_eq!(seen.protocols(), ["connect", "nats"]);
        // Of a client that doesn't wait for it, it is the wrong answer; and behind a go-ahead it is none.
        let at = |direction, at: u64, bytes: &str| Event::Bytes {
            direction,
            at: Duration::from_millis(at),
            bytes: bytes.into(),
        };
        let events = [at(Direction::Client, 0, hello), at(Direction::Server, 1, info)];
        assert!(recognise(&events, [0, 0]).is_none());
        let client = format!("EHLO a\r\nSTARTTLS\r\n{hello}");
        let server = format!("220 a\r\n250 STARTTLS\r\n220 go\r\n{info}");
        assert_eq!(watched(&client, server).unwrap().protocols(), ["smtp"]);
    }
}
