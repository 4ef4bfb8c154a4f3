//! The trait that every store of the ledger fulfils.

use crate::{
    Batch, CardNumber, CardRef, Change, Checkpoint, ChipId, CitizenTag, Draft, Entry, Error, Event,
    Head, RecordId, Seat, SeatExport, SeatName, State, Timestamp, TrustedKeys, Verification, Work,
};

/// Where a record stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record.
    pub id: RecordId,
    /// Its state.
    pub state: State,
    /// Where it returns to when a block is lifted.
    pub resume: Option<State>,
    /// Its card, once written.
    pub card: Option<CardRef>,
    /// Seats wrote about it without knowing of each other, and nobody has since: a person should look.
    pub conflict: bool,
}

/// A citizen with more than one live record: two offline seats registered them. A person decides which one stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The citizen.
    pub citizen: CitizenTag,
    /// Their live records.
    pub records: Vec<RecordId>,
}

/// What a join brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinReport {
    /// Entries that were new here.
    pub joined: u64,
    /// Entries that were held already.
    pub known: u64,
    /// All records with a conflict now.
    pub conflicts: Vec<RecordId>,
    /// All citizens with more than one live record now.
    pub duplicates: Vec<Duplicate>,
}

/// A ledger, opened by a seat.
///
/// Every writing call is one transaction: it happens as a whole, durably, before it returns, or it returns an error and
/// nothing happened.
pub trait Ledger: Send {
    /// The seat that writes; `None` where the ledger was opened for reading.
    fn seat(&self) -> Option<&Seat>;

    /// Makes all changes of `batch` together; returns the appended entries.
    ///
    /// # Errors
    /// Besides those of the storage ([`Error::DiskFull`], [`Error::Busy`], [`Error::ReadOnly`], [`Error::Damaged`],
    /// [`Error::Storage`]) and of the seat ([`Error::NoSeat`], [`Error::Signer`]): [`Error::IllegalTransition`],
    /// [`Error::UnknownRecord`], [`Error::DuplicateCitizen`], [`Error::Citizen`], [`Error::CardInUse`],
    /// [`Error::CardMismatch`], [`Error::Detail`], [`Error::Draft`], [`Error::NoWork`], [`Error::WorkInProgress`].
    fn commit(&mut self, batch: Batch) -> Result<Vec<Entry>, Error>;

    /// Appends a checkpoint over all heads held here.
    ///
    /// # Errors
    /// Those of the storage and of the seat, see [`commit`](Self::commit).
    fn checkpoint(&mut self, time: Timestamp) -> Result<Checkpoint, Error>;

    /// Takes over the entries of other seats (or of this one, after its file was restored from an older copy), as they
    /// are. All of them or none; the order of `exports` does not matter.
    ///
    /// # Errors
    /// [`Error::UnknownSeat`] without a trusted key, [`Error::Fork`] where an entry differs from the one held,
    /// [`Error::Gap`] where entries are missing in between, [`Error::BadEntry`] where one is not the seat's or not
    /// possible, [`Error::SeatKey`] where the seat was known with another key, [`Error::Malformed`] where the citizens'
    /// tags are not those of the entries, [`Error::NoSeat`]; and those of the storage.
    fn join(&mut self, exports: &[SeatExport], trusted: &TrustedKeys) -> Result<JoinReport, Error>;

    /// The entries of `seat` from number `first` on, with the tags of their citizens.
    ///
    /// # Errors
    /// Those of the storage.
    fn export(&self, seat: &SeatName, first: u64) -> Result<SeatExport, Error>;

    /// Looks at every entry: hash, link, signature, order, history, citizen; at every checkpoint in the ledger and every
    /// one of `kept`, made from this ledger and kept outside; and at what was derived from the entries. What is wrong is
    /// in the result, by entry.
    ///
    /// # Errors
    /// Those of the storage, where it cannot be read at all.
    fn verify(&self, trusted: &TrustedKeys, kept: &[Checkpoint]) -> Result<Verification, Error>;

    /// The last entry of every chain held here, by seat.
    ///
    /// # Errors
    /// Those of the storage.
    fn heads(&self) -> Result<Vec<Head>, Error>;

    /// The entries about a record, causes first.
    ///
    /// # Errors
    /// Those of the storage.
    fn entries_of(&self, record: &RecordId) -> Result<Vec<Entry>, Error>;

