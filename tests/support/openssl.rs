//! `openssl s_server`: one connection at a time.

use super::pki::Credentials;
use super::{Process, Server, program, scratch};

/// `flags` are s_server's own (`-tls1_2`, `-groups P-384`, `-alpn h2`, …), one element each. Not `-quiet`, which
/// would hide the port.
pub fn serve(credentials: &Credentials, flags: &[&str]) -> Server {
    let mut command = program("openssl", "openssl");
    command.args(["s_server", "-accept", "127.0.0.1:0"]);
    command.arg("-cert").arg(&credentials.certificate).arg("-key").arg(&credentials.key);
    command.arg("-cert_chain").arg(&credentials.issuers).args(flags);
    Server::that_says_its_port(Process::start("openssl s_server", command, scratch()), "ACCEPT 127.0.0.1:")
}
