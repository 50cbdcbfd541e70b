//! Columns, colours and symbols: the one place that knows how a terminal shows things.

use std::borrow::Cow;
use std::io::{self, Write};

use colored::{Color, Colorize};
use unicode_width::UnicodeWidthChar;

use super::super::Settings;
use super::super::plain::ascii;
use crate::report::rows::{Mark, Tone};
use crate::wire::text::{self, is_hostile};

/// What a piece of text is, for its colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::render) enum Style {
    #[default]
    Plain,
    Bold,
    Dim,
    Good,
    Bad,
    Warn,
    Client,
    Server,
}

impl From<Tone> for Style {
    fn from(tone: Tone) -> Style {
        match tone {
            Tone::Plain => Style::Plain,
            Tone::Quiet => Style::Dim,
            Tone::Warning => Style::Warn,
            Tone::Bad => Style::Bad,
        }
    }
}

/// Writes lines, each as soon as it is whole.
pub(in crate::render) struct Screen<'a> {
    pub(in crate::render) settings: &'a Settings,
    out: &'a mut dyn Write,
    /// The first error; behind it nothing is written.
    result: io::Result<()>,
    /// Bytes that were written.
    written: usize,
    /// After how many of them a step ended.
    steps: Vec<usize>,
}

impl<'a> Screen<'a> {
    pub(in crate::render) fn new(settings: &'a Settings, out: &'a mut dyn Write) -> Self {
        if settings.color {
            // The crate's switch is global; it is only ever turned on, and without colour no style is asked for.
            colored::control::set_override(true);
        }
        Screen { settings, out, result: Ok(()), written: 0, steps: Vec::new() }
    }

    /// Whether everything could be written until now; there is no use in making more if not.
    pub(in crate::render) fn goes_on(&self) -> bool {
        self.result.is_ok()
    }

    /// How the writing went.
    pub(in crate::render) fn finish(self) -> io::Result<()> {
        self.result
    }

    /// Behind a step: who is shown one after the other waits here.
    pub(in crate::render) fn step(&mut self) {
        self.steps.push(self.written);
    }

    /// How the writing went, and after how many bytes each step ended.
    pub(in crate::render) fn finish_in_steps(self) -> io::Result<Vec<usize>> {
        self.result.map(|()| self.steps)
    }

    /// The columns there are.
    pub(in crate::render) fn width(&self) -> usize {
        self.settings.width
    }

    /// A piece of text in its colour.
    pub(in crate::render) fn paint(&self, style: Style, text: &str) -> String {
        if !self.settings.color || text.is_empty() {
            return text.to_owned();
        }
        match style {
            Style::Plain => text.to_owned(),
            Style::Bold => text.bold().to_string(),
            Style::Dim => text.dimmed().to_string(),
            Style::Good => text.color(Color::Green).to_string(),
            Style::Bad => text.color(Color::Red).bold().to_string(),
            Style::Warn => text.color(Color::Yellow).to_string(),
            Style::Client => text.color(Color::Cyan).to_string(),
            Style::Server => text.color(Color::Magenta).to_string(),
        }
    }

    /// A mark in its colour, as wide as the widest one.
    pub(in crate::render) fn mark(&self, mark: impl Into<Mark>) -> String {
        let mark = mark.into();
        let fill = self.mark_width() - width(self.sign(mark));
        format!("{}{:fill$}", self.bare_mark(mark), "")
    }

    /// A mark in its colour.
    pub(in crate::render) fn bare_mark(&self, mark: Mark) -> String {
        let style = match mark {
            Mark::Holds => Style::Good,
            Mark::Fails => Style::Bad,
            Mark::NotEvaluated => Style::Warn,
        };
        self.paint(style, self.sign(mark))
    }

