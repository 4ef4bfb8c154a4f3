//! PIN, PUK and finger of a card in its holder's hand.

use negin_apdu::{Command, StatusWord};
use negin_eid::aid::Application;
use negin_eid::piv::{Container, Discovery, FingerReference, VerifyAction, VerifyReference};

use super::bench::*;

const DONE: StatusWord = StatusWord::SUCCESS;
const BLOCKED: StatusWord = StatusWord::AUTHENTICATION_METHOD_BLOCKED;
const PRIMARY: FingerReference = FingerReference::Primary;

fn in_hand() -> Bench {
    let mut bench = Bench::activated();
    assert_eq!(bench.select(Application::Piv), DONE);
    bench
}

#[test]
fn a_wrong_pin_costs_a_try_and_a_right_one_gives_all_back() {
    let mut bench = in_hand();
    assert_eq!(
        bench.piv(&status(VerifyReference::Pin)).sw,
        StatusWord::verification_failed(5)
    );
    assert_eq!(
        bench.piv(&pin("000000")).sw,
        StatusWord::verification_failed(4)
    );
    assert_eq!(
        bench.piv(&pin("000000")).sw,
        StatusWord::verification_failed(3)
    );
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(
        bench.tries(VerifyReference::Pin),
        Some(3),
        "a reset gives nothing back"
    );
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    assert_eq!(
        bench.piv(&status(VerifyReference::Pin)).sw,
        DONE,
        "verified"
    );
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(bench.tries(VerifyReference::Pin), Some(5));
}

#[test]
fn a_pin_blocks_and_the_puk_unblocks_it() {
    let mut bench = in_hand();
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(
            bench.piv(&pin("000000")).sw,
            StatusWord::verification_failed(left)
        );
    }
    assert_eq!(bench.piv(&pin(PIN)).sw, BLOCKED);
    assert_eq!(bench.piv(&change_pin(PIN, "111111")).sw, BLOCKED);
    assert_eq!(
        bench.piv(&unblock(*b"00000000", "222222")).sw,
        StatusWord::verification_failed(9)
    );
    assert_eq!(bench.piv(&pin(PIN)).sw, BLOCKED);
    assert_eq!(bench.piv(&unblock(PUK, "222222")).sw, DONE);
    assert_eq!(bench.piv(&pin("222222")).sw, DONE);
    assert_eq!(bench.tries(VerifyReference::Pin), None, "verified");
}

#[test]
fn a_puk_blocks_for_good() {
    let mut bench = in_hand();
    for left in (0..10).rev() {
        assert_eq!(
            bench.piv(&unblock(*b"00000000", "222222")).sw,
            StatusWord::verification_failed(left)
        );
    }
    assert_eq!(bench.piv(&unblock(PUK, "222222")).sw, BLOCKED);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE, "the PIN is another matter");
}

#[test]
fn the_pin_is_changed_by_who_knows_it() {
    let mut bench = in_hand();
    assert_eq!(
        bench.piv(&change_pin("000000", "111111")).sw,
        StatusWord::verification_failed(4)
    );
    assert_eq!(bench.piv(&change_pin(PIN, "111111")).sw, DONE);
    assert_eq!(bench.piv(&pin(PIN)).sw, StatusWord::verification_failed(4));
    assert_eq!(bench.piv(&pin("111111")).sw, DONE);
}

#[test]
fn the_puk_is_changed_by_who_knows_it() {
    let mut bench = in_hand();
    let change = |old: &[u8; 8], new: &[u8; 8]| {
        Command::new(0, 0x24, 0, 0x81).with_data([*old, *new].concat())
    };
    assert_eq!(
        bench.plain(&change(b"00000000", b"87654321")).sw,
        StatusWord::verification_failed(9)
    );
    assert_eq!(bench.plain(&change(&PUK, b"87654321")).sw, DONE);
    assert_eq!(
        bench.piv(&unblock(PUK, "222222")).sw,
        StatusWord::verification_failed(9)
    );
    assert_eq!(bench.piv(&unblock(*b"87654321", "222222")).sw, DONE);
}

#[test]
fn what_is_no_pin_costs_nothing() {
    let mut bench = in_hand();
    for data in [
        &b"12345678"[..7],
        b"31415926535",
        b"31415\xFF\xFF\xFF",
        b"abcdefgh",
    ] {
        let verify = Command::new(0x00, 0x20, 0x00, 0x80).with_data(data);
        assert_eq!(bench.plain(&verify).sw, StatusWord::WRONG_DATA);
    }
    assert_eq!(bench.tries(VerifyReference::Pin), Some(5));
}

