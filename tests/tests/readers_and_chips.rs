//! The same card comes of every reader, and of every chip that speaks our secure channel.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use negin_apdu::Limits;
use negin_secure_channel::scp03::Options;
use negin_tests::card::BenchCard;
use negin_tests::holding::Holding;
use negin_tests::journey::{Journey, World};
use negin_tests::office::Office;
use negin_tests::sweep::{Trying, ended};

#[test]
fn short_and_extended_commands_and_every_mode_of_the_channel_make_the_same_card() {
    let world = World::of(Office::new(8), 1);
    let morning = world.morning();
    let mut journey = Journey::from(&world, &morning, 1);
    journey.finish();
    let (reference, _) = Holding::read(&journey.card, &world.office, &world.probes);

    let narrow = Limits {
        command_data: 255,
        response_data: 200,
    };
    let readers = [Limits::EXTENDED, Limits::SHORT, narrow];
    // Random or pseudo-random challenges, of 8 or 16 bytes (GlobalPlatform Amendment D, table 5-1).
    for i in [0x60, 0x68, 0x70, 0x78] {
        let options = Options::new(i).expect("a mode with R-MAC and R-ENCRYPTION");
        let profile = &world.office.profile;
        let blank = BenchCard::blank_state_with(profile, 7, |blank| blank.options = options);
        for limits in readers {
            let _trying = Trying((i, limits));
            let card = BenchCard::in_reader(&blank, 1, limits);
            let mut journey = Journey::with_card(&world, &morning, card);
            journey.finish();
            ended(&journey, &world, &reference);
        }
    }
}
