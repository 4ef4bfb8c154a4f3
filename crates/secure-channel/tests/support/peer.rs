//! The crypto that scll-core asks its caller for, straight from RustCrypto and Amendment D: nothing of this house in it,
//! so that what agrees with it is not merely agreeing with itself.

use std::sync::Mutex;

use aes::cipher::{
    BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, array::Array,
};
use aes::{Aes128, Aes192, Aes256};
use cmac::{Cmac, Mac};
use heapless::Vec as Bounded;
use scll_core::backend::{
    KeyBackend, KeyHandle, KeyKind, Scp02Backend, Scp02Session, Scp03Backend, Scp03Session, ScpMode,
};
use scll_core::error::BackendError;

fn cmac(key: &[u8], message: &[u8]) -> [u8; 16] {
    fn with<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> [u8; 16] {
        let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes()[..].try_into().unwrap()
    }
    match key.len() {
        16 => with::<Cmac<Aes128>>(key, message),
        24 => with::<Cmac<Aes192>>(key, message),
        _ => with::<Cmac<Aes256>>(key, message),
    }
}

fn ecb(key: &[u8], block: [u8; 16]) -> [u8; 16] {
    let mut block = Array::from(block);
    match key.len() {
        16 => Aes128::new_from_slice(key)
            .unwrap()
            .encrypt_block(&mut block),
        24 => Aes192::new_from_slice(key)
            .unwrap()
            .encrypt_block(&mut block),
        _ => Aes256::new_from_slice(key)
            .unwrap()
            .encrypt_block(&mut block),
    }
    block.into()
}

fn cbc(key: &[u8], iv: [u8; 16], data: &[u8], encrypt: bool) -> Vec<u8> {
    let mut out = data.to_vec();
    let (blocks, rest) = Array::slice_as_chunks_mut(&mut out);
    assert!(rest.is_empty());
    match (key.len(), encrypt) {
        (16, true) => cbc::Encryptor::<Aes128>::new_from_slices(key, &iv)
            .unwrap()
            .encrypt_blocks(blocks),
        (24, true) => cbc::Encryptor::<Aes192>::new_from_slices(key, &iv)
            .unwrap()
            .encrypt_blocks(blocks),
        (_, true) => cbc::Encryptor::<Aes256>::new_from_slices(key, &iv)
            .unwrap()
            .encrypt_blocks(blocks),
        (16, false) => cbc::Decryptor::<Aes128>::new_from_slices(key, &iv)
            .unwrap()
            .decrypt_blocks(blocks),
        (24, false) => cbc::Decryptor::<Aes192>::new_from_slices(key, &iv)
            .unwrap()
            .decrypt_blocks(blocks),
        (_, false) => cbc::Decryptor::<Aes256>::new_from_slices(key, &iv)
            .unwrap()
            .decrypt_blocks(blocks),
    }
    out
}

fn kdf(key: &[u8], constant: u8, context: &[u8], bits: u16) -> Vec<u8> {
    let length = usize::from(bits) / 8;
    let mut out = Vec::new();
    for counter in 1u8.. {
        let mut message = vec![0; 11];
        message.extend([constant, 0]);
        message.extend(bits.to_be_bytes());
        message.push(counter);
        message.extend(context);
        out.extend(cmac(key, &message));
        if out.len() >= length {
            break;
        }
    }
    out.truncate(length);
    out
}

struct Channel {
    enc: Vec<u8>,
    mac: Vec<u8>,
    rmac: Vec<u8>,
    width: usize,
    /// Zero until EXTERNAL AUTHENTICATE has been wrapped.
    level: u8,
    chaining: [u8; 16],
    counter: u128,
}

/// Keys and sessions in tables, by index.
#[derive(Default)]
pub struct RustCrypto {
    keys: Mutex<Vec<Vec<u8>>>,
    sessions: Mutex<Vec<Channel>>,
}

impl RustCrypto {
    fn key(&self, handle: &KeyHandle) -> Vec<u8> {
        self.keys.lock().unwrap()[usize::from(handle.index())].clone()
    }

