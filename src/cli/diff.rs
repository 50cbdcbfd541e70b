//! `diff A B`: two handshakes side by side.

use std::path::PathBuf;
use std::time::Instant;

use super::decrypt::Decryption;
use super::early;
use super::options::Options;
use super::outputs::Outputs;
use super::request;
use super::side::Side;
use crate::capture::Stopped;
use crate::engine;
use crate::render::{self, Settings, json, jsonl};
use crate::report::diff::{self, Diff};
use crate::run::{Cancel, Inquiry, runtime};

/// What is compared.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub sides: [Side; 2],
    pub decrypt_with: Vec<PathBuf>,
}

impl Wanted {
    /// What was typed.
    pub(super) fn read(a: &str, b: &str, decrypt_with: &[PathBuf]) -> Result<Wanted, String> {
        if a == "-" && b == "-" {
            return Err("only one side of diff can be standard input".into());
        }
        Ok(Wanted { sides: [Side::read(a)?, Side::read(b)?], decrypt_with: decrypt_with.to_vec() })
    }
}

/// Compares them; the exit code.
pub(super) fn report(options: &Options, wanted: &Wanted) -> Result<u8, String> {
    let known = [&render::text::FORMAT, &json::FORMAT, &jsonl::FORMAT];
    let formats = options.output.reports.iter().map(|to| to.format);
    if let Some(other) = formats.into_iter().find(|format| !known.iter().any(|known| known.is(format))) {
        return Err(format!("diff has no format {}; it has text, json and jsonl", other.name));
    }
    let began = Instant::now();
    let mut outputs = Outputs::open(options)?;
    let _warm_up = engine::warm_up();
    let passphrase = request::passphrase(options)?;
    let decryption = Decryption::with(&wanted.decrypt_with, passphrase.as_ref())?;
    let [a, b] = &wanted.sides;
    let runs = [a.run(options, &decryption)?, b.run(options, &decryption)?];
    let runtime = runtime().map_err(|e| e.to_string())?;
    let (reports, stopped) = runtime.block_on(async {
        let cancel = Cancel::on_signals();
        early::run_begins();
        let limit = options.max_time.filter(|_| options.max_time_given);
        let until = cancel.until(limit.and_then(|limit| began.checked_add(limit)));
        let mut reports = Vec::new();
        // One after the other, so that neither takes the other's time.
        for mut run in runs {
            run.cancel = until.clone();
            run.inquiry =
                Inquiry { issuers: options.judging.fetch_aia, revocation: options.judging.revocation };
            reports.push(run.perform(&mut ()).await);
        }
        (reports, cancel.signal())
    });
    runtime.shutdown_background();
    decryption.tell();
    let reports = reports.into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())?;
    let [a_report, b_report] = reports.as_slice() else { return Err("a side is missing".into()) };
    // What was ended has nothing to be compared.
    let interrupted = stopped.and_then(Stopped::exit_code);
    let mut sides = Vec::new();
    for (side, report) in [(a, a_report), (b, b_report)] {
        match (side.connection(report), interrupted) {
            (Ok(judged), _) => sides.push(diff::Side {
                input: side.input(),
                judged,
                question: &report.question,
                live: side.file().is_none(),
            }),
            (Err(_), Some(code)) => return Ok(code),
            (Err(why), None) => return Err(why),
        }
    }
    let Ok(sides) = <[diff::Side<'_>; 2]>::try_from(sides) else { return Err("a side is missing".into()) };
    let diff = Diff::of(&sides, stopped);
    outputs.write(|format, settings, out| match () {
        () if format.is(&json::FORMAT) => json::diff::write(&diff, settings, out),
        () if format.is(&jsonl::FORMAT) => {
            json::diff::write(&diff, &Settings { quiet: true, ..settings.clone() }, out)
        }
        () => render::diff::text(&diff, settings, out),
    });
    outputs.end()?;
    Ok(diff.exit_code)
}
