//! The recipes of docs/bulk.md, run as they stand there: GNU parallel, a Kubernetes job, Spark.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{file, scratch, text};
use serde_json::Value;
use support::program;
use tempfile::TempDir;
use tls_trace::demo::{self, SCENARIOS, Stage};

/// The block of code on the page that has this in it.
fn recipe(language: &str, needle: &str) -> String {
    let page = include_str!("../docs/bulk.md");
    let mut blocks = page.split("\n```").skip(1).step_by(2);
    let found = blocks.find(|block| block.starts_with(&format!("{language}\n")) && block.contains(needle));
    found.unwrap_or_else(|| panic!("no {needle} in a block of {language}"))[language.len()..].to_owned()
}

/// A list in a folder of its own, and a server that is good to some of its targets.
struct List {
    folder: TempDir,
    _stage: Stage,
    /// Targets as they stand in results, with their exit codes.
    expected: BTreeMap<String, u64>,
}

/// Good targets of the list.
const GOOD: usize = 6;

impl List {
    fn new() -> List {
        let folder = scratch();
        let stage = demo::start(&SCENARIOS[0]).unwrap();
        let anchor = pem::encode(&pem::Pem::new("CERTIFICATE", stage.ca.clone()));
        fs::write(file(&folder, "ca.pem"), anchor).unwrap();
        let mut expected = BTreeMap::new();
        let mut lines = vec!["# a comment".to_owned()];
        for n in 0..GOOD {
            // Names of their own, so that the results can be told apart.
            let target = format!("server{n}.example:{}", stage.address.port());
            lines.push(format!("{target} --connect {} --sni {}", stage.address, stage.host));
            expected.insert(target, 0);
        }
        lines.push("127.0.0.1:1".to_owned());
        expected.insert("127.0.0.1:1".to_owned(), 3);
        lines.push("wrong.example -k".to_owned());
        expected.insert("wrong.example -k".to_owned(), 2);
        fs::write(file(&folder, "targets.txt"), lines.join("\n") + "\n").unwrap();
        List { folder, _stage: stage, expected }
    }

    /// A program in that folder, which finds the one under test and its anchor.
    fn run(&self, command: &mut Command) -> Output {
        let ours = Path::new(env!("CARGO_BIN_EXE_tls-trace")).parent().unwrap();
        let path = format!("{}:{}", text(ours), std::env::var("PATH").unwrap());
        let command = command.current_dir(self.folder.path()).env("PATH", path);
        command.env("SSL_CERT_FILE", file(&self.folder, "ca.pem")).output().unwrap()
    }

    /// Each target has one result, which is the one that it should have.
    fn assert_results<'a>(&self, lines: impl Iterator<Item = &'a str>) {
        let mut found = BTreeMap::new();
        for line in lines {
            let line: Value = serde_json::from_str(line).unwrap();
            let input = line["target"]["input"].as_str().unwrap().to_owned();
            let code = line["verdict"]["exit_code"].as_u64().unwrap();
            assert_eq!(found.insert(input.clone(), code), None, "{input} twice");
        }
        assert_eq!(found, self.expected);
    }
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{output:#?}");
}

/// A program of the environment with what Python has for this.
fn of_python(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bulk/bin").join(name);
    assert!(path.is_file(), "{} is missing; make it: .ci/run packages", path.display());
    path
}

#[test]
fn gnu_parallel_drives_several_processes() {
    program("parallel", "parallel");
    let list = List::new();
    let recipe = recipe("sh", "parallel --pipe").replace("-N 500", "-N 3");
    let done = list.run(Command::new("bash").args(["-c", &recipe]));
    // parallel's own exit code is the number of parts with another one than 0: no part is all good.
    assert!(done.status.code().is_some_and(|code| (1..=3).contains(&code)), "{done:#?}");
    list.assert_results(fs::read_to_string(file(&list.folder, "results.jsonl")).unwrap().lines());
    let log = fs::read_to_string(file(&list.folder, "jobs.tsv")).unwrap();
    let column = log.lines().next().unwrap().split('\t').position(|name| name == "Exitval").unwrap();
    let codes: Vec<&str> = log.lines().skip(1).map(|line| line.split('\t').nth(column).unwrap()).collect();
    assert!(codes.len() == 3 && codes.contains(&"2"), "{log}");
    // Wrong flags are noticed before anything is given to anybody.
    let wrong = recipe_with_a_wrong_flag(&recipe);
    fs::remove_file(file(&list.folder, "jobs.tsv")).unwrap();
    assert_eq!(list.run(Command::new("bash").args(["-c", &wrong])).status.code(), Some(2));
    assert!(!file(&list.folder, "jobs.tsv").exists());
}

