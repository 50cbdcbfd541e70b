//! Help that fits a screen: the short one, and the rest in groups. All but the short one comes from the flags' own table.

use clap::{Arg, Command};

use super::accepts;
use super::args;

/// A group of flags: what it is called on the command line, and the heading that it has in `args`.
const GROUPS: &[(&str, &str)] = &[
    ("addressing", "Addressing"),
    ("before", "Before TLS"),
    ("several", "More than one handshake"),
    ("many", "Many targets"),
    ("trust", "Trust"),
    ("client", "Client certificate"),
    ("offer", "The offer"),
    ("time", "Time"),
    ("output", "Output"),
    ("files", "To take away"),
];

/// At most 40 lines.
const SHORT: &str = "tls-trace shows a TLS handshake, step by step: decrypted, verified, explained.

Usage: tls-trace [OPTIONS] TARGET…      host | host:port | [v6]:port | URL
       tls-trace [OPTIONS] COMMAND …    its own flags: tls-trace COMMAND -h

Look       tls-trace example.com        a handshake with a server
           demo [SCENARIO]              the same, needs no network
           read FILE                    a saved trace or capture (pcap)
           diff A B                     what differs: saved, FILE#N, or live
Check      cert FILE…                   verifies a certificate chain from files
           watch TARGET…                again and again: prints what changes
Reference  explain [ID]                 a finding, an alert, a message, a number
           schema | completions SHELL | man

  -v, -vv                every field of every message; each beside its bytes
  -q, -qq                only the last line; nothing but the exit code
      --annotate         explain each step in place; --step: wait for Enter
      --diagram          draw a sequence diagram
      --sni NAME         name to send and to verify
      --connect H:PORT   connect there instead; -x URL: through a proxy
      --starttls PROTO   begin as smtp, imap, postgres, … do, then TLS
      --cacert FILE      trust these CAs instead of the built-in roots
  -k, --insecure         an untrusted certificate does not change the exit code
      --cert FILE        client certificate; --key FILE its key
      --tls-max VERSION  latest to offer; also --ciphers, --groups, --alpn
      --pipe             then standard input to the server, its answer back
      --diagnose         if it fails: find out why, by further connections;
                         --like FILE|NAME|HOST: why it works there
      --targets FILE     many targets, - for standard input
      --max-time SECONDS limit for everything [default: 9]
      --format json      for scripts; -o FILE writes it there
      --save FILE.json   save everything, for read

All flags:  tls-trace --help all, or a group: addressing, before, several,
            many, trust, client, offer, time, output or files

Exit codes:
  0 success   1 not trusted, or an expectation not met   2 usage or file
  3 not reached (DNS, TCP)   4 handshake failed   5 timed out after TCP
  6 internal error   7 a check could not be made   130/143 interrupted
";

/// What is asked for, if help is: `-h`, `--help`, `--help TOPIC`, `help`, each alone or with a subcommand.
pub(super) fn answer(words: &[String]) -> Option<Result<String, String>> {
    let at = match words.first().map(String::as_str) {
        Some("help") => 0,
        _ => words.iter().position(|word| matches!(word.as_str(), "-h" | "--help"))?,
    };
    let topic = words.get(at + 1).filter(|word| !word.starts_with('-'));
    let command = args::command();
    let named = |word: &&String| command.find_subcommand(word.as_str()).is_some();
    if let Some(name) = words.iter().take(at).find(named).or(topic.filter(named)) {
        return Some(Ok(of_command(&command, name)));
    }
    let group = |word: &String| GROUPS.iter().find(|(name, _)| name == word);
    Some(match topic {
        None => Ok(SHORT.to_owned()),
        Some(word) if word == "all" => Ok(all(&command)),
        Some(word) => match group(word) {
            Some((_, heading)) => Ok(flags(&command, heading, |_| true)),
            // `tls-trace -h example.com`
            None if at == 0 && words.len() > 1 && words[0] == "-h" => Ok(SHORT.to_owned()),
            None => {
                let names: Vec<&str> = GROUPS.iter().map(|(name, _)| *name).collect();
                Err(format!("--help has no group {word:?}; there are {} and all", names.join(", ")))
            }
        },
    })
}

fn all(command: &Command) -> String {
    let mut out = String::from(
        "Usage: tls-trace [OPTIONS] TARGET…\n       tls-trace [OPTIONS] COMMAND …\n\nCommands:\n",
    );
    let rows = command
        .get_subcommands()
        .map(|sub| (sub.get_name().to_owned(), sub.get_about().map(ToString::to_string).unwrap_or_default()));
    out.push_str(&table(&rows.collect::<Vec<_>>()));
    for (_, heading) in GROUPS {
        out.push('\n');
        out.push_str(&flags(command, heading, |_| true));
    }
    out.push_str("\n  -h, --help [GROUP]\n  -V, --version\n");
    out
}

