//! Card Production Life Cycle data (tag 9F7F): 42 bytes, in the layout all makers share.

use crate::{Error, field};

const OBJECT: &str = "CPLC";

/// Who made the chip, and when each step was done. Dates are BCD `YDDD`: a year's last digit and its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cplc {
    /// IC fabricator.
    pub ic_fabricator: [u8; 2],
    /// IC type.
    pub ic_type: [u8; 2],
    /// Operating system identifier.
    pub operating_system: [u8; 2],
    /// Operating system release date.
    pub release_date: [u8; 2],
    /// Operating system release level.
    pub release_level: [u8; 2],
    /// IC fabrication date.
    pub fabrication_date: [u8; 2],
    /// IC serial number.
    pub serial_number: [u8; 4],
    /// IC batch identifier.
    pub batch: [u8; 2],
    /// The later steps (module, embedding, pre-personalisation, personalisation), 24 bytes.
    pub later_steps: [u8; 24],
}

impl Cplc {
    /// The object, tag 9F7F and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let value = [
            &self.ic_fabricator[..],
            &self.ic_type,
            &self.operating_system,
            &self.release_date,
            &self.release_level,
            &self.fabrication_date,
            &self.serial_number,
            &self.batch,
            &self.later_steps,
        ]
        .concat();
        field::field(0x9F7F, &value)
    }

    /// Reads the object.
    ///
    /// # Errors
    /// [`Error::Malformed`] unless it is 9F7F with 42 bytes (a few makers append more: they are dropped).
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let short = Error::malformed(OBJECT, "shorter than 42 bytes");
        let mut rest = field::only(OBJECT, bytes, 0x9F7F)?;
        fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
            let (head, tail) = rest.split_first_chunk::<N>()?;
            *rest = tail;
            Some(*head)
        }
        Ok(Self {
            ic_fabricator: take(&mut rest).ok_or(short)?,
            ic_type: take(&mut rest).ok_or(short)?,
            operating_system: take(&mut rest).ok_or(short)?,
            release_date: take(&mut rest).ok_or(short)?,
            release_level: take(&mut rest).ok_or(short)?,
            fabrication_date: take(&mut rest).ok_or(short)?,
            serial_number: take(&mut rest).ok_or(short)?,
            batch: take(&mut rest).ok_or(short)?,
            later_steps: take(&mut rest).ok_or(short)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let cplc = Cplc {
            ic_fabricator: [0x47, 0x90],
            serial_number: [1, 2, 3, 4],
            later_steps: [9; 24],
            ..Cplc::default()
        };
        let bytes = cplc.encode();
        assert_eq!(bytes.len(), 3 + 42);
        assert_eq!(Cplc::decode(&bytes).unwrap(), cplc);
        assert!(Cplc::decode(&field::field(0x9F7F, &[0; 41])).is_err());
    }
}
