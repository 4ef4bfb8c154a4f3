//! Certificates and signed objects: made, verified, tampered with, and put before OpenSSL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod certificates;
mod messaging;
mod openssl;
mod signed_objects;
mod world;
