//! What must hold after a cut, wherever it was: looked at on a copy of the card, so that the look changes nothing.

use negin_apdu::Chaining;
use negin_card::{Life, Piv, Presence, SecurityDomain, Verification, recognise};
use negin_eid::gp::{ApplicationStage, CardState};
use negin_eid::piv::{ActivationMethod, FingerReference};
use negin_issuance::Error;
use negin_keystore::CardKeySet;
use negin_ledger::{Event, Ledger, State};
use sha2::{Digest, Sha256};

use crate::channel::open;
use crate::holding::Holding;
use crate::journey::{Command, Journey, World};

/// Where a card stands, as the host sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What it is.
    pub presence: Presence,
    /// Card and applications, where the issuer's keys are on it.
    pub life: Option<Life>,
    /// Comparisons left for the first finger, where the card waits for its holder.
    pub finger_tries: Option<u8>,
}

/// Looks at the card as power comes back.
///
/// # Panics
/// Where it is no whole card of ours.
#[must_use]
pub fn standing(journey: &Journey<'_>, world: &World) -> Standing {
    // Power-on settles what the cut left open; the copy is made of what has been settled.
    drop(journey.card.link());
    let copy = journey.card.copy();
    let keys = &world.office.keys;
    let mut link = Chaining::new(copy.link());
    let presence = recognise(&mut link).expect("a card that answers").presence;
    assert!(presence.is_negin(), "{presence:?}");
    let mut standing = Standing {
        presence,
        life: None,
        finger_tries: None,
    };
    if presence == Presence::Blank {
        return standing;
    }
    let domain = SecurityDomain::select(&mut link).expect("a security domain");
    let mut domain = open(keys, domain, CardKeySet::Issuer).expect("the issuer's keys");
    let life = domain.life().expect("the registry");
    standing.life = Some(life);
    if life.piv.stage == ApplicationStage::Personalised && life.card == CardState::Secured {
        let set = CardKeySet::Delivery {
            office: world.office.code,
        };
        let piv = Piv::select(&mut link).expect("PIV");
        let mut piv = open(keys, piv, set).expect("the office's keys");
        match piv.tries(FingerReference::Primary.verify()).expect("told") {
            Verification::Failed { retries } => standing.finger_tries = Some(retries),
            other => panic!("a session that has just begun says {other:?}"),
        }
    }
    standing
}

/// Whether card and ledger agree, and no card lives that was not matched. `matched`: whether the counter heard the card
/// say so, in the command that was cut or an earlier one.
///
/// # Panics
/// Where not.
pub fn agree(journey: &Journey<'_>, world: &World, standing: &Standing, matched: bool) {
    let state = journey.record().state;
    let live = standing.presence == Presence::Activated;
    let locked = standing.life.is_some_and(|life| {
        life.card == CardState::Secured && life.piv.stage >= ApplicationStage::Personalised
    });
    match state {
        State::Queued => assert!(!live, "alive before it was written"),
        State::Written => assert!(locked && !live, "written, but {standing:?}"),
        State::Shipped => assert!(locked, "shipped, but {standing:?}"),
        State::Delivered => assert!(live, "delivered, but {standing:?}"),
        other => panic!("the record is {other}"),
    }
    if live {
        let overridden = world.officers.is_some();
        assert!(matched || overridden, "alive without a match");
        let copy = journey.card.copy();
        let mut piv = Piv::select(Chaining::new(copy.link())).expect("PIV");
        let record = piv
            .activation_record()
            .expect("readable")
            .expect("a record");
        let method = match overridden {
            true => ActivationMethod::Override,
            false => ActivationMethod::Match(FingerReference::Primary),
        };
        assert_eq!(record.method, method);
    }
}

/// Starts the command that was cut once more: it ends well, or says that it had been done.
///
/// # Panics
/// Where it fails otherwise.
pub fn start_again(journey: &mut Journey<'_>, command: Command) {
    let state = journey.record().state;
    match (journey.start(command).0, state) {
        (Ok(()), _) => {}
        (Err(Error::NotQueued { .. }), State::Written)
        | (Err(Error::AlreadyDelivered { .. }), State::Delivered) => {}
        (Err(Error::Ledger(error)), State::Shipped) => {
            assert_eq!(error.key(), "ledger.illegal-transition");
        }
        (Err(error), _) => panic!("{command:?} again: {error}"),
    }
}

/// Whether the journey ended with the card it should end with, and exactly one live record that says so.
///
/// # Panics
/// Where not.
pub fn ended(journey: &Journey<'_>, world: &World, reference: &Holding) {
    let (holding, certificates) = Holding::read(&journey.card, &world.office, &world.probes);
    assert_eq!(&holding, reference);
    let ledger = journey.ledger();
    let verified = ledger
        .verify(&world.office.trusted(), &[])
        .expect("readable");
    assert_eq!(verified.faults, []);
    assert_eq!(ledger.works().expect("readable"), []);
    assert_eq!(ledger.duplicates().expect("readable"), []);
    let records = ledger.records(None).expect("readable");
    assert_eq!(records.len(), 1);
    assert_eq!(
        (records[0].state, records[0].conflict),
        (State::Delivered, false)
    );
    let entries = ledger.entries_of(&records[0].id).expect("readable");
    let events: Vec<_> = entries
        .iter()
        .map(|entry| entry.event)
        .filter(|event| *event != Event::Noted)
        .collect();
    assert_eq!(
        events,
        [
            Event::Registered,
            Event::Checked,
            Event::Queued,
            Event::Written,
            Event::Shipped,
            Event::Delivered
        ]
    );
    let detail = |event| {
        let entry = entries.iter().find(|entry| entry.event == event);
        entry.expect("it is among the events").detail_value()
    };
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    for (key, certificate) in &certificates {
        let noted = &detail(Event::Written)["certificates"][format!("{key:02X}")];
        assert_eq!(
            *noted,
            hex(&Sha256::digest(certificate.der())),
            "certificate {key:02X}"
        );
    }
}

/// Names what is being tried where a test fails in it.
pub struct Trying<T: std::fmt::Debug>(pub T);

impl<T: std::fmt::Debug> Drop for Trying<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("while trying {:?}", self.0);
        }
    }
}
