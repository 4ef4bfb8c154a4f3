//! A card as bytes: what a `.card` file holds.
//!
//! Layout: magic `NEGINCARD` (9), version (2, big-endian), number of pages (4, big-endian), the pages, SHA-256 of all
//! before it (32). What was written by any release can be read by later ones: a version's layout never changes.

use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};

use super::memory::Memory;
use super::nvm::{MemoryNvm, Nvm, PAGE};
use super::system::Card;
use crate::Error;

const MAGIC: &[u8; 9] = b"NEGINCARD";
const VERSION: u16 = 1;
const HEADER: usize = 9 + 2 + 4;
const SUM: usize = 32;

impl Card {
    /// The card's lasting state, whether it has power or not. It holds the card's keys in the clear, as the chip does.
    pub fn state_bytes(&mut self) -> Vec<u8> {
        let image = self.memory.image();
        let mut bytes = Vec::with_capacity(HEADER + image.len() + SUM);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        bytes.extend_from_slice(&((image.len() / PAGE) as u32).to_be_bytes());
        bytes.extend_from_slice(&image);
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
        bytes
    }

    /// The card whose state these bytes are, without power. What it draws later comes from `entropy`.
    ///
    /// # Errors
    /// [`Error::NotACard`], [`Error::CardStateVersion`], [`Error::CardStateDamaged`].
    pub fn from_state_bytes(bytes: &[u8], entropy: ChaCha20Rng) -> Result<Self, Error> {
        Self::from_state_bytes_in(bytes, entropy, |nvm| Box::new(nvm))
    }

    /// As [`Card::from_state_bytes`], with `place` putting the memory where it shall be: behind what cuts its power,
    /// for instance.
    ///
    /// # Errors
    /// As [`Card::from_state_bytes`].
    pub fn from_state_bytes_in(
        bytes: &[u8],
        entropy: ChaCha20Rng,
        place: impl FnOnce(MemoryNvm) -> Box<dyn Nvm + Send>,
    ) -> Result<Self, Error> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Error::NotACard)?;
        let (version, rest) = rest
            .split_first_chunk::<2>()
            .ok_or(Error::CardStateDamaged)?;
        match u16::from_be_bytes(*version) {
            VERSION => {}
            other => return Err(Error::CardStateVersion(other)),
        }
        let (pages, rest) = rest
            .split_first_chunk::<4>()
            .ok_or(Error::CardStateDamaged)?;
        let (image, sum) = rest
            .split_last_chunk::<SUM>()
            .ok_or(Error::CardStateDamaged)?;
        let length = (u32::from_be_bytes(*pages) as usize).checked_mul(PAGE);
        let whole = Sha256::digest(&bytes[..bytes.len() - SUM]);
        if length != Some(image.len()) || whole[..] != sum[..] {
            return Err(Error::CardStateDamaged);
        }
        let mut memory = Memory::over(Box::new(MemoryNvm::from_image(image)));
        memory.power_on().map_err(|_| Error::CardStateDamaged)?;
        memory
            .life()
            .and(memory.chip())
            .map_err(|_| Error::CardStateDamaged)?;
        Ok(Self::new(place(MemoryNvm::from_image(image)), entropy))
    }
}
