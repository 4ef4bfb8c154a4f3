//! The card's rules as scenarios.

mod antenna;
mod bench;
mod delivery;
mod domain;
mod files;
mod holder;
mod keys;
mod life;
mod noise;
mod objects;
mod pin_pad;
mod power;
mod state;
mod wire;
