//! One connection: attempts, times, records, checks, the chain.

use super::document::*;
use super::list::List;
use super::message::Choice;
use super::{code, micros, moment};
use crate::capture::{Dialogue, Question, Step, StepKind, Tcp};
use crate::certificate::Judgement;
use crate::finding::{self, Case, summary};
use crate::judged::{Expectation, Judged};
use crate::policy;
use crate::report::connection::Times;
use crate::trace::{self, Opened};
use crate::wire::codepoints::{CONTENT_TYPES, SIGNATURE_SCHEMES, VERSIONS};
use crate::wire::text::{escape, escape_again};

impl<'a> ConnectionOut<'a> {
    pub(super) fn of(judged: &'a Judged, question: &'a Question, choice: Choice) -> Self {
        let case = &judged.case(question);
        let (checks, expectations) = (&judged.checks, &judged.expectations);
        let trace = case.trace();
        let capture = case.capture;
        let judgement = case.judgement;
        ConnectionOut {
            role: capture.role.name(),
            engine: capture.engine.as_ref().map(|engine| engine.name.as_str()),
            proxy: capture.intent.proxy.as_deref().map(escape),
            attempts: case
                .attempts()
                .map(|(step, address, outcome)| Attempt::of(step, address, outcome))
                .collect(),
            dialogues: dialogues(&capture.steps),
            timing_us: Timing::of(case),
            tcp: capture.tcp.map(|tcp| TcpOut {
                rtt_us: tcp.rtt_us,
                rttvar_us: tcp.rttvar_us,
                min_rtt_us: tcp.min_rtt_us,
                mss: tcp.mss,
                pmtu: tcp.pmtu,
                cwnd: tcp.cwnd,
                retransmissions: tcp.retransmissions,
            }),
            quic: case.quic().map(QuicOut::of),
            messages: List::of(&trace.messages, move |_, message| MessageOut::of(message, choice)),
            records: List::of(&trace.records, RecordOut::of),
            checks: List::of(checks, |_, check| CheckOut::of(check)),
            expectations: List::of(expectations, |_, one| ExpectationOut::of(one)),
            policies: judged.adherence.iter().map(PolicyOut::of).collect(),
            chain: List::of(judgement.map_or(&[], |judgement| &judgement.elements), ElementOut::of),
            chain_inherited: case.inherited(),
            chain_from: case
                .original
                .filter(|_| case.inherited())
                .and_then(|original| original.stream.clone()),
            trust: capture
                .stores(case.question)
                .iter()
                .map(|store| Trust {
                    store: store.name.clone(),
                    version: store.version.clone(),
                    anchors: store.size,
                    state: if store.unread { "unread" } else { "read" },
                })
                .collect(),
            stores: judgement.map(stores).unwrap_or_default(),
            revocation: judgement.map(revocation).unwrap_or_default(),
            scts: judgement.map(scts).unwrap_or_default(),
            clients: judgement.map(clients).unwrap_or_default(),
            fetched: capture
                .evidence
                .iter()
                .map(|fetched| FetchedOut {
                    url: fetched.url.clone(),
                    length: fetched.error.is_none().then_some(fetched.bytes.len()),
                    error: fetched.error.clone(),
                })
                .collect(),
            client_auth: ClientAuth {
                requested: case.certificate_request().is_some(),
                authorities: summary::authorities(trace),
                schemes: trace
                    .asking()
                    .and_then(|(_, handshake)| handshake.facts.certificate_request_schemes)
                    .map(|span| {
                        summary::codes(trace.bytes(span)).map(|c| code(c, &SIGNATURE_SCHEMES)).collect()
                    })
                    .unwrap_or_default(),
                fits: finding::client_certificate::fits(case)
                    .into_iter()
                    .map(|fit| FitOut {
                        id: fit.id,
                        state: fit.state.name(),
                        reason: fit.state.reason().map(str::to_owned),
                    })
                    .collect(),
                sent: case.client_certificates(),
                outcome: finding::client_certificate::outcome(case),
            },
            ech: super::ech::of(case),
            bytes_sent: trace.flows[0].bytes,
            bytes_received: trace.flows[1].bytes,
        }
    }
}

