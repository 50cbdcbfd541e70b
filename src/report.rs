//! The `Report`: session, traces, chains, checks, findings and verdict, ready to be rendered.

pub mod chain;
pub mod client_auth;
pub mod comparison;
mod messages;
pub mod notes;
pub mod rows;
pub mod timeline;
pub mod verdict;

use crate::capture::{Capture, Session, What};
use crate::certificate::{self, Judgement, MinDays, Question, Sent};
use crate::finding::authenticated::{self, Standard};
use crate::finding::{self, Case, Check, Connection, Finding, Verdict, summary};
use crate::trace::Trace;
use crate::trust::ct::Logs;
use crate::wire::Direction;
use crate::wire::{extension, handshake};

/// Everything that a renderer needs.
#[derive(Debug, Clone)]
pub struct Report {
    pub session: Session,
    /// One for each capture of the session.
    pub connections: Vec<Connection>,
    /// By connection.
    pub checks: Vec<Vec<Check>>,
    /// By connection.
    pub findings: Vec<Vec<Finding>>,
    /// By connection.
    pub verdicts: Vec<Verdict>,
}

impl Report {
    /// Reads and judges a session. Pure: the same session gives the same report anywhere.
    pub fn of(session: Session) -> Report {
        let traces = session.captures.iter().map(Trace::of).collect();
        Report::with_traces(session, traces)
    }

    /// The same, for traces that were made of the session's captures already.
    pub fn with_traces(session: Session, traces: Vec<Trace>) -> Report {
        let mut connections: Vec<Connection> = Vec::new();
        for (capture, trace) in session.captures.iter().zip(traces) {
            let own = judge(capture, &trace);
            // A resumed handshake has no certificate: it stands on the original's.
            let inherited = own.is_none() && summary::resumed(&trace);
            let mut original = None;
            let judgement = match own {
                None if inherited => {
                    let mut earlier = session.captures.iter().zip(&connections).rev();
                    earlier.find_map(|(capture, connection)| {
                        let judgement = connection.judgement.clone()?;
                        let case = Case { session: &session, capture, connection };
                        original = Some(authenticated::of(&case, Standard::of(&case)));
                        Some(judgement)
                    })
                }
                own => own,
            };
            let inherited = inherited && judgement.is_some();
            connections.push(Connection { trace, inherited, judgement, original });
        }
        let cases = || {
            session.captures.iter().zip(&connections).map(|(capture, connection)| Case {
                session: &session,
                capture,
                connection,
            })
        };
        let checks = cases().map(|case| finding::checks::of(&case)).collect();
        let findings = cases().map(|case| finding::findings(&case)).collect();
        let verdicts = cases().map(|case| finding::verdict::of(&case)).collect();
        Report { connections, checks, findings, verdicts, session }
    }

    /// The verdict that counts: of several the worst; of equals the first, but the last if all is well.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdicts.get(self.decisive()?)
    }

    /// Index of the connection whose verdict counts.
    pub fn decisive(&self) -> Option<usize> {
        let exit_code = self.exit_code();
        let counts = |verdict: &Verdict| verdict.exit_code == exit_code;
        if exit_code == 0 {
            self.verdicts.iter().rposition(counts)
        } else {
            self.verdicts.iter().position(counts)
        }
    }

    /// The exit code of the run.
    pub fn exit_code(&self) -> u8 {
        finding::verdict::worst(self.verdicts.iter().map(|verdict| verdict.exit_code))
    }

    /// The connections as the rules see them.
    pub fn cases(&self) -> impl Iterator<Item = Case<'_>> {
        let pairs = self.session.captures.iter().zip(&self.connections);
        pairs.map(|(capture, connection)| Case { session: &self.session, capture, connection })
    }
}

/// Judges the server's chain (or the one that was given in files), if there is one.
fn judge(capture: &Capture, trace: &Trace) -> Option<Judgement> {
    let intent = &capture.intent;
    let mut sent = match capture.given.is_empty() {
        true => sent(trace)?,
        false => Sent::chain(&capture.given),
    };
    for fetched in capture.evidence.iter().filter(|fetched| fetched.error.is_none()) {
        match fetched.what {
            What::Issuer => sent.fetched.push(&fetched.bytes),
            What::Ocsp { of } => sent.answers.push((of, &fetched.bytes)),
        }
    }
    let ct_logs = intent.ct_logs.as_ref().and_then(|list| Logs::read(list.as_bytes()).ok());
    let min_days = intent.min_days.as_ref().and_then(|text| MinDays::read(text).ok());
    let question = Question {
        pins: &intent.pins,
        crls: &intent.crls,
        ct_logs: ct_logs.as_ref(),
        min_days: min_days.unwrap_or_default(),
        ..Question::server(intent.verify_name.as_deref(), capture.judged_at(), &intent.trust)
    };
    Some(certificate::judge(&sent, &question))
}

/// What the server sent; `None` if that was no certificate.
fn sent(trace: &Trace) -> Option<Sent<'_>> {
    let certificates = trace.chain(0, Direction::Server);
    if certificates.is_empty() {
        return None;
    }
    let facts = &trace.handshake()?.facts;
    let at_leaf = |span: Option<_>| span.map(|span| (0, trace.bytes(span))).into_iter().collect();
    let mut ocsp: Vec<(usize, &[u8])> = at_leaf(facts.ocsp_response);
    if let Some(list) = facts.certificates_of(Direction::Server).filter(|list| list.tls13) {
        // In TLS 1.3 every certificate may have its own response (RFC 8446, section 4.4.2.1).
        let code = extension::status_request::EXTENSION.code;
        let of = |extensions| extension::scan(extensions, code).and_then(handshake::certificate::staple);
        let all = handshake::certificate::extensions(trace.bytes(list.list)).map(of).enumerate();
        ocsp = all.filter_map(|(place, response)| Some((place, response?))).collect();
    }
    let staple_asked = facts
        .client
        .is_some_and(|client| client.extensions.contains(extension::status_request::EXTENSION.code));
    Some(Sent { certificates, ocsp, scts: at_leaf(facts.scts), staple_asked, ..Sent::default() })
}
