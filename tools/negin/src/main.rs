//! The `negin` command line.
#![forbid(unsafe_code)]

mod bench;
mod cli;
mod commands;
mod demo;
mod devices;
mod doctor;
mod entropy;
mod files;
mod finger;
mod interrupt;
mod messages;
mod output;
mod preview;
mod problem;
mod report;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let level = match cli.common.verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(level)).init();
    let language = messages::choose(cli.common.lang, |name| std::env::var(name).ok());
    let app = commands::App {
        json: cli.common.json,
        language,
        common: cli.common,
    };
    let exit = match commands::run(cli.command, &app) {
        Ok(exit) => exit,
        Err(problem) => problem.failure(language).tell(language, app.json),
    };
    interrupt::ended(exit).into()
}
