//! The card's rules as scenarios.

mod bench;
mod life;
