//! PIV's containers: who reads them, who writes them, and what never comes out.

use negin_apdu::{Command, StatusWord};
use negin_eid::aid::Application;
use negin_eid::gp::ApplicationStage;
use negin_eid::piv::{Container, FingerReference, KeyReference, RenewalPolicy};
use negin_eid::roles::Role;
use negin_secure_channel::scp03::SecurityLevel;

use super::bench::*;

const DONE: StatusWord = StatusWord::SUCCESS;
const UNAUTHORISED: StatusWord = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;

#[test]
fn the_issuer_reads_back_what_it_wrote() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    for (container, object) in objects() {
        assert_eq!(
            bench.secured_piv(&get(container)).sw,
            StatusWord::FILE_NOT_FOUND
        );
        assert_eq!(bench.put(container, &object), DONE);
        assert_eq!(
            bench.secured_piv(&get(container)).data,
            object,
            "{container:?}"
        );
    }
    assert_eq!(bench.put(Container::Chuid, b"\x53\x00"), DONE);
    assert_eq!(
        bench.secured_piv(&get(Container::Chuid)).sw,
        StatusWord::FILE_NOT_FOUND,
        "emptied"
    );
}

#[test]
fn writing_needs_the_issuer_and_secrets_need_encryption() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&put(Container::Chuid, b"\x53\x01x")).sw, SHUT);
    bench
        .open_at(Role::Issuer, SecurityLevel::CMac)
        .expect("opens");
    assert_eq!(bench.put(Container::Chuid, b"\x53\x01x"), DONE);
    assert_eq!(
        bench.secured_piv(&enrol(FingerReference::Primary)).sw,
        SHUT,
        "a finger would go in the clear"
    );
    assert_eq!(bench.secured_piv(&first_puk(PUK)).sw, SHUT);
    bench
        .open_at(Role::Issuer, SecurityLevel::CMacCDecryption)
        .expect("opens");
    assert_eq!(bench.secured_piv(&enrol(FingerReference::Primary)).sw, DONE);
    assert_eq!(bench.secured_piv(&first_puk(PUK)).sw, DONE);
}

#[test]
fn after_personalisation_only_what_the_policy_lists_is_renewed() {
    for mut bench in [Bench::personalised(), Bench::activated()] {
        bench.open_in(Application::Piv, Role::Issuer);
        for (container, object) in objects() {
            let expected = if container == Container::AuthenticationCertificate {
                DONE
            } else {
                SHUT
            };
            assert_eq!(bench.put(container, &object), expected, "{container:?}");
        }
        for key in KeyReference::CURRENT {
            let expected = if key == KeyReference::Authentication {
                DONE
            } else {
                SHUT
            };
            assert_eq!(bench.secured_piv(&generate(key)).sw, expected, "{key:?}");
        }
        for finger in FingerReference::ALL {
            assert_eq!(
                bench.secured_piv(&enrol(finger)).sw,
                SHUT,
                "a reference is never renewed"
            );
        }
        assert_eq!(bench.secured_piv(&first_puk(*b"00000000")).sw, SHUT);
        assert_eq!(bench.secured_piv(&first_pin("000000")).sw, SHUT);
        assert_eq!(bench.secured_piv(&activate(b"")).sw, SHUT);
    }
}

#[test]
fn a_policy_cannot_widen_itself() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Issuer);
    let all = RenewalPolicy {
        containers: vec![Container::Chuid],
        keys: KeyReference::CURRENT.to_vec(),
    };
    assert_eq!(bench.put(Container::RenewalPolicy, &all.encode()), SHUT);
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(
        bench.put(Container::RenewalPolicy, b"\x53\x03\x84\x01\x01"),
        StatusWord::WRONG_DATA
    );
    let itself = RenewalPolicy {
        containers: vec![Container::RenewalPolicy],
        keys: vec![],
    };
    assert_eq!(
        bench.put(Container::RenewalPolicy, &itself.encode()),
        StatusWord::WRONG_DATA
    );
}

#[test]
fn without_a_policy_nothing_is_renewed() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(
        bench.set_application(Application::Piv, ApplicationStage::Personalised, false),
        DONE
    );
    assert_eq!(
        bench.put(Container::AuthenticationCertificate, b"\x53\x01x"),
        SHUT
    );
}

#[test]
fn the_issuer_of_a_personalised_card_reads_what_is_open() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(
        bench
            .secured_piv(&get(Container::AuthenticationCertificate))
            .sw,
        DONE
    );
    for container in [
        Container::FacialImage,
        Container::Fingerprints,
        Container::PrintedInformation,
    ] {
        assert_eq!(bench.secured_piv(&get(container)).sw, SHUT, "{container:?}");
    }
}

#[test]
fn what_is_free_what_needs_the_holder() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    for (container, object) in objects() {
        let answer = bench.piv(&get(container));
        let free = container.read_access() == negin_eid::piv::ReadAccess::Always;
        assert_eq!(
            answer.sw,
            if free { DONE } else { UNAUTHORISED },
            "{container:?}"
        );
        assert!(!free || answer.data == object);
        assert_eq!(
            bench.piv(&put(container, &object)).sw,
            UNAUTHORISED,
            "the holder writes nothing"
        );
    }
    bench.piv(&pin(PIN));
    for (container, object) in objects() {
        assert_eq!(bench.piv(&get(container)).data, object, "{container:?}");
    }
}

#[test]
fn references_never_leave_the_card() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    bench.piv(&pin(PIN));
    let secret = minutiae(enrolled_finger(FingerReference::Primary), 0);
    for tag in [
        0x7F60u32, 0x7F2E, 0x96, 0x97, 0x80, 0x81, 0x5FC103, 0x7F61, 0x5FFF00, 0xDFC104,
    ] {
        let mut list = Vec::new();
        negin_eid::field::put_tag(&mut list, tag);
        let ask = Command::new(0x00, 0xCB, 0x3F, 0xFF)
            .with_data(negin_eid::field::field(0x5C, &list))
            .with_le(65_536);
        let answer = bench.plain(&ask);
        assert!(
            !answer
                .data
                .windows(6)
                .any(|window| secret.windows(6).any(|own| own == window)),
            "{tag:X}"
        );
    }
}

#[test]
fn enrolling_again_overwrites() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    for _ in 0..2 {
        assert_eq!(bench.secured_piv(&enrol(FingerReference::Primary)).sw, DONE);
    }
    let bit = bench
        .secured_piv(&get(Container::BiometricInformation))
        .data;
    assert_eq!(bit[..6], [0x7F, 0x61, 0x22, 0x02, 0x01, 0x01]);
}

#[test]
fn a_full_card_says_so_and_goes_on() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    let large = negin_eid::field::field(0x53, &[1; 40_000]);
    assert_eq!(bench.put(Container::FacialImage, &large), DONE);
    assert_eq!(
        bench.put(Container::Fingerprints, &large),
        StatusWord::NOT_ENOUGH_MEMORY
    );
    assert_eq!(bench.secured_piv(&get(Container::FacialImage)).data, large);
    assert_eq!(bench.put(Container::Fingerprints, b"\x53\x02fp"), DONE);
}
