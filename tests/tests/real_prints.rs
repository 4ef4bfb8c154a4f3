//! Orders whose fingers are real prints, where these are: `NEGIN_SHARED`, or a folder `shared` beside the repository.
//!
//! Impression 1 of each of ten fingers is enrolled as the finger of a citizen, each on a card of their own. The card
//! compares with the threshold it was built with, which no real print had a part in.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::path::{Path, PathBuf};

use negin_eid::piv::FingerReference;
use negin_fingerprint::Image;
use negin_issuance::deliver::{Attempt, compare_once};
use negin_issuance::profile::Profile;
use negin_ledger::{Ledger, State};
use negin_recognition::threshold;
use negin_tests::card::BenchCard;
use negin_tests::citizen::Citizen;
use negin_tests::desk::{Desk, Paper};
use negin_tests::office::{COUNTER, Office, STATION};
use negin_tests::scanner::Images;
use rayon::prelude::*;

const FINGERS: usize = 10;
const IMPRESSIONS: usize = 8;

/// The images of the set, by finger and impression; none where the set is not there.
fn prints() -> Option<Vec<Vec<Image>>> {
    let given = std::env::var_os("NEGIN_SHARED").map(PathBuf::from);
    let shared = given.or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .map(|folder| folder.join("shared"))
            .find(|folder| folder.is_dir())
    });
    let set = shared?.join("data/fvc/fvc2002_db1_b");
    if !set.is_dir() {
        return None;
    }
    let image = |finger: usize, impression: usize| {
        let file = set.join(format!("{}_{impression}.png", 100 + finger));
        Image::open(file, 500).expect("an image of the set")
    };
    let fingers = (1..=FINGERS).map(|finger| {
        (1..=IMPRESSIONS)
            .map(|impression| image(finger, impression))
            .collect()
    });
    Some(fingers.collect())
}

/// The built-in profile for citizens of one finger.
fn profile() -> Profile {
    let text = Profile::national_id_toml().replace("enrol = 2", "enrol = 1");
    Profile::from_toml(&text, "one-finger.toml").expect("a profile")
}

/// Whether the card takes this image for its finger: one comparison on a fresh copy of the locked card.
fn passes(office: &Office, locked: &BenchCard, image: &Image) -> bool {
    let mut scanner = Images::new([image.clone()]);
    let outcome = compare_once(
        &office.keys,
        [9; 16],
        office.code,
        &mut locked.copy().link(),
        FingerReference::Primary,
        &mut scanner,
        &mut |_| {},
    );
    match outcome.expect("a comparison") {
        Attempt::Matched => true,
        Attempt::Refused { tries_left } => {
            assert_eq!(tries_left, office.profile.comparison_tries - 1);
            false
        }
        Attempt::Unusable { .. } => false,
        Attempt::NoImage { reason } => panic!("{reason}"),
    }
}

#[test]
fn citizens_with_real_fingers_get_their_cards_and_strangers_do_not() {
    let Some(prints) = prints() else {
        println!("not run: shared/data/fvc/fvc2002_db1_b is not there");
        return;
    };
    let office = Office::with_profile(4, profile());
    let citizens: Vec<Citizen> = prints
        .iter()
        .enumerate()
        .map(|(number, images)| Citizen::with_print(number as u64, images[..1].to_vec()))
        .collect();
    let paper = Paper::of(&citizens);
    let mut desk = Desk::in_memory(&office, STATION);
    desk.enter(&paper).expect("an order without fault");
    let cards: Vec<BenchCard> = (0..FINGERS)
        .map(|index| {
            let card = BenchCard::blank(&office.profile, index as u8 + 1);
            desk.personalise(&paper, index, &mut card.link())
                .expect("a card");
            desk.ship(&paper.id(index)).expect("shipped");
            card
        })
        .collect();

    let genuine: Vec<(usize, usize)> = (0..FINGERS)
        .flat_map(|finger| (1..IMPRESSIONS).map(move |impression| (finger, impression)))
        .collect();
    let passed = genuine
        .par_iter()
        .filter(|(finger, n)| passes(&office, &cards[*finger], &prints[*finger][*n]))
        .count();
    let foreign: Vec<(usize, usize)> = (0..FINGERS)
        .flat_map(|card| (0..FINGERS).map(move |finger| (card, finger)))
        .filter(|(card, finger)| card != finger)
        .collect();
    let fooled = foreign
        .par_iter()
        .filter(|(card, finger)| passes(&office, &cards[*card], &prints[*finger][0]))
        .count();

    desk.ledger
        .set_seat(office.ledger_seat(COUNTER))
        .expect("a seat of the issuer");
    let mut delivered = 0;
    for (index, card) in cards.iter().enumerate() {
        let mut scanner = Images::new(prints[index][1..4].to_vec());
        let outcome = desk.deliver(&mut card.link(), &mut scanner, &mut |_| {});
        let state = desk.ledger.record(&paper.id(index)).expect("sound");
        let state = state.map(|record| record.state);
        match outcome {
            Ok(_) => assert_eq!(state, Some(State::Delivered)),
            Err(error) => {
                assert_eq!(error.key(), "delivery.not-matched");
                assert_eq!(state, Some(State::Shipped));
            }
        }
        delivered += usize::from(state == Some(State::Delivered));
    }
    println!(
        "at the threshold of {}: {passed} of {} other impressions pass in one try; {fooled} of {} foreign fingers pass; \
         {delivered} of {FINGERS} citizens are delivered within three tries",
        threshold::ON_CARD.0,
        genuine.len(),
        foreign.len(),
    );
    assert_eq!((genuine.len(), foreign.len()), (70, 90));
    assert!(passed >= 66, "{passed}");
    assert!(fooled <= 1, "{fooled}");
    assert!(delivered >= 9, "{delivered}");
}
