//! Servers and middleboxes that are a rule each: whatever they reject, the conclusion names it, in no more than
//! [`MOST`] connections.

use std::net::IpAddr;

use super::rows::Try;
use super::*;
use crate::wire::codepoints::version::{TLS_1_0, TLS_1_2, TLS_1_3};

/// What a hello is like once it was changed.
#[derive(Debug, Clone)]
struct Sent {
    sni: Option<String>,
    versions: (u16, u16),
    suites: Vec<u16>,
    groups: Vec<u16>,
    shares: Vec<u16>,
    schemes: Vec<u16>,
    alpn: Vec<Vec<u8>>,
    address: IpAddr,
    /// Milliseconds before it.
    pause: u32,
    extensions: Vec<u16>,
    grease: bool,
    length: usize,
    /// Bytes of the longest record and segment.
    record: usize,
    segment: usize,
    record_version: u16,
}

const EMS: u16 = 23;
const TICKET: u16 = 35;
const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const OTHER_ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));
const HYBRID: u16 = 0x11ec;
const HYBRID_LENGTH: usize = 1184;

/// As browsers and curl send it.
fn base(outcome: Outcome) -> Base {
    Base {
        depth: Depth::FirstFlight,
        outcome,
        host: Some("a.example".into()),
        sni: true,
        versions: (TLS_1_3, TLS_1_2),
        suites: vec![0x1301, 0x1302, 0xc02b, 0xc02f],
        groups: vec![HYBRID, 0x1d, 0x17],
        schemes: vec![0x0403, 0x0804],
        alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        extensions: vec![0, 10, 11, 13, 16, EMS, TICKET, 43, 45, 51, 5],
        grease: true,
        length: 1500,
        records: 1,
        cuts: Vec::new(),
        record_version: 0x0301,
        segment: 1460,
        address: Some(ADDRESS),
        addresses: vec![ADDRESS, OTHER_ADDRESS],
        client_certificate: false,
    }
}

fn sent(base: &Base, changes: &[Change]) -> Sent {
    let mut it = Sent {
        sni: base.sni.then(|| "a.example".to_owned()),
        versions: base.versions,
        suites: base.suites.clone(),
        groups: base.groups.clone(),
        shares: base.groups.first().copied().into_iter().collect(),
        schemes: base.schemes.clone(),
        alpn: base.alpn.clone(),
        address: ADDRESS,
        pause: 0,
        extensions: base.extensions.clone(),
        grease: base.grease,
        length: base.length,
        record: 0,
        segment: 0,
        record_version: 0x0301,
    };
    let (mut padded, mut cut_record, mut cut_segment) = (0, 0, 0);
    for change in changes {
        match change {
            Change::ServerName(name) => it.sni.clone_from(name),
            Change::Versions { min, max } => it.versions = (*max, *min),
            Change::CipherSuites(suites) => it.suites.clone_from(suites),
            Change::MoreCipherSuites(more) => it.suites.extend(more),
            Change::Groups(groups) => {
                it.groups.clone_from(groups);
                it.shares.retain(|share| groups.contains(share));
                // As what builds it does: without any share it would be another experiment.
                if it.shares.is_empty() {
                    it.shares.extend(groups.first());
                }
            }
            Change::MoreGroups(more) => it.groups.extend(more),
            Change::Shares(shares) => it.shares.clone_from(shares),
            Change::SignatureSchemes(schemes) => it.schemes.clone_from(schemes),
            Change::MoreSignatureSchemes(more) => it.schemes.extend(more),
            Change::Alpn(names) => it.alpn.clone_from(names),
            Change::Without(code) => it.extensions.retain(|other| other != code),
            Change::WithoutExtensions => {
                it.extensions.clear();
                it.sni = None;
                it.alpn.clear();
            }
            Change::WithoutGrease => it.grease = false,
            Change::WithGrease => it.grease = true,
            Change::OneRecord => cut_record = 0,
            Change::Address(address) => it.address = *address,
            Change::Pause(ms) => it.pause = *ms,
            Change::PaddedTo(len) => padded = *len,
            Change::SecondRecordAt(at) => cut_record = *at,
            Change::SecondSegmentAt(at) => cut_segment = *at,
            Change::RecordVersion(version) => it.record_version = *version,
            Change::WithoutClientCertificate => {}
            other => panic!("no row makes {other:?}"),
        }
    }
    if it.versions.0 < TLS_1_3 {
        it.groups.retain(|group| *group != HYBRID);
        it.shares.clear();
    }
    if !it.shares.contains(&HYBRID) {
        it.length = it.length.saturating_sub(HYBRID_LENGTH);
    }
    it.length = it.length.max(padded);
    it.record = it.length.saturating_sub(cut_record);
    it.segment = it.length.saturating_sub(cut_segment);
    it
}