fn recipe_with_a_wrong_flag(recipe: &str) -> String {
    recipe.replace("--format jsonl", "--format jsonll")
}

#[test]
fn a_kubernetes_job_is_valid_and_its_pods_do_the_list() {
    let list = List::new();
    let manifest = file(&list.folder, "job.yaml");
    fs::write(&manifest, recipe("yaml", "kind: Job")).unwrap();
    succeeded(&list.run(Command::new(of_python("kubernetes-validate")).args(["--strict", text(&manifest)])));
    let script = "import sys, yaml
container = yaml.safe_load(open(sys.argv[1]))['spec']['template']['spec']['containers'][0]
assert container['command'] == ['/bin/sh', '-c'], container
print(container['args'][0])";
    let read = list.run(Command::new(of_python("python")).args(["-c", script, text(&manifest)]));
    succeeded(&read);
    let folder = text(list.folder.path());
    let line = String::from_utf8(read.stdout).unwrap();
    let line = line.replace("/targets/", &format!("{folder}/")).replace("/results/", &format!("{folder}/"));
    // More pods than lines: some have nothing to do.
    let pod = |index: usize| {
        let index = index.to_string();
        let variables = [("SHARDS", "16"), ("JOB_COMPLETION_INDEX", &index)];
        list.run(Command::new("sh").args(["-c", &line]).envs(variables))
    };
    let all: Vec<Output> = (0..16).map(pod).collect();
    let codes: Vec<_> = all.iter().map(|done| done.status.code()).collect();
    assert!(codes.iter().all(|code| *code == Some(0)), "{all:#?}");
    let results = || -> Vec<String> {
        let files = (0..16).map(|index| file(&list.folder, &format!("{index}.jsonl")));
        files.map(|path| fs::read_to_string(path).unwrap_or_default()).collect()
    };
    let once = results();
    list.assert_results(once.iter().flat_map(|text| text.lines()));
    // A pod that is killed while it writes, and started again.
    let (index, whole) = once.iter().enumerate().find(|(_, text)| !text.is_empty()).unwrap();
    fs::write(file(&list.folder, &format!("{index}.jsonl")), &whole[..whole.len() / 2]).unwrap();
    succeeded(&pod(index));
    list.assert_results(results().iter().flat_map(|text| text.lines()));
}

#[test]
fn spark_makes_a_table_of_the_results() {
    program("java", "default-jdk-headless");
    let list = List::new();
    let show =
        "\nprint('\\n'.join(table.toJSON().collect()))\nprint(results.count(), lines.getNumPartitions())\n";
    fs::write(file(&list.folder, "job.py"), recipe("python", "pyspark") + show).unwrap();
    let mut python = Command::new(of_python("python"));
    let done =
        list.run(python.arg("job.py").env("PYSPARK_PYTHON", of_python("python")).env("MASTER", "local[2]"));
    succeeded(&done);
    let shown = String::from_utf8(done.stdout).unwrap();
    let (rows, last) = shown.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(last, format!("{} 8", list.expected.len()));
    let rows: Vec<Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    let codes: BTreeMap<String, u64> = rows
        .iter()
        .map(|row| (row["input"].as_str().unwrap().to_owned(), row["exit_code"].as_u64().unwrap()))
        .collect();
    assert_eq!((rows.len(), codes), (list.expected.len(), list.expected.clone()));
    assert_eq!(rows.iter().filter(|row| row["tls"] == "1.3").count(), GOOD);
    assert!(file(&list.folder, "results.parquet").join("_SUCCESS").exists());
}

/// What people copy into their pipelines.
#[test]
fn the_yaml_of_the_pages_can_be_read() {
    let script = "import sys, yaml
blocks = [block[5:] for path in sys.argv[1:] for block in open(path, encoding='utf-8').read().split('\\n```') if block.startswith('yaml\\n')]
read = [yaml.safe_load(block) for block in blocks]
steps = [step for page in read for job in page.get('jobs', {}).values() for step in job['steps']]
assert steps and all('run' in step or 'uses' in step for step in steps), steps
rules = [rule for page in read for group in page.get('groups', []) for rule in group['rules']]
assert rules and all(rule['alert'] and rule['expr'] for rule in rules), rules
print(len(read))";
    let pages = ["docs/ci.md", "docs/bulk.md"].map(|page| Path::new(env!("CARGO_MANIFEST_DIR")).join(page));
    let done = Command::new(of_python("python")).args(["-c", script]).args(pages).output().unwrap();
    succeeded(&done);
    let read: usize = String::from_utf8(done.stdout).unwrap().trim().parse().unwrap();
    assert!(read >= 4, "{read} blocks");
}
