//! What comes of keys, and what does not.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds nothing")]

use negin_keystore::{
    CardKeySet, Error, FileKeyStore, KeyLength, KeyStore, NewKeys, OfficeCode, OverrideShare,
    SigningKeyId, TransportBatch,
};
use negin_secure_channel::kdf3::diversify;
use negin_secure_channel::key::{Key, KeySet};
use negin_secure_channel::put_key;
use negin_secure_channel::scp03::kdf::SessionKeys;
use p256::ecdsa::signature::Verifier;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const KDD: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn centre() -> (FileKeyStore, [OverrideShare; 2]) {
    let (mut store, shares) =
        FileKeyStore::generate(&NewKeys::new("officer-1", "officer-2"), &mut rng(1)).unwrap();
    store
        .add_transport(batch("maker", &[], false, 0x40))
        .unwrap();
    store.add_seat("station-1", &mut rng(2)).unwrap();
    (store, shares)
}

fn batch(name: &str, chips: &[u8], diversified: bool, first: u8) -> TransportBatch {
    let key = Key::new(&(first..first + 16).collect::<Vec<_>>()).unwrap();
    TransportBatch {
        name: name.to_owned(),
        chips: chips.to_vec(),
        diversified,
        keys: KeySet::of_one(&key),
    }
}

fn office(code: &str) -> CardKeySet {
    CardKeySet::Delivery {
        office: code.parse().unwrap(),
    }
}

#[test]
fn transport_keys_by_batch_agree_with_globalplatformpro() {
    let (mut store, _) = centre();
    store
        .add_transport(batch("diversified", &[0, 1], true, 0x40))
        .unwrap();
    // GlobalPlatformPro's check values of the well-known test key, KDF3, for this diversification data.
    assert_eq!(
        store
            .kcvs(CardKeySet::Transport, &KDD)
            .unwrap()
            .map(hex::encode_upper),
        ["E79C05", "D1BD77", "3FDE8C"]
    );
    // Every other chip has the maker's key as it is: its well-known check value.
    assert_eq!(
        store
            .kcvs(CardKeySet::Transport, &[9; 10])
            .unwrap()
            .map(hex::encode_upper),
        ["504A77"; 3]
    );
    for taken in [
        batch("maker", &[7], false, 0),
        batch("another", &[0, 1], false, 0),
    ] {
        assert_eq!(
            store.add_transport(taken).unwrap_err().key(),
            "keystore.taken"
        );
    }
    assert_eq!(
        store
            .add_transport(batch("x", &[0; 11], false, 0))
            .unwrap_err()
            .key(),
        "keystore.invalid-name"
    );
    let empty = FileKeyStore::default();
    assert_eq!(
        empty.kcvs(CardKeySet::Transport, &KDD).unwrap_err().key(),
        "keystore.no-card-keys"
    );
}

#[test]
fn a_card_takes_what_was_wrapped_for_it() {
    let (store, shares) = centre();
    let dek = batch("", &[], false, 0x40).keys.dek;
    let wrapped = store
        .wrap_keys(CardKeySet::Issuer, &KDD, 0x30, CardKeySet::Transport)
        .unwrap();
    let (version, issuer) = put_key::decode(wrapped.data(), &dek).unwrap();
    assert_eq!(
        (version, issuer.kcvs()),
        (0x30, store.kcvs(CardKeySet::Issuer, &KDD).unwrap())
    );
    wrapped
        .check(&put_key::confirmation(0x30, &issuer))
        .unwrap();
    assert!(put_key::decode(wrapped.data(), &issuer.dek).is_err());

    // The same session keys on both ends.
    let session = store
        .derive_session(CardKeySet::Issuer, &KDD, &[1; 8], &[2; 8])
        .unwrap();
    assert_eq!(session, SessionKeys::derive(&issuer, &[1; 8], &[2; 8]));
    for (host, card) in [(8, 16), (7, 7), (0, 0), (17, 17)] {
        let error = store
            .derive_session(CardKeySet::Issuer, &KDD, &[1; 17][..host], &[2; 17][..card])
            .unwrap_err();
        assert_eq!(error.key(), "keystore.challenge-length");
    }

    let mut store = store;
    assert_eq!(
        store
            .wrap_keys(CardKeySet::Override, &KDD, 0x32, CardKeySet::Issuer)
            .unwrap_err()
            .key(),
        "keystore.override-locked"
    );
    store.unlock_override(&shares[1], &shares[0]).unwrap();
    let wrapped = store
        .wrap_keys(CardKeySet::Override, &KDD, 0x32, CardKeySet::Issuer)
        .unwrap();
    let (_, keys) = put_key::decode(wrapped.data(), &issuer.dek).unwrap();
    assert_eq!(keys.kcvs(), store.kcvs(CardKeySet::Override, &KDD).unwrap());
}

