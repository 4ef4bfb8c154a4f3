//! A valid sequence of every command, and each command in it damaged: every truncation, each bit flipped, 00 and FF in
//! each byte; as it goes over the wire, and, where a channel is open, also beneath secure messaging, with the MAC right.
//!
//! After each: the card has answered, no secret was in the answer; no counter rose but by a success, and none fell by
//! more than the one try an attempt costs; the state loads; and unless the damaged command was itself one that the card
//! carries out, the valid sequence still comes to the same end.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::io::Write;
use std::slice::from_ref;
use std::sync::LazyLock;

use negin_apdu::{Command, Interface, StatusWord};
use negin_eid::Secret;
use negin_eid::aid;
use negin_eid::aid::Application::{self, Piv, SecurityDomain, TravelDocument};
use negin_eid::gp::{
    ApplicationStage, ApplicationState, CardState, DataObject, GpCommand, SetStatus, StatusSubset,
    StoreData,
};
use negin_eid::lds::{CreateFile, FileId, LdsCommand, ReadBinary, UpdateBinary};
use negin_eid::piv::{
    ChangeReferenceData, Container, EnrolReference, ManagementKey, Pin, PivCommand, Puk, PutData,
    VerifyAction, VerifyReference,
};
use negin_eid::roles::Role;
use negin_eid::select::SelectApplication;
use negin_proof::damage::{self, Damage};
use negin_proof::secrets::Secrets;
use negin_proof::specimen::{Specimen, id};
use negin_proof::standing::{Bench, Standing, Step};
use negin_secure_channel::put_key::PutKey;
use negin_secure_channel::scp03::host::initialize_update;
use negin_tests::cabinet::{Cabinet, activate, first_pin, get, token, verify, verify_pin};
use negin_tests::desk::PIN;
use negin_tests::journey::World;
use negin_tests::office::Office;
use rayon::prelude::*;

static BENCH: LazyLock<(Cabinet, Secrets, (Cabinet, Vec<Standing>))> = LazyLock::new(|| {
    let cabinet = Cabinet::of(&World::of(Office::new(5), 1));
    let token = token(6);
    let secrets = Secrets::of(cabinet.cards().into_iter().chain(token.0.cards()));
    (cabinet, secrets, token)
});

fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error");
}

/// Yubico's SET RETRIES.
const SET_RETRIES: u8 = 0xFA;

/// What damaged commands came to.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    cases: u64,
    /// Refused, or answered with data and nothing changed.
    refused: u64,
    /// Carried out: still a command, if another one.
    carried_out: u64,
    /// Cost a try.
    cost: u64,
}

impl std::iter::Sum for Count {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            cases: sum.cases + one.cases,
            refused: sum.refused + one.refused,
            carried_out: sum.carried_out + one.carried_out,
            cost: sum.cost + one.cost,
        })
    }
}

/// A valid command in its standing.
struct Valid {
    standing: Standing,
    command: Command,
    expected: StatusWord,
}

impl Valid {
    /// Sends what is left of the command, as bytes over the wire.
    fn on_the_wire(&self, damage: Damage, bytes: &[u8]) -> Count {
        let mut bench = self.standing.take_up();
        // The channel's state moves on as if the whole command had been sent.
        drop(bench.wrap(&self.command));
        self.judge(damage, bench, |bench| {
            let answer = bench.whole(bytes);
            (answer.sw, answer.data)
        })
    }

    /// Sends what is left of the command under the channel, where it is still a command.
    fn beneath(&self, damage: Damage, bytes: &[u8]) -> Option<Count> {
        let command = Command::parse(bytes).ok()?;
        // What secure messaging cannot wrap never comes out of it.
        if command.cla & 0x4C != 0 || command.cla == 0xFF {
            return None;
        }
        let bench = self.standing.take_up();
        Some(self.judge(damage, bench, |bench| {
            let answer = bench.say(&command);
            (answer.sw, answer.data)
        }))
    }

