//! Fingerprint scanners: addresses, the registry of backends, image folders.
#![forbid(unsafe_code)]
