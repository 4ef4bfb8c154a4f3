//! Cards that are not ours: any PIV card with standard administration.
//!
//! The rules:
//! - Such a card has no channel of ours, compares no finger and is not activated. What the standard gives is used: the
//!   administrator's key 9B, PUT DATA, GENERATE ASYMMETRIC KEY PAIR, CHANGE REFERENCE DATA.
//! - It is known by the UUID that its CHUID is given here; the CHUID is the first thing written. Until then nothing
//!   personal is on the card, and a record that was promised one may take another.
//! - The management key is tried once. A card that does not take it is left alone. Where the card lets it be changed,
//!   it gives way to one of the card's own, last of all.
//! - On its way to its office the card has a PIN and a PUK that only issuer and office can derive, not its maker's.
//! - What the card has no room for is left out and said in the ledger; the citizen's certificates never are.

use std::ops::ControlFlow;

use negin_apdu::{Chaining, StatusWord, Transmit};
use negin_card::{Piv, Presence, Verification, recognise};
use negin_eid::piv::{
    Algorithm, CertificateObject, Chuid, Container, KeyReference, ManagementKey, Pin, PublicKey,
    Puk, ReadAccess, VerifyReference,
};
use negin_keystore::{ForeignBatch, Kdd};
use negin_ledger::{ChipId, RecordId};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::content::{Kind, security_object};
use super::job::{Job, Personalised, Progress, Task, begin, release};
use super::plan::Step;
use crate::{Error, Seat};

/// The UUID that a card has from us, and the diversification data that follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ForeignChip {
    /// The UUID in its CHUID.
    pub uuid: [u8; 16],
}

