//! `negin finger`: extraction, comparison and measurement from the command line.

mod bench;
mod bench_formats;
mod convert;
mod enrol;
mod error;
mod extract;
mod info;
mod input;
mod match_;
mod picture;
mod quality;
mod template_args;
#[cfg(test)]
mod tests;
mod worth;

use clap::Subcommand;

pub use bench::BenchArgs;
pub use convert::ConvertArgs;
pub use enrol::EnrolArgs;
pub use error::Error;
pub use extract::ExtractArgs;
pub use info::InfoArgs;
pub use match_::MatchArgs;
pub use quality::QualityArgs;

use crate::cli::Language;

/// The commands about fingerprints.
#[derive(Debug, Subcommand)]
pub enum FingerCommand {
    /// Find the minutiae of a print
    Extract(ExtractArgs),
    /// Compare two prints, each an image or a template
    Match(MatchArgs),
    /// Show what a template says
    Info(InfoArgs),
    /// Write a template in another format
    Convert(ConvertArgs),
    /// Tell how good prints are, and what would make the next ones better
    Quality(QualityArgs),
    /// Make one reference of several impressions of a finger
    Enrol(EnrolArgs),
    /// Measure error rates and times on folders of images or templates `<finger>_<impression>.<png|tif|iso|…>`
    Bench(BenchArgs),
}

/// Runs a command; with `json`, the result is one object on standard output. `Ok(false)` where two prints do not
/// match.
///
/// # Errors
/// [`Error`], whose key leads to what to tell the person.
pub fn run(command: FingerCommand, json: bool, language: Language) -> Result<bool, Error> {
    match command {
        FingerCommand::Extract(args) => extract::run(&args, json).map(|()| true),
        FingerCommand::Match(args) => match_::run(&args, json),
        FingerCommand::Info(args) => info::run(&args, json).map(|()| true),
        FingerCommand::Convert(args) => convert::run(&args, json).map(|()| true),
        FingerCommand::Quality(args) => quality::run(&args, json, language).map(|()| true),
        FingerCommand::Enrol(args) => enrol::run(&args, json).map(|()| true),
        FingerCommand::Bench(args) => bench::run(&args, json).map(|()| true),
    }
}
