//! What was typed, word by word, as arguments: by clap's own table of flags and their aliases.

use clap::{Arg, ArgAction, Command};

use crate::capture::Argument;

/// The words of a command line that clap accepted, without the program's name.
pub(super) fn arguments(command: &Command, words: &[String]) -> Vec<Argument> {
    let mut out = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        if word == "--" {
            out.push(Argument::word(word));
            out.extend(words.map(Argument::word));
            break;
        }
        if let Some(name) = word.strip_prefix("--") {
            let (name, given) =
                name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
            let Some(arg) = by_long(command, name) else {
                out.push(Argument::word(word));
                continue;
            };
            let mut argument = Argument {
                flag: arg.get_long().map(|long| format!("--{long}")),
                value: given.map(str::to_owned),
                words: vec![word.clone()],
            };
            if given.is_none() && wants_value(arg) {
                argument.value = words.next().cloned();
                argument.words.extend(argument.value.clone());
            }
            out.push(argument);
        } else if word.len() > 1 && word.starts_with('-') {
            shorts(command, word, &mut words, &mut out);
        } else {
            out.push(Argument::word(word));
        }
    }
    out
}

/// `-k`, `-qk`, `-o FILE`, `-oFILE`
fn shorts<'w>(
    command: &Command,
    word: &str,
    words: &mut impl Iterator<Item = &'w String>,
    out: &mut Vec<Argument>,
) {
    let mut rest = word[1..].chars();
    while let Some(short) = rest.next() {
        let arg = command.get_arguments().find(|arg| {
            arg.get_short() == Some(short)
                || arg.get_all_short_aliases().is_some_and(|aliases| aliases.contains(&short))
        });
        let Some(arg) = arg else {
            out.push(Argument::word(format!("-{short}{}", rest.as_str())));
            return;
        };
        let mut argument = Argument {
            flag: Some(arg.get_long().map_or_else(|| format!("-{short}"), |long| format!("--{long}"))),
            value: None,
            words: vec![format!("-{short}")],
        };
        if wants_value(arg) {
            let value =
                Some(rest.as_str().trim_start_matches('=').to_owned()).filter(|value| !value.is_empty());
            argument.value = value.or_else(|| words.next().cloned());
            argument.words.extend(argument.value.clone());
            out.push(argument);
            return;
        }
        out.push(argument);
    }
}

fn by_long<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    command.get_arguments().find(|arg| {
        arg.get_long() == Some(name) || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
    })
}

/// Whether the next word is the flag's value.
fn wants_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) && !arg.is_require_equals_set()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Typed;

    fn flags(words: &[&str]) -> Vec<(Option<String>, Option<String>, usize)> {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        let arguments = arguments(&Typed::command(), &words);
        assert!(arguments.iter().flat_map(|argument| &argument.words).count() >= words.len());
        arguments.into_iter().map(|argument| (argument.flag, argument.value, argument.words.len())).collect()
    }

    #[test]
    fn a_flag_is_known_by_its_name_however_it_is_spelled() {
        let flag =
            |name: &str, value: Option<&str>, words| (Some(name.to_owned()), value.map(str::to_owned), words);
        assert_eq!(
            flags(&[
                "--servername",
                "a.example",
                "-k",
                "host:8443",
                "--max-time=3",
                "-vo",
                "x.json",
                "--",
                "-k"
            ]),
            [
                flag("--sni", Some("a.example"), 2),
                flag("--insecure", None, 1),
                (None, None, 1),
                flag("--max-time", Some("3"), 1),
                flag("--verbose", None, 1),
                flag("--output", Some("x.json"), 2),
                (None, None, 1),
                (None, None, 1),
            ]
        );
    }
}
