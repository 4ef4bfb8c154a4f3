//! `negin-sim control`: one line to the simulator.

use negin_firmware_sim::bus::control::{Refused, ask};

use crate::cli::Control;
use crate::trouble::Trouble;

/// Sends the line, prints what comes back.
pub fn run(options: &Control) -> Result<(), Trouble> {
    let said = ask(&options.socket, &options.line.join(" ")).map_err(|refused| match refused {
        Refused::Unreachable(error) => Trouble::new(
            format!("nobody answers at {}: {error}", options.socket.display()),
            "run this within 'negin-sim pcsc', 'usb' or 'serial', or name the socket of 'negin-sim serve --control' with --socket.",
        ),
        said => Trouble::new(said.to_string(), "'negin-sim control list' shows what there is, --help the lines."),
    })?;
    for line in said {
        println!("{line}");
    }
    Ok(())
}
