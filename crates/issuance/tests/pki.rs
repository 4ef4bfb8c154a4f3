//! Certificates and signed objects: made, verified, tampered with, and put before OpenSSL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path, process::Command};

use negin_eid::{
    Date,
    lds::{DataGroup, unwrap_sod},
    piv::{CbeffHeader, Chuid, Container, Creator, FacialImage, FascN, KeyReference, PublicPoint},
};
use negin_issuance::pki::{
    Authority, CardCertificate, Certificate, ContentType, Error, ObjectSigner, Organisation,
    Serial, Signer, SignerPurpose, Subject, Untrusted, Validity, passive_authentication,
    sign_chuid, sign_facial_image, sign_piv_security_object, sign_security_object, verify_chuid,
    verify_facial_image, verify_signed_object,
};
use negin_ledger::Timestamp;
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};

fn key(n: u8) -> SigningKey {
    SigningKey::from_slice(&[n; 32]).unwrap()
}

fn point(key: &SigningKey) -> PublicPoint {
    PublicPoint::new(key.verifying_key().to_sec1_point(false).as_bytes()).unwrap()
}

fn signer(key: &SigningKey) -> Signer<'_> {
    Signer::new(*key.verifying_key(), |message| {
        Ok::<Signature, std::io::Error>(key.sign(message))
    })
}

