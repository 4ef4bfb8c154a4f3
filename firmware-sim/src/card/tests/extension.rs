//! Yubico's administration extensions: only behind the switch, only on a live card, each for whom it is meant.

use negin_apdu::{Command, Interface, Limits, StatusWord};
use negin_eid::aid::Application;
use negin_eid::field;
use negin_eid::gp::{ApplicationStage, CardState};
use negin_eid::piv::{
    Container, Extensions, FingerReference, KeyReference, ManagementAlgorithm, ManagementKey,
    MetadataReference, SetRetries, VerifyReference, YubicoCommand,
};
use negin_eid::roles::Role;

use super::administration::*;
use super::bench::*;

const UNKNOWN: StatusWord = StatusWord::INS_NOT_SUPPORTED;

fn live_with_extensions() -> Bench {
    live(Extensions::Yubico, &ManagementKey::factory())
}

fn say(bench: &mut Bench, command: &YubicoCommand) -> StatusWord {
    bench.plain(&command.to_apdu()).sw
}

fn told(bench: &mut Bench, command: &YubicoCommand) -> Vec<u8> {
    bench.plain(&command.to_apdu()).ok().expect("told")
}

fn part(metadata: &[u8], tag: u32) -> Option<Vec<u8>> {
    field::find("metadata", metadata, tag)
        .expect("fields")
        .map(<[u8]>::to_vec)
}

const RETRIES: YubicoCommand = YubicoCommand::SetRetries(SetRetries { pin: 9, puk: 8 });

/// Uses up all tries of PIN and PUK.
pub fn lock_the_holder_out(bench: &mut Bench) {
    while bench.piv(&pin("000000")).sw != StatusWord::AUTHENTICATION_METHOD_BLOCKED {}
    while bench.piv(&unblock(*b"00000000", "111111")).sw
        != StatusWord::AUTHENTICATION_METHOD_BLOCKED
    {}
}

