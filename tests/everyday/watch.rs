//! `watch`: what changes is told, once; through renewals, failures, and to its end.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use serde_json::{Value, json};

use crate::common::{Run, command, finish, run, text};
use crate::lab::Lab;
use crate::server::{Setup, converse};

/// A server whose configuration can be replaced; without one it closes at once.
struct Switch {
    address: SocketAddr,
    config: Arc<Mutex<Option<Arc<ServerConfig>>>>,
}

impl Switch {
    fn new(config: Arc<ServerConfig>) -> Switch {
        Switch::at("127.0.0.1:0", config)
    }

    fn at(address: &str, config: Arc<ServerConfig>) -> Switch {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let config = Arc::new(Mutex::new(Some(config)));
        let serving = config.clone();
        std::thread::spawn(move || {
            while let Ok((tcp, _)) = listener.accept() {
                let config = serving.lock().unwrap().clone();
                if let Some(config) = config {
                    std::thread::spawn(move || converse(&config, tcp));
                }
            }
        });
        Switch { address, config }
    }

    fn to(&self, config: impl Into<Option<Arc<ServerConfig>>>) {
        *self.config.lock().unwrap() = config.into();
    }
}

/// A running watch, whose lines are JSON.
struct Watching {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn start(words: &[String]) -> Watching {
        let mut child = command([&["watch".to_owned()], words].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Watching { child, lines }
    }

    /// The next change.
    fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }

    fn next_is(&mut self, change: &str) -> Value {
        let next = self.next();
        assert_eq!(next["change"], change, "{next:#}");
        next
    }

    /// Those that are left, and how it ended.
    fn end(self) -> (Vec<Value>, Run) {
        let Watching { child, lines } = self;
        let left = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        (left, finish(child.wait_with_output().unwrap()))
    }
}

fn words(lab: &Lab, address: SocketAddr, flags: &[&str]) -> Vec<String> {
    lab.words(address, &[&["--every", "50ms"], flags].concat())
}

fn renewed(lab: &Lab) -> Arc<ServerConfig> {
    Setup::default().config(&lab.authority)
}

#[test]
fn a_renewal_is_told_once_and_ends_what_waits_for_it() {
    let lab = Lab::new();
    let server = Switch::new(renewed(&lab));
    let mut watching = Watching::start(&words(&lab, server.address, &["--format", "jsonl"]));
    let first = watching.next_is("first");
    assert_eq!(first["schema"], "tls-trace-watch/1");
    assert_eq!((&first["before"], &first["now"]["outcome"]), (&Value::Null, &json!("ok")));
    assert_eq!((&first["address"], &first["round"]), (&json!("127.0.0.1"), &json!(1)));
    let schema: Value = serde_json::from_str(&run(["schema", "watch"]).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&first), "{first:#}");

    server.to(renewed(&lab));
    let change = watching.next_is("certificate");
    assert!(validator.is_valid(&change), "{change:#}");
    let leaf = |state: &str| change[state]["leaf"].clone();
    assert_eq!(leaf("before"), first["now"]["leaf"]);
    assert_ne!(leaf("before")["sha256"], leaf("now")["sha256"]);
    let summary = change["summary"].as_str().unwrap();
    assert!(
        summary.starts_with("certificate renewed, until ") && summary.ends_with("another key"),
        "{summary}"
    );

    // Another version, and with it another suite and group; each of them a line.
    let versions = vec![&rustls::version::TLS12];
    server.to(Setup { versions, ..Setup::default() }.config(&lab.authority));
    let changes: Vec<_> = (0..4).map(|_| watching.next()["change"].clone()).collect();
    assert_eq!(changes, ["certificate", "version", "cipher", "group"]);

    // Somebody else's certificate: the verdict changes too.
    server.to(renewed(&Lab::stranger()));
    let verdict = watching.next_is("verdict");
    assert_eq!(
        (&verdict["before"]["outcome"], &verdict["now"]["outcome"]),
        (&json!("ok"), &json!("untrusted"))
    );
    send("-INT", &watching.child);
    let (left, end) = watching.end();
    let names: Vec<_> = left.iter().map(|line| line["change"].as_str().unwrap()).collect();
    assert_eq!(names, ["certificate", "version", "cipher", "group"], "and nothing is said twice");
    assert_eq!(end.code, 130, "{end:#?}");
    assert!(end.err.contains(" 1 target at 1 address · interrupted · "), "{}", end.err);
    assert!(end.err.contains("[exit 130]"), "{}", end.err);
}

