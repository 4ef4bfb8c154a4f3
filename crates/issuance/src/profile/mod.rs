//! What a card of one kind holds, and what is asked of its records.
//!
//! The rule: a [`Profile`] is checked whole when it is read; whoever has one need not ask again.

mod form;
mod judge;
mod read;
mod words;

use negin_eid::piv::{Container, Extensions, KeyReference, PinPolicy, RenewalPolicy};
use negin_fingerprint::FingerPosition;
use negin_fingerprint::compact::Limits;

use crate::fault::Fault;
use crate::finding::Rejected;
use crate::record::calendar::Calendar;

pub use words::{LdsFile, PhotoFormat, VirtualContact};

/// The version of the profile format that is read.
pub const VERSION: i64 = 1;

/// The name of the national identity card's profile, which is built in.
pub const NATIONAL_ID: &str = "national-id";

/// The name of the profile for development and stock tools, which is built in.
pub const PIV_TOKEN: &str = "piv-token";

/// The built-in profiles, by name.
const BUILT_IN: [(&str, &str); 2] = [
    (NATIONAL_ID, include_str!("../../profiles/national-id.toml")),
    (PIV_TOKEN, include_str!("../../profiles/piv-token.toml")),
];

/// A profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The document as a machine reads it.
    pub document: Document,
    /// How long a card is valid, and for whom.
    pub validity: Validity,
    /// The portrait.
    pub photo: Photo,
    /// The fingers.
    pub fingers: Fingers,
    /// The holder's PIN.
    pub pin: Pin,
    /// Wrong tries of the PUK that the card bears, 1 to 10; set by the card's maker.
    pub puk_tries: u8,
    /// Failed comparisons of a finger that the card bears, 1 to 10; set by the card's maker.
    pub comparison_tries: u8,
    /// The key pairs that the card makes; at least the authentication key.
    pub keys: Vec<Key>,
    /// The PIV containers that are written, besides the certificates of the keys.
    pub containers: Vec<Container>,
    /// Whether the card serves over the antenna what it serves on its contacts. A profile that says nothing has none.
    pub virtual_contact: VirtualContact,
    /// The travel document's files.
    pub files: Vec<LdsFile>,
    /// Certificates.
    pub certificates: Certificates,
    /// What the issuer may still write once the card is personalised.
    pub renewal: RenewalPolicy,
    /// Whether there is an administrator besides the issuer once the card lives.
    pub administration: Option<Administration>,
}

/// An administrator of the card, by PIV's own rules (key 9B).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Administration {
    /// What there is for them.
    pub extensions: Extensions,
    /// Which key the card gets.
    pub key: ManagementKey,
}

/// Where a card's management key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ManagementKey {
    /// The one every stock tool tries first. Everybody knows it: for development.
    Factory,
    /// The card's own, from the key store.
    Diversified,
}

/// The document as a machine reads it (ICAO 9303-5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What the card is called in its printed information, at most 20 ASCII characters.
    pub kind: String,
    /// One or two letters of the zone's first line.
    pub code: String,
    /// The issuing state's three-letter code.
    pub issuing_state: String,
    /// The holder's nationality, a three-letter code.
    pub nationality: String,
    /// The letters before the running number.
    pub number_prefix: String,
    /// Digits of the running number; with the prefix nine characters at most.
    pub number_digits: u8,
}

impl Document {
    /// The document number of a running number; none where it has more digits than the profile
    /// gives.
    #[must_use]
    pub fn number(&self, running: u64) -> Option<String> {
        let width = usize::from(self.number_digits);
        let digits = format!("{running:0width$}");
        (digits.len() == width).then(|| format!("{}{digits}", self.number_prefix))
    }
}

/// How long a card is valid, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Years from issue to expiry, at most.
    pub years: u16,
    /// The calendar in which they, and ages, are counted.
    pub calendar: Calendar,
    /// Full years that the citizen must have on the day of issue.
    pub minimum_age: u16,
    /// Days by which the date of issue may lie ahead of the day of checking.
    pub issue_ahead_days: u16,
}

/// What is asked of the portrait.
#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    /// The formats taken.
    pub formats: Vec<PhotoFormat>,
    /// Fewest pixels across.
    pub min_width: u32,
    /// Fewest pixels down.
    pub min_height: u32,
    /// Least width over height.
    pub min_aspect: f64,
    /// Most width over height.
    pub max_aspect: f64,
    /// Most bytes.
    pub max_bytes: usize,
}

