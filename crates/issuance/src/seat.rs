//! Where work is done: a seat's keys, ledger, clock and entropy, handed in from outside.

use negin_card::CardApplication;
use negin_keystore::{CardKeySet, KeyStore};
use negin_ledger::{Ledger, Timestamp};
use negin_secure_channel::scp03::host::Channel;

use crate::Error;
use crate::channel::{self, Chip};

/// What a station or a counter works with. Time and randomness come from here, so that a run can be replayed.
pub struct Seat<'a> {
    /// The seat's key store.
    pub keys: &'a dyn KeyStore,
    /// The ledger, opened by this seat.
    pub ledger: &'a mut dyn Ledger,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Fills a buffer with random bytes (challenges, serial numbers).
    pub entropy: &'a mut dyn FnMut(&mut [u8]),
}

impl Seat<'_> {
    /// `N` random bytes.
    pub(crate) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.entropy)(&mut bytes);
        bytes
    }

    /// A secure channel with the selected application, see [`channel::open`].
    pub(crate) fn open<A: CardApplication>(
        &mut self,
        application: A,
        set: CardKeySet,
        chip: Chip,
    ) -> Result<A::Over<Channel<A::Carrier>>, Error> {
        channel::open(self.keys, self.random(), application, set, chip)
    }
}
