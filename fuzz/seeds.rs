//! Makes the seed corpora of the fuzz targets from saved traces:
//! `cargo run --example fuzz-seeds -- tests/goldens/*.json`

#![forbid(unsafe_code)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use tls_trace::capture::{Capture, Event, saved};
use tls_trace::trace::{Kind, Trace};
use tls_trace::wire::Direction;

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        return Err("name the saved traces to make seeds of".into());
    }
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for file in &files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let json = fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        // Goldens of other kinds may stand beside them.
        let Ok(session) = saved::parse(&json) else { continue };
        let keep = |target: &str, part: String, bytes: &[u8]| -> Result<(), Box<dyn Error>> {
            let folder = corpus.join(target);
            fs::create_dir_all(&folder)?;
            Ok(fs::write(folder.join(format!("{name}{part}")), bytes)?)
        };
        keep("saved", String::new(), &json)?;
        for (number, capture) in session.captures.iter().enumerate() {
            let trace = Trace::of(capture);
            let mut wire = Vec::new();
            for event in &capture.events {
                if let Event::Bytes { direction, bytes, .. } = event {
                    piece(&mut wire, *direction, bytes);
                }
            }
            keep("records", format!("-{number}-wire"), &wire)?;
            if capture.tls_from != [0, 0] {
                keep("preamble", format!("-{number}"), &dialogue(capture))?;
            }

            // The same handshake as if nothing had been encrypted: the fold then reads every message.
            let version = trace.handshake().and_then(|handshake| handshake.facts.version);
            let suite =
                trace.handshake().and_then(|handshake| handshake.facts.cipher_suite).unwrap_or_default();
            let mut clear = Vec::new();
            for (at, message) in trace.messages.iter().enumerate() {
                let content_type = match message.kind {
                    Kind::Handshake(_) => 22,
                    Kind::ChangeCipherSpec => 20,
                    Kind::Alert { .. } => 21,
                    _ => continue,
                };
                for fragment in message.bytes.chunks(1 << 14) {
                    let mut record = vec![content_type, 3, 3];
                    record.extend((fragment.len() as u16).to_be_bytes());
                    record.extend(fragment);
                    piece(&mut clear, message.direction, &record);
                }
                if content_type == 22 {
                    let server = u8::from(message.direction == Direction::Server);
                    let [high, low] = suite.0.to_be_bytes();
                    let mut seed = vec![
                        server | 6,
                        version.map_or(0xff, |version| version.0.to_be_bytes()[1]),
                        high,
                        low,
                    ];
                    seed.extend(&message.bytes);
                    keep("handshake", format!("-{number}-{at}"), &seed)?;
                }
            }
            keep("records", format!("-{number}-clear"), &clear)?;

            let chain = trace.chain(0, Direction::Server);
            if !chain.is_empty() {
                keep("der", format!("-{number}-chain"), &[&[0], chain.concat().as_slice()].concat())?;
            }
            for (at, certificate) in chain.iter().enumerate() {
                keep("der", format!("-{number}-{at}"), &[&[0], *certificate].concat())?;
            }
        }
    }
    Ok(())
}

/// As the target `preamble` takes its input.
fn dialogue(capture: &Capture) -> Vec<u8> {
    let [client, server] = capture.tls_from.map(|at| (at as u16).to_be_bytes());
    let mut out = [client, server].concat();
    for event in &capture.events {
        if let Event::Bytes { direction, bytes, .. } = event {
            for bytes in bytes.chunks(0x7f) {
                out.push((direction.index() as u8) << 7 | bytes.len() as u8);
                out.extend(bytes);
            }
        }
    }
    out
}

/// As the target `records` takes its input.
fn piece(out: &mut Vec<u8>, direction: Direction, bytes: &[u8]) {
    for bytes in bytes.chunks(0x7fff) {
        let top = if direction == Direction::Server { 0x8000 } else { 0 };
        out.extend((top | bytes.len() as u16).to_be_bytes());
        out.extend(bytes);
    }
}