    /// A mark without colour.
    pub(in crate::render) fn sign(&self, mark: Mark) -> &'static str {
        match (mark, self.settings.unicode) {
            (Mark::Holds, true) => "✓",
            (Mark::Fails, true) => "✗",
            (Mark::NotEvaluated, true) => "–",
            (Mark::Holds, false) => "ok",
            (Mark::Fails, false) => "FAIL",
            (Mark::NotEvaluated, false) => "n/a",
        }
    }

    /// What stands for something that was cut off.
    pub(in crate::render) fn ellipsis(&self) -> &'static str {
        if self.settings.unicode { "…" } else { "..." }
    }

    /// Width of [`Self::mark`].
    pub(in crate::render) fn mark_width(&self) -> usize {
        if self.settings.unicode { 1 } else { 4 }
    }

    /// Writes a line; trailing blanks are left out.
    pub(in crate::render) fn line(&mut self, text: &str) {
        if self.result.is_ok() {
            let text = self.told(text.trim_end());
            let line = self.shown(&text);
            self.written += line.len() + 1;
            self.result = self.out.write_all(line.as_bytes()).and_then(|()| self.out.write_all(b"\n"));
        }
    }

    /// Writes an empty line.
    pub(in crate::render) fn gap(&mut self) {
        self.line("");
    }

    /// Adds `text`, wrapped, behind `indent` blanks (the first line behind `lead`, which is as wide).
    pub(in crate::render) fn wrapped(&mut self, lead: &str, indent: usize, style: Style, text: &str) {
        self.wrapped_within(lead, indent, style, text, self.width());
    }

    /// The same, up to column `end`.
    pub(in crate::render) fn wrapped_within(
        &mut self,
        lead: &str,
        indent: usize,
        style: Style,
        text: &str,
        end: usize,
    ) {
        let text = self.told(text);
        let text = self.shown(&text);
        let columns = end.saturating_sub(indent).max(16);
        // Most are one line.
        if text.len() <= MOST_TEXT && width(&text) <= columns {
            let painted = self.paint(style, text.trim_start_matches(' '));
            return self.line(&format!("{lead}{painted}"));
        }
        let lines = wrap(&text, columns);
        for (i, line) in lines.iter().enumerate() {
            let painted = self.paint(style, line);
            if i == 0 {
                self.line(&format!("{lead}{painted}"));
            } else {
                self.line(&format!("{:indent$}{painted}", ""));
            }
        }
    }

    /// `left` in bold, and `right` at the right edge if there is room for both, else below.
    pub(in crate::render) fn ends(&mut self, left: &str, right: &str) {
        let (left, right) = (&*self.told(left), &*self.told(right));
        let used = width(left) + width(right);
        let shown_right = self.paint(Style::Dim, right);
        if used < self.width() {
            let gap = self.width() - used;
            let left = self.paint(Style::Bold, left);
            self.line(&format!("{left}{:gap$}{shown_right}", ""));
        } else {
            self.wrapped("", 0, Style::Bold, left);
            self.wrapped("  ", 2, Style::Dim, right);
        }
    }

    /// `text` cut to `columns`, with an ellipsis if something was cut off.
    pub(in crate::render) fn cut(&self, text: &str, columns: usize) -> String {
        text::cut(&self.told(text), columns, self.ellipsis())
    }

    /// `text` without what this report must not say; before it is laid out, so that no name is cut in two.
    pub(in crate::render) fn told<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.settings.told(text)
    }

    /// A line as it goes out; in a locale without UTF-8 with ASCII in the place of our symbols, and
    /// everything else escaped. What could steer the terminal does not get past this point, should
    /// somebody above have forgotten to escape it.
    pub(in crate::render) fn shown<'t>(&self, line: &'t str) -> Cow<'t, str> {
        let safe = match text::has_hostile(line) {
            true => Cow::Owned(disarmed(line, self.settings.color)),
            false => Cow::Borrowed(line),
        };
        if self.settings.unicode || safe.is_ascii() {
            return safe;
        }
        Cow::Owned(ascii(&safe))
    }
}

/// `text` with nothing in it that steers a terminal but, with `color`, what sets colours.
fn disarmed(text: &str, color: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let ours = match c {
            '\x1b' => color && sets_color(&text[at + 1..]),
            c => !is_hostile(c),
        };
        if ours {
            out.push(c);
        } else {
            out.extend(c.escape_unicode());
        }
    }
    out
}

/// Whether what follows an ESC is `[1;31m` or the like.
fn sets_color(behind: &str) -> bool {
    let parameters = behind.strip_prefix('[').and_then(|rest| rest.split_once('m'));
    parameters.is_some_and(|(digits, _)| digits.bytes().all(|b| b.is_ascii_digit() || b == b';'))
}

