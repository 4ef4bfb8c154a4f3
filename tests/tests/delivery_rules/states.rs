//! Rules 1 to 3: the states, who owns delivery, and which keys may what.

use negin_apdu::{Command, StatusWord};
use negin_card::{Piv, Presence, SecurityDomain, recognise};
use negin_eid::aid;
use negin_eid::gp::{
    ApplicationStage, ApplicationState, CardState, DataObject, GpCommand, SetStatus, StatusSubset,
    StoreData,
};
use negin_eid::lds::FileId;
use negin_eid::piv::{Container, KeyReference};
use negin_eid::roles::Role;
use negin_keystore::{CardKeySet, KeyStore};
use negin_tests::channel::open;
use negin_tests::journey::{Command as Step, Journey};
use negin_tests::office::COUNTER;
use negin_tests::scanner::Images;

use super::support::*;

#[test]
fn rule_1_the_card_goes_from_op_ready_to_secured_and_never_back() {
    let world = world();
    let mut journey = Journey::from(&world, &world.morning(), 1);
    let blank = domain(&journey, &world, CardKeySet::Transport)
        .life()
        .expect("told");
    assert_eq!(
        (blank.card, blank.piv),
        (CardState::OpReady, ApplicationState::SELECTABLE)
    );
    journey
        .start(Step::Personalise)
        .0
        .expect("nothing is in the way");
    let mut issuer = domain(&journey, &world, CardKeySet::Issuer);
    let life = issuer.life().expect("told");
    assert_eq!(
        (life.card, life.piv.stage),
        (CardState::Secured, ApplicationStage::Personalised)
    );
    for back in [CardState::OpReady, CardState::Initialized] {
        assert_eq!(status(issuer.set_card_state(back)), SHUT, "{back:?}");
    }
    for stage in [ApplicationStage::Selectable, ApplicationStage::Activated] {
        let state = ApplicationState {
            stage,
            locked: false,
        };
        let set = issuer.set_application_state(aid::PIV, state);
        assert_eq!(
            status(set),
            SHUT,
            "only ACTIVATE leads to a live card: {stage:?}"
        );
    }
}

#[test]
fn rule_1_a_blocked_card_is_delivered_to_nobody_until_it_is_unblocked() {
    let world = world();
    let mut journey = world.locked();
    let set = |state| {
        let mut issuer = domain(&journey, &world, CardKeySet::Issuer);
        status(issuer.set_card_state(state))
    };
    assert_eq!(set(CardState::Locked), OPEN);
    let found = recognise(&mut link(&journey).0).expect("told").presence;
    assert_eq!(found, Presence::Blocked);
    let mut scanner = Images::new([world.at_counter.clone()]);
    let mut desk = journey.desk(COUNTER);
    let refused = desk.deliver(&mut journey.card.link(), &mut scanner, &mut |_| {});
    assert_eq!(key(refused), "card.unexpected-state");
    assert_eq!(scanner.left(), 1, "nobody was asked for a finger");
    drop(desk);

    let mut issuer = domain(&journey, &world, CardKeySet::Issuer);
    assert_eq!(status(issuer.set_card_state(CardState::Secured)), OPEN);
    drop(issuer);
    journey.finish();
}

#[test]
fn rule_1_terminated_is_the_end() {
    let world = world();
    let journey = world.locked();
    let mut issuer = domain(&journey, &world, CardKeySet::Issuer);
    assert_eq!(status(issuer.set_card_state(CardState::Terminated)), OPEN);
    drop(issuer);
    let found = recognise(&mut link(&journey).0).expect("told").presence;
    assert_eq!(found, Presence::Terminated);
    let mut domain = SecurityDomain::select(link(&journey).0).expect("it still says what it is");
    assert!(domain.is_invalidated());
    assert!(domain.data(DataObject::Cplc).is_ok());
    assert!(open(&world.office.keys, domain, CardKeySet::Issuer).is_err());
    assert!(Piv::select(link(&journey).0).is_err());
}

#[test]
fn rule_2_piv_owns_delivery_and_the_others_wait_for_it() {
    let world = world();
    let mut journey = world.locked();
    let waits = |journey: &Journey<'_>| {
        let mut document = travel_document(journey);
        assert_eq!(status(document.verify_pin(pin())), SHUT);
        for file in FileId::ALL {
            assert_eq!(status(document.select_file(file)), SHUT, "{file:?}");
        }
    };
    waits(&journey);
    // Matched and with a PIN, but not activated: the travel document stays shut.
    let mut session = session(&journey, &world, delivery(&world));
    assert_eq!(say_piv(&mut session, &genuine(&world)), OPEN);
    assert_eq!(say_piv(&mut session, &first_pin()), OPEN);
    drop(session);
    waits(&journey);
    journey.finish();
    let mut document = travel_document(&journey);
    let closed = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
    assert_eq!(status(document.select_file(FileId::Dg1)), closed);
    assert!(document.verify_pin(pin()).expect("told").passed());
    assert!(document.read(FileId::Dg1).expect("told").is_some());
    for set in [CardKeySet::Issuer, delivery(&world)] {
        let document = travel_document(&journey);
        let mut document = open(&world.office.keys, document, set).expect("the card's keys");
        assert_eq!(status(document.select_file(FileId::Dg1)), closed, "{set}");
        assert_eq!(status(document.create_file(FileId::Dg1, 9)), SHUT, "{set}");
    }
}

