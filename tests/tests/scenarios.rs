//! The scenarios of `tests/scenarios`: on cards in memory, and through the system's PC/SC service.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::io::Write;
use std::path::Path;

use negin_tests::journey::World;
use negin_tests::office::Office;
use negin_tests::pcsc;
use negin_tests::scenario::{self, MemoryTable, PcscTable, Scenario, Table, Told, run};

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

fn table() -> MemoryTable {
    MemoryTable::of(&World::of(Office::new(5), 1))
}

/// Carries all out, and fails with every failure there was.
fn carry_out(scenarios: &[Scenario], table: &mut dyn Table, how: &str) {
    let mut failures = Vec::new();
    let mut sum = Told::default();
    for scenario in scenarios {
        match run(scenario, table) {
            Ok(told) => sum = sum + told,
            Err(failure) => failures.push(failure),
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    let line = format!(
        "scenarios {how}: {} files, {} cards, {} answers",
        scenarios.len(),
        sum.cards,
        sum.answers
    );
    writeln!(std::io::stderr(), "{line}").expect("standard error");
}

#[test]
fn on_cards_in_memory() {
    carry_out(&all(), &mut table(), "in memory");
}

/// Scenarios in parts, each with no more cards than one pcscd has readers.
fn parts() -> Vec<Vec<Scenario>> {
    let mut parts: Vec<(usize, Vec<Scenario>)> = Vec::new();
    for scenario in all() {
        let cards = scenario.cards().len();
        match parts.last_mut() {
            Some((sum, part)) if *sum + cards <= scenario::MOST_READERS => {
                *sum += cards;
                part.push(scenario);
            }
            _ => parts.push((cards, vec![scenario])),
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

fn through_pcscd(part: &[Scenario]) {
    let cards: Vec<_> = part.iter().flat_map(Scenario::cards).collect();
    pcsc::within(
        |folder| scenario::options(&cards, &table(), folder),
        |_| carry_out(part, &mut PcscTable::of(table()), "through pcscd"),
    );
}

#[test]
fn the_first_part_through_pcscd() {
    through_pcscd(&parts()[0]);
}

#[test]
fn the_second_part_through_pcscd() {
    let [_, second] = &parts()[..] else {
        panic!("there are more parts than tests for them");
    };
    through_pcscd(second);
}

/// MAY DESTROY THE CARD: see [`scenario::real_table`] for what must be said before it does anything.
#[cfg(feature = "real-card")]
#[test]
fn on_the_card_in_a_real_reader() {
    let mut table = scenario::real_table::RealTable::from_environment()
        .unwrap_or_else(|missing| panic!("{missing}"));
    let chosen: Vec<_> = all()
        .into_iter()
        .filter(|scenario| {
            let name = scenario.name.trim_end_matches(".scenario");
            table.scenarios.iter().any(|chosen| chosen == name)
        })
        .collect();
    assert!(!chosen.is_empty(), "none of these is a scenario's name");
    carry_out(&chosen, &mut table, "on a real card");
}
