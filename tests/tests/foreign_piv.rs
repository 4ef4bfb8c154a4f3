//! Cards that are not ours: another maker's PIV card is written, delivered, torn away and taken up again.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::ops::ControlFlow;

use negin_apdu::Transmit;
use negin_card::{Piv, Presence, Verification, recognise};
use negin_eid::piv::{Container, FingerReference, ManagementKey, Pin, VerifyReference};
use negin_fingerprint::Image;
use negin_issuance::Error;
use negin_issuance::deliver::{
    DeliveredForeign, Enrolled, ForeignDelivery, Look, MOST_REFUSALS, deliver_foreign,
};
use negin_issuance::personalise::{Personalised, Task, personalise_foreign, work_on_foreign};
use negin_issuance::pki::Certificate;
use negin_issuance::profile::Profile;
use negin_keystore::ForeignBatch;
use negin_ledger::{Event, Ledger, SqliteLedger, State};
use negin_peer::{Peer, with_peer};
use negin_secure_channel::challenge::ChallengeKey;
use negin_tests::citizen::Citizen;
use negin_tests::desk::{Desk, PIN, Paper};
use negin_tests::office::{MORNING, Office, STATION};
use negin_tests::openssl::openssl;
use negin_tests::scanner::Images;

/// An issuer with one citizen's order, entered.
struct Scene {
    office: Office,
    citizens: Vec<Citizen>,
    paper: Paper,
    batch: ForeignBatch,
}

impl Scene {
    fn new() -> Self {
        Self::with_profile(Profile::national_id().unwrap())
    }

    fn with_profile(profile: Profile) -> Self {
        let citizens: Vec<_> = [1, 2].map(Citizen::synthetic).into();
        Self {
            office: Office::with_profile(5, profile),
            paper: Paper::of(&citizens),
            citizens,
            batch: ForeignBatch::factory("tokens").unwrap(),
        }
    }

    fn desk(&self) -> Desk<'_, SqliteLedger> {
        let mut desk = Desk::in_memory(&self.office, STATION);
        desk.enter(&self.paper).unwrap();
        desk
    }

    fn write(
        &self,
        desk: &mut Desk<'_, SqliteLedger>,
        index: usize,
        card: &mut dyn Transmit,
    ) -> Result<Personalised, Error> {
        self.write_as_of(&self.batch, desk, index, card)
    }

    fn write_as_of(
        &self,
        batch: &ForeignBatch,
        desk: &mut Desk<'_, SqliteLedger>,
        index: usize,
        card: &mut dyn Transmit,
    ) -> Result<Personalised, Error> {
        let (entry, record) = self.paper.record(index);
        let task = Task {
            id: &self.paper.id(index),
            record,
            entry,
            profile: &self.office.profile,
            office: self.office.code,
            credentials: &self.office.credentials,
        };
        desk.work(|seat| {
            let watch = &mut |_| ControlFlow::Continue(());
            personalise_foreign(seat, task, batch, card, watch)
        })
    }

    /// Delivery of the first citizen's card with these images on the scanner.
    fn deliver(
        &self,
        desk: &mut Desk<'_, SqliteLedger>,
        card: &mut dyn Transmit,
        images: Vec<Image>,
        look: &mut dyn FnMut(Look<'_>),
    ) -> Result<DeliveredForeign, Error> {
        let (entry, record) = self.paper.record(0);
        let delivery = ForeignDelivery {
            office: self.office.code,
            finger: FingerReference::Primary,
            tries: 3,
            scanner: &mut Images::new(images),
            pin: Pin::new(PIN).unwrap(),
            enrolled: Some(Enrolled { entry, record }),
            root: self.office.credentials.root(),
        };
        desk.work(|seat| deliver_foreign(seat, delivery, card, look))
    }

    fn own(&self) -> Vec<Image> {
        vec![
            self.citizens[0].impression(0, 1),
            self.citizens[0].impression(0, 2),
        ]
    }

    fn impostor(&self) -> Vec<Image> {
        (1..=3).map(|n| self.citizens[1].impression(0, n)).collect()
    }
}

