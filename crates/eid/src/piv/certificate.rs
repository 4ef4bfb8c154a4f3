//! X.509 certificate containers (NIST SP 800-73-4 Part 1 appendix A, tables 10, 15 to 17): all of one form.

use crate::{Error, field};

const OBJECT: &str = "X.509 certificate container";

/// A certificate as the card holds it: `53 {70 <certificate>, 71 01 <info>, FE 00}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateObject {
    /// The certificate, DER. Where `compressed`, GZIP of it.
    pub certificate: Vec<u8>,
    /// Whether the certificate is compressed (bit 1 of CertInfo). Ours never are.
    pub compressed: bool,
}

impl CertificateObject {
    /// A plain certificate.
    #[must_use]
    pub fn new(der: impl Into<Vec<u8>>) -> Self {
        Self {
            certificate: der.into(),
            compressed: false,
        }
    }

    /// The container's content, tag 53 and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = field::field(0x70, &self.certificate);
        field::put(&mut value, 0x71, &[u8::from(self.compressed)]);
        field::put(&mut value, 0xFE, &[]);
        field::field(0x53, &value)
    }

    /// Reads a container's content.
    ///
    /// # Errors
    /// [`Error::Missing`] where there is no certificate, [`Error::Malformed`] where it is no such container.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        match field::find(OBJECT, value, 0x70)? {
            None | Some([]) => Err(Error::missing(OBJECT, "the certificate (70)")),
            Some(certificate) => Ok(Self {
                certificate: certificate.to_vec(),
                compressed: field::find(OBJECT, value, 0x71)?
                    .is_some_and(|info| info.first().is_some_and(|i| i & 1 != 0)),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        for compressed in [false, true] {
            let object = CertificateObject {
                certificate: vec![0x30; 700],
                compressed,
            };
            assert_eq!(CertificateObject::decode(&object.encode()).unwrap(), object);
        }
        assert!(CertificateObject::decode(&[0x53, 0x00]).is_err());
    }
}
