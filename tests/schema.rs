//! Each JSON Schema in docs/ is the one that the program prints.

use std::path::Path;

fn schemas() -> [(&'static str, String); 3] {
    use tls_trace::render::json;
    [
        ("schema.json", json::schema()),
        ("diff.schema.json", json::diff::schema()),
        ("watch.schema.json", json::watch::schema()),
    ]
}

#[test]
fn the_schemas_in_docs_are_current() {
    for (name, schema) in schemas() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(&file, &schema).unwrap();
        }
        let there = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            there == schema,
            "docs/{name} is not what `tls-trace schema` prints; if the change is meant: \
             UPDATE_GOLDENS=1 cargo test --test schema"
        );
    }
}

#[test]
fn the_schema_is_a_schema() {
    for (_, schema) in schemas() {
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        jsonschema::meta::validate(&schema).unwrap();
        jsonschema::validator_for(&schema).unwrap();
    }
}
