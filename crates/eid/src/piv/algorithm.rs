//! Cryptographic algorithm identifiers (NIST SP 800-78-4 table 6-2).

/// An algorithm as PIV commands name it in one byte. Knowing an identifier does not mean that a card has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// 3 Key Triple DES, ECB (00 or 03).
    TripleDes,
    /// RSA 1024 (06).
    Rsa1024,
    /// RSA 2048 (07).
    Rsa2048,
    /// AES-128, ECB (08).
    Aes128,
    /// AES-192, ECB (0A).
    Aes192,
    /// AES-256, ECB (0C).
    Aes256,
    /// ECC on curve P-256 (11): ECDSA and ECDH.
    EccP256,
    /// ECC on curve P-384 (14).
    EccP384,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 8] = [
        Self::TripleDes,
        Self::Rsa1024,
        Self::Rsa2048,
        Self::Aes128,
        Self::Aes192,
        Self::Aes256,
        Self::EccP256,
        Self::EccP384,
    ];

    /// The identifier.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::TripleDes => 0x03,
            Self::Rsa1024 => 0x06,
            Self::Rsa2048 => 0x07,
            Self::Aes128 => 0x08,
            Self::Aes192 => 0x0A,
            Self::Aes256 => 0x0C,
            Self::EccP256 => 0x11,
            Self::EccP384 => 0x14,
        }
    }

    /// The algorithm of an identifier; 00 is Triple DES like 03.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            0x00 => Some(Self::TripleDes),
            _ => Self::ALL
                .into_iter()
                .find(|algorithm| algorithm.code() == code),
        }
    }

    /// Whether key pairs are of it that may be made and used today: RSA 1024 no longer is (SP 800-78-4 §3.1).
    #[must_use]
    pub const fn is_asymmetric(self) -> bool {
        matches!(self, Self::Rsa2048 | Self::EccP256 | Self::EccP384)
    }

    /// The size in bytes of a digest that ECDSA signs and of a coordinate; `None` where it is no curve.
    #[must_use]
    pub const fn field_size(self) -> Option<usize> {
        match self {
            Self::EccP256 => Some(32),
            Self::EccP384 => Some(48),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_code(algorithm.code()), Some(algorithm));
        }
        assert_eq!(Algorithm::from_code(0), Some(Algorithm::TripleDes));
        assert_eq!(Algorithm::from_code(0x12), None);
    }
}
