//! haproxy, in front of nothing: what is tested is its TLS.

use super::pki::Credentials;
use super::{Process, Server, program, scratch, write};

/// `bind` goes behind the certificate on the bind line (`strict-sni`, `ssl-min-ver TLSv1.3`, …).
pub fn serve(credentials: &Credentials, bind: &str) -> Server {
    Server::on_a_free_port(|port| {
        let directory = scratch();
        let read = |path| std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        write(&directory.path().join("all.pem"), &(read(&credentials.chain) + &read(&credentials.key)));
        let configuration = format!(
            "global\n    maxconn 64\n\
             defaults\n    mode http\n    timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n\
             frontend tls\n    bind 127.0.0.1:{port} ssl crt all.pem {bind}\n    http-request return status 200\n"
        );
        write(&directory.path().join("haproxy.cfg"), &configuration);
        let mut command = program("haproxy", "haproxy");
        command.args(["-db", "-f", "haproxy.cfg"]);
        Process::start("haproxy", command, directory)
    })
}
