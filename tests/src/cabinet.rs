//! One card of each state, made by the rooms as offices make them, and the standings in which each can be met.

use negin_apdu::{Command, StatusWord};
use negin_eid::aid::Application::{Piv, SecurityDomain, TravelDocument};
use negin_eid::gp::{CardState, GpCommand, SetStatus};
use negin_eid::piv::{
    ChangeReferenceData, Container, FingerReference, ManagementKey, OperatorNote, Pin, PivCommand,
    SecureMessagingSigner, Verify, VerifyAction, VerifyReference,
};
use negin_eid::roles::Role;
use negin_issuance::pki::verify_messaging_signer;
use negin_issuance::profile::Profile;
use negin_keystore::KeyStore;
use negin_ledger::Timestamp;
use negin_secure_channel::opacity::ContentSigner;

use crate::citizen::Citizen;
use crate::desk::PIN;
use crate::journey::{self, Command as Office, Journey, World, minutiae};
use crate::link::Death;
use crate::office::MORNING;
use negin_proof::specimen::{Specimen, id};
use negin_proof::standing::{Standing, Step};

/// The number of the chip that all cards of a world are.
pub const KDD: [u8; 10] = [7; 10];

/// One citizen's card in every state.
pub struct Cabinet {
    /// From the maker.
    pub blank: Specimen,
    /// The issuer's keys are on it, and nothing else.
    pub begun: Specimen,
    /// All is written, but for the last states: the issuer may still write everything.
    pub writing: Specimen,
    /// Personalised and shipped.
    pub waiting: Specimen,
    /// In its holder's hand.
    pub live: Specimen,
    /// CARD_LOCKED.
    pub locked: Specimen,
    /// TERMINATED.
    pub terminated: Specimen,
    /// The citizen's first finger at the counter, as a probe.
    pub probe: Vec<u8>,
    /// Other impressions of both fingers.
    pub probes: Vec<Vec<u8>>,
    /// Somebody else's finger.
    pub stranger: Vec<u8>,
    /// The card's PUK.
    pub puk: [u8; 8],
    /// Its pairing code.
    pub pairing_code: [u8; 8],
    /// Who issued the certificate of its secure messaging.
    pub signer: ContentSigner,
}

impl Cabinet {
    /// The cards of a world's citizen.
    ///
    /// # Panics
    /// Where the offices fail at their work.
    #[must_use]
    pub fn of(world: &World) -> Self {
        Self::from(world, &world.morning())
    }

    /// The cards that become of the blank one of this morning.
    ///
    /// # Panics
    /// Where the offices fail at their work.
    #[must_use]
    pub fn from(world: &World, morning: &journey::Scene) -> Self {
        let mut waiting = Journey::from(world, morning, 1);
        for command in [Office::Personalise, Office::Ship] {
            waiting.start(command).0.expect("nothing is in the way");
        }
        let mut live = Journey::from(world, &waiting.scene(), 1);
        live.finish();
        let specimen = |journey: &Journey<'_>| Specimen::of_state(&journey.card.state());
        let live = specimen(&live);
        Self {
            blank: Specimen::of_state(&morning.card),
            begun: begun(world, morning),
            writing: writing(world, morning),
            waiting: specimen(&waiting),
            locked: with_state(&live, CardState::Locked),
            terminated: with_state(&live, CardState::Terminated),
            signer: signer(world, &live),
            pairing_code: *world.office.keys.pairing_code(&KDD).expect("a code"),
            live,
            probe: minutiae(&world.at_counter, &world.office),
            probes: world.probes.clone(),
            stranger: minutiae(&Citizen::synthetic(9).impression(1, 0), &world.office),
            puk: *world.office.keys.puk(&KDD).expect("a PUK"),
        }
    }

    /// Every card.
    #[must_use]
    pub const fn cards(&self) -> [&Specimen; 7] {
        [
            &self.blank,
            &self.begun,
            &self.writing,
            &self.waiting,
            &self.live,
            &self.locked,
            &self.terminated,
        ]
    }

    /// VERIFY with the probe of the counter.
    #[must_use]
    pub fn matching(&self) -> Command {
        verify(
            FingerReference::Primary.verify(),
            VerifyAction::Minutiae(self.probe.clone().into()),
        )
    }

    /// VERIFY with a stranger's finger.
    #[must_use]
    pub fn not_matching(&self) -> Command {
        verify(
            FingerReference::Primary.verify(),
            VerifyAction::Minutiae(self.stranger.clone().into()),
        )
    }

    /// Tries of each finger that nobody has compared yet.
    #[must_use]
    pub fn finger_tries(&self) -> u8 {
        self.waiting.object(id::TRIES).expect("counters")[2]
    }

    /// VERIFY with the pairing code.
    #[must_use]
    pub fn pairing(&self) -> Command {
        Command::new(0x00, 0x20, 0x00, 0x98).with_data(self.pairing_code)
    }

