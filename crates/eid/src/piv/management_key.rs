//! The card management key (9B): a symmetric key with which an administrator proves himself to a PIV card
//! (NIST SP 800-73-4 Part 1 table 4b, SP 800-78-4 §5 table 5-1).

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Algorithm;
use crate::{Error, Secret};

const OBJECT: &str = "card management key";

/// What algorithm a card management key is of. Others are refused at parsing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Zeroize)]
pub enum ManagementAlgorithm {
    /// Triple DES with three keys (03, or 00).
    TripleDes,
    /// AES-128 (08).
    Aes128,
    /// AES-192 (0A).
    Aes192,
    /// AES-256 (0C).
    Aes256,
}

impl ManagementAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::TripleDes, Self::Aes128, Self::Aes192, Self::Aes256];

    /// The algorithm as PIV commands name it.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::TripleDes => Algorithm::TripleDes,
            Self::Aes128 => Algorithm::Aes128,
            Self::Aes192 => Algorithm::Aes192,
            Self::Aes256 => Algorithm::Aes256,
        }
    }

    /// The identifier.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.algorithm().code()
    }

    /// The algorithm of an identifier; `None` where no management key is of it.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        let named = Algorithm::from_code(code)?;
        Self::ALL
            .into_iter()
            .find(|management| management.algorithm() == named)
    }

    /// Bytes of a key.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::TripleDes | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// Bytes of a block: the length of challenges and witnesses.
    #[must_use]
    pub const fn block_length(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
        }
    }
}

/// A card management key. Debug shows its algorithm only; wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct ManagementKey {
    #[zeroize(skip)]
    algorithm: ManagementAlgorithm,
    key: Secret,
}

impl ManagementKey {
    /// A key of these bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] where they are not as many as the algorithm takes.
    pub fn new(algorithm: ManagementAlgorithm, key: impl Into<Secret>) -> Result<Self, Error> {
        let key = key.into();
        if key.len() != algorithm.key_length() {
            return Err(Error::malformed(
                OBJECT,
                "a key of another length than its algorithm takes",
            ));
        }
        Ok(Self { algorithm, key })
    }

    /// The key that YubiKeys leave their factory with and that stock tools try where none is named. Everybody knows
    /// it: it protects nothing and is for development.
    #[must_use]
    pub fn factory() -> Self {
        Self {
            algorithm: ManagementAlgorithm::TripleDes,
            key: Secret::new([[1, 2, 3, 4, 5, 6, 7, 8]; 3].concat()),
        }
    }

    /// Its algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> ManagementAlgorithm {
        self.algorithm
    }

    /// The secret itself: for what computes with it or stores it, and nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.key.expose()
    }
}

impl fmt::Debug for ManagementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManagementKey({:?})", self.algorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_of_a_management_key() {
        let known: Vec<u8> = (0..=255)
            .filter(|code| ManagementAlgorithm::from_code(*code).is_some())
            .collect();
        assert_eq!(known, [0x00, 0x03, 0x08, 0x0A, 0x0C]);
        for algorithm in ManagementAlgorithm::ALL {
            assert_eq!(
                ManagementAlgorithm::from_code(algorithm.code()),
                Some(algorithm)
            );
        }
    }

    #[test]
    fn a_key_is_as_long_as_its_algorithm_says_and_does_not_show() {
        for algorithm in ManagementAlgorithm::ALL {
            for length in 0..40 {
                let key = ManagementKey::new(algorithm, vec![0x77; length]);
                assert_eq!(key.is_ok(), length == algorithm.key_length());
            }
        }
        let key = ManagementKey::factory();
        assert_eq!(key.expose().len(), 24);
        assert_eq!(format!("{key:?}"), "ManagementKey(TripleDes)");
    }
}
