//! A citizen's card over the antenna: refused without the virtual contact interface, served with it, by the host's own
//! functions and certificates up to the issuer's root.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use negin_apdu::{Chaining, Interface, Limits, StatusWord};
use negin_card::{CardApplication, Error, Piv, Verification};
use negin_eid::piv::{
    Chuid, Container, FingerReference, KeyReference, PairingCode, Pin, PropertyTemplate,
    VerifyReference,
};
use negin_firmware_sim::bus::{InProcess, share};
use negin_firmware_sim::card::Card;
use negin_issuance::pki::{Certificate, verify_messaging_signer};
use negin_issuance::profile::{Profile, VirtualContact};
use negin_keystore::KeyStore;
use negin_ledger::Timestamp;
use negin_secure_channel::opacity::host::Channel;
use negin_secure_channel::opacity::{ContentSigner, CvcSubject};
use negin_tests::card::BenchCard;
use negin_tests::desk::PIN;
use negin_tests::journey::{Command, Journey, World};
use negin_tests::link::Death;
use negin_tests::office::{MORNING, Office};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

type Air = Chaining<InProcess>;

/// The card in a reader that reaches it over the antenna, short APDUs and all.
fn over_the_antenna(card: &BenchCard) -> Air {
    let state = card.state();
    let card = Card::from_state_bytes(&state, ChaCha20Rng::seed_from_u64(4)).unwrap();
    let link = InProcess::connect(share(card), Interface::Contactless, Limits::SHORT);
    Chaining::new(link.unwrap())
}

fn now() -> Timestamp {
    Timestamp::from_unix_millis(MORNING)
}

/// Opens secure messaging as a reader of this issuer does: the card says who signed it, the root says whether to
/// believe it.
fn establish(air: Air, root: &Certificate, seed: u64) -> Result<Piv<Channel<Air>>, Error> {
    let mut piv = Piv::select(air)?;
    let container = piv.messaging_signer()?.expect("a card with messaging");
    let (signer, intermediate) =
        verify_messaging_signer(&container, root, now()).expect("this issuer's");
    let chuid = Chuid::decode(&piv.get(Container::Chuid)?.expect("a CHUID")).unwrap();
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let (piv, certificate) = piv.establish(&signer, intermediate.as_ref(), |bytes| {
        random.fill_bytes(bytes);
    })?;
    assert_eq!(certificate.subject(), CvcSubject::Card(chuid.guid));
    Ok(piv)
}

fn pairing_code(office: &Office, chip: u8) -> PairingCode {
    PairingCode::new(&*office.keys.pairing_code(&[chip; 10]).unwrap()).unwrap()
}

fn pin() -> Pin {
    Pin::new(PIN).unwrap()
}

fn refused<T: core::fmt::Debug>(result: Result<T, Error>) -> StatusWord {
    match result {
        Err(Error::Refused { sw, .. }) => sw,
        other => panic!("{other:?}"),
    }
}

fn world(virtual_contact: VirtualContact) -> World {
    let mut profile = Profile::national_id().unwrap();
    profile.virtual_contact = virtual_contact;
    World::of(Office::with_profile(5, profile), 5)
}

fn delivered(world: &World) -> Journey<'_> {
    let mut journey = world.locked();
    journey.start(Command::Deliver).0.unwrap();
    journey
}

