//! SMTP (RFC 3207) and LMTP (RFC 2033): `STARTTLS` behind `EHLO` or `LHLO`.

use std::ops::Range;

use super::line::{behind, decided, reply, verb};
use super::{Ask, Kind, Preamble, Running, Stop, Talk};

/// Mail between servers, and from clients.
pub const SMTP: Preamble = Preamble {
    name: "smtp",
    aliases: &[],
    title: "SMTP",
    kind: Kind::StartTls,
    about: "EHLO, then STARTTLS (RFC 3207)",
    port: 25,
    tls_port: Some(465),
    greets: |banner| banner.starts_with(b"220") && !super::mentions(banner, b"FTP") && !is_lmtp(banner),
    secret,
    script: |talk, ask| perform(talk, ask, "EHLO"),
};

/// Mail into mailboxes.
pub const LMTP: Preamble = Preamble {
    name: "lmtp",
    aliases: &[],
    title: "LMTP",
    kind: Kind::StartTls,
    about: "LHLO, then STARTTLS (RFC 2033, RFC 3207)",
    port: 24,
    tls_port: None,
    greets: is_lmtp,
    secret,
    script: |talk, ask| perform(talk, ask, "LHLO"),
};

fn is_lmtp(banner: &[u8]) -> bool {
    banner.starts_with(b"220") && super::mentions(banner, b"LMTP")
}

/// What we call ourselves: an address literal (RFC 5321, section 4.1.3) that tells nothing about this machine.
const OURSELVES: &str = "[127.0.0.1]";

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask, hello: &'static str) -> Running<'t> {
    Box::pin(async move {
        let greeting = reply(talk).await?;
        match greeting.code {
            220 => {}
            421 | 500..=599 => return Err(Stop::Refused),
            _ => return Err(Stop::Unexpected),
        }
        let mut line = format!("{hello} {OURSELVES}");
        let mut offered = false;
        loop {
            let said = talk.say_line(&line).await?;
            let mut answer = reply(talk).await?;
            // Others' client may authenticate before: its answers to challenges are no commands (RFC 4954, section 4).
            while answer.code == 334 {
                talk.pass_secret_line().await?;
                answer = reply(talk).await?;
            }
            match verb(&said).to_ascii_uppercase().as_str() {
                "STARTTLS" => return decided(answer.code == 220, offered),
                greeting if greeting == hello => offered = answer.lists("STARTTLS"),
                // The other one's greeting is how the two are told apart.
                "EHLO" | "LHLO" => return Err(Stop::Unexpected),
                _ => {}
            }
            // Asked for even where it is not offered: some servers hide it from some clients.
            line = "STARTTLS".into();
        }
    })
}

/// `AUTH PLAIN …`: what stands behind the mechanism (RFC 4954, section 4).
fn secret(said: &[u8]) -> Option<Range<usize>> {
    verb(said).eq_ignore_ascii_case("AUTH").then(|| behind(2, said))?
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, steps, watched};
    use super::*;
    use crate::capture::Dialogue;

    const GREETING: &str = "220 mx.example ESMTP\r\n";
    const OFFERS: &str = "250-mx.example\r\n250-SIZE 1000\r\n250-starttls\r\n250 HELP\r\n";

    #[test]
    fn tls_begins_behind_the_go_ahead() {
        let ended = live(&SMTP, &[GREETING, OFFERS, "220 2.0.0 Ready\r\n"]);
        assert_eq!(ended.said, "EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
        assert_eq!(
            steps(&ended.steps),
            [
                "smtp Agreed { injected: 0 }",
                "< 220 mx.example ESMTP",
                "> EHLO [127.0.0.1]",
                "< 250-mx.example | 250-SIZE 1000 | 250-starttls | 250 HELP",
                "> STARTTLS",
                "< 220 2.0.0 Ready",
            ]
        );
    }

    #[test]
    fn each_way_to_fail_has_its_outcome() {
        let outcome = |server: &[&str]| live(&SMTP, server).outcome();
        assert_eq!(outcome(&["554 no\r\n"]), Dialogue::Refused);
        assert_eq!(outcome(&["SSH-2.0-x\r\n"]), Dialogue::Unexpected);
        assert_eq!(outcome(&["220 hi"]), Dialogue::Closed);
        assert_eq!(outcome(&[GREETING, "250 mx\r\n", "502 no\r\n"]), Dialogue::NotOffered);
        assert_eq!(outcome(&[GREETING, OFFERS, "454 later\r\n"]), Dialogue::Refused);
        assert_eq!(
            outcome(&[GREETING, "250 mx\r\n", "220 hidden, but there\r\n"]),
            Dialogue::Agreed { injected: 0 }
        );
        assert_eq!(outcome(&[&"220-more\r\n".repeat(8000)]), Dialogue::Endless);
        assert_eq!(outcome(&[&"x".repeat(70_000)]), Dialogue::Endless);
    }

    #[test]
    fn others_dialogues_are_recognised_and_their_credentials_blanked() {
        let client = "HELO old\r\nEHLO new\r\nAUTH PLAIN AGEAYg==\r\nAUTH LOGIN\r\nYQ==\r\nNOOP\r\nstarttls\r\n\x16\x03\x01";
        let server = "220 hi\r\n250 mx\r\n250-mx\r\n250 STARTTLS\r\n535 no\r\n334 VXNlcg==\r\n535 no\r\n250 ok\r\n220 go\r\n\x16\x03";
        let seen = watched(client, server).unwrap();
        let start = |text: &str| text.find('\x16').unwrap() as u64;
        assert_eq!(seen.tls_from, [start(client), start(server)]);
        let shown = steps(&seen.steps).join("\n");
        assert!(shown.contains("> AUTH PLAIN ********\n") && shown.contains("> ****\n"), "{shown}");
        assert_eq!(seen.secrets, [31..39, 53..57]);
        // Without the go-ahead, or with LMTP's greeting, it is not this.
        assert!(watched("EHLO a\r\nSTARTTLS\r\n\x16", "220 hi\r\n250 mx\r\n454 no\r\n").is_none());
        assert_eq!(
            watched("LHLO a\r\nSTARTTLS\r\n", "220 hi\r\n250 STARTTLS\r\n220 go\r\n").unwrap().protocols(),
            ["lmtp"]
        );
    }
}
