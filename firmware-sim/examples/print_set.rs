//! Writes a set of synthetic prints as the FVC competitions name theirs, for `negin finger bench`:
//!
//! ```text
//! cargo run -p negin-firmware-sim --example print_set -- DIR FINGERS IMPRESSIONS SEED random|good
//! ```
#![forbid(unsafe_code)]

use negin_firmware_sim::finger::{Finger, Pressing};
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, fingers, impressions, seed, way] = &arguments[..] else {
        return Err("usage: print_set DIR FINGERS IMPRESSIONS SEED random|good".into());
    };
    let (folder, seed) = (PathBuf::from(folder), seed.parse::<u64>()?);
    let (fingers, impressions) = (fingers.parse::<u64>()?, impressions.parse::<u64>()?);
    let pressing = match way.as_str() {
        "random" => Pressing::random,
        "good" => Pressing::good,
        other => return Err(format!("'{other}' is neither random nor good").into()),
    };
    std::fs::create_dir_all(&folder)?;
    for number in 0..fingers {
        let finger = Finger::from_seed(seed.wrapping_add(number));
        for n in 0..impressions {
            let pressing = pressing(seed.wrapping_add(number * impressions + n));
            let file = format!("{}_{}.png", number + 1, n + 1);
            finger
                .impression(&pressing)
                .image
                .save_png(folder.join(file))?;
        }
    }
    Ok(())
}
