//! Where the card's window of 25.5 mm lies on a larger image.

use crate::Minutia;

/// The upper left corner of the `side` × `side` window (pixels) that holds the most quality.
///
/// (0, 0) when everything fits in the window at the origin. Among equal windows the first found wins, in
/// ascending order of y, then x, of the minutiae that bound it.
pub(crate) fn place(minutiae: &[Minutia], side: f32) -> (f32, f32) {
    if minutiae.iter().all(|m| m.x <= side && m.y <= side) {
        return (0.0, 0.0);
    }
    let weight = |m: &Minutia| u32::from(m.quality).max(1);
    let mut by_x: Vec<&Minutia> = minutiae.iter().collect();
    by_x.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let mut tops: Vec<f32> = minutiae.iter().map(|m| m.y).collect();
    tops.sort_by(f32::total_cmp);
    let (mut best, mut corner) = (0u32, (0.0, 0.0));
    for top in tops {
        let band: Vec<&&Minutia> = by_x
            .iter()
            .filter(|m| m.y >= top && m.y - top <= side)
            .collect();
        let (mut end, mut sum) = (0, 0u32);
        for (start, first) in band.iter().enumerate() {
            while end < band.len() && band[end].x - first.x <= side {
                sum += weight(band[end]);
                end += 1;
            }
            if sum > best {
                (best, corner) = (sum, (first.x, top));
            }
            sum -= weight(band[start]);
        }
    }
    corner
}

#[cfg(test)]
mod tests {
    use super::place;
    use crate::Minutia;

    fn at(x: f32, y: f32, quality: u8) -> Minutia {
        Minutia {
            x,
            y,
            quality,
            ..Minutia::default()
        }
    }

    #[test]
    fn the_window_follows_the_quality() {
        assert_eq!(
            place(&[at(10.0, 10.0, 1), at(90.0, 99.0, 1)], 100.0),
            (0.0, 0.0)
        );
        let two_heaps = [
            at(10.0, 10.0, 50),
            at(20.0, 15.0, 50),
            at(300.0, 400.0, 90),
            at(390.0, 420.0, 60),
        ];
        assert_eq!(place(&two_heaps, 100.0), (300.0, 400.0));
        let lighter = [at(10.0, 10.0, 50), at(20.0, 15.0, 50), at(300.0, 400.0, 90)];
        assert_eq!(place(&lighter, 100.0), (10.0, 10.0));
    }
}
