//! The formats in the documentation are the formats that are read.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use negin_issuance::order::Order;
use negin_issuance::profile::Profile;
use negin_issuance::record::Record;

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/src")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The fenced blocks of one language in a page.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    page.split(&opening)
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect()
}

#[test]
fn the_record_in_the_documentation_is_read_without_a_finding() {
    let page = page("record.md");
    let record = blocks(&page, "json")
        .into_iter()
        .find(|block| block.contains("national_number"))
        .unwrap();
    let reading = Record::from_json(record.as_bytes(), "record.md");
    assert_eq!(reading.findings, []);
    assert_eq!(
        reading.record.unwrap().national_number.as_str(),
        "0499370899"
    );
}

#[test]
fn the_order_in_the_documentation_is_read_without_a_finding_of_its_own() {
    let page = page("record.md");
    let json = blocks(&page, "json");
    let order = json
        .iter()
        .find(|block| block.contains("\"records\""))
        .unwrap();
    let record = json
        .iter()
        .find(|block| block.contains("national_number"))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("0499370899")).unwrap();
    std::fs::write(folder.path().join("order.json"), order).unwrap();
    std::fs::write(folder.path().join("0499370899/record.json"), record).unwrap();
    let order = Order::read(folder.path());
    assert_eq!(order.findings, []);
    assert_eq!(order.id, "2026-014");
    assert_eq!(order.records().count(), 1);
}

#[test]
fn the_profile_in_the_documentation_is_the_built_in_one() {
    let page = page("profile.md");
    let toml = blocks(&page, "toml");
    assert_eq!(toml.len(), 1);
    let documented = Profile::from_toml(toml[0], "profile.md").unwrap();
    assert_eq!(documented, Profile::national_id().unwrap());
}

#[test]
fn the_clerks_page_has_the_messages_the_program_says() {
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("messages/fa.toml");
    let catalogue: toml::Table = std::fs::read_to_string(catalogue).unwrap().parse().unwrap();
    let page = page("counter.md");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|row| row.split(" | ").collect())
        .collect();
    assert!(
        rows.len() >= 8,
        "only {} messages are in the page",
        rows.len()
    );
    for row in rows {
        let key = row[0].trim_end_matches('`');
        let (room, name) = key.split_once('.').unwrap();
        let text = |part: &str| {
            let template = catalogue[room][name][part].as_str().unwrap_or_default();
            // The page has an ellipsis where the program fills in a value.
            template
                .split('{')
                .map(|part| part.split_once('}').map_or(part, |(_, rest)| rest))
                .collect::<Vec<_>>()
                .join("…")
        };
        assert_eq!(row[1], text("what"), "{key}");
        assert_eq!(row[2].trim_end_matches(" |"), text("next"), "{key}");
    }
}
