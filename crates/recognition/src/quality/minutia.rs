//! How far to trust a minutia: the chance that it is real.
//!
//! Calibrated on synthetic prints, whose true minutiae are known: the example `reliability` of `firmware-sim` shows how
//! often minutiae of each quality are real. It is to be run whenever extraction changes.

/// What was measured: of minutiae of this evidence, so many per cent are real. In between, in proportion.
const REAL: [(f32, f32); 9] = [
    (5.0, 10.0),
    (30.0, 17.0),
    (43.0, 26.0),
    (53.0, 38.0),
    (63.0, 54.0),
    (73.0, 71.0),
    (83.0, 81.0),
    (93.0, 90.0),
    (100.0, 96.0),
];

/// The chance that a minutia is real, in per cent, 10 to 96: by how clearly the ridges show at its place, and how much
/// those around agree on their direction, both 0 to 1.
pub(crate) fn of_minutia(clarity: f32, coherence: f32) -> u8 {
    let clear = ((clarity - 0.35) / 0.55).clamp(0.0, 1.0);
    let evidence = 100.0 * clear * (0.4 + 0.6 * coherence.clamp(0.0, 1.0));
    between(evidence, REAL).round() as u8
}

/// The evidence behind a quality, 0 to 100: what a comparison weighs minutiae by. Between two doubtful minutiae it makes
/// less of a difference than the chance does.
pub(crate) fn evidence(quality: u8) -> f32 {
    between(
        f32::from(quality),
        REAL.map(|(evidence, chance)| (chance, evidence)),
    )
}

/// The second value that belongs to a first one, in proportion between those given, which rise.
fn between(value: f32, points: [(f32, f32); 9]) -> f32 {
    let mut found = points[0].1;
    for pair in points.windows(2) {
        let ((from, low), (to, high)) = (pair[0], pair[1]);
        if value > from {
            found = low + (high - low) * ((value - from) / (to - from)).min(1.0);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_evidence_is_never_less_trusted() {
        let mut last = 0;
        for step in 0..=1000 {
            let quality = of_minutia(step as f32 / 1000.0, 0.9);
            assert!(quality >= last, "{step}");
            last = quality;
        }
        assert_eq!((of_minutia(0.0, 0.0), of_minutia(1.0, 1.0)), (10, 96));
        assert_eq!(
            (evidence(10), evidence(54), evidence(96)),
            (5.0, 63.0, 100.0)
        );
    }
}