    fn judge(
        &self,
        damage: Damage,
        mut bench: Bench,
        send: impl FnOnce(&mut Bench) -> (StatusWord, Vec<u8>),
    ) -> Count {
        let what = || format!("{}, {:?} {damage}", self.standing.name, self.command);
        let before = bench.memory.object(id::TRIES).expect("counters");
        let (sw, data) = send(&mut bench);
        assert!(
            matches!(sw.sw1(), 0x62..=0x6F | 0x90 | 0x94),
            "{}: {sw}",
            what()
        );
        assert_eq!(BENCH.1.in_bytes(&data), None, "{}", what());
        let success = sw.is_success();
        let after = bench.memory.object(id::TRIES).expect("a whole state");
        let mut cost = 0;
        for (before, after) in before.iter().zip(&after) {
            assert!(after <= before || success, "{}: a try given back", what());
            cost += u64::from(before.saturating_sub(*after));
        }
        // An administrator who sets how many tries there are takes as many as they please.
        let sets_tries = success && self.command.ins == SET_RETRIES;
        assert!(cost <= 1 || sets_tries, "{}: {cost} tries", what());
        let attempt = sw.retries().is_some()
            || sets_tries
            || matches!(
                sw,
                StatusWord::AUTHENTICATION_METHOD_BLOCKED | StatusWord::AUTHENTICATION_FAILED
            );
        assert!(cost == 0 || attempt, "{}: {sw} cost a try", what());
        let changed = bench.memory.writes() > bench.writes_when_taken_up;
        let carried_out = success && changed;
        // The state is whole, and the sequence comes to the same end.
        let fresh = bench.memory.fork();
        bench.reset(Interface::Contact);
        if !carried_out {
            let mut again = self.standing.take_up_on(fresh);
            let sw = again.say(&self.command).sw;
            // A failure that was expected finds the try gone that the damaged one cost, unless that was another counter's.
            let less = |left| StatusWord::verification_failed(left - cost as u8);
            let expected = [Some(self.expected), self.expected.retries().map(less)];
            assert!(expected.contains(&Some(sw)), "{}: {sw} afterwards", what());
        }
        Count {
            cases: 1,
            refused: u64::from(!carried_out),
            carried_out: u64::from(carried_out),
            cost,
        }
    }

    fn every(&self) -> Count {
        let mut bench = self.standing.take_up();
        let secured = bench.is_secured();
        let plain = self.command.to_bytes().expect("short enough");
        let wire = bench.wrap(&self.command);
        let on_the_wire =
            damage::every(&wire).map(|(damage, bytes)| self.on_the_wire(damage, &bytes));
        let beneath = damage::every(&plain)
            .filter(|_| secured)
            .filter_map(|(damage, bytes)| self.beneath(damage, &bytes));
        on_the_wire.chain(beneath).sum()
    }
}

fn select(application: Application) -> Vec<Step> {
    vec![Step::Select(application)]
}

fn channel(application: Application, role: Role) -> Vec<Step> {
    vec![Step::Select(application), Step::Channel(role)]
}

fn with(mut steps: Vec<Step>, commands: &[Command]) -> Vec<Step> {
    steps.extend(commands.iter().cloned().map(Step::Say));
    steps
}

fn valid(card: &Specimen, steps: Vec<Step>, command: Command, expected: StatusWord) -> Valid {
    let name = format!("{steps:?}").chars().take(90).collect::<String>();
    Valid {
        standing: Standing::new(&name, card, steps),
        command,
        expected,
    }
}

