//! Performs a script.

use std::io::{self, Read};
use std::net::{Shutdown, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::before::{self, Over};
use super::condition::Which;
use super::good::Serving;
use super::hear;
use super::message::Edit;
use super::talk::Talk;
use super::{Script, Step};
use crate::demo::pki::{Credentials, Pki};
use crate::demo::server::{Act, hang_up};
use crate::wire::handshake::types;

/// What there is for all connections.
struct Server {
    script: Script,
    serving: Serving,
    credentials: Credentials,
    /// How many connections there were, and when the last one began.
    seen: Mutex<(usize, Option<Instant>)>,
}

/// What is left to be done with a connection.
enum Flow {
    On,
    /// It is over, in this way.
    Over(Step),
}

pub(super) fn act(script: Script, pki: &Pki, credentials: Credentials) -> io::Result<Act> {
    let serving = script.server.ready(pki, &credentials)?;
    let server = Server { script, serving, credentials, seen: Mutex::default() };
    Ok(Box::new(move |tcp| server.connection(tcp)))
}

impl Server {
    fn connection(&self, tcp: &TcpStream) -> io::Result<()> {
        let which = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let which = Which { number: seen.0, since_last: seen.1.map(|last| now - last) };
            *seen = (seen.0 + 1, Some(now));
            which
        };
        if before::perform(tcp, &self.script.before)? == Over::Closed {
            return hang_up(tcp);
        }
        let heard = hear::hello(tcp)?;
        let rule = self.script.rules.iter().find(|rule| rule.when.holds(&heard, which));
        let steps = rule.map_or(&self.script.steps, |rule| &rule.then);
        if steps.is_empty() {
            // A client that leaves, or is refused with an alert: what follows is the same.
            let _ = self.serving.serve(heard.bytes, tcp);
            return hang_up(tcp);
        }
        let mut talk = Talk::new(tcp, &self.credentials, &heard)?;
        let flow = perform(&mut talk, steps);
        match flow {
            Ok(Flow::Over(Step::Reset)) => {
                talk.flush()?;
                // With this, the close that follows is a RST instead of a FIN.
                socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO))
            }
            Ok(Flow::Over(Step::Serve)) => {
                talk.flush()?;
                let _ = self.serving.serve(heard.bytes, tcp);
                hang_up(tcp)
            }
            Ok(_) => {
                talk.flush()?;
                hang_up(tcp)
            }
            // The client has gone.
            Err(_) => hang_up(tcp),
        }
    }
}

fn perform(talk: &mut Talk<'_>, steps: &[Step]) -> io::Result<Flow> {
    for step in steps {
        if let Flow::Over(how) = one(talk, step)? {
            return Ok(Flow::Over(how));
        }
    }
    Ok(Flow::On)
}

fn one(talk: &mut Talk<'_>, step: &Step) -> io::Result<Flow> {
    match step {
        Step::Close | Step::Reset | Step::Serve => return Ok(Flow::Over(step.clone())),
        Step::HalfClose => {
            talk.flush()?;
            talk.tcp().shutdown(Shutdown::Write)?;
        }
        Step::Silent => {
            talk.flush()?;
            let mut rest = [0; 4096];
            while talk.tcp().read(&mut rest)? > 0 {}
        }
        Step::Hear => talk.hear()?,
        Step::HearHello => talk.hear_hello()?,
        Step::Send(bytes) => talk.send(&bytes.0)?,
        Step::Text(text) => talk.send(text.as_bytes())?,
        Step::WaitMs(ms) => {
            talk.flush()?;
            thread::sleep(Duration::from_millis(*ms));
        }
        Step::PaceMs(ms) => {
            talk.flush()?;
            talk.pace = Some(Duration::from_millis(*ms));
        }
        Step::Fragment(len) => talk.fragment = *len,
        Step::Alert(alert) => talk.alert(*alert)?,
        Step::Record { kind, version, body } => talk.record(*kind, *version, &body.0)?,
        Step::Seal { kind, body } => talk.seal(*kind, &body.0)?,
        Step::Repeat { times, steps } => {
            for _ in 0..times.unwrap_or(usize::MAX) {
                if let Flow::Over(how) = perform(talk, steps)? {
                    return Ok(Flow::Over(how));
                }
            }
        }
        Step::Message { kind, body, claims } => {
            talk.message(*kind, body.0.clone(), &Edit { claims: *claims, ..Edit::default() })?;
        }
        Step::ServerHello(fields) => talk.server_hello(fields)?,
        Step::HelloRetryRequest(fields) => talk.retry(fields)?,
        Step::EncryptedExtensions(edit) => talk.message(types::ENCRYPTED_EXTENSIONS, vec![0, 0], edit)?,
        Step::CertificateRequest(edit) => {
            // No context; signature_algorithms: ecdsa_secp256r1_sha256.
            talk.message(types::CERTIFICATE_REQUEST, vec![0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3], edit)?;
        }
        Step::Certificate(edit) => talk.certificate(edit, None)?,
        Step::Certificates(copies) => talk.certificate(&Edit::default(), Some(*copies))?,
        Step::CertificateVerify(edit) => talk.certificate_verify(edit)?,
        Step::Finished(edit) => talk.finished(edit)?,
        Step::NewSessionTicket(edit) => {
            // Two hours, age_add, a nonce, a ticket, no extensions.
            let body = [&[0, 0, 0x1c, 0x20, 1, 2, 3, 4, 1, 0, 0, 32][..], &[7; 32], &[0, 0]].concat();
            talk.message(types::NEW_SESSION_TICKET, body, edit)?;
        }
        Step::KeyUpdate(edit) => talk.key_update(edit)?,
        Step::ServerKeyExchange(edit) => talk.server_key_exchange(edit)?,
        Step::ServerHelloDone(edit) => talk.message(types::SERVER_HELLO_DONE, Vec::new(), edit)?,
        Step::Keys(keys) => talk.keys(*keys),
    }
    Ok(Flow::On)
}
