//! The order of what both directions said. Capture files have packets of two directions in the wrong order where each was
//! captured by itself, or by a queue of its own; what acknowledges bytes was sent after them all the same (RFC 9293,
//! section 3.4).

use std::collections::VecDeque;
use std::time::Duration;

use crate::capture::Event;

/// Where an event stands in its connection, in bytes of the two directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Its direction has so many with it.
    pub(super) end: u64,
    /// Its sender had so many of the other direction.
    pub(super) had: u64,
}

/// Merges two directions, each of which is in order. What had to come first, and has a later time, takes the time of what
/// it came before.
pub(super) fn merged(events: impl Iterator<Item = (Event, Place)>) -> Vec<Event> {
    let mut queues: [VecDeque<(usize, Event, Place)>; 2] = Default::default();
    for (number, (event, place)) in events.enumerate() {
        queues[event.direction().index()].push_back((number, event, place));
    }
    let (mut given, mut merged) = ([0, 0], Vec::new());
    loop {
        let latest = match [queues[0].front(), queues[1].front()] {
            [Some(a), Some(b)] => {
                let next = match [a.2.had > given[1], b.2.had > given[0]] {
                    [true, false] => 1,
                    [false, true] => 0,
                    _ => usize::from((b.1.at(), b.0) < (a.1.at(), a.0)),
                };
                (next, [a, b][1 - next].1.at())
            }
            [Some(_), None] => (0, Duration::MAX),
            [None, Some(_)] => (1, Duration::MAX),
            [None, None] => return merged,
        };
        let (next, latest) = latest;
        let Some((_, mut event, place)) = queues[next].pop_front() else { return merged };
        given[next] = place.end;
        let (Event::Bytes { at, .. } | Event::Gap { at, .. } | Event::End { at, .. }) = &mut event;
        *at = (*at).min(latest);
        merged.push(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Direction::{self, Client, Server};

    fn said(direction: Direction, at: u64, end: u64, had: u64) -> (Event, Place) {
        let at = Duration::from_millis(at);
        (Event::Bytes { direction, at, bytes: vec![0; 10] }, Place { end, had })
    }

    fn order(events: &[(Event, Place)]) -> Vec<(Direction, u128)> {
        merged(events.iter().cloned()).iter().map(|it| (it.direction(), it.at().as_millis())).collect()
    }

    #[test]
    fn what_acknowledges_comes_after_what_it_acknowledges() {
        let right = [said(Client, 1, 10, 0), said(Server, 2, 10, 10), said(Client, 3, 20, 10)];
        assert_eq!(order(&right), [(Client, 1), (Server, 2), (Client, 3)]);
        // The server's clock is behind.
        let wrong = [said(Server, 1, 10, 10), said(Client, 4, 10, 0), said(Client, 5, 20, 10)];
        assert_eq!(order(&wrong), [(Client, 1), (Server, 1), (Client, 5)]);
        // What can't be true of both is left as it was.
        let both = [said(Server, 1, 10, 10), said(Client, 4, 10, 10)];
        assert_eq!(order(&both), [(Server, 1), (Client, 4)]);
        // What was acknowledged and never seen is not waited for.
        assert_eq!(order(&[said(Server, 1, 10, 99), said(Client, 4, 10, 0)]), [(Client, 1), (Server, 1)]);
        assert_eq!(order(&[said(Server, 1, 10, 99)]), [(Server, 1)]);
    }
}
