//! PIN pads: they speak plain, once, after a match.

use negin_apdu::{Command, StatusWord};
use negin_eid::aid::Application;
use negin_eid::piv::FingerReference;
use negin_eid::roles::Role;

use super::bench::*;

const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;
const OPEN: StatusWord = StatusWord::SUCCESS;
const PRIMARY: FingerReference = FingerReference::Primary;

#[test]
fn a_pin_pad_sets_the_first_pin_once_after_a_match() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
    assert_eq!(bench.piv(&first_pin(PIN)).sw, OPEN, "the pad speaks plain");
    assert_eq!(
        bench.secured_piv(&activate(b"")).sw,
        OPEN,
        "the session goes on"
    );
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&pin(PIN)).sw, OPEN);
}

#[test]
fn a_pin_pad_speaks_once_and_only_after_a_match() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(
        bench.piv(&first_pin(PIN)).sw,
        StatusWord::SECURITY_STATUS_NOT_SATISFIED,
        "before a match"
    );

    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
    assert_eq!(bench.piv(&first_pin(PIN)).sw, OPEN);
    assert_eq!(bench.piv(&first_pin("666666")).sw, SHUT, "a second time");
    assert_eq!(bench.secured_piv(&activate(b"")).sw, OPEN);
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&pin(PIN)).sw, OPEN, "the first one holds");

    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Override);
    assert_eq!(
        bench.piv(&first_pin(PIN)).sw,
        StatusWord::SECURITY_STATUS_NOT_SATISFIED,
        "no pad for an override"
    );
}

#[test]
fn a_pin_that_is_none_is_refused_and_the_pad_may_try_again() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
    let short = Command::new(0x00, 0x24, 0x01, 0x80).with_data(*b"12\xFF\xFF\xFF\xFF\xFF\xFF");
    assert_eq!(bench.secured(&short).sw, StatusWord::WRONG_DATA);
    assert_eq!(
        bench.secured_piv(&activate(b"")).sw,
        SHUT,
        "there is no PIN yet"
    );
    assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, OPEN);
}

#[test]
fn a_match_is_not_left_behind_for_a_pin_pad() {
    for away in Application::ALL {
        let mut bench = Bench::personalised();
        bench.open_in(Application::Piv, Role::Delivery);
        assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
        bench.select(away);
        bench.select(Application::Piv);
        assert_eq!(bench.piv(&first_pin(PIN)).sw, SHUT, "{away:?}");
    }
}