#[test]
fn every_card_and_every_role_has_its_own_keys() {
    let (mut store, shares) = centre();
    store.unlock_override(&shares[0], &shares[1]).unwrap();
    let sets = [
        CardKeySet::Issuer,
        CardKeySet::Override,
        office("TEH-0001"),
        office("TEH-0002"),
    ];
    let mut seen = Vec::new();
    for set in sets {
        for kdd in [KDD, [7; 10]] {
            seen.extend(store.kcvs(set, &kdd).unwrap());
        }
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((count, seen.len()), (24, 24));
}

#[test]
fn a_stolen_counter_costs_one_office() {
    let (mut centre, shares) = centre();
    let own: OfficeCode = "TEH-0042".parse().unwrap();
    let mut counter = centre.export_office(own, "counter-7", &mut rng(3)).unwrap();
    assert_eq!((counter.office(), centre.office()), (Some(own), None));
    let set = CardKeySet::Delivery { office: own };
    assert_eq!(
        counter.kcvs(set, &KDD).unwrap(),
        centre.kcvs(set, &KDD).unwrap()
    );
    let challenges = ([3; 16], [4; 16]);
    assert_eq!(
        counter
            .derive_session(set, &KDD, &challenges.0, &challenges.1)
            .unwrap(),
        centre
            .derive_session(set, &KDD, &challenges.0, &challenges.1)
            .unwrap()
    );

    // All that the file holds, and none of what is anybody else's.
    assert_eq!(
        counter.kcvs(office("TEH-0043"), &KDD).unwrap_err().key(),
        "keystore.other-office"
    );
    assert_eq!(
        counter.kcvs(CardKeySet::Issuer, &KDD).unwrap_err().key(),
        "keystore.no-card-keys"
    );
    assert_eq!(
        counter.kcvs(CardKeySet::Transport, &KDD).unwrap_err().key(),
        "keystore.no-card-keys"
    );
    assert_eq!(
        counter.kcvs(CardKeySet::Override, &KDD).unwrap_err().key(),
        "keystore.override-locked"
    );
    assert_eq!(
        counter.citizen_tag("0012345679").unwrap_err().key(),
        "keystore.no-citizen-key"
    );
    let other: OfficeCode = "TEH-0043".parse().unwrap();
    assert_eq!(
        counter
            .export_office(other, "counter-8", &mut rng(4))
            .unwrap_err()
            .key(),
        "keystore.other-office"
    );
    for id in [
        SigningKeyId::Ca,
        SigningKeyId::DocumentSigner,
        SigningKeyId::LedgerSeat("station-1".to_owned()),
    ] {
        assert_eq!(
            counter.sign(&id, b"x").unwrap_err().key(),
            "keystore.no-signing-key"
        );
        assert_eq!(
            counter.public_key(&id).unwrap(),
            centre.public_key(&id).unwrap()
        );
    }
    let secrets = secrets_in(&centre);
    let held = secrets_in(&counter);
    let shared: Vec<_> = held
        .iter()
        .filter(|secret| secrets.contains(secret))
        .collect();
    assert!(
        shared.is_empty(),
        "{} secrets of the centre in the counter's file",
        shared.len()
    );
    assert_eq!((secrets.len(), held.len()), (15, 4));

    // The counter signs its own chain, and the centre knows its key, not its secret.
    let seat = SigningKeyId::LedgerSeat("counter-7".to_owned());
    let signature = counter.sign(&seat, b"entry").unwrap();
    centre
        .public_key(&seat)
        .unwrap()
        .verify(b"entry", &signature)
        .unwrap();
    assert_eq!(
        centre.sign(&seat, b"entry").unwrap_err().key(),
        "keystore.no-signing-key"
    );
    // Two officers at the counter can override there.
    counter.unlock_override(&shares[0], &shares[1]).unwrap();
    centre.unlock_override(&shares[0], &shares[1]).unwrap();
    assert_eq!(
        counter.kcvs(CardKeySet::Override, &KDD).unwrap(),
        centre.kcvs(CardKeySet::Override, &KDD).unwrap()
    );
}

/// The private values of a store's file: all its strings of 32 and 64 hexadecimal digits.
fn secrets_in(store: &FileKeyStore) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    store.create_file(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let content = text.split("\"check\"").next().unwrap();
    let is_secret =
        |word: &&str| matches!(word.len(), 32 | 64) && word.bytes().all(|b| b.is_ascii_hexdigit());
    content
        .split('"')
        .filter(is_secret)
        .map(str::to_owned)
        .collect()
}

#[test]
fn an_office_derives_by_two_steps_of_kdf3() {
    let master = Key::new(&[0xA5; 32]).unwrap();
    let by_hand = diversify(&diversify(&KeySet::of_one(&master), b"TEH-0042\0\0"), &KDD);
    // A store whose every random byte is A5 has that national delivery master.
    struct Constant;
    impl rand_core::TryRng for Constant {
        type Error = core::convert::Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(0xA5A5_A5A5)
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(0xA5A5_A5A5_A5A5_A5A5)
        }
        fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
            dst.fill(0xA5);
            Ok(())
        }
    }
    impl rand_core::TryCryptoRng for Constant {}
    let (store, _) = FileKeyStore::generate(&NewKeys::new("a", "b"), &mut Constant).unwrap();
    assert_eq!(
        store.kcvs(office("TEH-0042"), &KDD).unwrap(),
        by_hand.kcvs()
    );
}

