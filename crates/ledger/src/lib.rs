//! What was done to whom: append-only signed chains, one a seat.
#![forbid(unsafe_code)]
