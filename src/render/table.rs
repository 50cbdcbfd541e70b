//! The table of a capture's connections, a row as each ends. What does not fit is left out by whole columns, so that a
//! connection is one line however narrow the terminal is.

use std::io::{self, Write};

use super::Settings;
use crate::report::table::Row;
use crate::wire::text::{cut, escape, width};

/// A column: its heading, its width, the narrowest table that has it, and what it shows.
struct Column {
    heading: &'static str,
    width: usize,
    from: usize,
    /// Tables of this width or more have others in its place.
    to: usize,
    cell: fn(&Row) -> String,
}

/// Wide enough for all.
const ALL: usize = 176;
/// Wide enough for the cipher suite.
const SUITE: usize = 120;

/// In the order of the table. The last one takes what is left.
const COLUMNS: &[Column] = &[
    Column { heading: "stream", width: 6, from: 0, to: usize::MAX, cell: stream },
    Column { heading: "time", width: 8, from: 0, to: SUITE, cell: |row| time(row, 8) },
    Column { heading: "time", width: 12, from: SUITE, to: usize::MAX, cell: |row| time(row, 12) },
    Column { heading: "client", width: 21, from: ALL, to: usize::MAX, cell: |row| known(&row.client) },
    Column { heading: "server", width: 21, from: ALL, to: usize::MAX, cell: |row| known(&row.server) },
    Column { heading: "name", width: 28, from: ALL, to: usize::MAX, cell: |row| known(&row.sni) },
    Column { heading: "server", width: 29, from: 0, to: ALL, cell: server },
    Column { heading: "version", width: 7, from: 0, to: usize::MAX, cell: |row| known(&row.tls) },
    Column {
        heading: "cipher suite",
        width: 37,
        from: SUITE,
        to: usize::MAX,
        cell: |row| known(&row.cipher),
    },
    Column { heading: "group", width: 14, from: ALL, to: usize::MAX, cell: |row| known(&row.group) },
    Column { heading: "handshake", width: 0, from: 0, to: usize::MAX, cell: |row| row.handshake.clone() },
];

/// What stands above the first row.
pub fn header(settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    line(settings, out, |column| column.heading.to_owned())
}

/// A row as text.
pub fn text(row: &Row, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    line(settings, out, |column| (column.cell)(row))
}

/// A row as a line of JSON.
pub fn jsonl(row: &Row, out: &mut dyn Write) -> io::Result<()> {
    super::json::line(row, out)
}

fn line(settings: &Settings, out: &mut dyn Write, cell: impl Fn(&Column) -> String) -> io::Result<()> {
    let ellipsis = if settings.unicode { "…" } else { "..." };
    let mut line = String::new();
    for column in COLUMNS.iter().filter(|it| (it.from..it.to).contains(&settings.width)) {
        if !line.is_empty() {
            line.push_str("  ");
        }
        let mut text = cell(column);
        if column.heading == "stream" {
            text = format!("{text:>width$}", width = column.width);
        }
        if column.width > 0 {
            // A long address may push the rest along where there is room for it; nothing else does.
            if column.heading != "client" && column.heading != "server" || settings.width < ALL {
                text = cut(&text, column.width, ellipsis);
            }
            text.push_str(&" ".repeat(column.width.saturating_sub(width(&text))));
        }
        line.push_str(&text);
    }
    writeln!(out, "{}", cut(line.trim_end(), settings.width, ellipsis))
}

fn stream(row: &Row) -> String {
    row.stream.clone().unwrap_or_default()
}

/// The time of day of an RFC 3339 time, so many characters of it.
fn time(row: &Row, most: usize) -> String {
    let time = row.started_at.get(11..).unwrap_or_default().trim_end_matches('Z');
    time.chars().take(most).collect()
}

fn known(text: &Option<String>) -> String {
    text.as_deref().map(escape).unwrap_or_default()
}

/// The name that was asked for, with the port; the address where there was none.
fn server(row: &Row) -> String {
    let address = row.server.as_deref().unwrap_or("?");
    match &row.sni {
        Some(name) => {
            let port = address.rsplit_once(':').map(|(_, port)| port).filter(|port| *port != "443");
            format!("{}{}{}", escape(name), if port.is_some() { ":" } else { "" }, port.unwrap_or_default())
        }
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            stream: Some("17".into()),
            started_at: "2026-01-02T03:04:05.678901Z".into(),
            client: Some("192.0.2.1:40000".into()),
            server: Some("192.0.2.2:8443".into()),
            sni: Some("a.rather.long.name.of.a.host.example".into()),
            tls: Some("TLS 1.2".into()),
            cipher: Some("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".into()),
            group: Some("x25519".into()),
            handshake: "failed: handshake_failure from the server".into(),
        }
    }

    fn table(row: &Row, columns: usize) -> Vec<String> {
        let settings = Settings { width: columns, unicode: true, ..Settings::default() };
        let mut out = Vec::new();
        header(&settings, &mut out).unwrap();
        text(row, &settings, &mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_connection_is_one_line_at_any_width() {
        for columns in [40, 80, 119, 120, 175, 176, 250] {
            let lines = table(&row(), columns);
            assert_eq!(lines.len(), 2, "{lines:#?}");
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}: {lines:#?}");
        }
        assert_eq!(
            table(&row(), 80),
            [
                "stream  time      server                         version  handshake",
                "    17  03:04:05  a.rather.long.name.of.a.host…  TLS 1.2  failed: handshake_fai…",
            ]
        );
        let wide = table(&row(), 220);
        for part in
            ["03:04:05.678", "192.0.2.1:40000", "192.0.2.2:8443", "_GCM_SHA256  x25519", "from the server"]
        {
            assert!(wide[1].contains(part), "{wide:#?}");
        }
        let at = |line: &str, part: &str| line.find(part).map(|at| width(&line[..at]));
        let under = |part: &str, heading: &str| at(&wide[1], part) == at(&wide[0], heading);
        assert!(under("192.0.2.1", "client") && under("TLS_", "cipher suite") && under("x25519", "group"));
    }

    #[test]
    fn a_server_without_a_name_is_shown_by_its_address() {
        let lines = table(&Row { sni: None, ..row() }, 80);
        assert!(lines[1].contains("192.0.2.2:8443 "), "{lines:#?}");
        let short = Row { sni: Some("a.example".into()), server: Some("192.0.2.2:443".into()), ..row() };
        assert!(table(&short, 80)[1].contains("  a.example  "), "443 goes without saying");
    }
}
