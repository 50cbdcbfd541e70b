//! Exit codes: ours, or those of a monitoring plugin.

use std::io::{self, Write};

use clap::ValueEnum;

use crate::render::nagios;
use crate::report::status::Status;

/// Whose exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExitCodes {
    /// 0 to 7, 130, 143, as the README has them
    Own,
    /// 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
    Nagios,
}

impl ExitCodes {
    /// Of a run.
    pub(super) fn of(self, own: u8, status: Status) -> u8 {
        match self {
            ExitCodes::Own => own,
            ExitCodes::Nagios => status.code(),
        }
    }

    /// Of one in which nothing was found out: wrong usage, a file that can't be read, a fault. A plugin says so in its line.
    pub(super) fn without_run(self, own: u8, why: &str) -> u8 {
        if self == ExitCodes::Nagios {
            let line = nagios::line(Status::Unknown, why);
            // Who can't be told on standard output has the exit code.
            let _ = writeln!(io::stdout().lock(), "{line}");
        }
        self.of(own, Status::Unknown)
    }
}

/// Whose codes the words of a command line ask for, also where the rest of it can't be read.
pub(super) fn asked(words: &[String]) -> ExitCodes {
    let mut formats = Vec::new();
    let mut words = words.iter().take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        let flag =
            |name: &str| word == name || word.strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
        let Some(name) = ["--exit", "--format"].into_iter().find(|name| flag(name)) else { continue };
        let value = match word.split_once('=') {
            Some((_, value)) => value,
            None => words.next().map_or("", String::as_str),
        };
        match (name, value) {
            ("--exit", "nagios") => return ExitCodes::Nagios,
            ("--exit", _) => return ExitCodes::Own,
            _ => formats.push(value),
        }
    }
    if formats == [nagios::FORMAT.name] { ExitCodes::Nagios } else { ExitCodes::Own }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_can_not_be_read_asks_all_the_same() {
        let asked = |line: &str| asked(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for line in
            ["--exit nagios", "h --exit=nagios --no-such-flag", "--format nagios h", "--format=nagios h"]
        {
            assert_eq!(asked(line), ExitCodes::Nagios, "{line}");
        }
        for line in
            ["h", "--format nagios=x h", "--format nagios --format json=x h", "--exit own --format nagios"]
        {
            assert_eq!(asked(line), ExitCodes::Own, "{line}");
        }
    }
}
