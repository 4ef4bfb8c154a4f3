//! No command reads an enrolled reference, a private key, a key set, the PIN or the PUK: every instruction with every
//! P1 and P2, every tag of GET DATA, every file and offset, in every state of a card, over both interfaces, with and
//! without PIN and finger verified, under the channel of every role.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::LazyLock;

use negin_apdu::{Command, StatusWord};
use negin_proof::search::{Search, Searched};
use negin_proof::secrets::{Secrets, covered};
use negin_proof::standing::{Standing, Step};
use negin_tests::cabinet::{Cabinet, token};
use negin_tests::desk::PIN;
use negin_tests::journey::World;
use negin_tests::office::Office;
use rayon::prelude::*;

struct Bench {
    standings: Vec<Standing>,
    /// The instructions known in each standing, for the classes 00 and 80.
    known: Vec<[Vec<u8>; 2]>,
    /// Standings under PIV's own secure messaging, which ends at any command that it does not carry.
    virtual_contact: Vec<Standing>,
    secrets: Secrets,
    live: BTreeMap<&'static str, usize>,
}

/// Interindustry commands, and GlobalPlatform's.
const CLASSES: [u8; 2] = [0x00, 0x80];

static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let world = World::of(Office::new(5), 1);
    let cabinet = Cabinet::of(&world);
    let (token, tokens) = token(6);
    let all = cabinet.cards().into_iter().chain(token.cards());
    let mut secrets = Secrets::of(all);
    let mut pin = [0xFF; 8];
    pin[..PIN.len()].copy_from_slice(PIN.as_bytes());
    secrets.add_key("the PIN", &pin);
    let mut standings = cabinet.standings();
    standings.extend(tokens);
    let found: Vec<_> = standings
        .par_iter()
        .map(|standing| CLASSES.map(|cla| known(standing, cla, &secrets)))
        .collect();
    told(
        "which INS are known",
        standings.len(),
        found.iter().flatten().map(|(_, looked)| *looked).sum(),
    );
    Bench {
        standings,
        virtual_contact: cabinet.virtual_contact(),
        known: found
            .into_iter()
            .map(|two| two.map(|(known, _)| known))
            .collect(),
        secrets,
        live: covered(&cabinet.live),
    }
});

/// Says a line of the log, capture or not.
fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error");
}

fn told(what: &str, standings: usize, searched: Searched) {
    say(&format!(
        "no secret leaves: {what}: {standings} standings, {} commands ({} said again), {} answers with {} bytes of data looked through",
        searched.commands, searched.again, searched.answered, searched.bytes
    ));
}

fn unknown(sw: StatusWord) -> bool {
    matches!(sw.sw1(), 0x6D | 0x6E)
}

/// Instructions that a card in this standing knows: those answered otherwise than with 6D00 or 6E00, for any P1 with
/// P2 = 00 or any P2 with P1 = 00.
fn known(standing: &Standing, cla: u8, secrets: &Secrets) -> (Vec<u8>, Searched) {
    let mut search = Search::new(standing, secrets);
    let mut found = Vec::new();
    for ins in 0..=0xFF {
        let mut is_known = false;
        let every = |fixed: Option<u8>| {
            (0..=0xFF).map(move |free| match fixed {
                None => Command::new(cla, ins, free, 0x00).with_le(256),
                Some(p1) => Command::new(cla, ins, p1, free).with_le(256),
            })
        };
        for fixed in [None, Some(0x00)] {
            search.row(every(fixed), |sw| is_known |= !unknown(sw));
        }
        if is_known {
            found.push(ins);
        }
    }
    (found, search.searched)
}

/// Every P1 and P2 of these instructions.
fn all_parameters(standing: &Standing, cla: u8, instructions: &[u8]) -> Searched {
    let bench = &*BENCH;
    let one = |ins: &u8| {
        let mut search = Search::new(standing, &bench.secrets);
        for p1 in 0..=0xFF {
            let row = (0..=0xFF).map(|p2| Command::new(cla, *ins, p1, p2).with_le(256));
            search.row(row, |_| {});
        }
        search.searched
    };
    instructions.par_iter().map(one).sum()
}

#[test]
fn what_is_looked_for_is_found() {
    let bench = &*BENCH;
    let names: Vec<_> = bench.live.keys().copied().collect();
    assert_eq!(
        names,
        ["PIN and PUK", "key sets", "private keys", "references"]
    );
    let live = &bench.standings.iter().find(|s| s.name == "live, PIV");
    let card = &live.expect("a standing").card;
    let mut found = 0;
    for (id, bytes) in card.objects() {
        let secret = (0x100..0x400).contains(&id) && id != 0x1FF || id == 0x10 || id == 0x11;
        let seen = bench.secrets.in_bytes(&bytes).is_some();
        assert_eq!(seen, secret, "object {id:X}");
        found += usize::from(seen);
    }
    say(&format!(
        "no secret leaves: {found} secret objects in a live card, {} runs of bytes looked for",
        bench.secrets.runs()
    ));
    assert_eq!(found, bench.live.values().sum::<usize>());
}