/// The conclusion about a server that rejects what `rejects` says, and how many connections it took.
fn diagnosed(base: &Base, rejects: impl Fn(&Sent) -> bool) -> (Conclusion, usize) {
    diagnosed_by(base, |changes| rejects(&sent(base, changes)))
}

fn diagnosed_by(base: &Base, rejects: impl Fn(&[Change]) -> bool) -> (Conclusion, usize) {
    let answer = |sent: &Sent| Answer {
        version: Some(ProtocolVersion(sent.versions.0.min(TLS_1_3))),
        suite: sent.suites.last().copied().map(CipherSuite),
        ..Answer::default()
    };
    let mut done: Vec<Done> = Vec::new();
    loop {
        match next(base, &done, MOST) {
            Step::Conclude(conclusion) => return (conclusion, done.len()),
            Step::Try(Experiment { id, changes }) => {
                let rejected = rejects(&changes);
                let sent = sent(base, &changes);
                let outcome = if rejected { base.outcome } else { Outcome::WentOn(answer(&sent)) };
                done.push(Done { id, changes, outcome, took: Duration::ZERO });
                assert!(done.len() <= MOST, "{done:#?}");
            }
        }
    }
}

fn assert_found(what: &str, id: &str, changed: &[&str], rejects: impl Fn(&Sent) -> bool) {
    let base = base(Outcome::Closed);
    let (conclusion, count) = diagnosed(&base, rejects);
    assert_eq!(conclusion.id, id, "{what}, after {count}: {conclusion:#?}");
    let mut smallest = conclusion.smallest.clone();
    smallest.sort();
    assert_eq!(smallest, changed, "{what}, after {count}");
    assert_eq!(conclusion.cause.certainty, crate::finding::Certainty::Certain, "{what}");
}

#[test]
fn one_thing_that_is_rejected_is_named() {
    let one = |changed: &'static str| [changed];
    assert_found("size", "diagnosis.size", &one("no post-quantum groups"), |hello| hello.length > 1400);
    assert_found("hybrid group", "diagnosis.post_quantum", &one("no post-quantum groups"), |hello| {
        hello.groups.contains(&HYBRID)
    });
    assert_found("hybrid share", "diagnosis.post_quantum", &one("no post-quantum groups"), |hello| {
        hello.shares.contains(&HYBRID)
    });
    assert_found("TLS 1.3", "diagnosis.version_intolerance", &one("TLS 1.0 to 1.2 only"), |hello| {
        hello.versions.0 == TLS_1_3
    });
    assert_found("any server_name", "diagnosis.server_name", &one("no server_name"), |hello| {
        hello.sni.is_some()
    });
    assert_found("this server_name", "diagnosis.server_name", &one("no server_name"), |hello| {
        hello.sni.as_deref() == Some("a.example")
    });
    assert_found("ALPN", "diagnosis.alpn", &one("no ALPN"), |hello| !hello.alpn.is_empty());
    assert_found("GREASE", "diagnosis.grease", &one("no GREASE values"), |hello| hello.grease);
    assert_found("suites", "diagnosis.cipher_suite", &one("all cipher suites"), |hello| {
        !hello.suites.contains(&0x002f)
    });
    assert_found("groups", "diagnosis.group", &one("all groups"), |hello| !hello.groups.contains(&0x18));
    assert_found("schemes", "diagnosis.signature_scheme", &one("all signature schemes"), |hello| {
        !hello.schemes.contains(&0x0201)
    });
    assert_found("EMS", "diagnosis.extension", &one("no extended_master_secret"), |hello| {
        hello.extensions.contains(&EMS)
    });
    assert_found("any above TLS 1.0", "diagnosis.version", &one("TLS 1.0 only"), |hello| {
        hello.versions.0 > TLS_1_0
    });
    assert_found("record version", "diagnosis.record_version", &one("record version 3.3"), |hello| {
        hello.record_version == 0x0301
    });
    assert_found("one segment", "diagnosis.split", &one("the ClientHello in two TCP segments"), |hello| {
        hello.segment == hello.length
    });
}

