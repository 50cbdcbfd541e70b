//! Files that people give: each form is read, or named with what to do; nothing is called untrusted that is no certificate.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use common::{Run, command, file, finish, run, scratch, text};

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/files").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(vector(name)).unwrap()
}

/// The verdict on a chain in a file, with the root that it leads to.
fn cert(path: &Path, flags: &[&str]) -> Run {
    let root = vector("ca.pem");
    let words = ["cert", text(path), "--cacert", text(&root), "--verify-name", "www.example.test", "-q"];
    let mut command = command(words.into_iter().chain(flags.iter().copied()));
    finish(command.env("PASS", "geheim").env("WRONG", "falsch").output().unwrap())
}

#[test]
fn a_chain_is_read_in_every_form() {
    let folder = scratch();
    let made = |name: &str, content: &[u8]| {
        let path = file(&folder, name);
        fs::write(&path, content).unwrap();
        path
    };
    let (leaf, inter) = (bytes("leaf.pem"), bytes("inter.pem"));
    let both = String::from_utf8([leaf.clone(), inter.clone()].concat()).unwrap();
    let der = |name: &str| tls_trace::trust::pem::blocks(&bytes(name)).unwrap().remove(0).der;
    let secret = |chain: &str| {
        let (chain, key) = (STANDARD.encode(chain), STANDARD.encode(bytes("leaf.key")));
        format!(
            "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\ndata:\n  ca.crt: {}\n  tls.crt: {chain}\n  tls.key: {key}\n",
            STANDARD.encode(bytes("ca.pem"))
        )
    };
    let json = serde_json::json!({"kind": "Secret", "data": {"tls.crt": STANDARD.encode(&both)}}).to_string();
    let utf16 = |unit: fn(u16) -> [u8; 2]| {
        "\u{feff}".encode_utf16().chain(both.encode_utf16()).flat_map(unit).collect::<Vec<_>>()
    };
    let with_header =
        both.replacen("-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nX-Note: a\n\n", 1);
    let joined = both.replace("-----\n-----BEGIN", "----------BEGIN");
    let files = [
        made("plain.pem", both.as_bytes()),
        made("crlf.pem", both.replace('\n', "\r\n").as_bytes()),
        made("bom.pem", format!("\u{feff}{both}").as_bytes()),
        made("utf16le.pem", &utf16(u16::to_le_bytes)),
        made("utf16be.pem", &utf16(u16::to_be_bytes)),
        made("joined.pem", joined.as_bytes()),
        made("one-line.pem", both.replace('\n', "").as_bytes()),
        made("escaped.pem", both.replace('\n', "\\n").as_bytes()),
        made("header.pem", with_header.as_bytes()),
        made("key-first.pem", &[bytes("leaf.key"), leaf, inter].concat()),
        made("trusted.pem", &[bytes("trusted.pem"), bytes("inter.pem")].concat()),
        made("two.der", &[der("leaf.pem"), der("inter.pem")].concat()),
        made("newline.der", &[der("leaf.pem"), der("inter.pem"), b"\n".to_vec()].concat()),
        made("secret.yaml", secret(&both).as_bytes()),
        made("secret.json", json.as_bytes()),
        made("bom.json", format!("\u{feff}{json}").as_bytes()),
        vector("chain.p7b"),
        vector("chain.p7c"),
        vector("empty.p12"),
    ];
    for path in &files {
        let run = cert(path, &[]);
        assert!(run.code == 0 && run.out.starts_with("TRUSTED"), "{}: {run:#?}", path.display());
    }
    for name in ["modern.p12", "legacy.p12"] {
        let run = cert(&vector(name), &["--passin", "env:PASS"]);
        assert!(run.code == 0 && run.out.starts_with("TRUSTED"), "{name}: {run:#?}");
    }
    // As anchors: the Secret's CA counts.
    let secret = made("with-ca.yaml", secret(&both).as_bytes());
    let run = run(["cert", text(&files[0]), "--cacert", text(&secret), "-q"]);
    assert!(run.code == 0 && run.out.starts_with("TRUSTED"), "{run:#?}");
}

