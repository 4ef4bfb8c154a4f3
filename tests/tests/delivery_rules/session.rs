//! Rules 4 to 6: the channel, the session, the match.

use negin_apdu::{Command, Exchange, StatusWord, Transmit};
use negin_card::{CardApplication, Piv};
use negin_eid::aid::Application;
use negin_eid::piv::{ActivationMethod, Container, Discovery, FingerReference, KeyReference};
use negin_keystore::CardKeySet;
use negin_secure_channel::scp03::SecurityLevel;
use negin_tests::channel::open;
use negin_tests::office::COUNTER;
use negin_tests::scanner::Images;

use super::support::*;

#[test]
fn rule_4_before_activation_piv_serves_nothing_but_what_leads_to_a_channel() {
    let world = world();
    let mut journey = world.locked();
    let commands = everything(&world);
    let mut piv = plain(&journey);
    for command in &commands {
        assert_eq!(say_piv(&mut piv, command), SHUT, "{command:?}");
    }
    let told = piv.discovery().expect("free").expect("there");
    assert_eq!(told, Discovery::of_card(true).with_virtual_contact(true));
    assert_eq!(
        piv.biometric_information().expect("free").templates.len(),
        2
    );
    assert!(open(&world.office.keys, piv, delivery(&world)).is_ok());
    assert_eq!(
        tries(&journey, &world),
        TRIES,
        "{} commands cost nothing",
        commands.len()
    );
    journey.finish();
}

#[test]
fn rule_4_a_channel_opened_with_another_application_delivers_nothing() {
    let world = world();
    let journey = world.locked();
    let say_all = |channel: &mut dyn Transmit| {
        for command in [genuine(&world), first_pin(), activate()] {
            let answer = channel.exchange(&command.to_apdu()).expect("an answer").sw;
            assert!(!answer.is_success(), "{command:?}: {answer}");
        }
    };
    say_all(domain(&journey, &world, delivery(&world)).carrier());
    let document = travel_document(&journey);
    let mut document = open(&world.office.keys, document, delivery(&world)).expect("keys");
    say_all(document.carrier());
    assert_eq!(tries(&journey, &world), TRIES);
    assert_eq!(record(&journey), None);
}

#[test]
fn rule_4_a_channel_of_a_lower_level_delivers_nothing() {
    let world = world();
    let journey = world.locked();
    for level in SecurityLevel::ALL {
        if level == SecurityLevel::Full {
            continue;
        }
        if !level.c_mac() {
            let opened = try_session_at(&journey, &world, delivery(&world), level);
            assert!(opened.is_err(), "a channel without a MAC is none");
            continue;
        }
        let mut low = session_at(&journey, &world, delivery(&world), level);
        for command in [genuine(&world), first_pin(), activate()] {
            let answer = say_piv(&mut low, &command);
            assert!(!answer.is_success(), "{level:?}: {command:?}");
        }
    }
    assert_eq!(tries(&journey, &world), TRIES);
}

#[test]
fn rule_5_the_clerk_sees_name_and_photo_and_nothing_else() {
    let world = world();
    let journey = world.locked();
    for set in [delivery(&world), CardKeySet::Override] {
        let mut session = session(&journey, &world, set);
        for container in Container::ALL {
            let free = matches!(
                container,
                Container::Discovery | Container::BiometricInformation
            );
            let read = session.get(container);
            if container.is_display_data() || free {
                assert!(read.expect("shown").is_some(), "{set}: {container:?}");
            } else if matches!(
                container,
                Container::ActivationRecord | Container::PinPolicy
            ) {
                assert_eq!(read.expect("told"), None);
            } else {
                assert_eq!(status(read), SHUT, "{set}: {container:?}");
            }
        }
    }
}

#[test]
fn rule_5_activate_needs_a_match_and_a_pin_in_this_session() {
    let world = world();
    let journey = world.locked();
    let mut first = session(&journey, &world, delivery(&world));
    assert_eq!(say_piv(&mut first, &activate()), SHUT, "neither");
    assert_eq!(
        say_piv(&mut first, &first_pin()),
        SHUT,
        "no PIN without a match"
    );
    assert_eq!(say_piv(&mut first, &genuine(&world)), OPEN);
    assert_eq!(
        say_piv(&mut first, &activate()),
        SHUT,
        "a match without a PIN"
    );
    assert_eq!(say_piv(&mut first, &first_pin()), OPEN);
    drop(first);
    let mut second = session(&journey, &world, delivery(&world));
    assert_eq!(
        say_piv(&mut second, &activate()),
        SHUT,
        "a PIN without a match in this session"
    );
    assert_eq!(say_piv(&mut second, &first_pin()), SHUT);
    drop(second);
    assert_eq!(record(&journey), None);
}

