//! The counter's work, from the card in the reader to the entry in the ledger.

use negin_apdu::{Chaining, Transmit};
use negin_card::{Piv, Presence, recognise};
use negin_eid::piv::{ActivationMethod, ActivationRecord, FingerReference, OperatorNote};
use negin_fingerprint::CaptureError;
use negin_fingerprint::capture::Capture;
use negin_keystore::{CardKeySet, OfficeCode};
use negin_ledger::{ChipId, Draft, Event, Record, State, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::comparison::{Attempt, Look, attempt};
use super::holder::{self, Holder};
use super::pin::PinSource;
use super::proof::{Proof, prove};
use crate::channel::Chip;
use crate::pki::Certificate;
use crate::{Error, Seat};

/// How the card is to come alive.
pub enum Way<'a> {
    /// The card compares a finger.
    Match {
        /// The office of this counter, whose delivery keys the card has.
        office: OfficeCode,
        /// Which enrolled finger is put on the scanner.
        finger: FingerReference,
        /// How often it may be put on.
        tries: u8,
        /// The scanner.
        scanner: &'a mut dyn Capture,
    },
    /// Two persons vouch for the citizen, under the override keys.
    Override {
        /// The officers whose shares unlocked the keys. The card keeps their names, 32 bytes with the sign between them; a
        /// longer pair is cut short there and stands whole in the ledger.
        officers: [&'a str; 2],
    },
}

/// One delivery.
pub struct Delivery<'w, 'r> {
    /// How.
    pub way: Way<'w>,
    /// The PIN the citizen chose, or where to get it.
    pub pin: PinSource<'w>,
    /// The authority under which the card's certificates stand.
    pub root: &'r Certificate,
}

/// A card that is alive.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The record, now delivered.
    pub record: Record,
    /// What the clerk saw of the holder; none where the delivery was taken up after the card had come alive.
    pub holder: Option<Holder>,
    /// What the card will say for ever.
    pub activation: ActivationRecord,
    /// The certificate the card proved itself with.
    pub certificate: Certificate,
    /// The proof.
    pub proof: Proof,
    /// Whether an earlier try had brought the card to life.
    pub resumed: bool,
}

/// Delivers the card in the reader, or finishes a delivery that was interrupted.
///
/// # Errors
/// Before anything is asked of the card's keys: [`Error::Card`] for a card that is not ours, [`Error::UnknownCard`],
/// [`Error::AlreadyDelivered`], [`Error::NotDeliverable`], [`Error::Clock`]. With a wrong finger [`Error::NotMatched`] or
/// [`Error::ComparisonBlocked`]; the card stays locked. [`Error::NotProved`] where a live card does not prove itself.
pub fn deliver(
    seat: &mut Seat<'_>,
    delivery: Delivery<'_, '_>,
    card: &mut dyn Transmit,
    look: &mut dyn FnMut(Look<'_>),
) -> Result<Delivered, Error> {
    if let Way::Override {
        officers: [one, two],
    } = &delivery.way
        && one.trim().eq_ignore_ascii_case(two.trim())
    {
        return Err(Error::OnePerson);
    }
    let mut link = Chaining::new(card);
    let recognition = recognise(&mut link)?;
    let presence = recognition.presence;
    let identity = recognition.expect(&[Presence::Issued, Presence::Activated])?;
    let chip = ChipId::new(&identity.kdd)?;
    let record = deliverable(seat, &chip)?;
    on_time(seat, &record)?;
    let mut counter = Counter {
        seat,
        record,
        chip: Chip::from(&identity),
        pin: delivery.pin,
        root: delivery.root,
    };
    let resumed = presence == Presence::Activated;
    let (holder, activation) = if resumed {
        (None, counter.activation_of(&mut link, &delivery.way)?)
    } else {
        let (holder, activation) = counter.activate(&mut link, delivery.way, look)?;
        (Some(holder), activation)
    };
    counter.finish(&mut link, holder, activation, resumed, look)
}

/// The record of this chip, where it is to be delivered now.
pub(super) fn deliverable(seat: &Seat<'_>, chip: &ChipId) -> Result<Record, Error> {
    let record = seat.ledger.record_of_chip(chip)?;
    let record = record.ok_or_else(|| Error::UnknownCard { chip: chip.clone() })?;
    match record.state {
        // The one state from which the ledger takes 'delivered': a card must not come alive that it then does not take.
        State::Shipped => Ok(record),
        State::Delivered => Err(Error::AlreadyDelivered { record: record.id }),
        state => Err(Error::NotDeliverable {
            record: record.id,
            state,
        }),
    }
}

/// That the clock has come to the day of the record's last entry: a card that comes alive under one that is behind has
/// certificates that are not valid yet, and cannot prove itself.
pub(super) fn on_time(seat: &Seat<'_>, record: &Record) -> Result<(), Error> {
    let now = (seat.now)();
    let entries = seat.ledger.entries_of(&record.id)?;
    let last = entries.iter().map(|entry| entry.time).max();
    let day = |moment: Timestamp| moment.unix_millis().div_euclid(86_400_000);
    match last {
        Some(last) if day(now) < day(last) => Err(Error::Clock {
            record: record.id.clone(),
            now,
            last,
        }),
        _ => Ok(()),
    }
}

struct Counter<'a, 'b, 'p> {
    seat: &'a mut Seat<'b>,
    record: Record,
    chip: Chip,
    pin: PinSource<'p>,
    root: &'a Certificate,
}

