//! From flags to exit code.

mod accepts;
pub mod args;
mod contradictions;
mod decrypt;
mod demo;
mod demo_capture;
mod diff;
mod early;
mod ech;
mod exit;
mod file_or_name;
mod files;
mod formats;
mod help;
mod many;
mod names;
mod openssl;
mod options;
mod outputs;
mod progress;
mod proxy;
mod raw;
mod read;
mod replacing;
mod request;
mod resume;
mod run;
mod say;
mod schemes;
mod side;
mod spellings;
mod spinner;
mod step;
mod take_away;
mod target;
mod targets;
mod typed;
mod watch;
mod watched;
mod writer;

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic;
use std::time::Duration;

use clap::Subcommand;
use clap::error::ErrorKind;

use crate::demo::{GROUPS, SCENARIOS, recordings};
use crate::finding::explain::distance;
use crate::render::{self, Settings};
use crate::report::status::Status;
use crate::wire::text;
use args::{ColorChoice, Typed, Unread};
use exit::ExitCodes;
use files::Out;
use options::{Job, Options, OutputOptions};
use outputs::Outputs;
use say::{complain, say};

/// Wrong usage, or a file that can't be read or written.
const USAGE: u8 = 2;

/// Not reached.
const UNREACHABLE: u8 = 3;

/// A fault of this program.
const FAULT: u8 = 6;

/// Does what the arguments say and returns the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    early::install();
    panic::set_hook(Box::new(say::fault));
    let typed = words(&arguments);
    let codes = exit::asked(&typed);
    panic::catch_unwind(|| obey(arguments, &typed, codes))
        .unwrap_or_else(|_| codes.without_run(FAULT, "a bug in tls-trace, see standard error"))
}

fn obey(arguments: Vec<OsString>, typed: &[String], codes: ExitCodes) -> u8 {
    let done = spellings::translate(arguments).and_then(|(arguments, notes)| {
        let words = words(&arguments);
        if let Some(answer) = words.iter().find_map(|word| openssl::answer(word)) {
            return Err(answer);
        }
        if let Some(help) = help::answer(&words) {
            return print(help?.as_bytes());
        }
        let options = match Typed::read(&arguments) {
            Ok((typed, words)) => Options::resolve(typed, words)?,
            Err(Unread::Refused(why)) => return Err(why),
            Err(Unread::Clap(error)) => return answer(&error, &arguments, codes),
        };
        if options.output.silent {
            say::hush();
        }
        notes.iter().for_each(|note| say(note));
        perform(&options)
    });
    done.unwrap_or_else(|why| {
        let why = on_its_line(why, typed);
        complain(&why);
        codes.without_run(USAGE, &why)
    })
}

/// The arguments as text, without the program's name.
fn words(arguments: &[OsString]) -> Vec<String> {
    arguments.iter().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect()
}

/// A message whose lines are its own: an argument that it quotes makes no further one.
fn on_its_line(mut message: String, words: &[String]) -> String {
    for word in words {
        for quoted in word.split_once('=').map_or([word.as_str(), ""], |(flag, value)| [flag, value]) {
            if quoted.contains(['\n', '\r']) {
                message = message.replace(quoted, &text::escape_again(quoted));
            }
        }
    }
    message
}

/// The version, or what is wrong with the command line, in clap's words.
fn answer(error: &clap::Error, arguments: &[OsString], codes: ExitCodes) -> Result<u8, String> {
    if error.kind() == ErrorKind::DisplayVersion {
        return written(error.print());
    }
    // clap quotes arguments as they are, so it is asked again with those that may be shown.
    let safe: Vec<OsString> =
        arguments.iter().map(|argument| text::escape_again(&argument.to_string_lossy()).into()).collect();
    match Typed::read(&safe) {
        Err(Unread::Clap(error)) if safe != arguments => drop(error.print()),
        _ if safe != arguments => complain(&error.kind().to_string()),
        _ => drop(error.print()),
    }
    let words = words(arguments);
    if let Some(first) = words.iter().find(|word| !word.starts_with('-')) {
        match nearest_command(first) {
            Some(command) if command == *first && error.kind() == ErrorKind::MissingRequiredArgument => {
                complain(&format!("to connect to a host named {first}, write its port: {first}:443"));
            }
            Some(command) if command != *first => ask_back(first, &command),
            _ => {}
        }
    }
    Ok(codes.without_run(USAGE, "wrong usage, see standard error"))
}

/// The command that a word may be meant for; itself, if it is one.
fn nearest_command(word: &str) -> Option<String> {
    /// Two letters changed places, or one is another.
    const NEAR: usize = 2;
    let command = args::Command::augment_subcommands(clap::Command::new("tls-trace"));
    let near = command.get_subcommands().map(|sub| (distance(word, sub.get_name()), sub.get_name()));
    let (far, name) = near.min()?;
    (far <= NEAR && far < word.len().min(name.len()).saturating_sub(1)).then(|| name.to_owned())
}

fn ask_back(word: &str, command: &str) {
    complain(&format!(
        "did you mean the command {command}? {word:?} is not a command, so it was taken as a \
                       host name"
    ));
}

