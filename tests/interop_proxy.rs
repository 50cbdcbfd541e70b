//! Proxies of other people, and servers that want the PROXY protocol.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::fs;

use common::{Run, command, file, finish, run, scratch, text};
use support::pki::{Key, Pki};
use support::{Server, haproxy, openssl, proxy};

/// What is found nowhere but on the way to the proxy.
const USER: &str = "proxyuser";
const PASSWORD: &str = "pass7f3a91word";

struct Setting {
    pki: Pki,
    server: Server,
}

impl Setting {
    fn new() -> Setting {
        let pki = Pki::new();
        let server = openssl::serve(&pki.server(Key::EcdsaP256), &[]);
        Setting { pki, server }
    }

    fn port(&self) -> u16 {
        self.server.address.port()
    }

    /// The words that trace the server, which is called localhost.
    fn words<'a>(&'a self, flags: &[&'a str]) -> Vec<String> {
        let port = self.port();
        let (target, resolve) = (format!("localhost:{port}"), format!("localhost:{port}:127.0.0.1"));
        let words = [target.as_str(), "--resolve", &resolve, "--cacert", text(&self.pki.root)];
        words.iter().chain(flags).map(|word| (*word).to_owned()).collect()
    }

    fn trace(&self, flags: &[&str]) -> Run {
        let words = self.words(flags);
        let both = format!("{USER}:{PASSWORD}");
        finish(command(words).env("PROXY_USER", both).output().unwrap())
    }
}

/// Neither the password nor what it looks like in CONNECT.
fn tells_nothing(words: &str) {
    use base64::Engine;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
    for secret in [PASSWORD, &basic, &hex::encode(PASSWORD), &hex::encode(&basic)] {
        assert!(!words.contains(secret), "{secret} in {words}");
    }
}

#[test]
fn a_tunnel_through_an_http_proxy() {
    let setting = Setting::new();
    let open = proxy::tinyproxy(setting.port(), None);
    let locked = proxy::tinyproxy(setting.port(), Some((USER, PASSWORD)));
    let [open, locked] = [open, locked].map(|proxy| (format!("http://{}", proxy.address), proxy));
    let through = setting.trace(&["-x", &open.0]);
    assert_eq!(through.code, 0, "{through:#?}");
    assert!(through.out.contains(&format!("through {}", open.0)), "{}", through.out);
    assert!(through.out.contains("200 Connection established"), "{}", through.out);

    let directory = scratch();
    let (trace, wire) = (file(&directory, "t.json"), file(&directory, "t.pcapng"));
    let files = ["--save", text(&trace), "--pcap", text(&wire), "--secrets", "all"];
    let flags = [&["-x", &locked.0, "--proxy-user", "env:PROXY_USER", "-vv"][..], &files].concat();
    let through = setting.trace(&flags);
    assert_eq!(through.code, 0, "{through:#?}");
    let saved = fs::read_to_string(&trace).unwrap();
    let packets = String::from_utf8_lossy(&fs::read(&wire).unwrap()).into_owned();
    for words in [&through.out, &through.err, &saved, &packets] {
        tells_nothing(words);
    }
    assert_eq!(run(["read", text(&trace), "-vv"]).out, through.out);
    // Of its packets the dialogue is recognised.
    let read = run(["read", text(&wire), "--json"]).json();
    assert_eq!(read["connections"][0]["dialogues"][0]["protocol"], "connect", "{read:#}");
    assert_eq!(read["connections"][0]["dialogues"][0]["outcome"], "agreed");
    assert_eq!(read["facts"]["tls"], through_facts(&setting, &open.0)["tls"]);
}

fn through_facts(setting: &Setting, proxy: &str) -> serde_json::Value {
    setting.trace(&["-x", proxy, "--json"]).json()["facts"].clone()
}