#[test]
fn rule_5_selecting_away_and_back_forgets_the_match() {
    let world = world();
    for away in Application::ALL {
        let journey = world.locked();
        let mut session = session(&journey, &world, delivery(&world));
        assert_eq!(say_piv(&mut session, &genuine(&world)), OPEN);
        assert_eq!(say_piv(&mut session, &first_pin()), OPEN);
        let mut link = session.into_carrier().into_inner();
        for application in [away, Application::Piv] {
            let selected = link.exchange(&select(application)).expect("an answer");
            assert_eq!(selected.sw, OPEN);
        }
        let mut plain = Piv::selected(link);
        for command in [first_pin(), activate()] {
            assert_eq!(say_piv(&mut plain, &command), SHUT, "{away:?}");
        }
        let mut again = open(&world.office.keys, plain, delivery(&world)).expect("keys");
        for command in [first_pin(), activate()] {
            assert_eq!(say_piv(&mut again, &command), SHUT, "{away:?}");
        }
        drop(again);
        assert_eq!(record(&journey), None);
    }
}

#[test]
fn rule_5_a_match_before_activation_opens_no_key() {
    let world = world();
    let journey = world.locked();
    let mut session = session(&journey, &world, delivery(&world));
    assert_eq!(say_piv(&mut session, &genuine(&world)), OPEN);
    for key in KeyReference::CURRENT
        .into_iter()
        .filter(|key| !key.agrees())
    {
        assert_eq!(say_piv(&mut session, &sign(key)), SHUT, "{key:?}");
    }
    assert_eq!(say_piv(&mut session, &first_pin()), OPEN);
    assert_eq!(say_piv(&mut session, &activate()), OPEN);
    let answer = say_piv(&mut session, &sign(KeyReference::Authentication));
    assert_eq!(
        answer,
        StatusWord::SECURITY_STATUS_NOT_SATISFIED,
        "nor afterwards"
    );
}

#[test]
fn rule_5_a_replayed_command_ends_the_session_and_is_worth_nothing_in_another() {
    let world = world();
    let journey = world.locked();
    let (wire, ear) = link(&journey);
    let piv = Piv::select(wire).expect("PIV");
    let mut session = open(&world.office.keys, piv, delivery(&world)).expect("keys");
    assert_eq!(say_piv(&mut session, &genuine(&world)), OPEN);
    assert_eq!(say_piv(&mut session, &first_pin()), OPEN);
    let sent = ear.bytes();
    let [matching, first] = sent.last_chunk().expect("both went over the wire").clone();

    let incorrect = StatusWord::SECURE_MESSAGING_INCORRECT;
    let mut link = session.into_carrier().into_inner();
    let mut replay = |bytes: &[u8]| {
        let command = Command::parse(bytes).expect("a command");
        link.exchange(&command).expect("an answer").sw
    };
    assert_eq!(replay(&first), incorrect);
    assert_eq!(replay(&first), SHUT, "there is no session any more");

    let again = Piv::select(link).expect("PIV");
    let session = open(&world.office.keys, again, delivery(&world)).expect("keys");
    let mut link = session.into_carrier().into_inner();
    let mut replay = |bytes: &[u8]| {
        let command = Command::parse(bytes).expect("a command");
        link.exchange(&command).expect("an answer").sw
    };
    assert_eq!(replay(&matching), incorrect, "in another session");
    drop(link);

    // The whole recorded conversation, against the same card.
    let (mut link, _) = self::link(&journey);
    let answers: Vec<_> = sent
        .iter()
        .map(|bytes| {
            link.exchange(&Command::parse(bytes).expect("a command"))
                .expect("an answer")
                .sw
        })
        .collect();
    let last = answers.last_chunk().expect("as many answers");
    assert_eq!(*last, [SHUT, SHUT], "{answers:?}");
    assert!(
        answers.contains(&StatusWord::AUTHENTICATION_FAILED),
        "another challenge"
    );
    drop(link);
    assert_eq!(record(&journey), None);
}

#[test]
fn rule_5_activate_is_the_last_write_and_repeating_it_succeeds() {
    let world = world();
    let journey = world.locked();
    let mut session = session(&journey, &world, delivery(&world));
    assert_eq!(say_piv(&mut session, &genuine(&world)), OPEN);
    session.set_first_pin(pin()).expect("matched");
    let before = journey.card.power.writes();
    let note = |text: &str| negin_eid::piv::OperatorNote::new(text).expect("short");
    let first = session.activate(note("one")).expect("matched, and a PIN");
    let took = journey.card.power.writes() - before;
    let again = session.activate(note("two")).expect("it was");
    assert_eq!((&again, first.note.as_bytes()), (&first, &b"one"[..]));
    assert_eq!(
        first.method,
        ActivationMethod::Match(FingerReference::Primary)
    );
    assert_eq!(
        journey.card.power.writes() - before,
        took,
        "repeating it writes nothing"
    );
    assert_eq!(
        status(session.set_first_pin(pin())),
        SHUT,
        "there is no second first PIN"
    );
    println!("ACTIVATE takes {took} page writes, the last of them the one that counts");
}

