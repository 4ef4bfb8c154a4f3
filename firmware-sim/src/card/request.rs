//! Bytes into typed commands: which application a command is for, and what it asks.

use negin_apdu::{Command, StatusWord, ins};
use negin_eid::aid::Application;
use negin_eid::field;
use negin_eid::gp::GpCommand;
use negin_eid::piv::{Pin, PivCommand, VerifyAction};
use negin_eid::select::SelectApplication;

/// A command of this card, free of secure messaging.
pub(super) enum Request {
    Select(Application),
    Domain(GpCommand),
    Piv(PivCommand),
    Travel(TravelRequest),
}

/// A command of the travel document (ICAO Doc 9303-10 §3.6; CREATE FILE: ISO/IEC 7816-9 §7.1).
pub(super) enum TravelRequest {
    /// SELECT an elementary file by its identifier.
    Select(u16),
    /// READ BINARY.
    Read {
        file: Option<u16>,
        offset: usize,
        ne: usize,
    },
    /// UPDATE BINARY.
    Update {
        file: Option<u16>,
        offset: usize,
        data: Vec<u8>,
    },
    /// CREATE FILE.
    Create { file: u16, size: usize },
    /// VERIFY with the card's PIN.
    Verify(VerifyAction),
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
            Application::TravelDocument => TravelRequest::parse(command).map(Self::Travel),
        }
    }
}

impl TravelRequest {
    fn parse(command: &Command) -> Result<Self, StatusWord> {
        if command.cla != 0x00 {
            return Err(StatusWord::CLA_NOT_SUPPORTED);
        }
        let data = command.data();
        match command.ins {
            ins::SELECT => match (command.p1, command.p2, data) {
                (0x02, 0x0C, [high, low]) => Ok(Self::Select(u16::from_be_bytes([*high, *low]))),
                (0x02, 0x0C, _) => Err(StatusWord::WRONG_LENGTH),
                _ => Err(StatusWord::INCORRECT_P1P2),
            },
            ins::READ_BINARY => {
                let (file, offset) = place(command)?;
                let ne = command.le().ok_or(StatusWord::WRONG_LENGTH)? as usize;
                if data.is_empty() {
                    Ok(Self::Read { file, offset, ne })
                } else {
                    Err(StatusWord::WRONG_LENGTH)
                }
            }
            ins::UPDATE_BINARY => {
                let (file, offset) = place(command)?;
                if data.is_empty() {
                    return Err(StatusWord::WRONG_LENGTH);
                }
                Ok(Self::Update {
                    file,
                    offset,
                    data: data.to_vec(),
                })
            }
            ins::CREATE_FILE => create(command),
            ins::VERIFY => verify(command).map(Self::Verify),
            _ => Err(StatusWord::INS_NOT_SUPPORTED),
        }
    }
}

/// Where READ and UPDATE BINARY begin (ISO/IEC 7816-4 §11.3.1): 15 bits of offset, or a short file identifier and 8.
fn place(command: &Command) -> Result<(Option<u16>, usize), StatusWord> {
    let Command { p1, p2, .. } = *command;
    if p1 & 0x80 == 0 {
        return Ok((None, usize::from(u16::from_be_bytes([p1, p2]))));
    }
    match p1 & 0x7F {
        short @ 0x01..=0x1E => Ok((Some(0x0100 | u16::from(short)), usize::from(p2))),
        _ => Err(StatusWord::INCORRECT_P1P2),
    }
}

fn create(command: &Command) -> Result<TravelRequest, StatusWord> {
    const OBJECT: &str = "file control parameters (62)";
    if (command.p1, command.p2) != (0x00, 0x00) {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    let template = field::only(OBJECT, command.data(), 0x62).map_err(|_| StatusWord::WRONG_DATA)?;
    let number = |tag| match field::find(OBJECT, template, tag) {
        Ok(Some([high, low])) => Ok(u16::from_be_bytes([*high, *low])),
        _ => Err(StatusWord::WRONG_DATA),
    };
    Ok(TravelRequest::Create {
        file: number(0x83)?,
        size: usize::from(number(0x80)?),
    })
}

fn verify(command: &Command) -> Result<VerifyAction, StatusWord> {
    if command.p2 != 0x80 {
        return Err(StatusWord::REFERENCE_DATA_NOT_FOUND);
    }
    match (command.p1, command.data()) {
        (0x00, []) => Ok(VerifyAction::Status),
        (0xFF, []) => Ok(VerifyAction::Reset),
        (0x00, pin) => Pin::from_padded(pin)
            .map(VerifyAction::Pin)
            .map_err(|_| StatusWord::WRONG_DATA),
        (0xFF, _) => Err(StatusWord::WRONG_DATA),
        _ => Err(StatusWord::INCORRECT_P1P2),
    }
}
