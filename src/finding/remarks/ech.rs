//! What became of Encrypted Client Hello, where that is no failure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Remark;
use crate::finding::ech::{at, offered, retry_configs};
use crate::finding::{Case, Finding, Severity, summary};
use crate::trace::State;
use crate::wire::codepoints::AlertDescription;
use crate::wire::facts::Span;
use crate::wire::handshake::types;

pub(super) const ACCEPTED: Remark = Remark {
    id: "ech.accepted",
    title: "Encrypted Client Hello accepted",
    about: "The server decrypted the inner ClientHello and answered that one. It shows that in the last eight bytes \
            of its random (in a HelloRetryRequest: in an extension), which only somebody with the inner hello can \
            compute; tls-trace computes them again. An observer sees the outer hello alone: its server_name is the \
            public name, which all services behind that server share. The address and, unless it is encrypted \
            too, the DNS query still give away a lot.",
    of: accepted,
};

pub(super) const GREASE: Remark = Remark {
    id: "ech.grease",
    title: "GREASE ECH sent: nothing is hidden",
    about: "A random encrypted_client_hello, as browsers send it where they have no configuration: a server \
            has to ignore what it can't decrypt (RFC 9849, section 6.2). One that supports ECH answers with its \
            configurations, which shows what it would accept. The real name is in the outer hello, in the clear.",
    of: grease,
};

pub(super) const SEEN: Remark = Remark {
    id: "ech.seen",
    title: "encrypted_client_hello seen",
    about: "The client of this capture sent an encrypted_client_hello. Whether it hides a ClientHello or is random \
            (GREASE) can't be told from outside, nor whether the server accepted it: that is what ECH is for. \
            With the session's secrets it can often be told which of the two hellos the server answered.",
    of: seen,
};

pub(super) const ONLY_TLS13: Remark = Remark {
    id: "ech.tls13_only",
    title: "only TLS 1.3 was offered, because of --ech",
    about: "ECH needs TLS 1.3, and the library that performs it (rustls) then offers nothing older, also with GREASE. \
            A server without TLS 1.3 rejects such a ClientHello, and can't have ECH. Browsers offer TLS 1.2 \
            beside a GREASE ECH.",
    of: only_tls13,
};

fn accepted(case: &Case<'_>) -> Option<Finding> {
    let (_, ech) = offered(case)?;
    if !ech.accepted.holds() {
        return None;
    }
    let outer = ech.outer.first().and_then(|hello| server_name(case, hello.server_name));
    let inner = ech.inner.first().map(|hello| server_name(case, hello.server_name));
    let seen = match outer {
        Some(name) => format!("an observer sees server_name {name}"),
        None => "an observer sees no server_name".to_owned(),
    };
    let hidden = match inner {
        Some(Some(name)) => format!("and not {name}, which is encrypted"),
        Some(None) => "and the inner hello has none".into(),
        None => "and the inner one is not known here".to_owned(),
    };
    let proof = match ech.confirmations.len() {
        0 => "the records open with secrets of another client random, which is the inner hello's",
        1 => "the ServerHello's random confirms it, computed again",
        _ => "HelloRetryRequest and ServerHello confirm it, computed again",
    };
    Some(Finding {
        evidence: ech.confirmations.iter().map(|it| at(it.found.message)).collect(),
        ..Finding::new(ACCEPTED.id, Severity::Note, ACCEPTED.title, format!("{seen}, {hidden}; {proof}"))
    })
}

fn grease(case: &Case<'_>) -> Option<Finding> {
    let (offered, _) = offered(case)?;
    if offered?.is_real() {
        return None;
    }
    let mut finding = Finding::new(
        GREASE.id,
        Severity::Note,
        GREASE.title,
        "the server ignored it, as a server without ECH does",
    );
    if let Some(list) = retry_configs(case) {
        let shown = STANDARD.encode(list);
        finding.what = format!("the server supports ECH: it sent configurations in return; --ech {shown}");
        finding.evidence =
            case.handshake()?.facts.ech_retry_configs.map(|span| at(span.message)).into_iter().collect();
    } else if !case.complete() {
        finding.what = "the handshake ended before it was known whether the server has ECH".into();
    }
    Some(finding)
}

fn seen(case: &Case<'_>) -> Option<Finding> {
    let (offered, ech) = offered(case)?;
    if offered.is_some() {
        return None;
    }
    let what = match &ech.accepted {
        State::Holds => return None,
        State::Fails(how) => format!("not accepted (rejected, or random): {how}"),
        State::NotEvaluated(why) => format!("not evaluated whether the server accepted it: {why}"),
    };
    Some(Finding::new(SEEN.id, Severity::Note, SEEN.title, what))
}

fn only_tls13(case: &Case<'_>) -> Option<Finding> {
    case.capture.ech.as_ref()?;
    let (index, _, description) = case.server_alert()?;
    let refused =
        matches!(description, AlertDescription::protocol_version | AlertDescription::handshake_failure);
    if !refused || case.trace().first(types::SERVER_HELLO).is_some() {
        return None;
    }
    let what = "the server may have nothing newer than TLS 1.2, and so no ECH; without --ech both versions are offered, \
                and the name is sent in the clear";
    Some(Finding {
        evidence: vec![at(index)],
        ..Finding::new(ONLY_TLS13.id, Severity::Note, ONLY_TLS13.title, what)
    })
}

fn server_name(case: &Case<'_>, span: Option<Span>) -> Option<String> {
    span.map(|span| summary::host_name(case.trace().bytes(span)))
}