#[test]
fn the_smallest_set_is_found_where_several_things_matter() {
    assert_found("two", "diagnosis.several", &["no ALPN", "no session_ticket"], |hello| {
        !hello.alpn.is_empty() || hello.extensions.contains(&TICKET)
    });
    assert_found(
        "version and name",
        "diagnosis.several",
        &["TLS 1.0 to 1.2 only", "no server_name"],
        |hello| hello.versions.0 == TLS_1_3 || hello.sni.is_some(),
    );
    assert_found(
        "three",
        "diagnosis.several",
        &["all cipher suites", "no ALPN", "no GREASE values"],
        |hello| !hello.alpn.is_empty() || hello.grease || !hello.suites.contains(&0x002f),
    );
}

#[test]
fn size_is_told_from_what_makes_the_hello_large_and_splitting_is_tried() {
    let base = base(Outcome::Reset);
    let text = |rejects: &dyn Fn(&Sent) -> bool| diagnosed(&base, rejects).0.cause.text;
    assert!(text(&|hello| hello.length > 1400).contains("in two records or segments it fails as well"));
    assert!(text(&|hello| hello.record > 1400).contains("in two records the same ClientHello is answered"));
    assert!(text(&|hello| hello.groups.contains(&HYBRID)).contains("its length does not matter"));
    let share = text(&|hello| hello.shares.contains(&HYBRID));
    assert!(share.contains("the group itself may be offered"), "{share}");
}

#[test]
fn what_does_not_repeat_is_no_cause() {
    let base = base(Outcome::Closed);
    let (conclusion, count) = diagnosed(&base, |_| false);
    assert_eq!((conclusion.id, count), ("diagnosis.intermittent", 3));
    assert!(
        conclusion.cause.text.contains("of 4 connections with the same ClientHello 1 failed and 3 did not")
    );
}

#[test]
fn where_nothing_helps_that_is_said() {
    for outcome in [
        Outcome::Silent,
        Outcome::Reset,
        Outcome::NotTls,
        Outcome::Alert(AlertDescription::handshake_failure),
    ] {
        let (conclusion, count) = diagnosed(&base(outcome), |_| true);
        assert_eq!(conclusion.id, "diagnosis.nothing_helps");
        assert!((10..=MOST).contains(&count), "{count}");
        assert_eq!(conclusion.cause.certainty, crate::finding::Certainty::Likely);
    }
}

/// Few experiments show little, and nothing is said of what was not tried.
#[test]
fn what_was_not_tried_is_not_ruled_out() {
    let base = base(Outcome::Closed);
    let failed = |changes: Vec<Change>| Done {
        id: "again".into(),
        changes,
        outcome: Outcome::Closed,
        took: Duration::ZERO,
    };
    let Step::Conclude(conclusion) = next(&base, &[failed(Vec::new())], 1) else {
        panic!("there is no more")
    };
    assert_eq!(conclusion.id, "diagnosis.unfinished");
    let went = Done { outcome: Outcome::WentOn(Answer::default()), ..failed(Vec::new()) };
    let Step::Conclude(conclusion) = next(&base, &[went], 1) else { panic!("there is no more") };
    assert_eq!(conclusion.id, "diagnosis.intermittent");
}

