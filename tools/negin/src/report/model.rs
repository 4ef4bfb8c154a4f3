//! What the report shows, as plain data.

use std::fmt;
use std::time::Duration;

/// A whole run of `negin demo`.
#[derive(Debug, Clone)]
pub struct DemoReport {
    /// Name and version of the program that ran, such as `negin 0.1.0`.
    pub program: String,
    /// The seed from which the run can be repeated.
    pub seed: u64,
    /// When the run took place, as text.
    pub when: String,
    /// Name of the profile the cards were made by.
    pub profile: String,
    /// How many of what.
    pub totals: Totals,
    /// The steps of the whole run, in order.
    pub timings: Vec<StepTime>,
    /// The citizens, in the order of the order folder.
    pub citizens: Vec<Citizen>,
    /// Every foreign finger that was tried on a locked card.
    pub attempts: Vec<Attempt>,
    /// The ledger's chains, one a seat; left empty, the section is left out.
    pub chains: Vec<Chain>,
}

/// The figures at the head of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Cards ordered.
    pub cards: usize,
    /// Cards written and locked.
    pub personalized: usize,
    /// Cards that came alive at the counter.
    pub delivered: usize,
    /// Foreign fingers tried on locked cards.
    pub impostors_tried: usize,
    /// Of those, refused by the card.
    pub impostors_refused: usize,
}

/// One citizen: the record, the fingers, the card.
#[derive(Debug, Clone)]
pub struct Citizen {
    /// The name in Persian script.
    pub persian: Name,
    /// The name in Latin script.
    pub latin: Name,
    /// The national number, ten digits.
    pub national_number: String,
    /// Everything else in the record, in the order it is to be shown.
    pub fields: Vec<Field>,
    /// The dates, each in three calendars. The first one is taken for the date of birth and the last one for the
    /// date of expiry where the card's face shows them.
    pub dates: Vec<DateRow>,
    /// The three lines of the machine readable zone.
    pub mrz: [String; 3],
    /// The portrait.
    pub portrait: Picture,
    /// The enrolled fingers, each with the impression that was tried at the counter.
    pub fingers: Vec<Finger>,
    /// The card.
    pub card: Card,
    /// The steps of this citizen's card, in order.
    pub steps: Vec<StepTime>,
}

/// A person's name.
#[derive(Debug, Clone)]
pub struct Name {
    /// The given name.
    pub given: String,
    /// The family name.
    pub family: String,
}

impl Name {
    /// Given name and family name with a space between.
    #[must_use]
    pub fn whole(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// A label in both languages.
#[derive(Debug, Clone)]
pub struct Bilingual {
    /// In English.
    pub en: String,
    /// In Persian.
    pub fa: String,
}

impl Bilingual {
    /// A label from its English and its Persian text.
    #[must_use]
    pub fn new(en: impl Into<String>, fa: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            fa: fa.into(),
        }
    }
}

/// One line of the record.
#[derive(Debug, Clone)]
pub struct Field {
    /// What it is.
    pub label: Bilingual,
    /// The value in Latin script or digits; empty where there is none.
    pub latin: String,
    /// The value in Persian script or digits; empty where there is none.
    pub persian: String,
}

/// One date of the record, in three calendars.
#[derive(Debug, Clone)]
pub struct DateRow {
    /// What happened or happens on it.
    pub label: Bilingual,
    /// Gregorian, as text, such as `1990-03-21`.
    pub gregorian: String,
    /// Persian (solar hijri), as text.
    pub persian: String,
    /// Lunar hijri, as text.
    pub hijri: String,
}

/// An image, ready to be put into the page. Debug output shows its size only.
#[derive(Clone)]
pub struct Picture {
    media_type: &'static str,
    bytes: Vec<u8>,
}

impl Picture {
    /// A PNG image, from the bytes of its file.
    #[must_use]
    pub fn png(bytes: Vec<u8>) -> Self {
        Self {
            media_type: "image/png",
            bytes,
        }
    }

    /// A JPEG image, from the bytes of its file.
    #[must_use]
    pub fn jpeg(bytes: Vec<u8>) -> Self {
        Self {
            media_type: "image/jpeg",
            bytes,
        }
    }

    pub(super) fn media_type(&self) -> &'static str {
        self.media_type
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.media_type, self.bytes.len())
    }
}

/// What a minutia is, as far as a drawing cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A ridge ends: drawn as a ring.
    Ending,
    /// A ridge divides: drawn as a square.
    Bifurcation,
    /// Not known: drawn as a dot.
    Other,
}

