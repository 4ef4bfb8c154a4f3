//! The card's end against scll-core: its own state machine and workflow of the host, with crypto of its own.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use heapless::Vec as Bounded;
use negin_apdu::{Limits, StatusWord, Transmit};
use negin_secure_channel::key::{Key, KeySet};
use scll_core::backend::{KeyBackend, KeyKind};
use scll_core::error::ScllError;
use scll_core::model::ScpVariant;
use scll_core::report::ScpTargetKind;
use scll_core::transport::{AtrAts, Transport, TransportCaps, TransportError, TransportProtocol};
use scll_core::workflow::{
    NewKeyset, OpenScpArgs, PutSdKeysArgs, SdKeys, open_scp, put_sd_keys, transmit,
};
use support::card::{Card, INVOKER, key_set};
use support::peer::RustCrypto;

/// Our card at scll-core's reader.
struct Reader(Card);

impl Transport for Reader {
    fn transmit(&mut self, capdu: &[u8]) -> Result<Bounded<u8, 258>, TransportError> {
        // Without Le a reader takes no data; scll-core leaves it off where a command itself expects none, and still
        // awaits the R-MAC.
        let answer = match negin_apdu::Command::parse(capdu).unwrap() {
            command if command.le().is_none() => {
                self.0.transmit(&command.with_le(256).to_bytes().unwrap())
            }
            _ => self.0.transmit(capdu),
        };
        Ok(Bounded::from_slice(&answer.map_err(|_| TransportError::CardRemoved)?).unwrap())
    }
    fn capabilities(&self) -> TransportCaps {
        TransportCaps {
            handles_t0_get_response: true,
            protocol: TransportProtocol::T1,
            contactless: false,
        }
    }
    fn reset(&mut self) -> Result<AtrAts, TransportError> {
        Err(TransportError::ReaderGone)
    }
    fn protocol(&self) -> TransportProtocol {
        TransportProtocol::T1
    }
    fn is_connected(&self) -> bool {
        true
    }
}

fn kind(length: usize) -> KeyKind {
    match length {
        16 => KeyKind::Aes128,
        24 => KeyKind::Aes192,
        _ => KeyKind::Aes256,
    }
}

fn import(backend: &RustCrypto, keys: &KeySet) -> SdKeys {
    let handle = |key: &Key| backend.import_key(kind(key.len()), key.expose()).unwrap();
    SdKeys {
        enc: handle(&keys.enc),
        mac: handle(&keys.mac),
        dek: handle(&keys.dek),
    }
}

fn arguments<'a>(
    keys: SdKeys,
    kvn: u8,
    level: u8,
    advertised: &'a [ScpVariant],
) -> OpenScpArgs<'a> {
    OpenScpArgs {
        target_aid: INVOKER.as_bytes(),
        target_kind: ScpTargetKind::SecurityDomainAid,
        sd_keys: keys,
        advertised,
        force_scp: None,
        kvn,
        requested_level: level,
    }
}

#[test]
fn sessions_of_every_kind() {
    let mut sessions = 0;
    for i_param in [0x60, 0x70, 0x68, 0x78, 0x30, 0x10] {
        for level in [0x01, 0x03, 0x11, 0x13, 0x33] {
            let offered = 0x03
                | if i_param & 0x20 != 0 { 0x10 } else { 0 }
                | if i_param & 0x40 != 0 { 0x20 } else { 0 };
            if level & !offered != 0 {
                continue;
            }
            for length in [16, 24, 32] {
                let keys = key_set(length);
                let backend = RustCrypto::default();
                let mut reader = Reader(Card::new(keys.clone(), i_param, Limits::SHORT));
                let advertised = [ScpVariant::Scp03 { i_param }];
                let handles = import(&backend, &keys);
                let opened = open_scp(
                    &mut reader,
                    &backend,
                    &arguments(handles, 0x30, level, &advertised),
                )
                .unwrap();
                assert_eq!(opened.effective.security_level_effective, level);
                let mut session = opened.session;
                for size in [0u8, 1, 15, 16, 17, 100, 200] {
                    let data = vec![size; usize::from(size)];
                    let command = match size {
                        0 => vec![0x80, 0xCA, 0x00, 0x66, 0x00],
                        _ => [&[0x80, 0xCA, 0x00, 0x66, size][..], &data, &[0]].concat(),
                    };
                    let answer = transmit(&mut reader, &backend, &mut session, &command).unwrap();
                    assert_eq!(
                        (answer.sw, &answer.rapdu[..answer.rapdu.len()]),
                        (0x9000, &data[..])
                    );
                    assert_eq!(reader.0.seen.borrow_mut().pop().unwrap().data(), data);
                }
                sessions += 1;
            }
        }
    }
    assert_eq!(sessions, 3 * (4 * 5 + 4 + 2));
}

#[test]
fn scll_core_puts_a_key_set_and_opens_with_it() {
    for length in [16, 24, 32] {
        let (first, second) = (key_set(16), key_set(length));
        let backend = RustCrypto::default();
        let mut reader = Reader(Card::new(first.clone(), 0x70, Limits::SHORT));
        let advertised = [ScpVariant::Scp03 { i_param: 0x70 }];
        let handles = import(&backend, &first);
        let mut session = open_scp(
            &mut reader,
            &backend,
            &arguments(handles, 0x30, 0x33, &advertised),
        )
        .unwrap()
        .session;
        let new = import(&backend, &second);
        let new_keys = NewKeyset {
            enc: new.enc,
            mac: new.mac,
            dek: new.dek,
            kind: kind(length),
        };
        let put = PutSdKeysArgs {
            dek: handles.dek,
            new_keys,
            new_kvn: 0x31,
            target_sd_aid: INVOKER.as_bytes(),
        };
        let report = put_sd_keys(&mut reader, &backend, &mut session, &put).unwrap();
        assert_eq!(report.effective.kcvs, second.kcvs().concat()[..]);
        assert_eq!(reader.0.keys[&0x31], second);
        let again = open_scp(
            &mut reader,
            &backend,
            &arguments(new, 0x31, 0x33, &advertised),
        )
        .unwrap();
        assert_eq!(again.effective.kvn_effective, 0x31);
    }
}

#[test]
fn scll_core_sees_a_wrong_key_and_a_refused_session() {
    let backend = RustCrypto::default();
    let mut reader = Reader(Card::new(key_set(16), 0x70, Limits::SHORT));
    let advertised = [ScpVariant::Scp03 { i_param: 0x70 }];
    let mut wrong = key_set(16);
    wrong.mac = wrong.enc.clone();
    let handles = import(&backend, &wrong);
    let refused = open_scp(
        &mut reader,
        &backend,
        &arguments(handles, 0x30, 0x33, &advertised),
    );
    assert!(matches!(refused, Err(ScllError::CardCryptogramFail)));
    // An error of the card comes bare, and scll-core takes it.
    let handles = import(&backend, &key_set(16));
    let mut session = open_scp(
        &mut reader,
        &backend,
        &arguments(handles, 0x30, 0x33, &advertised),
    )
    .unwrap()
    .session;
    reader.0.next = Some(StatusWord::CONDITIONS_NOT_SATISFIED.into());
    let answer = transmit(
        &mut reader,
        &backend,
        &mut session,
        &[0x80, 0xF0, 0x40, 0x0F, 0x00],
    )
    .unwrap();
    assert_eq!(answer.sw, 0x6985);
    let answer = transmit(
        &mut reader,
        &backend,
        &mut session,
        &[0x80, 0xF0, 0x40, 0x0F, 0x00],
    )
    .unwrap();
    assert_eq!(answer.sw, 0x9000);
}
