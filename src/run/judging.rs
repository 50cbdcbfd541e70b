//! The judge with what it needs from outside: the anchors that matter, and what may be fetched.

use std::sync::Arc;
use std::time::Instant;

use super::{Cancel, Inquiry};
use crate::capture::{Anchor, Candidates, Capture, Fetched, Question, Stopped, What};
use crate::inquiry::{self, Need};
use crate::judged::{Judge, Judged};
use crate::trace::Trace;
use crate::trust::Anchors;
use crate::wire::Direction;

/// More missing issuers than that make no sensible chain.
const MOST_ISSUERS: usize = 4;

pub(super) struct Judging {
    judge: Judge,
    anchors: Anchors,
    inquiry: Inquiry,
    /// The captures have their anchors already.
    saved: bool,
}

impl Judging {
    pub(super) fn new(mut judge: Judge, anchors: Anchors, inquiry: Inquiry, saved: bool) -> Judging {
        if !saved {
            judge.question.stores = anchors.names();
        }
        Judging { judge, anchors, inquiry, saved }
    }

    /// All anchors, for an engine that enforces.
    pub(super) fn anchors(&self) -> Arc<[Anchor]> {
        self.anchors.all().into()
    }

    pub(super) fn question(&self) -> &Question {
        &self.judge.question
    }

    pub(super) fn into_question(self) -> Question {
        self.judge.question
    }

    /// Judges a capture, with what may be fetched for it.
    pub(super) async fn judge(
        &mut self,
        capture: Capture,
        earlier: Option<&Judged>,
        cancel: &Cancel,
    ) -> Judged {
        let trace = Trace::of(&capture);
        if self.saved {
            return self.judge.judge_traced(capture, trace, earlier);
        }
        let mut judged = self.with_anchors(capture, trace, earlier);
        if self.inquiry.issuers {
            for _ in 0..MOST_ISSUERS {
                let needs: Vec<_> = inquiry::issuer(&judged).into_iter().collect();
                match self.fetch(judged, needs, earlier, cancel).await {
                    Ok(with_more) => judged = with_more,
                    Err(as_it_was) => {
                        judged = as_it_was;
                        break;
                    }
                }
            }
        }
        if self.inquiry.revocation {
            let needs = inquiry::statuses(&judged);
            judged = self.fetch(judged, needs, earlier, cancel).await.unwrap_or_else(|as_it_was| as_it_was);
        }
        // Who interrupts a run is told so, whatever it was about to say.
        if let (Some(signal), None) = (cancel.signal(), judged.capture.stopped) {
            judged.capture.stopped = Some(signal);
            judged = self.judge.judge_traced(judged.capture, judged.trace, earlier);
        }
        judged
    }

    /// Fetches and judges again; what it was if there is nothing to be fetched.
    async fn fetch(
        &mut self,
        mut judged: Judged,
        needs: Vec<Need>,
        earlier: Option<&Judged>,
        cancel: &Cancel,
    ) -> Result<Judged, Judged> {
        if needs.is_empty() {
            return Err(judged);
        }
        for need in needs {
            let fetched = fetch(need, cancel).await;
            judged.capture.evidence.extend(fetched);
        }
        Ok(self.with_anchors(judged.capture, judged.trace, earlier))
    }

    /// Finds the anchors that matter and judges. The system's store is read only if the others don't suffice.
    fn with_anchors(&mut self, mut capture: Capture, trace: Trace, earlier: Option<&Judged>) -> Judged {
        capture.candidates = self.candidates(&capture, &trace);
        let judged = self.judge.judge_traced(capture, trace, earlier);
        let lacking = judged.judgement.as_ref().is_some_and(|judgement| judgement.path.is_none());
        if !lacking || !self.anchors.read_rest() {
            return judged;
        }
        self.judge.question.stores = self.anchors.names();
        let Judged { mut capture, trace, .. } = judged;
        capture.candidates = self.candidates(&capture, &trace);
        self.judge.judge_traced(capture, trace, earlier)
    }

    fn candidates(&self, capture: &Capture, trace: &Trace) -> Vec<Candidates> {
        let mut chain = trace.chain(0, Direction::Server);
        chain.extend(capture.given.iter().map(Vec::as_slice));
        let issuers = capture.evidence.iter().filter(|fetched| fetched.what == What::Issuer);
        chain.extend(issuers.map(|fetched| fetched.bytes.as_slice()));
        let stores = self.anchors.candidates(&chain).into_iter().enumerate();
        let read = stores.filter(|(_, store)| !store.unread);
        read.map(|(place, store)| Candidates { store: place, anchors: store.candidates }).collect()
    }
}

/// In a thread of its own: a resolver that hangs can't be ended, only left behind.
async fn fetch(need: Need, cancel: &Cancel) -> Vec<Fetched> {
    let left_out = |why: &str| vec![need.failed(why.to_owned())];
    if cancel.stopped().is_some() {
        return left_out("not asked: the run was ended before");
    }
    let until = cancel.deadline();
    let (asked, (tell, told)) = (need.clone(), tokio::sync::oneshot::channel());
    let thread = std::thread::Builder::new().name("inquiry".into());
    let spawned = thread.spawn(move || {
        // Nobody listens any more if the run was ended.
        let _ = tell.send(asked.fetch(until.unwrap_or_else(|| Instant::now() + inquiry::TIME)));
    });
    if let Err(e) = spawned {
        return left_out(&format!("no thread for it: {e}"));
    }
    match cancel.over(told).await {
        Ok(fetched) => fetched.unwrap_or_else(|_| left_out("the inquiry ended without an answer")),
        Err(Stopped::MaxTime) => left_out("no complete answer before --max-time was over"),
        Err(_) => left_out("interrupted"),
    }
}
