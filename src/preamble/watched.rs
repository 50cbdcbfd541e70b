//! Dialogues in a recording of a connection that others made.

use std::ops::Range;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::talk::{Carrier, Talk};
use super::{Ask, Kind, Preamble, ROWS, Stop, Transcript};
use crate::capture::{Dialogue, Event, Limits, Step};
use crate::wire::Direction;
use crate::wire::record::{Ahead, Header};

/// What was said before TLS.
#[derive(Debug, Clone)]
pub struct Recognised {
    pub steps: Vec<Step>,
    /// Where TLS begins in each direction's bytes.
    pub tls_from: [u64; 2],
    /// Where the client's bytes are secret.
    pub secrets: Vec<Range<u64>>,
}

/// Dialogues that may follow each other: through a proxy, behind a PROXY protocol header, STARTTLS.
const MOST: usize = 4;

/// The dialogues that `events` begin with; None if they are none that we know. `heuristic` is where the bytes look like
/// the beginning of TLS, in each direction.
pub fn recognise(events: &[Event], heuristic: [u64; 2]) -> Option<Recognised> {
    let told = Direction::BOTH.map(|direction| Told::of(events, direction));
    let mut at = [0, 0];
    let mut transcript = Transcript::of_recording();
    let mut secrets = Vec::new();
    let mut row: Option<&Preamble> = None;
    for _ in 0..MOST {
        let only_server = begins_tls(told[0].bytes.get(at[0]..).unwrap_or_default());
        // A client that begins with TLS says nothing more before it. Its server may have spoken first (NATS); behind
        // a server's go-ahead that would be injected.
        if only_server && row.is_some_and(|row| row.kind != Kind::Proxy) {
            break;
        }
        let found = ROWS.iter().find_map(|row| {
            let mut own = Transcript::of_recording();
            own.begin(row.name, told[0].at(at[0]).min(told[1].at(at[1])));
            let sides = Sides { told: &told, at, secrets: Vec::new() };
            let mut talk = Talk::new(row, Carrier::Watched(sides), &mut own);
            let ask = Ask::default();
            let mut running = (row.script)(&mut talk, &ask);
            let ended = running.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            drop(running);
            let (Poll::Ready(Ok(())), Carrier::Watched(sides)) = (ended, talk.carrier) else { return None };
            let (behind, more) = (sides.at, sides.secrets);
            let until = |side: usize| told[side].at(behind[side].saturating_sub(1));
            own.end(Dialogue::Agreed { injected: 0 }, until(0).max(until(1)));
            // What came behind the ClientHello is an answer to it.
            let fits = !only_server || behind[0] == at[0] && until(1) <= told[0].at(at[0]);
            (behind != at && fits).then_some((*row, behind, more, own))
        });
        let Some((of, behind, more, own)) = found else { break };
        (at, row) = (behind, Some(of));
        secrets.extend(more);
        transcript.extend(own);
    }
    let row = row?;
    let mut tls_from = at.map(|at| at as u64);
    // What follows that we don't know may be something else again.
    if !begins_tls(told[0].bytes.get(at[0]..).unwrap_or_default()) {
        tls_from[0] = tls_from[0].max(heuristic[0]);
    }
    // What the server said behind its go-ahead, before its first record.
    if heuristic[1] > tls_from[1] {
        let end = usize::try_from(heuristic[1]).unwrap_or(usize::MAX);
        let bytes = told[1].bytes.get(at[1]..end).unwrap_or_default();
        transcript.injected(row.name, told[1].at(at[1]), bytes, heuristic[1] - tls_from[1]);
        tls_from[1] = heuristic[1];
    }
    Some(Recognised { steps: transcript.into_steps(Duration::ZERO), tls_from, secrets })
}

/// Whether a record stands here.
fn begins_tls(bytes: &[u8]) -> bool {
    matches!(Header::peek(bytes), Ahead::Record(header) if header.length > 0)
}

/// What one side said at the beginning, with the time of each piece.
pub(super) struct Told {
    bytes: Vec<u8>,
    /// Where each piece ends.
    pieces: Vec<(usize, Duration)>,
}

impl Told {
    /// Up to the limit, or to the first gap.
    fn of(events: &[Event], wanted: Direction) -> Told {
        let limit = usize::try_from(Limits::DEFAULT.preamble_bytes).unwrap_or(usize::MAX);
        let mut told = Told { bytes: Vec::new(), pieces: Vec::new() };
        for event in events {
            match event {
                Event::Bytes { direction, at, bytes } if *direction == wanted => {
                    let room = limit - told.bytes.len();
                    told.bytes.extend(bytes.iter().take(room));
                    told.pieces.push((told.bytes.len(), *at));
                }
                Event::Gap { direction, .. } if *direction == wanted => break,
                _ => {}
            }
            if told.bytes.len() == limit {
                break;
            }
        }
        told
    }

    /// When the byte at `place` was said.
    fn at(&self, place: usize) -> Duration {
        let piece = self.pieces.partition_point(|(end, _)| *end <= place);
        self.pieces.get(piece).or(self.pieces.last()).map(|(_, at)| *at).unwrap_or_default()
    }
}

/// Both sides of a recording, as a script goes through them.
pub(super) struct Sides<'a> {
    told: &'a [Told; 2],
    /// How far the script is.
    at: [usize; 2],
    pub(super) secrets: Vec<Range<u64>>,
}

impl Sides<'_> {
    pub(super) fn ahead(&self) -> &[u8] {
        self.told[1].bytes.get(self.at[1]..).unwrap_or_default()
    }

    /// The server's next bytes were heard; when they were said.
    pub(super) fn consume(&mut self, count: usize) -> Duration {
        let at = self.told[1].at(self.at[1]);
        self.at[1] += count;
        at
    }

    /// What the client said next, where it stands and when. `length` says how long it is.
    pub(super) fn said(
        &mut self,
        length: impl Fn(&[u8], usize) -> Option<usize>,
    ) -> Result<(Vec<u8>, u64, Duration), Stop> {
        let ahead = self.told[0].bytes.get(self.at[0]..).unwrap_or_default();
        let said = length(ahead, 0).and_then(|length| ahead.get(..length)).ok_or(Stop::Closed)?;
        let from = self.at[0];
        self.at[0] += said.len();
        Ok((said.to_vec(), from as u64, self.told[0].at(from)))
    }
}
