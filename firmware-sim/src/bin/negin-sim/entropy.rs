//! Where simulated cards get their randomness from: the operating system, or a seed.

use negin_firmware_sim::bus::ifd::Entropy;
use rand::TryRng;
use rand::rngs::SysRng;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// The operating system's randomness, or that of a seed.
pub fn source(seed: Option<u64>) -> Entropy {
    match seed {
        Some(seed) => {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            Box::new(move |bytes| rng.fill_bytes(bytes))
        }
        None => Box::new(|bytes| {
            if let Err(error) = SysRng.try_fill_bytes(bytes) {
                // A card without randomness would repeat its challenges.
                panic!("the operating system gives no random bytes: {error}");
            }
        }),
    }
}
