//! Proxies: tinyproxy (CONNECT), microsocks, dante and OpenSSH (SOCKS), haproxy in front of one of them (TLS).

use std::path::Path;

use super::pki::Credentials;
use super::{Process, Server, program, scratch, write};

/// tinyproxy, which lets connections through to this port alone; with Basic authentication if `user` is given.
pub fn tinyproxy(to: u16, user: Option<(&str, &str)>) -> Server {
    Server::on_a_free_port(|port| {
        let directory = scratch();
        let user = user.map(|(name, password)| format!("BasicAuth {name} {password}\n")).unwrap_or_default();
        let configuration = format!("Port {port}\nListen 127.0.0.1\nLogLevel Info\nConnectPort {to}\n{user}");
        write(&directory.path().join("tinyproxy.conf"), &configuration);
        let mut command = program("tinyproxy", "tinyproxy");
        command.args(["-d", "-c", "tinyproxy.conf"]);
        Process::start("tinyproxy", command, directory)
    })
}

/// microsocks; it wants this name and password if they are given.
pub fn microsocks(user: Option<(&str, &str)>) -> Server {
    Server::on_a_free_port(|port| {
        let mut command = program("microsocks", "microsocks");
        command.args(["-i", "127.0.0.1", "-p", &port.to_string()]);
        if let Some((name, password)) = user {
            command.args(["-u", name, "-P", password]);
        }
        Process::start("microsocks", command, scratch())
    })
}

/// dante: SOCKS of versions 4 and 5, without authentication; it refuses port `blocked`.
pub fn dante(blocked: u16) -> Server {
    Server::on_a_free_port(|port| {
        let directory = scratch();
        let configuration = format!(
            "logoutput: stderr\ninternal: 127.0.0.1 port = {port}\nexternal: 127.0.0.1\n\
             clientmethod: none\nsocksmethod: none\nuser.privileged: root\nuser.unprivileged: nobody\n\
             client pass {{ from: 0/0 to: 0/0 }}\n\
             socks block {{ from: 0/0 to: 0/0 port = {blocked} }}\n\
             socks pass {{ from: 0/0 to: 0/0 }}\n"
        );
        write(&directory.path().join("danted.conf"), &configuration);
        let mut command = program("danted", "dante-server");
        command.args(["-f", "danted.conf"]);
        Process::start("danted", command, directory)
    })
}

/// `ssh -D`: SOCKS of versions 4, 4A and 5, without authentication, and the server that it reaches others through.
pub fn openssh() -> (Server, Server) {
    let sshd = program("sshd", "openssh-server").get_program().to_owned();
    let keys = scratch();
    for name in ["host", "user"] {
        let mut make = program("ssh-keygen", "openssh-client");
        make.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(keys.path().join(name));
        assert!(make.status().is_ok_and(|status| status.success()), "ssh-keygen");
    }
    let key = |name: &str| keys.path().join(name);
    // It insists on this folder, which its service makes.
    if !Path::new("/run/sshd").is_dir() {
        let _ = std::fs::create_dir("/run/sshd");
    }
    let server = Server::on_a_free_port(|port| {
        let directory = scratch();
        let configuration = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
             UsePAM no\nPermitRootLogin yes\n",
            key("host").display(),
            key("user.pub").display(),
        );
        write(&directory.path().join("sshd.conf"), &configuration);
        let mut command = std::process::Command::new(&sshd);
        command.args(["-D", "-e", "-f"]).arg(directory.path().join("sshd.conf"));
        Process::start("sshd", command, directory)
    });
    let mut client = Server::on_a_free_port(|port| {
        let mut command = program("ssh", "openssh-client");
        command.args(["-F", "none", "-N", "-D", &format!("127.0.0.1:{port}"), "-i"]).arg(key("user"));
        command.args(["-p", &server.address.port().to_string(), "127.0.0.1"]);
        for option in ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes"] {
            command.args(["-o", option]);
        }
        Process::start("ssh", command, scratch())
    });
    client.process.keep(keys);
    (client, server)
}

/// haproxy, which takes TLS off what goes to a port on loopback: an https proxy, if a proxy listens there.
pub fn behind_tls(credentials: &Credentials, to: u16) -> Server {
    Server::on_a_free_port(|port| {
        let directory = scratch();
        let read = |path| std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        write(&directory.path().join("all.pem"), &(read(&credentials.chain) + &read(&credentials.key)));
        let configuration = format!(
            "global\n    maxconn 64\n\
             defaults\n    mode tcp\n    timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n\
             frontend tls\n    bind 127.0.0.1:{port} ssl crt all.pem\n    default_backend proxy\n\
             backend proxy\n    server one 127.0.0.1:{to}\n"
        );
        write(&directory.path().join("haproxy.cfg"), &configuration);
        let mut command = program("haproxy", "haproxy");
        command.args(["-db", "-f", "haproxy.cfg"]);
        Process::start("haproxy", command, directory)
    })
}
