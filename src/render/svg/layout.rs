//! Where everything of a diagram stands.

use std::time::Duration;

use crate::report::rows::What;
use crate::report::sequence::{Item, Kind, Protection, Sequence};

/// Where lifelines begin.
pub(super) const TOP: usize = 44;
/// The room that times take beside what each item needs: so much for all that is no pause.
const SPREAD: u128 = 120;
/// What is drawn in the place of a pause.
const BREAK: usize = 26;

/// A diagram laid out, in units from its top.
pub(super) struct Layout<'a> {
    pub(super) items: Vec<Placed<'a>>,
    pub(super) breaks: Vec<Break>,
    pub(super) bands: Vec<Band>,
    /// Where lifelines end.
    pub(super) bottom: usize,
    pub(super) height: usize,
}

/// An item, and the line that it stands on.
pub(super) struct Placed<'a> {
    pub(super) item: &'a Item,
    pub(super) y: usize,
    /// Its time in ms, if it differs from that of the one before.
    pub(super) at: Option<String>,
    /// Index of its message.
    pub(super) message: Option<usize>,
}

/// A pause that is not drawn to scale.
pub(super) struct Break {
    pub(super) at: usize,
    pub(super) words: String,
}

/// A part of the drawing in which the same keys protect what is sent.
pub(super) struct Band {
    pub(super) protection: Protection,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl<'a> Layout<'a> {
    pub(super) fn of(sequence: &'a Sequence) -> Layout<'a> {
        let scale = Scale::of(sequence);
        let mut layout =
            Layout { items: Vec::new(), breaks: Vec::new(), bands: Vec::new(), bottom: 0, height: 0 };
        let mut y = TOP;
        let mut told = None;
        for item in &sequence.items {
            let (above, below) = needs(item);
            if let Some(after) = item.after {
                match scale.units(after) {
                    Some(units) => y += units,
                    None => {
                        layout.breaks.push(Break { at: y, words: pause(after) });
                        y += BREAK;
                    }
                }
            }
            y += above;
            let at = item.at.map(milliseconds);
            let message = match item.what {
                Some(What::Message(index)) => Some(index),
                _ => None,
            };
            let shown = at.clone().filter(|_| told != at);
            told = at.or(told);
            layout.items.push(Placed { item, y, at: shown, message });
            if let Kind::Keys(keys) = &item.kind {
                layout.close_band(y);
                layout.bands.push(Band { protection: keys.protection, from: y, to: y });
            }
            y += below;
        }
        layout.bottom = y + 6;
        layout.close_band(layout.bottom);
        layout.height = layout.bottom + 34;
        layout
    }

    fn close_band(&mut self, at: usize) {
        if let Some(band) = self.bands.last_mut() {
            band.to = at;
        }
    }
}

/// The room that an item takes above and below its line.
fn needs(item: &Item) -> (usize, usize) {
    match &item.kind {
        Kind::Arrow(arrow) if arrow.brief().next().is_some() => (24, 20),
        Kind::Arrow(_) => (24, 6),
        Kind::Keys(_) => (26, 2),
        Kind::Remark(_) => (18, 8),
        Kind::Failure(_) => (26, 32),
        Kind::LeftOut(_) => (20, 8),
    }
}

/// How many units a time takes.
struct Scale {
    /// The sum of all times that are drawn, in microseconds.
    sum: u128,
    /// The longest of them.
    longest: u128,
}

impl Scale {
    fn of(sequence: &Sequence) -> Scale {
        Scale::over(sequence.items.iter().filter_map(|item| item.after).collect())
    }

    /// What is more than two thirds of all that is no longer than it is a pause: drawn to scale it would leave nothing for
    /// the others.
    fn over(mut times: Vec<Duration>) -> Scale {
        times.sort_unstable();
        let mut sum: u128 = times.iter().map(Duration::as_micros).sum();
        while let Some(last) = times.last().map(Duration::as_micros).filter(|last| last * 3 > sum * 2) {
            times.pop();
            sum -= last;
        }
        Scale { sum, longest: times.last().map(Duration::as_micros).unwrap_or_default() }
    }

    /// None if it is too long to be drawn.
    fn units(&self, after: Duration) -> Option<usize> {
        let micros = after.as_micros();
        let units = micros * SPREAD / self.sum.max(1);
        usize::try_from(units).ok().filter(|_| micros <= self.longest)
    }
}

fn milliseconds(at: Duration) -> String {
    format!("{:.1}", at.as_secs_f64() * 1000.0)
}

fn pause(after: Duration) -> String {
    match after.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("+{seconds:.1} s"),
        seconds => format!("+{:.1} ms", seconds * 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_to_scale_and_long_ones_break() {
        let of = |times: &[u64]| -> Vec<Option<usize>> {
            let times: Vec<_> = times.iter().copied().map(Duration::from_millis).collect();
            let scale = Scale::over(times.clone());
            times.into_iter().map(|time| scale.units(time)).collect()
        };
        assert_eq!(of(&[0, 10, 20, 30]), [Some(0), Some(20), Some(40), Some(60)]);
        // Two equal ones are drawn; one that is much longer than all the others together is not.
        assert_eq!(of(&[11, 11]), [Some(60), Some(60)]);
        assert_eq!(of(&[1, 500, 3, 2]), [Some(20), None, Some(60), Some(40)]);
        assert_eq!(of(&[0, 0, 7]), [Some(0), Some(0), None]);
        assert_eq!(of(&[]), []);
        assert_eq!(pause(Duration::from_millis(1_500)), "+1.5 s");
        assert_eq!(pause(Duration::from_micros(11_140)), "+11.1 ms");
    }
}
