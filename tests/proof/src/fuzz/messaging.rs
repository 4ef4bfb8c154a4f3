//! SCP03: what is not under its MAC never passes, what is comes out as it went in, at both ends.

use negin_apdu::{Command, Response, StatusWord};
use negin_secure_channel::key::{Key, KeySet};
use negin_secure_channel::scp03::card::{self, CardChallenge, Parameters};
use negin_secure_channel::scp03::host::{self, InitializeUpdateResponse};
use negin_secure_channel::scp03::kdf::SessionKeys;
use negin_secure_channel::scp03::{Options, SecurityLevel};

const CHALLENGE: [u8; 8] = *b"negin-01";

fn keys() -> KeySet {
    KeySet::of_one(&Key::new(&[0x42; 16]).expect("16 bytes"))
}

/// A channel at this level, both ends of it.
fn channel(level: SecurityLevel) -> (host::Session, card::Session) {
    let parameters = Parameters {
        kdd: [7; 10],
        kvn: 0x30,
        options: Options::new(0x60).expect("a mode"),
    };
    let random = CardChallenge::Random([9; 16]);
    let card = card::Handshake::open(&keys(), parameters, &CHALLENGE, random).expect("S8");
    let answer = InitializeUpdateResponse::parse(&card.response()).expect("an answer");
    let session = SessionKeys::derive(&keys(), &CHALLENGE, answer.card_challenge.as_bytes());
    let (command, opening) = host::Handshake::new(&CHALLENGE, answer)
        .expect("S8")
        .verify_card(session)
        .expect("one key")
        .external_authenticate(level)
        .expect("offered");
    let card = card.authenticate(&command).expect("one key");
    (opening.session(), card)
}

/// The first byte chooses the level; the rest is what comes over the wire, a command to wrap, an answer.
pub fn secure_messaging(bytes: &[u8]) {
    let _ = InitializeUpdateResponse::parse(bytes).is_ok();
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let levels: Vec<_> = SecurityLevel::ALL.into_iter().skip(1).collect();
    let level = levels[usize::from(*first) % levels.len()];
    if let Ok(command) = Command::parse(rest) {
        // As it is: no one without the keys makes a MAC, and one wrong one ends the session.
        let (_, mut card) = channel(level);
        assert!(card.unwrap(&command).is_err() && !card.is_open());
        // Wrapped: it comes out as it went in.
        let (mut host, mut card) = channel(level);
        if let Ok(wrapped) = host.wrap(&command)
            && wrapped.to_bytes().is_ok()
        {
            let plain = card.unwrap(&wrapped);
            if command.cla & 0x44 == 0 && command.cla & 0x03 == 0 {
                let plain = plain.expect("under its MAC");
                assert_eq!((plain.ins, plain.data()), (command.ins, command.data()));
                let answer = Response::new(rest, StatusWord::SUCCESS);
                let answered = host.unwrap(card.wrap(answer));
                assert!(answered.is_ok_and(|plain| plain.data == rest));
            }
        }
    }
    let (mut host, _) = channel(level);
    let _ = host
        .wrap(&Command::new(0x00, 0xCB, 0x3F, 0xFF))
        .expect("room");
    if let Ok(response) = Response::parse(rest) {
        let protects = level.r_mac();
        let is_error = !(response.sw.is_success() || response.sw.is_warning());
        let taken = host.unwrap(response);
        assert!(taken.is_err() || is_error || !protects);
    }
}
