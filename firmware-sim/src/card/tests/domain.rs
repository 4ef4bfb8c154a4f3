//! The security domain: channels, keys, open data, states.

use negin_apdu::{Command, StatusWord};
use negin_eid::aid::{self, Application};
use negin_eid::field;
use negin_eid::gp::{
    ApplicationStage, CardRecognition, CardState, Cplc, DataObject, GpCommand, KeyInformation,
    StatusEntry, StatusSubset, StoreData,
};
use negin_eid::piv::{Container, FingerReference};
use negin_eid::roles::Role;
use negin_eid::select::SelectApplication;
use negin_secure_channel::key::{Key, KeySet};
use negin_secure_channel::scp03::host::{InitializeUpdateResponse, initialize_update};
use negin_secure_channel::scp03::{Options, SecurityLevel};

use super::bench::*;
use crate::card::Card;

const DONE: StatusWord = StatusWord::SUCCESS;
const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;

fn versions(bench: &mut Bench) -> Vec<u8> {
    let answer = bench.plain(&get_data(DataObject::KeyInformation));
    let keys = KeyInformation::decode_template(&answer.data).expect("a template");
    keys.into_iter()
        .filter(|key| key.id == 1)
        .map(|key| key.version)
        .collect()
}

#[test]
fn the_makers_keys_give_way() {
    let mut bench = Bench::blank();
    bench.select(Application::SecurityDomain);
    assert_eq!(versions(&mut bench), [0xFF]);
    bench.exchange_keys();
    bench.select(Application::SecurityDomain);
    assert_eq!(versions(&mut bench), [0x30, 0x31, 0x32]);
    let gone = bench.begin(0xFF, &keys(Role::Transport), SecurityLevel::Full);
    assert_eq!(gone.err(), Some(StatusWord::REFERENCE_DATA_NOT_FOUND));
}

#[test]
fn the_makers_keys_do_nothing_but_give_way() {
    let mut bench = Bench::blank();
    bench.open_in(Application::SecurityDomain, Role::Transport);
    let dek = keys(Role::Transport).dek;
    for role in [Role::Delivery, Role::Override] {
        for replaces in [0x00, 0xFF] {
            assert_eq!(
                bench.put_key(replaces, role.key_version(), &keys(role), &dek),
                SHUT,
                "{role:?}"
            );
        }
    }
    assert_eq!(bench.set_card(CardState::Initialized), SHUT);
    assert_eq!(
        bench.set_application(Application::Piv, ApplicationStage::Personalised, false),
        SHUT
    );
    bench.open_in(Application::Piv, Role::Transport);
    assert_eq!(bench.put(Container::Chuid, b"\x53\x01x"), SHUT);
    assert_eq!(bench.secured_piv(&enrol(FingerReference::Primary)).sw, SHUT);
    assert_eq!(bench.secured_piv(&activate(b"")).sw, SHUT);
    assert_eq!(
        bench.put_key(0x00, 0x30, &keys(Role::Issuer), &dek),
        DONE,
        "adding replaces them too"
    );
    bench.select(Application::SecurityDomain);
    assert_eq!(versions(&mut bench), [0x30]);
}

