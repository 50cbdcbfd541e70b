//! The promise of docs/json.md: what is in `tls-trace/1` stays there under its name and with its type, and an id keeps its
//! meaning. tests/compatibility/ has what was promised; `UPDATE_GOLDENS=1` adds what is new, and takes nothing out.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tls_trace::finding::explain;
use tls_trace::render::json;

/// Holds `there` against a file of lines `name: meaning`.
fn promised(file: &str, there: &BTreeMap<String, String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compatibility").join(file);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut golden: BTreeMap<String, String> = text
        .lines()
        .filter_map(|line| line.split_once(": ").map(|(name, meaning)| (name.to_owned(), meaning.to_owned())))
        .collect();
    let broken = broken(&golden, there);
    assert!(
        broken.is_empty(),
        "tls-trace/1 is a promise, and {file} says what was promised:\n{}",
        broken.join("\n")
    );
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        golden.extend(there.clone());
        let lines: Vec<_> = golden.iter().map(|(name, meaning)| format!("{name}: {meaning}\n")).collect();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, lines.concat()).unwrap();
    }
    let new: Vec<_> = there.keys().filter(|name| !golden.contains_key(*name)).collect();
    assert!(new.is_empty(), "{new:?} will be promised: UPDATE_GOLDENS=1 cargo test --test compatibility");
}

/// What of a promise is not kept.
fn broken(golden: &BTreeMap<String, String>, there: &BTreeMap<String, String>) -> Vec<String> {
    let line = |(name, was): (&String, &String)| match there.get(name) {
        None => Some(format!("{name} ({was}) is gone")),
        Some(is) if is != was => Some(format!("{name} was {was} and is {is}")),
        Some(_) => None,
    };
    golden.iter().filter_map(line).collect()
}

/// Each field by its path, with its types, as a schema has it.
fn fields(schema: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    walk(schema, schema, "", &mut Vec::new(), &mut found);
    found
}

fn walk<'a>(
    root: &'a Value,
    node: &'a Value,
    path: &str,
    within: &mut Vec<&'a str>,
    found: &mut BTreeMap<String, String>,
) {
    let reference = node["$ref"].as_str();
    if let Some(name) = reference {
        let name = name.strip_prefix("#/$defs/").unwrap();
        // A tree of fields has fields in it.
        if within.contains(&name) {
            return;
        }
        within.push(name);
        walk(root, &root["$defs"][name], path, within, found);
        within.pop();
    }
    for one_of in ["anyOf", "oneOf", "allOf"] {
        for choice in node[one_of].as_array().into_iter().flatten() {
            walk(root, choice, path, within, found);
        }
    }
    if let Some(items) = node.get("items") {
        walk(root, items, &format!("{path}[]"), within, found);
    }
    for (name, property) in node["properties"].as_object().into_iter().flatten() {
        let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let mut types = types(root, property);
        types.sort();
        types.dedup();
        found.insert(inner.clone(), types.join(", "));
        walk(root, property, &inner, within, found);
    }
}

/// The JSON types that a value may have; the values, of an enumeration.
fn types(root: &Value, node: &Value) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(name) = node["$ref"].as_str() {
        all.extend(types(root, &root["$defs"][name.strip_prefix("#/$defs/").unwrap()]));
    }
    for one_of in ["anyOf", "oneOf", "allOf"] {
        all.extend(node[one_of].as_array().into_iter().flatten().flat_map(|choice| types(root, choice)));
    }
    match &node["type"] {
        Value::String(name) => all.push(name.clone()),
        Value::Array(names) => all.extend(names.iter().map(|name| name.as_str().unwrap().to_owned())),
        _ => {}
    }
    all
}

#[test]
fn fields_stay_with_their_types() {
    for (file, schema) in [
        ("tls-trace-1.txt", json::schema()),
        ("diff.txt", json::diff::schema()),
        ("watch.txt", json::watch::schema()),
    ] {
        let there = fields(&serde_json::from_str(&schema).unwrap());
        assert!(there.len() > 5, "{file}: {there:?}");
        promised(file, &there);
    }
}

#[test]
fn ids_keep_their_meaning() {
    let groups = ["verdicts", "weaknesses", "certificate rules", "policies", "what --diagnose finds"];
    let topics = explain::topics().iter().filter(|topic| groups.contains(&topic.group));
    let there: BTreeMap<_, _> =
        topics.map(|topic| (topic.id.clone(), format!("{}: {}", topic.group, topic.title))).collect();
    assert!(there.len() > 100, "{}", there.len());
    promised("ids.txt", &there);
}

#[test]
fn a_field_that_is_gone_or_of_another_type_is_seen() {
    let of = |schema: &str| fields(&serde_json::from_str(schema).unwrap());
    let golden = of(r##"{"properties": {"a": {"$ref": "#/$defs/A"}, "b": {"type": "string"}},
                         "$defs": {"A": {"type": "object", "properties": {"c": {"type": ["integer", "null"]}}}}}"##);
    assert_eq!(golden.keys().collect::<Vec<_>>(), ["a", "a.c", "b"]);
    assert_eq!(broken(&golden, &golden), [""; 0]);
    let changed =
        of(r#"{"properties": {"a": {"type": "object", "properties": {"c": {"type": "string"}}}, "d": {}}}"#);
    assert_eq!(broken(&golden, &changed), ["a.c was integer, null and is string", "b (string) is gone"]);
}