    /// Standings over the antenna under PIV's own secure messaging: without the pairing code, with it, and with PIN and
    /// finger verified.
    #[must_use]
    pub fn virtual_contact(&self) -> Vec<Standing> {
        let open = || vec![Step::Select(Piv), Step::Messaging(self.signer.clone())];
        let say = |commands: &[Command]| {
            let mut steps = open();
            steps.extend(commands.iter().cloned().map(Step::Say));
            steps
        };
        let all = [
            ("PIV's messaging", open()),
            ("virtual contact", say(&[self.pairing()])),
            (
                "virtual contact, finger and PIN verified",
                say(&[self.pairing(), self.matching(), verify_pin()]),
            ),
        ];
        all.into_iter()
            .map(|(name, steps)| Standing::new(name, &self.live, steps).contactless())
            .collect()
    }

    /// Every standing.
    #[must_use]
    pub fn standings(&self) -> Vec<Standing> {
        let select = |application| vec![Step::Select(application)];
        let channel = |application, role| vec![Step::Select(application), Step::Channel(role)];
        let then = |mut steps: Vec<Step>, commands: &[Command]| {
            steps.extend(commands.iter().cloned().map(Step::Say));
            steps
        };
        let pin = verify_pin();
        let finger = self.matching();
        let mut all = Vec::new();
        let mut add = |name: &str, card: &Specimen, steps: Vec<Step>| {
            all.push(Standing::new(name, card, steps));
        };

        add("blank", &self.blank, select(SecurityDomain));
        add("blank, PIV", &self.blank, select(Piv));
        add(
            "blank, transport channel",
            &self.blank,
            channel(SecurityDomain, Role::Transport),
        );
        for (application, name) in [
            (SecurityDomain, "security domain"),
            (Piv, "PIV"),
            (TravelDocument, "travel document"),
        ] {
            add(
                &format!("being written, {name}"),
                &self.writing,
                select(application),
            );
            add(
                &format!("being written, {name}, issuer channel"),
                &self.writing,
                channel(application, Role::Issuer),
            );
            add(
                &format!("waiting, {name}"),
                &self.waiting,
                select(application),
            );
            add(
                &format!("waiting, {name}, issuer channel"),
                &self.waiting,
                channel(application, Role::Issuer),
            );
            add(&format!("live, {name}"), &self.live, select(application));
            add(
                &format!("live, {name}, issuer channel"),
                &self.live,
                channel(application, Role::Issuer),
            );
        }
        let delivery = || channel(Piv, Role::Delivery);
        add("waiting, delivery channel", &self.waiting, delivery());
        add(
            "waiting, delivery channel, matched",
            &self.waiting,
            then(delivery(), std::slice::from_ref(&finger)),
        );
        let set = [finger.clone(), first_pin()];
        add(
            "waiting, delivery channel, matched, PIN set",
            &self.waiting,
            then(delivery(), &set),
        );
        let set = [set.to_vec(), vec![activate()]].concat();
        add(
            "just activated, delivery channel",
            &self.waiting,
            then(delivery(), &set),
        );
        add(
            "waiting, override channel",
            &self.waiting,
            channel(Piv, Role::Override),
        );
        add(
            "waiting, override channel, PIN set",
            &self.waiting,
            then(channel(Piv, Role::Override), &[first_pin()]),
        );
        let just_pin = std::slice::from_ref(&pin);
        add(
            "live, PIV, PIN verified",
            &self.live,
            then(select(Piv), just_pin),
        );
        let both = [finger, pin.clone()];
        add(
            "live, PIV, finger and PIN verified",
            &self.live,
            then(select(Piv), &both),
        );
        add(
            "live, travel document, PIN verified",
            &self.live,
            then(select(TravelDocument), just_pin),
        );
        add(
            "live, PIV, delivery channel, finger and PIN verified",
            &self.live,
            then(delivery(), &both),
        );
        add(
            "live, PIV, override channel, finger and PIN verified",
            &self.live,
            then(channel(Piv, Role::Override), &both),
        );
        add(
            "live, PIV, issuer channel, finger and PIN verified",
            &self.live,
            then(channel(Piv, Role::Issuer), &both),
        );
        add("locked", &self.locked, select(SecurityDomain));
        add(
            "locked, issuer channel",
            &self.locked,
            channel(SecurityDomain, Role::Issuer),
        );
        add("terminated", &self.terminated, select(SecurityDomain));

        let antenna = [
            ("being written, PIV", false),
            ("being written, PIV, issuer channel", true),
            ("waiting, PIV", false),
            ("waiting, delivery channel, matched", true),
            ("live, security domain", false),
            ("live, PIV", false),
            ("live, travel document", false),
            ("live, PIV, issuer channel, finger and PIN verified", true),
        ];
        let over: Vec<Standing> = all
            .iter()
            .filter(|standing| antenna.iter().any(|(name, _)| *name == standing.name))
            .map(|standing| standing.clone().contactless())
            .collect();
        assert_eq!(over.len(), antenna.len());
        all.extend(over);
        all
    }
}

