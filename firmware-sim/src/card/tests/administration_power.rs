//! Power that is cut while an administrator is at work, or while the card is reset: before or after, nothing between.

use negin_apdu::StatusWord;
use negin_eid::aid::Application;
use negin_eid::gp::ApplicationStage;
use negin_eid::piv::{
    Container, Extensions, FingerReference, ManagementAlgorithm, ManagementKey, SetRetries,
    VerifyReference, YubicoCommand,
};
use negin_eid::roles::Role;

use super::administration::*;
use super::bench::*;
use super::extension::lock_the_holder_out;
use super::power::{at_every_write, at_writes};

fn state(bench: &Bench) -> Vec<u8> {
    bench.card.lock().expect("not poisoned").state_bytes()
}

fn token() -> Bench {
    live(Extensions::Yubico, &ManagementKey::factory())
}

fn select(bench: &mut Bench) {
    assert_eq!(bench.select(Application::Piv), DONE);
}

#[test]
fn a_management_key_is_the_old_one_or_the_new_one() {
    let (old, new) = (
        ManagementKey::factory(),
        key(ManagementAlgorithm::TripleDes),
    );
    let set = YubicoCommand::SetManagementKey(new.clone()).to_apdu();
    let cuts = at_every_write(
        &state(&token()),
        |bench| {
            select(bench);
            assert_eq!(external(bench, &old), DONE);
        },
        |bench| bench.try_plain(&set),
        |bench, cut| {
            select(bench);
            let answers = [&old, &new].map(|key| external(bench, key));
            assert!(
                answers == [DONE, UNAUTHORISED] || answers == [UNAUTHORISED, DONE],
                "{answers:?} at {cut:?}"
            );
        },
    );
    assert!(cuts >= 9, "{cuts}");
}

#[test]
fn tries_are_as_before_or_as_set() {
    let tries = SetRetries { pin: 9, puk: 2 };
    let set = YubicoCommand::SetRetries(tries).to_apdu();
    let cuts = at_every_write(
        &state(&token()),
        |bench| {
            select(bench);
            assert_eq!(external(bench, &ManagementKey::factory()), DONE);
            assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
        },
        |bench| bench.try_plain(&set),
        |bench, cut| {
            select(bench);
            let left = bench.tries(VerifyReference::Pin);
            assert!(matches!(left, Some(5 | 9)), "{left:?} at {cut:?}");
        },
    );
    assert!(cuts >= 9, "{cuts}");
}

#[test]
fn a_card_is_its_holders_or_nobodys() {
    let finger = minutiae(enrolled_finger(FingerReference::Primary), 0);
    let mut bench = token();
    lock_the_holder_out(&mut bench);
    // The first writes change the card; the many after them erase, one like another.
    let cuts = at_writes(
        (0..12).chain((12..).step_by(61)),
        &state(&bench),
        select,
        |bench| bench.try_plain(&YubicoCommand::Reset.to_apdu()),
        |bench, cut| {
            select(bench);
            let version = bench.plain(&YubicoCommand::Version.to_apdu()).sw;
            let pin = bench.piv(&status(VerifyReference::Pin)).sw;
            let chuid = bench.piv(&get(Container::Chuid)).sw;
            let whole = (DONE, StatusWord::AUTHENTICATION_METHOD_BLOCKED, DONE);
            let gone = (StatusWord::INS_NOT_SUPPORTED, SHUT, SHUT);
            let found = (version, pin, chuid);
            assert!(found == whole || found == gone, "{found:?} at {cut:?}");
            if found == gone {
                let memory = state(bench);
                let left = memory.windows(24).any(|bytes| *bytes == finger[..24]);
                assert!(!left, "erased before the card answers, at {cut:?}");
                assert_eq!(bench.stage(), ApplicationStage::Selectable);
                bench.open_in(Application::Piv, Role::Issuer);
                for (container, _) in objects() {
                    let left = bench.secured_piv(&get(container)).sw;
                    assert_eq!(left, StatusWord::FILE_NOT_FOUND, "{container:?} at {cut:?}");
                }
            }
        },
    );
    assert!(cuts >= 9, "{cuts}");
}
