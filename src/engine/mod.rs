//! Who performs the handshake. Everything that can happen to a connection ends in a `Capture`.

mod call;
mod client_auth;
mod config;
pub mod ech;
mod groups;
pub mod hello;
mod keylog;
pub mod lab;
mod offer;
mod pipe;
mod probe;
mod records;
mod request;
mod rustls;
mod sessions;
mod settle;
mod tls_proxy;
mod verifier;
mod watch;

use std::thread::JoinHandle;

pub use self::call::{Prepared, prepare, trace};
pub use self::offer::{CodePoints, Engine, Unsupported};
pub use self::probe::Probe;
pub use self::request::{ClientIdentity, EchRecord, Error, Request};
pub use self::sessions::Sessions;

/// The provider's random generator, gathering its entropy in a thread.
///
/// aws-lc's generator takes about 30 ms for that at its first use, unless it was built with
/// `AWS_LC_SYS_NO_JITTER_ENTROPY`. With a warm-up at the start of a program that will connect, it
/// happens beside name resolution and TCP.
#[must_use = "dropping it waits for the thread"]
#[derive(Debug)]
pub struct WarmUp(Option<JoinHandle<()>>);

/// Starts it, if there is something to warm up.
pub fn warm_up() -> WarmUp {
    if option_env!("AWS_LC_SYS_NO_JITTER_ENTROPY") == Some("1") {
        return WarmUp(None);
    }
    let fill = || {
        let random = ::rustls::crypto::aws_lc_rs::default_provider().secure_random;
        // If it fails now it fails again when it matters, and is reported there.
        let _ = random.fill(&mut [0]);
    };
    // Without a thread it is only slower.
    WarmUp(std::thread::Builder::new().name("warm-up".into()).spawn(fill).ok())
}

/// aws-lc takes its locks down when the process ends, and aborts it if a thread comes to one afterwards:
/// so no thread that uses it may be left over.
impl Drop for WarmUp {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}
