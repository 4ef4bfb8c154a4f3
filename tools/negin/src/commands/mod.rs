//! The commands: each reads its arguments, calls the rooms that do the work, and prints what came of it.

mod card;
mod check;
mod deliver;
mod foreign;
mod keys;
mod ledger;
mod personalize;
mod readers;
mod scanner;
mod seat;
mod ship;
mod spoil;

use clap::CommandFactory;
use negin_ledger::Timestamp;

use crate::cli::{Cli, Command, Common, Language};
use crate::finger;
use crate::output::Exit;
use crate::problem::Problem;
use crate::{bench, demo, doctor};

pub use card::{simulated, way};
pub use check::{quality_control, today};
pub use keys::{SEATS, develop, maker_keys, write as write_keys};
pub use seat::{OpenSeat, open_ledger, profile, trusted};

/// What every command knows.
pub struct App {
    /// Whether a script reads the result.
    pub json: bool,
    /// The language of messages.
    pub language: Language,
    /// The options all commands have.
    pub common: Common,
}

/// Runs a command.
pub fn run(command: Command, app: &App) -> Result<Exit, Problem> {
    match command {
        Command::Demo(args) => demo::run(&args, app),
        Command::Check(args) => check::run(&args, app),
        Command::Personalize(args) => personalize::run(&args, app),
        Command::Bench(command) => bench::run(&command, app),
        Command::Readers(args) => readers::run(&args, app),
        Command::Scanners(args) => scanner::list(&args, app),
        Command::Scanner(command) => scanner::run(&command, app),
        Command::Ship(args) => ship::run(&args, app),
        Command::Deliver(args) => deliver::run(&args, app),
        Command::Spoil(args) => spoil::run(&args, app),
        Command::Card(command) => card::run(command, app),
        Command::Finger(command) => match finger::run(command, app.json, app.language)? {
            true => Ok(Exit::Done),
            false => Ok(Exit::Refused),
        },
        Command::Keys(command) => keys::run(&command, app),
        Command::Ledger(command) => ledger::run(&command, app),
        Command::Doctor(args) => Ok(doctor::run(&args, &app.common, app.language)),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "negin", &mut std::io::stdout());
            Ok(Exit::Done)
        }
    }
}

/// The time, from the system's clock.
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_unix_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