#[test]
fn without_the_switch_there_are_no_such_instructions() {
    let key = key(ManagementAlgorithm::Aes128);
    let cards = [
        Bench::blank(),
        Bench::personalised(),
        Bench::activated(),
        waiting(Extensions::Yubico, &key),
        live(Extensions::Standard, &key),
    ];
    for mut bench in cards {
        for application in Application::ALL {
            bench.select(application);
            for ins in 0xF7..=0xFF {
                for (p1, p2) in [
                    (0x00, 0x00),
                    (0xFF, 0xFF),
                    (0x00, 0x9A),
                    (0x9A, 0x00),
                    (0x03, 0x03),
                ] {
                    for data in [&[][..], &[0x03, 0x9B, 0x18], &[0x06, 0x20]] {
                        let command = Command::new(0x00, ins, p1, p2).with_data(data);
                        let answer = bench.plain(&command);
                        assert_eq!((answer.sw, answer.data), (UNKNOWN, vec![]), "{command:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn under_another_application_or_class_they_do_not_exist_either() {
    let mut bench = live_with_extensions();
    for application in [Application::SecurityDomain, Application::TravelDocument] {
        bench.select(application);
        assert_eq!(say(&mut bench, &YubicoCommand::Version), UNKNOWN);
    }
    bench.select(Application::Piv);
    let proprietary = Command::new(0x80, 0xFD, 0x00, 0x00).with_le(256);
    assert!(!bench.plain(&proprietary).sw.is_success());
    assert_eq!(
        bench.plain(&Command::new(0x00, 0xFC, 0x00, 0x00)).sw,
        UNKNOWN
    );
    assert_eq!(
        bench.plain(&Command::new(0x00, 0xF6, 0x00, 0x00)).sw,
        UNKNOWN
    );
}

#[test]
fn version_and_serial_number() {
    let mut bench = live_with_extensions();
    assert_eq!(told(&mut bench, &YubicoCommand::Version), [5, 4, 3]);
    assert_eq!(told(&mut bench, &YubicoCommand::Serial), KDD[6..]);
    // As yubico-piv-tool sends them: five bytes.
    let bytes = YubicoCommand::Version.to_apdu().to_bytes().expect("fits");
    assert_eq!(bytes, [0x00, 0xFD, 0x00, 0x00, 0x00]);
    let more = Command::new(0x00, 0xFD, 0x00, 0x01).with_le(256);
    assert_eq!(bench.plain(&more).sw, StatusWord::INCORRECT_P1P2);
}

#[test]
fn metadata_of_pin_puk_and_management_key() {
    let mut bench = live_with_extensions();
    bench.piv(&pin("000000"));
    let pin = told(&mut bench, &YubicoCommand::Metadata(MetadataReference::Pin));
    assert_eq!(part(&pin, 0x01), Some(vec![0xFF]));
    assert_eq!(part(&pin, 0x05), Some(vec![0]));
    assert_eq!(part(&pin, 0x06), Some(vec![5, 4]));
    let puk = told(&mut bench, &YubicoCommand::Metadata(MetadataReference::Puk));
    assert_eq!(part(&puk, 0x06), Some(vec![10, 10]));
    let of = YubicoCommand::Metadata(MetadataReference::ManagementKey);
    assert_eq!(
        told(&mut bench, &of),
        b"\x01\x01\x03\x02\x02\x00\x01\x05\x01\x01"
    );
    let unknown = Command::new(0x00, 0xF7, 0x00, 0x96).with_le(256);
    assert_eq!(
        bench.plain(&unknown).sw,
        StatusWord::REFERENCE_DATA_NOT_FOUND
    );
    let other = key(ManagementAlgorithm::Aes256);
    let mut bench = live(Extensions::Yubico, &other);
    assert_eq!(
        told(&mut bench, &of),
        b"\x01\x01\x0C\x02\x02\x00\x01\x05\x01\x00"
    );
}

#[test]
fn another_management_key_is_the_administrators_to_set() {
    let factory = ManagementKey::factory();
    let mut bench = live_with_extensions();
    let mut held = factory;
    for algorithm in ManagementAlgorithm::ALL {
        let next = key(algorithm);
        let set = YubicoCommand::SetManagementKey(next.clone());
        assert_eq!(
            say(&mut bench, &set),
            UNAUTHORISED,
            "nobody proved to hold the old one"
        );
        assert_eq!(external(&mut bench, &held), DONE);
        assert_eq!(say(&mut bench, &set), DONE);
        let mut bench_again = bench.moved(Interface::Contact, Limits::SHORT);
        bench_again.select(Application::Piv);
        assert_eq!(external(&mut bench_again, &next), DONE, "{algorithm:?}");
        bench = bench_again;
        bench.reset();
        bench.select(Application::Piv);
        held = next;
    }
}

#[test]
fn a_management_key_that_is_none_is_refused() {
    let mut bench = live_with_extensions();
    assert_eq!(external(&mut bench, &ManagementKey::factory()), DONE);
    let key = [7; 24];
    for (p2, head, expected) in [
        (0xFF, [0x03, 0x9B, 0x17], StatusWord::WRONG_DATA),
        (0xFF, [0x03, 0x9A, 0x18], StatusWord::WRONG_DATA),
        (0xFF, [0x08, 0x9B, 0x18], StatusWord::WRONG_DATA),
        (0xFF, [0x11, 0x9B, 0x18], StatusWord::WRONG_DATA),
        (0xFE, [0x03, 0x9B, 0x18], StatusWord::INCORRECT_P1P2),
        (0x00, [0x03, 0x9B, 0x18], StatusWord::INCORRECT_P1P2),
    ] {
        let set = Command::new(0x00, 0xFF, 0xFF, p2).with_data([&head[..], &key].concat());
        assert_eq!(bench.plain(&set).sw, expected, "{head:02X?}");
    }
    bench.select(Application::Piv);
    assert_eq!(
        external(&mut bench, &ManagementKey::factory()),
        DONE,
        "still the same"
    );
}

#[test]
fn tries_are_set_by_administrator_and_holder_together() {
    let mut bench = live_with_extensions();
    assert_eq!(say(&mut bench, &RETRIES), UNAUTHORISED);
    bench.piv(&pin(PIN));
    assert_eq!(say(&mut bench, &RETRIES), UNAUTHORISED, "the holder alone");
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(external(&mut bench, &ManagementKey::factory()), DONE);
    assert_eq!(
        say(&mut bench, &RETRIES),
        UNAUTHORISED,
        "the administrator alone"
    );
    bench.piv(&pin(PIN));
    for (pin, puk) in [(0, 1), (1, 0), (11, 1), (1, 11), (255, 255)] {
        let wrong = Command::new(0x00, 0xFA, pin, puk);
        assert_eq!(bench.plain(&wrong).sw, StatusWord::INCORRECT_P1P2);
    }
    assert_eq!(say(&mut bench, &RETRIES), DONE);
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(bench.tries(VerifyReference::Pin), Some(9));
    // PIN and PUK are what they were, and success gives back what was set.
    assert_eq!(bench.piv(&pin("000000")).sw.retries(), Some(8));
    assert_eq!(bench.piv(&unblock(*b"00000000", PIN)).sw.retries(), Some(7));
    assert_eq!(bench.piv(&unblock(PUK, "111111")).sw, DONE);
    assert_eq!(bench.tries(VerifyReference::Pin), Some(9));
    assert_eq!(bench.piv(&unblock(*b"00000000", PIN)).sw.retries(), Some(7));
    assert_eq!(bench.piv(&pin("111111")).sw, DONE);
}

#[test]
fn reset_waits_until_pin_and_puk_are_blocked() {
    let mut bench = live_with_extensions();
    assert_eq!(external(&mut bench, &ManagementKey::factory()), DONE);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    assert_eq!(say(&mut bench, &YubicoCommand::Reset), SHUT, "whoever asks");
    while bench.piv(&pin("000000")).sw != StatusWord::AUTHENTICATION_METHOD_BLOCKED {}
    assert_eq!(
        say(&mut bench, &YubicoCommand::Reset),
        SHUT,
        "the PUK can still help"
    );
    lock_the_holder_out(&mut bench);
    let mut far = bench.moved(Interface::Contactless, Limits::EXTENDED);
    far.select(Application::Piv);
    assert_eq!(
        say(&mut far, &YubicoCommand::Reset),
        UNAUTHORISED,
        "in passing"
    );
    assert_eq!(say(&mut bench, &YubicoCommand::Reset), DONE);
}

#[test]
fn a_card_that_was_reset_is_nobodys_and_not_live() {
    let mut bench = live_with_extensions();
    lock_the_holder_out(&mut bench);
    assert_eq!(say(&mut bench, &YubicoCommand::Reset), DONE);
    for _ in 0..2 {
        // Nothing answers to its former holder, nor to the administrator, at once and after a reset.
        for command in [
            pin(PIN),
            pin("123456"),
            genuine(FingerReference::Primary),
            first_pin(PIN),
            activate(b""),
        ] {
            assert_eq!(bench.piv(&command).sw, SHUT, "{command:?}");
        }
        assert_eq!(bench.piv(&put(Container::Chuid, b"\x53\x01x")).sw, SHUT);
        assert_eq!(say(&mut bench, &YubicoCommand::Version), UNKNOWN);
        for container in Container::ALL.into_iter().filter(|c| c.is_wrapped()) {
            assert_eq!(bench.piv(&get(container)).sw, SHUT, "{container:?}");
        }
        bench.reset();
        bench.select(Application::Piv);
    }
    // A counter delivers nothing that was not written.
    bench.open_in(Application::Piv, Role::Delivery);
    for command in [
        genuine(FingerReference::Primary),
        first_pin(PIN),
        activate(b""),
    ] {
        assert_eq!(bench.secured_piv(&command).sw, SHUT, "{command:?}");
    }
    assert_eq!(bench.stage(), ApplicationStage::Selectable);
    // For the issuer it is empty, and may be written and delivered anew: by a match, as ever.
    bench.open_in(Application::Piv, Role::Issuer);
    for container in Container::ALL.into_iter().filter(|c| c.is_wrapped()) {
        assert_eq!(
            bench.secured_piv(&get(container)).sw,
            StatusWord::FILE_NOT_FOUND
        );
    }
    bench.write();
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    assert_eq!(
        bench.set_application(Application::Piv, ApplicationStage::Personalised, false),
        DONE
    );
    bench.deliver();
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    assert_eq!(
        say(&mut bench, &YubicoCommand::Version),
        UNKNOWN,
        "the switch went, too"
    );
}

#[test]
fn nothing_of_the_holder_is_left_in_memory() {
    let key = key(ManagementAlgorithm::Aes256);
    let finger = minutiae(enrolled_finger(FingerReference::Primary), 0);
    let holds = |bench: &Bench| {
        let state = bench.card.lock().expect("not poisoned").state_bytes();
        [&finger[..24], key.expose(), &[0x9C; 24][..], NAME]
            .map(|own| state.windows(own.len()).any(|found| found == own))
    };
    let mut reset = live(Extensions::Yubico, &key);
    assert_eq!(holds(&reset), [true; 4]);
    lock_the_holder_out(&mut reset);
    assert_eq!(say(&mut reset, &YubicoCommand::Reset), DONE);
    assert_eq!(holds(&reset), [false; 4], "reset");
    let mut ended = live(Extensions::Yubico, &key);
    ended.open_in(Application::SecurityDomain, Role::Issuer);
    assert_eq!(ended.set_card(CardState::Terminated), DONE);
    assert_eq!(holds(&ended), [false; 4], "terminated");
}

#[test]
fn what_passers_by_are_not_told() {
    let mut bench = live_with_extensions().moved(Interface::Contactless, Limits::EXTENDED);
    bench.select(Application::Piv);
    for reference in [
        MetadataReference::Pin,
        MetadataReference::Puk,
        MetadataReference::ManagementKey,
        MetadataReference::Key(KeyReference::Authentication),
    ] {
        assert_eq!(
            say(&mut bench, &YubicoCommand::Metadata(reference)),
            UNAUTHORISED
        );
    }
    assert_eq!(
        say(
            &mut bench,
            &YubicoCommand::Attest(KeyReference::Authentication)
        ),
        UNAUTHORISED
    );
}
