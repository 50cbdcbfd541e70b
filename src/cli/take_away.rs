//! Files that a run leaves behind: the saved trace, the packets, the key log, the chain.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::args::{SecretsChoice, TakeAway};
use super::files::{key_log_of_environment, plain_file, secret_file};
use super::say::say;
use crate::capture::{Capture, Label, Origin, Question, Secrets, saved};
use crate::finding;
use crate::judged::Judged;
use crate::packet;
use crate::report::Report;
use crate::run::Sink;
use crate::trace::{Epoch, Kind, Message};
use crate::wire::{Direction, text};

/// The files, opened before anything is done, so that a wrong path costs no connection.
#[derive(Default)]
pub(super) struct Files {
    save: Option<(saved::Writer<File>, PathBuf)>,
    pcap: Option<(packet::Writer<BufWriter<File>>, PathBuf)>,
    keylog: Option<(File, PathBuf)>,
    certs: Option<(File, PathBuf)>,
    /// As the user chose.
    secrets: Option<SecretsChoice>,
    /// Without a choice: a trace was left without its application secrets, since there is application data in it.
    sealed: bool,
    /// A chain is in `certs`.
    chain_written: bool,
    /// There were secrets in what was saved.
    secrets_saved: bool,
    /// There was something to write to `pcap`.
    packets_written: bool,
    /// The first file that could not be written. It must not cost the report, so it is told at the end.
    failure: Option<String>,
}

impl Files {
    /// Nothing is to be taken away.
    pub(super) fn none() -> Files {
        Files::default()
    }

    /// `live`: connections are made. Others' secrets don't go where SSLKEYLOGFILE says.
    pub(super) fn open(wanted: &TakeAway, live: bool) -> Result<Files, String> {
        let keylog = match (&wanted.keylog, key_log_of_environment().filter(|_| live)) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(path)) if wanted.secrets != Some(SecretsChoice::None) => {
                say(&format!(
                    "SSLKEYLOGFILE is set: the session's secrets are written to {}",
                    text::path(&path)
                ));
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
        let named = [&wanted.save, &wanted.pcap, &wanted.certs];
        if named.iter().any(|path| path.as_deref() == Some(Path::new("-"))) {
            return Err(
                "--save, --pcap and --certs need a file; standard output is used for the report".into()
            );
        }
        let save = wanted.save.as_deref().map(|path| secret(path, false)).transpose()?;
        let pcap = match wanted.pcap.as_deref() {
            Some(path) => {
                let (file, path) = secret(path, false)?;
                let writer = packet::Writer::new(BufWriter::new(file)).map_err(failed(&path))?;
                Some((writer, path))
            }
            None => None,
        };
        Ok(Files {
            pcap,
            save: save.map(|(file, path)| (saved::Writer::new(file), path)),
            keylog,
            certs: wanted.certs.as_deref().map(plain).transpose()?,
            secrets: wanted.secrets,
            ..Files::default()
        })
    }

    /// Whether anything is to be taken away.
    pub(super) fn any(&self) -> bool {
        self.save.is_some() || self.pcap.is_some() || self.keylog.is_some() || self.certs.is_some()
    }

