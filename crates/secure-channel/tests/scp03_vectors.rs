//! SCP03 against published numbers: sessions recorded from cards (pySim's unit tests), both ends, and the key
//! derivation (blaufish/scp03_kdf_testvectors).

#![allow(clippy::unwrap_used, reason = "tests")]

use negin_apdu::{Aid, Command, Response, StatusWord};
use negin_secure_channel::key::{Key, KeySet};
use negin_secure_channel::scp03::host::{self, InitializeUpdateResponse};
use negin_secure_channel::scp03::kdf::{self, SessionKeys};
use negin_secure_channel::scp03::{Options, SecurityLevel, card};
use negin_secure_channel::{Error, SmError};

/// One recorded session. Key versions 30, 31, 32 are AES-128, -192 and -256.
struct Recorded {
    initialize_update: &'static str,
    answer: &'static str,
    external_authenticate: &'static str,
    /// STORE DATA with an answer of 21 bytes.
    get_eid: &'static str,
    get_eid_answer: &'static str,
    /// Cases 1 to 4 of ISO/IEC 7816-3, sent after it.
    cases: [&'static str; 4],
}

const GET_EID: &str = "80E2910006BF3E035C015A00";
const GET_EID_ANSWER: &str = "BF3E125A1089882119900000000000000000000005";
const CASES: [&str; 4] = [
    "80F22002",
    "80CA006600",
    "80F220020A4F0212345C054F9F70C5",
    "80F28002024F0000",
];
/// The security domain of an eUICC, with which these sessions were opened.
const INVOKER: Aid = Aid::known([
    0xA0, 0, 0, 5, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0, 0, 1, 0,
]);

const SESSIONS: [Recorded; 9] = [
    Recorded {
        initialize_update: "8050300008b13e5f938fc108c400",
        answer: "000000000000000000003003703eb51047495b249f66c484c1d2ef1948000002",
        external_authenticate: "84821100107d5f5826a993ebc89eea24957fa0b3ce",
        get_eid: "84e291000ebf3e035c015a558d036518a2829700",
        get_eid_answer: "bf3e125a1089882119900000000000000000000005971be68992dbbdfa",
        cases: [
            "84f220020863a63f8959827fb2",
            "84ca006608a0c6a4a74166f7ce00",
            "84f22002124f0212345c054f9f70c52249b50272656536",
            "84f280020a4f00e91443f6dce6b8ed00",
        ],
    },
    Recorded {
        initialize_update: "80503000088e1552d0513c60f300",
        answer: "0000000000000000000030037030760cd2c47c1dd395065fe5ead8a9d7000001",
        external_authenticate: "8482030010fd4721a14d9b07003c451d2f8ae6bb21",
        get_eid: "84e2910018ca9c00f6713d79bc8baa642bdff51c3f6a4082d3bd9ad26c00",
        get_eid_answer: "bf3e125a1089882119900000000000000000000005",
        cases: [
            "84f2200208c9811b11f1264cf1",
            "84ca006608e10ab60b3054798800",
            "84f22002184e2908bdb48b2315a55482e9e936ca122d6ecfae7d17416e",
            "84f28002180dd10a6b6193e5340b9e77d32d5a179cd710ac2773aefb2800",
        ],
    },
    Recorded {
        initialize_update: "8050300008fdf38259a1e0de4400",
        answer: "000000000000000000003003703b1aca81e821f219081cdc01c26b372d000003",
        external_authenticate: "84823300108c36f96bcc00724a4e13ad591d7da3f0",
        get_eid: "84e2910018267a85dfe4a98fca6fb0527e0dfecce4914e40401433c87f00",
        get_eid_answer: "f3ba2b1013aa6224f5e1c138d71805c569e5439b47576260b75fc021b25097cb2e68f8a0144975b9",
        cases: [
            "84f2200208ac6a59024bed84cc",
            "84ca006608409912ad8fb7aed000",
            "84f22002185f3dafc3ac14c381536a488bf44e06d056df9d74dbd21e5a",
            "84f280021865165105be3373347d0424d4400af2ac393f569ec779389e00",
        ],
    },
    Recorded {
        initialize_update: "80503100087396430b768b085b00",
        answer: "000000000000000000003103708cfc23522ffdbf1e5df5542cac8fd866000003",
        external_authenticate: "84821100102145ed30b146f5db252fb7e624cec244",
        get_eid: "84e291000ebf3e035c015aff42cf801d14394400",
        get_eid_answer: "bf3e125a1089882119900000000000000000000005162fbd33e04940a9",
        cases: [
            "84f22002084584e4f6784811ee",
            "84ca006608937776ebe190fa3000",
            "84f22002124f0212345c054f9f70c59a52bddf3040368c",
            "84f280020a4f009804b11411f7393d00",
        ],
    },
    Recorded {
        initialize_update: "805031000869c65da8202bf19f00",
        answer: "00000000000000000000310370b570a67be38446717729d6dd3d2ec5b1000001",
        external_authenticate: "848203001065df4f1a356a887905466516d9e5b7c1",
        get_eid: "84e2910018d2c6fb477c5d4afe4fd4d21f17eff10d3578ec1774a12a2d00",
        get_eid_answer: "bf3e125a1089882119900000000000000000000005",
        cases: [
            "84f2200208964e188f0b1bb697",
            "84ca006608f0820035a41d3e1800",
            "84f220021806b076ed452cd1fa84f77f5c08a146aa77a9286757dea791",
            "84f2800218d06527e39222dce091fabdb8e9b898417a67a6852d3577db00",
        ],
    },
    Recorded {
        initialize_update: "80503100089b3f2eef0e8c937400",
        answer: "00000000000000000000310370f6bb305a15bae1a68f79fb08212fbed7000002",
        external_authenticate: "84823300109100bc22d58b45b86a26365ce39ff3cf",
        get_eid: "84e29100188f7f946c84f70d17994bc6e8791251bb1bb1bf02cf8de58900",
        get_eid_answer: "c05176c1b6f72aae50c32cbee63b0e95998928fd4dfb2be9f27ffde8c8476f5909b4805cc4039599",
        cases: [
            "84f2200208d5d97754b6b3d2ba",
            "84ca006608516c82b8e30adbeb00",
            "84f2200218cc247f4761e6944277a4e0d6e32e44025b1e31537e2fc668",
            "84f2800218ba22b63d509bef5d093b43e5eaed03ed23144ab2d9cb51de00",
        ],
    },
    Recorded {
        initialize_update: "805032000811666d57866c6f5400",
        answer: "0000000000000000000032037053ea8847efa7674e41498a4d66cf0dee000003",
        external_authenticate: "84821100102f2ad190eff2fafc4908996d1cebd310",
        get_eid: "84e291000ebf3e035c015af4b680372542b59d00",
        get_eid_answer: "bf3e125a10898821199000000000000000000000058012dd7f01f1c4c1",
        cases: [
            "84f2200208d618b7da68d5fe52",
            "84ca0066088f3e055db23ad5e500",
            "84f22002124f0212345c054f9f70c5b6e15cc42404915e",
            "84f280020a4f00aa124aa74afe7f7500",
        ],
    },
    Recorded {
        initialize_update: "8050320008c6066990fc426e1d00",
        answer: "000000000000000000003203708682cd81bbd8919f2de3f2664581f118000001",
        external_authenticate: "848203001077c493b632edadaf865a1e64acc07ce9",
        get_eid: "84e29100183ddaa60594963befaada3525b492ede23c2ab2c1ce3afe4400",
        get_eid_answer: "bf3e125a1089882119900000000000000000000005",
        cases: [
            "84f2200208480ddc8e419da38d",
            "84ca0066083e9d6a6c0b2d732000",
            "84f22002183ebfef2da8b04af2a85f491f299b76973df76ff08a4031be",
            "84f2800218783fff80990f5585b1055010ea95094a26e4a8f1ef4b18e100",
        ],
    },
    Recorded {
        initialize_update: "805032000897b2055fe58599fd00",
        answer: "00000000000000000000320370a8439a22cedf045fa9f1903b2834f26e000002",
        external_authenticate: "8482330010508a0fd959d2e547c6b33154a6be2057",
        get_eid: "84e29100187a5ef717eaf1e135ae92fe54429d0e465decda65f5fe5aea00",
        get_eid_answer: "ea90dbfa648a67c5eb6abc57f8530b97d0cd5647c5e8732016b55203b078dd2ace7f8bc5d1c1cd99",
        cases: [
            "84f2200208bcc5c17275545d93",
            "84ca00660804806aba9d543bb600",
            "84f2200218717222491556ec81a45f49ce48be33320024801a1c4cb0e0",
            "84f2800218561f105bccd3a1642904b251ccc1228beb80a82370a8637000",
        ],
    },
];

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn command(text: &str) -> Command {
    Command::parse(&hex(text)).unwrap()
}

fn key_set(kvn: u8) -> KeySet {
    let key = |first: u8| {
        let run: Vec<u8> = (first..first + 16).collect();
        let doubled = [&run[..], &run[..]].concat();
        Key::new(&doubled[..[16, 24, 32][usize::from(kvn - 0x30)]]).unwrap()
    };
    KeySet::new(key(0x00), key(0x10), key(0x20)).unwrap()
}

#[test]
fn nine_recorded_sessions_at_the_host() {
    for recorded in &SESSIONS {
        let sent = command(recorded.initialize_update);
        let host_challenge = sent.data();
        assert_eq!(
            host::initialize_update(sent.p1, host_challenge)
                .to_bytes()
                .unwrap(),
            hex(recorded.initialize_update)
        );
        let answer = InitializeUpdateResponse::parse(&hex(recorded.answer)).unwrap();
        assert_eq!((answer.kvn, answer.options), (sent.p1, Options::I_70));

        let handshake = host::Handshake::new(host_challenge, answer.clone()).unwrap();
        let keys = SessionKeys::derive(
            &key_set(answer.kvn),
            host_challenge,
            answer.card_challenge.as_bytes(),
        );
        let level = SecurityLevel::from_byte(hex(recorded.external_authenticate)[2]).unwrap();
        let (authenticate, opening) = handshake
            .verify_card(keys)
            .unwrap()
            .external_authenticate(level)
            .unwrap();
        assert_eq!(
            authenticate.to_bytes().unwrap(),
            hex(recorded.external_authenticate)
        );

        let mut session = opening.session();
        assert_eq!(
            session.wrap(&command(GET_EID)).unwrap().to_bytes().unwrap(),
            hex(recorded.get_eid)
        );
        let plain = session
            .unwrap(Response::new(
                hex(recorded.get_eid_answer),
                StatusWord::SUCCESS,
            ))
            .unwrap();
        assert_eq!(plain.data, hex(GET_EID_ANSWER));
        for (plain, wrapped) in CASES.iter().zip(recorded.cases) {
            assert_eq!(
                session.wrap(&command(plain)).unwrap().to_bytes().unwrap(),
                hex(wrapped)
            );
        }
    }
}

#[test]
fn nine_recorded_sessions_at_the_card() {
    for recorded in &SESSIONS {
        let sent = command(recorded.initialize_update);
        let parameters = card::Parameters {
            kdd: [0; 10],
            kvn: sent.p1,
            options: Options::I_70,
        };
        let sequence_counter = *hex(recorded.answer).last_chunk().unwrap();
        let challenge = card::CardChallenge::PseudoRandom {
            sequence_counter,
            invoker: &INVOKER,
        };
        let handshake =
            card::Handshake::open(&key_set(sent.p1), parameters, sent.data(), challenge).unwrap();
        assert_eq!(handshake.response(), hex(recorded.answer));

        let mut session = handshake
            .authenticate(&command(recorded.external_authenticate))
            .unwrap();
        assert_eq!(
            session.unwrap(&command(recorded.get_eid)).unwrap(),
            command(GET_EID)
        );
        let answer = session.wrap(Response::new(hex(GET_EID_ANSWER), StatusWord::SUCCESS));
        assert_eq!(answer.data, hex(recorded.get_eid_answer));
        for (plain, wrapped) in CASES.iter().zip(recorded.cases) {
            assert_eq!(session.unwrap(&command(wrapped)).unwrap(), command(plain));
        }
    }
}

#[test]
fn a_wrong_key_shows_before_anything_is_sent() {
    for recorded in &SESSIONS {
        let sent = command(recorded.initialize_update);
        let answer = InitializeUpdateResponse::parse(&hex(recorded.answer)).unwrap();
        let challenge = answer.card_challenge;
        let handshake = host::Handshake::new(sent.data(), answer).unwrap();
        let mut wrong = key_set(sent.p1);
        wrong.mac = wrong.dek.clone();
        let keys = SessionKeys::derive(&wrong, sent.data(), challenge.as_bytes());
        assert_eq!(
            handshake.verify_card(keys).err(),
            Some(Error::CardCryptogram)
        );
    }
}

#[test]
fn a_replayed_command_is_refused_and_ends_the_session() {
    let recorded = &SESSIONS[2];
    let sent = command(recorded.initialize_update);
    let parameters = card::Parameters {
        kdd: [0; 10],
        kvn: 0x30,
        options: Options::I_70,
    };
    let challenge = card::CardChallenge::PseudoRandom {
        sequence_counter: [0, 0, 3],
        invoker: &INVOKER,
    };
    let handshake =
        card::Handshake::open(&key_set(0x30), parameters, sent.data(), challenge).unwrap();
    let mut session = handshake
        .authenticate(&command(recorded.external_authenticate))
        .unwrap();
    session.unwrap(&command(recorded.get_eid)).unwrap();
    assert_eq!(
        session.unwrap(&command(recorded.get_eid)),
        Err(SmError::Mac)
    );
    assert_eq!(
        session.unwrap(&command(recorded.cases[0])),
        Err(SmError::Ended)
    );
}

/// Every result is the next one's context and the key of the one after, so that one wrong value breaks the chain.
#[test]
fn forty_derivations() {
    let published = include_str!("vectors/scp03_kdf.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let (mut key, mut context) = (vec![0; 16], vec![0; 16]);
    let mut done = 0;
    for (constant, expected) in (1u8..).zip(published) {
        let mut derived = vec![0; expected.len() / 2];
        kdf::derive(
            &Key::new(&key).unwrap(),
            constant,
            &[&context],
            &mut derived,
        );
        assert_eq!(
            hex::encode_upper(&derived),
            expected,
            "constant {constant:02X}"
        );
        (key, context) = (context, derived);
        done += 1;
    }
    assert_eq!(done, 40);
}
