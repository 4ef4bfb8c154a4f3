//! pkcs15-tool: the card as a set of certificates, keys, PINs and data objects.

use negin_tests::openssl::openssl;

use crate::bench::Bench;
use crate::cards::{MOMENT, issued};

#[test]
fn pkcs15_tool_dumps_and_reads() {
    let issued = issued();
    let bench = Bench::with(&[&issued.state]);
    bench.put("root.pem", &issued.root);
    bench.run(
        r#"
        step dump pkcs15-tool --dump
        step certificates pkcs15-tool --list-certificates
        for id in 01 02 03 04; do
            step certificate-$id pkcs15-tool --read-certificate $id
        done
        step key pkcs15-tool --read-ssh-key 01
        step public pkcs15-tool --read-public-key 02
        step pin pkcs15-tool --verify-pin --auth-id 01 --pin "$PIN"
        step wrong pkcs15-tool --verify-pin --auth-id 01 --pin 000000
        step printed pkcs15-tool --verify-pin --auth-id 01 --pin "$PIN" --read-data-object 'Printed Information' --raw
        step locked pkcs15-tool --read-data-object 'Printed Information' --raw
        "#,
    );
    bench.says(
        "dump",
        &[
            "Private EC Key [PIV AUTH key]",
            "Private EC Key [SIGN key]",
            "Private EC Key [KEY MAN key]",
            "Private EC Key [CARD AUTH key]",
            "Certificate for PIV Authentication",
            "Certificate for Digital Signature",
            "Certificate for Key Management",
            "Certificate for Card Authentication",
            "Card Holder Unique Identifier",
            "Security Object",
        ],
    );
    for id in ["01", "02", "03", "04"] {
        let certificate = bench.succeeded(&format!("certificate-{id}"));
        bench.put("card.pem", certificate);
        let (verified, said) = openssl(
            bench.folder(),
            &[
                "verify", "-attime", MOMENT, "-CAfile", "root.pem", "card.pem",
            ],
        );
        assert!(verified, "certificate {id}: {said}");
    }
    bench.says("key", &["ecdsa-sha2-nistp256 "]);
    bench.says("public", &["BEGIN PUBLIC KEY"]);
    bench.succeeded("pin");
    bench.refused("wrong");
    bench.says("printed", &["PIV TOKEN"]);
    bench.refused("locked");
}