type Link<'a> = Chaining<&'a mut dyn Transmit>;

impl Counter<'_, '_, '_> {
    fn activate(
        &mut self,
        link: &mut Link<'_>,
        way: Way<'_>,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<(Holder, ActivationRecord), Error> {
        match way {
            Way::Match {
                office,
                finger,
                tries,
                scanner,
            } => {
                let set = CardKeySet::Delivery { office };
                let piv = Piv::select(&mut *link)?;
                let mut piv = self.seat.open(piv, set, self.chip)?;
                let holder = holder::read(&mut piv, &self.record)?;
                look(Look::Holder(&holder));
                self.compare(&mut piv, finger, tries, scanner, look)?;
                // A ledger that takes no entry, its disk being full, is found before the card comes alive.
                self.note(json!({
                    "comparison": "matched",
                    "finger": format!("{:02X}", finger.code()),
                }))?;
                let seat = self.seat_name();
                let activation = self.bring_to_life(&mut piv, seat, look)?;
                Ok((holder, activation))
            }
            Way::Override { officers } => {
                let piv = Piv::select(&mut *link)?;
                let mut piv = self.seat.open(piv, CardKeySet::Override, self.chip)?;
                let holder = holder::read(&mut piv, &self.record)?;
                look(Look::Holder(&holder));
                self.note(json!({
                    "override": officers.map(|name| name.escape_default().to_string()),
                }))?;
                let activation = self.bring_to_life(&mut piv, officers.join("+"), look)?;
                Ok((holder, activation))
            }
        }
    }

    fn seat_name(&self) -> String {
        let name = self.seat.ledger.seat().map(|seat| seat.name().to_string());
        name.unwrap_or_default()
    }

    fn compare<T: Transmit>(
        &mut self,
        piv: &mut Piv<T>,
        finger: FingerReference,
        tries: u8,
        scanner: &mut dyn Capture,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<(), Error> {
        let template = *piv
            .biometric_information()?
            .of(finger)
            .ok_or(Error::NoReference)?;
        let mut tries_left = None;
        for _ in 0..tries {
            let outcome = attempt(piv, finger, &template, scanner, look);
            if let Ok(outcome) = &outcome {
                look(Look::Attempt(*outcome));
            }
            match outcome {
                Ok(Attempt::Matched) => return Ok(()),
                Ok(Attempt::Refused { tries_left: left }) => {
                    tries_left = Some(left);
                    self.note(json!({
                        "comparison": "refused",
                        "finger": format!("{:02X}", finger.code()),
                        "tries-left": left,
                    }))?;
                }
                Ok(Attempt::Unusable { .. } | Attempt::NoImage { .. }) => {}
                // A folder of images that has no more: what was tried counts.
                Err(Error::Capture(CaptureError::NoImage)) if tries_left.is_some() => break,
                Err(error) => {
                    if matches!(error, Error::ComparisonBlocked) {
                        self.note(json!({
                            "comparison": "blocked",
                            "finger": format!("{:02X}", finger.code()),
                        }))?;
                    }
                    return Err(error);
                }
            }
        }
        let tries_left = match tries_left {
            Some(left) => left,
            None => match piv.tries(finger.verify())? {
                negin_card::Verification::Failed { retries } => retries,
                negin_card::Verification::Passed => 0,
                negin_card::Verification::Blocked => return Err(Error::ComparisonBlocked),
            },
        };
        Err(Error::NotMatched { tries_left })
    }

    fn note(&mut self, detail: Value) -> Result<(), Error> {
        let draft = Draft::new(Event::Noted, (self.seat.now)())
            .record(&self.record.id)
            .detail(detail);
        self.seat.ledger.append(draft)?;
        Ok(())
    }

    fn bring_to_life<T: Transmit>(
        &mut self,
        piv: &mut Piv<T>,
        note: String,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<ActivationRecord, Error> {
        let mut note = note.into_bytes();
        note.truncate(OperatorNote::MAX);
        let note = OperatorNote::new(note)?;
        self.pin.set_first(piv, look)?;
        Ok(piv.activate(note)?)
    }

    /// The activation record of a card that is alive already: ACTIVATE asked again, over the channel, so that no other
    /// live card can answer in its place.
    fn activation_of(
        &mut self,
        link: &mut Link<'_>,
        way: &Way<'_>,
    ) -> Result<ActivationRecord, Error> {
        let set = match way {
            Way::Match { office, .. } => CardKeySet::Delivery { office: *office },
            Way::Override { .. } => CardKeySet::Override,
        };
        let piv = Piv::select(&mut *link)?;
        let mut piv = self.seat.open(piv, set, self.chip)?;
        Ok(piv.activate(OperatorNote::default())?)
    }

    fn finish(
        mut self,
        link: &mut Link<'_>,
        holder: Option<Holder>,
        activation: ActivationRecord,
        resumed: bool,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<Delivered, Error> {
        let challenge = self.seat.random();
        let now = (self.seat.now)();
        let mut piv = Piv::select(&mut *link)?;
        let card = self
            .record
            .card
            .as_ref()
            .ok_or_else(|| Error::LedgerAtOdds {
                record: self.record.id.clone(),
                what: "the record has no card",
            })?;
        let (certificate, proof) = prove(
            &mut piv,
            &card.number,
            &mut self.pin,
            &challenge,
            self.root,
            now,
            look,
        )?;
        let (way, finger) = match activation.method {
            ActivationMethod::Match(finger) => {
                ("on-card match", Some(format!("{:02X}", finger.code())))
            }
            ActivationMethod::Override => ("override", None),
        };
        let draft = Draft::new(Event::Delivered, now)
            .record(&self.record.id)
            .detail(json!({
                "way": way,
                "finger": finger,
                "operator": activation.note.as_bytes().escape_ascii().to_string(),
                "receipt": activation.receipt,
                "certificate": hex::encode(Sha256::digest(certificate.der())),
                "resumed": resumed,
            }));
        self.seat.ledger.append(draft)?;
        let record = Record {
            state: State::Delivered,
            ..self.record
        };
        Ok(Delivered {
            record,
            holder,
            activation,
            certificate,
            proof,
            resumed,
        })
    }
}
