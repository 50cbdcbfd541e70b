//! One connection, from the name to the capture: connect → recorder → preamble → engine → capture.
//!
//! The recorder is there before the first byte. Time, signals, what the kernel knows and how a
//! connection ends are looked after here, whoever performs the handshake; and what was recorded
//! until an engine failed or was given up is in the capture.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::config::Setup;
use super::hello::Segments;
use super::keylog::Keys;
use super::pipe::{self, Ended, Pipe};
use super::settle;
use super::tls_proxy::TlsProxy;
use super::watch::Watch;
use super::{Engine, Error, Request, ech, lab, probe, rustls};
use crate::capture::recorder::{Recorder, Tape};
use crate::capture::{Capture, EarlyData, Ech, EngineEnd, LivePackets, PipeEnd, Step, Stopped, TcpFacts};
use crate::connect::{self, Connected, Diagnostics, Journal};
use crate::packet::Tap;
use crate::preamble::{self, Ask, Kind, Planned, Transcript};
use crate::wire::Direction;

/// A request that was checked and can be traced, more than once if wanted, one after the other.
#[derive(Debug)]
pub struct Prepared<'r> {
    request: &'r Request,
    engine: Ready,
    /// TLS with the proxy, within which everything is said.
    tls_proxy: Option<TlsProxy>,
}

/// An engine that was told what to do.
#[derive(Debug)]
enum Ready {
    Rustls(Box<Setup>),
    Lab(lab::Equipment),
    Probe(Box<probe::Setup>),
}

