//! TLS with an https proxy. It is a handshake of its own, and recorded as one; here is what stands for it among the steps
//! of the connection within.

use super::{Kind, Preamble, Stop};

/// The handshake with the proxy.
pub const HTTPS_PROXY: Preamble = Preamble {
    name: "https-proxy",
    aliases: &[],
    title: "TLS to proxy",
    kind: Kind::Proxy,
    about: "TLS with the proxy, within which it is asked for a tunnel",
    port: 443,
    tls_port: None,
    greets: super::waits,
    secret: super::nothing_secret,
    // Nothing is said in the clear.
    script: |_, _| Box::pin(async { Err(Stop::Unexpected) }),
};
