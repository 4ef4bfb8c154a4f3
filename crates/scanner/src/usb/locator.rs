//! `vid:pid[@bus-port]`, what stands after `usb:`.

use std::fmt;
use std::str::FromStr;

use crate::uru4000::Model;

/// Which device is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Locator {
    /// idVendor.
    pub vendor: u16,
    /// idProduct.
    pub product: u16,
    /// The socket, as Linux names it: the bus, and the ports on the way, e.g. `1-10` or `1-2.4`.
    pub socket: Option<String>,
}

impl Locator {
    /// Whether a device is one that is meant.
    pub(super) fn means(&self, other: &Self) -> bool {
        (self.vendor, self.product) == (other.vendor, other.product)
            && (self.socket.is_none() || self.socket == other.socket)
    }

    /// The model of these numbers.
    pub(super) fn model(&self) -> Option<&'static Model> {
        Model::of(self.vendor, self.product)
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.product)?;
        match &self.socket {
            Some(socket) => write!(f, "@{socket}"),
            None => Ok(()),
        }
    }
}

/// Text that is no locator of a USB device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write vid:pid or vid:pid@bus-port, the numbers in hexadecimal, as in 05ba:000a or 05ba:000a@1-2"
)]
pub struct LocatorError;

impl FromStr for Locator {
    type Err = LocatorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (numbers, socket) = match text.split_once('@') {
            Some((numbers, socket)) => (numbers, Some(socket)),
            None => (text, None),
        };
        let (vendor, product) = numbers.split_once(':').ok_or(LocatorError)?;
        let number = |digits: &str| {
            let hexadecimal = (1..=4).contains(&digits.len())
                && digits.chars().all(|digit| digit.is_ascii_hexdigit());
            hexadecimal
                .then(|| u16::from_str_radix(digits, 16).ok())
                .flatten()
                .ok_or(LocatorError)
        };
        let path = |socket: &str| {
            let rest = socket.trim_start_matches(|c: char| c.is_ascii_digit());
            let ports = rest.strip_prefix('-');
            rest.len() < socket.len()
                && ports.is_some_and(|ports| {
                    ports
                        .split('.')
                        .all(|port| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()))
                })
        };
        if socket.is_some_and(|socket| !path(socket)) {
            return Err(LocatorError);
        }
        Ok(Self {
            vendor: number(vendor)?,
            product: number(product)?,
            socket: socket.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_socket_are_read_and_written() {
        for text in ["05ba:000a", "045e:00ca@1-10", "05ba:0007@3-2.4.1"] {
            assert_eq!(text.parse::<Locator>().unwrap().to_string(), text);
        }
        let short: Locator = "5BA:a".parse().unwrap();
        assert_eq!(short.to_string(), "05ba:000a");
        for text in [
            "",
            "05ba",
            ":",
            "05ba:",
            "+5ba:000a",
            "05ba:000a0",
            "05ba:000g",
            "05ba:000a@",
            "05ba:000a@1",
            "05ba:000a@1-",
            "05ba:000a@-1",
            "05ba:000a@1-2.",
            "05ba:000a@../x",
        ] {
            assert_eq!(text.parse::<Locator>(), Err(LocatorError), "{text:?}");
        }
    }

    #[test]
    fn a_locator_without_a_socket_means_every_such_device() {
        let locator = |text: &str| text.parse::<Locator>().unwrap();
        let device = locator("05ba:000a@1-2");
        assert!(locator("05ba:000a").means(&device));
        assert!(locator("05ba:000a@1-2").means(&device));
        assert!(!locator("05ba:000a@1-3").means(&device));
        assert!(!locator("05ba:0007@1-2").means(&device));
    }
}
