//! Randomness for the program: the operating system's, handed inward from here.

use rand::TryRng;
use rand::rngs::SysRng;

/// Fills `bytes` with the operating system's random bytes.
///
/// # Panics
/// Where the operating system has none to give: no key or challenge may then be made.
pub fn fill(bytes: &mut [u8]) {
    if let Err(error) = SysRng.try_fill_bytes(bytes) {
        panic!("the operating system gives no random bytes: {error}");
    }
}
