//! PIV's secure messaging: OPACITY with zero key management, cipher suite 2 (NIST SP 800-73-4 Part 2 §4).
//!
//! One GENERAL AUTHENTICATE of key reference 04 sets a session up. The host sends an ephemeral point of P-256 and a name
//! of its own; the card answers with a nonce, a cryptogram that confirms the keys, and the [`Cvc`] of its key 04. Both
//! derive four AES-128 keys. The card is authenticated by that; the host is nobody in particular: what a session may do
//! is decided by what is verified in it (pairing code, PIN, finger).
//!
//! Rules:
//! - The host computes with no point before its certificate was verified up to the [`ContentSigner`] the caller trusts,
//!   and gives no session before the cryptogram was right.
//! - Every command and every answer of a session is under a MAC that hangs on all before it. The first thing that is
//!   wrong ends the session and wipes its keys, on both ends.

pub mod card;
mod cvc;
pub mod host;
mod kdf;
mod messaging;

pub use cvc::{ContentSigner, Cvc, CvcSubject, UnsignedCvc};

use alloc::vec::Vec;

use negin_apdu::tlv::{self, Tag};

/// The key reference of the PIV Secure Messaging key (SP 800-73-4 Part 1 table 4b).
pub const KEY_REFERENCE: u8 = 0x04;

/// The algorithm identifier of cipher suite 2: P-256, AES-128, SHA-256 (SP 800-78-4 table 6-2).
pub const CIPHER_SUITE_2: u8 = 0x27;

/// Length of an uncompressed point of P-256.
const POINT: usize = 65;
/// Length of the host's name and of the card's in a session.
const ID: usize = 8;
/// Length of the card's nonce.
const NONCE: usize = 16;
/// Length of the cryptogram.
const CRYPTOGRAM: usize = 16;
/// The control byte: no persistent binding, the one kind there is in PIV.
const CONTROL: u8 = 0x00;

const TEMPLATE: Tag = Tag::new(0x7C);
const CHALLENGE: Tag = Tag::new(0x81);
const RESPONSE: Tag = Tag::new(0x82);

/// What the host sends: `7C {81 {control, host's name, point}, 82 {}}`.
struct Request {
    id: [u8; ID],
    point: [u8; POINT],
}

impl Request {
    fn encode(&self) -> Vec<u8> {
        let challenge = [&[CONTROL][..], &self.id, &self.point].concat();
        tlv::encode_all(TEMPLATE, [(CHALLENGE, &challenge[..]), (RESPONSE, &[])])
    }

    /// `None` for what is not of this form, with another control byte, or with anything else in the template.
    fn decode(data: &[u8]) -> Option<Self> {
        let template = tlv::only(data, TEMPLATE).ok()?;
        let (mut challenge, mut response) = (None, None);
        for object in tlv::objects(template) {
            let place = match object.ok()? {
                (CHALLENGE, value) => (&mut challenge, value),
                (RESPONSE, value @ []) => (&mut response, value),
                _ => return None,
            };
            if place.0.replace(place.1).is_some() {
                return None;
            }
        }
        response?;
        let (&control, rest) = challenge?.split_first()?;
        let (&id, point) = rest.split_first_chunk()?;
        let point = point.try_into().ok()?;
        (control == CONTROL).then_some(Self { id, point })
    }
}

/// What the card answers: `7C {82 {control, nonce, cryptogram, certificate}}`.
struct Answer<'a> {
    nonce: [u8; NONCE],
    cryptogram: [u8; CRYPTOGRAM],
    certificate: &'a [u8],
}

impl<'a> Answer<'a> {
    fn encode(&self) -> Vec<u8> {
        let response = [
            &[CONTROL][..],
            &self.nonce,
            &self.cryptogram,
            self.certificate,
        ]
        .concat();
        tlv::encode(TEMPLATE, &tlv::encode(RESPONSE, &response))
    }

    fn decode(data: &'a [u8]) -> Option<Self> {
        let template = tlv::only(data, TEMPLATE).ok()?;
        let response = tlv::only(template, RESPONSE).ok()?;
        let (&control, rest) = response.split_first()?;
        let (&nonce, rest) = rest.split_first_chunk()?;
        let (&cryptogram, certificate) = rest.split_first_chunk()?;
        (control == CONTROL).then_some(Self {
            nonce,
            cryptogram,
            certificate,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_form() {
        let request = Request {
            id: *b"hostname",
            point: [4; POINT],
        };
        let bytes = request.encode();
        let read = Request::decode(&bytes).unwrap();
        assert_eq!((read.id, read.point), (request.id, request.point));
        for at in 0..5 {
            let mut other = bytes.clone();
            other[at] ^= 0x40;
            assert!(Request::decode(&other).is_none(), "{at}");
            assert!(Request::decode(&bytes[..at]).is_none(), "{at}");
        }
        let challenge = [&[CONTROL][..], &request.id, &request.point].concat();
        for parts in [
            alloc::vec![(CHALLENGE, &challenge[..])],
            alloc::vec![(RESPONSE, &[][..])],
            alloc::vec![
                (CHALLENGE, &challenge[..]),
                (CHALLENGE, &challenge[..]),
                (RESPONSE, &[])
            ],
            alloc::vec![(CHALLENGE, &challenge[..73]), (RESPONSE, &[])],
        ] {
            assert!(Request::decode(&tlv::encode_all(TEMPLATE, parts)).is_none());
        }
        // The order of the two is the host's.
        let turned = tlv::encode_all(TEMPLATE, [(RESPONSE, &[][..]), (CHALLENGE, &challenge[..])]);
        assert!(Request::decode(&turned).is_some());
    }
}
