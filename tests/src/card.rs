//! A simulated card on the bench: blank or from its bytes, with a hand on its power.

use std::sync::PoisonError;

use negin_apdu::{Interface, Limits, TransmitError};
use negin_firmware_sim::bus::{InProcess, SharedCard, Slot, share};
use negin_firmware_sim::card::{BlankOptions, Card};
use negin_firmware_sim::fault::{Tear, TearControl};
use negin_issuance::profile::Profile;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::office::maker_keys;

/// A card and the slot it lies in.
#[derive(Debug)]
pub struct BenchCard {
    card: SharedCard,
    slot: Slot,
    /// The hand on its power.
    pub power: TearControl,
}

impl BenchCard {
    /// A blank card from the maker, as the profile orders it.
    #[must_use]
    pub fn blank(profile: &Profile, chip: u8) -> Self {
        Self::from_state(&Self::blank_state(profile, chip), 0)
    }

    /// The bytes of a blank card.
    #[must_use]
    pub fn blank_state(profile: &Profile, chip: u8) -> Vec<u8> {
        Self::blank_state_with(profile, chip, |_| {})
    }

    /// The bytes of a blank card that differs from what we order.
    #[must_use]
    pub fn blank_state_with(
        profile: &Profile,
        chip: u8,
        change: impl FnOnce(&mut BlankOptions),
    ) -> Vec<u8> {
        let mut options = BlankOptions::new(maker_keys(), [chip; 10]).expect("as we order it");
        options.pages = 512;
        options.pin_tries = profile.pin.tries;
        options.puk_tries = profile.puk_tries;
        options.finger_tries = profile.comparison_tries;
        change(&mut options);
        let rng = ChaCha20Rng::seed_from_u64(chip.into());
        Card::blank(&options, rng)
            .expect("as we order it")
            .state_bytes()
    }

    /// The card of these bytes in a reader of this kind.
    #[must_use]
    pub fn in_reader(state: &[u8], seed: u64, limits: Limits) -> Self {
        Self::placed(state, seed, Slot::new(Interface::Contact, limits))
    }

    /// The card of these bytes. The seed decides what the card draws and how its unstable pages read.
    #[must_use]
    pub fn from_state(state: &[u8], seed: u64) -> Self {
        Self::placed(state, seed, Slot::contact())
    }

    fn placed(state: &[u8], seed: u64, slot: Slot) -> Self {
        let mut power = TearControl::default();
        let rng = ChaCha20Rng::seed_from_u64(seed);
        let card = Card::from_state_bytes_in(state, rng, |nvm| {
            let nvm = Tear::new(nvm, seed);
            power = nvm.control();
            Box::new(nvm)
        });
        let card = share(card.expect("the state of a card"));
        slot.insert(card.clone());
        Self { card, slot, power }
    }

    /// The card's lasting state.
    #[must_use]
    pub fn state(&self) -> Vec<u8> {
        let mut card = self.card.lock().unwrap_or_else(PoisonError::into_inner);
        card.state_bytes()
    }

    /// The same card once more: what is done to the copy is not done to this one.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self::from_state(&self.state(), 1)
    }

    /// The slot it lies in.
    #[must_use]
    pub const fn slot(&self) -> &Slot {
        &self.slot
    }

    /// Powers it on.
    ///
    /// # Errors
    /// [`TransmitError::CardRemoved`] where power goes again at once.
    pub fn connect(&self) -> Result<InProcess, TransmitError> {
        self.slot.connect()
    }

    /// Powers it on, nothing being in the way.
    #[must_use]
    pub fn link(&self) -> InProcess {
        self.connect().expect("a card that has power")
    }
}
