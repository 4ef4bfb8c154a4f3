//! Extracted minutiae lie on no grid: an extractor that works in blocks leaves its blocks in where minutiae lie and which
//! way they look. `examples/density` shows the same over a thousand prints.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use negin_firmware_sim::finger::{Finger, Pressing};
use negin_recognition::bench::{PrintStatistics, spectrum, turns};
use rayon::prelude::*;

const FINGERS: u64 = 20;
const IMPRESSIONS: u64 = 5;

fn prints() -> Vec<PrintStatistics> {
    let of_finger = |finger: u64| -> Vec<PrintStatistics> {
        let grown = Finger::from_seed(7_000 + finger);
        (0..IMPRESSIONS)
            .filter_map(|n| {
                let pressing = Pressing::random(finger * IMPRESSIONS + n);
                PrintStatistics::of(&grown.impression(&pressing).image).ok()
            })
            .collect()
    };
    (0..FINGERS).into_par_iter().flat_map(of_finger).collect()
}

#[test]
fn minutiae_lie_on_no_grid_and_look_in_no_steps() {
    let prints = prints();
    assert!(prints.len() as u64 >= FINGERS * IMPRESSIONS * 9 / 10);
    let minutiae: Vec<_> = prints.iter().flat_map(|it| &it.template.minutiae).collect();
    assert!(minutiae.len() > 2500, "{}", minutiae.len());
    let on_image = |snap: &dyn Fn(usize, f32) -> f32| {
        let places = minutiae.iter().enumerate();
        spectrum(places.map(|(i, m)| (snap(i, m.x), m.y)), 300.0, 400.0)
    };
    let in_engine = |snap: &dyn Fn(usize, f32) -> f32| {
        let places = prints.iter().flat_map(|it| &it.inner).enumerate();
        spectrum(places.map(|(i, at)| (at.0, snap(i, at.1))), 256.0, 320.0)
    };
    let directions = |snap: &dyn Fn(usize, f32) -> f32| {
        turns(minutiae.iter().enumerate().map(|(i, m)| snap(i, m.angle)))
    };
    let as_they_are = |_: usize, value: f32| value;
    for (name, found) in [
        ("on the image", on_image(&as_they_are)),
        ("in the engine's scale", in_engine(&as_they_are)),
        ("directions", directions(&as_they_are)),
    ] {
        println!(
            "{name}: highest power {:.1} at {:.1?}, bound {:.1}",
            found.peak, found.peak_at, found.bound
        );
        assert!(
            found.peak < found.bound,
            "{name}: {} at {:?}",
            found.peak,
            found.peak_at
        );
    }
    // One minutia in four on the lines of a grid, or looking in one of 32 directions, would be found.
    let stepped = |step: f32| {
        move |i: usize, value: f32| match i % 4 {
            0 => (value / step).round() * step,
            _ => value,
        }
    };
    for step in [4.0, 8.0, 16.0] {
        for found in [on_image(&stepped(step)), in_engine(&stepped(step))] {
            assert!(found.peak > found.bound, "a grid of {step}: {}", found.peak);
        }
    }
    let found = directions(&stepped(std::f32::consts::TAU / 32.0));
    assert!(found.peak > found.bound, "{}", found.peak);
}
