//! What is known of the revocation of the path's certificates, from the bytes that are at hand.

use super::crl;
use super::graph::Graph;
use super::ocsp::{self, Issuer, reason_name};
use super::question::{Question, Sent};
use crate::trace::State;
use crate::wire::asn1::crl::Crl;
use crate::wire::asn1::ocsp::Status;
use crate::wire::asn1::time::date_time;

/// Where it is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The server sent it along.
    Staple,
    /// The responder was asked.
    Ocsp,
    Crl,
}

impl Source {
    /// `staple`, `ocsp` or `crl`.
    pub fn name(self) -> &'static str {
        match self {
            Source::Staple => "staple",
            Source::Ocsp => "ocsp",
            Source::Crl => "crl",
        }
    }
}

/// What one source says of one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Place among the elements.
    pub of: usize,
    pub source: Source,
    /// Whether the source may be believed: well formed, about this certificate, signed by the right one, fresh.
    pub usable: State,
    /// Not revoked: holds. Not evaluated if the source may not be believed, or does not know.
    pub good: State,
    pub status: Option<Status>,
    /// Who signed it; escaped.
    pub responder: Option<String>,
    /// Seconds since 1970.
    pub this_update: Option<i64>,
    pub next_update: Option<i64>,
}

/// Every source's word on the path's certificates.
pub fn evaluate(
    judged: &[usize],
    graph: &Graph<'_>,
    sent: &Sent<'_>,
    question: &Question<'_>,
) -> Vec<Revocation> {
    let mut out = Vec::new();
    let (limits, at) = (&question.limits, question.at);
    for pair in judged.windows(2) {
        let &[node, above] = pair else { continue };
        let (Some(subject), Some(issuer_node)) = (graph.certificate(node), graph.node(above)) else {
            continue;
        };
        let Some(key) = issuer_node.key else { continue };
        let issuer = Issuer { name: issuer_node.subject, key };
        let place = graph.node(node).and_then(|node| node.sent());
        let staples = sent.ocsp.iter().map(|staple| (Source::Staple, staple));
        let answers = sent.answers.iter().map(|answer| (Source::Ocsp, answer));
        for (source, (_, bytes)) in staples.chain(answers).filter(|(_, (of, _))| Some(*of) == place) {
            let answer = ocsp::evaluate(bytes, subject, &issuer, at, limits);
            out.push(Revocation {
                of: graph.element_of(node),
                source,
                good: good(&answer.usable, answer.status),
                usable: answer.usable,
                status: answer.status,
                responder: answer.responder,
                this_update: answer.this_update,
                next_update: answer.next_update,
            });
        }
        let given = question.crls.iter().map(Vec::as_slice);
        for bytes in given.chain(sent.crls.iter().copied()) {
            let Ok(crl) = Crl::read(bytes) else { continue };
            if !crl.issuer.same(&subject.issuer) {
                continue;
            }
            let usage = issuer_node.certificate.as_ref().and_then(|it| it.extensions.key_usage);
            let (usable, status) = match crl::evaluate(&crl, subject, &issuer, usage, at, limits) {
                Ok(None) => (State::Holds, Some(Status::Good)),
                Ok(Some(entry)) => {
                    (State::Holds, Some(Status::Revoked { at: entry.at, reason: entry.reason }))
                }
                Err(state) => (state, None),
            };
            out.push(Revocation {
                of: graph.element_of(node),
                source: Source::Crl,
                good: good(&usable, status),
                usable,
                status,
                responder: None,
                this_update: Some(crl.this_update.unix),
                next_update: crl.next_update.map(|time| time.unix),
            });
        }
    }
    out
}

fn good(usable: &State, status: Option<Status>) -> State {
    match (usable, status) {
        (State::Holds, Some(Status::Good)) => State::Holds,
        (State::Holds, Some(Status::Revoked { at, reason })) => {
            let reason = reason.map_or("no reason given", reason_name);
            State::Fails(format!("revoked on {} ({reason})", date_time(at)))
        }
        (State::Holds, _) => State::NotEvaluated("the responder does not know this certificate".to_owned()),
        (State::Fails(why) | State::NotEvaluated(why), _) => State::NotEvaluated(why.clone()),
    }
}
