//! Chance that is the same on every machine: a SplitMix64 stream (Steele, Lea and Flood,
//! OOPSLA 2014) and smooth lattice noise drawn from it. Integer arithmetic and the exactly
//! rounded float operations only.

/// A stream of random numbers, one for each purpose, so that a change in how one is used
/// leaves the others as they are.
#[derive(Clone, Debug)]
pub(crate) struct Stream(u64);

impl Stream {
    /// The stream of `seed` for `purpose`.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        let mut stream = Self(seed ^ purpose.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        stream.0 = stream.bits() ^ purpose;
        stream
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// Uniform in [`low`, `high`).
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Near normal, mean 0, standard deviation 1, never beyond ±3.5: the sum of four
    /// uniform 16-bit numbers.
    pub(crate) fn normal(&mut self) -> f32 {
        let bits = self.bits();
        let sum = (0..4).map(|i| (bits >> (16 * i)) & 0xFFFF).sum::<u64>();
        (sum as f32 / 65_536.0 - 2.0) * 1.732_050_8
    }

    /// An index below `n` (0 where `n` is 0).
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (((self.bits() >> 32) * n as u64) >> 32) as usize
    }
}

/// Smooth noise over a plane: near-normal values on a square lattice, blended between.
#[derive(Clone, Debug)]
pub(crate) struct LatticeNoise {
    columns: usize,
    rows: usize,
    per_px: f32,
    values: Vec<f32>,
}

impl LatticeNoise {
    /// Noise over `width` × `height` px whose bumps are about `cell` px wide.
    pub(crate) fn new(stream: &mut Stream, width: usize, height: usize, cell: f32) -> Self {
        let columns = (width as f32 / cell) as usize + 2;
        let rows = (height as f32 / cell) as usize + 2;
        let values = (0..columns * rows).map(|_| stream.normal()).collect();
        Self {
            columns,
            rows,
            per_px: 1.0 / cell,
            values,
        }
    }

    /// The noise at a point: mean 0, about ±1, never beyond ±3.5. Outside, the edge's value.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let (x0, fx) = split(x * self.per_px, self.columns);
        let (y0, fy) = split(y * self.per_px, self.rows);
        let row = &self.values[y0 * self.columns + x0..];
        let below = &self.values[(y0 + 1) * self.columns + x0..];
        let top = row[0] + (row[1] - row[0]) * fx;
        let bottom = below[0] + (below[1] - below[0]) * fx;
        top + (bottom - top) * fy
    }
}

/// The lattice line at or before `position`, and the smoothed way to the next.
fn split(position: f32, lines: usize) -> (usize, f32) {
    let clamped = position.clamp(0.0, (lines - 1) as f32 - 1e-3);
    let whole = clamped as usize;
    let part = clamped - whole as f32;
    (whole, part * part * (3.0 - 2.0 * part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_one_seed_and_different_purposes_differ() {
        let draw = |purpose| Stream::new(7, purpose).bits();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn normal_has_mean_0_and_deviation_1() {
        let mut stream = Stream::new(1, 1);
        let draws: Vec<f32> = (0..20_000).map(|_| stream.normal()).collect();
        let mean = draws.iter().sum::<f32>() / draws.len() as f32;
        let variance = draws.iter().map(|d| d * d).sum::<f32>() / draws.len() as f32;
        assert!(mean.abs() < 0.03, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.05, "variance {variance}");
    }

    #[test]
    fn lattice_noise_is_continuous() {
        let noise = LatticeNoise::new(&mut Stream::new(3, 3), 100, 100, 10.0);
        for i in 0..980 {
            let x = i as f32 / 10.0;
            assert!((noise.at(x, 33.3) - noise.at(x + 0.1, 33.3)).abs() < 0.2);
        }
    }
}
