//! Discovery Object (7E): which application this is and how its holder is verified (NIST SP 800-73-4 Part 1 §3.3.2).

use negin_apdu::Aid;

use crate::{Error, aid, field};

const OBJECT: &str = "Discovery Object";

/// The Discovery Object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discovery {
    /// The application (4F).
    pub aid: Aid,
    /// Whether the PIV Card Application PIN opens what needs one (40).
    pub pin: bool,
    /// Whether the Global PIN does too (20).
    pub global_pin: bool,
    /// Whether on-card comparison is implemented (10).
    pub on_card_comparison: bool,
    /// Whether the virtual contact interface is implemented (08).
    pub virtual_contact: bool,
    /// Whether it opens without the pairing code (04).
    pub without_pairing_code: bool,
    /// Which PIN is the cardholder's first choice.
    pub preferred: PinUsage,
}

/// The second byte of the PIN usage policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PinUsage {
    /// Only one PIN is there (00).
    Only,
    /// The PIV Card Application PIN is primary (10).
    CardApplication,
    /// The Global PIN is primary (20).
    Global,
}

impl Discovery {
    /// Our card's: the PIV PIN, and on-card comparison where fingers are enrolled.
    #[must_use]
    pub const fn of_card(on_card_comparison: bool) -> Self {
        Self {
            aid: aid::PIV,
            pin: true,
            global_pin: false,
            on_card_comparison,
            virtual_contact: false,
            without_pairing_code: false,
            preferred: PinUsage::Only,
        }
    }

    /// The same with the virtual contact interface, opened by the pairing code or without one.
    #[must_use]
    pub const fn with_virtual_contact(mut self, pairing_code: bool) -> Self {
        self.virtual_contact = true;
        self.without_pairing_code = !pairing_code;
        self
    }

    /// The object, tag 7E and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let bit = |set: bool, value: u8| if set { value } else { 0 };
        let policy = bit(self.pin, 0x40)
            | bit(self.global_pin, 0x20)
            | bit(self.on_card_comparison, 0x10)
            | bit(self.virtual_contact, 0x08)
            | bit(self.without_pairing_code, 0x04);
        let preferred = match self.preferred {
            PinUsage::Only => 0x00,
            PinUsage::CardApplication => 0x10,
            PinUsage::Global => 0x20,
        };
        let mut value = field::field(0x4F, self.aid.as_bytes());
        field::put(&mut value, 0x5F2F, &[policy, preferred]);
        field::field(0x7E, &value)
    }

    /// Reads the object.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x7E)?;
        let name = field::find(OBJECT, value, 0x4F)?.ok_or(Error::missing(OBJECT, "4F"))?;
        let policy = field::find(OBJECT, value, 0x5F2F)?.ok_or(Error::missing(OBJECT, "5F2F"))?;
        let [policy, preferred] = policy else {
            return Err(Error::malformed(OBJECT, "5F2F has not two bytes"));
        };
        Ok(Self {
            aid: Aid::new(name).map_err(|_| Error::malformed(OBJECT, "4F is no AID"))?,
            pin: policy & 0x40 != 0,
            global_pin: policy & 0x20 != 0,
            on_card_comparison: policy & 0x10 != 0,
            virtual_contact: policy & 0x08 != 0,
            without_pairing_code: policy & 0x04 != 0,
            preferred: match preferred {
                0x10 => PinUsage::CardApplication,
                0x20 => PinUsage::Global,
                _ => PinUsage::Only,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pin_and_comparison_is_50() {
        let object = Discovery::of_card(true);
        let bytes = object.encode();
        assert_eq!(
            bytes,
            [
                0x7E, 0x12, 0x4F, 0x0B, 0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0, 1, 0, 0x5F, 0x2F, 0x02,
                0x50, 0x00
            ]
        );
        assert_eq!(Discovery::decode(&bytes).unwrap(), object);
    }

    #[test]
    fn all_policies_round_trip() {
        for policy in 0..32u8 {
            for preferred in [PinUsage::Only, PinUsage::CardApplication, PinUsage::Global] {
                let object = Discovery {
                    aid: aid::PIV,
                    pin: policy & 1 != 0,
                    global_pin: policy & 2 != 0,
                    on_card_comparison: policy & 4 != 0,
                    virtual_contact: policy & 8 != 0,
                    without_pairing_code: policy & 16 != 0,
                    preferred,
                };
                assert_eq!(Discovery::decode(&object.encode()).unwrap(), object);
            }
        }
        assert!(Discovery::decode(&[0x7E, 0x00]).is_err());
    }
}
