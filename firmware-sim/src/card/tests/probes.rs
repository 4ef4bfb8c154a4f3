//! What computers ask before they know what card this is: answered 'not found', whatever is selected and whatever the
//! card's state; and the names that PIV answers to.

use negin_apdu::{Command, StatusWord};
use negin_eid::aid::{self, Application};
use negin_eid::gp::CardState;
use negin_eid::piv::PropertyTemplate;
use negin_eid::roles::Role;

use super::bench::*;

const NOT_FOUND: StatusWord = StatusWord::FILE_NOT_FOUND;

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|digits| {
            u8::from_str_radix(std::str::from_utf8(digits).expect("text"), 16).expect("hex")
        })
        .collect()
}

fn command(text: &str) -> Command {
    Command::parse(&hex(text)).expect("a command")
}

/// Windows: Plug and Play, its identifier in both forms of GET DATA, its generic card application, the master file and
/// EF.ATR. macOS and others: applications that are not here.
const PROBES: [&str; 14] = [
    "00A404000BA0000003974349445F010000",
    "00A404000BA0000003974349445F0100",
    "00A4040009A00000039742544659",
    "00A404000BA00000039742544659020100",
    "00CA7F6800",
    "00CB3FFF045C027F6800",
    "00CB3FFF045C027F68",
    "00A40000023F0000",
    "00A4000C023F00",
    "00A40000022F0100",
    "00A4020C022F01",
    "00A4040006D2760001240100",
    "00A4040007A000000116DB00",
    "00A404000AA0000003975446590201",
];

fn answers(bench: &mut Bench, state: &str) {
    for application in Application::ALL {
        bench.select(application);
        for probe in PROBES {
            let answer = bench.plain(&command(probe));
            assert_eq!(
                (answer.sw, answer.data.len()),
                (NOT_FOUND, 0),
                "{probe}, {application:?} selected, {state}"
            );
        }
    }
}

#[test]
fn probes_are_not_found_in_any_state() {
    let mut bench = Bench::blank();
    answers(&mut bench, "blank");
    bench.reset();
    for probe in PROBES {
        assert_eq!(
            bench.plain(&command(probe)).sw,
            NOT_FOUND,
            "{probe}, nothing selected"
        );
    }
    bench.personalise();
    answers(&mut bench, "personalised");
    bench.deliver();
    answers(&mut bench, "activated");
    for state in [CardState::Locked, CardState::Terminated] {
        bench.select(Application::SecurityDomain);
        bench.open(Role::Issuer).expect("the card's keys");
        assert_eq!(bench.set_card(state), StatusWord::SUCCESS);
        answers(&mut bench, "locked or terminated");
    }
}

#[test]
fn piv_answers_to_its_name_whole_or_cut_short_on_the_right() {
    let mut bench = Bench::activated();
    let name = aid::PIV;
    for length in 5..=name.as_bytes().len() {
        for with_le in [true, false] {
            let select = Command::new(0x00, 0xA4, 0x04, 0x00).with_data(&name.as_bytes()[..length]);
            let select = if with_le { select.with_le(256) } else { select };
            let answer = bench.plain(&select);
            assert_eq!(answer.sw, StatusWord::SUCCESS, "{length} bytes");
            PropertyTemplate::decode(&answer.data).expect("the property template");
            let silent = Command::new(0x00, 0xA4, 0x04, 0x0C).with_data(&name.as_bytes()[..length]);
            let answer = bench.plain(&silent);
            assert_eq!((answer.sw, answer.data.len()), (StatusWord::SUCCESS, 0));
        }
    }
    for length in 1..5 {
        let select = Command::new(0x00, 0xA4, 0x04, 0x00).with_data(&name.as_bytes()[..length]);
        assert_eq!(bench.plain(&select).sw, NOT_FOUND, "{length} bytes");
    }
    let longer = [name.as_bytes(), &[0]].concat();
    assert_eq!(
        bench
            .plain(&Command::new(0x00, 0xA4, 0x04, 0x00).with_data(longer))
            .sw,
        NOT_FOUND
    );
    let other = hex("A00000030800001000020000");
    assert_eq!(
        bench
            .plain(&Command::new(0x00, 0xA4, 0x04, 0x00).with_data(other))
            .sw,
        NOT_FOUND
    );
}

#[test]
fn what_is_not_found_leaves_the_selection_as_it_was() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    bench.piv(&pin(PIN));
    for probe in PROBES {
        bench.plain(&command(probe));
    }
    let face = bench.piv(&get(negin_eid::piv::Container::FacialImage));
    assert_eq!(face.data, FACE, "still verified");
}