/// Who signed the certificate of the card's secure messaging, as the card says and the root confirms.
fn signer(world: &World, card: &Specimen) -> ContentSigner {
    let steps = [Step::Select(Piv)];
    let mut bench = Standing::new("live", card, steps).take_up();
    let container = bench.say(&get(Container::SecureMessagingSigner)).data;
    let container = SecureMessagingSigner::decode(&container).expect("a signer");
    let now = Timestamp::from_unix_millis(MORNING);
    let root = world.office.credentials.root();
    let (signer, none) = verify_messaging_signer(&container, root, now).expect("this issuer's");
    assert!(none.is_none(), "an intermediate certificate");
    signer
}

/// A card whose personalisation was cut off before this exchange.
fn cut_off(world: &World, morning: &journey::Scene, at: u64) -> Specimen {
    let mut journey = Journey::from(world, morning, 1);
    journey.death = Some(Death::Before(at));
    let died = journey.start(Office::Personalise).0;
    died.expect_err("it died");
    Specimen::of_state(&journey.card.state())
}

/// The card as soon as it has the keys of all roles.
fn begun(world: &World, morning: &journey::Scene) -> Specimen {
    let with_keys = |card: &Specimen| {
        let has = |role: Role| {
            let version = u32::from(role.key_version());
            card.object(id::KEY_SETS | version).is_some()
        };
        has(Role::Issuer) && has(Role::Delivery) && has(Role::Override)
    };
    (0..)
        .map(|at| cut_off(world, morning, at))
        .find(with_keys)
        .expect("keys are the first that is written")
}

/// A live card of the profile for tokens, whose administrator's key everybody knows, and the standings it can be met in
/// besides those of a citizen's card.
///
/// # Panics
/// Where the offices fail at their work.
#[must_use]
pub fn token(seed: u64) -> (Cabinet, Vec<Standing>) {
    let profile = Profile::piv_token().expect("the built-in profile");
    let world = World::of(crate::office::Office::with_profile(seed, profile), 3);
    let cabinet = Cabinet::of(&world);
    let known = || Step::Administrator(ManagementKey::factory());
    let pin = || Step::Say(verify_pin());
    let piv = Step::Select(Piv);
    let standings = [
        ("token", vec![piv.clone()]),
        ("token, administrator", vec![piv.clone(), known()]),
        (
            "token, administrator, finger and PIN verified",
            vec![piv, known(), Step::Say(cabinet.matching()), pin()],
        ),
    ];
    let standings = standings
        .into_iter()
        .map(|(name, steps)| Standing::new(name, &cabinet.live, steps))
        .collect();
    (cabinet, standings)
}

/// The card just before PIV becomes PERSONALISED.
fn writing(world: &World, morning: &journey::Scene) -> Specimen {
    let exchanges = {
        let mut whole = Journey::from(world, morning, 1);
        let (done, trail) = whole.start(Office::Personalise);
        done.expect("nothing is in the way");
        trail.exchanges
    };
    for at in (0..exchanges).rev() {
        let card = cut_off(world, morning, at);
        let stage = card.object(id::LIFE).expect("states")[1];
        if stage == negin_eid::gp::ApplicationState::SELECTABLE.code() {
            assert!(card.object(id::FINGERS | 0x97).is_some(), "both fingers");
            return card;
        }
    }
    panic!("a card is never being written")
}

fn with_state(card: &Specimen, state: CardState) -> Specimen {
    let steps = [Step::Select(SecurityDomain), Step::Channel(Role::Issuer)];
    let mut bench = Standing::new("the issuer's", card, steps).take_up();
    let change = GpCommand::SetStatus(SetStatus::Card(state)).to_apdu();
    assert_eq!(bench.say(&change).sw, StatusWord::SUCCESS);
    bench.memory.specimen()
}

/// VERIFY.
#[must_use]
pub fn verify(reference: VerifyReference, action: VerifyAction) -> Command {
    PivCommand::Verify(Verify { reference, action }).to_apdu()
}

/// VERIFY with the holder's PIN.
#[must_use]
pub fn verify_pin() -> Command {
    verify(VerifyReference::Pin, VerifyAction::Pin(pin()))
}

fn pin() -> Pin {
    Pin::new(PIN).expect("a PIN")
}

/// The holder's first PIN.
#[must_use]
pub fn first_pin() -> Command {
    PivCommand::ChangeReferenceData(ChangeReferenceData::FirstPin(pin())).to_apdu()
}

/// ACTIVATE.
#[must_use]
pub fn activate() -> Command {
    let note = OperatorNote::new(b"counter-1".to_vec()).expect("short");
    PivCommand::Activate(note).to_apdu()
}

/// GET DATA of a container.
#[must_use]
pub fn get(container: Container) -> Command {
    PivCommand::GetData(container).to_apdu().with_le(65_536)
}