/// Columns that `text` takes.
pub(in crate::render) fn width(text: &str) -> usize {
    text::width(text)
}

/// The longest text of one statement; a peer's names may have megabytes.
const MOST_TEXT: usize = 16 << 10;

/// Lines of at most `columns`, broken between words where that is possible.
pub(in crate::render) fn wrap(text: &str, columns: usize) -> Vec<String> {
    wrap_behind(text, 0, columns)
}

/// The same, where something stands in the first `taken` columns of the first line already.
pub(in crate::render) fn wrap_behind(text: &str, taken: usize, columns: usize) -> Vec<String> {
    let (text, left_out) = bounded(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = taken;
    for word in words(text) {
        let mut word = word;
        let mut w = width(word);
        let gap = usize::from(!line.is_empty());
        if used > 0 && used + gap + w > columns {
            lines.push(std::mem::take(&mut line));
            used = 0;
        } else if gap > 0 {
            line.push(' ');
            used += 1;
        }
        while used + w > columns {
            let (at, taken) = split_at_width(word, columns.saturating_sub(used));
            line.push_str(&word[..at]);
            lines.push(std::mem::take(&mut line));
            word = &word[at..];
            // Not measured anew: a word may be as long as a peer likes.
            w = w.saturating_sub(taken);
            used = 0;
        }
        line.push_str(word);
        used += w;
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    if left_out > 0 {
        lines.push(format!("… {left_out} B more"));
    }
    lines
}

/// Words between blanks; what stands in short brackets (`(1st of 9)`) is one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    /// Longer ones may break.
    const SHORT: usize = 16;
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let bracket =
            text.strip_prefix('(').and_then(|inner| inner.bytes().take(SHORT).position(|b| b == b')'));
        let from = bracket.map_or(0, |close| close + 2);
        let end = text[from..].find(' ').map(|blank| from + blank);
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// As much of a text as a person reads, and how many bytes are left out.
fn bounded(text: &str) -> (&str, usize) {
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (&text[..end], text.len() - end)
}

/// Byte index up to which `text` takes at most `columns` (at least one character), and the columns of that part.
fn split_at_width(text: &str, columns: usize) -> (usize, usize) {
    let mut used = 0;
    for (i, c) in text.char_indices() {
        let w = c.width().unwrap_or(0);
        if used + w > columns && i > 0 {
            return (i, used);
        }
        used += w;
    }
    (text.len(), used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_and_long_ones_break() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("suite (1st of 9) x", 12), ["suite", "(1st of 9) x"]);
        assert_eq!(wrap("(a bracket of many words) x", 12), ["(a bracket", "of many", "words) x"]);
        assert_eq!(wrap("(日 x) y", 6), ["(日 x)", "y"]);
        assert_eq!(wrap_behind("one two", 6, 8), ["", "one two"]);
        assert_eq!(wrap_behind("one two", 4, 8), ["one", "two"]);
    }

    #[test]
    fn nothing_that_steers_a_terminal_gets_out() {
        let finished = |color: bool| {
            let settings = Settings { color, ..Settings::default() };
            let mut out = Vec::new();
            let mut screen = Screen::new(&settings, &mut out);
            screen.line("a\u{1b}[2Jb \u{1b}[1;31mred\u{1b}[0m \u{202e}\r\u{15}.");
            screen.finish().unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(finished(false), "a\\u{1b}[2Jb \\u{1b}[1;31mred\\u{1b}[0m \\u{202e}\\u{d}\\u{15}.\n");
        assert_eq!(finished(true), "a\\u{1b}[2Jb \u{1b}[1;31mred\u{1b}[0m \\u{202e}\\u{d}\\u{15}.\n");
    }

    #[test]
    fn cutting_counts_columns() {
        let (mut out, mut ascii_out) = (Vec::new(), Vec::new());
        let settings = Settings::default();
        let screen = Screen::new(&settings, &mut out);
        assert_eq!(screen.cut("abcdef", 4), "abc…");
        assert_eq!(screen.cut("日本語", 4), "日…");
        assert_eq!(screen.cut("abc", 4), "abc");
        let ascii = Settings { unicode: false, ..Settings::default() };
        assert_eq!(Screen::new(&ascii, &mut ascii_out).cut("abcdef", 5), "ab...");
    }
}
