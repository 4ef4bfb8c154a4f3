//! The applications on the card, and names that readers of other cards ask for.

use negin_apdu::Aid;

/// The issuer security domain (GlobalPlatform Card Specification 2.3 §6.3: the default AID).
pub const ISSUER_SECURITY_DOMAIN: Aid =
    Aid::known([0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00]);

/// The PIV Card Application, version 1.0 (NIST SP 800-73-4 Part 1 §2.2).
pub const PIV: Aid = Aid::known([
    0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00,
]);

/// The travel document application LDS1 (ICAO Doc 9303-10 §3.11).
pub const TRAVEL_DOCUMENT: Aid = Aid::known([0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01]);

/// What Windows probes a card for before it looks for PIV. Our card answers 'not found'.
pub const WINDOWS_PROBE: Aid = Aid::known([
    0xA0, 0x00, 0x00, 0x03, 0x97, 0x43, 0x49, 0x44, 0x5F, 0x01, 0x00,
]);

/// An application that our card holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Application {
    /// The issuer security domain.
    SecurityDomain,
    /// PIV.
    Piv,
    /// The travel document.
    TravelDocument,
}

impl Application {
    /// Every application.
    pub const ALL: [Self; 3] = [Self::SecurityDomain, Self::Piv, Self::TravelDocument];

    /// Its identifier.
    #[must_use]
    pub const fn aid(self) -> Aid {
        match self {
            Self::SecurityDomain => ISSUER_SECURITY_DOMAIN,
            Self::Piv => PIV,
            Self::TravelDocument => TRAVEL_DOCUMENT,
        }
    }

    /// The application that a SELECT by this name means; a name may be cut short on the right, but not below the
    /// five bytes of its provider (RID). The empty name is the security domain (GlobalPlatform §11.9.2.3).
    #[must_use]
    pub fn by_name(name: &[u8]) -> Option<Self> {
        match name.len() {
            0 => Some(Self::SecurityDomain),
            1..5 => None,
            _ => Self::ALL
                .into_iter()
                .find(|application| application.aid().answers_to(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applications_answer_to_their_names() {
        for application in Application::ALL {
            let aid = application.aid();
            assert_eq!(Application::by_name(aid.as_bytes()), Some(application));
            assert_eq!(
                Application::by_name(&aid.as_bytes()[..5]),
                Some(application)
            );
            assert_eq!(Application::by_name(&aid.as_bytes()[..4]), None);
        }
        assert_eq!(Application::by_name(&[]), Some(Application::SecurityDomain));
        assert_eq!(Application::by_name(WINDOWS_PROBE.as_bytes()), None);
        assert_eq!(Application::by_name(b"A0000003080000100001000"), None);
    }
}
