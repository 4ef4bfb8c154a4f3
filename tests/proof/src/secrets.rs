//! What no answer may hold: the enrolled references, private keys, key sets, PIN and PUK, as they are in the card's
//! memory. A secret is found by any run of its bytes, wherever the run begins.

use std::collections::{BTreeMap, HashMap};

use negin_eid::piv::{Administration, EnrolReference, ManagementKey};

use crate::specimen::{Specimen, id};

/// The shortest run of an enrolled reference that counts: two minutiae.
pub const REFERENCE_RUN: usize = 6;
/// The shortest run of a key or a hash that counts.
pub const KEY_RUN: usize = 8;

/// The key set of the maker.
const MAKERS: u32 = id::KEY_SETS | 0xFF;

/// Runs of secret bytes, by their content.
pub struct Secrets {
    references: HashMap<[u8; REFERENCE_RUN], &'static str>,
    keys: HashMap<[u8; KEY_RUN], &'static str>,
    /// First bytes of a run, so that most positions are passed over without a look-up.
    heads: Box<[bool; 1 << 16]>,
}

impl Secrets {
    /// All that is secret in these cards.
    ///
    /// # Panics
    /// Where a card holds a secret in a form this does not know.
    #[must_use]
    pub fn of<'a>(cards: impl IntoIterator<Item = &'a Specimen>) -> Self {
        let mut secrets = Self {
            references: HashMap::new(),
            keys: HashMap::new(),
            heads: Box::new([false; 1 << 16]),
        };
        for card in cards {
            for (id, bytes) in card.objects() {
                secrets.add_object(id, &bytes);
            }
        }
        secrets
    }

    fn add_object(&mut self, id: u32, bytes: &[u8]) {
        match (id & !0xFF, id) {
            (id::FINGERS, _) => {
                let enrolled = EnrolReference::decode(bytes).expect("an enrolment");
                self.add_reference(enrolled.minutiae.expose());
            }
            // The maker's are published: 404142…4F.
            (id::KEY_SETS, MAKERS) => {}
            (id::KEY_SETS, _) => self.add_key("a key set", bytes),
            (id::KEY_PAIRS, _) => self.add_key("a private key", bytes),
            (_, id::PIN) => self.add_key("the PIN's hash", bytes),
            (_, id::PUK) => self.add_key("the PUK's hash", bytes),
            (_, id::ADMINISTRATION) => {
                let switch = Administration::decode(bytes).expect("an administration switch");
                // The factory's is published.
                if switch.key.expose() != ManagementKey::factory().expose() {
                    self.add_key("the administration key", switch.key.expose());
                }
            }
            _ => {}
        }
    }

    fn add_reference(&mut self, minutiae: &[u8]) {
        for run in minutiae.windows(REFERENCE_RUN) {
            self.heads[head(run)] = true;
            let run = run.try_into().expect("of this length");
            self.references.insert(run, "an enrolled reference");
        }
    }

    /// Adds what memory holds only as a hash.
    pub fn add_key(&mut self, what: &'static str, bytes: &[u8]) {
        for run in bytes.windows(KEY_RUN) {
            self.heads[head(run)] = true;
            self.keys
                .insert(run.try_into().expect("of this length"), what);
        }
    }

    /// How many runs are looked for.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.references.len() + self.keys.len()
    }

    /// What of the secrets is in these bytes.
    #[must_use]
    pub fn in_bytes(&self, bytes: &[u8]) -> Option<&'static str> {
        if bytes.len() < REFERENCE_RUN {
            return None;
        }
        let found = |at: usize| {
            let rest = &bytes[at..];
            let reference = rest.first_chunk().and_then(|run| self.references.get(run));
            let key = || rest.first_chunk().and_then(|run| self.keys.get(run));
            reference.or_else(key).copied()
        };
        (0..=bytes.len() - REFERENCE_RUN)
            .filter(|at| self.heads[head(&bytes[*at..])])
            .find_map(found)
    }
}

const fn head(run: &[u8]) -> usize {
    (run[0] as usize) << 8 | run[1] as usize
}

/// Names of the objects that hold secrets, for a count of what is covered.
#[must_use]
pub fn covered(card: &Specimen) -> BTreeMap<&'static str, usize> {
    let mut count = BTreeMap::new();
    for id in card.objects().into_keys() {
        let what = match (id & !0xFF, id) {
            (id::FINGERS, _) => "references",
            (id::KEY_SETS, MAKERS) => continue,
            (id::KEY_SETS, _) => "key sets",
            (id::KEY_PAIRS, _) => "private keys",
            (_, id::PIN | id::PUK) => "PIN and PUK",
            _ => continue,
        };
        *count.entry(what).or_default() += 1;
    }
    count
}
