//! What is to be done: the command, its targets, and what of a capture is shown.

use std::path::PathBuf;
use std::time::Duration;

use super::{reports, seconds};
use crate::cli::args::{Command, SchemaOf, Typed};
use crate::cli::diff::Wanted;
use crate::cli::target::{self, Target};
use crate::cli::watch::Watch;
use crate::expect::Expr;
use crate::expect::fields;
use crate::render;
use crate::run::many::Pace;
use crate::wire::text;

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Job {
    Trace {
        typed: String,
        target: Target,
    },
    /// Several targets, or a list of them.
    Many(Many),
    Demo {
        scenario: String,
        /// A recording of it is shown.
        recorded: bool,
    },
    ListScenarios,
    Read {
        file: PathBuf,
        decrypt_with: Vec<PathBuf>,
        which: Which,
    },
    Watch(Watch),
    Diff(Wanted),
    Schema(SchemaOf),
    Completions(clap_complete::Shell),
    Man,
    Explain(Option<String>),
    Cert {
        files: Vec<PathBuf>,
    },
}

/// Many targets, and how they are worked on.
#[derive(Debug, Clone)]
pub struct Many {
    /// Those of the command line.
    pub typed: Vec<(String, Target)>,
    /// A file with more of them; `-` for standard input.
    pub list: Option<PathBuf>,
    pub pace: Pace,
    /// The limit on one target.
    pub timeout: Duration,
    /// Results that are there already.
    pub resume_from: Option<PathBuf>,
}

/// Which connections of a capture are shown, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// As [`crate::capture::Intent::stream_name`] spells it.
    pub stream: Option<String>,
    pub filter: Option<Expr>,
    pub all: bool,
    /// Of that stream: the application data alone, as it was.
    pub raw: bool,
}

/// `--stream`, `--filter` and `--all`; `raw`: what `--data` and `-o` ask for of a single connection.
fn which(stream: Option<&str>, filter: Option<&str>, all: bool, raw: bool) -> Result<Which, String> {
    let filter = filter.map(|text| Expr::parse(text, fields::FIELDS)).transpose();
    let filter = filter.map_err(|wrong| format!("--filter: {wrong}"))?;
    Ok(Which { stream: stream.map(stream_name).transpose()?, filter, all, raw: raw && stream.is_some() })
}

impl Which {
    /// Whether the filter asks for what is known only of connections that were verified.
    pub fn verifies(&self) -> bool {
        let asked = self.filter.iter().flat_map(Expr::fields);
        asked.into_iter().any(|field| fields::JUDGED.contains(&field.name.as_str()))
    }
}

/// `N` or `udp:N`, with the number as it is spelled in the table.
pub(in crate::cli) fn stream_name(typed: &str) -> Result<String, String> {
    let (prefix, number) = match typed.strip_prefix("udp:") {
        Some(number) => ("udp:", number),
        None => ("", typed.strip_prefix("tcp:").unwrap_or(typed)),
    };
    let number: u64 = number.parse().map_err(|_| {
        format!(
            "--stream {}: a connection's number in the table, as 17 or, for QUIC, udp:17",
            text::escape(typed)
        )
    })?;
    Ok(format!("{prefix}{number}"))
}

impl Job {
    /// Whether it performs handshakes.
    pub fn connects(&self) -> bool {
        matches!(self, Job::Trace { .. } | Job::Many(_) | Job::Demo { .. })
    }
}

pub(super) fn job(typed: &Typed) -> Result<Job, String> {
    Ok(match (&typed.command, typed.targets.first()) {
        (None, first) if typed.flags.many.given() || typed.targets.len() > 1 => {
            if first.is_none() && typed.flags.many.target_list.is_none() {
                return Err("no target; try: tls-trace --targets FILE".into());
            }
            Job::Many(many(typed, &typed.targets)?)
        }
        (Some(Command::Demo { list: true, .. }), None) => Job::ListScenarios,
        (Some(Command::Demo { scenario, recorded, .. }), None) => {
            Job::Demo { scenario: scenario.clone(), recorded: *recorded }
        }
        (Some(Command::Read { file, decrypt_with, stream, filter, all }), None) => Job::Read {
            file: file.clone(),
            decrypt_with: decrypt_with.clone(),
            which: {
                let only_text = matches!(reports(&typed.flags.output)?.as_slice(), [one] if one.format.is(&render::text::FORMAT));
                let raw = typed.flags.output.data && typed.flags.output.output.is_some() && only_text;
                which(stream.as_deref(), filter.as_deref(), *all, raw)?
            },
        },
        (Some(Command::Watch { targets, every, until }), None) => {
            Job::Watch(Watch::read(typed, targets, every, until.as_deref())?)
        }
        (Some(Command::Diff { a, b, decrypt_with }), None) => Job::Diff(Wanted::read(a, b, decrypt_with)?),
        (Some(Command::Schema { of }), None) => Job::Schema(*of),
        (Some(Command::Completions { shell }), None) => Job::Completions(*shell),
        (Some(Command::Man), None) => Job::Man,
        (Some(Command::Cert { files }), None) => Job::Cert { files: files.clone() },
        (Some(Command::Explain { id }), None) => Job::Explain(id.clone()),
        (None, Some(target)) => {
            let parsed = Target::parse(target).map_err(|e| e.to_string())?;
            Job::Trace { typed: target::bare(target), target: parsed }
        }
        (None, None) => {
            return Err("no target; try: tls-trace example.com, or without a network: tls-trace demo".into());
        }
        (Some(_), Some(target)) => {
            return Err(format!("{target:?} and a subcommand can't be used together"));
        }
    })
}

/// What the command line says of many targets.
pub(in crate::cli) fn many(typed: &Typed, targets: &[String]) -> Result<Many, String> {
    let flags = &typed.flags.many;
    let parsed = |target: &String| Ok((target.clone(), Target::parse(target).map_err(|e| e.to_string())?));
    let usual = Pace::default();
    // A command that was mistyped, or stands in the wrong place, is no list of hosts.
    let bare = |(_, word): &(usize, &String)| !word.contains(['.', ':']);
    for (place, word) in targets.iter().enumerate().filter(bare) {
        match crate::cli::nearest_command(word) {
            Some(command) if command == *word => {
                return Err(format!(
                    "{word} is a command and stands first; to connect to a host named {word}, write its port: {word}:443"
                ));
            }
            Some(command) if place == 0 => {
                return Err(format!(
                    "did you mean the command {command}? To connect to a host named {word:?}, write its port: {word}:443"
                ));
            }
            _ => {}
        }
    }
    Ok(Many {
        typed: targets.iter().map(parsed).collect::<Result<_, String>>()?,
        list: flags.target_list.clone(),
        pace: Pace {
            concurrency: flags.concurrency.map_or(usual.concurrency, usize::from),
            per_host: flags.per_host.map_or(usual.per_host, usize::from),
            rate: flags.rate,
            retries: flags.retries.map_or(usual.retries, u32::from),
            in_order: flags.in_order,
        },
        timeout: seconds("--target-timeout", flags.target_timeout, 9.0)?,
        resume_from: flags.resume_from.clone(),
    })
}
