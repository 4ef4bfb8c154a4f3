//! Bytes into typed commands: which application a command is for, and what it asks.

use negin_apdu::{Command, StatusWord};
use negin_eid::aid::Application;
use negin_eid::gp::GpCommand;
use negin_eid::lds::LdsCommand;
use negin_eid::piv::PivCommand;
use negin_eid::select::SelectApplication;

/// A command of this card, free of secure messaging.
pub(super) enum Request {
    Select(Application),
    Domain(GpCommand),
    Piv(PivCommand),
    Travel(LdsCommand),
}

impl Request {
    /// Reads a command for whatever is selected.
    ///
    /// # Errors
    /// The status word of the standard that is violated.
    pub fn parse(selected: Application, command: &Command) -> Result<Self, StatusWord> {
        if command.cla == 0x00 && SelectApplication::is(command) {
            let select = SelectApplication::parse(command)?;
            let application =
                Application::by_name(select.name()).ok_or(StatusWord::FILE_NOT_FOUND)?;
            return Ok(Self::Select(application));
        }
        if GpCommand::is(command) {
            return GpCommand::parse(command).map(Self::Domain);
        }
        match selected {
            Application::SecurityDomain => GpCommand::parse(command).map(Self::Domain),
            Application::Piv => PivCommand::parse(command).map(Self::Piv),
            Application::TravelDocument => LdsCommand::parse(command).map(Self::Travel),
        }
    }
}
