//! JSON read so that every fault is found, each with its path.
//!
//! The rule: a document is walked by [`Node`]s. A node reports what is wrong with itself into one
//! list of findings and gives nothing; the walk goes on with the rest.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::fault::Fault;
use crate::finding::Finding;

/// The findings of one file, as they come in.
#[derive(Debug)]
pub(crate) struct Sink {
    file: String,
    findings: RefCell<Vec<Finding>>,
}

impl Sink {
    pub(crate) fn new(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            findings: RefCell::default(),
        }
    }

    pub(crate) fn of_file(&self, fault: Fault) {
        self.findings
            .borrow_mut()
            .push(Finding::of_file(fault, self.file.clone()));
    }

    fn at(&self, fault: Fault, path: &str) {
        self.findings
            .borrow_mut()
            .push(Finding::at(fault, self.file.clone(), path));
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    /// Parses a document of UTF-8 bytes; see [`Sink::parse`].
    pub(crate) fn parse_bytes(&self, bytes: &[u8]) -> Option<Value> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.parse(text),
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let line_start = before
                    .iter()
                    .rposition(|b| *b == b'\n')
                    .map_or(0, |at| at + 1);
                self.of_file(Fault::JsonSyntax {
                    line: before.iter().filter(|b| **b == b'\n').count() + 1,
                    column: before.len() - line_start + 1,
                    detail: "not UTF-8".to_owned(),
                });
                None
            }
        }
    }

    /// Parses a document; fields named twice are reported and the last one kept.
    pub(crate) fn parse(&self, text: &str) -> Option<Value> {
        // A byte order mark is no JSON, yet editors write it.
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let seed = Seed {
            sink: self,
            path: "$".to_owned(),
        };
        let parsed = seed
            .deserialize(&mut deserializer)
            .and_then(|value| deserializer.end().map(|()| value));
        parsed
            .map_err(|error| {
                self.of_file(Fault::JsonSyntax {
                    line: error.line(),
                    column: error.column(),
                    detail: error.to_string(),
                });
            })
            .ok()
    }
}

/// One value of a document, with its path.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    sink: &'a Sink,
    value: &'a Value,
    path: String,
}

impl<'a> Node<'a> {
    pub(crate) fn root(sink: &'a Sink, value: &'a Value) -> Self {
        Self {
            sink,
            value,
            path: "$".to_owned(),
        }
    }

    pub(crate) fn value(&self) -> &'a Value {
        self.value
    }

    pub(crate) fn report(&self, fault: Fault) {
        self.sink.at(fault, &self.path);
    }

    fn wrong_type<T>(&self, expected: &'static str) -> Option<T> {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.report(Fault::JsonType { expected, found });
        None
    }

    /// The object here; fields beyond `known` are reported.
    pub(crate) fn object(&self, known: &'static [&'static str]) -> Option<Fields<'a>> {
        let Value::Object(map) = self.value else {
            return self.wrong_type("an object");
        };
        for field in map.keys().filter(|field| !known.contains(&field.as_str())) {
            self.report(Fault::JsonFieldUnknown {
                field: field.clone(),
                known: known.join(", "),
            });
        }
        Some(Fields {
            node: self.clone(),
            map,
        })
    }

    /// The items of the list here.
    pub(crate) fn list(&self) -> Option<Vec<Node<'a>>> {
        let Value::Array(items) = self.value else {
            return self.wrong_type("a list");
        };
        Some(
            items
                .iter()
                .enumerate()
                .map(|(index, value)| Node {
                    sink: self.sink,
                    value,
                    path: format!("{}[{index}]", self.path),
                })
                .collect(),
        )
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        match self.value {
            Value::String(text) => Some(text),
            _ => self.wrong_type("a text"),
        }
    }

    pub(crate) fn number(&self) -> Option<&'a Number> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => self.wrong_type("a number"),
        }
    }

    /// The text here, read by `read`; its fault is reported.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        let text = self.text()?;
        read(text).map_err(|fault| self.report(fault)).ok()
    }

    /// The word here, one of those in `words`.
    pub(crate) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        self.read(|text| {
            words
                .iter()
                .find(|(word, _)| *word == text)
                .map(|(_, value)| *value)
                .ok_or_else(|| Fault::JsonWordUnknown {
                    found: text.to_owned(),
                    known: words
                        .iter()
                        .map(|(word, _)| *word)
                        .collect::<Vec<_>>()
                        .join(", "),
                })
        })
    }
}

