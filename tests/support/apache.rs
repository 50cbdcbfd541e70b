//! Apache httpd, as one process, whoever runs it.

use std::path::Path;

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

/// TLS 1.2 and earlier; `/secret` is for clients whose certificate leads to this root.
pub fn serve_old(credentials: &Credentials, root: &Path) -> Server {
    Server::on_a_free_port(|port| {
        let directory = scratch();
        let at = |name: &str| directory.path().join(name).display().to_string();
        for name in ["secret", "www"] {
            std::fs::create_dir_all(directory.path().join("www").join(name))
                .unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        write(&directory.path().join("www/secret/index.html"), "for known clients\n");
        let modules = ["mpm_event", "authz_core", "socache_shmcb", "ssl", "dir"];
        let modules =
            modules.map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
        let configuration = format!(
            "ServerRoot {here}\nPidFile {here}/pid\nListen 127.0.0.1:{port}\n{modules}ServerName localhost\n\
             ErrorLog {here}/errors\nDocumentRoot {here}/www\nUser www-data\nGroup www-data\nSSLEngine on\n\
             SSLProtocol all -SSLv3 -TLSv1.3\nSSLCipherSuite ALL:@SECLEVEL=0\nSSLCertificateFile {chain}\n\
             SSLCertificateKeyFile {key}\nSSLCACertificateFile {root}\n<Location /secret>\nSSLVerifyClient require\n\
             SSLVerifyDepth 3\n</Location>\n<Directory {here}/www>\nRequire all granted\n</Directory>\n",
            here = directory.path().display(),
            modules = modules.concat(),
            chain = credentials.chain.display(),
            key = credentials.key.display(),
            root = root.display(),
        );
        let file = at("httpd.conf");
        write(Path::new(&file), &configuration);
        // Its children are another user, who has to get at the pages.
        for path in [directory.path().to_path_buf(), directory.path().join("www")] {
            let mut open = program("chmod", "coreutils");
            let done = open.args(["-R", "a+rX"]).arg(&path).status().unwrap_or_else(|e| panic!("chmod: {e}"));
            assert!(done.success());
        }
        let mut command = program("apache2", "apache2");
        command.args(["-DFOREGROUND", "-f", &file]);
        Process::start("apache2", command, directory)
    })
}
