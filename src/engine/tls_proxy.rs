//! TLS with a proxy, within which all that follows is said: CONNECT, and the handshake with the server.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use super::call::{Failure, Session};
use super::config::Setup;
use super::keylog::Keys;
use super::watch::Watch;
use super::{Engine, Error, Request, rustls};
use crate::capture::recorder::{Recorder, Tape};
use crate::capture::{Capture, Dialogue, EngineEnd, Intent, Offer, Role, Step, StepKind};
use crate::connect::{Connected, Stream};
use crate::preamble;

/// The handshake with a proxy.
#[derive(Debug)]
pub struct TlsProxy {
    request: Request,
    setup: Box<Setup>,
}

impl TlsProxy {
    /// `intent` is what is wanted of the proxy.
    pub fn new(request: &Request, intent: &Intent) -> Result<TlsProxy, Error> {
        let mut question = (*request.question).clone();
        // A name and password go only to a proxy that is who it should be; what -k says is said of the server.
        question.enforce = request.preambles.iter().any(|planned| planned.ask.credentials.is_some());
        question.insecure = false;
        question.pins.clear();
        let request = Request {
            intent: intent.clone(),
            question: Arc::new(question),
            offer: Offer { alpn: vec![b"http/1.1".to_vec()], ..Offer::default() },
            anchors: request.anchors.clone(),
            limits: request.limits,
            ..Request::default()
        };
        let setup = Box::new(Setup::new(&request)?);
        Ok(TlsProxy { request, setup })
    }

    /// Performs it. `capture` is that of the connection within; the proxy's becomes its `outer`. None if there is no
    /// connection to go on with: why is in both.
    pub async fn handshake(
        &self,
        connected: Connected,
        (date, began): (SystemTime, Instant),
        watch: &Watch,
        capture: &mut Capture,
    ) -> Option<Connected> {
        let mut outer = Capture::new(self.request.intent.clone(), date);
        outer.role = Role::Proxy;
        outer.steps.clone_from(&capture.steps);
        let (keys, tape) = (Arc::new(Keys::default()), Tape::new(began, self.request.limits));
        let at = began.elapsed();
        let Connected { stream, ends, took, target } = connected;
        let io = Recorder::new(stream, tape.clone());
        let done = watch.over(rustls::handshake(&self.setup, &self.request, io, &keys)).await;
        let mut end = EngineEnd {
            name: Engine::Rustls.name().into(),
            version: Engine::Rustls.version().into(),
            complete: false,
            error: None,
            refused: false,
            refused_certificate: self.setup.verifier.refused(),
            resumed: false,
            early_data: None,
            piped: None,
            settle_from: None,
        };
        let mut secrets = keys.take();
        let (outcome, stream) = match done {
            Ok(Ok(talk)) => {
                end.complete = true;
                end.settle_from = Some(began.elapsed());
                if talk.established().tls13 {
                    // What is said within is not recorded here, and must not be readable by who recorded it elsewhere.
                    secrets = secrets.handshake_only();
                }
                (Dialogue::Agreed { injected: 0 }, Some(Stream::Within(Box::new(talk))))
            }
            Ok(Err((failure, _))) => {
                end.refused = matches!(failure, Failure::Refused(_));
                let text = match failure {
                    Failure::Alert(text) | Failure::Refused(text) => text,
                    Failure::Io(error) => error.to_string(),
                    Failure::Eof => "the proxy closed the connection".into(),
                };
                end.error = Some(text.clone());
                let outcome =
                    if end.refused_certificate { Dialogue::Refused } else { Dialogue::Failed { text } };
                (outcome, None)
            }
            Err(stopped) => {
                (outer.stopped, capture.stopped) = (Some(stopped), Some(stopped));
                (Dialogue::Unfinished, None)
            }
        };
        if stream.is_none() {
            tape.stop();
        }
        // The handshake is all that is recorded: what follows is credentials, and the connection within.
        (outer.events, outer.limits_reached) = tape.take();
        (outer.secrets, outer.engine) = (secrets, Some(end));
        outer.total = began.elapsed();
        capture.outer = Some(Box::new(outer));
        let protocol = preamble::HTTPS_PROXY.name.to_owned();
        let took_tls = began.elapsed().saturating_sub(at);
        capture.steps.push(Step { at, took: took_tls, what: StepKind::Preamble { protocol, outcome } });
        Some(Connected { stream: stream?, ends, took, target })
    }
}