#[test]
fn an_issuer_puts_keys_until_the_card_is_personalised() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    let dek = keys(Role::Issuer).dek;
    let longer = KeySet::of_one(&Key::new(&[9; 32]).expect("a key"));
    assert_eq!(
        bench.put_key(0x00, 0x31, &longer, &dek),
        StatusWord::WRONG_DATA,
        "it is there already"
    );
    assert_eq!(
        bench.put_key(0x31, 0x32, &longer, &dek),
        StatusWord::WRONG_DATA,
        "no version becomes another"
    );
    assert_eq!(
        bench.put_key(0x00, 0xFF, &longer, &dek),
        StatusWord::WRONG_DATA
    );
    assert_eq!(
        bench.put_key(0x00, 0x33, &longer, &dek),
        StatusWord::WRONG_DATA,
        "no role"
    );
    assert_eq!(
        bench.put_key(0x31, 0x31, &longer, &longer.dek),
        StatusWord::INVALID_KEY_CHECK_VALUE
    );
    assert_eq!(bench.put_key(0x31, 0x31, &longer, &dek), DONE);
    assert_eq!(
        bench.open_with(0x31, &longer, SecurityLevel::Full),
        Ok(()),
        "AES-256 opens"
    );

    let mut bench = Bench::personalised();
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    for (replaces, version) in [(0x30, 0x30), (0x31, 0x31), (0x32, 0x32)] {
        assert_eq!(
            bench.put_key(replaces, version, &longer, &dek),
            SHUT,
            "afterwards keys are as they are"
        );
    }
    let data = StoreData {
        last: true,
        block: 0,
        data: field::field(0x42, b"\x01"),
    };
    assert_eq!(
        bench.domain(&GpCommand::StoreData(data)).sw,
        SHUT,
        "and so are its numbers"
    );
}

#[test]
fn wrong_keys_are_counted_across_resets_and_a_right_one_clears_them() {
    let mut bench = Bench::personalised();
    let wrong = |bench: &mut Bench| {
        bench.select(Application::SecurityDomain);
        let answer = bench.plain(&initialize_update(0x31, &[1; 8]));
        assert_eq!(answer.sw, DONE);
        bench
            .plain(&Command::new(0x84, 0x82, 0x33, 0x00).with_data([0; 16]))
            .sw
    };
    for _ in 0..9 {
        assert_eq!(wrong(&mut bench), StatusWord::AUTHENTICATION_FAILED);
        bench.reset();
    }
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    bench.reset();
    for _ in 0..10 {
        assert_eq!(wrong(&mut bench), StatusWord::AUTHENTICATION_FAILED);
    }
    bench.reset();
    bench.select(Application::SecurityDomain);
    assert_eq!(
        bench.open(Role::Issuer),
        Err(StatusWord::AUTHENTICATION_METHOD_BLOCKED)
    );
}

#[test]
fn external_authenticate_follows_initialize_update_at_once() {
    let mut bench = Bench::personalised();
    bench.select(Application::SecurityDomain);
    let authenticate = Command::new(0x84, 0x82, 0x33, 0x00).with_data([0; 16]);
    assert_eq!(bench.plain(&authenticate).sw, SHUT);
    let issuer = keys(Role::Issuer);
    let (authenticate, _) = bench
        .begin(0x30, &issuer, SecurityLevel::Full)
        .expect("begins");
    bench.plain(&get_data(DataObject::Cplc));
    assert_eq!(
        bench.plain(&authenticate).sw,
        SHUT,
        "something came in between"
    );
    let (authenticate, _) = bench
        .begin(0x30, &issuer, SecurityLevel::Full)
        .expect("begins");
    bench.reset();
    assert_eq!(bench.plain(&authenticate).sw, SHUT, "the card was reset");
    let (mut authenticate, _) = bench
        .begin(0x30, &issuer, SecurityLevel::Full)
        .expect("begins");
    authenticate.p1 = 0x00;
    assert_eq!(
        bench.plain(&authenticate).sw,
        StatusWord::INCORRECT_P1P2,
        "a channel that protects nothing"
    );
}

#[test]
fn initialize_update_finds_the_first_key_set_and_no_unknown_one() {
    let mut bench = Bench::blank();
    let first = |bench: &mut Bench| {
        bench.select(Application::SecurityDomain);
        let answer = bench.plain(&initialize_update(0x00, &[1; 8]));
        InitializeUpdateResponse::parse(&answer.data).expect("SCP03")
    };
    let answer = first(&mut bench);
    assert_eq!((answer.kvn, answer.kdd), (0xFF, KDD));
    bench.exchange_keys();
    assert_eq!(first(&mut bench).kvn, 0x30);
    assert_eq!(
        bench.plain(&initialize_update(0x55, &[1; 8])).sw,
        StatusWord::REFERENCE_DATA_NOT_FOUND
    );
    assert_eq!(
        bench.plain(&initialize_update(0x30, &[1; 16])).sw,
        StatusWord::WRONG_LENGTH,
        "the mode is S8"
    );
}

