//! IMAP: `STARTTLS` (RFC 9051, section 6.2.1).

use std::ops::Range;

use super::line::{behind, decided, verb};
use super::{Ask, Kind, Preamble, Running, Stop, Talk};

/// Access to mailboxes.
pub const IMAP: Preamble = Preamble {
    name: "imap",
    aliases: &["imap4"],
    title: "IMAP",
    kind: Kind::StartTls,
    about: "CAPABILITY, then STARTTLS (RFC 9051, section 6.2.1)",
    port: 143,
    tls_port: Some(993),
    greets: |banner| banner.starts_with(b"* OK") || banner.starts_with(b"* PREAUTH"),
    secret,
    script: perform,
};

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let greeting = talk.hear_line().await?;
        match words(&greeting)[..] {
            ["*", "OK", ..] => {}
            ["*", "BYE", ..] => return Err(Stop::Refused),
            // Authenticated already: STARTTLS is no longer possible, and the connection stays in the clear.
            ["*", "PREAUTH", ..] => return Err(Stop::NotOffered),
            _ => return Err(Stop::Unexpected),
        }
        let mut offered = lists_starttls(&greeting);
        let mut line = "a1 CAPABILITY";
        loop {
            let said = talk.say_line(line).await?;
            let said = words(&said).iter().map(|word| word.to_ascii_uppercase()).collect::<Vec<_>>();
            let [tag, command, ..] = &said[..] else { return Err(Stop::Unexpected) };
            let done = loop {
                let heard = talk.hear_line().await?;
                match words(&heard)[..] {
                    ["*", ..] => offered |= lists_starttls(&heard),
                    // A challenge of AUTHENTICATE (RFC 9051, section 6.2.2).
                    ["+", ..] => talk.pass_secret_line().await?,
                    [answered, status, ..] if answered.eq_ignore_ascii_case(tag) => {
                        break status.eq_ignore_ascii_case("OK");
                    }
                    _ => return Err(Stop::Unexpected),
                }
            };
            if command == "STARTTLS" {
                return decided(done, offered);
            }
            line = "a2 STARTTLS";
        }
    })
}

fn words(line: &[u8]) -> Vec<&str> {
    let words = line.split(|byte| byte.is_ascii_whitespace()).take(4);
    words.map(|word| std::str::from_utf8(word).unwrap_or_default()).collect()
}

fn lists_starttls(line: &[u8]) -> bool {
    line.split(|byte| b" []".contains(byte)).any(|word| word.eq_ignore_ascii_case(b"STARTTLS"))
}

/// `tag LOGIN user password`, `tag AUTHENTICATE mechanism response`: what stands behind the third word.
fn secret(said: &[u8]) -> Option<Range<usize>> {
    let command = said.get(behind(1, said)?)?;
    match verb(command).to_ascii_uppercase().as_str() {
        "LOGIN" => behind(2, said),
        "AUTHENTICATE" => behind(3, said),
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
        let ended = live(
            &IMAP,
            &[
                "* OK [CAPABILITY IMAP4rev1] hi\r\n",
                "* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK done\r\n",
                "a2 OK go\r\n",
            ],
        );
        assert_eq!(ended.said, "a1 CAPABILITY\r\na2 STARTTLS\r\n");
        assert_eq!(ended.outcome(), Dialogue::Agreed { injected: 0 });
        let outcome = |server: &[&str]| live(&IMAP, server).outcome();
        assert_eq!(outcome(&["* BYE busy\r\n"]), Dialogue::Refused);
        assert_eq!(outcome(&["* PREAUTH you\r\n"]), Dialogue::NotOffered);
        assert_eq!(outcome(&["220 hi\r\n"]), Dialogue::Unexpected);
        assert_eq!(outcome(&["* OK hi\r\n", "a1 OK\r\n", "a2 BAD no\r\n"]), Dialogue::NotOffered);
        assert_eq!(outcome(&["* OK [STARTTLS]\r\n", "a1 OK\r\n", "a2 NO later\r\n"]), Dialogue::Refused);
        // A server may not make us say anything more.
        assert_eq!(outcome(&["* OK hi\r\n", "+ go on\r\n"]), Dialogue::Unexpected);
    }

    #[test]
    fn others_dialogues_are_recognised_and_their_credentials_blanked() {
        let client = "x LOGIN me \"pass word\"\r\ny AUTHENTICATE PLAIN\r\nAGEAYg==\r\nz starttls\r\n\x16\x03";
        let seen = watched(client, "* OK\r\nx NO\r\n+ \r\ny NO\r\nz OK\r\n").unwrap();
        assert_eq!(seen.tls_from[0], client.find('\x16').unwrap() as u64);
        let shown = steps(&seen.steps).join("\n");
        assert!(shown.contains("x LOGIN **************\n"), "{shown}");
        assert!(!shown.contains("AGEAYg"), "{shown}");
    }
}
