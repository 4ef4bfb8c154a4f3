//! Running a plan on a card.

use std::ops::ControlFlow;

use negin_apdu::{Chaining, Transmit};
use negin_card::{Identity, Life, Piv, Presence, SecurityDomain, TravelDocument, recognise};
use negin_eid::field;
use negin_eid::gp::{ApplicationStage, CIN_TAG, CardState};
use negin_eid::piv::{
    BiometricInformation, CertificateObject, Container, FingerReference, KeyReference, PublicPoint,
    Puk,
};
use negin_eid::roles::Role;
use negin_keystore::{CardKeySet, OfficeCode, SigningKeyId};
use negin_ledger::{CardRef, ChipId, CitizenTag, Draft, Event, RecordId, State, Work};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::content::{self, Addressee, Content, Signing, file_id};
use super::numbers;
use super::plan::{Plan, Step};
use crate::channel::Chip;
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

/// The record whose personalisation was begun on the card in this reader, where there is one.
///
/// # Errors
/// [`Error::Card`] where it is no card of ours, [`Error::Ledger`].
pub fn work_on(seat: &Seat<'_>, card: &mut dyn Transmit) -> Result<Option<RecordId>, Error> {
    let identity = recognise(&mut Chaining::new(card))?.expect(&[
        Presence::Blank,
        Presence::Issued,
        Presence::Activated,
    ])?;
    let chip = ChipId::new(&identity.kdd)?;
    Ok(seat.ledger.work_on_chip(&chip)?.map(|work| work.record))
}

