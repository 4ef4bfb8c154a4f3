//! What a live card holds, read back through the host, and whether its keys are those of its certificates.

use std::collections::BTreeMap;

use negin_apdu::{Chaining, Transmit};
use negin_card::{Life, Piv, Presence, SecurityDomain, TravelDocument, Verification, recognise};
use negin_eid::gp::{ApplicationStage, CardState, DataObject};
use negin_eid::lds::FileId;
use negin_eid::piv::{
    ActivationMethod, BiometricInformation, CertificateObject, Chuid, Container, FingerReference,
    KeyReference, Pin, PublicPoint, Puk,
};
use negin_eid::roles::Role;
use negin_issuance::pki::{Certificate, passive_authentication, verify_chuid};
use negin_keystore::{CardKeySet, KeyStore};
use negin_ledger::Timestamp;
use p256::ecdh::diffie_hellman;
use p256::{PublicKey, SecretKey};
use sha2::{Digest, Sha256};

use crate::card::BenchCard;
use crate::channel::open;
use crate::desk::PIN;
use crate::office::{MORNING, Office};

/// What a live card holds. Two cards of one record are the same here but for their certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Card and applications.
    pub life: Life,
    /// The roles for which it holds keys.
    pub roles: Vec<Role>,
    /// The card's number, as the security domain tells it.
    pub number: Option<Vec<u8>>,
    /// PIV's containers but for the keys' certificates and the activation record.
    pub containers: BTreeMap<Container, Vec<u8>>,
    /// The fingers enrolled.
    pub fingers: BiometricInformation,
    /// The travel document's files, by identifier.
    pub files: BTreeMap<u16, Vec<u8>>,
    /// How it came alive, and by whom.
    pub activation: (ActivationMethod, Vec<u8>),
    /// Who each certificate is for, and from when to when it is valid.
    pub subjects: BTreeMap<u8, (String, i64, i64)>,
}

/// The certificates of a card, by key.
pub type Certificates = BTreeMap<u8, Certificate>;

impl Holding {
    /// Reads a live card whole, as its holder and as its issuer: every container after the PIN, every file after the
    /// PIN, both fingers compared with `probes`, every key held against its certificate, every key set opened.
    ///
    /// # Panics
    /// Where anything is not there, or not as it must be.
    #[must_use]
    pub fn read(card: &BenchCard, office: &Office, probes: &[Vec<u8>]) -> (Self, Certificates) {
        let mut link = Chaining::new(card.link());
        let found = recognise(&mut link).expect("a card that answers");
        assert_eq!(found.presence, Presence::Activated);
        let identity = found.identity.expect("a card of ours");
        let (life, number) = issuer(&mut link, office);
        for set in [
            CardKeySet::Delivery {
                office: office.code,
            },
            CardKeySet::Override,
        ] {
            let piv = Piv::select(&mut link).expect("PIV");
            open(&office.keys, piv, set).expect("the card's keys of this role");
        }

        let mut piv = Piv::select(&mut link).expect("PIV");
        let record = piv
            .activation_record()
            .expect("readable")
            .expect("a record");
        for (finger, probe) in FingerReference::ALL.into_iter().zip(probes) {
            let verified = piv.verify_finger(finger, probe.clone());
            assert_eq!(verified, Ok(Verification::Passed), "{finger:?}");
        }
        assert_eq!(piv.verify_pin(pin()), Ok(Verification::Passed));
        let fingers = piv.biometric_information().expect("readable");
        let certificates = keys(&mut piv, office);
        let mut containers = BTreeMap::new();
        for container in Container::ALL {
            let of_key = KeyReference::CURRENT
                .iter()
                .any(|key| key.certificate() == container);
            // A key made anew has another certificate.
            if of_key
                || [Container::ActivationRecord, Container::MessagingCertificate]
                    .contains(&container)
            {
                continue;
            }
            if let Some(object) = piv.get(container).expect("readable after the PIN") {
                containers.insert(container, object);
            }
        }
        let puk = Puk::new(*office.keys.puk(&identity.kdd).expect("a PUK"));
        assert_eq!(
            piv.unblock_pin(puk, pin()),
            Ok(Verification::Passed),
            "the PUK"
        );

        let mut travel_document = TravelDocument::select(&mut link).expect("a travel document");
        assert_eq!(travel_document.verify_pin(pin()), Ok(Verification::Passed));
        let files: BTreeMap<u16, Vec<u8>> = FileId::ALL
            .into_iter()
            .filter_map(|file| Some((file.id(), travel_document.read(file).expect("readable")?)))
            .collect();

        let holding = Self {
            life,
            roles: identity.roles,
            number,
            subjects: certificates
                .iter()
                .map(|(key, certificate)| (*key, told(certificate)))
                .collect(),
            containers,
            fingers,
            files,
            activation: (record.method, record.note.as_bytes().to_vec()),
        };
        holding.is_signed(office);
        (holding, certificates)
    }

