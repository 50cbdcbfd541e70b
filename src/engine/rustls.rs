//! A handshake performed by rustls.

use std::time::{Duration, Instant, SystemTime};

use rustls::{ClientConnection, HandshakeKind, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::config::{Equipment, Setup};
use super::drive::{self, Failure, Heard};
use super::pipe::{self, Ended, Pipe};
use super::sessions::Store;
use super::settle::{self, Outcome};
use super::watch::Watch;
use super::{Error, Request};
use crate::capture::recorder::{Recorder, Tape};
use crate::capture::{Capture, EngineEnd};
use crate::connect::{self, Connected, Diagnostics, Journal};
use crate::wire::Direction;

/// A request that was checked and can be traced, more than once if wanted, one after the other.
#[derive(Debug)]
pub struct Prepared<'r> {
    request: &'r Request,
    setup: Setup,
}

/// Checks a request. An error here is the user's: an offer that rustls can't make, a name that
/// can't be one, and so on. What happens on the network is never one.
pub fn prepare(request: &Request) -> Result<Prepared<'_>, Error> {
    if let Some(why) = request.connect.impossible() {
        return Err(Error(why));
    }
    Ok(Prepared { request, setup: Setup::new(request)? })
}

/// Prepares and traces.
pub async fn trace(request: &Request) -> Result<Capture, Error> {
    Ok(prepare(request)?.trace().await)
}

