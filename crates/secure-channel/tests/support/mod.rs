//! What several tests share.
#![allow(dead_code, unreachable_pub, reason = "each test takes a part")]

pub mod card;
pub mod peer;
