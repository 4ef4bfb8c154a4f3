//! The way every card goes, from the maker to its holder's hand, and to its end.

use negin_apdu::StatusWord;
use negin_eid::aid::Application;
use negin_eid::gp::{ApplicationStage, CardState, DataObject};
use negin_eid::piv::{
    ActivationMethod, ActivationRecord, Container, FingerReference, VerifyReference,
};
use negin_eid::roles::Role;

use super::bench::*;

#[test]
fn from_blank_to_the_holders_hand() {
    let mut bench = Bench::personalised();
    let record = bench.deliver();
    assert_eq!(
        record.method,
        ActivationMethod::Match(FingerReference::Primary)
    );
    assert_eq!(record.note.as_bytes(), b"counter 12");
    bench.reset();
    assert_eq!(bench.select(Application::Piv), StatusWord::SUCCESS);
    assert_eq!(bench.piv(&pin(PIN)).sw, StatusWord::SUCCESS);
    assert_eq!(bench.piv(&get(Container::FacialImage)).data, FACE);
    assert_eq!(bench.stage(), ApplicationStage::Activated);
}

#[test]
fn the_other_finger_will_do() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(
        bench.secured_piv(&genuine(FingerReference::Secondary)).sw,
        StatusWord::SUCCESS
    );
    bench.secured_piv(&first_pin(PIN));
    let record =
        ActivationRecord::decode(&bench.secured_piv(&activate(b"")).data).expect("a record");
    assert_eq!(
        record.method,
        ActivationMethod::Match(FingerReference::Secondary)
    );
}

#[test]
fn two_persons_override_and_the_card_says_so() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Override);
    assert_eq!(
        bench.secured_piv(&get(Container::PrintedInformation)).data,
        NAME
    );
    assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, StatusWord::SUCCESS);
    assert_eq!(
        bench.secured_piv(&activate(b"A. and B.")).sw,
        StatusWord::SUCCESS
    );
    bench.reset();
    bench.select(Application::Piv);
    let answer = bench.piv(&get(Container::ActivationRecord));
    let record = ActivationRecord::decode(&answer.data).expect("a record");
    assert_eq!(record.method, ActivationMethod::Override);
    assert_eq!(record.note.as_bytes(), b"A. and B.");
    // A finger that never matched has all its tries, and opens what fingers open.
    assert_eq!(bench.tries(VerifyReference::PrimaryFinger), Some(5));
    assert_eq!(
        bench.piv(&genuine(FingerReference::Primary)).sw,
        StatusWord::SUCCESS
    );
}

#[test]
fn an_override_does_not_go_without_a_pin() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Override);
    assert_eq!(
        bench.secured_piv(&activate(b"")).sw,
        StatusWord::CONDITIONS_NOT_SATISFIED
    );
    assert_eq!(bench.stage(), ApplicationStage::Personalised);
}

#[test]
fn activate_again_tells_what_is_on_record() {
    let mut bench = Bench::personalised();
    let record = bench.deliver();
    for role in [Role::Delivery, Role::Override] {
        bench.reset();
        bench.open_in(Application::Piv, role);
        let again = bench.secured_piv(&activate(b"another counter"));
        assert_eq!(
            ActivationRecord::decode(&again.ok().expect("repeats")),
            Ok(record.clone())
        );
    }
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(
        bench.piv(&activate(b"")).sw,
        StatusWord::CONDITIONS_NOT_SATISFIED
    );
}

#[test]
fn an_issuer_blocks_and_unblocks_what_is_live() {
    let mut bench = Bench::activated();
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    let live = ApplicationStage::Activated;
    assert_eq!(
        bench.set_application(Application::Piv, live, true),
        StatusWord::SUCCESS
    );
    assert_eq!(
        bench.select(Application::Piv),
        StatusWord::FUNCTION_NOT_SUPPORTED
    );
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    assert_eq!(
        bench.set_application(Application::Piv, live, false),
        StatusWord::SUCCESS
    );
    assert_eq!(bench.select(Application::Piv), StatusWord::SUCCESS);
    assert_eq!(bench.piv(&pin(PIN)).sw, StatusWord::SUCCESS);
}

#[test]
fn an_application_locked_under_its_own_channel_serves_no_more() {
    let mut bench = Bench::activated();
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(
        bench.set_application(Application::Piv, ApplicationStage::Activated, true),
        StatusWord::SUCCESS
    );
    assert_eq!(
        bench.secured_piv(&get(Container::Chuid)).sw,
        StatusWord::CONDITIONS_NOT_SATISFIED
    );
}

#[test]
fn a_locked_card_serves_its_domain_only() {
    let mut bench = Bench::activated();
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    assert_eq!(bench.set_card(CardState::Locked), StatusWord::SUCCESS);
    assert_eq!(
        bench.select(Application::Piv),
        StatusWord::FUNCTION_NOT_SUPPORTED
    );
    assert_eq!(
        bench.select(Application::TravelDocument),
        StatusWord::FUNCTION_NOT_SUPPORTED
    );
    assert_eq!(
        bench.select(Application::SecurityDomain),
        StatusWord::SELECTED_FILE_INVALIDATED
    );
    bench.open(Role::Issuer).expect("to unlock");
    assert_eq!(bench.set_card(CardState::Secured), StatusWord::SUCCESS);
    assert_eq!(bench.select(Application::Piv), StatusWord::SUCCESS);
}

#[test]
fn a_terminated_card_is_at_its_end_and_holds_nothing_of_anybody() {
    let mut bench = Bench::activated();
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    assert_eq!(bench.set_card(CardState::Terminated), StatusWord::SUCCESS);
    bench.reset();
    assert_eq!(
        bench.select(Application::Piv),
        StatusWord::CONDITIONS_NOT_SATISFIED
    );
    assert_eq!(
        bench.plain(&get_data(DataObject::Cplc)).sw,
        StatusWord::SUCCESS
    );
    assert_eq!(
        bench.open(Role::Issuer),
        Err(StatusWord::CONDITIONS_NOT_SATISFIED)
    );
    let state = bench.card.lock().expect("not poisoned").state_bytes();
    let mut memory =
        crate::card::store::Store::over(crate::card::nvm::MemoryNvm::from_image(&state[15..]));
    memory.power_on().expect("whole");
    let ids = memory.ids().expect("mounted");
    assert!(
        !ids.iter()
            .any(|id| matches!(id >> 8, 2 | 3) || matches!(id, 0x10 | 0x11) || id >> 16 != 0),
        "{ids:x?}"
    );
}
