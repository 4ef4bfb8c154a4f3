//! Backends by scheme.

use std::collections::BTreeMap;

use crate::Address;

/// One way of reaching devices of kind `D` (a reader, a scanner).
pub trait Backend<D: ?Sized>: Send + Sync {
    /// The scheme of the addresses this backend serves.
    fn scheme(&self) -> &'static str;

    /// The devices that are there now.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the system beneath does not answer, [`Error::Backend`] when it fails.
    fn list(&self) -> Result<Vec<Address>, Error>;

    /// Opens the device at `locator`.
    ///
    /// # Errors
    /// [`Error::NoSuchDevice`] when nothing is there, [`Error::Ambiguous`] when more than one device is meant,
    /// [`Error::Unavailable`] when the system beneath does not answer, [`Error::Denied`] and [`Error::Busy`] where it may
    /// not be used now, [`Error::Locked`] and [`Error::NoAnswer`] where the device itself does not let in or does not
    /// answer, [`Error::Backend`] when it cannot be opened for another reason.
    fn open(&self, locator: &str) -> Result<Box<D>, Error>;
}

/// Why a device could not be found or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No backend of this program serves the scheme.
    #[error("no backend serves '{scheme}:' addresses; this program knows {known}")]
    UnknownScheme {
        /// The scheme asked for.
        scheme: String,
        /// The schemes there are, separated by commas.
        known: String,
    },
    /// The backend knows no device of that name.
    #[error("there is no device {address}")]
    NoSuchDevice {
        /// The address asked for.
        address: Address,
    },
    /// Several devices go by that name.
    #[error("{address} may be any of: {}", .candidates.join(", "))]
    Ambiguous {
        /// The address asked for.
        address: Address,
        /// The locators of the devices it may be.
        candidates: Vec<String>,
    },
    /// The system's service for devices of this kind does not run, or does not let this program in.
    #[error("{address} cannot be reached: {reason}")]
    Unavailable {
        /// The address asked for.
        address: Address,
        /// What the system said, its code included.
        reason: String,
    },
    /// The device is there, and this person may not use it.
    #[error("{address} may not be used: {reason}")]
    Denied {
        /// The address asked for.
        address: Address,
        /// What the system said, and what would let the person in.
        reason: String,
    },
    /// The device is locked, and the password given is not its.
    #[error("{address} is locked: {reason}")]
    Locked {
        /// The address asked for.
        address: Address,
        /// What it said, and where the password is looked for.
        reason: String,
    },
    /// The line is there, and no device answers on it.
    #[error("nothing answers at {address}: {reason}")]
    NoAnswer {
        /// The address asked for.
        address: Address,
        /// What came instead.
        reason: String,
    },
    /// Another program holds the device.
    #[error("{address} is held by another program: {reason}")]
    Busy {
        /// The address asked for.
        address: Address,
        /// What the system said, its code included.
        reason: String,
    },
    /// The backend itself failed.
    #[error("{address} cannot be opened: {reason}")]
    Backend {
        /// The address asked for.
        address: Address,
        /// What the system said, its code included.
        reason: String,
    },
}

impl Error {
    /// Every key [`Error::key`] can give.
    pub const KEYS: &'static [&'static str] = &[
        "device.unknown-scheme",
        "device.no-such-device",
        "device.ambiguous",
        "device.unavailable",
        "device.denied",
        "device.locked",
        "device.no-answer",
        "device.busy",
        "device.backend",
    ];

    /// The stable key under which the texts for people are found.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::UnknownScheme { .. } => "device.unknown-scheme",
            Self::NoSuchDevice { .. } => "device.no-such-device",
            Self::Ambiguous { .. } => "device.ambiguous",
            Self::Unavailable { .. } => "device.unavailable",
            Self::Denied { .. } => "device.denied",
            Self::Locked { .. } => "device.locked",
            Self::NoAnswer { .. } => "device.no-answer",
            Self::Busy { .. } => "device.busy",
            Self::Backend { .. } => "device.backend",
        }
    }
}

/// The backends a program was built with.
pub struct Registry<D: ?Sized> {
    backends: BTreeMap<&'static str, Box<dyn Backend<D>>>,
}

impl<D: ?Sized> Default for Registry<D> {
    fn default() -> Self {
        Self {
            backends: BTreeMap::new(),
        }
    }
}

impl<D: ?Sized> Registry<D> {
    /// A registry with no backend.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a backend; the latest of one scheme is the one asked.
    pub fn register(&mut self, backend: impl Backend<D> + 'static) {
        self.backends.insert(backend.scheme(), Box::new(backend));
    }

    /// All devices of all backends, in the order of their schemes.
    ///
    /// # Errors
    /// The first backend's that fails.
    pub fn list(&self) -> Result<Vec<Address>, Error> {
        let mut all = Vec::new();
        for backend in self.backends.values() {
            all.extend(backend.list()?);
        }
        Ok(all)
    }

    /// Opens the device at `address`.
    ///
    /// # Errors
    /// [`Error::UnknownScheme`], or what the backend says.
    pub fn open(&self, address: &Address) -> Result<Box<D>, Error> {
        match self.backends.get(address.scheme()) {
            Some(backend) => backend.open(address.locator()),
            None => Err(Error::UnknownScheme {
                scheme: address.scheme().to_owned(),
                known: self.backends.keys().copied().collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bells;

    impl Backend<str> for Bells {
        fn scheme(&self) -> &'static str {
            "bell"
        }

        fn list(&self) -> Result<Vec<Address>, Error> {
            Ok(vec![Address::new("bell", "door")])
        }

        fn open(&self, locator: &str) -> Result<Box<str>, Error> {
            match locator {
                "door" => Ok("ding".into()),
                other => Err(Error::NoSuchDevice {
                    address: Address::new("bell", other),
                }),
            }
        }
    }

    #[test]
    fn an_address_reaches_the_backend_of_its_scheme() {
        let mut registry = Registry::new();
        registry.register(Bells);
        let listed = registry.list().unwrap();
        assert_eq!(&*registry.open(&listed[0]).unwrap(), "ding");
        let missing = registry.open(&Address::new("bell", "cellar")).unwrap_err();
        assert_eq!(missing.key(), "device.no-such-device");
        let unknown = registry.open(&Address::new("drum", "x")).unwrap_err();
        assert_eq!(unknown.key(), "device.unknown-scheme");
        assert!(unknown.to_string().contains("bell"));
    }
}