/// "Wait until the new certificate is everywhere": every address of the name.
#[test]
fn it_waits_until_something_holds_at_every_address() {
    let lab = Lab::new();
    let one = Switch::new(
        Setup { versions: vec![&rustls::version::TLS12], ..Setup::default() }.config(&lab.authority),
    );
    let port = one.address.port();
    let two = Switch::at(&format!("127.0.0.2:{port}"), renewed(&lab));
    let target = format!("localhost:{port}");
    let all = format!("{target}:127.0.0.1,127.0.0.2");
    let words: Vec<String> = [
        &target,
        "--resolve",
        &all,
        "--cacert",
        text(&lab.ca),
        "--every",
        "50ms",
        "--until",
        "tls>=1.3 and verified",
        "--format",
        "jsonl",
    ]
    .map(str::to_owned)
    .into();
    let mut watching = Watching::start(&words);
    let mut addresses: Vec<_> = (0..2).map(|_| watching.next_is("first")["address"].clone()).collect();
    addresses.sort_by_key(ToString::to_string);
    assert_eq!(addresses, ["127.0.0.1", "127.0.0.2"]);
    // It holds at one of the two.
    std::thread::sleep(Duration::from_millis(300));
    assert!(watching.child.try_wait().unwrap().is_none(), "it does not hold everywhere");
    one.to(renewed(&lab));
    let (left, end) = watching.end();
    assert!(left.iter().any(|line| line["change"] == "version"), "{left:#?}");
    assert_eq!(end.code, 0, "{end:#?}");
    let summary = end.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        summary.contains("1 target at 2 addresses · tls>=1.3 and verified holds at every address"),
        "{summary}"
    );
    drop(two);

    // Not in time: 5. Of several targets all have to.
    let limit = ["--until", "tls=1.2", "--max-time", "3"];
    let late = run([&["watch".to_owned()], &self::words(&lab, one.address, &limit)[..]].concat());
    assert_eq!(late.code, 5, "{late:#?}");
    let shown = late.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("tls=1.2 does not hold at every address · --max-time"), "{shown}");
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let other = format!("localhost:{}", refused.port());
    let flags = ["--until", "verified", "--max-time", "3", "-4", &other];
    let both = run([&["watch".to_owned()], &self::words(&lab, one.address, &flags)[..]].concat());
    assert_eq!(both.code, 5, "{both:#?}");
    // Also that something is gone can be waited for.
    let gone = run(["watch", &other, "-4", "--until", "outcome=unreachable"]);
    assert_eq!(gone.code, 0, "{gone:#?}");
}

/// A server that goes away and comes back as it was has changed twice, and its certificate never.
#[test]
fn what_goes_away_and_comes_back() {
    let lab = Lab::new();
    let config = renewed(&lab);
    let server = Switch::new(config.clone());
    let mut watching = Watching::start(&words(&lab, server.address, &["--format", "jsonl"]));
    watching.next_is("first");
    server.to(None);
    let gone = watching.next_is("verdict");
    assert_eq!(gone["now"]["exit_code"], 4, "{gone:#}");
    assert_eq!(gone["now"]["leaf"], gone["before"]["leaf"], "what was not seen is as it was");
    server.to(config);
    let back = watching.next_is("verdict");
    assert_eq!((&back["now"]["outcome"], &back["before"]["exit_code"]), (&json!("ok"), &json!(4)));
    std::thread::sleep(Duration::from_millis(200));
    send("-TERM", &watching.child);
    let (left, end) = watching.end();
    assert_eq!((left.len(), end.code), (0, 143), "{left:#?} {end:#?}");
}