#[test]
fn refused_without_it_and_served_with_it() {
    let world = world(VirtualContact::PairingCode);
    let root = world.office.credentials.root();
    let mut journey = world.locked();
    // On its way the card sets up nothing.
    let mut piv = Piv::select(over_the_antenna(&journey.card)).unwrap();
    let announced = piv.property_template().map(PropertyTemplate::encode);
    assert!(
        announced
            .unwrap()
            .windows(3)
            .any(|part| part == [0x80, 0x01, 0x27])
    );
    assert_eq!(
        refused(piv.messaging_signer()),
        StatusWord::CONDITIONS_NOT_SATISFIED
    );
    journey.start(Command::Deliver).0.unwrap();

    let mut plain = Piv::select(over_the_antenna(&journey.card)).unwrap();
    let discovery = plain.discovery().unwrap().unwrap();
    assert!(discovery.virtual_contact && !discovery.without_pairing_code);
    let unverified = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
    let certificate = Container::AuthenticationCertificate;
    assert_eq!(refused(plain.get(certificate)), unverified);
    assert!(plain.verify_pin(pin()).is_err());
    assert_eq!(
        refused(plain.verify_pairing_code(pairing_code(&world.office, 7))),
        unverified
    );
    assert_eq!(
        refused(plain.sign(KeyReference::Authentication, &[1; 32])),
        unverified
    );

    let mut piv = establish(over_the_antenna(&journey.card), root, 1).unwrap();
    assert_eq!(
        refused(piv.get(certificate)),
        unverified,
        "no pairing code yet"
    );
    assert_eq!(
        piv.verify_pairing_code(pairing_code(&world.office, 8)),
        Ok(false),
        "another card's"
    );
    assert!(piv.verify_pin(pin()).is_err());
    let code = pairing_code(&world.office, 7);
    assert_eq!(piv.verify_pairing_code(code.clone()), Ok(true));
    assert!(piv.get(certificate).unwrap().is_some());
    assert_eq!(refused(piv.get(Container::FacialImage)), unverified);
    assert_eq!(piv.verify_pin(pin()), Ok(Verification::Passed));
    // A long answer: a photograph, in pieces.
    assert!(piv.get(Container::FacialImage).unwrap().unwrap().len() > 1000);
    assert!(piv.sign(KeyReference::Authentication, &[1; 32]).is_ok());
    // Whoever holds the card can tell its code to another reader.
    let held = piv.get(Container::PairingCode).unwrap().unwrap();
    assert_eq!(PairingCode::decode(&held).unwrap(), code);
    assert_eq!(piv.tries(VerifyReference::Pin), Ok(Verification::Passed));

    // Given up, the session is not to be had back, and nothing it opened is open.
    let mut plain = Piv::selected(piv.into_carrier().into_inner());
    assert_eq!(refused(plain.get(Container::FacialImage)), unverified);
}

#[test]
fn an_open_card_asks_for_no_code_and_a_silent_one_has_no_messaging() {
    let open = world(VirtualContact::Open);
    let journey = delivered(&open);
    let root = open.office.credentials.root();
    let mut piv = establish(over_the_antenna(&journey.card), root, 2).unwrap();
    assert_eq!(piv.verify_pin(pin()), Ok(Verification::Passed));
    assert_eq!(piv.get(Container::PairingCode), Ok(None));

    let silent = world(VirtualContact::None);
    let journey = delivered(&silent);
    let mut piv = Piv::select(over_the_antenna(&journey.card)).unwrap();
    assert_eq!(piv.messaging_signer(), Ok(None));
    let signer = content_signer(&open);
    let refusal = piv.establish(&signer, None, |bytes| bytes.fill(1));
    assert_eq!(refused(refusal.map(drop)), StatusWord::INCORRECT_P1P2);
}

