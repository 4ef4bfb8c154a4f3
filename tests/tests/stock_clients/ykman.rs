//! Yubico's ykman, told to take a reader for one in which a YubiKey lies.

use crate::bench::Bench;
use crate::cards::{MANAGEMENT_KEY, issued};

#[test]
fn ykman_administers_the_card() {
    let bench = Bench::with(&[&issued().state]);
    bench.run(&format!(
        r#"
        piv() {{ name=$1; shift; step $name ykman --reader Negin piv "$@"; }}
        of() {{
            piv generate-$1 keys generate --management-key {MANAGEMENT_KEY} --pin "$PIN" --algorithm $2 $1 $1.public
            piv certify-$1 certificates generate --management-key {MANAGEMENT_KEY} --pin "$PIN" --subject CN=made \
                $1 $1.public
            piv export-$1 certificates export $1 $1.pem
            step verify-$1 openssl verify -CAfile $1.pem $1.pem
            piv request-$1 certificates request --pin "$PIN" --subject CN=wanted $1 $1.public $1.csr
            step check-$1 openssl req -in $1.csr -noout -verify
            piv attest-$1 keys attest $1 $1.attested
            step attested-$1 openssl x509 -in $1.attested -noout -pubkey
        }}
        piv info info
        of 9a ECCP256
        of 9c RSA2048
        piv change access change-pin --pin "$PIN" --new-pin 987654
        piv wrong access change-pin --pin "$PIN" --new-pin 123456
        "#
    ));
    bench.says(
        "info",
        &["PIV version: 5.4.3", "PIN tries remaining: 5/5", "Slot 9e:"],
    );
    for slot in ["9a", "9c"] {
        for step in [
            "generate", "certify", "export", "verify", "request", "attest",
        ] {
            bench.succeeded(&format!("{step}-{slot}"));
        }
        bench.says(&format!("check-{slot}"), &["verify OK"]);
        let made = String::from_utf8(bench.get(&format!("{slot}.public"))).expect("PEM");
        assert_eq!(
            bench.succeeded(&format!("attested-{slot}")).trim(),
            made.trim()
        );
    }
    bench.succeeded("change");
    bench.refused("wrong");
}
