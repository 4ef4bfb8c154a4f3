//! An entry: how it is drafted, encoded, hashed and signed.
//!
//! The encoding that is hashed and signed is `"negin.ledger.entry.v1"` and then each field in order: seat, number (8 bytes
//! big-endian), time (8 bytes), event, record, card number, chip, salt, citizen hash, `after` (the hashes one after the
//! other), detail, previous. Every field but the label stands behind its length, 4 bytes big-endian; a field that is
//! absent is the length FFFFFFFF alone. The hash is SHA-256 of it, the seal ECDSA on P-256 with SHA-256 over it. The
//! first entry's `previous` is SHA-256 of `"negin.ledger.seat.v1"`, the seat's name and its public key (33 bytes,
//! compressed), the name behind its length: so a chain belongs to one key.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    CardNumber, CardRef, ChipId, CitizenHash, CitizenTag, Digest, Error, Event, RecordId,
    SealBytes, Seat, SeatName, Timestamp,
};

/// The longest detail an entry may carry, in bytes of JSON.
pub const DETAIL_LIMIT: usize = 4096;

/// An entry before it has a number: what its writer says.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(crate) event: Event,
    pub(crate) time: Timestamp,
    pub(crate) record: Option<RecordId>,
    pub(crate) citizen: Option<CitizenTag>,
    pub(crate) card: Option<CardRef>,
    pub(crate) detail: Value,
}

impl Draft {
    /// That `event` happened at `time`.
    #[must_use]
    pub fn new(event: Event, time: Timestamp) -> Self {
        Self {
            event,
            time,
            record: None,
            citizen: None,
            card: None,
            detail: Value::Object(serde_json::Map::new()),
        }
    }

    /// About this record.
    #[must_use]
    pub fn record(mut self, record: &RecordId) -> Self {
        self.record = Some(record.clone());
        self
    }

    /// Of this citizen; needed at [`Event::Registered`], known from then on.
    #[must_use]
    pub fn citizen(mut self, tag: CitizenTag) -> Self {
        self.citizen = Some(tag);
        self
    }

    /// About this card; at [`Event::Written`] and [`Event::Spoiled`] the card of the work in progress where none is given.
    #[must_use]
    pub fn card(mut self, card: CardRef) -> Self {
        self.card = Some(card);
        self
    }

    /// What else is worth keeping: counters, scores, operators, certificate numbers. A JSON object of printable ASCII, at
    /// most [`DETAIL_LIMIT`] bytes; no personal data, no secrets.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }

    /// The detail as it will be stored and hashed.
    pub(crate) fn detail_text(&self) -> Result<String, Error> {
        if !self.detail.is_object() {
            return Err(Error::Detail {
                reason: "is not a JSON object",
            });
        }
        let text = self.detail.to_string();
        if text.len() > DETAIL_LIMIT {
            return Err(Error::Detail {
                reason: "is longer than 4096 bytes",
            });
        }
        // Names of persons are written in Persian here: they cannot get in by oversight.
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(Error::Detail {
                reason: "has other characters than printable ASCII",
            });
        }
        Ok(text)
    }
}

/// An entry of a seat's chain.
///
/// Its fields are as they were read; [`Ledger::verify`](crate::Ledger::verify) and
/// [`Ledger::join`](crate::Ledger::join) say whether they are the seat's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Who wrote it.
    pub seat: SeatName,
    /// Its place in the seat's chain, from 1.
    pub number: u64,
    /// When, by the writer's clock.
    pub time: Timestamp,
    /// What happened.
    pub event: Event,
    /// The record it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// The number of the card it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_number: Option<CardNumber>,
    /// The chip of the card it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chip: Option<ChipId>,
    /// The record's citizen, salted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen: Option<CitizenHash>,
    /// The record's last entries that its writer knew, sorted; several where seats had not known of each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Digest>,
    /// The rest, a JSON object as text.
    pub detail: String,
    /// The hash of the seat's entry before this one; for the first, of the seat's name and key.
    pub previous: Digest,
    /// The hash of all of the above.
    pub hash: Digest,
    /// The seat's signature over all of the above.
    pub signature: SealBytes,
}

impl Entry {
    /// The card it is about, where it names one.
    #[must_use]
    pub fn card(&self) -> Option<CardRef> {
        Some(CardRef {
            number: self.card_number.clone()?,
            chip: self.chip.clone()?,
        })
    }