#[test]
fn rule_5_a_pin_pad_may_speak_plain_once_after_a_match() {
    let world = world();
    let journey = world.locked();
    let mut session = session(&journey, &world, delivery(&world));
    assert_eq!(say_piv(&mut session, &genuine(&world)), OPEN);
    // The pad's command goes past the channel, which goes on.
    let mut pad = journey_pad(session, &first_pin().to_apdu());
    assert_eq!(pad.1, OPEN);
    assert_eq!(say_piv(&mut pad.0, &activate()), OPEN);
    drop(pad);
    assert!(plain(&journey).verify_pin(pin()).expect("told").passed());

    let other = world.locked();
    let unmatched = self::session(&other, &world, delivery(&world));
    let (_, answer) = journey_pad(unmatched, &first_pin().to_apdu());
    assert_eq!(
        answer,
        StatusWord::SECURITY_STATUS_NOT_SATISFIED,
        "before a match"
    );
}

/// Sends a plain command beneath an open channel, as a reader with a PIN pad does.
fn journey_pad(mut session: Session, command: &Command) -> (Session, StatusWord) {
    let answer = session
        .carrier()
        .get_mut()
        .exchange(command)
        .expect("an answer")
        .sw;
    (session, answer)
}

#[test]
fn rule_5_a_second_delivery_is_refused() {
    let world = world();
    let mut journey = world.locked();
    journey.finish();
    let first = record(&journey).expect("live");
    let mut desk = journey.desk(COUNTER);
    let mut scanner = Images::new([world.at_counter.clone()]);
    let refused = desk.deliver(&mut journey.card.link(), &mut scanner, &mut |_| {});
    assert_eq!(key(refused), "delivery.already-delivered");
    assert_eq!(scanner.left(), 1);
    drop(desk);
    let mut session = session(&journey, &world, delivery(&world));
    let again = session.activate(negin_eid::piv::OperatorNote::default());
    assert_eq!(again.expect("what is on record"), first);
    let other = negin_eid::piv::Pin::new("999999").expect("a PIN");
    assert_eq!(status(session.set_first_pin(other)), SHUT);
    drop(session);
    assert!(
        plain(&journey).verify_pin(pin()).expect("told").passed(),
        "the holder's PIN holds"
    );
}

#[test]
fn rule_6_comparison_outside_a_delivery_session_is_refused_and_costs_nothing() {
    let world = world();
    let journey = world.locked();
    let mut piv = plain(&journey);
    for _ in 0..20 {
        assert_eq!(say_piv(&mut piv, &foreign(&world)), SHUT);
    }
    assert_eq!(say_piv(&mut piv, &genuine(&world)), SHUT);
    drop(piv);
    for set in [CardKeySet::Issuer, CardKeySet::Override] {
        let mut other = session(&journey, &world, set);
        assert_eq!(say_piv(&mut other, &foreign(&world)), SHUT, "{set}");
        assert_eq!(say_piv(&mut other, &genuine(&world)), SHUT, "{set}");
    }
    assert_eq!(tries(&journey, &world), TRIES);
}

#[test]
fn rule_6_a_stranger_is_refused_until_the_counter_has_run_out_and_a_reset_gives_nothing_back() {
    let world = world();
    let journey = world.locked();
    let mut counter = session(&journey, &world, delivery(&world));
    let foreign = foreign(&world);
    for left in (0..TRIES).rev() {
        assert_eq!(
            say_piv(&mut counter, &foreign),
            StatusWord::verification_failed(left)
        );
    }
    drop(counter);
    let mut counter = session(&journey, &world, delivery(&world));
    let blocked = StatusWord::AUTHENTICATION_METHOD_BLOCKED;
    assert_eq!(say_piv(&mut counter, &genuine(&world)), blocked);
    drop(counter);
    let mut desk = journey.desk(COUNTER);
    let mut scanner = Images::new([world.at_counter.clone()]);
    let refused = desk.deliver(&mut journey.card.link(), &mut scanner, &mut |_| {});
    assert_eq!(key(refused), "delivery.comparison-blocked");
    assert_eq!(record(&journey), None);
}