/// One in three connections goes through, or one of several changes is enough: no set of changes is certain.
#[test]
fn what_is_not_the_only_way_is_not_certain() {
    let base = base(Outcome::Closed);
    for every in 2..6 {
        let count = std::cell::Cell::new(0);
        let (conclusion, _) = diagnosed(&base, |_| {
            count.set(count.get() + 1);
            count.get() % every != 0
        });
        let about_hello = !matches!(
            conclusion.id,
            "diagnosis.intermittent"
                | "diagnosis.nothing_helps"
                | "diagnosis.unfinished"
                | "diagnosis.any_change"
        );
        assert!(
            !about_hello || conclusion.cause.certainty != crate::finding::Certainty::Certain,
            "every {every}: {conclusion:#?}"
        );
    }
    let (conclusion, _) =
        diagnosed(&base, |hello| hello.groups.contains(&HYBRID) && hello.extensions.contains(&TICKET));
    assert_eq!(conclusion.cause.certainty, crate::finding::Certainty::Likely, "{conclusion:#?}");
    assert!(conclusion.cause.text.contains("other changes help as well"));
}

/// What is not of the ClientHello is told from it, and rows that are asked late are reached.
#[test]
fn what_is_tried_late_is_found_as_well() {
    let one = |changed: &'static str| [changed];
    assert_found("host", "diagnosis.address", &one("at the address 192.0.2.2"), |hello| {
        hello.address == ADDRESS
    });
    assert_found("h2", "diagnosis.alpn", &one("no ALPN"), |hello| {
        hello.alpn.iter().any(|name| name == b"h2")
    });
    assert_found(
        "any share",
        "diagnosis.key_share",
        &one("no key share (forces a HelloRetryRequest)"),
        |hello| !hello.shares.is_empty() || hello.versions.0 < TLS_1_3,
    );
    assert_found("TLS 1.2 beside 1.3", "diagnosis.version", &one("TLS 1.3 only"), |hello| {
        hello.versions != (TLS_1_3, TLS_1_3)
    });
    let base = base(Outcome::Reset);
    let limited = |hello: &Sent| hello.pause == 0;
    let (conclusion, count) = diagnosed(&base, limited);
    assert_eq!(conclusion.id, "diagnosis.rate_limit", "{count}: {conclusion:#?}");
    let refused = Base {
        address: None,
        addresses: Vec::new(),
        ..self::base(Outcome::Alert(AlertDescription::handshake_failure))
    };
    let (conclusion, count) = diagnosed(&refused, |hello| {
        hello.suites.iter().any(|suite| suite >> 8 != 0) || hello.suites.len() > 6
    });
    assert_eq!(conclusion.id, "diagnosis.cipher_suite", "{count}: {conclusion:#?}");
}

/// Which application protocol is rejected, which server name, which signatures: the row itself asks further.
#[test]
fn what_a_row_leaves_open_it_asks_itself() {
    let base = base(Outcome::Closed);
    let text = |rejects: &dyn Fn(&Sent) -> bool| diagnosed(&base, rejects).0.cause.text;
    let h2 = text(&|hello| hello.alpn.iter().any(|name| name == b"h2"));
    assert!(h2.contains("http/1.1 alone is accepted"), "{h2}");
    let exact = text(&|hello| hello.sni.as_deref() == Some("a.example"));
    assert!(exact.contains("with a dot at its end the same name is accepted"), "{exact}");
    let sha1 = text(&|hello| !hello.schemes.contains(&0x0201));
    assert!(sha1.contains("it signs with SHA-1"), "{sha1}");
    let segment = text(&|hello| hello.length + 5 > 1460);
    assert!(segment.contains("the limit is one TCP segment (1460 bytes)"), "{segment}");
    let short = text(&|hello| hello.length > 1200);
    assert!(!short.contains("the limit is one TCP segment"), "{short}");
}

