//! Other people's servers on loopback, for tests.
//!
//! Each is started on a port that the system picks, is ready when its function returns, and is killed when its
//! [`Server`] is dropped. A program that is missing fails the test with the command that installs it: a test
//! that passes because it could not run is worse than none.

#![allow(dead_code, reason = "each test program compiles this module for itself and uses a part of it")]

pub mod apache;
pub mod clear;
pub mod dns;
pub mod ech;
pub mod gnutls;
pub mod haproxy;
pub mod java;
pub mod nginx;
pub mod openssl;
pub mod pcap;
pub mod pki;
pub mod pq;
pub mod proxy;

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to start: a JVM on a busy machine needs seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that accepts connections.
pub struct Server {
    pub address: SocketAddr,
    process: Process,
}

impl Server {
    /// What the server has said so far, on both of its streams.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Writes to its standard input.
    pub fn say(&mut self, words: &str) {
        use std::io::Write;
        let input = self.process.child.stdin.as_mut().unwrap_or_else(|| panic!("no standard input"));
        input.write_all(words.as_bytes()).unwrap_or_else(|e| panic!("{}: {e}", self.process.name));
    }

    pub fn process_id(&self) -> u32 {
        self.process.child.id()
    }

    /// For programs that take port 0 and say what they got, in a line of their log between `prefix` and the end.
    fn that_says_its_port(mut process: Process, prefix: &str) -> Server {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Complete lines only: a port may be half written.
            let port = process
                .log()
                .split_inclusive('\n')
                .filter_map(|line| line.strip_suffix('\n')?.trim_end().strip_prefix(prefix))
                .find_map(|port| port.parse().ok());
            if let Some(port) = port {
                return Server { address: on_loopback(port), process };
            }
            process.must_go_on(deadline);
        }
    }

    /// For programs that have to be told their port. It is free when it is picked; should somebody else be
    /// faster to take it, the program ends and the next port is tried.
    fn on_a_free_port(start: impl Fn(u16) -> Process) -> Server {
        for _ in 0..5 {
            let address = on_loopback(free_port());
            let mut process = start(address.port());
            if wait_for_port(address, &mut process) {
                return Server { address, process };
            }
            eprintln!("{} on port {}: {}", process.name, address.port(), process.log());
        }
        panic!("the server ended five times without having opened its port; see above");
    }
}

/// A child that does not outlive its owner.
pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
    /// Where it runs (configuration, log and whatever it writes), and what else has to last as long as it does.
    directories: Vec<TempDir>,
}

impl Process {
    pub fn start(name: &'static str, mut command: Command, directory: TempDir) -> Process {
        let log = directory.path().join("log");
        let output = File::create(&log).unwrap_or_else(|e| panic!("{}: {e}", log.display()));
        let errors = output.try_clone().unwrap_or_else(|e| panic!("{}: {e}", log.display()));
        let child = command
            .current_dir(directory.path())
            // Open for as long as the child lives, and empty: s_server ends its connection with its input.
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|e| panic!("{name} does not start: {e}"));
        Process { name, child, log, directories: vec![directory] }
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Keeps a directory for as long as it runs.
    fn keep(&mut self, directory: TempDir) {
        self.directories.push(directory);
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Lets a moment pass, unless it is over.
    fn must_go_on(&mut self, deadline: Instant) {
        assert!(self.is_running(), "{} ended while it was to start:\n{}", self.name, self.log());
        assert!(Instant::now() < deadline, "{} takes too long to start:\n{}", self.name, self.log());
        thread::sleep(Duration::from_millis(5));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // A test that fails shows what the other side had to say.
        if thread::panicking() {
            eprintln!("--- {} said:\n{}---", self.name, self.log());
        }
    }
}

/// Returns whether the port opened before the process ended; panics if neither happens in time.
pub fn wait_for_port(address: SocketAddr, process: &mut Process) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while process.is_running() {
        if TcpStream::connect(address).is_ok() {
            // Somebody else may have the port, and ours may be about to end for that reason.
            return process.is_running();
        }
        if process.is_running() {
            process.must_go_on(deadline);
        }
    }
    false
}

/// A port that nobody had a moment ago.
pub fn free_port() -> u16 {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap_or_else(|e| panic!("no free port: {e}"));
    listener.local_addr().unwrap_or_else(|e| panic!("no free port: {e}")).port()
}

/// A program with the Debian package that has it.
pub fn program(name: &str, package: &str) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Servers live in sbin, which is not in everybody's path.
    let directories = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = directories.map(|directory| directory.join(name)).find(|file| file.is_file());
    match found {
        Some(file) => Command::new(file),
        None => panic!("{name} is missing; install {name}: apt-get install {package}"),
    }
}

/// An empty directory that goes away with its owner.
pub fn scratch() -> TempDir {
    tempfile::Builder::new()
        .prefix("tls-trace-test-")
        .tempdir()
        .unwrap_or_else(|e| panic!("no temporary directory: {e}"))
}

fn write(file: &Path, content: &str) {
    fs::write(file, content).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
}

fn on_loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