#[test]
fn the_override_needs_two_officers() {
    let (mut store, shares) = centre();
    let (_, others) =
        FileKeyStore::generate(&NewKeys::new("officer-1", "officer-2"), &mut rng(9)).unwrap();
    assert_eq!(
        (shares[0].officer(), shares[1].officer()),
        ("officer-1", "officer-2")
    );
    for (first, second) in [
        (&shares[0], &shares[0]),
        (&shares[1], &shares[1]),
        (&shares[0], &others[1]),
        (&others[0], &shares[1]),
        (&others[0], &others[1]),
    ] {
        assert_eq!(
            store.unlock_override(first, second).unwrap_err().key(),
            "keystore.share-mismatch"
        );
        assert_eq!(
            store.kcvs(CardKeySet::Override, &KDD).unwrap_err().key(),
            "keystore.override-locked"
        );
        assert_eq!(store.override_officers(), None);
    }
    store.unlock_override(&shares[0], &shares[1]).unwrap();
    assert_eq!(store.override_officers(), Some(["officer-1", "officer-2"]));
    store.kcvs(CardKeySet::Override, &KDD).unwrap();

    // What two officers brought in is not written down.
    let folder = tempfile::tempdir().unwrap();
    store.create_file(&folder.path().join("keys")).unwrap();
    let read = FileKeyStore::open(&folder.path().join("keys")).unwrap();
    assert_eq!(
        read.kcvs(CardKeySet::Override, &KDD).unwrap_err().key(),
        "keystore.override-locked"
    );
    store.lock_override();
    assert_eq!(
        store.kcvs(CardKeySet::Override, &KDD).unwrap_err().key(),
        "keystore.override-locked"
    );
    assert_eq!(
        FileKeyStore::default()
            .unlock_override(&shares[0], &shares[1])
            .unwrap_err()
            .key(),
        "keystore.no-card-keys"
    );
    for pair in [("", "b"), ("a", ""), ("a", "a")] {
        assert!(FileKeyStore::generate(&NewKeys::new(pair.0, pair.1), &mut rng(1)).is_err());
    }
}

