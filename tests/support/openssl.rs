//! `openssl s_server` and `openssl ocsp`: one connection at a time.

use std::time::Instant;

use super::pki::{Credentials, Pki};
use super::{PATIENCE, Process, Server, on_loopback, program, scratch, write};

/// `flags` are s_server's own (`-tls1_2`, `-groups P-384`, `-alpn h2`, …), one element each. Not `-quiet`, which
/// would hide the port.
pub fn serve(credentials: &Credentials, flags: &[&str]) -> Server {
    let mut command = program("openssl", "openssl");
    command.args(["s_server", "-accept", "127.0.0.1:0"]);
    command.arg("-cert").arg(&credentials.certificate).arg("-key").arg(&credentials.key);
    command.arg("-cert_chain").arg(&credentials.issuers).args(flags);
    Server::that_says_its_port(Process::start("openssl s_server", command, scratch()), "ACCEPT 127.0.0.1:")
}

/// The database of `openssl ca`: certificates, and since when (and why) they are revoked.
pub fn index(entries: &[(&Credentials, Option<&str>)]) -> String {
    let line = |(credentials, revoked): &(&Credentials, Option<&str>)| {
        let mut command = program("openssl", "openssl");
        command.args(["x509", "-noout", "-serial", "-in"]).arg(&credentials.certificate);
        let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let said = String::from_utf8_lossy(&output.stdout);
        let Some(serial) = said.trim().strip_prefix("serial=") else { panic!("{output:?}") };
        let (status, since) = revoked.map_or(("V", ""), |since| ("R", since));
        // When it expires, and in which file it is, is of no interest to a responder.
        format!("{status}\t491231235959Z\t{since}\t{serial}\tunknown\t/CN=localhost\n")
    };
    entries.iter().map(line).collect()
}

/// `openssl ocsp -port`, which answers for the issuing CA out of such a database. Without a delegate the CA signs.
/// The port must be free: certificates that name it exist already.
pub fn responder(pki: &Pki, delegate: Option<&Credentials>, index: &str, port: u16) -> Server {
    let directory = scratch();
    write(&directory.path().join("index"), index);
    let (certificate, key) = match delegate {
        Some(delegate) => (delegate.certificate.clone(), delegate.key.clone()),
        None => pki.issuing(),
    };
    let mut command = program("openssl", "openssl");
    command.args(["ocsp", "-index", "index", "-ndays", "1", "-port"]).arg(port.to_string());
    command.arg("-CA").arg(pki.issuing().0).arg("-rsigner").arg(certificate).arg("-rkey").arg(key);
    let mut process = Process::start("openssl ocsp", command, directory);
    // Not by connecting: one that says nothing and goes keeps it busy for ever.
    let deadline = Instant::now() + PATIENCE;
    while !process.log().contains("waiting for OCSP client connections") {
        process.must_go_on(deadline);
    }
    Server { address: on_loopback(port), process }
}
