//! Each command of an administrator, damaged: every truncation, each bit flipped, 00 and FF in each byte. The card
//! answers; what is refused has changed nothing but a counter, by one; what is carried out has changed what an
//! administrator may change; and no key is in an answer.

use std::collections::BTreeMap;

use negin_apdu::{Interface, Limits, StatusWord, Transmit};
use negin_eid::Secret;
use negin_eid::aid::Application;
use negin_eid::piv::{
    AdministratorStep, Algorithm, AuthenticateAdministrator, Container, Extensions,
    FingerReference, ImportKey, KeyMaterial, KeyReference, ManagementAlgorithm, ManagementKey,
    MetadataReference, PivCommand, SetRetries, YubicoCommand,
};
use negin_secure_channel::challenge::ChallengeKey;
use rayon::prelude::*;

use super::administration::*;
use super::bench::*;
use super::extension::lock_the_holder_out;
use crate::card::Card;
use crate::card::memory::id;

type Objects = BTreeMap<u32, Vec<u8>>;

/// What was done before the damaged command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    AskedChallenge,
    AskedWitness,
    Administrator,
    AdministratorAndHolder,
}

fn held() -> ManagementKey {
    key(ManagementAlgorithm::Aes128)
}

fn cipher() -> ChallengeKey {
    ChallengeKey::aes(held().expose()).expect("a key")
}

fn state(bench: &Bench) -> Vec<u8> {
    bench.card.lock().expect("not poisoned").state_bytes()
}

fn objects_of(bench: &Bench) -> Objects {
    let mut card = bench.card.lock().expect("not poisoned");
    card.memory.objects().expect("power")
}

fn step(step: AdministratorStep) -> AuthenticateAdministrator {
    let algorithm = ManagementAlgorithm::Aes128;
    AuthenticateAdministrator { algorithm, step }
}

fn ask(bench: &mut Bench, asks: AdministratorStep) -> Vec<u8> {
    let asks = step(asks);
    let answer = bench.piv(&PivCommand::AuthenticateAdministrator(asks.clone()));
    asks.decode_answer(&answer.data).expect("asked").to_vec()
}

/// The card of `state`, always drawing the same, and what came before; gives what the card asked with.
fn fresh(state: &[u8], before: Before) -> (Bench, Vec<u8>) {
    let card = Card::from_state_bytes(state, rng(3)).expect("whole");
    let mut bench = Bench::of(card, Interface::Contact, Limits::EXTENDED);
    bench.select(Application::Piv);
    let mut asked = Vec::new();
    match before {
        Before::Nothing => {}
        Before::AskedChallenge => asked = ask(&mut bench, AdministratorStep::AskChallenge),
        Before::AskedWitness => asked = ask(&mut bench, AdministratorStep::AskWitness),
        Before::Administrator => assert_eq!(external(&mut bench, &held()), DONE),
        Before::AdministratorAndHolder => {
            assert_eq!(external(&mut bench, &held()), DONE);
            assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
        }
    }
    (bench, asked)
}

fn damaged(command: &[u8]) -> Vec<Vec<u8>> {
    let cuts = (0..command.len()).map(|length| command[..length].to_vec());
    let flips = (0..command.len() * 8).map(|bit| {
        let mut flipped = command.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    });
    let set = (0..command.len() * 2).map(|at| {
        let mut set = command.to_vec();
        set[at / 2] = if at % 2 == 0 { 0x00 } else { 0xFF };
        set
    });
    cuts.chain(flips).chain(set).collect()
}

/// The commands, each after what must have come before it.
fn commands(state: &[u8]) -> Vec<(Before, Vec<u8>)> {
    let authenticate = |step_| PivCommand::AuthenticateAdministrator(step(step_)).to_apdu();
    let (_, challenge) = fresh(state, Before::AskedChallenge);
    let response = cipher().encrypt(&challenge).expect("one block");
    let (_, witness) = fresh(state, Before::AskedWitness);
    let witness = cipher().decrypt(&witness).expect("one block");
    let mutual = AdministratorStep::Mutual {
        witness: witness.as_bytes().into(),
        challenge: Secret::new([0x3C; 16]),
    };
    let import = ImportKey {
        key: KeyReference::Signature,
        algorithm: Algorithm::EccP256,
        material: KeyMaterial::Scalar(Secret::new([0x6B; 32])),
    };
    let tries = SetRetries { pin: 7, puk: 6 };
    let metadata = |of| YubicoCommand::Metadata(of).to_apdu();
    let certificate = Container::AuthenticationCertificate;
    let admin = Before::Administrator;
    [
        (
            Before::Nothing,
            authenticate(AdministratorStep::AskChallenge),
        ),
        (Before::Nothing, authenticate(AdministratorStep::AskWitness)),
        (
            Before::AskedChallenge,
            authenticate(AdministratorStep::Respond(response.as_bytes().into())),
        ),
        (Before::AskedWitness, authenticate(mutual)),
        (Before::Nothing, put(certificate, b"\x53\x04damn").to_apdu()),
        (admin, put(certificate, b"\x53\x04damn").to_apdu()),
        (admin, generate(KeyReference::Authentication).to_apdu()),
        (Before::Nothing, YubicoCommand::Version.to_apdu()),
        (Before::Nothing, YubicoCommand::Serial.to_apdu()),
        (Before::Nothing, metadata(MetadataReference::Pin)),
        (Before::Nothing, metadata(MetadataReference::ManagementKey)),
        (
            Before::Nothing,
            metadata(MetadataReference::Key(KeyReference::Authentication)),
        ),
        (
            Before::Nothing,
            YubicoCommand::Attest(KeyReference::Authentication).to_apdu(),
        ),
        (admin, YubicoCommand::Import(import).to_apdu()),
        (
            admin,
            YubicoCommand::SetManagementKey(key(ManagementAlgorithm::Aes256)).to_apdu(),
        ),
        (
            Before::AdministratorAndHolder,
            YubicoCommand::SetRetries(tries).to_apdu(),
        ),
        (
            Before::AdministratorAndHolder,
            YubicoCommand::Reset.to_apdu(),
        ),
    ]
    .map(|(before, command)| (before, command.to_bytes().expect("short")))
    .into()
}

