//! Cards that are not ours: the host compares the finger, and the ledger says that it was the host.
//!
//! The rules:
//! - The card is the one the ledger means: its CHUID and its objects are verified against the issuer's root, its
//!   authentication certificate is the one that was written.
//! - The finger is compared with what the issuer signed: the fingerprints that the card holds, or the order's images, as
//!   quality control saw them.
//! - The ledger counts the refusals, since no card does. After [`MOST_REFUSALS`] no more fingers are compared.
//! - Nobody but this office and the issuer knows the PIN that the card came with. It gives way to the citizen's after the
//!   match, and the card proves itself with the citizen's PIN.

use negin_apdu::{Chaining, Transmit};
use negin_card::{Piv, Presence, recognise};
use negin_eid::lds::FaceRecord;
use negin_eid::piv::{
    Biometric, BiometricObject, Chuid, Container, FingerReference, HolderDisplay, Pin,
    PrintedInformation, SecurityObject,
};
use negin_fingerprint::capture::Capture;
use negin_fingerprint::{CaptureError, Template, ansi378};
use negin_keystore::OfficeCode;
use negin_ledger::{Draft, Entry as LedgerEntry, Event, Record, State};
use negin_recognition::threshold;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::comparison::{Attempt, Look, Taken, take};
use super::counter::{deliverable, on_time};
use super::holder::Holder;
use super::pin::PinSource;
use super::proof::{Proof, prove};
use crate::checked;
use crate::order::Entry;
use crate::personalise::{ForeignChip, changed, pin_of, template, tries};
use crate::pki::{self, Certificate};
use crate::record::Record as CitizenRecord;
use crate::{Error, Seat};

/// How many fingers may be refused by the host before it compares no more for a card.
pub const MOST_REFUSALS: u8 = 10;

/// What the ledger calls a match of the host's.
const HOST_MATCH: &str = "host match";

/// A record in its order: where the fingers of a card are found that holds none.
#[derive(Clone, Copy)]
pub struct Enrolled<'a> {
    /// Where it lies.
    pub entry: &'a Entry,
    /// The record.
    pub record: &'a CitizenRecord,
}

/// One delivery of a card that is not ours.
pub struct ForeignDelivery<'w, 'r> {
    /// The office of this counter.
    pub office: OfficeCode,
    /// Which of the two fingers is put on the scanner.
    pub finger: FingerReference,
    /// How often it may be put on.
    pub tries: u8,
    /// The scanner.
    pub scanner: &'w mut dyn Capture,
    /// The PIN the citizen chose.
    pub pin: Pin,
    /// The record's images, where the card holds no fingerprints.
    pub enrolled: Option<Enrolled<'r>>,
    /// The authority under which the card's certificates stand.
    pub root: &'r Certificate,
}

/// A card of another maker's in its citizen's hand.
#[derive(Debug, Clone)]
pub struct DeliveredForeign {
    /// The record, now delivered.
    pub record: Record,
    /// What the clerk saw of the holder; none where an interrupted delivery was finished.
    pub holder: Option<Holder>,
    /// The certificate the card proved itself with.
    pub certificate: Certificate,
    /// The proof.
    pub proof: Proof,
    /// Whether an earlier try had set the citizen's PIN.
    pub resumed: bool,
}

/// The record that the card in the reader, which is not ours, was written for, where the ledger knows one.
///
/// # Errors
/// [`Error::Card`], [`Error::Ledger`].
pub fn record_of_foreign(
    seat: &Seat<'_>,
    card: &mut dyn Transmit,
) -> Result<Option<Record>, Error> {
    let mut piv = Piv::select(Chaining::new(card))?;
    match ForeignChip::of(&mut piv)? {
        Some(chip) => Ok(seat.ledger.record_of_chip(&chip.id()?)?),
        None => Ok(None),
    }
}

