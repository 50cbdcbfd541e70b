//! HTTP proxies: CONNECT (RFC 9110, section 9.3.6).

use std::ops::Range;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Ask, Frame, Kind, Preamble, Running, Stop, Talk};

/// A tunnel through an HTTP proxy.
pub const CONNECT: Preamble = Preamble {
    name: "connect",
    aliases: &[],
    title: "CONNECT",
    kind: Kind::Proxy,
    about: "CONNECT asks an HTTP proxy for a tunnel (RFC 9110, section 9.3.6)",
    port: 3128,
    tls_port: None,
    greets: super::waits,
    secret,
    script,
};

/// What is read of the body of a refusal, in bytes and in time.
const BODY: usize = 4096;
const BODY_TIME: Duration = Duration::from_millis(500);

fn script<'t>(talk: &'t mut Talk<'_>, ask: &'t Ask) -> Running<'t> {
    Box::pin(async move {
        loop {
            let said = talk.say(request(ask).as_bytes(), Frame::Through(b"\r\n\r\n")).await?;
            if !said.starts_with(b"CONNECT ") {
                return Err(Stop::Unexpected);
            }
            let (status, length) = answer(talk).await?;
            match status {
                200..=299 => return Ok(()),
                // Others' client may try again with credentials, on the same connection.
                407 if talk.is_watched() => {
                    talk.hear(Frame::Exactly(length.unwrap_or(0))).await?;
                }
                _ if talk.is_watched() => return Err(Stop::Refused),
                _ => {
                    body(talk, length).await;
                    return Err(Stop::Refused);
                }
            }
        }
    })
}

/// The request. A user's name and password are Basic (RFC 7617).
fn request(ask: &Ask) -> String {
    let authority = authority(&ask.host, ask.port);
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some(credentials) = &ask.credentials {
        let pair = STANDARD.encode(format!("{}:{}", credentials.user, credentials.password));
        request.push_str(&format!("Proxy-Authorization: Basic {pair}\r\n"));
    }
    request.push_str(concat!("User-Agent: tls-trace/", env!("CARGO_PKG_VERSION"), "\r\n\r\n"));
    request
}

/// `host:port`, with brackets around an IPv6 address.
fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The final answer's status, and its Content-Length.
async fn answer(talk: &mut Talk<'_>) -> Result<(u16, Option<usize>), Stop> {
    loop {
        // What is not HTTP may never have the end of a line.
        let begins = talk.peek().await?;
        if !begins.iter().zip(b"HTTP/").all(|(is, wanted)| is == wanted) {
            return Err(Stop::Unexpected);
        }
        let status = status(&talk.hear_line().await?).ok_or(Stop::Unexpected)?;
        let mut length = None;
        loop {
            let line = talk.hear_line().await?;
            if line.is_empty() {
                break;
            }
            let value = header(&line, "content-length").and_then(|value| std::str::from_utf8(value).ok());
            length = length.or(value.and_then(|value| value.parse().ok()));
        }
        // An interim answer (RFC 9110, section 15.2); 101 would be the last of this protocol.
        if !(100..=199).contains(&status) || status == 101 {
            return Ok((status, length));
        }
    }
}

/// `HTTP/1.1 200 Connection established`: the number.
fn status(line: &[u8]) -> Option<u16> {
    let rest = line.strip_prefix(b"HTTP/1.")?;
    let mut words = rest.split(|byte| *byte == b' ').skip(1);
    let code = words.next().filter(|code| code.len() == 3)?;
    std::str::from_utf8(code).ok()?.parse().ok().filter(|code| *code >= 100)
}

/// The value of a header line of this name.
fn header<'l>(line: &'l [u8], name: &str) -> Option<&'l [u8]> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (is, value) = line.split_at(colon);
    is.eq_ignore_ascii_case(name.as_bytes()).then(|| value[1..].trim_ascii())
}

/// Hears the body of a refusal, for people to read: the beginning, and not for long.
async fn body(talk: &mut Talk<'_>, length: Option<usize>) {
    let hear = async {
        let mut left = length.unwrap_or(BODY).min(BODY);
        while left > 0 {
            let ahead = talk.peek().await?.len().min(left);
            talk.hear(Frame::Exactly(ahead)).await?;
            left -= ahead;
        }
        Ok::<_, Stop>(())
    };
    // However it ends: the proxy has refused.
    let _ = tokio::time::timeout(BODY_TIME, hear).await;
}

