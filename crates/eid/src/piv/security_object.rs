//! Security Object (5FC106): the issuer's signature over other containers' hashes (NIST SP 800-73-4 Part 1 §3.1.7,
//! table 12).

use crate::{Error, field};

use super::Container;

const OBJECT: &str = "Security Object";

/// The container: `53 {BA <mapping>, BB <signed object>, FE 00}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityObject {
    /// Which data group number of the signed object stands for which container.
    pub mapping: Vec<(u8, Container)>,
    /// CMS SignedData over an LDS security object, DER.
    pub signed: Vec<u8>,
}

/// Container identifiers of table 2, as the mapping names containers.
const IDENTIFIERS: [(Container, u16); 12] = [
    (Container::CardCapability, 0xDB00),
    (Container::Chuid, 0x3000),
    (Container::AuthenticationCertificate, 0x0101),
    (Container::Fingerprints, 0x6010),
    (Container::SecurityObject, 0x9000),
    (Container::FacialImage, 0x6030),
    (Container::PrintedInformation, 0x3001),
    (Container::SignatureCertificate, 0x0100),
    (Container::KeyManagementCertificate, 0x0102),
    (Container::CardAuthenticationCertificate, 0x0500),
    (Container::Discovery, 0x6050),
    (Container::KeyHistory, 0x6060),
];

impl SecurityObject {
    /// Whether the mapping can name this container, and it is neither a certificate, which its issuer signs, nor the
    /// security object itself: what is to be in one (§3.1.7).
    #[must_use]
    pub fn names(container: Container) -> bool {
        use Container::{
            AuthenticationCertificate, CardAuthenticationCertificate, KeyManagementCertificate,
            SignatureCertificate,
        };
        IDENTIFIERS.iter().any(|(named, _)| *named == container)
            && !matches!(
                container,
                AuthenticationCertificate
                    | SignatureCertificate
                    | KeyManagementCertificate
                    | CardAuthenticationCertificate
                    | Container::SecurityObject
            )
    }

    /// The container's content, tag 53 and all.
    ///
    /// # Errors
    /// [`Error::Malformed`] where a container has no identifier in table 2.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut mapping = Vec::new();
        for (number, container) in &self.mapping {
            let (_, identifier) =
                IDENTIFIERS
                    .iter()
                    .find(|(c, _)| c == container)
                    .ok_or(Error::malformed(
                        OBJECT,
                        "a container without an identifier",
                    ))?;
            mapping.push(*number);
            mapping.extend_from_slice(&identifier.to_be_bytes());
        }
        let mut value = field::field(0xBA, &mapping);
        field::put(&mut value, 0xBB, &self.signed);
        field::put(&mut value, 0xFE, &[]);
        Ok(field::field(0x53, &value))
    }

    /// Reads a container's content; containers our card does not hold are passed over.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        let mapping = field::find(OBJECT, value, 0xBA)?.ok_or(Error::missing(OBJECT, "BA"))?;
        let signed = field::find(OBJECT, value, 0xBB)?.ok_or(Error::missing(OBJECT, "BB"))?;
        let (entries, []) = mapping.as_chunks::<3>() else {
            return Err(Error::malformed(
                OBJECT,
                "BA is not made of three bytes each",
            ));
        };
        let known = |[number, high, low]: &[u8; 3]| {
            let identifier = u16::from_be_bytes([*high, *low]);
            IDENTIFIERS
                .iter()
                .find(|(_, i)| *i == identifier)
                .map(|(container, _)| (*number, *container))
        };
        Ok(Self {
            mapping: entries.iter().filter_map(known).collect(),
            signed: signed.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let object = SecurityObject {
            mapping: vec![(1, Container::Chuid), (2, Container::FacialImage)],
            signed: vec![0x30; 500],
        };
        assert_eq!(
            SecurityObject::decode(&object.encode().unwrap()).unwrap(),
            object
        );
        let own = SecurityObject {
            mapping: vec![(1, Container::HolderDisplay)],
            signed: vec![],
        };
        assert!(own.encode().is_err());
        assert!(SecurityObject::decode(&[0x53, 0x06, 0xBA, 0x02, 1, 2, 0xBB, 0x00]).is_err());
    }
}