#[test]
fn another_makers_card_is_written_and_delivered() {
    let scene = Scene::new();
    with_peer(|card| {
        let mut desk = scene.desk();
        assert_eq!(recognise(card).unwrap().presence, Presence::ForeignPiv);
        let written = scene.write(&mut desk, 0, card).unwrap();
        assert!(!written.resumed);
        let id = scene.paper.id(0);
        assert_eq!(
            desk.ledger.record(&id).unwrap().unwrap().state,
            State::Written
        );
        desk.ship(&id).unwrap();

        // On its way nobody gets in with the maker's codes.
        let mut piv = Piv::select(&mut *card).unwrap();
        let factory = Pin::new("123456").unwrap();
        assert!(!piv.verify_pin(factory).unwrap().passed());

        let mut seen = None;
        let delivered = scene
            .deliver(&mut desk, card, scene.own(), &mut |look| {
                if let Look::Holder(holder) = look {
                    seen = Some(holder.clone());
                }
            })
            .unwrap();
        assert!(!delivered.resumed);
        let seen = seen.expect("the clerk is shown the holder");
        assert_eq!(seen.display.card_number, written.card.number.as_str());
        assert!(seen.photograph.is_some());
        assert!(!seen.display.name.is_empty());
        assert_eq!(
            delivered.certificate.card_number().as_deref(),
            Some(written.card.number.as_str())
        );

        // The ledger says that it was the host, in an entry that is signed like all.
        let entries = desk.ledger.entries_of(&id).unwrap();
        let last = entries.last().unwrap();
        assert_eq!(last.event, Event::Delivered);
        assert_eq!(last.detail_value()["way"], "host match");
        let written = entries.iter().find(|entry| entry.event == Event::Written);
        let written = written.unwrap().detail_value();
        assert_eq!(written["batch"], "tokens");
        assert_eq!(written["management-key"], "the card's own");
        let found = desk.ledger.verify(&scene.office.trusted(), &[]).unwrap();
        assert!(found.is_sound(), "{found:?}");

        // In its holder's hand; the key that everybody knows opens nothing.
        let mut piv = Piv::select(&mut *card).unwrap();
        let factory = ManagementKey::factory();
        assert_eq!(
            piv.authenticate_administrator(&factory, &[1; 16]),
            Err(negin_card::Error::WrongManagementKey)
        );
        assert!(piv.verify_pin(Pin::new(PIN).unwrap()).unwrap().passed());
        assert!(piv.get(Container::FacialImage).unwrap().is_some());
        assert!(matches!(
            scene.deliver(&mut desk, card, scene.own(), &mut |_| {}),
            Err(Error::AlreadyDelivered { .. })
        ));
        assert!(matches!(
            scene.write(&mut desk, 1, card),
            Err(Error::CardTaken { .. })
        ));
    });
}

#[test]
fn another_persons_finger_is_refused_and_the_ledger_counts() {
    let scene = Scene::new();
    with_peer(|card| {
        let mut desk = scene.desk();
        scene.write(&mut desk, 0, card).unwrap();
        desk.ship(&scene.paper.id(0)).unwrap();
        for left in [7, 4, 1] {
            let refused = scene.deliver(&mut desk, card, scene.impostor(), &mut |_| {});
            assert!(
                matches!(refused, Err(Error::NotMatched { tries_left }) if tries_left == left),
                "{refused:?}"
            );
        }
        let refused = scene.deliver(&mut desk, card, scene.impostor(), &mut |_| {});
        assert!(
            matches!(refused, Err(Error::ComparisonBlocked)),
            "{refused:?}"
        );
        // Nor the citizen's own finger any more.
        let refused = scene.deliver(&mut desk, card, scene.own(), &mut |_| {});
        assert!(
            matches!(refused, Err(Error::ComparisonBlocked)),
            "{refused:?}"
        );
        let refusals = desk.ledger.entries_of(&scene.paper.id(0)).unwrap();
        let refusals = refusals
            .iter()
            .filter(|entry| entry.detail_value()["comparison"] == "refused");
        assert_eq!(refusals.count(), usize::from(MOST_REFUSALS));
        // The card has the PIN that nobody knows.
        let mut piv = Piv::select(&mut *card).unwrap();
        assert!(!piv.verify_pin(Pin::new(PIN).unwrap()).unwrap().passed());
    });
}

#[test]
fn a_wrong_management_key_is_tried_once() {
    let scene = Scene::new();
    let key = ChallengeKey::triple_des(&[9; 24]).unwrap();
    let others = ForeignBatch::new("others", key, b"123456", b"12345678").unwrap();
    with_peer(|card| {
        let mut desk = scene.desk();
        let refused = scene.write_as_of(&others, &mut desk, 0, card).unwrap_err();
        assert_eq!(refused.key(), "card.wrong-management-key");
        // Two steps of one authentication.
        let tried = card.heard.iter().filter(|heard| **heard == (0x87, 0x9B));
        assert_eq!(tried.count(), 2);
        // Nothing was written, and the record is free.
        assert!(
            card.heard
                .iter()
                .all(|(ins, _)| ![0xDB, 0x47, 0x24].contains(ins))
        );
        assert!(desk.ledger.works().unwrap().is_empty());
        scene.write(&mut desk, 0, card).unwrap();
    });
}

