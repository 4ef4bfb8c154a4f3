//! `negin finger`: extraction, comparison and measurement from the command line.

mod bench;
mod error;
mod extract;
mod input;
mod match_;
mod picture;
#[cfg(test)]
mod tests;

use clap::Subcommand;

pub use bench::BenchArgs;
pub use error::Error;
pub use extract::ExtractArgs;
pub use match_::MatchArgs;

/// The commands about fingerprints.
#[derive(Debug, Subcommand)]
pub enum FingerCommand {
    /// Find the minutiae of a print
    Extract(ExtractArgs),
    /// Compare two prints, each an image or an ISO/IEC 19794-2 template
    Match(MatchArgs),
    /// Measure error rates and times on folders of `<finger>_<impression>.<png|tif|bmp|pgm>`
    Bench(BenchArgs),
}

/// Runs a command; with `json`, the result is one object on standard output. `Ok(false)` where two prints do not
/// match.
///
/// # Errors
/// [`Error`], whose key leads to what to tell the person.
pub fn run(command: FingerCommand, json: bool) -> Result<bool, Error> {
    match command {
        FingerCommand::Extract(args) => extract::run(&args, json).map(|()| true),
        FingerCommand::Match(args) => match_::run(&args, json),
        FingerCommand::Bench(args) => bench::run(&args, json).map(|()| true),
    }
}
