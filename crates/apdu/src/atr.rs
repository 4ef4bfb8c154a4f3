//! The answer to reset (ISO/IEC 7816-3 §8): how a card says what it is.
//!
//! A contactless card has none; its reader makes one up (PC/SC part 3 §3.1.3.2.3), which reads the same way.

use alloc::vec::Vec;
use core::fmt;

use crate::historical::{Historical, HistoricalError};

/// An answer to reset, checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Atr {
    bytes: Vec<u8>,
    interface: Vec<InterfaceBytes>,
    historical: (usize, usize),
}

/// One group of interface bytes TAi, TBi, TCi, and the protocol that TDi names for the next group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InterfaceBytes {
    /// TAi.
    pub ta: Option<u8>,
    /// TBi.
    pub tb: Option<u8>,
    /// TCi.
    pub tc: Option<u8>,
    /// The protocol T named in TDi (0 to 15); another group follows exactly where it is there.
    pub protocol: Option<u8>,
}

/// Why bytes are not an ATR, or why one cannot be put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AtrError {
    /// The first byte is neither 3B nor 3F.
    #[error("the first byte is {0:02X}, neither 3B nor 3F")]
    Convention(u8),
    /// The bytes end before the ATR does.
    #[error("the ATR is cut short")]
    Truncated,
    /// Bytes are left over.
    #[error("bytes are left over after the ATR")]
    Trailing,
    /// The check byte TCK is wrong.
    #[error("the check byte is wrong")]
    Check,
    /// More than fifteen historical bytes, or more than 32 bytes after the first.
    #[error("longer than an ATR may be")]
    TooLong,
    /// Interface groups that do not follow from one another.
    #[error("a group of interface bytes follows exactly where the one before names a protocol")]
    Groups,
}

impl Atr {
    /// Reads an ATR and checks its lengths and TCK (which is there where any protocol but T=0 is named).
    ///
    /// # Errors
    /// [`AtrError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AtrError> {
        if bytes.len() > 33 {
            return Err(AtrError::TooLong);
        }
        let mut at = bytes.iter().copied();
        let mut next = || at.next().ok_or(AtrError::Truncated);
        match next()? {
            0x3B | 0x3F => {}
            other => return Err(AtrError::Convention(other)),
        }
        let t0 = next()?;
        let mut indicator = t0 >> 4;
        let mut position = 2;
        let mut interface = Vec::new();
        let mut check = false;
        while indicator != 0 || interface.is_empty() {
            let mut take = |bit: u8| -> Result<Option<u8>, AtrError> {
                if indicator & bit == 0 {
                    return Ok(None);
                }
                position += 1;
                next().map(Some)
            };
            let (ta, tb, tc, td) = (take(1)?, take(2)?, take(4)?, take(8)?);
            let protocol = td.map(|td| td & 0x0F);
            check |= protocol.is_some_and(|protocol| protocol != 0);
            indicator = td.map_or(0, |td| td >> 4);
            interface.push(InterfaceBytes {
                ta,
                tb,
                tc,
                protocol,
            });
            // A TD that announces nothing still names a protocol: its group is there, empty.
            if td.is_some() && indicator == 0 {
                interface.push(InterfaceBytes::default());
                break;
            }
        }
        let end = position + usize::from(t0 & 0x0F);
        let whole = end + usize::from(check);
        match bytes.len() {
            length if length < whole => return Err(AtrError::Truncated),
            length if length > whole => return Err(AtrError::Trailing),
            _ => {}
        }
        if check && bytes.iter().skip(1).fold(0, |sum, byte| sum ^ byte) != 0 {
            return Err(AtrError::Check);
        }
        Ok(Self {
            bytes: bytes.to_vec(),
            interface,
            historical: (position, end),
        })
    }

    /// Puts an ATR together in the direct convention, with TCK where it belongs.
    ///
    /// # Errors
    /// [`AtrError::Groups`] unless each group but the last names a protocol and the last none; [`AtrError::TooLong`].
    pub fn build(groups: &[InterfaceBytes], historical: &[u8]) -> Result<Self, AtrError> {
        let count = u8::try_from(historical.len())
            .ok()
            .filter(|count| *count <= 15)
            .ok_or(AtrError::TooLong)?;
        let indicator = |group: Option<&InterfaceBytes>| {
            group.map_or(0, |group| {
                let bit = |there: bool, bit: u8| if there { bit } else { 0 };
                bit(group.ta.is_some(), 0x10)
                    | bit(group.tb.is_some(), 0x20)
                    | bit(group.tc.is_some(), 0x40)
                    | bit(group.protocol.is_some(), 0x80)
            })
        };
        let mut bytes = alloc::vec![0x3B, indicator(groups.first()) | count];
        let mut check = false;
        for (index, group) in groups.iter().enumerate() {
            let following = groups.get(index + 1);
            if group.protocol.is_some() != following.is_some()
                || group.protocol.is_some_and(|protocol| protocol > 15)
            {
                return Err(AtrError::Groups);
            }
            bytes.extend([group.ta, group.tb, group.tc].into_iter().flatten());
            if let Some(protocol) = group.protocol {
                bytes.push(indicator(following) | protocol);
                check |= protocol != 0;
            }
        }
        bytes.extend_from_slice(historical);
        if check {
            bytes.push(bytes.iter().skip(1).fold(0, |sum, byte| sum ^ byte));
        }
        Self::parse(&bytes)
    }

    /// A contact card that speaks T=1 with these historical bytes.
    ///
    /// # Errors
    /// [`AtrError::TooLong`] for more than fifteen of them.
    pub fn t1(historical: &[u8]) -> Result<Self, AtrError> {
        Self::build(
            &[
                InterfaceBytes {
                    protocol: Some(1),
                    ..InterfaceBytes::default()
                },
                InterfaceBytes::default(),
            ],
            historical,
        )
    }

    /// What a PC/SC reader makes up for a contactless card with these historical bytes (PC/SC part 3 §3.1.3.2.3.1):
    /// `3B 8n 80 01 … TCK`.
    ///
    /// # Errors
    /// [`AtrError::TooLong`] for more than fifteen of them.
    pub fn contactless(historical: &[u8]) -> Result<Self, AtrError> {
        let named = |protocol| InterfaceBytes {
            protocol: Some(protocol),
            ..InterfaceBytes::default()
        };
        Self::build(&[named(0), named(1), InterfaceBytes::default()], historical)
    }

    /// The ATR's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The groups of interface bytes; the first is global.
    #[must_use]
    pub fn interface_bytes(&self) -> &[InterfaceBytes] {
        &self.interface
    }

    /// The protocols offered, in the card's order; T=0 where none is named. T=15 is no protocol and left out.
    pub fn protocols(&self) -> impl Iterator<Item = u8> + '_ {
        let none = self
            .interface
            .first()
            .is_none_or(|group| group.protocol.is_none());
        let named = self
            .interface
            .iter()
            .filter_map(|group| group.protocol)
            .filter(|protocol| *protocol != 15);
        none.then_some(0).into_iter().chain(named)
    }

    /// The historical bytes, up to fifteen.
    #[must_use]
    pub fn historical_bytes(&self) -> &[u8] {
        self.bytes
            .get(self.historical.0..self.historical.1)
            .unwrap_or_default()
    }

    /// The historical bytes, read.
    ///
    /// # Errors
    /// [`HistoricalError`].
    pub fn historical(&self) -> Result<Historical, HistoricalError> {
        Historical::parse(self.historical_bytes())
    }
}