    /// The detail, parsed; `Null` where it is not JSON.
    #[must_use]
    pub fn detail_value(&self) -> Value {
        serde_json::from_str(&self.detail).unwrap_or(Value::Null)
    }

    /// The bytes that are hashed and signed; see the source of this module for the layout, or the ledger's page in the
    /// documentation.
    #[must_use]
    pub fn encoding(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256 + self.detail.len());
        out.extend_from_slice(b"negin.ledger.entry.v1");
        field(&mut out, Some(self.seat.as_str().as_bytes()));
        field(&mut out, Some(&self.number.to_be_bytes()));
        field(&mut out, Some(&self.time.unix_millis().to_be_bytes()));
        field(&mut out, Some(self.event.as_str().as_bytes()));
        field(
            &mut out,
            self.record
                .as_ref()
                .map(|record| record.as_str().as_bytes()),
        );
        field(
            &mut out,
            self.card_number
                .as_ref()
                .map(|number| number.as_str().as_bytes()),
        );
        field(&mut out, self.chip.as_ref().map(ChipId::as_bytes));
        field(
            &mut out,
            self.citizen
                .as_ref()
                .map(|citizen| citizen.salt.as_bytes().as_slice()),
        );
        field(
            &mut out,
            self.citizen
                .as_ref()
                .map(|citizen| citizen.hash.as_bytes().as_slice()),
        );
        field(&mut out, Some(&joined(&self.after)));
        field(&mut out, Some(self.detail.as_bytes()));
        field(&mut out, Some(self.previous.as_bytes()));
        out
    }

    /// The hash of the content as it is now; equal to [`hash`](Self::hash) in an unaltered entry.
    #[must_use]
    pub fn computed_hash(&self) -> Digest {
        sha256(&self.encoding())
    }

    /// Whether the signature is `key`'s, over this hash.
    #[must_use]
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        verify_seal(key, &self.hash, &self.signature)
    }

    /// Gives the entry its hash and its seat's signature.
    pub(crate) fn seal(&mut self, seat: &Seat) -> Result<(), Error> {
        let encoding = self.encoding();
        self.hash = sha256(&encoding);
        self.signature = seat.seal(&encoding, &self.hash)?;
        Ok(())
    }
}

/// What the first entry of a seat follows.
pub(crate) fn genesis(seat: &SeatName, key: &VerifyingKey) -> Digest {
    let mut out = b"negin.ledger.seat.v1".to_vec();
    field(&mut out, Some(seat.as_str().as_bytes()));
    out.extend_from_slice(key.to_sec1_point(true).as_bytes());
    sha256(&out)
}

pub(crate) fn verify_seal(key: &VerifyingKey, hash: &Digest, seal: &SealBytes) -> bool {
    Signature::from_slice(seal.as_bytes()).is_ok_and(|signature| {
        signature.normalize_s() == signature
            && key.verify_prehash(hash.as_bytes(), &signature).is_ok()
    })
}

pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    Digest::from(<[u8; 32]>::from(Sha256::digest(bytes)))
}

/// Hashes one after the other, as they are encoded and stored.
pub(crate) fn joined(hashes: &[Digest]) -> Vec<u8> {
    hashes
        .iter()
        .flat_map(|hash| hash.as_bytes())
        .copied()
        .collect()
}

pub(crate) fn field(out: &mut Vec<u8>, value: Option<&[u8]>) {
    // Lengths stay far below 4 GiB: names are checked, the detail comes from a database row.
    let length = value.map_or(u32::MAX, |bytes| {
        u32::try_from(bytes.len()).unwrap_or(u32::MAX - 1)
    });
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(value.unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_detail_keeps_the_rules() {
        let draft = Draft::new(Event::Noted, Timestamp::from_unix_millis(0));
        assert_eq!(
            draft
                .clone()
                .detail(json!({"b": 1, "a": "x"}))
                .detail_text()
                .unwrap(),
            r#"{"a":"x","b":1}"#
        );
        for bad in [
            json!("text"),
            json!({"name": "زهرا"}),
            json!({"long": "x".repeat(DETAIL_LIMIT)}),
        ] {
            assert_eq!(
                draft.clone().detail(bad).detail_text().unwrap_err().key(),
                "ledger.detail"
            );
        }
    }

    #[test]
    fn an_absent_field_is_not_an_empty_one() {
        let (mut absent, mut empty) = (Vec::new(), Vec::new());
        field(&mut absent, None);
        field(&mut empty, Some(b""));
        assert_ne!(absent, empty);
    }
}
