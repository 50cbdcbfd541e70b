//! A JSSE server: a Java program in one source file, compiled when it starts.

use std::path::Path;

use super::pki::{Credentials, PKCS12_PASSWORD};
use super::{Process, Server, program, scratch};

/// `protocols` as JSSE names them: `TLSv1.3`, `TLSv1.2`, …
pub fn serve(credentials: &Credentials, protocols: &[&str]) -> Server {
    start(credentials, protocols, None, &[])
}

/// It requires certificates of its clients that lead to this root.
pub fn serve_known(credentials: &Credentials, protocols: &[&str], root: &Path) -> Server {
    start(credentials, protocols, Some(root), &[])
}

/// It takes whatever the JDK still has in it, also what its security properties forbid.
pub fn serve_everything(credentials: &Credentials, protocols: &[&str]) -> Server {
    start(credentials, protocols, None, &["-Deverything=yes"])
}

/// The same; with a root it requires certificates of its clients. `flags` are the JVM's.
pub fn serve_anything(
    credentials: &Credentials,
    protocols: &[&str],
    clients: Option<&Path>,
    flags: &[&str],
) -> Server {
    start(credentials, protocols, clients, &[&["-Deverything=yes"], flags].concat())
}

fn start(credentials: &Credentials, protocols: &[&str], clients: Option<&Path>, flags: &[&str]) -> Server {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/Server.java");
    let mut command = program("java", "default-jdk-headless");
    // It lives for a moment: no optimizing compiler, the simplest collector.
    command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]);
    if let Some(root) = clients {
        command.arg(format!("-Dclients={}", root.display()));
    }
    command.args(flags).arg(source);
    command.arg(credentials.pkcs12()).arg(PKCS12_PASSWORD).args(protocols);
    Server::that_says_its_port(Process::start("java", command, scratch()), "port ")
}
