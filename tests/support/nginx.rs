//! nginx, as one process, whoever runs it.

use super::pki::Credentials;
use super::{Process, Server, program, scratch, write};

/// `directives` go into the server block (`ssl_protocols TLSv1.2;`, `ssl_stapling on;`, …). The first of several
/// credentials is nginx's default; it picks among them by the client's signature algorithms.
pub fn serve(credentials: &[&Credentials], directives: &str) -> Server {
    start(credentials, directives, "ssl http2")
}

/// HTTP without TLS.
pub fn plain() -> Server {
    start(&[], "", "")
}

fn start(credentials: &[&Credentials], directives: &str, listen: &str) -> Server {
    Server::on_a_free_port(|port| {
        let directory = scratch();
        let certificates: String = credentials
            .iter()
            .map(|c| {
                format!("ssl_certificate {}; ssl_certificate_key {};\n", c.chain.display(), c.key.display())
            })
            .collect();
        // All that nginx writes stays in its directory; without a master there is no user to switch to.
        let configuration = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr;\n\
             events {{ worker_connections 64; }}\n\
             http {{\n\
             access_log off;\n\
             client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;\n\
             uwsgi_temp_path t4; scgi_temp_path t5;\n\
             server {{\n\
             listen 127.0.0.1:{port} {listen};\n\
             server_name localhost;\n\
             {certificates}\
             {directives}\n\
             location / {{ default_type text/plain; return 200 \"ok\\n\"; }}\n\
             }}\n\
             }}\n"
        );
        write(&directory.path().join("nginx.conf"), &configuration);
        let mut command = program("nginx", "nginx-light");
        command.arg("-p").arg(directory.path()).args(["-c", "nginx.conf", "-e", "stderr"]);
        Process::start("nginx", command, directory)
    })
}
