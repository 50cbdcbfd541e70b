//! The one loop: open → join → dissect → advance the keys with the facts just learnt.

mod clear;
mod hidden;
mod proving;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::capture::{Capture, Event, KeyLog, Limits, Secret};
use crate::crypto::record::Plain;
use crate::crypto::suite::Suite;
use crate::wire::Direction;
use crate::wire::codepoints::content_type::{
    ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, HEARTBEAT,
};
use crate::wire::codepoints::{AlertDescription, AlertLevel};
use crate::wire::dissector::MAX_LEAVES;
use crate::wire::facts::Facts;
use crate::wire::field::{Malformed, Wrong};
use crate::wire::handshake::{self, Dissected, types};
use crate::wire::sslv2;

use super::State;
use super::choices;
use super::decompress;
use super::flow::{Cut, Flow, SSLV2};
use super::join::{Completeness, Joined, Joiner};
use super::keys::Protection;
use super::message::{self, Form, Kind, Message, Origin};
use super::model::*;
use super::proofs::Transcript;
use super::protection;

/// A push machine: events and secrets go in as they come, a [`Trace`] comes out.
#[derive(Default)]
pub struct Fold {
    limits: Limits,
    /// Application data is kept, not only counted.
    keeps_data: bool,
    /// Signatures are not verified.
    passes_signatures: bool,
    secrets: KeyLog,
    /// Secrets of other sessions too, as far as they are not yet among ours.
    shared: Option<Arc<KeyLog>>,
    flows: [Flow; 2],
    lanes: [Lane; 2],
    /// Of the handshake that is going on, or was last.
    facts: Facts,
    /// What of them decides how the next message is read; shared by messages.
    reading: Arc<Facts>,
    transcript: Transcript,
    /// The same with the inner ClientHellos, as long as the server may accept ECH and they are known.
    inner_transcript: Option<Transcript>,
    /// `EncodedClientHelloInner` of the outer ClientHellos that are still to come.
    hidden: VecDeque<Vec<u8>>,
    /// One of its ClientHellos announced early data. After a HelloRetryRequest the second one does not any more.
    early_announced: bool,
    /// The handshake going on has a ServerHello that is no HelloRetryRequest.
    answered: bool,
    trace: Trace,
    /// Gaps that are known to follow in each direction. Where the next one is, the other direction's messages may not tell.
    gaps_ahead: [usize; 2],
    /// Records that wait for their keys, and those behind them: what is read, is read in the order
    /// in which it came, whenever its secret does.
    waiting: VecDeque<(Direction, usize, Cut)>,
    /// Leaves that the trees of all messages would have.
    fields: usize,
    proofs: usize,
    /// Records beyond the limit.
    records_dropped: u64,
    messages_dropped: u64,
    /// Records that could not wait any longer.
    records_given_up: u64,
    proofs_left_out: u64,
    trees_left_out: u64,
}

/// What is kept for one direction.
#[derive(Default)]
struct Lane {
    protection: Protection,
    joiner: Joiner,
    /// ChangeCipherSpecs that changed something.
    changes: u32,
    /// A ChangeCipherSpec came.
    changed: bool,
    /// The last record that was opened before TLS 1.3, with what stood around its content.
    opened: Option<(usize, Plain)>,
}

impl Trace {
    /// The trace of a capture: total, pure, whatever is in it.
    pub fn of(capture: &Capture) -> Trace {
        Fold::new(Limits::DEFAULT, capture.tls_from).all(capture)
    }

    /// The same without the signatures, which take most of the time: for views that verify nothing.
    pub fn seen(capture: &Capture) -> Trace {
        Fold { passes_signatures: true, ..Fold::new(Limits::DEFAULT, capture.tls_from) }.all(capture)
    }

    /// The same as [`Trace::of`] with the application data, as far as it was recorded and could be opened.
    pub fn with_data(capture: &Capture) -> Trace {
        Fold { keeps_data: true, ..Fold::new(Limits::DEFAULT, capture.tls_from) }.all(capture)
    }
}

