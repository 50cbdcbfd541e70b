//! Passphrases of keys, from where OpenSSL's `-passin` takes them; never from the command line, where every user of the
//! machine can read them. No message repeats what was typed.

use std::fmt;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where a passphrase comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passin {
    Env(String),
    File(PathBuf),
    Fd(u32),
    Stdin,
}

/// A passphrase; shows nothing of itself.
#[derive(Clone)]
pub struct Passphrase(String);

/// More is no passphrase.
const LONGEST: u64 = 4096;

impl FromStr for Passin {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        const FORMS: &str = "it is env:NAME, file:FILE, fd:N or stdin";
        match typed.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Passin::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Passin::File(path.into())),
            Some(("fd", number)) => match number.parse() {
                Ok(number) => Ok(Passin::Fd(number)),
                Err(_) => Err(format!("fd: is followed by the number of a descriptor; {FORMS}")),
            },
            Some(("pass", _)) => {
                Err(format!("a passphrase on the command line can be seen by every user; {FORMS}"))
            }
            None if typed == "stdin" => Ok(Passin::Stdin),
            _ => Err(format!("that is not a source for a passphrase; {FORMS}")),
        }
    }
}

impl fmt::Display for Passin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Passin::Env(name) => write!(f, "env:{name}"),
            Passin::File(path) => write!(f, "file:{}", crate::wire::text::path(path)),
            Passin::Fd(number) => write!(f, "fd:{number}"),
            Passin::Stdin => f.write_str("stdin"),
        }
    }
}

impl Passin {
    /// The first line of what is there.
    pub fn read(&self) -> Result<Passphrase, String> {
        let fail = |why: &dyn fmt::Display| format!("can't read the passphrase from {self}: {why}");
        let bytes = match self {
            Passin::Env(name) => match std::env::var_os(name) {
                Some(value) => value.into_encoded_bytes(),
                None => return Err(fail(&"there is no such variable")),
            },
            Passin::File(path) => of_file(path).map_err(|e| fail(&e))?,
            Passin::Fd(number) => of_file(Path::new(&format!("/dev/fd/{number}"))).map_err(|e| fail(&e))?,
            Passin::Stdin if io::stdin().is_terminal() => {
                return Err(fail(&"it is a terminal, which would show it; use a pipe or a file"));
            }
            Passin::Stdin => of(io::stdin().lock()).map_err(|e| fail(&e))?,
        };
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match std::str::from_utf8(line) {
            Ok(text) => Ok(Passphrase(text.to_owned())),
            Err(_) => Err(fail(&"it is not UTF-8")),
        }
    }
}

fn of_file(path: &Path) -> io::Result<Vec<u8>> {
    of(std::fs::File::open(path)?)
}

fn of(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Passphrase {
    /// The characters, for whoever opens something with them.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_and_secrets_are_not_repeated() {
        assert_eq!("env:PASS".parse(), Ok(Passin::Env("PASS".to_owned())));
        assert_eq!("file:a:b".parse(), Ok(Passin::File("a:b".into())));
        assert_eq!("fd:3".parse(), Ok(Passin::Fd(3)));
        assert_eq!("stdin".parse(), Ok(Passin::Stdin));
        for typed in ["pass:hunter2", "hunter2", "env:", "fd:hunter2", "hunter2:x", ""] {
            let error = typed.parse::<Passin>().unwrap_err();
            assert!(error.contains("env:NAME") && !error.contains("hunter2"), "{error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pass");
        std::fs::write(&path, "geheim \r\nsecond line").unwrap();
        let read = Passin::File(path).read().unwrap();
        assert_eq!((read.reveal(), format!("{read:?}").as_str()), ("geheim ", "Passphrase"));
        let error = Passin::Env("TLS_TRACE_NO_SUCH_VARIABLE".to_owned()).read().unwrap_err();
        assert!(error.contains("no such variable"), "{error}");
    }
}
