//! What is known of a connection, by the names of JSON's `facts`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::finding::Case;
use crate::judged::{Facts, Judged};

/// Texts by field. A field that is there without any is an empty list; one that is not known is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, Vec<String>>);

impl Values {
    /// Fields that need the chain to be verified.
    pub const VERIFIED: &[&str] = &["days", "verified", "outcome", "finding"];

    /// Of a connection; nothing in it was verified.
    pub fn seen(case: &Case<'_>) -> Values {
        let mut values = Values::of_facts(case);
        for field in Values::VERIFIED {
            values.0.remove(*field);
        }
        values
    }

    /// Of a connection that was judged.
    pub fn judged(case: &Case<'_>, judged: &Judged) -> Values {
        let mut values = Values::of_facts(case);
        values.set("outcome", [judged.verdict.outcome.name()]);
        let failure = judged.verdict.id.as_deref();
        values.set("finding", judged.findings.iter().map(|finding| &*finding.id).chain(failure));
        values
    }

    /// The fields that there are.
    pub fn fields() -> Vec<String> {
        let facts = serde_json::to_value(Facts::default()).unwrap_or_default();
        let mut fields: Vec<String> =
            facts.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        fields.extend(["host", "port", "sni", "stream", "outcome", "finding"].map(str::to_owned));
        fields
    }

    fn of_facts(case: &Case<'_>) -> Values {
        let mut values = Values::default();
        let intent = &case.capture.intent;
        values.set("host", [intent.host.as_str()]);
        values.set("port", [intent.port.to_string()]);
        values.set("sni", intent.sni.as_deref());
        if let Some(stream) = intent.stream {
            values.set("stream", [stream.to_string()]);
        }
        let facts = serde_json::to_value(Facts::of(case)).unwrap_or_default();
        for (name, value) in facts.as_object().into_iter().flatten() {
            match value {
                Value::Null => {}
                Value::Bool(is) => values.set(name, [if *is { "yes" } else { "no" }]),
                Value::String(text) => values.set(name, [text]),
                Value::Array(list) => {
                    values.set(
                        name,
                        list.iter().map(|item| item.as_str().map_or(item.to_string(), str::to_owned)),
                    );
                }
                other => values.set(name, [other.to_string()]),
            }
        }
        values
    }

    /// Sets what is known of a field.
    pub fn set<T: ToString>(&mut self, field: &str, texts: impl IntoIterator<Item = T>) {
        self.0.insert(field.to_owned(), texts.into_iter().map(|text| text.to_string()).collect());
    }

    /// What is known of a field.
    pub fn of(&self, field: &str) -> Option<&[String]> {
        self.0.get(field).map(Vec::as_slice)
    }
}
