//! The corpora of fuzzing, replayed without a fuzzer: every seed, and damages of it from a fixed seed of chance.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use negin_proof::fuzz::{ENTRIES, Entry};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let mut seeds: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let path = entry.expect("readable").path();
            let name = path.file_name().expect("a file").to_string_lossy();
            (name.into_owned(), std::fs::read(&path).expect("readable"))
        })
        .collect();
    seeds.sort();
    seeds
}

/// One to four changes: a bit, a byte, a cut, a piece doubled, a piece of another seed.
fn damaged(seed: &[u8], other: &[u8], rng: &mut ChaCha20Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    let mut below = |most: usize| rng.next_u32() as usize % most.max(1);
    for _ in 0..1 + below(4) {
        let at = below(bytes.len());
        let kind = below(7);
        if bytes.is_empty() {
            bytes.push(below(256) as u8);
            continue;
        }
        match kind {
            0 => bytes[at] ^= 1 << below(8),
            1 => bytes[at] = below(256) as u8,
            2 => bytes[at] = [0x00, 0xFF, 0x7F, 0x80, 0x81, 0x82][below(6)],
            3 => bytes.truncate(at),
            4 => {
                let end = at + below(bytes.len() - at) + 1;
                let piece = bytes[at..end.min(at + 64)].to_vec();
                bytes.splice(at..at, piece);
            }
            5 => {
                let from = below(other.len());
                let piece = &other[from..(from + 1 + below(32)).min(other.len())];
                let end = (at + piece.len()).min(bytes.len());
                bytes.splice(at..end, piece.iter().copied());
            }
            _ => {
                bytes.remove(at);
            }
        }
    }
    bytes
}

fn tried(target: &str, name: &str, entry: Entry, bytes: &[u8]) {
    let ended = catch_unwind(AssertUnwindSafe(|| entry(bytes)));
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(ended.is_ok(), "{target}, from {name}: {hex}");
}

#[test]
fn every_seed_and_damages_of_it() {
    for (target, entry) in ENTRIES {
        let started = Instant::now();
        let seeds = seeds(target);
        assert!(seeds.len() >= 5, "{target} has {} seeds", seeds.len());
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        // The same time for each, about: a card's sequence takes longer than a parser's bytes.
        let each = match target {
            "card" | "piv" => 300,
            "zfm" => 60,
            "extract" => 12,
            _ => 2000,
        };
        let mut count = 0;
        for (at, (name, seed)) in seeds.iter().enumerate() {
            tried(target, name, entry, seed);
            for turn in 0..each {
                let (_, other) = &seeds[(at + turn) % seeds.len()];
                let bytes = damaged(seed, other, &mut rng);
                tried(target, name, entry, &bytes);
                count += 1;
            }
        }
        let line = format!(
            "corpus {target}: {} seeds, {count} damages of them, {:.1} s",
            seeds.len(),
            started.elapsed().as_secs_f32()
        );
        writeln!(std::io::stderr(), "{line}").expect("standard error");
    }
}