/// A wrong external key: the server knows its identity, and rejects the binder.
#[test]
fn a_wrong_pre_shared_key_is_named() {
    let mut base = base(Outcome::Alert(AlertDescription::decrypt_error));
    base.extensions.push(41);
    let (conclusion, count) = diagnosed(&base, |hello| hello.extensions.contains(&41));
    assert_eq!(conclusion.id, "diagnosis.pre_shared_key", "{conclusion:#?}");
    assert!(count < 8, "{count}");
    let (conclusion, _) = diagnosed(&base, |_| true);
    assert_eq!(conclusion.id, "diagnosis.pre_shared_key", "{conclusion:#?}");
}

/// `explain` has a text of each row, and of each conclusion that a row or the plan can come to.
#[test]
fn every_row_is_whole() {
    let topics: Vec<String> = topics().map(|(id, ..)| id).collect();
    let mut ids = std::collections::BTreeSet::new();
    for row in rows::all() {
        assert!(ids.insert(row.id), "{} twice", row.id);
        assert!(topics.contains(&row.topic()), "{}", row.id);
        assert!(row.explain.ends_with('.') && !row.about.is_empty(), "{}", row.id);
        for Try { with, .. } in row.tries {
            assert!(with.iter().all(|id| rows::row(id).is_some()), "{}", row.id);
        }
        for atom in row.atoms(&base(Outcome::Closed)) {
            assert_eq!(rows::row(&atom.id).map(|row| row.id), Some(row.id), "{atom:?}");
        }
    }
    let sources = [
        include_str!("conclusion.rs"),
        include_str!("like.rs"),
        include_str!("rows/alpn.rs"),
        include_str!("rows/client.rs"),
        include_str!("rows/extensions.rs"),
        include_str!("rows/groups.rs"),
        include_str!("rows/names.rs"),
        include_str!("rows/network.rs"),
        include_str!("rows/suites.rs"),
        include_str!("rows/transport.rs"),
        include_str!("rows/versions.rs"),
    ];
    for source in sources {
        for part in source.split("\"diagnosis.").skip(1) {
            let id = format!("diagnosis.{}", part.split('"').next().unwrap());
            assert!(topics.contains(&id), "{id} is not explained");
        }
    }
}

/// As nginx with `ssl_reject_handshake` does.
#[test]
fn a_server_of_other_names_is_told_in_three_experiments() {
    let base = base(Outcome::Alert(AlertDescription::unrecognized_name));
    let (conclusion, count) = diagnosed(&base, |_| true);
    assert_eq!((conclusion.id, count), ("diagnosis.server_name", 3));
    assert!(conclusion.cause.text.contains("does not serve the name a.example"));
}

/// The failure goes away by itself, or a filter knows this very ClientHello: no part of it is the cause.
#[test]
fn what_any_change_or_time_mends_is_no_cause() {
    let base = base(Outcome::Closed);
    let unchanged = sent(&base, &[]);
    let (conclusion, _) = diagnosed(&base, |hello| format!("{hello:?}") == format!("{unchanged:?}"));
    assert_eq!(conclusion.id, "diagnosis.any_change");
    assert_eq!(conclusion.cause.certainty, crate::finding::Certainty::Likely);
    for failures in 1..6 {
        let left = std::cell::Cell::new(failures);
        let (conclusion, count) = diagnosed(&base, |_| {
            left.set(left.get() - 1);
            left.get() >= 0
        });
        assert_eq!(conclusion.id, "diagnosis.intermittent", "{failures} failures, {count} experiments");
    }
}

