//! The frame of the page: its head, the data within it, what is around a connection.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;

use super::Shown;
use super::bytes::Texts;
use super::list::{self, Entry};
use crate::crypto::hash::Hash;
use crate::render::plain::steady;
use crate::render::{json, svg};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Up to the data. The policy lets this page's own style and script be used, and nothing else: no other script, no
/// request, no form.
pub(super) fn begin(title: &str, out: &mut dyn Write) -> io::Result<()> {
    let style = format!("{STYLE}{}", svg::STYLE);
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        source(&style),
        source(SCRIPT)
    );
    let head = html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="generator" content=(concat!("tls-trace ", env!("CARGO_PKG_VERSION")));
            title { (title) " · tls-trace" }
            style { (PreEscaped(&style)) }
        }
        (PreEscaped("<body>\n"))
    };
    out.write_all(steady(&head.into_string()).as_bytes())
}

/// What a policy calls this text.
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Hash::Sha256.digest(&[text.as_bytes()])))
}

/// A block of data that the script finds by its id; how many bytes it takes.
pub(super) fn data(
    kind: &str,
    number: usize,
    value: &impl Serialize,
    out: &mut dyn Write,
) -> io::Result<usize> {
    block(&format!("{kind}{number}"), value, out)
}

fn block(id: &str, value: &impl Serialize, out: &mut dyn Write) -> io::Result<usize> {
    let mut within = Within { out, written: 0 };
    write!(within.out, "<script type=\"application/json\" id=\"{id}\">")?;
    json::value(value, &mut within)?;
    writeln!(within.out, "</script>")?;
    Ok(within.written)
}

/// JSON within markup: no `<` ends the element that it is in. Within JSON one stands in strings alone.
struct Within<'a> {
    out: &'a mut dyn Write,
    written: usize,
}

impl Write for Within<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const LESS: &[u8] = b"\\u003c";
        for (i, part) in bytes.split(|byte| *byte == b'<').enumerate() {
            if i > 0 {
                self.out.write_all(LESS)?;
                self.written += LESS.len();
            }
            self.out.write_all(part)?;
            self.written += part.len();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What stands behind the data.
pub(super) struct End<'a> {
    pub(super) heading: &'a str,
    pub(super) exit_code: u8,
    pub(super) entries: &'a [Entry],
    pub(super) shown: Option<&'a Shown>,
    pub(super) texts: &'a Texts,
}

pub(super) fn end(end: &End<'_>, out: &mut dyn Write) -> io::Result<()> {
    // Where there is nothing to show of the only one, its row says why.
    let several = end.entries.len() > usize::from(end.shown.is_some());
    block("texts", end.texts, out)?;
    if several {
        block("entries", &end.entries, out)?;
    }
    let number = end.shown.map(|shown| shown.number);
    let body = html! {
        a .skip href="#main" { "Skip to the report" }
        header .top {
            p .brand { "tls-trace" }
            h1 { (end.heading) }
            (controls())
        }
        main #main {
            @if several { (list::table(end.entries, end.exit_code)) }
            div #connection data-number=[number] aria-live="off" {
                @match end.shown {
                    Some(shown) => (PreEscaped(&shown.markup)),
                    None => p { "No connection is shown." },
                }
            }
        }
        footer {
            p {
                "Made by tls-trace " (env!("CARGO_PKG_VERSION")) ". ✓ holds, ✗ fails, – not evaluated. "
                "This page is one file: it loads nothing and sends nothing."
            }
        }
        noscript { p .noscript { "Without scripts the fields and bytes of messages, and other connections, are not shown." } }
        script { (PreEscaped(SCRIPT)) }
        (PreEscaped("</body></html>\n"))
    };
    out.write_all(steady(&body.into_string()).as_bytes())
}

/// What the script adds is hidden until it runs.
fn controls() -> Markup {
    html! {
        p .controls hidden {
            button type="button" data-do="open" { "Open all messages" }
            button type="button" data-do="close" { "Close all" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_ends_no_element_and_reorders_nothing() {
        let mut out = Vec::new();
        data("d", 7, &["</script><!-- \u{2028}\u{202e}"], &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(
            out,
            "<script type=\"application/json\" id=\"d7\">[\"\\u003c/script>\\u003c!-- \\u2028\\u202e\"]</script>\n"
        );
    }
}
