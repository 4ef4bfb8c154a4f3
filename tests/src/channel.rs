//! Secure channels with the keys of a key store, opened step by step so that a test may do it wrongly.

use negin_apdu::Transmit;
use negin_card::{CardApplication, Error};
use negin_eid::roles::Role;
use negin_keystore::{CardKeySet, KeyStore};
use negin_secure_channel::scp03::SecurityLevel;
use negin_secure_channel::scp03::host::Channel;

/// The role whose keys these are.
#[must_use]
pub const fn role(set: CardKeySet) -> Role {
    match set {
        CardKeySet::Transport => Role::Transport,
        CardKeySet::Issuer => Role::Issuer,
        CardKeySet::Delivery { .. } => Role::Delivery,
        CardKeySet::Override => Role::Override,
    }
}

/// A channel at level 33 with the application that is selected.
///
/// # Errors
/// Those of [`CardApplication`].
pub fn open<A: CardApplication>(
    keys: &dyn KeyStore,
    application: A,
    set: CardKeySet,
) -> Result<A::Over<Channel<A::Carrier>>, Error>
where
    A::Carrier: Transmit,
{
    open_at(keys, application, set, SecurityLevel::Full)
}

/// A channel at this level with the application that is selected.
///
/// # Errors
/// Those of [`CardApplication`].
pub fn open_at<A: CardApplication>(
    keys: &dyn KeyStore,
    mut application: A,
    set: CardKeySet,
    level: SecurityLevel,
) -> Result<A::Over<Channel<A::Carrier>>, Error>
where
    A::Carrier: Transmit,
{
    // Any bytes are a challenge; that the card's are others each time is what counts here.
    let challenge = b"negin-01negin-02";
    let version = role(set).key_version();
    let handshake = match application.initialize_update(version, &challenge[..8]) {
        // A card of mode S16 wants them all.
        Err(Error::Refused { .. }) => application.initialize_update(version, challenge),
        other => other,
    }?;
    let response = handshake.response();
    let session = keys
        .derive_session(
            set,
            &response.kdd,
            handshake.host_challenge(),
            response.card_challenge.as_bytes(),
        )
        .expect("keys of this set");
    application.authenticate(handshake, session, level)
}
