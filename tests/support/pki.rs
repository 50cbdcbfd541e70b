//! Certificates for the servers under test, made with the `openssl` program: unlike the demo's, they come with
//! RSA, Ed25519 and whatever else OpenSSL knows, and as the files that servers want.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{program, scratch, write};

pub const PKCS12_PASSWORD: &str = "changeit";

/// A root, an intermediate, and what they issue. The files go away with it.
pub struct Pki {
    directory: TempDir,
    /// The root's certificate, PEM: what a client trusts.
    pub root: PathBuf,
}

/// The kind of key that a leaf has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    EcdsaP256,
    EcdsaP384,
    Ed25519,
    Rsa2048,
    /// `rsassaPss`: the key may sign with PSS only.
    RsaPss2048,
}

/// What a server is given, all PEM.
pub struct Credentials {
    pub key: PathBuf,
    /// The leaf alone.
    pub certificate: PathBuf,
    /// What stands between leaf and root.
    pub issuers: PathBuf,
    /// The leaf and its issuers, without the root.
    pub chain: PathBuf,
}

impl Pki {
    pub fn new() -> Pki {
        let directory = scratch();
        let at = |name: &str| directory.path().join(name);
        generate(Key::EcdsaP384, &at("root.key"));
        run(openssl("req -x509 -new -sha256 -days 3650 -subj")
            .arg("/O=tls-trace tests/CN=Test Root")
            .args(["-addext", "basicConstraints=critical,CA:TRUE"])
            .args(["-addext", "keyUsage=critical,keyCertSign,cRLSign"])
            .arg("-key")
            .arg(at("root.key"))
            .arg("-out")
            .arg(at("root.pem")));
        let pki = Pki { root: at("root.pem"), directory };
        pki.sign("issuing", "Test Issuing CA", Key::EcdsaP256, "root", CA);
        pki
    }

    /// A leaf for localhost, 127.0.0.1, ::1 and *.lab.test.
    pub fn server(&self, key: Key) -> Credentials {
        self.issue(&format!("server-{key:?}"), "localhost", key, SERVER)
    }

    /// A leaf for a client.
    pub fn client(&self, key: Key) -> Credentials {
        self.issue(&format!("client-{key:?}"), "Test Client", key, CLIENT)
    }

    /// A leaf with extensions in the syntax of OpenSSL's configuration files.
    pub fn issue(&self, file: &str, common_name: &str, key: Key, extensions: &str) -> Credentials {
        self.sign(file, common_name, key, "issuing", extensions);
        let (certificate, issuers) = (self.file(file, "pem"), self.file("issuing", "pem"));
        let chain = self.file(file, "chain.pem");
        write(&chain, &(read(&certificate) + &read(&issuers)));
        Credentials { key: self.file(file, "key"), certificate, issuers, chain }
    }

    /// Certificate and key of the CA that issues the leaves.
    pub fn issuing(&self) -> (PathBuf, PathBuf) {
        (self.file("issuing", "pem"), self.file("issuing", "key"))
    }

    fn sign(&self, file: &str, common_name: &str, key: Key, issuer: &str, extensions: &str) {
        let [request, configuration] = ["csr", "ext"].map(|kind| self.file(file, kind));
        generate(key, &self.file(file, "key"));
        run(openssl("req -new -subj")
            .arg(format!("/O=tls-trace tests/CN={common_name}"))
            .arg("-key")
            .arg(self.file(file, "key"))
            .arg("-out")
            .arg(&request));
        write(
            &configuration,
            &format!("subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n{extensions}\n"),
        );
        run(openssl("x509 -req -sha256 -days 90 -CAcreateserial -in")
            .arg(&request)
            .arg("-CA")
            .arg(self.file(issuer, "pem"))
            .arg("-CAkey")
            .arg(self.file(issuer, "key"))
            .arg("-extfile")
            .arg(&configuration)
            .arg("-out")
            .arg(self.file(file, "pem")));
    }

    fn file(&self, name: &str, kind: &str) -> PathBuf {
        self.directory.path().join(format!("{name}.{kind}"))
    }
}

impl Credentials {
    /// Key and chain as a PKCS#12 file, which is made when it is asked for.
    pub fn pkcs12(&self) -> PathBuf {
        let file = self.key.with_extension("p12");
        run(openssl("pkcs12 -export -name server -passout")
            .arg(format!("pass:{PKCS12_PASSWORD}"))
            .arg("-inkey")
            .arg(&self.key)
            .arg("-in")
            .arg(&self.chain)
            .arg("-out")
            .arg(&file));
        file
    }
}

const CA: &str = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign";

/// keyEncipherment is for RSA key exchange, which some of the servers are asked to do.
const SERVER: &str = "basicConstraints=critical,CA:FALSE\n\
    keyUsage=critical,digitalSignature,keyEncipherment\n\
    extendedKeyUsage=serverAuth\n\
    subjectAltName=DNS:localhost,DNS:*.lab.test,IP:127.0.0.1,IP:::1";

const CLIENT: &str = "basicConstraints=critical,CA:FALSE\n\
    keyUsage=critical,digitalSignature\n\
    extendedKeyUsage=clientAuth\n\
    subjectAltName=DNS:client.lab.test";

fn generate(key: Key, file: &Path) {
    let (algorithm, options) = match key {
        Key::EcdsaP256 => ("EC", "ec_paramgen_curve:P-256"),
        Key::EcdsaP384 => ("EC", "ec_paramgen_curve:P-384"),
        Key::Ed25519 => ("ED25519", ""),
        Key::Rsa2048 => ("RSA", "rsa_keygen_bits:2048"),
        Key::RsaPss2048 => ("RSA-PSS", "rsa_keygen_bits:2048"),
    };
    let mut command = openssl("genpkey");
    command.args(["-algorithm", algorithm]);
    if !options.is_empty() {
        command.args(["-pkeyopt", options]);
    }
    run(command.arg("-out").arg(file));
}

/// Fixed words of a command line; file names follow as arguments of their own.
fn openssl(words: &str) -> Command {
    let mut command = program("openssl", "openssl");
    command.args(words.split(' '));
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}