    /// The signatures over what the card holds, up to the issuer's root.
    fn is_signed(&self, office: &Office) {
        let (root, now) = (
            office.credentials.root(),
            Timestamp::from_unix_millis(MORNING),
        );
        let chuid = Chuid::decode(&self.containers[&Container::Chuid]).expect("a CHUID");
        verify_chuid(&chuid, root, now).expect("signed by the issuer");
        let groups: Vec<_> = FileId::ALL
            .into_iter()
            .filter_map(|file| Some((file.data_group()?, self.files.get(&file.id())?.as_slice())))
            .collect();
        let sod = &self.files[&FileId::Sod.id()];
        passive_authentication(sod, &groups, root, now).expect("signed by the issuer");
    }
}

fn pin() -> Pin {
    Pin::new(PIN).expect("a PIN")
}

fn told(certificate: &Certificate) -> (String, i64, i64) {
    let validity = certificate.validity();
    (
        certificate.subject(),
        validity.not_before.unix_millis(),
        validity.not_after.unix_millis(),
    )
}

fn issuer<T: Transmit>(link: &mut T, office: &Office) -> (Life, Option<Vec<u8>>) {
    let domain = SecurityDomain::select(link).expect("a security domain");
    let mut domain = open(&office.keys, domain, CardKeySet::Issuer).expect("the issuer's keys");
    let life = domain.life().expect("the registry");
    assert_eq!(life.card, CardState::Secured);
    assert_eq!(life.piv.stage, ApplicationStage::Activated);
    let number = domain.data(DataObject::CardImage).expect("readable");
    (life, number)
}

/// Has each key do its work and holds the outcome against its certificate.
fn keys<T: Transmit>(piv: &mut Piv<T>, office: &Office) -> Certificates {
    let mut certificates = Certificates::new();
    for key in KeyReference::CURRENT {
        let object = piv
            .get(key.certificate())
            .expect("readable")
            .expect("a certificate");
        let object = CertificateObject::decode(&object).expect("a certificate object");
        let certificate = Certificate::from_der(&object.certificate).expect("a certificate");
        certificate
            .verify_issued_by(
                office.credentials.root(),
                Timestamp::from_unix_millis(MORNING),
            )
            .expect("the issuer's");
        // 9C asks for the PIN before each use.
        assert_eq!(piv.verify_pin(pin()), Ok(Verification::Passed));
        if key.agrees() {
            let own = SecretKey::from_slice(&[0x42; 32]).expect("a key");
            let point = |key: &PublicKey| {
                PublicPoint::new(&key.to_sec1_bytes()).expect("an uncompressed point")
            };
            let agreed = piv.agree(key, point(&own.public_key())).expect("a secret");
            let cards = certificate.public_point().expect("a point");
            let cards = PublicKey::from_sec1_bytes(cards.as_bytes()).expect("a point");
            let expected = diffie_hellman(own.to_nonzero_scalar(), cards.as_affine());
            assert_eq!(agreed.expose(), &expected.raw_secret_bytes()[..], "{key:?}");
        } else {
            let message = [key.code(); 40];
            let digest = Sha256::digest(message).into();
            let signature = piv.sign(key, &digest).expect("a signature");
            certificate
                .verify_signature(&message, &signature)
                .unwrap_or_else(|error| panic!("{key:?}: {error}"));
        }
        certificates.insert(key.code(), certificate);
    }
    certificates
}