#[test]
fn a_card_with_other_codes_than_its_batch_is_not_locked() {
    let scene = Scene::new();
    let key = || ForeignBatch::factory("tokens").unwrap().key;
    let with_pin = ForeignBatch::new("tokens", key(), b"999999", b"12345678").unwrap();
    let with_puk = ForeignBatch::new("tokens", key(), b"123456", b"99999999").unwrap();
    with_peer(|card| {
        let mut desk = scene.desk();
        for _ in 0..5 {
            let refused = scene
                .write_as_of(&with_pin, &mut desk, 0, card)
                .unwrap_err();
            assert_eq!(refused.key(), "issuance.factory-code");
            // Nothing of the citizen's is on it, so the record is free for another.
            assert!(desk.ledger.works().unwrap().is_empty());
        }
        let mut piv = Piv::select(&mut *card).unwrap();
        assert_eq!(
            piv.tries(VerifyReference::Pin),
            Ok(Verification::Failed { retries: 1 })
        );
    });
    with_peer(|card| {
        let mut desk = scene.desk();
        card.heard.clear();
        for _ in 0..5 {
            let refused = scene
                .write_as_of(&with_puk, &mut desk, 0, card)
                .unwrap_err();
            assert_eq!(refused.key(), "issuance.factory-code");
        }
        let tried = card.heard.iter().filter(|heard| **heard == (0x24, 0x81));
        assert_eq!(tried.count(), 1);
    });
}

/// The card is pulled out at every exchange in turn, just before the card has the command and just after; each time the
/// same command takes the work up.
fn interrupted(answer_lost: bool) {
    let scene = Scene::new();
    with_peer(|card| {
        card.answer_lost = answer_lost;
        let mut desk = scene.desk();
        let mut attempts = 1..400;
        let written = loop {
            card.exchanges_left = attempts.next();
            match scene.write(&mut desk, 0, card) {
                Ok(written) => break written,
                Err(error) => assert_eq!(error.key(), "card.removed", "{error}"),
            }
        };
        assert!(written.resumed);
        let id = scene.paper.id(0);
        desk.ship(&id).unwrap();
        let mut attempts = 1..400;
        let delivered = loop {
            card.exchanges_left = attempts.next();
            match scene.deliver(&mut desk, card, scene.own(), &mut |_| {}) {
                Ok(delivered) => break delivered,
                Err(error) => assert_eq!(error.key(), "card.removed", "{error}"),
            }
        };
        assert_eq!(delivered.record.state, State::Delivered);
        let events = desk.ledger.entries_of(&id).unwrap();
        let count = |event| events.iter().filter(|entry| entry.event == event).count();
        assert_eq!((count(Event::Written), count(Event::Delivered)), (1, 1));
        let detail = events.iter().find(|entry| entry.event == Event::Written);
        assert_eq!(
            detail.unwrap().detail_value()["management-key"],
            "the card's own"
        );
    });
}

#[test]
fn pulled_out_before_every_command_and_taken_up() {
    interrupted(false);
}

#[test]
fn pulled_out_after_every_command_and_taken_up() {
    interrupted(true);
}

/// The standard has no command for it, so not every card lets its management key be changed.
#[test]
fn a_card_that_keeps_its_batchs_key_is_said_to() {
    let scene = Scene::new();
    with_peer(|card| {
        card.standard_only = true;
        let mut desk = scene.desk();
        scene.write(&mut desk, 0, card).unwrap();
        let id = scene.paper.id(0);
        let entries = desk.ledger.entries_of(&id).unwrap();
        let detail = entries.last().unwrap().detail_value();
        assert_eq!(detail["management-key"], "its batch's");
        let mut piv = Piv::select(&mut *card).unwrap();
        piv.authenticate_administrator(&ManagementKey::factory(), &[1; 16])
            .unwrap();
    });
}

