//! The server wants to know who we are.

use crate::capture::How;
use crate::certificate::client::{self, Accepted, Fit};
use crate::trace::{Evidence, Handshake};
use crate::wire::Direction;
use crate::wire::codepoints::{AlertDescription, SignatureScheme};
use crate::wire::facts::Span;
use crate::wire::handshake::lists;

use super::authenticated::{self, Standard};
use super::{By, Case, Cause, Command, Failure, Finding, Outcome, Rule, Severity};
use crate::finding::summary::counted;

/// A client certificate was asked for, and what we sent did not satisfy.
pub const RULE: Rule = Rule {
    id: "client_cert.",
    title: "client certificate required or refused",
    about: "The server asked for a client certificate (mutual TLS). `client_cert.required`: none was sent, \
            and the server requires one. `client_cert.unusable`: one was given, but the server accepts no \
            signature scheme for its type of key. `client_cert.refused`: the one that was sent was \
            rejected. A TLS 1.3 server can only say so after our side of the handshake is complete, so the \
            refusal arrives late.",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Failure> {
    let (request, _) = case.certificate_request()?;
    let sent = case.client_certificates()?;
    let alert = case.server_alert();
    let end = case.end(Direction::Server);
    let certain = match alert.map(|(_, _, description)| description) {
        Some(AlertDescription::certificate_required) => sent == 0,
        // Our own signature holds, as we have checked; one in the certificate's chain may not.
        Some(AlertDescription::decrypt_error) if sent > 0 => false,
        // GnuTLS (TLS 1.2) says decode_error to a Certificate without a certificate.
        Some(AlertDescription::decode_error) if sent == 0 => false,
        // These answer the whole flight: our Certificate, but also what followed it.
        Some(
            AlertDescription::handshake_failure
            | AlertDescription::illegal_parameter
            | AlertDescription::unknown_psk_identity,
        ) => false,
        Some(description) if description.is_about_certificate() => true,
        Some(_) => return None,
        // No alert: a connection that breaks right after our Certificate says nearly as much.
        None if matches!(end, Some((_, How::Reset))) && !heard_after(case) => false,
        None if matches!(end, Some((_, How::Fin))) && !case.complete() => false,
        None => return None,
    };
    let unusable = sent == 0 && case.capture.intent.client_certificate;
    let (id, summary) = if unusable {
        ("client_cert.unusable", "client certificate unusable, not sent")
    } else if sent == 0 {
        ("client_cert.required", "client certificate required, none sent")
    } else {
        ("client_cert.refused", "client certificate refused by the server")
    };
    let mut failure = Failure::new(id, Outcome::Failed, "after", summary);
    let tls13 = case.handshake().is_some_and(|h| h.facts.is_tls13());
    failure.stage = match (case.complete(), tls13) {
        (true, true) => format!("after {} Finished; TLS 1.3 servers refuse this late", case.ours()),
        _ => case.stage(),
    };
    failure.by = Some(By::Server);
    failure.who = Some(super::closed::who_ended(case));
    failure.evidence = vec![Evidence { message: Some(request), ..Evidence::default() }];
    let name = alert.map(|(_, _, description)| description.to_string());
    let cause = match (sent, &name) {
        (0, _) => format!("it asked for one, and {} Certificate message was empty", case.ours()),
        (_, Some(name)) => format!("it answered {} certificate with {name}", case.ours()),
        (_, None) => format!("it ended the connection right after {} certificate", case.ours()),
    };
    failure.causes = vec![if certain { Cause::certain(cause) } else { Cause::likely(cause) }];
    if unusable {
        failure.causes = vec![Cause::likely(
            "--cert was given, but none of the signature schemes that the server accepts matches its key",
        )];
        failure.remedy.text = Some("a client certificate with another type of key".into());
        return Some(failure);
    }
    // What is wrong with it is more than that it was refused.
    let wrong: Vec<_> = fits(case).into_iter().filter(|fit| fit.state.fails()).collect();
    let reasons = wrong.iter().filter_map(|fit| fit.state.reason());
    failure.causes.splice(0..0, reasons.map(|why| Cause::likely(format!("the client certificate: {why}"))));
    // A CA that the server does not know may be one whose certificate it can't find; GnuTLS says access_denied to that.
    let missing = request_of(case).and_then(|(chain, accepted)| client::missing_issuer(&chain, &accepted));
    let text = missing.map(|issuer| {
        format!(
            "the intermediate certificate of {issuer} is missing: append it to the file given with --cert"
        )
    });
    match (text, alert.map(|(_, _, description)| description)) {
        (Some(text), Some(AlertDescription::unknown_ca)) => failure.causes.insert(0, Cause::likely(text)),
        (
            Some(text),
            Some(
                AlertDescription::access_denied
                | AlertDescription::bad_certificate
                | AlertDescription::certificate_unknown,
            ),
        ) => failure.causes.push(Cause::possible(text)),
        _ => {}
    }
    let authorities = crate::finding::summary::authorities(case.trace());
    failure.remedy.text = Some(match authorities.as_slice() {
        [] => "a client certificate that this server accepts (it names no CA)".into(),
        names => format!("a certificate issued by {}, usage clientAuth", names.join(" or ")),
    });
    failure.remedy.command =
        Some(Command::default().set("--cert", Some("CLIENT.pem")).set("--key", Some("CLIENT.key")));
    Some(failure)
}

/// How the server took our certificate: `accepted`, `refused`, `unknown`; `None` if it asked for none.
pub fn outcome(case: &Case<'_>) -> Option<&'static str> {
    case.certificate_request()?;
    case.client_certificates()?;
    if judge(case).is_some() {
        Some("refused")
    } else if heard_after(case) || case.trace().asking().is_some_and(|(_, asking)| accepted(asking)) {
        Some("accepted")
    } else {
        Some("unknown")
    }
}

/// Before TLS 1.3 the server's Finished is the answer.
fn accepted(asking: &Handshake) -> bool {
    asking.complete_at.is_some() && !asking.facts.is_tls13()
}

/// Which of what the server asked for our certificate fits; empty if none was sent.
pub fn fits(case: &Case<'_>) -> Vec<Fit> {
    match request_of(case) {
        Some((chain, accepted)) if !chain.is_empty() => client::fits(&chain, &accepted, case.judged_at()),
        _ => Vec::new(),
    }
}

/// The certificates that we sent, and what the server's CertificateRequest says.
fn request_of<'a>(case: &Case<'a>) -> Option<(Vec<&'a [u8]>, Accepted<'a>)> {
    let trace = case.trace();
    let (number, handshake) = trace.asking()?;
    case.certificate_request()?;
    let facts = &handshake.facts;
    let list = |span: Option<Span>| span.map(|span| trace.bytes(span)).unwrap_or_default();
    let accepted = Accepted {
        authorities: lists::opaque16(list(facts.certificate_request_authorities)).collect(),
        schemes: lists::codes(list(facts.certificate_request_schemes)).map(SignatureScheme).collect(),
        types: list(facts.certificate_request_types).to_vec(),
        tls13: facts.is_tls13(),
        ..Accepted::default()
    };
    Some((trace.chain(number, Direction::Client), accepted))
}

/// A client certificate that went to a server which is not authenticated.
pub fn findings(case: &Case<'_>) -> Option<Finding> {
    let sent = case.client_certificates().filter(|n| *n > 0)?;
    let state = authenticated::peer(case, Standard::Full);
    let why = state.reason()?;
    let sent = counted(sent, "certificate");
    let whose = if case.capture.intent.origin.is_live() { "our client" } else { "the client's" };
    Some(Finding::new(
        "client_cert.to_unverified",
        Severity::Warning,
        "client certificate sent to an unauthenticated server",
        format!("{whose} certificate ({sent}) was sent to a server that is not authenticated: {why}"),
    ))
}

/// Whether the server said anything after our Finished that accepts us.
fn heard_after(case: &Case<'_>) -> bool {
    case.trace().messages.iter().any(|m| {
        m.direction == Direction::Server
            && m.post_handshake
            && !matches!(m.kind, crate::trace::Kind::Alert { .. })
    })
}
