//! The cards of every release load, tell what they told, and go on from where they were.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::collections::BTreeMap;
use std::io::Write;

use negin_apdu::{Chaining, Command, StatusWord};
use negin_card::{Piv, Presence, Verification, recognise};
use negin_eid::aid::Application::{Piv as PIV, SecurityDomain};
use negin_eid::gp::{CardState, GpCommand, SetStatus};
use negin_eid::piv::{
    ActivationMethod, CertificateObject, Container, FingerReference, KeyReference, ManagementKey,
    Pin, Puk, VerifyReference,
};
use negin_eid::roles::Role;
use negin_firmware_sim::card::Card;
use negin_issuance::pki::Certificate;
use negin_ledger::Timestamp;
use negin_proof::specimen::Specimen;
use negin_proof::standing::{Standing, Step};
use negin_tests::cabinet::{activate, first_pin};
use negin_tests::card::BenchCard;
use negin_tests::kept;
use negin_tests::office::MORNING;
use p256::ecdh::diffie_hellman;
use p256::{PublicKey, SecretKey};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A release's cards.
struct Release {
    version: String,
    facts: Value,
    cards: BTreeMap<String, Vec<u8>>,
}

fn releases() -> Vec<Release> {
    let mut folders: Vec<_> = std::fs::read_dir(kept::root())
        .expect("the kept cards")
        .map(|entry| entry.expect("readable").path())
        .collect();
    folders.sort();
    let read = |folder: &std::path::PathBuf| {
        let facts = std::fs::read(folder.join(kept::FACTS)).expect("what is known of them");
        let facts: Value = serde_json::from_slice(&facts).expect("JSON");
        let names = facts["cards"].as_object().expect("cards").keys();
        let card = |name: &String| {
            let path = folder.join(name).with_extension("card");
            (name.clone(), std::fs::read(path).expect("a kept card"))
        };
        Release {
            version: folder
                .file_name()
                .expect("a version")
                .to_string_lossy()
                .into(),
            cards: names.map(card).collect(),
            facts,
        }
    };
    folders.iter().map(read).collect()
}

impl Release {
    fn pin(&self) -> Pin {
        Pin::new(self.facts["pin"].as_str().expect("digits")).expect("a PIN")
    }

    fn puk(&self) -> Puk {
        Puk::new(kept::bytes(&self.facts["puk"]).try_into().expect("8 bytes"))
    }

    fn probe(&self, finger: usize) -> Vec<u8> {
        kept::bytes(&self.facts["probes"][finger])
    }

    fn specimen(&self, name: &str) -> Specimen {
        Specimen::of_state(&self.cards[name])
    }

    fn in_reader(&self, name: &str) -> BenchCard {
        BenchCard::from_state(&self.cards[name], 1)
    }

    fn tries(&self, name: &str) -> [u8; 5] {
        let tries = kept::bytes(&self.facts["cards"][name]["tries"]);
        tries.try_into().expect("five counters")
    }

    /// The card does all that a live card does for its holder, whose PIN this is.
    fn lives(&self, card: &BenchCard, pin: &Pin) {
        let mut link = Chaining::new(card.link());
        let found = recognise(&mut link).expect("a card that answers");
        assert_eq!(found.presence, Presence::Activated);
        let mut piv = Piv::select(&mut link).expect("PIV");
        for (at, finger) in FingerReference::ALL.into_iter().enumerate() {
            let verified = piv.verify_finger(finger, self.probe(at));
            assert_eq!(verified, Ok(Verification::Passed), "{finger:?}");
        }
        let root = Certificate::from_der(&kept::bytes(&self.facts["root"])).expect("a root");
        for key in [
            KeyReference::Authentication,
            KeyReference::Signature,
            KeyReference::KeyManagement,
            KeyReference::CardAuthentication,
        ] {
            let object = piv
                .get(key.certificate())
                .expect("free")
                .expect("it is there");
            let object = CertificateObject::decode(&object).expect("a certificate object");
            let certificate = Certificate::from_der(&object.certificate).expect("a certificate");
            let now = Timestamp::from_unix_millis(MORNING);
            certificate
                .verify_issued_by(&root, now)
                .expect("the issuer's");
            assert_eq!(piv.verify_pin(pin.clone()), Ok(Verification::Passed));
            if key == KeyReference::KeyManagement {
                let own = SecretKey::from_slice(&[0x42; 32]).expect("a key");
                let point = own.public_key().to_sec1_bytes();
                let point = negin_eid::piv::PublicPoint::new(&point).expect("a point");
                let agreed = piv.agree(key, point).expect("a secret");
                let cards = certificate.public_point().expect("a point");
                let cards = PublicKey::from_sec1_bytes(cards.as_bytes()).expect("a point");
                let expected = diffie_hellman(own.to_nonzero_scalar(), cards.as_affine());
                assert_eq!(agreed.expose(), &expected.raw_secret_bytes()[..]);
            } else {
                let message = [key.code(); 40];
                let digest = Sha256::digest(message).into();
                let signature = piv.sign(key, &digest).expect("a signature");
                certificate
                    .verify_signature(&message, &signature)
                    .expect("the key is the certificate's");
            }
        }
        let record = piv.activation_record().expect("free").expect("a record");
        let method = ActivationMethod::Match(FingerReference::Primary);
        assert_eq!(record.method, method);
    }
}