#[test]
fn a_finger_takes_secure_messaging_and_opens_what_the_interface_opens() {
    let world = world(VirtualContact::PairingCode);
    let journey = delivered(&world);
    let finger = |piv: &mut Piv<Channel<Air>>| {
        piv.verify_finger(FingerReference::Primary, world.probes[0].clone())
    };
    let mut plain = Piv::select(over_the_antenna(&journey.card)).unwrap();
    let in_the_open = plain.verify_finger(FingerReference::Primary, world.probes[0].clone());
    assert!(in_the_open.is_err());
    let root = world.office.credentials.root();
    let mut piv = establish(over_the_antenna(&journey.card), root, 6).unwrap();
    assert_eq!(finger(&mut piv), Ok(Verification::Passed));
    let printed = Container::PrintedInformation;
    let unverified = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
    assert_eq!(refused(piv.get(printed)), unverified, "no pairing code yet");
    let code = pairing_code(&world.office, 7);
    assert_eq!(piv.verify_pairing_code(code), Ok(true));
    assert!(piv.get(printed).unwrap().is_some());
    assert_eq!(
        refused(piv.get(Container::FacialImage)),
        unverified,
        "PIN only"
    );
    let digest = [1; 32];
    assert!(piv.sign(KeyReference::Authentication, &digest).is_ok());
    assert!(piv.sign(KeyReference::Signature, &digest).is_err());
    assert_eq!(finger(&mut piv), Ok(Verification::Passed));
    assert!(piv.sign(KeyReference::Signature, &digest).is_ok());
}

fn content_signer(world: &World) -> ContentSigner {
    let office = &world.office;
    let signer = office.credentials.content_signer(&office.keys).unwrap();
    signer.certificate().as_content_signer().unwrap()
}

#[test]
fn a_card_of_another_issuer_is_not_believed() {
    let ours = world(VirtualContact::PairingCode);
    let journey = delivered(&ours);
    let others = Office::new(6);
    let mut piv = Piv::select(over_the_antenna(&journey.card)).unwrap();
    let container = piv.messaging_signer().unwrap().unwrap();
    let believed = verify_messaging_signer(&container, others.credentials.root(), now());
    assert_eq!(believed.unwrap_err().key(), "pki.untrusted");
    let signer = others.credentials.content_signer(&others.keys).unwrap();
    let signer = signer.certificate().as_content_signer().unwrap();
    let opened = piv.establish(&signer, None, |bytes| bytes.fill(1));
    assert_eq!(
        opened.err(),
        Some(Error::Channel(
            negin_secure_channel::Error::UntrustedCertificate
        ))
    );
    // No certificate of a card or of the authority itself is a content signer's.
    for certificate in [
        ours.office.credentials.root().der().to_vec(),
        certificate_9a(&journey.card),
    ] {
        let forged = negin_eid::piv::SecureMessagingSigner::new(certificate);
        let root = ours.office.credentials.root();
        assert!(verify_messaging_signer(&forged, root, now()).is_err());
    }
}

fn certificate_9a(card: &BenchCard) -> Vec<u8> {
    let mut piv = Piv::select(Chaining::new(card.link())).unwrap();
    let object = piv.get(Container::AuthenticationCertificate).unwrap();
    let object = negin_eid::piv::CertificateObject::decode(&object.unwrap());
    object.unwrap().certificate
}

/// A card that was begun before there was secure messaging gets it when it is taken up; one that was finished stays as
/// it is and is delivered as ever.
#[test]
fn work_that_began_without_it_goes_on_with_it() {
    let before = world(VirtualContact::None);
    let after = world(VirtualContact::PairingCode);
    let morning = before.morning();
    let exchanges = {
        let mut whole = Journey::from(&before, &morning, 1);
        whole.start(Command::Personalise).1.exchanges
    };
    for at in [exchanges / 4, exchanges / 2, exchanges * 3 / 4] {
        let mut journey = Journey::from(&before, &morning, 1);
        journey.death = Some(Death::After(at));
        assert!(journey.start(Command::Personalise).0.is_err());
        let mut journey = Journey::from(&after, &journey.scene(), 2);
        journey.finish();
        let root = after.office.credentials.root();
        let mut piv = establish(over_the_antenna(&journey.card), root, 3).unwrap();
        let code = pairing_code(&after.office, 7);
        assert_eq!(piv.verify_pairing_code(code), Ok(true), "at {at}");
    }
    let finished = before.locked();
    let mut journey = Journey::from(&after, &finished.scene(), 2);
    journey.finish();
    let mut piv = Piv::select(over_the_antenna(&journey.card)).unwrap();
    assert_eq!(piv.messaging_signer(), Ok(None));
}
