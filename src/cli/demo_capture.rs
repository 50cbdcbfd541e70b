//! `tls-trace demo capture`: a small capture of the demo's own connections, written and read.

use std::path::PathBuf;

use super::args::{SecretsChoice, TakeAway};
use super::decrypt::Decryption;
use super::options::{Options, Which};
use super::outputs::Outputs;
use super::say::say;
use super::take_away::Files;
use super::{demo, read, run};
use crate::engine;
use crate::wire::text;

/// What `demo` calls it.
pub(super) const NAME: &str = "capture";

/// As `demo --list` says it.
pub(super) const ABOUT: &str = "Writes several of these to demo.pcapng, and reads it.";

/// Where it is written, unless `--pcap` says so.
const FILE: &str = "demo.pcapng";

/// The connections in it: several versions and outcomes.
const SCENARIOS: &[&str] = &[
    "tls13",
    "tls12",
    "retry",
    "resumption",
    "client-cert-missing",
    "expired",
    "cbc",
    "rsa-kx",
    "alpn-mismatch",
    "starttls-smtp",
];

/// Writes it and shows it; the exit code.
pub(super) fn report(options: &Options) -> Result<u8, String> {
    let TakeAway { save, pcap, keylog, certs, .. } = &options.take_away;
    if save.is_some() || keylog.is_some() || certs.is_some() {
        return Err("demo capture writes one file, which --pcap names; --save, --keylog and --certs go with the other \
                    scenarios"
            .into());
    }
    let path = pcap.clone().unwrap_or_else(|| PathBuf::from(FILE));
    let all = TakeAway { pcap: Some(path.clone()), secrets: Some(SecretsChoice::All), ..TakeAway::default() };
    let mut files = Files::open(&all, false)?;
    let quiet = Options { take_away: TakeAway::default(), ..options.clone() };
    let _warm_up = engine::warm_up();
    let mut last = None;
    for scenario in SCENARIOS {
        let (run, _stage) = demo::run(&quiet, scenario)?;
        let report = run::perform_into(&quiet, run, &mut files)?;
        if let Some(signal) = report.interrupted {
            return Ok(signal);
        }
        last = Some(report);
    }
    if let Some(report) = &last {
        files.end(report)?;
    }
    let outputs = Outputs::open(&quiet)?;
    let exit_code = read::report(&quiet, &path, &Decryption::default(), &Which::default(), outputs)?;
    if !options.output.quiet {
        let file = shlex::try_quote(&text::path(&path)).map(|name| name.into_owned()).unwrap_or_default();
        say(&format!("what to type next: tls-trace read {file} --stream 1 -v"));
        say(&format!("                   tls-trace read {file} --filter 'tls<1.3'"));
        say(&format!("                   tls-trace read {file} --all -k"));
    }
    Ok(exit_code)
}
