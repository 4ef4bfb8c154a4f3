//! The card in a reader on the desk. **Scenarios may destroy it**: they spend tries, change PINs, block and terminate,
//! and no card comes back from that. So nothing happens here without the feature `real-card`, and nothing then without
//! the reader's name, the scenarios by name, and a sentence of consent in the environment.
//!
//! | Variable | What it says |
//! |---|---|
//! | `NEGIN_READER` | the reader's name, or a part that only one reader's has |
//! | `NEGIN_REAL_CARD` | [`CONSENT`], word for word |
//! | `NEGIN_SCENARIOS` | which scenarios, by name, with commas between them |
//! | `NEGIN_CARD_STATE` | the state the card is in, as scenarios call it |
//! | `NEGIN_CARD_FACTS` | a file of lines `NAME = BYTES`: `pin`, `puk`, `kdd`, `probe96`, `probe97`, `stranger`, and key sets as `keys30`, `keys31`, `keys32`, `keysff`: ENC, MAC and DEK one after the other |

use std::collections::BTreeMap;

use negin_apdu::Interface;
use negin_eid::roles::Role;
use negin_reader::Reader as _;
use negin_reader::pcsc::PcscReader;
use negin_secure_channel::key::{Key, KeySet};

use super::bytes::{self, Values};
use super::pcsc_table::OverPcsc;
use super::table::{CardState, Laid, Table};

/// What must be said before anything is sent to a card that is real.
pub const CONSENT: &str = "this card may be destroyed";

/// The card in a reader on the desk.
pub struct RealTable {
    reader: String,
    state: CardState,
    values: Values,
    keys: Vec<(Role, KeySet)>,
    /// The scenarios to be carried out, by name.
    pub scenarios: Vec<String>,
}

impl RealTable {
    /// As the environment says.
    ///
    /// # Errors
    /// What it does not say, and what will happen to the card if it does.
    pub fn from_environment() -> Result<Self, String> {
        let told = |name: &str| {
            std::env::var(name).map_err(|_| {
                format!("{name} is not set. The scenarios MAY DESTROY THE CARD in the reader; see `scenario::real_table`")
            })
        };
        let reader = told("NEGIN_READER")?;
        if told("NEGIN_REAL_CARD")? != CONSENT {
            return Err(format!(
                "the scenarios MAY DESTROY THE CARD in {reader}. To go on, set NEGIN_REAL_CARD to: {CONSENT}"
            ));
        }
        let state = told("NEGIN_CARD_STATE")?;
        let state = CardState::from_word(&state).ok_or(format!("`{state}` is no state"))?;
        let facts = match std::env::var("NEGIN_CARD_FACTS") {
            Ok(file) => {
                std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?
            }
            Err(_) => String::new(),
        };
        let (values, keys) = facts_of(&facts)?;
        let scenarios = told("NEGIN_SCENARIOS")?;
        Ok(Self {
            reader,
            state,
            values,
            keys,
            scenarios: scenarios
                .split(',')
                .map(|name| name.trim().trim_end_matches(".scenario").to_owned())
                .collect(),
        })
    }
}

fn facts_of(text: &str) -> Result<(Values, Vec<(Role, KeySet)>), String> {
    let mut values = Values::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (name, value) = line
            .split_once('=')
            .ok_or(format!("`{line}` is not like `NAME = BYTES`"))?;
        let value = bytes::value(&bytes::parse(value)?, &BTreeMap::new())?;
        values.insert(name.trim().to_owned(), value);
    }
    let mut keys = Vec::new();
    for role in Role::ALL {
        let Some(bytes) = values.remove(&format!("keys{:02x}", role.key_version())) else {
            continue;
        };
        let key = |at: usize| {
            let third = bytes.len() / 3;
            Key::new(&bytes[at * third..(at + 1) * third]).map_err(|error| error.to_string())
        };
        let set = KeySet::new(key(0)?, key(1)?, key(2)?).map_err(|error| error.to_string())?;
        keys.push((role, set));
    }
    Ok((values, keys))
}

impl Table for RealTable {
    fn lay(&mut self, state: CardState, interface: Interface) -> Result<Laid, String> {
        if state != self.state {
            return Err(format!(
                "the card is said to be {}, not {}",
                self.state.word(),
                state.word()
            ));
        }
        let mut reader = PcscReader::open(&self.reader).map_err(|error| error.to_string())?;
        let connection = reader.connect().map_err(|error| error.to_string())?;
        if connection.interface() != interface {
            return Err(format!("{} is no reader of this interface", self.reader));
        }
        Ok(Laid {
            atr: connection.atr().as_bytes().to_vec(),
            reader: Box::new(OverPcsc(connection)),
            values: self.values.clone(),
            keys: self.keys.clone(),
        })
    }
}