/// Checks a request. An error here is the user's: an offer that the engine can't make, a name that
/// can't be one, and so on. What happens on the network is never one.
pub fn prepare(request: &Request) -> Result<Prepared<'_>, Error> {
    if let Some(why) = request.connect.impossible() {
        return Err(Error(why));
    }
    if request.ech.is_some() && request.engine != Engine::Rustls {
        return Err(Error("ECH is only supported by the rustls engine".into()));
    }
    let engine = match request.engine {
        Engine::Rustls => Ready::Rustls(Box::new(Setup::new(request)?)),
        Engine::Lab => Ready::Lab(lab::Equipment::new(request)?),
        Engine::Probe => Ready::Probe(Box::new(probe::Setup::new(request)?)),
    };
    let tls_proxy = request.tls_proxy.as_ref().map(|intent| TlsProxy::new(request, intent)).transpose()?;
    Ok(Prepared { request, engine, tls_proxy })
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
        if matches!(self.engine, Ready::Probe(_)) {
            return Err(Error("nothing can be piped: only the server's first flight is looked at".into()));
        }
        Ok(self.perform(Some(Pipe { input, output, hold: self.request.pipe_hold })).await)
    }

    async fn perform(&self, pipe: Option<Pipe<'_>>) -> Capture {
        let request = self.request;
        let (date, began) = (SystemTime::now(), Instant::now());
        let watch = Watch::new(began, request.max_time, request.stop.clone());
        let mut capture = Capture::new(request.intent.clone(), date);

        // Before anything is sent: the first packet is the SYN.
        let (_, port) = request.connect.destination();
        let wanted = request.packets && request.connect.unix.is_none();
        if request.packets && !wanted {
            capture.packets = Some(LivePackets::Failed("a Unix socket has no packets".into()));
        }
        let tap = match wanted.then(|| Tap::open(port)).transpose() {
            Ok(tap) => tap,
            Err(why) => {
                capture.packets = Some(why);
                None
            }
        };
        let mut journal = Journal::telling(began, &request.progress);
        let open = connect::open(&request.connect, request.connect_timeout, &mut journal);
        let connected = watch.over(open).await;
        capture.steps = journal.into_steps();
        match connected {
            Ok(Some(connected)) => {
                if let (Some(tap), Some([local, peer])) = (&tap, connected.ends) {
                    tap.belongs_to(local, peer);
                }
                let connected = match &self.tls_proxy {
                    Some(proxy) => proxy.handshake(connected, (date, began), &watch, &mut capture).await,
                    None => Some(connected),
                };
                if let Some(connected) = connected {
                    self.converse(connected, began, watch, pipe, &mut capture).await;
                }
            }
            Ok(None) => {}
            Err(stopped) => capture.stopped = Some(stopped),
        }
        capture.total = began.elapsed();
        if let Some(tap) = tap {
            // The packets carry what is on the wire: TLS with the proxy, if there is such.
            match capture.outer.as_deref_mut() {
                Some(outer) => tap.finish(outer),
                None => tap.finish(&mut capture),
            }
        }
        capture
    }

    async fn converse(
        &self,
        Connected { stream, ends, took, target }: Connected,
        began: Instant,
        watch: Watch,
        pipe: Option<Pipe<'_>>,
        capture: &mut Capture,
    ) {
        let request = self.request;
        let keys = Arc::new(Keys::default());
        let mut call = Call {
            request,
            began,
            watch,
            facts: ends.map(|[local, peer]| Diagnostics::of(local, peer)),
            tcp_took: took,
            tcp: None,
            tape: Tape::new(began, request.limits),
            stopped: None,
            end: EngineEnd {
                name: request.engine.name().into(),
                version: request.engine.version().into(),
                complete: false,
                error: None,
                refused: false,
                refused_certificate: false,
                resumed: false,
                early_data: None,
                piped: None,
                settle_from: None,
            },
        };
        let mut io = Recorder::new(stream, call.tape.clone());
        let told = Told { target, ends };
        let agreed = call.dialogues(&mut io, told, &mut capture.steps).await;
        capture.tls_from = io.begin_tls();
        match &self.engine {
            _ if !agreed => {}
            Ready::Rustls(setup) => {
                call.speak(rustls::handshake(setup, request, io, &keys), pipe).await;
                call.end.refused_certificate = setup.verifier.refused();
            }
            Ready::Lab(equipment) => {
                // Boxed: what it holds is large, and most connections are not its.
                let handshake = lab::handshake(equipment, request, io, &keys);
                call.speak(Box::pin(handshake), pipe).await;
                call.end.refused_certificate = equipment.refused();
            }
            Ready::Probe(setup) => call.probe(setup, io.over(Segments)).await,
        }
        call.tape.stop();
        (capture.events, capture.limits_reached) = call.tape.take();
        capture.secrets = keys.take();
        capture.ech = request.ech.clone().map(|offered| Ech { inner: ech::take(&keys.inner), ..offered });
        capture.stopped = call.stopped;
        capture.tcp = call.tcp;
        // An engine that was never asked has nothing to say.
        capture.engine = agreed.then_some(call.end);
    }
}

/// What is known of a connection when there is one, for those who are to be told of it.
struct Told {
    /// The address that a proxy is to connect to, if it is not to resolve the name.
    target: Option<IpAddr>,
    ends: Option<[SocketAddr; 2]>,
}

impl Told {
    fn to(&self, planned: &Planned) -> Planned {
        let mut ask = Ask { ends: self.ends, ..planned.ask.clone() };
        if let (Some(target), Kind::Proxy) = (self.target, planned.row.kind) {
            ask.host = target.to_string();
        }
        Planned { row: planned.row, ask }
    }
}

/// A connection whose handshake is complete, whichever engine performed it.
///
/// Reading gives what the server's application says, and on the way takes and answers what the
/// protocol wants to be taken and answered. A read of nothing is the server's close_notify.
/// Shutting down says that we close, and closes our direction.
pub trait Session: AsyncRead + AsyncWrite + Unpin {
    /// What it all goes over.
    type Io: AsyncRead + AsyncWrite + Unpin;

    fn established(&self) -> Established;

    /// How many tickets of TLS 1.3 have come.
    fn tickets(&self) -> usize;

    /// Whether a further handshake is going on within the connection.
    fn is_renegotiating(&self) -> bool {
        false
    }

    /// What lies below, without any TLS.
    fn below(&mut self) -> &mut Recorder<Self::Io>;