#[test]
fn logging_out_forgets() {
    let mut bench = in_hand();
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    assert_eq!(bench.piv(&get(Container::FacialImage)).sw, DONE);
    assert_eq!(bench.piv(&log_out(VerifyReference::Pin)).sw, DONE);
    assert_eq!(
        bench.piv(&get(Container::FacialImage)).sw,
        StatusWord::SECURITY_STATUS_NOT_SATISFIED
    );
    assert_eq!(bench.tries(VerifyReference::Pin), Some(5));
}

#[test]
fn selecting_another_application_forgets_what_is_pivs() {
    let mut bench = in_hand();
    bench.piv(&pin(PIN));
    bench.piv(&genuine(PRIMARY));
    bench.select(Application::Piv);
    assert_eq!(
        bench.piv(&status(VerifyReference::Pin)).sw,
        DONE,
        "PIV again is no other application"
    );
    bench.select(Application::SecurityDomain);
    bench.select(Application::Piv);
    assert_eq!(bench.tries(VerifyReference::Pin), Some(5));
    assert_eq!(bench.tries(VerifyReference::PrimaryFinger), Some(5));
}

#[test]
fn a_finger_opens_what_fingers_open_and_no_more() {
    let mut bench = in_hand();
    assert_eq!(bench.piv(&genuine(PRIMARY)).sw, DONE);
    assert_eq!(bench.piv(&get(Container::PrintedInformation)).data, NAME);
    for container in [Container::FacialImage, Container::Fingerprints] {
        assert_eq!(
            bench.piv(&get(container)).sw,
            StatusWord::SECURITY_STATUS_NOT_SATISFIED,
            "{container:?}"
        );
    }
}

#[test]
fn a_stranger_opens_nothing_and_blocks_one_finger_only() {
    let mut bench = in_hand();
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(
            bench.piv(&impostor(PRIMARY)).sw,
            StatusWord::verification_failed(left)
        );
        assert_eq!(
            bench.piv(&get(Container::PrintedInformation)).sw,
            StatusWord::SECURITY_STATUS_NOT_SATISFIED
        );
    }
    assert_eq!(bench.piv(&genuine(PRIMARY)).sw, BLOCKED);
    assert_eq!(bench.piv(&genuine(FingerReference::Secondary)).sw, DONE);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
}

#[test]
fn a_miss_undoes_what_was_verified() {
    let mut bench = in_hand();
    for (right, wrong) in [
        (genuine(PRIMARY), impostor(PRIMARY)),
        (pin(PIN), pin("000000")),
    ] {
        assert_eq!(bench.piv(&right).sw, DONE);
        assert_eq!(bench.piv(&wrong).sw, StatusWord::verification_failed(4));
        assert_eq!(
            bench.piv(&get(Container::PrintedInformation)).sw,
            StatusWord::SECURITY_STATUS_NOT_SATISFIED
        );
    }
}

#[test]
fn a_probe_of_another_format_costs_nothing() {
    let mut bench = in_hand();
    let probe = minutiae(enrolled_finger(PRIMARY), 1);
    let present = |data: Vec<u8>| verify(PRIMARY.verify(), VerifyAction::Minutiae(data.into()));
    let few = probe[..3 * 11].to_vec();
    let many = [&probe[..], &probe[..]].concat();
    let reserved_kind = [&probe[..], &[1, 1, 0xC0]].concat();
    for data in [few, many, reserved_kind] {
        assert_eq!(bench.piv(&present(data)).sw, StatusWord::WRONG_DATA);
    }
    let ragged = Command::new(0x00, 0x20, 0x00, 0x96).with_data(&probe[..40]);
    assert_eq!(bench.plain(&ragged).sw, StatusWord::WRONG_DATA);
    assert_eq!(bench.tries(VerifyReference::PrimaryFinger), Some(5));
}

#[test]
fn with_the_bit_clear_in_discovery_there_is_no_comparison() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, negin_eid::roles::Role::Issuer);
    bench.secured_piv(&enrol(PRIMARY));
    assert_eq!(
        bench.put(Container::Discovery, &Discovery::of_card(false).encode()),
        DONE
    );
    bench.session = None;
    bench.reset();
    bench.personalise_rest();
    bench.open_in(Application::Piv, negin_eid::roles::Role::Delivery);
    assert_eq!(
        bench.secured_piv(&genuine(PRIMARY)).sw,
        StatusWord::REFERENCE_DATA_NOT_FOUND
    );
    assert_eq!(
        bench.secured_piv(&status(PRIMARY.verify())).sw,
        StatusWord::REFERENCE_DATA_NOT_FOUND
    );
}

#[test]
fn references_that_are_not_there() {
    let mut bench = in_hand();
    for reference in [0x00, 0x81, 0x95, 0x98] {
        let ask = Command::new(0x00, 0x20, 0x00, reference);
        assert_eq!(
            bench.plain(&ask).sw,
            StatusWord::REFERENCE_DATA_NOT_FOUND,
            "{reference:02X}"
        );
    }
}
