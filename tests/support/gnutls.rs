//! `gnutls-serv`. It has no option to bind one address, so its port is open to the network for as long as the
//! test runs.

use super::pki::Credentials;
use super::{Process, Server, program, scratch};

/// `priority` as GnuTLS has it, for example `NORMAL:-VERS-ALL:+VERS-TLS1.2`; `flags` are gnutls-serv's own.
pub fn serve(credentials: &Credentials, priority: &str, flags: &[&str]) -> Server {
    Server::on_a_free_port(|port| {
        let mut command = program("gnutls-serv", "gnutls-bin");
        command.args(["--http", "--port", &port.to_string(), "--priority", priority]);
        command.arg("--x509certfile").arg(&credentials.chain).arg("--x509keyfile").arg(&credentials.key);
        command.args(flags);
        Process::start("gnutls-serv", command, scratch())
    })
}
