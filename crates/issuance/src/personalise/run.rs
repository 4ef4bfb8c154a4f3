//! Running a plan on a card.

use std::ops::ControlFlow;

use negin_apdu::{Chaining, Transmit};
use negin_card::{Identity, Life, Piv, Presence, SecurityDomain, TravelDocument, recognise};
use negin_eid::field;
use negin_eid::gp::{ApplicationStage, CIN_TAG, CardState};
use negin_eid::piv::{
    Administration, BiometricInformation, CertificateObject, Container, FingerReference,
    KeyReference, ManagementAlgorithm, ManagementKey, PublicKey, Puk,
};
use negin_eid::roles::Role;
use negin_keystore::CardKeySet;
use negin_ledger::{ChipId, RecordId, Work};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::content::{Kind, file_id};
use super::job::{Job, Personalised, Progress, Task, begin, release};
use super::messaging;
use super::plan::{Plan, Step};
use crate::channel::Chip;
use crate::{Error, Seat, profile};

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
    let run = Run {
        job: Job::prepare(seat, task, work, identity.kdd, Kind::Ours, watch)?,
        chip: Chip::from(identity),
    };
    run.execute(link, &identity.roles)
}

struct Run<'a, 'b> {
    job: Job<'a, 'b>,
    chip: Chip,
}

type Link<'a> = Chaining<&'a mut dyn Transmit>;

impl Run<'_, '_> {
    fn execute(mut self, link: &mut Link<'_>, roles: &[Role]) -> Result<Personalised, Error> {
        let fingers: Vec<_> = self
            .job
            .content
            .fingers
            .iter()
            .map(|f| f.reference)
            .collect();
        let plan = Plan::compile(self.job.task.profile, &fingers);
        self.keys_at_hand(roles)?;
        self.job.tell(Progress::Started {
            steps: plan.steps().len(),
            resumed: self.job.resumed,
        })?;
        self.issuer_keys(link, roles)?;
        let life = self.domain(link, roles)?;
        if life.piv.stage < ApplicationStage::Personalised {
            self.applications(link, &fingers)?;
            self.read_back(link)?;
        } else if self.job.work.step(&Step::ReadBack.to_string()).is_none() {
            return Err(Error::AtOdds {
                what: "the card is closed, but the journal does not say that it was complete",
            });
        }
        self.close(link, life)?;
        self.job.finish(json!({}))
    }

    /// That the key store can derive every key the card still needs: nothing is begun that cannot be finished.
    fn keys_at_hand(&self, roles: &[Role]) -> Result<(), Error> {
        let office = self.job.task.office;
        let blank = roles.contains(&Role::Transport);
        let administration = self.job.task.profile.administration;
        if administration.is_some_and(|a| a.key == profile::ManagementKey::Diversified) {
            self.job.seat.keys.management_key(&self.job.kdd)?;
        }
        for (needed, set) in [
            (blank, CardKeySet::Transport),
            (true, CardKeySet::Issuer),
            (
                !self.job.is_noted(Step::DeliveryKeys),
                CardKeySet::Delivery { office },
            ),
            (!self.job.is_noted(Step::OverrideKeys), CardKeySet::Override),
        ] {
            if needed {
                self.job.seat.keys.kcvs(set, &self.job.kdd)?;
            }
        }
        Ok(())
    }

