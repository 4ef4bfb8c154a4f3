//! Delivery: each rule of it, and each way around it that must be shut.

use negin_apdu::StatusWord;
use negin_eid::aid::Application;
use negin_eid::gp::{ApplicationStage, CardState, DataObject, GpCommand, StatusSubset, StoreData};
use negin_eid::piv::{
    Algorithm, BiometricInformation, Container, Discovery, FingerReference, GeneralAuthenticate,
    KeyReference, PivCommand, VerifyReference,
};
use negin_eid::roles::Role;
use negin_secure_channel::scp03::SecurityLevel;

use super::bench::*;

const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;
const OPEN: StatusWord = StatusWord::SUCCESS;
const PRIMARY: FingerReference = FingerReference::Primary;

/// Everything PIV knows, as it might be tried.
fn all_of_piv() -> Vec<PivCommand> {
    let sign = |key| {
        PivCommand::GeneralAuthenticate(GeneralAuthenticate::Sign {
            key,
            algorithm: Algorithm::EccP256,
            digest: vec![7; 32],
        })
    };
    let mut commands = vec![
        pin(PIN),
        status(VerifyReference::Pin),
        log_out(VerifyReference::Pin),
        genuine(PRIMARY),
        genuine(FingerReference::Secondary),
        impostor(PRIMARY),
        status(VerifyReference::PrimaryFinger),
        first_pin(PIN),
        first_puk(PUK),
        change_pin(PIN, "000000"),
        unblock(PUK, PIN),
        activate(b""),
        sign(KeyReference::Authentication),
        sign(KeyReference::Signature),
        sign(KeyReference::CardAuthentication),
        generate(KeyReference::Authentication),
        enrol(PRIMARY),
    ];
    commands.extend(
        objects()
            .into_iter()
            .map(|(container, object)| put(container, &object)),
    );
    commands.extend(objects().into_iter().map(|(container, _)| get(container)));
    commands.push(get(Container::ActivationRecord));
    commands
}

#[test]
fn before_activation_everything_else_is_shut() {
    let mut bench = Bench::personalised();
    bench.select(Application::Piv);
    for command in all_of_piv() {
        assert_eq!(bench.piv(&command).sw, SHUT, "{command:?}");
    }
    assert_eq!(bench.stage(), ApplicationStage::Personalised);
    for finger in FingerReference::ALL {
        assert_eq!(
            bench.tries_at_counter(finger),
            Some(5),
            "nobody on the way burns the counter"
        );
    }
}

#[test]
fn before_activation_discovery_and_bit_are_told() {
    let mut bench = Bench::personalised();
    bench.select(Application::Piv);
    let discovery =
        Discovery::decode(&bench.piv(&get(Container::Discovery)).data).expect("Discovery");
    assert_eq!(discovery, Discovery::of_card(true));
    let bit = BiometricInformation::decode(&bench.piv(&get(Container::BiometricInformation)).data)
        .expect("BIT");
    assert_eq!(bit.templates.len(), 2);
}

#[test]
fn a_delivery_session_reads_name_and_photo_and_nothing_more() {
    let mut bench = Bench::personalised();
    for role in [Role::Delivery, Role::Override] {
        bench.open_in(Application::Piv, role);
        assert_eq!(
            bench.secured_piv(&get(Container::PrintedInformation)).data,
            NAME
        );
        assert_eq!(bench.secured_piv(&get(Container::FacialImage)).data, FACE);
        for container in [
            Container::Chuid,
            Container::Fingerprints,
            Container::AuthenticationCertificate,
        ] {
            assert_eq!(bench.secured_piv(&get(container)).sw, SHUT, "{container:?}");
        }
        assert_eq!(
            bench.secured_piv(&get(Container::ActivationRecord)).sw,
            StatusWord::FILE_NOT_FOUND
        );
        for command in [
            pin(PIN),
            first_puk(PUK),
            enrol(PRIMARY),
            generate(KeyReference::Signature),
        ] {
            assert_eq!(bench.secured_piv(&command).sw, SHUT, "{command:?}");
        }
        assert_eq!(bench.put(Container::Chuid, b"\x53\x01x"), SHUT);
    }
}

