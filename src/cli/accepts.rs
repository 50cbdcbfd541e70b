//! Which flags a subcommand accepts. What it does not accept it does not list, and refuses.

use clap::builder::Resettable;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use crate::capture::Argument;
use crate::policy;

/// A row for each subcommand.
struct Accepts {
    command: &'static str,
    /// Headings of `args`, whole.
    groups: &'static [&'static str],
    /// Single flags of other headings.
    flags: &'static [&'static [&'static str]],
    /// Flags of these headings that it does not accept all the same.
    but: &'static [&'static str],
    /// Why it accepts no others.
    why: &'static str,
}

/// What `read` accepts besides: what a saved trace can be asked again.
pub(super) const READ: &[&str] = &[
    "max-time",
    "at",
    "cacert",
    "trust",
    "verify-name",
    "pinnedpubkey",
    "min-days",
    "expect",
    "warn",
    "policy",
    "crl",
    "ct-logs",
    "insecure",
    "allow-unevaluated",
];

/// What `read` leaves behind, and what it opens with.
const READ_FILES: &[&str] = &["pcap", "secrets", "passin"];

/// What is about a report of one handshake.
const NO_REPORT: &[&str] = &["redact", "annotate", "diagram", "step", "data", "show-secrets", "exit"];

const ROWS: &[Accepts] = &[
    Accepts {
        command: "demo",
        groups: &[
            "Addressing",
            "Before TLS",
            "More than one handshake",
            "Trust",
            "Client certificate",
            "The offer",
            "Time",
            "Output",
            "To take away",
        ],
        flags: &[],
        but: &[],
        why: "",
    },
    Accepts {
        command: "read",
        groups: &["Output"],
        flags: &[READ, READ_FILES],
        but: &[],
        why: "no connection is made; a saved trace is verified with what was asked when it was recorded, or again with \
              --at, --cacert, --trust or --verify-name",
    },
    Accepts {
        command: "cert",
        groups: &["Trust", "Output"],
        flags: &[&["sni", "verify-name", "key", "passin", "max-time"]],
        but: &["enforce", "data", "diagram", "step"],
        why: "there is no connection",
    },
    Accepts {
        command: "explain",
        groups: &[],
        flags: &[&["color", "width"]],
        but: &[],
        why: "it prints a text",
    },
    Accepts {
        command: "diff",
        groups: &["Addressing", "Before TLS", "Trust", "Client certificate", "The offer", "Time", "Output"],
        flags: &[],
        but: NO_REPORT,
        why: "it compares two handshakes, and leaves nothing else behind",
    },
    Accepts {
        command: "watch",
        groups: &["Addressing", "Before TLS", "Trust", "Client certificate", "The offer", "Time", "Output"],
        flags: &[&["targets", "concurrency", "per-host", "rate", "retries", "target-timeout"]],
        but: NO_REPORT,
        why: "it prints changes, not reports, and makes one handshake with each address",
    },
    Accepts { command: "schema", groups: &[], flags: &[], but: &[], why: "it prints a file" },
    Accepts { command: "completions", groups: &[], flags: &[], but: &[], why: "it prints a file" },
    Accepts { command: "man", groups: &[], flags: &[], but: &[], why: "it prints a file" },
];

/// Whether the subcommand accepts a flag of the program.
pub(super) fn by(command: &str, flag: &Arg) -> bool {
    let row = ROWS.iter().find(|row| row.command == command);
    row.is_some_and(|row| flag.get_long() == Some("help") || row.has(flag))
}

impl Accepts {
    fn has(&self, flag: &Arg) -> bool {
        let long = flag.get_long().unwrap_or_default();
        !self.but.contains(&long)
            && (flag.get_help_heading().is_some_and(|heading| self.groups.contains(&heading))
                || self.flags.iter().any(|flags| flags.contains(&long)))
    }
}

/// What a line of a list of targets may say: where to, under which name, what is offered and expected. A list may come from a
/// database: it decides neither about trust nor about files.
const LIST: Accepts = Accepts {
    command: "",
    groups: &["Addressing", "The offer"],
    flags: &[&["starttls", "haproxy-protocol", "expect", "warn", "policy"]],
    but: &["psk", "ech"],
    why: "a line says where to connect, what to offer and what to expect, nothing else",
};

/// Refuses an argument that a line of a list of targets may not have.
pub(super) fn in_list(program: &Command, argument: &Argument) -> Result<(), String> {
    let Some(name) = &argument.flag else { return Ok(()) };
    let long = name.trim_start_matches('-');
    let flag = program.get_arguments().find(|flag| flag.get_long() == Some(long));
    let named = |name: &String| policy::built_in(name).is_some();
    if long == "policy" && !argument.value.as_ref().is_some_and(named) {
        return Err("--policy: a list of targets may name those that are built in, no files".into());
    }
    match flag.is_some_and(|flag| LIST.has(flag)) {
        true => Ok(()),
        false => Err(format!("{name} can't be used in a list of targets: {}", LIST.why)),
    }
}

/// Refuses a flag that was given and would be passed over.
pub(super) fn check(program: &Command, matches: &ArgMatches) -> Result<(), String> {
    let Some((name, given)) = matches.subcommand() else { return Ok(()) };
    let was_given = |flag: &&Arg| {
        let id = flag.get_id().as_str();
        given.try_contains_id(id).unwrap_or(false) && given.value_source(id) == Some(ValueSource::CommandLine)
    };
    let flags = program.get_arguments().filter(|flag| !flag.is_positional());
    match flags.filter(was_given).find(|flag| !by(name, flag)) {
        None => Ok(()),
        Some(flag) => {
            let long = flag.get_long().unwrap_or_default();
            let why = ROWS.iter().find(|row| row.command == name).map_or("", |row| row.why);
            Err(format!("{name} and --{long} can't be used together: {why}"))
        }
    }
}

/// The program with each flag at the subcommands that accept it: for completions and the manual page.
pub(super) fn apart(program: Command) -> Command {
    let flags: Vec<Arg> = program.get_arguments().filter(|flag| !flag.is_positional()).cloned().collect();
    let names: Vec<String> = program.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let mut program = program.mut_args(|flag| flag.global(false));
    for name in names {
        program = program.mut_subcommand(&name, |sub| {
            let accepted = flags.iter().filter(|flag| by(&name, flag));
            // A flag that it conflicts with may not be there.
            sub.args(accepted.map(|flag| flag.clone().global(false).conflicts_with(Resettable::Reset)))
        });
    }
    program
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subcommand_has_a_row_and_every_row_is_used() {
        let program = super::super::args::command();
        let names: Vec<_> = program.get_subcommands().map(Command::get_name).collect();
        assert_eq!(names, ROWS.iter().map(|row| row.command).collect::<Vec<_>>());
        for row in ROWS.iter().chain([&LIST]) {
            for flag in row.flags.iter().copied().flatten().chain(row.but) {
                assert!(program.get_arguments().any(|arg| arg.get_long() == Some(flag)), "--{flag}");
            }
            for group in row.groups {
                assert!(program.get_arguments().any(|arg| arg.get_help_heading() == Some(group)), "{group}");
            }
        }
    }
}
