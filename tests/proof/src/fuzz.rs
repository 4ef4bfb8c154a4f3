//! Entries of fuzzing: each takes any bytes and must come back, with the invariants it names holding. The fuzzer calls
//! them with what it finds (`fuzz/`), the tests with the corpora kept there.

mod card;
mod codecs;
mod extraction;
mod messaging;
mod zfm;

pub use card::{card, piv};
pub use codecs::{command, objects, templates, tlv};
pub use extraction::extract;
pub use messaging::secure_messaging;
pub use zfm::{session as zfm_session, zfm};

/// An entry.
pub type Entry = fn(&[u8]);

/// Every entry by the name of its target and its corpus.
pub const ENTRIES: [(&str, Entry); 9] = [
    ("card", card),
    ("command", command),
    ("extract", extract),
    ("objects", objects),
    ("piv", piv),
    ("secure_messaging", secure_messaging),
    ("templates", templates),
    ("tlv", tlv),
    ("zfm", zfm),
];