#[test]
fn comparison_outside_a_delivery_session_is_refused_and_costs_nothing() {
    let mut bench = Bench::personalised();
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&genuine(PRIMARY)).sw, SHUT);
    for role in [Role::Issuer, Role::Override] {
        bench.open_in(Application::Piv, role);
        assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, SHUT, "{role:?}");
        assert_eq!(bench.secured_piv(&impostor(PRIMARY)).sw, SHUT, "{role:?}");
    }
    for level in SecurityLevel::ALL
        .into_iter()
        .filter(|level| level.c_mac() && *level != SecurityLevel::Full)
    {
        bench.select(Application::Piv);
        bench.open_at(Role::Delivery, level).expect("opens");
        assert_eq!(bench.secured_piv(&impostor(PRIMARY)).sw, SHUT, "{level:?}");
    }
    assert_eq!(bench.tries_at_counter(PRIMARY), Some(5));
}

#[test]
fn a_channel_opened_elsewhere_delivers_nothing() {
    let mut bench = Bench::personalised();
    for application in [Application::SecurityDomain, Application::TravelDocument] {
        bench.open_in(application, Role::Delivery);
        assert!(
            !bench.secured_piv(&genuine(PRIMARY)).sw.is_success(),
            "{application:?}"
        );
        assert!(
            !bench.secured_piv(&activate(b"")).sw.is_success(),
            "{application:?}"
        );
    }
    assert_eq!(bench.tries_at_counter(PRIMARY), Some(5));
}

#[test]
fn a_stranger_is_refused_until_the_counter_has_run_out() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(
            bench.secured_piv(&impostor(PRIMARY)).sw,
            StatusWord::verification_failed(left)
        );
    }
    assert_eq!(
        bench.secured_piv(&genuine(PRIMARY)).sw,
        StatusWord::AUTHENTICATION_METHOD_BLOCKED
    );
    assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, SHUT);
    assert_eq!(bench.secured_piv(&activate(b"")).sw, SHUT);
    bench.reset();
    assert_eq!(
        bench.tries_at_counter(PRIMARY),
        Some(0),
        "a reset gives nothing back"
    );
    assert_eq!(bench.tries_at_counter(FingerReference::Secondary), Some(5));
    assert_eq!(bench.stage(), ApplicationStage::Personalised);
}

#[test]
fn a_match_gives_the_tries_back() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    bench.secured_piv(&impostor(PRIMARY));
    assert_eq!(
        bench.secured_piv(&status(PRIMARY.verify())).sw,
        StatusWord::verification_failed(4)
    );
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
    assert_eq!(
        bench.secured_piv(&status(PRIMARY.verify())).sw,
        OPEN,
        "verified"
    );
    bench.secured_piv(&log_out(PRIMARY.verify()));
    assert_eq!(
        bench.secured_piv(&status(PRIMARY.verify())).sw,
        StatusWord::verification_failed(5)
    );
    assert_eq!(
        bench.secured_piv(&first_pin(PIN)).sw,
        SHUT,
        "logged out is not matched"
    );
}

#[test]
fn a_miss_after_a_match_undoes_it() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
    bench.secured_piv(&impostor(PRIMARY));
    assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, SHUT);
}

#[test]
fn a_match_before_activation_opens_no_key() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
    for key in KeyReference::CURRENT {
        let digest = vec![7; 32];
        let sign = GeneralAuthenticate::Sign {
            key,
            algorithm: Algorithm::EccP256,
            digest,
        };
        if !key.agrees() {
            assert_eq!(
                bench.secured_piv(&PivCommand::GeneralAuthenticate(sign)).sw,
                SHUT,
                "{key:?}"
            );
        }
    }
    bench.secured_piv(&first_pin(PIN));
    assert_eq!(bench.secured_piv(&activate(b"")).sw, OPEN);
    let digest = vec![7; 32];
    let key = KeyReference::Authentication;
    let sign = GeneralAuthenticate::Sign {
        key,
        algorithm: Algorithm::EccP256,
        digest,
    };
    let answer = bench.secured_piv(&PivCommand::GeneralAuthenticate(sign)).sw;
    assert_eq!(
        answer,
        StatusWord::SECURITY_STATUS_NOT_SATISFIED,
        "nor does it afterwards"
    );
}

#[test]
fn activate_needs_match_and_pin() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&activate(b"")).sw, SHUT, "neither");
    assert_eq!(
        bench.secured_piv(&first_pin(PIN)).sw,
        SHUT,
        "no PIN without a match"
    );
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
    assert_eq!(
        bench.secured_piv(&activate(b"")).sw,
        SHUT,
        "match without PIN"
    );
    assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, OPEN);
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(
        bench.secured_piv(&activate(b"")).sw,
        SHUT,
        "PIN without a match in this session"
    );
    assert_eq!(bench.stage(), ApplicationStage::Personalised);
}

