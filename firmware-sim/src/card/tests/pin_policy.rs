//! How many digits a PIN has: the card asks it of every PIN that is set, and spends no try on one that it does not take.

use negin_apdu::StatusWord;
use negin_eid::aid::Application;
use negin_eid::piv::{Container, FingerReference, PinPolicy, VerifyReference};
use negin_eid::roles::Role;

use super::bench::*;

const DONE: StatusWord = StatusWord::SUCCESS;
const NO_PIN: StatusWord = StatusWord::WRONG_DATA;
const EIGHT: &str = "31415926";

/// A card at the counter that takes PINs of seven and eight digits.
fn waiting() -> Bench {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.write();
    bench.open_in(Application::Piv, Role::Issuer);
    let policy = PinPolicy::new(7, 8).expect("within the standard");
    assert_eq!(bench.put(Container::PinPolicy, &policy.encode()), DONE);
    for wrong in [
        &b"\x53\x04\x80\x02\x05\x08"[..],
        b"\x53\x04\x80\x02\x08\x09",
        b"\x53\x01\x00",
    ] {
        assert_eq!(
            bench.put(Container::PinPolicy, wrong),
            NO_PIN,
            "{wrong:02X?}"
        );
    }
    bench.personalise_rest();
    bench
}

#[test]
fn the_first_pin_keeps_to_it_over_the_channel_and_from_a_pin_pad() {
    let mut bench = waiting();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(
        bench.secured_piv(&genuine(FingerReference::Primary)).sw,
        DONE
    );
    assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, NO_PIN);
    assert!(
        !bench.secured_piv(&activate(b"")).sw.is_success(),
        "no PIN was set"
    );
    assert_eq!(bench.piv(&first_pin(PIN)).sw, NO_PIN, "plain");
    assert_eq!(
        bench.piv(&first_pin(EIGHT)).sw,
        DONE,
        "the pad is asked again"
    );
    assert_eq!(bench.secured_piv(&activate(b"")).sw, DONE);
}

#[test]
fn later_pins_keep_to_it_too() {
    let mut bench = waiting();
    bench.open_in(Application::Piv, Role::Delivery);
    bench.secured_piv(&genuine(FingerReference::Primary));
    assert_eq!(bench.secured_piv(&first_pin(EIGHT)).sw, DONE);
    assert_eq!(bench.secured_piv(&activate(b"")).sw, DONE);
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&change_pin(EIGHT, "271828")).sw, NO_PIN);
    assert_eq!(bench.piv(&change_pin("00000000", "271828")).sw, NO_PIN);
    assert_eq!(bench.piv(&unblock(PUK, "271828")).sw, NO_PIN);
    assert_eq!(bench.piv(&unblock(*b"00000000", "271828")).sw, NO_PIN);
    assert_eq!(
        bench.tries(VerifyReference::Pin),
        Some(5),
        "no try was spent"
    );
    assert_eq!(
        bench.piv(&unblock(*b"00000000", "2718281")).sw.retries(),
        Some(9)
    );
    assert_eq!(bench.piv(&change_pin(EIGHT, "2718281")).sw, DONE);
    assert_eq!(bench.piv(&unblock(PUK, EIGHT)).sw, DONE);
    assert_eq!(
        bench.piv(&get(Container::PinPolicy)).sw,
        DONE,
        "anybody may know it"
    );
}
