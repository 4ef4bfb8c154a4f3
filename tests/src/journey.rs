//! A card's whole way, command after command, from any moment that was kept.

use std::path::PathBuf;

use negin_apdu::{Transmit, TransmitError};
use negin_fingerprint::Image;
use negin_fingerprint::compact;
use negin_issuance::Error;
use negin_issuance::deliver::{Attempt, Look, Way};
use negin_ledger::{Options, Record, SqliteLedger, State};
use tempfile::TempDir;

use crate::card::BenchCard;
use crate::citizen::Citizen;
use crate::desk::{Desk, Paper, folder};
use crate::link::{Death, Ear, Wire};
use crate::mortal::MortalLedger;
use crate::office::{COUNTER, Office, STATION};
use crate::scanner::Images;

/// What does not change from one journey to the next.
pub struct World {
    /// The issuer.
    pub office: Office,
    /// The order of one citizen.
    pub paper: Paper,
    /// The image of the citizen's first finger at the counter.
    pub at_counter: Image,
    /// Other impressions of both fingers, in the card's format.
    pub probes: Vec<Vec<u8>>,
    /// The officers who bring the card to life without a match, where it is done so.
    pub officers: Option<[&'static str; 2]>,
}

impl World {
    /// The world of citizen `number`.
    #[must_use]
    pub fn of(office: Office, number: u64) -> Self {
        let citizen = Citizen::synthetic(number);
        let probes = (0..2).map(|which| minutiae(&citizen.impression(which, 2), &office));
        Self {
            paper: Paper::of(std::slice::from_ref(&citizen)),
            at_counter: citizen.impression(0, 1),
            probes: probes.collect(),
            officers: None,
            office,
        }
    }

    /// A card of this world, written, locked and shipped.
    #[must_use]
    pub fn locked(&self) -> Journey<'_> {
        let mut journey = Journey::from(self, &self.morning(), 1);
        for command in [Command::Personalise, Command::Ship] {
            journey.start(command).0.expect("nothing is in the way");
        }
        journey
    }

    /// The ledger with the order entered, and a blank card.
    #[must_use]
    pub fn morning(&self) -> Scene {
        let folder = folder();
        let path = folder.path().join("ledger.sqlite");
        let mut desk = Desk::at(&self.office, STATION, &path);
        desk.enter(&self.paper).expect("an order without fault");
        drop(desk);
        Scene {
            card: BenchCard::blank_state(&self.office.profile, 7),
            ledger: std::fs::read(path).expect("a ledger"),
        }
    }
}

/// The minutiae of an image in the card's format.
#[must_use]
pub fn minutiae(image: &Image, office: &Office) -> Vec<u8> {
    let extraction = negin_recognition::extract(image).expect("a finger");
    compact::encode(&extraction.template, &office.profile.fingers.limits)
        .expect("minutiae enough")
        .to_vec()
}

/// A moment: the card's memory and the ledger's file.
#[derive(Clone)]
pub struct Scene {
    /// The card.
    pub card: Vec<u8>,
    /// The ledger.
    pub ledger: Vec<u8>,
}

/// A command as a person starts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `negin personalize`.
    Personalise,
    /// `negin ship`.
    Ship,
    /// `negin deliver`.
    Deliver,
}

impl Command {
    /// The way, in order.
    pub const ALL: [Self; 3] = [Self::Personalise, Self::Ship, Self::Deliver];

    /// The command that a record in this state waits for.
    #[must_use]
    pub const fn due(state: State) -> Option<Self> {
        match state {
            State::Queued => Some(Self::Personalise),
            State::Written => Some(Self::Ship),
            State::Shipped => Some(Self::Deliver),
            _ => None,
        }
    }
}

/// What a command did before it ended, well or not.
#[derive(Debug, Default)]
pub struct Trail {
    /// Exchanges with the card.
    pub exchanges: u64,
    /// Commits of the ledger.
    pub commits: u64,
    /// Writes of the card.
    pub writes: u64,
    /// Writes of the card up to the match, where the counter heard the card say that the finger matches.
    pub matched: Option<u64>,
}

/// One card on its way.
pub struct Journey<'w> {
    world: &'w World,
    folder: TempDir,
    /// The card.
    pub card: BenchCard,
    /// The host dies at this exchange of the next command.
    pub death: Option<Death>,
    /// The host dies at this commit of the next command.
    pub death_in_ledger: Option<Death>,
    /// The ledger's disk has room for so many bytes in the next command.
    pub quota: Option<u64>,
}

impl<'w> Journey<'w> {
    /// Goes on from a moment. The seed decides what the card draws and how its unstable pages read.
    #[must_use]
    pub fn from(world: &'w World, scene: &Scene, seed: u64) -> Self {
        let folder = folder();
        std::fs::write(folder.path().join("ledger.sqlite"), &scene.ledger).expect("room");
        Self {
            world,
            folder,
            card: BenchCard::from_state(&scene.card, seed),
            death: None,
            death_in_ledger: None,
            quota: None,
        }
    }

    /// Goes on from a moment with a card that was put on the bench otherwise.
    #[must_use]
    pub fn with_card(world: &'w World, scene: &Scene, card: BenchCard) -> Self {
        Self {
            card,
            ..Self::from(world, scene, 1)
        }
    }