fn day(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

fn years(first: u16, last: u16) -> Validity {
    Validity::days(day(first, 3, 20), day(last, 3, 19)).unwrap()
}

fn in_year(year: u16) -> Timestamp {
    Validity::days(day(year, 7, 1), day(year, 7, 1))
        .unwrap()
        .not_before
}

fn serial(n: u8) -> Serial {
    Serial::from_random([n; 16])
}

fn organisation() -> Organisation {
    Organisation {
        country: "UT".into(),
        name: "Office of Cards, Development".into(),
    }
}

const ROOT: u8 = 1;
const DOCUMENT_SIGNER: u8 = 2;
const CONTENT_SIGNER: u8 = 3;
const CARD: u8 = 10;

struct World {
    authority: Authority,
    document_signer: Certificate,
    content_signer: Certificate,
}

fn world() -> World {
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
    fn root(&self) -> &Certificate {
        self.authority.certificate()
    }

    fn card(&self, reference: KeyReference) -> Result<Certificate, Error> {
        let subject = Subject {
            common_name: Some("ERIKSSON ANNA MARIA".into()),
            serial_number: Some("D23145890".into()),
        };
        let certificate = CardCertificate {
            key: reference,
            point: point(&key(CARD + reference.code() - 0x9A)),
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

fn chuid() -> Chuid {
    Chuid {
        fasc_n: FascN::NON_FEDERAL,
        guid: [0x42; 16],
        expiration: day(2031, 3, 19),
        cardholder: None,
        signature: Vec::new(),
    }
}

fn facial_image() -> FacialImage {
    FacialImage {
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

fn untrusted(result: Result<(), Error>) -> Untrusted {
    match result {
        Err(Error::Untrusted(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_cards_certificates_verify_up_to_the_root() {
    let world = world();
    for reference in KeyReference::ALL {
        let certificate = world.card(reference).unwrap();
        certificate
            .verify_issued_by(world.root(), in_year(2025))
            .unwrap();
        certificate
            .verify_chain(&[], world.root(), in_year(2025))
            .unwrap();
        assert!(certificate.is_of(&point(&key(CARD + reference.code() - 0x9A))));
        assert_eq!(
            Certificate::from_der(certificate.der()).unwrap(),
            certificate
        );
        let names_holder = certificate.subject().contains("ERIKSSON");
        assert_eq!(
            names_holder,
            reference != KeyReference::CardAuthentication,
            "{}",
            certificate.subject()
        );
        assert_eq!(certificate.validity(), years(2024, 2031));
    }
}

#[test]
fn the_same_arguments_give_the_same_bytes() {
    let certificate = || world().card(KeyReference::Authentication).unwrap();
    assert_eq!(certificate().der(), certificate().der());
}

#[test]
fn a_challenge_signed_by_the_card_verifies_against_its_certificate() {
    let certificate = world().card(KeyReference::Authentication).unwrap();
    let signature: Signature = key(CARD).sign(b"challenge");
    certificate
        .verify_signature(b"challenge", signature.to_der().as_bytes())
        .unwrap();
    assert!(matches!(
        certificate.verify_signature(b"another", signature.to_der().as_bytes()),
        Err(Error::Signature)
    ));
    assert!(matches!(
        certificate.verify_signature(b"challenge", b"rubbish"),
        Err(Error::Signature)
    ));
}

#[test]
fn certificates_that_must_not_be_relied_on() {
    let world = world();
    let certificate = world.card(KeyReference::Authentication).unwrap();
    assert_eq!(
        untrusted(certificate.verify_issued_by(world.root(), in_year(2023))),
        Untrusted::NotYetValid
    );
    assert_eq!(
        untrusted(certificate.verify_issued_by(world.root(), in_year(2032))),
        Untrusted::Expired
    );

    let other_key = key(77);
    let impostor = Authority::establish(
        &organisation(),
        "Development Root",
        serial(1),
        years(2024, 2044),
        &mut signer(&other_key),
    )
    .unwrap();
    // Of the same name, but another key: already the key identifiers differ.
    let answer = certificate.verify_issued_by(impostor.certificate(), in_year(2025));
    assert_eq!(untrusted(answer), Untrusted::Issuer);

    // A certificate issued with a card's key: the card is no authority.
    assert!(matches!(
        Authority::from_certificate(certificate.clone()),
        Err(Error::Untrusted(Untrusted::NotAuthority))
    ));

    // One bit of the certificate's content changed.
    let mut der = certificate.der().to_vec();
    let at = der.windows(8).position(|w| w == b"ERIKSSON").unwrap();
    der[at] ^= 0x02;
    let forged = Certificate::from_der(&der).unwrap();
    assert_eq!(
        untrusted(forged.verify_issued_by(world.root(), in_year(2025))),
        Untrusted::Signature
    );
    assert!(matches!(
        Certificate::from_der(&der[..der.len() - 1]),
        Err(Error::Certificate(_))
    ));
}

#[test]
fn nothing_is_issued_with_a_wrong_key_or_beyond_the_authoritys_time() {
    let world = world();
    let wrong = key(99);
    let point = point(&key(DOCUMENT_SIGNER));
    let issue = |validity, signer: &mut Signer<'_>| {
        world.authority.issue_signer(
            SignerPurpose::TravelDocument,
            &organisation(),
            "Document Signer",
            &point,
            serial(9),
            validity,
            signer,
        )
    };
    assert!(matches!(
        issue(years(2024, 2030), &mut signer(&wrong)),
        Err(Error::SignerKey)
    ));
    assert!(matches!(
        issue(years(2024, 2045), &mut signer(&key(ROOT))),
        Err(Error::Validity)
    ));
    assert!(matches!(
        issue(years(2030, 2029), &mut signer(&key(ROOT))),
        Err(Error::Validity)
    ));

    // A store that holds another key than it says.
    let mut liar = Signer::new(*key(ROOT).verifying_key(), |message| {
        Ok::<Signature, std::io::Error>(wrong.sign(message))
    });
    assert!(matches!(
        issue(years(2024, 2030), &mut liar),
        Err(Error::SignerKey)
    ));
    let mut silent = Signer::new(*key(ROOT).verifying_key(), |_| {
        Err::<Signature, _>("no key")
    });
    assert!(matches!(
        issue(years(2024, 2030), &mut silent),
        Err(Error::Signer(_))
    ));

    let off_curve = PublicPoint::new(&[&[4][..], &[1; 64]].concat()).unwrap();
    let result = world.authority.issue_signer(
        SignerPurpose::PivContent,
        &organisation(),
        "Signer",
        &off_curve,
        serial(9),
        years(2024, 2030),
        &mut signer(&key(ROOT)),
    );
    assert!(matches!(result, Err(Error::PublicKey)));
    assert!(ObjectSigner::new(world.document_signer.clone(), signer(&wrong)).is_err());
}

const DG1: &[u8] = b"\x61\x05zone!";
const DG2: &[u8] = b"\x75\x05face!";

fn sod(world: &World) -> Vec<u8> {
    let key = key(DOCUMENT_SIGNER);
    let mut signer = ObjectSigner::new(world.document_signer.clone(), signer(&key)).unwrap();
    // In any order: the security object is sorted.
    let files = [(DataGroup::DG2, DG2), (DataGroup::DG1, DG1)];
    sign_security_object(&files, Some(in_year(2024)), &mut signer).unwrap()
}

#[test]
fn passive_authentication_accepts_what_was_signed_and_nothing_else() {
    let world = world();
    let sod = sod(&world);
    let now = in_year(2025);
    let files = [(DataGroup::DG1, DG1), (DataGroup::DG2, DG2)];
    let report = passive_authentication(&sod, &files, world.root(), now).unwrap();
    assert_eq!(report.signer, world.document_signer);
    assert_eq!(report.security_object.hashes.len(), 2);
    passive_authentication(&sod, &files[..1], world.root(), now).unwrap();

    let changed = [
        (DataGroup::DG1, DG1),
        (DataGroup::DG2, &b"\x75\x05fake!"[..]),
    ];
    assert!(matches!(
        passive_authentication(&sod, &changed, world.root(), now),
        Err(Error::DataGroup(DataGroup::DG2))
    ));
    let more = [(DataGroup::DG1, DG1), (DataGroup::DG11, DG2)];
    assert!(matches!(
        passive_authentication(&sod, &more, world.root(), now),
        Err(Error::DataGroup(DataGroup::DG11))
    ));
    assert!(matches!(
        passive_authentication(&sod, &files, world.root(), in_year(2040)),
        Err(Error::Untrusted(Untrusted::Expired))
    ));
    let other_key = key(77);
    let other = Authority::establish(
        &organisation(),
        "Other Root",
        serial(1),
        years(2024, 2044),
        &mut signer(&other_key),
    )
    .unwrap();
    assert!(matches!(
        passive_authentication(&sod, &files, other.certificate(), now),
        Err(Error::Untrusted(Untrusted::Issuer))
    ));
}

#[test]
fn no_byte_of_a_sod_can_be_changed() {
    let world = world();
    let sod = sod(&world);
    let files = [(DataGroup::DG1, DG1), (DataGroup::DG2, DG2)];
    let mut refused = 0;
    for at in 0..sod.len() {
        let mut changed = sod.clone();
        changed[at] ^= 0x01;
        let Ok(report) = passive_authentication(&changed, &files, world.root(), in_year(2025))
        else {
            refused += 1;
            continue;
        };
        // What is not signed may change, as long as nothing that was relied on does.
        assert_eq!(report.signer, world.document_signer, "byte {at}");
        assert_eq!(report.security_object.hashes.len(), 2);
    }
    println!("{refused} of {} single-bit changes refused", sod.len());
    assert!(refused * 100 > sod.len() * 97, "{refused} of {}", sod.len());
}

#[test]
fn a_holders_key_signs_no_document() {
    let world = world();
    for reference in KeyReference::ALL {
        let own = key(CARD + reference.code() - 0x9A);
        let mut signer = ObjectSigner::new(world.card(reference).unwrap(), signer(&own)).unwrap();
        let files = [(DataGroup::DG1, DG1), (DataGroup::DG2, DG2)];
        let sod = sign_security_object(&files, None, &mut signer).unwrap();
        assert!(matches!(
            passive_authentication(&sod, &files, world.root(), in_year(2025)),
            Err(Error::Untrusted(Untrusted::Usage))
        ));
    }
}

#[test]
fn signed_piv_objects() {
    let world = world();
    let own = key(CONTENT_SIGNER);
    let mut signer = ObjectSigner::new(world.content_signer.clone(), signer(&own)).unwrap();
    let (root, now) = (world.root(), in_year(2025));

    let mut chuid = chuid();
    sign_chuid(&mut chuid, &mut signer).unwrap();
    let read = Chuid::decode(&chuid.encode().unwrap()).unwrap();
    assert_eq!(
        verify_chuid(&read, root, now).unwrap().signer,
        world.content_signer
    );
    let stolen = Chuid {
        guid: [0x43; 16],
        ..read.clone()
    };
    assert!(matches!(
        verify_chuid(&stolen, root, now),
        Err(Error::Signature)
    ));
    let unsigned = Chuid {
        signature: Vec::new(),
        ..read
    };
    assert!(matches!(
        verify_chuid(&unsigned, root, now),
        Err(Error::SignedObject(_))
    ));

    // The header's length of the signature comes true for records of every size.
    for size in 0..40 {
        let mut image = FacialImage {
            record: vec![size; usize::from(size)],
            ..facial_image()
        };
        sign_facial_image(&mut image, &mut signer).unwrap();
        let mut read = FacialImage::decode(&image.encode().unwrap()).unwrap();
        verify_facial_image(&read, root, now).unwrap();
        read.record.push(0);
        assert!(matches!(
            verify_facial_image(&read, root, now),
            Err(Error::Signature)
        ));
    }

    let contents = [
        (Container::Chuid, &b"one"[..]),
        (Container::PrintedInformation, b"two"),
    ];
    let object = sign_piv_security_object(&contents, &mut signer).unwrap();
    assert_eq!(
        object.mapping,
        [(1, Container::Chuid), (2, Container::PrintedInformation)]
    );
    verify_signed_object(
        &object.signed,
        ContentType::LdsSecurityObject,
        None,
        root,
        now,
    )
    .unwrap();
    // A signature over one kind of content is none over another.
    assert!(matches!(
        verify_signed_object(&object.signed, ContentType::Chuid, None, root, now),
        Err(Error::SignedObject(_))
    ));
}

fn openssl(folder: &Path, arguments: &[&str]) -> Option<(bool, String)> {
    let output = match Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
    {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("not run: openssl is not installed");
            return None;
        }
        Err(error) => panic!("openssl: {error}"),
    };
    let text = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}

/// Writes a certificate as PEM.
fn pem(folder: &Path, name: &str, certificate: &Certificate) -> Option<String> {
    let (der, pem) = (format!("{name}.der"), format!("{name}.pem"));
    fs::write(folder.join(&der), certificate.der()).unwrap();
    let (done, said) = openssl(
        folder,
        &["x509", "-inform", "DER", "-in", &der, "-out", &pem],
    )?;
    assert!(done, "{said}");
    Some(pem)
}

fn seconds(moment: Timestamp) -> String {
    (moment.unix_millis() / 1000).to_string()
}

#[test]
fn openssl_verifies_the_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = world();
    let Some(root) = pem(folder, "root", world.root()) else {
        return;
    };
    let expected = [
        (
            KeyReference::Authentication,
            "Digital Signature",
            "TLS Web Client Authentication",
        ),
        (
            KeyReference::Signature,
            "Digital Signature, Non Repudiation",
            "E-mail Protection",
        ),
        (
            KeyReference::KeyManagement,
            "Key Agreement",
            "E-mail Protection",
        ),
        (
            KeyReference::CardAuthentication,
            "Digital Signature",
            "2.16.840.1.101.3.6.8",
        ),
    ];
    for (reference, usage, extended) in expected {
        let certificate = pem(folder, "card", &world.card(reference).unwrap()).unwrap();
        let at = |year| {
            let time = seconds(in_year(year));
            openssl(
                folder,
                &[
                    "verify",
                    "-x509_strict",
                    "-attime",
                    &time,
                    "-CAfile",
                    &root,
                    &certificate,
                ],
            )
            .unwrap()
        };
        assert!(at(2025).0, "{reference:?}: {}", at(2025).1);
        assert!(!at(2032).0, "expired");
        let text = openssl(folder, &["x509", "-in", &certificate, "-noout", "-text"])
            .unwrap()
            .1;
        assert!(text.contains(usage) && text.contains(extended), "{text}");
        assert!(
            text.contains("urn:uuid:42424242-4242-4242-4242-424242424242"),
            "{text}"
        );
    }
    for (name, certificate) in [
        ("ds", &world.document_signer),
        ("cs", &world.content_signer),
    ] {
        let certificate = pem(folder, name, certificate).unwrap();
        let time = seconds(in_year(2025));
        let (done, said) = openssl(
            folder,
            &[
                "verify",
                "-x509_strict",
                "-attime",
                &time,
                "-CAfile",
                &root,
                &certificate,
            ],
        )
        .unwrap();
        assert!(done, "{said}");
    }
}

#[test]
fn openssl_verifies_the_signed_objects() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = world();
    let Some(root) = pem(folder, "root", world.root()) else {
        return;
    };
    let time = seconds(in_year(2025));
    let verify = |object: &[u8], content: Option<&[u8]>| {
        fs::write(folder.join("object"), object).unwrap();
        let mut arguments = vec![
            "cms", "-verify", "-binary", "-inform", "DER", "-in", "object", "-CAfile", &root,
            "-purpose", "any", "-attime", &time, "-out", "out",
        ];
        if let Some(content) = content {
            fs::write(folder.join("content"), content).unwrap();
            arguments.extend(["-content", "content"]);
        }
        openssl(folder, &arguments).unwrap()
    };

    let sod = sod(&world);
    let signed = unwrap_sod(&sod).unwrap();
    let (done, said) = verify(signed, None);
    assert!(done, "{said}");
    let object = fs::read(folder.join("out")).unwrap();
    assert_eq!(
        object,
        verify_signed_object(
            signed,
            ContentType::LdsSecurityObject,
            None,
            world.root(),
            in_year(2025)
        )
        .unwrap()
        .content
    );
    let mut forged = signed.to_vec();
    let at = forged
        .windows(object.len())
        .position(|w| w == object)
        .unwrap();
    forged[at + object.len() - 1] ^= 1;
    assert!(!verify(&forged, None).0, "a changed hash");

    let own = key(CONTENT_SIGNER);
    let mut signer = ObjectSigner::new(world.content_signer.clone(), signer(&own)).unwrap();
    let mut chuid = chuid();
    sign_chuid(&mut chuid, &mut signer).unwrap();
    let content = chuid.signed_content().unwrap();
    let (done, said) = verify(&chuid.signature, Some(&content));
    assert!(done, "{said}");
    assert!(!verify(&chuid.signature, Some(b"another content")).0);

    let mut image = facial_image();
    sign_facial_image(&mut image, &mut signer).unwrap();
    let content = image.signed_content(image.signature.len() as u16).unwrap();
    let (done, said) = verify(&image.signature, Some(&content));
    assert!(done, "{said}");
}

/// A certificate of OpenSSL's making is read and verified here.
#[test]
fn a_certificate_of_openssls_making_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let arguments = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "key",
        "-days",
        "30",
        "-subj",
        "/C=UT/CN=Peer Root",
        "-outform",
        "DER",
        "-out",
        "root.der",
        "-addext",
        "keyUsage=critical,keyCertSign",
    ];
    let Some((done, said)) = openssl(folder, &arguments) else {
        return;
    };
    assert!(done, "{said}");
    let root = Certificate::from_der(&fs::read(folder.join("root.der")).unwrap()).unwrap();
    assert!(root.is_authority().unwrap());
    root.verify_issued_by(&root, root.validity().not_before)
        .unwrap();
    assert!(root.subject().contains("Peer Root"));
}
