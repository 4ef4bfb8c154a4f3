//! Looking at every entry.

use core::fmt;
use std::collections::{BTreeMap, HashMap};

use crate::entry::genesis;
use crate::{
    Checkpoint, CitizenTag, Digest, Entry, Event, Head, History, RecordId, SeatName, TrustedKeys,
};

/// What is wrong with an entry, or with what was derived from it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// Its row cannot be read as an entry.
    Unreadable,
    /// Its content is not what was hashed.
    Altered,
    /// Its signature is not its seat's.
    Signature,
    /// No trusted key is known for its seat, so nothing can be said about its signature.
    UnknownSeat,
    /// It does not follow the entry before it: one of the two was replaced.
    Link,
    /// It is not there, though a later one, a checkpoint or the index says it was.
    Missing,
    /// It was moved: it lies before an entry that it follows.
    Moved,
    /// It is there twice.
    Twice,
    /// It follows an entry of its record that is not there.
    History,
    /// What it says could not happen then.
    Transition,
    /// The tag kept for its citizen is not the one it was hashed from.
    Citizen,
    /// It is a checkpoint that cannot be read.
    Checkpoint,
    /// A checkpoint saw another entry at this place.
    Replaced,
    /// The state kept for the record is not the one its entries give.
    Index,
    /// The database itself: what its own check says.
    Storage(String),
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "cannot be read",
            Self::Altered => "was altered",
            Self::Signature => "has not its seat's signature",
            Self::UnknownSeat => "is of a seat without a trusted key",
            Self::Link => "does not follow the entry before it",
            Self::Missing => "is missing",
            Self::Moved => "was moved",
            Self::Twice => "is there twice",
            Self::History => "follows an entry that is missing",
            Self::Transition => "says what could not happen then",
            Self::Citizen => "is kept under another citizen",
            Self::Checkpoint => "is not a readable checkpoint",
            Self::Replaced => "is not the one a checkpoint saw",
            Self::Index => "has another state than its entries give",
            Self::Storage(said) => return write!(f, "database: {said}"),
        })
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The seat of the entry.
    pub seat: Option<SeatName>,
    /// The number of the entry.
    pub number: Option<u64>,
    /// The record, where the fault is in what was derived.
    pub record: Option<RecordId>,
    /// What is wrong.
    pub kind: FaultKind,
}

impl Fault {
    pub(crate) fn of_entry(seat: &SeatName, number: u64, kind: FaultKind) -> Self {
        Self {
            seat: Some(seat.clone()),
            number: Some(number),
            record: None,
            kind,
        }
    }

    pub(crate) fn of_record(record: &RecordId, kind: FaultKind) -> Self {
        Self {
            seat: None,
            number: None,
            record: Some(record.clone()),
            kind,
        }
    }

    pub(crate) const fn of_file(kind: FaultKind) -> Self {
        Self {
            seat: None,
            number: None,
            record: None,
            kind,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(seat), Some(number)) = (&self.seat, self.number) {
            write!(f, "entry {number} of seat {seat} ")?;
        }
        if let Some(record) = &self.record {
            write!(f, "record {record} ")?;
        }
        self.kind.fmt(f)
    }
}

/// What a look at every entry found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Entries looked at.
    pub entries: u64,
    /// Heads listed by checkpoints, inside and outside, that were held against the chains.
    pub heads_checked: u64,
    /// Heads listed by checkpoints in the ledger whose seat's chain is not held here: they were written elsewhere.
    pub heads_elsewhere: u64,
    /// What is wrong; nothing in a sound ledger.
    pub faults: Vec<Fault>,
}

impl Verification {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// How many entries of one gap are named.
const NAMED_OF_A_GAP: usize = 1000;

/// One chain as it was read: what a place says it follows, its stored and its computed hash.
#[derive(Default)]
struct Chain {
    places: BTreeMap<u64, (Digest, Digest, Digest)>,
    last: u64,
}

/// Takes a ledger's entries in the order they are stored.
pub(crate) struct Verifier<'a> {
    trusted: &'a TrustedKeys,
    chains: BTreeMap<SeatName, Chain>,
    histories: HashMap<RecordId, History>,
    listed: Vec<Head>,
    result: Verification,
}

