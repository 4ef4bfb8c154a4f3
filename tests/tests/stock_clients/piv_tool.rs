//! piv-tool: the administrator with key 9B, as the standard has it.
//!
//! Version 0.23 does some things by halves, with any card: external authentication (`A:9B:03`) ends at a check of its
//! own before the card hears the answer to its challenge; and with OpenSSL 3 it cannot write down the public key that
//! GENERATE answered, of RSA or of a curve. The key is in the card nevertheless, whose attestation tells the public key.
//! Its exit status after writing tells how many bytes it wrote.

use crate::bench::Bench;
use crate::cards::{MANAGEMENT_KEY, issued};

#[test]
fn piv_tool_administers() {
    let bench = Bench::with(&[&issued().state]);
    let bytes: Vec<_> = MANAGEMENT_KEY
        .as_bytes()
        .chunks(2)
        .map(|pair| String::from_utf8_lossy(pair).into_owned())
        .collect();
    bench.put("management", bytes.join(":"));
    bench.put("wrong", bytes.join(":").replace("08", "18"));
    bench.run(
        r#"
        attest() {
            step "$1" yubico-piv-tool --reader Negin -s "$2" -a attest
            step "$1-key" openssl x509 -in "$1.said" -noout -pubkey
        }
        step name piv-tool --name
        step serial piv-tool --serial
        step apdu piv-tool --send-apdu 00:20:00:80
        attest issued 9d
        step nobody piv-tool --genkey 9D:07
        PIV_EXT_AUTH_KEY=wrong step somebody piv-tool --admin M:9B:03 --genkey 9D:07
        attest untouched 9d
        export PIV_EXT_AUTH_KEY=management
        step mutual piv-tool --admin M:9B:03
        step rsa piv-tool --admin M:9B:03 --genkey 9D:07
        attest rsa 9d
        step p384 piv-tool --admin M:9B:03 --genkey 9D:14
        attest p384 9d
        step load piv-tool --admin M:9B:03 --cert 9E --in p384.said
        step read pkcs15-tool --read-certificate 04
        printf '\123\006\001\004card' >object
        step object piv-tool --admin M:9B:03 --object 3001 --in object
        step printed pkcs15-tool --verify-pin --auth-id 01 --pin "$PIN" --read-data-object 'Printed Information' --raw
        "#,
    );
    bench.says("name", &["Personal Identity Verification Card"]);
    bench.succeeded("serial");
    bench.says("apdu", &["SW1=0x63, SW2=0xC5"]);
    bench.refused("nobody");
    bench.refused("somebody");
    let key = |name: &str| bench.succeeded(&format!("{name}-key"));
    assert_eq!(key("issued"), key("untouched"));
    bench.succeeded("mutual");
    assert_ne!(key("issued"), key("rsa"));
    assert_ne!(key("rsa"), key("p384"));
    let written = String::from_utf8(bench.get("p384.said")).expect("PEM");
    bench.says("read", &[written.trim()]);
    bench.says("printed", &["card"]);
}
