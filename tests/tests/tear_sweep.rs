//! Power is cut at every write of a card's whole way, in every way it can go; the host dies at every exchange and at
//! every commit. Each time the same command, started again, ends with the same card.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::ops::Range;

use negin_apdu::Chaining;
use negin_card::{Piv, Verification};
use negin_eid::piv::{FingerReference, Pin};
use negin_firmware_sim::fault::{Cut, Way};
use negin_issuance::Error;
use negin_issuance::deliver::{Attempt, compare_once};
use negin_tests::citizen::Citizen;
use negin_tests::desk::PIN;
use negin_tests::holding::Holding;
use negin_tests::journey::{Command, Journey, Scene, Trail, World};
use negin_tests::link::Death;
use negin_tests::office::{OFFICERS, Office};
use negin_tests::scanner::Images;
use negin_tests::sweep::{Trying, agree, ended, standing, start_again};
use rayon::prelude::*;

/// Comparisons a card bears, of which one was lost before the cuts in delivery: so that one given back is seen.
const TRIES: u8 = 10;

/// A way that went well: the moment before each command, what each did, and what the card held at its end.
struct Straight {
    before: [Scene; 3],
    trails: [Trail; 3],
    reference: Holding,
}

impl Straight {
    fn of(world: &World) -> Self {
        let mut journey = Journey::from(world, &world.morning(), 1);
        let [one, two, three] = Command::ALL.map(|command| {
            if command == Command::Deliver {
                lose_a_try(&journey, world);
            }
            let before = journey.scene();
            // A card that is put back draws anew.
            journey = Journey::from(world, &before, 1);
            let (done, trail) = journey.start(command);
            done.expect("nothing is in the way");
            (before, trail)
        });
        let (reference, _) = Holding::read(&journey.card, &world.office, &world.probes);
        ended(&journey, world, &reference);
        Self {
            before: [one.0, two.0, three.0],
            trails: [one.1, two.1, three.1],
            reference,
        }
    }

    fn command(&self, command: Command) -> (&Scene, &Trail) {
        let at = command as usize;
        (&self.before[at], &self.trails[at])
    }
}

/// Another person's finger on the scanner of the counter.
fn wrong_finger(journey: &Journey<'_>, world: &World) -> Result<Attempt, Error> {
    let mut link = journey
        .card
        .connect()
        .map_err(|error| Error::Card(negin_card::Error::Transmit(error)))?;
    let mut scanner = Images::new([Citizen::synthetic(2).impression(1, 1)]);
    let (keys, code) = (&world.office.keys, world.office.code);
    let finger = FingerReference::Primary;
    compare_once(
        keys,
        [7; 16],
        code,
        &mut link,
        finger,
        &mut scanner,
        &mut |_| {},
    )
}

fn lose_a_try(journey: &Journey<'_>, world: &World) {
    let refused = Attempt::Refused {
        tries_left: TRIES - 1,
    };
    assert_eq!(wrong_finger(journey, world).expect("compared"), refused);
}

fn every(writes: Range<u64>) -> impl ParallelIterator<Item = Cut> {
    writes
        .into_par_iter()
        .flat_map_iter(|at_write| Way::ALL.into_iter().map(move |way| Cut { at_write, way }))
}

/// Cuts power at every write of a command, in every way; gives the number of cuts.
fn cut_everywhere(world: &World, straight: &Straight, command: Command) -> u64 {
    let (scene, trail) = straight.command(command);
    let once = |cut: Cut| {
        let _trying = Trying((command, cut));
        let seed = cut.at_write * 3 + cut.way as u64;
        let mut journey = Journey::from(world, scene, seed + 100);
        journey.card.power.arm(cut);
        let (done, cut_off) = journey.start(command);
        let error = done.expect_err("power went");
        assert!(
            matches!(&error, Error::Card(error) if error.is_interruption()),
            "{error}"
        );
        assert_eq!(journey.card.power.cuts(), 1, "the write was not reached");
        let mut matched = cut_off.matched.is_some();
        let found = standing(&journey, world);
        agree(&journey, world, &found, matched);
        if let Some(left) = found.finger_tries.filter(|_| command == Command::Deliver) {
            // A match gives the tries back, and nothing else does.
            let match_made = trail.matched.unwrap_or(u64::MAX);
            let most = match cut.at_write + 1 >= match_made {
                true => TRIES,
                false => TRIES - 1,
            };
            let possible = TRIES - 2..=most;
            assert!(possible.contains(&left), "{left} comparisons left");
        }
        // For some, power goes once more while the work is taken up.
        if (cut.at_write + cut.way as u64).is_multiple_of(3) {
            journey.card.power.arm(Cut {
                at_write: seed * 7 % 31,
                way: Way::ALL[(seed / 3 % 3) as usize],
            });
            let (_, cut_off) = journey.start(command);
            journey.card.power.disarm();
            matched |= cut_off.matched.is_some();
            agree(&journey, world, &standing(&journey, world), matched);
        }
        start_again(&mut journey, command);
        journey.finish();
        ended(&journey, world, &straight.reference);
        journey.card.power.cuts()
    };
    let cuts = every(0..trail.writes).map(once).sum();
    println!("{command:?}: {} writes, {cuts} cuts", trail.writes);
    assert!(cuts > trail.writes * 3, "some cuts were to be double");
    cuts
}

