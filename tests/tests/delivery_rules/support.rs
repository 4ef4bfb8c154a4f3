//! A locked card at a counter, and what may be tried on it.

use negin_apdu::{Chaining, Command, Exchange, StatusWord};
use negin_card::{CardApplication, Error, Piv, SecurityDomain, TravelDocument};
use negin_eid::Secret;
use negin_eid::aid::Application;
use negin_eid::piv::{
    ActivationRecord, Algorithm, BiometricInformationTemplate, ChangeReferenceData, Container,
    EnrolReference, FingerPosition, FingerReference, GeneralAuthenticate, GenerateKeyPair,
    KeyReference, MinutiaeOrder, OperatorNote, Pin, PivCommand, Puk, PutData, Verify, VerifyAction,
    VerifyReference,
};
use negin_eid::select::SelectApplication;
use negin_firmware_sim::bus::InProcess;
use negin_issuance::Error as IssuanceError;
use negin_keystore::CardKeySet;
use negin_secure_channel::scp03::SecurityLevel;
use negin_secure_channel::scp03::host::Channel;
use negin_tests::channel::{open, open_at};
use negin_tests::citizen::Citizen;
use negin_tests::desk::PIN;
use negin_tests::journey::{Journey, World, minutiae};
use negin_tests::link::{Ear, Wire};
use negin_tests::office::Office;

pub const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;
pub const OPEN: StatusWord = StatusWord::SUCCESS;
pub const PRIMARY: FingerReference = FingerReference::Primary;
/// Comparisons that a card of the built-in profile bears.
pub const TRIES: u8 = 10;

/// The way to the card, overheard.
pub type Link = Chaining<Wire<InProcess>>;

/// PIV over the way, under a channel.
pub type Session = Piv<Channel<Link>>;

pub fn world() -> World {
    World::of(Office::new(3), 1)
}

pub fn delivery(world: &World) -> CardKeySet {
    CardKeySet::Delivery {
        office: world.office.code,
    }
}

/// Powers the card on.
pub fn link(journey: &Journey<'_>) -> (Link, Ear) {
    let ear = Ear::default();
    (
        Chaining::new(Wire::new(journey.card.link(), ear.clone())),
        ear,
    )
}

/// PIV selected, nothing opened.
pub fn plain(journey: &Journey<'_>) -> Piv<Link> {
    Piv::select(link(journey).0).expect("PIV")
}

/// PIV selected and a channel opened with these keys.
pub fn session(journey: &Journey<'_>, world: &World, set: CardKeySet) -> Session {
    open(&world.office.keys, plain(journey), set).expect("the card's keys")
}

/// As [`session`], at another level.
pub fn session_at(
    journey: &Journey<'_>,
    world: &World,
    set: CardKeySet,
    level: SecurityLevel,
) -> Session {
    try_session_at(journey, world, set, level).expect("the card's keys")
}

/// As [`session_at`], where the card may refuse.
pub fn try_session_at(
    journey: &Journey<'_>,
    world: &World,
    set: CardKeySet,
    level: SecurityLevel,
) -> Result<Session, Error> {
    open_at(&world.office.keys, plain(journey), set, level)
}

/// The security domain selected and a channel opened with these keys.
pub fn domain(
    journey: &Journey<'_>,
    world: &World,
    set: CardKeySet,
) -> SecurityDomain<Channel<Link>> {
    let domain = SecurityDomain::select(link(journey).0).expect("a security domain");
    open(&world.office.keys, domain, set).expect("the card's keys")
}

/// The travel document selected, nothing opened.
pub fn travel_document(journey: &Journey<'_>) -> TravelDocument<Link> {
    TravelDocument::select(link(journey).0).expect("a travel document")
}

/// What the card says to a command, however it is carried.
pub fn say<A: CardApplication>(application: &mut A, command: &Command) -> StatusWord {
    application
        .carrier()
        .exchange(command)
        .expect("an answer")
        .sw
}

pub fn say_piv<A: CardApplication>(application: &mut A, command: &PivCommand) -> StatusWord {
    say(application, &command.to_apdu())
}

/// The status word of what came of a typed call.
pub fn status<R: std::fmt::Debug>(outcome: Result<R, Error>) -> StatusWord {
    match outcome {
        Ok(_) => OPEN,
        Err(Error::Refused { sw, .. } | Error::AuthenticationRefused { sw }) => sw,
        Err(other) => panic!("{other}"),
    }
}

