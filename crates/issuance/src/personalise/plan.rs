//! The plan: which steps make a card of a profile out of a blank one, in order.
//!
//! Each step is idempotent and has a stable name, under which the journal notes it. A plan says what is to be done; how
//! far a card has come is found out by comparing journal and card, never assumed.

use std::fmt;

use negin_eid::piv::{Container, FingerReference, KeyReference};

use super::content::file_id;
use super::messaging;
use crate::profile::{LdsFile, Profile};

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The maker's transport keys give way to the issuer's.
    IssuerKeys,
    /// The office's delivery keys are added.
    DeliveryKeys,
    /// The override keys are added.
    OverrideKeys,
    /// The security domain gets the card's number, and the card becomes INITIALIZED.
    CardData,
    /// Another maker's card is promised to the record.
    Claim,
    /// Another maker's card gets the PIN it travels with.
    TransportPin,
    /// Another maker's card gets a management key of its own.
    ManagementKey,
    /// The PUK is set.
    Puk,
    /// The card makes a key pair and gets its certificate.
    KeyPair(KeyReference),
    /// The card makes the key of its secure messaging and gets its certificate.
    MessagingKey,
    /// A PIV container is written.
    Container(Container),
    /// Whether there is an administrator besides the issuer.
    Administration,
    /// A finger's reference is enrolled.
    Finger(FingerReference),
    /// A file of the travel document is written.
    File(LdsFile),
    /// Everything is read back.
    ReadBack,
    /// PIV becomes PERSONALISED.
    Personalised,
    /// The card becomes SECURED.
    Secured,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IssuerKeys => f.write_str("issuer-keys"),
            Self::DeliveryKeys => f.write_str("delivery-keys"),
            Self::OverrideKeys => f.write_str("override-keys"),
            Self::CardData => f.write_str("card-data"),
            Self::Claim => f.write_str("claim"),
            Self::TransportPin => f.write_str("transport-pin"),
            Self::ManagementKey => f.write_str("management-key"),
            Self::Puk => f.write_str("puk"),
            Self::KeyPair(key) => write!(f, "key-{:02X}", key.code()),
            Self::MessagingKey => f.write_str("key-04"),
            Self::Container(container) => write!(f, "container-{:X}", container.tag()),
            Self::Administration => f.write_str("administration"),
            Self::Finger(finger) => write!(f, "finger-{:02X}", finger.code()),
            Self::File(file) => write!(f, "file-{:04X}", file_id(*file).id()),
            Self::ReadBack => f.write_str("read-back"),
            Self::Personalised => f.write_str("personalised"),
            Self::Secured => f.write_str("secured"),
        }
    }
}

/// The steps of one card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    steps: Vec<Step>,
}

impl Plan {
    /// The steps that `profile` asks for, for a card with these enrolled fingers.
    #[must_use]
    pub fn compile(profile: &Profile, fingers: &[FingerReference]) -> Self {
        let mut steps = vec![
            Step::IssuerKeys,
            Step::DeliveryKeys,
            Step::OverrideKeys,
            Step::CardData,
            Step::Puk,
        ];
        steps.extend(profile.keys.iter().map(|key| Step::KeyPair(key.reference)));
        steps.extend(messaging::steps(profile));
        steps.extend(profile.containers.iter().map(|c| Step::Container(*c)));
        steps.extend(
            profile
                .pin_policy()
                .map(|_| Step::Container(Container::PinPolicy)),
        );
        steps.push(Step::Container(Container::RenewalPolicy));
        steps.extend(profile.administration.map(|_| Step::Administration));
        steps.extend(fingers.iter().map(|finger| Step::Finger(*finger)));
        steps.extend(profile.files.iter().map(|file| Step::File(*file)));
        steps.extend([Step::ReadBack, Step::Personalised, Step::Secured]);
        Self { steps }
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_a_name_of_its_own_and_the_card_is_closed_last() {
        let profile = Profile::national_id().unwrap();
        let plan = Plan::compile(
            &profile,
            &[FingerReference::Primary, FingerReference::Secondary],
        );
        let names: std::collections::BTreeSet<_> =
            plan.steps().iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), plan.steps().len());
        assert_eq!(
            plan.steps().last_chunk(),
            Some(&[Step::ReadBack, Step::Personalised, Step::Secured])
        );
    }

    #[test]
    fn what_the_profile_asks_of_a_pin_is_written_where_it_is_more_than_the_standard() {
        let mut profile = Profile::national_id().unwrap();
        let policy = Step::Container(Container::PinPolicy);
        assert!(!Plan::compile(&profile, &[]).steps().contains(&policy));
        profile.pin.min_digits = 8;
        assert!(Plan::compile(&profile, &[]).steps().contains(&policy));
    }
}