impl fmt::Display for Atr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Atr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Atr({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Atr, AtrError> {
        Atr::parse(&hex::decode(text).unwrap())
    }

    #[test]
    fn cards_of_the_field() {
        // A YubiKey 4's ATR.
        let atr = parse("3BF81300008131FE15597562696B657934D4").unwrap();
        assert_eq!(atr.historical_bytes(), b"Yubikey4");
        assert_eq!(atr.protocols().collect::<Vec<_>>(), [1, 1]);
        assert_eq!(
            atr.interface_bytes()[0],
            InterfaceBytes {
                ta: Some(0x13),
                tb: Some(0),
                tc: Some(0),
                protocol: Some(1)
            }
        );
        // An OpenPGP card 2.0's.
        let atr = parse("3BDA18FF81B1FE751F030031C573C001400090000C").unwrap();
        let told = atr.historical().unwrap().capabilities.unwrap();
        assert!(told.extended_lengths() && !told.chaining());
        // No interface bytes, T=0, no TCK.
        let atr = parse("3B0261 62".replace(' ', "").as_str()).unwrap();
        assert_eq!(
            (atr.historical_bytes(), atr.protocols().collect::<Vec<_>>()),
            (&b"ab"[..], vec![0])
        );
    }

    #[test]
    fn built_as_a_reader_builds_it() {
        let atr = Atr::contactless(&hex::decode("8073C021C0").unwrap()).unwrap();
        assert!(atr.to_string().starts_with("3B8580018073C021C0"));
        assert_eq!(atr.protocols().collect::<Vec<_>>(), [0, 1]);
        assert_eq!(Atr::t1(b"ab").unwrap().to_string(), "3B8201616280");
        assert_eq!(Atr::t1(&[0; 16]), Err(AtrError::TooLong));
        assert_eq!(
            Atr::build(&[InterfaceBytes::default(), InterfaceBytes::default()], &[]),
            Err(AtrError::Groups)
        );
    }

    #[test]
    fn what_is_wrong_is_refused() {
        assert_eq!(parse("3C00"), Err(AtrError::Convention(0x3C)));
        assert_eq!(parse(""), Err(AtrError::Truncated));
        assert_eq!(parse("3BF8130000"), Err(AtrError::Truncated));
        assert_eq!(
            parse("3BF81300008131FE15597562696B657934D5"),
            Err(AtrError::Check)
        );
        assert_eq!(
            parse("3BF81300008131FE15597562696B657934"),
            Err(AtrError::Truncated)
        );
        assert_eq!(
            parse("3B0261626 3".replace(' ', "").as_str()),
            Err(AtrError::Trailing)
        );
        assert_eq!(Atr::parse(&[0x3B; 34]), Err(AtrError::TooLong));
    }

    proptest! {
        #[test]
        fn groups_and_back(firsts in proptest::collection::vec((any::<Option<u8>>(), any::<Option<u8>>(), any::<Option<u8>>(), 0u8..16), 0..4), historical in proptest::collection::vec(any::<u8>(), 0..=15)) {
            let mut groups: Vec<_> = firsts.into_iter().map(|(ta, tb, tc, protocol)| InterfaceBytes { ta, tb, tc, protocol: Some(protocol) }).collect();
            groups.push(InterfaceBytes { ta: Some(0x11), ..InterfaceBytes::default() });
            match Atr::build(&groups, &historical) {
                Ok(atr) => {
                    prop_assert_eq!(atr.interface_bytes(), &groups[..]);
                    prop_assert_eq!(atr.historical_bytes(), &historical[..]);
                }
                Err(error) => prop_assert_eq!(error, AtrError::TooLong),
            }
        }

        #[test]
        fn any_bytes_parse_or_are_refused(mut bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Some(first) = bytes.first_mut() {
                *first = 0x3B;
            }
            if let Ok(atr) = Atr::parse(&bytes) {
                prop_assert_eq!(atr.as_bytes(), &bytes[..]);
                prop_assert!(atr.historical_bytes().len() <= 15);
            }
        }
    }
}
