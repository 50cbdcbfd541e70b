//! The judge with what it needs from outside: the anchors that matter, and what may be fetched.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

use super::{Cancel, Inquiry};
use crate::capture::{Anchor, Candidates, Capture, Fetched, Question, Stopped, What};
use crate::inquiry::{self, Need};
use crate::judged::{Earlier, Judge, Judged, Originals};
use crate::trace::Trace;
use crate::trust::Anchors;
use crate::wire::Direction;

/// More missing issuers than that make no sensible chain.
const MOST_ISSUERS: usize = 4;

/// Responders and lists that are asked about one certificate, one after the other.
const MOST_SOURCES: usize = 8;

/// What is asked at the same time.
const AT_ONCE: usize = 8;

pub(super) struct Judging {
    judge: Judge,
    anchors: Anchors,
    inquiry: Inquiry,
    /// What resumed connections of a capture stand on.
    originals: Option<Originals>,
    /// The captures have their anchors already.
    saved: bool,
}

impl Judging {
    pub(super) fn new(mut judge: Judge, anchors: Anchors, inquiry: Inquiry, saved: bool) -> Judging {
        if !saved {
            judge.question.stores = anchors.names();
        }
        Judging { judge, anchors, inquiry, originals: None, saved }
    }

    /// The same for connections that others made: each may resume the session of any before it.
    pub(super) fn of_captured(self) -> Judging {
        Judging { judge: self.judge.remembering(), originals: Some(Originals::default()), ..self }
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

    /// Judges a capture, with what may be fetched for it. `trace` is what it shows, where that is known.
    pub(super) async fn judge(
        &mut self,
        capture: Capture,
        trace: Option<Trace>,
        earlier: Option<&Judged>,
        cancel: &Cancel,
    ) -> Judged {
        let trace = trace.unwrap_or_else(|| self.judge.trace(&capture));
        let Some(originals) = &self.originals else {
            let earlier = earlier.and_then(|earlier| Earlier::before(&trace, earlier, self.question()));
            return self.judge_upon(capture, trace, earlier.as_ref(), cancel).await;
        };
        let earlier = originals.find(&capture, &trace);
        let judged = self.judge_upon(capture, trace, earlier.as_ref(), cancel).await;
        if let Some(originals) = &mut self.originals {
            originals.remember(&judged, &self.judge.question, earlier.as_ref());
        }
        judged
    }

    /// The same for one that stands on `earlier` if it has no certificate.
    async fn judge_upon(
        &mut self,
        capture: Capture,
        trace: Trace,
        earlier: Option<&Earlier>,
        cancel: &Cancel,
    ) -> Judged {
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
            for _ in 0..MOST_SOURCES {
                let needs = inquiry::statuses(&judged);
                match self.fetch(judged, needs, earlier, cancel).await {
                    Ok(with_more) => judged = with_more,
                    Err(as_it_was) => {
                        judged = as_it_was;
                        break;
                    }
                }
            }
        }
        // Who interrupts a run is told so, whatever it was about to say. What others made is not interrupted by that.
        if let (Some(signal), None, None) = (cancel.signal(), judged.capture.stopped, &self.originals) {
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
        earlier: Option<&Earlier>,
        cancel: &Cancel,
    ) -> Result<Judged, Judged> {
        if needs.is_empty() {
            return Err(judged);
        }
        let mut needs = needs.into_iter().peekable();
        while needs.peek().is_some() {
            let mut asked = Vec::new();
            for need in needs.by_ref().take(AT_ONCE) {
                asked.push(ask(need, cancel).await);
            }
            for answer in asked {
                judged.capture.evidence.extend(answer.fetched(cancel).await);
            }
        }
        Ok(self.with_anchors(judged.capture, judged.trace, earlier))
    }

    /// Finds the anchors that matter and judges. The system's store is read only if the others don't suffice.
    fn with_anchors(&mut self, mut capture: Capture, trace: Trace, earlier: Option<&Earlier>) -> Judged {
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

/// Something that was asked for.
struct Asked {
    need: Need,
    /// The answer that will come, or why none will.
    answer: Result<oneshot::Receiver<Vec<Fetched>>, String>,
}

/// In a thread of its own, as soon as there is room for one: a resolver that hangs can't be ended, only left behind.
async fn ask(need: Need, cancel: &Cancel) -> Asked {
    let room = cancel.over(inquiry::room()).await;
    let (Ok(room), None) = (room, cancel.stopped()) else {
        return Asked { need, answer: Err("not asked: the run was ended before that".into()) };
    };
    let until = cancel.deadline().unwrap_or_else(|| Instant::now() + inquiry::TIME);
    let (asked, (tell, told)) = (need.clone(), oneshot::channel());
    let thread = std::thread::Builder::new().name("inquiry".into());
    let spawned = thread.spawn(move || {
        let _room = room;
        // Nobody listens any more if the run was ended.
        let _ = tell.send(asked.fetch(until));
    });
    Asked { need, answer: spawned.map(|_| told).map_err(|e| format!("no thread for it: {e}")) }
}

impl Asked {
    async fn fetched(self, cancel: &Cancel) -> Vec<Fetched> {
        let why = match self.answer {
            Err(why) => why,
            Ok(told) => match cancel.over(told).await {
                Ok(Ok(fetched)) => return fetched,
                Ok(Err(_)) => "the request ended without an answer".into(),
                Err(Stopped::MaxTime) => "no complete answer within --max-time".into(),
                Err(_) => "interrupted".into(),
            },
        };
        vec![self.need.failed(why)]
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// However many targets want something, so many threads ask and no more.
    #[test]
    fn what_is_asked_at_the_same_time_is_bounded_over_all_targets() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counts = (open.clone(), most.clone());
        std::thread::spawn(move || {
            for tcp in listener.incoming() {
                let (Ok(mut tcp), (open, most)) = (tcp, counts.clone()) else { continue };
                std::thread::spawn(move || {
                    most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let _ = tcp.read(&mut [0; 1024]);
                    std::thread::sleep(Duration::from_millis(100));
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        let runtime = crate::run::runtime().unwrap();
        let local = tokio::task::LocalSet::new();
        for _ in 0..3 * inquiry::MOST {
            let need = Need::issuer_from(&url);
            local.spawn_local(async move {
                let cancel = Cancel::never();
                let fetched = ask(need, &cancel).await.fetched(&cancel).await;
                assert!(fetched[0].error.is_some(), "it got no answer");
            });
        }
        runtime.block_on(local);
        let most = most.load(Ordering::SeqCst);
        assert!((2..=inquiry::MOST).contains(&most), "{most}");
    }
}
