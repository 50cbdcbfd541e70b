//! The program itself against the servers that send without end: its memory stays bounded.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::common;

/// MiB of resident memory at most, with all that a report of the flood takes.
const MOST: u64 = 64;

#[test]
#[cfg(target_os = "linux")]
fn floods_take_little_memory() {
    let floods: Vec<_> = crate::all().into_iter().filter(|(_, _, expected)| expected.memory).collect();
    assert!(floods.len() > 10);
    common::for_each(
        &floods,
        |(name, ..)| name.clone(),
        |(name, script, expected)| {
            let stage = script.clone().start().unwrap();
            let target = format!("{}:{}", stage.host, stage.address.port());
            let to = format!("::{}:{}", stage.address.ip(), stage.address.port());
            let proxy = match stage.client.starttls.as_deref() {
                Some("connect") => Some("http"),
                Some("socks5") => Some("socks5h"),
                _ => None,
            };
            let mut command = match proxy {
                None => common::command(["--connect-to", &to, "-k", &target]),
                Some(scheme) => {
                    let proxy = format!("{scheme}://{}", stage.address);
                    common::command(["--proxy", &proxy, "-k", &stage.host])
                }
            };
            // A busy machine takes longer than an ordinary one listens on.
            if let Some(settle) = stage.client.settle {
                command.args(["--settle", &settle.as_millis().to_string()]);
            }
            if stage.client.tls_max == Some(0x0303) {
                command.args(["--tls-max", "1.2"]);
            }
            if let Some(protocol) = stage.client.starttls.as_ref().filter(|_| proxy.is_none()) {
                command.args(["--starttls", protocol]);
            }
            // What it prints is not looked at: nothing of it may wait for a reader.
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let mut peak = 0;
            let code = loop {
                peak = high_water(child.id()).unwrap_or(peak);
                match child.try_wait().unwrap() {
                    Some(status) => break status.code(),
                    None => thread::sleep(Duration::from_millis(1)),
                }
            };
            assert_eq!(code, Some(expected.exit.into()), "{name}");
            assert!(peak > 0 && peak < MOST << 10, "{name}: {peak} KiB");
            println!("{name}: {peak} KiB");
        },
    );
}

/// The most resident memory that a process has had, in KiB.
fn high_water(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
