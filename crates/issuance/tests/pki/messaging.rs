//! Card-verifiable certificates of secure messaging: issued, judged by their signer's chain, and put before OpenSSL.

use negin_apdu::tlv::{self, Tag};
use negin_eid::piv::{KeyReference, SecureMessagingSigner};
use negin_issuance::pki::{Certificate, Untrusted, issue_messaging, verify_messaging_signer};
use negin_secure_channel::opacity::{Cvc, CvcSubject};
use std::fs;

use super::openssl::{openssl, pem};
use super::world::{
    CARD, CONTENT_SIGNER, DOCUMENT_SIGNER, World, in_year, key, point, signer, untrusted, world,
};

const UUID: [u8; 16] = [0x42; 16];

fn issued(world: &World) -> Cvc {
    let key = point(&key(CARD));
    let (content, mut signer) = (&world.content_signer, signer_of(CONTENT_SIGNER));
    issue_messaging(content, &mut signer, &key, UUID).unwrap()
}

fn signer_of(n: u8) -> negin_issuance::pki::Signer<'static> {
    // The tests' keys are made of a number; one that outlives its test is no loss.
    signer(Box::leak(Box::new(key(n))))
}

fn container(certificate: &Certificate) -> SecureMessagingSigner {
    SecureMessagingSigner::new(certificate.der())
}

#[test]
fn a_certificate_is_verified_up_to_the_root() {
    let world = world();
    let certificate = issued(&world);
    assert_eq!(certificate.subject(), CvcSubject::Card(UUID));
    assert_eq!(certificate.point(), point(&key(CARD)).as_bytes());
    let signer = container(&world.content_signer);
    let (signer, intermediate) =
        verify_messaging_signer(&signer, world.root(), in_year(2026)).unwrap();
    assert_eq!(intermediate, None);
    assert_eq!(certificate.verify(&signer, None), Ok(()));
    // The wrong key in the store issues nothing.
    let wrong = issue_messaging(
        &world.content_signer,
        &mut signer_of(DOCUMENT_SIGNER),
        &point(&key(CARD)),
        UUID,
    );
    assert_eq!(wrong.unwrap_err().key(), "pki.signer-key");
}

#[test]
fn only_a_content_signer_in_its_time_is_believed() {
    let world = world();
    let judged = |certificate: &Certificate, year| {
        verify_messaging_signer(&container(certificate), world.root(), in_year(year)).map(drop)
    };
    assert!(judged(&world.content_signer, 2026).is_ok());
    assert_eq!(
        untrusted(judged(&world.content_signer, 2035)),
        Untrusted::Expired
    );
    let holder = world.card(KeyReference::Authentication).unwrap();
    assert_eq!(untrusted(judged(&holder, 2026)), Untrusted::Usage);
    assert!(judged(world.root(), 2026).is_err());
    let mut compressed = container(&world.content_signer);
    compressed.compressed = true;
    let refused = verify_messaging_signer(&compressed, world.root(), in_year(2026));
    assert_eq!(refused.unwrap_err().key(), "pki.certificate");
    let mut broken = container(&world.content_signer);
    broken.intermediate = Some(vec![0x7F, 0x21, 0x00]);
    let refused = verify_messaging_signer(&broken, world.root(), in_year(2026));
    assert_eq!(refused.unwrap_err().key(), "pki.certificate");
}

#[test]
fn openssl_verifies_the_signature() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let certificate = issued(&world);
    let value = tlv::only(certificate.as_bytes(), Tag::new(0x7F21)).unwrap();
    let signature = tlv::find(value, &[Tag::new(0x5F37)]).unwrap();
    let body = &value[..value.len() - signature.len() - 3];
    fs::write(folder.join("body"), body).unwrap();
    fs::write(folder.join("object"), signature).unwrap();
    let Some(signer) = pem(folder, "signer", &world.content_signer) else {
        return;
    };
    let run = |arguments: &[&str]| {
        let (done, said) = openssl(folder, arguments).unwrap();
        assert!(done, "{arguments:?}: {said}");
        said
    };
    run(&[
        "x509", "-in", &signer, "-noout", "-pubkey", "-out", "public",
    ]);
    let parsed = run(&["asn1parse", "-inform", "DER", "-in", "object"]);
    assert!(parsed.contains("ecdsa-with-SHA256"), "{parsed}");
    // SEQUENCE {SEQUENCE {algorithm}, BIT STRING {signature}}: what is behind the bits' first byte.
    let sequence = tlv::only(signature, Tag::new(0x30)).unwrap();
    let bits = tlv::find(sequence, &[Tag::new(0x03)]).unwrap();
    fs::write(folder.join("signature"), &bits[1..]).unwrap();
    let arguments = [
        "dgst",
        "-sha256",
        "-verify",
        "public",
        "-signature",
        "signature",
    ];
    run(&[&arguments[..], &["body"]].concat());
    fs::write(folder.join("body"), &body[1..]).unwrap();
    let (forged, _) = openssl(folder, &[&arguments[..], &["body"]].concat()).unwrap();
    assert!(!forged);
}