impl ForeignChip {
    /// What the CHUID of the selected card says; `None` where it has none, or one that cannot be read.
    ///
    /// # Errors
    /// [`Error::Card`].
    pub fn of<T: Transmit>(piv: &mut Piv<T>) -> Result<Option<Self>, Error> {
        let chuid = match piv.get(Container::Chuid) {
            Ok(object) => object.and_then(|object| Chuid::decode(&object).ok()),
            // Cards without a CHUID refuse in ways of their own.
            Err(negin_card::Error::Refused { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(chuid.map(|chuid| Self { uuid: chuid.guid }))
    }

    /// As the ledger knows it.
    pub fn id(&self) -> Result<ChipId, Error> {
        Ok(ChipId::new(&self.uuid)?)
    }

    /// What its PIN and PUK are derived with.
    pub fn kdd(&self) -> Kdd {
        let digest = Sha256::new_with_prefix(b"negin.foreign-card.v1")
            .chain_update(self.uuid)
            .finalize();
        std::array::from_fn(|at| digest[at])
    }
}

/// The record whose personalisation was begun on the card in this reader, where there is one.
///
/// # Errors
/// [`Error::Card`], [`Error::Ledger`].
pub fn work_on_foreign(
    seat: &Seat<'_>,
    card: &mut dyn Transmit,
) -> Result<Option<RecordId>, Error> {
    let mut piv = Piv::select(Chaining::new(card))?;
    let Some(chip) = ForeignChip::of(&mut piv)? else {
        return Ok(None);
    };
    let work = seat.ledger.work_on_chip(&chip.id()?)?;
    Ok(work.map(|work| work.record))
}

/// Writes a record onto another maker's PIV card, or goes on where an earlier try stopped. The card's maker delivered it
/// with the keys and codes of `batch`.
///
/// Afterwards the card holds the citizen's certificates and data, its PIN and PUK are ours, and the ledger says
/// 'written'.
///
/// # Errors
/// [`Error::Card`] for a card that is no PIV card of another maker, that holds another management key
/// ([`negin_card::Error::WrongManagementKey`]; it is tried once) or left the reader; [`Error::FactoryCode`] where PIN or
/// PUK are not those of the batch; [`Error::NotQueued`], [`Error::Changed`], [`Error::CardTaken`], [`Error::AtOdds`],
/// [`Error::CalledOff`]; and those of making the content, of the key store and of the ledger.
pub fn personalise_foreign(
    seat: &mut Seat<'_>,
    task: Task<'_>,
    batch: &ForeignBatch,
    card: &mut dyn Transmit,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Personalised, Error> {
    let mut link = Chaining::new(card);
    let presence = recognise(&mut link)?.presence;
    if presence != Presence::ForeignPiv {
        return Err(negin_card::Error::UnexpectedState(presence).into());
    }
    let mut piv = Piv::select(&mut link)?;
    let chip = claim(seat, task, &mut piv)?;
    let work = begin(seat, task, &chip.id()?)?;
    let kind = Kind::Foreign { uuid: chip.uuid };
    let written = Job::prepare(seat, task, work, chip.kdd(), kind, watch)
        .and_then(|job| Run { job, batch, piv }.execute());
    if let Err(error) = &written {
        if matches!(error, Error::FactoryCode { code: PIN }) {
            give_up(seat, task.id);
        }
        release(seat, task.id);
    }
    written
}

/// A card that has not even its batch's PIN holds a CHUID and nothing of the citizen's: the record may take another.
fn give_up(seat: &mut Seat<'_>, record: &RecordId) {
    if let Err(error) = seat.ledger.drop_work(record) {
        log::warn!("record {record} stays with this card: {error}");
    }
}

/// The UUID under which the work goes on: the card's, where work was begun on it; otherwise a new one.
fn claim<T: Transmit>(
    seat: &mut Seat<'_>,
    task: Task<'_>,
    piv: &mut Piv<T>,
) -> Result<ForeignChip, Error> {
    if let Some(chip) = ForeignChip::of(piv)? {
        let id = chip.id()?;
        if let Some(holder) = seat.ledger.record_of_chip(&id)?
            && holder.id != *task.id
        {
            return Err(Error::CardTaken { holder: holder.id });
        }
        if let Some(work) = seat.ledger.work_on_chip(&id)? {
            if work.record != *task.id {
                return Err(Error::CardTaken {
                    holder: work.record,
                });
            }
            return Ok(chip);
        }
    }
    // Promised to a card that never got its CHUID.
    let claimed = Step::Claim.to_string();
    let promised = seat.ledger.work(task.id)?;
    if promised.is_some_and(|work| work.steps.iter().all(|step| step.name == claimed)) {
        seat.ledger.drop_work(task.id)?;
    }
    let mut uuid = seat.random::<16>();
    // RFC 9562 section 5.4: of random bits.
    uuid[6] = uuid[6] & 0x0F | 0x40;
    uuid[8] = uuid[8] & 0x3F | 0x80;
    Ok(ForeignChip { uuid })
}

/// What a step of writing notes of a container that the card has no room for.
const LEFT_OUT: &[u8] = b"no room";
/// The name of the code that is changed first.
const PIN: &str = "PIN";
/// What is noted before a code is changed.
const BEGUN: &[u8] = b"begun";
const DONE: &[u8] = b"done";
/// What is noted where the card has another code than its batch.
const REFUSED: &[u8] = b"refused";
/// What is noted before it is looked whether a code was changed.
const OWN: &[u8] = b"own";
/// What is noted where the card keeps its batch's management key.
const KEPT: &[u8] = b"kept";

/// How a code is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    /// Changed from the maker's to ours.
    Change,
    /// Ours, as if it were changed.
    Own,
}

struct Run<'a, 'b, T> {
    job: Job<'a, 'b>,
    batch: &'a ForeignBatch,
    piv: Piv<T>,
}

impl<T: Transmit> Run<'_, '_, T> {
    fn execute(mut self) -> Result<Personalised, Error> {
        let keys = self.job.task.profile.keys.clone();
        // Nothing is begun that cannot be finished.
        self.own_key()?;
        self.transport_pin()?;
        self.job.seat.keys.puk(&self.job.kdd)?;
        self.job.tell(Progress::Started {
            // Claim, PIN, PUK, reading back, management key; each key; each container.
            steps: 5 + keys.len() + self.job.content.containers.len(),
            resumed: self.job.resumed,
        })?;
        self.authenticate()?;
        self.claim()?;
        self.pin()?;
        self.puk()?;
        for key in keys {
            self.key_pair(key.reference)?;
        }
        self.containers()?;
        self.read_back()?;
        let own_key = self.management_key()?;
        let left_out: Vec<_> = self.left_out().into_iter().map(Container::name).collect();
        let batch = self.batch.name.clone();
        self.job.finish(json!({
            "card": "another maker's PIV card",
            "batch": batch,
            "left-out": left_out,
            "management-key": if own_key { "the card's own" } else { "its batch's" },
        }))
    }

    /// Proves to the card that we administer it: with its batch's key, or with its own where it may have that already.
    fn authenticate(&mut self) -> Result<(), Error> {
        let noted = self.job.work.step(&Step::ManagementKey.to_string());
        let (begun, done) = (noted == Some(BEGUN), noted == Some(DONE));
        if begun || done {
            let own = self.own_key()?;
            let challenge = self.job.seat.random();
            match self.piv.authenticate_administrator(&own, &challenge) {
                // The change was torn before the card made it.
                Err(negin_card::Error::WrongManagementKey) if begun => {}
                outcome => return Ok(outcome?),
            }
        }
        let challenge = self.job.seat.random();
        let key = &self.batch.key;
        Ok(self.piv.authenticate_administrator_by(key, &challenge)?)
    }

    /// The card's own management key, of the algorithm that the card knows.
    fn own_key(&self) -> Result<ManagementKey, Error> {
        let algorithm = negin_card::management_algorithm(&self.batch.key);
        let key = self.job.seat.keys.management_key(&self.job.kdd)?;
        let key = key.get(..algorithm.key_length()).unwrap_or_default();
        Ok(ManagementKey::new(algorithm, key)?)
    }

    /// The batch's management key gives way to the card's own, where the card knows how: the standard has no command for
    /// it, but Yubico's is widely known. Gives whether it did.
    fn management_key(&mut self) -> Result<bool, Error> {
        let step = Step::ManagementKey;
        match self.job.work.step(&step.to_string()) {
            Some(DONE) => return Ok(true),
            Some(KEPT) => return Ok(false),
            _ => {}
        }
        let own = self.own_key()?;
        let piv = &mut self.piv;
        self.job.step(step, |job| {
            job.note(step, BEGUN)?;
            match piv.set_management_key(own) {
                Ok(()) => Ok((true, DONE.to_vec())),
                Err(negin_card::Error::Refused { .. }) => Ok((false, KEPT.to_vec())),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// The card gets its UUID: from here on it is this record's.
    fn claim(&mut self) -> Result<(), Error> {
        let chuid = self.object(Container::Chuid)?;
        if self.job.is_noted(Step::Container(Container::Chuid))
            && self.piv.get(Container::Chuid)?.as_deref() == Some(&chuid)
        {
            return Ok(());
        }
        let piv = &mut self.piv;
        self.job.step(Step::Claim, |_| Ok(((), Vec::new())))?;
        self.job.step(Step::Container(Container::Chuid), |_| {
            piv.put(Container::Chuid, chuid)?;
            Ok(((), Vec::new()))
        })
    }

    /// The maker's PIN gives way to the one the card travels with.
    fn pin(&mut self) -> Result<(), Error> {
        let factory = pin_of(self.batch.pin())?;
        let own = self.transport_pin()?;
        self.code(Step::TransportPin, PIN, |piv, attempt| {
            // No code is tried that could be the last.
            if tries(piv)? < 2 {
                return Ok(false);
            }
            match attempt {
                Attempt::Change => changed(piv.change_pin(&factory, own.clone())),
                Attempt::Own => Ok(piv.verify_pin(own.clone())?.passed()),
            }
        })
    }

    /// The maker's PUK gives way to the issuer's.
    fn puk(&mut self) -> Result<(), Error> {
        let factory = Puk::new(*self.batch.puk());
        let own = Puk::new(*self.job.seat.keys.puk(&self.job.kdd)?);
        self.code(Step::Puk, "PUK", |piv, attempt| {
            let old = match attempt {
                Attempt::Change => &factory,
                Attempt::Own => &own,
            };
            changed(piv.change_puk(old.clone(), own.clone()))
        })
    }

    /// Changes a code from the maker's to ours. Where an earlier try may have done so, a refused change is followed by a
    /// look whether it has; the journal says which of the two is next, so that a torn try costs the card one mistake.
    fn code(
        &mut self,
        step: Step,
        name: &'static str,
        mut attempt: impl FnMut(&mut Piv<T>, Attempt) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let noted = self.job.work.step(&step.to_string()).map(<[u8]>::to_vec);
        match noted.as_deref() {
            Some(DONE) => return Ok(()),
            // A PUK's tries cannot be asked for: it is not tried again.
            Some(REFUSED) => return Err(Error::FactoryCode { code: name }),
            _ => {}
        }
        let piv = &mut self.piv;
        self.job.step(step, |job| {
            let order = match noted.as_deref() {
                None => vec![Attempt::Change],
                Some(OWN) => vec![Attempt::Own, Attempt::Change],
                Some(_) => vec![Attempt::Change, Attempt::Own],
            };
            for next in order {
                job.note(step, if next == Attempt::Own { OWN } else { BEGUN })?;
                if attempt(piv, next)? {
                    return Ok(((), DONE.to_vec()));
                }
            }
            job.note(step, REFUSED)?;
            Err(Error::FactoryCode { code: name })
        })
    }

    /// A key pair, its certificate, and the certificate's container.
    fn key_pair(&mut self, key: KeyReference) -> Result<(), Error> {
        let step = Step::KeyPair(key);
        let noted = self.job.work.step(&step.to_string());
        let noted = noted.filter(|certificate| !certificate.is_empty());
        let certificate = match noted {
            Some(certificate) => certificate.to_vec(),
            None => {
                let piv = &mut self.piv;
                self.job.step(step, |job| {
                    // Whatever happens from here on, no older certificate is taken for that of the new key.
                    job.note(step, &[])?;
                    let public = generate(piv, key)?;
                    let certificate = job.certify(key, public)?;
                    Ok((certificate.clone(), certificate))
                })?
            }
        };
        let object = CertificateObject::new(certificate).encode();
        if self.piv.get(key.certificate())?.as_deref() != Some(&object) {
            self.piv.put(key.certificate(), object)?;
        }
        Ok(())
    }

    /// The other containers; last the security object over those that the card took.
    fn containers(&mut self) -> Result<(), Error> {
        for (container, object) in self.job.content.containers.clone() {
            match container {
                Container::Chuid => {}
                Container::SecurityObject => {
                    let object = self.security_object()?;
                    self.write(container, object)?;
                }
                _ => self.write(container, object)?,
            }
        }
        Ok(())
    }

    fn write(&mut self, container: Container, object: Vec<u8>) -> Result<(), Error> {
        let step = Step::Container(container);
        // What was written before is held against the card when it is read back.
        if self.job.is_noted(step) && container != Container::SecurityObject {
            return Ok(());
        }
        let piv = &mut self.piv;
        self.job.step(step, |_| match piv.put(container, object) {
            Ok(()) => Ok(((), Vec::new())),
            Err(negin_card::Error::Refused { sw, .. }) if is_full(sw) => {
                Ok(((), LEFT_OUT.to_vec()))
            }
            Err(error) => Err(error.into()),
        })
    }

    fn security_object(&self) -> Result<Vec<u8>, Error> {
        let left_out = self.left_out();
        let held: Vec<_> = self
            .job
            .content
            .containers
            .iter()
            .filter(|(container, _)| !left_out.contains(container))
            .cloned()
            .collect();
        let mut signer = self
            .job
            .task
            .credentials
            .content_signer(self.job.seat.keys)?;
        security_object(&held, &mut signer)
    }

    /// What the card had no room for.
    fn left_out(&self) -> Vec<Container> {
        let containers = self.job.content.containers.iter().map(|(c, _)| *c);
        containers
            .filter(|container| {
                let noted = self.job.work.step(&Step::Container(*container).to_string());
                noted == Some(LEFT_OUT)
            })
            .collect()
    }

    /// Reads everything back and holds it against what it should be.
    fn read_back(&mut self) -> Result<(), Error> {
        let left_out = self.left_out();
        let pin = self.transport_pin()?;
        let signed = match left_out.contains(&Container::SecurityObject) {
            true => None,
            false => Some(self.security_object()?),
        };
        let piv = &mut self.piv;
        self.job.step(Step::ReadBack, |job| {
            let differs = |what| Err(Error::AtOdds { what });
            let containers = &job.content.containers;
            if containers
                .iter()
                .any(|(container, _)| container.read_access() != ReadAccess::Always)
                && !piv.verify_pin(pin)?.passed()
            {
                return differs("the PIN");
            }
            for (container, object) in containers {
                let object = match (container, &signed) {
                    (Container::SecurityObject, Some(signed)) => signed,
                    _ => object,
                };
                if !left_out.contains(container) && piv.get(*container)?.as_deref() != Some(object)
                {
                    return differs(container.name());
                }
            }
            for (key, certificate) in job.certificates() {
                let object = CertificateObject::new(certificate).encode();
                if piv.get(key.certificate())?.as_deref() != Some(&object) {
                    return differs(key.certificate().name());
                }
            }
            Ok(((), Vec::new()))
        })
    }

    fn object(&self, wanted: Container) -> Result<Vec<u8>, Error> {
        let mut containers = self.job.content.containers.iter();
        containers
            .find(|(container, _)| *container == wanted)
            .map(|(_, object)| object.clone())
            .ok_or(Error::NotWritten {
                container: wanted.name(),
            })
    }

    fn transport_pin(&self) -> Result<Pin, Error> {
        let office = self.job.task.office;
        pin_of(&*self.job.seat.keys.transport_pin(office, &self.job.kdd)?)
    }
}

/// A key pair of P-256, or of RSA 2048 on a card without curves: one says so with 6A80, 6A81 or 6A86.
fn generate<T: Transmit>(piv: &mut Piv<T>, key: KeyReference) -> Result<PublicKey, Error> {
    match piv.generate(key, Algorithm::EccP256) {
        Err(negin_card::Error::Refused {
            sw:
                StatusWord::WRONG_DATA | StatusWord::FUNCTION_NOT_SUPPORTED | StatusWord::INCORRECT_P1P2,
            ..
        }) => Ok(piv.generate(key, Algorithm::Rsa2048)?),
        made => Ok(made?),
    }
}

/// A PIN of ASCII digits.
pub(crate) fn pin_of(digits: &[u8]) -> Result<Pin, Error> {
    let digits = core::str::from_utf8(digits).map_err(|_| negin_eid::Error::Pin)?;
    Ok(Pin::new(digits)?)
}

/// How many more wrong PINs the card takes.
pub(crate) fn tries<T: Transmit>(piv: &mut Piv<T>) -> Result<u8, Error> {
    Ok(match piv.tries(VerifyReference::Pin)? {
        Verification::Passed => u8::MAX,
        Verification::Failed { retries } => retries,
        Verification::Blocked => 0,
    })
}

/// Whether a code was changed. Some cards say 6300 for a wrong one, without the tries left.
pub(crate) fn changed(outcome: Result<Verification, negin_card::Error>) -> Result<bool, Error> {
    match outcome {
        Ok(verification) => Ok(verification.passed()),
        Err(negin_card::Error::Refused { sw, .. }) if sw == StatusWord::AUTHENTICATION_FAILED => {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the card says that the object is too large for it.
fn is_full(sw: StatusWord) -> bool {
    [StatusWord::NOT_ENOUGH_MEMORY, StatusWord::WRONG_LENGTH].contains(&sw)
}
