//! What has to hold whatever comes in: shared by the fuzz targets.

#![forbid(unsafe_code)]

use tls_trace::capture::Session;
use tls_trace::render::{self, Settings};
use tls_trace::report::Report;
use tls_trace::trace::{Message, Trace};
use tls_trace::wire::Direction;
use tls_trace::wire::field::Field;

/// See [`Field::untiled`].
pub fn assert_tiles(root: &Field, len: usize) {
    assert_eq!(root.untiled(len), None);
}

/// Every byte of TLS is in a record or in the tail, and every message is tiled.
pub fn assert_conserved(trace: &Trace) {
    // What lies beyond a limit is only counted.
    if trace.limits_reached.is_empty() {
        for direction in Direction::BOTH {
            let records = trace.records.iter().filter(|record| record.direction == direction);
            let whole: u64 = records.map(|record| 5 + record.length as u64).sum();
            let flow = &trace.flows[direction.index()];
            let tail = flow.tail.as_ref().map_or(0, |tail| tail.length);
            let lost: u64 = flow.lost.iter().map(|lost| lost.length).sum();
            assert_eq!(whole + tail + lost, flow.bytes);
        }
    }
    trace.messages.iter().for_each(assert_tiled);
}

fn assert_tiled(message: &Message) {
    if let Some(root) = message.tree() {
        assert_tiles(&root, message.bytes.len());
    }
    message.derived.iter().for_each(assert_tiled);
}

/// Judges a session and renders it, in the way that `form` picks.
pub fn assert_renders(session: Session, form: u8) {
    // A list of logs or a number of days that can't be read.
    let Ok(report) = Report::of(session) else { return };
    for connection in &report.connections {
        assert_conserved(&connection.trace);
    }
    let settings = Settings {
        verbosity: form & 3,
        width: [40, 80, 120, 400][usize::from(form >> 2 & 3)],
        unicode: form & 16 == 0,
        quiet: form & 0xe0 == 0xe0,
        ..Settings::default()
    };
    if form & 0xe0 == 0 {
        rendered("json", &report, &settings);
        return;
    }
    let text = rendered("text", &report, &settings);
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(bad), "a control character reaches the terminal: {text:?}");
    assert!(settings.unicode || text.is_ascii(), "not only ASCII: {text:?}");
    assert!(!settings.quiet || text.lines().count() == 1, "not one line: {text:?}");
}

fn rendered(format: &str, report: &Report, settings: &Settings) -> String {
    let mut out = Vec::new();
    let format = render::find(format).expect("a format");
    format.write(report, settings, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}
