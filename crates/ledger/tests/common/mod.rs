//! Seats, records and cards for the tests.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds nothing")]
#![allow(dead_code, reason = "each test takes what it needs")]

use negin_ledger::{
    CardRef, ChipId, CitizenTag, Draft, Entry, Error, Event, Ledger, RecordId, Seat, SeatName,
    Timestamp, TrustedKeys,
};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use tempfile::TempDir;

/// A folder for the ledgers of one test: in memory where the system has such a place, for most of them care for what is
/// written and not for the disk.
pub fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

pub fn key(name: &str) -> SigningKey {
    let mut bytes = [0x5A; 32];
    bytes[1..=name.len()].copy_from_slice(name.as_bytes());
    SigningKey::from_slice(&bytes).unwrap()
}

pub fn seat(name: &str) -> Seat {
    let key = key(name);
    let public = *key.verifying_key();
    let mut count = 0u64;
    Seat::new(
        name.parse().unwrap(),
        public,
        Box::new(move |message| Ok::<Signature, _>(key.sign(message))),
        Box::new(move |bytes: &mut [u8]| {
            count += 1;
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = count.to_be_bytes()[at % 8] ^ u8::try_from(at).unwrap();
            }
        }),
    )
}

pub fn seat_name(name: &str) -> SeatName {
    name.parse().unwrap()
}

pub fn trusted(names: &[&str]) -> TrustedKeys {
    names
        .iter()
        .map(|name| (seat_name(name), *key(name).verifying_key()))
        .collect()
}

pub fn record(n: u32) -> RecordId {
    format!("order-1/{n:04}").parse().unwrap()
}

pub fn citizen(n: u32) -> CitizenTag {
    let mut tag = [0xC1; 32];
    tag[..4].copy_from_slice(&n.to_be_bytes());
    CitizenTag::from(tag)
}

pub fn card(n: u32) -> CardRef {
    let mut chip = [7; 10];
    chip[..4].copy_from_slice(&n.to_be_bytes());
    CardRef {
        number: format!("IR{n:08}").parse().unwrap(),
        chip: ChipId::new(&chip).unwrap(),
    }
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_760_000_000_000 + 1_000 * second)
}

pub fn draft(event: Event, n: u32) -> Draft {
    let draft = Draft::new(event, at(i64::from(n))).record(&record(n));
    match event {
        Event::Registered => draft.citizen(citizen(n)),
        Event::Written => draft.card(card(n)),
        _ => draft,
    }
}

pub const WAY: [Event; 6] = [
    Event::Registered,
    Event::Checked,
    Event::Queued,
    Event::Written,
    Event::Shipped,
    Event::Delivered,
];

/// Takes record `n` along the way up to and with `last`.
pub fn advance(ledger: &mut dyn Ledger, n: u32, last: Event) -> Result<Vec<Entry>, Error> {
    let end = WAY.iter().position(|&event| event == last).unwrap();
    WAY[..=end]
        .iter()
        .map(|&event| ledger.append(draft(event, n)))
        .collect()
}
