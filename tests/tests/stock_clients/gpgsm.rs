//! GnuPG's gpgsm with the card through gnupg-pkcs11-scd and OpenSC's module. That daemon knows RSA only.

use crate::bench::Bench;
use crate::cards::rsa;

const SCRIPT: &str = r#"
export GNUPGHOME="$HOME/gnupg"
mkdir -m 700 "$GNUPGHOME"
# A pinentry that knows the PIN: it speaks Assuan as pinentry does.
cat >pinentry <<'END'
#!/bin/sh
echo "OK"
while read -r command rest; do
    case "$command" in
        GETPIN) echo "D $PIN"; echo "OK" ;;
        BYE) echo "OK"; exit 0 ;;
        *) echo "OK" ;;
    esac
done
END
chmod +x pinentry
cat >"$GNUPGHOME/gpg-agent.conf" <<END
scdaemon-program $(command -v gnupg-pkcs11-scd)
pinentry-program $HOME/pinentry
END
cat >"$GNUPGHOME/gnupg-pkcs11-scd.conf" <<END
providers opensc
provider-opensc-library $OPENSC
END
fingerprint=$(openssl x509 -in ca.pem -noout -fingerprint -sha1 | sed 's/.*=//')
echo "$fingerprint S relax" >"$GNUPGHOME/trustlist.txt"
step authority gpgsm --batch --import ca.pem
step learn gpgsm --batch --learn-card
step keys gpgsm --batch --list-secret-keys --with-colons
printf 'what is signed' >message
# The first certificate that may both sign and encipher is that of 9A.
holder=$(awk -F: '$1 == "crs" { may = $12 } $1 == "fpr" && may ~ /s/ && may ~ /e/ { print $10; exit }' keys.said)
step sign gpgsm --batch --disable-crl-checks --local-user "$holder" --output signed.der --detach-sign message
step verify gpgsm --batch --disable-crl-checks --verify signed.der message
step encrypt gpgsm --batch --disable-crl-checks --recipient "$holder" --output enciphered.der --encrypt message
step decrypt gpgsm --batch --output deciphered --decrypt enciphered.der
gpgconf --kill all
"#;

#[test]
fn gpgsm_signs_and_deciphers_with_the_card() {
    let card = rsa();
    let bench = Bench::with(&[&card.state]);
    bench.put("ca.pem", &card.root);
    bench.run(SCRIPT);
    bench.succeeded("authority");
    bench.succeeded("learn");
    bench.says("keys", &["crs:"]);
    bench.succeeded("sign");
    bench.says("verify", &["Good signature"]);
    bench.succeeded("encrypt");
    bench.succeeded("decrypt");
    assert_eq!(bench.get("deciphered"), bench.get("message"));
}