    fn cryptogram<const N: usize>(
        &self,
        session: &Scp03Session,
        constant: u8,
        host: &[u8],
        card: &[u8],
    ) -> Bounded<u8, N> {
        let sessions = self.sessions.lock().unwrap();
        let session = &sessions[usize::from(session.index())];
        let bits = u16::try_from(session.width * 8).unwrap();
        Bounded::from_slice(&kdf(&session.mac, constant, &[host, card].concat(), bits)).unwrap()
    }
}

fn refused(why: &str) -> BackendError {
    BackendError::Crypto(why.try_into().unwrap())
}

impl KeyBackend for RustCrypto {
    fn import_key(&self, _: KeyKind, bytes: &[u8]) -> Result<KeyHandle, BackendError> {
        let mut keys = self.keys.lock().unwrap();
        keys.push(bytes.to_vec());
        Ok(KeyHandle::new(u16::try_from(keys.len() - 1).unwrap()))
    }
    fn generate_key(&self, kind: KeyKind) -> Result<KeyHandle, BackendError> {
        self.import_key(kind, &vec![0x5A; kind.clear_len()])
    }
    fn compute_kcv(&self, handle: &KeyHandle) -> Result<[u8; 3], BackendError> {
        Ok(ecb(&self.key(handle), [1; 16])[..3].try_into().unwrap())
    }
    fn random_bytes(&self, out: &mut [u8]) -> Result<(), BackendError> {
        out.iter_mut()
            .zip(0x40u8..)
            .for_each(|(byte, value)| *byte = value);
        Ok(())
    }
    fn ct_eq(&self, a: &[u8], b: &[u8]) -> bool {
        a == b
    }
}

impl Scp03Backend for RustCrypto {
    fn scp03_derive_session(
        &self,
        enc: &KeyHandle,
        mac: &KeyHandle,
        mode: ScpMode,
        host: &[u8],
        card: &[u8],
    ) -> Result<Scp03Session, BackendError> {
        let (enc, mac, context) = (self.key(enc), self.key(mac), [host, card].concat());
        let bits = u16::try_from(enc.len() * 8).unwrap();
        let channel = Channel {
            enc: kdf(&enc, 4, &context, bits),
            mac: kdf(&mac, 6, &context, bits),
            rmac: kdf(&mac, 7, &context, bits),
            width: mode.mac_len(),
            level: 0,
            chaining: [0; 16],
            counter: 0,
        };
        let mut sessions = self.sessions.lock().unwrap();
        sessions.push(channel);
        Ok(Scp03Session::new(
            u16::try_from(sessions.len() - 1).unwrap(),
        ))
    }

    fn scp03_card_cryptogram(
        &self,
        s: &Scp03Session,
        host: &[u8],
        card: &[u8],
    ) -> Result<Bounded<u8, 16>, BackendError> {
        Ok(self.cryptogram(s, 0, host, card))
    }

    fn scp03_host_cryptogram(
        &self,
        s: &Scp03Session,
        host: &[u8],
        card: &[u8],
    ) -> Result<Bounded<u8, 16>, BackendError> {
        Ok(self.cryptogram(s, 1, host, card))
    }

    fn scp03_pseudo_card_challenge(
        &self,
        enc: &KeyHandle,
        mode: ScpMode,
        counter: &[u8; 3],
        invoker: &[u8],
    ) -> Result<Bounded<u8, 16>, BackendError> {
        let challenge = kdf(
            &self.key(enc),
            2,
            &[counter, invoker].concat(),
            mode.l_bits(),
        );
        Ok(Bounded::from_slice(&challenge).unwrap())
    }

