//! The block about post-quantum cryptography (`-v`).

use super::screen::{Screen, Style};
use crate::finding::post_quantum::PostQuantum;

/// Column of the words.
const VALUE: usize = 18;

pub(super) fn block(screen: &mut Screen<'_>, known: &PostQuantum) {
    screen.gap();
    let title = screen.paint(Style::Bold, "post-quantum");
    screen.line(&title);
    for (name, half) in [("key exchange", &known.key_exchange), ("authentication", &known.authentication)] {
        let lead = format!("  {}", screen.paint(Style::Dim, &format!("{name:<16}")));
        let name = half.name.as_ref().map(|name| format!(": {name}")).unwrap_or_default();
        screen.wrapped(&lead, VALUE, Style::Plain, &format!("{}{name}; {}", half.state.words(), half.text));
    }
}