/// Each dialogue with what was said in it, which stands behind it among the steps.
fn dialogues(steps: &[Step]) -> Vec<DialogueOut> {
    let mut dialogues: Vec<DialogueOut> = Vec::new();
    for step in steps {
        match &step.what {
            StepKind::Preamble { protocol, outcome } => dialogues.push(DialogueOut {
                protocol: escape(protocol),
                outcome: match outcome {
                    Dialogue::Agreed { .. } => "agreed",
                    Dialogue::Refused => "refused",
                    Dialogue::NotOffered => "not_offered",
                    Dialogue::Unexpected => "unexpected",
                    Dialogue::Endless => "endless",
                    Dialogue::Closed => "closed",
                    Dialogue::Failed { .. } => "failed",
                    Dialogue::Unfinished => "unfinished",
                },
                at_us: micros(step.at),
                elapsed_us: micros(step.took),
                injected: match outcome {
                    Dialogue::Agreed { injected } => *injected,
                    _ => 0,
                },
                said: Vec::new(),
            }),
            StepKind::Said(said) => {
                if let Some(dialogue) = dialogues.last_mut() {
                    dialogue.said.push(SaidOut {
                        at_us: micros(step.at),
                        direction: said.direction.sender(),
                        // A saved trace may have lines that nobody escaped.
                        lines: said.lines.iter().map(|line| escape_again(line)).collect(),
                        left_out: said.left_out,
                    });
                }
            }
            StepKind::Dns { .. }
            | StepKind::Https { .. }
            | StepKind::Tcp { .. }
            | StepKind::Unix { .. }
            | StepKind::Quic(_) => {}
        }
    }
    dialogues
}

impl Attempt {
    fn of(step: &crate::capture::Step, address: &std::net::SocketAddr, outcome: &Tcp) -> Self {
        let outcome = match outcome {
            Tcp::Connected { .. } => "connected",
            Tcp::Refused => "refused",
            Tcp::Unreachable { .. } => "unreachable",
            Tcp::Timeout => "timeout",
            Tcp::Abandoned => "abandoned",
            Tcp::Failed { .. } => "failed",
        };
        Attempt { address: address.to_string(), outcome, elapsed_us: micros(step.took) }
    }
}

impl QuicOut {
    fn of(quic: &crate::capture::Quic) -> Self {
        QuicOut {
            version: quic.version,
            retry: quic.retry,
            initial: quic.initial,
            initial_not_decrypted: quic.unopened,
            zero_rtt: quic.zero_rtt,
            handshake: quic.handshake,
            one_rtt: quic.protected,
            closed_by: quic.closed.map(|(who, _)| who.sender()),
            error: quic.closed.map(|(_, error)| error),
        }
    }
}

impl Timing {
    fn of(case: &Case<'_>) -> Self {
        let Times { dns, tcp, handshake, settle, total, .. } = Times::of(case);
        let [dns, tcp, handshake, settle] = [dns, tcp, handshake, settle].map(|time| time.map(micros));
        Timing { dns, tcp, handshake, settle, total: micros(total) }
    }
}

impl RecordOut {
    fn of(index: usize, record: &trace::Record) -> Self {
        let (state, inner_type, reason) = match record.opened {
            Opened::Clear => ("clear", None, None),
            Opened::Decrypted { content_type, .. } => {
                ("opened", Some(code(content_type.into(), &CONTENT_TYPES)), None)
            }
            Opened::Sealed(why) => ("sealed", None, Some(why.text())),
        };
        RecordOut {
            number: index + 1,
            first_at_us: micros(record.first_at),
            at_us: micros(record.last_at),
            direction: record.direction.sender(),
            content_type: code(record.content_type.into(), &CONTENT_TYPES),
            legacy_version: code(record.legacy_version.0, &VERSIONS),
            length: record.length,
            state,
            inner_type,
            reason,
        }
    }
}

