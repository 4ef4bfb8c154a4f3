//! `scheme:locator`, the name of a device.

use std::fmt;
use std::str::FromStr;

/// The name of a device: a scheme that says which backend serves it, and a locator that the backend understands.
///
/// Known schemes: `pcsc:<reader>`, `ccid:<vid:pid@bus-port>`, `usb:<vid:pid>`, `serial:<path>`, `dir:<folder>`,
/// `sim:<name>`. The locator may itself contain colons; only the first one divides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    scheme: String,
    locator: String,
}

/// Text that is no device address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{text}' is no device address: write scheme:locator, as in dir:/path/to/images or sim:card"
)]
pub struct AddressError {
    /// The text as it was given.
    pub text: String,
}

impl Address {
    /// An address of `scheme`, at `locator`.
    pub fn new(scheme: impl Into<String>, locator: impl Into<String>) -> Self {
        Self {
            scheme: scheme.into(),
            locator: locator.into(),
        }
    }

    /// What stands before the first colon.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// What stands after the first colon.
    #[must_use]
    pub fn locator(&self) -> &str {
        &self.locator
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme, self.locator)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((scheme, locator))
                if !scheme.is_empty()
                    && !locator.is_empty()
                    && scheme
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) =>
            {
                Ok(Self::new(scheme, locator))
            }
            _ => Err(AddressError {
                text: text.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_colon_divides() {
        let address: Address = "usb:05ba:000a".parse().unwrap();
        assert_eq!(address.scheme(), "usb");
        assert_eq!(address.locator(), "05ba:000a");
        assert_eq!(address.to_string(), "usb:05ba:000a");
    }

    #[test]
    fn text_without_scheme_or_locator_is_refused() {
        for text in ["", "dir", "dir:", ":x", "C D:x", "DIR:x"] {
            assert!(text.parse::<Address>().is_err(), "{text:?} was accepted");
        }
    }
}
