//! Names without a dot, which look like any other word: they are found where a dialogue before TLS has a name. Names with a
//! dot are found wherever they stand.

use std::collections::HashSet;

use serde_json::Value;

use crate::capture::Said;
use crate::preamble;
use crate::wire::Direction;

/// The names in what both sides said, in its order.
pub(super) fn names<'a>(said: impl Iterator<Item = &'a Said>) -> Vec<String> {
    let mut names = Vec::new();
    let mut heard = HashSet::new();
    let mut asked = "";
    for said in said {
        let first = said.lines.first().map_or("", String::as_str);
        let protocol = said.protocol.as_str();
        let client = said.direction == Direction::Client;
        match protocol {
            "smtp" | "lmtp" if client => names.extend(hello(first)),
            // The greeting, and the answer to EHLO: the other replies begin with words.
            "smtp" | "lmtp" if !heard.contains(protocol) || hello(asked).is_some() => {
                names.extend(reply(first));
            }
            "irc" if !client => names.extend(said.lines.iter().filter_map(|line| source(line))),
            "xmpp" | "xmpp-server" => names.extend(said.lines.iter().flat_map(|line| addressed(line))),
            "nats" if !client => names.extend(described(first)),
            "connect" if client => names.extend(said.lines.iter().filter_map(|line| tunnelled(line))),
            _ => {}
        }
        match client {
            true => asked = first,
            false => {
                heard.insert(protocol);
            }
        }
    }
    names.retain(|name| is_name(name));
    names
}

/// The server's name in a greeting of SMTP that came where TLS was expected.
pub(super) fn greeting(line: &str) -> Option<&str> {
    let line_of_mail = line.to_ascii_uppercase().contains("MTP");
    word(line.strip_prefix("220")?).filter(|name| line_of_mail && is_name(name))
}

/// A word that a host may be called: none that says what the other end is or does, or which protocol it speaks.
fn is_name(word: &str) -> bool {
    const OTHERS: &[&str] = &["esmtp", "hello", "ok", "ready", "service", "welcome"];
    word.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        && word.contains(char::is_alphabetic)
        && !OTHERS.contains(&word.to_ascii_lowercase().as_str())
        && preamble::find(&word.to_ascii_lowercase()).is_none()
}

/// What stands first behind the code of a reply.
fn word(behind: &str) -> Option<&str> {
    behind.strip_prefix([' ', '-'])?.split_whitespace().next()
}

/// `220 mail ESMTP`, `250-mail`
fn reply(line: &str) -> Option<String> {
    let (code, behind) = line.split_at_checked(3)?;
    word(behind).filter(|_| matches!(code, "220" | "250")).map(str::to_owned)
}

/// `EHLO laptop`
fn hello(line: &str) -> Option<String> {
    let (verb, name) = line.split_once(' ')?;
    let verb = verb.to_ascii_uppercase();
    matches!(verb.as_str(), "EHLO" | "HELO" | "LHLO").then(|| name.trim().to_owned())
}

/// `:server NOTICE * :…`
fn source(line: &str) -> Option<String> {
    Some(line.strip_prefix(':')?.split([' ', '!', '@']).next()?.to_owned())
}

/// `<stream:stream from='server' to="client">`
fn addressed(tag: &str) -> impl Iterator<Item = String> {
    [" from=", " to="].into_iter().filter_map(|attribute| {
        let value = tag.split_once(attribute)?.1;
        let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        Some(value.get(1..)?.split(quote).next()?.to_owned())
    })
}

/// `INFO {"server_name":"…"}`
fn described(line: &str) -> Vec<String> {
    let Some(info) = line.strip_prefix("INFO ") else { return Vec::new() };
    let Ok(info) = serde_json::from_str::<Value>(info) else { return Vec::new() };
    let named = ["server_name", "server_id", "host", "cluster", "domain"];
    named.iter().filter_map(|field| Some(info.get(field)?.as_str()?.to_owned())).collect()
}

/// `CONNECT host:443 HTTP/1.1`, `Host: host:443`
fn tunnelled(line: &str) -> Option<String> {
    let target = line.strip_prefix("CONNECT ").or_else(|| line.strip_prefix("Host: "))?;
    Some(target.split([' ', ':']).next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(protocol: &str, from_client: bool, lines: &[&str]) -> Said {
        let direction = if from_client { Direction::Client } else { Direction::Server };
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Said { protocol: protocol.into(), direction, lines, left_out: 0 }
    }

    #[test]
    fn names_without_a_dot_are_found_where_names_stand() {
        let mail = [
            said("smtp", false, &["220 mailhub ESMTP Postfix"]),
            said("smtp", true, &["EHLO laptop"]),
            said("smtp", false, &["250-mailhub2", "250-STARTTLS", "250 SIZE"]),
            said("smtp", true, &["STARTTLS"]),
            said("smtp", false, &["220 Begin TLS"]),
        ];
        assert_eq!(names(mail.iter()), ["mailhub", "laptop", "mailhub2"]);
        // None of these is a name.
        for greeting in ["220 ESMTP ready", "220 smtp ESMTP", "220", "220 ", "220 \u{e9}", "2", "554 no"] {
            let found = names([said("smtp", false, &[greeting])].iter());
            assert!(found.is_empty() || found == ["\u{e9}"], "{greeting}: {found:?}");
        }
        for (protocol, from_client, line, found) in [
            ("irc", false, ":chat1 NOTICE * :Looking up", vec!["chat1"]),
            ("xmpp", false, "<stream:stream from='talk1' to=\"desk\" id='x'>", vec!["talk1", "desk"]),
            ("nats", false, "INFO {\"server_name\":\"bus1\",\"host\":\"0.0.0.0\"}", vec!["bus1"]),
            ("connect", true, "CONNECT intranet:443 HTTP/1.1", vec!["intranet"]),
            ("imap", false, "* OK ready", vec![]),
        ] {
            assert_eq!(names([said(protocol, from_client, &[line])].iter()), found, "{line}");
        }
        assert_eq!(greeting("220 relay7 ESMTP"), Some("relay7"));
        assert_eq!(greeting("220 ProFTPD Server"), None);
    }
}
