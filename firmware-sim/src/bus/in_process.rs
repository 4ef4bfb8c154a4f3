//! A card in a reader that is a part of this process.
//!
//! A [`Slot`] is the reader's side: cards go in and come out while others hold connections to it. An [`InProcess`] is a
//! connection: a [`Transmit`] that lives until the card is taken out, loses its power or is reset by somebody else, and
//! says then which of these it was.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use negin_apdu::{Interface, Limits, Transmit, TransmitError};

use crate::card::Card;

/// A card that several ends can hold: the slot it is in, and the test that looks into it.
pub type SharedCard = Arc<Mutex<Card>>;

/// A card for sharing.
#[must_use]
pub fn share(card: Card) -> SharedCard {
    Arc::new(Mutex::new(card))
}

/// The card behind a lock. A thread that panicked while it held the card leaves it as it was.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Default)]
struct Inserted {
    card: Option<SharedCard>,
    /// Rises when a card comes or goes.
    insertion: u64,
    /// Rises when the card is powered on anew.
    activation: u64,
}

/// A reader's slot. Clones are the same slot.
#[derive(Clone)]
pub struct Slot {
    inserted: Arc<Mutex<Inserted>>,
    interface: Interface,
    limits: Limits,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let present = if self.is_present() {
            "card present"
        } else {
            "empty"
        };
        write!(f, "Slot({:?}, {present})", self.interface)
    }
}

impl Slot {
    /// An empty slot that speaks to cards this way.
    #[must_use]
    pub fn new(interface: Interface, limits: Limits) -> Self {
        Self {
            inserted: Arc::default(),
            interface,
            limits,
        }
    }

    /// An empty slot with contacts and extended APDUs.
    #[must_use]
    pub fn contact() -> Self {
        Self::new(Interface::Contact, Limits::EXTENDED)
    }

    /// Puts a card in; one that was there is pushed out and given back, without power.
    pub fn insert(&self, card: SharedCard) -> Option<SharedCard> {
        let before = self.remove();
        let mut inserted = lock(&self.inserted);
        inserted.card = Some(card);
        inserted.insertion += 1;
        before
    }

    /// Takes the card out: it loses its power.
    pub fn remove(&self) -> Option<SharedCard> {
        let mut inserted = lock(&self.inserted);
        let card = inserted.card.take()?;
        inserted.insertion += 1;
        lock(&card).power_off();
        Some(card)
    }

    /// The card that is in, to look at or to put into another slot as well.
    #[must_use]
    pub fn card(&self) -> Option<SharedCard> {
        lock(&self.inserted).card.clone()
    }

    /// Whether a card is in.
    #[must_use]
    pub fn is_present(&self) -> bool {
        lock(&self.inserted).card.is_some()
    }

    /// How often a card came or went: for who waits for that to happen.
    #[must_use]
    pub fn changes(&self) -> u64 {
        lock(&self.inserted).insertion
    }

    /// Powers the card on and connects to it. Connections from before are told that the card was reset.
    ///
    /// # Errors
    /// [`TransmitError::CardRemoved`] where no card is in, or it lost its power at once.
    pub fn connect(&self) -> Result<InProcess, TransmitError> {
        let mut connection = InProcess {
            slot: self.clone(),
            insertion: 0,
            activation: 0,
            atr: Vec::new(),
        };
        connection.reconnect()?;
        Ok(connection)
    }
}

/// A connection to the card in a [`Slot`].
pub struct InProcess {
    slot: Slot,
    insertion: u64,
    activation: u64,
    atr: Vec<u8>,
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InProcess({:?})", self.slot)
    }
}

impl InProcess {
    /// A connection to this card in a slot of its own, powered on.
    ///
    /// # Errors
    /// [`TransmitError::CardRemoved`] where the card loses its power at once.
    pub fn connect(
        card: SharedCard,
        interface: Interface,
        limits: Limits,
    ) -> Result<Self, TransmitError> {
        let slot = Slot::new(interface, limits);
        slot.insert(card);
        slot.connect()
    }

    /// Powers the card on again, whatever became of the connection.
    ///
    /// # Errors
    /// [`TransmitError::CardRemoved`] where no card is in, or it lost its power at once.
    pub fn reconnect(&mut self) -> Result<(), TransmitError> {
        let mut inserted = lock(&self.slot.inserted);
        let card = inserted.card.clone().ok_or(TransmitError::CardRemoved)?;
        inserted.activation += 1;
        let atr = lock(&card)
            .power_on(self.slot.interface)
            .map_err(|_| TransmitError::CardRemoved)?;
        self.insertion = inserted.insertion;
        self.activation = inserted.activation;
        self.atr = atr;
        Ok(())
    }

    /// Takes the card's power, where it is still this connection that gave it.
    pub fn power_off(self) {
        let inserted = lock(&self.slot.inserted);
        let mine = (inserted.insertion, inserted.activation) == (self.insertion, self.activation);
        if let Some(card) = inserted.card.as_ref().filter(|_| mine) {
            lock(card).power_off();
        }
    }

    /// The answer to the last reset.
    #[must_use]
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// The slot.
    #[must_use]
    pub fn slot(&self) -> &Slot {
        &self.slot
    }
}

