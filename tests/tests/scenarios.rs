//! The scenarios of `tests/scenarios`, on cards in memory.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::io::Write;
use std::path::Path;

use negin_apdu::Limits;
use negin_tests::journey::World;
use negin_tests::office::Office;
use negin_tests::scenario::{MemoryTable, Scenario, Told, run};

/// Every scenario, by its file's name.
fn all() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the scenarios")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "scenario"))
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().expect("a file").to_string_lossy();
        let text = std::fs::read_to_string(path).expect("text");
        Scenario::parse(&name, &text).unwrap_or_else(|error| panic!("{error}"))
    };
    files.iter().map(read).collect()
}

#[test]
fn on_cards_in_memory() {
    let world = World::of(Office::new(5), 1);
    let mut table = MemoryTable::of(&world).with_limits(Limits::EXTENDED);
    let scenarios = all();
    let mut failures = Vec::new();
    let mut sum = Told::default();
    for scenario in &scenarios {
        match run(scenario, &mut table) {
            Ok(told) => {
                sum.cards += told.cards;
                sum.answers += told.answers;
            }
            Err(failure) => failures.push(failure),
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    let line = format!(
        "scenarios in memory: {} files, {} cards, {} answers",
        scenarios.len(),
        sum.cards,
        sum.answers
    );
    writeln!(std::io::stderr(), "{line}").expect("standard error");
}
