//! Fixes the thresholds of `negin_recognition::threshold` on synthetic prints:
//!
//! ```text
//! cargo run --release -p negin-firmware-sim --example calibrate -- FOLDER --summary crates/recognition/calibration.json
//! ```
//!
//! First the prints: two impressions of every finger, pressed as people press without help, on sensors of several
//! sizes and resolutions in turn; their templates are kept in FOLDER. Then the pairs: every impression against every
//! impression of every other finger, on the host and, of fewer fingers, as the card compares; their scores are kept there
//! too. Last the summary: how many comparisons of different fingers reach each score, and from which score on at most
//! one in a hundred, a thousand, ten thousand and a hundred thousand does.
//!
//! Started again with the same FOLDER it goes on where it ended. After a change of the extraction, begin with an empty
//! FOLDER; after a change of a comparison remove `host` or `card` from it.
#![forbid(unsafe_code)]

mod pairs;
mod prints;
mod summary;

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;

/// Makes the thresholds anew.
#[derive(Parser)]
struct Arguments {
    /// Where templates and scores are kept
    folder: PathBuf,
    /// Fingers; their seeds are far from those the tests and the demonstration use
    #[arg(long, default_value_t = 2240)]
    fingers: usize,
    /// Of them, those that are also compared as the card does, which takes over ten times as long
    #[arg(long, default_value_t = 800)]
    card_fingers: usize,
    /// Threads
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Write the summary there, as JSON
    #[arg(long)]
    summary: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads)
        .build_global()?;
    let fingers = prints::made(&arguments.folder.join("prints"), arguments.fingers)?;
    let host = pairs::compared(&arguments.folder.join("host"), &fingers, &pairs::Host)?;
    let on_card = &fingers[..arguments.card_fingers.min(fingers.len())];
    let card = pairs::compared(&arguments.folder.join("card"), on_card, &pairs::Card)?;
    let summary = summary::of(&fingers, &host, &card);
    let text = serde_json::to_string_pretty(&summary)? + "\n";
    match arguments.summary {
        Some(file) => std::fs::write(file, text)?,
        None => print!("{text}"),
    }
    Ok(())
}
