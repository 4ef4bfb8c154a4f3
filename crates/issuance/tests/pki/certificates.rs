//! Certificates: what verifies, and what must not.

use negin_eid::piv::{KeyReference, PublicPoint};
use negin_issuance::pki::{
    Authority, Certificate, Error, ObjectSigner, Signer, SignerPurpose, Untrusted,
};
use p256::ecdsa::{Signature, signature::Signer as _};

use super::world::{
    CARD, DOCUMENT_SIGNER, ROOT, in_year, key, organisation, point, serial, signer, untrusted,
    world, years,
};

#[test]
fn a_cards_certificates_verify_up_to_the_root() {
    let world = world();
    for reference in KeyReference::CURRENT {
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
