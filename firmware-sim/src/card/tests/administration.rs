//! The key 9B: who proves to hold it, what that opens, and what it never opens.

use negin_apdu::{Command, Interface, Limits, Response, StatusWord};
use negin_eid::Secret;
use negin_eid::aid::Application;
use negin_eid::gp::ApplicationStage;
use negin_eid::piv::{
    Administration, AdministratorStep, AuthenticateAdministrator, Container, Extensions,
    FingerReference, KeyReference, ManagementAlgorithm, ManagementKey, PairingCode, PivCommand,
    PutData, VerifyReference,
};
use negin_eid::roles::Role;
use negin_secure_channel::challenge::ChallengeKey;
use negin_secure_channel::scp03::SecurityLevel;

use super::bench::*;

pub const DONE: StatusWord = StatusWord::SUCCESS;
pub const UNAUTHORISED: StatusWord = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
pub const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;
const NO_SUCH_KEY: StatusWord = StatusWord::INCORRECT_P1P2;

/// A key of each algorithm, none of them known to others.
pub fn key(algorithm: ManagementAlgorithm) -> ManagementKey {
    let bytes: Vec<u8> = (0..algorithm.key_length() as u8)
        .map(|n| 3 * n + 1)
        .collect();
    ManagementKey::new(algorithm, bytes).expect("as long as it must be")
}

pub fn switch(extensions: Extensions, key: &ManagementKey) -> PivCommand {
    PivCommand::PutData(PutData::Administration(Some(Administration {
        extensions,
        key: key.clone(),
    })))
}

/// A card at the counter whose administration is switched on.
pub fn waiting(extensions: Extensions, key: &ManagementKey) -> Bench {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.write();
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(bench.secured_piv(&switch(extensions, key)).sw, DONE);
    bench.personalise_rest();
    bench
}

/// The same in its holder's hand, PIV selected.
pub fn live(extensions: Extensions, key: &ManagementKey) -> Bench {
    let mut bench = waiting(extensions, key);
    bench.deliver();
    bench.reset();
    bench.select(Application::Piv);
    bench
}

fn step(algorithm: ManagementAlgorithm, step: AdministratorStep) -> AuthenticateAdministrator {
    AuthenticateAdministrator { algorithm, step }
}

fn cipher(key: &ManagementKey) -> ChallengeKey {
    match key.algorithm() {
        ManagementAlgorithm::TripleDes => ChallengeKey::triple_des(key.expose()),
        _ => ChallengeKey::aes(key.expose()),
    }
    .expect("a key")
}

fn send(bench: &mut Bench, step: &AuthenticateAdministrator) -> Response {
    bench.piv(&PivCommand::AuthenticateAdministrator(step.clone()))
}

/// Asks for a challenge or a witness.
fn ask(bench: &mut Bench, key: &ManagementKey, asks: AdministratorStep) -> Vec<u8> {
    let asks = step(key.algorithm(), asks);
    let answer = send(bench, &asks).ok().expect("asked");
    asks.decode_answer(&answer).expect("one block").to_vec()
}

fn respond(bench: &mut Bench, key: &ManagementKey, response: &[u8]) -> StatusWord {
    let proves = AdministratorStep::Respond(Secret::from(response));
    send(bench, &step(key.algorithm(), proves)).sw
}

/// External authentication.
pub fn external(bench: &mut Bench, key: &ManagementKey) -> StatusWord {
    let challenge = ask(bench, key, AdministratorStep::AskChallenge);
    let response = cipher(key).encrypt(&challenge).expect("one block");
    respond(bench, key, response.as_bytes())
}

/// Mutual authentication; the card's proof is checked.
fn mutual(bench: &mut Bench, key: &ManagementKey) -> StatusWord {
    let witness = ask(bench, key, AdministratorStep::AskWitness);
    let witness = cipher(key).decrypt(&witness).expect("one block");
    let challenge = vec![0x3C; key.algorithm().block_length()];
    let proves = step(
        key.algorithm(),
        AdministratorStep::Mutual {
            witness: Secret::from(witness.as_bytes()),
            challenge: Secret::new(challenge.clone()),
        },
    );
    let answer = send(bench, &proves);
    if answer.sw.is_success() {
        let proof = proves.decode_answer(&answer.data).expect("one block");
        let expected = cipher(key).encrypt(&challenge).expect("one block");
        assert_eq!(proof, expected.as_bytes(), "the card proves itself");
    } else {
        assert!(answer.data.is_empty());
    }
    answer.sw
}

const CERTIFICATE: Container = Container::AuthenticationCertificate;

