//! Serial numbers of certificates (RFC 5280 §4.1.2.2).

use x509_cert::serial_number::SerialNumber;

use super::Error;

/// A positive serial number of sixteen bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Serial([u8; 16]);

impl Serial {
    /// A serial number from sixteen random bytes; their first two bits are set to 01, which makes it positive and of
    /// full length.
    #[must_use]
    pub const fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[0] = bytes[0] & 0x3F | 0x40;
        Self(bytes)
    }

    pub(super) fn number(self) -> Result<SerialNumber, Error> {
        SerialNumber::new(&self.0).map_err(|_| Error::Field {
            field: "serial number",
        })
    }
}