/// Every command there is, in a standing where the card carries it out.
fn commands() -> Vec<Valid> {
    let cabinet = &BENCH.0;
    let mut all = Vec::new();
    let mut add = |card: &Specimen, steps: Vec<Step>, command: Command, expected: StatusWord| {
        all.push(valid(card, steps, command, expected));
    };
    let done = StatusWord::SUCCESS;
    let (blank, begun, writing, waiting, live, locked) = (
        &cabinet.blank,
        &cabinet.begun,
        &cabinet.writing,
        &cabinet.waiting,
        &cabinet.live,
        &cabinet.locked,
    );
    let piv = || select(Piv);
    let issuer = || channel(Piv, Role::Issuer);
    let delivery = || channel(Piv, Role::Delivery);
    let pin = verify_pin();
    let wrong_pin = verify(
        VerifyReference::Pin,
        VerifyAction::Pin(Pin::new("000000").expect("a PIN")),
    );
    let probe = cabinet.matching();
    let stranger = cabinet.not_matching();
    let failed = StatusWord::verification_failed;

    // Anybody's.
    for application in Application::ALL {
        let command = SelectApplication::new(application.aid()).to_apdu();
        add(live, Vec::new(), command, done);
    }
    for object in DataObject::ALL {
        let command = GpCommand::GetData(object).to_apdu();
        let mut bench = Standing::new("", live, select(SecurityDomain)).take_up();
        let expected = bench.say(&command).sw;
        add(live, select(SecurityDomain), command, expected);
    }
    add(waiting, piv(), initialize_update(0x31, b"negin-01"), done);
    for container in Container::ALL {
        let command = PivCommand::GetData(container).to_apdu();
        let mut bench = Standing::new("", live, with(piv(), from_ref(&pin))).take_up();
        let expected = bench.say(&command).sw;
        add(live, with(piv(), from_ref(&pin)), command, expected);
    }
    // The holder's.
    add(live, piv(), pin.clone(), done);
    add(live, piv(), wrong_pin, failed(4));
    add(
        live,
        piv(),
        verify(VerifyReference::Pin, VerifyAction::Status),
        failed(5),
    );
    add(
        live,
        with(piv(), from_ref(&pin)),
        verify(VerifyReference::Pin, VerifyAction::Reset),
        done,
    );
    add(live, piv(), probe.clone(), done);
    add(
        live,
        piv(),
        stranger.clone(),
        failed(cabinet.finger_tries() - 1),
    );
    let new = Pin::new("314159").expect("a PIN");
    let old = Secret::from(&Pin::new(PIN).expect("a PIN").padded()[..]);
    let change = ChangeReferenceData::Pin {
        old: old.clone(),
        new: new.clone(),
    };
    add(
        live,
        piv(),
        PivCommand::ChangeReferenceData(change).to_apdu(),
        done,
    );
    let puk = || Puk::new(cabinet.puk);
    let change = ChangeReferenceData::Puk {
        old: puk(),
        new: Puk::new(*b"87654321"),
    };
    add(
        live,
        piv(),
        PivCommand::ChangeReferenceData(change).to_apdu(),
        done,
    );
    let unblock = PivCommand::ResetRetryCounter {
        puk: puk(),
        pin: new.clone(),
    };
    add(live, piv(), unblock.to_apdu(), done);
    for (key, tag, length) in [
        (0x9A, 0x81, 32),
        (0x9C, 0x81, 32),
        (0x9E, 0x81, 32),
        (0x9D, 0x85, 65),
    ] {
        let mut value = vec![0x5A; length];
        if tag == 0x85 {
            value = hex::decode(GENERATOR).expect("digits");
        }
        let mut data = vec![0x7C, length as u8 + 4, 0x82, 0x00, tag, length as u8];
        data.extend(value);
        let command = Command::new(0x00, 0x87, 0x11, key)
            .with_data(data)
            .with_le(256);
        add(live, with(piv(), from_ref(&pin)), command, done);
    }
    let travel = || with(select(TravelDocument), from_ref(&pin));
    add(live, select(TravelDocument), pin.clone(), done);
    add(
        live,
        travel(),
        LdsCommand::SelectFile(FileId::Dg1).to_apdu(),
        done,
    );
    for file in [FileId::Com, FileId::Dg1, FileId::Sod] {
        let read = ReadBinary {
            file: Some(file),
            offset: 0,
            length: 256,
        };
        add(live, travel(), LdsCommand::ReadBinary(read).to_apdu(), done);
    }

    // The counter's.
    for container in [
        Container::PrintedInformation,
        Container::HolderDisplay,
        Container::FacialImage,
    ] {
        add(
            waiting,
            delivery(),
            PivCommand::GetData(container).to_apdu(),
            done,
        );
    }
    add(waiting, delivery(), probe.clone(), done);
    add(
        waiting,
        delivery(),
        stranger,
        failed(cabinet.finger_tries() - 1),
    );
    add(
        waiting,
        with(delivery(), from_ref(&probe)),
        first_pin(),
        done,
    );
    add(
        waiting,
        with(delivery(), &[probe.clone(), first_pin()]),
        activate(),
        done,
    );
    let overriding = || channel(Piv, Role::Override);
    add(waiting, overriding(), first_pin(), done);
    add(
        waiting,
        with(overriding(), &[first_pin()]),
        activate(),
        done,
    );

    // The issuer's.
    let transport = || channel(SecurityDomain, Role::Transport);
    let domain = || channel(SecurityDomain, Role::Issuer);
    for subset in StatusSubset::ALL {
        let command = GpCommand::GetStatus(subset).to_apdu();
        let mut bench = Standing::new("", writing, domain()).take_up();
        let expected = bench.say(&command).sw;
        add(writing, domain(), command, expected);
    }
    let keys = cabinet.waiting.memory().key_set(0x31).expect("keys");
    let dek = blank.memory().key_set(0xFF).expect("keys").dek.clone();
    let put = PutKey::encode(0x30, &keys, &dek);
    let put = GpCommand::PutKey(negin_eid::gp::PutKey {
        replaces: 0xFF,
        key_id: 1,
        multiple: true,
        data: put.data().into(),
    });
    add(blank, transport(), put.to_apdu(), done);
    let store = StoreData {
        last: true,
        block: 0,
        data: vec![0x45, 0x08, 1, 2, 3, 4, 5, 6, 7, 8],
    };
    add(
        writing,
        domain(),
        GpCommand::StoreData(store).to_apdu(),
        done,
    );
    let personalised = ApplicationState {
        stage: ApplicationStage::Personalised,
        locked: false,
    };
    for change in [
        SetStatus::Application(aid::PIV, personalised),
        SetStatus::Card(CardState::Locked),
    ] {
        let command = GpCommand::SetStatus(change).to_apdu();
        let mut bench = Standing::new("", writing, domain()).take_up();
        let expected = bench.say(&command).sw;
        add(writing, domain(), command, expected);
    }
    let unlock = GpCommand::SetStatus(SetStatus::Card(CardState::Secured)).to_apdu();
    add(locked, domain(), unlock, done);
    let object = PutData::Object {
        container: Container::Chuid,
        object: [&[0x53, 40][..], &[7; 40]].concat(),
    };
    add(
        writing,
        issuer(),
        PivCommand::PutData(object).to_apdu(),
        done,
    );
    let enrolled = writing.object(id::FINGERS | 0x96).expect("enrolled");
    let enrol = PutData::Enrol(EnrolReference::decode(&enrolled).expect("an enrolment"));
    add(
        writing,
        issuer(),
        PivCommand::PutData(enrol).to_apdu(),
        done,
    );
    let generate = Command::new(0x00, 0x47, 0x00, 0x9A)
        .with_data([0xAC, 0x03, 0x80, 0x01, 0x11])
        .with_le(256);
    add(writing, issuer(), generate, done);
    let puk = PivCommand::ChangeReferenceData(ChangeReferenceData::FirstPuk(puk()));
    add(writing, issuer(), puk.to_apdu(), done);
    let travel = || channel(TravelDocument, Role::Issuer);
    let create = CreateFile {
        file: FileId::Dg1,
        size: 95,
    };
    add(
        begun,
        travel(),
        LdsCommand::CreateFile(create).to_apdu(),
        done,
    );
    let select_file = LdsCommand::SelectFile(FileId::Dg1).to_apdu();
    let update = UpdateBinary {
        offset: 3,
        data: vec![0x3C; 24],
    };
    add(
        writing,
        with(travel(), &[select_file]),
        LdsCommand::UpdateBinary(update).to_apdu(),
        done,
    );
    // Under PIV's own secure messaging, over the antenna.
    let [messaging, paired, verified] = &cabinet.virtual_contact()[..] else {
        panic!("three standings");
    };
    for (standing, command) in [
        (messaging, cabinet.pairing()),
        (messaging, get(Container::Chuid)),
        (paired, pin.clone()),
        (paired, probe),
        (verified, get(Container::PrintedInformation)),
    ] {
        let mut bench = standing.take_up();
        let expected = bench.say(&command).sw;
        all.push(Valid {
            standing: standing.clone(),
            command,
            expected,
        });
    }
    all
}

