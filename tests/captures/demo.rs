//! Every scenario of the demo as a capture of somebody else's connection.

use crate::common::{command, file, for_each, run, scratch, text};
use tls_trace::demo::SCENARIOS;

/// Whoever looks at a capture did not make the connection.
const LIVE: [&str; 6] = ["our", "ours", "we", "us", "your", "yours"];

/// What is said of it is not said as if we had made it.
#[test]
fn nothing_in_a_capture_is_ours() {
    let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    for_each(
        &names,
        |name| (*name).to_owned(),
        |name| {
            let folder = scratch();
            let path = file(&folder, "t.pcapng");
            run(["demo", name, "--pcap", text(&path), "--secrets", "all", "-q"]);
            for view in [&["--all", "-vv"][..], &["--all", "--json"]] {
                let output = command([&["read", text(&path)], view].concat()).output().unwrap();
                let shown = String::from_utf8(output.stdout).unwrap();
                // Without TLS in it there is nothing to show.
                assert!(!shown.is_empty() || output.status.code() == Some(2), "{name} {view:?}");
                for line in shown.lines() {
                    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
                    let found = words.find(|word| LIVE.iter().any(|live| word.eq_ignore_ascii_case(live)));
                    assert!(found.is_none(), "{name} {view:?}: {found:?} in {line}");
                }
            }
        },
    );
}