#[test]
fn every_kept_card_loads_and_tells_what_it_told() {
    let mut count = 0;
    for release in releases() {
        for (name, state) in &release.cards {
            let rng = ChaCha20Rng::seed_from_u64(1);
            let card = Card::from_state_bytes(state, rng);
            card.unwrap_or_else(|error| panic!("{} {name}: {error}", release.version));
            let facts = kept::known(&release.specimen(name));
            let kept = &release.facts["cards"][name];
            for what in ["life", "tries", "key_sets"] {
                assert_eq!(
                    facts[what], kept[what],
                    "{} {name}: {what}",
                    release.version
                );
            }
            // What was told then is told now; a later card may tell more.
            for (object, digest) in kept["told"].as_object().expect("digests") {
                assert_eq!(
                    &facts["told"][object], digest,
                    "{} {name}: {object}",
                    release.version
                );
                count += 1;
            }
        }
    }
    writeln!(
        std::io::stderr(),
        "kept states: {count} objects told as they were"
    )
    .expect("stderr");
    assert!(count > 100);
}

#[test]
fn live_cards_serve_their_holder() {
    for release in releases() {
        release.lives(&release.in_reader("live"), &release.pin());
        // The tries are those that were left, and come back as ever.
        let card = release.in_reader("live-wrong-pin");
        let mut piv = Piv::select(Chaining::new(card.link())).expect("PIV");
        let retries = release.tries("live-wrong-pin")[0];
        assert_eq!(retries, release.tries("live")[0] - 2);
        let told = piv.tries(VerifyReference::Pin);
        assert_eq!(told, Ok(Verification::Failed { retries }));
        drop(piv);
        release.lives(&card, &release.pin());

        let card = release.in_reader("live-pin-blocked");
        let mut piv = Piv::select(Chaining::new(card.link())).expect("PIV");
        let blocked = piv.verify_pin(release.pin()).expect("told");
        assert_eq!(blocked, Verification::Blocked);
        let new = Pin::new("314159").expect("a PIN");
        let unblocked = piv.unblock_pin(release.puk(), new.clone());
        assert_eq!(unblocked, Ok(Verification::Passed));
        drop(piv);
        release.lives(&card, &new);
    }
}

/// A token's administrator goes on with the key that was given to the card, and its holder with PIN and fingers.
#[test]
fn a_token_serves_holder_and_administrator() {
    for release in releases() {
        let key = ManagementKey::factory();
        let steps = [Step::Select(PIV), Step::Administrator(key)];
        let card = release.specimen("token");
        let mut bench = Standing::new("token", &card, steps).take_up();
        let put = [0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x53, 0x02, 0x01, 0x02];
        let put = Command::new(0x00, 0xDB, 0x3F, 0xFF).with_data(put);
        assert_eq!(bench.say(&put).sw, StatusWord::SUCCESS);
        let card = BenchCard::from_state(&bench.memory.specimen().state(), 1);
        release.lives(&card, &release.pin());
    }
}

#[test]
fn waiting_cards_are_delivered() {
    let done = StatusWord::SUCCESS;
    for release in releases() {
        for name in ["waiting", "waiting-tried"] {
            let steps = [Step::Select(PIV), Step::Channel(Role::Delivery)];
            let card = release.specimen(name);
            let mut bench = Standing::new(name, &card, steps).take_up();
            let asked = Command::new(0x00, 0x20, 0x00, 0x96);
            let told = bench.say(&asked).sw.retries();
            assert_eq!(told, Some(release.tries(name)[2]), "{name}");
            let probe = Command::new(0x00, 0x20, 0x00, 0x96).with_data(release.probe(0));
            for command in [probe, first_pin(), activate()] {
                assert_eq!(bench.say(&command).sw, done, "{name}: {command:?}");
            }
            let card = BenchCard::from_state(&bench.memory.specimen().state(), 1);
            release.lives(&card, &release.pin());
        }
        let spent = release.tries("waiting")[2] - release.tries("waiting-tried")[2];
        assert_eq!(spent, 2);
    }
}

#[test]
fn a_card_being_written_is_finished_by_its_issuer() {
    let done = StatusWord::SUCCESS;
    for release in releases() {
        let steps = [Step::Select(PIV), Step::Channel(Role::Issuer)];
        let card = release.specimen("writing");
        let mut bench = Standing::new("writing", &card, steps).take_up();
        let chuid = negin_tests::cabinet::get(Container::Chuid);
        assert_eq!(bench.say(&chuid).sw, done);
        let state = negin_eid::gp::ApplicationState {
            stage: negin_eid::gp::ApplicationStage::Personalised,
            locked: false,
        };
        let last = SetStatus::Application(negin_eid::aid::PIV, state);
        let answer = bench.say(&GpCommand::SetStatus(last).to_apdu());
        assert_eq!(answer.sw, done);
        assert_eq!(bench.say(&chuid).sw, done);
    }
}

#[test]
fn cards_blocked_come_back_and_cards_at_their_end_do_not() {
    for release in releases() {
        let steps = [Step::Select(SecurityDomain), Step::Channel(Role::Issuer)];
        let card = release.specimen("locked");
        let mut bench = Standing::new("locked", &card, steps).take_up();
        let unlock = GpCommand::SetStatus(SetStatus::Card(CardState::Secured)).to_apdu();
        assert_eq!(bench.say(&unlock).sw, StatusWord::SUCCESS);
        let card = BenchCard::from_state(&bench.memory.specimen().state(), 1);
        release.lives(&card, &release.pin());

        let card = release.in_reader("terminated");
        let mut link = Chaining::new(card.link());
        let found = recognise(&mut link).expect("a card that answers").presence;
        assert_eq!(found, Presence::Terminated);
        assert!(Piv::select(link).is_err());

        let card = release.in_reader("blank");
        let found = recognise(&mut Chaining::new(card.link())).expect("a card that answers");
        assert_eq!(found.presence, Presence::Blank);
        let steps = [Step::Select(SecurityDomain), Step::Channel(Role::Transport)];
        let _ = Standing::new("blank", &release.specimen("blank"), steps).take_up();
    }
}
