//! A server with Encrypted Client Hello: Go's, which comes from PyPI.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::{Process, Server, scratch};

/// A server, and the files that it wrote: `root.pem`, and `list`, `old` and `wrong`, each `.b64` and `.pem`.
pub struct Ech {
    pub server: Server,
    files: TempDir,
}

impl Ech {
    pub fn file(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }
}

/// `mode`: accept, retry or none, as in ech_server.go.
pub fn serve(mode: &str) -> Ech {
    let files = scratch();
    let mut command = Command::new(program());
    command.arg(files.path()).arg(mode);
    let process = Process::start("Go's ECH server", command, scratch());
    Ech { server: Server::that_says_its_port(process, "PORT "), files }
}

/// Compiled once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let at = manifest.join("target/pq");
        let go = at.join("bin/go");
        assert!(go.exists(), "{} is missing; make it: .ci/run packages", go.display());
        let program = at.join("ech_server");
        let built = Command::new(go)
            .args(["build", "-o"])
            .arg(&program)
            .arg(manifest.join("tests/support/ech_server.go"))
            .env("GOCACHE", at.join("go-cache"))
            .env("GOTOOLCHAIN", "local")
            .env("GOFLAGS", "-mod=mod")
            .output()
            .unwrap_or_else(|e| panic!("go does not start: {e}"));
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        program
    })
}
