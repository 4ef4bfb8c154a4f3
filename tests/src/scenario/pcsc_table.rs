//! Cards in readers behind the system's PC/SC service, one reader a card, in the order in which scenarios lay them.

use std::path::Path;

use negin_apdu::{Interface, Limits, Transmit, TransmitError};
use negin_reader::pcsc::PcscReader;
use negin_reader::{Connection, Reader as _};

use super::memory_table::MemoryTable;
use super::table::{CardState, Laid, Reader, Table};
use crate::pcsc::reader_name;

/// Readers that one pcscd has.
pub const MOST: usize = 16;

/// Writes the files of these cards into `folder`; with what `negin-sim pcsc` puts them into its readers.
///
/// # Panics
/// Where there are more than [`MOST`], or no room for them.
#[must_use]
pub fn options(
    cards: &[(CardState, Interface)],
    table: &MemoryTable,
    folder: &Path,
) -> Vec<String> {
    assert!(cards.len() <= MOST, "one pcscd has {MOST} readers");
    let mut options = Vec::new();
    for (at, (state, interface)) in cards.iter().enumerate() {
        let file = folder.join(format!("{at}.card"));
        std::fs::write(&file, table.specimen(*state).state()).expect("room");
        options.extend(["--card".to_owned(), file.to_string_lossy().into_owned()]);
        if *interface == Interface::Contactless {
            options.extend(["--contactless".to_owned(), at.to_string()]);
        }
    }
    options
}

/// A table whose cards lie in the simulated readers of this process's PC/SC.
pub struct PcscTable {
    table: MemoryTable,
    next: usize,
}

impl PcscTable {
    /// The cards of this table, laid into readers beforehand with [`options`].
    #[must_use]
    pub const fn of(table: MemoryTable) -> Self {
        Self { table, next: 0 }
    }
}

impl Table for PcscTable {
    fn lay(&mut self, state: CardState, interface: Interface) -> Result<Laid, String> {
        let name = reader_name(self.next);
        self.next += 1;
        let mut reader = PcscReader::open(&name).map_err(|error| error.to_string())?;
        let connection = reader
            .connect()
            .map_err(|error| format!("{name}: {error}"))?;
        if connection.interface() != interface {
            return Err(format!("{name} is no reader of this interface"));
        }
        Ok(Laid {
            atr: connection.atr().as_bytes().to_vec(),
            reader: Box::new(OverPcsc(connection)),
            values: self.table.values().clone(),
            keys: self.table.keys(state),
        })
    }
}

/// A connection through PC/SC.
pub(super) struct OverPcsc(pub Box<dyn Connection>);

impl Transmit for OverPcsc {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        self.0.transmit(command)
    }
    fn limits(&self) -> Limits {
        self.0.limits()
    }
    fn interface(&self) -> Interface {
        self.0.interface()
    }
}

impl Reader for OverPcsc {
    fn reset(&mut self) -> Result<Vec<u8>, String> {
        self.0.reset().map_err(|error| error.to_string())?;
        Ok(self.0.atr().as_bytes().to_vec())
    }
}
