//! IRC: `STARTTLS` (IRCv3, the `tls` capability), behind `CAP LS`.

use super::{Ask, Kind, Preamble, Running, Stop, Talk, nothing_secret};

/// Chat. The extension is deprecated in favour of TLS from the start.
pub const IRC: Preamble = Preamble {
    name: "irc",
    aliases: &[],
    title: "IRC",
    kind: Kind::StartTls,
    about: "CAP LS, then STARTTLS (IRCv3)",
    port: 6667,
    tls_port: Some(6697),
    // Some send notices at once; what is certain comes only when the client has spoken.
    greets: |banner| banner.starts_with(b":") && super::mentions(banner, b" NOTICE "),
    secret: nothing_secret,
    script: perform,
};

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let mut offered = false;
        let mut line = "CAP LS 302";
        loop {
            let said = talk.say_line(line).await?.to_ascii_uppercase();
            let asked = said.starts_with(b"STARTTLS");
            // Others' client may say other things as well, most of which are not answered.
            if !asked && !said.starts_with(b"CAP LS") {
                if talk.is_watched() && (said.starts_with(b"NICK ") || said.starts_with(b"USER ")) {
                    continue;
                }
                return Err(Stop::Unexpected);
            }
            loop {
                let heard = talk.hear_line().await?;
                let (command, rest) = message(&heard);
                match (command, asked) {
                    // RPL_STARTTLS, ERR_STARTTLS
                    ("670", true) => return Ok(()),
                    ("691", true) if offered => return Err(Stop::Refused),
                    // ERR_UNKNOWNCOMMAND, ERR_NOTREGISTERED
                    ("691" | "421" | "451", true) => return Err(Stop::NotOffered),
                    ("421" | "451", false) => break,
                    ("CAP", false) => {
                        offered |= rest.split(|byte| b" :".contains(byte)).any(|word| word == b"tls");
                        // `CAP * LS * :…`: more lines follow.
                        if !rest.windows(6).any(|part| part == b" LS * ") {
                            break;
                        }
                    }
                    ("PING" | "NOTICE" | "020", _) => {}
                    ("ERROR", _) => return Err(Stop::Refused),
                    _ => return Err(Stop::Unexpected),
                }
            }
            line = "STARTTLS";
        }
    })
}

/// `:source COMMAND parameters`: the command and what follows.
fn message(line: &[u8]) -> (&str, &[u8]) {
    let line = match line.strip_prefix(b":") {
        Some(rest) => {
            rest.iter().position(|byte| *byte == b' ').and_then(|at| rest.get(at + 1..)).unwrap_or_default()
        }
        None => line,
    };
    let command = super::line::verb(line);
    (command, line.get(command.len()..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, watched};
    use super::*;
    use crate::capture::Dialogue;

    #[test]
    fn tls_begins_behind_the_go_ahead() {
        let offers = ":irc NOTICE * :*** Looking up\r\n:irc CAP * LS * :a b\r\n:irc CAP * LS :tls c\r\n";
        let ended = live(&IRC, &[offers, ":irc 670 * :go ahead\r\n"]);
        assert_eq!(ended.said, "CAP LS 302\r\nSTARTTLS\r\n");
        assert_eq!(ended.outcome(), Dialogue::Agreed { injected: 0 });
        let outcome = |server: &[&str]| live(&IRC, server).outcome();
        assert_eq!(outcome(&[offers, ":irc 691 * :no\r\n"]), Dialogue::Refused);
        assert_eq!(outcome(&[":irc CAP * LS :a\r\n", ":irc 421 * STARTTLS :?\r\n"]), Dialogue::NotOffered);
        assert_eq!(outcome(&["ERROR :banned\r\n"]), Dialogue::Refused);
        assert_eq!(outcome(&["HTTP/1.1 400 Bad Request\r\n"]), Dialogue::Unexpected);
        let seen = watched("STARTTLS\r\n\x16", ":irc NOTICE * :hi\r\n:irc 670 * :go\r\n").unwrap();
        assert_eq!((seen.protocols(), seen.tls_from), (vec!["irc"], [10, 35]));
    }
}
