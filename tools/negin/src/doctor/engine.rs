//! The program itself: does it compute here what it computes elsewhere?

use negin_apdu::{Exchange, Interface, Limits as LinkLimits};
use negin_eid::gp::{DataObject, GpCommand};
use negin_eid::roles::Role;
use negin_fingerprint::compact::{self, Limits};
use negin_firmware_sim::bus::{InProcess, share};
use negin_firmware_sim::card::{BlankOptions, Card};
use negin_firmware_sim::finger::{Finger, Pressing};
use negin_recognition::{extract, on_card, threshold};
use negin_secure_channel::key::{Key, KeySet};
use negin_secure_channel::scp03::SecurityLevel;
use negin_secure_channel::scp03::host::{Handshake, InitializeUpdateResponse, initialize_update};
use negin_secure_channel::scp03::kdf::SessionKeys;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::{Check, Status};

fn check(name: &'static str, came: Result<String, String>) -> Check {
    match came {
        Ok(found) => Check::new(name, Status::Ok, found),
        Err(found) => Check::new(name, Status::Fail, found),
    }
}

/// Two made-up fingers: one is itself again, the other is not.
pub(super) fn comparison() -> Check {
    check("comparison", compare_two_fingers())
}

fn compare_two_fingers() -> Result<String, String> {
    let (one, other) = rayon::join(|| Finger::from_seed(1), || Finger::from_seed(2));
    let minutiae = |finger: &Finger, press| {
        let image = finger.impression(&Pressing::good(press)).image;
        let extraction = extract(&image).map_err(|error| error.to_string())?;
        compact::encode(&extraction.template, &Limits::default()).map_err(|error| error.to_string())
    };
    let reference = minutiae(&one, 1)?;
    let own = on_card::compare(&reference, &minutiae(&one, 2)?).0;
    let foreign = on_card::compare(&reference, &minutiae(&other, 3)?).0;
    let limit = threshold::ON_CARD.0;
    let scores = format!("own finger {own}, foreign finger {foreign}, threshold {limit}");
    if own >= limit && foreign < limit {
        Ok(scores)
    } else {
        Err(scores)
    }
}

/// A blank card in memory: a channel under its keys opens, carries a command, and does not open under others.
pub(super) fn card() -> Check {
    check("card", open_channels())
}

fn open_channels() -> Result<String, String> {
    let key = |fill: u8| Key::new(&[fill; 16]).map(|key| KeySet::of_one(&key));
    let (right, wrong) = (key(0x40).map_err(text)?, key(0x41).map_err(text)?);
    let options = BlankOptions::new(right.clone(), *b"NEGINDOCTR").map_err(text)?;
    let blank = Card::blank(&options, ChaCha20Rng::from_seed([7; 32])).map_err(text)?;
    let mut card =
        InProcess::connect(share(blank), Interface::Contact, LinkLimits::EXTENDED).map_err(text)?;
    if open_channel(&mut card, &wrong).is_ok() {
        return Err("a channel opened under wrong keys".to_owned());
    }
    open_channel(&mut card, &right)?;
    Ok("SCP03, level 33".to_owned())
}

fn open_channel(card: &mut InProcess, keys: &KeySet) -> Result<(), String> {
    let challenge = [0x5A; 8];
    let answer = card
        .exchange(&initialize_update(
            Role::Transport.key_version(),
            &challenge,
        ))
        .map_err(text)?;
    let answer = InitializeUpdateResponse::parse(&answer.data).map_err(text)?;
    let session = SessionKeys::derive(keys, &challenge, answer.card_challenge.as_bytes());
    let authenticated = Handshake::new(&challenge, answer)
        .and_then(|handshake| handshake.verify_card(session))
        .map_err(text)?;
    let (command, opening) = authenticated
        .external_authenticate(SecurityLevel::Full)
        .map_err(text)?;
    let answer = card.exchange(&command).map_err(text)?;
    if !answer.sw.is_success() {
        return Err(format!("EXTERNAL AUTHENTICATE: {}", answer.sw));
    }
    let command = GpCommand::GetData(DataObject::KeyInformation).to_apdu();
    let answer = opening.channel(card).exchange(&command).map_err(text)?;
    if answer.sw.is_success() && !answer.data.is_empty() {
        Ok(())
    } else {
        Err(format!("GET DATA: {}", answer.sw))
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_knows_a_finger_again_and_refuses_another() {
        let check = comparison();
        assert_eq!(check.status, Status::Ok, "{}", check.found);
    }

    #[test]
    fn a_card_opens_its_channel_under_its_own_keys_only() {
        let check = card();
        assert_eq!(check.status, Status::Ok, "{}", check.found);
    }
}