    /// Where a record stands; `None` where it is unknown.
    ///
    /// # Errors
    /// Those of the storage.
    fn record(&self, record: &RecordId) -> Result<Option<Record>, Error>;

    /// All records, or those in one state; by name.
    ///
    /// # Errors
    /// Those of the storage.
    fn records(&self, state: Option<State>) -> Result<Vec<Record>, Error>;

    /// A citizen's records, by name.
    ///
    /// # Errors
    /// Those of the storage.
    fn records_of_citizen(&self, citizen: &CitizenTag) -> Result<Vec<Record>, Error>;

    /// The live record of this card, by its number.
    ///
    /// # Errors
    /// Those of the storage.
    fn record_of_card(&self, number: &CardNumber) -> Result<Option<Record>, Error>;

    /// The live record of this chip.
    ///
    /// # Errors
    /// Those of the storage.
    fn record_of_chip(&self, chip: &ChipId) -> Result<Option<Record>, Error>;

    /// Of all card numbers that are `prefix` and decimal digits, the highest that any card ever had here: written, in work,
    /// spoiled, or long replaced. The next card takes a higher one.
    ///
    /// # Errors
    /// Those of the storage.
    fn highest_card_number(&self, prefix: &str) -> Result<Option<CardNumber>, Error>;

    /// Citizens with more than one live record.
    ///
    /// # Errors
    /// Those of the storage.
    fn duplicates(&self) -> Result<Vec<Duplicate>, Error>;

    /// The work in progress on a record.
    ///
    /// # Errors
    /// Those of the storage.
    fn work(&self, record: &RecordId) -> Result<Option<Work>, Error>;

    /// The work in progress on a chip: what to take up again when the card comes back into a reader.
    ///
    /// # Errors
    /// Those of the storage.
    fn work_on_chip(&self, chip: &ChipId) -> Result<Option<Work>, Error>;

    /// All work in progress, by record.
    ///
    /// # Errors
    /// Those of the storage.
    fn works(&self) -> Result<Vec<Work>, Error>;

    /// Appends one entry. One that ends the writing of a card (written, spoiled, rejected, terminated) also wipes the
    /// work on the record.
    ///
    /// # Errors
    /// See [`commit`](Self::commit).
    fn append(&mut self, draft: Draft) -> Result<Entry, Error> {
        let event = draft.event;
        self.commit(Batch::new().append(draft))?
            .pop()
            .ok_or(Error::Draft { event })
    }

    /// Starts the work on a queued record with this card, or finds it started with it.
    ///
    /// # Errors
    /// [`Error::UnknownRecord`], [`Error::IllegalTransition`] where it is not queued, [`Error::WorkInProgress`] where it is
    /// at another seat or with another card, [`Error::CardInUse`] where the card is another live record's; and those of
    /// the storage.
    fn start_work(
        &mut self,
        record: &RecordId,
        card: &CardRef,
        time: Timestamp,
    ) -> Result<(), Error> {
        let change = Change::StartWork {
            record: record.clone(),
            card: card.clone(),
            time,
        };
        self.commit(Batch::new().with(change)).map(drop)
    }

    /// Notes a step as done, with what it produced.
    ///
    /// # Errors
    /// [`Error::NoWork`], [`Error::WorkInProgress`] where it is another seat's; and those of the storage.
    fn step_done(
        &mut self,
        record: &RecordId,
        step: &str,
        data: &[u8],
        time: Timestamp,
    ) -> Result<(), Error> {
        self.commit(Batch::new().step_done(record, step, data, time))
            .map(drop)
    }

    /// Forgets the work on a record, if there is any; it may then be started with another card.
    ///
    /// # Errors
    /// [`Error::WorkInProgress`] where it is another seat's; and those of the storage.
    fn drop_work(&mut self, record: &RecordId) -> Result<(), Error> {
        self.commit(Batch::new().with(Change::DropWork {
            record: record.clone(),
        }))
        .map(drop)
    }
}

/// Whether `event` ends the writing of a card.
pub(crate) const fn ends_work(event: Event) -> bool {
    matches!(
        event,
        Event::Written | Event::Spoiled | Event::Rejected | Event::Terminated
    )
}
