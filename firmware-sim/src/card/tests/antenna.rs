//! Over the antenna, where others may listen and be listened to.

use negin_apdu::{Interface, Limits, StatusWord};
use negin_eid::aid::Application;
use negin_eid::lds::{FileId, LdsCommand, PinVerify};
use negin_eid::piv::{
    Algorithm, Container, FingerReference, GeneralAuthenticate, KeyReference, Pin, PivCommand,
    VerifyReference,
};
use negin_eid::roles::Role;

use super::bench::*;

const DONE: StatusWord = StatusWord::SUCCESS;
const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;
const PRIMARY: FingerReference = FingerReference::Primary;

fn over_the_antenna(mut bench: Bench) -> Bench {
    bench.moved(Interface::Contactless, Limits::SHORT)
}

#[test]
fn nothing_is_verified_in_the_clear_and_no_try_is_lost() {
    let mut bench = over_the_antenna(Bench::activated());
    bench.select(Application::Piv);
    for command in [
        pin(PIN),
        pin("000000"),
        genuine(PRIMARY),
        impostor(PRIMARY),
        change_pin("000000", "111111"),
        unblock(*b"00000000", "111111"),
        status(VerifyReference::Pin),
    ] {
        assert_eq!(bench.piv(&command).sw, SHUT, "{command:?}");
    }
    bench.select(Application::TravelDocument);
    let verify = LdsCommand::Verify(PinVerify::Pin(Pin::new("000000").expect("digits"))).to_apdu();
    assert_eq!(bench.plain(&verify).sw, SHUT);
    assert_eq!(
        bench.plain(&read(Some(FileId::Dg1), 0, 10)).sw,
        StatusWord::SECURITY_STATUS_NOT_SATISFIED
    );
    let mut bench = bench.moved(Interface::Contact, Limits::SHORT);
    bench.select(Application::Piv);
    assert_eq!(bench.tries(VerifyReference::Pin), Some(5));
    assert_eq!(bench.tries(VerifyReference::PrimaryFinger), Some(5));
}

#[test]
fn what_is_free_over_the_antenna() {
    let mut bench = over_the_antenna(Bench::activated());
    bench.select(Application::Piv);
    for container in [
        Container::Chuid,
        Container::CardAuthenticationCertificate,
        Container::Discovery,
        Container::BiometricInformation,
    ] {
        assert_eq!(bench.piv(&get(container)).sw, DONE, "{container:?}");
    }
    for container in [
        Container::AuthenticationCertificate,
        Container::FacialImage,
        Container::ActivationRecord,
    ] {
        let sw = bench.piv(&get(container)).sw;
        assert_eq!(
            sw,
            StatusWord::SECURITY_STATUS_NOT_SATISFIED,
            "{container:?}"
        );
    }
    let sign = |key| {
        let digest = vec![1; 32];
        PivCommand::GeneralAuthenticate(GeneralAuthenticate::Sign {
            key,
            algorithm: Algorithm::EccP256,
            digest,
        })
    };
    assert_eq!(bench.piv(&sign(KeyReference::CardAuthentication)).sw, DONE);
    let sw = bench.piv(&sign(KeyReference::Authentication)).sw;
    assert_eq!(sw, StatusWord::SECURITY_STATUS_NOT_SATISFIED);
}

#[test]
fn a_channel_delivers_over_the_antenna_too() {
    let mut bench = over_the_antenna(Bench::personalised());
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&genuine(PRIMARY)).sw, SHUT);
    bench.deliver();
}

#[test]
fn a_pin_pad_does_not_speak_plain_over_the_antenna() {
    let mut bench = over_the_antenna(Bench::personalised());
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, DONE);
    assert_eq!(bench.piv(&first_pin(PIN)).sw, SHUT);
    assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, DONE);
}

#[test]
fn what_was_verified_under_a_channel_opens_nothing_in_the_clear() {
    let mut bench = over_the_antenna(Bench::activated());
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&pin(PIN)).sw, DONE);
    assert_eq!(bench.secured_piv(&get(Container::FacialImage)).data, FACE);
    let digest = vec![1; 32];
    let (key, algorithm) = (KeyReference::Authentication, Algorithm::EccP256);
    let sign = GeneralAuthenticate::Sign {
        key,
        algorithm,
        digest,
    };
    let sign = PivCommand::GeneralAuthenticate(sign);
    assert_eq!(bench.secured_piv(&sign).sw, DONE);
    let refused = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
    for _ in 0..2 {
        assert_eq!(
            bench.piv(&sign).sw,
            refused,
            "the second time there is no channel left"
        );
    }
    assert_eq!(bench.piv(&get(Container::FacialImage)).sw, refused);
    bench.select(Application::TravelDocument);
    assert_eq!(bench.plain(&read(Some(FileId::Dg1), 0, 10)).sw, refused);
}

#[test]
fn the_last_tries_are_kept_for_the_contacts() {
    let mut bench = over_the_antenna(Bench::personalised());
    bench.open_in(Application::Piv, Role::Delivery);
    for left in [4, 3, 2] {
        assert_eq!(
            bench.secured_piv(&impostor(PRIMARY)).sw,
            StatusWord::verification_failed(left)
        );
    }
    for _ in 0..3 {
        assert_eq!(
            bench.secured_piv(&impostor(PRIMARY)).sw,
            StatusWord::AUTHENTICATION_METHOD_BLOCKED
        );
    }
    let mut bench = bench.moved(Interface::Contact, Limits::SHORT);
    assert_eq!(bench.tries_at_counter(PRIMARY), Some(2));
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, DONE);
}
