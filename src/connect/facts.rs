//! What the kernel says of a TCP connection: netlink's SOCK_DIAG, which needs no privilege.

use std::net::SocketAddr;

use crate::capture::TcpFacts;

/// Asks the kernel about one connection. Elsewhere than on Linux, and where netlink is blocked,
/// it has no answers.
#[derive(Debug)]
pub struct Diagnostics {
    #[cfg(target_os = "linux")]
    asked: Option<(rustix::fd::OwnedFd, [u8; linux::REQUEST])>,
}

impl Diagnostics {
    /// About the connection from `local` to `peer`.
    pub fn of(local: SocketAddr, peer: SocketAddr) -> Self {
        #[cfg(target_os = "linux")]
        return Self { asked: linux::socket().zip(linux::request(local, peer)) };
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (local, peer);
            Self {}
        }
    }

    /// What is known now. Nothing any more once the socket is closed, here or by a reset.
    pub fn ask(&self) -> Option<TcpFacts> {
        #[cfg(target_os = "linux")]
        return self.asked.as_ref().and_then(|(socket, request)| linux::ask(socket, request));
        #[cfg(not(target_os = "linux"))]
        None
    }
}

/// The layouts of `linux/netlink.h`, `linux/inet_diag.h` and `linux/tcp.h`: numbers are in the
/// host's byte order, ports and addresses in the network's.
#[cfg(target_os = "linux")]
mod linux {
    use std::net::{IpAddr, SocketAddr};

    use rustix::fd::OwnedFd;
    use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
    use rustix::net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with,
    };

    use super::TcpFacts;

    /// nlmsghdr and inet_diag_req_v2.
    pub const REQUEST: usize = 16 + 56;
    const SOCK_DIAG_BY_FAMILY: u16 = 20;
    const NLM_F_REQUEST: u16 = 1;
    const IPPROTO_TCP: u8 = 6;
    const INET_DIAG_INFO: u16 = 2;
    /// nlmsghdr and inet_diag_msg: the attributes follow.
    const ANSWER: usize = 16 + 72;

    pub fn socket() -> Option<OwnedFd> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(SOCK_DIAG)).ok()
    }

    pub fn request(local: SocketAddr, peer: SocketAddr) -> Option<[u8; REQUEST]> {
        let interface = match (local, peer) {
            (SocketAddr::V6(local), SocketAddr::V6(peer)) => local.scope_id().max(peer.scope_id()),
            _ => 0,
        };
        let mut request = Vec::with_capacity(REQUEST);
        request.extend((REQUEST as u32).to_ne_bytes());
        request.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        request.extend(NLM_F_REQUEST.to_ne_bytes());
        request.extend([0; 8]); // sequence number and port id
        let family = if local.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        request.extend([u8::try_from(family.as_raw()).ok()?, IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1), 0]);
        request.extend(u32::MAX.to_ne_bytes()); // in whatever state it is
        request.extend(local.port().to_be_bytes());
        request.extend(peer.port().to_be_bytes());
        for address in [local.ip(), peer.ip()] {
            match address {
                IpAddr::V4(address) => request.extend(address.octets().into_iter().chain([0; 12])),
                IpAddr::V6(address) => request.extend(address.octets()),
            }
        }
        request.extend(interface.to_ne_bytes());
        request.extend([0xff; 8]); // INET_DIAG_NOCOOKIE
        request.try_into().ok()
    }

    pub fn ask(socket: &OwnedFd, request: &[u8; REQUEST]) -> Option<TcpFacts> {
        sendto(socket, request, SendFlags::empty(), &SocketAddrNetlink::new(0, 0)).ok()?;
        // The kernel answers within the call above.
        let mut answer = [0; 1024];
        let (_, len) = recv(socket, &mut answer, RecvFlags::empty()).ok()?;
        parse(answer.get(..len)?)
    }

    pub fn parse(answer: &[u8]) -> Option<TcpFacts> {
        if u16_at(answer, 4)? != SOCK_DIAG_BY_FAMILY {
            return None; // NLMSG_ERROR: no such connection
        }
        let mut rest = answer.get(ANSWER..)?;
        loop {
            let (len, kind) = (usize::from(u16_at(rest, 0)?), u16_at(rest, 2)?);
            if kind == INET_DIAG_INFO {
                return Some(tcp_info(rest.get(4..len)?));
            }
            rest = rest.get(len.max(4).next_multiple_of(4)..)?;
        }
    }

    /// struct tcp_info has grown over the years, always at its end.
    fn tcp_info(info: &[u8]) -> TcpFacts {
        let at = |offset| Some(u32::from_ne_bytes(*info.get(offset..)?.first_chunk()?));
        TcpFacts {
            rtt_us: at(68),
            rttvar_us: at(72),
            // All ones until there is a sample.
            min_rtt_us: at(148).filter(|least| *least != u32::MAX),
            mss: at(16),
            pmtu: at(60),
            cwnd: at(80),
            retransmissions: at(100),
        }
    }

    fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
        Some(u16::from_ne_bytes(*bytes.get(offset..)?.first_chunk()?))
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    fn facts(listen: &str, connect: &str) -> Option<TcpFacts> {
        let listener = TcpListener::bind(listen).unwrap();
        let to = format!("{connect}:{}", listener.local_addr().unwrap().port());
        let stream = TcpStream::connect(to).unwrap();
        Diagnostics::of(stream.local_addr().unwrap(), stream.peer_addr().unwrap()).ask()
    }

    #[test]
    fn the_kernel_knows_connections_of_each_kind() {
        for (listen, connect) in
            [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "[::1]"), ("[::]:0", "[::ffff:127.0.0.1]")]
        {
            let facts = facts(listen, connect).unwrap();
            assert!(facts.mss.unwrap() > 500 && facts.pmtu.unwrap() > 500, "{connect}: {facts:?}");
            assert_eq!(facts.retransmissions, Some(0));
        }
    }

    #[test]
    fn a_closed_connection_is_not_known() {
        let nobody = "127.0.0.1:1".parse().unwrap();
        assert_eq!(Diagnostics::of(nobody, nobody).ask(), None);
    }

    #[test]
    fn short_answers_are_no_facts() {
        for len in 0..100 {
            assert_eq!(linux::parse(&vec![20; len]), None);
        }
    }
}