impl CheckOut {
    fn of(check: &finding::Check) -> Self {
        CheckOut {
            id: check.id.into(),
            state: check.state.name(),
            reason: check.state.reason().map(str::to_owned),
            evidence: check.evidence.iter().map(EvidenceOut::of).collect(),
        }
    }
}

impl PolicyOut {
    fn of(adherence: &policy::Adherence) -> Self {
        let rule = |rule: &policy::Outcome| RuleOut {
            id: rule.id.clone(),
            title: rule.title.clone(),
            severity: rule.weight.name(),
            state: rule.state.name(),
            reason: rule.state.reason().map(str::to_owned),
            shown_by_one: rule.shown_by_one,
            need: rule.need.clone(),
            reference: rule.reference.clone(),
            exception: rule.exception.as_ref().map(|(exception, applies)| ExceptionOut {
                reason: exception.reason.clone(),
                until: exception.until.to_string(),
                applies: *applies,
            }),
        };
        PolicyOut {
            name: adherence.policy.clone(),
            title: adherence.title.clone(),
            rules: adherence.rules.iter().map(rule).collect(),
        }
    }
}

impl ExpectationOut {
    fn of(one: &Expectation) -> Self {
        ExpectationOut {
            expression: one.text.clone(),
            weight: one.weight.name(),
            state: one.state.name(),
            reason: one.state.reason().map(str::to_owned),
            found: one.found.clone(),
            evidence: one.evidence.iter().map(EvidenceOut::of).collect(),
        }
    }
}

impl EvidenceOut {
    pub(super) fn of(evidence: &trace::Evidence) -> Self {
        EvidenceOut {
            message: evidence.message,
            certificate: evidence.certificate.map(|place| place + 1),
            range: evidence.range.as_ref().map(|range| [range.start, range.end]),
            text: evidence.text.clone(),
        }
    }
}

impl ElementOut {
    fn of(place: usize, element: &crate::certificate::Element) -> Self {
        ElementOut {
            number: place + 1,
            role: element.role.name(),
            source: element.source.name(),
            in_path: element.in_path,
            subject: element.subject_dn.clone(),
            sans: element.sans.clone(),
            issuer: element.issuer_dn.clone(),
            serial: element.serial.clone(),
            sha256: element.sha256.clone(),
            spki_pin: element.spki_pin.clone(),
            key: element.key.clone(),
            signature: element.signature.clone(),
            not_before: element.not_before.and_then(moment),
            not_after: element.not_after.and_then(moment),
            days_left: element.days_left,
        }
    }
}

fn stores(judgement: &Judgement) -> Vec<StoreOut> {
    let store = |store: &crate::certificate::StoreVerdict| StoreOut {
        store: store.name.clone(),
        trusted: store.trusted.name(),
        reason: store.trusted.reason().map(str::to_owned),
    };
    judgement.stores.iter().map(store).collect()
}

fn revocation(judgement: &Judgement) -> Vec<RevocationOut> {
    let one = |known: &crate::certificate::Revocation| RevocationOut {
        certificate: known.of + 1,
        source: known.source.name(),
        usable: known.usable.name(),
        state: known.good.name(),
        reason: known.usable.reason().or(known.good.reason()).map(str::to_owned),
        responder: known.responder.clone(),
        this_update: known.this_update.and_then(moment),
        next_update: known.next_update.and_then(moment),
    };
    judgement.revocation.iter().map(one).collect()
}

fn scts(judgement: &Judgement) -> Vec<SctOut> {
    let one = |sct: &crate::certificate::Sct| SctOut {
        from: sct.from.name(),
        log_id: sct.log_id.clone(),
        log: sct.log.clone(),
        timestamp: i64::try_from(sct.timestamp_ms / 1000).ok().and_then(moment),
        algorithm: sct.algorithm.clone(),
        state: sct.verified.name(),
        reason: sct.verified.reason().map(str::to_owned),
    };
    judgement.scts.iter().map(one).collect()
}

fn clients(judgement: &Judgement) -> Vec<ClientOut> {
    let one = |client: &crate::certificate::Client| ClientOut {
        name: client.name,
        accepts: client.accepts,
        because: client.because.clone(),
    };
    judgement.clients.iter().map(one).collect()
}
