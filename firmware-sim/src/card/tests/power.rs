//! Power that is cut while the card writes.

use negin_apdu::{Interface, Limits, StatusWord, Transmit, TransmitError};
use negin_eid::aid::Application;
use negin_eid::gp::ApplicationStage;
use negin_eid::piv::{Container, FingerReference, VerifyReference};
use negin_eid::roles::Role;

use super::bench::*;
use crate::card::Card;
use crate::fault::{Cut, Tear, TearControl, Way};

const PRIMARY: FingerReference = FingerReference::Primary;

/// The card of `state` in memory whose power can be cut.
fn torn(state: &[u8], seed: u64) -> (Bench, TearControl) {
    let mut control = TearControl::default();
    let card = Card::from_state_bytes_in(state, rng(1), |nvm| {
        let nvm = Tear::new(nvm, seed);
        control = nvm.control();
        Box::new(nvm)
    });
    (
        Bench::of(card.expect("whole"), Interface::Contact, Limits::EXTENDED),
        control,
    )
}

fn state(bench: &Bench) -> Vec<u8> {
    bench.card.lock().expect("not poisoned").state_bytes()
}

/// Cuts power at every write of what `act` does, in every way, and lets `check` look at the card afterwards. Returns
/// the number of cuts.
pub fn at_every_write(
    state: &[u8],
    prepare: impl Fn(&mut Bench),
    act: impl Fn(&mut Bench) -> Result<negin_apdu::Response, TransmitError>,
    check: impl Fn(&mut Bench, Cut),
) -> u64 {
    at_writes(0.., state, prepare, act, check)
}

/// As [`at_every_write`], at some writes.
pub fn at_writes(
    writes: impl Iterator<Item = u64> + Clone,
    state: &[u8],
    prepare: impl Fn(&mut Bench),
    act: impl Fn(&mut Bench) -> Result<negin_apdu::Response, TransmitError>,
    check: impl Fn(&mut Bench, Cut),
) -> u64 {
    let mut cuts = 0;
    for way in Way::ALL {
        for at_write in writes.clone() {
            for seed in 0..3 {
                let (mut bench, control) = torn(state, at_write * 3 + seed);
                prepare(&mut bench);
                control.arm(Cut { at_write, way });
                let answer = act(&mut bench);
                if answer.is_ok() {
                    assert_eq!(control.cuts(), 0);
                    break;
                }
                assert_eq!(answer.err(), Some(TransmitError::CardRemoved));
                cuts += 1;
                let dead = bench.try_plain(&get(Container::Chuid).to_apdu());
                assert_eq!(
                    dead.err(),
                    Some(TransmitError::CardRemoved),
                    "nothing answers without power"
                );
                for again in 0..3 {
                    bench.reset();
                    check(
                        &mut bench,
                        Cut {
                            at_write: again,
                            way,
                        },
                    );
                }
            }
            let (mut bench, control) = torn(state, 0);
            prepare(&mut bench);
            control.arm(Cut { at_write, way });
            if act(&mut bench).is_ok() {
                break;
            }
        }
    }
    cuts
}

fn in_hand() -> Vec<u8> {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    bench.piv(&pin("000000"));
    bench.piv(&impostor(PRIMARY));
    state(&bench)
}

/// Plain VERIFYs on a live card that has lost one try each: a wrong one never leaves more tries than there were.
#[test]
fn a_cut_while_a_wrong_pin_or_finger_is_verified_never_gives_a_try_back() {
    let state = in_hand();
    let mut cuts = 0;
    for (command, reference) in [
        (pin("000000"), VerifyReference::Pin),
        (impostor(PRIMARY), VerifyReference::PrimaryFinger),
    ] {
        let select = |bench: &mut Bench| assert!(bench.select(Application::Piv).is_success());
        cuts += at_every_write(
            &state,
            select,
            |bench| bench.try_plain(&command.to_apdu()),
            |bench, cut| {
                bench.select(Application::Piv);
                let left = bench.tries(reference).expect("not verified");
                assert!((3..=4).contains(&left), "{left} at {cut:?}");
                assert!(
                    cut.way != Way::CompleteUnanswered || left == 3,
                    "a try that was taken stays taken"
                );
                assert!(cut.way != Way::NotBegun || left == 4);
            },
        );
    }
    println!("{cuts} cuts");
    assert!(cuts >= 18, "{cuts}");
}

#[test]
fn cutting_again_and_again_wins_no_try() {
    let (mut bench, control) = torn(&in_hand(), 9);
    let mut last = 4;
    for round in 0..60u64 {
        bench.select(Application::Piv);
        control.arm(Cut {
            at_write: 0,
            way: Way::ALL[round as usize % 3],
        });
        let guess = if round % 2 == 0 {
            pin("111111")
        } else {
            pin("222222")
        };
        let answer = bench.try_plain(&guess.to_apdu());
        if let Ok(answer) = answer {
            assert_eq!(answer.sw, StatusWord::AUTHENTICATION_METHOD_BLOCKED);
            assert_eq!(last, 0);
            control.disarm();
        }
        bench.reset();
        bench.select(Application::Piv);
        let left = bench.tries(VerifyReference::Pin).expect("not verified");
        assert!(left <= last, "{left} after {last}");
        last = left;
    }
    assert_eq!(last, 0);
}