#[test]
fn rule_3_the_makers_keys_are_gone_from_a_card_that_is_ours() {
    let world = world();
    let journey = world.locked();
    let mut domain = SecurityDomain::select(link(&journey).0).expect("a security domain");
    let versions: Vec<u8> = domain
        .key_information()
        .expect("told")
        .iter()
        .map(|key| key.version)
        .collect();
    for role in Role::ALL {
        let held = versions.contains(&role.key_version());
        assert_eq!(held, role != Role::Transport, "{role:?}");
    }
    let opened = open(&world.office.keys, domain, CardKeySet::Transport).map(drop);
    assert_eq!(opened.expect_err("no such key").key(), "card.no-such-key");
}

#[test]
fn rule_3_the_delivery_role_manages_nothing() {
    let world = world();
    let journey = world.locked();
    let keys = &world.office.keys;
    let kdd = [7; 10];
    let new_keys = |set, version| {
        let keys = keys
            .wrap_keys(set, &kdd, version, delivery(&world))
            .expect("keys");
        GpCommand::PutKey(negin_eid::gp::PutKey {
            replaces: 0,
            key_id: 1,
            multiple: true,
            data: keys.data().into(),
        })
    };
    let mut commands: Vec<Command> = vec![
        new_keys(delivery(&world), 0x31).to_apdu(),
        new_keys(CardKeySet::Transport, 0x30).to_apdu(),
        GpCommand::StoreData(StoreData {
            last: true,
            block: 0,
            data: vec![0x45, 0x01, 0x00],
        })
        .to_apdu(),
    ];
    commands.extend(StatusSubset::ALL.map(|subset| GpCommand::GetStatus(subset).to_apdu()));
    for state in CardState::ALL {
        commands.push(GpCommand::SetStatus(SetStatus::Card(state)).to_apdu());
    }
    for application in [aid::PIV, aid::TRAVEL_DOCUMENT] {
        for stage in ApplicationStage::ALL {
            for locked in [false, true] {
                let state = ApplicationState { stage, locked };
                let change = SetStatus::Application(application, state);
                commands.push(GpCommand::SetStatus(change).to_apdu());
            }
        }
    }
    for set in [delivery(&world), CardKeySet::Override] {
        for command in &commands {
            let mut at_domain = domain(&journey, &world, set);
            assert_eq!(say(&mut at_domain, command), SHUT, "{set}: {command:?}");
            drop(at_domain);
            let mut at_piv = session(&journey, &world, set);
            assert_eq!(say(&mut at_piv, command), SHUT, "{set} at PIV: {command:?}");
        }
    }
    // Commands that manage other cards' content; ours knows them from nobody.
    for set in [delivery(&world), CardKeySet::Issuer] {
        for instruction in [0xE4, 0xE6, 0xE8, 0xD2] {
            let command = Command::new(0x80, instruction, 0x00, 0x00).with_data([0x4F, 0x00]);
            let answer = say(&mut domain(&journey, &world, set), &command);
            let unknown = StatusWord::INS_NOT_SUPPORTED;
            assert_eq!(answer, unknown, "{set}: {instruction:02X}");
        }
    }
    let life = domain(&journey, &world, CardKeySet::Issuer)
        .life()
        .expect("told");
    assert_eq!((life.card, life.piv.locked), (CardState::Secured, false));
    println!(
        "{} management commands, two roles, two applications",
        commands.len()
    );
}

#[test]
fn rule_3_once_personalised_the_issuer_writes_what_the_profile_renews_and_nothing_else() {
    let world = world();
    let mut journey = world.locked();
    let policy = world.office.profile.renewal.clone();
    for live in [false, true] {
        let mut issuer = session(&journey, &world, CardKeySet::Issuer);
        for container in Container::ALL {
            if container.is_wrapped() && container.is_writable() && !policy.renews(container) {
                let put = say_piv(&mut issuer, &put(container));
                assert_eq!(put, SHUT, "{container:?}, live: {live}");
            }
        }
        assert_eq!(say_piv(&mut issuer, &enrol(&world)), SHUT);
        assert_eq!(say_piv(&mut issuer, &first_pin()), SHUT);
        assert_eq!(say_piv(&mut issuer, &activate()), SHUT);
        drop(issuer);

        let mut at_domain = domain(&journey, &world, CardKeySet::Issuer);
        let keys = world
            .office
            .keys
            .wrap_keys(CardKeySet::Transport, &[7; 10], 0x31, CardKeySet::Issuer)
            .expect("keys");
        let stored = at_domain.store_data(&[0x45, 0x01, 0x00]);
        assert_eq!(status(stored), SHUT);
        assert_eq!(
            status(at_domain.put_key(0x31, &keys)),
            SHUT,
            "the office's keys stay"
        );
        drop(at_domain);
        if !live {
            journey.finish();
        }
    }
    // What the profile names may be renewed, over a channel.
    let mut issuer = session(&journey, &world, CardKeySet::Issuer);
    assert!(policy.renews_key(KeyReference::Signature));
    issuer
        .generate_key_pair(KeyReference::Signature)
        .expect("renewed");
    issuer
        .put(Container::SignatureCertificate, [0x53, 0x00])
        .expect("renewed");
    drop(issuer);
    let mut plain = plain(&journey);
    let closed = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
    assert_eq!(
        say_piv(&mut plain, &put(Container::SignatureCertificate)),
        closed
    );
    assert_eq!(
        say_piv(&mut plain, &generate(KeyReference::Signature)),
        closed
    );
}
