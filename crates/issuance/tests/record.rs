//! Reading records, and the published schema against what is really read.

#![allow(clippy::unwrap_used)]

mod common;

use common::{at, record, remove};
use negin_issuance::finding::Fault;
use negin_issuance::record::calendar::Calendar;
use negin_issuance::record::{Reading, Record};
use negin_issuance::schema;
use serde_json::{Value, json};

fn read(document: &Value) -> Reading {
    Record::from_json(document.to_string().as_bytes(), "record.json")
}

fn faults(document: &Value) -> Vec<String> {
    let reading = read(document);
    assert_eq!(reading.record.is_none(), !reading.findings.is_empty());
    reading
        .findings
        .iter()
        .map(|finding| {
            format!(
                "{} {}",
                finding.path.as_deref().unwrap_or("-"),
                finding.key()
            )
        })
        .collect()
}

/// The document that a record is written as.
fn written(record: &Record) -> Value {
    serde_json::from_str(&record.to_json().unwrap()).unwrap()
}

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(schema::RECORD).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn a_canonical_record_comes_back_as_it_was() {
    let document = record();
    let read = read(&document).record.unwrap();
    assert_eq!(written(&read), document);
    let again = Record::from_json(read.to_json().unwrap().as_bytes(), "again");
    assert_eq!(again.record, Some(read));
}

#[test]
fn a_record_as_written_becomes_canonical() {
    let mut document = record();
    *at(&mut document, "/national_number") = json!("۰۴۹۹۳۷۰۸۹۹");
    *at(&mut document, "/name/persian/family") = json!(" كاظمي ");
    *at(&mut document, "/name/latin/given") = json!("Alireza");
    *at(&mut document, "/birth/date") = json!({"calendar": "persian", "date": "۱۳۶۳/۰۴/۱۱"});
    *at(&mut document, "/issue_date") = json!("hijri:1445-09-10");
    *at(&mut document, "/birth_certificate/serial") = json!("٣٤٥٦٧٨");
    *at(&mut document, "/postal_code") = json!("۱۹۶۹۸۳۳۳۱۵");
    remove(&mut document, "/fingers/0", "dpi");
    assert!(validator().is_valid(&document));
    let read = read(&document).record.unwrap();
    assert_eq!(written(&read), record());
    assert_eq!(read.birth.date.numeric(Calendar::Persian), "1363-04-11");
}

#[test]
fn optional_fields_may_be_missing() {
    let mut document = record();
    remove(&mut document, "/name", "latin");
    remove(&mut document, "/father_name", "latin");
    remove(&mut document, "/birth/place", "latin");
    remove(&mut document, "", "expiry_date");
    remove(&mut document, "", "missing_fingers");
    assert!(validator().is_valid(&document));
    let read = read(&document).record.unwrap();
    assert_eq!(written(&read), document);
    assert_eq!(read.latin_name().family, "XKKAXZZMXYA");
}

#[test]
fn every_fault_is_found_at_once() {
    let mut document = record();
    *at(&mut document, "/version") = json!(2);
    *at(&mut document, "/national_number") = json!("0499370898");
    *at(&mut document, "/name/persian/given") = json!("Ali");
    remove(&mut document, "/name/persian", "family");
    *at(&mut document, "/father_name") = json!("محمد");
    *at(&mut document, "/birth/date") = json!("1403-01-01");
    *at(&mut document, "/sex") = json!("m");
    *at(&mut document, "/postal_code") = json!(1_969_833_315);
    *at(&mut document, "/photo") = json!("../photo.jpg");
    *at(&mut document, "/fingers/0/images") = json!([]);
    *at(&mut document, "/fingers/1/position") = json!(2);
    *at(&mut document, "/missing_fingers/0/position") = json!(11);
    document["spare"] = json!(null);
    let mut found = faults(&document);
    found.sort();
    assert_eq!(
        found,
        [
            "$ json.field-unknown",
            "$.birth.date record.date-ambiguous",
            "$.father_name json.type",
            "$.fingers[0].images record.finger-without-image",
            "$.fingers[1].position record.finger-repeated",
            "$.missing_fingers[0].position record.finger-position",
            "$.name.persian json.field-missing",
            "$.name.persian.given record.persian-character",
            "$.national_number record.national-number-check-digit",
            "$.photo record.file-name",
            "$.postal_code json.type",
            "$.sex json.word-unknown",
            "$.version json.version",
        ]
    );
}

