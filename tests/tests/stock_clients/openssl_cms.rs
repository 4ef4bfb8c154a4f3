//! OpenSSL with the card behind its PKCS#11 engine: a signed message, verified against the card's certificate.

use crate::bench::Bench;
use crate::cards::{MOMENT, issued, rsa};

const SCRIPT: &str = r#"
cat >engine.cnf <<END
openssl_conf = all
[all]
engines = engines
[engines]
pkcs11 = pkcs11
[pkcs11]
engine_id = pkcs11
MODULE_PATH = $OPENSC
init = 0
END
printf 'what is signed' >message
for id in 01 02; do
    step certificate-$id pkcs15-tool --read-certificate $id --output $id.pem
    # The signature key wants the PIN once more: the engine asks for it.
    step sign-$id sh -c 'echo "$PIN" | OPENSSL_CONF=engine.cnf "$@"' - openssl cms -sign -binary -nosmimecap -md sha256 \
        -engine pkcs11 -keyform engine -inkey "pkcs11:id=%$id;type=private;pin-value=$PIN" \
        -signer $id.pem -in message -outform DER -out $id.signed
    step verify-$id openssl cms -verify -binary -inform DER -in $id.signed -content message -CAfile root.pem \
        -purpose any -attime "$MOMENT" -out $id.content
    # The card's certificate is the signer's, and no other would do.
    step signer-$id openssl cms -verify -binary -inform DER -in $id.signed -content message -noverify -nointern \
        -certfile $id.pem -out $id.again
done
"#;

fn signs(state: &[u8], root: &str, moment: &str) {
    let bench = Bench::with(&[state]);
    bench.put("root.pem", root);
    bench.run(&format!("MOMENT={moment}\n{SCRIPT}"));
    for id in ["01", "02"] {
        for step in ["certificate", "sign", "verify", "signer"] {
            bench.succeeded(&format!("{step}-{id}"));
        }
        assert_eq!(bench.get(&format!("{id}.content")), b"what is signed");
        assert_eq!(bench.get(&format!("{id}.again")), b"what is signed");
    }
}

#[test]
fn openssl_signs_with_p_256() {
    let card = issued();
    signs(&card.state, &card.root, MOMENT);
}

#[test]
fn openssl_signs_with_rsa() {
    let card = rsa();
    signs(&card.state, &card.root, "$(date +%s)");
}
