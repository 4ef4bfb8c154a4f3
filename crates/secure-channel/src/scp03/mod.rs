//! SCP03 (GlobalPlatform Card Specification Amendment D, 1.1.2 and 1.2): a mutual authentication and a channel.
//!
//! The way of a session: the host sends INITIALIZE UPDATE with a challenge; the card answers with its own challenge and
//! a cryptogram over both; the host checks it and sends EXTERNAL AUTHENTICATE with its cryptogram and the security
//! level; from then on every command carries a MAC and, by the level, encrypted data, and so do the answers.
//!
//! - [`host`]: commands out, the card checked, [`host::Channel`] as a `Transmit`.
//! - [`card`]: the same from the card's side.
//! - [`kdf`]: session keys and cryptograms, for whoever holds the keys.

pub mod card;
pub mod host;
pub mod kdf;
mod messaging;

use crate::Error;

/// Mode of a card: how long challenges, cryptograms and MACs are (Amendment D 1.2 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Eight bytes: MACs are cut short.
    S8,
    /// Sixteen bytes.
    S16,
}

impl Mode {
    /// Length in bytes of challenges, cryptograms and MACs: 8 or 16.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::S8 => 8,
            Self::S16 => 16,
        }
    }
}

/// The implementation parameter "i" of SCP03 (Amendment D 1.2 table 5-1), as INITIALIZE UPDATE and the card data tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options(u8);

impl Options {
    const S16: u8 = 0x08;
    const PSEUDO_RANDOM: u8 = 0x10;
    const R_MAC: u8 = 0x20;
    const R_ENCRYPTION: u8 = 0x40;

    /// Pseudo-random challenge, R-MAC and R-ENCRYPTION, mode S8: what most cards tell.
    pub const I_70: Self = Self(0x70);

    /// Random challenge, R-MAC and R-ENCRYPTION, mode S8.
    pub const I_60: Self = Self(0x60);

    /// Reads the parameter.
    ///
    /// # Errors
    /// [`Error::Options`] for bits that are reserved, and for R-ENCRYPTION without R-MAC.
    pub const fn new(i: u8) -> Result<Self, Error> {
        let known = Self::S16 | Self::PSEUDO_RANDOM | Self::R_MAC | Self::R_ENCRYPTION;
        if i & !known != 0 || i & (Self::R_MAC | Self::R_ENCRYPTION) == Self::R_ENCRYPTION {
            return Err(Error::Options(i));
        }
        Ok(Self(i))
    }

    /// The parameter's byte.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The mode.
    #[must_use]
    pub const fn mode(self) -> Mode {
        if self.0 & Self::S16 != 0 {
            Mode::S16
        } else {
            Mode::S8
        }
    }

    /// Whether the card's challenge is derived from a sequence counter (and the answer to INITIALIZE UPDATE tells the
    /// counter), instead of random.
    #[must_use]
    pub const fn pseudo_random(self) -> bool {
        self.0 & Self::PSEUDO_RANDOM != 0
    }

    /// Whether a session of this level can be opened.
    #[must_use]
    pub const fn offers(self, level: SecurityLevel) -> bool {
        (!level.r_mac() || self.0 & Self::R_MAC != 0)
            && (!level.r_encryption() || self.0 & Self::R_ENCRYPTION != 0)
    }
}

/// Security level of a session: P1 of EXTERNAL AUTHENTICATE (Amendment D §7.1.2.3, table 7-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum SecurityLevel {
    /// Authentication only; commands go as they are.
    None = 0x00,
    /// C-MAC.
    CMac = 0x01,
    /// C-MAC and C-DECRYPTION.
    CMacCDecryption = 0x03,
    /// C-MAC and R-MAC.
    CMacRMac = 0x11,
    /// C-MAC, C-DECRYPTION and R-MAC.
    CMacCDecryptionRMac = 0x13,
    /// C-MAC, C-DECRYPTION, R-MAC and R-ENCRYPTION: all there is.
    Full = 0x33,
}

impl SecurityLevel {
    /// All levels, from none to full.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::CMac,
        Self::CMacCDecryption,
        Self::CMacRMac,
        Self::CMacCDecryptionRMac,
        Self::Full,
    ];

    /// The level of this byte, `None` where there is no such.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|level| *level as u8 == byte)
    }

    /// Whether commands carry a MAC.
    #[must_use]
    pub const fn c_mac(self) -> bool {
        self as u8 & 0x01 != 0
    }

    /// Whether command data is encrypted.
    #[must_use]
    pub const fn c_decryption(self) -> bool {
        self as u8 & 0x02 != 0
    }

    /// Whether answers carry a MAC.
    #[must_use]
    pub const fn r_mac(self) -> bool {
        self as u8 & 0x10 != 0
    }

    /// Whether answer data is encrypted.
    #[must_use]
    pub const fn r_encryption(self) -> bool {
        self as u8 & 0x20 != 0
    }
}

/// SCP identifier of SCP03 in the answer to INITIALIZE UPDATE.
pub(crate) const SCP03: u8 = 0x03;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_levels() {
        for i in 0..=255u8 {
            assert_eq!(
                Options::new(i).is_ok(),
                i & 0x87 == 0 && i & 0x60 != 0x40,
                "{i:02X}"
            );
        }
        assert_eq!(Options::new(0x78).unwrap().mode(), Mode::S16);
        let plain = Options::new(0x00).unwrap();
        assert!(
            plain.offers(SecurityLevel::CMacCDecryption) && !plain.offers(SecurityLevel::CMacRMac)
        );
        let r_mac = Options::new(0x20).unwrap();
        assert!(
            r_mac.offers(SecurityLevel::CMacCDecryptionRMac) && !r_mac.offers(SecurityLevel::Full)
        );
        assert!(
            SecurityLevel::ALL
                .into_iter()
                .all(|level| Options::I_70.offers(level))
        );
        assert_eq!(SecurityLevel::from_byte(0x33), Some(SecurityLevel::Full));
        assert_eq!(SecurityLevel::from_byte(0x31), None);
    }
}
