//! An authority, its signers and a citizen's card, from fixed keys.

use negin_eid::Date;
use negin_eid::lds::DataGroup;
use negin_eid::piv::{
    Biometric, BiometricObject, CbeffHeader, Chuid, Creator, FascN, KeyReference, PublicKey,
    PublicPoint,
};
use negin_issuance::pki::{
    Authority, CardCertificate, Certificate, Error, ObjectSigner, Organisation, Serial, Signer,
    SignerPurpose, Subject, Untrusted, Validity, sign_security_object,
};
use negin_ledger::Timestamp;
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};

pub fn key(n: u8) -> SigningKey {
    SigningKey::from_slice(&[n; 32]).unwrap()
}

pub fn point(key: &SigningKey) -> PublicPoint {
    PublicPoint::new(key.verifying_key().to_sec1_point(false).as_bytes()).unwrap()
}

pub fn signer(key: &SigningKey) -> Signer<'_> {
    Signer::new(*key.verifying_key(), |message| {
        Ok::<Signature, std::io::Error>(key.sign(message))
    })
}

pub fn day(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

pub fn years(first: u16, last: u16) -> Validity {
    Validity::days(day(first, 3, 20), day(last, 3, 19)).unwrap()
}

pub fn in_year(year: u16) -> Timestamp {
    Validity::days(day(year, 7, 1), day(year, 7, 1))
        .unwrap()
        .not_before
}

pub fn serial(n: u8) -> Serial {
    Serial::from_random([n; 16])
}

pub fn organisation() -> Organisation {
    Organisation {
        country: "UT".into(),
        name: "Office of Cards, Development".into(),
    }
}

pub const ROOT: u8 = 1;
pub const DOCUMENT_SIGNER: u8 = 2;
pub const CONTENT_SIGNER: u8 = 3;
pub const CARD: u8 = 10;

pub struct World {
    pub authority: Authority,
    pub document_signer: Certificate,
    pub content_signer: Certificate,
}

pub fn world() -> World {
    let root = key(ROOT);
    let authority = Authority::establish(
        &organisation(),
        "Development Root",
        serial(1),
        years(2024, 2044),
        &mut signer(&root),
    )
    .unwrap();
    let issue = |purpose, name, n| {
        let point = point(&key(n));
        authority
            .issue_signer(
                purpose,
                &organisation(),
                name,
                &point,
                serial(n),
                years(2024, 2034),
                &mut signer(&root),
            )
            .unwrap()
    };
    let document_signer = issue(
        SignerPurpose::TravelDocument,
        "Document Signer 1",
        DOCUMENT_SIGNER,
    );
    let content_signer = issue(
        SignerPurpose::PivContent,
        "Content Signer 1",
        CONTENT_SIGNER,
    );
    World {
        authority,
        document_signer,
        content_signer,
    }
}

impl World {
    pub fn root(&self) -> &Certificate {
        self.authority.certificate()
    }

    pub fn card(&self, reference: KeyReference) -> Result<Certificate, Error> {
        let subject = Subject {
            common_name: Some("ERIKSSON ANNA MARIA".into()),
            serial_number: Some("D23145890".into()),
        };
        let certificate = CardCertificate {
            key: reference,
            public: PublicKey::P256(point(&key(CARD + reference.code() - 0x9A))),
            organisation: &organisation(),
            subject: &subject,
            card: [0x42; 16],
            serial: serial(reference.code()),
            validity: years(2024, 2031),
        };
        self.authority
            .issue_card(&certificate, &mut signer(&key(ROOT)))
    }
}

pub fn chuid() -> Chuid {
    Chuid {
        fasc_n: FascN::NON_FEDERAL,
        guid: [0x42; 16],
        expiration: day(2031, 3, 19),
        cardholder: None,
        signature: Vec::new(),
    }
}

pub fn facial_image() -> BiometricObject {
    BiometricObject {
        biometric: Biometric::FacialImage,
        header: CbeffHeader {
            created: day(2024, 1, 2),
            valid: (day(2024, 3, 20), day(2031, 3, 19)),
            quality: -2,
            creator: Creator::new("Negin").unwrap(),
            fasc_n: FascN::NON_FEDERAL,
        },
        record: vec![0xFA; 500],
        signature: Vec::new(),
    }
}

pub fn untrusted(result: Result<(), Error>) -> Untrusted {
    match result {
        Err(Error::Untrusted(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

pub const DG1: &[u8] = b"\x61\x05zone!";
pub const DG2: &[u8] = b"\x75\x05face!";

pub fn sod(world: &World) -> Vec<u8> {
    let key = key(DOCUMENT_SIGNER);
    let mut signer = ObjectSigner::new(world.document_signer.clone(), signer(&key)).unwrap();
    // In any order: the security object is sorted.
    let files = [(DataGroup::DG2, DG2), (DataGroup::DG1, DG1)];
    sign_security_object(&files, Some(in_year(2024)), &mut signer).unwrap()
}