impl Transmit for InProcess {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let limits = self.slot.limits;
        let inserted = lock(&self.slot.inserted);
        let card = inserted.card.as_ref().ok_or(TransmitError::CardRemoved)?;
        if inserted.insertion != self.insertion {
            return Err(TransmitError::CardRemoved);
        }
        if inserted.activation != self.activation {
            return Err(TransmitError::CardReset);
        }
        // Header and length fields take at most 9 bytes beside the data; a reader of short APDUs knows no others.
        let extended = command.len() > 5 && command[4] == 0;
        let short_only = limits.command_data < 256;
        if command.len() > limits.command_data.saturating_add(9) || extended && short_only {
            return Err(TransmitError::TooLong);
        }
        let response = lock(card)
            .process(command)
            .map_err(|_| TransmitError::CardRemoved)?;
        if response.len() > limits.response_data.saturating_add(2) {
            return Err(TransmitError::TooLong);
        }
        Ok(response)
    }

    fn limits(&self) -> Limits {
        self.slot.limits
    }

    fn interface(&self) -> Interface {
        self.slot.interface
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::BlankOptions;
    use crate::fault::{Cut, Tear, Way};
    use negin_apdu::{Command, Exchange, StatusWord};
    use negin_secure_channel::key::{Key, KeySet};
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn options() -> BlankOptions {
        let keys = KeySet::of_one(&Key::new(&[0xFF; 16]).expect("a key"));
        let mut options = BlankOptions::new(keys, [7; 10]).expect("as given");
        options.pages = 32;
        options
    }

    fn card() -> SharedCard {
        share(Card::blank(&options(), ChaCha20Rng::seed_from_u64(1)).expect("as given"))
    }

    fn select() -> Command {
        Command::new(0x00, 0xA4, 0x04, 0x00).with_le(256)
    }

    #[test]
    fn an_empty_slot_connects_to_nothing() {
        assert_eq!(
            Slot::contact().connect().err(),
            Some(TransmitError::CardRemoved)
        );
    }

    #[test]
    fn a_card_taken_out_is_told_and_stays_away_until_reconnected() {
        let slot = Slot::contact();
        slot.insert(card());
        let mut connection = slot.connect().expect("power");
        assert!(
            connection
                .exchange(&select())
                .expect("answers")
                .sw
                .is_success()
        );
        let card = slot.remove().expect("it was in");
        assert!(!lock(&card).is_on() && !slot.is_present());
        assert_eq!(
            connection.exchange(&select()),
            Err(TransmitError::CardRemoved)
        );
        slot.insert(card);
        assert_eq!(
            connection.exchange(&select()),
            Err(TransmitError::CardRemoved),
            "another insertion"
        );
        connection.reconnect().expect("power");
        assert!(
            connection
                .exchange(&select())
                .expect("answers")
                .sw
                .is_success()
        );
        assert_eq!(slot.changes(), 3);
    }

    #[test]
    fn who_is_reset_by_another_is_told() {
        let slot = Slot::contact();
        slot.insert(card());
        let mut first = slot.connect().expect("power");
        let mut second = slot.connect().expect("power");
        assert_eq!(first.exchange(&select()), Err(TransmitError::CardReset));
        assert!(second.exchange(&select()).expect("answers").sw.is_success());
        assert_eq!(second.atr()[0], 0x3B);
    }

    #[test]
    fn only_who_gave_the_power_takes_it() {
        let slot = Slot::contact();
        slot.insert(card());
        let first = slot.connect().expect("power");
        let mut second = slot.connect().expect("power");
        first.power_off();
        assert!(second.exchange(&select()).expect("answers").sw.is_success());
        second.power_off();
        assert!(!lock(&slot.card().expect("it is in")).is_on());
    }

    #[test]
    fn lost_power_looks_like_a_card_taken_out() {
        let nvm = Tear::new(crate::card::nvm::MemoryNvm::erased(32), 1);
        let control = nvm.control();
        let card =
            Card::blank_in(Box::new(nvm), &options(), ChaCha20Rng::seed_from_u64(1)).expect("room");
        control.arm(Cut {
            at_write: 2,
            way: Way::HalfProgrammed,
        });
        let slot = Slot::contact();
        slot.insert(share(card));
        assert_eq!(
            slot.connect().err(),
            Some(TransmitError::CardRemoved),
            "in the recovery itself"
        );
        let mut connection = slot.connect().expect("power");
        let wrong = Command::new(0x84, 0x82, 0x33, 0x00).with_data([0; 16]);
        let update = Command::new(0x80, 0x50, 0x00, 0x00)
            .with_data([0; 8])
            .with_le(256);
        assert!(
            connection
                .exchange(&update)
                .expect("answers")
                .sw
                .is_success()
        );
        control.arm(Cut {
            at_write: 0,
            way: Way::NotBegun,
        });
        assert_eq!(connection.exchange(&wrong), Err(TransmitError::CardRemoved));
        assert_eq!(
            connection.exchange(&select()),
            Err(TransmitError::CardRemoved)
        );
        connection.reconnect().expect("power");
        assert!(
            connection
                .exchange(&select())
                .expect("answers")
                .sw
                .is_success()
        );
    }

    #[test]
    fn a_reader_of_short_apdus_takes_no_others() {
        let mut connection =
            InProcess::connect(card(), Interface::Contact, Limits::SHORT).expect("power");
        let extended = select().with_le(65_536).to_bytes().expect("fits");
        assert_eq!(connection.transmit(&extended), Err(TransmitError::TooLong));
        let answer = connection
            .exchange(&select().with_le(65_536))
            .expect("lowered");
        assert_eq!(answer.sw, StatusWord::SUCCESS);
    }

    #[test]
    fn rubbish_is_answered() {
        let mut connection =
            InProcess::connect(card(), Interface::Contact, Limits::EXTENDED).expect("power");
        for bytes in [&[][..], &[0x00], &[0x00, 0xA4, 0x04], &[0; 6]] {
            assert_eq!(connection.transmit(bytes), Ok(vec![0x67, 0x00]));
        }
    }
}
