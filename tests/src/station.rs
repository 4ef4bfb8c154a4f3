//! A station whose readers are behind PC/SC: for what a test does [`within`](crate::pcsc::within).
//!
//! Everything lies in one folder: the ledger, and the card that belongs into each of two readers.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use negin_apdu::Chaining;
use negin_card::{Presence, recognise};
use negin_device::Backend;
use negin_issuance::Error;
use negin_ledger::{Ledger, SqliteLedger, State};
use negin_reader::{CardEvent, Connection, PcscBackend, Reader};

use crate::card::BenchCard;
use crate::desk::Desk;
use crate::journey::World;
use crate::office::{Office, STATION};
use crate::pcsc::{reader_name, say};

/// What a command came to: an error of the reader or of the work, by its key.
pub type Done = Result<(), &'static str>;

/// A result of the rooms beneath as [`Done`].
///
/// # Errors
/// The error's key.
pub fn done<R>(done: Result<R, Error>) -> Done {
    done.map(drop).map_err(|error| error.key())
}

/// The station.
pub struct Station {
    /// The issuer, and the order of citizen 1.
    pub world: World,
    folder: PathBuf,
}

impl Station {
    /// The station in this folder, in the morning.
    ///
    /// # Panics
    /// Where there is no room.
    #[must_use]
    pub fn in_the_morning(folder: &Path) -> Self {
        let station = Self {
            world: World::of(Office::new(1), 1),
            folder: folder.to_owned(),
        };
        station.morning();
        station
    }

    /// Ledger and cards as they are in the morning. Nothing may lie in the readers.
    ///
    /// # Panics
    /// Where there is no room.
    pub fn morning(&self) {
        let scene = self.world.morning();
        std::fs::write(self.ledger(), scene.ledger).expect("room");
        for (reader, chip) in [(0, 7), (1, 8)] {
            let state = BenchCard::blank_state(&self.world.office.profile, chip);
            std::fs::write(self.card(reader), state).expect("room");
        }
    }

    /// The ledger's file.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.folder.join("ledger.sqlite")
    }

    /// The file of the card that belongs into this reader.
    #[must_use]
    pub fn card(&self, reader: usize) -> PathBuf {
        self.folder.join(format!("{reader}.card"))
    }

    /// A seat over the ledger.
    #[must_use]
    pub fn desk(&self, seat: &str) -> Desk<'_> {
        Desk::at(&self.world.office, seat, &self.ledger())
    }

    /// Puts the card of this reader in and waits until the service shows it.
    pub fn insert(&self, reader: usize) {
        let file = self.card(reader);
        say(&format!("insert {reader} {}", file.display()));
        shown(reader);
    }

    /// `negin personalize` for the record, on the card in this reader; `wrap` puts something around the connection.
    ///
    /// # Errors
    /// By key.
    pub fn personalise<T: negin_apdu::Transmit>(
        &self,
        reader: usize,
        wrap: impl FnOnce(Box<dyn Connection>) -> T,
    ) -> Done {
        let mut reader = open(reader)?;
        let mut card = wrap(reader.connect().map_err(|error| error.key())?);
        let mut desk = self.desk(STATION);
        done(desk.personalise(&self.world.paper, 0, &mut card))
    }

    /// `negin ship`.
    ///
    /// # Errors
    /// By key.
    pub fn ship(&self) -> Done {
        done(self.desk(STATION).ship(&self.world.paper.id(0)))
    }

    /// The record's state; the ledger is whole.
    ///
    /// # Panics
    /// Where it is not.
    #[must_use]
    pub fn state(&self) -> State {
        let ledger = SqliteLedger::open_read_only(&self.ledger()).expect("a ledger");
        let trusted = self.world.office.trusted();
        let verified = ledger.verify(&trusted, &[]).expect("readable");
        assert_eq!(verified.faults, []);
        assert_eq!(ledger.duplicates().expect("readable"), []);
        let record = ledger.record(&self.world.paper.id(0));
        record.expect("a sound ledger").expect("the record").state
    }
}

/// Options of `negin-sim pcsc`: two empty readers.
#[must_use]
pub fn two_readers(_: &Path) -> Vec<String> {
    vec!["--readers".to_owned(), "2".to_owned()]
}

/// The reader of this number, as the registry gives it.
///
/// # Errors
/// By key.
pub fn open(reader: usize) -> Result<Box<dyn Reader>, &'static str> {
    PcscBackend
        .open(&reader_name(reader))
        .map_err(|error| error.key())
}

/// Takes the card out of this reader, and waits until the service has seen it.
///
/// # Panics
/// Where it never does.
pub fn take_out(reader: usize) {
    say(&format!("remove {reader}"));
    is_out(reader);
}

/// Waits until the service shows this reader without a card.
///
/// # Panics
/// Where it never does.
pub fn is_out(reader: usize) {
    open(reader)
        .expect("a reader")
        .wait_for(CardEvent::Removed, Duration::from_secs(30))
        .expect("seen");
}

/// Waits until the service shows a card in this reader.
///
/// # Panics
/// Where it never does.
pub fn shown(reader: usize) {
    let begun = Instant::now();
    loop {
        // A service that was just started takes a moment to answer at all.
        if let Ok(mut reader) = open(reader)
            && reader
                .wait_for(CardEvent::Inserted, Duration::from_secs(1))
                .is_ok()
        {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "not seen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What card lies in this reader.
///
/// # Panics
/// Where none does.
#[must_use]
pub fn presence(reader: usize) -> Presence {
    let mut reader = open(reader).expect("a reader");
    let mut card = reader.connect().expect("a card");
    recognise(&mut Chaining::new(&mut *card))
        .expect("an answer")
        .presence
}
