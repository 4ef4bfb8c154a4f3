//! The whole way of one card, undisturbed.

use std::time::Instant;

use negin_tests::holding::Holding;
use negin_tests::journey::{Command, Journey, World};
use negin_tests::office::Office;

#[test]
fn from_blank_to_delivered() {
    let t = Instant::now();
    let world = World::of(Office::new(1), 1);
    println!("world {:?}", t.elapsed());
    let morning = world.morning();
    let t = Instant::now();
    let mut journey = Journey::from(&world, &morning, 1);
    for command in Command::ALL {
        let before = journey.card.power.writes();
        let t = Instant::now();
        let (done, trail) = journey.start(command);
        done.unwrap();
        println!(
            "{command:?} {:?} {} writes {trail:?}",
            t.elapsed(),
            journey.card.power.writes() - before
        );
    }
    let t1 = Instant::now();
    let (holding, _) = Holding::read(&journey.card, &world.office, &world.probes);
    println!("read {:?}, all {:?}", t1.elapsed(), t.elapsed());
    for (c, o) in &holding.containers {
        println!("{c:?} {}", o.len());
    }
    for (c, o) in &holding.files {
        println!("{c:?} {}", o.len());
    }
}
