//! One record's way onto one card: what is to be written, what the journal says of it, and what is told to whoever looks
//! on. It knows nothing of the kind of card.

use std::ops::ControlFlow;

use negin_eid::piv::{KeyReference, PublicKey};
use negin_keystore::{Kdd, OfficeCode, SigningKeyId};
use negin_ledger::{CardRef, ChipId, CitizenTag, Draft, Event, RecordId, State, Work};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::content::{self, Addressee, Content, Kind, Signing};
use super::numbers;
use super::plan::Step;
use crate::checked;
use crate::credentials::{Credentials, organisation};
use crate::order::Entry;
use crate::pki::{CardCertificate, Serial, Signer, Subject, Validity};
use crate::profile::Profile;
use crate::record::Record;
use crate::{Error, Seat};

/// What is to be written.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The record's name in the ledger, in state queued.
    pub id: &'a RecordId,
    /// The record.
    pub record: &'a Record,
    /// Where it lies in its order.
    pub entry: &'a Entry,
    /// What the card is to hold.
    pub profile: &'a Profile,
    /// The office whose counter will deliver it.
    pub office: OfficeCode,
    /// The issuer's certificates.
    pub credentials: &'a Credentials,
}

/// What is happening, for a progress bar or a stopwatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The card was recognised and the work begun, or taken up; so many steps are ahead.
    Started {
        /// Steps of the plan.
        steps: usize,
        /// Whether an earlier try had begun.
        resumed: bool,
    },
    /// This step begins.
    Begun(Step),
    /// This step is done.
    Done(Step),
}

/// A card that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personalised {
    /// The record.
    pub record: RecordId,
    /// The card.
    pub card: CardRef,
    /// The certificates on it, DER.
    pub certificates: Vec<(KeyReference, Vec<u8>)>,
    /// Whether an earlier try had begun it.
    pub resumed: bool,
}

/// A record's work under way, whatever the card.
pub(super) struct Job<'a, 'b> {
    /// Where it is done.
    pub seat: &'a mut Seat<'b>,
    /// What is to be written.
    pub task: Task<'a>,
    /// The journal.
    pub work: Work,
    /// What the card's own keys are derived with.
    pub kdd: Kdd,
    /// What goes onto the card.
    pub content: Content,
    /// Whether an earlier try had begun.
    pub resumed: bool,
    watch: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl<'a, 'b> Job<'a, 'b> {
    /// Makes everything that goes onto the card, for work that was begun.
    ///
    /// # Errors
    /// Those of making the content.
    pub fn prepare(
        seat: &'a mut Seat<'b>,
        task: Task<'a>,
        work: Work,
        kdd: Kdd,
        kind: Kind,
        watch: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, Error> {
        let mut signing = Signing {
            content: task.credentials.content_signer(seat.keys)?,
            document: task.credentials.document_signer(seat.keys)?,
            time: work.started,
        };
        let card = Addressee {
            number: &work.card.number,
            chip: work.card.chip.as_bytes(),
            kind,
        };
        let content = content::make(task.entry, task.record, task.profile, card, &mut signing)?;
        drop(signing);
        Ok(Self {
            resumed: !work.steps.is_empty(),
            seat,
            task,
            work,
            kdd,
            content,
            watch,
        })
    }

    /// Runs a step, watched, and notes it as done with what it produced.
    pub fn step<R>(
        &mut self,
        step: Step,
        work: impl FnOnce(&mut Self) -> Result<(R, Vec<u8>), Error>,
    ) -> Result<R, Error> {
        self.tell(Progress::Begun(step))?;
        let (result, produced) = work(self)?;
        self.note(step, &produced)?;
        self.tell(Progress::Done(step))?;
        Ok(result)
    }

    /// Tells whoever looks on; they may call the work off.
    ///
    /// # Errors
    /// [`Error::CalledOff`].
    pub fn tell(&mut self, progress: Progress) -> Result<(), Error> {
        match (self.watch)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::CalledOff),
        }
    }

