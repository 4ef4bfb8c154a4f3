//! Historical bytes (ISO/IEC 7816-4 §12.1.1): what a card says of itself in its ATR, in compact-TLV.

use alloc::vec::Vec;

use crate::{Aid, StatusWord};

/// The historical bytes, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Historical {
    /// Category indicator byte: 00 (compact-TLV and three status bytes), 80 (compact-TLV), 10 (a DIR reference);
    /// other values are the maker's own and leave all fields below empty.
    pub category: u8,
    /// Country code (tag 1): ISO 3166-1 numeric in BCD, three digits and national data.
    pub country: Option<Vec<u8>>,
    /// Issuer identification number (tag 2), ISO/IEC 7812-1.
    pub issuer: Option<Vec<u8>>,
    /// Card service data byte (tag 3).
    pub services: Option<u8>,
    /// Initial access data (tag 4).
    pub initial_access: Option<Vec<u8>>,
    /// Card issuer's data (tag 5).
    pub issuer_data: Option<Vec<u8>>,
    /// Pre-issuing data (tag 6): maker, chip, mask.
    pub pre_issuing: Option<Vec<u8>>,
    /// Card capabilities (tag 7).
    pub capabilities: Option<CardCapabilities>,
    /// Life cycle status (tag 8 of one or three bytes, or the first of the three trailing bytes of category 00).
    pub life_cycle: Option<u8>,
    /// Status word (tag 8 of two or three bytes, or the last two trailing bytes of category 00).
    pub status: Option<StatusWord>,
    /// Application identifier (tag F).
    pub aid: Option<Aid>,
}

/// Card capabilities (ISO/IEC 7816-4 §12.1.1.9): up to three software function tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardCapabilities {
    /// First table: how files are selected.
    pub selection: u8,
    /// Second table: data coding byte.
    pub data_coding: u8,
    /// Third table: chaining, extended lengths, logical channels.
    pub command: u8,
}

impl CardCapabilities {
    /// Whether the card puts chained commands together (bit 8 of the third table).
    #[must_use]
    pub const fn chaining(self) -> bool {
        self.command & 0x80 != 0
    }

    /// Whether the card takes extended Lc and Le (bit 7 of the third table).
    #[must_use]
    pub const fn extended_lengths(self) -> bool {
        self.command & 0x40 != 0
    }
}

/// Why historical bytes cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoricalError {
    /// An object is cut short, or the three status bytes are.
    #[error("the historical bytes are cut short")]
    Truncated,
    /// An object's length is none that its tag allows.
    #[error("the historical object {0:X} has a length that its tag does not allow")]
    Length(u8),
}