#[test]
fn what_is_no_certificate_is_named_with_what_to_do() {
    let folder = scratch();
    let made = |name: &str, content: &[u8]| {
        let path = file(&folder, name);
        fs::write(&path, content).unwrap();
        path
    };
    let leaf = String::from_utf8(bytes("leaf.pem")).unwrap();
    let der = tls_trace::trust::pem::blocks(leaf.as_bytes()).unwrap().remove(0).der;
    let key_log = format!("# SSL/TLS secrets\nCLIENT_RANDOM {0}{0} {0}{0}{0}\n", "ab".repeat(16));
    let bare: String = leaf.lines().filter(|line| !line.starts_with('-')).collect();
    let relabelled =
        String::from_utf8(bytes("request.csr")).unwrap().replace("CERTIFICATE REQUEST", "CERTIFICATE");
    let many: String =
        (0..50_000).map(|i| format!("-----BEGIN A{i}-----\nMAA=\n-----END A{i}-----\n")).collect();
    for (path, needles) in [
        (vector("leaf.key"), &["a private key", "--key"][..]),
        (vector("key.der"), &["a private key", "--key"]),
        (vector("encrypted.key"), &["an encrypted private key"]),
        (vector("old-encrypted.key"), &["an encrypted private key"]),
        (vector("ssh.key"), &["OPENSSH PRIVATE KEY"]),
        (vector("public.pem"), &["a public key"]),
        (vector("request.csr"), &["certificate signing request", "the CA makes"]),
        (made("relabelled.pem", relabelled.as_bytes()), &["line 1 holds a certificate signing request"]),
        (vector("list.crl"), &["revocation list", "--crl"]),
        (vector("store.jks"), &["Java KeyStore", "keytool -importkeystore"]),
        (vector("modern.p12"), &["PKCS#12 file with a passphrase", "--passin env:NAME"]),
        (made("capture", b"\xd4\xc3\xb2\xa1\x02\0\x04\0"), &["a packet capture"]),
        (made("capture-ng", b"\x0a\x0d\x0d\x0a\x1c\0\0\0"), &["a packet capture"]),
        (made("keys.log", key_log.as_bytes()), &["a key log"]),
        (made("x.json", b"{\"a\": 1}"), &["JSON"]),
        (made("logs.json", b"{\"operators\": []}"), &["--ct-logs"]),
        (made("x.html", b"<html><body>404</body></html>"), &["an HTML page"]),
        (made("a jks", &bytes("store.jks")), &["-srckeystore '/"]),
        (made("bare.pem", bare.as_bytes()), &["base64 without the lines", "base64 -d"]),
        (made("twice.pem", STANDARD.encode(&leaf).as_bytes()), &["PEM in base64", "base64 -d"]),
        (made("dashes.pem", leaf.replace("-----", "\u{2014}\u{2014}").as_bytes()), &["dashes"]),
        (made("cut.der", &der[..der.len() - 5]), &["cut off or damaged"]),
        (made("cut.pem", &leaf.as_bytes()[..300]), &["line 1 has no end"]),
        (made("hole.pem", leaf.replacen("MII", "M#I", 1).as_bytes()), &["line 1"]),
        (
            made("hollow.pem", b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"),
            &["holds no certificate"],
        ),
        (made("nothing.pem", b"\n"), &["empty"]),
        (made("text.pem", b"hello"), &["neither PEM nor DER"]),
        (made("many.pem", many.as_bytes()), &["and more"]),
    ] {
        for arguments in [&["cert", text(&path)][..], &["demo", "--cacert", text(&path)]] {
            let run = run(arguments);
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{}: {run:#?}", path.display());
            for needle in [text(&path)].iter().chain(needles) {
                assert!(run.err.contains(needle), "no {needle:?} in {run:#?}");
            }
            assert!(run.err.len() < 600, "{} bytes for {}", run.err.len(), path.display());
        }
    }
    // Where another kind is wanted.
    let (leaf, request) = (vector("leaf.pem"), vector("request.csr"));
    let said = run(["demo", "--crl", text(&leaf)]);
    assert!(said.code == 2 && said.err.contains("no CRL in it, only a certificate"), "{said:#?}");
    let said = run(["demo", "--cert", text(&leaf), "--key", text(&request)]);
    assert!(said.code == 2 && said.err.contains("no private key in it"), "{said:#?}");
    let said = run(["read", text(&leaf)]);
    assert!(
        said.code == 2 && said.err.contains("a certificate") && said.err.contains("not a saved trace"),
        "{said:#?}"
    );
    let said = run(["read", text(&file(&folder, "capture"))]);
    assert!(said.code == 2 && said.err.contains("no TLS in it: 0 packets"), "{said:#?}");
}

#[test]
fn keys_are_opened_with_a_passphrase_that_nobody_sees() {
    let folder = scratch();
    let pass = file(&folder, "pass");
    fs::write(&pass, "geheim\n").unwrap();
    let leaf = vector("leaf.pem");
    let fits = |key: &str, flags: &[&str]| {
        let key = vector(key);
        let inter = vector("inter.pem");
        cert(&leaf, &[&[text(&inter), "--key", text(&key)], flags].concat())
    };
    let source = format!("file:{}", pass.display());
    for (key, flags) in [
        ("leaf.key", &[][..]),
        ("sec1.key", &[]),
        ("key.der", &[]),
        ("empty.p12", &[]),
        ("encrypted.key", &["--passin", "env:PASS"]),
        ("encrypted.key", &["--passin", &source]),
        ("scrypt.key", &["--passin", "env:PASS"]),
        ("modern.p12", &["--passin", "env:PASS"]),
        ("legacy.p12", &["--passin", "env:PASS"]),
    ] {
        let run = fits(key, flags);
        assert!(run.code == 0 && run.out.starts_with("TRUSTED"), "{key} {flags:?}: {run:#?}");
    }
    for (key, flags, needle) in [
        ("encrypted.key", &[][..], "--passin env:NAME"),
        ("encrypted.key", &["--passin", "env:WRONG"], "does not open its key"),
        ("modern.p12", &["--passin", "env:WRONG"], "does not open"),
        ("old-encrypted.key", &["--passin", "env:PASS"], "openssl pkcs8 -topk8"),
        ("ssh.key", &[], "ssh-keygen -p -m PKCS8"),
        ("store.jks", &[], "keytool"),
        ("encrypted.key", &["--passin", "pass:geheim"], "can be seen"),
        ("encrypted.key", &["--passin", "geheim"], "env:NAME"),
        ("encrypted.key", &["--passin", "env:NO_SUCH"], "no such variable"),
    ] {
        let run = fits(key, flags);
        assert!(run.code == 2 && run.err.contains(needle), "{key} {flags:?}: {run:#?}");
        assert!(!run.err.contains("geheim") && !run.err.contains("falsch"), "{run:#?}");
    }
    let other = fits("other.key", &[]);
    assert!(other.code == 1 && other.out.contains("key"), "{other:#?}");
}

#[test]
#[cfg(unix)]
fn a_passphrase_comes_from_a_descriptor_or_standard_input() {
    let script = "for source in fd:5 stdin; do printf 'geheim\\n' | \
        $T cert $V/leaf.pem $V/inter.pem --cacert $V/ca.pem --key $V/encrypted.key --passin $source -q 5<$V/../pass || exit; done";
    let folder = scratch();
    fs::create_dir(file(&folder, "v")).unwrap();
    for name in ["leaf.pem", "inter.pem", "ca.pem", "encrypted.key"] {
        fs::copy(vector(name), file(&folder, "v").join(name)).unwrap();
    }
    fs::write(file(&folder, "pass"), "geheim").unwrap();
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script]).env("T", env!("CARGO_BIN_EXE_tls-trace")).env("V", file(&folder, "v"));
    let run = finish(command.output().unwrap());
    assert_eq!((run.code, run.out.matches("TRUSTED").count()), (0, 2), "{run:#?}");
}