    /// Notes a step in the journal, with what it produced.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub fn note(&mut self, step: Step, produced: &[u8]) -> Result<(), Error> {
        let name = step.to_string();
        if self.work.step(&name) == Some(produced) {
            return Ok(());
        }
        let now = (self.seat.now)();
        self.seat
            .ledger
            .step_done(self.task.id, &name, produced, now)?;
        self.work = reload(self.seat, self.task.id)?;
        Ok(())
    }

    /// Whether the journal has the step.
    pub fn is_noted(&self, step: Step) -> bool {
        self.work.step(&step.to_string()).is_some()
    }

    /// The certificate of a key that the card made, DER.
    ///
    /// # Errors
    /// [`Error::KeyStore`], [`Error::Pki`].
    pub fn certify(&mut self, key: KeyReference, public: PublicKey) -> Result<Vec<u8>, Error> {
        let serial = Serial::from_random(self.seat.random());
        let name = self.task.record.latin_name();
        let subject = Subject {
            common_name: Some(common_name(&name.given, &name.family)),
            serial_number: Some(self.work.card.number.to_string()),
        };
        let first = crate::credentials::day(self.work.started)?.card()?;
        let card = CardCertificate {
            key,
            public,
            organisation: &organisation(&self.task.profile.certificates),
            subject: &subject,
            card: self.content.uuid,
            serial,
            validity: Validity::days(first, self.content.expiry.card()?)?,
        };
        let mut signer = Signer::of_store(self.seat.keys, SigningKeyId::Ca)?;
        let certificate = self
            .task
            .credentials
            .authority()
            .issue_card(&card, &mut signer)?;
        Ok(certificate.der().to_vec())
    }

    /// The certificates the journal holds.
    pub fn certificates(&self) -> Vec<(KeyReference, Vec<u8>)> {
        self.task
            .profile
            .keys
            .iter()
            .filter_map(|key| {
                let certificate = self.work.step(&Step::KeyPair(key.reference).to_string())?;
                Some((key.reference, certificate.to_vec()))
            })
            .collect()
    }

    /// Notes the card as written, with what `more` says of the way.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub fn finish(self, more: Value) -> Result<Personalised, Error> {
        let certificates = self.certificates();
        let fingerprints: serde_json::Map<_, _> = certificates
            .iter()
            .map(|(key, certificate)| {
                (
                    format!("{:02X}", key.code()),
                    json!(hex::encode(Sha256::digest(certificate))),
                )
            })
            .collect();
        let mut detail = json!({
            "profile": self.task.profile.name,
            "office": self.task.office.to_string(),
            "certificates": fingerprints,
        });
        if let (Value::Object(detail), Value::Object(more)) = (&mut detail, more) {
            detail.extend(more);
        }
        let draft = Draft::new(Event::Written, (self.seat.now)())
            .record(self.task.id)
            .card(self.work.card.clone())
            .detail(detail);
        self.seat.ledger.append(draft)?;
        Ok(Personalised {
            record: self.work.record,
            card: self.work.card,
            certificates,
            resumed: self.resumed,
        })
    }
}

/// Starts the work in the ledger, or finds it started with this card.
pub(super) fn begin(seat: &mut Seat<'_>, task: Task<'_>, chip: &ChipId) -> Result<Work, Error> {
    let record = seat.ledger.record(task.id)?;
    match record.map(|record| record.state) {
        Some(State::Queued) => {}
        state => {
            return Err(Error::NotQueued {
                record: task.id.clone(),
                state,
            });
        }
    }
    as_checked(seat, task)?;
    let number = match seat.ledger.work(task.id)? {
        Some(work) => work.card.number,
        None => numbers::next(seat.ledger, &task.profile.document)?,
    };
    let card = CardRef {
        number,
        chip: chip.clone(),
    };
    let now = (seat.now)();
    seat.ledger.start_work(task.id, &card, now)?;
    reload(seat, task.id)
}

/// That the record is its citizen's, and it and its files are as quality control saw them.
fn as_checked(seat: &Seat<'_>, task: Task<'_>) -> Result<(), Error> {
    let national_number = task.record.national_number.as_str();
    let tag = CitizenTag::from(seat.keys.citizen_tag(national_number)?);
    checked::is_of(seat.ledger, task.id, &tag)?;
    let Some(kept) = checked::kept(seat.ledger, task.id)? else {
        return Ok(());
    };
    let content = checked::digest(task.entry, task.record).map_err(|error| Error::File {
        file: task.entry.name.clone(),
        reason: error.to_string(),
    })?;
    if content == kept {
        return Ok(());
    }
    Err(Error::Changed {
        record: task.id.clone(),
    })
}

fn reload(seat: &Seat<'_>, record: &RecordId) -> Result<Work, Error> {
    seat.ledger.work(record)?.ok_or_else(|| {
        Error::Ledger(negin_ledger::Error::NoWork {
            record: record.clone(),
        })
    })
}

/// A record whose card was not touched is free for another: this one may hold other keys.
pub(super) fn release(seat: &mut Seat<'_>, record: &RecordId) {
    let released = match seat.ledger.work(record) {
        Ok(Some(work)) if work.steps.is_empty() => seat.ledger.drop_work(record),
        other => other.map(drop),
    };
    if let Err(error) = released {
        // What went wrong first is what the caller hears; with the same card the work can be taken up all the same.
        log::warn!("record {record} stays with this card: {error}");
    }
}

/// A common name of at most 64 characters (RFC 5280, ub-common-name).
fn common_name(given: &str, family: &str) -> String {
    let mut name = format!("{given} {family}");
    name.truncate(64);
    name
}
