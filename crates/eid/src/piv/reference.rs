//! Key references (NIST SP 800-73-4 Part 1 table 4): one type for each use, so that a wrong one fails at parsing.

use super::Container;

/// What VERIFY compares against (table 4a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VerifyReference {
    /// The PIV Card Application PIN (80). On our card it is the cardholder's one PIN, shared with the travel document.
    Pin,
    /// The primary finger, on-card comparison (96).
    PrimaryFinger,
    /// The secondary finger, on-card comparison (97).
    SecondaryFinger,
}

impl VerifyReference {
    /// Every reference.
    pub const ALL: [Self; 3] = [Self::Pin, Self::PrimaryFinger, Self::SecondaryFinger];

    /// The key reference.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Pin => 0x80,
            Self::PrimaryFinger => 0x96,
            Self::SecondaryFinger => 0x97,
        }
    }

    /// The reference of a code; `None` is REFERENCE DATA NOT FOUND to VERIFY.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reference| reference.code() == code)
    }

    /// The finger, where this is one.
    #[must_use]
    pub const fn finger(self) -> Option<FingerReference> {
        match self {
            Self::Pin => None,
            Self::PrimaryFinger => Some(FingerReference::Primary),
            Self::SecondaryFinger => Some(FingerReference::Secondary),
        }
    }
}

/// An enrolled finger's key reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FingerReference {
    /// 96.
    Primary,
    /// 97.
    Secondary,
}

impl FingerReference {
    /// Both references.
    pub const ALL: [Self; 2] = [Self::Primary, Self::Secondary];

    /// The key reference.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Primary => 0x96,
            Self::Secondary => 0x97,
        }
    }

    /// The reference of a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reference| reference.code() == code)
    }

    /// The same reference for VERIFY.
    #[must_use]
    pub const fn verify(self) -> VerifyReference {
        match self {
            Self::Primary => VerifyReference::PrimaryFinger,
            Self::Secondary => VerifyReference::SecondaryFinger,
        }
    }
}

impl From<FingerReference> for VerifyReference {
    fn from(finger: FingerReference) -> Self {
        finger.verify()
    }
}

/// What CHANGE REFERENCE DATA changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeReference {
    /// The cardholder's PIN (80).
    Pin,
    /// The PIN unblocking key (81).
    Puk,
}

impl ChangeReference {
    /// Both references.
    pub const ALL: [Self; 2] = [Self::Pin, Self::Puk];

    /// The key reference.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Pin => 0x80,
            Self::Puk => 0x81,
        }
    }

    /// The reference of a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reference| reference.code() == code)
    }
}

/// An asymmetric key pair of the card (table 4b).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyReference {
    /// PIV Authentication Key (9A): opens after PIN or on-card comparison.
    Authentication,
    /// Digital Signature Key (9C): PIN or on-card comparison just before each use.
    Signature,
    /// Key Management Key (9D): key agreement; opens after PIN or on-card comparison.
    KeyManagement,
    /// Asymmetric Card Authentication Key (9E): free.
    CardAuthentication,
}

/// What must have been verified before a private key is used (table 4b, 'Security Condition for Use').
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAccess {
    /// Nothing.
    Always,
    /// PIN or on-card comparison since the application was selected.
    PinOrOcc,
    /// PIN or on-card comparison as the command just before.
    PinOrOccAlways,
}

impl KeyReference {
    /// Every key pair.
    pub const ALL: [Self; 4] = [
        Self::Authentication,
        Self::Signature,
        Self::KeyManagement,
        Self::CardAuthentication,
    ];

    /// The key reference.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Authentication => 0x9A,
            Self::Signature => 0x9C,
            Self::KeyManagement => 0x9D,
            Self::CardAuthentication => 0x9E,
        }
    }

    /// The key pair of a code; `None` for references our card does not hold.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reference| reference.code() == code)
    }

    /// The container of the key's certificate.
    #[must_use]
    pub const fn certificate(self) -> Container {
        match self {
            Self::Authentication => Container::AuthenticationCertificate,
            Self::Signature => Container::SignatureCertificate,
            Self::KeyManagement => Container::KeyManagementCertificate,
            Self::CardAuthentication => Container::CardAuthenticationCertificate,
        }
    }

    /// The condition for using the private key.
    #[must_use]
    pub const fn access(self) -> KeyAccess {
        match self {
            Self::Authentication | Self::KeyManagement => KeyAccess::PinOrOcc,
            Self::Signature => KeyAccess::PinOrOccAlways,
            Self::CardAuthentication => KeyAccess::Always,
        }
    }

    /// Whether the key agrees on keys (9D) instead of signing.
    #[must_use]
    pub const fn agrees(self) -> bool {
        matches!(self, Self::KeyManagement)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_use_knows_its_references_only() {
        let known =
            |read: &dyn Fn(u8) -> bool| (0..=255u8).filter(|c| read(*c)).collect::<Vec<_>>();
        assert_eq!(
            known(&|c| VerifyReference::from_code(c).is_some()),
            [0x80, 0x96, 0x97]
        );
        assert_eq!(
            known(&|c| FingerReference::from_code(c).is_some()),
            [0x96, 0x97]
        );
        assert_eq!(
            known(&|c| ChangeReference::from_code(c).is_some()),
            [0x80, 0x81]
        );
        assert_eq!(
            known(&|c| KeyReference::from_code(c).is_some()),
            [0x9A, 0x9C, 0x9D, 0x9E]
        );
    }

    #[test]
    fn a_finger_reference_is_a_verify_reference() {
        for finger in FingerReference::ALL {
            assert_eq!(finger.verify().finger(), Some(finger));
            assert_eq!(finger.verify().code(), finger.code());
        }
        assert_eq!(VerifyReference::Pin.finger(), None);
    }
}
