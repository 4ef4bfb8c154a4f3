//! The card itself: whatever is said to it, it answers, tells no secret, gives no try back that it should not, and its
//! memory stays whole.

use std::path::Path;
use std::sync::LazyLock;

use negin_apdu::{Command, Interface};
use negin_eid::aid::Application;
use negin_eid::piv::ManagementKey;
use negin_eid::roles::Role;

use crate::secrets::Secrets;
use crate::specimen::{Specimen, id};
use crate::standing::{Bench, Standing, Step};

/// Most commands of one run.
const MOST: usize = 64;

struct Cards {
    cards: [Specimen; 4],
    secrets: Secrets,
}

/// The cards that are kept as fixtures: blank, waiting for its holder, live, and a live token.
static CARDS: LazyLock<Cards> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/state/0.1.0");
    let cards = ["blank", "waiting", "live", "token"].map(|name| {
        let state = std::fs::read(folder.join(name).with_extension("card"));
        Specimen::of_state(&state.expect("a fixture"))
    });
    Cards {
        // The maker's keys are public: 404142…4F.
        secrets: Secrets::of(&cards[1..]),
        cards,
    }
});

/// Holds what must hold after each answer.
struct Watch {
    tries: Vec<u8>,
}

impl Watch {
    fn of(bench: &Bench) -> Self {
        Self {
            tries: bench.memory.object(id::TRIES).expect("counters"),
        }
    }

    fn answered(&mut self, bench: &Bench, data: &[u8], success: bool) {
        assert_eq!(CARDS.secrets.in_bytes(data), None, "a secret is told");
        let tries = bench.memory.object(id::TRIES).expect("a whole state");
        for (before, after) in self.tries.iter().zip(&tries) {
            assert!(
                after <= before || success,
                "tries given back: {before} to {after}"
            );
            assert!(
                *before <= after + 1 || success,
                "tries lost: {before} to {after}"
            );
        }
        self.tries = tries;
    }
}

/// Pieces of the bytes: two bytes of length, then so many.
fn pieces(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (piece, rest) = rest.split_at(length);
        bytes = rest;
        Some(piece)
    })
    .take(MOST)
}

/// The first byte chooses card and interface; then come commands as they go over the wire.
pub fn card(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let card = &CARDS.cards[usize::from(first & 0x7F) % CARDS.cards.len()];
    let mut standing = Standing::new("a card", card, Vec::new());
    if first & 0x80 != 0 {
        standing = standing.contactless();
    }
    let mut bench = standing.take_up();
    let mut watch = Watch::of(&bench);
    for piece in pieces(rest) {
        let answer = bench.raw(piece);
        let [data @ .., sw1, _] = &answer[..] else {
            panic!("an answer of {} bytes", answer.len());
        };
        watch.answered(&bench, data, matches!(sw1, 0x90 | 0x61));
    }
    bench.reset(Interface::Contact);
}

/// The first byte chooses the standing; then come commands as they are beneath secure messaging.
pub fn piv(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let [_, waiting, live, token] = &CARDS.cards;
    let (card, role) = match first % 6 {
        0 => (live, None),
        1 => (live, Some(Role::Issuer)),
        2 => (waiting, Some(Role::Delivery)),
        3 => (waiting, Some(Role::Override)),
        4 => (token, None),
        _ => (waiting, Some(Role::Issuer)),
    };
    let mut steps = vec![Step::Select(Application::Piv)];
    steps.extend(role.map(Step::Channel));
    if first % 6 == 4 {
        steps.push(Step::Administrator(ManagementKey::factory()));
    }
    let mut bench = Standing::new("PIV", card, steps).take_up();
    let mut watch = Watch::of(&bench);
    for piece in pieces(rest) {
        let Ok(command) = Command::parse(piece) else {
            continue;
        };
        let answer = bench.say(&command);
        watch.answered(&bench, &answer.data, answer.sw.is_success());
    }
    bench.reset(Interface::Contact);
}
