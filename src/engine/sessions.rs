//! Sessions that can be resumed.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;

use super::client_auth::ClientAuth;
use super::lab::Resumable;
use super::verifier::Verifier;

/// How many sessions are kept: one server, eight tickets.
const KEPT: usize = 8;

/// Keeps the sessions of earlier connections, to be resumed by later ones: give the same
/// `Sessions` to both requests. One connection at a time may use it.
///
/// It lives in memory only: rustls has no way to write a session down and read it again.
pub struct Sessions {
    cache: ClientSessionMemoryCache,
    /// The judge and the identity of the first connection. rustls resumes a session only under the
    /// very same two; otherwise what one connection let pass another would take for verified.
    parties: Mutex<Option<Parties>>,
    /// The lab engine's, the last one last, each with whether the server's identity was enforced.
    lab: Mutex<Vec<(Resumable, bool)>>,
    /// What comes now is not kept.
    closed: AtomicBool,
    /// Tickets of TLS 1.3 that are left, and whether there is a session of TLS 1.2.
    tickets: AtomicUsize,
    tls12: AtomicBool,
}

type Parties = (Arc<Verifier>, Arc<ClientAuth>);

impl Sessions {
    /// None yet.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            cache: ClientSessionMemoryCache::new(KEPT),
            parties: Mutex::new(None),
            lab: Mutex::default(),
            closed: AtomicBool::new(false),
            tickets: AtomicUsize::new(0),
            tls12: AtomicBool::new(false),
        })
    }

    /// Whether the sessions of the connections that follow are kept.
    pub fn take_in(&self, more: bool) {
        self.closed.store(!more, Ordering::Relaxed);
    }

    /// Whether there is a session to be resumed.
    pub fn any(&self) -> bool {
        let lab = self.lab.lock().unwrap_or_else(PoisonError::into_inner);
        self.tickets.load(Ordering::Relaxed) > 0 || self.tls12.load(Ordering::Relaxed) || !lab.is_empty()
    }

    /// Keeps what the lab engine could resume.
    pub(super) fn keep(&self, sessions: Vec<Resumable>, enforced: bool) {
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        let mut kept = self.lab.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(sessions.into_iter().map(|session| (session, enforced)));
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }

    /// The lab engine's last session. One that was begun without enforcing the server's identity is
    /// not taken for one that proves it.
    pub(super) fn resumable(&self, enforce: bool) -> Option<Resumable> {
        let kept = self.lab.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = kept.iter().rev().find(|(_, enforced)| *enforced || !enforce);
        fits.map(|(session, _)| session.clone())
    }

    /// The parties of the earlier connections if these are equal, else these.
    pub(super) fn parties(&self, verifier: Verifier, auth: ClientAuth) -> Parties {
        let mut parties = self.parties.lock().unwrap_or_else(PoisonError::into_inner);
        match &*parties {
            Some((judge, identity)) if judge.same(&verifier) && identity.same(&auth) => {
                (judge.clone(), identity.clone())
            }
            _ => {
                let new = (Arc::new(verifier), Arc::new(auth));
                *parties = Some(new.clone());
                new
            }
        }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

/// One connection's view of the sessions: counts the tickets that come.
#[derive(Debug)]
pub struct Store {
    sessions: Option<Arc<Sessions>>,
    tickets: AtomicUsize,
    /// The group of the first key share, if it is not the first that is offered.
    share: Option<NamedGroup>,
}

impl Store {
    pub fn new(sessions: Option<Arc<Sessions>>, share: Option<NamedGroup>) -> Self {
        Self { sessions, tickets: AtomicUsize::new(0), share }
    }

    /// How many TLS 1.3 tickets came.
    pub fn tickets(&self) -> usize {
        self.tickets.load(Ordering::Relaxed)
    }

    fn cache(&self) -> Option<&ClientSessionMemoryCache> {
        self.sessions.as_ref().map(|sessions| &sessions.cache)
    }

    /// Where a session is put that came.
    fn kept(&self) -> Option<&Sessions> {
        self.sessions.as_deref().filter(|sessions| !sessions.closed.load(Ordering::Relaxed))
    }
}

impl ClientSessionStore for Store {
    // The group that a server chose earlier is not remembered: each connection shows the same
    // offer, so that two of them can be compared.
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.share
    }

    fn set_tls12_session(&self, name: ServerName<'static>, value: Tls12ClientSessionValue) {
        if let Some(sessions) = self.kept() {
            sessions.tls12.store(true, Ordering::Relaxed);
            sessions.cache.set_tls12_session(name, value);
        }
    }

    fn tls12_session(&self, name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.cache().and_then(|cache| cache.tls12_session(name))
    }

    fn remove_tls12_session(&self, name: &ServerName<'static>) {
        if let Some(sessions) = self.kept() {
            sessions.tls12.store(false, Ordering::Relaxed);
            sessions.cache.remove_tls12_session(name);
        }
    }

    fn insert_tls13_ticket(&self, name: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.tickets.fetch_add(1, Ordering::Relaxed);
        if let Some(sessions) = self.kept() {
            // As many as the cache keeps.
            let more = sessions.tickets.load(Ordering::Relaxed) + 1;
            sessions.tickets.store(more.min(KEPT), Ordering::Relaxed);
            sessions.cache.insert_tls13_ticket(name, value);
        }
    }

    fn take_tls13_ticket(&self, name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let sessions = self.sessions.as_deref()?;
        let left = sessions.tickets.load(Ordering::Relaxed).saturating_sub(1);
        sessions.tickets.store(left, Ordering::Relaxed);
        sessions.cache.take_tls13_ticket(name)
    }
}
