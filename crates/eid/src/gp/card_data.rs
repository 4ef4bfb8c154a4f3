//! Card Data (tag 66) with Card Recognition Data (tag 73): what kind of card answers (GlobalPlatform §H.2, H.3).

use crate::{Error, field};

/// Tag of the Issuer Identification Number (ISO/IEC 7812, BCD).
pub const IIN_TAG: u32 = 0x42;
/// Tag of the Card Image Number.
pub const CIN_TAG: u32 = 0x45;

/// OID 1.2.840.114283, GlobalPlatform's.
const GLOBAL_PLATFORM: [u8; 6] = [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B];
const OBJECT: &str = "Card Data";

/// What the card says of itself: GlobalPlatform 2.3 and its secure channel protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardRecognition {
    /// The secure channel protocol, 3 for SCP03.
    pub protocol: u8,
    /// The protocol's options, "i" (Amendment D §5.1).
    pub options: u8,
}

impl CardRecognition {
    /// The object, tag 66 and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let oid = |arcs: &[u8]| field::field(0x06, &[&GLOBAL_PLATFORM, arcs].concat());
        let mut template = oid(&[1]);
        // {gp 2 2 3}: the card follows version 2.3 of the specification.
        field::put(&mut template, 0x60, &oid(&[2, 2, 3]));
        field::put(&mut template, 0x63, &oid(&[3]));
        let mut arcs = vec![4, self.protocol];
        if self.options & 0x80 != 0 {
            arcs.push(0x81);
        }
        arcs.push(self.options & 0x7F);
        field::put(&mut template, 0x64, &oid(&arcs));
        field::field(0x66, &field::field(0x73, &template))
    }

    /// Reads the object, ours or another GlobalPlatform card's.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] where it names no secure channel protocol.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let template = field::only(OBJECT, field::only(OBJECT, bytes, 0x66)?, 0x73)?;
        let missing = Error::missing(OBJECT, "secure channel protocol (64)");
        let scheme = field::find(OBJECT, template, 0x64)?.ok_or(missing)?;
        let oid = field::find(OBJECT, scheme, 0x06)?.ok_or(missing)?;
        match oid.strip_prefix(&GLOBAL_PLATFORM) {
            Some([4, protocol, options @ 0..=0x7F]) => Ok(Self {
                protocol: *protocol,
                options: *options,
            }),
            Some([4, protocol, 0x81, options @ 0..=0x7F]) => Ok(Self {
                protocol: *protocol,
                options: options | 0x80,
            }),
            _ => Err(Error::malformed(
                OBJECT,
                "another protocol's object identifier",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        for options in 0..=255 {
            let card = CardRecognition {
                protocol: 3,
                options,
            };
            assert_eq!(CardRecognition::decode(&card.encode()).unwrap(), card);
        }
        assert!(CardRecognition::decode(&[0x66, 0x00]).is_err());
    }

    #[test]
    fn scp03_with_pseudo_random_challenge_as_cards_write_it() {
        let bytes = CardRecognition {
            protocol: 3,
            options: 0x70,
        }
        .encode();
        assert!(bytes.ends_with(&[
            0x64, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x04, 0x03, 0x70
        ]));
        assert_eq!(bytes[1] as usize, bytes.len() - 2);
    }
}
