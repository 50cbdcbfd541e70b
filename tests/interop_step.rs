//! `--step` at a real terminal: tmux presses the keys and captures the screens.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use common::{file, finish, run, scratch, text};
use support::program;
use tempfile::TempDir;

/// What is shown where it waits.
const PROMPT: &str = "-- Enter: next, q: end --";

/// A terminal of 80 columns in which a command runs, and then a shell says its exit code.
struct Terminal {
    directory: TempDir,
}

impl Terminal {
    fn run(command: &str) -> Terminal {
        let terminal = Terminal { directory: scratch() };
        let shell = format!(
            "LC_ALL=C.UTF-8 sh -c 'echo $$ > {}; exec {} {command}'; echo \"exit=$?\"; stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|isig)' | \
             xargs echo modes; sleep 60",
            text(&terminal.process()),
            env!("CARGO_BIN_EXE_tls-trace")
        );
        let mut tmux = terminal.tmux();
        tmux.args(["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "40", "sh", "-c", &shell]);
        assert!(tmux.env("LC_ALL", "C.UTF-8").status().unwrap().success());
        terminal
    }

    fn tmux(&self) -> Command {
        let mut tmux = program("tmux", "tmux");
        tmux.arg("-S").arg(file(&self.directory, "socket")).env_remove("TMUX");
        tmux
    }

    /// The file with the command's process id.
    fn process(&self) -> PathBuf {
        file(&self.directory, "process")
    }

    fn send(&self, signal: &str) {
        let process = std::fs::read_to_string(self.process()).unwrap();
        assert!(Command::new("kill").args([signal, process.trim()]).status().unwrap().success());
    }

    fn press(&self, key: &str) {
        assert!(self.tmux().args(["send-keys", key]).status().unwrap().success());
    }

    /// All that was shown so far, also above the screen, without empty lines at the end.
    fn shown(&self) -> Vec<String> {
        let shown = finish(self.tmux().args(["capture-pane", "-p", "-S", "-"]).output().unwrap()).out;
        let mut lines: Vec<String> = shown.lines().map(|line| line.trim_end().to_owned()).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// Waits until the last line is as it should be.
    fn until(&self, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let lines = self.shown();
            if wanted(&lines) {
                return lines;
            }
            assert!(Instant::now() < deadline, "{lines:#?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What stands above the prompt, once that is there and more stands there than `before`.
    fn step(&self, before: usize) -> Vec<String> {
        let mut lines = self.until(|lines| {
            lines.len() > before + 1 && lines.last().is_some_and(|line| line.as_str() == PROMPT)
        });
        lines.pop();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// The lines behind the program's end.
    fn ended(&self) -> (Vec<String>, String) {
        let mut lines = self.until(|lines| lines.last().is_some_and(|line| line.starts_with("modes")));
        assert_eq!(lines.pop().unwrap(), "modes isig icanon echo", "the terminal is as it was");
        let exit = lines.pop().unwrap();
        (lines, exit)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").status();
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// Each Enter shows more of the same report, one message at a time, and in the end all of it is there.
#[test]
fn enter_shows_one_message_after_the_other() {
    let whole = run(["demo", "client-cert-missing", "--recorded", "--annotate"]);
    let whole = lines(&whole.out);
    let terminal = Terminal::run("demo client-cert-missing --recorded --step");
    let mut seen = Vec::new();
    let mut steps = 0;
    loop {
        let lines = terminal.until(|lines| {
            let last = lines.last().map(String::as_str).unwrap_or_default();
            last.starts_with("modes") || last == PROMPT && lines.len() > seen.len() + 1
        });
        if lines.last().is_some_and(|line| line.starts_with("modes")) {
            break;
        }
        let mut lines = lines[..lines.len() - 1].to_vec();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        assert_eq!(lines, whole[..lines.len()], "what was shown is the beginning of the report");
        assert!(lines.len() > seen.len());
        // No more than one message is new.
        let messages = |lines: &[String]| lines.iter().filter(|line| line.contains(" #")).count();
        assert!(messages(&lines) <= messages(&seen) + 2, "{lines:#?}");
        seen = lines;
        steps += 1;
        terminal.press("Enter");
    }
    assert!(steps > 10, "{steps}");
    let (shown, exit) = terminal.ended();
    assert_eq!(shown, whole);
    assert_eq!(exit, "exit=4");
}

/// Live the connection is over before it is shown; q ends the showing, not the truth about it.
#[test]
fn q_ends_it_with_the_exit_code_of_the_run() {
    let terminal = Terminal::run("demo expired --step");
    let first = terminal.step(0);
    assert!(first.iter().any(|line| line.contains("TCP connect")), "{first:#?}");
    assert!(first.iter().all(|line| !line.contains("ServerHello")), "{first:#?}");
    terminal.press("Space");
    let second = terminal.step(first.len());
    assert!(second.iter().any(|line| line.contains("ClientHello")), "{second:#?}");
    // Other keys mean nothing.
    terminal.press("x");
    terminal.press("q");
    let (shown, exit) = terminal.ended();
    assert!(shown.iter().all(|line| !line.contains("NOT TRUSTED") && !line.contains(PROMPT)), "{shown:#?}");
    assert_eq!(exit, "exit=1");
}

/// Files that are taken away are whole all the same.
#[test]
fn ctrl_c_ends_it_cleanly() {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    let terminal = Terminal::run(&format!("demo --step --save {}", text(&saved)));
    terminal.step(0);
    terminal.press("C-c");
    let (_, exit) = terminal.ended();
    assert_eq!(exit, "exit=130");
    assert_eq!(run(["read", text(&saved), "-q"]).code, 0);
}

/// A signal ends it just as cleanly, of a live trace and of a saved one: `ended` looks at the terminal's modes.
#[test]
fn a_signal_leaves_the_terminal_as_it_was() {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    run(["demo", "-q", "--save", text(&saved)]);
    let read = format!("read {} --step", text(&saved));
    for (signal, exit_code) in [("-TERM", 143), ("-HUP", 129), ("-INT", 130)] {
        for command in ["demo --step", &read] {
            let terminal = Terminal::run(command);
            let first = terminal.step(0);
            terminal.press("Enter");
            terminal.step(first.len());
            terminal.send(signal);
            let (shown, exit) = terminal.ended();
            assert_eq!(exit, format!("exit={exit_code}"), "{command}, {signal}: {shown:#?}");
            assert!(shown.iter().all(|line| !line.contains(PROMPT)), "{shown:#?}");
        }
    }
}

/// The sequence diagram goes step by step too.
#[test]
fn a_diagram_is_drawn_step_by_step() {
    let whole = lines(&run(["demo", "tls13", "--recorded", "--annotate", "--diagram"]).out);
    let terminal = Terminal::run("demo tls13 --recorded --step --diagram");
    let first = terminal.step(0);
    assert_eq!(first, whole[..first.len()]);
    assert!(first.iter().any(|line| line.contains("── SYN ──")), "{first:#?}");
    assert!(first.iter().all(|line| !line.contains("── ACK ──")), "{first:#?}");
    terminal.press("Enter");
    let second = terminal.step(first.len());
    assert!(second.iter().any(|line| line.contains(" SYN-ACK ──")), "{second:#?}");
    terminal.press("q");
    assert_eq!(terminal.ended().1, "exit=0");
}