/// Standings in which nothing is presumed of the instructions a card knows: 2^24 commands in each.
const WHOLE: [&str; 6] = [
    "being written, PIV",
    "waiting, PIV",
    "live, security domain",
    "live, PIV, finger and PIN verified",
    "live, travel document, PIN verified",
    "token, administrator, finger and PIN verified",
];

/// Every P1 and P2 of every instruction: of all 256 in some standings, of those the card knows in the others.
#[test]
fn every_instruction_with_every_parameter() {
    let all: Vec<u8> = (0..=0xFF).collect();
    let one = |(standing, known): (&Standing, &[Vec<u8>; 2])| {
        let whole = WHOLE.contains(&standing.name.as_str());
        let mut sum = Searched::default();
        for (cla, known) in CLASSES.into_iter().zip(known) {
            let instructions = if whole && cla == 0x00 { &all } else { known };
            sum = sum + all_parameters(standing, cla, instructions);
        }
        (whole, sum)
    };
    let bench = &*BENCH;
    let both = bench.standings.par_iter().zip(&bench.known);
    let done: Vec<_> = both.map(one).collect();
    let sum = |whole| {
        done.iter()
            .filter(move |(w, _)| *w == whole)
            .map(|(_, sum)| *sum)
    };
    told("every INS, P1, P2", sum(true).count(), sum(true).sum());
    told(
        "every P1, P2 of each known INS",
        sum(false).count(),
        sum(false).sum(),
    );
    assert_eq!(sum(true).count(), WHOLE.len());
    assert!(sum(true).all(|sum| sum.commands > 1 << 24 && sum.answered > 0));
}

/// A tag's bytes as GET DATA lists them.
fn get(tag: &[u8]) -> Command {
    let list = [&[0x5C, tag.len() as u8], tag].concat();
    Command::new(0x00, 0xCB, 0x3F, 0xFF)
        .with_data(list)
        .with_le(256)
}

/// GET DATA of every tag: all of one and two bytes in every standing, and of three bytes all that BER knows (the first
/// ending in 11111, the second with its highest bit, the third without), and beside them all that begin 5F.
#[test]
fn every_tag() {
    let one = |standing: &Standing| {
        let mut search = Search::new(standing, &BENCH.secrets);
        search.row((0..=0xFF).map(|tag| get(&[tag])), |_| {});
        for first in 0..=0xFF {
            search.row((0..=0xFF).map(|second| get(&[first, second])), |_| {});
        }
        for first in (0x1F..=0xFF).step_by(0x20) {
            let whole = first == 0x5F;
            for second in if whole { 0x00 } else { 0x80 }..=0xFF {
                let thirds = 0..=if whole { 0xFF } else { 0x7F };
                search.row(thirds.map(|third| get(&[first, second, third])), |_| {});
            }
        }
        search.searched
    };
    let done: Vec<_> = BENCH.standings.par_iter().map(one).collect();
    told("every tag", done.len(), done.into_iter().sum());
}

/// Data fields with which a reader of templates might ask for one.
fn asking() -> Vec<Vec<u8>> {
    let mut fields: Vec<Vec<u8>> = [
        &[0x5C, 0x02, 0x7F, 0x60][..],
        &[0x5C, 0x02, 0x7F, 0x2E],
        &[0x5C, 0x01, 0x96],
        &[0x5C, 0x00],
        &[0x4D, 0x02, 0x7F, 0x60],
        &[0x4D, 0x04, 0x7F, 0x60, 0x01, 0x80],
        &[0x83, 0x01, 0x96],
        &[0x7F, 0x60, 0x03, 0x83, 0x01, 0x96],
        &[0x54, 0x02, 0x00, 0x00],
        &[0x54, 0x01, 0x00],
        &[0x4F, 0x00],
        &[0x96],
        &[0x97],
        &[0x03, 0x00],
        &[0x03, 0x96],
        &[0x7C, 0x02, 0x82, 0x00],
        &[0x7C, 0x02, 0x81, 0x00],
        &[0x7C, 0x02, 0x80, 0x00],
    ]
    .map(<[u8]>::to_vec)
    .into();
    // GENERAL AUTHENTICATE: a digest to sign, a point to agree with, a value to decrypt.
    for (tag, length) in [(0x81, 32), (0x85, 65), (0x81, 48), (0x81, 8), (0x81, 16)] {
        let mut field = vec![0x7C, length + 4, 0x82, 0x00, tag, length];
        field.extend(std::iter::repeat_n(0x04, usize::from(length)));
        fields.push(field);
    }
    fields
}