    fn write(&mut self, judged: &Judged) -> Result<(), String> {
        let secrets = kept(&judged.capture.secrets, self.secrets.unwrap_or_default());
        if let Some((file, path)) = &mut self.keylog {
            file.write_all(secrets.key_log().as_bytes()).map_err(failed(path))?;
        }
        if let Some((file, path)) = self.certs.as_mut().filter(|_| !self.chain_written) {
            let chain = pem_of(&judged.trace.chain(0, Direction::Server));
            self.chain_written = !chain.is_empty();
            file.write_all(chain.as_bytes()).map_err(failed(path))?;
        }
        if self.save.is_none() && self.pcap.is_none() {
            return Ok(());
        }
        // What was said is the user's, and who gets the file need not read it.
        let seal = self.secrets.is_none() && has_application_data(judged);
        self.sealed |= seal;
        let choice = if seal { SecretsChoice::Handshake } else { self.secrets.unwrap_or_default() };
        let mut secrets = kept(&judged.capture.secrets, choice);
        if seal {
            let early = judged.capture.secrets.0.iter().filter(|it| it.label == Label::ClientEarlyTraffic);
            secrets.0.extend(early.cloned());
        }
        self.secrets_saved |= !secrets.0.is_empty();
        let is_quic = judged.capture.intent.origin == Origin::Datagrams;
        if is_quic && self.pcap.is_some() {
            let stream = judged.capture.intent.stream_name().unwrap_or_default();
            say(&format!("warning: stream {stream} is QUIC: --pcap writes TCP connections alone"));
        }
        if let Some((writer, path)) = self.pcap.as_mut().filter(|_| !is_quic) {
            let written = writer.capture(&judged.capture, &secrets).map_err(failed(path))?;
            writer.flush().map_err(failed(path))?;
            self.packets_written |= written;
        }
        if let Some((writer, path)) = &mut self.save {
            let verified = match secrets == judged.capture.secrets {
                true => Vec::new(),
                false => finding::checks::lost_without_secrets(&judged.trace),
            };
            let capture = Capture { secrets, verified, ..judged.capture.clone() };
            writer.capture(&capture).map_err(failed(path))?;
        }
        Ok(())
    }

    /// Completes them, and says what could not be written.
    pub(super) fn end(&mut self, report: &Report) -> Result<(), String> {
        let choice = if self.sealed { SecretsChoice::Handshake } else { self.secrets.unwrap_or_default() };
        let told = self.failure.is_none();
        if let Some((writer, path)) = self.save.take().filter(|_| told) {
            writer.end(report.purpose, &report.question).map_err(failed(&path))?;
            word(self.secrets_saved, choice, &path);
        }
        if let Some((_, path)) = self.pcap.take().filter(|_| told) {
            match self.packets_written {
                true => word(self.secrets_saved, choice, &path),
                false => {
                    say(&format!("no connection was made: there are no packets in {}", text::path(&path)))
                }
            }
        }
        if self.sealed && told {
            say("application data was recorded, so its keys are not saved (--secrets all saves them)");
        }
        if self.certs.is_some() && !self.chain_written {
            say("no certificate was sent: the --certs file stays empty");
        }
        self.failure.take().map_or(Ok(()), Err)
    }
}

impl Sink for Files {
    fn connection(&mut self, judged: &Judged, _: &Question) -> Result<(), String> {
        if self.failure.is_none() {
            self.failure = self.write(judged).err();
        }
        Ok(())
    }

    fn notice(&mut self, words: &str) {
        say(words);
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> String {
    let path = text::path(path);
    move |e| format!("can't write to {path}: {e}")
}

/// What whoever gets the file should know.
fn word(held: bool, choice: SecretsChoice, path: &Path) {
    let path = text::path(path);
    match (choice, held) {
        (SecretsChoice::All, true) => say(&format!(
            "{path} contains the session's secrets: whoever has it can decrypt the application data (not \
             with --secrets handshake)"
        )),
        (SecretsChoice::Handshake, true) => say(&format!(
            "{path} contains the handshake's secrets: the handshake can be decrypted, application data \
             can't"
        )),
        (SecretsChoice::Handshake, false) => {
            say(&format!("{path} contains no secrets: before TLS 1.3 the handshake has none of its own"));
        }
        _ => {}
    }
}

/// Early data aside: it is a file of the user's, and without its secret the client's Finished can't be verified again.
fn has_application_data(judged: &Judged) -> bool {
    let of = |message: &Message| message.kind == Kind::ApplicationData && message.epoch != Epoch::Early;
    judged.trace.messages.iter().any(of)
}

fn kept(secrets: &Secrets, choice: SecretsChoice) -> Secrets {
    match choice {
        SecretsChoice::All => secrets.clone(),
        SecretsChoice::Handshake => secrets.handshake_only(),
        SecretsChoice::None => Secrets::default(),
    }
}

/// A chain, leaf first.
fn pem_of(chain: &[&[u8]]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    chain.iter().map(|der| pem::encode_config(&pem::Pem::new("CERTIFICATE", *der), config)).collect()
}
