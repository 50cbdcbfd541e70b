//! Connections race, as RFC 8305 ("Happy Eyeballs") says.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use super::{Connected, Journal, Stream};
use crate::capture::{StepKind, Tcp};

/// RFC 8305, section 8: the Connection Attempt Delay that it recommends.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

struct Attempt {
    address: SocketAddr,
    /// Its place in the journal.
    step: usize,
    connecting: Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>,
}

/// The first connection that comes about. A new attempt starts when the last one has failed, or
/// has not succeeded for a quarter of a second.
pub async fn connect(addresses: &[SocketAddr], journal: &mut Journal) -> Option<Connected> {
    let mut waiting = interleave(addresses).into_iter();
    let mut running: Vec<Attempt> = Vec::new();
    let mut next = waiting.next();
    loop {
        if let Some(address) = next.take() {
            let step = journal.begin(StepKind::Tcp { address, outcome: Tcp::Timeout });
            running.push(Attempt { address, step, connecting: Box::pin(TcpStream::connect(address)) });
        }
        if running.is_empty() {
            return None;
        }
        let delay = Instant::now() + ATTEMPT_DELAY;
        let ended = tokio::select! {
            biased;
            ended = any(&mut running) => Some(ended),
            () = tokio::time::sleep_until(delay), if waiting.len() > 0 => None,
        };
        if let Some((attempt, result)) = ended {
            let address = attempt.address;
            let result = result.and_then(|stream| Ok((stream.local_addr()?, stream)));
            let (outcome, stream) = match result {
                Ok((local, stream)) => (Tcp::Connected { local }, Some(stream)),
                Err(error) => (outcome(&error), None),
            };
            let took = journal.end(attempt.step, StepKind::Tcp { address, outcome });
            if let Some(stream) = stream {
                journal.abandon();
                // A handshake is small messages in turns: waiting for more to send only delays it.
                // It works without, so a failure is of no consequence.
                let _ = stream.set_nodelay(true);
                let ends = stream.local_addr().ok().map(|local| [local, address]);
                return Some(Connected { stream: Stream::Tcp(stream), ends, took, target: None });
            }
        }
        next = waiting.next();
    }
}

/// The first of `running` that ends.
async fn any(running: &mut Vec<Attempt>) -> (Attempt, io::Result<TcpStream>) {
    poll_fn(|cx| {
        for place in 0..running.len() {
            if let Poll::Ready(result) = running[place].connecting.as_mut().poll(cx) {
                return Poll::Ready((running.remove(place), result));
            }
        }
        Poll::Pending
    })
    .await
}

/// RFC 8305, section 4: families in turns, starting with that of the first address.
fn interleave(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let v6_first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.iter().copied().partition(|address| address.is_ipv6() == v6_first);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut mixed = Vec::with_capacity(addresses.len());
    while mixed.len() < addresses.len() {
        mixed.extend(first.next());
        mixed.extend(second.next());
    }
    mixed
}

fn outcome(error: &io::Error) -> Tcp {
    use io::ErrorKind::{
        AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkDown, NetworkUnreachable, TimedOut,
    };
    match error.kind() {
        ConnectionRefused => Tcp::Refused,
        TimedOut => Tcp::Timeout,
        // EADDRNOTAVAIL: there is no local address to reach that family from.
        HostUnreachable | NetworkUnreachable | NetworkDown | AddrNotAvailable => {
            Tcp::Unreachable { text: error.to_string() }
        }
        _ => Tcp::Failed { text: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let [a, b, c] = ["[::1]:1", "[::2]:1", "[::3]:1"].map(address);
        let [d, e] = ["127.0.0.1:1", "127.0.0.2:1"].map(address);
        assert_eq!(interleave(&[a, b, c, d, e]), [a, d, b, e, c]);
        assert_eq!(interleave(&[d, a, b]), [d, a, b]);
        assert_eq!(interleave(&[]), []);
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    /// A port on which nobody listens.
    fn refused() -> SocketAddr {
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    #[test]
    fn a_refused_address_is_followed_by_the_next() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (dead, alive) = (refused(), listener.local_addr().unwrap());
        run(async {
            let mut journal = Journal::new(std::time::Instant::now());
            let connected = connect(&[dead, alive], &mut journal).await.unwrap();
            assert_eq!(connected.ends.unwrap()[1], alive);
            let steps: Vec<_> = journal.into_steps().into_iter().map(|step| step.what).collect();
            let [local, _] = connected.ends.unwrap();
            assert_eq!(
                steps,
                [
                    StepKind::Tcp { address: dead, outcome: Tcp::Refused },
                    StepKind::Tcp { address: alive, outcome: Tcp::Connected { local } },
                ]
            );
        });
    }

    #[test]
    fn when_all_refuse_there_is_no_connection() {
        let dead = [refused(), refused()];
        run(async {
            let mut journal = Journal::new(std::time::Instant::now());
            assert!(connect(&dead, &mut journal).await.is_none());
            assert_eq!(journal.into_steps().len(), 2);
        });
    }

    #[test]
    fn a_slow_address_is_overtaken_and_abandoned() {
        // A listener whose backlog is full drops SYNs: slow without any network.
        run(async {
            let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
            socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
            socket.listen(0).unwrap();
            let slow = socket.local_addr().unwrap().as_socket().unwrap();
            let _fills = TcpStream::connect(slow).await.unwrap();
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let alive = listener.local_addr().unwrap();
            let mut journal = Journal::new(std::time::Instant::now());
            let connected = connect(&[slow, alive], &mut journal).await.unwrap();
            assert_eq!(connected.ends.unwrap()[1], alive);
            let steps = journal.into_steps();
            assert_eq!(steps[0].what, StepKind::Tcp { address: slow, outcome: Tcp::Abandoned });
            assert!(steps[0].took >= ATTEMPT_DELAY);
        });
    }
}
