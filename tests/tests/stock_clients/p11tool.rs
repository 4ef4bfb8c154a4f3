//! GnuTLS's p11tool through OpenSC's module.

use crate::bench::Bench;
use crate::cards::issued;

#[test]
fn p11tool_lists_and_signs() {
    let bench = Bench::with(&[&issued().state]);
    bench.run(
        r#"
        export GNUTLS_PIN="$PIN"
        step tokens p11tool --provider "$OPENSC" --list-token-urls
        token=$(grep -F manufacturer=piv_II tokens.said)
        step objects p11tool --provider "$OPENSC" --login --list-all "$token"
        step sign p11tool --provider "$OPENSC" --login --test-sign "$token;id=%01;type=private"
        "#,
    );
    bench.succeeded("tokens");
    bench.says(
        "objects",
        &["PIV AUTH key", "KEY MAN key", "EC/ECDSA-SECP256R1"],
    );
    bench.says("sign", &["Verifying against public key in the token... ok"]);
}