#[test]
fn a_card_that_comes_back_is_known() {
    let scene = Scene::new();
    with_peer(|card| {
        let mut desk = scene.desk();
        assert_eq!(desk.work(|seat| work_on_foreign(seat, card)).unwrap(), None);
        card.exchanges_left = Some(20);
        assert_eq!(
            scene.write(&mut desk, 0, card).unwrap_err().key(),
            "card.removed"
        );
        card.exchanges_left = None;
        let id = scene.paper.id(0);
        assert_eq!(
            desk.work(|seat| work_on_foreign(seat, card)).unwrap(),
            Some(id.clone())
        );
        // Not for another record, and the record not on another card.
        assert!(matches!(
            scene.write(&mut desk, 1, card),
            Err(Error::CardTaken { holder }) if holder == id
        ));
        with_peer(|other| {
            let refused = scene.write(&mut desk, 0, other).unwrap_err();
            assert_eq!(refused.key(), "ledger.work-in-progress");
        });
        scene.write(&mut desk, 0, card).unwrap();
    });
}

#[test]
fn what_the_card_has_no_room_for_is_left_out() {
    let scene = Scene::new();
    with_peer(|card| {
        card.room = 2000;
        let mut desk = scene.desk();
        scene.write(&mut desk, 0, card).unwrap();
        let id = scene.paper.id(0);
        let entries = desk.ledger.entries_of(&id).unwrap();
        let detail = entries.last().unwrap().detail_value();
        assert_eq!(
            detail["left-out"],
            serde_json::json!(["Cardholder Facial Image"])
        );
        desk.ship(&id).unwrap();
        let delivered = scene
            .deliver(&mut desk, card, scene.own(), &mut |_| {})
            .unwrap();
        assert!(delivered.holder.unwrap().photograph.is_none());
    });
}

/// The national profile with two keys only: RSA takes its time.
fn two_keys() -> Profile {
    let mut text = Profile::national_id_toml().to_owned();
    for reference in ["9C", "9E"] {
        let key = format!("[[keys]]\nreference = \"{reference}\"\nalgorithm = \"P-256\"\n");
        assert!(text.contains(&key));
        text = text
            .replace(&key, "")
            .replace(&format!("\"certificate-{reference}\", "), "");
    }
    let text = text.replace("[\"9A\", \"9C\", \"9D\", \"9E\"]", "[\"9A\", \"9D\"]");
    Profile::from_toml(&text, "two keys").unwrap()
}

#[test]
fn a_card_without_curves_gets_rsa_keys_and_proves_itself() {
    let scene = Scene::with_profile(two_keys());
    with_peer(|card| {
        card.without_curves = true;
        let mut desk = scene.desk();
        let written = scene.write(&mut desk, 0, card).unwrap();
        assert_eq!(written.certificates.len(), 2);
        desk.ship(&scene.paper.id(0)).unwrap();
        let delivered = scene
            .deliver(&mut desk, card, scene.own(), &mut |_| {})
            .unwrap();
        assert!(delivered.certificate.is_rsa());
        assert_eq!(delivered.proof.signature.len(), 256);
        // OpenSSL says the same of certificates and signature.
        let folder = negin_tests::desk::folder();
        let root = scene.office.credentials.root_pem().unwrap();
        std::fs::write(folder.path().join("root.pem"), root).unwrap();
        for (key, certificate) in &written.certificates {
            let certificate = Certificate::from_der(certificate).unwrap();
            assert!(certificate.is_rsa(), "{key:?}");
            std::fs::write(folder.path().join("card.der"), certificate.der()).unwrap();
            let time = (MORNING / 1000 + 3600).to_string();
            let (verified, said) = openssl(
                folder.path(),
                &[
                    "verify", "-attime", &time, "-CAfile", "root.pem", "card.der",
                ],
            );
            assert!(verified, "{said}");
        }
        let proof = &delivered.proof;
        delivered
            .certificate
            .verify_signature(&proof.challenge, &proof.signature)
            .unwrap();
        let mut other = proof.signature.clone();
        other[255] ^= 1;
        assert!(
            delivered
                .certificate
                .verify_signature(&proof.challenge, &other)
                .is_err()
        );
    });
}