/// What is sent is the user's decision, as far as the engine can sign with the key.
#[test]
fn a_client_presents_what_it_is_given() {
    let scenario = "client-cert";
    let pass = ["--passin", "env:PASS"];
    let sent = |flags: &[&str]| {
        let words = [&["demo", scenario, "--format", "json"], flags].concat();
        let run = finish(command(words).env("PASS", "geheim").output().unwrap());
        assert_ne!(run.code, 2, "{flags:?}: {}", run.err);
        let document = run.json();
        let messages = document["connections"][0]["messages"].as_array().unwrap().clone();
        let is_chain =
            |m: &serde_json::Value| m["type"].as_str().is_some_and(|kind| kind.ends_with("Certificate"));
        let own = |m: &&serde_json::Value| m["direction"] == "client" && is_chain(m);
        messages.iter().find(own).unwrap()["length"].as_u64().unwrap()
    };
    let (leaf, inter) = (vector("leaf.pem"), vector("inter.pem"));
    let folder = scratch();
    let chain = file(&folder, "chain.pem");
    fs::write(&chain, [bytes("leaf.pem"), bytes("inter.pem")].concat()).unwrap();
    let (key, encrypted) = (vector("leaf.key"), vector("encrypted.key"));
    let whole = sent(&["--cert", text(&chain), "--key", text(&key)]);
    assert_eq!(sent(&[&["--cert", text(&chain), "--key", text(&encrypted)], &pass[..]].concat()), whole);
    for name in ["modern.p12", "legacy.p12"] {
        assert_eq!(sent(&[&["--cert", text(&vector(name))], &pass[..]].concat()), whole, "{name}");
    }
    // DER, and a certificate of version 1.
    let der = file(&folder, "leaf.der");
    fs::write(&der, &tls_trace::trust::pem::blocks(&bytes("leaf.pem")).unwrap()[0].der).unwrap();
    let alone = sent(&["--cert", text(&leaf), "--key", text(&key)]);
    assert_eq!(sent(&["--cert", text(&der), "--key", text(&vector("key.der"))]), alone);
    assert!(alone < whole && inter.exists());
    assert!(sent(&["--cert", text(&vector("v1.pem")), "--key", text(&key)]) > 0);

    for (cert, key, needle) in [
        ("secp256k1.pem", "secp256k1.key", "(EC secp256k1) can't be used: this engine (rustls)"),
        ("ed448.pem", "ed448.key", "(Ed448) can't be used"),
        ("leaf.pem", "other.key", "does not belong to its certificate"),
        ("secp256k1.pem", "leaf.key", "does not belong to its certificate"),
    ] {
        let run = run(["demo", scenario, "--cert", text(&vector(cert)), "--key", text(&vector(key))]);
        assert!(run.code == 2 && run.err.contains(needle), "{cert} {key}: {run:#?}");
    }
}

