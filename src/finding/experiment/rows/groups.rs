//! Groups and key shares.

use crate::capture::Change;
use crate::finding::Certainty;
use crate::finding::experiment::conclusion::{Conclusion, chosen_other, unexplained};
use crate::finding::experiment::plan::{Asked, Lab};
use crate::finding::experiment::{Base, Depth};
use crate::wire::codepoints::version::TLS_1_3;
use crate::wire::codepoints::{NamedGroup, group};

use super::{Atom, ROW, Row, TRY, Try, more};

const NO_POST_QUANTUM: &str = "no-post-quantum";
const CLASSICAL_SHARES: &str = "classical-shares";
const ALONE: &str = "group-{}-alone";

/// The curves and the fields that servers have.
const GROUPS: &[u16] = &[
    0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100, 0x0101, 0x0102, 0x11ec, 0x11eb, 0x11ed, 0x0201, 0x0202,
    0x0200,
];

/// So many groups are tried alone at most.
const MOST_ALONE: usize = 4;

pub const ROWS: &[Row] = &[
    Row {
        id: NO_POST_QUANTUM,
        about: "no post-quantum groups",
        explain: "The ClientHello without post-quantum groups and their key shares, which are long. Whether their length or \
                  the groups themselves matter is told by further experiments.",
        changes: |base| {
            let classical = base.classical_groups();
            let fewer = !classical.is_empty() && classical.len() < base.groups.len();
            fewer.then_some(Change::Groups(classical)).into_iter().collect()
        },
        plain: true,
        helps: not_tolerated,
        flags: &[("--groups", Some("X25519,secp256r1"))],
        ..ROW
    },
    Row {
        id: CLASSICAL_SHARES,
        about: "key shares of classical groups only",
        explain: "Post-quantum groups are offered without a key share. If the server then goes on, it is the large key \
                  share that is not tolerated, not the group.",
        changes: |base| {
            let first = base.classical_groups().into_iter().take(1).collect::<Vec<_>>();
            (!first.is_empty()).then_some(Change::Shares(first)).into_iter().collect()
        },
        ..ROW
    },
    Row {
        id: "more-groups",
        about: "all groups",
        explain: "All groups that we know are offered, those that were offered first. The one that the server chooses, by a \
                  HelloRetryRequest if need be, is one that it is configured for.",
        changes: |base| more(GROUPS, &base.groups).map(Change::MoreGroups).into_iter().collect(),
        plain: true,
        helps: |lab, one| {
            let group = lab.answer_to(one).group;
            Ok(match group {
                Some(group) if lab.base.groups.contains(&group.0) => unexplained("groups", group),
                _ => chosen_other("diagnosis.group", "group", "--groups", group),
            })
        },
        ..ROW
    },
    Row {
        id: "no-key-share",
        about: "no key share (forces a HelloRetryRequest)",
        explain: "The key_share extension is empty, so a TLS 1.3 server has to ask for a share by a HelloRetryRequest. If \
                  that helps, the server fails on the key share that was sent, not on the groups.",
        changes: |base| tls13(base).then(|| Change::Shares(Vec::new())).into_iter().collect(),
        tries: &[Try { rank: 150, when: |base| base.depth == Depth::FirstFlight, ..TRY }],
        helps: |lab, one| {
            let asked = lab.answer_to(one).group.map(|group| format!(" for {group}")).unwrap_or_default();
            let text = format!(
                "the server fails on the key shares that were sent; without one it asks{asked} by a HelloRetryRequest"
            );
            Ok(Conclusion::new("diagnosis.key_share", Certainty::Certain, text)
                .remedy("update the server: a key share of a group that it does not use has to be ignored (RFC 8446, section 4.2.8)"))
        },
        ..ROW
    },
    Row {
        id: ALONE,
        about: "the group {} alone",
        explain: "Only one group is offered, with a key share for it. It tells a group that the server can't use from those \
                  that it can, a hybrid group from another, and one that is not preferred from one that is not supported.",
        changes: |base| {
            let several = base.groups.len() > 1;
            let alone = base.groups.iter().filter(|_| several).take(MOST_ALONE);
            alone.map(|group| Change::Groups(vec![*group])).collect()
        },
        tries: &[
            Try { rank: 15, when: |base| base.depth == Depth::Whole && tls13(base), ..TRY },
            Try { rank: 160, when: |base| base.depth == Depth::FirstFlight, ..TRY },
        ],
        helps: |_, one| {
            let Change::Groups(groups) = &one.change else { return Ok(Conclusion::unnamed()) };
            let group = groups.first().copied().map(NamedGroup).map(|group| group.to_string());
            let group = group.unwrap_or_default();
            let text = format!(
                "the key exchange: with the group {group} alone the server goes on, with those that were offered beside it, it does not"
            );
            Ok(Conclusion::new("diagnosis.group", Certainty::Certain, text)
                .remedy(
                    "look at the groups that the server is configured for, and update what terminates TLS",
                )
                .command("--groups", &group))
        },
        ..ROW
    },
];

fn tls13(base: &Base) -> bool {
    base.versions.0 >= TLS_1_3
}

/// Whether a quantum computer would not break it.
pub fn is_post_quantum(code: u16) -> bool {
    group::find(code).is_some_and(group::Group::is_post_quantum)
}

/// Those that a quantum computer would break.
pub fn classical(groups: &[u16]) -> Vec<u16> {
    groups.iter().copied().filter(|code| !is_post_quantum(*code)).collect()
}

/// The server goes on without post-quantum groups, and at any length: all of them, some, or their shares?
fn not_tolerated(lab: &Lab<'_>, _: &Atom) -> Asked<Conclusion> {
    let shares = Atom::of(CLASSICAL_SHARES, lab.base);
    let share_only = shares.map(|shares| lab.goes_on(&[shares])).transpose()?.unwrap_or(false);
    let hybrid: Vec<u16> = lab.base.groups.iter().copied().filter(|code| is_post_quantum(*code)).collect();
    let mut taken = Vec::new();
    // One of several may be what it stumbles over.
    if !share_only && hybrid.len() > 1 {
        for code in &hybrid {
            let alone = Atom {
                id: ALONE.replace("{}", &NamedGroup(*code).to_string()),
                change: Change::Groups(vec![*code]),
            };
            if lab.goes_on(&[alone])? {
                taken.push(NamedGroup(*code).to_string());
            }
        }
    }
    let what = match share_only {
        true => "the large key share of a post-quantum group; the group itself may be offered",
        false => "post-quantum groups in the ClientHello",
    };
    let mut text = format!(
        "the server, or something in front of it, does not tolerate {what}; its length does not matter"
    );
    if !taken.is_empty() {
        text += &format!("; {} alone it does", taken.join(", "));
    }
    Ok(Conclusion::new("diagnosis.post_quantum", Certainty::Certain, text)
        .remedy("update what terminates TLS: an unknown group has to be ignored (RFC 8446, section 4.2.7)"))
}