#[test]
fn each_algorithm_both_ways() {
    for algorithm in ManagementAlgorithm::ALL {
        let key = key(algorithm);
        for authenticate in [external, mutual] {
            let mut bench = live(Extensions::Standard, &key);
            let write = put(CERTIFICATE, b"\x53\x03new");
            assert_eq!(bench.piv(&write).sw, UNAUTHORISED);
            assert_eq!(
                bench.piv(&generate(KeyReference::Signature)).sw,
                UNAUTHORISED
            );
            assert_eq!(authenticate(&mut bench, &key), DONE, "{algorithm:?}");
            assert_eq!(bench.piv(&write).sw, DONE);
            assert_eq!(bench.piv(&get(CERTIFICATE)).data, b"\x53\x03new");
            assert_eq!(bench.piv(&generate(KeyReference::Signature)).sw, DONE);
        }
    }
}

#[test]
fn a_key_of_another_algorithm_is_no_key() {
    let key = key(ManagementAlgorithm::Aes192);
    let mut bench = live(Extensions::Standard, &key);
    for other in ManagementAlgorithm::ALL {
        let asks = step(other, AdministratorStep::AskChallenge);
        let expected = if other == key.algorithm() {
            DONE
        } else {
            NO_SUCH_KEY
        };
        assert_eq!(send(&mut bench, &asks).sw, expected, "{other:?}");
    }
    for code in (0..=255).filter(|code| ManagementAlgorithm::from_code(*code).is_none()) {
        let asks = Command::new(0x00, 0x87, code, 0x9B).with_data([0x7C, 0x02, 0x81, 0x00]);
        assert_eq!(bench.plain(&asks).sw, NO_SUCH_KEY, "{code:02X}");
    }
}

#[test]
fn another_key_opens_nothing_and_ends_what_was_open() {
    let key = key(ManagementAlgorithm::Aes256);
    let mut wrong = key.expose().to_vec();
    wrong[31] ^= 1;
    let wrong = ManagementKey::new(key.algorithm(), wrong).expect("as long");
    let mut bench = live(Extensions::Standard, &key);
    for authenticate in [external, mutual] {
        assert_eq!(external(&mut bench, &key), DONE);
        assert_eq!(authenticate(&mut bench, &wrong), UNAUTHORISED);
        assert_eq!(bench.piv(&put(CERTIFICATE, b"\x53\x00")).sw, UNAUTHORISED);
    }
    // Nobody can lock the administrator out.
    for _ in 0..300 {
        assert_eq!(external(&mut bench, &wrong), UNAUTHORISED);
    }
    assert_eq!(external(&mut bench, &key), DONE);
}

#[test]
fn a_challenge_is_good_once_and_at_once() {
    let key = key(ManagementAlgorithm::TripleDes);
    let mut bench = live(Extensions::Standard, &key);
    let challenge = ask(&mut bench, &key, AdministratorStep::AskChallenge);
    let response = cipher(&key).encrypt(&challenge).expect("one block");
    let response = response.as_bytes();
    assert_eq!(respond(&mut bench, &key, response), DONE);
    bench.select(Application::Piv);
    // Sent again, after another challenge, and with a command in between.
    assert_eq!(respond(&mut bench, &key, response), SHUT);
    ask(&mut bench, &key, AdministratorStep::AskChallenge);
    assert_eq!(respond(&mut bench, &key, response), UNAUTHORISED);
    let challenge = ask(&mut bench, &key, AdministratorStep::AskChallenge);
    let response = cipher(&key).encrypt(&challenge).expect("one block");
    bench.piv(&status(VerifyReference::Pin));
    assert_eq!(respond(&mut bench, &key, response.as_bytes()), SHUT);
    // A second answer to one challenge.
    let challenge = ask(&mut bench, &key, AdministratorStep::AskChallenge);
    let response = cipher(&key).encrypt(&challenge).expect("one block");
    assert_eq!(respond(&mut bench, &key, &[0; 8]), UNAUTHORISED);
    assert_eq!(respond(&mut bench, &key, response.as_bytes()), SHUT);
    // A challenge is no witness, nor a witness a challenge.
    let witness = ask(&mut bench, &key, AdministratorStep::AskWitness);
    assert_eq!(respond(&mut bench, &key, &witness), SHUT);
    let challenge = ask(&mut bench, &key, AdministratorStep::AskChallenge);
    let mutual = AdministratorStep::Mutual {
        witness: Secret::new(challenge),
        challenge: Secret::new([0; 8]),
    };
    assert_eq!(send(&mut bench, &step(key.algorithm(), mutual)).sw, SHUT);
    assert_eq!(bench.piv(&put(CERTIFICATE, b"\x53\x00")).sw, UNAUTHORISED);
}

