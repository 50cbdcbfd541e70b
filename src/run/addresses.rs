//! Which address of a name is connected to next, and, where a session is to be resumed by all of them, with what.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::capture::Role;
use crate::engine::Request;

/// What is left to do of `--each-address`.
pub(super) struct Addresses {
    pub(super) request: Request,
    left: VecDeque<SocketAddr>,
    /// With `--resume`: the address whose session the others are to resume.
    home: Option<SocketAddr>,
    /// The last connection was made for a ticket.
    fetched: bool,
}

impl Addresses {
    /// All of them. With sessions to be resumed the first address comes twice: if it does not resume its own session,
    /// the others' refusals say nothing.
    pub(super) fn new(mut request: Request, addresses: Vec<SocketAddr>) -> Addresses {
        let home = addresses.first().copied().filter(|_| request.resumption.is_some());
        let mut left = VecDeque::from(addresses);
        if let Some(home) = home {
            left.insert(1, home);
            // Which engine gets through would change what a session is.
            request.retry = false;
        }
        Addresses { request, left, home, fetched: false }
    }

    /// The next one, and why it is connected to; `first`: nothing was yet.
    pub(super) fn next(&mut self, first: bool) -> Option<(SocketAddr, Role)> {
        if let (Some(home), Some(sessions), false) = (self.home, self.request.resumption.clone(), first) {
            let to = *self.left.front()?;
            // What another address leaves behind is not the first one's session.
            sessions.take_in(to == home);
            match (sessions.any(), to == home || self.fetched) {
                (true, _) => {}
                // A ticket is good for one connection: one more is needed, which counts for nothing else.
                (false, false) => {
                    self.fetched = true;
                    sessions.take_in(true);
                    return Some((home, Role::Survey));
                }
                (false, true) => {
                    self.request.resumption = None;
                    if to == home {
                        self.left.pop_front();
                    }
                }
            }
            self.fetched = false;
        }
        self.left.pop_front().map(|address| (address, Role::EachAddress))
    }

    /// The addresses that were not come to.
    pub(super) fn left(&self) -> Vec<String> {
        let home = self.home.filter(|home| self.left.front() == Some(home));
        self.left.iter().skip(usize::from(home.is_some())).map(|address| address.ip().to_string()).collect()
    }
}