fn perform(options: &Options) -> Result<u8, String> {
    match &options.job {
        Job::Schema(of) => print(of.text().as_bytes()),
        Job::ListScenarios => print(scenarios().as_bytes()),
        Job::Completions(shell) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut accepts::apart(args::command()), "tls-trace", &mut script);
            print(&script)
        }
        Job::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(accepts::apart(args::command()))
                .render(&mut page)
                .map_err(|e| e.to_string())?;
            print(&page)
        }
        Job::Explain(id) => {
            let settings = settings(&options.output, &Out::Stdout);
            let mut text = Vec::new();
            let found =
                render::explain::answer(id.as_deref(), &settings, &mut text).map_err(|e| e.to_string())?;
            print(&text)?;
            Ok(if found { 0 } else { USAGE })
        }
        Job::Trace { .. }
        | Job::Many(_)
        | Job::Watch(_)
        | Job::Diff(_)
        | Job::Demo { .. }
        | Job::Read { .. }
        | Job::Cert { .. } => report(options),
    }
}

/// Traces or reads, and writes the report.
fn report(options: &Options) -> Result<u8, String> {
    files::apart(options)?;
    if options.job.connects() || options.max_time_given {
        let read = files::read(options).into_iter().map(|(_, path)| path.to_owned());
        let written = files::written(options).into_iter().map(|(_, path)| path);
        let limit = options.max_time.unwrap_or(Duration::MAX);
        early::limit(read.chain(written), limit);
    }
    if let Job::Many(many) = &options.job {
        return many::report(options, many);
    }
    if let Job::Watch(watch) = &options.job {
        return watch::report(options, watch);
    }
    if let Job::Diff(wanted) = &options.job {
        return diff::report(options, wanted);
    }
    if matches!(&options.job, Job::Demo { scenario, recorded: false } if scenario == demo_capture::NAME) {
        return demo_capture::report(options);
    }
    let mut outputs = Outputs::open(options)?;
    if let Job::Read { file, decrypt_with, which } = &options.job {
        let passphrase = request::passphrase(options)?;
        let decryption = decrypt::Decryption::with(decrypt_with, passphrase.as_ref())?;
        let exit_code = read::report(options, file, &decryption, which, outputs)?;
        decryption.tell();
        return Ok(exit_code);
    }
    let (report, mut files) = run::report(options)?;
    let exit_code = report.exit_code();
    let status = Status::of(&report);
    if options.pipe && options.output.quiet && exit_code == 0 {
        outputs.leave_stderr();
    }
    outputs.add(&report);
    let stopped = outputs.stopped();
    let written = outputs.end();
    // A file that can't be written must not cost the report, so it is told when that is out.
    files.end(&report)?;
    written?;
    if let (Job::Trace { typed, .. }, UNREACHABLE) = (&options.job, exit_code)
        && let Some(command) = nearest_command(typed)
    {
        ask_back(typed, &command);
    }
    Ok(stopped.unwrap_or_else(|| options.output.exit.of(exit_code, status)))
}

/// Standard output; somebody who stops reading (`| head`) is no error.
fn print(bytes: &[u8]) -> Result<u8, String> {
    let mut out = io::stdout().lock();
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

/// What came of writing to standard output.
fn written(result: io::Result<()>) -> Result<u8, String> {
    match result {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("can't write to standard output: {e}"))
        }
        _ => Ok(0),
    }
}

/// `demo --list`
fn scenarios() -> String {
    let longest = SCENARIOS.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    let mut list = String::new();
    for scenario in SCENARIOS {
        if let Some((first, title)) = GROUPS.iter().find(|(first, _)| *first == scenario.name) {
            let before = if *first == SCENARIOS[0].name { "" } else { "\n" };
            list += &format!("{before}{title}\n");
        }
        list += &format!("  {:longest$}  {}\n", scenario.name, scenario.about);
    }
    list += &format!(
        "\nThe same bytes each time, for slides and courses: demo SCENARIO --recorded\n(not: {})\n",
        recordings::TOO_LARGE.join(", ")
    );
    list += &format!("\nall in one file\n  {:longest$}  {}\n", demo_capture::NAME, demo_capture::ABOUT);
    list
}

/// What the terminal and the environment say, where no flag does.
fn settings(output: &OutputOptions, out: &Out) -> Settings {
    let to_terminal = out.is_terminal();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let terminal_width = || match to_terminal {
        true => terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
        false => None,
    };
    Settings {
        width: output.width.or_else(terminal_width).unwrap_or(80).clamp(60, 400),
        color: match output.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => to_terminal && !no_color && !dumb,
        },
        unicode: locale_is_utf8(),
        verbosity: output.verbosity,
        quiet: output.quiet,
        annotate: output.annotate,
        diagram: output.diagram,
        pictures: true,
        show_secrets: output.show_secrets,
        fields: output.fields,
        min_severity: output.min_severity,
        replacing: None,
    }
}

/// As POSIX orders them: LC_ALL, LC_CTYPE, LANG.
fn locale_is_utf8() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    match set {
        Some(locale) => {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        None => false,
    }
}
