//! Blank cards, as a maker delivers them.

use negin_apdu::{Atr, AtrError, Interface, InterfaceBytes};
use negin_eid::roles::Role;
use negin_secure_channel::key::KeySet;
use negin_secure_channel::scp03::Options;
use rand_chacha::ChaCha20Rng;

use super::memory::{Chip, Memory, Tries};
use super::nvm::{MemoryNvm, Nvm};
use super::system::Card;
use crate::Error;

/// The most tries PIN and on-card comparison may have.
const MOST_TRIES: u8 = 10;

/// What the maker decides. [`BlankOptions::new`] gives a card as we order it; the fields may be changed.
#[derive(Debug, Clone)]
pub struct BlankOptions {
    /// The transport keys, version FF.
    pub transport: KeySet,
    /// The chip's own number, which the card tells as key diversification data.
    pub kdd: [u8; 10],
    /// Pages of non-volatile memory, 256 bytes each.
    pub pages: usize,
    /// SCP03's parameter "i".
    pub options: Options,
    /// Tries of the PIN, 1 to 10.
    pub pin_tries: u8,
    /// Tries of the PUK, 1 to 10.
    pub puk_tries: u8,
    /// Tries of each finger, 1 to 10.
    pub finger_tries: u8,
    /// Failed EXTERNAL AUTHENTICATEs after which no channel opens any more.
    pub key_tries: u8,
}

/// SCP03 with random challenges, R-MAC and R-ENCRYPTION, mode S8: opening a channel then writes nothing but its
/// counter of tries.
const RANDOM_CHALLENGE: u8 = 0x60;

impl BlankOptions {
    /// A card with these transport keys and this number: 1024 pages; 5 tries for the PIN, 10 for the PUK, 5 for each
    /// finger, 10 for keys.
    ///
    /// # Errors
    /// [`Error::BlankCard`] never, with the settings given here.
    pub fn new(transport: KeySet, kdd: [u8; 10]) -> Result<Self, Error> {
        let options =
            Options::new(RANDOM_CHALLENGE).map_err(|_| Error::BlankCard("the parameter \"i\""))?;
        Ok(Self {
            transport,
            kdd,
            pages: 1024,
            options,
            pin_tries: 5,
            puk_tries: 10,
            finger_tries: 5,
            key_tries: 10,
        })
    }
}

impl Card {
    /// A blank card in memory that never fails.
    ///
    /// # Errors
    /// [`Error::BlankCard`] for settings that no card has.
    pub fn blank(options: &BlankOptions, entropy: ChaCha20Rng) -> Result<Self, Error> {
        Self::blank_in(Box::new(MemoryNvm::erased(options.pages)), options, entropy)
    }

    /// A blank card in this memory, for instance one whose power can be cut; `options.pages` does not count.
    ///
    /// # Errors
    /// [`Error::BlankCard`] for settings that no card has, or where the memory is too small.
    pub fn blank_in(
        nvm: Box<dyn Nvm + Send>,
        options: &BlankOptions,
        entropy: ChaCha20Rng,
    ) -> Result<Self, Error> {
        let tries = [options.pin_tries, options.puk_tries, options.finger_tries];
        if tries.iter().any(|tries| !(1..=MOST_TRIES).contains(tries)) || options.key_tries == 0 {
            return Err(Error::BlankCard("tries are 1 to 10"));
        }
        let [pin, puk, finger] = tries;
        let chip = Chip {
            kdd: options.kdd,
            options: options.options,
            most_tries: Tries::new(pin, puk, finger, options.key_tries),
        };
        let memory = Memory::blank(nvm, chip, &options.transport, Role::Transport.key_version())
            .map_err(|_| Error::BlankCard("there is not memory enough"))?;
        Ok(Self::over(memory, entropy))
    }
}

/// Historical bytes: compact-TLV with card capabilities (selection by full and partial name; chaining and extended
/// lengths) and 'NEGIN' as the issuer's data.
const HISTORICAL: [u8; 11] = [
    0x80, 0x73, 0xC0, 0x01, 0xC0, 0x55, b'N', b'E', b'G', b'I', b'N',
];

/// The answer to reset: T=1 with an IFSC of 254 on the contacts; over the antenna what a reader makes of the
/// historical bytes (PC/SC part 3 §3.1.3.2.3).
pub(super) fn answer_to_reset(interface: Interface) -> Result<Atr, AtrError> {
    let names = |protocol| InterfaceBytes {
        protocol: Some(protocol),
        ..InterfaceBytes::default()
    };
    let groups = match interface {
        Interface::Contact => {
            let t1 = InterfaceBytes {
                ta: Some(0xFE),
                tb: Some(0x45),
                ..InterfaceBytes::default()
            };
            vec![names(1), names(1), t1]
        }
        Interface::Contactless => vec![names(0), names(1), InterfaceBytes::default()],
    };
    Atr::build(&groups, &HISTORICAL)
}
