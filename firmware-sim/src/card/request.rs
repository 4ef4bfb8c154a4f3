//! Bytes into typed commands: which application a command is for, and what it asks.
//!
//! What computers ask any card before they know what it is (Windows: its Plug and Play application and its identifier,
//! the master file; others: applications of other makers) is answered 'not found' here, whatever is selected and
//! whatever state the card is in. Any other answer makes the card unknown to them.

use negin_apdu::{Command, StatusWord, ins};
use negin_eid::aid::Application;
use negin_eid::gp::GpCommand;
use negin_eid::lds::LdsCommand;
use negin_eid::piv::{PivCommand, YubicoCommand};
use negin_eid::select::SelectApplication;

/// A command of this card, free of secure messaging.
pub(super) enum Request {
    Select {
        application: Application,
        /// No answer is asked for beside the status word.
        silent: bool,
    },
    Domain(GpCommand),
    Piv(PivCommand),
    /// One of the administration extensions.
    Extension(YubicoCommand),
    Travel(LdsCommand),
}

impl Request {
    /// Whether this is one of the extensions' commands, on a card that has them.
    pub fn may_be_extension(selected: Application, command: &Command) -> bool {
        selected == Application::Piv && YubicoCommand::is(command)
    }

    /// Reads a command for whatever is selected. Of the extensions' instructions there are none but on an `extended`
    /// card.
    ///
    /// # Errors
    /// The status word of the standard that is violated.
    pub fn parse(
        selected: Application,
        command: &Command,
        extended: bool,
    ) -> Result<Self, StatusWord> {
        if command.cla == 0x00 && SelectApplication::is(command) {
            let select = SelectApplication::parse(command)?;
            let application =
                Application::by_name(select.name()).ok_or(StatusWord::FILE_NOT_FOUND)?;
            let silent = select.is_silent();
            return Ok(Self::Select {
                application,
                silent,
            });
        }
        if is_probe(selected, command) {
            return Err(StatusWord::FILE_NOT_FOUND);
        }
        if GpCommand::is(command) {
            return GpCommand::parse(command).map(Self::Domain);
        }
        match selected {
            Application::SecurityDomain => GpCommand::parse(command).map(Self::Domain),
            Application::Piv if extended && Self::may_be_extension(selected, command) => {
                YubicoCommand::parse(command).map(Self::Extension)
            }
            Application::Piv => PivCommand::parse(command).map(Self::Piv),
            Application::TravelDocument => LdsCommand::parse(command).map(Self::Travel),
        }
    }
}

/// Tag of the identifier that Windows asks cards for.
const CARD_IDENTIFIER: (u8, u8) = (0x7F, 0x68);

/// Whether this asks for what no application of this kind of card has: a file where there are none, the card
/// identifier of Windows, a data object of PIV while another application is selected.
fn is_probe(selected: Application, command: &Command) -> bool {
    if command.cla != 0x00 {
        return false;
    }
    match command.ins {
        ins::SELECT => selected != Application::TravelDocument,
        ins::GET_DATA => (command.p1, command.p2) == CARD_IDENTIFIER,
        ins::GET_DATA_TLV => selected != Application::Piv,
        _ => false,
    }
}
