//! Opening a secure channel with keys that stay in the key store.

use negin_apdu::Transmit;
use negin_card::{CardApplication, Identity};
use negin_eid::roles::Role;
use negin_keystore::{CardKeySet, Kdd, KeyStore};
use negin_secure_channel::scp03::host::Channel;
use negin_secure_channel::scp03::{Options, SecurityLevel};

use crate::Error;

/// The chip that was recognised in the reader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chip {
    /// Its diversification data.
    pub kdd: Kdd,
    /// SCP03's parameter "i".
    pub options: Options,
}

impl From<&Identity> for Chip {
    fn from(identity: &Identity) -> Self {
        Self {
            kdd: identity.kdd,
            options: identity.options,
        }
    }
}

/// The role whose key set this is.
pub(crate) const fn role(set: CardKeySet) -> Role {
    match set {
        CardKeySet::Transport => Role::Transport,
        CardKeySet::Issuer => Role::Issuer,
        CardKeySet::Delivery { .. } => Role::Delivery,
        CardKeySet::Override => Role::Override,
    }
}

/// A channel at level 33 with the application that is selected; of the random `challenge` as much is used as the card's
/// mode asks for. The keys are those of the chip that was recognised, whatever the card now says it is: another one, put
/// in its place, has other keys. The card's cryptogram is checked before anything is authenticated to it: a wrong key
/// costs the card no try.
///
/// # Errors
/// [`Error::KeyStore`] where the key store has no such keys, [`Error::Card`] as the card's.
pub(crate) fn open<A: CardApplication>(
    keys: &dyn KeyStore,
    challenge: [u8; 16],
    mut application: A,
    set: CardKeySet,
    chip: Chip,
) -> Result<A::Over<Channel<A::Carrier>>, Error>
where
    A::Carrier: Transmit,
{
    let length = chip.options.mode().length();
    let handshake = application.initialize_update(role(set).key_version(), &challenge[..length])?;
    let session = keys.derive_session(
        set,
        &chip.kdd,
        handshake.host_challenge(),
        handshake.response().card_challenge.as_bytes(),
    )?;
    Ok(application.authenticate(handshake, session, SecurityLevel::Full)?)
}