#[test]
fn a_refusal_is_the_proxys() {
    let setting = Setting::new();
    let locked = proxy::tinyproxy(setting.port(), Some((USER, PASSWORD)));
    let url = format!("http://{}", locked.address);
    let refused = setting.trace(&["-x", &url]);
    assert_eq!(refused.code, 3, "{refused:#?}");
    assert!(refused.out.contains("proxy.auth_required"), "{}", refused.out);
    assert!(refused.out.contains("<p>This proxy requires authentication.</p>"), "{}", refused.out);
    let wrong = finish(
        command(setting.words(&["-x", &url, "--proxy-user", "env:PROXY_USER"]))
            .env("PROXY_USER", "proxyuser:no")
            .output()
            .unwrap(),
    );
    assert!(wrong.code == 3 && wrong.out.contains("proxy.auth_required"), "{wrong:#?}");
    // A password in the URL is used, warned of, and repeated nowhere.
    let inside = format!("http://{USER}:{}@{}", PASSWORD.replace("7f", "%37f"), locked.address);
    let directory = scratch();
    let trace = file(&directory, "t.json");
    let elsewhere = run(["localhost:1", "-x", &inside, "--save", text(&trace)]);
    assert_eq!(elsewhere.code, 3, "{elsewhere:#?}");
    assert!(elsewhere.out.contains("proxy.refused") && elsewhere.err.contains("can see"), "{elsewhere:#?}");
    for words in [&elsewhere.out, &elsewhere.err, &fs::read_to_string(&trace).unwrap()] {
        tells_nothing(words);
    }
    assert_eq!(setting.trace(&["-x", &inside, "-q"]).code, 0);
    // Nobody listens there.
    let nobody = setting.trace(&["-x", "http://127.0.0.1:1"]);
    assert!(nobody.code == 3 && nobody.last_line() != "", "{nobody:#?}");
    assert!(nobody.out.contains("proxy: connection refused"), "{}", nobody.out);
}

#[test]
fn through_socks_proxies() {
    let setting = Setting::new();
    let open = proxy::microsocks(None);
    let locked = proxy::microsocks(Some((USER, "word")));
    let dante = proxy::dante(1);
    for scheme in ["socks5", "socks5h"] {
        let through = setting.trace(&["-x", &format!("{scheme}://{}", open.address)]);
        assert_eq!(through.code, 0, "{through:#?}");
        let with = format!("{scheme}://{USER}:word@{}", locked.address);
        let through = setting.trace(&["-x", &with]);
        assert_eq!(through.code, 0, "{through:#?}");
        assert!(through.out.contains("name and password ****"), "{}", through.out);
        let without = setting.trace(&["-x", &format!("{scheme}://{}", locked.address)]);
        assert_eq!(without.code, 3, "{without:#?}");
        assert!(without.out.contains("proxy.auth_required"), "{}", without.out);
    }
    // dante takes the address that 4A puts in the place of a name for one.
    for scheme in ["socks4", "socks5", "socks5h"] {
        let through = setting.trace(&["-x", &format!("{scheme}://{}", dante.address)]);
        assert_eq!(through.code, 0, "{scheme}: {through:#?}");
        let words = ["127.0.0.1:1", "-x", &format!("{scheme}://{}", dante.address)];
        let refused = run(words);
        assert_eq!(refused.code, 3, "{scheme}: {refused:#?}");
        assert!(refused.out.contains("proxy.refused"), "{scheme}: {}", refused.out);
    }
    let names = setting.trace(&["-x", &format!("socks4a://{}", dante.address)]);
    assert!(names.code == 3 && names.out.contains("4A"), "{names:#?}");
    let (ssh, _server) = proxy::openssh();
    for (scheme, asked) in [
        ("socks4", format!("connect to 127.0.0.1:{}", setting.port())),
        ("socks4a", format!("connect to localhost:{}", setting.port())),
        ("socks5", format!("connect to 127.0.0.1:{}", setting.port())),
        ("socks5h", format!("connect to localhost:{}", setting.port())),
    ] {
        let through = setting.trace(&["-x", &format!("{scheme}://{}", ssh.address)]);
        assert_eq!(through.code, 0, "{scheme}: {through:#?}");
        assert!(through.out.contains(&asked), "{scheme}: {}", through.out);
    }
    // It closes instead of refusing. By then it has shown that it is a SOCKS proxy.
    let closed = run(["localhost:1", "-x", &format!("socks5h://{}", ssh.address)]);
    assert_eq!(closed.code, 3, "{closed:#?}");
    assert!(closed.out.contains("proxy.closed") && !closed.out.contains("of another kind"), "{}", closed.out);
    // A proxy of another kind.
    let other = setting.trace(&["-x", &format!("http://{}", open.address)]);
    assert_eq!(other.code, 3, "{other:#?}");
}

#[test]
fn the_environment_is_obeyed_as_curl_does() {
    let setting = Setting::new();
    let proxy = proxy::tinyproxy(setting.port(), None);
    let with = |variables: &[(&str, &str)], flags: &[&str]| {
        let mut command = command(setting.words(flags));
        finish(command.envs(variables.iter().copied()).output().unwrap())
    };
    let url = proxy.address.to_string();
    for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        let through = with(&[(name, &url)], &[]);
        assert_eq!(through.code, 0, "{through:#?}");
        assert!(through.err.contains(&format!("{name} is set")), "{}", through.err);
        assert!(through.out.contains("through http://"), "{}", through.out);
    }
    for (variables, flags) in [
        (&[("HTTPS_PROXY", url.as_str()), ("NO_PROXY", "localhost")][..], &[][..]),
        (&[("HTTPS_PROXY", &url)], &["--noproxy", "*"]),
        (&[("HTTPS_PROXY", &url)], &["--proxy", ""]),
        (&[("HTTPS_PROXY", "")], &[]),
        (&[("HTTP_PROXY", &url)], &[]),
        (&[("no_proxy", "localhost")], &["-x", &url]),
    ] {
        let direct = with(variables, flags);
        assert_eq!(direct.code, 0, "{direct:#?}");
        assert!(!direct.out.contains("through http://"), "{variables:?} {flags:?}: {}", direct.out);
    }
    let refused = with(&[("HTTPS_PROXY", &url)], &["--each-address"]);
    assert!(refused.code == 2 && refused.err.contains("--noproxy"), "{refused:#?}");
}

