//! A pause inside one of the server's flights.

use std::time::Duration;

use crate::capture::{Event, StepKind, Tcp};
use crate::finding::{Case, Cause, Finding, Severity};
use crate::wire::Direction;

use super::Remark;

pub(super) const STALL: Remark = Remark {
    id: "tcp.stall",
    title: "pause inside the server's flight",
    about: "The server paused for 40 ms or more in the middle of its flight, although it was not waiting \
            for the client. The most common reason is Nagle's algorithm: a server that writes its flight \
            in small pieces without TCP_NODELAY holds the last piece back until an acknowledgement \
            arrives, which the client's operating system delays by 40 ms (Linux) to 200 ms (Windows).",
    of: |case| {
        let (bytes, pause) = stall(case)?;
        let round_trip = case.capture.steps.iter().find_map(|step| match step.what {
            StepKind::Tcp { outcome: Tcp::Connected { .. }, .. } => Some(step.took),
            _ => None,
        });
        // RFC 6928: ten segments; before it two to four. The rest waits for an acknowledgement.
        let window = bytes >= 4000 && round_trip.is_some_and(|round_trip| pause < round_trip * 2);
        let mut causes = vec![
            Cause::likely(
                "Nagle's algorithm and a delayed acknowledgement: the server should set TCP_NODELAY, or write its flight at once",
            ),
            Cause::possible(
                "the server was busy (a signature by a hardware module, say), or a packet was lost",
            ),
        ];
        if window {
            causes = vec![Cause::likely(
                "the flight is larger than the server's initial congestion window: the rest arrives a \
                 round trip later",
            )];
        }
        Some(Finding {
            causes,
            ..Finding::new(
                STALL.id,
                Severity::Note,
                STALL.title,
                format!("the server paused for {} after {bytes} bytes of its flight", case.when(pause)),
            )
        })
    },
};

/// The longest pause inside one of the server's flights, and how much of the flight came before.
fn stall(case: &Case<'_>) -> Option<(usize, Duration)> {
    /// The delayed acknowledgement of Linux is 40 ms, which may look a little shorter from here.
    const LEAST: Duration = Duration::from_millis(39);
    let complete = case.handshake()?.complete_at?;
    let mut flight: Option<(usize, Duration)> = None;
    let mut longest: Option<(usize, Duration)> = None;
    for event in &case.capture.events {
        let Event::Bytes { direction, at, bytes } = event else { continue };
        if *at > complete {
            break;
        }
        flight = match (direction, flight) {
            // The ChangeCipherSpec of TLS 1.3 may go out at any time, and asks for nothing.
            (Direction::Client, flight) if matches!(bytes[..], [20, 3, _, 0, 1, 1]) => flight,
            (Direction::Client, _) => None,
            (Direction::Server, None) => Some((bytes.len(), *at)),
            (Direction::Server, Some((came, last))) => {
                let pause = at.saturating_sub(last);
                if pause >= LEAST && longest.is_none_or(|(_, most)| pause > most) {
                    longest = Some((came, pause));
                }
                Some((came + bytes.len(), *at))
            }
        };
    }
    longest
}
