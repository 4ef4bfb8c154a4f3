//! OpenSSL's command line as the peer, where it is installed.

use negin_eid::lds::unwrap_sod;
use negin_eid::piv::KeyReference;
use negin_issuance::pki::{
    Certificate, ContentType, ObjectSigner, sign_biometric, sign_chuid, verify_signed_object,
};
use negin_ledger::Timestamp;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::world::{CONTENT_SIGNER, chuid, facial_image, in_year, key, signer, sod, world};

pub fn openssl(folder: &Path, arguments: &[&str]) -> Option<(bool, String)> {
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
pub fn pem(folder: &Path, name: &str, certificate: &Certificate) -> Option<String> {
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
    let signer_file = pem(folder, "signer", &world.content_signer).unwrap();
    let verify = |object: &[u8], content: Option<&[u8]>| {
        fs::write(folder.join("object"), object).unwrap();
        let mut arguments = vec![
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-in",
            "object",
            "-CAfile",
            &root,
            "-purpose",
            "any",
            "-attime",
            &time,
            "-out",
            "out",
            "-certfile",
            &signer_file,
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
    sign_biometric(&mut image, [0x42; 16], &mut signer).unwrap();
    let content = image.signed_content(image.signature.len() as u16).unwrap();
    // OpenSSL was told the signer's certificate: among PIV's objects it is in the CHUID alone.
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
