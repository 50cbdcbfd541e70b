//! What can be changed, and what it says when that helps: one row each, in the file of its family.

mod alpn;
mod client;
mod extensions;
mod groups;
pub mod names;
mod network;
mod suites;
pub mod transport;
pub mod versions;

pub use extensions::name_of as extension_name;
pub use groups::{classical, is_post_quantum};

use std::net::IpAddr;

use crate::capture::Change;
use crate::wire::codepoints::NamedGroup;

use super::conclusion::{self, Conclusion};
use super::plan::{Asked, Lab};
use super::{Base, Outcome};

/// Something that can be changed.
///
/// The words in `id` and `about` have `{}` where a row makes several changes of one kind: the detail of each stands there.
pub struct Row {
    /// `no-sni`, `without-{}`
    pub id: &'static str,
    /// What the ClientHello is like with it, for the table.
    pub about: &'static str,
    /// For `explain`: what is sent, and which causes the answer tells apart.
    pub explain: &'static str,
    /// The changes, each an experiment of its own; none where it would change nothing.
    pub changes: fn(&Base) -> Vec<Change>,
    /// It is among what the plainest ClientHello has changed, all at once.
    pub plain: bool,
    /// When it is tried otherwise.
    pub tries: &'static [Try],
    /// What is known before anything else is tried, where the failure itself points at this row.
    pub first: fn(&Lab<'_>) -> Asked<Option<Conclusion>>,
    /// The server goes on with this change alone: what that says. It may ask for further experiments.
    pub helps: fn(&Lab<'_>, &Atom) -> Asked<Conclusion>,
    /// Neither this nor anything else helps: what that says.
    pub in_vain: fn(&Lab<'_>) -> Option<Conclusion>,
    /// Flags that make the same change.
    pub flags: &'static [(&'static str, Option<&'static str>)],
}

/// When a change is tried, and beside what.
pub struct Try {
    /// The lowest comes first. From [`RARE`] on it is told that nothing helps, if no more may be tried.
    pub rank: u16,
    /// Rows whose changes are made as well, before this one.
    pub with: &'static [&'static str],
    /// The ClientHello is the plainest otherwise.
    pub plain: bool,
    /// Whether a cause that it tells from others is possible.
    pub when: fn(&Base) -> bool,
}

/// What seldom is the cause.
pub const RARE: u16 = 200;

/// When everything that the plainest ClientHello lacks is changed at once.
pub const PLAINEST: u16 = 10;

/// Nothing else is tried.
pub const ALONE: u16 = 0;

/// A change that was made, or could be, to one ClientHello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// `no-sni`, `without-session_ticket`
    pub id: String,
    pub change: Change,
}

/// What a row has that says nothing else.
const ROW: Row = Row {
    id: "",
    about: "",
    explain: "",
    changes: |_| Vec::new(),
    plain: false,
    tries: &[],
    first: |_| Ok(None),
    helps: |lab, one| Ok(conclusion::other(lab, one)),
    in_vain: |_| None,
    flags: &[],
};

const TRY: Try = Try { rank: RARE, with: &[], plain: false, when: |_| true };

/// All of them, by family.
const FAMILIES: &[&[Row]] = &[
    groups::ROWS,
    alpn::ROWS,
    extensions::ROWS,
    suites::ROWS,
    versions::ROWS,
    names::ROWS,
    transport::ROWS,
    network::ROWS,
    client::ROWS,
];

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Row> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// The row of an atom, by its id.
pub fn row(id: &str) -> Option<&'static Row> {
    all().find(|row| match row.id.split_once("{}") {
        None => row.id == id,
        Some((before, after)) => id
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|detail| !detail.is_empty()),
    })
}

impl Row {
    /// Its atoms for this ClientHello.
    pub fn atoms(&self, base: &Base) -> impl Iterator<Item = Atom> {
        let of = |change: Change| Atom { id: self.id.replace("{}", &detail(&change)), change };
        (self.changes)(base).into_iter().map(of)
    }

    /// Its id as a topic of `explain`.
    pub fn topic(&self) -> String {
        format!("experiment.{}", self.id.replace("-{}", ""))
    }
}

impl Atom {
    /// The first change of the row `id`, if it would change something.
    pub fn of(id: &str, base: &Base) -> Option<Atom> {
        row(id)?.atoms(base).next()
    }

    /// What it makes of the ClientHello, for the table.
    pub fn about(&self) -> String {
        about(&self.change, &self.id)
    }

    /// Whether the hello has one extension less with it.
    pub fn removes_extension(&self) -> bool {
        match &self.change {
            Change::Without(_) | Change::ServerName(None) => true,
            Change::Alpn(names) => names.is_empty(),
            _ => false,
        }
    }

    /// Whether the hello is shorter with it.
    pub fn shortens(&self) -> bool {
        match &self.change {
            Change::Without(_)
            | Change::WithoutExtensions
            | Change::WithoutGrease
            | Change::Versions { .. }
            | Change::Groups(_)
            | Change::Shares(_)
            | Change::ServerName(None) => true,
            Change::Alpn(names) => names.is_empty(),
            _ => false,
        }
    }
}

/// What an experiment's changes make of the hello; empty if there are none.
pub fn abouts(id: &str, changes: &[Change]) -> Vec<String> {
    id.split('+').zip(changes).map(|(id, change)| about(change, id)).collect()
}

fn about(change: &Change, id: &str) -> String {
    row(id).map_or_else(|| id.to_owned(), |row| row.about.replace("{}", &detail(change)))
}

/// What tells a change from others of its row.
fn detail(change: &Change) -> String {
    match change {
        Change::Without(code) => extension_name(*code),
        Change::Groups(groups) | Change::Shares(groups) => {
            let names: Vec<String> = groups.iter().map(|code| NamedGroup(*code).to_string()).collect();
            names.join(", ")
        }
        Change::PaddedTo(len) => len.to_string(),
        Change::ServerName(Some(name)) => name.clone(),
        Change::Address(address) => address.to_string(),
        Change::Pause(ms) => format!("{:.1}", f64::from(*ms) / 1000.0),
        _ => String::new(),
    }
}

/// The server said nothing: what is in front of it may be the cause, or the network.
fn wordless(base: &Base) -> bool {
    matches!(base.outcome, Outcome::Closed | Outcome::Reset | Outcome::Silent)
}

/// What is in `all` and not in `offered`.
fn more(all: &[u16], offered: &[u16]) -> Option<Vec<u16>> {
    let new: Vec<u16> = all.iter().copied().filter(|code| !offered.contains(code)).collect();
    (!new.is_empty()).then_some(new)
}

/// Other addresses than the one that was used.
fn others(base: &Base) -> impl Iterator<Item = IpAddr> {
    base.addresses.iter().copied().filter(|address| Some(*address) != base.address)
}