#[test]
fn challenges_differ() {
    let key = key(ManagementAlgorithm::Aes128);
    let mut bench = live(Extensions::Standard, &key);
    let mut drawn = Vec::new();
    for _ in 0..8 {
        drawn.push(ask(&mut bench, &key, AdministratorStep::AskChallenge));
        drawn.push(ask(&mut bench, &key, AdministratorStep::AskWitness));
        bench.reset();
        bench.select(Application::Piv);
    }
    let all = drawn.len();
    drawn.sort();
    drawn.dedup();
    assert_eq!(drawn.len(), all);
}

#[test]
fn the_card_enciphers_for_nobody_who_proved_nothing() {
    let key = key(ManagementAlgorithm::TripleDes);
    let mut bench = live(Extensions::Standard, &key);
    for template in [
        // Internal authentication, and other mixtures.
        &b"\x7C\x0C\x81\x08\x01\x02\x03\x04\x05\x06\x07\x08\x82\x00"[..],
        b"\x7C\x0C\x82\x00\x81\x08\x01\x02\x03\x04\x05\x06\x07\x08",
        b"\x7C\x0A\x81\x08\x01\x02\x03\x04\x05\x06\x07\x08",
        b"\x7C\x0A\x80\x08\x01\x02\x03\x04\x05\x06\x07\x08",
        b"\x7C\x04\x80\x00\x81\x00",
        b"\x7C\x04\x81\x00\x81\x00",
        b"\x7C\x0A\x85\x08\x01\x02\x03\x04\x05\x06\x07\x08",
        b"\x7C\x00",
        b"",
    ] {
        let command = Command::new(0x00, 0x87, 0x03, 0x9B)
            .with_data(template)
            .with_le(256);
        let answer = bench.plain(&command);
        assert_eq!(
            (answer.sw, answer.data),
            (StatusWord::WRONG_DATA, vec![]),
            "{template:02X?}"
        );
    }
    assert_eq!(bench.piv(&put(CERTIFICATE, b"\x53\x00")).sw, UNAUTHORISED);
}

#[test]
fn what_was_proved_ends_with_the_selection_and_the_power() {
    let key = key(ManagementAlgorithm::Aes128);
    let mut bench = live(Extensions::Standard, &key);
    let write = put(CERTIFICATE, b"\x53\x01x");
    for application in Application::ALL {
        assert_eq!(external(&mut bench, &key), DONE);
        assert_eq!(bench.piv(&write).sw, DONE);
        bench.select(application);
        bench.select(Application::Piv);
        assert_eq!(bench.piv(&write).sw, UNAUTHORISED, "{application:?}");
    }
    assert_eq!(external(&mut bench, &key), DONE);
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&write).sw, UNAUTHORISED);
}

#[test]
fn before_activation_there_is_no_administrator() {
    let key = key(ManagementAlgorithm::Aes128);
    let mut with = waiting(Extensions::Yubico, &key);
    let mut without = Bench::personalised();
    for bench in [&mut with, &mut without] {
        bench.select(Application::Piv);
        for asks in [
            AdministratorStep::AskChallenge,
            AdministratorStep::AskWitness,
        ] {
            for algorithm in ManagementAlgorithm::ALL {
                let asks = step(algorithm, asks.clone());
                assert_eq!(
                    send(bench, &asks).sw,
                    SHUT,
                    "the same whether switched on or not"
                );
            }
        }
        assert_eq!(bench.piv(&put(CERTIFICATE, b"\x53\x00")).sw, SHUT);
        bench.open_in(Application::Piv, Role::Delivery);
        let asks = PivCommand::AuthenticateAdministrator(step(
            key.algorithm(),
            AdministratorStep::AskChallenge,
        ));
        assert_eq!(bench.secured_piv(&asks).sw, SHUT);
        assert_eq!(bench.stage(), ApplicationStage::Personalised);
    }
}

#[test]
fn without_the_switch_there_is_no_such_key() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    for algorithm in ManagementAlgorithm::ALL {
        let asks = step(algorithm, AdministratorStep::AskWitness);
        assert_eq!(send(&mut bench, &asks).sw, NO_SUCH_KEY);
    }
}

