//! pkcs11-tool through OpenSC's module: log-in, its own tests, and signatures, key agreement and deciphering that
//! OpenSSL confirms.

use negin_tests::openssl::openssl;

use crate::bench::Bench;
use crate::cards::{citizens, issued, p384, rsa};

/// The functions that every script here uses.
const TOOLS: &str = r#"
printf 'what is signed' >message
for id in 01 02 03; do
    step certificate-$id pkcs11-tool --module "$OPENSC" --read-object --type cert --id $id --output-file $id.der
    step public-$id sh -c "openssl x509 -inform DER -in $id.der -noout -pubkey >$id.pem"
done
"#;

/// What `pkcs11-tool --test` may complain of: nothing.
fn test_passed(bench: &Bench) {
    let said = bench.succeeded("test");
    assert!(said.contains("No errors"), "{said}");
}

/// Log-in, signatures with 9A and 9C, and key agreement with 9D, on a card with keys of a curve.
fn signs_and_agrees(state: &[u8], curve: &str, hash: &str) -> Bench {
    let bench = Bench::with(&[state]);
    bench.run(&format!(
        r#"{TOOLS}
        step slots pkcs11-tool --module "$OPENSC" --list-slots
        step objects pkcs11-tool --module "$OPENSC" --login --pin "$PIN" --list-objects
        step mechanisms pkcs11-tool --module "$OPENSC" --list-mechanisms
        step test pkcs11-tool --module "$OPENSC" --login --pin "$PIN" --test
        step wrong pkcs11-tool --module "$OPENSC" --login --pin 000000 --list-objects
        for id in 01 02; do
            step sign-$id pkcs11-tool --module "$OPENSC" --login --pin "$PIN" --sign --id $id \
                --mechanism ECDSA-{hash} --signature-format openssl --input-file message --output-file $id.signature
            step verify-$id openssl dgst -{hash} -verify $id.pem -signature $id.signature message
            step self-verify-$id pkcs11-tool --module "$OPENSC" --verify --id $id \
                --mechanism ECDSA-{hash} --signature-format openssl --input-file message --signature-file $id.signature
        done
        step peer openssl ecparam -name {curve} -genkey -noout -out peer.key
        step peer-public openssl ec -in peer.key -pubout -outform DER -out peer.der
        step derive pkcs11-tool --module "$OPENSC" --login --pin "$PIN" --derive --id 03 \
            --mechanism ECDH1-COFACTOR-DERIVE --input-file peer.der --output-file shared.card
        step expected openssl pkeyutl -derive -inkey peer.key -peerkey 03.pem -out shared.host
        "#
    ));
    bench.says(
        "slots",
        &["Negin Simulated Reader", "token label", "PIN initialized"],
    );
    bench.says(
        "objects",
        &["PIV AUTH key", "SIGN key", "KEY MAN key", "CARD AUTH key"],
    );
    bench.says("mechanisms", &["ECDSA", "ECDH1-COFACTOR-DERIVE"]);
    bench.refused("wrong");
    for id in ["01", "02"] {
        bench.succeeded(&format!("sign-{id}"));
        bench.says(&format!("verify-{id}"), &["Verified OK"]);
        bench.says(&format!("self-verify-{id}"), &["Signature is valid"]);
    }
    bench.succeeded("derive");
    bench.succeeded("expected");
    assert_eq!(bench.get("shared.card"), bench.get("shared.host"));
    bench
}

#[test]
fn p_256_signs_and_agrees() {
    test_passed(&signs_and_agrees(&issued().state, "prime256v1", "SHA256"));
}

#[test]
fn p_384_signs_and_agrees() {
    test_passed(&signs_and_agrees(&p384().state, "secp384r1", "SHA384"));
}

#[test]
fn a_citizens_card_signs_and_agrees() {
    let bench = signs_and_agrees(&citizens().state, "prime256v1", "SHA256");
    // Random numbers are an administrator's challenge, and this card has no administrator.
    let said = bench.succeeded("test");
    assert!(said.contains("C_GenerateRandom failed"), "{said}");
    assert_eq!(said.matches("ERR").count(), 1, "{said}");
    assert!(said.contains("1 errors"), "{said}");
}

#[test]
fn rsa_signs_and_deciphers() {
    let bench = Bench::with(&[&rsa().state]);
    bench.run(&format!(
        r#"{TOOLS}
        step test pkcs11-tool --module "$OPENSC" --login --pin "$PIN" --test
        for id in 01 02; do
            step sign-$id pkcs11-tool --module "$OPENSC" --login --pin "$PIN" --sign --id $id \
                --mechanism SHA256-RSA-PKCS --input-file message --output-file $id.signature
            step verify-$id openssl dgst -sha256 -verify $id.pem -signature $id.signature message
            step self-verify-$id pkcs11-tool --module "$OPENSC" --verify --id $id \
                --mechanism SHA256-RSA-PKCS --input-file message --signature-file $id.signature
        done
        step sign-pss pkcs11-tool --module "$OPENSC" --login --pin "$PIN" --sign --id 01 \
            --mechanism SHA256-RSA-PKCS-PSS --input-file message --output-file pss.signature
        step verify-pss openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1 \
            -verify 01.pem -signature pss.signature message
        step encrypt openssl pkeyutl -encrypt -pubin -inkey 03.pem -in message -out enciphered
        step decrypt pkcs11-tool --module "$OPENSC" --login --pin "$PIN" --decrypt --id 03 \
            --mechanism RSA-PKCS --input-file enciphered --output-file deciphered
        "#
    ));
    test_passed(&bench);
    for id in ["01", "02"] {
        bench.succeeded(&format!("sign-{id}"));
        bench.says(&format!("verify-{id}"), &["Verified OK"]);
        bench.says(&format!("self-verify-{id}"), &["Signature is valid"]);
    }
    bench.succeeded("sign-pss");
    bench.says("verify-pss", &["Verified OK"]);
    bench.succeeded("encrypt");
    bench.succeeded("decrypt");
    assert_eq!(bench.get("deciphered"), bench.get("message"));
    let (read, said) = openssl(
        bench.folder(),
        &["pkey", "-pubin", "-in", "03.pem", "-noout", "-text"],
    );
    assert!(read && said.contains("2048 bit"), "{said}");
}