/// Delivers the card in the reader, which is not ours, or finishes a delivery that was interrupted.
///
/// # Errors
/// [`Error::Card`] for a card that is no PIV card of another maker; [`Error::UnknownCard`], [`Error::AlreadyDelivered`],
/// [`Error::NotDeliverable`], [`Error::Clock`], [`Error::KeyStore`] where it is another office's; [`Error::Pki`] and [`Error::LedgerAtOdds`] where what it holds is not
/// what the issuer wrote; [`Error::NoReference`] where neither card nor order has the finger. With a wrong finger
/// [`Error::NotMatched`] or [`Error::ComparisonBlocked`]: the card keeps a PIN that nobody knows. [`Error::PinRefused`],
/// [`Error::NotProved`].
pub fn deliver_foreign(
    seat: &mut Seat<'_>,
    delivery: ForeignDelivery<'_, '_>,
    card: &mut dyn Transmit,
    look: &mut dyn FnMut(Look<'_>),
) -> Result<DeliveredForeign, Error> {
    let mut link = Chaining::new(card);
    let presence = recognise(&mut link)?.presence;
    if presence != Presence::ForeignPiv {
        return Err(negin_card::Error::UnexpectedState(presence).into());
    }
    let mut piv = Piv::select(&mut link)?;
    let chip = ForeignChip::of(&mut piv)?.ok_or(negin_card::Error::Foreign(presence))?;
    let record = deliverable(seat, &chip.id()?)?;
    on_time(seat, &record)?;
    let history = seat.ledger.entries_of(&record.id)?;
    let mut counter = Counter {
        seat,
        record,
        history,
        chip,
        delivery,
        piv,
    };
    let resumed = counter.is_finished_but_for_the_proof()?;
    let holder = match resumed {
        true => None,
        false => Some(counter.hand_over(look)?),
    };
    counter.finish(holder, resumed, look)
}

struct Counter<'a, 'b, 'w, 'r, T> {
    seat: &'a mut Seat<'b>,
    record: Record,
    history: Vec<LedgerEntry>,
    chip: ForeignChip,
    delivery: ForeignDelivery<'w, 'r>,
    piv: Piv<T>,
}

/// What the card holds of its holder, verified.
struct Shown {
    holder: Holder,
    fingers: Vec<Template>,
}

impl<T: Transmit> Counter<'_, '_, '_, '_, T> {
    /// Whether an earlier try had found a match and set the citizen's PIN: then the card takes it.
    fn is_finished_but_for_the_proof(&mut self) -> Result<bool, Error> {
        let matched = self.comparisons("matched") > 0;
        Ok(matched
            && tries(&mut self.piv)? > 1
            && self.piv.verify_pin(self.delivery.pin.clone())?.passed())
    }

    /// From the transport PIN to the citizen's, by the way of a match.
    fn hand_over(&mut self, look: &mut dyn FnMut(Look<'_>)) -> Result<Holder, Error> {
        self.is_ours()?;
        let pin = self
            .seat
            .keys
            .transport_pin(self.delivery.office, &self.chip.kdd())?;
        let pin = pin_of(&*pin)?;
        let left = tries(&mut self.piv)?;
        if left < 2 {
            return Err(Error::PinRefused { tries_left: left });
        }
        if !self.piv.verify_pin(pin.clone())?.passed() {
            let tries_left = tries(&mut self.piv)?;
            return Err(Error::PinRefused { tries_left });
        }
        let shown = self.read()?;
        look(Look::Holder(&shown.holder));
        let enrolled = self.enrolled(&shown)?;
        self.compare(&enrolled, look)?;
        self.note("matched", None)?;
        let own = self.delivery.pin.clone();
        if !changed(self.piv.change_pin(&pin, own))? {
            let tries_left = tries(&mut self.piv)?;
            return Err(Error::PinRefused { tries_left });
        }
        Ok(shown.holder)
    }

    fn odds(&self, what: &'static str) -> Error {
        Error::LedgerAtOdds {
            record: self.record.id.clone(),
            what,
        }
    }

    /// Reads what the card holds and verifies it up to the root.
    fn read(&mut self) -> Result<Shown, Error> {
        let (root, now) = (self.delivery.root, (self.seat.now)());
        let missing = self.odds("the card does not hold what was written");
        let object = self.piv.get(Container::Chuid)?;
        let chuid_object = object.ok_or_else(|| self.odds("the card has no CHUID"))?;
        let chuid = Chuid::decode(&chuid_object)?;
        let signer = pki::verify_chuid(&chuid, root, now)?.signer;
        let mut contents = vec![(Container::Chuid, chuid_object)];
        for container in [
            Container::PrintedInformation,
            Container::FacialImage,
            Container::Fingerprints,
        ] {
            if let Some(object) = self.piv.get(container)? {
                contents.push((container, object));
            }
        }
        let found = |wanted| {
            let mut contents = contents.iter();
            contents.find(|(container, _)| *container == wanted)
        };
        // Printed information is not signed by itself: without the security object it may be another card's.
        let security_object = self.piv.get(Container::SecurityObject)?.ok_or(missing)?;
        let held: Vec<_> = contents
            .iter()
            .map(|(c, object)| (*c, &object[..]))
            .collect();
        let vouched = pki::verify_piv_security_object(
            &SecurityObject::decode(&security_object)?,
            &held,
            &signer,
            root,
            now,
        )?;
        let (_, printed) = found(Container::PrintedInformation)
            .filter(|(container, _)| vouched.contains(container))
            .ok_or_else(|| self.odds("the card does not say whose it is"))?;
        let printed = PrintedInformation::decode(printed)?;
        let number = self.record.card.as_ref().map(|card| card.number.as_str());
        if number != Some(printed.card_serial.as_str()) {
            return Err(self.odds("the card has another number"));
        }
        let biometric = |biometric: Biometric| -> Result<Option<Vec<u8>>, Error> {
            let Some((_, object)) = found(biometric.container()) else {
                return Ok(None);
            };
            let object = BiometricObject::decode(biometric, object)?;
            pki::verify_biometric(&object, self.chip.uuid, &signer, root, now)?;
            Ok(Some(object.record))
        };
        let photograph = match biometric(Biometric::FacialImage)? {
            Some(record) => Some(FaceRecord::decode(&record)?.image),
            None => None,
        };
        let fingers = match biometric(Biometric::Fingerprints)? {
            Some(record) => ansi378::decode(&record)?
                .views
                .into_iter()
                .map(|view| view.template)
                .collect(),
            None => Vec::new(),
        };
        Ok(Shown {
            holder: Holder {
                display: HolderDisplay {
                    name: printed.name,
                    card_number: printed.card_serial,
                },
                photograph,
            },
            fingers,
        })
    }

    /// The finger to compare with: the card's, or the order's.
    fn enrolled(&self, shown: &Shown) -> Result<Template, Error> {
        let index = match self.delivery.finger {
            FingerReference::Primary => 0,
            FingerReference::Secondary => 1,
        };
        if let Some(template) = shown.fingers.get(index) {
            return Ok(template.clone());
        }
        let Enrolled { entry, record } = self.delivery.enrolled.ok_or(Error::NoReference)?;
        let file = |reason: String| Error::File {
            file: entry.name.clone(),
            reason,
        };
        // An order that is not as it was checked may have another's fingers in it.
        let digest = checked::digest(entry, record).map_err(|error| file(error.to_string()))?;
        if checked::kept(self.seat.ledger, &self.record.id)?.as_deref() != Some(&digest) {
            return Err(Error::Changed {
                record: self.record.id.clone(),
            });
        }
        let finger = record.fingers.get(index).ok_or(Error::NoReference)?;
        template(entry, finger)?.ok_or(Error::NoReference)
    }

    fn compare(
        &mut self,
        enrolled: &Template,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<(), Error> {
        let mut tries_left = MOST_REFUSALS.saturating_sub(self.comparisons("refused"));
        for _ in 0..self.delivery.tries {
            if tries_left == 0 {
                return Err(Error::ComparisonBlocked);
            }
            let outcome = attempt(self.delivery.scanner, enrolled, tries_left, look);
            let outcome = match outcome {
                // A folder of images that has no more: what was tried counts.
                Err(Error::Capture(CaptureError::NoImage)) if tries_left < MOST_REFUSALS => break,
                other => other?,
            };
            // The counter falls before anybody hears of it.
            if let Attempt::Refused { tries_left: left } = outcome {
                self.note("refused", Some(left))?;
                tries_left = left;
            }
            look(Look::Attempt(outcome));
            if outcome == Attempt::Matched {
                return Ok(());
            }
        }
        Err(Error::NotMatched { tries_left })
    }

    /// How many comparisons of the host's the ledger has for this card with that outcome, since it was written.
    fn comparisons(&self, outcome: &str) -> u8 {
        let written = self
            .history
            .iter()
            .rposition(|entry| entry.event == Event::Written);
        let since = self.history.get(written.unwrap_or(0)..).unwrap_or_default();
        let count = since
            .iter()
            .filter(|entry| entry.event == Event::Noted)
            .map(LedgerEntry::detail_value)
            .filter(|detail| detail["by"] == "host" && detail["comparison"] == outcome)
            .count();
        u8::try_from(count).unwrap_or(u8::MAX)
    }

    fn note(&mut self, outcome: &str, tries_left: Option<u8>) -> Result<(), Error> {
        let draft = Draft::new(Event::Noted, (self.seat.now)())
            .record(&self.record.id)
            .detail(json!({
                "by": "host",
                "comparison": outcome,
                "finger": format!("{:02X}", self.delivery.finger.code()),
                "tries-left": tries_left,
            }));
        self.seat.ledger.append(draft)?;
        Ok(())
    }

    /// That the card was written for this office: another's PIN would be a wrong one, and cost the card a try.
    fn is_ours(&self) -> Result<(), Error> {
        let own = self.delivery.office;
        match self.written()["office"].as_str().map(str::parse) {
            Some(Ok(asked)) if asked != own => {
                Err(negin_keystore::Error::OtherOffice { own, asked }.into())
            }
            _ => Ok(()),
        }
    }

    /// What the ledger says of how the card was written.
    fn written(&self) -> Value {
        let mut entries = self.history.iter();
        let written = entries.rfind(|entry| entry.event == Event::Written);
        written.map_or(Value::Null, LedgerEntry::detail_value)
    }

    fn finish(
        mut self,
        holder: Option<Holder>,
        resumed: bool,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<DeliveredForeign, Error> {
        let challenge = self.seat.random();
        let now = (self.seat.now)();
        let card = self.record.card.as_ref();
        let card = card.ok_or_else(|| self.odds("the record has no card"))?;
        let (certificate, proof) = prove(
            &mut self.piv,
            &card.number,
            &mut PinSource::Told(self.delivery.pin.clone()),
            &challenge,
            self.delivery.root,
            now,
            look,
        )?;
        let digest = hex::encode(Sha256::digest(certificate.der()));
        if self.written()["certificates"]["9A"] != *digest {
            return Err(Error::NotProved {
                what: "its certificate is not the one that was written",
            });
        }
        let draft = Draft::new(Event::Delivered, now)
            .record(&self.record.id)
            .detail(json!({
                "way": HOST_MATCH,
                "finger": format!("{:02X}", self.delivery.finger.code()),
                "certificate": digest,
                "resumed": resumed,
            }));
        self.seat.ledger.append(draft)?;
        Ok(DeliveredForeign {
            record: Record {
                state: State::Delivered,
                ..self.record
            },
            holder,
            certificate,
            proof,
            resumed,
        })
    }
}

/// Takes one image and compares it here.
fn attempt(
    scanner: &mut dyn Capture,
    enrolled: &Template,
    tries_left: u8,
    look: &mut dyn FnMut(Look<'_>),
) -> Result<Attempt, Error> {
    let extraction = match take(scanner, look)? {
        Taken::Finger(extraction) => extraction,
        Taken::Nothing(attempt) => return Ok(attempt),
    };
    let score = negin_recognition::compare(enrolled, &extraction.template).score;
    Ok(if score >= threshold::HOST {
        Attempt::Matched
    } else {
        Attempt::Refused {
            tries_left: tries_left - 1,
        }
    })
}