/// What is asked of the fingers, and which are enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingers {
    /// How many are enrolled: 1 or 2.
    pub enrol: u8,
    /// In which order fingers are chosen for references 96 and 97.
    pub preference: Vec<FingerPosition>,
    /// What the card takes in a comparison, its BIT.
    pub limits: Limits,
    /// Quality below which a finger's image is warned of, 0 to 100.
    pub min_quality: u8,
    /// Least side of an image in millimetres.
    pub min_side_mm: u32,
    /// Greatest side of an image in millimetres.
    pub max_side_mm: u32,
}

impl Fingers {
    /// Of the fingers given with their quality, those to enrol, in the order of their references: the preferred ones
    /// that are good enough, and where these are too few the best of the others.
    #[must_use]
    pub fn choose(&self, given: &[(FingerPosition, u8)]) -> Vec<FingerPosition> {
        let count = usize::from(self.enrol);
        negin_recognition::enrol::choose(given, &self.preference, self.min_quality, count)
    }
}

/// The holder's PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// Fewest digits, 6 to 8.
    pub min_digits: u8,
    /// Most digits, 6 to 8.
    pub max_digits: u8,
    /// Wrong tries that the card bears, 1 to 10; set by its maker.
    pub tries: u8,
}

/// A key pair that the card makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its place.
    pub reference: KeyReference,
    /// Its kind.
    pub algorithm: Algorithm,
}

/// The kind of a key pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// Elliptic curve P-256 (PIV algorithm 11).
    P256,
}

/// What certificates say, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    /// The country in their names, two letters.
    pub country: String,
    /// The organisation in their names.
    pub organisation: String,
    /// Years for which the authority's own certificate is valid.
    pub authority_years: u16,
    /// Years for which the certificate of the key that signs the card's files is valid.
    pub signer_years: u16,
}

impl Profile {
    /// The built-in profile of the national identity card.
    ///
    /// # Errors
    /// None but a fault of this build; a test reads it.
    pub fn national_id() -> Result<Self, Rejected> {
        Self::of_built_in(&BUILT_IN[0])
    }

    /// The built-in profile for development and stock tools.
    ///
    /// # Errors
    /// None but a fault of this build; a test reads it.
    pub fn piv_token() -> Result<Self, Rejected> {
        Self::of_built_in(&BUILT_IN[1])
    }

    /// The built-in profile of a name; `None` where there is none.
    ///
    /// # Errors
    /// None but a fault of this build; a test reads them.
    pub fn built_in(name: &str) -> Option<Result<Self, Rejected>> {
        let found = BUILT_IN.iter().find(|(known, _)| *known == name);
        found.map(Self::of_built_in)
    }

    fn of_built_in((name, text): &(&str, &str)) -> Result<Self, Rejected> {
        Self::from_toml(text, &format!("{name}.toml (built in)"))
    }

    /// What the card shall ask of every PIN; `None` where that is what the standard asks anyway.
    #[must_use]
    pub fn pin_policy(&self) -> Option<PinPolicy> {
        PinPolicy::new(self.pin.min_digits, self.pin.max_digits)
            .ok()
            .filter(|policy| *policy != PinPolicy::default())
    }

    /// Reads a profile. `file` is how findings call it.
    ///
    /// # Errors
    /// Every fault found, each with its line.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, Rejected> {
        read::read(text, file)
    }

    /// Reads a profile from a file.
    ///
    /// # Errors
    /// [`Fault::FileUnreadable`]; and as [`Profile::from_toml`].
    pub fn open(path: &std::path::Path) -> Result<Self, Rejected> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::from_toml(&text, &file),
            Err(error) => Err(Rejected::of_file(Fault::unreadable(&error), file)),
        }
    }

    /// The text of the national identity card's profile, to begin another one with.
    #[must_use]
    pub const fn national_id_toml() -> &'static str {
        BUILT_IN[0].1
    }

    /// Every container that personalisation writes: those named, and the certificates of the keys.
    #[must_use]
    pub fn written_containers(&self) -> Vec<Container> {
        let certificates = self.keys.iter().map(|key| key.reference.certificate());
        self.containers
            .iter()
            .copied()
            .chain(certificates)
            .collect()
    }
}
