//! How the ClientHello travels: its length, its records, its segments.

use crate::capture::Change;
use crate::finding::Certainty;
use crate::finding::experiment::Base;
use crate::finding::experiment::conclusion::Conclusion;

use super::{ROW, Row, TRY, Try};

/// Handshake header and record header: what a segment carries beside the body of a ClientHello in one record.
const RECORD_HEADER: usize = 5;

pub const SECOND_RECORD: &str = "second-record";
pub const SECOND_SEGMENT: &str = "second-segment";
pub const AS_LONG: &str = "as-long-{}";
pub const SLIGHTLY_LONGER: &str = "slightly-longer-{}";
pub const BELOW_SEGMENT: &str = "below-mss-{}";
pub const ABOVE_SEGMENT: &str = "above-mss-{}";
pub const BEYOND_512: &str = "padded-{}";

pub const ROWS: &[Row] = &[
    Row {
        id: SECOND_RECORD,
        about: "the ClientHello in two records",
        explain: "The ClientHello that failed, cut into two TLS records, which every server has to accept. If that helps, \
                  something reads the first record alone: most often a middlebox.",
        changes: |base| {
            (base.records < 2).then_some(Change::SecondRecordAt(base.length / 2)).into_iter().collect()
        },
        tries: &[Try { rank: 50, ..TRY }],
        helps: |_, _| {
            Ok(split(
                "a middlebox that inspects the ClientHello, or the server, rejects it in one record, and does not see what \
                 it rejects when it is split into two",
            ))
        },
        ..ROW
    },
    Row {
        id: "one-record",
        about: "the ClientHello in one record",
        explain: "The ClientHello in one record and one segment, where it was sent in several: software that takes the first \
                  record for the whole ClientHello fails on those.",
        changes: |base| {
            (base.records > 1 && base.length <= 1 << 14).then_some(Change::OneRecord).into_iter().collect()
        },
        tries: &[Try { rank: 50, ..TRY }],
        helps: |_, _| {
            Ok(split(
                "the server, or a middlebox, rejects a ClientHello in several records, and accepts it in one",
            ))
        },
        ..ROW
    },
    Row {
        id: SECOND_SEGMENT,
        about: "the ClientHello in two TCP segments",
        explain: "The ClientHello that failed, sent in two TCP segments with a pause between them. If that helps, something \
                  looks at each segment by itself.",
        changes: |base| vec![Change::SecondSegmentAt(base.length / 2)],
        tries: &[Try { rank: 60, ..TRY }],
        helps: |_, _| {
            Ok(split(
                "a middlebox rejects the ClientHello in one TCP segment, and does not see what it rejects when it is split \
                 into two",
            ))
        },
        ..ROW
    },
    Row {
        id: "record-version-3.1",
        about: "record version 3.1",
        explain: "The first record has the version 3.1 in its header, as RFC 8446, section 5.1 recommends for a first \
                  ClientHello; servers have to ignore it.",
        changes: |base| record_version(base, 0x0301),
        tries: &[Try { rank: 100, ..TRY }],
        helps: |_, _| Ok(ignored("it rejects the version of the first record, and accepts 3.1")),
        ..ROW
    },
    Row {
        id: "record-version-3.3",
        about: "record version 3.3",
        explain: "The first record has the version 3.3 in its header, which servers have to ignore.",
        changes: |base| record_version(base, 0x0303),
        tries: &[Try { rank: 100, ..TRY }],
        helps: |_, _| Ok(ignored("it rejects the version of the first record, and accepts 3.3")),
        ..ROW
    },
    Row {
        id: "padded-short-{}",
        about: "padded to {} bytes",
        explain: "A ClientHello of less than 256 bytes, brought to a length between 256 and 511 bytes by the extension padding: \
                  it tells a server that needs a certain length.",
        changes: |base| (base.length < 252).then_some(Change::PaddedTo(384)).into_iter().collect(),
        tries: &[Try { rank: 91, ..TRY }],
        helps: |_, _| {
            let text = "it does not answer a ClientHello of this length, but a longer one";
            Ok(Conclusion::new("diagnosis.length", Certainty::Certain, text))
        },
        ..ROW
    },
    Row {
        id: BEYOND_512,
        about: "padded to {} bytes",
        explain: "The ClientHello brought beyond 512 bytes by the extension padding: some load balancers hang on 256 to 511 \
                  bytes (RFC 7685).",
        changes: |base| (base.length < 596).then_some(Change::PaddedTo(600)).into_iter().collect(),
        tries: &[Try { rank: 90, ..TRY }],
        helps: |_, _| {
            let text = "it does not answer a ClientHello of this length, but a longer one (some load balancers hang on 256 to \
                        511 bytes: RFC 7685)";
            Ok(Conclusion::new("diagnosis.length", Certainty::Certain, text))
        },
        ..ROW
    },
    Row {
        id: AS_LONG,
        about: "padded to {} bytes",
        explain: "What helped, padded to the length of the ClientHello that failed: it tells the length from what made it so \
                  long.",
        changes: |base| vec![Change::PaddedTo(base.length)],
        ..ROW
    },
    Row {
        id: SLIGHTLY_LONGER,
        about: "padded to {} bytes",
        explain: "The ClientHello that failed, a few bytes longer: if even that helps, no part of it is the cause.",
        changes: |base| vec![Change::PaddedTo(base.length + 16)],
        ..ROW
    },
    Row {
        id: BELOW_SEGMENT,
        about: "padded to {} bytes (just below one segment)",
        explain: "What helped, padded to just below one TCP segment (MSS): with the next experiment it tells a limit of one \
                  segment from another length.",
        changes: |base| segment(base).map(|segment| Change::PaddedTo(segment - 8)).into_iter().collect(),
        ..ROW
    },
    Row {
        id: ABOVE_SEGMENT,
        about: "padded to {} bytes (just above one segment)",
        explain: "What helped, padded to just above one TCP segment (MSS).",
        changes: |base| segment(base).map(|segment| Change::PaddedTo(segment + 8)).into_iter().collect(),
        ..ROW
    },
];

/// How long a ClientHello in one record may be to fit into one segment; none where the one that failed does not tell.
fn segment(base: &Base) -> Option<usize> {
    let fits = base.segment.checked_sub(RECORD_HEADER)?;
    (base.length > fits + 16).then_some(fits)
}

fn record_version(base: &Base, version: u16) -> Vec<Change> {
    (base.record_version != version).then_some(Change::RecordVersion(version)).into_iter().collect()
}

fn ignored(text: &str) -> Conclusion {
    let text = format!("{text}; a server should ignore it (RFC 8446, section 5.1)");
    Conclusion::new("diagnosis.record_version", Certainty::Certain, text)
}

fn split(text: &str) -> Conclusion {
    Conclusion::new("diagnosis.split", Certainty::Certain, text)
}