#[test]
fn the_length_of_a_short_client_hello_is_told_from_what_is_in_it() {
    let short = Base { groups: vec![0x1d], length: 333, ..base(Outcome::Closed) };
    let of = |rejects: &dyn Fn(usize) -> bool| {
        diagnosed_by(&short, |changes| {
            let padded = changes.iter().find_map(|change| match change {
                Change::PaddedTo(len) => Some(*len),
                _ => None,
            });
            let shrink = |change: &Change| match change {
                Change::Versions { max, .. } if *max < TLS_1_3 => 80,
                Change::Without(_) | Change::Alpn(_) => 8,
                _ => 0,
            };
            let len = short.length - changes.iter().map(shrink).sum::<usize>();
            rejects(len.max(padded.unwrap_or(0)))
        })
        .0
        .id
    };
    assert_eq!(of(&|len| len > 300), "diagnosis.size");
    assert_eq!(of(&|len| (256..512).contains(&len)), "diagnosis.length");
}

/// A server may have its reasons: an alert to TLS 1.3 is not intolerance, and what was offered is not what was missing.
#[test]
fn what_the_answer_contradicts_is_not_certain() {
    let base = base(Outcome::Alert(AlertDescription::handshake_failure));
    let (conclusion, _) = diagnosed(&base, |hello| hello.versions.0 == TLS_1_3);
    assert_eq!(
        (conclusion.id, conclusion.cause.certainty),
        ("diagnosis.version", crate::finding::Certainty::Likely)
    );
    let chose_as_before = Answer { group: Some(NamedGroup(0x1d)), ..Answer::default() };
    let mut done: Vec<Done> = Vec::new();
    let conclusion = loop {
        match next(&base, &done, MOST) {
            Step::Conclude(conclusion) => break conclusion,
            Step::Try(Experiment { id, changes }) => {
                let more = changes.iter().any(|change| matches!(change, Change::MoreGroups(_)));
                let outcome = if more { Outcome::WentOn(chose_as_before) } else { base.outcome };
                done.push(Done { id, changes, outcome, took: Duration::ZERO });
            }
        }
    };
    assert_eq!(
        (conclusion.id, conclusion.cause.certainty),
        ("diagnosis.other", crate::finding::Certainty::Possible)
    );
}

/// A client certificate that makes no difference is not shown to be the cause, unless the alert says so.
#[test]
fn a_client_certificate_that_makes_no_difference_is_not_blamed() {
    let of = |outcome| Base { depth: Depth::Whole, client_certificate: true, ..base(outcome) };
    let (conclusion, _) = diagnosed(&of(Outcome::Closed), |_| true);
    assert_eq!(conclusion.cause.certainty, crate::finding::Certainty::Possible);
    let (conclusion, _) = diagnosed(&of(Outcome::Alert(AlertDescription::unknown_ca)), |_| true);
    assert_eq!(conclusion.id, "diagnosis.client_certificate");
}

/// With few experiments the best so far is told as what it is.
#[test]
fn experiments_that_run_out_are_said() {
    let base = base(Outcome::Closed);
    let mut done = Vec::new();
    let conclusion = loop {
        match next(&base, &done, 3) {
            Step::Conclude(conclusion) => break conclusion,
            Step::Try(Experiment { id, changes }) => {
                let sent = sent(&base, &changes);
                let outcome =
                    if !sent.alpn.is_empty() { Outcome::Closed } else { Outcome::WentOn(Answer::default()) };
                done.push(Done { id, changes, outcome, took: Duration::ZERO });
            }
        }
    };
    assert_eq!((conclusion.id, done.len()), ("diagnosis.unfinished", 3));
    assert!(conclusion.cause.text.contains("not all of that may be needed"), "{conclusion:#?}");
}

/// Whatever a server rejects, even without any reason, there is an end within the bound.
#[test]
fn there_is_always_an_end() {
    for seed in 0..500_u64 {
        let base = base(Outcome::Closed);
        let rejects = |sent: &Sent| {
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            for byte in format!("{sent:?}").bytes() {
                state = (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
            state >> 60 < 12
        };
        let (_, count) = diagnosed(&base, rejects);
        assert!(count <= MOST);
    }
}