/// What stands behind the scheme in Proxy-Authorization.
fn secret(said: &[u8]) -> Option<Range<usize>> {
    let mut from = 0;
    for line in said.split_inclusive(|byte| *byte == b'\n') {
        if let Some(value) = header(line.trim_ascii_end(), "proxy-authorization") {
            let scheme = value.iter().position(|byte| *byte == b' ').map_or(0, |space| space + 1);
            let end = from + line.trim_ascii_end().len();
            return Some(end - (value.len() - scheme)..end);
        }
        from += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::Credentials;
    use super::super::testing::{live, live_with, steps, watched};
    use super::*;
    use crate::capture::Dialogue;

    fn outcome(server: &[&str]) -> Dialogue {
        live(&CONNECT, server).outcome()
    }

    #[test]
    fn a_tunnel_begins_behind_the_headers_of_any_2xx() {
        let ended =
            live(&CONNECT, &["HTTP/1.1 100 Go\r\nA: b\r\n\r\nHTTP/1.0 200 OK\r\nX: y\r\n\r\n\x16\x03"]);
        assert_eq!(ended.outcome(), Dialogue::Agreed { injected: 0 });
        assert_eq!(ended.left, b"\x16\x03");
        let agent = concat!("tls-trace/", env!("CARGO_PKG_VERSION"));
        assert_eq!(
            ended.said,
            format!(
                "CONNECT mx.example:3128 HTTP/1.1\r\nHost: mx.example:3128\r\nUser-Agent: {agent}\r\n\r\n"
            )
        );
        // Lines may end with LF alone.
        assert_eq!(outcome(&["HTTP/1.1 204\nA: b\n\n"]), Dialogue::Agreed { injected: 0 });
    }

    #[test]
    fn a_refusal_has_its_body_and_what_is_no_http_is_told() {
        let body = "<h1>no\u{1b}[2J</h1>";
        let ended = live(&CONNECT, &[format!("HTTP/1.1 403 Forbidden\r\nContent-Length: 99\r\n\r\n{body}")]);
        assert_eq!(ended.outcome(), Dialogue::Refused);
        let shown = steps(&ended.steps).join("\n");
        assert!(
            shown.contains("403 Forbidden") && shown.contains("<h1>no") && !shown.contains('\u{1b}'),
            "{shown}"
        );
        for (server, wanted) in [
            ("HTTP/1.1 407 Auth\r\n\r\n", Dialogue::Refused),
            ("HTTP/1.1 101 Switching\r\n\r\n", Dialogue::Refused),
            ("\u{5}\u{0}", Dialogue::Unexpected),
            ("220 mail ESMTP\r\n", Dialogue::Unexpected),
            ("HTTP/1.1 20\r\n\r\n", Dialogue::Unexpected),
            ("HTTP/2 200\r\n\r\n", Dialogue::Unexpected),
            ("HTTP/1.1 200 OK\r\nA: b\r\n", Dialogue::Closed),
            ("", Dialogue::Closed),
        ] {
            assert_eq!(outcome(&[server]), wanted, "{server:?}");
        }
        assert_eq!(outcome(&["HTTP/1.1 200 OK\r\n", &"A: b\r\n".repeat(20_000)]), Dialogue::Endless);
        assert_eq!(outcome(&["HTTP/1.1 200 OK\r\n", &"x".repeat(70_000)]), Dialogue::Endless);
        assert_eq!(outcome(&[&"HTTP/1.1 100 Go\r\n\r\n".repeat(10_000)]), Dialogue::Endless);
    }

    #[test]
    fn credentials_are_sent_and_nowhere_to_be_seen() {
        let credentials = Some(Credentials { user: "me".into(), password: "p:w".into() });
        let ask = Ask { host: "::1".into(), port: 443, credentials, ..Ask::default() };
        let ended = live_with(&CONNECT, ask, &["HTTP/1.1 200 OK\r\n\r\n"]);
        assert!(ended.said.contains("CONNECT [::1]:443 HTTP/1.1\r\n"), "{}", ended.said);
        assert!(ended.said.contains("Proxy-Authorization: Basic bWU6cDp3\r\n"), "{}", ended.said);
        let shown = steps(&ended.steps).join("\n") + &String::from_utf8(ended.recorded).unwrap();
        assert!(shown.contains("Basic ********") && !shown.contains("bWU6"), "{shown}");
    }

    #[test]
    fn others_tunnels_are_recognised_with_their_second_attempt() {
        let client = "CONNECT a.test:443 HTTP/1.1\r\n\r\nCONNECT a.test:443 HTTP/1.1\r\nproxy-authorization:Basic YTpi\r\n\r\n\x16\x03\x01\x00\x05";
        let server = "HTTP/1.1 407 Auth\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 200 OK\r\n\r\n\x16\x03\x03";
        let seen = watched(client, server).unwrap();
        let start = |text: &str| text.find('\x16').unwrap() as u64;
        assert_eq!(seen.tls_from, [start(client), start(server)]);
        let basic = client.find("YTpi").unwrap() as u64;
        assert_eq!(seen.secrets[0], basic..basic + 4);
        assert_eq!(seen.protocols(), ["connect"]);
        assert!(watched("GET / HTTP/1.1\r\n\r\n\x16", "HTTP/1.1 200 OK\r\n\r\n").is_none());
    }
}
