//! Apache httpd, as one process, whoever runs it.

use super::pki::{Credentials, Pki};
use super::{Process, Server, program, scratch, write};

/// With TLS 1.2, and a client certificate asked for below `/private` only: after the request was read.
pub fn serve_private(pki: &Pki, credentials: &Credentials) -> Server {
    Server::on_a_free_port(|port| {
        let directory = scratch();
        let at = directory.path().display();
        let configuration = format!(
            "ServerRoot {at}\nPidFile httpd.pid\nServerName localhost\nListen 127.0.0.1:{port}\n\
             LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\n\
             LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so\n\
             LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\n\
             ErrorLog error.log\nLogLevel warn\nDefaultRuntimeDir {at}\nDocumentRoot {at}/www\n\
             SSLEngine on\nSSLProtocol TLSv1.2\nSSLSessionCache none\n\
             SSLCertificateFile {}\nSSLCertificateKeyFile {}\nSSLCACertificateFile {}\n\
             <Location /private>\nSSLVerifyClient require\nSSLVerifyDepth 3\n</Location>\n",
            credentials.chain.display(),
            credentials.key.display(),
            pki.root.display(),
        );
        write(&directory.path().join("httpd.conf"), &configuration);
        std::fs::create_dir(directory.path().join("www")).unwrap_or_else(|e| panic!("{e}"));
        write(&directory.path().join("www/index.html"), "public\n");
        let mut command = program("apache2", "apache2");
        command.arg("-X").arg("-f").arg(directory.path().join("httpd.conf"));
        Process::start("apache2", command, directory)
    })
}
