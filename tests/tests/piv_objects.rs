//! PIV's objects on a card that was written and delivered: each is what its standard says, signed, and bound to this card.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use negin_apdu::Chaining;
use negin_card::Piv;
use negin_eid::piv::{
    Biometric, BiometricObject, CardCapability, Chuid, Container, FascN, KeyHistory, ManagementKey,
    Pin, PrintedInformation, ReadAccess, SecurityObject,
};
use negin_fingerprint::{FingerPosition, ansi378};
use negin_issuance::pki;
use negin_issuance::profile::Profile;
use negin_ledger::Timestamp;
use negin_recognition::threshold;
use negin_tests::citizen::Citizen;
use negin_tests::desk::PIN;
use negin_tests::journey::{Command, Journey, World};
use negin_tests::link::Death;
use negin_tests::office::{MORNING, Office};

const CITIZEN: u64 = 3;

fn delivered(world: &World) -> Journey<'_> {
    let mut journey = world.locked();
    journey.start(Command::Deliver).0.unwrap();
    journey
}

fn world(profile: Profile) -> World {
    World::of(Office::with_profile(3, profile), CITIZEN)
}

fn pin() -> Pin {
    Pin::new(PIN).unwrap()
}

#[test]
fn every_object_is_signed_and_bound_to_its_card() {
    let world = world(Profile::piv_token().unwrap());
    let journey = delivered(&world);
    let root = world.office.credentials.root();
    let now = Timestamp::from_unix_millis(MORNING + 3_600_000);
    let mut piv = Piv::select(Chaining::new(journey.card.link())).unwrap();
    assert!(piv.verify_pin(pin()).unwrap().passed());
    let mut get = |container| piv.get(container).unwrap().expect("written");

    let chuid = Chuid::decode(&get(Container::Chuid)).unwrap();
    assert_eq!(chuid.fasc_n, FascN::NON_FEDERAL);
    let signer = pki::verify_chuid(&chuid, root, now).unwrap().signer;
    // RFC 9562: its version and variant.
    assert_eq!((chuid.guid[6] >> 4, chuid.guid[8] >> 6), (8, 2));

    CardCapability::decode(&get(Container::CardCapability)).unwrap();
    let printed = PrintedInformation::decode(&get(Container::PrintedInformation)).unwrap();
    assert_eq!(printed.expiration, chuid.expiration);
    let number = journey.record().card.unwrap().number;
    assert_eq!(printed.card_serial, number.as_str());
    let history = KeyHistory::decode(&get(Container::KeyHistory)).unwrap();
    assert_eq!(history, KeyHistory::default());

    // Face and fingers: signed by the same key, for this card.
    let mut biometric = |biometric: Biometric| {
        let object = BiometricObject::decode(biometric, &get(biometric.container())).unwrap();
        assert_eq!(object.header.valid.1, chuid.expiration);
        assert_eq!(object.header.fasc_n, chuid.fasc_n);
        pki::verify_biometric(&object, chuid.guid, &signer, root, now).unwrap();
        assert!(pki::verify_biometric(&object, [0; 16], &signer, root, now).is_err());
        object
    };
    assert!(
        biometric(Biometric::FacialImage)
            .record
            .starts_with(b"FAC\0")
    );
    let fingers = biometric(Biometric::Fingerprints);
    assert!((26..=1574).contains(&fingers.record.len()));
    let record = ansi378::decode(&fingers.record).unwrap();
    let positions: Vec<_> = record
        .views
        .iter()
        .map(|view| view.template.finger)
        .collect();
    assert_eq!(
        positions,
        [FingerPosition::RightIndex, FingerPosition::LeftIndex]
    );
    let citizen = Citizen::synthetic(CITIZEN);
    let stranger = Citizen::synthetic(CITIZEN + 1);
    for (which, view) in record.views.iter().enumerate() {
        assert!(view.template.minutiae.len() <= ansi378::piv::MAX_MINUTIAE);
        let score = |citizen: &Citizen| {
            let probe = negin_recognition::extract(&citizen.impression(which, 1)).unwrap();
            negin_recognition::compare(&view.template, &probe.template).score
        };
        assert!(score(&citizen) >= threshold::HOST);
        assert!(score(&stranger) < threshold::HOST);
    }

    // The security object vouches for all of them.
    let security_object = SecurityObject::decode(&get(Container::SecurityObject)).unwrap();
    let contents: Vec<_> = security_object
        .mapping
        .iter()
        .map(|(_, container)| (*container, get(*container)))
        .collect();
    let contents: Vec<_> = contents
        .iter()
        .map(|(c, object)| (*c, &object[..]))
        .collect();
    let vouched =
        pki::verify_piv_security_object(&security_object, &contents, &signer, root, now).unwrap();
    for container in [
        Container::CardCapability,
        Container::Chuid,
        Container::Discovery,
        Container::FacialImage,
        Container::Fingerprints,
        Container::KeyHistory,
        Container::PrintedInformation,
    ] {
        assert!(vouched.contains(&container), "{container:?}");
    }
}

