//! A server with a post-quantum chain: OpenSSL 4, which comes with Python's `cryptography`.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Process, Server, scratch};

/// A server, and the root that its certificate leads to.
pub struct PostQuantum {
    pub server: Server,
    pub root: PathBuf,
    _files: TempDir,
}

/// `kind` of ML-DSA: 44, 65 or 87; or `ec`.
pub fn serve(kind: &str) -> PostQuantum {
    serve_groups(kind, "")
}

/// The same with these groups, as OpenSSL's lists are; its own if there are none.
pub fn serve_groups(kind: &str, groups: &str) -> PostQuantum {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = manifest.join("target/pq/bin/python");
    assert!(python.is_file(), "{} is missing; make it: .ci/run packages", python.display());
    let files = scratch();
    let mut command = Command::new(python);
    command.arg(manifest.join("tests/support/pq_server.py")).arg(files.path()).arg(kind);
    if !groups.is_empty() {
        command.arg(groups);
    }
    let process = Process::start("OpenSSL in Python", command, scratch());
    let server = Server::that_says_its_port(process, "ACCEPT 127.0.0.1:");
    PostQuantum { server, root: files.path().join("root.pem"), _files: files }
}
