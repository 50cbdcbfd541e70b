//! Mermaid, for documents that GitHub, GitLab and others draw: the sequence diagram, and the flow chart of the handshake.

mod flow;
mod sequence;
mod text;

pub use flow::FORMAT as FLOW;
pub use sequence::FORMAT as SEQUENCE;
pub(super) use sequence::diagram;

/// Who draws takes no longer text than 50 000 characters (mermaid's `maxTextSize`); behind so many nothing is said in full,
/// so that there is room for the rest.
const ROOM: usize = 36_000;

#[cfg(test)]
mod tests {
    use super::text::{label, line};

    #[test]
    fn no_text_is_syntax() {
        for (hostile, shown) in [
            ("a; b", "a#59; b"),
            ("#35; \"q\" <b>&amp;", "#35;35#59; #34;q#34; #60;b#62;#38;amp#59;"),
            ("%%{init: {}}%%", "#37;#37;#123;init: #123;#125;#125;#37;#37;"),
            ("`x` [y](z) $$a$$", "#96;x#96; #91;y#93;(z) #36;#36;a#36;#36;"),
            ("a\nend\u{202e}", "a#92;nend#92;u#123;202e#125;"),
            ("\u{fb02}°60¶ß", "#64258;#176;60#182;ß"),
            ("Österreich · 日本 ×2 ✓", "Österreich · 日本 ×2 ✓"),
        ] {
            assert_eq!(line(hostile), shown);
        }
        assert_eq!(label("end"), "\"end\"");
    }
}
