//! Many targets: several on the command line, lists, what is written of each, the summary, and runs that go on.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::{Run, command, finish, run, text};
use crate::lab::Lab;
use crate::server::Setup;

/// One server of each kind.
struct Servers {
    lab: Lab,
    /// Name of the kind, target, exit code.
    targets: Vec<(&'static str, String, u64)>,
}

impl Servers {
    fn new() -> Servers {
        let (lab, stranger) = (Lab::new(), Lab::stranger());
        let target = |address: SocketAddr| format!("localhost:{}", address.port());
        let refused = {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap()
        };
        let alert = [21, 3, 3, 0, 2, 2, 40];
        let targets = vec![
            ("good", target(lab.server(Setup::default())), 0),
            ("untrusted", target(stranger.server(Setup::default())), 1),
            ("refused", target(refused), 3),
            ("silent", target(answering(b"")), 5),
            ("plaintext", target(answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")), 4),
            ("alert", target(answering(&alert)), 4),
        ];
        Servers { lab, targets }
    }

    /// The program with all of them as a list on its standard input.
    fn piped(&self, list: &str, flags: &[&str]) -> Run {
        let all = [&["--targets", "-", "-4", "--cacert", text(&self.lab.ca)], flags].concat();
        let mut child =
            command(all).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
        finish(child.wait_with_output().unwrap())
    }
}

/// A server that says this to everybody, and nothing else, until the test program ends.
fn answering(answer: &[u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = answer.to_vec();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        while let Ok((mut tcp, _)) = listener.accept() {
            // Not before the client has spoken: a reset would destroy the answer.
            if !answer.is_empty() {
                let _ = tcp.read(&mut [0; 4096]);
                let _ = tcp.write_all(&answer);
            }
            open.push(tcp);
        }
    });
    address
}

fn lines(run: &Run) -> Vec<Value> {
    run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn input(line: &Value) -> &str {
    line["target"]["input"].as_str().unwrap()
}

#[test]
fn each_target_of_the_command_line_has_its_row_and_the_worst_decides() {
    let servers = Servers::new();
    let targets: Vec<&str> = servers.targets.iter().map(|(_, target, _)| target.as_str()).collect();
    let flags = ["-4", "--target-timeout", "3", "--cacert", text(&servers.lab.ca)];
    let shown = run([&targets[..], &flags].concat());
    assert_eq!((shown.code, shown.err.as_str()), (1, ""), "{shown:#?}");
    let row = |target: &str| {
        let found = shown.out.lines().find(|line| line.split_whitespace().any(|word| word == target));
        found.unwrap_or_else(|| panic!("no {target} in {}", shown.out)).to_owned()
    };
    let words = ["TRUSTED", "NOT TRUSTED", "NOT REACHED", "TIMED OUT", "FAILED", "FAILED"];
    for (target, word) in targets.iter().zip(words) {
        assert!(row(target).starts_with(word), "{target}: {}", shown.out);
    }
    // The groups stand below, the worst first, each with what it is and whom it is about.
    let summary = &shown.out[shown.out.find("\n\n").unwrap()..];
    let places: Vec<_> = ["NOT TRUSTED", "FAILED", "TIMED OUT", "NOT REACHED", "TRUSTED\n"]
        .map(|word| summary.find(word).unwrap())
        .into();
    assert!(places.is_sorted(), "{summary}");
    assert!(summary.contains("tcp.refused: connection refused") && summary.contains(targets[2]), "{summary}");
    assert!(shown.last_line().starts_with("6 targets: 1 good, 5 not"), "{summary}");
    assert!(shown.out.lines().all(|line| line.chars().count() <= 80), "{}", shown.out);

    // -q has the last line alone, -qq nothing; -v shows each whole.
    let quiet = run([&targets[..1], &["no-such.invalid", "-q"], &flags].concat());
    assert_eq!((quiet.code, quiet.out.lines().count()), (3, 1), "{quiet:#?}");
    assert_eq!(
        run([&targets[..2], &["-qq"], &flags].concat()),
        Run { code: 1, out: "".into(), err: "".into() }
    );
    let whole = run([&targets[..2], &["-v"], &flags].concat());
    assert_eq!(whole.out.matches("ClientHello  ").count(), 2, "{}", whole.out);
}

#[test]
fn every_line_of_a_list_is_a_document_that_stands_for_itself() {
    let servers = Servers::new();
    let list: String =
        servers.targets.iter().map(|(kind, target, _)| format!("{target}  # {kind}\n\n")).collect();
    let shown = servers.piped(&list, &["--format", "jsonl", "--target-timeout", "3", "--in-order"]);
    assert_eq!(shown.code, 1, "{shown:#?}");
    assert!(shown.err.contains("6 targets: 1 good, 5 not"), "{}", shown.err);
    let schema: Value = serde_json::from_str(&tls_trace::render::json::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let lines = lines(&shown);
    assert_eq!(lines.len(), servers.targets.len());
    for (line, (kind, target, code)) in lines.iter().zip(&servers.targets) {
        let errors: Vec<_> = validator.iter_errors(line).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{kind}: {errors:?}");
        assert_eq!(
            (input(line), &line["verdict"]["exit_code"]),
            (target.as_str(), &Value::from(*code)),
            "{kind}"
        );
        // A remedy is a command for this target alone, without what is about the whole list.
        for words in [&line["verdict"]["try"], &line["findings"][0]["remedy"]] {
            let words: Vec<_> =
                words.as_array().into_iter().flatten().map(|word| word.as_str().unwrap()).collect();
            assert!(words.is_empty() || words.contains(&target.as_str()), "{kind}: {words:?}");
            assert!(!words.iter().any(|word| word.starts_with("--targets")), "{kind}: {words:?}");
        }
    }
    assert_eq!(lines[0]["facts"]["tls"], "1.3");
    assert_eq!(lines[0]["facts"]["verified"], true);
}

#[test]
fn a_line_has_options_of_its_own_but_none_about_trust_or_files() {
    let servers = Servers::new();
    let port = servers.targets[0].1.rsplit(':').next().unwrap();
    let list = format!(
        "elsewhere.example:1 --connect localhost:{port} --verify-name localhost --tls-max 1.2\n\
         localhost:{port} --sni 'wrong.example' --alpn http/1.1\n\
         localhost:{port}\n\
         localhost:{port} --expect 'tls<1.3' # it is not\n"
    );
    // What the command line says of all targets together is no matter of a line.
    let together =
        "--target-timeout 8 --concurrency 3 --per-host 2 --rate 100 --retries 1 --in-order --max-time 60";
    let flags: Vec<&str> = together.split(' ').chain(["--format", "jsonl", "--tls-min", "1.2"]).collect();
    let shown = servers.piped(&list, &flags);
    let lines = lines(&shown);
    let versions: Vec<_> = lines.iter().map(|line| &line["facts"]["tls"]).collect();
    assert_eq!(versions, ["1.2", "1.3", "1.3", "1.3"], "{shown:#?}");
    let codes: Vec<_> = lines.iter().map(|line| line["verdict"]["exit_code"].as_u64().unwrap()).collect();
    assert_eq!(codes, [0, 1, 0, 1], "a wrong name, and a wrong expectation");
    assert_eq!(
        lines[1]["target"]["options"],
        serde_json::json!(["--sni", "wrong.example", "--alpn", "http/1.1"])
    );

    let forbidden = [
        "-k",
        "--cacert /etc/passwd",
        "--keylog /tmp/x",
        "-o x",
        "--psk a:/etc/passwd",
        "--ech /etc/passwd",
        "--policy /etc/passwd",
        "--proxy http://127.0.0.1:1",
        "--proxy-user file:/etc/passwd",
        "--hello ./file",
        "--trust none",
        "--pipe",
        "--targets y",
        "--cert c.pem",
    ];
    let list = servers.lab.file("list");
    for line in forbidden {
        // A file is looked through before anything is connected to.
        std::fs::write(&list, format!("localhost:{port}\n# a comment\nlocalhost:{port} {line}\n")).unwrap();
        let shown = run(["--targets", text(&list)]);
        assert_eq!((shown.code, shown.out.as_str()), (2, ""), "{line}: {shown:#?}");
        assert!(shown.err.contains("line 3: "), "{line}: {}", shown.err);
    }
    // What comes through a pipe is checked as far as it can be read, and the exit code tells.
    let shown = servers.piped(&format!("localhost:{port}\nlocalhost:{port} -k\nlocalhost:99999\n"), &[]);
    assert_eq!(shown.code, 2, "{shown:#?}");
    assert!(shown.err.contains("line 2: --insecure") && shown.err.contains("line 3: "), "{}", shown.err);
    assert!(shown.last_line().contains("1 target · 2 lines of the list can't be read"), "{}", shown.out);
}

#[test]
fn an_empty_list_is_no_failure() {
    let servers = Servers::new();
    for list in ["", "\n# nothing\n\n"] {
        let shown = servers.piped(list, &["--format", "jsonl"]);
        assert_eq!((shown.code, shown.out.as_str()), (0, ""), "{shown:#?}");
    }
}

/// What an interrupted run has written is not done again; a line that was cut off is.
#[test]
fn a_run_is_resumed() {
    let servers = Servers::new();
    let good = &servers.targets[0].1;
    let list: String = (0..20).map(|n| format!("{good} --verify-name n{n}.localhost\n")).collect();
    let results = servers.lab.file("results.jsonl");
    let flags = ["--format", "jsonl", "--in-order"];
    let whole = servers.piped(&list, &flags);
    assert_eq!(lines(&whole).len(), 20);
    let seven: String = whole.out.lines().take(7).map(|line| format!("{line}\n")).collect();
    let part = whole.out.lines().nth(7).unwrap();
    std::fs::write(&results, format!("{seven}{}", &part[..part.len() / 2])).unwrap();
    let resumed = ["--resume-from", text(&results), "-o", text(&results)];
    let shown = servers.piped(&list, &[&flags[..], &resumed].concat());
    assert!(shown.err.contains("7 skipped"), "{shown:#?}");
    let all = std::fs::read_to_string(&results).unwrap();
    let names = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| {
                serde_json::from_str::<Value>(line).unwrap()["target"]["verify_name"].as_str().unwrap().into()
            })
            .collect()
    };
    assert_eq!(names(&all), names(&whole.out));
    // Elsewhere it goes only where that is said.
    let again = servers.piped(&list, &[&flags[..], &["--resume-from", text(&results)]].concat());
    assert_eq!((again.code, again.out.as_str()), (0, ""), "{again:#?}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_has_the_summary_of_what_was_done() {
    let servers = Servers::new();
    let (good, silent) = (&servers.targets[0].1, &servers.targets[3].1);
    let list = servers.lab.file("list");
    std::fs::write(&list, format!("{good}\n{silent}\n{silent} -4\n")).unwrap();
    let results = servers.lab.file("results.jsonl");
    let child = command([
        "--targets",
        text(&list),
        "--format",
        "jsonl",
        "-o",
        text(&results),
        "--cacert",
        text(&servers.lab.ca),
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !std::fs::read(&results).is_ok_and(|bytes| bytes.ends_with(b"\n")) {
        assert!(Instant::now() < deadline, "no result came");
        std::thread::sleep(Duration::from_millis(20));
    }
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let shown = finish(child.wait_with_output().unwrap());
    assert_eq!(shown.code, 130, "{shown:#?}");
    assert!(shown.err.contains("1 target · interrupted: 2 not checked"), "{}", shown.err);
    // Those that were cut off are not among the results: a resumed run does them.
    let written = std::fs::read_to_string(&results).unwrap();
    assert_eq!(
        written
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["target"]["input"].clone())
            .collect::<Vec<_>>(),
        [good.as_str()]
    );
}

#[test]
fn the_limit_on_the_run_says_what_was_not_checked() {
    let servers = Servers::new();
    let silent = &servers.targets[3].1;
    let list: String = (0..5).map(|_| format!("{silent}\n")).collect();
    let began = Instant::now();
    let shown = servers.piped(&list, &["--max-time", "1", "--concurrency", "2"]);
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(shown.code, 5, "{shown:#?}");
    assert!(shown.last_line().contains("--max-time: "), "{}", shown.out);
}

/// As many targets as may are worked on side by side, and no more. The server answers none before all of those are there;
/// then it looks whether another one comes.
#[test]
fn concurrency_is_bounded_in_all_and_for_each_host() {
    const ALL: usize = 15;
    let servers = Servers::new();
    for (expected, bounds) in
        [(3, ["--concurrency", "100", "--per-host", "3"]), (5, ["--concurrency", "5", "--per-host", "100"])]
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let list = format!("{}\n", listener.local_addr().unwrap()).repeat(ALL);
        let server = std::thread::spawn(move || {
            for _ in 0..ALL / expected {
                listener.set_nonblocking(false).unwrap();
                let there: Vec<_> = (0..expected).map(|_| listener.accept().unwrap()).collect();
                std::thread::sleep(Duration::from_millis(100));
                listener.set_nonblocking(true).unwrap();
                if listener.accept().is_ok() {
                    return Err(format!("more than {expected}"));
                }
                drop(there);
            }
            Ok(())
        });
        let flags = ["--no-retry", "--target-timeout", "60", "-q"];
        let shown = servers.piped(&list, &[&flags[..], &bounds].concat());
        assert_eq!(shown.code, 4, "{shown:#?}");
        assert_eq!(server.join().unwrap(), Ok(()));
    }
}

#[test]
fn another_attempt_is_made_on_what_was_not_reached() {
    let servers = Servers::new();
    let refused = &servers.targets[2].1;
    let began = Instant::now();
    let shown = servers.piped(refused, &["--retries", "1", "-q"]);
    assert_eq!(shown.code, 3, "{shown:#?}");
    assert!(began.elapsed() > Duration::from_millis(450), "there was no pause");
    // A verdict that will not change is not asked for again.
    let (listener, accepted) = (TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(AtomicUsize::new(0)));
    let target = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let count = accepted.clone();
    std::thread::spawn(move || {
        while let Ok((mut tcp, _)) = listener.accept() {
            count.fetch_add(1, Ordering::SeqCst);
            let _: &mut TcpStream = &mut tcp;
            let _ = tcp.read(&mut [0; 4096]);
            let _ = tcp.write_all(b"220 mail ESMTP\r\n");
        }
    });
    let shown = servers.piped(&target, &["--retries", "3", "-q"]);
    assert_eq!((shown.code, accepted.load(Ordering::SeqCst)), (4, 1), "{shown:#?}");
}

#[test]
fn what_is_about_one_server_is_refused_for_many() {
    for flags in
        ["--pipe", "--diagnose", "--repeat 2", "--save x.json", "--pcap x.pcapng", "--format json", "--json"]
    {
        let words = ["a", "b"].into_iter().chain(flags.split(' '));
        let shown = run(words);
        assert_eq!(shown.code, 2, "{flags}: {shown:#?}");
        assert!(shown.err.contains("many targets and --"), "{flags}: {}", shown.err);
    }
    assert!(run(["--concurrency", "3"]).err.contains("no target"));
}

/// The results of a list, by their kind, are those of single runs.
#[test]
fn a_target_among_many_is_judged_as_it_is_alone() {
    let servers = Servers::new();
    let list: String = servers.targets.iter().map(|(_, target, _)| format!("{target}\n")).collect();
    let many = servers.piped(&list, &["--format", "jsonl", "--target-timeout", "3"]);
    let mut verdicts: BTreeMap<String, Value> =
        lines(&many).into_iter().map(|line| (input(&line).to_owned(), line["verdict"].clone())).collect();
    for (kind, target, _) in &servers.targets {
        let alone =
            run([target, "-4", "--json", "--max-time", "3", "--cacert", text(&servers.lab.ca)]).json();
        let among = verdicts.remove(target).unwrap();
        for key in ["outcome", "exit_code", "id", "phase", "stage", "by", "summary"] {
            assert_eq!(among[key], alone["verdict"][key], "{kind}: {key}");
        }
    }
}

/// A table has one head, whatever the number of targets.
#[test]
fn the_csv_of_several_targets_has_one_head() {
    let shown = run(["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "--format", "csv"]);
    assert_eq!((shown.code, shown.out.lines().count()), (3, 4), "{}", shown.out);
    assert_eq!(shown.out.matches("connection,started_at").count(), 1);
}

/// What could not be attempted is in every report: a line that can't be read, an offer that can't be made, a name that
/// does not resolve.
#[test]
fn every_format_has_an_entry_for_what_could_not_be_attempted() {
    let servers = Servers::new();
    let good = &servers.targets[0].1;
    let list = format!(
        "{good}\nwrong.example -k\nrefused.example --engine rustls --ciphers RC4-SHA\nno-such.invalid\n{good}:1\n"
    );
    let formats: Vec<_> = tls_trace::render::FORMATS
        .iter()
        .filter(|format| !["text", "json"].contains(&format.name))
        .map(|format| (format.name, servers.lab.file(format.name)))
        .collect();
    let flags: Vec<String> =
        formats.iter().map(|(name, path)| format!("--format={name}={}", text(path))).collect();
    let flags: Vec<&str> = flags.iter().map(String::as_str).chain(["--in-order"]).collect();
    let shown = servers.piped(&list, &flags);
    assert_eq!(shown.code, 2, "{shown:#?}");
    assert!(shown.err.contains("line 2: --insecure") && shown.err.contains("line 5: "), "{}", shown.err);
    assert!(shown.out.contains("NOT ATTEMPTED"), "{}", shown.out);
    let read = |wanted: &str| {
        let (_, path) = formats.iter().find(|(name, _)| *name == wanted).unwrap();
        std::fs::read_to_string(path).unwrap()
    };
    for (name, _) in &formats {
        // The one line of nagios is about the worst.
        let needles: &[&str] = match *name {
            "nagios" => &["no-such.invalid", "1 of 5"],
            _ => &["wrong.example", "refused.example", "no-such.invalid"],
        };
        let text = read(name);
        for needle in needles {
            assert!(text.contains(needle), "{name}: no {needle} in {text}");
        }
    }
    // Each as its readers count.
    let lines: Vec<Value> = read("jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (input(line), line["verdict"]["outcome"].as_str().unwrap(), &line["verdict"]["exit_code"])
        })
        .collect();
    assert_eq!(told.len(), 5);
    assert_eq!((told[1].0, told[1].1, told[1].2), ("wrong.example -k", "not_attempted", &Value::from(2)));
    assert_eq!((told[2].0, told[2].1), ("refused.example", "not_attempted"));
    assert_eq!((told[3].0, told[3].1), ("no-such.invalid", "unreachable"));
    let schema: Value = serde_json::from_str(&tls_trace::render::json::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(lines.iter().all(|line| validator.is_valid(line)));
    assert_eq!(read("csv").lines().count(), 6);
    assert_eq!(read("junit").matches("<testsuite ").count(), 5);
    assert_eq!(read("junit").matches("errors=\"1\"").count(), 4);
    assert_eq!(read("openmetrics").matches("\ntls_trace_exit_code{").count(), 5);
    assert_eq!(read("openmetrics").matches("outcome=\"not_attempted\"").count(), 3);
    let sarif: Value = serde_json::from_str(&read("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.iter().filter(|result| result["ruleId"] == "not_attempted").count(), 3);
    let bill: Value = serde_json::from_str(&read("cyclonedx")).unwrap();
    assert_eq!(bill["services"].as_array().unwrap().len(), 5);
    assert_eq!(read("github").matches("::error ").count(), 4);
    assert_eq!(read("markdown").matches("### ").count(), 5);
}
