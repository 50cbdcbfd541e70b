//! `--decrypt-with`: files that open what others recorded.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::say::say;
use crate::capture::{Capture, KeyLog, Label, Limits, Secret};
use crate::crypto::rsa::PrivateKey;
use crate::finding::summary::counted;
use crate::packet::Found;
use crate::run::Traced;
use crate::trace::{Opening, Trace, sessions};
use crate::trust;
use crate::trust::passphrase::Passphrase;
use crate::wire::text;

/// Opens captures, and counts those that it could not open.
#[derive(Clone, Default)]
pub(super) struct Decryption {
    opening: Arc<Mutex<Opening>>,
    /// By why.
    sealed: Arc<Mutex<BTreeMap<&'static str, usize>>>,
    /// Files were named.
    asked: bool,
}

impl Decryption {
    /// With what is in the files: key logs and RSA private keys, recognised by their content.
    pub(super) fn with(files: &[PathBuf], passphrase: Option<&Passphrase>) -> Result<Decryption, String> {
        let mut opening = Opening::default();
        for path in files {
            let named = |e: io::Error| format!("can't read {}: {e}", text::path(path));
            let mut from = BufReader::with_capacity(1 << 16, File::open(path).map_err(named)?);
            match is_key_log(from.fill_buf().map_err(named)?) {
                true => opening.log(key_log(path, from)?),
                false => opening.key(rsa_key(path, passphrase)?),
            }
        }
        let asked = !files.is_empty();
        Ok(Decryption { opening: Arc::new(Mutex::new(opening)), asked, ..Decryption::default() })
    }

    /// Whether files were named.
    pub(super) fn asked(&self) -> bool {
        self.asked
    }

    /// Adds what is known of a capture's secrets to it, and remembers those that came with it. A later one may resume its
    /// session, so this is for each, in their order, also for those that are not `shown`.
    /// What it shows then, as `read` reads it, if there was anything to open it with.
    pub(super) fn open(
        &self,
        capture: &mut Capture,
        shown: bool,
        read: fn(&Capture) -> Trace,
    ) -> Option<Trace> {
        let mut opening = self.opening.lock().ok()?;
        if capture.secrets.0.is_empty() && opening.is_empty() {
            return None;
        }
        let (trace, why) = opening.open(capture, read);
        // Of what came with the file nobody expects that it opens everything.
        let why = why.filter(|_| shown && self.asked);
        if let (Some(why), Ok(mut sealed)) = (why, self.sealed.lock()) {
            *sealed.entry(why).or_default() += 1;
        }
        Some(trace)
    }

    /// The same with one after the other: the one that is called `wanted`, or all, but no more than `most`; and before each
    /// those whose session it may resume.
    pub(super) fn each<I: Iterator<Item = Found>>(
        &self,
        mut captures: I,
        wanted: Option<String>,
        most: usize,
        read: fn(&Capture) -> Trace,
    ) -> impl Iterator<Item = Traced> + use<I> {
        let opens = self.clone();
        let mut left = most;
        std::iter::from_fn(move || {
            while left > 0 {
                let Found { mut capture, ended, premasters, .. } = captures.next()?;
                opens.add(premasters);
                let is_wanted = ended && (wanted.is_none() || capture.intent.stream_name() == wanted);
                left -= usize::from(is_wanted);
                let trace = opens.open(&mut capture, is_wanted, read);
                let leaves_session = |trace: &Trace| sessions::given(trace, 0).next().is_some();
                if is_wanted || trace.as_ref().is_some_and(leaves_session) {
                    return Some(Traced { capture, trace, wanted: is_wanted });
                }
            }
            None
        })
    }

    /// Adds secrets that came with a file.
    fn add(&self, secrets: Vec<Secret>) {
        if let (false, Ok(mut opening)) = (secrets.is_empty(), self.opening.lock()) {
            opening.log(secrets.into_iter().collect());
        }
    }

    /// Says what could not be opened, and why.
    pub(super) fn tell(&self) {
        let Ok(sealed) = self.sealed.lock() else { return };
        for (why, count) in sealed.iter() {
            say(&format!("warning: {} not decrypted: {why}", counted(*count, "connection")));
        }
    }
}

/// Whether a file that starts like this is a key log: its first line that is no comment has one's form.
fn is_key_log(start: &[u8]) -> bool {
    let mut lines = start.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let Some(first) = lines.find(|line| !line.is_empty() && !line.starts_with(b"#")) else {
        // Nothing but comments.
        return start.is_ascii();
    };
    let label = first.split(u8::is_ascii_whitespace).next().and_then(|word| std::str::from_utf8(word).ok());
    label.is_some_and(|label| Label::parse(label).is_some())
}

fn key_log(path: &Path, from: impl BufRead) -> Result<KeyLog, String> {
    let name = text::path(path);
    let most = Limits::DEFAULT.key_log_secrets;
    let (log, left_out) = KeyLog::read(from, most).map_err(|e| format!("can't read {name}: {e}"))?;
    if left_out > 0 {
        say(&format!("warning: {name}: {left_out} secrets beyond the first {most} are left out"));
    }
    if log.sessions() == 0 {
        say(&format!("warning: {name}: there are no secrets in it"));
    }
    Ok(log)
}

fn rsa_key(path: &Path, passphrase: Option<&Passphrase>) -> Result<PrivateKey, String> {
    let key = trust::files::private_key(path, passphrase)
        .map_err(|e| format!("--decrypt-with needs a key log (NSS format) or an RSA private key: {e}"))?;
    PrivateKey::from_der(key.secret_der()).ok_or_else(|| {
        format!(
            "{}: its key is not an RSA key: only the RSA key exchange can be decrypted with a private key",
            text::path(path)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_log_is_recognised_by_its_content() {
        for log in [
            "CLIENT_RANDOM 00 11\n",
            "# a comment\r\n\n  SERVER_TRAFFIC_SECRET_0 00 11\r\n",
            "PMS_CLIENT_RANDOM 00 11",
            "RSA 00 11\n",
            "# nothing yet\n",
            "",
        ] {
            assert!(is_key_log(log.as_bytes()), "{log:?}");
        }
        for other in ["-----BEGIN PRIVATE KEY-----\n", "0\u{82}", "CLIENT_RANDOMLY 00 11\n"] {
            assert!(!is_key_log(other.as_bytes()), "{other:?}");
        }
    }
}