impl<'a> Verifier<'a> {
    pub(crate) fn new(trusted: &'a TrustedKeys) -> Self {
        Self {
            trusted,
            chains: BTreeMap::new(),
            histories: HashMap::new(),
            listed: Vec::new(),
            result: Verification::default(),
        }
    }

    pub(crate) fn fault(&mut self, fault: Fault) {
        self.result.faults.push(fault);
    }

    /// The next stored entry and the tag kept for its record's citizen.
    pub(crate) fn entry(&mut self, entry: &Entry, tag: Option<&CitizenTag>) {
        self.result.entries += 1;
        let mut wrong = |kind| {
            self.result
                .faults
                .push(Fault::of_entry(&entry.seat, entry.number, kind))
        };
        let computed = entry.computed_hash();
        if computed != entry.hash {
            wrong(FaultKind::Altered);
        }
        match self.trusted.get(&entry.seat) {
            None => wrong(FaultKind::UnknownSeat),
            Some(key) if !entry.is_signed_by(key) => wrong(FaultKind::Signature),
            Some(_) => {}
        }
        if let (Some(citizen), Some(tag)) = (&entry.citizen, tag)
            && !citizen.is_of(tag)
        {
            wrong(FaultKind::Citizen);
        }
        if let Some(record) = &entry.record {
            match self.histories.entry(record.clone()).or_default().add(entry) {
                Ok(()) => {}
                Err(crate::history::HistoryFault::Unseen) => wrong(FaultKind::History),
                Err(_) => wrong(FaultKind::Transition),
            }
        }
        if entry.event == Event::Checkpoint {
            match Checkpoint::from_entry(entry.clone()) {
                Ok(checkpoint) => self.listed.extend(checkpoint.heads()),
                Err(_) => wrong(FaultKind::Checkpoint),
            }
        }
        let chain = self.chains.entry(entry.seat.clone()).or_default();
        if chain
            .places
            .insert(entry.number, (entry.previous, entry.hash, computed))
            .is_some()
        {
            wrong(FaultKind::Twice);
        } else if entry.number < chain.last {
            wrong(FaultKind::Moved);
        }
        chain.last = chain.last.max(entry.number);
    }

    /// The records' states as the entries give them.
    pub(crate) const fn histories(&self) -> &HashMap<RecordId, History> {
        &self.histories
    }

    /// After the last entry: the chains as wholes, and the checkpoints.
    pub(crate) fn finish(mut self, kept: &[Checkpoint]) -> Verification {
        for (seat, chain) in &self.chains {
            let start = self.trusted.get(seat).map(|key| genesis(seat, key));
            let mut before = start.map(|hash| (hash, hash));
            let mut expected = 1;
            for (&number, &(previous, stored, computed)) in &chain.places {
                if number == expected {
                    if before.is_some_and(|(stored, computed)| {
                        previous != stored && previous != computed
                    }) {
                        self.result
                            .faults
                            .push(Fault::of_entry(seat, number, FaultKind::Link));
                    }
                } else {
                    // An altered number can claim a gap of any size, so not all of a huge one are named.
                    let named = (expected..number).take(NAMED_OF_A_GAP);
                    self.result.faults.extend(
                        named.map(|number| Fault::of_entry(seat, number, FaultKind::Missing)),
                    );
                }
                before = Some((stored, computed));
                expected = number.saturating_add(1);
            }
        }
        let inside = self.listed.into_iter().map(|head| (head, false));
        let outside = kept
            .iter()
            .flat_map(Checkpoint::heads)
            .map(|head| (head, true));
        for (head, must_be_here) in inside.chain(outside) {
            let chain = self.chains.get(&head.seat);
            if chain.is_none() && !must_be_here {
                self.result.heads_elsewhere += 1;
                continue;
            }
            self.result.heads_checked += 1;
            let kind = match chain.and_then(|chain| chain.places.get(&head.number)) {
                None => FaultKind::Missing,
                Some((_, stored, _)) if *stored != head.hash => FaultKind::Replaced,
                Some(_) => continue,
            };
            let fault = Fault::of_entry(&head.seat, head.number, kind);
            if !self.result.faults.contains(&fault) {
                self.result.faults.push(fault);
            }
        }
        self.result
    }
}
