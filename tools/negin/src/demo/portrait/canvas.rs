//! Painting with shapes that are functions: negative inside, positive outside.

/// Shapes are looked for in squares of this side, px.
const TILE: u32 = 16;

/// A colour: red, green, blue, 0..1.
pub type Colour = [f32; 3];

/// A picture being painted.
pub struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<Colour>,
}

impl Canvas {
    /// A canvas of `width` × `height` px, each of the colour that `colour(x, y)` gives.
    pub fn new(width: u32, height: u32, colour: impl Fn(f32, f32) -> Colour) -> Self {
        let pixels = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x as f32, y as f32)))
            .map(|(x, y)| colour(x, y))
            .collect();
        Self {
            width,
            height,
            pixels,
        }
    }

    /// Paints `shape` with `colour`, its edge `soft` px wide.
    pub fn paint(
        &mut self,
        shape: impl Fn(f32, f32) -> f32,
        soft: f32,
        colour: impl Fn(f32, f32) -> Colour,
    ) {
        self.glaze(shape, soft, |_, _| 1.0, colour);
    }

    /// Paints `shape` with `colour`, as opaque at each point as `opacity` says.
    pub fn glaze(
        &mut self,
        shape: impl Fn(f32, f32) -> f32,
        soft: f32,
        opacity: impl Fn(f32, f32) -> f32,
        colour: impl Fn(f32, f32) -> Colour,
    ) {
        for top in (0..self.height).step_by(TILE as usize) {
            for left in (0..self.width).step_by(TILE as usize) {
                let middle = (
                    left as f32 + 0.5 * TILE as f32,
                    top as f32 + 0.5 * TILE as f32,
                );
                if distance(&shape, middle.0, middle.1) > 1.5 * TILE as f32 + soft {
                    continue;
                }
                for y in top..(top + TILE).min(self.height) {
                    for x in left..(left + TILE).min(self.width) {
                        self.glaze_pixel(x, y, &shape, soft, &opacity, &colour);
                    }
                }
            }
        }
    }

    fn glaze_pixel(
        &mut self,
        x: u32,
        y: u32,
        shape: &impl Fn(f32, f32) -> f32,
        soft: f32,
        opacity: &impl Fn(f32, f32) -> f32,
        colour: &impl Fn(f32, f32) -> Colour,
    ) {
        let (fx, fy) = (x as f32, y as f32);
        let soft = soft.max(1.0);
        let cover = smooth((0.5 * soft - distance(shape, fx, fy)) / soft);
        if cover > 0.0 {
            let share = cover * opacity(fx, fy).clamp(0.0, 1.0);
            let pixel = &mut self.pixels[(y * self.width + x) as usize];
            *pixel = mix(*pixel, colour(fx, fy), share);
        }
    }

    /// The picture as eight-bit RGB, with `grain` (0..1) added where `noise(x, y)` (−1..1) says.
    pub fn develop(&self, grain: f32, noise: impl Fn(f32, f32) -> f32) -> image::RgbImage {
        image::RgbImage::from_fn(self.width, self.height, |x, y| {
            let pixel = self.pixels[(y * self.width + x) as usize];
            let add = grain * noise(x as f32, y as f32);
            image::Rgb(pixel.map(|value| ((value + add).clamp(0.0, 1.0) * 255.0 + 0.5) as u8))
        })
    }
}

/// About how far a point lies outside a shape, px, whatever the rate at which its function grows;
/// rather less than more.
fn distance(shape: impl Fn(f32, f32) -> f32, x: f32, y: f32) -> f32 {
    let here = shape(x, y);
    let (dx, dy) = (shape(x + 0.5, y) - here, shape(x, y + 0.5) - here);
    let rate = 2.0 * (dx * dx + dy * dy).sqrt();
    here / rate.max(1e-6)
}

/// From `a` to `b` by `share`.
pub fn mix(a: Colour, b: Colour, share: f32) -> Colour {
    [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * share)
}

/// A colour made lighter (above 1) or darker.
pub fn lit(colour: Colour, light: f32) -> Colour {
    colour.map(|value| value * light)
}

/// 0 below 0, 1 above 1, smooth between.
pub fn smooth(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// An ellipse, or with an `exponent` above 2 a rounder box.
pub fn oval(cx: f32, cy: f32, rx: f32, ry: f32, exponent: f32) -> impl Fn(f32, f32) -> f32 {
    move |x, y| ((x - cx).abs() / rx).powf(exponent) + ((y - cy).abs() / ry).powf(exponent) - 1.0
}

/// A bent stroke from (x0, y0) through (x1, y1) to (x2, y2), thickest (`half` px to each side) at
/// `thick` (0..1) of its length and thinning towards its ends.
pub fn stroke(points: [(f32, f32); 3], half: f32, thick: f32) -> impl Fn(f32, f32) -> f32 {
    const STEPS: usize = 24;
    let [a, b, c] = points;
    let curve: Vec<(f32, f32, f32)> = (0..=STEPS)
        .map(|i| {
            let t = i as f32 / STEPS as f32;
            let (u, v, w) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
            let taper = if t < thick {
                t / thick
            } else {
                (1.0 - t) / (1.0 - thick)
            };
            let x = u * a.0 + v * b.0 + w * c.0;
            let y = u * a.1 + v * b.1 + w * c.1;
            (x, y, half * taper.max(0.0).sqrt())
        })
        .collect();
    move |x, y| {
        curve
            .iter()
            .map(|&(cx, cy, r)| ((x - cx).powi(2) + (y - cy).powi(2)).sqrt() - r)
            .fold(f32::INFINITY, f32::min)
    }
}

/// Smooth noise, −1..1, with bumps about `cell` px wide; the seed decides which.
pub fn noise(seed: u32, cell: f32) -> impl Fn(f32, f32) -> f32 {
    let corner = move |x: i32, y: i32| {
        let mut h =
            seed ^ (x as u32).wrapping_mul(0x85EB_CA6B) ^ (y as u32).wrapping_mul(0xC2B2_AE35);
        h = (h ^ (h >> 16)).wrapping_mul(0x7FEB_352D);
        h = (h ^ (h >> 15)).wrapping_mul(0x846C_A68B);
        (h ^ (h >> 16)) as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    move |x, y| {
        let (x, y) = (x / cell, y / cell);
        let (x0, y0) = (x.floor(), y.floor());
        let (fx, fy) = (smooth(x - x0), smooth(y - y0));
        let (x0, y0) = (x0 as i32, y0 as i32);
        let top = corner(x0, y0) * (1.0 - fx) + corner(x0 + 1, y0) * fx;
        let low = corner(x0, y0 + 1) * (1.0 - fx) + corner(x0 + 1, y0 + 1) * fx;
        top * (1.0 - fy) + low * fy
    }
}
