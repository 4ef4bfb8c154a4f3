//! yubico-piv-tool: the card administered by the extensions that it takes for granted.

use negin_tests::desk::PIN;

use crate::bench::Bench;
use crate::cards::{citizens, issued};

/// The tool, in a reader of ours. A slot is given with `-s`.
const TOOL: &str = r#"
piv() { name=$1; shift; step "$name" yubico-piv-tool --reader Negin "$@"; }
"#;

fn run(bench: &Bench, script: &str) {
    bench.run(&format!("{TOOL}PUK={}\n{script}", issued().puk));
}

#[test]
fn status_tells_what_is_there() {
    let bench = Bench::with(&[&issued().state]);
    run(
        &bench,
        "piv readers -a list-readers\npiv version -a version\npiv status -a status",
    );
    bench.says("readers", &["Negin Simulated Reader"]);
    bench.succeeded("version");
    bench.says(
        "status",
        &[
            "Slot 9a",
            "Slot 9c",
            "Slot 9d",
            "Slot 9e",
            "ECCP256",
            "CHUID:",
            "CCC:",
            "PIN tries left:\t5",
        ],
    );
    // The end of the chip's number.
    bench.says("status", &["Version:\t5.4.3", "Serial Number:\t117901063"]);
}

/// Key after key: made in the card, certified, used.
const CERTIFIED: &str = r#"
step authority openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=authority
step request openssl req -new -newkey rsa:2048 -nodes -keyout host.key -out host.csr -subj /CN=host
of() {
    slot=$1; algorithm=$2; key=$slot-$algorithm
    piv generate-$key -s $slot -A $algorithm -a generate -o $key.public
    step certify-$key openssl x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
        -force_pubkey $key.public -days 30 -out $key.pem
    piv import-$key -s $slot -a import-certificate -i $key.pem
    piv read-$key -s $slot -a read-certificate
    piv signature-$key -s $slot -P "$PIN" -a verify-pin -a test-signature -i $key.pem
}
"#;

#[test]
fn keys_are_generated_certified_and_used() {
    let bench = Bench::with(&[&issued().state]);
    run(
        &bench,
        &format!(
            r#"{CERTIFIED}
            of 9a RSA2048
            of 9a ECCP256
            of 9c ECCP384
            of 9c RSA2048
            of 9e ECCP256
            of 9d RSA2048
            piv decipher-rsa -s 9d -P "$PIN" -a verify-pin -a test-decipher -i 9d-RSA2048.pem
            of 9d ECCP256
            piv decipher-ec -s 9d -P "$PIN" -a verify-pin -a test-decipher -i 9d-ECCP256.pem
            of 82 ECCP384
            piv decipher-82 -s 82 -P "$PIN" -a verify-pin -a test-decipher -i 82-ECCP384.pem
            piv status -a status
            "#
        ),
    );
    for key in [
        "9a-RSA2048",
        "9a-ECCP256",
        "9c-ECCP384",
        "9c-RSA2048",
        "9e-ECCP256",
        "9d-RSA2048",
        "9d-ECCP256",
        "82-ECCP384",
    ] {
        for step in ["generate", "certify", "import"] {
            bench.succeeded(&format!("{step}-{key}"));
        }
        assert_eq!(
            bench.succeeded(&format!("read-{key}")).trim(),
            String::from_utf8_lossy(&bench.get(&format!("{key}.pem"))).trim()
        );
        bench.says(&format!("signature-{key}"), &["Successful"]);
    }
    for key in ["rsa", "ec", "82"] {
        bench.says(&format!("decipher-{key}"), &["Successful"]);
    }
    bench.says("status", &["Slot 9c", "Slot 82", "ECCP384"]);
}

