//! `read --stream N --data -o FILE`: what was said on a connection, as it was.

use super::outputs::Outputs;
use super::say::say;
use crate::capture::Question;
use crate::finding::summary::counted;
use crate::judged::Judged;
use crate::run::Sink;
use crate::trace::{Kind, Opened};
use crate::wire::codepoints::content_type::APPLICATION_DATA;

/// Writes the application data of both directions, in the order in which it was sent.
pub(super) struct Raw {
    outputs: Outputs,
}

impl Raw {
    pub(super) fn new(outputs: Outputs) -> Self {
        Raw { outputs }
    }

    /// All was written.
    pub(super) fn end(self) -> Result<(), String> {
        self.outputs.end()
    }
}

impl Sink for Raw {
    fn connection(&mut self, judged: &Judged, _: &Question) -> Result<(), String> {
        let trace = &judged.trace;
        let mut messages: Vec<_> =
            trace.messages.iter().filter(|message| message.kind == Kind::ApplicationData).collect();
        messages.sort_by_key(|message| message.at);
        for message in &messages {
            self.outputs.say(|_, out| out.write_all(&message.bytes));
        }
        let mut sealed = trace.records.iter().filter_map(|record| match record.opened {
            Opened::Sealed(why) if record.content_type == APPLICATION_DATA => Some(why),
            _ => None,
        });
        if let Some(why) = sealed.next() {
            let count = counted(sealed.count() + 1, "encrypted record");
            say(&format!("warning: {count} not decrypted: {}", why.text()));
        } else if judged
            .capture
            .steps
            .iter()
            .any(|step| matches!(step.what, crate::capture::StepKind::Quic(_)))
        {
            say("warning: no application data: of QUIC the Initial packets alone are decrypted");
        } else if messages.is_empty() {
            say("warning: there is no application data in this connection");
        }
        let lost = trace.flows.iter().map(|flow| flow.lost.len()).sum::<usize>();
        if lost > 0 {
            say(&format!("warning: bytes are missing in {}", counted(lost, "place")));
        }
        for limit in judged.capture.limits_reached.iter().chain(&trace.limits_reached) {
            say(&format!("warning: {limit}"));
        }
        Ok(())
    }
}
