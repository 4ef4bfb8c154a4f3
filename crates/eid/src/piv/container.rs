//! Data containers of the PIV Card Application (NIST SP 800-73-4 Part 1 tables 2 and 3) and our card's own three.
//!
//! A container is named by the BER-TLV tag that GET DATA and PUT DATA carry in 5C. What comes back is wrapped in 53,
//! except for the Discovery Object (7E) and the Biometric Information Templates Group Template (7F61), which come as
//! they are.

use super::RetiredKey;

/// A container our card holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Container {
    /// Card Capability Container (5FC107).
    CardCapability,
    /// Card Holder Unique Identifier (5FC102).
    Chuid,
    /// X.509 Certificate for PIV Authentication (5FC105), key 9A.
    AuthenticationCertificate,
    /// Cardholder Fingerprints (5FC103), for off-card comparison.
    Fingerprints,
    /// Security Object (5FC106).
    SecurityObject,
    /// Cardholder Facial Image (5FC108).
    FacialImage,
    /// Printed Information (5FC109).
    PrintedInformation,
    /// X.509 Certificate for Digital Signature (5FC10A), key 9C.
    SignatureCertificate,
    /// X.509 Certificate for Key Management (5FC10B), key 9D.
    KeyManagementCertificate,
    /// X.509 Certificate for Card Authentication (5FC101), key 9E.
    CardAuthenticationCertificate,
    /// Key History Object (5FC10C).
    KeyHistory,
    /// Retired X.509 Certificate for Key Management 1 to 20 (5FC10D to 5FC120), keys 82 to 95.
    RetiredCertificate(RetiredKey),
    /// Cardholder Iris Images (5FC121).
    Iris,
    /// Secure Messaging Certificate Signer (5FC122).
    SecureMessagingSigner,
    /// Pairing Code Reference Data Container (5FC123).
    PairingCode,
    /// Discovery Object (7E).
    Discovery,
    /// Biometric Information Templates Group Template (7F61). The card makes it of what is enrolled.
    BiometricInformation,
    /// Our card's own: the activation record (DFC101). The card writes it, at ACTIVATE.
    ActivationRecord,
    /// Our card's own: what the issuer may rewrite after personalisation (DFC102).
    RenewalPolicy,
    /// Our card's own: the holder's name in national characters and the card's number, for a counter's screen (DFC103).
    HolderDisplay,
    /// Our card's own: the card-verifiable certificate of the secure messaging key (DFC105).
    MessagingCertificate,
    /// Our card's own: how many digits a PIN has on this card (DFC106).
    PinPolicy,
}

/// What must have been verified before a container is read (table 2, 'Access Rule for Read', contact interface).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadAccess {
    /// Nothing.
    Always,
    /// PIN since the application was selected.
    Pin,
    /// PIN or on-card comparison since the application was selected.
    PinOrOcc,
}

impl Container {
    /// Every container.
    pub const ALL: [Self; 41] = {
        let mut all = [Self::CardCapability; 41];
        let mut at = 0;
        while at < Self::SINGLE.len() {
            all[at] = Self::SINGLE[at];
            at += 1;
        }
        let mut retired = 0;
        while retired < RetiredKey::ALL.len() {
            all[at + retired] = Self::RetiredCertificate(RetiredKey::ALL[retired]);
            retired += 1;
        }
        all
    };

    /// Every container but those of the retired keys' certificates.
    const SINGLE: [Self; 21] = [
        Self::CardCapability,
        Self::Chuid,
        Self::AuthenticationCertificate,
        Self::Fingerprints,
        Self::SecurityObject,
        Self::FacialImage,
        Self::PrintedInformation,
        Self::SignatureCertificate,
        Self::KeyManagementCertificate,
        Self::CardAuthenticationCertificate,
        Self::KeyHistory,
        Self::Iris,
        Self::SecureMessagingSigner,
        Self::PairingCode,
        Self::Discovery,
        Self::BiometricInformation,
        Self::ActivationRecord,
        Self::RenewalPolicy,
        Self::HolderDisplay,
        Self::MessagingCertificate,
        Self::PinPolicy,
    ];

    /// The tag as a number, its bytes big-endian.
    #[must_use]
    pub const fn tag(self) -> u32 {
        match self {
            Self::CardAuthenticationCertificate => 0x5F_C101,
            Self::Chuid => 0x5F_C102,
            Self::Fingerprints => 0x5F_C103,
            Self::AuthenticationCertificate => 0x5F_C105,
            Self::SecurityObject => 0x5F_C106,
            Self::CardCapability => 0x5F_C107,
            Self::FacialImage => 0x5F_C108,
            Self::PrintedInformation => 0x5F_C109,
            Self::SignatureCertificate => 0x5F_C10A,
            Self::KeyManagementCertificate => 0x5F_C10B,
            Self::KeyHistory => 0x5F_C10C,
            Self::RetiredCertificate(key) => 0x5F_C10C + key.number() as u32,
            Self::Iris => 0x5F_C121,
            Self::SecureMessagingSigner => 0x5F_C122,
            Self::PairingCode => 0x5F_C123,
            Self::Discovery => 0x7E,
            Self::BiometricInformation => 0x7F61,
            Self::ActivationRecord => 0xDF_C101,
            Self::RenewalPolicy => 0xDF_C102,
            Self::HolderDisplay => 0xDF_C103,
            Self::MessagingCertificate => 0xDF_C105,
            Self::PinPolicy => 0xDF_C106,
        }
    }