/// Requests and certificates that the tool signs itself. Version 2.2 with OpenSSL 3 fails to, with any card: it puts its
/// own way of signing on a copy of the key and signs with the original, so that the card is never asked. Where that has
/// been mended, what comes out is checked; where not, that the card has nothing to do with it. The same with
/// [another client](super::ykman) shows that card and keys can do it.
#[test]
fn requests_and_certificates_are_signed() {
    let bench = Bench::with(&[&issued().state]);
    run(
        &bench,
        r#"
        of() {
            slot=$1; algorithm=$2
            piv generate-$slot -s $slot -A $algorithm -a generate -o $slot.public
            piv request-$slot -v2 -s $slot -P "$PIN" -S /CN=requested/ -a verify-pin -a request-certificate \
                -i $slot.public -o $slot.csr
            step check-request-$slot openssl req -in $slot.csr -noout -verify
            piv selfsign-$slot -v2 -s $slot -P "$PIN" -S /CN=signed/ -a verify-pin -a selfsign-certificate \
                -i $slot.public -o $slot.pem
            step check-selfsign-$slot openssl verify -CAfile $slot.pem $slot.pem
        }
        of 9a ECCP256
        of 9c RSA2048
        "#,
    );
    for slot in ["9a", "9c"] {
        bench.succeeded(&format!("generate-{slot}"));
        for action in ["request", "selfsign"] {
            let (status, said) = bench.step(&format!("{action}-{slot}"));
            if status == 0 {
                bench.succeeded(&format!("check-{action}-{slot}"));
                println!("yubico-piv-tool: {action} with {slot}: signed and verified");
            } else {
                assert!(said.contains("Successfully verified PIN"), "{said}");
                // No GENERAL AUTHENTICATE went out.
                assert!(
                    !said.contains("> 00 87 ") && !said.contains("> 10 87 "),
                    "{said}"
                );
                println!(
                    "yubico-piv-tool: {action} with {slot}: the tool fails before it asks the card"
                );
            }
        }
    }
}

#[test]
fn keys_made_outside_are_imported() {
    let bench = Bench::with(&[&issued().state]);
    run(
        &bench,
        r#"
        of() {
            slot=$1; key=$2; shift 2
            step make-$key openssl req -x509 -nodes -keyout $key.key -out $key.pem -days 30 -subj /CN=$key "$@"
            piv import-$key -s $slot -a import-key -i $key.key
            piv certificate-$key -s $slot -a import-certificate -i $key.pem
            piv signature-$key -s $slot -P "$PIN" -a verify-pin -a test-signature -i $key.pem
        }
        of 9a p256 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1
        of 9c p384 -newkey ec -pkeyopt ec_paramgen_curve:secp384r1
        of 9d rsa -newkey rsa:2048
        piv decipher -s 9d -P "$PIN" -a verify-pin -a test-decipher -i rsa.pem
        piv delete -s 9a -a delete-certificate
        piv gone -s 9a -a read-certificate
        "#,
    );
    for key in ["p256", "p384", "rsa"] {
        for step in ["make", "import", "certificate"] {
            bench.succeeded(&format!("{step}-{key}"));
        }
        bench.says(&format!("signature-{key}"), &["Successful"]);
    }
    bench.says("decipher", &["Successful"]);
    bench.succeeded("delete");
    bench.refused("gone");
}

#[test]
fn pins_are_verified_changed_and_unblocked() {
    let bench = Bench::with(&[&issued().state]);
    run(
        &bench,
        r#"
        piv verify -P "$PIN" -a verify-pin
        piv wrong -P 111111 -a verify-pin
        piv one-less -a status
        piv change -P "$PIN" -N 987654 -a change-pin
        piv old -P "$PIN" -a verify-pin
        piv new -P 987654 -a verify-pin
        for try in 1 2 3 4 5 6; do piv blocked -P 111111 -a verify-pin; done
        piv none-left -a status
        piv refused -P 987654 -a verify-pin
        piv unblock -P "$PUK" -N "$PIN" -a unblock-pin
        piv again -P "$PIN" -a verify-pin
        piv puk -P "$PUK" -N 87654321 -a change-puk
        piv old-puk -P "$PUK" -N "$PIN" -a unblock-pin
        piv new-puk -P 87654321 -N "$PIN" -a unblock-pin
        piv full -a status
        "#,
    );
    for step in [
        "verify", "change", "new", "unblock", "again", "puk", "new-puk",
    ] {
        bench.succeeded(step);
    }
    for step in ["wrong", "old", "blocked", "refused", "old-puk"] {
        bench.refused(step);
    }
    bench.says("one-less", &["PIN tries left:\t4"]);
    bench.says("none-left", &["PIN tries left:\t0"]);
    bench.says("full", &["PIN tries left:\t5"]);
    assert_eq!(PIN.len(), 6);
}