    fn scp03_wrap_command(
        &self,
        s: &mut Scp03Session,
        capdu: &[u8],
    ) -> Result<Bounded<u8, 261>, BackendError> {
        let mut sessions = self.sessions.lock().unwrap();
        let session = &mut sessions[usize::from(s.index())];
        let opening = session.level == 0 && capdu[1] == 0x82;
        let (mut data, le) = match capdu.len() {
            4 => (vec![], None),
            5 => (vec![], Some(capdu[4])),
            _ => {
                let end = 5 + usize::from(capdu[4]);
                (capdu[5..end].to_vec(), capdu.get(end).copied())
            }
        };
        if session.level & 0x02 != 0 {
            session.counter += 1;
            if !data.is_empty() {
                data.push(0x80);
                data.resize(data.len().next_multiple_of(16), 0);
                data = cbc(
                    &session.enc,
                    ecb(&session.enc, session.counter.to_be_bytes()),
                    &data,
                    true,
                );
            }
        }
        let header = [capdu[0] | 0x04, capdu[1], capdu[2], capdu[3]];
        let lc = u8::try_from(data.len() + session.width).map_err(|_| refused("too long"))?;
        session.chaining = cmac(
            &session.mac,
            &[&session.chaining[..], &header, &[lc], &data].concat(),
        );
        if opening {
            session.level = capdu[2];
        }
        let wrapped = [
            &header[..],
            &[lc],
            &data,
            &session.chaining[..session.width],
            le.as_slice(),
        ]
        .concat();
        Bounded::from_slice(&wrapped).map_err(|()| refused("too long"))
    }

    fn scp03_unwrap_response(
        &self,
        s: &mut Scp03Session,
        rapdu: &[u8],
    ) -> Result<Bounded<u8, 258>, BackendError> {
        let sessions = self.sessions.lock().unwrap();
        let session = &sessions[usize::from(s.index())];
        let (body, sw) = rapdu.split_at(rapdu.len() - 2);
        if session.level & 0x10 == 0 || !matches!(sw, [0x90, 0x00] | [0x62 | 0x63, _]) {
            return Ok(Bounded::from_slice(rapdu).unwrap());
        }
        let at = body
            .len()
            .checked_sub(session.width)
            .ok_or_else(|| refused("no R-MAC"))?;
        let (data, mac) = body.split_at(at);
        if cmac(&session.rmac, &[&session.chaining[..], data, sw].concat())[..session.width] != *mac
        {
            return Err(refused("R-MAC"));
        }
        let mut data = data.to_vec();
        if session.level & 0x20 != 0 && !data.is_empty() {
            let mut counter = session.counter.to_be_bytes();
            counter[0] = 0x80;
            data = cbc(&session.enc, ecb(&session.enc, counter), &data, false);
            let end = data
                .iter()
                .rposition(|byte| *byte == 0x80)
                .ok_or_else(|| refused("padding"))?;
            data.truncate(end);
        }
        Ok(Bounded::from_slice(&[&data, sw].concat()).unwrap())
    }

    fn scp03_encrypt_put_key_payload(
        &self,
        dek: &KeyHandle,
        key: &KeyHandle,
    ) -> Result<Bounded<u8, 32>, BackendError> {
        let mut key = self.key(key);
        key.resize(key.len().next_multiple_of(16), 0xA5);
        Ok(Bounded::from_slice(&cbc(&self.key(dek), [0; 16], &key, true)).unwrap())
    }
}

/// Asked for by the types of scll-core's workflow; never called with a card of SCP03.
impl Scp02Backend for RustCrypto {
    fn scp02_derive_session(
        &self,
        _: &KeyHandle,
        _: &KeyHandle,
        _: &KeyHandle,
        _: [u8; 2],
    ) -> Result<Scp02Session, BackendError> {
        Err(refused("SCP02"))
    }
    fn scp02_card_cryptogram(
        &self,
        _: &Scp02Session,
        _: &[u8; 8],
        _: &[u8; 8],
    ) -> Result<[u8; 8], BackendError> {
        Err(refused("SCP02"))
    }
    fn scp02_host_cryptogram(
        &self,
        _: &Scp02Session,
        _: &[u8; 8],
        _: &[u8; 8],
    ) -> Result<[u8; 8], BackendError> {
        Err(refused("SCP02"))
    }
    fn scp02_wrap_command(
        &self,
        _: &mut Scp02Session,
        _: &[u8],
    ) -> Result<Bounded<u8, 261>, BackendError> {
        Err(refused("SCP02"))
    }
    fn scp02_unwrap_response(
        &self,
        _: &mut Scp02Session,
        _: &[u8],
    ) -> Result<Bounded<u8, 258>, BackendError> {
        Err(refused("SCP02"))
    }
    fn scp02_encrypt_put_key_payload_for_session(
        &self,
        _: &Scp02Session,
        _: &KeyHandle,
    ) -> Result<Bounded<u8, 32>, BackendError> {
        Err(refused("SCP02"))
    }
}
