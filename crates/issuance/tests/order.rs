//! Reading and writing order folders.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;

use common::{at, record};
use negin_issuance::order::{self, Order};
use negin_issuance::record::Record;
use negin_issuance::record::national_number::NationalNumber;
use negin_issuance::schema;
use serde_json::{Value, json};

fn write(path: impl AsRef<Path>, document: &Value) {
    fs::create_dir_all(path.as_ref().parent().unwrap()).unwrap();
    fs::write(path, document.to_string()).unwrap();
}

fn records(count: u32) -> Vec<Record> {
    (1..=count)
        .map(|index| {
            let mut document = record();
            let number = NationalNumber::from_body(49_937_000 + index).unwrap();
            *at(&mut document, "/national_number") = json!(number.as_str());
            Record::from_json(document.to_string().as_bytes(), "x")
                .record
                .unwrap()
        })
        .collect()
}

fn keys(order: &Order) -> Vec<String> {
    order
        .findings
        .iter()
        .chain(order.entries.iter().flat_map(|entry| &entry.findings))
        .map(|finding| {
            format!(
                "{} {} {}",
                finding.file,
                finding.path.as_deref().unwrap_or("-"),
                finding.key()
            )
        })
        .collect()
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let records = records(3);
    order::write(folder.path(), "1403-0001", "tehran-7", &records).unwrap();
    let order = Order::read(folder.path());
    assert_eq!(keys(&order), Vec::<String>::new());
    assert_eq!(
        (order.id.as_str(), order.centre.as_str()),
        ("1403-0001", "tehran-7")
    );
    let read: Vec<Record> = order.records().map(|(_, record)| record.clone()).collect();
    assert_eq!(read, records);
    let entry = &order.entries[0];
    let number = records[0].national_number.as_str();
    assert_eq!(
        entry.path(&records[0].photo),
        folder.path().join(number).join("photo.jpg")
    );
    assert_eq!(
        entry.file_name(&records[0].photo),
        format!("{number}/photo.jpg")
    );
}

#[test]
fn the_published_schema_fits_what_is_written_and_the_example() {
    let folder = tempfile::tempdir().unwrap();
    order::write(folder.path(), "a", "b", &records(1)).unwrap();
    let written: Value =
        serde_json::from_slice(&fs::read(folder.path().join("order.json")).unwrap()).unwrap();
    let of_record: Value = serde_json::from_str(schema::RECORD).unwrap();
    let registry = jsonschema::Registry::new()
        .add("urn:negin:schema:record:1", of_record)
        .unwrap()
        .prepare()
        .unwrap();
    let of_order: Value = serde_json::from_str(schema::ORDER).unwrap();
    let validator = jsonschema::options()
        .with_registry(&registry)
        .build(&of_order)
        .unwrap();
    assert!(validator.is_valid(&written));
    let mut in_place = written.clone();
    *at(&mut in_place, "/records/0") = record();
    assert!(validator.is_valid(&in_place));
    for (pointer, value) in [
        ("/order", json!("a b")),
        ("/centre", json!("")),
        ("/records", json!([])),
        ("/records/0", json!("../x")),
        ("/records/0", json!({})),
        ("/version", json!(0)),
    ] {
        let mut document = written.clone();
        *at(&mut document, pointer) = value.clone();
        assert!(!validator.is_valid(&document), "{pointer} {value}");
        write(folder.path().join("order.json"), &document);
        assert!(
            !keys(&Order::read(folder.path())).is_empty(),
            "{pointer} {value}"
        );
    }
}

#[test]
fn a_record_may_stand_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = record();
    *at(&mut wrong, "/sex") = json!("x");
    write(
        folder.path().join("order.json"),
        &json!({"version": 1, "order": "o", "centre": "c", "records": [record(), wrong]}),
    );
    let order = Order::read(folder.path());
    assert_eq!(keys(&order), ["order.json#2 $.sex json.word-unknown"]);
    let entry = &order.entries[0];
    let first = entry.record.as_ref().unwrap();
    assert_eq!(entry.path(&first.photo), folder.path().join("photo.jpg"));
    assert_eq!(entry.file_name(&first.photo), "photo.jpg");
}

#[test]
fn nothing_is_lost_and_every_fault_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path.join("good/record.json"), &record());
    let mut wrong = record();
    *at(&mut wrong, "/postal_code") = json!("0");
    write(path.join("wrong/record.json"), &wrong);
    write(path.join("forgotten/record.json"), &record());
    fs::create_dir(path.join("not-a-citizen")).unwrap();
    write(
        path.join("order.json"),
        &json!({
            "version": 1,
            "order": "سفارش",
            "centre": "c",
            "records": [
                "good/record.json",
                "wrong/record.json",
                "absent/record.json",
                "good/record.json",
                "../elsewhere/record.json",
                7,
            ],
            "spare": true,
        }),
    );
    let order = Order::read(path);
    assert_eq!(
        keys(&order),
        [
            "order.json $ json.field-unknown",
            "order.json $.order order.identifier",
            "order.json $.records[3] order.record-listed-twice",
            "order.json $.records[4] record.file-name",
            "order.json $.records[5] json.type",
            "order.json - order.record-unlisted",
            "wrong/record.json $.postal_code record.postal-code-length",
            "absent/record.json - file.unreadable",
        ]
    );
    let readable: Vec<bool> = order.entries.iter().map(|e| e.record.is_some()).collect();
    assert_eq!(readable, [true, false, false]);
}

#[test]
fn a_folder_without_an_order_is_told() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        keys(&Order::read(folder.path())),
        ["order.json - file.unreadable"]
    );
    fs::write(folder.path().join("order.json"), "{").unwrap();
    assert_eq!(
        keys(&Order::read(folder.path())),
        ["order.json - json.syntax"]
    );
}
