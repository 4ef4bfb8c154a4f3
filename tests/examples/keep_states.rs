//! Writes the cards of this release to `tests/fixtures/state/<version>/`, from fixed seeds: fictive citizen, synthetic
//! fingers. To be run once for a release, before it is one; what is kept is never written again.
//!
//! ```text
//! cargo run -p negin-tests --example keep_states
//! ```
#![allow(clippy::expect_used, reason = "it ends where it cannot go on")]

use negin_tests::kept;

fn main() {
    let version = std::env::args()
        .nth(1)
        .unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned());
    let folder = kept::folder(&version);
    std::fs::create_dir_all(&folder).expect("a folder");
    let facts = folder.join(kept::FACTS);
    assert!(!facts.exists(), "{} is kept already", folder.display());
    let (cards, known) = kept::make();
    let mut sum = 0;
    for (name, state) in cards {
        sum += state.len();
        std::fs::write(folder.join(name).with_extension("card"), state).expect("room");
    }
    let text = serde_json::to_string_pretty(&known).expect("JSON");
    std::fs::write(facts, text + "\n").expect("room");
    println!("{}: {sum} bytes of cards", folder.display());
}
