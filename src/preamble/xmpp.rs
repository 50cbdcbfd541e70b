//! XMPP: `<starttls/>` (RFC 6120, section 5), for clients and between servers.

use super::{Ask, Frame, Kind, Preamble, Running, Stop, Talk, nothing_secret};

/// Chat, as a client.
pub const XMPP: Preamble = Preamble {
    name: "xmpp",
    aliases: &["xmpp-client"],
    title: "XMPP",
    kind: Kind::StartTls,
    about: "a stream's features, then <starttls/> (RFC 6120, section 5)",
    port: 5222,
    tls_port: Some(5223),
    greets: |banner| banner.starts_with(b"<?xml") || banner.starts_with(b"<stream"),
    secret: nothing_secret,
    script: |talk, ask| perform(talk, ask, "jabber:client"),
};

/// Between servers.
pub const XMPP_SERVER: Preamble = Preamble {
    name: "xmpp-server",
    aliases: &[],
    title: "XMPP (servers)",
    kind: Kind::StartTls,
    about: "as xmpp, between servers",
    port: 5269,
    tls_port: Some(5270),
    greets: |_| false,
    secret: nothing_secret,
    script: |talk, ask| perform(talk, ask, "jabber:server"),
};

const STREAMS: &str = "http://etherx.jabber.org/streams";
const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const TAG: Frame = Frame::Through(b">");

fn perform<'t>(talk: &'t mut Talk<'_>, ask: &'t Ask, namespace: &'static str) -> Running<'t> {
    Box::pin(async move {
        let to = ask.host.replace(['<', '>', '&', '\'', '"'], "");
        let open =
            format!("<stream:stream to='{to}' xmlns='{namespace}' xmlns:stream='{STREAMS}' version='1.0'>");
        let mut said = talk.say(open.as_bytes(), TAG).await?;
        if said.starts_with(b"<?xml") && talk.is_watched() {
            said = talk.say(open.as_bytes(), TAG).await?;
        }
        let ours = said.windows(namespace.len()).any(|part| part == namespace.as_bytes());
        if name(&said) != "stream" || !ours {
            return Err(Stop::Unexpected);
        }
        let offered = features(talk).await?;
        let said = talk.say(STARTTLS.as_bytes(), TAG).await?;
        if name(&said) != "starttls" {
            return Err(Stop::Unexpected);
        }
        if !said.ends_with(b"/>") {
            talk.say(b"", TAG).await?;
        }
        let answer = talk.hear(TAG).await?;
        match name(&answer).as_str() {
            "proceed" => {
                if !answer.ends_with(b"/>") {
                    talk.hear(TAG).await?;
                }
                Ok(())
            }
            "failure" | "error" | "/stream" if offered => Err(Stop::Refused),
            "failure" | "error" | "/stream" => Err(Stop::NotOffered),
            _ => Err(Stop::Unexpected),
        }
    })
}

/// The server's half of the stream up to its features. Whether STARTTLS is among them.
async fn features(talk: &mut Talk<'_>) -> Result<bool, Stop> {
    let mut offered = false;
    let mut opened = false;
    loop {
        let tag = talk.hear(TAG).await?;
        match name(&tag).as_str() {
            "?xml" if !opened => {}
            "stream" if !opened => opened = true,
            _ if !opened => return Err(Stop::Unexpected),
            // Such as host-unknown (RFC 6120, section 4.9.3).
            "/error" | "/stream" => return Err(Stop::Refused),
            "features" if tag.ends_with(b"/>") => return Ok(offered),
            "/features" => return Ok(offered),
            "starttls" => offered = true,
            _ => {}
        }
    }
}

/// The name of a tag, behind the text before it, without its prefix; `/name` of an end tag.
fn name(tag: &[u8]) -> String {
    let open = tag.iter().rposition(|byte| *byte == b'<').map_or(0, |at| at + 1);
    let inside = tag.get(open..).unwrap_or_default();
    let (slash, inside) = match inside.strip_prefix(b"/") {
        Some(rest) => ("/", rest),
        None => ("", inside),
    };
    let end = inside.iter().position(|byte| b" \t\r\n/>".contains(byte)).unwrap_or(inside.len());
    let name = std::str::from_utf8(inside.get(..end).unwrap_or_default()).unwrap_or_default();
    format!("{slash}{}", name.rsplit(':').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, watched};
    use super::*;
    use crate::capture::Dialogue;

    const STREAM: &str = "<?xml version='1.0'?><stream:stream xmlns:stream='x' from='a' version='1.0'>";
    const OFFERS: &str = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls><a>b</a></stream:features>";

    #[test]
    fn tls_begins_behind_proceed() {
        let ended = live(&XMPP, &[STREAM, OFFERS, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"]);
        assert!(ended.said.contains(" to='mx.example' xmlns='jabber:client'"), "{}", ended.said);
        assert_eq!(ended.outcome(), Dialogue::Agreed { injected: 0 });
        let outcome = |server: &[&str]| live(&XMPP_SERVER, server).outcome();
        assert_eq!(outcome(&[STREAM, OFFERS, "<failure/></stream:stream>"]), Dialogue::Refused);
        assert_eq!(outcome(&[STREAM, "<stream:features/>", "<failure/>"]), Dialogue::NotOffered);
        assert_eq!(outcome(&[STREAM, "<stream:error><host-unknown/></stream:error>"]), Dialogue::Refused);
        assert_eq!(outcome(&["<html>"]), Dialogue::Unexpected);
        assert_eq!(outcome(&[STREAM, "<stream:features>", &"<x/>".repeat(20_000)]), Dialogue::Endless);
    }

    #[test]
    fn others_dialogues_are_recognised() {
        let client = "<?xml version='1.0'?>\n<stream:stream to='a' xmlns='jabber:server'>\n<starttls xmlns='u'></starttls>\x16\x03";
        let server = format!("{STREAM}{OFFERS}<proceed xmlns='u'></proceed>");
        let seen = watched(client, &server).unwrap();
        assert_eq!(seen.protocols(), ["xmpp-server"]);
        assert_eq!(seen.tls_from, [client.len() as u64 - 2, server.len() as u64]);
    }
}
