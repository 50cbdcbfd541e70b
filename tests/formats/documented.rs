//! The commands of docs/ci.md do what is said of them.

use std::fs;
use std::path::Path;

use crate::common::{command, file, finish, scratch};

/// The words of each command in the page's blocks of code.
fn commands(page: &str) -> Vec<Vec<String>> {
    let blocks = page.split("```").skip(1).step_by(2);
    let mut all = Vec::new();
    for line in blocks.flat_map(str::lines) {
        if let Some((_, list)) = line.split_once("command = [") {
            let words = list.split('"').skip(1).step_by(2).map(str::to_owned);
            all.push(words.chain(["example.com".to_owned()]).collect());
        } else if let Some(at) = line.find("tls-trace ") {
            // Up to what is the shell's.
            let end = [")", " >> ", " || "].iter().filter_map(|end| line[at..].find(end)).min();
            let line = end.map_or(&line[at..], |end| &line[at..at + end]);
            all.push(shlex::split(line).unwrap());
        }
    }
    all
}

#[test]
fn the_commands_of_the_page_work() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let all = commands(&fs::read_to_string(page).unwrap());
    assert!(all.len() >= 7, "{all:#?}");
    for words in all {
        let directory = scratch();
        assert_eq!(words[0], "tls-trace");
        let mut files = Vec::new();
        let words = words[1..].iter().map(|word| match word.split_once('=') {
            _ if word == "example.com" || word.starts_with("$ARG") => "demo".to_owned(),
            Some((format, path)) if tls_trace::render::find(format).is_some() => {
                let name = path.rsplit('/').next().unwrap();
                files.push(file(&directory, name));
                format!("{format}={name}")
            }
            _ => word.clone(),
        });
        let words: Vec<_> = words.collect();
        let shown = finish(command(&words).current_dir(directory.path()).output().unwrap());
        assert_eq!(shown.code, 0, "{words:?}: {shown:?}");
        for file in files {
            assert!(fs::metadata(&file).unwrap().len() > 0, "{words:?}: {}", file.display());
        }
    }
}

/// Each metric is described, and none that there is not.
#[test]
fn the_metrics_of_the_page_are_those_that_there_are() {
    let page = include_str!("../../docs/ci.md");
    let named = |text: &str| -> std::collections::BTreeSet<String> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.filter(|word| word.starts_with("tls_trace_")).map(str::to_owned).collect()
    };
    let lines = ["demo --expect pq --format openmetrics", "demo expired --repeat 2 --format openmetrics"];
    let shown: String = lines.map(|line| crate::common::tls_trace(line).out).concat();
    let samples =
        shown.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('{').next().unwrap());
    let there: std::collections::BTreeSet<String> = samples.map(str::to_owned).collect();
    assert_eq!(named(page), there);
}

/// cron sends a mail if something is printed.
#[cfg(unix)]
#[test]
fn the_line_for_cron_prints_only_what_is_wrong() {
    let page = include_str!("../../docs/ci.md");
    let recipe = page.split("```").find(|block| block.contains("|| echo")).unwrap();
    let recipe = recipe.strip_prefix("sh\n").unwrap();
    let ours = Path::new(env!("CARGO_BIN_EXE_tls-trace")).parent().unwrap();
    let path = format!("{}:{}", ours.display(), std::env::var("PATH").unwrap_or_default());
    let printed = |target: &str| {
        let mut shell = std::process::Command::new("sh");
        let shell = shell.args(["-c", &recipe.replace("example.com", target)]).env("PATH", &path);
        String::from_utf8(shell.output().unwrap().stdout).unwrap()
    };
    assert_eq!(printed("demo"), "");
    let wrong = printed("demo expired");
    assert!(wrong.starts_with("NOT TRUSTED") && wrong.lines().count() == 1, "{wrong}");
}