/// Known instructions with data fields that ask: every P2 with some P1, every P1 with some P2.
#[test]
fn data_fields_that_ask() {
    let fields = asking();
    let one = |(standing, known): (&Standing, &[Vec<u8>; 2])| {
        let mut sum = Searched::default();
        for (cla, known) in CLASSES.into_iter().zip(known) {
            let mut search = Search::new(standing, &BENCH.secrets);
            for &ins in known {
                for field in &fields {
                    let command = |p1, p2| {
                        Command::new(cla, ins, p1, p2)
                            .with_data(&field[..])
                            .with_le(256)
                    };
                    for fixed in [0x00, 0x3F] {
                        search.row((0..=0xFF).map(|p2| command(fixed, p2)), |_| {});
                    }
                    for fixed in [0x96, 0xFF] {
                        search.row((0..=0xFF).map(|p1| command(p1, fixed)), |_| {});
                    }
                }
            }
            sum = sum + search.searched;
        }
        sum
    };
    let bench = &*BENCH;
    let both = bench.standings.par_iter().zip(&bench.known);
    let done: Vec<_> = both.map(one).collect();
    told("data fields that ask", done.len(), done.into_iter().sum());
}

/// Every file identifier selected, from the master file and from the application, and what is then the current file read whole.
#[test]
fn every_file() {
    let one = |standing: &Standing| {
        let secrets = &BENCH.secrets;
        let mut search = Search::new(standing, secrets);
        let mut selected = Vec::new();
        for p1 in [0x00, 0x02] {
            for high in 0..=0xFF {
                let mut found = Vec::new();
                let mut at = 0;
                let row =
                    (0..=0xFF).map(|low| Command::new(0x00, 0xA4, p1, 0x0C).with_data([high, low]));
                search.row(row, |sw| {
                    if sw.is_success() {
                        found.push((at % 0x100) as u8);
                    }
                    at += 1;
                });
                found.sort_unstable();
                found.dedup();
                selected.extend(found.into_iter().map(|low| (p1, high, low)));
            }
        }
        let mut sum = search.searched;
        for (p1, high, low) in &selected {
            let mut with_file = standing.clone();
            let select = Command::new(0x00, 0xA4, *p1, 0x0C).with_data([*high, *low]);
            with_file.steps.push(Step::Say(select));
            let mut search = Search::new(&with_file, secrets);
            for ins in [0xB0, 0xB1, 0xB2, 0xB3] {
                for p1 in 0..=0x7F {
                    let row = (0..=0xFF).step_by(0x40);
                    search.row(
                        row.map(|p2| Command::new(0x00, ins, p1, p2).with_le(65_536)),
                        |_| {},
                    );
                }
            }
            sum = sum + search.searched;
        }
        (selected.len(), sum)
    };
    let done: Vec<_> = BENCH.standings.par_iter().map(one).collect();
    let files: usize = done.iter().map(|(files, _)| files).sum();
    told(
        &format!("every file identifier ({files} selected and read)"),
        done.len(),
        done.into_iter().map(|(_, sum)| sum).sum(),
    );
    assert!(files > 0, "no file was ever read");
}

/// Over the antenna under PIV's own secure messaging: every P1 and P2 of what it carries, every tag, and data fields
/// that ask. GENERAL AUTHENTICATE without a template ends the session, so that each costs a new one: P-256, every key,
/// without a template and with a digest to sign.
#[test]
fn under_pivs_own_secure_messaging() {
    const CARRIED: [u8; 4] = [0x20, 0x24, 0x2C, 0xCB];
    let bench = &*BENCH;
    let fields = asking();
    let one = |standing: &Standing| {
        let mut search = Search::new(standing, &bench.secrets);
        for first in 0..=0xFF {
            search.row((0..=0xFF).map(|second| get(&[first, second])), |_| {});
            let thirds = 0..=0xFF;
            search.row(thirds.map(|third| get(&[0x5F, first, third])), |_| {});
        }
        let every_p2 = |ins, p1, field: &[u8]| {
            let command = Command::new(0x00, ins, p1, 0x00)
                .with_data(field)
                .with_le(256);
            (0..=0xFF).map(move |p2| {
                let mut command = command.clone();
                command.p2 = p2;
                command
            })
        };
        for field in &fields {
            search.row(every_p2(0xCB, 0x3F, field), |_| {});
        }
        let digest = [&[0x7C, 0x24, 0x82, 0x00, 0x81, 0x20], &[0x5A; 32][..]].concat();
        for field in [&[][..], &digest] {
            search.row(every_p2(0x87, 0x11, field), |_| {});
        }
        search.searched + all_parameters(standing, 0x00, &CARRIED)
    };
    let done: Vec<_> = bench.virtual_contact.par_iter().map(one).collect();
    told(
        "under PIV's own messaging",
        done.len(),
        done.into_iter().sum(),
    );
}
