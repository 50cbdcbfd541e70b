//! ManageSieve: `STARTTLS` (RFC 5804, section 2.2).

use std::ops::Range;

use super::line::{behind, decided, verb};
use super::{Ask, Kind, Preamble, Running, Stop, Talk};

/// Managing mail filters.
pub const MANAGESIEVE: Preamble = Preamble {
    name: "managesieve",
    aliases: &["sieve"],
    title: "ManageSieve",
    kind: Kind::StartTls,
    about: "the greeting lists capabilities, then STARTTLS (RFC 5804, section 2.2)",
    port: 4190,
    tls_port: None,
    greets: |banner| banner.len() > 16 && banner[..16].eq_ignore_ascii_case(b"\"IMPLEMENTATION\""),
    secret,
    script: perform,
};

fn perform<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        let (good, offered) = response(talk).await?;
        if !good {
            return Err(Stop::Refused);
        }
        loop {
            let said = talk.say_line("STARTTLS").await?;
            let (good, _) = response(talk).await?;
            if verb(&said).eq_ignore_ascii_case("STARTTLS") {
                return decided(good, offered);
            }
        }
    })
}

/// Lines of quoted strings, and a status. Whether it is OK, and whether `"STARTTLS"` is among them.
async fn response(talk: &mut Talk<'_>) -> Result<(bool, bool), Stop> {
    let mut offered = false;
    loop {
        let line = talk.hear_line().await?;
        match verb(&line).to_ascii_uppercase().as_str() {
            "OK" => return Ok((true, offered)),
            "NO" | "BYE" => return Ok((false, offered)),
            word if word.starts_with('"') => offered |= word == "\"STARTTLS\"",
            _ => return Err(Stop::Unexpected),
        }
    }
}

/// `AUTHENTICATE "mechanism" "response"`.
fn secret(said: &[u8]) -> Option<Range<usize>> {
    verb(said).eq_ignore_ascii_case("AUTHENTICATE").then(|| behind(2, said))?
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, watched};
    use super::*;
    use crate::capture::Dialogue;

    #[test]
    fn tls_begins_behind_the_go_ahead() {
        let greeting = "\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK \"hi\"\r\n";
        let ended = live(&MANAGESIEVE, &[greeting, "OK\r\n"]);
        assert_eq!(ended.said, "STARTTLS\r\n");
        assert_eq!(ended.outcome(), Dialogue::Agreed { injected: 0 });
        let outcome = |server: &[&str]| live(&MANAGESIEVE, server).outcome();
        assert_eq!(outcome(&["\"SIEVE\" \"x\"\r\nOK\r\n", "NO\r\n"]), Dialogue::NotOffered);
        assert_eq!(outcome(&[greeting, "NO \"later\"\r\n"]), Dialogue::Refused);
        assert_eq!(outcome(&["BYE \"busy\"\r\n"]), Dialogue::Refused);
        assert_eq!(outcome(&["220 hi\r\n"]), Dialogue::Unexpected);
        let seen = watched("starttls\r\n\x16", format!("{greeting}OK\r\n")).unwrap();
        assert_eq!((seen.protocols(), seen.tls_from[0]), (vec!["managesieve"], 10));
    }
}
