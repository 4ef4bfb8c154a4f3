//! The card's rules as scenarios.

mod administration;
mod administration_damage;
mod administration_power;
mod antenna;
mod bench;
mod delivery;
mod domain;
mod extension;
mod files;
mod holder;
mod key_algorithms;
mod key_origins;
mod keys;
mod life;
mod messaging;
mod noise;
mod objects;
mod pin_pad;
mod pin_policy;
mod power;
mod probes;
mod state;
mod wire;
