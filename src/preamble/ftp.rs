//! FTP: `AUTH TLS` (RFC 4217), behind `FEAT` (RFC 2389).

use std::ops::Range;

use super::line::{behind, decided, reply, verb};
use super::{Ask, Kind, Preamble, Running, Stop, Talk};

/// The control connection of a file transfer.
pub const FTP: Preamble = Preamble {
    name: "ftp",
    aliases: &[],
    title: "FTP",
    kind: Kind::StartTls,
    about: "FEAT, then AUTH TLS (RFC 4217)",
    port: 21,
    tls_port: Some(990),
    greets: |banner| {
        banner.starts_with(b"220") && !super::mentions(banner, b"SMTP") && !super::mentions(banner, b"LMTP")
    },
    secret,
    script: perform,
};

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let mut greeting = reply(talk).await?;
        // "Service ready in nnn minutes" (RFC 959, section 4.2).
        while greeting.code == 120 {
            greeting = reply(talk).await?;
        }
        match greeting.code {
            220 => {}
            421 | 500..=599 => return Err(Stop::Refused),
            _ => return Err(Stop::Unexpected),
        }
        let mut offered = false;
        let mut line = "FEAT";
        loop {
            let said = talk.say_line(line).await?;
            let answer = reply(talk).await?;
            match verb(&said).to_ascii_uppercase().as_str() {
                // Others' client may try another mechanism.
                "AUTH" if answer.code == 504 && talk.is_watched() => {}
                "AUTH" => return decided(answer.code == 234, offered),
                "FEAT" => offered = answer.lists("AUTH"),
                _ => {}
            }
            line = "AUTH TLS";
        }
    })
}

fn secret(said: &[u8]) -> Option<Range<usize>> {
    verb(said).eq_ignore_ascii_case("PASS").then(|| behind(1, said))?
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, watched};
    use super::*;
    use crate::capture::Dialogue;

    #[test]
    fn tls_begins_behind_the_go_ahead() {
        let ended = live(
            &FTP,
            &[
                "220-hi\r\n there\r\n220 FTP\r\n",
                "211-Features:\r\n AUTH TLS\r\n PBSZ\r\n211 End\r\n",
                "234 ok\r\n",
            ],
        );
        assert_eq!(ended.said, "FEAT\r\nAUTH TLS\r\n");
        assert_eq!(ended.outcome(), Dialogue::Agreed { injected: 0 });
        let outcome = |server: &[&str]| live(&FTP, server).outcome();
        assert_eq!(outcome(&["220 hi\r\n", "502 no\r\n", "502 no\r\n"]), Dialogue::NotOffered);
        assert_eq!(
            outcome(&["220 hi\r\n", "211-x\r\n AUTH TLS\r\n211 x\r\n", "431 no\r\n"]),
            Dialogue::Refused
        );
        assert_eq!(outcome(&["220 hi\r\n", "502 no\r\n", "234 ok\r\n"]), Dialogue::Agreed { injected: 0 });
    }

    #[test]
    fn others_dialogues_are_recognised() {
        let seen =
            watched("AUTH SSL\r\nAUTH TLS\r\n\x16\x03\x01", "220 FTP\r\n504 no\r\n234 ok\r\n").unwrap();
        assert_eq!((seen.protocols(), seen.tls_from), (vec!["ftp"], [20, 25]));
    }
}
