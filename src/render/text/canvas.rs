//! One row of a drawing: cells that are written over, each with its colour.

use unicode_width::UnicodeWidthChar;

use super::screen::{Screen, Style};

/// A row of cells.
pub(super) struct Row {
    /// The second half of a wide character is none.
    cells: Vec<(Option<char>, Style)>,
}

impl Row {
    /// Blank.
    pub(super) fn new(columns: usize) -> Row {
        Row { cells: vec![(Some(' '), Style::Plain); columns] }
    }

    /// Writes `text` from a column on, over what was there; what does not fit is left out.
    pub(super) fn put(&mut self, column: usize, text: &str, style: Style) {
        let mut at = column;
        for c in text.chars() {
            let width = c.width().unwrap_or(0);
            if width == 0 {
                continue;
            }
            if at + width > self.cells.len() {
                return;
            }
            self.cells[at] = (Some(c), style);
            if width == 2 {
                self.cells[at + 1] = (None, style);
            }
            at += width;
        }
    }

    /// Fills the columns from `from` to before `to`.
    pub(super) fn fill(&mut self, from: usize, to: usize, c: char, style: Style) {
        let to = to.min(self.cells.len());
        if let Some(cells) = self.cells.get_mut(from..to) {
            cells.fill((Some(c), style));
        }
    }

    /// Writes it out.
    pub(super) fn write(self, screen: &mut Screen<'_>) {
        let mut line = String::new();
        for run in self.cells.chunk_by(|(_, one), (_, other)| one == other) {
            let text: String = run.iter().filter_map(|(c, _)| *c).collect();
            let style = run.first().map(|(_, style)| *style).unwrap_or_default();
            // Nothing to be painted, and nothing to keep a line's end from being cut.
            match text.trim().is_empty() {
                true => line.push_str(&text),
                false => line.push_str(&screen.paint(style, &text)),
            }
        }
        screen.line(&line);
    }
}