impl Historical {
    /// Reads historical bytes; of a category that is not compact-TLV only the category. A repeated object counts once,
    /// the first; a tag without a meaning here is passed over.
    ///
    /// # Errors
    /// [`HistoricalError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, HistoricalError> {
        let Some((&category, body)) = bytes.split_first() else {
            return Ok(Self::default());
        };
        let mut read = Self {
            category,
            ..Self::default()
        };
        let mut rest = match category {
            0x00 => {
                let (objects, &[life_cycle, sw1, sw2]) = body
                    .split_last_chunk::<3>()
                    .ok_or(HistoricalError::Truncated)?;
                read.life_cycle = Some(life_cycle);
                read.status = Some(StatusWord(u16::from_be_bytes([sw1, sw2])));
                objects
            }
            0x80 => body,
            _ => return Ok(read),
        };
        while let Some((&head, after)) = rest.split_first() {
            let (tag, length) = (head >> 4, usize::from(head & 0x0F));
            let (value, after) = after
                .split_at_checked(length)
                .ok_or(HistoricalError::Truncated)?;
            read.take(tag, value)?;
            rest = after;
        }
        Ok(read)
    }

    fn take(&mut self, tag: u8, value: &[u8]) -> Result<(), HistoricalError> {
        let wrong = HistoricalError::Length(tag);
        let bytes = || Some(value.to_vec());
        match tag {
            0x1 => self.country = self.country.take().or_else(bytes),
            0x2 => self.issuer = self.issuer.take().or_else(bytes),
            0x3 => {
                let [services] = value else { return Err(wrong) };
                self.services.get_or_insert(*services);
            }
            0x4 => self.initial_access = self.initial_access.take().or_else(bytes),
            0x5 => self.issuer_data = self.issuer_data.take().or_else(bytes),
            0x6 => self.pre_issuing = self.pre_issuing.take().or_else(bytes),
            0x7 => {
                let told = match *value {
                    [selection] => CardCapabilities {
                        selection,
                        ..CardCapabilities::default()
                    },
                    [selection, data_coding] => CardCapabilities {
                        selection,
                        data_coding,
                        command: 0,
                    },
                    [selection, data_coding, command] => CardCapabilities {
                        selection,
                        data_coding,
                        command,
                    },
                    _ => return Err(wrong),
                };
                self.capabilities.get_or_insert(told);
            }
            0x8 => {
                let (life_cycle, status) = match *value {
                    [life_cycle] => (Some(life_cycle), None),
                    [sw1, sw2] => (None, Some([sw1, sw2])),
                    [life_cycle, sw1, sw2] => (Some(life_cycle), Some([sw1, sw2])),
                    _ => return Err(wrong),
                };
                self.life_cycle = self.life_cycle.or(life_cycle);
                self.status = self
                    .status
                    .or(status.map(|sw| StatusWord(u16::from_be_bytes(sw))));
            }
            0xF => {
                let aid = Aid::new(value).map_err(|_| wrong)?;
                self.aid.get_or_insert(aid);
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes the fields as compact-TLV of category 80, in the order of their tags; a field longer than 15 bytes (an
    /// AID of 16 among them) does not fit the form and is left out. The caller keeps the whole within the 15 bytes of
    /// an ATR.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = alloc::vec![0x80];
        let mut object = |tag: u8, value: &[u8]| {
            if let Some(length) = u8::try_from(value.len())
                .ok()
                .filter(|length| *length <= 15)
            {
                out.push(tag << 4 | length);
                out.extend_from_slice(value);
            }
        };
        let plain = [
            (1, &self.country),
            (2, &self.issuer),
            (4, &self.initial_access),
            (5, &self.issuer_data),
            (6, &self.pre_issuing),
        ];
        for tag in 1..=6 {
            if let (3, Some(services)) = (tag, self.services) {
                object(tag, &[services]);
            }
            if let Some((_, Some(value))) = plain.iter().find(|(of, _)| *of == tag) {
                object(tag, value);
            }
        }
        if let Some(told) = self.capabilities {
            object(7, &[told.selection, told.data_coding, told.command]);
        }
        if let Some(aid) = self.aid {
            object(0xF, aid.as_bytes());
        }
        match (self.life_cycle, self.status) {
            (Some(life_cycle), Some(sw)) => object(8, &[life_cycle, sw.sw1(), sw.sw2()]),
            (Some(life_cycle), None) => object(8, &[life_cycle]),
            (None, Some(sw)) => object(8, &[sw.sw1(), sw.sw2()]),
            (None, None) => {}
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn compact_tlv() {
        let read =
            Historical::parse(&hex::decode("8031C173C8218082900 0".replace(' ', "")).unwrap())
                .unwrap();
        assert_eq!(read.services, Some(0xC1));
        let told = read.capabilities.unwrap();
        assert!(told.chaining() && !told.extended_lengths());
        assert_eq!(
            (read.life_cycle, read.status),
            (None, Some(StatusWord::SUCCESS))
        );
        assert_eq!(
            read.to_bytes(),
            hex::decode("8031C173C82180829000").unwrap()
        );
    }

    #[test]
    fn trailing_status_bytes() {
        let read = Historical::parse(&hex::decode("0073C00100079000").unwrap()).unwrap();
        assert_eq!(
            (read.life_cycle, read.status),
            (Some(7), Some(StatusWord::SUCCESS))
        );
        assert_eq!(
            Historical::parse(&[0x00, 0x90, 0x00]),
            Err(HistoricalError::Truncated)
        );
    }

    #[test]
    fn what_is_wrong_is_refused() {
        assert_eq!(Historical::parse(&[]), Ok(Historical::default()));
        assert_eq!(
            Historical::parse(&[0x80, 0x73, 1, 2]),
            Err(HistoricalError::Truncated)
        );
        assert_eq!(
            Historical::parse(&[0x80, 0x70]),
            Err(HistoricalError::Length(7))
        );
        assert_eq!(
            Historical::parse(&[0x80, 0xF1, 0xA0]),
            Err(HistoricalError::Length(15))
        );
        assert_eq!(Historical::parse(b"\x59own").unwrap().category, 0x59);
    }

    proptest! {
        #[test]
        fn any_bytes_read_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            if let Ok(read) = Historical::parse(&bytes) && matches!(read.category, 0x00 | 0x80) {
                let again = Historical::parse(&read.to_bytes()).unwrap();
                prop_assert_eq!(again, Historical { category: 0x80, ..read });
            }
        }
    }
}