#[test]
fn signatures_are_deterministic_and_verify() {
    let (store, _) = centre();
    for id in [
        SigningKeyId::Ca,
        SigningKeyId::DocumentSigner,
        SigningKeyId::LedgerSeat("station-1".to_owned()),
    ] {
        let signature = store.sign(&id, b"message").unwrap();
        assert_eq!(signature, store.sign(&id, b"message").unwrap());
        store
            .public_key(&id)
            .unwrap()
            .verify(b"message", &signature)
            .unwrap();
        assert!(
            store
                .public_key(&id)
                .unwrap()
                .verify(b"another", &signature)
                .is_err()
        );
    }
    assert_ne!(
        store.public_key(&SigningKeyId::Ca).unwrap(),
        store.public_key(&SigningKeyId::DocumentSigner).unwrap()
    );
    let unknown = SigningKeyId::LedgerSeat("nobody".to_owned());
    assert_eq!(
        store.public_key(&unknown).unwrap_err().key(),
        "keystore.no-public-key"
    );
    assert_eq!(
        store.sign(&unknown, b"").unwrap_err().key(),
        "keystore.no-signing-key"
    );
}

#[test]
fn seats_have_names_of_their_own() {
    let (mut store, _) = centre();
    assert_eq!(
        store.add_seat("station-1", &mut rng(5)).unwrap_err().key(),
        "keystore.taken"
    );
    for bad in ["", "two words", "ایستگاه", &"x".repeat(65)] {
        assert_eq!(
            store.add_seat(bad, &mut rng(5)).unwrap_err().key(),
            "keystore.invalid-name"
        );
    }
    let public = store.add_seat("station-2", &mut rng(5)).unwrap();
    store.trust_seat("station-2", public).unwrap();
    let other = store.public_key(&SigningKeyId::Ca).unwrap();
    assert_eq!(
        store.trust_seat("station-2", other).unwrap_err().key(),
        "keystore.taken"
    );
    let code = "TEH-0042".parse().unwrap();
    assert_eq!(
        store
            .export_office(code, "station-2", &mut rng(5))
            .unwrap_err()
            .key(),
        "keystore.taken"
    );
    assert_eq!(
        store.seats().map(|(name, _)| name).collect::<Vec<_>>(),
        ["station-1", "station-2"]
    );
}

#[test]
fn a_citizen_has_one_tag_and_no_number() {
    let (store, _) = centre();
    let tag = store.citizen_tag("0012345679").unwrap();
    assert_eq!(tag, store.citizen_tag("0012345679").unwrap());
    assert_ne!(tag, store.citizen_tag("0012345678").unwrap());
    let (other, _) = FileKeyStore::generate(&NewKeys::new("a", "b"), &mut rng(8)).unwrap();
    assert_ne!(tag, other.citizen_tag("0012345679").unwrap());
    for bad in ["", "123456789", "00123456790", "۰۰۱۲۳۴۵۶۷۹", "001234567x"] {
        assert!(matches!(store.citizen_tag(bad), Err(Error::NationalNumber)));
    }
}

