//! The table of a capture's connections, a row as each ends.

use std::io::{self, Write};

use super::Settings;
use crate::report::table::Row;
use crate::wire::text::{cut, escape};

/// A row as text: one line where it fits, else two.
pub fn text(row: &Row, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let stream = row.stream.as_deref().unwrap_or_default();
    let time =
        row.started_at.get(11..).and_then(|time| time.get(..12.min(time.len() - 1))).unwrap_or_default();
    let [client, server] = [&row.client, &row.server].map(|end| end.as_deref().unwrap_or("?"));
    let arrow = if settings.unicode { "→" } else { "->" };
    let name = row.sni.as_deref().map(escape).unwrap_or_default();
    let first = format!("{stream:>6}  {time:<12}  {client} {arrow} {server}  {name}");
    let known = [&row.tls, &row.cipher, &row.group].into_iter().flatten().map(String::as_str);
    let dot = if settings.unicode { " · " } else { ", " };
    let second = known.chain([row.handshake.as_str()]).collect::<Vec<_>>().join(dot);
    let line = format!("{first:<92}  {second}");
    if crate::wire::text::width(&line) <= settings.width {
        return writeln!(out, "{line}");
    }
    let ellipsis = if settings.unicode { "…" } else { "..." };
    writeln!(out, "{}", cut(first.trim_end(), settings.width, ellipsis))?;
    writeln!(out, "        {}", cut(&second, settings.width - 8, ellipsis))
}

/// A row as a line of JSON.
pub fn jsonl(row: &Row, out: &mut dyn Write) -> io::Result<()> {
    super::json::line(row, out)
}
