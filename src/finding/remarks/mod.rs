//! What the handshake shows besides its result: worth knowing, no failure. One file a remark, and one row of
//! [`REMARKS`].

mod alpn;
mod ech;
mod large_flight;
mod packets;
mod retry;
mod stall;
mod tickets;
mod unknown_name;

use super::{Case, Finding};

/// Something that a handshake may show.
pub struct Remark {
    pub id: &'static str,
    /// A headline of at most [`super::HEADLINE`] columns.
    pub title: &'static str,
    /// What it means, in two or three sentences.
    pub about: &'static str,
    of: fn(&Case<'_>) -> Option<Finding>,
}

/// All of them.
pub const REMARKS: &[Remark] = &[
    unknown_name::UNKNOWN_NAME,
    stall::STALL,
    large_flight::LARGE_FLIGHT,
    retry::AVOIDABLE,
    alpn::IGNORED,
    tickets::LIFETIME,
    packets::NOT_CAPTURED,
    packets::INCOMPLETE,
    ech::ACCEPTED,
    ech::GREASE,
    ech::SEEN,
    ech::ONLY_TLS13,
];

/// What is to be remarked.
pub fn of(case: &Case<'_>) -> impl Iterator<Item = Finding> {
    REMARKS.iter().filter_map(move |remark| (remark.of)(case))
}