impl Prepared<'_> {
    /// Connects, performs the handshake, listens on, closes. Whatever happens is in the capture.
    pub async fn trace(&self) -> Capture {
        self.perform(None).await
    }

    /// The same, but instead of listening on, the input goes to the server and its answer to the
    /// output, until the server ends. Recording stops at its limit, piping does not.
    ///
    /// That the server is who it should be is for `intent.enforce` to see to. Early data is
    /// refused: it would be sent before anybody has looked at the server's certificate, and an
    /// attacker can replay it.
    pub async fn pipe(
        &self,
        input: &mut (dyn AsyncRead + Unpin),
        output: &mut (dyn AsyncWrite + Unpin),
    ) -> Result<Capture, Error> {
        if self.request.early_data.is_some() {
            return Err(Error("early data can't be sent with --pipe".into()));
        }
        Ok(self.perform(Some(Pipe { input, output, hold: self.request.pipe_hold })).await)
    }

    async fn perform(&self, pipe: Option<Pipe<'_>>) -> Capture {
        let request = self.request;
        let (date, began) = (SystemTime::now(), Instant::now());
        let watch = Watch::new(began, request.max_time, request.stop.clone());
        let mut capture = Capture::new(request.intent.clone(), date);

        let mut journal = Journal::telling(began, &request.progress);
        let open = connect::open(&request.connect, request.connect_timeout, &mut journal);
        let connected = watch.over(open).await;
        capture.steps = journal.into_steps();
        match connected {
            Ok(Some(connected)) => self.converse(connected, began, watch, pipe, &mut capture).await,
            Ok(None) => {}
            Err(stopped) => capture.stopped = Some(stopped),
        }
        capture.total = began.elapsed();
        capture
    }

    async fn converse(
        &self,
        connected: Connected,
        began: Instant,
        watch: Watch,
        pipe: Option<Pipe<'_>>,
        capture: &mut Capture,
    ) {
        let Equipment { config, keys, store } = self.setup.equip(self.request);
        let mut call = Call {
            began,
            watch,
            facts: connected.stream.local_addr().ok().map(|local| Diagnostics::of(local, connected.peer)),
            tcp_took: connected.took,
            tape: Tape::new(began, self.request.limits),
            capture,
            end: EngineEnd {
                name: "rustls".into(),
                version: VERSION.into(),
                complete: false,
                error: None,
                refused: false,
                refused_certificate: false,
                resumed: false,
                early_data: None,
                settle_from: None,
            },
        };
        let mut io = Recorder::new(connected.stream, call.tape.clone());
        match ClientConnection::new(config, self.setup.name.clone()) {
            Ok(mut conn) => {
                let offered = self.write_early_data(&mut conn);
                self.speak(&mut io, &mut conn, &mut call, &store, pipe).await;
                call.end.complete = !conn.is_handshaking();
                call.end.resumed = conn.handshake_kind() == Some(HandshakeKind::Resumed);
                call.end.early_data = offered.then(|| conn.is_early_data_accepted());
            }
            // Random numbers failed, for example.
            Err(error) => call.end.error = Some(error.to_string()),
        }
        drop(io);
        let Call { tape, end, capture, .. } = call;
        tape.stop();
        (capture.events, capture.limits_reached) = tape.take();
        capture.secrets = keys.take();
        capture.engine = Some(EngineEnd { refused_certificate: self.setup.verifier.refused(), ..end });
    }

    /// Whether early data is offered.
    fn write_early_data(&self, conn: &mut ClientConnection) -> bool {
        let Some((data, mut writer)) = self.request.early_data.as_ref().zip(conn.early_data()) else {
            return false;
        };
        // It ends where the ticket's max_early_data_size does.
        let fits = data.get(..writer.bytes_left()).unwrap_or(data);
        std::io::Write::write_all(&mut writer, fits).is_ok()
    }

    /// From the ClientHello to the end.
    async fn speak(
        &self,
        io: &mut Recorder<TcpStream>,
        conn: &mut ClientConnection,
        call: &mut Call<'_>,
        store: &Store,
        pipe: Option<Pipe<'_>>,
    ) {
        let mut watch = call.watch.clone();
        let progress = &self.request.progress;
        progress.waiting_for("waiting for the server's part of the handshake");
        let mut buf = vec![0; drive::READ];
        let handshake = async {
            drive::flush(io, conn).await.map_err(Failure::Io)?;
            // Asked while the server is thinking: after a reset there is nobody to ask about.
            call.ask_kernel();
            drive::handshake(io, conn, &mut buf).await
        };
        let done = watch.over(handshake).await;
        let ended = match done {
            Ok(Ok(())) => {
                call.end.settle_from = Some(call.began.elapsed());
                progress.waiting_for("listening on after the handshake");
                match pipe {
                    Some(pipe) => {
                        if !self.request.max_time_covers_pipe {
                            watch.lift_limit();
                            call.watch.lift_limit();
                        }
                        watch.over(talk_on(io, conn, call, &mut buf, pipe)).await
                    }
                    None => watch.but_for_signals(self.settle(io, conn, call, &mut buf, store)).await,
                }
            }
            Ok(Err(failure)) => {
                call.note(&failure);
                watch.but_for_signals(call.part(io, &mut buf, &failure)).await
            }
            Err(stopped) => Err(stopped),
        };
        if let Err(stopped) = ended {
            call.capture.stopped = Some(stopped);
            call.ask_kernel();
            if !conn.is_handshaking() {
                // The farewell fits into the socket's buffer, or it is not worth waiting for.
                let _ = tokio::time::timeout(FAREWELL, settle::close(io, conn)).await;
            }
        }
    }

    /// Three round trips, at most 300 ms. What a server says unasked it says together with the
    /// tickets: after the first of them one TCP round trip is enough, without the server's
    /// thinking, which on a local connection is most of the time. (After early data an answer is to
    /// be expected, which is more.)
    async fn listen_a_while(
        &self,
        io: &mut Recorder<TcpStream>,
        conn: &mut ClientConnection,
        call: &Call<'_>,
        buf: &mut [u8],
        store: &Store,
    ) -> Outcome {
        let tls13 = conn.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        let until = |time: Duration| call.watch.cap(tokio::time::Instant::now() + time.min(settle::MOST));
        // A session that is to be resumed stands on a ticket: only the limit ends the wait for one.
        let awaited = self.request.resumption.is_some()
            && conn.handshake_kind() != Some(HandshakeKind::Resumed)
            && tls13;
        let all = match (awaited, tls13) {
            (true, _) => settle::MOST,
            // On loopback three round trips are over before a server has made its tickets.
            (false, true) => call.round_trips(3).max(settle::LEAST),
            (false, false) => call.round_trips(3),
        };
        let all = until(all);
        let tickets_came = || store.tickets() > 0 && self.request.early_data.is_none();
        let mut outcome = Outcome::Quiet;
        if !tickets_came() {
            outcome = settle::listen(io, conn, buf, all, |_| tickets_came()).await;
        }
        if matches!(outcome, Outcome::Quiet) && tickets_came() {
            let rest = all.min(until(call.tcp_took));
            outcome = settle::listen(io, conn, buf, rest, |_| false).await;
        }
        outcome
    }

    /// Listens on, and closes.
    async fn settle(
        &self,
        io: &mut Recorder<TcpStream>,
        conn: &mut ClientConnection,
        call: &mut Call<'_>,
        buf: &mut [u8],
        store: &Store,
    ) {
        let now = tokio::time::Instant::now();
        // Whether the server likes our certificate, or that there is none, it says now (TLS 1.3).
        let judged = self.setup.auth.requested() && conn.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        let mut outcome = Outcome::Quiet;
        if judged {
            let until = call.watch.cap(now + settle::EVIDENCE);
            let evidence = |heard: Heard| heard.data > 0 || store.tickets() > 0;
            outcome = settle::listen(io, conn, buf, until, evidence).await;
        }
        if let Outcome::Quiet = outcome {
            outcome = match self.request.settle {
                Some(time) => settle::listen(io, conn, buf, call.watch.cap(now + time), |_| false).await,
                None => self.listen_a_while(io, conn, call, buf, store).await,
            };
        }
        call.ask_kernel();
        match outcome {
            Outcome::Closed => {
                settle::close(io, conn).await;
                settle::drain(io, buf, call.watch.cap(tokio::time::Instant::now() + LEAVE)).await;
            }
            Outcome::Quiet => {
                settle::close(io, conn).await;
                if judged {
                    // A refusal that was on its way, and the FIN. Closing now would answer them
                    // with a reset, and a reset destroys what has not been read.
                    let until = call.watch.cap(tokio::time::Instant::now() + settle::DRAIN);
                    match settle::listen(io, conn, buf, until, |_| false).await {
                        Outcome::Failed(failure) => call.note_late(&failure),
                        Outcome::Closed => settle::drain(io, buf, until).await,
                        Outcome::Quiet => {}
                    }
                }
            }
            Outcome::Failed(failure) => {
                call.note_late(&failure);
                call.part(io, buf, &failure).await;
            }
        }
    }
}

