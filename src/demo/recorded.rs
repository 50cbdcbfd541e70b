//! Scenarios that replay a recording: of servers that we have no library for.

use super::{Client, HOST, Plan, Scenario};

/// By the name of the scenario.
pub(super) const TRACES: [(&str, &[u8]); 2] = [
    ("ech", include_bytes!("recorded/ech.json")),
    ("ech-rejected", include_bytes!("recorded/ech-rejected.json")),
];

pub const ECH: Scenario = Scenario {
    name: "ech",
    about: "Encrypted Client Hello, accepted (a recording).",
    exit_code: 0,
    setup: || replayed(TRACES[0].1),
};

pub const ECH_REJECTED: Scenario = Scenario {
    name: "ech-rejected",
    about: "ECH with a key that was rotated (a recording).",
    exit_code: 4,
    setup: || replayed(TRACES[1].1),
};

/// Who connects all the same is hung up on.
fn replayed(trace: &'static [u8]) -> std::io::Result<Plan> {
    Ok(Plan {
        act: Box::new(|_| Ok(())),
        host: HOST.to_owned(),
        ca: Vec::new(),
        client: Client { replays: Some(trace), ..Client::default() },
    })
}
