//! A dialogue as steps of the timeline.

use std::time::{Duration, Instant};

use crate::capture::{Dialogue, Limits, Said, Step, StepKind};
use crate::wire::Direction;
use crate::wire::text::escape_bytes;

/// What was said in all dialogues of a connection, as it is said: nothing is lost when a dialogue is cut off.
#[derive(Debug)]
pub struct Transcript {
    /// None of a recording: what is said there has its time.
    began: Option<Instant>,
    steps: Vec<Step>,
    /// The step that a dialogue began with, while it lasts.
    open: Option<usize>,
    /// The step that was said last.
    last: Option<usize>,
    /// A line of it that has not ended.
    line: Vec<u8>,
    /// Its words were given: its bytes are not shown.
    meant: bool,
}

impl Transcript {
    /// An empty one, whose times count from `began`.
    pub fn new(began: Instant) -> Transcript {
        Transcript { began: Some(began), ..Transcript::of_recording() }
    }

    /// An empty one of a recording.
    pub(super) fn of_recording() -> Transcript {
        Transcript { began: None, steps: Vec::new(), open: None, last: None, line: Vec::new(), meant: false }
    }

    pub(super) fn now(&self) -> Duration {
        self.began.map(|began| began.elapsed()).unwrap_or_default()
    }

    /// A dialogue begins.
    pub(super) fn begin(&mut self, protocol: &str, at: Duration) {
        self.close();
        let what = StepKind::Preamble { protocol: protocol.to_owned(), outcome: Dialogue::Unfinished };
        self.open = Some(self.steps.len());
        self.steps.push(Step { at, took: Duration::ZERO, what });
    }

    /// The dialogue has ended.
    pub(super) fn end(&mut self, ended: Dialogue, at: Duration) {
        self.close();
        let open = self.open.take().and_then(|place| self.steps.get_mut(place));
        if let Some(step) = open {
            step.took = at.saturating_sub(step.at);
            if let StepKind::Preamble { outcome, .. } = &mut step.what {
                *outcome = ended;
            }
        }
    }

    /// So many bytes came behind the go-ahead of the last dialogue.
    pub(super) fn injected(&mut self, protocol: &str, at: Duration, bytes: &[u8], count: u64) {
        self.said(protocol, Direction::Server, at, bytes);
        self.close();
        let last = self.steps.iter_mut().rev().find_map(|step| match &mut step.what {
            StepKind::Preamble { outcome: Dialogue::Agreed { injected }, .. } => Some(injected),
            _ => None,
        });
        if let Some(injected) = last {
            *injected = count;
        }
    }

    /// What another one has, behind what is here.
    pub(super) fn extend(&mut self, other: Transcript) {
        self.close();
        self.steps.extend(other.into_steps(Duration::ZERO));
    }

    /// One side's next bytes. Those of one turn are one step, with a line each.
    pub(super) fn said(&mut self, protocol: &str, direction: Direction, at: Duration, bytes: &[u8]) {
        let same = match self.last.and_then(|last| self.steps.get(last)).map(|step| &step.what) {
            Some(StepKind::Said(said)) => said.direction == direction && !self.meant,
            _ => false,
        };
        if !same {
            self.close();
            if self.steps.len() >= 2 * Limits::DEFAULT.preamble_turns {
                return;
            }
            let protocol = protocol.to_owned();
            let what = StepKind::Said(Said { protocol, direction, lines: Vec::new(), left_out: 0 });
            self.last = Some(self.steps.len());
            self.steps.push(Step { at, took: Duration::ZERO, what });
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            // Escaped, a byte has one column at least.
            let room = (2 * Limits::DEFAULT.preamble_line).saturating_sub(self.line.len());
            self.line.extend(piece.iter().take(room));
            if piece.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    /// What was said last means this.
    pub(super) fn means(&mut self, words: String) {
        self.line.clear();
        let last = self.last.and_then(|last| self.steps.get_mut(last));
        if let Some(StepKind::Said(said)) = last.map(|step| &mut step.what) {
            said.lines = vec![words];
            said.left_out = 0;
        }
        self.meant = true;
    }

    /// The last step is complete.
    fn close(&mut self) {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.last = None;
        self.meant = false;
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let limits = Limits::DEFAULT;
        let last = self.last.and_then(|last| self.steps.get_mut(last));
        let Some(StepKind::Said(said)) = last.map(|step| &mut step.what) else { return };
        if said.lines.len() >= limits.preamble_lines {
            said.left_out += 1;
            return;
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        said.lines.push(crate::wire::text::cut(&escape_bytes(line), limits.preamble_line, "…"));
    }

    /// The steps; a dialogue that has not ended was cut off at `now`.
    pub fn into_steps(mut self, now: Duration) -> Vec<Step> {
        if self.open.is_some() {
            self.end(Dialogue::Unfinished, now);
        }
        self.close();
        self.steps
    }
}
