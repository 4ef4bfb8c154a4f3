//! Signed objects: what verifies, and every way to forge them.

use negin_eid::lds::DataGroup;
use negin_eid::piv::{Biometric, BiometricObject, Chuid, Container, KeyReference};
use negin_issuance::pki::{
    Authority, ContentType, Error, ObjectSigner, Untrusted, passive_authentication, sign_biometric,
    sign_chuid, sign_piv_security_object, sign_security_object, verify_biometric, verify_chuid,
    verify_piv_security_object, verify_signed_object,
};

use super::world::{
    CARD, CONTENT_SIGNER, DG1, DG2, chuid, facial_image, in_year, key, organisation, serial,
    signer, sod, world, years,
};

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
    for cut in 0..sod.len() {
        assert!(
            passive_authentication(&sod[..cut], &files, world.root(), in_year(2025)).is_err(),
            "cut at {cut}"
        );
    }
    assert!(refused * 100 > sod.len() * 97, "{refused} of {}", sod.len());
}

#[test]
fn a_holders_key_signs_no_document() {
    let world = world();
    for reference in KeyReference::CURRENT {
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
        let biometric = match size % 2 {
            0 => Biometric::FacialImage,
            _ => Biometric::Fingerprints,
        };
        let mut object = BiometricObject {
            biometric,
            record: vec![size; usize::from(size)],
            ..facial_image()
        };
        let card = [size; 16];
        sign_biometric(&mut object, card, &mut signer).unwrap();
        let mut read = BiometricObject::decode(biometric, &object.encode().unwrap()).unwrap();
        let verify =
            |read: &_, card| verify_biometric(read, card, &world.content_signer, root, now);
        verify(&read, card).unwrap();
        // The certificate is in the CHUID alone, and another card's fingers are not this one's.
        assert!(matches!(
            verify_biometric(&read, card, &world.document_signer, root, now),
            Err(Error::SignedObject(_))
        ));
        assert!(matches!(
            verify(&read, [0xFF; 16]),
            Err(Error::SignedObject(_))
        ));
        read.record.push(0);
        assert!(matches!(verify(&read, card), Err(Error::Signature)));
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
    let verify = |contents: &[_]| {
        verify_piv_security_object(&object, contents, &world.content_signer, root, now)
    };
    assert_eq!(
        verify(&contents).unwrap(),
        [Container::Chuid, Container::PrintedInformation]
    );
    assert_eq!(
        verify(&contents[1..]).unwrap(),
        [Container::PrintedInformation]
    );
    let another = [contents[0], (Container::PrintedInformation, b"three")];
    assert!(matches!(verify(&another), Err(Error::DataGroup(_))));
    // Its certificate is in the CHUID.
    assert!(matches!(
        verify_signed_object(
            &object.signed,
            ContentType::LdsSecurityObject,
            None,
            root,
            now
        ),
        Err(Error::SignedObject(_))
    ));
    // A signature over one kind of content is none over another.
    assert!(matches!(
        verify_signed_object(&object.signed, ContentType::Chuid, None, root, now),
        Err(Error::SignedObject(_))
    ));
}
