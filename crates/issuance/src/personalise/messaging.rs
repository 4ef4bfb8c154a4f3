//! Secure messaging and the virtual contact interface on a card of ours: its key 04, the certificate for it, who signed
//! that, and the pairing code.
//!
//! The rules: as with the other keys, the journal has a certificate only of the key that is on the card. The pairing code
//! is derived from the chip's number by the key store and never enters the journal.

use negin_apdu::Transmit;
use negin_card::Piv;
use negin_eid::piv::{
    Container, Discovery, MessagingCertificate, PairingCode, SecureMessagingSigner,
};
use negin_keystore::SigningKeyId;
use negin_secure_channel::opacity::Cvc;

use super::job::Job;
use super::plan::Step;
use crate::Error;
use crate::pki::{self, Signer};
use crate::profile::{Profile, VirtualContact};

/// The steps that a profile's secure messaging takes.
pub(super) fn steps(profile: &Profile) -> Vec<Step> {
    let mut steps = Vec::new();
    if profile.virtual_contact != VirtualContact::None {
        steps.push(Step::MessagingKey);
        steps.push(Step::Container(Container::SecureMessagingSigner));
    }
    if profile.virtual_contact == VirtualContact::PairingCode {
        steps.push(Step::Container(Container::PairingCode));
    }
    steps
}

/// What the Discovery Object says of the card.
pub(super) const fn discovery(profile: &Profile, on_card_comparison: bool) -> Discovery {
    let discovery = Discovery::of_card(on_card_comparison);
    match profile.virtual_contact {
        VirtualContact::None => discovery,
        VirtualContact::PairingCode => discovery.with_virtual_contact(true),
        VirtualContact::Open => discovery.with_virtual_contact(false),
    }
}

/// Writes all of it, or what of it is not there.
pub(super) fn write<T: Transmit>(job: &mut Job<'_, '_>, piv: &mut Piv<T>) -> Result<(), Error> {
    if job.task.profile.virtual_contact == VirtualContact::None {
        return Ok(());
    }
    let certificate = match noted(job) {
        Some(certificate) => certificate,
        None => job.step(Step::MessagingKey, |job| {
            // Whatever happens from here on, no older certificate is taken for that of the new key.
            job.note(Step::MessagingKey, &[])?;
            let point = piv.generate_messaging_key()?;
            let content = job.task.credentials.content_signer(job.seat.keys)?;
            let mut signer = Signer::of_store(job.seat.keys, SigningKeyId::DocumentSigner)?;
            let certificate =
                pki::issue_messaging(content.certificate(), &mut signer, &point, job.content.uuid)?;
            let bytes = certificate.as_bytes().to_vec();
            Ok((certificate, bytes))
        })?,
    };
    let object = MessagingCertificate(certificate.as_bytes().to_vec()).encode();
    if piv.get(Container::MessagingCertificate)?.as_deref() != Some(&object) {
        piv.put_messaging_certificate(&certificate)?;
    }
    for (container, object) in containers(job)? {
        let step = Step::Container(container);
        if job.is_noted(step) && piv.get(container)?.as_deref() == Some(&object) {
            continue;
        }
        job.step(step, |_| {
            piv.put(container, object)?;
            Ok(((), Vec::new()))
        })?;
    }
    Ok(())
}

/// Holds what the card has against what it should have.
pub(super) fn read_back<T: Transmit>(job: &Job<'_, '_>, piv: &mut Piv<T>) -> Result<(), Error> {
    let mut wanted = containers(job)?;
    if job.task.profile.virtual_contact != VirtualContact::None {
        let certificate = noted(job).map(|certificate| certificate.as_bytes().to_vec());
        let object = MessagingCertificate(certificate.unwrap_or_default()).encode();
        wanted.push((Container::MessagingCertificate, object));
    }
    for (container, object) in wanted {
        if piv.get(container)?.as_deref() != Some(&object) {
            return Err(Error::AtOdds {
                what: container.name(),
            });
        }
    }
    Ok(())
}

/// The certificate in the journal.
fn noted(job: &Job<'_, '_>) -> Option<Cvc> {
    let bytes = job.work.step(&Step::MessagingKey.to_string())?;
    Cvc::parse(bytes).ok()
}

/// The containers besides the certificate's, as GET DATA will return them.
fn containers(job: &Job<'_, '_>) -> Result<Vec<(Container, Vec<u8>)>, Error> {
    let mut made = Vec::new();
    let virtual_contact = job.task.profile.virtual_contact;
    if virtual_contact != VirtualContact::None {
        let signer = job.task.credentials.content_signer(job.seat.keys)?;
        let signer = SecureMessagingSigner::new(signer.certificate().der());
        made.push((Container::SecureMessagingSigner, signer.encode()));
    }
    if virtual_contact == VirtualContact::PairingCode {
        let code = job.seat.keys.pairing_code(&job.kdd)?;
        let code = PairingCode::new(&*code)?;
        made.push((Container::PairingCode, code.encode()));
    }
    Ok(made)
}
