//! Cards kept from every release, as their files were, and what is known of them: whatever is changed in the card, it
//! goes on from these states.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use negin_apdu::Command;
use negin_eid::aid::Application::{Piv, SecurityDomain, TravelDocument};
use negin_eid::lds::FileId;
use negin_eid::piv::Container;
use negin_eid::roles::Role;
use negin_issuance::profile::Profile;
use negin_proof::specimen::{Specimen, id};
use negin_proof::standing::{Bench, Standing, Step};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::cabinet::{Cabinet, get, verify_pin};
use crate::card::BenchCard;
use crate::desk::PIN;
use crate::journey::{Scene, World};
use crate::office::Office;

/// The seed of the issuer of all kept cards.
const ISSUER: u64 = 2026;

/// Memory of a kept card: enough, and not much more, so that the files are small.
const PAGES: usize = 104;

/// The folder of a release's cards.
#[must_use]
pub fn folder(version: &str) -> PathBuf {
    root().join(version)
}

/// Where the cards of all releases are.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/state")
}

/// What is known of a release's cards.
pub const FACTS: &str = "facts.json";

/// Makes the cards of this release: a name and the bytes of its file for each, and the facts.
///
/// # Panics
/// Where the offices fail at their work.
#[must_use]
pub fn make() -> (BTreeMap<String, Vec<u8>>, Value) {
    let world = World::of(Office::new(ISSUER), 1);
    let cabinet = small(&world);
    let profile = Profile::piv_token().expect("the built-in profile");
    let token = small(&World::of(Office::with_profile(ISSUER, profile), 1));
    let wrong = |digits: &[u8; 8]| Command::new(0x00, 0x20, 0x00, 0x80).with_data(*digits);
    let tried = said(
        &cabinet.waiting,
        vec![Step::Select(Piv), Step::Channel(Role::Delivery)],
        &[cabinet.not_matching(), cabinet.not_matching()],
    );
    let wrongs = [wrong(b"000000\xFF\xFF"), wrong(b"111111\xFF\xFF")];
    let missed = said(&cabinet.live, vec![Step::Select(Piv)], &wrongs);
    let shut = said(
        &missed,
        vec![Step::Select(Piv)],
        &vec![wrongs[0].clone(); 9],
    );
    let cards = [
        ("blank", &cabinet.blank),
        ("writing", &cabinet.writing),
        ("waiting", &cabinet.waiting),
        ("waiting-tried", &tried),
        ("live", &cabinet.live),
        ("live-wrong-pin", &missed),
        ("live-pin-blocked", &shut),
        ("locked", &cabinet.locked),
        ("terminated", &cabinet.terminated),
        ("token", &token.live),
    ];
    let facts: Map<String, Value> = cards
        .iter()
        .map(|(name, card)| ((*name).to_owned(), known(card)))
        .collect();
    let all = json!({
        "pin": PIN,
        "puk": hex(&cabinet.puk),
        "probes": [hex(&cabinet.probe), hex(&cabinet.probes[1])],
        "root": hex(world.office.credentials.root().der()),
        "cards": facts,
    });
    let files = cards
        .iter()
        .map(|(name, card)| ((*name).to_owned(), card.state()));
    (files.collect(), all)
}

/// The cards of a world's citizen, with no more memory than they need.
fn small(world: &World) -> Cabinet {
    let morning = world.morning();
    let blank = BenchCard::blank_state_with(&world.office.profile, 7, |blank| blank.pages = PAGES);
    let morning = Scene {
        card: blank,
        ..morning
    };
    Cabinet::from(world, &morning)
}

/// The card after these commands, whatever it answered.
fn said(card: &Specimen, steps: Vec<Step>, commands: &[Command]) -> Specimen {
    let mut bench = Standing::new("a card to be kept", card, steps).take_up();
    for command in commands {
        let _ = bench.say(command).sw;
    }
    bench.memory.specimen()
}

/// What can be seen of a card: its states, its counters, its keys, and what it tells to whom.
#[must_use]
pub fn known(card: &Specimen) -> Value {
    let object = |id| card.object(id).map(|bytes| hex(&bytes));
    let key_sets: Map<String, Value> = Role::ALL
        .into_iter()
        .filter_map(|role| {
            let version = role.key_version();
            let keys = object(id::KEY_SETS | u32::from(version))?;
            Some((format!("{version:02X}"), keys.into()))
        })
        .collect();
    json!({
        "life": object(id::LIFE),
        "tries": object(id::TRIES),
        "key_sets": key_sets,
        "told": told(card),
    })
}

/// Digests of what is read: by anybody, by the holder after the PIN, at a counter.
fn told(card: &Specimen) -> Map<String, Value> {
    let mut told = Map::new();
    let mut holder = power(card);
    let _ = holder.step(&Step::Select(Piv));
    let _ = holder.say(&verify_pin()).sw;
    let mut counter = power(card);
    let _ = counter.step(&Step::Select(Piv));
    if card.object(id::KEY_SETS | 0x31).is_some() {
        let _ = counter.step(&Step::Channel(Role::Delivery));
    }
    for (who, bench) in [("holder", &mut holder), ("counter", &mut counter)] {
        for container in Container::ALL {
            note(
                &mut told,
                bench,
                &format!("{who} {:X}", container.tag()),
                &get(container),
            );
        }
    }
    let _ = holder.step(&Step::Select(TravelDocument));
    for file in FileId::ALL {
        let read = negin_eid::lds::ReadBinary {
            file: Some(file),
            offset: 0,
            length: 65_536,
        };
        let read = negin_eid::lds::LdsCommand::ReadBinary(read).to_apdu();
        note(
            &mut told,
            &mut holder,
            &format!("holder {:04X}", file.id()),
            &read,
        );
    }
    let _ = holder.step(&Step::Select(SecurityDomain));
    for tag in [0x42, 0x45, 0x66, 0xE0, 0xCF] {
        let get = Command::new(0x80, 0xCA, 0x00, tag).with_le(256);
        note(&mut told, &mut holder, &format!("anybody {tag:02X}"), &get);
    }
    told
}

fn power(card: &Specimen) -> Bench {
    Standing::new("a kept card", card, Vec::new()).take_up()
}

fn note(told: &mut Map<String, Value>, bench: &mut Bench, name: &str, command: &Command) {
    let answer = bench.say(command);
    if answer.sw.is_success() && !answer.data.is_empty() {
        let digest = Sha256::digest(&answer.data);
        told.insert(name.to_owned(), hex(&digest[..16]).into());
    }
}

/// Hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of hexadecimal digits.
///
/// # Panics
/// Where they are none.
#[must_use]
pub fn bytes(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().expect("text").as_bytes();
    let byte = |two: &[u8]| {
        let two = std::str::from_utf8(two).expect("digits");
        u8::from_str_radix(two, 16).expect("digits")
    };
    digits.chunks(2).map(byte).collect()
}
