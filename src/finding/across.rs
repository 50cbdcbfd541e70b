//! What several connections of a run say together.

use crate::wire::codepoints::ProtocolVersion;

use super::{Case, Cause, Finding, Remedy, Severity, summary};

/// Something that only several connections show.
pub struct Across {
    pub id: &'static str,
    /// A headline of at most [`super::HEADLINE`] columns.
    pub title: &'static str,
    /// What it means, in two or three sentences.
    pub about: &'static str,
}

/// All of them.
pub const ACROSS: &[Across] = &[NOT_SHARED];

const NOT_SHARED: Across = Across {
    id: "resumption.not_shared",
    title: "sessions are not resumed across the name's addresses",
    about: "A name with several addresses is usually served by several machines. If they don't share the keys of \
            their session tickets (or their session cache), a client that comes back by another address has to \
            perform a full handshake, and its early data is rejected. tls-trace --each-address --resume takes a session \
            from the first address, resumes it there, and offers it to each other address.",
};

/// What became of a session that was to be resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// The server proved that it has the session's key.
    Resumed,
    /// It was offered, and a full handshake followed.
    Declined,
}

impl Session {
    /// None: nothing was offered, or the handshake did not get that far.
    pub fn of(case: &Case<'_>) -> Option<Session> {
        let client = case.handshake().filter(|handshake| handshake.complete_at.is_some())?.facts.client?;
        let tls13 = client.supported_versions.is_some_and(|list| {
            summary::codes(case.trace().bytes(list)).any(|code| code == ProtocolVersion::TLS_1_3.0)
        });
        // Beside TLS 1.3 a session id is for middleboxes as often as not.
        let by_id = !tls13 && !client.session_id.is_empty();
        let ticket = client.session_ticket.is_some_and(|ticket| !ticket.is_empty());
        let offered = by_id || ticket || client.psk_identities.is_some();
        match summary::resumed(case.trace()) {
            true => summary::resumption_proven(case).then_some(Session::Resumed),
            false => offered.then_some(Session::Declined),
        }
    }

    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Session::Resumed => "session resumed",
            Session::Declined => "session not resumed",
        }
    }
}

/// Whether the sessions of the first address are resumed by the others: `sessions` has the address and what became of
/// the session, in the order of the connections, of which the first made it. The finding, and the place of the first
/// connection that it is about. None too where the first address does not resume its own.
pub fn not_shared(sessions: &[(&str, Option<Session>)]) -> Option<(usize, Finding)> {
    let [_, (first, Some(Session::Resumed)), others @ ..] = sessions else { return None };
    let place = others.iter().position(|(_, session)| *session == Some(Session::Declined))?;
    let of = |wanted: Session| -> Vec<&str> {
        others.iter().filter(|(_, session)| *session == Some(wanted)).map(|(address, _)| *address).collect()
    };
    let (declined, resumed) = (of(Session::Declined), of(Session::Resumed));
    let also = match resumed.as_slice() {
        [] => String::new(),
        resumed => format!("; {} did", resumed.join(", ")),
    };
    let finding = Finding {
        causes: vec![
            Cause::likely("the machines behind these addresses encrypt their tickets with different keys"),
            Cause::possible("they are different services, or differently configured"),
        ],
        remedy: Some(Remedy {
            command: None,
            text: Some(
                "give them the same ticket keys, rotated together (ssl_session_ticket_key in nginx, \
                 SSLSessionTicketKeyFile in Apache)"
                    .into(),
            ),
        }),
        ..Finding::new(
            NOT_SHARED.id,
            Severity::Note,
            NOT_SHARED.title,
            format!(
                "{first} resumes its own session, but {} did not and performed a full handshake{also}",
                declined.join(", ")
            ),
        )
    };
    Some((place + 2, finding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_session_that_its_own_server_resumes_tells_something() {
        let (yes, no) = (Some(Session::Resumed), Some(Session::Declined));
        let told = |sessions: &[Option<Session>]| {
            let named: Vec<_> = ["a", "a", "b", "c"].into_iter().zip(sessions.iter().copied()).collect();
            not_shared(&named).map(|(place, finding)| (place, finding.what))
        };
        assert_eq!(told(&[None, yes, yes, yes]), None);
        assert_eq!(told(&[None, no, no, no]), None);
        assert_eq!(told(&[None, None, no, no]), None);
        assert_eq!(told(&[None, yes, None, None]), None);
        let (place, what) = told(&[None, yes, yes, no]).unwrap();
        assert_eq!(place, 3);
        assert_eq!(what, "a resumes its own session, but c did not and performed a full handshake; b did");
    }
}
