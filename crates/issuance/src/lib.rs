//! Records, quality control, profiles, personalisation and delivery.
#![forbid(unsafe_code)]

pub mod check;
mod fault;
pub mod finding;
mod json;
pub mod order;
pub mod profile;
pub mod record;
pub mod schema;
