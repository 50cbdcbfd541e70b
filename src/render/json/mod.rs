//! One JSON document a run. Its shape is a promise: every key is always there, null if unknown.

mod document;

use std::io::{self, Write};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Format, Settings};
use crate::capture::{Dns, StepKind, Tcp};
use crate::certificate::Judgement;
use crate::finding::summary;
use crate::finding::{self, Case, Verdict};
use crate::report::Report;
use crate::trace::{self, Message, Opened};
use crate::wire::codepoints::{CONTENT_TYPES, Registry, SIGNATURE_SCHEMES, VERSIONS};
use crate::wire::field::{Field, Value};
use crate::wire::text::{escape_bytes, is_hostile};
use document::*;

/// `--format json`
pub const FORMAT: Format =
    Format { name: "json", about: "one document for a script; `tls-trace schema` describes it", write };

fn write(report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let document = Document::of(report);
    let text = match settings.quiet {
        true => serde_json::to_string(&document)?,
        false => serde_json::to_string_pretty(&document)?,
    };
    // serde escapes what JSON demands; bidi and C1 characters may steer a terminal or a log all the same.
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_hostile(c) {
            let mut units = [0; 2];
            safe.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    out.write_all(safe.as_bytes())?;
    out.write_all(b"\n")
}

/// The JSON Schema of the document.
pub fn schema() -> String {
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Document>();
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

impl Document {
    fn of(report: &Report) -> Document {
        let capture = report.connections.first().map(|judged| &judged.capture);
        let intent = capture.map(|capture| &capture.intent);
        let cases = report.cases().zip(&report.connections);
        let connections = cases.map(|(case, judged)| ConnectionOut::of(&case, &judged.checks)).collect();
        let findings = report.connections.iter().enumerate();
        Document {
            schema: "tls-trace/1",
            started_at: capture.and_then(|capture| rfc3339(capture.began.into())),
            judged_at: capture.and_then(|capture| moment(capture.judged_at(&report.question))),
            target: Target {
                input: intent.map(|intent| intent.input.clone()),
                host: intent.map(|intent| intent.host.clone()).filter(|host| !host.is_empty()),
                port: intent.map(|intent| intent.port).filter(|port| *port != 0),
                sni: intent.and_then(|intent| intent.sni.clone()),
                verify_name: intent.and_then(|intent| intent.verify_name.clone()),
            },
            verdict: VerdictOut::of(report.verdict()),
            facts: report.facts(),
            connections,
            findings: findings
                .flat_map(|(n, judged)| judged.findings.iter().map(move |finding| FindingOut::of(n, finding)))
                .collect(),
        }
    }
}

impl VerdictOut {
    fn of(verdict: Option<&Verdict>) -> Self {
        let Some(verdict) = verdict else {
            return VerdictOut {
                outcome: finding::Outcome::Fault.name(),
                exit_code: 6,
                id: None,
                phase: None,
                stage: None,
                by: None,
                certainty: None,
                summary: "nothing was traced".into(),
                r#try: Vec::new(),
            };
        };
        VerdictOut {
            outcome: verdict.outcome.name(),
            exit_code: verdict.exit_code,
            id: verdict.id.as_ref().map(|id| id.clone().into_owned()),
            phase: verdict.phase,
            stage: verdict.stage.clone(),
            by: verdict.by.map(finding::By::name),
            certainty: verdict.certainty.map(finding::Certainty::name),
            summary: verdict.summary.clone(),
            r#try: verdict.next.clone(),
        }
    }
}

impl ConnectionOut {
    fn of(case: &Case<'_>, checks: &[finding::Check]) -> Self {
        let trace = case.trace();
        let capture = case.capture;
        let judgement = case.judgement;
        ConnectionOut {
            attempts: case
                .attempts()
                .map(|(step, address, outcome)| Attempt::of(step, address, outcome))
                .collect(),
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
            messages: trace.messages.iter().map(MessageOut::of).collect(),
            records: trace.records.iter().map(RecordOut::of).collect(),
            checks: checks.iter().map(CheckOut::of).collect(),
            chain: judgement
                .map(|judgement| judgement.elements.iter().map(ElementOut::of).collect())
                .unwrap_or_default(),
            chain_inherited: case.inherited(),
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
                schemes: case
                    .handshake()
                    .and_then(|handshake| handshake.facts.certificate_request_schemes)
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
            bytes_sent: trace.flows[0].bytes,
            bytes_received: trace.flows[1].bytes,
        }
    }
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

impl Timing {
    fn of(case: &Case<'_>) -> Self {
        let dns = case.capture.steps.iter().find_map(|step| match &step.what {
            StepKind::Dns { outcome: Dns::Addresses(_), .. } => Some(micros(step.took)),
            _ => None,
        });
        let tcp = case.attempts().find(|(_, _, outcome)| matches!(outcome, Tcp::Connected { .. }));
        let began = case.trace().messages.first().map(|first| first.first_at);
        let complete = case.handshake().and_then(|handshake| handshake.complete_at);
        let settle = case.capture.engine.as_ref().and_then(|engine| engine.settle_from);
        Timing {
            dns,
            tcp: tcp.map(|(step, _, _)| micros(step.took)),
            handshake: began.zip(complete).map(|(from, to)| micros(to.saturating_sub(from))),
            settle: settle.map(|from| micros(case.capture.total.saturating_sub(from))),
            total: micros(case.capture.total),
        }
    }
}

impl MessageOut {
    fn of(message: &Message) -> Self {
        MessageOut {
            at_us: micros(message.at),
            direction: message.direction.sender(),
            r#type: message.name.clone().into_owned(),
            records: message.origin.iter().map(|origin| origin.record).collect(),
            encrypted: message.encrypted(),
            length: message.length,
            incomplete: message.incomplete,
            problem: message.problem.map(|problem| problem.to_string()),
            fields: message
                .tree()
                .iter()
                .flat_map(|root| &root.children)
                .map(|f| FieldOut::of(f, &message.bytes))
                .collect(),
            derived: message.derived.iter().map(MessageOut::of).collect(),
        }
    }
}

impl FieldOut {
    fn of(field: &Field, bytes: &[u8]) -> Self {
        let own = bytes.get(field.range.clone()).unwrap_or_default();
        FieldOut {
            name: field.name.clone().into_owned(),
            offset: field.range.start,
            length: field.range.len(),
            value: match field.value {
                Value::None => ValueOut::Group(()),
                Value::Uint(n) => ValueOut::Number(n),
                Value::Code(code, registry) => ValueOut::Code(self::code(code, registry)),
                Value::Text => ValueOut::Text { text: escape_bytes(own) },
                Value::Bytes => ValueOut::Bytes { bytes: hex::encode(own) },
            },
            note: field.note.clone().map(std::borrow::Cow::into_owned),
            problem: field.problem.map(|problem| problem.to_string()),
            children: field.children.iter().map(|child| FieldOut::of(child, bytes)).collect(),
        }
    }
}

impl RecordOut {
    fn of(record: &trace::Record) -> Self {
        let (state, inner_type, reason) = match record.opened {
            Opened::Clear => ("clear", None, None),
            Opened::Decrypted { content_type, .. } => {
                ("opened", Some(code(content_type.into(), &CONTENT_TYPES)), None)
            }
            Opened::Sealed(why) => ("sealed", None, Some(why.text())),
        };
        RecordOut {
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

impl EvidenceOut {
    fn of(evidence: &trace::Evidence) -> Self {
        EvidenceOut {
            message: evidence.message,
            certificate: evidence.certificate,
            range: evidence.range.as_ref().map(|range| [range.start, range.end]),
            text: evidence.text.clone(),
        }
    }
}

impl ElementOut {
    fn of(element: &crate::certificate::Element) -> Self {
        ElementOut {
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
        certificate: known.of,
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

impl FindingOut {
    fn of(connection: usize, finding: &finding::Finding) -> Self {
        FindingOut {
            id: finding.id.clone().into_owned(),
            severity: finding.severity.name(),
            what: finding.what.clone(),
            connection,
            evidence: finding.evidence.iter().map(EvidenceOut::of).collect(),
            causes: finding
                .causes
                .iter()
                .map(|cause| CauseOut { certainty: cause.certainty.name(), text: cause.text.clone() })
                .collect(),
            remedy: finding.remedy.as_ref().and_then(|remedy| remedy.text.clone()),
        }
    }
}

fn code(code: u16, registry: &'static Registry) -> Code {
    Code { code, name: registry.name_of(code) }
}

fn micros(at: std::time::Duration) -> u64 {
    u64::try_from(at.as_micros()).unwrap_or(u64::MAX)
}

fn moment(at: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(at).ok().and_then(rfc3339)
}

fn rfc3339(at: OffsetDateTime) -> Option<String> {
    at.format(&Rfc3339).ok()
}