    /// The container of a tag; `None` is 'file not found' to GET DATA.
    #[must_use]
    pub fn from_tag(tag: u32) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|container| container.tag() == tag)
    }

    /// The name the standard gives it, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CardCapability => "Card Capability Container",
            Self::Chuid => "Card Holder Unique Identifier",
            Self::AuthenticationCertificate => "X.509 Certificate for PIV Authentication",
            Self::Fingerprints => "Cardholder Fingerprints",
            Self::SecurityObject => "Security Object",
            Self::FacialImage => "Cardholder Facial Image",
            Self::PrintedInformation => "Printed Information",
            Self::SignatureCertificate => "X.509 Certificate for Digital Signature",
            Self::KeyManagementCertificate => "X.509 Certificate for Key Management",
            Self::CardAuthenticationCertificate => "X.509 Certificate for Card Authentication",
            Self::KeyHistory => "Key History Object",
            Self::RetiredCertificate(_) => "Retired X.509 Certificate for Key Management",
            Self::Iris => "Cardholder Iris Images",
            Self::SecureMessagingSigner => "Secure Messaging Certificate Signer",
            Self::PairingCode => "Pairing Code Reference Data Container",
            Self::Discovery => "Discovery Object",
            Self::BiometricInformation => "Biometric Information Templates Group Template",
            Self::ActivationRecord => "Activation Record",
            Self::RenewalPolicy => "Renewal Policy",
            Self::HolderDisplay => "Holder Display",
            Self::MessagingCertificate => "Secure Messaging Certificate",
            Self::PinPolicy => "PIN Policy",
        }
    }

    /// Who may read it in the hand of its holder, over contacts.
    #[must_use]
    pub const fn read_access(self) -> ReadAccess {
        match self {
            Self::Fingerprints | Self::FacialImage | Self::Iris => ReadAccess::Pin,
            Self::PrintedInformation | Self::PairingCode | Self::HolderDisplay => {
                ReadAccess::PinOrOcc
            }
            _ => ReadAccess::Always,
        }
    }

    /// Whether it may also be read over the antenna with nothing around it (table 2, 'Access Rule for Read', contactless
    /// interface). All others take a channel that keeps them to itself: the virtual contact interface, or our own.
    #[must_use]
    pub const fn is_free_over_the_antenna(self) -> bool {
        matches!(
            self,
            Self::Chuid
                | Self::CardAuthenticationCertificate
                | Self::Discovery
                | Self::BiometricInformation
                | Self::SecureMessagingSigner
        )
    }

    /// Whether GET DATA's answer is wrapped in 53.
    #[must_use]
    pub const fn is_wrapped(self) -> bool {
        !matches!(self, Self::Discovery | Self::BiometricInformation)
    }

    /// Whether PUT DATA may write it. The card makes the other two itself.
    #[must_use]
    pub const fn is_writable(self) -> bool {
        !matches!(self, Self::BiometricInformation | Self::ActivationRecord)
    }

    /// Whether the standard knows it, and not only our card.
    #[must_use]
    pub const fn is_standard(self) -> bool {
        !matches!(
            self,
            Self::ActivationRecord
                | Self::RenewalPolicy
                | Self::HolderDisplay
                | Self::MessagingCertificate
                | Self::PinPolicy
        )
    }

    /// Whether a delivery session reads it before activation: what the clerk holds against the citizen.
    #[must_use]
    pub const fn is_display_data(self) -> bool {
        matches!(
            self,
            Self::PrintedInformation | Self::FacialImage | Self::HolderDisplay
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_one_to_one() {
        for container in Container::ALL {
            assert_eq!(Container::from_tag(container.tag()), Some(container));
        }
        assert_eq!(Container::from_tag(0x7F68), None);
    }

    #[test]
    fn face_and_fingerprints_open_on_pin_only() {
        let pin_only: Vec<_> = Container::ALL
            .into_iter()
            .filter(|c| c.read_access() == ReadAccess::Pin)
            .collect();
        let expected = [
            Container::Fingerprints,
            Container::FacialImage,
            Container::Iris,
        ];
        assert_eq!(pin_only, expected);
    }

    #[test]
    fn the_standards_containers_are_all_there() {
        // SP 800-73-4 Part 1 table 3: 5FC101 to 5FC123, but for 5FC104, which no edition uses.
        let missing: Vec<u32> = (0x5F_C101..=0x5F_C123)
            .filter(|tag| Container::from_tag(*tag).is_none_or(|found| !found.is_standard()))
            .collect();
        assert_eq!(missing, [0x5F_C104]);
        let mut all = Container::ALL.to_vec();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), Container::ALL.len());
    }
}
