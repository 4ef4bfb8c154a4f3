//! FASC-N: the Federal Agency Smart Credential Number in the CHUID (TIG SCEPACS v2.3 §6.1; NIST SP 800-73-4 Part 1 §3.4.1).
//!
//! Forty characters of a magnetic stripe's five-bit code (four bits, least significant first, and odd parity), 200 bits:
//! start sentinel, agency, system and credential code, series, issue, person and organisation, with separators, end
//! sentinel and a check character (LRC). A card that is no federal agency's says so with agency 9999 and system 9999,
//! and is identified by its GUID instead.

use crate::Error;

const OBJECT: &str = "FASC-N";
const START: u8 = 0x0B;
const SEPARATOR: u8 = 0x0D;
const END: u8 = 0x0F;

/// The number's fields, as decimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FascN {
    /// Agency code, 4 digits.
    pub agency: u16,
    /// System code, 4 digits.
    pub system: u16,
    /// Credential number, 6 digits.
    pub credential: u32,
    /// Credential series, 1 digit.
    pub series: u8,
    /// Individual credential issue, 1 digit.
    pub issue: u8,
    /// Person identifier, 10 digits.
    pub person: u64,
    /// Organisational category, 1 digit.
    pub category: u8,
    /// Organisational identifier, 4 digits.
    pub organisation: u16,
    /// Person's association with it, 1 digit.
    pub association: u8,
}

impl FascN {
    /// The number of a card whose issuer is no agency of the United States: agency, system and credential all nines, a
    /// person without a number. PIV tools write the same.
    pub const NON_FEDERAL: Self = Self {
        agency: 9999,
        system: 9999,
        credential: 999_999,
        series: 0,
        issue: 1,
        person: 0,
        category: 3,
        organisation: 0,
        association: 1,
    };

    /// The 25 bytes.
    ///
    /// # Errors
    /// [`Error::TooLong`] where a number has more digits than its field.
    pub fn encode(&self) -> Result<[u8; 25], Error> {
        let mut characters = vec![START];
        for part in [
            (u64::from(self.agency), 4, true),
            (self.system.into(), 4, true),
            (self.credential.into(), 6, true),
            (self.series.into(), 1, true),
            (self.issue.into(), 1, true),
            (self.person, 10, false),
            (self.category.into(), 1, false),
            (self.organisation.into(), 4, false),
            (self.association.into(), 1, false),
        ] {
            let (number, digits, separated) = part;
            if number >= 10u64.pow(digits) {
                return Err(Error::TooLong {
                    field: OBJECT,
                    max: digits as usize,
                });
            }
            characters.extend(
                (0..digits)
                    .rev()
                    .map(|place| (number / 10u64.pow(place) % 10) as u8),
            );
            if separated {
                characters.push(SEPARATOR);
            }
        }
        characters.push(END);
        // The check character makes the parity of each of the four columns even.
        characters.push(characters.iter().fold(0, |lrc, c| lrc ^ c));
        let mut out = [0u8; 25];
        for (at, character) in characters.iter().enumerate() {
            let code = character.reverse_bits() >> 4 << 1;
            let code = code | u8::from(code.count_ones() % 2 == 0);
            for bit in 0..5 {
                let position = at * 5 + bit;
                out[position / 8] |= (code >> (4 - bit) & 1) << (7 - position % 8);
            }
        }
        Ok(out)
    }

    /// Reads the 25 bytes, checking parity, sentinels and check character.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let bytes: &[u8; 25] = bytes
            .try_into()
            .map_err(|_| Error::malformed(OBJECT, "not 25 bytes"))?;
        let mut characters = [0u8; 40];
        for (at, character) in characters.iter_mut().enumerate() {
            let code = (at * 5..at * 5 + 5).fold(0u8, |code, position| {
                code << 1 | bytes[position / 8] >> (7 - position % 8) & 1
            });
            if code.count_ones() % 2 == 0 {
                return Err(Error::malformed(OBJECT, "wrong parity"));
            }
            *character = (code >> 1).reverse_bits() >> 4;
        }
        if characters.iter().fold(0, |lrc, c| lrc ^ c) != 0 {
            return Err(Error::malformed(OBJECT, "wrong check character"));
        }
        let number = |range: core::ops::Range<usize>| {
            characters[range]
                .iter()
                .try_fold(0u64, |n, digit| {
                    (*digit < 10).then(|| n * 10 + u64::from(*digit))
                })
                .ok_or(Error::malformed(OBJECT, "something else than a digit"))
        };
        for (at, wanted) in [
            (0, START),
            (5, SEPARATOR),
            (10, SEPARATOR),
            (17, SEPARATOR),
            (19, SEPARATOR),
            (21, SEPARATOR),
            (38, END),
        ] {
            if characters[at] != wanted {
                return Err(Error::malformed(
                    OBJECT,
                    "a sentinel or separator is missing",
                ));
            }
        }
        Ok(Self {
            agency: number(1..5)? as u16,
            system: number(6..10)? as u16,
            credential: number(11..17)? as u32,
            series: number(18..19)? as u8,
            issue: number(20..21)? as u8,
            person: number(22..32)?,
            category: number(32..33)? as u8,
            organisation: number(33..37)? as u16,
            association: number(37..38)? as u8,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(agency in 0u16..10_000, system in 0u16..10_000, credential in 0u32..1_000_000, series in 0u8..10,
                      issue in 0u8..10, person in 0u64..10_000_000_000, category in 0u8..10,
                      organisation in 0u16..10_000, association in 0u8..10, flip in 0usize..200) {
            let number = FascN {
                agency, system, credential, series, issue, person, category, organisation, association,
            };
            let mut bytes = number.encode().unwrap();
            prop_assert_eq!(FascN::decode(&bytes).unwrap(), number);
            bytes[flip / 8] ^= 0x80 >> (flip % 8);
            prop_assert!(FascN::decode(&bytes).is_err(), "one wrong bit shows");
        }
    }

    /// The example of TIG SCEPACS v2.3 §6: agency 0032, system 0001, credential 092446.
    #[test]
    fn the_published_example_and_the_common_one() {
        let number = FascN {
            agency: 32,
            system: 1,
            credential: 92446,
            series: 0,
            issue: 1,
            person: 1_112_223_333,
            category: 1,
            organisation: 1223,
            association: 2,
        };
        let bytes = [
            0xD0, 0x43, 0x94, 0x58, 0x21, 0x0C, 0x2C, 0x19, 0xA0, 0x84, 0x6D, 0x83, 0x68, 0x5A,
            0x10, 0x82, 0x10, 0x8C, 0xE7, 0x39, 0x84, 0x10, 0x8C, 0xA3, 0xFC,
        ];
        assert_eq!(number.encode().unwrap(), bytes);
        let non_federal = [
            0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE, 0x73, 0x9D, 0x83, 0x68, 0x58,
            0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB,
        ];
        assert_eq!(FascN::NON_FEDERAL.encode().unwrap(), non_federal);
    }

    #[test]
    fn too_many_digits_are_refused() {
        assert!(
            FascN {
                agency: 10_000,
                ..FascN::NON_FEDERAL
            }
            .encode()
            .is_err()
        );
        assert!(FascN::NON_FEDERAL.encode().is_ok());
    }
}