/// A list as OpenSSL has it: what is missing of it is told, and the rest counts.
#[test]
#[cfg(unix)]
fn the_environment_names_what_is_trusted() {
    let folder = scratch();
    let (one, empty) = (file(&folder, "one"), file(&folder, "empty"));
    fs::create_dir(&one).unwrap();
    fs::create_dir(&empty).unwrap();
    fs::copy(vector("ca.pem"), one.join("ca.pem")).unwrap();
    let trusted = |name: &str, value: &str| {
        let chain = [vector("leaf.pem"), vector("inter.pem")];
        finish(command(["cert", "-q", text(&chain[0]), text(&chain[1])]).env(name, value).output().unwrap())
    };
    let root = vector("ca.pem");
    for (name, value, warned) in [
        ("SSL_CERT_FILE", text(&root).to_owned(), None),
        ("SSL_CERT_DIR", text(&one).to_owned(), None),
        ("SSL_CERT_DIR", format!("/no-such-folder:{}", one.display()), Some("/no-such-folder")),
        ("SSL_CERT_DIR", format!("{}:{}", one.display(), empty.display()), Some(text(&empty))),
    ] {
        let run = trusted(name, &value);
        assert!(run.code == 0 && run.out.starts_with("TRUSTED"), "{value}: {run:#?}");
        match warned {
            Some(what) => assert!(run.err.contains(what) && run.err.contains("SSL_CERT_DIR"), "{run:#?}"),
            None => assert_eq!(run.err, "", "{value}"),
        }
    }
    // It replaces the default, so another root is none.
    assert_eq!(trusted("SSL_CERT_FILE", text(&vector("secp256k1.pem"))).code, 1);
    assert_eq!(trusted("SSL_CERT_DIR", "/no-such-folder").code, 2);
}

#[test]
fn a_pin_that_fails_shows_those_that_would_not() {
    let (leaf, inter, root) = (vector("leaf.pem"), vector("inter.pem"), vector("ca.pem"));
    let pinned =
        |pin: &str| run(["cert", text(&leaf), text(&inter), "--cacert", text(&root), "--pinnedpubkey", pin]);
    let failed = pinned(&format!("sha256//{}=", "A".repeat(43)));
    assert_eq!(failed.code, 1, "{failed:#?}");
    let actual: Vec<_> = failed.out.split_whitespace().filter(|word| word.starts_with("sha256//")).collect();
    assert!(actual.len() >= 2, "{failed:#?}");
    for pin in actual {
        assert_eq!(pinned(pin).code, 0, "{pin}");
    }
}

#[test]
fn a_name_to_verify_may_be_a_uri() {
    let folder = scratch();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    let id = "spiffe://example.test/web";
    params.subject_alt_names = vec![rcgen::SanType::URI(id.try_into().unwrap())];
    let key = rcgen::KeyPair::generate().unwrap();
    let path = file(&folder, "workload.pem");
    fs::write(&path, params.self_signed(&key).unwrap().pem()).unwrap();
    let named = |name: &str| run(["cert", text(&path), "--cacert", text(&path), "--verify-name", name, "-q"]);
    assert_eq!(named(id).code, 0, "{:?}", named(id));
    let other = named("spiffe://example.test/db");
    assert!(other.code == 1 && other.out.contains("hostname mismatch"), "{other:?}");
    let whole =
        run(["cert", text(&path), "--cacert", text(&path), "--verify-name", "spiffe://example.test/db"]);
    assert!(whole.out.contains("spiffe://example.test/web"), "{whole:?}");
    let web = named("https://example.test/");
    assert!(web.code == 2 && web.err.contains("\"example.test\""), "{web:?}");
}
