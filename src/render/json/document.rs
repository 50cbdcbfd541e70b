//! The shape of the document: what a script may rely on.

use schemars::JsonSchema;
use serde::Serialize;

use super::list::List;
use super::message::Fields;
use crate::judged::Facts;

/// What one run of tls-trace saw and concluded. What needs the whole run stands last.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tls-trace report")]
pub(super) struct Document<'a> {
    /// `tls-trace/1`: keys may be added within this number, never removed or given another meaning.
    pub(super) schema: &'static str,
    /// RFC 3339.
    pub(super) started_at: Option<String>,
    /// The time for which certificates were verified, RFC 3339.
    pub(super) judged_at: Option<String>,
    /// The flags with which a saved trace was verified again; empty if it was not.
    pub(super) verified_again: &'a [String],
    pub(super) target: Target,
    pub(super) connections: List<'a, ConnectionOut<'a>>,
    /// What `--diagnose` or `--like` found out; null without them, and where there was nothing to find out.
    pub(super) diagnosis: Option<DiagnosisOut>,
    /// How the connection whose verdict counts stands up to a quantum computer; null if it sent no ClientHello.
    pub(super) post_quantum: Option<PostQuantumOut>,
    /// One for the verdict of each connection that did not end well, and what else is worth telling.
    pub(super) findings: List<'a, FindingOut>,
    pub(super) facts: Facts,
    pub(super) verdict: VerdictOut,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct PostQuantumOut {
    pub(super) key_exchange: HalfOut,
    pub(super) authentication: HalfOut,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct HalfOut {
    /// `chosen` (it was offered), `not_preferred` (supported, and something else was chosen), `retry_only` (chosen by a
    /// HelloRetryRequest), `not_supported`, `intolerant` (the offer makes the handshake fail), or `unknown`. Only
    /// experiments (`--diagnose`) lead to `not_supported` and `intolerant`.
    pub(super) state: &'static str,
    /// The group or signature scheme, by its name in IANA's registry; null where none is known.
    pub(super) name: Option<String>,
    /// Why, in words.
    pub(super) text: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct DiagnosisOut {
    /// Stable name of what was found.
    pub(super) id: &'static str,
    /// In one sentence.
    pub(super) conclusion: String,
    /// `certain`, `likely` or `possible`.
    pub(super) certainty: &'static str,
    /// The smallest set of changes with which the server goes on, in words; empty if there is none.
    pub(super) changed: Vec<String>,
    /// What it takes, in words.
    pub(super) need: Option<String>,
    /// The command that shows it, a word each; empty if there is none.
    pub(super) r#try: Vec<String>,
    /// In the order in which they were made.
    pub(super) experiments: Vec<ExperimentOut>,
}

/// A connection with something changed.
#[derive(Serialize, JsonSchema)]
pub(super) struct ExperimentOut {
    /// `again`, `like` (what is compared with), or the names of the changes with `+` between them.
    pub(super) id: String,
    /// What was changed, in words; empty: nothing.
    pub(super) changes: Vec<String>,
    /// `went_on`, `alert`, `closed`, `reset`, `silent`, `not_tls`, `unreachable`, `unusable` or `not_made`.
    pub(super) outcome: &'static str,
    /// The alert, or what the server chose.
    pub(super) answer: String,
    /// From the ClientHello to whatever ended it.
    pub(super) elapsed_us: u64,
}

#[derive(Default, Serialize, JsonSchema)]
pub(super) struct Target {
    /// As typed; of a URL scheme, host and port.
    pub(super) input: Option<String>,
    /// In a list of targets (`--targets`): the options on its line.
    pub(super) options: Vec<String>,
    pub(super) host: Option<String>,
    /// The host in Unicode, where it has A-labels.
    pub(super) host_unicode: Option<String>,
    pub(super) port: Option<u16>,
    /// The name sent in server_name.
    pub(super) sni: Option<String>,
    /// The name that the certificate must carry.
    pub(super) verify_name: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct VerdictOut {
    /// `ok`, `untrusted`, `unmet`, `unevaluated`, `unreachable`, `failed`, `timeout`, `interrupted`, `not_attempted` (one of
    /// many targets whose line is wrong, say) or `fault`.
    pub(super) outcome: &'static str,
    pub(super) exit_code: u8,
    /// Stable name of the reason.
    pub(super) id: Option<String>,
    /// `dns`, `tcp`, `proxy`, `starttls`, `tls`, `certificate` or `after`.
    pub(super) phase: Option<&'static str>,
    /// Where in the handshake, in words.
    pub(super) stage: Option<String>,
    /// `server`, `client` or `network`.
    pub(super) by: Option<&'static str>,
    /// `certain`, `likely` or `possible`: how sure the first cause is.
    pub(super) certainty: Option<&'static str>,
    /// Who ended it, how and when, in words.
    pub(super) who: Option<String>,
    /// A headline of at most 60 columns with the outcome's word.
    pub(super) summary: String,
    /// What the headline leaves out.
    pub(super) detail: Option<String>,
    /// Why, the likeliest first.
    pub(super) causes: Vec<CauseOut>,
    /// What it takes to do better, in words.
    pub(super) need: Option<String>,
    /// The command to run next, a word each; empty if there is none.
    pub(super) r#try: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ConnectionOut<'a> {
    /// Why it was made: `main`, `each_address`, `repeated`, `resumed`, `retry`, `superseded`, `experiment` or `survey`. The
    /// last three have no say in the exit code.
    pub(super) role: &'static str,
    /// Who performed it: `rustls`, `lab` or `probe` (a ClientHello alone); null if no connection was made.
    pub(super) engine: Option<&'a str>,
    /// The proxy that it went through, as a URL without credentials; null if there was none.
    pub(super) proxy: Option<String>,
    pub(super) attempts: Vec<Attempt>,
    /// What was said before TLS: STARTTLS, proxies.
    pub(super) dialogues: Vec<DialogueOut>,
    pub(super) timing_us: Timing,
    pub(super) tcp: Option<TcpOut>,
    /// Where QUIC carried the handshake: what a capture has of its packets. The records are those that the content of
    /// CRYPTO frames is shown in; QUIC has none.
    pub(super) quic: Option<QuicOut>,
    pub(super) messages: List<'a, MessageOut<'a>>,
    pub(super) records: List<'a, RecordOut>,
    pub(super) checks: List<'a, CheckOut>,
    /// What `--expect` and `--warn` asked for.
    pub(super) expectations: List<'a, ExpectationOut>,
    /// What came of each `--policy`.
    pub(super) policies: Vec<PolicyOut>,
    pub(super) chain: List<'a, ElementOut>,
    /// The chain is an earlier connection's: this one resumed its session.
    pub(super) chain_inherited: bool,
    /// Which connection of a capture the chain was sent in: its `stream`.
    pub(super) chain_from: Option<String>,
    pub(super) trust: Vec<Trust>,
    /// What each store says by itself.
    pub(super) stores: Vec<StoreOut>,
    /// What OCSP and CRLs say.
    pub(super) revocation: Vec<RevocationOut>,
    /// Signed certificate timestamps.
    pub(super) scts: Vec<SctOut>,
    /// What other clients would decide, given the same anchors.
    pub(super) clients: Vec<ClientOut>,
    /// What was fetched besides: issuers, OCSP responses.
    pub(super) fetched: Vec<FetchedOut>,
    pub(super) client_auth: ClientAuth,
    /// Encrypted Client Hello; null if it was not offered.
    pub(super) ech: Option<EchOut>,
    pub(super) bytes_sent: u64,
    pub(super) bytes_received: u64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Attempt {
    pub(super) address: String,
    /// `connected`, `refused`, `unreachable`, `timeout`, `abandoned` or `failed`.
    pub(super) outcome: &'static str,
    pub(super) elapsed_us: u64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct QuicOut {
    /// The version as in the packets: 1, or 0x6b3343cf (version 2).
    pub(super) version: u32,
    /// A Retry packet came.
    pub(super) retry: bool,
    /// Initial packets that were decrypted, and that were not.
    pub(super) initial: u64,
    pub(super) initial_not_decrypted: u64,
    /// Packets that are not decoded, by kind.
    pub(super) zero_rtt: u64,
    pub(super) handshake: u64,
    pub(super) one_rtt: u64,
    /// `client` or `server`: who closed the connection in an Initial packet, and with which error (RFC 9000, section
    /// 20.1).
    pub(super) closed_by: Option<&'static str>,
    pub(super) error: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct DialogueOut {
    /// `smtp`, `imap`, …
    pub(super) protocol: String,
    /// `agreed`, `refused`, `not_offered`, `unexpected`, `endless`, `closed`, `failed` or `unfinished`.
    pub(super) outcome: &'static str,
    /// Microseconds since the start of the trace.
    pub(super) at_us: u64,
    pub(super) elapsed_us: u64,
    /// Bytes in the clear behind the go-ahead: they were discarded.
    pub(super) injected: u64,
    pub(super) said: Vec<SaidOut>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct SaidOut {
    /// Microseconds since the start of the trace.
    pub(super) at_us: u64,
    /// The sender: `client` or `server`.
    pub(super) direction: &'static str,
    /// Escaped; credentials are blanked. Of binary protocols: what the message says.
    pub(super) lines: Vec<String>,
    /// Lines behind them that were not kept.
    pub(super) left_out: u64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Timing {
    pub(super) dns: Option<u64>,
    pub(super) tcp: Option<u64>,
    pub(super) handshake: Option<u64>,
    /// How long was listened on after the handshake.
    pub(super) settle: Option<u64>,
    pub(super) total: u64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct TcpOut {
    pub(super) rtt_us: Option<u32>,
    pub(super) rttvar_us: Option<u32>,
    pub(super) min_rtt_us: Option<u32>,
    pub(super) mss: Option<u32>,
    pub(super) pmtu: Option<u32>,
    pub(super) cwnd: Option<u32>,
    pub(super) retransmissions: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct MessageOut<'a> {
    /// Microseconds since the start, when its last byte was there.
    pub(super) at_us: u64,
    /// The sender: `client` or `server`.
    pub(super) direction: &'static str,
    /// `ClientHello`, `Alert`, …
    pub(super) r#type: &'a str,
    /// Numbers of the records that carried it.
    pub(super) records: Vec<usize>,
    pub(super) encrypted: bool,
    /// Bytes.
    pub(super) length: usize,
    /// It did not come whole: the length that it announces.
    pub(super) incomplete: Option<usize>,
    /// What is wrong with it.
    pub(super) problem: Option<String>,
    /// As much of its tree as `--fields` asks for.
    #[schemars(with = "Vec<FieldOut>")]
    pub(super) fields: Fields<'a>,
    /// Of application data, where that is asked for (`--data`): lower-case hexadecimal.
    pub(super) data: Option<String>,
    /// What it contains in another form, e.g. the decompressed Certificate.
    pub(super) derived: List<'a, MessageOut<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FieldOut<'a> {
    /// As the RFC calls it.
    pub(super) name: &'a str,
    /// From the start of the message.
    pub(super) offset: usize,
    pub(super) length: usize,
    pub(super) value: ValueOut,
    pub(super) note: Option<&'a str>,
    pub(super) problem: Option<String>,
    #[schemars(with = "Vec<FieldOut>")]
    pub(super) children: Fields<'a>,
}

/// A number, a code point, text (escaped), lower-case hexadecimal bytes; null for a group, and for bytes that are left out.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum ValueOut {
    None(()),
    Number(u64),
    Code(Code),
    Text { text: String },
    Bytes { bytes: String },
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Code {
    pub(super) code: u16,
    /// IANA's; null if it has none.
    pub(super) name: Option<&'static str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct RecordOut {
    /// Counted from 1, in both directions together, as in the text report.
    pub(super) number: usize,
    pub(super) first_at_us: u64,
    pub(super) at_us: u64,
    pub(super) direction: &'static str,
    /// On the wire.
    pub(super) content_type: Code,
    pub(super) legacy_version: Code,
    /// Of the fragment.
    pub(super) length: usize,
    /// `clear`, `opened` or `sealed`.
    pub(super) state: &'static str,
    /// The real content type of an opened record.
    pub(super) inner_type: Option<Code>,
    /// Why it stayed sealed.
    pub(super) reason: Option<&'static str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CheckOut {
    pub(super) id: String,
    /// `holds`, `fails` or `not_evaluated`.
    pub(super) state: &'static str,
    pub(super) reason: Option<String>,
    pub(super) evidence: Vec<EvidenceOut>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct PolicyOut {
    pub(super) name: String,
    pub(super) title: String,
    /// Those that apply.
    pub(super) rules: Vec<RuleOut>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct RuleOut {
    pub(super) id: String,
    pub(super) title: String,
    /// Of a violation: `error`, `warning` or `note`.
    pub(super) severity: &'static str,
    /// `holds`, `fails` or `not_evaluated`.
    pub(super) state: &'static str,
    pub(super) reason: Option<String>,
    /// One handshake can show it.
    pub(super) shown_by_one: bool,
    /// What would satisfy it.
    pub(super) need: Option<String>,
    pub(super) reference: String,
    pub(super) exception: Option<ExceptionOut>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ExceptionOut {
    pub(super) reason: String,
    /// The last day: `2027-12-31`.
    pub(super) until: String,
    /// It has not ended at the time that is judged at.
    pub(super) applies: bool,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ExpectationOut {
    /// As typed.
    pub(super) expression: String,
    /// `expect` or `warn`.
    pub(super) weight: &'static str,
    /// `holds`, `fails` or `not_evaluated`.
    pub(super) state: &'static str,
    pub(super) reason: Option<String>,
    /// What is known of the fields that it asks for.
    pub(super) found: Vec<String>,
    pub(super) evidence: Vec<EvidenceOut>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct EvidenceOut {
    /// Index in `messages`.
    pub(super) message: Option<usize>,
    /// Number of a certificate in `chain`.
    pub(super) certificate: Option<usize>,
    /// First byte, and the byte behind the last.
    pub(super) range: Option<[usize; 2]>,
    pub(super) text: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ElementOut {
    /// Counted from 1, as in the text report: what was sent, in its order, then what was fetched, then the anchor.
    pub(super) number: usize,
    /// `leaf`, `intermediate` or `root`.
    pub(super) role: &'static str,
    /// `sent`, `fetched` or `store`.
    pub(super) source: &'static str,
    pub(super) in_path: bool,
    pub(super) subject: String,
    pub(super) sans: Vec<String>,
    pub(super) issuer: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) sha256: Option<String>,
    /// Base64, as --pinnedpubkey takes it behind `sha256//`.
    pub(super) spki_pin: Option<String>,
    pub(super) key: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) not_before: Option<String>,
    pub(super) not_after: Option<String>,
    pub(super) days_left: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Trust {
    pub(super) store: String,
    pub(super) version: Option<String>,
    pub(super) anchors: usize,
    /// `read`, or `unread` if an earlier store sufficed.
    pub(super) state: &'static str,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct StoreOut {
    pub(super) store: String,
    /// `holds`, `fails` or `not_evaluated`.
    pub(super) trusted: &'static str,
    pub(super) reason: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct RevocationOut {
    /// Number of the certificate in `chain`.
    pub(super) certificate: usize,
    /// `ocsp staple`, `crl`, …
    pub(super) source: &'static str,
    /// Whether the source may be believed.
    pub(super) usable: &'static str,
    /// `holds`: not revoked.
    pub(super) state: &'static str,
    pub(super) reason: Option<String>,
    pub(super) responder: Option<String>,
    pub(super) this_update: Option<String>,
    pub(super) next_update: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct SctOut {
    /// Where it was: certificate, TLS extension or OCSP response.
    pub(super) from: &'static str,
    /// Lower-case hexadecimal.
    pub(super) log_id: String,
    pub(super) log: Option<String>,
    pub(super) timestamp: Option<String>,
    pub(super) algorithm: String,
    /// Its signature: `holds`, `fails` or `not_evaluated`.
    pub(super) state: &'static str,
    pub(super) reason: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ClientOut {
    /// `openssl` or `rustls`.
    pub(super) name: &'static str,
    /// Null: it can't be said.
    pub(super) accepts: Option<bool>,
    /// Rules for which it refuses, or might.
    pub(super) because: Vec<&'static str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FetchedOut {
    pub(super) url: String,
    /// Bytes; null if there was no answer.
    pub(super) length: Option<usize>,
    pub(super) error: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ClientAuth {
    pub(super) requested: bool,
    /// CAs that the server names; empty: any.
    pub(super) authorities: Vec<String>,
    /// Signature schemes that it accepts.
    pub(super) schemes: Vec<Code>,
    /// Which of that our certificate fits; empty if none was sent.
    pub(super) fits: Vec<FitOut>,
    /// Certificates sent; null if no Certificate message was.
    pub(super) sent: Option<usize>,
    /// `accepted`, `refused`, `unknown`, or null if it did not come to that.
    pub(super) outcome: Option<&'static str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct EchOut {
    /// Where the configuration is from: `grease` (there is none, nothing is hidden), `given`, `dns`, or `retry`: the server
    /// sent it when it rejected another one. Null in a capture of others, who may have sent GREASE.
    pub(super) source: Option<&'static str>,
    pub(super) config_id: u8,
    pub(super) kem: Option<Code>,
    pub(super) kdf: Code,
    pub(super) aead: Code,
    /// Of the configuration.
    pub(super) public_name: Option<String>,
    /// The server_name that observers see.
    pub(super) outer_name: Option<String>,
    /// The encrypted one.
    pub(super) inner_name: Option<String>,
    /// Whether the server used the inner ClientHello: `holds`, `fails` (rejected, or GREASE) or `not_evaluated`.
    pub(super) accepted: &'static str,
    pub(super) reason: Option<String>,
    /// `ECHConfigList` that the server sent, base64.
    pub(super) retry_configs: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FitOut {
    /// `authority`, `scheme`, `signature`, `type`, `usage` or `dates`.
    pub(super) id: &'static str,
    pub(super) state: &'static str,
    pub(super) reason: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FindingOut {
    pub(super) id: String,
    /// `info`, `warning` or `error`.
    pub(super) severity: &'static str,
    /// A headline of at most 60 columns.
    pub(super) title: String,
    /// What was seen, in a sentence.
    pub(super) what: String,
    /// Index in `connections`.
    pub(super) connection: usize,
    /// Who ended the connection, how and when, where the finding is about that.
    pub(super) who: Option<String>,
    pub(super) evidence: Vec<EvidenceOut>,
    /// Why, the likeliest first.
    pub(super) causes: Vec<CauseOut>,
    /// What it takes to mend it, in words.
    pub(super) need: Option<String>,
    /// The command to run next, a word each; empty if there is none.
    pub(super) remedy: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CauseOut {
    /// `certain`, `likely` or `possible`.
    pub(super) certainty: &'static str,
    pub(super) text: String,
}
