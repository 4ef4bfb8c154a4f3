//! Where the skin of a finger never touches a sensor: pores along its ridges, and creases.

use super::grid::Grid;
use super::random::Stream;

/// One pore in each square of this side, px, where a ridge is near.
const PORE_SPACING: usize = 7;
/// A crease takes all the ink away even where pores are closed by pressure.
const CREASE: f32 = 3.0;

/// The gaps of a finger with these ridges: 0 where skin touches, to 1 in a pore, above that in a
/// crease.
pub(crate) fn gaps(ridges: &Grid, stream: &mut Stream) -> Grid {
    let (width, height) = (ridges.width(), ridges.height());
    let mut gaps = Grid::from_fn(width, height, |_, _| 0.0);
    for y in (0..height).step_by(PORE_SPACING) {
        for x in (0..width).step_by(PORE_SPACING) {
            let start = (
                x + stream.below(PORE_SPACING),
                y + stream.below(PORE_SPACING),
            );
            let size = stream.between(0.9, 1.7);
            let open = stream.between(0.2, 1.0);
            let (x, y) = summit(ridges, start);
            if ridges.pixel(x, y) > 0.6 {
                dent(&mut gaps, (x, y), size, open);
            }
        }
    }
    for _ in 0..creases(stream) {
        crease(&mut gaps, stream);
    }
    gaps
}

/// Most fingers have none, some one to three.
fn creases(stream: &mut Stream) -> usize {
    stream.below(6).saturating_sub(2)
}

/// The highest point on the ridge near `from`.
fn summit(ridges: &Grid, mut from: (usize, usize)) -> (usize, usize) {
    for _ in 0..4 {
        let near = |d: usize, at: usize| (at + d).saturating_sub(1);
        let best = (0..9)
            .map(|i| (near(i % 3, from.0), near(i / 3, from.1)))
            .filter(|&(x, y)| x < ridges.width() && y < ridges.height())
            .max_by(|a, b| ridges.pixel(a.0, a.1).total_cmp(&ridges.pixel(b.0, b.1)));
        match best {
            Some(best) if best != from => from = best,
            _ => break,
        }
    }
    (
        from.0.min(ridges.width() - 1),
        from.1.min(ridges.height() - 1),
    )
}

fn dent(gaps: &mut Grid, (x, y): (usize, usize), size: f32, depth: f32) {
    for ny in y.saturating_sub(2)..(y + 3).min(gaps.height()) {
        for nx in x.saturating_sub(2)..(x + 3).min(gaps.width()) {
            let (dx, dy) = (nx as f32 - x as f32, ny as f32 - y as f32);
            let here = depth * (1.0 - (dx * dx + dy * dy) / (size * size)).max(0.0);
            let gap = gaps.pixel_mut(nx, ny);
            *gap = gap.max(here);
        }
    }
}

/// A slightly bent line of a width of its own, across the ridges more often than along.
fn crease(gaps: &mut Grid, stream: &mut Stream) {
    let (width, height) = (gaps.width() as f32, gaps.height() as f32);
    let mut x = width * stream.between(0.15, 0.7);
    let mut y = height * stream.between(0.2, 0.85);
    let mut angle = 0.5 * stream.normal();
    let bend = 0.004 * stream.normal();
    let half = stream.between(0.7, 2.0);
    for _ in 0..stream.between(50.0, 190.0) as usize {
        let reach = half as usize + 2;
        for ny in (y as usize).saturating_sub(reach)..(y as usize + reach + 1).min(gaps.height()) {
            for nx in (x as usize).saturating_sub(reach)..(x as usize + reach + 1).min(gaps.width())
            {
                let (dx, dy) = (nx as f32 - x, ny as f32 - y);
                let here = (half + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
                let gap = gaps.pixel_mut(nx, ny);
                *gap = gap.max(CREASE * here);
            }
        }
        x += libm::cosf(angle);
        y -= libm::sinf(angle);
        angle += bend;
        if x < 0.0 || y < 0.0 || x >= width || y >= height {
            break;
        }
    }
}