/// A collector never sees half of the file, and always the last round.
#[test]
fn files_are_written_anew_each_time() {
    let lab = Lab::new();
    let server = Switch::new(renewed(&lab));
    let (metrics, document) = (lab.file("tls.prom"), lab.file("tls.json"));
    let formats = [format!("openmetrics={}", text(&metrics)), format!("json={}", text(&document))];
    let flags = ["--format", "jsonl", "--format", &formats[0], "--format", &formats[1]];
    let mut watching = Watching::start(&words(&lab, server.address, &flags));
    watching.next_is("first");
    let exit_code = || {
        let text = std::fs::read_to_string(&metrics).unwrap();
        // Made before the first round, so that a wrong path is told at once.
        if text.is_empty() {
            return None;
        }
        assert!(text.ends_with("# EOF\n"), "half of it: {text}");
        let samples: Vec<&str> =
            text.lines().filter(|line| line.starts_with("tls_trace_exit_code{")).collect();
        let [sample] = samples[..] else { panic!("one target, one sample: {samples:?}") };
        sample.rsplit(' ').next().map(str::to_owned)
    };
    let wait_for = |code: &str| {
        let until = Instant::now() + Duration::from_secs(20);
        while exit_code().as_deref() != Some(code) {
            assert!(Instant::now() < until, "{:?}", exit_code());
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    wait_for("0");
    server.to(renewed(&Lab::stranger()));
    wait_for("1");
    server.to(renewed(&lab));
    wait_for("0");
    send("-INT", &watching.child);
    let (_, end) = watching.end();
    assert_eq!(end.code, 130, "{end:#?}");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(document).unwrap()).unwrap();
    assert_eq!(document["schema"], "tls-trace/1");
    let names = std::fs::read_dir(lab.directory.path()).unwrap();
    let names: Vec<_> = names.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().all(|name| !name.ends_with(".tmp")), "{names:?}");
}

/// A slow round is never overlapped.
#[test]
fn rounds_do_not_overlap() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Connections in all, those that are open, and the most of those.
    let counts: Arc<[AtomicUsize; 3]> = Arc::default();
    let seen = counts.clone();
    std::thread::spawn(move || {
        while let Ok((tcp, _)) = listener.accept() {
            seen[0].fetch_add(1, Ordering::SeqCst);
            let open = seen[1].fetch_add(1, Ordering::SeqCst) + 1;
            seen[2].fetch_max(open, Ordering::SeqCst);
            let seen = seen.clone();
            std::thread::spawn(move || {
                // Longer than the interval.
                std::thread::sleep(Duration::from_millis(150));
                seen[1].fetch_sub(1, Ordering::SeqCst);
                drop(tcp);
            });
        }
    });
    let target = address.to_string();
    let shown = run(["watch", &target, "--every", "100ms", "--max-time", "2", "--no-retry"]);
    assert_eq!(shown.code, 4, "{shown:#?}");
    let [all, _, most] = [0, 1, 2].map(|place: usize| counts[place].load(Ordering::SeqCst));
    assert_eq!(most, 1, "they overlap");
    // Each takes the place of the one that would have begun within it.
    assert!((2..=11).contains(&all), "{all}");
}