/// Pipes, and closes.
async fn talk_on(
    io: &mut Recorder<TcpStream>,
    conn: &mut ClientConnection,
    call: &mut Call<'_>,
    buf: &mut [u8],
    mut pipe: Pipe<'_>,
) {
    let ended = pipe::pipe(io, conn, &mut pipe, buf).await;
    call.ask_kernel();
    match ended {
        Ended::Closed | Ended::Output => settle::close(io, conn).await,
        Ended::Failed(failure) => {
            match &failure {
                // What was under way is lost: here an end as such is a failure.
                Failure::Io(_) => call.note(&failure),
                _ => call.note_late(&failure),
            }
            // The alert, if rustls refuses something.
            let _ = drive::flush(io, conn).await;
            call.part(io, buf, &failure).await;
        }
    }
}

/// One connection, while it lasts.
struct Call<'a> {
    began: Instant,
    watch: Watch,
    facts: Option<Diagnostics>,
    /// How long the TCP handshake took.
    tcp_took: Duration,
    tape: Tape,
    capture: &'a mut Capture,
    end: EngineEnd,
}

impl Call<'_> {
    /// What the kernel says now replaces what it said before.
    fn ask_kernel(&mut self) {
        let facts = self.facts.as_ref().and_then(Diagnostics::ask);
        self.capture.tcp = facts.or(self.capture.tcp);
    }

    /// `n` round trips, as long as they are to the one that answers us: with a proxy in front the
    /// TCP handshake ends there, and only the ServerHello comes from where TLS ends.
    fn round_trips(&self, n: u32) -> Duration {
        let asked = self.tape.first(Direction::Client).unwrap_or_default();
        let answered = self.tape.first(Direction::Server).unwrap_or_default();
        self.tcp_took.max(answered.saturating_sub(asked)) * n
    }

    /// The handshake failed.
    fn note(&mut self, failure: &Failure) {
        let (error, refused) = match failure {
            Failure::Tls(error @ rustls::Error::AlertReceived(_)) => (error.to_string(), false),
            Failure::Tls(error) => (error.to_string(), true),
            Failure::Io(error) => (error.to_string(), false),
            Failure::Eof => ("the server closed the connection".into(), false),
        };
        self.end.error = Some(error);
        self.end.refused = refused;
    }

    /// Something ended the connection after the handshake. An end as such is no failure then.
    fn note_late(&mut self, failure: &Failure) {
        if let Failure::Tls(_) = failure {
            self.note(failure);
        }
    }

    /// Takes leave after a failure: sees how the server ends, lets it read our alert.
    async fn part(&mut self, io: &mut Recorder<TcpStream>, buf: &mut [u8], failure: &Failure) {
        self.ask_kernel();
        let time = self.round_trips(3).clamp(LEAVE, settle::MOST);
        let until = self.watch.cap(tokio::time::Instant::now() + time);
        match failure {
            Failure::Eof => {}
            // It was we who could not write: what the server has sent may still say why.
            Failure::Io(_) => settle::drain(io, buf, until).await,
            Failure::Tls(rustls::Error::AlertReceived(_)) => {
                settle::drain(io, buf, until).await;
                // As below.
                let _ = io.shutdown().await;
            }
            Failure::Tls(_) => {
                // Fails if the server is gone, and then it does not matter.
                let _ = io.shutdown().await;
                settle::drain(io, buf, until).await;
            }
        }
    }
}

/// The line of releases that this is built with; rustls does not tell its own version.
const VERSION: &str = "0.23";

/// How long a server's end is waited for when it must be near.
const LEAVE: Duration = Duration::from_millis(50);

/// How long an interrupted trace may take to say close_notify.
const FAREWELL: Duration = Duration::from_millis(20);
