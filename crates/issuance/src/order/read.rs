//! Reading an order folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::{Entry, FILE, IDENTIFIER_MAX, Order, RECORD_FILE, VERSION};
use crate::fault::Fault;
use crate::finding::Finding;
use crate::json::{Fields, Node, Sink};
use crate::record::Record;
use crate::record::file_name::FileName;

pub(super) fn read(folder: &Path) -> Order {
    let mut order = Order {
        folder: folder.to_owned(),
        id: String::new(),
        centre: String::new(),
        entries: Vec::new(),
        findings: Vec::new(),
    };
    let sink = Sink::new(FILE);
    let mut listed = BTreeMap::new();
    match crate::file::read(&folder.join(FILE)) {
        Ok(bytes) => {
            if let Some(value) = sink.parse_bytes(&bytes) {
                listed = document(&Node::root(&sink, &value), &mut order);
            }
        }
        Err(error) => sink.of_file(Fault::unreadable(&error)),
    }
    order.findings = sink.into_findings();
    let listed: BTreeSet<&str> = listed.keys().map(String::as_str).collect();
    order.findings.extend(unlisted(folder, &listed));
    order
}

/// Reads the document into `order`; gives the record files it lists, each with its first place.
fn document(root: &Node<'_>, order: &mut Order) -> BTreeMap<String, usize> {
    let mut listed = BTreeMap::new();
    let Some(fields) = root.object(&["version", "order", "centre", "records"]) else {
        return listed;
    };
    let version = fields.version(VERSION);
    order.id = identifier(&fields, "order");
    order.centre = identifier(&fields, "centre");
    let items = fields.required("records").and_then(|node| {
        let items = node.list()?;
        if items.is_empty() {
            node.report(Fault::OrderEmpty {});
        }
        Some(items)
    });
    // Records of an unknown version of the order may be meant otherwise.
    if version.is_none() {
        return listed;
    }
    for (index, item) in items.unwrap_or_default().iter().enumerate() {
        order
            .entries
            .extend(entry(item, index + 1, &order.folder, &mut listed));
    }
    listed
}

fn entry(
    item: &Node<'_>,
    place: usize,
    folder: &Path,
    listed: &mut BTreeMap<String, usize>,
) -> Option<Entry> {
    if matches!(item.value(), Value::Object(_)) {
        return Some(in_place(item, place, folder));
    }
    let file = item.read(FileName::parse)?;
    if let Some(first) = listed.get(file.as_str()) {
        item.report(Fault::RecordListedTwice {
            record: file.to_string(),
            first: *first,
        });
        return None;
    }
    listed.insert(file.to_string(), place);
    let reading = Record::from_file(file.read(folder), file.as_str());
    let path = file.within(folder);
    Some(Entry {
        name: file.to_string(),
        folder: path.parent().unwrap_or(folder).to_owned(),
        record: reading.record,
        findings: reading.findings,
    })
}

fn in_place(item: &Node<'_>, place: usize, folder: &Path) -> Entry {
    let name = format!("{FILE}#{place}");
    let sink = Sink::new(&name);
    let record = Record::from_node(&Node::root(&sink, item.value()));
    let findings = sink.into_findings();
    Entry {
        name,
        folder: folder.to_owned(),
        record: record.filter(|_| findings.is_empty()),
        findings,
    }
}

fn identifier(fields: &Fields<'_>, field: &str) -> String {
    let read = fields.required(field).and_then(|node| {
        node.read(|text| {
            let allowed = text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
            if text.is_empty() || text.len() > IDENTIFIER_MAX || !allowed {
                return Err(Fault::OrderIdentifier {
                    found: text.chars().take(IDENTIFIER_MAX).collect(),
                    max: IDENTIFIER_MAX,
                });
            }
            Ok(text.to_owned())
        })
    });
    read.unwrap_or_default()
}

/// A finding for each citizen's folder whose record the list does not name.
fn unlisted(folder: &Path, listed: &BTreeSet<&str>) -> Vec<Finding> {
    let Ok(children) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut forgotten: Vec<String> = children
        .filter_map(Result::ok)
        .filter(|child| child.path().join(RECORD_FILE).is_file())
        .map(|child| format!("{}/{RECORD_FILE}", child.file_name().to_string_lossy()))
        .filter(|file| !listed.contains(file.as_str()))
        .collect();
    forgotten.sort();
    forgotten
        .into_iter()
        .map(|record| Finding::of_file(Fault::RecordUnlisted { record }, FILE))
        .collect()
}