/// The fields of an object.
pub(crate) struct Fields<'a> {
    node: Node<'a>,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// A field that may be missing.
    pub(crate) fn optional(&self, field: &str) -> Option<Node<'a>> {
        self.map.get(field).map(|value| Node {
            sink: self.node.sink,
            value,
            path: format!("{}.{field}", self.node.path),
        })
    }

    /// A field that must be there; reported where it is not.
    pub(crate) fn required(&self, field: &str) -> Option<Node<'a>> {
        let node = self.optional(field);
        if node.is_none() {
            self.node.report(Fault::JsonFieldMissing {
                field: field.to_owned(),
            });
        }
        node
    }

    /// The format's version, which must be `known`.
    pub(crate) fn version(&self, known: u64) -> Option<()> {
        let node = self.required("version")?;
        let found = node.number()?;
        if found.as_u64() == Some(known) {
            return Some(());
        }
        node.report(Fault::JsonVersion {
            found: found.to_string(),
            known,
        });
        None
    }
}

/// Builds a [`Value`], reporting fields that one object names twice: serde_json keeps the last one
/// without a word.
struct Seed<'s> {
    sink: &'s Sink,
    path: String,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let seed = Seed {
                sink: self.sink,
                path: format!("{}[{}]", self.path, list.len()),
            };
            match items.next_element_seed(seed)? {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(field) = fields.next_key::<String>()? {
            let value = fields.next_value_seed(Seed {
                sink: self.sink,
                path: format!("{}.{field}", self.path),
            })?;
            if map.insert(field.clone(), value).is_some() {
                self.sink.at(Fault::JsonFieldRepeated { field }, &self.path);
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(sink: Sink) -> Vec<String> {
        sink.into_findings()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn faults_carry_their_path_and_do_not_stop_the_walk() {
        let sink = Sink::new("f.json");
        let value = sink
            .parse(r#"{"a": [{"b": 1, "b": 2}, {"c": null}], "d": "x"}"#)
            .unwrap();
        let root = Node::root(&sink, &value).object(&["a", "e"]).unwrap();
        for item in root.required("a").unwrap().list().unwrap() {
            let fields = item.object(&["b"]).unwrap();
            if let Some(b) = fields.required("b") {
                assert!(b.text().is_none());
            }
        }
        assert!(root.required("e").is_none());
        assert_eq!(
            faults(sink),
            [
                "f.json $.a[0]: json.field-repeated (field: b)",
                "f.json $: json.field-unknown (field: d, known: a, e)",
                "f.json $.a[0].b: json.type (expected: a text, found: a number)",
                "f.json $.a[1]: json.field-unknown (field: c, known: b)",
                "f.json $.a[1]: json.field-missing (field: b)",
                "f.json $: json.field-missing (field: e)",
            ]
        );
    }

    #[test]
    fn bad_syntax_tells_line_and_column() {
        let sink = Sink::new("f.json");
        assert!(sink.parse("{\n  \"a\": 1,\n}").is_none());
        let findings = sink.into_findings();
        assert!(
            matches!(
                findings[0].fault,
                Fault::JsonSyntax {
                    line: 3,
                    column: 1,
                    ..
                }
            ),
            "{findings:?}"
        );
        let sink = Sink::new("f.json");
        assert!(sink.parse("{} {}").is_none());
        assert!(sink.parse("").is_none());
    }

    #[test]
    fn deep_nesting_is_refused_not_overflowed() {
        let sink = Sink::new("f.json");
        assert!(sink.parse(&"[".repeat(100_000)).is_none());
    }
}
