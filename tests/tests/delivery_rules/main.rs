//! The rules of delivery, each with the ways around it, tried through the host's rooms on a card that was personalised
//! the usual way. Scenarios are named after the rules in the architecture's chapter 'Delivery'.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

mod persons;
mod record;
mod session;
mod states;
mod support;
