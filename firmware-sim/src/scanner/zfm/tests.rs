//! The module's own answers, to bytes.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

const NOW: Duration = Duration::from_secs(1);

fn module(settings: &Settings) -> ZfmModule {
    let mut module = ZfmModule::new(settings);
    module.power_on(Duration::ZERO);
    module
}

fn usual() -> ZfmModule {
    module(&Settings::default())
}

/// All that is answered to a command: the payloads of the packets, each with its identifier.
fn say(module: &mut ZfmModule, payload: &[u8]) -> Vec<(Identifier, Vec<u8>)> {
    let address = module.flash.address;
    module.receive(&packet(address, Identifier::Command, payload), NOW);
    heard(module)
}

fn heard(module: &mut ZfmModule) -> Vec<(Identifier, Vec<u8>)> {
    let mut said = Vec::new();
    while let Some(bytes) = module.transmit(NOW) {
        match look(&bytes) {
            Seen::Packet {
                identifier,
                payload,
                ..
            } => said.push((identifier, payload.to_vec())),
            other => panic!("{other:?}"),
        }
    }
    said
}

/// The one answer to a command.
fn answer(module: &mut ZfmModule, payload: &[u8]) -> Vec<u8> {
    let mut said = say(module, payload);
    assert_eq!(said.len(), 1, "{payload:02X?}");
    let (identifier, answer) = said.remove(0);
    assert_eq!(identifier, Identifier::Acknowledge);
    answer
}

fn place(module: &mut ZfmModule, finger: u64, pressing: u64) {
    let touch = Touch::Place {
        finger,
        pressing: Some(pressing),
    };
    module.touch(&touch).unwrap();
}

#[test]
fn a_finger_is_enrolled_and_found() {
    let mut module = usual();
    assert_eq!(answer(&mut module, &[0x01]), [0x02]);
    assert_eq!(answer(&mut module, &[0x02, 1]), [0x15]);
    for buffer in [1, 2] {
        place(&mut module, 1, buffer.into());
        assert_eq!(answer(&mut module, &[0x01]), [0x00]);
        assert_eq!(answer(&mut module, &[0x02, buffer]), [0x00]);
    }
    let matched = answer(&mut module, &[0x03]);
    assert_eq!((matched[0], matched.len()), (0x00, 3));
    assert_eq!(answer(&mut module, &[0x05]), [0x00]);
    assert_eq!(answer(&mut module, &[0x06, 1, 0, 7]), [0x00]);
    assert_eq!(answer(&mut module, &[0x06, 1, 1, 0]), [0x0B]);
    assert_eq!(answer(&mut module, &[0x1D]), [0x00, 0, 1]);
    assert_eq!(answer(&mut module, &[0x1F, 0])[..3], [0x00, 0x80, 0x00]);
    place(&mut module, 1, 5);
    assert_eq!(answer(&mut module, &[0x01]), [0x00]);
    assert_eq!(answer(&mut module, &[0x02, 1]), [0x00]);
    for command in [0x04, 0x1B] {
        let found = answer(&mut module, &[command, 1, 0, 0, 0, 200]);
        assert_eq!(found[..3], [0x00, 0, 7]);
        // Only where it was looked for.
        assert_eq!(answer(&mut module, &[command, 1, 0, 0, 0, 7])[0], 0x09);
    }
    place(&mut module, 2, 5);
    assert_eq!(answer(&mut module, &[0x01]), [0x00]);
    assert_eq!(answer(&mut module, &[0x02, 1]), [0x00]);
    assert_eq!(answer(&mut module, &[0x04, 1, 0, 0, 0, 200])[0], 0x09);
    assert_eq!(answer(&mut module, &[0x05]), [0x0A]);
    assert_eq!(answer(&mut module, &[0x07, 2, 0, 8]), [0x0C]);
    assert_eq!(answer(&mut module, &[0x0C, 0, 7, 0, 1]), [0x00]);
    assert_eq!(answer(&mut module, &[0x0C, 0, 199, 0, 2]), [0x10]);
    assert_eq!(answer(&mut module, &[0x1D]), [0x00, 0, 0]);
}

#[test]
fn an_image_goes_up_and_comes_down() {
    let mut module = usual();
    assert_eq!(answer(&mut module, &[0x0A]), [0x0F]);
    place(&mut module, 1, 1);
    assert_eq!(answer(&mut module, &[0x01]), [0x00]);
    let said = say(&mut module, &[0x0A]);
    assert_eq!(said.len(), 1 + 36_864 / 128);
    let ends = said.iter().filter(|(kind, _)| *kind == Identifier::End);
    assert_eq!(ends.count(), 1);
    let data: Vec<u8> = said[1..]
        .iter()
        .flat_map(|(_, data)| data.clone())
        .collect();
    let pixels = module.image.as_ref().unwrap().pixels().to_vec();
    assert_eq!(data[1000], (pixels[2000] & 0xF0) | (pixels[2001] >> 4));

    module.power_on(NOW);
    assert_eq!(answer(&mut module, &[0x0B]), [0x00]);
    for (at, piece) in data.chunks(128).enumerate() {
        let identifier = match at {
            287 => Identifier::End,
            _ => Identifier::Data,
        };
        module.receive(&packet(0xFFFF_FFFF, identifier, piece), NOW);
    }
    assert_eq!(heard(&mut module), []);
    assert_eq!(say(&mut module, &[0x0A]), said);
    assert_eq!(answer(&mut module, &[0x02, 1]), [0x00]);
}

