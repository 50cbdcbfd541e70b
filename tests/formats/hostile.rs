//! What a peer writes stays text in every format; and readers of each, for the other tests.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::thread;

use quick_xml::Reader;
use quick_xml::events::Event;
use rcgen::{CertificateParams, DnType, KeyPair};
use serde_json::Value;
use tls_trace::render::FORMATS;

use crate::common::{Run, file, run, scratch, text};

/// Ends whatever can be ended: attributes, elements, cells, labels, commands, lines; and begins formulas, links, tags.
const HOSTILE: &str = "=1+1|x' \"q\" </failure><b>&amp; ]]> ::error::x %0A ##[error]z [l](https://e.example) `c` @all \
                       {a=\"b\"} \\n \u{202e}\u{7}\u{fffe}\n::warning::y\r\nTLS OK | days=9";

/// Test cases of JUnit XML with what each came to; panics if it is not well-formed.
pub fn tests_of(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let mut tests: Vec<(String, String)> = Vec::new();
    let mut open = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            event @ (Event::Start(_) | Event::Empty(_)) => {
                let closed = matches!(event, Event::Empty(_));
                let (Event::Start(element) | Event::Empty(element)) = event else { unreachable!() };
                let name = element.name().as_ref().to_owned();
                let name = String::from_utf8_lossy(name.as_bytes()).into_owned();
                let attribute = |wanted: &str| {
                    let mut all = element.attributes().map(Result::unwrap);
                    let found = all.find(|attribute| attribute.key.as_ref() == wanted);
                    found.map(|attribute| {
                        attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).unwrap().into_owned()
                    })
                };
                match name.as_str() {
                    "testcase" => tests.push((attribute("name").unwrap(), "passed".into())),
                    "failure" | "error" | "skipped" => tests.last_mut().unwrap().1.clone_from(&name),
                    "testsuites" | "testsuite" | "properties" | "property" | "system-out" => {}
                    other => panic!("an element {other}"),
                }
                if !closed {
                    open.push(name);
                }
            }
            Event::End(_) => drop(open.pop().unwrap()),
            Event::Eof => break,
            Event::Decl(_) | Event::Text(_) | Event::GeneralRef(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty());
    tests
}

/// Records of CSV, the header first; panics if they are not of one length.
pub fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// A sample of OpenMetrics.
#[derive(Debug)]
pub struct Sample {
    pub name: String,
    pub labels: Vec<(String, String)>,
    pub value: f64,
}

impl Sample {
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str())
    }
}

/// The samples; panics at what is none.
pub fn samples(text: &str) -> Vec<Sample> {
    assert!(text.ends_with("# EOF\n"), "{text}");
    text.lines().filter(|line| !line.starts_with('#')).map(sample).collect()
}

fn sample(line: &str) -> Sample {
    let (name, rest) = line.split_once('{').unwrap();
    let mut labels = Vec::new();
    let mut chars = rest.chars();
    loop {
        let label: String = chars.by_ref().take_while(|c| *c != '=').collect();
        assert_eq!(chars.next(), Some('"'), "{line}");
        let mut value = String::new();
        loop {
            match chars.next().unwrap() {
                '"' => break,
                '\\' => value.push(match chars.next().unwrap() {
                    'n' => '\n',
                    c @ ('\\' | '"') => c,
                    c => panic!("\\{c} in {line}"),
                }),
                c => value.push(c),
            }
        }
        labels.push((label, value));
        match chars.next() {
            Some(',') => {}
            Some('}') => break,
            c => panic!("{c:?} in {line}"),
        }
    }
    let value = chars.as_str().trim().parse().unwrap_or_else(|_| panic!("{line}"));
    Sample { name: name.to_owned(), labels, value }
}

/// Panics if it is not well-formed XML.
pub fn well_formed(xml: &str) {
    let mut reader = Reader::from_str(xml);
    let mut open = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                assert!(element.attributes().all(|attribute| attribute.is_ok()), "{element:?}");
                open += 1;
            }
            Event::End(_) => open -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, 0);
}

/// The elements that a page is made of.
const ELEMENTS: &str = "a body button code dd details div dl dt figcaption figure footer form g h1 h2 h3 head header html \
                        input label li main meta nav noscript ol option p path rect script section select span strong \
                        style summary svg table tbody td text th thead title tr tspan ul";

/// How many elements a page has; panics at one that is not a page's, that runs or loads something, or at a script besides
/// the page's own.
pub fn elements(page: &str) -> usize {
    assert_eq!(page.matches("<script>").count(), 1);
    // Between the tags of a script there is no markup.
    let markup: String = page
        .split("<script")
        .map(|part| part.split_once("</script").map_or(part, |(_, markup)| markup))
        .collect();
    let mut count = 0;
    for tag in markup.split('<').skip(1) {
        let tag = tag.split_once('>').unwrap().0;
        let name = tag.split(' ').next().unwrap().trim_start_matches('/');
        assert!(name == "!DOCTYPE" || ELEMENTS.split(' ').any(|known| known == name), "<{tag}>");
        for (attribute, value) in tag.split(' ').filter_map(|word| word.split_once('=')) {
            let loads = ["src", "href", "action", "data", "xlink:href"].contains(&attribute);
            assert!(!attribute.starts_with("on") && (!loads || value.starts_with("\"#")), "<{tag}>");
        }
        count += usize::from(!tag.starts_with(['/', '!']));
    }
    count
}