impl Fold {
    fn all(mut self, capture: &Capture) -> Trace {
        let fold = &mut self;
        for secret in &capture.secrets.0 {
            fold.secret(secret);
        }
        fold.hidden = capture.ech.iter().flat_map(|ech| &ech.inner).cloned().collect();
        for event in &capture.events {
            if let Event::Gap { direction, .. } = event {
                fold.gaps_ahead[direction.index()] += 1;
            }
        }
        for event in &capture.events {
            fold.event(event);
        }
        let mut trace = self.finish();
        trace.limits_reached.extend(capture.limits_reached.iter().cloned());
        trace
    }

    /// A fold that has seen nothing; TLS starts at `tls_from` in each direction's bytes.
    pub fn new(limits: Limits, tls_from: [u64; 2]) -> Self {
        let mut fold = Fold { limits, ..Fold::default() };
        for (flow, skip) in fold.flows.iter_mut().zip(tls_from) {
            flow.skip = skip;
        }
        fold.flows[Direction::Client.index()].client = true;
        fold
    }

    /// Something happened on the wire.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Bytes { direction, at, bytes } => {
                self.flows[direction.index()].push(*at, bytes);
                while let Some(cut) = self.flows[direction.index()].next() {
                    self.record(*direction, cut);
                }
            }
            Event::Gap { direction, at, len } => {
                self.flows[direction.index()].gap(*at, *len);
                // The message that it is in has no end, and what follows is another place of the sequence.
                self.flush(*direction, *at);
                self.lanes[direction.index()].protection.skip();
                let ahead = &mut self.gaps_ahead[direction.index()];
                *ahead = ahead.saturating_sub(1);
                if self.trace.handshakes.last().is_none_or(|handshake| handshake.complete_at.is_none()) {
                    self.transcript.incomplete = true;
                }
            }
            Event::End { direction, at, how } => {
                self.flows[direction.index()].end.end.get_or_insert((*at, how.clone()));
            }
        }
    }

    /// A secret became known.
    pub fn secret(&mut self, secret: &Secret) {
        self.secrets.add(secret.clone());
        self.retry();
    }

    /// A key log that other connections share: each session's secrets are taken from it once its ClientHello came.
    pub fn key_log(&mut self, log: Arc<KeyLog>) {
        self.shared = Some(log);
    }

    /// No more will come.
    pub fn finish(mut self) -> Trace {
        for direction in Direction::BOTH {
            self.flows[direction.index()].close();
            while let Some(cut) = self.flows[direction.index()].next() {
                self.record(direction, cut);
            }
        }
        while let Some((direction, index, cut)) = self.waiting.pop_front() {
            if let Some(cut) = self.read(direction, index, cut) {
                self.sealed(direction, index, &cut, Why::NoSecret);
            }
        }
        for direction in Direction::BOTH {
            let at = self.flows[direction.index()].end.last_at.unwrap_or_default();
            self.flush(direction, at);
        }
        let mut trace = self.trace;
        for (lane, flow) in self.lanes.iter().zip(&self.flows) {
            trace.work += lane.protection.work;
            trace.work.moved += flow.moved + lane.joiner.moved;
        }
        trace.flows = self.flows.map(Flow::finish);
        if let Some(last) = trace.handshakes.last_mut() {
            last.facts = self.facts;
        }
        for number in 0..trace.handshakes.len() {
            let handshake = &trace.handshakes[number];
            let choices = choices::of(&trace, &handshake.client_hellos, &handshake.facts);
            trace.handshakes[number].choices = choices;
        }
        let limits = &self.limits;
        for (times, what) in [
            (self.records_dropped, format!("records beyond the first {} were only counted", limits.records)),
            (
                self.messages_dropped,
                format!("messages beyond the first {} were only counted", limits.messages),
            ),
            (
                self.records_given_up,
                format!("records were not opened: more than {} waited for keys", limits.waiting_records),
            ),
            (self.proofs_left_out, format!("proofs beyond the first {} were not verified", limits.proofs)),
            (
                self.trees_left_out,
                format!("messages are not dissected: there are more than {} fields", limits.fields),
            ),
        ] {
            if times > 0 {
                trace.limits_reached.push(format!("{times} {what}"));
            }
        }
        trace
    }

    fn record(&mut self, direction: Direction, cut: Cut) {
        if self.trace.records.len() >= self.limits.records {
            self.records_dropped += 1;
            return;
        }
        let index = self.trace.records.len();
        self.trace.records.push(Record {
            direction,
            first_at: cut.first_at,
            last_at: cut.last_at,
            offset: cut.offset,
            content_type: cut.header.content_type,
            legacy_version: cut.header.legacy_version,
            header: cut.header_len,
            length: cut.header.length,
            opened: Opened::Clear,
        });
        // Nothing overtakes a record that waits: the transcript has an order.
        let waits = if self.waiting.is_empty() { self.read(direction, index, cut) } else { Some(cut) };
        let Some(cut) = waits else { return };
        self.waiting.push_back((direction, index, cut));
        if self.waiting.len() > self.limits.waiting_records
            && let Some((direction, index, cut)) = self.waiting.pop_front()
        {
            self.records_given_up += 1;
            self.sealed(direction, index, &cut, Why::TooMany);
            self.retry();
        }
    }

    /// Reads a record, or gives it back if there is no secret for it (yet).
    fn read(&mut self, direction: Direction, index: usize, cut: Cut) -> Option<Cut> {
        if self.may_be_protected(direction, &cut) {
            let why = if self.facts.version.is_none() { Why::NotAgreed } else { Why::Missing };
            self.sealed(direction, index, &cut, why);
            return None;
        }
        self.change_unseen(direction, cut.header.content_type, cut.last_at);
        if !self.is_protected(direction, cut.header.content_type) {
            let plaintext = cut.fragment.clone();
            self.content(direction, index, &cut, Epoch::Clear, cut.header.content_type, &plaintext);
            return None;
        }
        match self.open(direction, &cut) {
            Ok((epoch, mut plain)) => {
                let content = std::mem::take(&mut plain.content);
                if matches!(epoch, Epoch::Changed(_)) {
                    self.lanes[direction.index()].opened = Some((index, plain));
                }
                self.opened(direction, index, &cut, epoch, content);
            }
            Err(Why::NoSecret) => return Some(cut),
            Err(why) => self.sealed(direction, index, &cut, why),
        }
        None
    }

    /// Reads what waits, as far as it can be read now, in the order in which it came.
    fn retry(&mut self) {
        while let Some((direction, index, cut)) = self.waiting.pop_front() {
            if let Some(cut) = self.read(direction, index, cut) {
                self.waiting.push_front((direction, index, cut));
                return;
            }
        }
    }

    /// Whether a record of this outer type is protected at this point.
    fn is_protected(&self, direction: Direction, content_type: u8) -> bool {
        let epoch = self.lanes[direction.index()].protection.epoch();
        match self.facts.version {
            // RFC 8446, section 5.2: protected records look like application data, others are clear.
            Some(version) if version.is_tls13() => content_type == APPLICATION_DATA && epoch != Epoch::Clear,
            Some(_) => epoch != Epoch::Clear,
            // Between the two hellos of a renegotiation the keys are those of the handshake before.
            None => {
                matches!(epoch, Epoch::Changed(_))
                    || (content_type == APPLICATION_DATA && epoch == Epoch::Early)
            }
        }
    }

    fn open(&mut self, direction: Direction, cut: &Cut) -> Result<(Epoch, Plain), Why> {
        // Besides the epoch in force: rejected early data, and alerts at a change of keys.
        let tls13 = self.facts.is_tls13();
        let early = direction == Direction::Client && self.early_announced;
        let before = self.lanes[direction.index()].protection.epoch() < Epoch::Application(0);
        let others = [
            (tls13 && early).then_some(Epoch::Early),
            tls13.then_some(Epoch::Handshake),
            (tls13 && before).then_some(Epoch::Application(0)),
        ];
        let protection = &mut self.lanes[direction.index()].protection;
        let others = others.into_iter().flatten();
        protection.open(direction, &self.facts, &self.secrets, others, cut.head, &cut.fragment)
    }

    fn opened(&mut self, direction: Direction, index: usize, cut: &Cut, epoch: Epoch, plaintext: Vec<u8>) {
        let (content_type, content, padding) = if matches!(epoch, Epoch::Changed(_)) {
            (cut.header.content_type, plaintext.as_slice(), 0)
        } else {
            // TLSInnerPlaintext (RFC 8446, section 5.2): content, type, zeros.
            let Some(end) = plaintext.iter().rposition(|byte| *byte != 0) else {
                self.sealed(direction, index, cut, Why::NoContentType);
                return;
            };
            (plaintext[end], &plaintext[..end], plaintext.len() - end - 1)
        };
        if epoch == Epoch::Handshake {
            self.opened_by_inner_secrets();
        }
        let length = content.len();
        self.trace.records[index].opened = Opened::Decrypted { epoch, content_type, length, padding };
        self.content(direction, index, cut, epoch, content_type, content);
    }

    fn sealed(&mut self, direction: Direction, index: usize, cut: &Cut, why: Why) {
        self.trace.records[index].opened = Opened::Sealed(why);
        self.transcript.incomplete = true;
        let epoch = match self.lanes[direction.index()].protection.epoch() {
            // The ChangeCipherSpec that it is behind was not seen, or not understood.
            Epoch::Clear => Epoch::Changed(1),
            epoch => epoch,
        };
        self.counted(direction, index, cut, epoch, Kind::Sealed, "encrypted record", cut.header.length);
    }

    /// A record's content is known.
    fn content(
        &mut self,
        direction: Direction,
        index: usize,
        cut: &Cut,
        epoch: Epoch,
        content_type: u8,
        content: &[u8],
    ) {
        if content_type == HANDSHAKE {
            self.lanes[direction.index()].joiner.push(index, cut.first_at, content);
            while let Some(joined) =
                self.lanes[direction.index()].joiner.next(self.limits.message_bytes, cut.last_at)
            {
                self.joined(direction, cut.last_at, epoch, joined);
            }
            return;
        }
        if content_type == SSLV2 {
            let origin = vec![Origin { record: index, range: 0..content.len() }];
            let (bytes, state) = (content.to_vec(), Completeness::Sslv2);
            let joined = Joined { bytes, origin, first_at: cut.first_at, state };
            self.joined(direction, cut.last_at, epoch, joined);
            return;
        }
        let kind = match (content_type, content) {
            (APPLICATION_DATA, _) => {
                let name = if epoch == Epoch::Early { "early data" } else { "application data" };
                self.counted(direction, index, cut, epoch, Kind::ApplicationData, name, content.len());
                self.keep(index, content);
                return;
            }
            (CHANGE_CIPHER_SPEC, _) => Kind::ChangeCipherSpec,
            (ALERT, [level, description]) => {
                Kind::Alert { level: AlertLevel(*level), description: AlertDescription(*description) }
            }
            (HEARTBEAT, _) => Kind::Heartbeat,
            (other, _) => Kind::Unknown(other),
        };
        let dissected = message::dissect(kind, content, false);
        let form = self.form(Form::Kind, dissected.leaves);
        self.add(Message {
            direction,
            first_at: cut.first_at,
            at: cut.last_at,
            kind,
            name: dissected.name,
            origin: vec![Origin { record: index, range: 0..content.len() }],
            epoch,
            bytes: content.to_vec(),
            length: content.len(),
            problem: dissected.problem,
            carried_problem: dissected.carried_problem,
            incomplete: None,
            derived: Vec::new(),
            handshake: 0,
            post_handshake: false,
            in_transcript: false,
            form,
        });
        if kind == Kind::ChangeCipherSpec {
            self.change_cipher_spec(direction, cut.last_at);
        }
    }

    /// Records whose content is only counted; a run of them is one message.
    #[allow(clippy::too_many_arguments, reason = "the parts of one record, used in two places")]
    fn counted(
        &mut self,
        direction: Direction,
        index: usize,
        cut: &Cut,
        epoch: Epoch,
        kind: Kind,
        name: &'static str,
        length: usize,
    ) {
        let origin = Origin { record: index, range: 0..length };
        if let Some(last) = self.trace.messages.last_mut()
            && last.direction == direction
            && last.kind == kind
            && last.epoch == epoch
        {
            last.at = cut.last_at;
            last.length += length;
            last.origin.push(origin);
            return;
        }
        self.add(Message {
            direction,
            first_at: cut.first_at,
            at: cut.last_at,
            kind,
            name: Cow::Borrowed(name),
            origin: vec![origin],
            epoch,
            bytes: Vec::new(),
            length,
            problem: None,
            carried_problem: None,
            incomplete: None,
            derived: Vec::new(),
            handshake: 0,
            post_handshake: false,
            in_transcript: false,
            form: Form::Kind,
        });
    }

    /// Keeps what the last message just had from a record, where that is asked for.
    fn keep(&mut self, record: usize, content: &[u8]) {
        let last = self.trace.messages.last_mut().filter(|_| self.keeps_data);
        let carried =
            |message: &&mut Message| message.origin.last().is_some_and(|last| last.record == record);
        if let Some(message) = last.filter(carried) {
            message.bytes.extend_from_slice(content);
        }
    }

    /// Adds a message and returns its index.
    fn add(&mut self, mut message: Message) -> Option<usize> {
        if self.trace.messages.len() >= self.limits.messages {
            self.messages_dropped += 1;
            return None;
        }
        message.handshake = self.trace.handshakes.len().saturating_sub(1);
        message.post_handshake = self.trace.handshakes.last().is_some_and(|h| h.complete_at.is_some());
        self.trace.messages.push(message);
        Some(self.trace.messages.len() - 1)
    }

    /// RFC 5246, section 7.1. In TLS 1.3 it means nothing (RFC 8446, appendix D.4), and before the
    /// ServerHello only a TLS 1.3 client sends one.
    fn change_cipher_spec(&mut self, direction: Direction, at: Duration) {
        self.lanes[direction.index()].changed = true;
        if self.facts.version.is_some_and(|version| !version.is_tls13()) {
            self.flush(direction, at);
            let lane = &mut self.lanes[direction.index()];
            lane.changes += 1;
            lane.protection.epoch = Some(Epoch::Changed(lane.changes));
        }
    }

    /// Handshake bytes that stay without their end.
    fn flush(&mut self, direction: Direction, at: Duration) {
        let epoch = self.lanes[direction.index()].protection.epoch();
        if let Some(joined) = self.lanes[direction.index()].joiner.rest(at) {
            self.joined(direction, at, epoch, joined);
        }
    }

    fn joined(&mut self, direction: Direction, at: Duration, epoch: Epoch, joined: Joined) {
        if self.trace.messages.len() >= self.limits.messages {
            self.messages_dropped += 1;
            return;
        }
        let message_type = joined.bytes.first().copied().unwrap_or_default();
        let whole = matches!(joined.state, Completeness::Whole | Completeness::Sslv2);
        let index = self.trace.messages.len();
        let begins = whole && message_type == types::CLIENT_HELLO && self.begins_handshake();
        if begins {
            self.begin_handshake(index);
        }
        // What is not whole must not settle anything.
        let mut facts = self.facts;
        facts.at = (index, false);
        let kind = match joined.state {
            Completeness::Behind => Kind::Unknown(HANDSHAKE),
            _ => Kind::Handshake(message_type),
        };
        let (dissected, form) = match joined.state {
            Completeness::Behind => (message::dissect(kind, &joined.bytes, false), Form::Kind),
            Completeness::Sslv2 => {
                (sslv2::dissect_client_hello(&joined.bytes, &mut facts, false), Form::Sslv2)
            }
            _ => {
                let before = self.reading();
                (handshake::dissect(&joined.bytes, direction, &mut facts, false), Form::Handshake(before))
            }
        };
        let form = self.form(form, dissected.leaves);
        let (incomplete, problem) = match joined.state {
            Completeness::Whole | Completeness::Sslv2 => (None, dissected.problem),
            Completeness::Cut(announced) => (Some(announced.unwrap_or(4)), None),
            Completeness::Overlong(announced) => (
                Some(announced),
                Some(Malformed {
                    field: "length",
                    offset: 1,
                    kind: Wrong::TooLong { limit: self.limits.message_bytes },
                }),
            ),
            Completeness::Behind => (None, dissected.problem),
        };
        let mut message = Message {
            direction,
            first_at: joined.first_at,
            at,
            kind,
            name: dissected.name,
            origin: joined.origin,
            epoch,
            length: joined.bytes.len(),
            bytes: joined.bytes,
            problem,
            carried_problem: dissected.carried_problem.filter(|_| incomplete.is_none()),
            incomplete,
            derived: Vec::new(),
            handshake: 0,
            post_handshake: false,
            in_transcript: false,
            form,
        };
        if whole {
            if let Some((algorithm, length, span)) = facts.compressed.take() {
                let compressed = message.bytes.get(span.range()).unwrap_or_default();
                match decompress::certificate(algorithm, compressed, length, self.limits.decompressed_bytes) {
                    Ok(bytes) => {
                        facts.at = (index, true);
                        let form = Form::Certificate(Arc::new(facts.for_reading()));
                        let dissected =
                            handshake::dissect_certificate_body(&bytes, direction, &mut facts, false);
                        let form = self.form(form, dissected.leaves);
                        let derived = derived(&message, types::CERTIFICATE, bytes, dissected, form);
                        message.derived.push(derived);
                    }
                    Err(kind) => {
                        message.problem.get_or_insert(Malformed {
                            field: "compressed_certificate_message",
                            offset: span.start,
                            kind,
                        });
                    }
                }
            }
            if message_type == types::FINISHED
                && self.facts.suite().is_some_and(|suite| !suite.is_aead())
                && let Some((record, plain)) = &self.lanes[direction.index()].opened
                && matches!(&message.origin[..], [origin] if origin.record == *record)
            {
                let encrypted_first = self.facts.encrypt_then_mac;
                message.derived.push(protection::of_finished(&message, plain, encrypted_first));
            }
            if self.is_unasked(direction, message_type) {
                self.add(message);
                return;
            }
            if message_type == types::CLIENT_HELLO
                && let Some(outer) = facts.client.filter(|client| client.ech.is_some())
            {
                self.outer_hello(index, &mut message, outer);
            }
            let before = self.facts;
            self.facts = facts;
            if self.add(message).is_some() {
                self.advance(direction, message_type, index, at, &before);
            }
        } else {
            self.transcript.incomplete = true;
            self.add(message);
        }
    }

    /// The form of a message whose tree has so many leaves; one leaf when there are too many fields already.
    fn form(&mut self, form: Form, leaves: usize) -> Form {
        if self.fields >= self.limits.fields {
            self.trees_left_out += 1;
            return Form::Leaf;
        }
        self.fields += leaves.min(MAX_LEAVES);
        form
    }

    /// What decides how the next message is read. Floods of messages that change nothing share one copy.
    fn reading(&mut self) -> Arc<Facts> {
        let now = self.facts.for_reading();
        if *self.reading != now {
            self.reading = Arc::new(now);
        }
        Arc::clone(&self.reading)
    }

    /// What a server says of itself once the handshake is complete, and no ClientHello began another one, settles
    /// nothing: what the handshake was completed with stays.
    fn is_unasked(&self, direction: Direction, message_type: u8) -> bool {
        const OF_ITSELF: [u8; 6] = [
            types::SERVER_HELLO,
            types::ENCRYPTED_EXTENSIONS,
            types::CERTIFICATE,
            types::COMPRESSED_CERTIFICATE,
            types::SERVER_KEY_EXCHANGE,
            types::CERTIFICATE_STATUS,
        ];
        let complete = self.trace.handshakes.last().is_some_and(|last| last.complete_at.is_some());
        complete && direction == Direction::Server && OF_ITSELF.contains(&message_type)
    }

    /// A ClientHello begins a handshake unless it answers a HelloRetryRequest.
    fn begins_handshake(&self) -> bool {
        match self.trace.handshakes.last() {
            None => true,
            Some(current) => current.complete_at.is_some() || self.answered,
        }
    }

    fn begin_handshake(&mut self, first_message: usize) {
        if let Some(last) = self.trace.handshakes.last_mut() {
            last.facts = self.facts;
        }
        self.facts = Facts::default();
        self.answered = false;
        self.early_announced = false;
        self.transcript = Transcript::default();
        self.inner_transcript = None;
        self.trace.handshakes.push(Handshake { first_message, ..Handshake::default() });
    }

    /// What a whole message changes: proofs, transcript, keys.
    fn advance(
        &mut self,
        direction: Direction,
        message_type: u8,
        index: usize,
        at: Duration,
        before: &Facts,
    ) {
        let tls13 = self.facts.is_tls13();
        let complete = self.trace.handshakes.last().is_some_and(|h| h.complete_at.is_some());
        // A sender may update its keys once its own Finished is out (RFC 8446, section 4.6.3).
        if tls13
            && message_type == types::KEY_UPDATE
            && let Epoch::Application(updates) = self.lanes[direction.index()].protection.epoch()
        {
            self.enter(direction, Epoch::Application(updates + 1), at);
        }
        if complete && tls13 {
            return;
        }
        self.prove(direction, message_type, index);
        if message_type == types::ENCRYPTED_EXTENSIONS && self.facts.ech_retry_configs.is_some() {
            self.decide(State::Fails("the server sent retry_configs in EncryptedExtensions".into()));
        }
        let retry = self.facts.retry.is_some() && before.retry.is_none();
        if message_type == types::SERVER_HELLO {
            self.answered = !retry;
            self.answer_to_ech(index, retry);
            if let Some(suite) = self.facts.cipher_suite.and_then(Suite::of).filter(|_| retry) {
                self.transcript.replace_by_hash(suite.hash);
            }
        }
        // HelloRequest is no part of it (RFC 5246, section 7.4.1.1), nor is what follows the
        // handshake or a server's early ticket in TLS 1.3.
        let post = tls13 && matches!(message_type, types::NEW_SESSION_TICKET | types::KEY_UPDATE);
        if message_type != types::HELLO_REQUEST && !post {
            let message = &mut self.trace.messages[index];
            message.in_transcript = true;
            self.transcript.push(&message.bytes);
        }
        match (message_type, tls13) {
            (types::CLIENT_HELLO, _) => {
                if let (Some(client), Some(handshake)) = (self.facts.client, self.trace.handshakes.last_mut())
                {
                    if let Some(shared) = &self.shared {
                        let inner = handshake.ech.iter().flat_map(|ech| &ech.inner);
                        for random in inner.chain([&client]).map(|hello| hello.random) {
                            shared.of(&random).iter().for_each(|secret| self.secrets.add(secret.clone()));
                        }
                    }
                    handshake.client_hellos.push(client);
                    if client.early_data {
                        self.early_announced = true;
                        self.enter(Direction::Client, Epoch::Early, at);
                    }
                }
            }
            (types::SERVER_HELLO, true) if !retry => {
                self.enter(Direction::Server, Epoch::Handshake, at);
                if self.lanes[0].protection.epoch() != Epoch::Early {
                    self.enter(Direction::Client, Epoch::Handshake, at);
                }
            }
            (types::ENCRYPTED_EXTENSIONS, true) if !self.facts.early_data_accepted => {
                self.enter(Direction::Client, Epoch::Handshake, at);
            }
            (types::END_OF_EARLY_DATA, true) => self.enter(Direction::Client, Epoch::Handshake, at),
            (types::FINISHED, _) => self.finished(direction, tls13, at),
            _ => {}
        }
    }

    fn finished(&mut self, direction: Direction, tls13: bool, at: Duration) {
        if tls13 {
            self.enter(direction, Epoch::Application(0), at);
        }
        if let Some(handshake) = self.trace.handshakes.last_mut() {
            handshake.finished[direction.index()] = true;
            if handshake.finished == [true, true] {
                handshake.complete_at.get_or_insert(at);
            }
        }
    }

    fn enter(&mut self, direction: Direction, epoch: Epoch, at: Duration) {
        if self.lanes[direction.index()].protection.epoch() != epoch {
            self.flush(direction, at);
            self.lanes[direction.index()].protection.epoch = Some(epoch);
        }
    }
}

/// A handshake message that `of` has in another form.
fn derived(of: &Message, message_type: u8, bytes: Vec<u8>, dissected: Dissected, form: Form) -> Message {
    Message {
        direction: of.direction,
        first_at: of.first_at,
        at: of.at,
        kind: Kind::Handshake(message_type),
        name: dissected.name,
        origin: Vec::new(),
        epoch: of.epoch,
        length: bytes.len(),
        bytes,
        problem: dissected.problem,
        carried_problem: dissected.carried_problem,
        incomplete: None,
        derived: Vec::new(),
        handshake: of.handshake,
        post_handshake: of.post_handshake,
        in_transcript: false,
        form,
    }
}
