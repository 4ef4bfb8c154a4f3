//! Data containers of the PIV Card Application (NIST SP 800-73-4 Part 1 tables 2 and 3) and our card's own three.
//!
//! A container is named by the BER-TLV tag that GET DATA and PUT DATA carry in 5C. What comes back is wrapped in 53,
//! except for the Discovery Object (7E) and the Biometric Information Templates Group Template (7F61), which come as
//! they are.

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
    pub const ALL: [Self; 16] = [
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
        Self::Discovery,
        Self::BiometricInformation,
        Self::ActivationRecord,
        Self::RenewalPolicy,
        Self::HolderDisplay,
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
            Self::Discovery => 0x7E,
            Self::BiometricInformation => 0x7F61,
            Self::ActivationRecord => 0xDF_C101,
            Self::RenewalPolicy => 0xDF_C102,
            Self::HolderDisplay => 0xDF_C103,
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
            Self::Discovery => "Discovery Object",
            Self::BiometricInformation => "Biometric Information Templates Group Template",
            Self::ActivationRecord => "Activation Record",
            Self::RenewalPolicy => "Renewal Policy",
            Self::HolderDisplay => "Holder Display",
        }
    }

    /// Who may read it in the hand of its holder, over contacts.
    #[must_use]
    pub const fn read_access(self) -> ReadAccess {
        match self {
            Self::Fingerprints | Self::FacialImage => ReadAccess::Pin,
            Self::PrintedInformation | Self::HolderDisplay => ReadAccess::PinOrOcc,
            _ => ReadAccess::Always,
        }
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
        assert_eq!(pin_only, [Container::Fingerprints, Container::FacialImage]);
    }
}