#[test]
fn a_server_that_wants_the_proxy_protocol() {
    let pki = Pki::new();
    let server = haproxy::serve(&pki.server(Key::EcdsaP256), "accept-proxy");
    let port = server.address.port();
    let (target, resolve) = (format!("localhost:{port}"), format!("localhost:{port}:127.0.0.1"));
    let words = [target.as_str(), "--resolve", &resolve, "--cacert", text(&pki.root)];
    for (flag, shown) in [
        ("--haproxy-protocol", "PROXY v1"),
        ("--haproxy-protocol=v1", "PROXY v1"),
        ("--haproxy-protocol=v2", "PROXY v2"),
    ] {
        let traced = run(words.iter().chain(&[flag]));
        assert_eq!(traced.code, 0, "{traced:#?}");
        assert!(
            traced.out.contains(shown) && traced.out.contains("PROXY TCP4 127.0.0.1 127.0.0.1 "),
            "{}",
            traced.out
        );
    }
    assert_eq!(run(words).code, 4);
}

/// TLS in TLS: both handshakes are recorded, and the credentials go to a proxy that is authenticated alone.
#[test]
fn an_https_proxy() {
    let setting = Setting::new();
    let inner = proxy::tinyproxy(setting.port(), Some((USER, PASSWORD)));
    let trusted = proxy::behind_tls(&setting.pki.server(Key::EcdsaP256), inner.address.port());
    let other = Pki::new();
    let stranger = proxy::behind_tls(&other.server(Key::EcdsaP256), inner.address.port());
    let url = |server: &Server| format!("https://localhost:{}", server.address.port());
    let directory = scratch();
    let (trace, wire) = (file(&directory, "t.json"), file(&directory, "t.pcapng"));
    let files = ["--save", text(&trace), "--pcap", text(&wire), "--secrets", "all"];
    let proxy_flags = ["-4", "-x", &url(&trusted), "--proxy-user", "env:PROXY_USER"];
    let through = setting.trace(&[&proxy_flags[..], &files, &["-v"]].concat());
    assert_eq!(through.code, 0, "{through:#?}");
    assert_eq!(through.out.matches("complete: ").count(), 2, "{}", through.out);
    assert!(through.out.contains("200 Connection established"), "{}", through.out);
    assert_eq!(run(["read", text(&trace), "-v"]).out, through.out);
    let saved = fs::read_to_string(&trace).unwrap();
    let packets = String::from_utf8_lossy(&fs::read(&wire).unwrap()).into_owned();
    for words in [&through.out, &through.err, &saved, &packets] {
        tells_nothing(words);
    }
    let json = setting.trace(&[&proxy_flags[..], &["--json"]].concat()).json();
    let connections = json["connections"].as_array().unwrap();
    let roles: Vec<_> = connections.iter().map(|one| one["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["proxy", "main"]);

    // Whoever presents a certificate of an unknown CA gets no password, with -k neither.
    for insecure in [&[][..], &["-k"]] {
        let flags = ["-4", "-x", &url(&stranger), "--proxy-user", "env:PROXY_USER"];
        let refused = setting.trace(&[&flags[..], insecure].concat());
        assert_eq!(refused.code, 3, "{refused:#?}");
        assert!(refused.out.contains("proxy.untrusted"), "{}", refused.out);
        assert!(
            !inner.log().contains("Connect (file descriptor") || !refused.out.contains("CONNECT localhost"),
            "{refused:#?}"
        );
    }
    // Without a password to lose it is looked at all the same.
    let without = setting.trace(&["-4", "-x", &url(&stranger)]);
    assert!(without.code == 3 && without.out.contains("proxy.auth_required"), "{without:#?}");
    let socks = proxy::microsocks(None);
    let plain = setting.trace(&["-4", "-x", &format!("https://{}", socks.address)]);
    assert!(plain.code == 3 && plain.out.contains("proxy.tls"), "{plain:#?}");
}
