//! A side of `diff`: a saved trace, a connection of a capture (`FILE#N`), TLS bytes, or a server.

use std::path::{Path, PathBuf};

use super::decrypt::Decryption;
use super::file_or_name::looks_like_file;
use super::options::{Options, Several, stream_name};
use super::read::{Content, again, captured, open};
use super::request::{anchors, question, request};
use super::run::source;
use super::target::{self, Target};
use crate::judged::Judged;
use crate::report::Report;
use crate::run::{Captured, Run, Traced};
use crate::trace::Trace;
use crate::wire::text;

/// What is compared.
#[derive(Debug, Clone)]
pub enum Side {
    /// `part`: the connection of this number.
    File {
        path: PathBuf,
        part: Option<String>,
    },
    Server {
        typed: String,
        target: Target,
    },
}

impl Side {
    /// What `typed` means. A file has a `/`, a suffix that our files have, or a `#N` behind it; what could be a host too is
    /// refused.
    pub fn read(typed: &str) -> Result<Side, String> {
        let server = || {
            let parsed = Target::parse(typed).map_err(|e| e.to_string())?;
            Ok(Side::Server { typed: target::bare(typed), target: parsed })
        };
        if typed.contains("://") || typed.starts_with("unix:") {
            return server();
        }
        // A file may be called like that.
        if let Some((path, part)) = typed.rsplit_once('#').filter(|_| !Path::new(typed).is_file()) {
            let part = stream_name(part).map_err(|_| {
                format!(
                    "{}: behind # stands the number of a connection, as FILE#17 or, for QUIC, FILE#udp:17",
                    text::escape(typed)
                )
            })?;
            return Ok(Side::File { path: path.into(), part: Some(part) });
        }
        if typed == "-" || looks_like_file(typed) {
            return Ok(Side::File { path: typed.into(), part: None });
        }
        if Path::new(typed).is_file() {
            let typed = text::escape(typed);
            return Err(format!(
                "{typed} could be a file or a host: write ./{typed} for the file, {typed}:443 for the host"
            ));
        }
        server()
    }

    /// As it is shown.
    pub fn input(&self) -> String {
        match self {
            Side::File { path, part: None } => path.display().to_string(),
            Side::File { path, part: Some(part) } => format!("{}#{part}", path.display()),
            Side::Server { typed, .. } => typed.clone(),
        }
    }

    /// The file that is read.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Side::File { path, .. } => Some(path),
            Side::Server { .. } => None,
        }
    }

    /// The run that makes or reads it.
    pub(super) fn run(&self, options: &Options, decryption: &Decryption) -> Result<Run, String> {
        let (path, part) = match self {
            Side::File { path, part } => (path, part.clone()),
            Side::Server { typed, target } => {
                let request = request(options, typed, target)?;
                let source = source(options, request, Several::One);
                return Ok(Run { question: question(options)?, ..Run::trusting(anchors(options)?, source) });
            }
        };
        match open(path)? {
            Content::Saved(mut session) => {
                for capture in session.captures.iter_mut().filter(|_| decryption.asked()) {
                    decryption.open(capture, true, Trace::seen);
                }
                again(options, *session)
            }
            Content::Bytes(_) if part.is_some() => {
                Err(format!("{}: there is one connection in it, without a number", text::path(path)))
            }
            Content::Bytes(mut capture) => {
                capture.intent.input = path.display().to_string();
                let trace = decryption.open(&mut capture, true, Trace::of);
                captured(options, Captured::from(Traced { trace, ..Traced::from(*capture) }))
            }
            Content::Packets(mut captures) => {
                if decryption.asked() {
                    captures.opens();
                }
                let stop = captures.stop();
                // A second one shows that there are several.
                let most = if part.is_some() { 1 } else { 2 };
                let wanted = decryption.each(captures, part, most, Trace::of);
                captured(options, Captured { captures: Box::new(wanted), stop })
            }
        }
    }

    /// The connection that is compared.
    pub(super) fn connection<'r>(&self, report: &'r Report) -> Result<&'r Judged, String> {
        let Side::File { path, part } = self else {
            return report.decisive().ok_or_else(|| "nothing was traced".to_owned());
        };
        let (name, count) = (text::path(path), report.count);
        let captured = |judged: &Judged| !judged.capture.intent.origin.is_live();
        let from_capture = report.connections.first().is_some_and(captured);
        match part {
            Some(part) if count == 0 => Err(format!("{name}: there is no TLS in its connection {part}")),
            None if count == 0 => Err(format!("{name}: there is no TLS in it")),
            None if count > 1 && from_capture => Err(format!(
                "{name} has several connections: name one as {name}#N; `tls-trace read {name}` lists them"
            )),
            Some(part) if !from_capture => {
                let place = report.numbers.iter().position(|number| number.to_string() == *part);
                let found = place.and_then(|place| report.connections.get(place));
                found.ok_or_else(|| format!("{name}: it has no connection {part}; there are {count}"))
            }
            _ => report
                .decisive()
                .ok_or_else(|| format!("{name}: it contains no connection that has an outcome")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_from_a_server() {
        for (typed, input) in [
            ("trace.json", "trace.json"),
            ("./x", "./x"),
            ("-", "-"),
            ("a.pcapng#17", "a.pcapng#17"),
            ("dir/a#tcp:3", "dir/a#3"),
            ("a.pcap#udp:04", "a.pcap#udp:4"),
        ] {
            let side = Side::read(typed).unwrap();
            assert!(side.file().is_some(), "{typed}");
            assert_eq!(side.input(), input);
        }
        for typed in
            ["example.com", "example.com:8443", "[::1]:443", "https://example.com/a.json", "unix:/a/b.json"]
        {
            assert!(Side::read(typed).unwrap().file().is_none(), "{typed}");
        }
        assert!(Side::read("a.pcap#one").unwrap_err().contains("as FILE#17"));
        // Tests run where the package is.
        assert!(Side::read("LICENSE-MIT").unwrap_err().contains("write ./LICENSE-MIT for the file"));
    }
}