#[test]
fn power_goes_at_every_write_and_the_same_command_ends_with_the_same_card() {
    let world = World::of(Office::new(1), 1);
    let straight = Straight::of(&world);
    let cuts: u64 = [Command::Personalise, Command::Deliver]
        .into_iter()
        .map(|command| cut_everywhere(&world, &straight, command))
        .sum();
    println!(
        "power was cut {cuts} times: at each write in three ways, and once more in the taking up of every third"
    );
    assert!(cuts > 500, "{cuts}");
}

#[test]
fn power_goes_at_every_write_of_an_override() {
    let world = World {
        officers: Some(OFFICERS),
        ..World::of(Office::new(1), 1)
    };
    let straight = Straight::of(&world);
    let cuts = cut_everywhere(&world, &straight, Command::Deliver);
    println!("power was cut {cuts} times while two persons overrode");
}

#[test]
fn the_host_dies_at_every_exchange_and_every_commit_and_the_same_command_goes_on() {
    let world = World::of(Office::new(1), 1);
    let straight = Straight::of(&world);
    let mut all = 0;
    for command in Command::ALL {
        let (scene, trail) = straight.command(command);
        let deaths = |count: u64| {
            (0..count)
                .into_par_iter()
                .flat_map_iter(|at| [Death::Before(at), Death::After(at)])
        };
        let at_card = deaths(trail.exchanges).map(|death| (Some(death), None));
        let at_ledger = deaths(trail.commits).map(|death| (None, Some(death)));
        let died = at_card
            .chain(at_ledger)
            .map(|(at_card, at_ledger)| {
                let _trying = Trying((command, at_card, at_ledger));
                let mut journey = Journey::from(&world, scene, 1);
                journey.death = at_card;
                journey.death_in_ledger = at_ledger;
                let (done, cut_off) = journey.start(command);
                assert!(done.is_err(), "the host did not die");
                let found = standing(&journey, &world);
                agree(&journey, &world, &found, cut_off.matched.is_some());
                start_again(&mut journey, command);
                journey.finish();
                ended(&journey, &world, &straight.reference);
            })
            .count();
        println!(
            "{command:?}: {} exchanges, {} commits, {died} deaths",
            trail.exchanges, trail.commits
        );
        all += died;
    }
    println!("the host died {all} times");
    assert!(all > 300, "{all}");
}

/// A wrong finger at the counter, and a wrong PIN in the holder's hand.
#[test]
fn no_cut_gives_a_try_back() {
    let world = World::of(Office::new(1), 1);
    let straight = Straight::of(&world);
    let (shipped, _) = straight.command(Command::Deliver);
    let finger = sweep(
        &world,
        shipped,
        &|journey| wrong_finger(journey, &world).map(drop),
        &|journey| {
            standing(journey, &world)
                .finger_tries
                .expect("it waits for its holder")
        },
    );

    let mut journey = Journey::from(&world, shipped, 1);
    journey.finish();
    assert!(wrong_pin(&journey).is_ok());
    let live = journey.scene();
    let pin = sweep(&world, &live, &wrong_pin, &|journey| {
        let mut piv = Piv::select(journey.card.link()).expect("PIV");
        match piv.tries(negin_eid::piv::VerifyReference::Pin) {
            Ok(Verification::Failed { retries }) => retries,
            other => panic!("{other:?}"),
        }
    });
    println!(
        "{finger} cuts while a wrong finger was compared, {pin} while a wrong PIN was verified"
    );
    assert!(finger >= 12 && pin >= 12);
}

fn wrong_pin(journey: &Journey<'_>) -> Result<(), Error> {
    let transmit = |error| Error::Card(negin_card::Error::Transmit(error));
    let link = journey.card.connect().map_err(transmit)?;
    let wrong = Pin::new("000000").expect("a PIN");
    assert_ne!(PIN, "000000");
    let verified = Piv::select(Chaining::new(link))?.verify_pin(wrong)?;
    assert!(matches!(verified, Verification::Failed { .. }));
    Ok(())
}

/// Cuts power at every write of `act`, and looks at the tries twice: what was seen once stays.
fn sweep(
    world: &World,
    scene: &Scene,
    act: &dyn Fn(&Journey<'_>) -> Result<(), Error>,
    tries: &dyn Fn(&Journey<'_>) -> u8,
) -> u64 {
    let journey = Journey::from(world, scene, 1);
    let before = tries(&journey);
    let journey = Journey::from(world, scene, 1);
    act(&journey).expect("nothing is in the way");
    let writes = journey.card.power.writes();
    assert_eq!(tries(&journey), before - 1);
    let mut cuts = 0;
    for at_write in 0..writes {
        for way in Way::ALL {
            for seed in 0..4 {
                let cut = Cut { at_write, way };
                let _trying = Trying((cut, seed));
                let journey = Journey::from(world, scene, seed);
                journey.card.power.arm(cut);
                act(&journey).expect_err("power went");
                cuts += journey.card.power.cuts();
                let left = tries(&journey);
                assert!(
                    (before - 1..=before).contains(&left),
                    "{left} after {before}"
                );
                assert_eq!(tries(&journey), left, "what was seen once stays");
                let last = at_write + 1 == writes;
                assert!(!last || way != Way::CompleteUnanswered || left == before - 1);
            }
        }
    }
    cuts
}
