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
    use super::super::testing::{live, watched};
    use super::*;
    use crate::capture::Dialogue;

    #[test]
    fn info_says_whether_tls_follows() {
        let outcome = |server: &str| live(&NATS, &[server]).outcome();
        let agreed = Dialogue::Agreed { injected: 0 };
        assert_eq!(outcome("INFO {\"version\":\"2\",\"tls_required\":true}\r\n"), agreed);
        assert_eq!(outcome("INFO {\"tls_available\":true} \r\n"), agreed);
        assert_eq!(outcome("INFO {\"version\":\"2\"}\r\n"), Dialogue::NotOffered);
        assert_eq!(outcome("-ERR 'maximum connections exceeded'\r\n"), Dialogue::Refused);
        assert_eq!(outcome("INFO {\r\n"), Dialogue::Unexpected);
        let seen = watched("\x16\x03\x01\x00\x10\x01", "INFO {\"tls_required\":true}\r\n");
        assert!(seen.is_none(), "the client begins with TLS: where it begins is known without this");
    }
}