#[test]
fn challenges_do_not_come_again() {
    let mut bench = Bench::blank();
    let mut seen = Vec::new();
    for _ in 0..20 {
        bench.reset();
        let answer = bench.plain(&initialize_update(0x00, &[1; 8]));
        let answer = InitializeUpdateResponse::parse(&answer.data).expect("SCP03");
        let challenge = answer.card_challenge.as_bytes().to_vec();
        assert!(!seen.contains(&challenge));
        seen.push(challenge);
    }
}

#[test]
fn a_card_with_pseudo_random_challenges_counts_them() {
    let mut options = blank_options();
    options.options = Options::I_70;
    let card = Card::blank(&options, rng(1)).expect("as given");
    let mut bench = Bench::of(
        card,
        negin_apdu::Interface::Contact,
        negin_apdu::Limits::SHORT,
    );
    for count in 1..4u8 {
        bench.open_in(Application::SecurityDomain, Role::Transport);
        bench.reset();
        assert_eq!(
            bench.plain(&get_data(DataObject::SequenceCounter)).data,
            [0xC1, 3, 0, 0, count]
        );
    }
    bench.personalise();
    bench.deliver();
}

#[test]
fn a_card_of_sixteen_byte_blocks_goes_the_same_way() {
    let mut options = blank_options();
    options.options = Options::new(0x68).expect("S16");
    let mut card = Card::blank(&options, rng(1)).expect("as given");
    card.power_on(negin_apdu::Interface::Contact)
        .expect("power");
    let command = initialize_update(0x00, &[1; 16]).to_bytes().expect("short");
    let answer = card.process(&command).expect("power");
    assert_eq!(answer.len(), 13 + 32 + 2);
}

#[test]
fn open_data_and_their_tags() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    for (tag, value) in [(0x42, &b"\x98\x45\x01"[..]), (0x45, b"card 7")] {
        let data = StoreData {
            last: true,
            block: 0,
            data: field::field(tag, value),
        };
        assert_eq!(bench.domain(&GpCommand::StoreData(data)).sw, DONE);
    }
    let other = StoreData {
        last: true,
        block: 0,
        data: field::field(0x99, b"?"),
    };
    assert_eq!(
        bench.domain(&GpCommand::StoreData(other)).sw,
        StatusWord::REFERENCE_DATA_NOT_FOUND
    );
    bench.select(Application::SecurityDomain);
    let mut data = |object| bench.plain(&get_data(object)).data;
    assert_eq!(
        data(DataObject::IssuerIdentification),
        b"\x42\x03\x98\x45\x01"
    );
    assert_eq!(data(DataObject::CardImage), b"\x45\x06card 7");
    assert_eq!(data(DataObject::KeyDiversification)[2..], KDD);
    let recognition = CardRecognition::decode(&data(DataObject::CardData)).expect("card data");
    assert_eq!((recognition.protocol, recognition.options), (3, 0x60));
    assert_eq!(
        Cplc::decode(&data(DataObject::Cplc))
            .expect("CPLC")
            .serial_number,
        KDD[2..6]
    );
}

