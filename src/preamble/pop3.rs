//! POP3: `STLS` (RFC 2595, section 4).

use std::ops::Range;

use super::line::{behind, decided, verb};
use super::{Ask, Kind, Preamble, Running, Stop, Talk};

/// Fetching mail.
pub const POP3: Preamble = Preamble {
    name: "pop3",
    aliases: &["pop"],
    title: "POP3",
    kind: Kind::StartTls,
    about: "CAPA, then STLS (RFC 2595, section 4)",
    port: 110,
    tls_port: Some(995),
    greets: |banner| banner.starts_with(b"+OK"),
    secret,
    script: perform,
};

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        if !is_ok(&talk.hear_line().await?)? {
            return Err(Stop::Refused);
        }
        let mut offered = false;
        let mut line = "CAPA";
        loop {
            let said = talk.say_line(line).await?;
            let mut answer = talk.hear_line().await?;
            // A challenge of AUTH (RFC 5034, section 4).
            while answer.starts_with(b"+ ") || answer == b"+" {
                talk.pass_secret_line().await?;
                answer = talk.hear_line().await?;
            }
            let good = is_ok(&answer)?;
            match verb(&said).to_ascii_uppercase().as_str() {
                "STLS" => return decided(good, offered),
                "CAPA" if good => loop {
                    let line = talk.hear_line().await?;
                    if line == b"." {
                        break;
                    }
                    offered |= line.eq_ignore_ascii_case(b"STLS");
                },
                _ => {}
            }
            line = "STLS";
        }
    })
}

fn is_ok(line: &[u8]) -> Result<bool, Stop> {
    match verb(line) {
        "+OK" => Ok(true),
        "-ERR" => Ok(false),
        _ => Err(Stop::Unexpected),
    }
}

/// `PASS word`; `AUTH mechanism response`; `APOP name digest`.
fn secret(said: &[u8]) -> Option<Range<usize>> {
    match verb(said).to_ascii_uppercase().as_str() {
        "PASS" => behind(1, said),
        "AUTH" | "APOP" => behind(2, said),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, steps, watched};
    use super::*;
    use crate::capture::Dialogue;

    #[test]
    fn tls_begins_behind_the_go_ahead() {
        let ended = live(&POP3, &["+OK hi\r\n", "+OK list\r\nTOP\r\nSTLS\r\n.\r\n", "+OK go\r\n"]);
        assert_eq!(ended.said, "CAPA\r\nSTLS\r\n");
        assert_eq!(ended.outcome(), Dialogue::Agreed { injected: 0 });
        let outcome = |server: &[&str]| live(&POP3, server).outcome();
        assert_eq!(outcome(&["-ERR busy\r\n"]), Dialogue::Refused);
        assert_eq!(outcome(&["* OK\r\n"]), Dialogue::Unexpected);
        assert_eq!(outcome(&["+OK hi\r\n", "-ERR\r\n", "-ERR\r\n"]), Dialogue::NotOffered);
        assert_eq!(outcome(&["+OK hi\r\n", "+OK\r\nSTLS\r\n.\r\n", "-ERR\r\n"]), Dialogue::Refused);
        assert_eq!(
            outcome(&["+OK hi\r\n", &("+OK\r\n".to_owned() + &"X\r\n".repeat(30_000))]),
            Dialogue::Endless
        );
    }

    #[test]
    fn others_dialogues_are_recognised_and_their_credentials_blanked() {
        let client = "USER me\r\nPASS word\r\nSTLS\r\n\x16\x03";
        let seen = watched(client, "+OK\r\n+OK\r\n-ERR\r\n+OK\r\n").unwrap();
        assert_eq!(seen.tls_from[0], client.find('\x16').unwrap() as u64);
        assert!(steps(&seen.steps).join("\n").contains("> PASS ****\n"));
    }
}