#[test]
fn the_card_is_administered() {
    let bench = Bench::with(&[&issued().state]);
    run(
        &bench,
        r#"
        new=0807060504030201080706050403020108070605040302FF
        piv wrong-key -k$new -a set-chuid
        piv chuid -a set-chuid
        piv ccc -a set-ccc
        piv status -a status
        printf '530401020304' >object
        piv write --id 0x5fc10c -f hex -i object -a write-object
        piv read --id 0x5fc10c -f hex -a read-object
        piv key -n$new -a set-mgm-key
        piv old-key -a set-chuid
        piv new-key -k$new -a set-chuid
        piv retries -k$new -P "$PIN" --pin-retries 7 --puk-retries 4 -a verify-pin -a pin-retries
        piv seven -a status
        piv kept -P "$PIN" -a verify-pin
        "#,
    );
    for step in ["chuid", "ccc", "write", "key", "new-key", "retries", "kept"] {
        bench.succeeded(step);
    }
    for step in ["wrong-key", "old-key"] {
        bench.refused(step);
    }
    bench.says("status", &["CHUID:\t30"]);
    bench.says("seven", &["PIN tries left:\t7"]);
}

#[test]
fn keys_made_in_the_card_are_attested() {
    let bench = Bench::with(&[&issued().state]);
    run(
        &bench,
        r#"
        piv generate -s 9a -A ECCP256 -a generate -o 9a.public
        piv attest -s 9a -a attest -o 9a.pem
        piv authority -s f9 -a read-certificate -o f9.pem
        step verify openssl verify -partial_chain -trusted f9.pem 9a.pem
        step key sh -c 'openssl x509 -in 9a.pem -noout -pubkey | cmp - 9a.public'
        step make openssl ecparam -name prime256v1 -genkey -noout -out outside.key
        piv import -s 9d -a import-key -i outside.key
        piv imported -s 9d -a attest
        "#,
    );
    for step in ["generate", "attest", "authority", "verify", "key", "import"] {
        bench.succeeded(step);
    }
    // What came from outside was not made in the card.
    bench.refused("imported");
}

#[test]
fn a_blocked_card_is_reset() {
    let bench = Bench::with(&[&issued().state]);
    run(
        &bench,
        r#"
        piv early -a reset
        for try in 1 2 3 4 5; do piv pin -P 111111 -a verify-pin; done
        for try in 1 2 3 4 5 6 7 8 9 10; do piv puk -P 11111111 -N 222222 -a unblock-pin; done
        piv reset -a reset
        piv key -s 9a -a read-certificate
        piv verify -P "$PIN" -a verify-pin
        "#,
    );
    bench.refused("early");
    bench.succeeded("reset");
    // Nothing of the holder's is left, and a card that belongs to nobody waits for its issuer.
    bench.refused("key");
    bench.refused("verify");
}

#[test]
fn a_citizens_card_is_its_issuers() {
    let bench = Bench::with(&[&citizens().state]);
    run(
        &bench,
        r#"
        piv status -a status
        piv verify -P "$PIN" -a verify-pin
        piv version -a version
        piv generate -s 9a -A ECCP256 -a generate
        piv chuid -a set-chuid
        piv attest -s 9a -a attest
        piv reset -a reset
        piv again -P "$PIN" -a verify-pin
        "#,
    );
    bench.says("status", &["Slot 9a", "PIN tries left:\t5"]);
    for step in ["verify", "again"] {
        bench.succeeded(step);
    }
    bench.says("version", &["Failed to retrieve application version"]);
    for step in ["generate", "chuid", "attest", "reset"] {
        bench.refused(step);
    }
}