#[test]
fn a_card_has_one_puk_of_eight_digits() {
    let (mut store, _) = centre();
    let puks: std::collections::BTreeSet<_> =
        (0..100).map(|n| *store.puk(&[n; 10]).unwrap()).collect();
    assert_eq!(puks.len(), 100);
    assert!(puks.iter().flatten().all(u8::is_ascii_digit));
    // Every digit at every place.
    for place in 0..8 {
        let digits: std::collections::BTreeSet<_> = puks.iter().map(|puk| puk[place]).collect();
        assert_eq!(digits.len(), 10);
    }
    assert_eq!(store.puk(&KDD).unwrap(), store.puk(&KDD).unwrap());
    // The pairing code is another eight digits.
    let code = store.pairing_code(&KDD).unwrap();
    assert!(code.iter().all(u8::is_ascii_digit));
    assert_eq!(code, store.pairing_code(&KDD).unwrap());
    assert_ne!(code, store.puk(&KDD).unwrap());
    assert_ne!(code, store.pairing_code(&[7; 10]).unwrap());
    let counter = store
        .export_office("X".parse().unwrap(), "counter-1", &mut rng(3))
        .unwrap();
    assert_eq!(counter.puk(&KDD).unwrap_err().key(), "keystore.no-puk-key");
    let refused = counter.pairing_code(&KDD).unwrap_err();
    assert_eq!(refused.key(), "keystore.no-puk-key");
}

#[test]
fn key_lengths_go_through() {
    for (length, data) in [
        (KeyLength::Aes128, 70),
        (KeyLength::Aes192, 118),
        (KeyLength::Aes256, 118),
    ] {
        let new = NewKeys::new("a", "b").with_length(length);
        let (mut store, shares) = FileKeyStore::generate(&new, &mut rng(6)).unwrap();
        store
            .add_transport(batch("maker", &[], false, 0x40))
            .unwrap();
        store.unlock_override(&shares[0], &shares[1]).unwrap();
        for set in [CardKeySet::Issuer, CardKeySet::Override, office("X")] {
            assert_eq!(
                store
                    .wrap_keys(set, &KDD, 1, CardKeySet::Transport)
                    .unwrap()
                    .data()
                    .len(),
                data
            );
        }
    }
}

#[test]
fn debug_shows_no_secret() {
    let (mut store, shares) = centre();
    store.unlock_override(&shares[0], &shares[1]).unwrap();
    let shown = format!(
        "{store:?} {shares:?} {:?}",
        batch("maker", &[], false, 0x40)
    );
    for secret in secrets_in(&store) {
        let bytes = hex::decode(&secret).unwrap();
        assert!(!shown.contains(&secret) && !shown.contains(&format!("{:?}", &bytes[..4])));
    }
    assert!(!shown.to_lowercase().contains("4041424344"));
}

#[test]
fn what_other_cards_and_administrators_need() {
    let (mut store, _) = centre();
    let office: OfficeCode = "office-1".parse().unwrap();
    let counter = store
        .export_office(office, "counter-1", &mut rng(9))
        .unwrap();
    // The office that delivers a card derives the PIN it travels with; another office does not.
    let pin = store.transport_pin(office, &KDD).unwrap();
    assert_eq!(counter.transport_pin(office, &KDD).unwrap(), pin);
    assert!(pin.iter().all(u8::is_ascii_digit));
    assert_ne!(store.transport_pin(office, &[8; 10]).unwrap(), pin);
    let other: OfficeCode = "office-2".parse().unwrap();
    assert_ne!(store.transport_pin(other, &KDD).unwrap(), pin);
    assert_eq!(
        counter.transport_pin(other, &KDD).unwrap_err().key(),
        "keystore.other-office"
    );
    // Each card has a management key of its own, and no counter derives it.
    let key = store.management_key(&KDD).unwrap();
    assert_ne!(store.management_key(&[8; 10]).unwrap(), key);
    assert_eq!(
        counter.management_key(&KDD).unwrap_err().key(),
        "keystore.no-management-key"
    );
}