#[test]
fn a_field_named_twice_is_refused() {
    let text = record().to_string();
    let twice = text.replacen('{', r#"{"sex":"female","#, 1);
    let reading = Record::from_json(twice.as_bytes(), "record.json");
    assert_eq!(reading.record, None);
    assert_eq!(
        reading.findings[0].fault,
        Fault::JsonFieldRepeated {
            field: "sex".into()
        }
    );
}

#[test]
fn what_is_no_json_or_no_file_is_told() {
    let reading = Record::from_json(b"{\"version\": 1,\n  \xFF}", "record.json");
    assert!(
        matches!(
            reading.findings[0].fault,
            Fault::JsonSyntax {
                line: 2,
                column: 3,
                ..
            }
        ),
        "{:?}",
        reading.findings
    );
    let folder = tempfile::tempdir().unwrap();
    let reading = Record::read(&folder.path().join("record.json"), "x/record.json");
    assert_eq!(reading.findings[0].key(), "file.unreadable");
    assert_eq!(reading.findings[0].file, "x/record.json");
}

#[test]
fn debug_shows_no_name() {
    let read = read(&record()).record.unwrap();
    assert_eq!(format!("{read:?}"), "Record(NationalNumber(04******99))");
}

/// What the schema refuses, reading refuses too, and here at the same place.
#[test]
fn the_schema_refuses_only_what_reading_refuses() {
    let validator = validator();
    assert!(validator.is_valid(&record()));
    let changes: &[(&str, Value)] = &[
        ("/version", json!(2)),
        ("/national_number", json!(499_370_899)),
        ("/national_number", json!("499370899")),
        ("/national_number", json!("04993-7089")),
        ("/name", json!([])),
        ("/name/persian", json!({"given": "علی"})),
        ("/name/persian/given", json!("")),
        ("/name/latin/family", json!("محمدی")),
        ("/father_name", json!({})),
        ("/birth/date", json!("20-03-2024")),
        ("/birth/date", json!("julian:1403-01-01")),
        (
            "/birth/date",
            json!({"calendar": "julian", "date": "1403-01-01"}),
        ),
        ("/birth/date", json!({"calendar": "persian"})),
        ("/birth_certificate/number", json!("12345678901")),
        ("/birth_certificate/series", json!("الف12")),
        ("/birth_certificate/serial", json!("1")),
        ("/sex", json!("F")),
        ("/postal_code", json!("123")),
        ("/expiry_date", json!(null)),
        ("/photo", json!("/photo.jpg")),
        ("/photo", json!("a//b")),
        ("/photo", json!("")),
        ("/fingers", json!({})),
        ("/fingers/0", json!({"position": 1})),
        ("/fingers/0/position", json!(0)),
        ("/fingers/0/position", json!("2")),
        ("/fingers/0/images", json!([])),
        ("/fingers/0/images/0", json!(7)),
        ("/fingers/0/dpi", json!(72)),
        ("/fingers/0/dpi", json!(500.5)),
        ("/missing_fingers/0/reason", json!("lost")),
    ];
    for (pointer, value) in changes {
        let mut document = record();
        *at(&mut document, pointer) = value.clone();
        assert!(
            !validator.is_valid(&document),
            "schema takes {pointer} {value}"
        );
        assert!(
            !faults(&document).is_empty(),
            "reading takes {pointer} {value}"
        );
    }
}

/// Every object of a record: an unknown field is refused, and each field the schema requires is
/// required by reading, and no other.
#[test]
fn schema_and_reading_agree_on_fields() {
    let validator = validator();
    let objects = [
        "",
        "/name",
        "/name/persian",
        "/name/latin",
        "/father_name",
        "/birth",
        "/birth/place",
        "/birth_certificate",
        "/fingers/0",
        "/missing_fingers/0",
    ];
    for object in objects {
        let mut document = record();
        at(&mut document, object)["spare"] = json!(1);
        assert!(!validator.is_valid(&document), "{object}");
        assert_eq!(faults(&document).len(), 1, "{object}");
        let fields: Vec<String> = at(&mut document, object)
            .as_object()
            .unwrap()
            .keys()
            .filter(|field| *field != "spare")
            .cloned()
            .collect();
        for field in fields {
            let mut document = record();
            remove(&mut document, object, &field);
            assert_eq!(
                validator.is_valid(&document),
                faults(&document).is_empty(),
                "{object} without {field}"
            );
        }
    }
}

mod any {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_anywhere_is_read_or_refused(index in 0_usize..14, value in value()) {
            let mut document = record();
            let fields = document.as_object_mut().unwrap();
            let field = fields.keys().nth(index % fields.len()).unwrap().clone();
            fields.insert(field, value);
            let reading = read(&document);
            prop_assert_eq!(reading.record.is_none(), !reading.findings.is_empty());
            if reading.record.is_some() {
                prop_assert!(validator().is_valid(&document));
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Record::from_json(&bytes, "x").record.is_none());
        }
    }
}
