//! From flags to exit code.

pub mod args;
mod files;
mod names;
mod openssl;
mod options;
mod run;
mod spinner;
mod take_away;
mod target;
mod watched;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::demo;
use crate::render::{self, Settings};
use crate::wire::text::is_hostile;
use args::{ColorChoice, Typed};
use files::Out;
use options::{Job, Options, OutputOptions};
use take_away::Files;

/// Wrong usage, or a file that can't be read or written.
const USAGE: u8 = 2;

/// Does what the arguments say and returns the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let words: Vec<String> = arguments.iter().skip(1).map(|a| a.to_string_lossy().into_owned()).collect();
    if let Some(answer) = words.iter().find_map(|word| openssl::answer(word)) {
        return complain(&answer);
    }
    let options = match Typed::read(&arguments) {
        Ok(typed) => Options::resolve(typed, words),
        Err(error) => {
            let code = match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
                _ => USAGE,
            };
            let _ = error.print();
            return code;
        }
    };
    match options.and_then(|options| perform(&options)) {
        Ok(code) => code,
        Err(why) => complain(&why),
    }
}

fn complain(why: &str) -> u8 {
    // A message may quote a file or a peer.
    for (i, line) in why.lines().enumerate() {
        let lead = if i == 0 { "tls-trace: " } else { "" };
        eprintln!("{lead}{}", shown(line));
    }
    USAGE
}

/// Only what could steer a terminal is escaped: a path keeps its backslashes.
fn shown(line: &str) -> String {
    line.chars().map(|c| if is_hostile(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

fn perform(options: &Options) -> Result<u8, String> {
    match &options.job {
        Job::Schema => print(render::json::schema().as_bytes()),
        Job::ListScenarios => print(scenarios().as_bytes()),
        Job::Completions(shell) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Typed::command(), "tls-trace", &mut script);
            print(&script)
        }
        Job::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Typed::command()).render(&mut page).map_err(|e| e.to_string())?;
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
        Job::Trace { .. } | Job::Demo { .. } | Job::Read { .. } | Job::Cert { .. } => report(options),
    }
}

/// Traces or reads, and writes the report.
fn report(options: &Options) -> Result<u8, String> {
    // With --pipe standard output is the server's.
    let otherwise = if options.pipe { Out::Stderr } else { Out::Stdout };
    let mut out = Out::open(options.output.file.as_deref(), otherwise)?;
    let (report, files) = run::report(options)?;
    let exit_code = report.exit_code();
    // A file that can't be written must not cost the report, so it is told when that is out.
    let taken_away = |files: Option<Files>| files.map_or(Ok(()), |mut files| files.write(&report));
    if options.pipe && options.output.quiet && exit_code == 0 && matches!(out, Out::Stderr) {
        taken_away(files)?;
        return Ok(exit_code);
    }
    let settings = settings(&options.output, &out);
    let format = render::find(&options.output.format).ok_or("no such format")?;
    out.write(|out| (format.write)(&report, &settings, out))?;
    taken_away(files)?;
    Ok(exit_code)
}

/// Standard output; somebody who stops reading (`| head`) is no error.
fn print(bytes: &[u8]) -> Result<u8, String> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("can't write to standard output: {e}"))
        }
        _ => Ok(0),
    }
}

/// `demo --list`
fn scenarios() -> String {
    let longest = demo::SCENARIOS.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    demo::SCENARIOS.iter().map(|s| format!("{:longest$}  {}\n", s.name, s.about)).collect()
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
        show_secrets: output.show_secrets,
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
