//! A list of items that a peer can't make long.

use std::collections::VecDeque;

use super::{Item, Kind, Sequence, Sort};
use crate::trace::Kind as MessageKind;

/// So many are kept at the end of a long list: how it ended is what matters.
const LAST: usize = 60;
const FIRST: usize = Sequence::MOST - LAST - 10;
/// So many lines of a dialogue before TLS are kept, at its start and at its end.
const SAID: (usize, usize) = (12, 6);

/// Items as they come.
#[derive(Default)]
pub(super) struct Items {
    first: Vec<Item>,
    /// What was left out, and what must stay of it.
    middle: Vec<Item>,
    last: VecDeque<Item>,
}

impl Items {
    /// Adds one; data that goes on in the same direction is one with what was there before.
    pub(super) fn push(&mut self, item: Item) {
        if let Some(before) =
            self.last.back_mut().or(self.first.last_mut().filter(|_| self.middle.is_empty()))
            && goes_on(before, &item)
        {
            return join(before, item);
        }
        if self.first.len() < FIRST {
            return self.first.push(item);
        }
        self.last.push_back(item);
        if self.last.len() > LAST
            && let Some(item) = self.last.pop_front()
        {
            leave_out(&mut self.middle, item);
        }
    }

    /// All of them.
    pub(super) fn all(self) -> Vec<Item> {
        let mut items = self.first;
        items.extend(self.middle);
        items.extend(self.last);
        items
    }
}

/// What was said before TLS, cut in its middle if it is long.
pub(super) fn dialogue(said: Vec<Item>) -> Vec<Item> {
    let (first, last) = SAID;
    let count = said.len();
    let mut items = Vec::new();
    for (index, item) in said.into_iter().enumerate() {
        match index >= first && index + last < count {
            true => leave_out(&mut items, item),
            false => items.push(item),
        }
    }
    items
}

/// Counts an item that is left out; where it failed is never left out.
fn leave_out(items: &mut Vec<Item>, item: Item) {
    let stays = match &item.kind {
        Kind::Arrow(arrow) => arrow.failed,
        Kind::Failure(_) => true,
        _ => false,
    };
    match items.last_mut().map(|before| &mut before.kind) {
        _ if stays => items.push(item),
        Some(Kind::LeftOut(count)) => *count += 1,
        _ => items.push(Item { what: None, kind: Kind::LeftOut(1), notes: Vec::new(), ..item }),
    }
}

/// Whether both are data of the same sender under the same keys.
fn goes_on(before: &Item, item: &Item) -> bool {
    let (Kind::Arrow(before), Kind::Arrow(arrow)) = (&before.kind, &item.kind) else { return false };
    let data = matches!(arrow.sort, Sort::Message(MessageKind::ApplicationData | MessageKind::Sealed));
    data && before.sort == arrow.sort
        && (before.from, before.protection) == (arrow.from, arrow.protection)
        && !before.failed
        && !arrow.failed
}

fn join(before: &mut Item, item: Item) {
    let (Kind::Arrow(before), Kind::Arrow(arrow)) = (&mut before.kind, item.kind) else { return };
    before.times += arrow.times;
    before.bytes = before.bytes.zip(arrow.bytes).map(|(a, b)| a.saturating_add(b));
    before.records = match (before.records, arrow.records) {
        (Some((first, _)), Some((_, last))) => Some((first, last)),
        (before, arrow) => before.or(arrow),
    };
}