/// A minutia to be drawn on an image. Debug output does not show where it lies.
#[derive(Clone, Copy, PartialEq)]
pub struct Mark {
    /// From the left edge, in pixels of the image.
    pub x: f32,
    /// From the upper edge, in pixels of the image.
    pub y: f32,
    /// Direction in radians, counter-clockwise from +x.
    pub angle: f32,
    /// What it is.
    pub kind: Kind,
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mark(..)")
    }
}

/// The image of one impression and what was found in it.
#[derive(Debug, Clone)]
pub struct Print {
    /// The image as it came from the scanner, nothing drawn on it.
    pub image: Picture,
    /// Width of the image in pixels.
    pub width: u32,
    /// Height of the image in pixels.
    pub height: u32,
    /// Quality, 0 to 100.
    pub quality: u8,
    /// The minutiae, drawn on the image by the report.
    pub marks: Vec<Mark>,
}

/// One enrolled finger and its try at the counter.
#[derive(Debug, Clone)]
pub struct Finger {
    /// Which finger.
    pub name: Bilingual,
    /// The card's key reference, 0x96 or 0x97.
    pub reference: u8,
    /// The impression that was enrolled.
    pub enrolled: Print,
    /// The impression that came from the scanner at the counter.
    pub probe: Print,
    /// Which mark of `enrolled` was paired with which mark of `probe` (indices into their marks).
    pub pairs: Vec<(usize, usize)>,
    /// The score of the card's algorithm on what the card was given. The card itself answers only yes or no.
    pub score: f64,
    /// The score from which on the card says yes.
    pub threshold: f64,
    /// What the card said.
    pub outcome: Outcome,
}

/// What the card said to a finger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The finger is the citizen's.
    Matched,
    /// The finger was refused.
    Refused,
    /// The finger was not asked for: another one had matched already.
    NotAsked,
}

/// The card and how far it came.
#[derive(Debug, Clone)]
pub struct Card {
    /// The number printed on it.
    pub number: String,
    /// The chip's own identification, in hexadecimal.
    pub chip_id: String,
    /// The states it passed, in order.
    pub states: Vec<StateReached>,
    /// The certificates it holds.
    pub certificates: Vec<Certificate>,
    /// The record it keeps of its activation; none as long as it is locked.
    pub activation: Option<Activation>,
    /// The proof that it is alive: a challenge it signed.
    pub proof: Option<Proof>,
}

/// Whose state it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The card's own, held by its security domain.
    Card,
    /// The identity application's, which owns delivery.
    Piv,
    /// The record's, in the ledger.
    Ledger,
}

/// A state that was reached.
#[derive(Debug, Clone)]
pub struct StateReached {
    /// Whose state.
    pub lane: Lane,
    /// Its name, such as `SECURED`.
    pub state: String,
    /// When, as text.
    pub when: String,
}

/// A certificate on the card.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The key's slot, such as `9A`.
    pub slot: String,
    /// What the key is for.
    pub purpose: String,
    /// Subject.
    pub subject: String,
    /// Serial number, in hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate, in hexadecimal.
    pub fingerprint: String,
}

/// What the card remembers of its activation.
#[derive(Debug, Clone)]
pub struct Activation {
    /// How it was done: by a match, or by two persons.
    pub method: String,
    /// The finger that matched, if one did.
    pub finger: Option<String>,
    /// Who stood at the counter, as the card stored it.
    pub operator: String,
    /// The card's receipt counter.
    pub receipt: u64,
}

/// A challenge the card signed after its activation.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The slot of the key.
    pub slot: String,
    /// The challenge, in hexadecimal.
    pub challenge: String,
    /// The signature, in hexadecimal.
    pub signature: String,
    /// Whether it verified against the certificate read from the card.
    pub verified: bool,
}

/// A foreign finger on a locked card.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Whose card: index into the citizens.
    pub card: usize,
    /// Whose finger: index into the citizens.
    pub finger_of: usize,
    /// Which finger.
    pub finger: Bilingual,
    /// The card's key reference it was tried on, 0x96 or 0x97.
    pub reference: u8,
    /// The score of the card's algorithm.
    pub score: f64,
    /// The score from which on the card says yes.
    pub threshold: f64,
    /// Whether the card refused it.
    pub refused: bool,
    /// The card's answer, such as `63C4`.
    pub status_word: String,
    /// How many tries the card says are left.
    pub tries_left: Option<u8>,
}

/// One seat's chain in the ledger.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The seat.
    pub seat: String,
    /// How many entries it has.
    pub entries: u64,
    /// Hash of its newest entry, in hexadecimal.
    pub head: String,
    /// Whether every signature and number in it held when it was read back.
    pub verified: bool,
}

/// How long a step took.
#[derive(Debug, Clone)]
pub struct StepTime {
    /// The step.
    pub what: String,
    /// How long.
    pub took: Duration,
}
