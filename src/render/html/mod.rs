//! A page for a browser: one file with its style and its script, safe against any peer's bytes, that loads nothing.
//!
//! What a reader sees at once is markup. The fields and bytes of messages are data within the page, from which its
//! script builds what is opened; so are all connections but one. Connections are written as they come: of those that
//! were written only a row is kept.

mod bytes;
mod chain;
mod connection;
mod keys;
mod list;
mod page;
mod steps;
mod verdict;

use std::io::{self, Write};

use super::{Document, Format, Settings, Several};
use crate::finding::verdict::rank;
use crate::report::many::Untraced;
use crate::report::{Report, connection as connections};
use bytes::Texts;
use list::Entry;

/// `--format html`
pub const FORMAT: Format = Format {
    name: "html",
    about: "a page for a browser, in one file that loads nothing",
    suffix: "html",
    several: Several::Document,
    begin: || Box::new(Page::default()),
};

/// So many connections of a page are shown whole, whatever came of them; of those behind them each that is not good.
const DETAILED: usize = 100;
/// All of that as long as it takes no more than so many bytes, with which a browser opens the page at once. Of the other
/// connections there is a row.
const ROOM: usize = 16 << 20;

/// A page while it is made.
#[derive(Default)]
struct Page {
    /// The first report, until it is known whether it is the only one.
    first: Vec<u8>,
    title: String,
    reports: usize,
    /// Bytes of data so far.
    written: usize,
    entries: Vec<Entry>,
    texts: Texts,
    shown: Option<Shown>,
    exit_code: u8,
}

/// The connection that the page opens with: of several the worst.
struct Shown {
    /// Its place among the entries, from 0.
    number: usize,
    exit_code: u8,
    markup: String,
}

impl Document for Page {
    fn add(&mut self, report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let title = || connections::target(report);
        self.one_more(title, out, |page, out| page.connections(report, settings, out))
    }

    fn untraced(&mut self, target: &Untraced, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        self.one_more(
            || target.name(),
            out,
            |page, _| {
                page.came_to(target.exit_code());
                page.entries.push(Entry::of_untraced(target));
                Ok(())
            },
        )
    }

    fn end(&mut self, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        if self.reports < 2 {
            self.begin(&self.title.clone(), out)?;
        }
        let heading = match self.reports {
            0 => "Nothing was traced.".to_owned(),
            1 => self.title.clone(),
            _ => format!("{} and others", self.title),
        };
        page::end(
            &page::End {
                heading: &heading,
                exit_code: self.exit_code,
                entries: &self.entries,
                shown: self.shown.as_ref(),
                texts: &self.texts,
            },
            out,
        )
    }
}

impl Page {
    /// Everything before the data.
    fn begin(&mut self, title: &str, out: &mut dyn Write) -> io::Result<()> {
        page::begin(title, out)?;
        out.write_all(&std::mem::take(&mut self.first))
    }

    /// Another target: what it has to say is written behind everything that stands before the data, once that is known.
    fn one_more(
        &mut self,
        title: impl FnOnce() -> String,
        out: &mut dyn Write,
        write: impl FnOnce(&mut Page, &mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        self.reports += 1;
        match self.reports {
            1 => {
                self.title = title();
                let mut first = Vec::new();
                write(self, &mut first)?;
                self.first = first;
                Ok(())
            }
            2 => {
                self.begin(&format!("{} and others", self.title), out)?;
                write(self, out)
            }
            _ => write(self, out),
        }
    }

    /// The worst of all counts.
    fn came_to(&mut self, exit_code: u8) {
        if self.entries.is_empty() || rank(exit_code) < rank(self.exit_code) {
            self.exit_code = exit_code;
        }
    }

    /// Adds the connections of a report.
    fn connections(&mut self, report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let exit_code = report.exit_code();
        self.came_to(exit_code);
        for place in 0..report.connections.len() {
            let number = self.entries.len();
            let good = report.connections.get(place).is_some_and(|judged| judged.verdict.exit_code == 0);
            let detailed = (number < DETAILED || !good) && self.written < ROOM;
            self.entries.push(Entry::of(report, place, detailed));
            if !detailed {
                continue;
            }
            let data = bytes::data(report, place, settings, &mut self.texts);
            self.written += page::data("d", number, &data, out)?;
            let markup = connection::section(report, place, number, settings);
            let decisive = report.decisive_place() == Some(place);
            let replaces = match &self.shown {
                None => decisive || report.decisive_place().is_none(),
                Some(shown) => decisive && rank(exit_code) < rank(shown.exit_code),
            };
            let hidden = match replaces {
                true => {
                    self.shown.replace(Shown { number, exit_code, markup }).map(|it| (it.number, it.markup))
                }
                false => Some((number, markup)),
            };
            if let Some((number, markup)) = hidden {
                self.written += page::data("h", number, &markup, out)?;
            }
        }
        self.entries.extend(connections::others(report).map(|row| Entry::of_row(report, row)));
        Ok(())
    }
}