    /// This moment.
    #[must_use]
    pub fn scene(&self) -> Scene {
        Scene {
            card: self.card.state(),
            ledger: std::fs::read(self.ledger_path()).expect("a ledger"),
        }
    }

    /// Where the ledger lies.
    #[must_use]
    pub fn ledger_path(&self) -> PathBuf {
        self.folder.path().join("ledger.sqlite")
    }

    /// A seat over this journey's ledger.
    #[must_use]
    pub fn desk(&self, seat: &str) -> Desk<'w> {
        Desk::at(&self.world.office, seat, &self.ledger_path())
    }

    /// Leaves the ledger's disk so little room that the next command finds it full, but for `room` notes of some hundred
    /// bytes.
    ///
    /// # Panics
    /// Where the disk never becomes full.
    pub fn fill_disk(&mut self, room: usize) {
        let size = std::fs::metadata(self.ledger_path())
            .expect("a ledger")
            .len();
        self.quota = Some(size);
        let options = Options::default().with_quota(size);
        let fill = |notes: usize| {
            let seat = self.world.office.ledger_seat(STATION);
            let ledger = SqliteLedger::open_with(&self.ledger_path(), seat, options);
            let mut desk = Desk::over(&self.world.office, ledger.expect("a ledger"));
            (0..notes)
                .take_while(|_| desk.note(&self.world.paper.id(0)).is_ok())
                .count()
        };
        let before = std::fs::read(self.ledger_path()).expect("a ledger");
        let most = fill(10_000);
        assert!(most < 10_000, "the disk has no end");
        std::fs::write(self.ledger_path(), before).expect("room");
        fill(most.saturating_sub(room));
    }

    /// The ledger, opened by nobody.
    #[must_use]
    pub fn ledger(&self) -> SqliteLedger {
        SqliteLedger::open_read_only(&self.ledger_path()).expect("a ledger")
    }

    /// The card's record.
    #[must_use]
    pub fn record(&self) -> Record {
        use negin_ledger::Ledger;
        let record = self.ledger().record(&self.world.paper.id(0));
        record.expect("a sound ledger").expect("the record")
    }

    /// Starts a command: a seat opens the ledger, the card gets power.
    ///
    /// # Errors
    /// As the command's.
    pub fn start(&mut self, command: Command) -> (Result<(), Error>, Trail) {
        let world = self.world;
        let seat = match command {
            Command::Personalise | Command::Ship => STATION,
            Command::Deliver => COUNTER,
        };
        let seat = world.office.ledger_seat(seat);
        let options = match self.quota.take() {
            Some(bytes) => Options::default().with_quota(bytes),
            None => Options::default(),
        };
        let ledger = SqliteLedger::open_with(&self.ledger_path(), seat, options);
        let ledger = ledger.expect("a ledger");
        let ledger = MortalLedger::new(ledger, self.death_in_ledger.take());
        let mut desk = Desk::over(&world.office, ledger);
        let ear = Ear::default();
        if let Some(death) = self.death.take() {
            ear.condemn(death);
        }
        let mut matched = None;
        let power = self.card.power.clone();
        let before = power.writes();
        let mut note = || matched = Some(power.writes() - before);
        let done = if command == Command::Ship {
            desk.ship(&world.paper.id(0))
        } else {
            match self.card.connect() {
                Err(error) => Err(removed(error)),
                Ok(link) => {
                    let mut wire = Wire::new(link, ear.clone());
                    carry_out(&mut desk, world, command, &mut wire, &mut note)
                }
            }
        };
        let trail = Trail {
            exchanges: ear.exchanges(),
            commits: desk.ledger.commits(),
            writes: self.card.power.writes() - before,
            matched,
        };
        (done, trail)
    }

    /// Starts the command that is due, again and again, until the card is delivered.
    ///
    /// # Panics
    /// Where that does not come about.
    pub fn finish(&mut self) {
        for _ in 0..6 {
            let Some(command) = Command::due(self.record().state) else {
                break;
            };
            let (done, _) = self.start(command);
            done.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        }
        assert_eq!(self.record().state, State::Delivered);
    }
}

fn carry_out(
    desk: &mut Desk<'_, MortalLedger<SqliteLedger>>,
    world: &World,
    command: Command,
    card: &mut dyn Transmit,
    matched: &mut dyn FnMut(),
) -> Result<(), Error> {
    if command == Command::Personalise {
        return desk.personalise(&world.paper, 0, card).map(drop);
    }
    if let Some(officers) = world.officers {
        let way = Way::Override { officers };
        return desk.deliver_by(way, card, &mut |_| {}).map(drop);
    }
    let mut scanner = Images::new([world.at_counter.clone()]);
    let mut look = |look: Look<'_>| {
        if matches!(look, Look::Attempt(Attempt::Matched)) {
            matched();
        }
    };
    desk.deliver(card, &mut scanner, &mut look).map(drop)
}

/// What a command says of a card that gave no answer at all.
fn removed(error: TransmitError) -> Error {
    Error::Card(negin_card::Error::Transmit(error))
}