#[test]
fn selecting_away_and_back_forgets_the_match() {
    for away in [
        Application::SecurityDomain,
        Application::TravelDocument,
        Application::Piv,
    ] {
        let mut bench = Bench::personalised();
        bench.open_in(Application::Piv, Role::Delivery);
        assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
        assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, OPEN);
        bench.select(away);
        bench.select(Application::Piv);
        assert_eq!(bench.piv(&activate(b"")).sw, SHUT);
        assert_eq!(bench.piv(&first_pin("999999")).sw, SHUT);
        bench.open(Role::Delivery).expect("opens");
        assert_eq!(bench.secured_piv(&activate(b"")).sw, SHUT, "{away:?}");
        assert_eq!(bench.stage(), ApplicationStage::Personalised);
    }
}

#[test]
fn a_new_channel_in_the_same_selection_forgets_the_match() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
    assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, OPEN);
    bench.open(Role::Delivery).expect("opens");
    assert_eq!(bench.secured_piv(&activate(b"")).sw, SHUT);
}

#[test]
fn a_match_cannot_be_lent_to_another_role() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
    bench.open(Role::Issuer).expect("opens");
    assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, SHUT);
    assert_eq!(bench.secured_piv(&activate(b"")).sw, SHUT);
}

#[test]
fn a_replayed_command_ends_the_session() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    let session = bench.session.as_mut().expect("open");
    let matching = session.wrap(&genuine(PRIMARY).to_apdu()).expect("room");
    assert_eq!(bench.plain(&matching).sw, OPEN);
    assert_eq!(
        bench.plain(&matching).sw,
        StatusWord::SECURE_MESSAGING_INCORRECT
    );
    assert_eq!(
        bench.piv(&first_pin(PIN)).sw,
        SHUT,
        "the match is gone with the session, for a PIN pad too"
    );
    assert_eq!(
        bench.plain(&matching).sw,
        SHUT,
        "there is no session any more"
    );
    bench.open(Role::Delivery).expect("opens");
    assert_eq!(
        bench.plain(&matching).sw,
        StatusWord::SECURE_MESSAGING_INCORRECT,
        "nor is it worth anything in another"
    );
    bench.open(Role::Delivery).expect("opens");
    assert_eq!(bench.secured_piv(&activate(b"")).sw, SHUT);
    assert_eq!(bench.stage(), ApplicationStage::Personalised);
}

#[test]
fn a_recorded_delivery_does_not_play_again() {
    let mut bench = Bench::personalised();
    let mut copy = bench.moved(negin_apdu::Interface::Contact, negin_apdu::Limits::EXTENDED);
    let (authenticate, opening) = {
        bench.select(Application::Piv);
        bench
            .begin(0x31, &keys(Role::Delivery), SecurityLevel::Full)
            .expect("begins")
    };
    assert_eq!(bench.plain(&authenticate).sw, OPEN);
    let mut session = opening.session();
    let matching = session.wrap(&genuine(PRIMARY).to_apdu()).expect("room");
    assert_eq!(bench.plain(&matching).sw, OPEN);
    copy.select(Application::Piv);
    copy.begin(0x31, &keys(Role::Delivery), SecurityLevel::Full)
        .expect("another challenge");
    assert_eq!(
        copy.plain(&authenticate).sw,
        StatusWord::AUTHENTICATION_FAILED
    );
    assert_eq!(copy.plain(&matching).sw, SHUT);
}

#[test]
fn a_plain_command_in_a_session_ends_it() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, OPEN);
    assert_eq!(
        bench.piv(&activate(b"")).sw,
        StatusWord::SECURITY_STATUS_NOT_SATISFIED
    );
    let wrapped = bench
        .session
        .as_mut()
        .expect("the host's end")
        .wrap(&first_pin(PIN).to_apdu())
        .expect("room");
    assert_eq!(bench.plain(&wrapped).sw, SHUT);
}

#[test]
fn the_delivery_role_manages_nothing() {
    let mut bench = Bench::personalised();
    for application in Application::ALL {
        for role in [Role::Delivery, Role::Override] {
            bench.open_in(application, role);
            let data = StoreData {
                last: true,
                block: 0,
                data: negin_eid::field::field(0x42, &[1]),
            };
            assert_eq!(bench.domain(&GpCommand::StoreData(data)).sw, SHUT);
            for state in CardState::ALL {
                assert_eq!(bench.set_card(state), SHUT, "{state:?}");
            }
            for stage in ApplicationStage::ALL {
                for locked in [false, true] {
                    assert_eq!(
                        bench.set_application(Application::Piv, stage, locked),
                        SHUT,
                        "{stage:?}"
                    );
                }
            }
            for (replaces, version) in [
                (0x30, 0x30),
                (0x31, 0x31),
                (0x32, 0x32),
                (0, 0x32),
                (0xFF, 0x30),
            ] {
                assert_eq!(
                    bench.put_key(replaces, version, &keys(Role::Issuer), &keys(role).dek),
                    SHUT
                );
            }
            for subset in StatusSubset::ALL {
                assert_eq!(bench.domain(&GpCommand::GetStatus(subset)).sw, SHUT);
            }
            assert_eq!(
                bench.secured(&get_data(DataObject::KeyInformation)).sw,
                OPEN,
                "open data stay open"
            );
        }
    }
    assert_eq!(bench.stage(), ApplicationStage::Personalised);
}

