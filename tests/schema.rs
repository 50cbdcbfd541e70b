//! The JSON Schema in docs/ is the one that the program prints.

use std::path::Path;

#[test]
fn the_schema_in_docs_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema.json");
    let schema = tls_trace::render::json::schema();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&file, &schema).unwrap();
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        there == schema,
        "docs/schema.json is not what `tls-trace schema` prints; if the change is meant: \
         UPDATE_GOLDENS=1 cargo test --test schema"
    );
}

#[test]
fn the_schema_is_a_schema() {
    let schema: serde_json::Value = serde_json::from_str(&tls_trace::render::json::schema()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap();
}
