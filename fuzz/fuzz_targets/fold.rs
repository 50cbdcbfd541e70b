//! Golden traces, changed: bytes, pieces, ends, secrets and what was intended. All of it, up to the screen.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tls_trace::capture::{Argument, Event, How, Session, saved};
use tls_trace::wire::Direction;
use tls_trace_fuzz::assert_renders;

#[derive(Debug, Arbitrary)]
struct Input {
    golden: u8,
    form: u8,
    changes: Vec<Change>,
}

/// Places are taken modulo what is there.
#[derive(Debug, Arbitrary)]
enum Change {
    Flip { event: u8, at: u16, with: u8 },
    Insert { event: u8, at: u16, bytes: Vec<u8> },
    Cut { event: u8, at: u16 },
    Split { event: u8, at: u16 },
    Remove { event: u8 },
    Repeat { event: u8 },
    Swap { event: u8, other: u8 },
    Turn { event: u8 },
    Gap { event: u8, server: bool, len: Option<u64> },
    End { event: u8, server: bool, how: u8 },
    SecretGone { secret: u8 },
    SecretChanged { secret: u8, at: u8, with: u8 },
    SecretCut { secret: u8, len: u8 },
    SecretsSwapped { secret: u8, other: u8 },
    TlsFrom { client: u16, server: u16 },
    Name { verify: Option<String>, sni: Option<String> },
    Host { host: String, input: String },
    Arguments { arguments: Vec<String> },
    At { at: Option<i64> },
    NoTrust,
    EngineError { error: String, complete: bool, refused: bool },
    NoEngine,
    NoSteps,
}

static GOLDENS: LazyLock<Vec<Session>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let sessions: Vec<_> =
        files.iter().filter_map(|file| saved::parse(&std::fs::read(file).ok()?).ok()).collect();
    assert!(!sessions.is_empty(), "no golden in {}", folder.display());
    sessions
});

fuzz_target!(|input: Input| {
    let mut session = GOLDENS[usize::from(input.golden) % GOLDENS.len()].clone();
    for change in input.changes.into_iter().take(64) {
        apply(change, &mut session);
    }
    assert_renders(session, input.form);
});

fn apply(change: Change, session: &mut Session) {
    match change {
        Change::Arguments { arguments } => {
            return session.question.arguments = arguments.into_iter().map(Argument::word).collect();
        }
        Change::At { at } => return session.question.at = at,
        _ => {}
    }
    let Some(capture) = session.captures.last_mut() else { return };
    let events = &mut capture.events;
    let secrets = &mut capture.secrets.0;
    let place = |n: u8, len: usize| if len == 0 { None } else { Some(usize::from(n) % len) };
    match change {
        Change::Flip { event, at, with } => {
            if let Some(bytes) = bytes(events, event)
                && !bytes.is_empty()
            {
                let at = usize::from(at) % bytes.len();
                bytes[at] ^= with;
            }
        }
        Change::Insert { event, at, bytes: more } => {
            if let Some(bytes) = bytes(events, event) {
                let at = usize::from(at) % (bytes.len() + 1);
                bytes.splice(at..at, more);
            }
        }
        Change::Cut { event, at } => {
            if let Some(bytes) = bytes(events, event) {
                bytes.truncate(usize::from(at) % (bytes.len() + 1));
            }
        }
        Change::Split { event, at } => {
            if let Some(index) = place(event, events.len())
                && let Event::Bytes { direction, at: time, bytes } = &mut events[index]
            {
                let (direction, time) = (*direction, *time);
                let behind = bytes.split_off(usize::from(at) % (bytes.len() + 1));
                events.insert(index + 1, Event::Bytes { direction, at: time, bytes: behind });
            }
        }
        Change::Remove { event } => drop(place(event, events.len()).map(|index| events.remove(index))),
        Change::Repeat { event } => {
            if let Some(index) = place(event, events.len()) {
                events.insert(index, events[index].clone());
            }
        }
        Change::Swap { event, other } => {
            if let (Some(a), Some(b)) = (place(event, events.len()), place(other, events.len())) {
                events.swap(a, b);
            }
        }
        Change::Turn { event } => {
            if let Some(index) = place(event, events.len())
                && let Event::Bytes { direction, .. } = &mut events[index]
            {
                *direction = direction.other();
            }
        }
        Change::Gap { event, server, len } => {
            let at = Duration::ZERO;
            let index = place(event, events.len()).unwrap_or(0);
            events.insert(index, Event::Gap { direction: side(server), at, len });
        }
        Change::End { event, server, how } => {
            let how = match how % 4 {
                0 => How::Fin,
                1 => How::Reset,
                2 => How::LocalStop,
                _ => How::Error("an error of the \u{1b}[31msocket\u{202e}".into()),
            };
            let index = place(event, events.len()).unwrap_or(0);
            events.insert(
                index,
                Event::End { direction: side(server), at: Duration::from_micros(u64::MAX), how },
            );
        }
        Change::SecretGone { secret } => {
            drop(place(secret, secrets.len()).map(|index| secrets.remove(index)))
        }
        Change::SecretChanged { secret, at, with } => {
            if let Some(index) = place(secret, secrets.len())
                && let Some(at) = place(at, secrets[index].secret.len())
            {
                secrets[index].secret[at] ^= with;
            }
        }
        Change::SecretCut { secret, len } => {
            if let Some(index) = place(secret, secrets.len()) {
                secrets[index].secret.resize(usize::from(len), 0);
            }
        }
        Change::SecretsSwapped { secret, other } => {
            if let (Some(a), Some(b)) = (place(secret, secrets.len()), place(other, secrets.len())) {
                secrets.swap(a, b);
            }
        }
        Change::TlsFrom { client, server } => capture.tls_from = [client.into(), server.into()],
        Change::Name { verify, sni } => {
            capture.intent.verify_name = verify;
            capture.intent.sni = sni;
        }
        Change::Host { host, input } => {
            capture.intent.host = host;
            capture.intent.input = input;
        }
        Change::NoTrust => capture.candidates.clear(),
        Change::EngineError { error, complete, refused } => {
            if let Some(engine) = &mut capture.engine {
                engine.error = Some(error);
                engine.complete = complete;
                engine.refused = refused;
            }
        }
        Change::NoEngine => capture.engine = None,
        Change::NoSteps => capture.steps.clear(),
        // Of the session, above.
        Change::Arguments { .. } | Change::At { .. } => {}
    }
}

fn bytes(events: &mut [Event], event: u8) -> Option<&mut Vec<u8>> {
    let len = events.len();
    if len == 0 {
        return None;
    }
    match &mut events[usize::from(event) % len] {
        Event::Bytes { bytes, .. } => Some(bytes),
        _ => None,
    }
}

fn side(server: bool) -> Direction {
    Direction::BOTH[usize::from(server)]
}