#[test]
fn a_card_that_is_not_secured_is_not_delivered() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(bench.secured_piv(&enrol(PRIMARY)).sw, OPEN);
    for role in [Role::Delivery, Role::Override] {
        bench.open_in(Application::Piv, role);
        for command in [genuine(PRIMARY), first_pin(PIN), activate(b"")] {
            assert_eq!(
                bench.secured_piv(&command).sw,
                SHUT,
                "before PERSONALISED: {command:?}"
            );
        }
    }
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    assert_eq!(
        bench.set_application(Application::Piv, ApplicationStage::Personalised, false),
        OPEN
    );
    for role in [Role::Delivery, Role::Override] {
        bench.open_in(Application::Piv, role);
        for command in [genuine(PRIMARY), first_pin(PIN), activate(b"")] {
            assert_eq!(
                bench.secured_piv(&command).sw,
                SHUT,
                "before SECURED: {command:?}"
            );
        }
    }
}

#[test]
fn a_secured_card_that_is_not_personalised_is_not_delivered() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(bench.secured_piv(&enrol(PRIMARY)).sw, OPEN);
    assert_eq!(bench.put(Container::PrintedInformation, NAME), OPEN);
    assert_eq!(bench.set_card(CardState::Initialized), OPEN);
    assert_eq!(bench.set_card(CardState::Secured), OPEN);
    for role in [Role::Delivery, Role::Override] {
        bench.open_in(Application::Piv, role);
        for command in [
            get(Container::PrintedInformation),
            genuine(PRIMARY),
            first_pin(PIN),
            activate(b""),
        ] {
            assert_eq!(bench.secured_piv(&command).sw, SHUT, "{command:?}");
        }
    }
}

#[test]
fn no_first_pin_in_a_live_card() {
    let mut bench = Bench::personalised();
    bench.deliver();
    assert_eq!(
        bench.secured_piv(&first_pin("999999")).sw,
        SHUT,
        "in the session that activated"
    );
    for role in [Role::Override, Role::Delivery, Role::Issuer] {
        bench.open_in(Application::Piv, role);
        assert_eq!(bench.secured_piv(&first_pin("999999")).sw, SHUT, "{role:?}");
    }
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&pin(PIN)).sw, OPEN);
}

#[test]
fn no_status_takes_a_live_card_back() {
    let mut bench = Bench::activated();
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    for stage in [ApplicationStage::Selectable, ApplicationStage::Personalised] {
        for locked in [false, true] {
            let sw = bench.set_application(Application::Piv, stage, locked);
            assert_eq!(sw, SHUT, "{stage:?} {locked}");
        }
    }
    assert_eq!(bench.stage(), ApplicationStage::Activated);
}

#[test]
fn no_status_makes_a_card_live() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    assert_eq!(
        bench.set_application(Application::Piv, ApplicationStage::Activated, false),
        SHUT
    );
    assert_eq!(
        bench.set_application(Application::Piv, ApplicationStage::Selectable, false),
        SHUT
    );
    assert_eq!(
        bench.set_application(Application::Piv, ApplicationStage::Personalised, false),
        OPEN,
        "as it is"
    );
}

#[test]
fn a_delivered_card_is_not_delivered_again() {
    let mut bench = Bench::activated();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&first_pin("999999")).sw, SHUT);
    assert_eq!(
        bench.secured_piv(&get(Container::FacialImage)).sw,
        StatusWord::SECURITY_STATUS_NOT_SATISFIED
    );
    assert_eq!(
        bench.secured_piv(&genuine(PRIMARY)).sw,
        OPEN,
        "now a login like any other"
    );
    assert_eq!(bench.secured_piv(&first_pin("999999")).sw, SHUT);
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(
        bench.piv(&pin(PIN)).sw,
        OPEN,
        "the holder's PIN is what it was"
    );
}