    fn issuer_keys(&mut self, link: &mut Link<'_>, roles: &[Role]) -> Result<(), Error> {
        let chip = self.chip;
        if !roles.contains(&Role::Transport) {
            return Ok(());
        }
        self.job.step(Step::IssuerKeys, |run| {
            let domain = SecurityDomain::select(&mut *link)?;
            let mut domain = run.seat.open(domain, CardKeySet::Transport, chip)?;
            let keys = run.seat.keys.wrap_keys(
                CardKeySet::Issuer,
                &run.kdd,
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
        let mut domain = self.job.seat.open(domain, CardKeySet::Issuer, self.chip)?;
        let life = domain.life()?;
        let office = self.job.task.office;
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
            if self.job.work.step(&step.to_string()) == Some(produced.as_slice()) {
                continue;
            }
            let replaces = match roles.contains(&version) {
                true => version.key_version(),
                false => 0,
            };
            self.job.step(step, |run| {
                let keys = run.seat.keys.wrap_keys(
                    set,
                    &run.kdd,
                    version.key_version(),
                    CardKeySet::Issuer,
                )?;
                domain.put_key(replaces, &keys)?;
                Ok(((), produced))
            })?;
        }
        if life.card == CardState::OpReady || !self.job.is_noted(Step::CardData) {
            self.job.step(Step::CardData, |run| {
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
        let mut travel_document =
            self.job
                .seat
                .open(travel_document, CardKeySet::Issuer, self.chip)?;
        for file in self.job.task.profile.files.clone() {
            let step = Step::File(file);
            let id = file_id(file);
            let content = self.file(id)?;
            let noted = self.job.is_noted(step);
            if noted && travel_document.read(id).ok().flatten().as_deref() == Some(&content) {
                continue;
            }
            self.job.step(step, |_| {
                travel_document.write(id, &content)?;
                Ok(((), Vec::new()))
            })?;
        }
        Ok(())
    }

    fn piv(&mut self, link: &mut Link<'_>, fingers: &[FingerReference]) -> Result<(), Error> {
        let piv = Piv::select(&mut *link)?;
        let mut piv = self.job.seat.open(piv, CardKeySet::Issuer, self.chip)?;
        if !self.job.is_noted(Step::Puk) {
            self.job.step(Step::Puk, |run| {
                piv.set_puk(Puk::new(*run.seat.keys.puk(&run.kdd)?))?;
                Ok(((), Vec::new()))
            })?;
        }
        for key in self.job.task.profile.keys.clone() {
            self.key_pair(&mut piv, key.reference)?;
        }
        messaging::write(&mut self.job, &mut piv)?;
        for (container, object) in self.job.content.containers.clone() {
            let step = Step::Container(container);
            if self.job.is_noted(step) && piv.get(container)?.as_deref() == Some(&object) {
                continue;
            }
            self.job.step(step, |_| {
                piv.put(container, object)?;
                Ok(((), Vec::new()))
            })?;
        }
        self.administration(&mut piv)?;
        for finger in fingers {
            let step = Step::Finger(*finger);
            let enrolment = self
                .job
                .content
                .fingers
                .iter()
                .find(|enrolment| enrolment.reference == *finger)
                .cloned();
            let Some(enrolment) = enrolment else { continue };
            // A reference cannot be read back: the journal says which one it is.
            let digest = Sha256::new()
                .chain_update(self.job.kdd)
                .chain_update(enrolment.encode().expose())
                .finalize();
            if self.job.work.step(&step.to_string()) == Some(&digest) {
                continue;
            }
            self.job.step(step, |_| {
                piv.enrol(enrolment)?;
                Ok(((), digest.to_vec()))
            })?;
        }
        Ok(())
    }

    /// The administrator's key, where the profile has one. It cannot be read back: the journal says which kind it is.
    fn administration<T: Transmit>(&mut self, piv: &mut Piv<T>) -> Result<(), Error> {
        let Some(wanted) = self.job.task.profile.administration else {
            return Ok(());
        };
        let kind = format!("{:?} {:?}", wanted.extensions, wanted.key).into_bytes();
        if self.job.work.step(&Step::Administration.to_string()) == Some(&kind) {
            return Ok(());
        }
        self.job.step(Step::Administration, |run| {
            let key = match wanted.key {
                profile::ManagementKey::Factory => ManagementKey::factory(),
                profile::ManagementKey::Diversified => {
                    let key = run.seat.keys.management_key(&run.kdd)?;
                    ManagementKey::new(ManagementAlgorithm::Aes256, &key[..])?
                }
            };
            piv.set_administration(Some(Administration {
                extensions: wanted.extensions,
                key,
            }))?;
            Ok(((), kind))
        })
    }

    /// A key pair, its certificate, and the certificate's container.
    fn key_pair<T: Transmit>(&mut self, piv: &mut Piv<T>, key: KeyReference) -> Result<(), Error> {
        let step = Step::KeyPair(key);
        let noted = self
            .job
            .work
            .step(&step.to_string())
            .filter(|c| !c.is_empty());
        let certificate = match noted {
            Some(certificate) => certificate.to_vec(),
            None => self.job.step(step, |run| {
                // Whatever happens from here on, no older certificate is taken for that of the new key.
                run.note(step, &[])?;
                let point = piv.generate_key_pair(key)?;
                let certificate = run.certify(key, PublicKey::P256(point))?;
                Ok((certificate.clone(), certificate))
            })?,
        };
        let object = CertificateObject::new(certificate).encode();
        if piv.get(key.certificate())?.as_deref() != Some(&object) {
            piv.put(key.certificate(), object)?;
        }
        Ok(())
    }

    fn file(&self, id: negin_eid::lds::FileId) -> Result<Vec<u8>, Error> {
        self.job
            .content
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
        let chip = self.chip;
        self.job.step(Step::ReadBack, |run| {
            let differs = |what| Err(Error::AtOdds { what });
            let piv = Piv::select(&mut *link)?;
            let mut piv = run.seat.open(piv, CardKeySet::Issuer, chip)?;
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
            messaging::read_back(run, &mut piv)?;
            let templates = run.content.fingers.iter().map(|f| f.template).collect();
            if piv.biometric_information()? != (BiometricInformation { templates }) {
                return differs(Container::BiometricInformation.name());
            }
            let travel_document = TravelDocument::select(&mut *link)?;
            let mut travel_document = run.seat.open(travel_document, CardKeySet::Issuer, chip)?;
            for (file, content) in &run.content.files {
                if travel_document.read(*file)?.as_deref() != Some(content) {
                    return differs(file.name());
                }
            }
            Ok(((), Vec::new()))
        })
    }

    fn close(&mut self, link: &mut Link<'_>, life: Life) -> Result<(), Error> {
        let chip = self.chip;
        if life.piv.stage < ApplicationStage::Personalised {
            self.job.step(Step::Personalised, |run| {
                let piv = Piv::select(&mut *link)?;
                let mut piv = run.seat.open(piv, CardKeySet::Issuer, chip)?;
                piv.close_personalisation()?;
                Ok(((), Vec::new()))
            })?;
        }
        if life.card < CardState::Secured {
            self.job.step(Step::Secured, |run| {
                let domain = SecurityDomain::select(&mut *link)?;
                let mut domain = run.seat.open(domain, CardKeySet::Issuer, chip)?;
                domain.set_card_state(CardState::Secured)?;
                Ok(((), Vec::new()))
            })?;
        }
        Ok(())
    }
}
