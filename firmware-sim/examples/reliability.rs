//! How often minutiae of each quality are real, on synthetic prints, whose true minutiae are known:
//! `cargo run --release --example reliability -- [FINGERS]`
//!
//! Ten impressions of every finger, pressed as people press without help. A minutia is real when a true one lies within
//! half a millimetre and is turned by no more than half a radian. What `negin_recognition` makes of the evidence for a
//! minutia (`quality/minutia.rs`) should bring both columns together.

use negin_fingerprint::{Minutia, angle_difference};
use negin_firmware_sim::finger::{Finger, Pressing};
use negin_recognition::extract;
use rayon::prelude::*;

/// Seeds of the fingers start here, far from those the tests, the thresholds and the demonstration use.
const FIRST_FINGER: u64 = 5_000_000;

const IMPRESSIONS: u64 = 10;

fn main() {
    let fingers: u64 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(80);
    let found: Vec<(u8, bool)> = (0..fingers)
        .into_par_iter()
        .flat_map_iter(of_finger)
        .collect();
    println!("{fingers} fingers, {} minutiae", found.len());
    println!("quality   minutiae  quality, mean  real, per cent");
    let mut off = 0.0;
    for low in (0..100).step_by(10) {
        let bin: Vec<_> = found
            .iter()
            .filter(|(quality, _)| (low + 1..=low + 10).contains(quality))
            .collect();
        if bin.is_empty() {
            continue;
        }
        let count = bin.len() as f64;
        let mean = bin.iter().map(|(q, _)| f64::from(*q)).sum::<f64>() / count;
        let real = 100.0 * bin.iter().filter(|(_, real)| *real).count() as f64 / count;
        off += count * (mean - real).abs() / found.len() as f64;
        println!(
            "{:3} to {:3} {count:9} {mean:14.1} {real:15.1}",
            low + 1,
            low + 10
        );
    }
    println!("off by {off:.1} on the mean");
}

/// Quality of each minutia found of a finger, and whether it is real.
fn of_finger(index: u64) -> Vec<(u8, bool)> {
    let finger = Finger::from_seed(FIRST_FINGER + index);
    let mut found = Vec::new();
    for pressing in 0..IMPRESSIONS {
        let impression = finger.impression(&Pressing::random(1000 * index + pressing));
        let Ok(extraction) = extract(&impression.image) else {
            continue;
        };
        let real = |m: &Minutia| {
            impression.minutiae.iter().any(|truth| {
                (m.x - truth.x).hypot(m.y - truth.y) < 10.0
                    && angle_difference(m.angle, truth.angle).abs() < 0.5
            })
        };
        let minutiae = extraction.template.minutiae.iter();
        found.extend(minutiae.map(|m| (m.quality, real(m))));
    }
    found
}