/// A subcommand: its arguments, and the flags that it accepts.
fn of_command(command: &Command, name: &str) -> String {
    let Some(sub) = command.find_subcommand(name) else { return String::new() };
    let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
    let own: Vec<&Arg> = sub.get_arguments().filter(|arg| !arg.is_hide_set()).collect();
    let usage = own.iter().filter(|arg| arg.is_positional()).map(|arg| {
        let many = if arg.get_num_args().is_some_and(|n| n.max_values() > 1) { "…" } else { "" };
        match arg.is_required_set() {
            true => format!(" {}{many}", value_name(arg)),
            false => format!(" [{}]{many}", value_name(arg)),
        }
    });
    let accepted = |arg: &Arg| accepts::by(name, arg);
    let any = command.get_arguments().any(accepted);
    let options = if any || own.iter().any(|arg| !arg.is_positional()) { " [OPTIONS]" } else { "" };
    let mut out = format!("{about}\n\nUsage: tls-trace {name}{options}{}\n", usage.collect::<String>());
    let rows: Vec<(String, String)> = own.iter().map(|arg| row(arg)).collect();
    if !rows.is_empty() {
        out.push('\n');
        out.push_str(&table(&rows));
    }
    for (_, heading) in GROUPS {
        let group = flags(command, heading, accepted);
        if !group.is_empty() {
            out.push('\n');
            out.push_str(&group);
        }
    }
    out
}

/// The flags under a heading; nothing if there are none.
fn flags(command: &Command, heading: &str, wanted: impl Fn(&Arg) -> bool) -> String {
    let here = command.get_arguments().filter(|arg| arg.get_help_heading() == Some(heading));
    let rows: Vec<_> = here.filter(|arg| !arg.is_hide_set() && wanted(arg)).map(row).collect();
    if rows.is_empty() { String::new() } else { format!("{heading}:\n{}", table(&rows)) }
}

/// `-o, --output <FILE>` and what it is for.
fn row(arg: &Arg) -> (String, String) {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let default = arg.get_default_values().first().filter(|_| !arg.is_positional() && takes_value(arg));
    let default = default.map(|value| format!(" [default: {}]", value.to_string_lossy()));
    let values: Vec<String> = match takes_value(arg) {
        true => arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect(),
        false => Vec::new(),
    };
    let values = if values.is_empty() { String::new() } else { format!(": {}", values.join(", ")) };
    let help = format!("{help}{values}{}", default.unwrap_or_default());
    if arg.is_positional() {
        return (value_name(arg), help);
    }
    let short = arg.get_short().map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
    let value = if takes_value(arg) { format!(" {}", value_name(arg)) } else { String::new() };
    (format!("{short}--{}{value}", arg.get_long().unwrap_or_default()), help)
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

fn value_name(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    names.first().map_or_else(|| arg.get_id().to_string().to_uppercase(), ToString::to_string)
}

/// Two columns; a long first one has a line of its own, and the second is broken at blanks.
fn table(rows: &[(String, String)]) -> String {
    const FIRST: usize = 28;
    const WIDTH: usize = 80;
    let mut out = String::new();
    for (name, help) in rows {
        let mut line = format!("  {name}");
        if line.chars().count() + 1 >= FIRST {
            out.push_str(&line);
            out.push('\n');
            line.clear();
        }
        for word in help.split(' ') {
            if line.chars().count() < FIRST {
                line.extend(std::iter::repeat_n(' ', FIRST - line.chars().count()));
            } else if line.chars().count() + 1 + word.chars().count() > WIDTH {
                out.push_str(line.trim_end());
                out.push('\n');
                line = " ".repeat(FIRST);
            } else {
                line.push(' ');
            }
            line.push_str(word);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_help_fits_a_screen_and_names_what_there_is() {
        assert!(SHORT.lines().count() <= 40, "{} lines", SHORT.lines().count());
        assert!(SHORT.lines().all(|line| line.chars().count() <= 80), "{SHORT}");
        let command = args::command();
        let has = |flag: &str| command.get_arguments().any(|arg| arg.get_long() == Some(flag));
        for word in SHORT.split(|c: char| c.is_whitespace() || matches!(c, ';' | ',')) {
            if let Some(flag) = word.strip_prefix("--").filter(|flag| *flag != "help") {
                assert!(has(flag.trim_end_matches(':')), "--{flag}");
            }
        }
        for sub in command.get_subcommands() {
            assert!(SHORT.contains(sub.get_name()), "{}", sub.get_name());
        }
        for (group, _) in GROUPS {
            assert!(SHORT.contains(group), "{group}");
        }
    }

    #[test]
    fn every_flag_is_in_a_group() {
        let all = all(&args::command());
        for arg in args::command().get_arguments().filter(|arg| !arg.is_positional()) {
            let long = arg.get_long().unwrap_or_default();
            assert!(all.contains(&format!("--{long}")), "--{long}");
        }
        assert!(all.lines().all(|line| line.chars().count() <= 80), "{all}");
    }
}
