//! What a message proves, checked when it comes: over the transcript before it.

use super::{Flow, Fold, Proof, Proven, State, Trace};
use crate::trace::proofs::Context;
use crate::wire::Direction;
use crate::wire::handshake::{self, types};

impl Fold {
    /// Checks what this message proves, over the transcript before it.
    pub(super) fn prove(&mut self, direction: Direction, message_type: u8, index: usize) {
        let unfinished = |side: &Direction| self.facts.finished[side.index()].is_none();
        let ahead = Direction::BOTH.iter().any(|side| self.gaps_ahead[side.index()] > 0 && unfinished(side));
        self.transcript.incomplete |= ahead || self.flows.iter().any(Flow::is_lost);
        if !matches!(message_type, types::FINISHED | types::CERTIFICATE_VERIFY | types::SERVER_KEY_EXCHANGE) {
            return;
        }
        if self.passes_signatures && message_type != types::FINISHED {
            return;
        }
        // Each one is computed over all that came before it.
        if self.proofs >= self.limits.proofs {
            self.proofs_left_out += 1;
            return;
        }
        self.proofs += 1;
        self.trace.work.hashed += self.transcript.bytes().len() as u64;
        let facts = &self.facts;
        let context = Context { facts, secrets: &self.secrets, transcript: &self.transcript };
        let chain = |trace: &Trace| -> Option<Vec<u8>> {
            let list = facts.certificates_of(direction)?;
            let bytes = trace.bytes(list.list);
            let first = handshake::certificate::entries(bytes, list.tls13).next()?;
            bytes.get(first).map(<[u8]>::to_vec)
        };
        let client = direction == Direction::Client;
        let (what, state, scheme) = match message_type {
            types::FINISHED => {
                let Some(verify_data) = facts.finished[direction.index()] else { return };
                let what = if client { Proven::ClientFinished } else { Proven::ServerFinished };
                (what, context.finished(direction, self.trace.bytes(verify_data)), None)
            }
            types::CERTIFICATE_VERIFY => {
                let Some(verify) = facts.certificate_verify[direction.index()] else { return };
                let what =
                    if client { Proven::ClientCertificateVerify } else { Proven::ServerCertificateVerify };
                let leaf = chain(&self.trace);
                let signature = self.trace.bytes(verify.signature);
                let state = context.certificate_verify(direction, leaf.as_deref(), verify.scheme, signature);
                (what, state, verify.scheme)
            }
            types::SERVER_KEY_EXCHANGE => {
                let Some((params, Some(signed))) = facts.server_key_exchange else { return };
                let leaf = chain(&self.trace);
                let (params, signature) = (self.trace.bytes(params), self.trace.bytes(signed.signature));
                let state = context.server_key_exchange(leaf.as_deref(), signed.scheme, params, signature);
                (Proven::ServerKeyExchange, state, signed.scheme)
            }
            _ => return,
        };
        // It is over the outer ClientHello, then, unless the inner one is what was hashed.
        if what == Proven::ServerFinished
            && state.holds()
            && let Some(ech) = self.trace.handshakes.last().and_then(|handshake| handshake.ech.as_ref())
            && !ech.accepted.holds()
        {
            self.decide(State::Fails("the server's Finished is over the outer ClientHello".into()));
        }
        if let Some(handshake) = self.trace.handshakes.last_mut() {
            handshake.proofs.push(Proof { what, message: index, state, scheme });
        }
    }
}