#[test]
fn a_person_reads_the_time_the_target_and_what_has_changed() {
    let lab = Lab::new();
    let server = Switch::new(renewed(&lab));
    let words = words(&lab, server.address, &["--max-time", "3"]);
    let shown = run([&["watch".to_owned()], &words[..]].concat());
    assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{shown:#?}");
    let lines: Vec<&str> = shown.out.lines().collect();
    assert!(
        lines[0].ends_with(&format!("Z  localhost:{} at 127.0.0.1", server.address.port())),
        "{lines:#?}"
    );
    assert!(lines[1].starts_with("    TRUSTED: TLS 1.3"), "{lines:#?}");
    assert!(lines[2].starts_with("    until "), "{lines:#?}");
    assert!(lines[3].contains(" rounds · 0 changes · 1 target at 1 address · --max-time · "), "{lines:#?}");
    assert_eq!(lines.len(), 4, "nothing has changed: {lines:#?}");
    assert!(shown.out.lines().all(|line| line.chars().count() <= 80), "{}", shown.out);
    let quiet = run([&["watch".to_owned(), "-q".to_owned()], &words[..]].concat());
    assert_eq!((quiet.code, quiet.out.lines().count()), (0, 1), "{quiet:#?}");

    // A reader that goes away (`| head`) ends it.
    let mut watching = Watching::start(&self::words(&lab, server.address, &["--format", "jsonl"]));
    watching.next_is("first");
    let Watching { mut child, lines } = watching;
    drop(lines);
    server.to(renewed(&lab));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn usage() {
    let lab = Lab::new();
    let two = |format: &str| {
        vec!["watch".into(), "a.example".into(), "b.example".into(), "--format".into(), format.to_owned()]
    };
    let file = format!("json={}", text(&lab.file("x.json")));
    let one =
        |flags: &[&str]| [&["watch", "a.example"], flags].concat().into_iter().map(str::to_owned).collect();
    let cases: [(Vec<String>, &str); 9] = [
        (one(&["--until", "days"]), "--until: days has to be compared with something"),
        (one(&["--until", "nothing=1"]), "--until: there is no field \"nothing\""),
        (one(&["--every", "5"]), "is not an interval such as 30s, 5m or 1h"),
        (one(&["--every", "0s"]), "is not between 1ms and 366d"),
        (one(&["--format", "junit"]), "--format junit=FILE"),
        (one(&["--save", "x.json"]), "watch and --save can't be used together"),
        (one(&["--each-address"]), "watch and --each-address can't be used together"),
        (two(&file), "it is one document about one server"),
        (vec!["watch".into()], "no target; try: tls-trace watch example.com --every 5m"),
    ];
    for (words, why) in cases {
        let shown = run(&words);
        assert_eq!(shown.code, 2, "{words:?}: {shown:#?}");
        assert!(shown.err.contains(why), "{why:?}: {}", shown.err);
    }
}

/// A list of targets, with options of their own.
#[test]
fn targets_may_come_from_a_list() {
    let lab = Lab::new();
    let server = Switch::new(renewed(&lab));
    let list = lab.file("targets");
    let port = server.address.port();
    std::fs::write(&list, format!("localhost:{port}\n127.0.0.1:{port} --sni localhost # by address\n"))
        .unwrap();
    let words = [
        "watch",
        "-4",
        "--targets",
        text(&list),
        "--cacert",
        text(&lab.ca),
        "--until",
        "verified",
        "--format",
        "jsonl",
    ];
    let shown = run(words);
    assert_eq!(shown.code, 0, "{shown:#?}");
    let mut targets: Vec<String> = shown
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["target"].as_str().unwrap().to_owned())
        .collect();
    targets.sort();
    assert_eq!(targets, [format!("127.0.0.1:{port} --sni localhost"), format!("localhost:{port}")]);
}

fn send(signal: &str, child: &Child) {
    let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// The commands of the page do what is said of them.
#[test]
fn the_commands_of_the_page_work() {
    let lab = Lab::new();
    let server = Switch::new(renewed(&lab));
    let target = format!("localhost:{}", server.address.port());
    std::fs::write(lab.file("list.txt"), &target).unwrap();
    let page = std::fs::read_to_string("docs/watch.md").unwrap();
    let commands = page.lines().filter_map(|line| line.strip_prefix("tls-trace "));
    let commands: Vec<Vec<String>> = commands.map(|line| shlex::split(line).unwrap()).collect();
    assert_eq!(commands.len(), 4);
    for words in commands {
        let words = words.iter().map(|word| match word.as_str() {
            "example.com" => target.clone(),
            "1m" | "5m" | "1h" | "10s" => "50ms".to_owned(),
            "600" => "5".to_owned(),
            word => word.rsplit('/').next().map_or(word.to_owned(), |name| match word.split_once('=') {
                Some(("openmetrics", _)) => format!("openmetrics={name}"),
                _ => word.to_owned(),
            }),
        });
        let mut words: Vec<String> = words.collect();
        if !words.iter().any(|word| word == "--max-time") {
            words.extend(["--max-time", "2"].map(str::to_owned));
        }
        words.extend(["-4", "--cacert", text(&lab.ca)].map(str::to_owned));
        let shown = finish(command(&words).current_dir(lab.directory.path()).output().unwrap());
        assert_eq!(shown.code, 0, "{words:?}: {shown:#?}");
    }
    for name in ["tls.prom", "changes.jsonl"] {
        assert!(lab.file(name).metadata().unwrap().len() > 0, "{name}");
    }
}
