//! Resampling: a separable cubic kernel, widened when the image shrinks so that ridges do not alias.

use zeroize::Zeroizing;

/// The Catmull-Rom kernel (a = -1/2), support 2.
fn kernel(t: f32) -> f32 {
    let t = t.abs();
    if t < 1.0 {
        (1.5 * t - 2.5) * t * t + 1.0
    } else if t < 2.0 {
        ((-0.5 * t + 2.5) * t - 4.0) * t + 2.0
    } else {
        0.0
    }
}

/// For each output sample the first input sample it uses and the weights from there on, summing to 1.
fn taps(input: usize, output: usize, ratio: f32) -> Vec<(usize, Vec<f32>)> {
    let widen = ratio.max(1.0);
    let reach = 2.0 * widen;
    (0..output)
        .map(|i| {
            let centre = (i as f32 + 0.5) * ratio - 0.5;
            let last = input - 1;
            let low = (centre - reach).ceil().clamp(0.0, last as f32) as usize;
            let high = (centre + reach).floor().clamp(low as f32, last as f32) as usize;
            let mut weights: Vec<f32> = (low..=high)
                .map(|j| kernel((j as f32 - centre) / widen))
                .collect();
            let sum: f32 = weights.iter().sum();
            if sum.abs() > 1e-6 {
                weights.iter_mut().for_each(|weight| *weight /= sum);
            } else {
                weights.iter_mut().for_each(|weight| *weight = 0.0);
                weights[0] = 1.0;
            }
            (low, weights)
        })
        .collect()
}

/// `pixels` of size `from` (width, height) at `ratio` input pixels for an output pixel, as an image of size `to`.
pub(crate) fn resample(
    pixels: &[u8],
    from: (usize, usize),
    to: (usize, usize),
    ratio: f32,
) -> Vec<u8> {
    let across = taps(from.0, to.0, ratio);
    let down = taps(from.1, to.1, ratio);
    let mut rows = Zeroizing::new(vec![0f32; to.0 * from.1]);
    for y in 0..from.1 {
        let row = &pixels[y * from.0..(y + 1) * from.0];
        for (x, (low, weights)) in across.iter().enumerate() {
            rows[y * to.0 + x] = weights
                .iter()
                .zip(&row[*low..])
                .map(|(w, &p)| w * f32::from(p))
                .sum();
        }
    }
    let mut out = vec![0u8; to.0 * to.1];
    for (y, (low, weights)) in down.iter().enumerate() {
        for x in 0..to.0 {
            let sum: f32 = weights
                .iter()
                .enumerate()
                .map(|(k, w)| w * rows[(low + k) * to.0 + x])
                .sum();
            out[y * to.0 + x] = sum.round().clamp(0.0, 255.0) as u8;
        }
    }
    out
}
