//! `negin-sim`: simulated devices where real ones would be: cards in readers behind PC/SC, devices on USB.
#![forbid(unsafe_code)]

mod cli;
mod command;
mod control;
mod devices;
mod entropy;
mod pcsc;
mod process;
mod readers;
mod serial;
mod serve;
mod trouble;
mod usb;

use std::process::ExitCode;

use clap::Parser;

/// The status with which this program itself fails, as `env` and `timeout` have it; other statuses are the command's.
const FAILED: u8 = 125;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn"))
        .format_timestamp(None)
        .init();
    let done = match cli.command {
        cli::Command::Pcsc(options) => pcsc::outside::run(&options),
        cli::Command::Usb(options) => usb::run(&options),
        cli::Command::Serial(options) => serial::run(&options),
        cli::Command::Tied(options) => command::become_command(&options),
        cli::Command::Inside(options) => pcsc::inside::run(options),
        cli::Command::Serve(options) => serve::run(&options).map(|()| ExitCode::SUCCESS),
        cli::Command::Config(options) => {
            readers::print_config(&options).map(|()| ExitCode::SUCCESS)
        }
        cli::Command::Control(options) => control::run(&options).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|trouble| {
        eprintln!("{trouble}");
        ExitCode::from(FAILED)
    })
}
