//! Secure channels with a card, both ends of each: SCP03 and key diversification.
#![forbid(unsafe_code)]
