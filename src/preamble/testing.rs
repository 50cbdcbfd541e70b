//! Dialogues in memory.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::watched::Recognised;
use super::{Ask, Planned, Preamble, Transcript, perform, recognise};
use crate::capture::recorder::{Recorder, Tape};
use crate::capture::{Dialogue, Event, Limits, Step, StepKind};
use crate::wire::Direction;

/// What came of a dialogue with a server that says `server`, piece by piece, without listening.
pub(super) struct Ended {
    pub(super) said: String,
    pub(super) bytes: Vec<u8>,
    pub(super) steps: Vec<Step>,
    /// What is recorded of the client.
    pub(super) recorded: Vec<u8>,
    /// What nobody heard.
    pub(super) left: Vec<u8>,
}

impl Ended {
    pub(super) fn outcome(&self) -> Dialogue {
        match &self.steps[0].what {
            StepKind::Preamble { outcome, .. } => outcome.clone(),
            other => panic!("{other:?}"),
        }
    }
}

pub(super) fn live<B: AsRef<[u8]>>(row: &'static Preamble, server: &[B]) -> Ended {
    live_with(row, Ask { host: "mx.example".into(), port: row.port, ..Ask::default() }, server)
}

pub(super) fn live_with<B: AsRef<[u8]>>(row: &'static Preamble, ask: Ask, server: &[B]) -> Ended {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let (near, mut far) = tokio::io::duplex(1 << 20);
        for piece in server {
            far.write_all(piece.as_ref()).await.unwrap();
        }
        far.shutdown().await.unwrap();
        let began = Instant::now();
        let tape = Tape::new(began, Limits::DEFAULT);
        let mut io = Recorder::new(near, tape.clone());
        let mut transcript = Transcript::new(began);
        perform(&Planned { row, ask }, &mut io, &mut transcript).await;
        let mut left = Vec::new();
        io.read_to_end(&mut left).await.unwrap();
        drop(io);
        let mut bytes = Vec::new();
        far.read_to_end(&mut bytes).await.unwrap();
        let recorded = tape.take().0.into_iter().filter_map(|event| match event {
            Event::Bytes { direction: Direction::Client, bytes, .. } => Some(bytes),
            _ => None,
        });
        Ended {
            said: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
            steps: transcript.into_steps(Duration::ZERO),
            recorded: recorded.collect::<Vec<_>>().concat(),
            left,
        }
    })
}

/// What is recognised of two directions' bytes.
pub(super) fn watched(client: impl AsRef<[u8]>, server: impl AsRef<[u8]>) -> Option<Recognised> {
    let bytes =
        |direction, bytes: &[u8]| Event::Bytes { direction, at: Duration::ZERO, bytes: bytes.to_vec() };
    recognise(&[bytes(Direction::Client, client.as_ref()), bytes(Direction::Server, server.as_ref())], [0, 0])
}

impl Recognised {
    /// The names of the dialogues.
    pub(super) fn protocols(&self) -> Vec<&str> {
        self.steps
            .iter()
            .filter_map(|step| match &step.what {
                StepKind::Preamble { protocol, .. } => Some(protocol.as_str()),
                _ => None,
            })
            .collect()
    }
}

/// `smtp Refused`, `> EHLO`, `< 250-a | 250 b`.
pub(super) fn steps(steps: &[Step]) -> Vec<String> {
    let shown = |step: &Step| match &step.what {
        StepKind::Preamble { protocol, outcome } => format!("{protocol} {outcome:?}"),
        StepKind::Said(said) => {
            let sign = if said.direction == Direction::Client { ">" } else { "<" };
            let more = if said.left_out > 0 { format!(" +{}", said.left_out) } else { String::new() };
            format!("{sign} {}{more}", said.lines.join(" | "))
        }
        other => format!("{other:?}"),
    };
    steps.iter().map(shown).collect()
}
