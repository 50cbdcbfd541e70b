//! The document of `tls-trace diff`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::super::Settings;
use super::{line, micros, pretty, rfc3339};
use crate::report::diff::{About, Diff, Difference, Entry, Here, Names, Pair, Seen};
use crate::wire::Direction;

/// What differs between two handshakes.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tls-trace diff")]
struct Document {
    /// `tls-trace-diff/1`: keys may be added within this number, never removed or given another meaning.
    schema: &'static str,
    a: SideOut,
    b: SideOut,
    /// One for each kind of difference, also where nothing differs.
    groups: Vec<GroupOut>,
    /// Times of both sides. They never count.
    timing_us: Vec<TimeOut>,
    /// What differs as it does in any two handshakes, and is not compared.
    not_compared: Vec<FreshOut>,
    /// The messages that are not equal byte for byte, in the order of the first side; then what only the second side has.
    messages: Vec<MessageOut>,
    /// How many more there are.
    more_messages: usize,
    /// `same`, `different`, `unevaluated` (nothing is known to differ, but something is known of one side only), or
    /// `failed` (a side has no handshake to compare, or the handshake of one of them failed).
    result: &'static str,
    exit_code: u8,
}

/// One of the two.
#[derive(Serialize, JsonSchema)]
struct SideOut {
    /// As typed.
    input: String,
    /// `live`, `saved`, `capture` or `bytes`.
    kind: &'static str,
    /// Host and port, as far as they are known.
    target: String,
    /// The address that was connected to.
    address: Option<String>,
    /// RFC 3339.
    started_at: Option<String>,
    /// As in `verdict` of a report.
    outcome: &'static str,
    exit_code: u8,
    id: Option<String>,
    summary: String,
    /// Of a saved trace: the arguments with which it was recorded, a word each.
    command: Vec<String>,
}

/// Differences of one kind.
#[derive(Serialize, JsonSchema)]
struct GroupOut {
    /// `verdict`, `offer`, `choice`, `certificate`, `extensions` or `messages`.
    name: &'static str,
    /// Something in it is known to differ.
    differs: bool,
    /// Why it is not compared, in words; null if it is.
    not_compared: Option<&'static str>,
    entries: Vec<EntryOut>,
    /// How many more there are.
    more: usize,
}

/// One thing.
#[derive(Serialize, JsonSchema)]
struct EntryOut {
    name: String,
    a: SeenOut,
    b: SeenOut,
    /// Of a list: what only one of them has, and whether what both have stands in another order.
    list: Option<ListOut>,
}