#[test]
fn a_cut_while_a_right_pin_is_verified_leaves_it_unverified() {
    let state = in_hand();
    let cuts = at_every_write(
        &state,
        |bench| assert!(bench.select(Application::Piv).is_success()),
        |bench| bench.try_plain(&pin(PIN).to_apdu()),
        |bench, cut| {
            bench.select(Application::Piv);
            let left = bench.tries(VerifyReference::Pin).expect("not verified");
            assert!(matches!(left, 3..=5), "{left} at {cut:?}");
            let sw = bench.piv(&get(Container::FacialImage)).sw;
            assert_eq!(sw, StatusWord::SECURITY_STATUS_NOT_SATISFIED);
        },
    );
    assert!(cuts >= 18, "{cuts}");
}

#[test]
fn a_cut_in_a_delivery_costs_at_most_the_try_it_was() {
    let mut bench = Bench::personalised();
    let state = state(&bench);
    bench.reset();
    for (command, least) in [(impostor(PRIMARY), 4), (genuine(PRIMARY), 4)] {
        at_every_write(
            &state,
            |bench| bench.open_in(Application::Piv, Role::Delivery),
            |bench| bench.try_secured(&command.to_apdu()),
            |bench, cut| {
                let left = bench.tries_at_counter(PRIMARY).expect("not matched");
                assert!((least..=5).contains(&left), "{left} at {cut:?}");
                assert_eq!(
                    bench.secured_piv(&activate(b"")).sw,
                    StatusWord::CONDITIONS_NOT_SATISFIED
                );
            },
        );
    }
}

/// ACTIVATE is before or after: live with its record, or waiting and able to be delivered anew.
#[test]
fn a_cut_at_activate_leaves_a_card_before_or_after() {
    let state = state(&Bench::personalised());
    let mut cuts = 0;
    for note in [&b"counter"[..], &[b'n'; 32]] {
        cuts += at_every_write(
            &state,
            |bench| {
                bench.open_in(Application::Piv, Role::Delivery);
                assert!(bench.secured_piv(&genuine(PRIMARY)).sw.is_success());
                assert!(bench.secured_piv(&first_pin(PIN)).sw.is_success());
            },
            |bench| bench.try_secured(&activate(note).to_apdu()),
            |bench, _| {
                let live = bench.stage() == ApplicationStage::Activated;
                bench.open_in(Application::Piv, Role::Delivery);
                let record = bench.secured_piv(&get(Container::ActivationRecord)).sw;
                assert_eq!(record.is_success(), live);
                assert_eq!(
                    bench.secured_piv(&activate(b"")).sw.is_success(),
                    live,
                    "asked again"
                );
                if !live {
                    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, StatusWord::SUCCESS);
                }
            },
        );
    }
    println!("{cuts} cuts");
    assert!(cuts >= 36, "{cuts}");
}

#[test]
fn a_cut_at_put_key_leaves_the_old_keys_or_the_new() {
    let state = state(&Bench::blank());
    let transport = keys(Role::Transport);
    let put =
        negin_secure_channel::put_key::PutKey::encode(0x30, &keys(Role::Issuer), &transport.dek);
    let command = negin_apdu::Command::new(0x80, 0xD8, 0xFF, 0x81)
        .with_data(put.data())
        .with_le(256);
    at_every_write(
        &state,
        |bench| bench.open_in(Application::SecurityDomain, Role::Transport),
        |bench| bench.try_secured(&command),
        |bench, cut| {
            bench.select(Application::SecurityDomain);
            let old = bench.open(Role::Transport).is_ok();
            bench.select(Application::SecurityDomain);
            let new = bench.open(Role::Issuer).is_ok();
            assert!(old != new, "{cut:?}");
        },
    );
}

/// The whole way, cut once at each of its writes: the card is always found in a state that is one of the way's.
#[test]
fn a_cut_anywhere_on_the_way_makes_no_card_live() {
    let blank = state(&Bench::blank());
    let (mut bench, control) = torn(&blank, 0);
    let before = control.writes();
    bench.personalise();
    let personalised = control.writes() - before;
    bench.deliver();
    let writes = control.writes() - before;
    println!(
        "{personalised} writes to personalise, {} to deliver",
        writes - personalised
    );
    let mut cuts = 0;
    for way in Way::ALL {
        for at_write in 0..writes {
            // The same seed and the same commands: the same card, until power goes.
            let (mut torn, control) = torn(&blank, at_write);
            control.arm(Cut { at_write, way });
            let answered = bench
                .log
                .iter()
                .map_while(|command| torn.connection.transmit(command).ok())
                .count();
            assert!(
                answered < bench.log.len() && control.cuts() == 1,
                "cut {at_write} was not reached"
            );
            cuts += 1;
            torn.reset();
            torn.select(Application::Piv);
            let live = torn.piv(&get(Container::ActivationRecord)).sw.is_success();
            let may_be_live = at_write + 1 == writes && way != Way::NotBegun;
            assert!(
                !live || may_be_live,
                "live after write {at_write} of {writes}, {way:?}"
            );
            if at_write >= personalised {
                for finger in FingerReference::ALL {
                    torn.open_in(Application::Piv, Role::Delivery);
                    let left = torn
                        .secured_piv(&status(finger.verify()))
                        .sw
                        .retries()
                        .expect("not matched");
                    assert!((4..=5).contains(&left));
                }
            }
        }
    }
    println!("{cuts} cuts");
}
