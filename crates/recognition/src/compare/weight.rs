//! How far each minutia of a template counts.
//!
//! Beside the others of its own template, not by a measure for all: on one sensor every minutia looks doubtful, on
//! another none does, and a score has to mean the same on both. What is told of its quality counts, and how far it
//! stands from the next one: of minutiae in a crowd each tells little that its neighbours do not, and many are noise.
//! A format without qualities leaves the second alone, which then counts in full.

use negin_fingerprint::Minutia;
use zeroize::Zeroizing;

use super::alignment::Point;
use crate::quality;

/// What standing apart may make of a weight, at least and at most.
const APART: (f32, f32) = (0.25, 2.0);

/// Sets the weight of every point, each made of the minutia at its place.
pub(super) fn weigh(points: &mut [Point], minutiae: &[Minutia]) {
    let each = (0..points.len()).map(|i| nearest(points, i).unwrap_or(0.0));
    let nearest: Zeroizing<Vec<f32>> = Zeroizing::new(each.collect());
    let mut sorted = nearest.clone();
    sorted.sort_unstable_by(f32::total_cmp);
    let middling = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let apart = nearest.iter().map(|distance| {
        let share = if middling > 0.0 {
            (distance / middling).sqrt()
        } else {
            1.0
        };
        // The power of 3/4, by square roots alone, which round alike everywhere.
        (share * share.sqrt()).clamp(APART.0, APART.1)
    });
    let apart: Vec<Option<f32>> = apart.map(Some).collect();
    let apart = relative(&apart);
    let told = minutiae
        .iter()
        .map(|m| (m.quality != 0).then(|| quality::evidence(m.quality)));
    let told: Vec<Option<f32>> = told.take(points.len()).collect();
    let trusted = relative(&told);
    for (i, point) in points.iter_mut().enumerate() {
        point.weight = match told[i] {
            Some(_) => trusted[i] * apart[i].sqrt(),
            None => apart[i],
        };
    }
}

/// The distance to the next point.
fn nearest(points: &[Point], of: usize) -> Option<f32> {
    let others = points.iter().enumerate().filter(|(i, _)| *i != of);
    others
        .map(|(_, other)| points[of].square_distance(other))
        .min_by(f32::total_cmp)
        .map(f32::sqrt)
}

/// Values by their mean; 1 where there is none.
fn relative(values: &[Option<f32>]) -> Vec<f32> {
    let known = || values.iter().flatten();
    let mean = known().sum::<f32>() / known().count().max(1) as f32;
    let by_mean = |value: Option<f32>| value.filter(|_| mean > 0.0).map_or(1.0, |it| it / mean);
    values.iter().map(|value| by_mean(*value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use negin_fingerprint::{MinutiaKind, Template};

    fn weights(minutiae: &[(f32, f32, u8)]) -> Vec<f32> {
        let minutia = |&(x, y, quality): &(f32, f32, u8)| Minutia {
            x,
            y,
            angle: 1.0,
            kind: MinutiaKind::Ending,
            quality,
        };
        let minutiae = minutiae.iter().map(minutia).collect();
        let template = Template::new(400, 400, 0, minutiae);
        let points = Point::of_template(&template);
        points.iter().map(|point| point.weight).collect()
    }

    #[test]
    fn a_sensor_on_which_all_look_alike_weighs_them_alike() {
        let row =
            |quality| -> Vec<_> { (0..9).map(|i| (40.0 * i as f32, 50.0, quality)).collect() };
        for quality in [0, 12, 50, 96] {
            assert!(
                weights(&row(quality))
                    .iter()
                    .all(|w| (w - 1.0).abs() < 1e-5)
            );
        }
    }

    #[test]
    fn doubtful_and_crowded_ones_count_less() {
        let mut row: Vec<_> = (0..9).map(|i| (40.0 * i as f32, 50.0, 80)).collect();
        row[4].2 = 15;
        let found = weights(&row);
        assert!(found[4] < 0.5 * found[0]);
        row[4] = (2.0, 50.0, 80);
        let found = weights(&row);
        assert!(found[0] < 0.7 * found[8] && found[4] < 0.7 * found[8]);
        assert!(weights(&[(1.0, 1.0, 0)]) == [1.0] && weights(&[]).is_empty());
        assert!(weights(&[(7.0, 7.0, 0); 3]).iter().all(|w| *w == 1.0));
    }
}
