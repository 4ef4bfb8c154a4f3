//! OpenSSL as the peer: what it says of the certificates and signed objects that were read back from a card.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::path::Path;

use negin_eid::lds::{FileId, unwrap_sod};
use negin_eid::piv::{Chuid, Container, KeyReference};
use negin_tests::holding::Holding;
use negin_tests::journey::World;
use negin_tests::office::{MORNING, Office};
use negin_tests::openssl::openssl;
use sha2::{Digest, Sha256};

/// `MORNING` as OpenSSL takes it.
fn moment() -> String {
    (MORNING / 1000).to_string()
}

/// Verifies a CMS object, its content beside it or inside; gives the content where it was inside.
fn verify_cms(folder: &Path, object: &[u8], beside: Option<&[u8]>) -> Result<Vec<u8>, String> {
    std::fs::write(folder.join("object"), object).expect("room");
    let moment = moment();
    let mut arguments = vec![
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "object",
        "-CAfile",
        "root.pem",
        "-purpose",
        "any",
        "-attime",
        &moment,
        "-out",
        "content.out",
    ];
    if let Some(content) = beside {
        std::fs::write(folder.join("content"), content).expect("room");
        arguments.extend(["-content", "content"]);
    }
    let (verified, said) = openssl(folder, &arguments);
    if !verified {
        return Err(said);
    }
    Ok(std::fs::read(folder.join("content.out")).expect("written"))
}

#[test]
fn openssl_verifies_what_a_delivered_card_holds() {
    let world = World::of(Office::new(7), 1);
    let mut journey = world.locked();
    journey.finish();
    let (holding, certificates) = Holding::read(&journey.card, &world.office, &world.probes);
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let root = world.office.credentials.root_pem().expect("PEM");
    std::fs::write(folder.join("root.pem"), root).expect("room");

    // Each certificate, up to the root, and for what it may be used.
    for key in KeyReference::CURRENT {
        let certificate = &certificates[&key.code()];
        std::fs::write(folder.join("card.der"), certificate.der()).expect("room");
        let (read, said) = openssl(
            folder,
            &[
                "x509", "-inform", "DER", "-in", "card.der", "-out", "card.pem",
            ],
        );
        assert!(read, "{said}");
        let at = |moment: &str| {
            let arguments = [
                "verify",
                "-x509_strict",
                "-attime",
                moment,
                "-CAfile",
                "root.pem",
                "card.pem",
            ];
            openssl(folder, &arguments)
        };
        let (verified, said) = at(&moment());
        assert!(verified, "{key:?}: {said}");
        let too_late = (certificate.validity().not_after.unix_millis() / 1000 + 1).to_string();
        assert!(!at(&too_late).0, "{key:?} after its end");
        let (_, text) = openssl(folder, &["x509", "-in", "card.pem", "-noout", "-subject"]);
        let number = world.office.profile.document.number(1).expect("a number");
        assert!(text.contains(&number), "{text}");
    }

    let chuid = Chuid::decode(&holding.containers[&Container::Chuid]).expect("a CHUID");
    let content = chuid.signed_content().expect("encoded");
    verify_cms(folder, &chuid.signature, Some(&content)).expect("the CHUID's signature");
    let mut forged = content.clone();
    forged[10] ^= 1;
    verify_cms(folder, &chuid.signature, Some(&forged)).expect_err("another content");

    let sod = &holding.files[&FileId::Sod.id()];
    let signed = unwrap_sod(sod).expect("an EF.SOD");
    let hashes = verify_cms(folder, signed, None).expect("EF.SOD's signature");
    for file in FileId::ALL {
        if file.data_group().is_some() {
            let hash = Sha256::digest(&holding.files[&file.id()]);
            let named = hashes
                .windows(hash.len())
                .any(|bytes| bytes == hash.as_slice());
            assert!(named, "{file:?} is not what was signed");
        }
    }
    let (parsed, said) = openssl(
        folder,
        &["asn1parse", "-inform", "DER", "-in", "content.out"],
    );
    assert!(parsed && said.contains("sha256"), "{said}");
}

/// A card's authentication key, used as a client's: OpenSSL checks the signature with the certificate alone.
#[test]
fn openssl_verifies_what_a_card_signs() {
    use negin_apdu::Chaining;
    use negin_card::Piv;
    use negin_eid::piv::{CertificateObject, Pin};
    use negin_tests::desk::PIN;

    let world = World::of(Office::new(7), 1);
    let mut journey = world.locked();
    journey.finish();
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut piv = Piv::select(Chaining::new(journey.card.link())).expect("PIV");
    let key = KeyReference::Authentication;
    let object = piv.get(key.certificate()).expect("free").expect("there");
    let certificate = CertificateObject::decode(&object).expect("a certificate");
    assert!(
        piv.verify_pin(Pin::new(PIN).expect("a PIN"))
            .expect("told")
            .passed()
    );
    let message = b"a challenge of a server";
    let signature = piv
        .sign(key, &Sha256::digest(message).into())
        .expect("signed");

    for (file, bytes) in [
        ("card.der", certificate.certificate.as_slice()),
        ("message", message),
        ("signature", &signature),
        ("other", b"another challenge"),
    ] {
        std::fs::write(folder.join(file), bytes).expect("room");
    }
    let (read, said) = openssl(
        folder,
        &[
            "x509", "-inform", "DER", "-in", "card.der", "-pubkey", "-noout", "-out", "key.pem",
        ],
    );
    assert!(read, "{said}");
    let verify = |message: &str| {
        let arguments = [
            "dgst",
            "-sha256",
            "-verify",
            "key.pem",
            "-signature",
            "signature",
            message,
        ];
        openssl(folder, &arguments)
    };
    let (verified, said) = verify("message");
    assert!(verified, "{said}");
    assert!(!verify("other").0);
}
