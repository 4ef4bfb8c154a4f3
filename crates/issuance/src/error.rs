//! What can go wrong on a record's way to its citizen. The rooms beneath keep their own errors and keys.

use negin_fingerprint::CaptureError;
use negin_ledger::{ChipId, RecordId, State, Timestamp};

use crate::fault::Fault;
use crate::pki;

/// An error of personalisation or delivery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Between host and card.
    #[error(transparent)]
    Card(#[from] negin_card::Error),
    /// The key store.
    #[error(transparent)]
    KeyStore(#[from] negin_keystore::Error),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] negin_ledger::Error),
    /// Certificates and signatures.
    #[error(transparent)]
    Pki(#[from] pki::Error),
    /// The scanner.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The reader's keys gave no PIN.
    #[error(transparent)]
    PinPad(#[from] negin_apdu::PinPadError),
    /// An image or a template of a finger.
    #[error(transparent)]
    Fingerprint(#[from] negin_fingerprint::Error),
    /// The fingerprint engine.
    #[error(transparent)]
    Recognition(#[from] negin_recognition::Error),
    /// The record holds what no container of the card can.
    #[error("the record does not fit the card: {0}")]
    Encoding(#[from] negin_eid::Error),
    /// Only the root certificate is here; signing takes the signers' too.
    #[error("the certificates at hand are the root's alone")]
    NoSigner,
    /// The record breaks a rule of its own.
    #[error("the record is not valid: {}", .0.key())]
    Record(Fault),
    /// A file of the record cannot be read.
    #[error("{file} cannot be read: {reason}")]
    File {
        /// The file, from the order's folder.
        file: String,
        /// What the system or the decoder said.
        reason: String,
    },
    /// The profile asks for something that this version does not write.
    #[error("this version does not write {container}")]
    NotWritten {
        /// The container or file.
        container: &'static str,
    },
    /// The profile's card numbers are used up.
    #[error("no card number of {prefix} and {digits} digits is left")]
    NumbersUsedUp {
        /// The prefix.
        prefix: String,
        /// Digits after it.
        digits: u8,
    },
    /// The record does not wait for a card.
    #[error("record {record} does not wait for a card: it is {}", .state.map_or("unknown", State::as_str))]
    NotQueued {
        /// The record.
        record: RecordId,
        /// Where it stands; none for one the ledger does not know.
        state: Option<State>,
    },
    /// The record or a file of it is not as quality control saw it.
    #[error("record {record} is not as it was checked")]
    Changed {
        /// The record.
        record: RecordId,
    },
    /// The card in the reader is another record's.
    #[error("the card in the reader belongs to record {holder}")]
    CardTaken {
        /// Whose it is.
        holder: RecordId,
    },
    /// Another maker's card has not the PIN or PUK that its batch is said to have.
    #[error("the card's {code} is not that of its batch")]
    FactoryCode {
        /// PIN or PUK.
        code: &'static str,
    },
    /// What the card holds is not what was written to it.
    #[error("the card does not hold what was written: {what}")]
    AtOdds {
        /// The object.
        what: &'static str,
    },
    /// The ledger knows no live record for this card.
    #[error("the ledger knows no record for chip {chip}")]
    UnknownCard {
        /// The chip.
        chip: ChipId,
    },
    /// The record's card is not to be delivered.
    #[error("record {record} is not to be delivered: it is {state}")]
    NotDeliverable {
        /// The record.
        record: RecordId,
        /// Where it stands.
        state: State,
    },
    /// The card was delivered before.
    #[error("the card of record {record} was delivered before")]
    AlreadyDelivered {
        /// The record.
        record: RecordId,
    },
    /// The ledger says delivered, the card says otherwise; or the card came alive without this ledger's knowledge.
    #[error("card and ledger do not agree about record {record}: {what}")]
    LedgerAtOdds {
        /// The record.
        record: RecordId,
        /// In what.
        what: &'static str,
    },
    /// The counter's clock is behind the day on which the card was written: no certificate of it would be valid yet.
    #[error("the clock is behind: it says {now}, and record {record} was last worked on at {last}")]
    Clock {
        /// The record.
        record: RecordId,
        /// What the clock says.
        now: Timestamp,
        /// The record's last entry in the ledger.
        last: Timestamp,
    },
    /// The card holds no reference of that finger.
    #[error("the card holds no reference of the finger asked for")]
    NoReference,
    /// No finger put on the scanner matched.
    #[error("no finger matched; the card bears {tries_left} more comparisons")]
    NotMatched {
        /// Comparisons the card's counter has left.
        tries_left: u8,
    },
    /// The card compares this finger no more.
    #[error("the card's comparison counter has run out")]
    ComparisonBlocked,
    /// The card refused the PIN that was set on it: another person's card, or another PIN than before the interruption.
    #[error("the card refuses the PIN; {tries_left} tries are left")]
    PinRefused {
        /// Tries left.
        tries_left: u8,
    },
    /// The activated card did not prove itself.
    #[error("the activated card did not prove itself: {what}")]
    NotProved {
        /// What failed.
        what: &'static str,
    },
    /// An override by fewer than two persons.
    #[error("an override takes two different persons")]
    OnePerson,
    /// The work was called off between two steps.
    #[error("called off")]
    CalledOff,
}

impl Error {
    /// Every key of this enum's own; the rooms beneath have theirs.
    pub const KEYS: &'static [&'static str] = &[
        "issuance.encoding",
        "issuance.no-signer",
        "issuance.file",
        "issuance.not-written",
        "issuance.numbers-used-up",
        "issuance.not-queued",
        "issuance.changed",
        "issuance.card-taken",
        "issuance.factory-code",
        "issuance.at-odds",
        "delivery.unknown-card",
        "delivery.not-deliverable",
        "delivery.already-delivered",
        "delivery.ledger-at-odds",
        "delivery.clock",
        "delivery.no-reference",
        "delivery.not-matched",
        "delivery.comparison-blocked",
        "delivery.pin-refused",
        "delivery.not-proved",
        "delivery.one-person",
        "issuance.called-off",
    ];

    /// The stable key under which the texts for people are found.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Card(error) => error.key(),
            Self::KeyStore(error) => error.key(),
            Self::Ledger(error) => error.key(),
            Self::Pki(error) => error.key(),
            Self::Capture(error) => error.key(),
            Self::PinPad(error) => error.key(),
            Self::Fingerprint(error) => error.key(),
            Self::Recognition(error) => error.key(),
            Self::Record(fault) => fault.key(),
            Self::Encoding(_) => "issuance.encoding",
            Self::NoSigner => "issuance.no-signer",
            Self::File { .. } => "issuance.file",
            Self::NotWritten { .. } => "issuance.not-written",
            Self::NumbersUsedUp { .. } => "issuance.numbers-used-up",
            Self::NotQueued { .. } => "issuance.not-queued",
            Self::Changed { .. } => "issuance.changed",
            Self::CardTaken { .. } => "issuance.card-taken",
            Self::FactoryCode { .. } => "issuance.factory-code",
            Self::AtOdds { .. } => "issuance.at-odds",
            Self::UnknownCard { .. } => "delivery.unknown-card",
            Self::NotDeliverable { .. } => "delivery.not-deliverable",
            Self::AlreadyDelivered { .. } => "delivery.already-delivered",
            Self::LedgerAtOdds { .. } => "delivery.ledger-at-odds",
            Self::Clock { .. } => "delivery.clock",
            Self::NoReference => "delivery.no-reference",
            Self::NotMatched { .. } => "delivery.not-matched",
            Self::ComparisonBlocked => "delivery.comparison-blocked",
            Self::PinRefused { .. } => "delivery.pin-refused",
            Self::NotProved { .. } => "delivery.not-proved",
            Self::OnePerson => "delivery.one-person",
            Self::CalledOff => "issuance.called-off",
        }
    }

    /// The values for the placeholders of the texts, by name.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Record(fault) => fault.params(),
            Self::File { file, reason } => vec![("file", file.clone()), ("detail", reason.clone())],
            Self::NotWritten { container } => vec![("what", (*container).to_owned())],
            Self::NumbersUsedUp { prefix, digits } => {
                vec![("prefix", prefix.clone()), ("digits", digits.to_string())]
            }
            Self::NotQueued { record, state } => vec![
                ("record", record.to_string()),
                ("state", state.map_or("unknown", State::as_str).to_owned()),
            ],
            Self::FactoryCode { code } => vec![("code", (*code).to_owned())],
            Self::CardTaken { holder } => vec![("record", holder.to_string())],
            Self::AtOdds { what } | Self::NotProved { what } => vec![("what", (*what).to_owned())],
            Self::UnknownCard { chip } => vec![("chip", chip.to_string())],
            Self::NotDeliverable { record, state } => {
                vec![("record", record.to_string()), ("state", state.to_string())]
            }
            Self::Changed { record } | Self::AlreadyDelivered { record } => {
                vec![("record", record.to_string())]
            }
            Self::LedgerAtOdds { record, what } => {
                vec![("record", record.to_string()), ("what", (*what).to_owned())]
            }
            Self::Clock { now, last, .. } => {
                vec![("now", now.to_string()), ("last", last.to_string())]
            }
            Self::NotMatched { tries_left } | Self::PinRefused { tries_left } => {
                vec![("tries", tries_left.to_string())]
            }
            other => vec![("detail", other.to_string())],
        }
    }
}
