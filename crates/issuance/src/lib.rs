//! Records, quality control, profiles, personalisation and delivery.
#![forbid(unsafe_code)]