/// Sends bytes as they are; gives the status word. No answer holds a key.
fn send(bench: &mut Bench, bytes: &[u8], secrets: &[Vec<u8>]) -> StatusWord {
    let answer = bench.connection.transmit(bytes).expect("the card answers");
    let (data, sw) = answer.split_last_chunk::<2>().expect("a status word");
    for secret in secrets {
        let told = data
            .windows(8)
            .any(|seen| secret.windows(8).any(|own| own == seen));
        assert!(!told, "{bytes:02X?}");
    }
    StatusWord(u16::from_be_bytes(*sw))
}

/// Objects that an administrator may change, whatever he says.
fn administrators() -> Vec<u32> {
    let containers = Container::ALL.into_iter().filter(|c| c.is_standard());
    containers
        .map(id::container)
        .chain(KeyReference::ALL.map(id::key_pair))
        .chain([id::ADMINISTRATION, id::RETRIES, id::TRIES])
        .collect()
}

#[test]
fn damaged_commands_change_nothing_that_they_may_not() {
    let state = state(&live(Extensions::Yubico, &held()));
    let secrets = vec![
        held().expose().to_vec(),
        key(ManagementAlgorithm::Aes256).expose().to_vec(),
        vec![0x6B; 32],
        minutiae(enrolled_finger(FingerReference::Primary), 0),
    ];
    let cases: Vec<_> = commands(&state)
        .into_iter()
        .flat_map(|(before, command)| {
            damaged(&command)
                .into_iter()
                .map(move |damaged| (before, damaged))
        })
        .collect();
    let allowed = administrators();
    cases.par_iter().for_each(|(before, bytes)| {
        let (mut bench, _) = fresh(&state, *before);
        let was = objects_of(&bench);
        let sw = send(&mut bench, bytes, &secrets);
        let is = objects_of(&bench);
        // A long answer, of which more is there, is success.
        let done = sw.is_success() || sw.sw1() == 0x61;
        let told = || format!("{bytes:02X?} after {before:?}: {sw:?}");
        let changed: Vec<u32> = was
            .keys()
            .chain(is.keys())
            .copied()
            .filter(|id| was.get(id) != is.get(id))
            .collect();
        let administers = matches!(
            before,
            Before::Administrator | Before::AdministratorAndHolder
        );
        for id in changed {
            // The key that attests is made when it is first needed.
            let attests = [id::ATTESTATION_KEY, id::ATTESTATION_CERTIFICATE].contains(&id);
            let may =
                id == id::TRIES || (done && (attests || administers && allowed.contains(&id)));
            assert!(may, "object {id:X}, {}", told());
        }
        if !done {
            for (was, is) in was[&id::TRIES].iter().zip(&is[&id::TRIES]) {
                assert!(*is == *was || *is + 1 == *was, "{}", told());
            }
        }
        // Whoever is still administrator afterwards proved it before, or has just done so with the right bytes.
        let proves = bench.piv(&put(Container::Chuid, b"\x53\x01x")).sw;
        if *before == Before::Nothing {
            assert_ne!(proves, DONE, "{}", told());
        }
    });
    println!("{} damaged commands", cases.len());
    assert!(cases.len() > 2500);
}

#[test]
fn a_damaged_reset_resets_or_does_not() {
    let mut bench = live(Extensions::Yubico, &held());
    lock_the_holder_out(&mut bench);
    let state = state(&bench);
    let reset = YubicoCommand::Reset.to_apdu().to_bytes().expect("short");
    for bytes in damaged(&reset) {
        let (mut bench, _) = fresh(&state, Before::Nothing);
        let was = objects_of(&bench);
        send(&mut bench, &bytes, &[held().expose().to_vec()]);
        if objects_of(&bench) != was {
            assert_eq!(bytes[..4], reset[..], "nothing else resets it");
        }
    }
}