/// How many statements a diagram of Mermaid has; panics at one that is none, or whose text could end it.
pub fn statements(diagram: &str) -> usize {
    let mut lines = diagram.lines();
    let kind = lines.next().unwrap();
    assert!(kind == "sequenceDiagram" || kind == "flowchart TD", "{diagram}");
    let mut count = 0;
    for line in lines {
        let statement = line.trim_start();
        let text = match kind {
            "sequenceDiagram" => {
                let known = ["participant ", "Note over ", "rect rgba(", "c", "p", "s"];
                assert!(
                    statement == "end" || known.iter().any(|start| statement.starts_with(start)),
                    "{line}"
                );
                statement.split_once([':', ' ']).map_or("", |(_, text)| text)
            }
            _ if statement.contains('"') => {
                let parts: Vec<&str> = statement.split('"').collect();
                assert_eq!(parts.len(), 3, "{line}");
                parts[1]
            }
            _ => {
                let known = ["classDef ", "linkStyle ", "subgraph ", "end", "b", "u"];
                assert!(known.iter().any(|start| statement.starts_with(start)), "{line}");
                ""
            }
        };
        // Entities and breaks aside there is nothing of Mermaid's or HTML's.
        let mut rest = text.replace("<br/>", "");
        while let Some((before, entity)) = rest.split_once('#') {
            let (number, behind) = entity.split_once(';').unwrap_or_else(|| panic!("{line}"));
            assert!(number.bytes().all(|b| b.is_ascii_digit()), "{line}");
            rest = format!("{before}{behind}");
        }
        assert!(!rest.contains(['<', '>', ';', '%', '`', '$', '{', '}', '[', ']', '|', '\\', '"']), "{line}");
        count += 1;
    }
    count
}

/// Nothing of it is taken for anything but text.
fn assert_harmless(format: &str, shown: &Run) {
    let out = &shown.out;
    let bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{fffe}');
    assert!(!out.contains(bad), "{format}: {out:?}");
    match format {
        "junit" => assert!(!tests_of(out).is_empty()),
        "csv" => {
            let rows = cells(out);
            assert!(rows.len() > 1);
            let formula = |cell: &String| cell.starts_with(['=', '+', '@']);
            assert!(!rows.iter().flatten().any(formula), "{rows:?}");
        }
        "openmetrics" => assert!(!samples(out).is_empty()),
        "github" => {
            for line in out.lines() {
                let commands = ["::error title=", "::warning title=", "::notice title="];
                assert!(commands.iter().any(|command| line.starts_with(command)), "{line}");
                let (properties, _) = line[2..].split_once("::").unwrap();
                assert!(!properties.contains(','), "{line}");
            }
        }
        "nagios" => {
            assert_eq!((out.lines().count(), out.matches('|').count()), (1, 1), "{out}");
            assert!(!out.contains(['`', '$', '"']), "{out}");
        }
        "mermaid" => drop(statements(out)),
        "mermaid-flow" => drop(statements(out)),
        "markdown" => {
            // In the diagram's block texts are those of Mermaid.
            let (text, block) = out.split_once("```mermaid\n").unwrap_or((out, ""));
            let out = match block.split_once("```\n") {
                Some((diagram, rest)) => {
                    statements(diagram);
                    &format!("{text}{rest}")
                }
                None => text,
            };
            for markup in ["<b>", "](http", "@all", "`", "https://"] {
                assert!(!out.contains(markup), "{markup} in {out}");
            }
        }
        "html" => {
            assert!(elements(out) > 30);
            // None of its own markup came through, neither as a tag nor in a block of data.
            for markup in ["<b>", "</failure>", "<!--"] {
                assert!(!out.contains(markup), "{markup} in {out}");
            }
        }
        "svg" => well_formed(out),
        "json" | "jsonl" | "sarif" | "cyclonedx" => drop(serde_json::from_str::<Value>(out).unwrap()),
        _ => {}
    }
}

#[test]
fn a_certificate_that_is_meant_to_break_out_stays_text() {
    let directory = scratch();
    let mut parameters = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    for kind in [DnType::CommonName, DnType::OrganizationName] {
        parameters.distinguished_name.push(kind, HOSTILE);
    }
    let key = KeyPair::generate().unwrap();
    let chain = file(&directory, "chain.pem");
    fs::write(&chain, parameters.self_signed(&key).unwrap().pem()).unwrap();
    for format in FORMATS {
        let shown = run(["cert", text(&chain), "--trust", "none", "--exit", "own", "--format", format.name]);
        assert_eq!(shown.code, 1, "{shown:?}");
        assert_harmless(format.name, &shown);
    }
}

#[test]
fn a_banner_that_is_meant_to_break_out_stays_text() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(|mut stream| stream.write_all(format!("{HOSTILE}\r\n").as_bytes()));
        }
    });
    for format in FORMATS {
        let shown = run([target.as_str(), "--exit", "own", "--format", format.name]);
        assert_eq!(shown.code, 4, "{shown:?}");
        assert_harmless(format.name, &shown);
    }
}

/// What a saved trace calls its target is somebody else's text too.
#[test]
fn a_target_that_is_meant_to_break_out_stays_text() {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    assert_eq!(run(["demo", "-qq", "--save", text(&saved)]).code, 0);
    let mut session: Value = serde_json::from_str(&fs::read_to_string(&saved).unwrap()).unwrap();
    let intent = &mut session["session"]["captures"][0]["intent"];
    for name in ["host", "sni", "input"] {
        assert!(intent[name].is_string(), "{intent:#}");
        intent[name] = HOSTILE.into();
    }
    fs::write(&saved, session.to_string()).unwrap();
    for format in FORMATS {
        let shown = run(["read", text(&saved), "--exit", "own", "--format", format.name]);
        assert_harmless(format.name, &shown);
    }
}