/// Writes a record onto the card in the reader, or goes on where an earlier try stopped.
///
/// Afterwards the card is SECURED and PIV PERSONALISED, and the ledger says 'written'. Where that is so already, nothing
/// is done. Where `watch` breaks, the work stops before the next step; the same call takes it up.
///
/// # Errors
/// [`Error::Card`] for a card that is not ours, holds other keys, or left the reader (put it back and call again);
/// [`Error::NotQueued`], [`Error::Changed`], [`Error::CardTaken`], [`Error::AtOdds`], [`Error::CalledOff`]; and those of making the content, of the key store and
/// of the ledger.
pub fn personalise(
    seat: &mut Seat<'_>,
    task: Task<'_>,
    card: &mut dyn Transmit,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Personalised, Error> {
    let mut link = Chaining::new(card);
    let identity = recognise(&mut link)?.expect(&[Presence::Blank, Presence::Issued])?;
    let chip = ChipId::new(&identity.kdd)?;
    if let Some(holder) = seat.ledger.record_of_chip(&chip)?
        && holder.id != *task.id
    {
        return Err(Error::CardTaken { holder: holder.id });
    }
    let work = begin(seat, task, &chip)?;
    let written = write(seat, task, work, &identity, &mut link, watch);
    if written.is_err() {
        release(seat, task.id);
    }
    written
}

fn write(
    seat: &mut Seat<'_>,
    task: Task<'_>,
    work: Work,
    identity: &Identity,
    link: &mut Link<'_>,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Personalised, Error> {
    let resumed = !work.steps.is_empty();
    let run = Run {
        content: make(seat, task, &work, &identity.kdd)?,
        seat,
        task,
        work,
        chip: Chip::from(identity),
        watch,
    };
    run.execute(link, &identity.roles, resumed)
}

/// A record whose card was not touched is free for another: this one may hold other keys.
fn release(seat: &mut Seat<'_>, record: &RecordId) {
    let released = match seat.ledger.work(record) {
        Ok(Some(work)) if work.steps.is_empty() => seat.ledger.drop_work(record),
        other => other.map(drop),
    };
    if let Err(error) = released {
        // What went wrong first is what the caller hears; with the same card the work can be taken up all the same.
        log::warn!("record {record} stays with this card: {error}");
    }
}

/// Starts the work in the ledger, or finds it started with this card.
fn begin(seat: &mut Seat<'_>, task: Task<'_>, chip: &ChipId) -> Result<Work, Error> {
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

fn make(seat: &Seat<'_>, task: Task<'_>, work: &Work, kdd: &[u8; 10]) -> Result<Content, Error> {
    let mut signing = Signing {
        content: task.credentials.content_signer(seat.keys)?,
        document: task.credentials.document_signer(seat.keys)?,
        time: work.started,
    };
    content::make(
        task.entry,
        task.record,
        task.profile,
        Addressee {
            number: work.card.number.as_str(),
            chip: kdd,
        },
        &mut signing,
    )
}

struct Run<'a, 'b> {
    seat: &'a mut Seat<'b>,
    task: Task<'a>,
    work: Work,
    chip: Chip,
    content: Content,
    watch: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

type Link<'a> = Chaining<&'a mut dyn Transmit>;

impl Run<'_, '_> {
    fn execute(
        mut self,
        link: &mut Link<'_>,
        roles: &[Role],
        resumed: bool,
    ) -> Result<Personalised, Error> {
        let fingers: Vec<_> = self.content.fingers.iter().map(|f| f.reference).collect();
        let plan = Plan::compile(self.task.profile, &fingers);
        self.keys_at_hand(roles)?;
        self.tell(Progress::Started {
            steps: plan.steps().len(),
            resumed,
        })?;
        self.issuer_keys(link, roles)?;
        let life = self.domain(link, roles)?;
        if life.piv.stage < ApplicationStage::Personalised {
            self.applications(link, &fingers)?;
            self.read_back(link)?;
        } else if self.work.step(&Step::ReadBack.to_string()).is_none() {
            return Err(Error::AtOdds {
                what: "the card is closed, but the journal does not say that it was complete",
            });
        }
        self.close(link, life)?;
        self.finish(resumed)
    }

    /// Runs a step, watched, and notes it as done with what it produced.
    fn step<R>(
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

    fn tell(&mut self, progress: Progress) -> Result<(), Error> {
        match (self.watch)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::CalledOff),
        }
    }

    fn note(&mut self, step: Step, produced: &[u8]) -> Result<(), Error> {
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

    fn is_noted(&self, step: Step) -> bool {
        self.work.step(&step.to_string()).is_some()
    }

    /// That the key store can derive every key the card still needs: nothing is begun that cannot be finished.
    fn keys_at_hand(&self, roles: &[Role]) -> Result<(), Error> {
        let office = self.task.office;
        let blank = roles.contains(&Role::Transport);
        for (needed, set) in [
            (blank, CardKeySet::Transport),
            (true, CardKeySet::Issuer),
            (
                !self.is_noted(Step::DeliveryKeys),
                CardKeySet::Delivery { office },
            ),
            (!self.is_noted(Step::OverrideKeys), CardKeySet::Override),
        ] {
            if needed {
                self.seat.keys.kcvs(set, &self.chip.kdd)?;
            }
        }
        Ok(())
    }

    fn issuer_keys(&mut self, link: &mut Link<'_>, roles: &[Role]) -> Result<(), Error> {
        if !roles.contains(&Role::Transport) {
            return Ok(());
        }
        self.step(Step::IssuerKeys, |run| {
            let domain = SecurityDomain::select(&mut *link)?;
            let mut domain = run.seat.open(domain, CardKeySet::Transport, run.chip)?;
            let keys = run.seat.keys.wrap_keys(
                CardKeySet::Issuer,
                &run.chip.kdd,
                Role::Issuer.key_version(),
                CardKeySet::Transport,
            )?;
            // From here on the card may be ours, whatever it answers: the record stays with it.
            run.note(Step::IssuerKeys, &[])?;
            domain.put_key(Role::Transport.key_version(), &keys)?;
            Ok(((), Vec::new()))
        })
    }

    /// The security domain's part: keys of delivery and override, card data; returns the states found.
    fn domain(&mut self, link: &mut Link<'_>, roles: &[Role]) -> Result<Life, Error> {
        let domain = SecurityDomain::select(&mut *link)?;
        let mut domain = self.seat.open(domain, CardKeySet::Issuer, self.chip)?;
        let life = domain.life()?;
        let office = self.task.office;
        for (step, set, version, produced) in [
            (
                Step::DeliveryKeys,
                CardKeySet::Delivery { office },
                Role::Delivery,
                office.to_string().into_bytes(),
            ),
            (
                Step::OverrideKeys,
                CardKeySet::Override,
                Role::Override,
                Vec::new(),
            ),
        ] {
            if self.work.step(&step.to_string()) == Some(produced.as_slice()) {
                continue;
            }
            let replaces = match roles.contains(&version) {
                true => version.key_version(),
                false => 0,
            };
            self.step(step, |run| {
                let keys = run.seat.keys.wrap_keys(
                    set,
                    &run.chip.kdd,
                    version.key_version(),
                    CardKeySet::Issuer,
                )?;
                domain.put_key(replaces, &keys)?;
                Ok(((), produced))
            })?;
        }
        if life.card == CardState::OpReady || !self.is_noted(Step::CardData) {
            self.step(Step::CardData, |run| {
                let number = run.work.card.number.as_str().as_bytes();
                domain.store_data(&field::field(CIN_TAG, number))?;
                if life.card == CardState::OpReady {
                    domain.set_card_state(CardState::Initialized)?;
                }
                Ok(((), Vec::new()))
            })?;
        }
        Ok(life)
    }

    fn applications(
        &mut self,
        link: &mut Link<'_>,
        fingers: &[FingerReference],
    ) -> Result<(), Error> {
        self.piv(link, fingers)?;
        let travel_document = TravelDocument::select(&mut *link)?;
        let mut travel_document = self
            .seat
            .open(travel_document, CardKeySet::Issuer, self.chip)?;
        for file in self.task.profile.files.clone() {
            let step = Step::File(file);
            let id = file_id(file);
            let content = self.file(id)?;
            let noted = self.is_noted(step);
            if noted && travel_document.read(id).ok().flatten().as_deref() == Some(&content) {
                continue;
            }
            self.step(step, |_| {
                travel_document.write(id, &content)?;
                Ok(((), Vec::new()))
            })?;
        }
        Ok(())
    }

    fn piv(&mut self, link: &mut Link<'_>, fingers: &[FingerReference]) -> Result<(), Error> {
        let piv = Piv::select(&mut *link)?;
        let mut piv = self.seat.open(piv, CardKeySet::Issuer, self.chip)?;
        if !self.is_noted(Step::Puk) {
            self.step(Step::Puk, |run| {
                piv.set_puk(Puk::new(*run.seat.keys.puk(&run.chip.kdd)?))?;
                Ok(((), Vec::new()))
            })?;
        }
        for key in self.task.profile.keys.clone() {
            self.key_pair(&mut piv, key.reference)?;
        }
        for (container, object) in self.content.containers.clone() {
            let step = Step::Container(container);
            if self.is_noted(step) && piv.get(container)?.as_deref() == Some(&object) {
                continue;
            }
            self.step(step, |_| {
                piv.put(container, object)?;
                Ok(((), Vec::new()))
            })?;
        }
        for finger in fingers {
            let step = Step::Finger(*finger);
            let enrolment = self
                .content
                .fingers
                .iter()
                .find(|enrolment| enrolment.reference == *finger)
                .cloned();
            let Some(enrolment) = enrolment else { continue };
            // A reference cannot be read back: the journal says which one it is.
            let digest = Sha256::new()
                .chain_update(self.chip.kdd)
                .chain_update(enrolment.encode().expose())
                .finalize();
            if self.work.step(&step.to_string()) == Some(&digest) {
                continue;
            }
            self.step(step, |_| {
                piv.enrol(enrolment)?;
                Ok(((), digest.to_vec()))
            })?;
        }
        Ok(())
    }

    /// A key pair, its certificate, and the certificate's container.
    fn key_pair<T: Transmit>(&mut self, piv: &mut Piv<T>, key: KeyReference) -> Result<(), Error> {
        let step = Step::KeyPair(key);
        let noted = self.work.step(&step.to_string()).filter(|c| !c.is_empty());
        let certificate = match noted {
            Some(certificate) => certificate.to_vec(),
            None => self.step(step, |run| {
                // Whatever happens from here on, no older certificate is taken for that of the new key.
                run.note(step, &[])?;
                let point = piv.generate_key_pair(key)?;
                let certificate = run.certify(key, point)?;
                Ok((certificate.clone(), certificate))
            })?,
        };
        let object = CertificateObject::new(certificate).encode();
        if piv.get(key.certificate())?.as_deref() != Some(&object) {
            piv.put(key.certificate(), object)?;
        }
        Ok(())
    }

    fn certify(&mut self, key: KeyReference, point: PublicPoint) -> Result<Vec<u8>, Error> {
        let serial = Serial::from_random(self.seat.random());
        let name = self.task.record.latin_name();
        let subject = Subject {
            common_name: Some(common_name(&name.given, &name.family)),
            serial_number: Some(self.work.card.number.to_string()),
        };
        let first = crate::credentials::day(self.work.started)?.card()?;
        let card = CardCertificate {
            key,
            point,
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

    fn file(&self, id: negin_eid::lds::FileId) -> Result<Vec<u8>, Error> {
        self.content
            .files
            .iter()
            .find(|(file, _)| *file == id)
            .map(|(_, content)| content.clone())
            .ok_or(Error::NotWritten {
                container: id.name(),
            })
    }

    /// Reads everything back that can be read and holds it against what it should be.
    fn read_back(&mut self, link: &mut Link<'_>) -> Result<(), Error> {
        self.step(Step::ReadBack, |run| {
            let differs = |what| Err(Error::AtOdds { what });
            let piv = Piv::select(&mut *link)?;
            let mut piv = run.seat.open(piv, CardKeySet::Issuer, run.chip)?;
            for (container, object) in &run.content.containers {
                if piv.get(*container)?.as_deref() != Some(object) {
                    return differs(container.name());
                }
            }
            for (key, certificate) in run.certificates() {
                let object = CertificateObject::new(certificate).encode();
                let container: Container = key.certificate();
                if piv.get(container)?.as_deref() != Some(&object) {
                    return differs(container.name());
                }
            }
            let templates = run.content.fingers.iter().map(|f| f.template).collect();
            if piv.biometric_information()? != (BiometricInformation { templates }) {
                return differs(Container::BiometricInformation.name());
            }
            let travel_document = TravelDocument::select(&mut *link)?;
            let mut travel_document =
                run.seat
                    .open(travel_document, CardKeySet::Issuer, run.chip)?;
            for (file, content) in &run.content.files {
                if travel_document.read(*file)?.as_deref() != Some(content) {
                    return differs(file.name());
                }
            }
            Ok(((), Vec::new()))
        })
    }

    fn close(&mut self, link: &mut Link<'_>, life: Life) -> Result<(), Error> {
        if life.piv.stage < ApplicationStage::Personalised {
            self.step(Step::Personalised, |run| {
                let piv = Piv::select(&mut *link)?;
                let mut piv = run.seat.open(piv, CardKeySet::Issuer, run.chip)?;
                piv.close_personalisation()?;
                Ok(((), Vec::new()))
            })?;
        }
        if life.card < CardState::Secured {
            self.step(Step::Secured, |run| {
                let domain = SecurityDomain::select(&mut *link)?;
                let mut domain = run.seat.open(domain, CardKeySet::Issuer, run.chip)?;
                domain.set_card_state(CardState::Secured)?;
                Ok(((), Vec::new()))
            })?;
        }
        Ok(())
    }

    /// The certificates the journal holds.
    fn certificates(&self) -> Vec<(KeyReference, Vec<u8>)> {
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

    fn finish(self, resumed: bool) -> Result<Personalised, Error> {
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
        let draft = Draft::new(Event::Written, (self.seat.now)())
            .record(self.task.id)
            .card(self.work.card.clone())
            .detail(json!({
                "profile": self.task.profile.name,
                "office": self.task.office.to_string(),
                "certificates": fingerprints,
            }));
        self.seat.ledger.append(draft)?;
        Ok(Personalised {
            record: self.work.record,
            card: self.work.card,
            certificates,
            resumed,
        })
    }
}

/// A common name of at most 64 characters (RFC 5280, ub-common-name).
fn common_name(given: &str, family: &str) -> String {
    let mut name = format!("{given} {family}");
    name.truncate(64);
    name
}
