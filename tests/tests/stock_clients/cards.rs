//! The cards that the clients meet, made the lawful way: personalised, shipped, and delivered by a match. Each is made
//! once a run.

use std::sync::OnceLock;

use negin_issuance::profile::Profile;
use negin_keystore::KeyStore;
use negin_tests::journey::World;
use negin_tests::office::{MORNING, Office};

use crate::bench::Bench;

/// The day of issue as OpenSSL takes a moment: [`MORNING`].
pub const MOMENT: &str = "1772352000";

/// The management key that yubico-piv-tool and others take for granted, as the profile has it.
pub const MANAGEMENT_KEY: &str = "010203040506070801020304050607080102030405060708";

/// A card in its holder's hand, and what belongs to it.
pub struct Issued {
    /// The card's memory.
    pub state: Vec<u8>,
    /// The certificate that its certificates end at, PEM.
    pub root: String,
    /// Its PUK, eight digits.
    pub puk: String,
}

/// The number that a bench's blank card tells of itself ([`negin_tests::journey`]).
const CHIP: [u8; 10] = [7; 10];

/// A card with four key pairs of P-256, which its administrator may change.
pub fn issued() -> &'static Issued {
    static ISSUED: OnceLock<Issued> = OnceLock::new();
    ISSUED.get_or_init(|| delivered(Profile::piv_token().expect("the built-in profile")))
}

/// A citizen's card, which nobody but its issuer administers.
pub fn citizens() -> &'static Issued {
    static CITIZENS: OnceLock<Issued> = OnceLock::new();
    CITIZENS.get_or_init(|| delivered(Profile::national_id().expect("the built-in profile")))
}

fn delivered(profile: Profile) -> Issued {
    assert_eq!(MOMENT, (MORNING / 1000).to_string());
    let world = World::of(Office::with_profile(7, profile), 1);
    let mut journey = world.locked();
    journey.finish();
    let puk = world.office.keys.puk(&CHIP).expect("a key for PUKs");
    Issued {
        state: journey.card.state(),
        root: world.office.credentials.root_pem().expect("PEM"),
        puk: String::from_utf8(puk.to_vec()).expect("digits"),
    }
}

/// The same card after its administrator gave it RSA keys in 9A, 9C and 9D.
pub fn rsa() -> &'static Issued {
    static RSA: OnceLock<Issued> = OnceLock::new();
    RSA.get_or_init(|| {
        rekeyed(
            "RSA2048",
            [
                "digitalSignature,keyEncipherment",
                "digitalSignature,nonRepudiation",
                "keyEncipherment",
            ],
        )
    })
}

/// The same card after its administrator gave it keys of P-384 in 9A, 9C and 9D.
pub fn p384() -> &'static Issued {
    static P384: OnceLock<Issued> = OnceLock::new();
    P384.get_or_init(|| {
        rekeyed(
            "ECCP384",
            [
                "digitalSignature",
                "digitalSignature,nonRepudiation",
                "keyAgreement",
            ],
        )
    })
}

/// New keys in 9A, 9C and 9D, certified for these usages by an authority of the administrator's: with yubico-piv-tool
/// and openssl, as one does it by hand.
fn rekeyed(algorithm: &str, usages: [&str; 3]) -> Issued {
    let issued = issued();
    let bench = Bench::with(&[&issued.state]);
    let [authentication, signature, management] = usages;
    bench.run(&format!(
        r#"
        step authority openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 \
            -subj '/CN=Negin test authority' -addext basicConstraints=critical,CA:TRUE \
            -addext keyUsage=critical,keyCertSign,cRLSign
        step request openssl req -new -newkey rsa:2048 -nodes -keyout host.key -out host.csr \
            -subj '/CN=Holder/O=Negin/'
        give() {{
            printf 'keyUsage=critical,%s\nsubjectAltName=email:holder@example.com\n' "$2" >extensions
            step generate-$1 yubico-piv-tool -r Negin -s $1 -A {algorithm} -a generate -o $1.public
            step certify-$1 openssl x509 -req -in host.csr -force_pubkey $1.public -CA ca.pem -CAkey ca.key \
                -CAcreateserial -days 3650 -extfile extensions -out $1.pem
            step import-$1 yubico-piv-tool -r Negin -s $1 -a import-certificate -i $1.pem
        }}
        give 9a {authentication}
        give 9c {signature}
        give 9d {management}
        "#
    ));
    bench.succeeded("authority");
    bench.succeeded("request");
    for key in ["9a", "9c", "9d"] {
        for step in ["generate", "certify", "import"] {
            bench.succeeded(&format!("{step}-{key}"));
        }
    }
    Issued {
        state: bench.card(0),
        root: String::from_utf8(bench.get("ca.pem")).expect("PEM"),
        puk: issued.puk.clone(),
    }
}