    /// What an error of reading or writing means.
    fn failure(error: io::Error) -> Failure;
}

/// What a handshake ended with.
#[derive(Debug, Clone, Copy)]
pub struct Established {
    pub tls13: bool,
    pub resumed: bool,
    /// What became of early data, if there was any to be sent.
    pub early_data: Option<EarlyData>,
    /// The server asked for a certificate.
    pub certificate_requested: bool,
}

/// Why a conversation ended.
#[derive(Debug)]
pub enum Failure {
    /// The server's fatal alert, in the engine's words.
    Alert(String),
    /// The engine refuses what came, in its words.
    Refused(String),
    /// The stream says so.
    Io(io::Error),
    /// The server closed without close_notify.
    Eof,
}

/// One connection, while it lasts.
pub struct Call<'r> {
    pub request: &'r Request,
    pub began: Instant,
    pub watch: Watch,
    facts: Option<Diagnostics>,
    /// How long the TCP handshake took.
    pub tcp_took: Duration,
    tcp: Option<TcpFacts>,
    tape: Tape,
    stopped: Option<Stopped>,
    end: EngineEnd,
}

impl Call<'_> {
    /// What stands before TLS. Whether it all ended as wanted; if not, the connection is closed.
    async fn dialogues<IO>(&mut self, io: &mut Recorder<IO>, told: Told, steps: &mut Vec<Step>) -> bool
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let (request, watch) = (self.request, self.watch.clone());
        let Some(last) = request.preambles.last() else { return true };
        let mut transcript = Transcript::new(self.began);
        let talk = async {
            for planned in &request.preambles {
                let planned = &told.to(planned);
                request.progress.waiting_for(format!("speaking {} before TLS", planned.row.title));
                if !preamble::perform(planned, io, &mut transcript).await {
                    return false;
                }
            }
            // Behind a proxy's words are already the server's.
            if last.row.kind == Kind::StartTls {
                preamble::injected(last, io, &mut transcript);
            }
            true
        };
        let agreed = match watch.over(talk).await {
            Ok(agreed) => agreed,
            Err(stopped) => {
                self.stop(stopped);
                false
            }
        };
        steps.extend(transcript.into_steps(self.began.elapsed()));
        if !agreed {
            self.ask_kernel();
            // The server may be gone: then there is nobody to tell.
            let _ = tokio::time::timeout(FAREWELL, io.shutdown()).await;
        }
        agreed
    }

    /// From the engine's first byte to the end.
    async fn speak<S: Session>(
        &mut self,
        handshake: impl Future<Output = Result<S, (Failure, Recorder<S::Io>)>>,
        pipe: Option<Pipe<'_>>,
    ) {
        let (request, watch) = (self.request, self.watch.clone());
        request.progress.waiting_for("waiting for the server's part of the handshake");
        let done = watch.over(self.first_flight_and_rest(handshake)).await;
        match done {
            Ok(Ok(mut session)) => {
                let established = session.established();
                self.end.complete = true;
                self.end.resumed = established.resumed;
                self.end.early_data = established.early_data;
                self.end.settle_from = Some(self.began.elapsed());
                request.progress.waiting_for("listening on after the handshake");
                let ended = match pipe {
                    Some(pipe) => {
                        if !request.max_time_covers_pipe {
                            self.watch.lift_limit();
                        }
                        let watch = self.watch.clone();
                        self.end.piped = Some(PipeEnd::Stopped);
                        watch.over(self.talk_on(&mut session, pipe)).await
                    }
                    None => watch.but_for_signals(self.settle(&mut session)).await,
                };
                if let Err(stopped) = ended {
                    self.stop(stopped);
                    // The farewell fits into the socket's buffer, or it is not worth waiting for.
                    let _ = tokio::time::timeout(FAREWELL, session.shutdown()).await;
                }
            }
            Ok(Err((failure, mut io))) => {
                self.note(&failure);
                if let Err(stopped) = watch.but_for_signals(self.part(&mut io, &failure)).await {
                    self.stop(stopped);
                }
            }
            Err(stopped) => self.stop(stopped),
        }
    }

    /// What `handshake` gives. The kernel is asked while the server is thinking, which is when the
    /// engine waits for the first time: after a reset there is nobody to ask about.
    pub async fn first_flight_and_rest<T>(&mut self, handshake: impl Future<Output = T>) -> T {
        let mut handshake = pin!(handshake);
        let at_once = poll_fn(|cx| Poll::Ready(handshake.as_mut().poll(cx))).await;
        self.ask_kernel();
        match at_once {
            Poll::Ready(done) => done,
            Poll::Pending => handshake.await,
        }
    }

    /// Pipes, and closes.
    async fn talk_on<S: Session>(&mut self, session: &mut S, mut pipe: Pipe<'_>) {
        let ended = pipe::pipe(session, &mut pipe).await;
        self.ask_kernel();
        match ended {
            Ended::Closed | Ended::Output => {
                let closed = matches!(ended, Ended::Closed);
                self.end.piped = Some(if closed { PipeEnd::Closed } else { PipeEnd::Output });
                // The server may be gone: then there is nobody to tell.
                let _ = session.shutdown().await;
            }
            Ended::Failed(error) => {
                let failure = S::failure(error);
                let truncated = matches!(failure, Failure::Eof);
                self.end.piped = Some(if truncated { PipeEnd::Truncated } else { PipeEnd::Broken });
                match &failure {
                    // What was under way is lost: here an end as such is a failure.
                    Failure::Io(_) => self.note(&failure),
                    _ => self.note_late(&failure),
                }
                self.part(session.below(), &failure).await;
            }
        }
    }

    /// What the kernel says now replaces what it said before.
    pub fn ask_kernel(&mut self) {
        let facts = self.facts.as_ref().and_then(Diagnostics::ask);
        self.tcp = facts.or(self.tcp);
    }

    /// `n` round trips, as long as they are to the one that answers us: with a proxy in front the
    /// TCP handshake ends there, and only the ServerHello comes from where TLS ends.
    pub fn round_trips(&self, n: u32) -> Duration {
        let asked = self.tape.first(Direction::Client).unwrap_or_default();
        let answered = self.tape.first(Direction::Server).unwrap_or_default();
        self.tcp_took.max(answered.saturating_sub(asked)) * n
    }

    pub fn stop(&mut self, stopped: Stopped) {
        self.stopped = Some(stopped);
        self.ask_kernel();
    }

    /// The handshake failed.
    pub fn note(&mut self, failure: &Failure) {
        self.end.refused = matches!(failure, Failure::Refused(_));
        self.end.error = Some(match failure {
            Failure::Alert(text) | Failure::Refused(text) => text.clone(),
            Failure::Io(error) => error.to_string(),
            Failure::Eof => "the server closed the connection".into(),
        });
    }

    /// Something ended the connection after the handshake. An end as such is no failure then.
    pub fn note_late(&mut self, failure: &Failure) {
        if let Failure::Alert(_) | Failure::Refused(_) = failure {
            self.note(failure);
        }
    }

    /// Takes leave after a failure: sees how the server ends, lets it read our alert.
    pub async fn part<IO: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        io: &mut Recorder<IO>,
        failure: &Failure,
    ) {
        self.ask_kernel();
        let time = self.round_trips(3).clamp(settle::LEAVE, settle::MOST);
        let until = self.watch.cap(tokio::time::Instant::now() + time);
        match failure {
            Failure::Eof => {}
            // It was we who could not write: what the server has sent may still say why.
            Failure::Io(_) => settle::drain(io, until).await,
            Failure::Alert(_) => {
                settle::drain(io, until).await;
                // As below.
                let _ = io.shutdown().await;
            }
            Failure::Refused(_) => {
                // Fails if the server is gone, and then it does not matter.
                let _ = io.shutdown().await;
                settle::drain(io, until).await;
            }
        }
    }
}

/// How long an interrupted trace may take to say close_notify.
const FAREWELL: Duration = Duration::from_millis(20);
