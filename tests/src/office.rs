//! An issuer with its keys, certificates and profile, and the offices that deliver for it.

use negin_issuance::credentials::Credentials;
use negin_issuance::profile::Profile;
use negin_keystore::{
    FileKeyStore, KeyStore, NewKeys, OfficeCode, OverrideShare, SigningKeyId, TransportBatch,
};
use negin_ledger::{Seat as LedgerSeat, Timestamp, TrustedKeys};
use negin_secure_channel::key::{Key, KeySet};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The two officers of an override.
pub const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];

/// The seats of every issuer: one where cards are written, one where they are delivered.
pub const STATION: &str = "station-1";
/// See [`STATION`].
pub const COUNTER: &str = "counter-1";

/// 2026-03-01 08:00 UTC, when every test begins.
pub const MORNING: i64 = 1_772_352_000_000;

/// An issuer.
#[derive(Clone)]
pub struct Office {
    /// Its keys, the override unlocked.
    pub keys: FileKeyStore,
    /// Its certificates.
    pub credentials: Credentials,
    /// What its cards hold.
    pub profile: Profile,
    /// The office that delivers its cards.
    pub code: OfficeCode,
    /// The two officers' halves of the override key.
    pub shares: [OverrideShare; 2],
}

impl Office {
    /// The issuer of a seed, with the built-in profile.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_profile(seed, Profile::national_id().expect("the built-in profile"))
    }

    /// The issuer of a seed, with this profile.
    #[must_use]
    pub fn with_profile(seed: u64, profile: Profile) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let [one, two] = OFFICERS;
        let (mut keys, shares) =
            FileKeyStore::generate(&NewKeys::new(one, two), &mut rng).expect("two officers");
        keys.add_transport(TransportBatch {
            name: "simulated maker".to_owned(),
            chips: Vec::new(),
            diversified: false,
            keys: maker_keys(),
        })
        .expect("the first batch");
        for seat in [STATION, COUNTER] {
            keys.add_seat(seat, &mut rng).expect("a new seat");
        }
        let serials = [(); 3].map(|()| {
            let mut serial = [0; 16];
            rng.fill_bytes(&mut serial);
            serial
        });
        let now = Timestamp::from_unix_millis(MORNING);
        let credentials = Credentials::establish(&keys, &profile.certificates, now, serials)
            .expect("a development authority");
        keys.unlock_override(&shares[0], &shares[1])
            .expect("both shares");
        Self {
            keys,
            credentials,
            profile,
            code: "office-1".parse().expect("a code"),
            shares,
        }
    }

    /// The seat of this name, as the ledger knows it.
    #[must_use]
    pub fn ledger_seat(&self, name: &str) -> LedgerSeat {
        let keys = self.keys.clone();
        let id = SigningKeyId::LedgerSeat(name.to_owned());
        let public = keys.public_key(&id).expect("a seat of this issuer");
        let mut rng = ChaCha20Rng::seed_from_u64(name.bytes().map(u64::from).sum());
        LedgerSeat::new(
            name.parse().expect("a name"),
            public,
            Box::new(move |message| keys.sign(&id, message).map_err(Into::into)),
            Box::new(move |bytes| rng.fill_bytes(bytes)),
        )
    }

    /// The public keys of all seats.
    #[must_use]
    pub fn trusted(&self) -> TrustedKeys {
        self.keys
            .seats()
            .map(|(name, key)| (name.parse().expect("a name"), key))
            .collect()
    }
}

/// The keys that the simulated maker puts on its blank chips.
#[must_use]
pub fn maker_keys() -> KeySet {
    let bytes: [u8; 16] = std::array::from_fn(|at| 0x40 + at as u8);
    KeySet::of_one(&Key::new(&bytes).expect("16 bytes"))
}