#[test]
fn fingerprints_for_comparison_elsewhere_are_on_the_card_only_where_the_profile_says_so() {
    let world = world(Profile::national_id().unwrap());
    let journey = delivered(&world);
    let mut piv = Piv::select(Chaining::new(journey.card.link())).unwrap();
    assert!(piv.verify_pin(pin()).unwrap().passed());
    assert_eq!(piv.get(Container::Fingerprints).unwrap(), None);
    assert_eq!(Container::Fingerprints.read_access(), ReadAccess::Pin);
}

#[test]
fn the_administrator_of_the_profile_and_no_other() {
    for (profile, administered) in [
        (Profile::national_id().unwrap(), false),
        (Profile::piv_token().unwrap(), true),
    ] {
        let world = world(profile);
        // Before the card lives the key opens nothing.
        let locked = world.locked();
        let mut piv = Piv::select(Chaining::new(locked.card.link())).unwrap();
        let factory = ManagementKey::factory();
        assert!(piv.authenticate_administrator(&factory, &[7; 16]).is_err());
        let journey = delivered(&world);
        let mut piv = Piv::select(Chaining::new(journey.card.link())).unwrap();
        let authenticated = piv.authenticate_administrator(&factory, &[7; 16]);
        assert_eq!(authenticated.is_ok(), administered, "{authenticated:?}");
        let object = KeyHistory::default().encode();
        assert_eq!(piv.put(Container::KeyHistory, object).is_ok(), administered);
    }
}

#[test]
fn an_administrators_key_of_the_cards_own() {
    let text = Profile::national_id_toml().replace(
        "extensions = \"none\"",
        "extensions = \"standard\"\nmanagement_key = \"diversified\"",
    );
    let world = world(Profile::from_toml(&text, "own key").unwrap());
    let journey = delivered(&world);
    use negin_keystore::KeyStore;
    let kdd = journey.record().card.unwrap().chip;
    let kdd = kdd.as_bytes().try_into().unwrap();
    let key = world.office.keys.management_key(&kdd).unwrap();
    let algorithm = negin_eid::piv::ManagementAlgorithm::Aes256;
    let key = ManagementKey::new(algorithm, &key[..]).unwrap();
    let mut piv = Piv::select(Chaining::new(journey.card.link())).unwrap();
    let factory = ManagementKey::factory();
    assert!(piv.authenticate_administrator(&factory, &[7; 16]).is_err());
    piv.authenticate_administrator(&key, &[7; 16]).unwrap();
    let certificate = piv
        .get(Container::AuthenticationCertificate)
        .unwrap()
        .unwrap();
    piv.put(Container::AuthenticationCertificate, certificate)
        .unwrap();
    // Standard administration has no extension.
    assert!(piv.set_management_key(ManagementKey::factory()).is_err());
}

/// A work begun by a station with an older profile is finished by one with a newer: what is not on the card yet is
/// written, what differs is written anew.
#[test]
fn a_journal_from_before_is_taken_up() {
    let text = Profile::national_id_toml();
    let older = text
        .replace("    \"key-history\",\n", "")
        .replace(", \"security-object\"]\nkeys", "]\nkeys");
    let (older, _) = older.split_once("# Who may write to the card").unwrap();
    let before = world(Profile::from_toml(older, "older").unwrap());
    let after = world(Profile::piv_token().unwrap());
    let morning = before.morning();
    let mut whole = Journey::from(&before, &morning, 1);
    let (done, trail) = whole.start(Command::Personalise);
    done.unwrap();
    for cut in (4..trail.exchanges - 6).step_by(5) {
        let mut journey = Journey::from(&before, &morning, 1);
        journey.death = Some(Death::After(cut));
        journey.start(Command::Personalise).0.unwrap_err();
        let mut journey = Journey::from(&after, &journey.scene(), 1);
        for command in Command::ALL {
            journey
                .start(command)
                .0
                .unwrap_or_else(|error| panic!("{cut}: {error}"));
        }
        let mut piv = Piv::select(Chaining::new(journey.card.link())).unwrap();
        assert!(piv.verify_pin(pin()).unwrap().passed());
        for container in &after.office.profile.containers {
            assert!(
                piv.get(*container).unwrap().is_some(),
                "{cut}: {container:?}"
            );
        }
        let factory = ManagementKey::factory();
        piv.authenticate_administrator(&factory, &[7; 16]).unwrap();
    }
}
