//! Files that a run leaves behind: the saved trace, the key log, the chain.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::args::{SecretsChoice, TakeAway};
use super::files::{key_log_of_environment, plain_file, secret_file};
use super::say::say;
use crate::capture::{Secrets, Session, saved};
use crate::report::Report;
use crate::wire::{Direction, text};

/// The files, opened before anything is done, so that a wrong path costs no connection.
pub(super) struct Files {
    save: Option<(File, PathBuf)>,
    keylog: Option<(File, PathBuf)>,
    certs: Option<(File, PathBuf)>,
    secrets: SecretsChoice,
}

impl Files {
    pub(super) fn open(wanted: &TakeAway) -> Result<Files, String> {
        let keylog = match (&wanted.keylog, key_log_of_environment()) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(path)) if wanted.secrets != SecretsChoice::None => {
                say(&format!("SSLKEYLOGFILE is set: the session's secrets go to {}", text::path(&path)));
                Some(path)
            }
            _ => None,
        };
        let secret = |path: &Path, append| secret_file(path, append).map(|file| (file, path.to_owned()));
        let plain = |path: &Path| plain_file(path).map(|file| (file, path.to_owned()));
        let keylog = match keylog.as_deref().map(|path| secret(path, true)) {
            // What the environment asks for of every program must not cost the trace.
            Some(Err(why)) if wanted.keylog.is_none() => {
                say(&format!("warning: SSLKEYLOGFILE: {why}"));
                None
            }
            keylog => keylog.transpose()?,
        };
        if [&wanted.save, &wanted.certs].iter().any(|path| path.as_deref() == Some(Path::new("-"))) {
            return Err("--save and --certs need a file; the report has standard output".into());
        }
        Ok(Files {
            save: wanted.save.as_deref().map(|path| secret(path, false)).transpose()?,
            keylog,
            certs: wanted.certs.as_deref().map(plain).transpose()?,
            secrets: wanted.secrets,
        })
    }

    /// Writes them.
    pub(super) fn write(&mut self, report: &Report) -> Result<(), String> {
        let failed = |path: &Path| {
            let path = text::path(path);
            move |e: io::Error| format!("can't write to {path}: {e}")
        };
        if let Some((file, path)) = &mut self.keylog {
            let lines: String =
                report.session.captures.iter().map(|c| kept(&c.secrets, self.secrets).key_log()).collect();
            file.write_all(lines.as_bytes()).map_err(failed(path))?;
        }
        if let Some((file, path)) = &mut self.certs {
            file.write_all(chain(report).as_bytes()).map_err(failed(path))?;
        }
        if let Some((file, path)) = &mut self.save {
            let mut session = report.session.clone();
            for capture in &mut session.captures {
                capture.secrets = kept(&capture.secrets, self.secrets);
            }
            let mut bytes = Vec::new();
            saved::write(&session, &mut bytes).and_then(|()| file.write_all(&bytes)).map_err(failed(path))?;
            word(&session, self.secrets, path);
        }
        Ok(())
    }
}

/// What whoever gets the file should know.
fn word(session: &Session, choice: SecretsChoice, path: &Path) {
    let path = text::path(path);
    let held = session.captures.iter().any(|capture| !capture.secrets.0.is_empty());
    match (choice, held) {
        (SecretsChoice::All, true) => say(&format!(
            "{path} holds the session's secrets: whoever has it can read what was said (--secrets handshake keeps application data sealed)"
        )),
        (SecretsChoice::Handshake, true) => say(&format!(
            "{path} holds the handshake's secrets: the handshake can be read, application data can't"
        )),
        (SecretsChoice::Handshake, false) => {
            say(&format!("{path} holds no secrets: before TLS 1.3 the handshake has none of its own"));
        }
        _ => {}
    }
}

fn kept(secrets: &Secrets, choice: SecretsChoice) -> Secrets {
    match choice {
        SecretsChoice::All => secrets.clone(),
        SecretsChoice::Handshake => secrets.handshake_only(),
        SecretsChoice::None => Secrets::default(),
    }
}

/// The first chain that was sent, leaf first, as PEM.
fn chain(report: &Report) -> String {
    let chains = report.connections.iter().map(|connection| connection.trace.chain(0, Direction::Server));
    let chain = chains.into_iter().find(|chain| !chain.is_empty()).unwrap_or_default();
    if chain.is_empty() {
        say("no certificate was sent: the --certs file stays empty");
    }
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    chain.iter().map(|der| pem::encode_config(&pem::Pem::new("CERTIFICATE", *der), config)).collect()
}
