//! `--step`: the report piece by piece, a key for each.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
#[cfg(unix)]
use std::os::unix::net::UnixStream;

use super::files::Out;
use super::options::OutputOptions;
use crate::render::{Settings, text};
use crate::report::Report;

/// The exit code of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// The signals that end the run, and then the showing, with the program's exit codes (128 and the signal's number).
#[cfg(unix)]
const SIGNALS: [(i32, u8); 2] = {
    use signal_hook::consts::{SIGINT, SIGTERM};
    [(SIGINT, INTERRUPTED), (SIGTERM, 143)]
};

/// Nothing but the system's own end answers it until a terminal is changed.
#[cfg(unix)]
const HANGUP: (i32, u8) = (signal_hook::consts::SIGHUP, 129);

/// What is said where it waits.
const PROMPT: &str = "-- Enter: next, q: end --";

/// A terminal that shows and is asked.
pub(super) struct Steps {
    keys: Keys,
    /// Whoever reads has had enough.
    over: bool,
    /// The exit code, if Ctrl-C was pressed or a signal came.
    stopped: Option<u8>,
}

/// What a key means.
enum Key {
    Next,
    End,
    /// Ctrl-C, or a signal: the program ends with this code.
    Stop(u8),
}

impl Steps {
    /// Fails where there is nobody to wait for: that is told before a connection is made.
    pub(super) fn open(output: &OutputOptions) -> Result<Steps, String> {
        let stdout = output.reports.iter().any(|to| to.file.is_none() && to.format.is(&text::FORMAT));
        if !stdout {
            return Err("--step shows the text report on the terminal, and this report goes elsewhere".into());
        }
        if !io::stdout().is_terminal() {
            return Err("--step waits for Enter at the terminal, and standard output is none".into());
        }
        let keys = Keys::open()
            .ok_or("--step waits for Enter at the terminal, and there is none to read from (no /dev/tty)")?;
        Ok(Steps { keys, over: false, stopped: None })
    }

    /// The exit code, if Ctrl-C or a signal ended it.
    pub(super) fn stopped(&self) -> Option<u8> {
        self.stopped
    }

    /// Shows a report, and waits behind each piece but the last. A run that a signal has ended is shown at once.
    pub(super) fn show(&mut self, report: &Report, settings: &Settings, out: &mut Out) -> Result<(), String> {
        let pieces = text::steps(report, settings).map_err(|e| e.to_string())?;
        let screens: Vec<String> = pieces.iter().flat_map(|piece| screens(piece, rows())).collect();
        for (n, piece) in screens.iter().enumerate() {
            if self.over {
                return Ok(());
            }
            out.write(|out| out.write_all(piece.as_bytes()))?;
            if n + 1 < screens.len() && report.interrupted.is_none() {
                self.wait()?;
            }
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<(), String> {
        let failed = |e: io::Error| format!("can't read from the terminal: {e}");
        let erased = format!("\r{:width$}\r", "", width = PROMPT.len());
        let say = |text: &str| {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        };
        let key = self.keys.next(|| say(PROMPT)).map_err(failed)?;
        say(&erased).map_err(failed)?;
        match key {
            Key::Next => {}
            Key::End => self.over = true,
            Key::Stop(code) => (self.over, self.stopped) = (true, Some(code)),
        }
        Ok(())
    }
}

/// Rows of the terminal, if it tells.
fn rows() -> Option<usize> {
    terminal_size::terminal_size().map(|(_, height)| usize::from(height.0))
}

/// A piece, in parts that a screen has room for.
fn screens(piece: &str, rows: Option<usize>) -> Vec<String> {
    let room = rows.map_or(usize::MAX, |rows| rows.saturating_sub(2).max(4));
    let lines: Vec<&str> = piece.split_inclusive('\n').collect();
    lines.chunks(room).map(|lines| lines.concat()).collect()
}

/// Keys as they are pressed.
struct Keys {
    terminal: File,
    /// Each has a byte to read once its signal has come.
    #[cfg(unix)]
    signals: Vec<(UnixStream, u8)>,
}

#[cfg(unix)]
impl Keys {
    fn open() -> Option<Keys> {
        let signals = SIGNALS.into_iter().map(listen).collect::<io::Result<_>>().ok()?;
        Some(Keys { terminal: File::open("/dev/tty").ok()?, signals })
    }

    /// Prompts, and gives the next key that means something. In the meantime the terminal neither shows what is typed nor waits for a whole
    /// line, and Ctrl-C is a key: nothing ends the program before the terminal is as it was.
    fn next(&mut self, prompt: impl FnOnce() -> io::Result<()>) -> io::Result<Key> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        if self.signals.len() == SIGNALS.len() {
            self.signals.push(listen(HANGUP)?);
        }
        let before = tcgetattr(&self.terminal)?;
        let mut raw = before.clone();
        raw.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
        tcsetattr(&self.terminal, OptionalActions::Now, &raw)?;
        let key = prompt().and_then(|()| self.read());
        tcsetattr(&self.terminal, OptionalActions::Now, &before)?;
        key
    }

    fn read(&mut self) -> io::Result<Key> {
        let mut byte = [0];
        loop {
            if let Some(code) = self.signal()? {
                return Ok(Key::Stop(code));
            }
            match self.terminal.read(&mut byte) {
                // Nobody is there any more.
                Ok(0) => return Ok(Key::End),
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            }
            match byte[0] {
                b'\r' | b'\n' | b' ' => return Ok(Key::Next),
                b'q' | b'Q' | 4 => return Ok(Key::End),
                3 => return Ok(Key::Stop(INTERRUPTED)),
                _ => {}
            }
        }
    }

    /// Waits for a key or a signal. Of a signal the exit code; none where there is a key to be read.
    fn signal(&self) -> io::Result<Option<u8>> {
        use rustix::event::{PollFd, PollFlags, poll};
        loop {
            let mut ready: Vec<PollFd<'_>> =
                self.signals.iter().map(|(came, _)| PollFd::new(came, PollFlags::IN)).collect();
            ready.push(PollFd::new(&self.terminal, PollFlags::IN));
            match poll(&mut ready, None) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(e) => return Err(e.into()),
            }
            let came = self.signals.iter().zip(&ready).find(|(_, ready)| !ready.revents().is_empty());
            return Ok(came.map(|((_, code), _)| *code));
        }
    }
}

/// What tells of a signal, beside whatever else listens to it.
#[cfg(unix)]
fn listen((signal, code): (i32, u8)) -> io::Result<(UnixStream, u8)> {
    let (came, tell) = UnixStream::pair()?;
    signal_hook::low_level::pipe::register(signal, tell)?;
    Ok((came, code))
}

#[cfg(not(unix))]
impl Keys {
    /// No terminal is read by key there.
    fn open() -> Option<Keys> {
        None
    }

    fn next(&mut self, prompt: impl FnOnce() -> io::Result<()>) -> io::Result<Key> {
        prompt()?;
        let _ = self.terminal.read(&mut [0])?;
        Ok(Key::Next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_piece_is_shown_in_screens() {
        let piece: String = (0..10).map(|n| format!("{n}\n")).collect();
        assert_eq!(screens(&piece, None).len(), 1);
        assert_eq!(screens(&piece, Some(8)), ["0\n1\n2\n3\n4\n5\n", "6\n7\n8\n9\n"]);
        assert_eq!(screens(&piece, Some(8)).concat(), piece);
    }
}