/// The stable key of what a command failed with.
pub fn key<R: std::fmt::Debug>(outcome: Result<R, IssuanceError>) -> &'static str {
    outcome.expect_err("refused").key()
}

pub fn pin() -> Pin {
    Pin::new(PIN).expect("a PIN")
}

pub fn select(application: Application) -> Command {
    SelectApplication::new(application.aid()).to_apdu()
}

pub fn verify_pin() -> PivCommand {
    PivCommand::Verify(Verify {
        reference: VerifyReference::Pin,
        action: VerifyAction::Pin(pin()),
    })
}

/// VERIFY with minutiae of the enrolled finger.
pub fn genuine(world: &World) -> PivCommand {
    finger(world.probes[0].clone())
}

/// VERIFY with minutiae of another person's finger.
pub fn foreign(world: &World) -> PivCommand {
    let other = Citizen::synthetic(2).impression(1, 1);
    finger(minutiae(&other, &world.office))
}

fn finger(minutiae: Vec<u8>) -> PivCommand {
    PivCommand::Verify(Verify {
        reference: PRIMARY.verify(),
        action: VerifyAction::Minutiae(Secret::new(minutiae)),
    })
}

pub fn first_pin() -> PivCommand {
    PivCommand::ChangeReferenceData(ChangeReferenceData::FirstPin(pin()))
}

pub fn activate() -> PivCommand {
    PivCommand::Activate(OperatorNote::new(*b"somebody").expect("short"))
}

pub fn sign(key: KeyReference) -> PivCommand {
    PivCommand::GeneralAuthenticate(GeneralAuthenticate::Sign {
        key,
        algorithm: Algorithm::EccP256,
        digest: vec![7; 32],
    })
}

pub fn generate(key: KeyReference) -> PivCommand {
    PivCommand::GenerateKeyPair(GenerateKeyPair {
        key,
        algorithm: Algorithm::EccP256,
    })
}

pub fn put(container: Container) -> PivCommand {
    PivCommand::PutData(PutData::Object {
        container,
        object: vec![0x53, 0x00],
    })
}

pub fn enrol(world: &World) -> PivCommand {
    let limits = &world.office.profile.fingers.limits;
    let template = BiometricInformationTemplate::new(
        PRIMARY,
        FingerPosition::RightIndex,
        limits.min,
        limits.max,
        MinutiaeOrder::NONE,
    );
    let enrolment = EnrolReference::new(template, world.probes[0].clone()).expect("minutiae");
    PivCommand::PutData(PutData::Enrol(enrolment))
}

/// All that may be said to PIV, but for what is always free.
pub fn everything(world: &World) -> Vec<PivCommand> {
    let verify = |reference, action| PivCommand::Verify(Verify { reference, action });
    let change = PivCommand::ChangeReferenceData;
    let mut commands = vec![
        verify_pin(),
        genuine(world),
        foreign(world),
        verify(VerifyReference::Pin, VerifyAction::Status),
        verify(VerifyReference::PrimaryFinger, VerifyAction::Status),
        verify(VerifyReference::SecondaryFinger, VerifyAction::Reset),
        first_pin(),
        change(ChangeReferenceData::FirstPuk(Puk::new(*b"12345678"))),
        change(ChangeReferenceData::Pin {
            old: Secret::new(*pin().padded()),
            new: pin(),
        }),
        change(ChangeReferenceData::Puk {
            old: Puk::new(*b"12345678"),
            new: Puk::new(*b"12345678"),
        }),
        PivCommand::ResetRetryCounter {
            puk: Puk::new(*b"12345678"),
            pin: pin(),
        },
        activate(),
        enrol(world),
    ];
    for key in KeyReference::CURRENT {
        commands.push(generate(key));
        if !key.agrees() {
            commands.push(sign(key));
        }
    }
    for container in Container::ALL {
        if !matches!(
            container,
            Container::Discovery | Container::BiometricInformation
        ) {
            commands.push(PivCommand::GetData(container));
        }
        if container.is_wrapped() && container.is_writable() {
            commands.push(put(container));
        }
    }
    commands
}

/// Comparisons left for the first finger, as its counter sees it.
pub fn tries(journey: &Journey<'_>, world: &World) -> u8 {
    let mut session = session(journey, world, delivery(world));
    match session.tries(PRIMARY.verify()).expect("told") {
        negin_card::Verification::Failed { retries } => retries,
        other => panic!("{other:?}"),
    }
}

/// The activation record, where the card is live.
pub fn record(journey: &Journey<'_>) -> Option<ActivationRecord> {
    plain(journey).activation_record().ok().flatten()
}