#[test]
fn settings_are_kept_and_checked() {
    let mut module = usual();
    assert_eq!(answer(&mut module, &[0x0E, 6, 0]), [0x00]);
    assert_eq!(answer(&mut module, &[0x0E, 6, 4]), [0x1B]);
    assert_eq!(answer(&mut module, &[0x0E, 5, 5]), [0x00]);
    assert_eq!(answer(&mut module, &[0x0E, 7, 0]), [0x1A]);
    assert_eq!(answer(&mut module, &[0x15, 1, 2, 3, 4]), [0x00]);
    let told = answer(&mut module, &[0x0F]);
    assert_eq!(
        told,
        [0x00, 0, 0, 0, 9, 0, 200, 0, 5, 1, 2, 3, 4, 0, 0, 0, 6]
    );
    // The old address is nobody's.
    module.receive(&packet(0xFFFF_FFFF, Identifier::Command, &[0x0F]), NOW);
    assert_eq!(heard(&mut module), []);
    module.receive(
        &packet(0x0102_0304, Identifier::Command, &[0x0E, 4, 12]),
        NOW,
    );
    assert_eq!(module.baud(), 57_600);
    assert_eq!(heard(&mut module).len(), 1);
    assert_eq!(module.baud(), 115_200);
    let note = [7; 32];
    let write = [&[0x18, 15][..], &note].concat();
    assert_eq!(answer(&mut module, &write), [0x00]);
    module.power_on(NOW);
    assert_eq!(answer(&mut module, &[0x19, 15])[1..], note);
    assert_eq!(answer(&mut module, &[0x19, 16]), [0x1C]);
    assert_eq!(say(&mut module, &[0x16]).len(), 1 + 512 / 32);
}

#[test]
fn a_password_locks_it_at_power_on() {
    let mut module = usual();
    assert_eq!(answer(&mut module, &[0x12, 0, 0, 0, 9]), [0x00]);
    assert_eq!(answer(&mut module, &[0x1D]), [0x21]);
    assert_eq!(answer(&mut module, &[0x13, 0, 0, 0, 0]), [0x13]);
    assert_eq!(answer(&mut module, &[0x13, 0, 0, 0, 9]), [0x00]);
    assert_eq!(answer(&mut module, &[0x1D]), [0x00, 0, 0]);
    module.power_on(NOW);
    assert_eq!(answer(&mut module, &[0x1D]), [0x21]);
}

#[test]
fn each_make_has_its_own_lights() {
    let mut zfm = usual();
    assert_eq!(answer(&mut zfm, &[0x50]), [0x00]);
    assert_eq!(answer(&mut zfm, &[0x35, 3, 0, 1, 0]), [0x01]);
    let mut r503 = module(&Settings {
        make: Make::R503,
        ..Settings::default()
    });
    assert_eq!(r503.transmit(NOW), Some(vec![0x55]));
    assert_eq!(answer(&mut r503, &[0x35, 3, 0, 1, 0]), [0x00]);
    assert_eq!(answer(&mut r503, &[0x51]), [0x01]);
    let product = answer(&mut r503, &[0x3C]);
    assert_eq!((product.len(), &product[1..5]), (47, &b"R503"[..]));
}

#[test]
fn a_pause_ends_what_was_begun() {
    let mut module = usual();
    let bytes = packet(0xFFFF_FFFF, Identifier::Command, &[0x1D]);
    module.receive(&bytes[..8], NOW);
    module.receive(&bytes[8..], NOW + PAUSE);
    assert_eq!(heard(&mut module).len(), 1);
    module.receive(&bytes[..8], NOW);
    let later = NOW + 2 * PAUSE;
    module.receive(&bytes, later);
    assert_eq!(heard(&mut module).len(), 1);
    // A packet that is damaged is answered as one.
    let mut damaged = bytes.clone();
    damaged[10] ^= 1;
    module.receive(&damaged, later);
    assert_eq!(heard(&mut module), [(Identifier::Acknowledge, vec![0x01])]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn after_any_bytes_and_a_pause_it_answers(
        pieces in proptest::collection::vec(
            prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..60),
                proptest::collection::vec(any::<u8>(), 1..40)
                    .prop_filter("not locked", |payload| !matches!(payload[0], 0x12 | 0x15))
                    .prop_map(|payload| packet(0xFFFF_FFFF, Identifier::Command, &payload)),
                proptest::collection::vec(any::<u8>(), 1..256)
                    .prop_map(|payload| packet(0xFFFF_FFFF, Identifier::Data, &payload)),
            ],
            0..12,
        ),
    ) {
        let mut module = usual();
        for piece in &pieces {
            module.receive(piece, NOW);
            while module.transmit(NOW).is_some() {}
        }
        module.receive(&packet(0xFFFF_FFFF, Identifier::Command, &[0x1D]), NOW + 2 * PAUSE);
        prop_assert!(!heard(&mut module).is_empty());
    }
}
