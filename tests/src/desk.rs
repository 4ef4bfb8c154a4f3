//! A seat at work: the commands of the command line as calls, over whatever ledger and card they are given.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::Path;

use negin_apdu::Transmit;
use negin_eid::piv::{FingerReference, Pin};
use negin_fingerprint::capture::Capture;
use negin_issuance::check::{self, Report};
use negin_issuance::deliver::{Delivered, Delivery, Look, Way, deliver};
use negin_issuance::entering::{Entered, enter, record_id};
use negin_issuance::order::{Entry, Order};
use negin_issuance::personalise::{Personalised, Task, personalise};
use negin_issuance::record::Record;
use negin_issuance::record::calendar::Date;
use negin_issuance::{Error, Seat};
use negin_keystore::FileKeyStore;
use negin_ledger::{Draft, Event, Ledger, RecordId, SqliteLedger, Timestamp};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::json;
use tempfile::TempDir;

use crate::citizen::{Citizen, ISSUED, write_order};
use crate::office::{MORNING, Office};

/// The holder's PIN in all tests.
pub const PIN: &str = "271828";

/// A folder that lies in memory where the system has such a place: these tests care for what is written, not for the
/// disk.
#[must_use]
pub fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a folder")
}

/// An order as it lies in its folder.
#[derive(Debug)]
pub struct Paper {
    folder: TempDir,
    order: Order,
}

impl Paper {
    /// The order of these citizens.
    #[must_use]
    pub fn of(citizens: &[Citizen]) -> Self {
        let paper = Self::spoilt(citizens, |_| {});
        assert_eq!(paper.order.findings, []);
        paper
    }

    /// The order of these citizens, after something happened to its folder.
    #[must_use]
    pub fn spoilt(citizens: &[Citizen], spoil: impl FnOnce(&Path)) -> Self {
        let folder = folder();
        write_order(folder.path(), "order-1", citizens);
        spoil(folder.path());
        let order = Order::read(folder.path());
        Self { folder, order }
    }

    /// The order as its folder is now.
    #[must_use]
    pub fn read_again(self) -> Self {
        let order = Order::read(self.folder.path());
        Self { order, ..self }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The order.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// The name of its record at `index`.
    #[must_use]
    pub fn id(&self, index: usize) -> RecordId {
        record_id(&self.order.id, index).expect("a name")
    }

    /// Its record at `index`, and where that lies.
    #[must_use]
    pub fn record(&self, index: usize) -> (&Entry, &Record) {
        let entry = &self.order.entries[index];
        (entry, entry.record.as_ref().expect("readable"))
    }

    /// What quality control says.
    #[must_use]
    pub fn check(&self, office: &Office) -> Report {
        let today = Date::parse(ISSUED).expect("a date");
        check::check(&self.order, &office.profile, today, |_| {})
    }
}

/// A seat at work.
pub struct Desk<'o, L = SqliteLedger> {
    office: &'o Office,
    keys: &'o FileKeyStore,
    /// Its ledger.
    pub ledger: L,
    rng: ChaCha20Rng,
    clock: Cell<i64>,
}

impl<'o> Desk<'o> {
    /// A seat of the issuer over the ledger file at `path`, made where it is not there yet.
    #[must_use]
    pub fn at(office: &'o Office, seat: &str, path: &Path) -> Self {
        let seat = office.ledger_seat(seat);
        let ledger = if path.exists() {
            SqliteLedger::open(path, seat)
        } else {
            SqliteLedger::create(path, seat)
        };
        Self::over(office, ledger.expect("a ledger"))
    }

    /// A seat of the issuer over a ledger that is gone when it goes.
    #[must_use]
    pub fn in_memory(office: &'o Office, seat: &str) -> Self {
        let ledger = SqliteLedger::in_memory(office.ledger_seat(seat));
        Self::over(office, ledger.expect("a ledger"))
    }
}

impl<'o, L: Ledger> Desk<'o, L> {
    /// A seat of the issuer over this ledger.
    #[must_use]
    pub fn over(office: &'o Office, ledger: L) -> Self {
        Self {
            office,
            keys: &office.keys,
            ledger,
            rng: ChaCha20Rng::seed_from_u64(1),
            clock: Cell::new(MORNING),
        }
    }

    /// The same seat with other keys than the issuer's.
    #[must_use]
    pub fn with_keys(self, keys: &'o FileKeyStore) -> Self {
        Self { keys, ..self }
    }

    /// The clock, a second on from when it was last looked at.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        tick(&self.clock)
    }

    /// Has `work` done at this seat.
    pub fn work<R>(&mut self, work: impl FnOnce(&mut Seat<'_>) -> R) -> R {
        let (clock, rng) = (&self.clock, &mut self.rng);
        work(&mut Seat {
            keys: self.keys,
            ledger: &mut self.ledger,
            now: &|| tick(clock),
            entropy: &mut |bytes| rng.fill_bytes(bytes),
        })
    }

    /// `negin check` with a ledger.
    ///
    /// # Errors
    /// Those of [`enter`].
    pub fn enter(&mut self, paper: &Paper) -> Result<Vec<(RecordId, Entered)>, Error> {
        let report = paper.check(self.office);
        self.work(|seat| enter(seat, &report))
    }

    /// `negin personalize`.
    ///
    /// # Errors
    /// Those of [`personalise`].
    pub fn personalise(
        &mut self,
        paper: &Paper,
        index: usize,
        card: &mut dyn Transmit,
    ) -> Result<Personalised, Error> {
        let (entry, record) = paper.record(index);
        let task = Task {
            id: &paper.id(index),
            record,
            entry,
            profile: &self.office.profile,
            office: self.office.code,
            credentials: &self.office.credentials,
        };
        self.work(|seat| personalise(seat, task, card, &mut |_| ControlFlow::Continue(())))
    }

    /// `negin ship`.
    ///
    /// # Errors
    /// Those of the ledger.
    pub fn ship(&mut self, record: &RecordId) -> Result<(), Error> {
        let draft = Draft::new(Event::Shipped, self.now())
            .record(record)
            .detail(json!({ "office": self.office.code.to_string() }));
        self.ledger.append(draft)?;
        Ok(())
    }

    /// Notes something of no consequence about a record.
    ///
    /// # Errors
    /// Those of the ledger.
    pub fn note(&mut self, record: &RecordId) -> Result<(), Error> {
        let draft = Draft::new(Event::Noted, self.now())
            .record(record)
            .detail(json!({ "note": "x".repeat(200) }));
        self.ledger.append(draft)?;
        Ok(())
    }

    /// `negin deliver` with a scanner, the first finger laid on up to three times.
    ///
    /// # Errors
    /// Those of [`deliver`].
    pub fn deliver(
        &mut self,
        card: &mut dyn Transmit,
        scanner: &mut dyn Capture,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<Delivered, Error> {
        let way = Way::Match {
            office: self.office.code,
            finger: FingerReference::Primary,
            tries: 3,
            scanner,
        };
        self.deliver_by(way, card, look)
    }

    /// `negin deliver`, in whatever way.
    ///
    /// # Errors
    /// Those of [`deliver`].
    pub fn deliver_by(
        &mut self,
        way: Way<'_>,
        card: &mut dyn Transmit,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<Delivered, Error> {
        let delivery = Delivery {
            way,
            pin: Pin::new(PIN).expect("a PIN").into(),
            root: self.office.credentials.root(),
        };
        self.work(|seat| deliver(seat, delivery, card, look))
    }
}

fn tick(clock: &Cell<i64>) -> Timestamp {
    clock.set(clock.get() + 1000);
    Timestamp::from_unix_millis(clock.get())
}
