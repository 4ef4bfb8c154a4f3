//! Records that the tests begin with.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used)]

pub mod picture;

use serde_json::{Value, json};

/// A record with every field, in canonical spelling.
pub fn record() -> Value {
    json!({
        "version": 1,
        "national_number": "0499370899",
        "name": {
            "persian": {"given": "علی\u{200C}رضا", "family": "کاظمی"},
            "latin": {"given": "ALIREZA", "family": "KAZEMI"}
        },
        "father_name": {"persian": "محمد", "latin": "MOHAMMAD"},
        "birth": {
            "date": "1984-07-02",
            "place": {"persian": "تهران", "latin": "TEHRAN"}
        },
        "birth_certificate": {"number": "1234", "series": "الف/12", "serial": "345678"},
        "sex": "male",
        "postal_code": "1969833315",
        "issue_date": "2024-03-20",
        "expiry_date": "2031-03-21",
        "photo": "photo.jpg",
        "fingers": [
            {"position": 2, "images": ["fingers/2-1.png", "fingers/2-2.png"], "dpi": 500},
            {"position": 7, "images": ["fingers/7-1.png"], "dpi": 500}
        ],
        "missing_fingers": [{"position": 5, "reason": "amputated"}]
    })
}

/// The value at a JSON pointer of a document, to be changed.
pub fn at<'a>(document: &'a mut Value, pointer: &str) -> &'a mut Value {
    document
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("{pointer} is not in the document"))
}

/// Takes a field out of the object at a JSON pointer.
pub fn remove(document: &mut Value, pointer: &str, field: &str) {
    let removed = at(document, pointer)
        .as_object_mut()
        .and_then(|map| map.remove(field));
    assert!(removed.is_some(), "{pointer} has no {field}");
}
