//! Lists that are made while they are written: one element is in memory at a time.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

type Elements<'a, T> = Box<dyn Iterator<Item = T> + 'a>;

/// A list whose elements are made when they are asked for.
pub(super) struct List<'a, T>(Box<dyn Fn() -> Elements<'a, T> + 'a>);

impl<'a, T: 'a> List<'a, T> {
    /// What `make` makes of each source and its index.
    pub(super) fn of<S>(sources: &'a [S], make: impl Fn(usize, &'a S) -> T + Copy + 'a) -> Self {
        List::new(move || sources.iter().enumerate().map(move |(index, source)| make(index, source)))
    }

    /// What an iterator gives.
    pub(super) fn new<I: Iterator<Item = T> + 'a>(elements: impl Fn() -> I + 'a) -> Self {
        List(Box::new(move || Box::new(elements())))
    }
}

impl<T: Serialize> Serialize for List<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

impl<T: JsonSchema> JsonSchema for List<'_, T> {
    fn schema_name() -> Cow<'static, str> {
        Vec::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<T>::json_schema(generator)
    }

    fn inline_schema() -> bool {
        true
    }
}
