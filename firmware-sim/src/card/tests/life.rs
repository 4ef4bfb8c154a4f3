//! The way every card goes, from the maker to its holder's hand.

use negin_apdu::StatusWord;
use negin_eid::aid::Application;
use negin_eid::piv::{ActivationMethod, Container, FingerReference};

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
}
