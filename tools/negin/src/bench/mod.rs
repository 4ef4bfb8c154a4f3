//! `negin bench`: what this program costs over what lies beneath it.

mod apdu;
mod statistics;

use crate::cli::BenchCommand;
use crate::commands::App;
use crate::output::Exit;
use crate::problem::Problem;

/// Runs the command.
pub fn run(command: &BenchCommand, app: &App) -> Result<Exit, Problem> {
    match command {
        BenchCommand::Apdu(args) => apdu::run(args, app),
    }
}