/// What is known of a side.
#[derive(Serialize, JsonSchema)]
struct SeenOut {
    /// `is`, `absent` or `not_known`.
    state: &'static str,
    /// In words, which may change; null if there is none.
    value: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct ListOut {
    only_a: Vec<String>,
    /// How many more there are.
    more_a: usize,
    only_b: Vec<String>,
    more_b: usize,
    reordered: bool,
}

#[derive(Serialize, JsonSchema)]
struct TimeOut {
    /// `dns`, `tcp`, `preamble`, `handshake` or `total`.
    phase: &'static str,
    a: Option<u64>,
    b: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
struct FreshOut {
    /// `random`, `key share`, …
    what: &'static str,
    /// In how many fields.
    fields: usize,
}

/// A message that is not the same, or is there on one side only.
#[derive(Serialize, JsonSchema)]
struct MessageOut {
    /// `client` or `server`: who sent it.
    from: &'static str,
    r#type: String,
    /// Which one of this type and sender it is, from 1.
    number: usize,
    /// Index in `messages` of this side's report; null if it has none.
    a: Option<usize>,
    b: Option<usize>,
    /// It is what this message contains in another form: decompressed, or the inner ClientHello.
    derived: bool,
    /// Something of it differs that not every handshake has anew.
    differs: bool,
    /// Of a message of one side: the other has sealed records in which it may be.
    may_be_sealed: bool,
    fields: Vec<FieldOut>,
    /// How many more there are.
    more_fields: usize,
}

/// A field that is not the same.
#[derive(Serialize, JsonSchema)]
struct FieldOut {
    /// Its name and those of the fields around it, the outermost first.
    path: Vec<String>,
    a: Option<HereOut>,
    b: Option<HereOut>,
    list: Option<ListOut>,
    /// Every handshake has another one: what it is; null if the difference counts.
    not_compared: Option<&'static str>,
}

/// Where it stands in the message, and what it says.
#[derive(Serialize, JsonSchema)]
struct HereOut {
    offset: usize,
    length: usize,
    /// In words, or hexadecimal; long ones are cut.
    value: String,
}

/// Writes it; `quiet`: in one line.
///
/// # Errors
/// It can't be written.
pub fn write(diff: &Diff, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let document = Document::of(diff);
    if settings.quiet {
        return line(&document, out);
    }
    pretty(&document, out)?;
    out.write_all(b"\n")
}

/// Its JSON Schema.
pub fn schema() -> String {
    super::schema_of::<Document>()
}

impl Document {
    fn of(diff: &Diff) -> Document {
        let [a, b] = [0, 1].map(|side| SideOut::of(&diff.about[side]));
        let time = |time: Option<std::time::Duration>| time.map(micros);
        Document {
            schema: "tls-trace-diff/1",
            a,
            b,
            groups: diff
                .groups
                .iter()
                .map(|group| GroupOut {
                    name: group.name,
                    differs: group.differs(),
                    not_compared: group.not_compared,
                    entries: group.entries.iter().map(EntryOut::of).collect(),
                    more: group.more,
                })
                .collect(),
            timing_us: diff
                .timing
                .iter()
                .map(|(phase, [a, b])| TimeOut { phase, a: time(*a), b: time(*b) })
                .collect(),
            not_compared: diff
                .fresh
                .iter()
                .map(|(what, fields)| FreshOut { what, fields: *fields })
                .collect(),
            messages: diff.messages.iter().map(MessageOut::of).collect(),
            more_messages: diff.more_messages,
            result: diff.result.name(),
            exit_code: diff.exit_code,
        }
    }
}

impl SideOut {
    fn of(about: &About) -> SideOut {
        SideOut {
            input: about.input.clone(),
            kind: about.kind,
            target: about.target.clone(),
            address: about.address.clone(),
            started_at: rfc3339(about.began.into()),
            outcome: about.outcome,
            exit_code: about.exit_code,
            id: about.id.clone(),
            summary: about.summary.clone(),
            command: about.command.clone(),
        }
    }
}

impl EntryOut {
    fn of(entry: &Entry) -> EntryOut {
        let [a, b] = [0, 1].map(|side| {
            let seen = &entry.sides[side];
            let value = if let Seen::Is(text) = seen { Some(text.clone()) } else { None };
            SeenOut { state: seen.state(), value }
        });
        EntryOut { name: entry.name.clone(), a, b, list: entry.list.as_ref().map(ListOut::of) }
    }
}

impl ListOut {
    fn of(names: &Names) -> ListOut {
        let [only_a, only_b] = names.only.clone();
        let [more_a, more_b] = names.more;
        ListOut { only_a, more_a, only_b, more_b, reordered: names.reordered }
    }
}

impl MessageOut {
    fn of(pair: &Pair) -> MessageOut {
        let [a, b] = pair.index;
        MessageOut {
            from: if pair.direction == Direction::Client { "client" } else { "server" },
            r#type: pair.name.clone(),
            number: pair.number,
            a,
            b,
            derived: pair.derived,
            differs: pair.differs(),
            may_be_sealed: pair.unseen,
            fields: pair.differences.fields.iter().map(FieldOut::of).collect(),
            more_fields: pair.differences.more,
        }
    }
}

impl FieldOut {
    fn of(field: &Difference) -> FieldOut {
        let here = |here: &Option<Here>| {
            here.as_ref().map(|here| HereOut {
                offset: here.range.start,
                length: here.range.len(),
                value: here.text.clone(),
            })
        };
        FieldOut {
            path: field.path.clone(),
            a: here(&field.sides[0]),
            b: here(&field.sides[1]),
            list: field.list.as_ref().map(ListOut::of),
            not_compared: field.fresh,
        }
    }
}
