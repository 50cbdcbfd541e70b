//! The packet socket behind `--packets`: Linux's AF_PACKET, which needs CAP_NET_RAW.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, recv, recvmsg,
    setsockopt, socket, sockopt,
};
use nix::sys::time::{TimeSpec, TimeVal};
use socket2::{SockFilter, SockRef};

use super::live::{Frame, Live, since_1970};
use crate::capture::{Capture, LivePackets};

/// Captures packets while it lives.
pub struct Tap(Arc<Shared>);

/// What the connection's thread and the reading one have in common.
struct Shared {
    socket: OwnedFd,
    taken: Mutex<Taken>,
    over: AtomicBool,
}

#[derive(Default)]
struct Taken {
    live: Live,
    /// Packets that the kernel had no room for.
    lost: u64,
}

/// An IP packet is not longer.
const LARGEST: usize = 65_536;

/// What the kernel keeps for us, if it lets us have so much.
const KERNEL_BUFFER: usize = 4 << 20;

/// After this time the reading thread looks whether it is still wanted, µs.
const LOOK: i64 = 100_000;

impl Tap {
    /// Captures the TCP packets from and to `port`, from now on.
    pub fn open(port: u16) -> Result<Tap, LivePackets> {
        let socket = open(port).map_err(|error| match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::EPERM | Errno::EACCES) => LivePackets::NotPermitted,
            _ => LivePackets::Failed(error.to_string()),
        })?;
        let shared = Arc::new(Shared { socket, taken: Mutex::default(), over: AtomicBool::new(false) });
        let reading = shared.clone();
        let thread = thread::Builder::new().name("packets".into()).spawn(move || reading.read());
        thread.map_err(|error| LivePackets::Failed(error.to_string()))?;
        Ok(Tap(shared))
    }

    /// The connection that is wanted.
    pub fn belongs_to(&self, local: SocketAddr, peer: SocketAddr) {
        self.0.taken().live.belongs_to(local, peer);
    }

    /// What was seen of it goes into the capture.
    pub fn finish(self, capture: &mut Capture) {
        let mut taken = self.0.taken();
        self.0.over.store(true, Ordering::Relaxed);
        let mut buffer = vec![0; LARGEST];
        // What has come by now. Others' packets may come without end.
        for _ in 0..KERNEL_BUFFER / 64 {
            if self.0.receive(&mut taken, &mut buffer).is_err() {
                break;
            }
        }
        let Taken { live, lost } = std::mem::take(&mut *taken);
        live.finish(lost, capture);
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

fn open(port: u16) -> io::Result<OwnedFd> {
    let socket =
        socket(AddressFamily::Packet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, SockProtocol::EthAll)?;
    SockRef::from(&socket).attach_filter(&filter(port))?;
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::new(0, LOOK))?;
    // More than the system's limit only with CAP_NET_ADMIN; with less, packets are lost earlier, which is said.
    if setsockopt(&socket, sockopt::RcvBufForce, &KERNEL_BUFFER).is_err() {
        let _ = setsockopt(&socket, sockopt::RcvBuf, &KERNEL_BUFFER);
    }
    Ok(socket)
}

impl Shared {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes packets as they come. The socket is closed here, in the end: the kernel takes its time over that.
    fn read(&self) {
        let mut buffer = vec![0; LARGEST];
        while !self.over.load(Ordering::Relaxed) {
            // Whoever takes packets holds the lock, so that they stay in their order; nobody waits with it.
            match recv(self.socket.as_raw_fd(), &mut [0], MsgFlags::MSG_PEEK) {
                Ok(_) => {
                    let mut taken = self.taken();
                    // Once it is over the rest is another's to take.
                    while !self.over.load(Ordering::Relaxed) {
                        if self.receive(&mut taken, &mut buffer).is_err() {
                            break;
                        }
                    }
                }
                // Time to look; or an interface went down, and others are still there.
                Err(Errno::EAGAIN | Errno::EINTR | Errno::ENETDOWN) => {}
                Err(_) => return,
            }
        }
    }

    /// Takes one packet, if there is one.
    fn receive(&self, taken: &mut Taken, buffer: &mut [u8]) -> Result<(), Errno> {
        /// `linux/if_packet.h`
        const PACKET_OUTGOING: u8 = 4;
        /// `linux/if_arp.h`
        const ARPHRD_LOOPBACK: u16 = 772;
        let mut control = cmsg_space!(TimeSpec, u32);
        let mut parts = [io::IoSliceMut::new(buffer)];
        let flags = MsgFlags::MSG_DONTWAIT;
        let message = recvmsg::<LinkAddr>(self.socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
        let (mut at, mut lost) = (since_1970(-1, 0), None);
        for part in message.cmsgs()? {
            match part {
                ControlMessageOwned::ScmTimestampns(time) => at = since_1970(time.tv_sec(), time.tv_nsec()),
                // Since the socket was opened.
                ControlMessageOwned::RxqOvfl(count) => lost = Some(count.into()),
                _ => {}
            }
        }
        let (len, from) = (message.bytes, message.address);
        let Some(from) = from else { return Ok(()) };
        taken.lost = lost.unwrap_or(taken.lost);
        taken.live.packet(&Frame {
            at,
            interface: from.ifindex(),
            loopback: from.hatype() == ARPHRD_LOOPBACK,
            outgoing: from.pkttype() == PACKET_OUTGOING,
            bytes: buffer.get(..len).unwrap_or_default(),
        });
        Ok(())
    }
}

/// Lets TCP from or to the port through, so that a busy machine's other packets cost nothing. Which of them are ours is
/// decided by [`Live`]. It starts at the IP header; extension headers of IPv6, which TCP hardly ever has, are not followed.
fn filter(port: u16) -> [SockFilter; 19] {
    // linux/bpf_common.h
    const LOAD_BYTE: u16 = 0x30;
    const LOAD_HALF: u16 = 0x28;
    const LOAD_HALF_INDEXED: u16 = 0x48;
    const INDEX_HEADER_LENGTH: u16 = 0xb1;
    const AND: u16 = 0x54;
    const EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const TCP: u32 = 6;
    let port = u32::from(port);
    // How many to skip if it is equal, and if not; the last two are "keep" and "drop".
    [
        (LOAD_BYTE, 0, 0, 0),
        (AND, 0, 0, 0xf0),
        (EQUAL, 0, 7, 0x40),
        // IPv4
        (LOAD_BYTE, 0, 0, 9),
        (EQUAL, 0, 13, TCP),
        (INDEX_HEADER_LENGTH, 0, 0, 0),
        (LOAD_HALF_INDEXED, 0, 0, 0),
        (EQUAL, 9, 0, port),
        (LOAD_HALF_INDEXED, 0, 0, 2),
        (EQUAL, 7, 8, port),
        // IPv6
        (EQUAL, 0, 7, 0x60),
        (LOAD_BYTE, 0, 0, 6),
        (EQUAL, 0, 5, TCP),
        (LOAD_HALF, 0, 0, 40),
        (EQUAL, 2, 0, port),
        (LOAD_HALF, 0, 0, 42),
        (EQUAL, 0, 1, port),
        (RETURN, 0, 0, LARGEST as u32),
        (RETURN, 0, 0, 0),
    ]
    .map(|(code, yes, no, value)| SockFilter::new(code, yes, no, value))
}