#[test]
fn status_lists_what_is_on_the_card() {
    let mut bench = Bench::personalised();
    bench.select(Application::SecurityDomain);
    let ask = |subset| GpCommand::GetStatus(subset);
    let plain = bench.plain(&ask(StatusSubset::Applications).to_apdu()).sw;
    assert_eq!(plain, StatusWord::SECURITY_STATUS_NOT_SATISFIED);
    bench.open(Role::Issuer).expect("opens");
    let domain = StatusEntry::decode_all(&bench.domain(&ask(StatusSubset::SecurityDomain)).data)
        .expect("entries");
    assert_eq!(
        (domain[0].aid, domain[0].state),
        (aid::ISSUER_SECURITY_DOMAIN, 0x0F)
    );
    let others = StatusEntry::decode_all(&bench.domain(&ask(StatusSubset::Applications)).data)
        .expect("entries");
    let others: Vec<_> = others
        .into_iter()
        .map(|entry| (entry.aid, entry.state))
        .collect();
    assert_eq!(others, [(aid::PIV, 0x0F), (aid::TRAVEL_DOCUMENT, 0x07)]);
    assert_eq!(
        bench.domain(&ask(StatusSubset::LoadFiles)).sw,
        StatusWord::REFERENCE_DATA_NOT_FOUND
    );
}

#[test]
fn card_states_go_one_way() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::SecurityDomain, Role::Issuer);
    assert_eq!(
        bench.set_card(CardState::Secured),
        SHUT,
        "not past INITIALIZED"
    );
    assert_eq!(bench.set_card(CardState::Initialized), DONE);
    assert_eq!(
        bench.set_card(CardState::Initialized),
        DONE,
        "repeating is allowed"
    );
    assert_eq!(bench.set_card(CardState::OpReady), SHUT);
    assert_eq!(bench.set_card(CardState::Secured), DONE);
    assert_eq!(bench.set_card(CardState::Initialized), SHUT);
}

#[test]
fn management_needs_a_channel() {
    let mut bench = Bench::personalised();
    for application in Application::ALL {
        bench.select(application);
        for command in [
            Command::new(0x80, 0xF0, 0x80, 0x7F),
            Command::new(0x80, 0xD8, 0x30, 0x81).with_data([0x30; 70]),
            Command::new(0x80, 0xE2, 0x90, 0x00),
            Command::new(0x80, 0xF2, 0x40, 0x02)
                .with_data([0x4F, 0x00])
                .with_le(256),
        ] {
            assert_eq!(
                bench.plain(&command).sw,
                StatusWord::SECURITY_STATUS_NOT_SATISFIED,
                "{command:?}"
            );
        }
    }
}

#[test]
fn what_is_not_there_is_not_selected_and_selects_nothing_away() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    let probe = SelectApplication::new(aid::WINDOWS_PROBE).to_apdu();
    assert_eq!(bench.plain(&probe).sw, StatusWord::FILE_NOT_FOUND);
    assert_eq!(
        bench.piv(&status(negin_eid::piv::VerifyReference::Pin)).sw,
        DONE,
        "PIV is still selected"
    );
    let discovery = Command::new(0x00, 0xCB, 0x3F, 0xFF)
        .with_data([0x5C, 2, 0x7F, 0x68])
        .with_le(256);
    assert_eq!(
        bench.plain(&discovery).sw,
        StatusWord::FILE_NOT_FOUND,
        "as Windows asks"
    );
}

#[test]
fn class_bytes_that_are_not_ours() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    let sw = |bench: &mut Bench, cla| bench.plain(&Command::new(cla, 0xCB, 0x3F, 0xFF)).sw;
    assert_eq!(
        sw(&mut bench, 0x0C),
        StatusWord::SECURE_MESSAGING_NOT_SUPPORTED
    );
    assert_eq!(
        sw(&mut bench, 0x01),
        StatusWord::LOGICAL_CHANNEL_NOT_SUPPORTED
    );
    assert_eq!(sw(&mut bench, 0x20), StatusWord::CLA_NOT_SUPPORTED);
    assert_eq!(sw(&mut bench, 0xFF), StatusWord::CLA_NOT_SUPPORTED);
    assert_eq!(
        sw(&mut bench, 0x3C),
        StatusWord::CLA_NOT_SUPPORTED,
        "chained or not"
    );
    assert_eq!(
        sw(&mut bench, 0x04),
        SHUT,
        "secure messaging without a session"
    );
}