#[test]
fn an_administrator_writes_what_is_the_standards_and_nothing_else() {
    let key = key(ManagementAlgorithm::Aes256);
    let mut bench = live(Extensions::Yubico, &key);
    assert_eq!(external(&mut bench, &key), DONE);
    for container in Container::ALL
        .into_iter()
        .filter(|c| c.is_writable() && c.is_wrapped())
    {
        let object = match container {
            Container::PairingCode => PairingCode::new(b"31415926").expect("digits").encode(),
            _ => b"\x53\x01x".to_vec(),
        };
        let expected = if container.is_standard() {
            DONE
        } else {
            UNAUTHORISED
        };
        let empty = put(container, b"\x53\x00");
        assert_eq!(
            bench.piv(&put(container, &object)).sw,
            expected,
            "{container:?}"
        );
        assert_eq!(bench.piv(&empty).sw, expected, "{container:?}");
    }
    let discovery = negin_eid::piv::Discovery::of_card(false).encode();
    assert_eq!(
        bench.piv(&put(Container::Discovery, &discovery)).sw,
        UNAUTHORISED
    );
    for finger in FingerReference::ALL {
        assert_eq!(bench.piv(&enrol(finger)).sw, UNAUTHORISED);
    }
    assert_eq!(
        bench.piv(&switch(Extensions::Yubico, &key)).sw,
        UNAUTHORISED
    );
    let off = PivCommand::PutData(PutData::Administration(None));
    assert_eq!(bench.piv(&off).sw, UNAUTHORISED);
    for command in [first_puk(PUK), first_pin(PIN), activate(b"")] {
        assert!(!bench.piv(&command).sw.is_success(), "{command:?}");
    }
    // He is not the holder either.
    assert_eq!(bench.piv(&get(Container::HolderDisplay)).sw, UNAUTHORISED);
    assert_eq!(bench.piv(&get(Container::FacialImage)).sw, UNAUTHORISED);
    assert_eq!(
        bench.piv(&genuine(FingerReference::Primary)).sw,
        DONE,
        "still enrolled"
    );
}

#[test]
fn the_switch_is_the_issuers_and_is_never_read() {
    let key = key(ManagementAlgorithm::Aes128);
    let on = switch(Extensions::Standard, &key);
    let asks = Command::new(0x00, 0xCB, 0x3F, 0xFF)
        .with_data([0x5C, 0x03, 0xDF, 0xC1, 0x04])
        .with_le(65_536);
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(bench.secured_piv(&on).sw, DONE);
    assert_eq!(bench.secured_piv(&on).sw, DONE, "again");
    assert_eq!(bench.secured(&asks).sw, StatusWord::FILE_NOT_FOUND);
    // The key goes to the card enciphered, or not at all.
    bench.select(Application::Piv);
    bench
        .open_at(Role::Issuer, SecurityLevel::CMac)
        .expect("opens");
    assert_eq!(bench.secured_piv(&on).sw, SHUT);
    for mut bench in [
        Bench::personalised(),
        waiting(Extensions::Standard, &key),
        live(Extensions::Standard, &key),
    ] {
        bench.select(Application::Piv);
        assert_eq!(bench.plain(&asks).sw, StatusWord::FILE_NOT_FOUND);
        assert!(!bench.piv(&on).sw.is_success());
        bench.open_in(Application::Piv, Role::Issuer);
        assert_eq!(bench.secured_piv(&on).sw, SHUT, "personalisation is over");
        assert_eq!(bench.secured(&asks).sw, StatusWord::FILE_NOT_FOUND);
    }
}

#[test]
fn switched_off_again_while_personalising() {
    let key = key(ManagementAlgorithm::Aes128);
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.write();
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(
        bench.secured_piv(&switch(Extensions::Yubico, &key)).sw,
        DONE
    );
    let off = PivCommand::PutData(PutData::Administration(None));
    assert_eq!(bench.secured_piv(&off).sw, DONE);
    assert_eq!(bench.secured_piv(&off).sw, DONE, "again");
    bench.personalise_rest();
    bench.deliver();
    bench.reset();
    bench.select(Application::Piv);
    let asks = step(key.algorithm(), AdministratorStep::AskWitness);
    assert_eq!(send(&mut bench, &asks).sw, NO_SUCH_KEY);
}

#[test]
fn nobody_administers_over_the_antenna() {
    let key = key(ManagementAlgorithm::Aes128);
    let mut bench = live(Extensions::Yubico, &key).moved(Interface::Contactless, Limits::EXTENDED);
    bench.select(Application::Piv);
    let asks = step(key.algorithm(), AdministratorStep::AskWitness);
    assert_eq!(send(&mut bench, &asks).sw, UNAUTHORISED);
    assert_eq!(bench.piv(&put(CERTIFICATE, b"\x53\x00")).sw, UNAUTHORISED);
}

#[test]
fn the_switch_outlives_power() {
    let key = key(ManagementAlgorithm::Aes128);
    let mut bench = live(Extensions::Standard, &key).moved(Interface::Contact, Limits::SHORT);
    bench.select(Application::Piv);
    assert_eq!(external(&mut bench, &key), DONE);
}