/// Those that an administrator gives, on a card that has one.
fn administrators_commands() -> Vec<Valid> {
    let mut all = Vec::new();
    let pin = verify_pin();
    let piv = || select(Piv);
    // The administrator's, on a card that has one.
    let (_, tokens) = &BENCH.2;
    let token = &tokens[0].card;
    let known = || {
        vec![
            Step::Select(Piv),
            Step::Administrator(ManagementKey::factory()),
        ]
    };
    let asked = |card: &Specimen, steps: Vec<Step>, command: &Command| {
        let mut bench = Standing::new("", card, steps).take_up();
        bench.say(command).sw
    };
    let mut set_key = vec![0x0A, 0x9B, 0x18];
    set_key.extend(0x11..=0x28);
    let mut import = vec![0x06, 0x20];
    import.extend([0x5A; 32]);
    let plain = |ins, p1, p2| Command::new(0x00, ins, p1, p2).with_le(256);
    for (command, steps) in [
        (plain(0xFD, 0x00, 0x00), piv()),
        (plain(0xF8, 0x00, 0x00), piv()),
        (plain(0xF7, 0x00, 0x9A), piv()),
        (plain(0xF7, 0x00, 0x80), piv()),
        (plain(0xF9, 0x9A, 0x00), piv()),
        (
            Command::new(0x00, 0x87, 0x03, 0x9B)
                .with_data([0x7C, 0x02, 0x81, 0x00])
                .with_le(256),
            piv(),
        ),
        (
            Command::new(0x00, 0x87, 0x03, 0x9B)
                .with_data([0x7C, 0x02, 0x80, 0x00])
                .with_le(256),
            piv(),
        ),
        (
            Command::new(0x00, 0xFF, 0xFF, 0xFF).with_data(set_key),
            known(),
        ),
        (
            Command::new(0x00, 0xFE, 0x11, 0x9A).with_data(import),
            known(),
        ),
        (plain(0xFA, 0x05, 0x05), with(known(), from_ref(&pin))),
        (
            Command::new(0x00, 0xDB, 0x3F, 0xFF)
                .with_data([0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x53, 0x02, 0x01, 0x02]),
            known(),
        ),
    ] {
        let expected = asked(token, steps.clone(), &command);
        all.push(valid(token, steps, command, expected));
    }
    all
}

/// The generator of P-256 (SP 800-186 §3.2.1.3): a point on the curve.
const GENERATOR: &str = "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296\
                         4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5";

#[test]
fn every_damage_of_every_command() {
    let mut all = commands();
    all.extend(administrators_commands());
    for valid in &all {
        let mut bench = valid.standing.take_up();
        let sw = bench.say(&valid.command).sw;
        assert_eq!(
            sw, valid.expected,
            "{}: {:?}",
            valid.standing.name, valid.command
        );
    }
    let count: Count = all.par_iter().map(Valid::every).sum();
    say(&format!(
        "damaged commands: {} valid commands, {} cases: {} refused, {} still commands and carried out, {} cost a try",
        all.len(),
        count.cases,
        count.refused,
        count.carried_out,
        count.cost
    ));
    assert!(count.cases > 20_000 && count.cost > 0 && count.carried_out > 0);
}
