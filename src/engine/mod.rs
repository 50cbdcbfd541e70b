//! Who performs the handshake. Everything that can happen to a connection ends in a `Capture`.

mod client_auth;
mod config;
mod drive;
mod groups;
mod keylog;
mod offer;
mod pipe;
mod request;
mod rustls;
mod sessions;
mod settle;
mod verifier;
mod watch;

pub use self::offer::{CodePoints, Offer, Version};
pub use self::request::{ClientIdentity, Error, Request};
pub use self::rustls::{Prepared, prepare, trace};
pub use self::sessions::Sessions;

/// Has the provider's random generator gather its entropy, in a thread.
///
/// aws-lc's generator takes about 30 ms for that at its first use, unless it was built with
/// `AWS_LC_SYS_NO_JITTER_ENTROPY`. To be called at the start of a program that will connect:
/// then it happens beside name resolution and TCP.
pub fn warm_up() {
    let fill = || {
        let random = ::rustls::crypto::aws_lc_rs::default_provider().secure_random;
        // If it fails now it fails again when it matters, and is reported there.
        let _ = random.fill(&mut [0]);
    };
    // Without a thread it is only slower.
    let _ = std::thread::Builder::new().name("warm-up".into()).spawn(fill);
}