/// With a profile that writes fingerprints, the counter needs nothing but the card.
#[test]
fn the_cards_own_fingerprints_are_compared() {
    let scene = Scene::with_profile(Profile::piv_token().unwrap());
    with_peer(|card| {
        let mut desk = scene.desk();
        scene.write(&mut desk, 0, card).unwrap();
        desk.ship(&scene.paper.id(0)).unwrap();
        let mut deliver = |images: Vec<Image>, finger| {
            let delivery = ForeignDelivery {
                office: scene.office.code,
                finger,
                tries: 1,
                scanner: &mut Images::new(images),
                pin: Pin::new(PIN).unwrap(),
                enrolled: None,
                root: scene.office.credentials.root(),
            };
            desk.work(|seat| deliver_foreign(seat, delivery, card, &mut |_| {}))
        };
        let refused = deliver(scene.impostor(), FingerReference::Primary);
        assert!(
            matches!(refused, Err(Error::NotMatched { tries_left: 9 })),
            "{refused:?}"
        );
        let second = vec![scene.citizens[0].impression(1, 1)];
        let refused = deliver(second.clone(), FingerReference::Primary);
        assert!(
            matches!(refused, Err(Error::NotMatched { tries_left: 8 })),
            "{refused:?}"
        );
        deliver(second, FingerReference::Secondary).unwrap();
    });
}

#[test]
fn without_fingerprints_on_the_card_the_order_is_needed_as_it_was_checked() {
    let scene = Scene::new();
    with_peer(|card| {
        let mut desk = scene.desk();
        scene.write(&mut desk, 0, card).unwrap();
        desk.ship(&scene.paper.id(0)).unwrap();
        let mut deliver = |enrolled: Option<Enrolled<'_>>| {
            let delivery = ForeignDelivery {
                office: scene.office.code,
                finger: FingerReference::Primary,
                tries: 1,
                scanner: &mut Images::new(scene.impostor()),
                pin: Pin::new(PIN).unwrap(),
                enrolled,
                root: scene.office.credentials.root(),
            };
            desk.work(|seat| deliver_foreign(seat, delivery, card, &mut |_| {}))
        };
        assert!(matches!(deliver(None), Err(Error::NoReference)));
        // An accomplice's record in the order's place.
        let (entry, record) = scene.paper.record(1);
        let other = deliver(Some(Enrolled { entry, record }));
        assert!(matches!(other, Err(Error::Changed { .. })), "{other:?}");
    });
}

#[test]
fn another_offices_card_is_sent_on_and_loses_no_try() {
    let scene = Scene::new();
    with_peer(|card| {
        let mut desk = scene.desk();
        scene.write(&mut desk, 0, card).unwrap();
        desk.ship(&scene.paper.id(0)).unwrap();
        card.heard.clear();
        let delivery = ForeignDelivery {
            office: "office-2".parse().unwrap(),
            finger: FingerReference::Primary,
            tries: 1,
            scanner: &mut Images::new(scene.own()),
            pin: Pin::new(PIN).unwrap(),
            enrolled: None,
            root: scene.office.credentials.root(),
        };
        let refused = desk.work(|seat| deliver_foreign(seat, delivery, card, &mut |_| {}));
        assert_eq!(refused.unwrap_err().key(), "keystore.other-office");
        assert!(card.heard.iter().all(|heard| *heard != (0x20, 0x80)));
    });
}

/// A card whose application lies: what it answers is changed on the way.
struct Forged<'a, 'b> {
    card: &'a mut Peer<'b>,
    from: Vec<u8>,
    to: Vec<u8>,
}

impl Transmit for Forged<'_, '_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, negin_apdu::TransmitError> {
        let mut answer = self.card.transmit(command)?;
        let length = self.from.len();
        if let Some(at) = answer.windows(length).position(|part| part == self.from) {
            answer[at..at + length].copy_from_slice(&self.to);
        }
        Ok(answer)
    }
    fn limits(&self) -> negin_apdu::Limits {
        self.card.limits()
    }
    fn interface(&self) -> negin_apdu::Interface {
        self.card.interface()
    }
}

#[test]
fn a_card_that_says_it_is_anothers_is_not_delivered() {
    let scene = Scene::new();
    with_peer(|card| {
        let mut desk = scene.desk();
        scene.write(&mut desk, 0, card).unwrap();
        desk.ship(&scene.paper.id(0)).unwrap();
        let (_, record) = scene.paper.record(0);
        let family = record.latin_name().family.to_string().to_uppercase();
        let mut forged = Forged {
            from: family.clone().into_bytes(),
            to: vec![b'X'; family.len()],
            card,
        };
        let refused = scene.deliver(&mut desk, &mut forged, scene.own(), &mut |_| {});
        assert!(
            matches!(refused, Err(Error::Pki(_) | Error::LedgerAtOdds { .. })),
            "{refused:?}"
        );
    });
}
