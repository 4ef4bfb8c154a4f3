//! The fingerprint engine: extraction, quality, comparison.
#![forbid(unsafe_code)]
