//! Opening a secure channel with keys that stay in the key store.

use negin_apdu::Transmit;
use negin_card::CardApplication;
use negin_eid::roles::Role;
use negin_keystore::{CardKeySet, KeyStore};
use negin_secure_channel::scp03::host::Channel;
use negin_secure_channel::scp03::{Options, SecurityLevel};

use crate::Error;

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
/// mode asks for. The card's cryptogram is checked before anything is
/// authenticated to it: a wrong key costs the card no try.
///
/// # Errors
/// [`Error::KeyStore`] where the key store has no such keys, [`Error::Card`] as the card's.
pub(crate) fn open<A: CardApplication>(
    keys: &dyn KeyStore,
    challenge: [u8; 16],
    mut application: A,
    set: CardKeySet,
    options: Options,
) -> Result<A::Over<Channel<A::Carrier>>, Error>
where
    A::Carrier: Transmit,
{
    let length = options.mode().length();
    let handshake = application.initialize_update(role(set).key_version(), &challenge[..length])?;
    let response = handshake.response();
    let session = keys.derive_session(
        set,
        &response.kdd,
        handshake.host_challenge(),
        response.card_challenge.as_bytes(),
    )?;
    Ok(application.authenticate(handshake, session, SecurityLevel::Full)?)
}
