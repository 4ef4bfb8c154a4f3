//! Extraction: no image is too odd for it.

use std::f32::consts::TAU;

use negin_fingerprint::Image;
use negin_recognition::compare;

/// Pixels at 500 dpi of an image that is still looked at: more of them only take longer.
const MOST: u32 = 160_000;

/// An image: width and height in pixels, 16 bit each, most significant first; dots an inch, likewise; then the pixels,
/// said again and again until it is full. What is extracted from it lies in it, has values the formats can hold, and
/// compares with itself.
pub fn extract(bytes: &[u8]) {
    let Some((head, said)) = bytes.split_first_chunk::<6>() else {
        return;
    };
    let number = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
    let (width, height, dpi) = (u32::from(number(0)), u32::from(number(2)), number(4));
    let size = u64::from(width) * u64::from(height) * 500 * 500;
    if said.is_empty()
        || size > u64::from(MOST) * u64::from(dpi).pow(2)
        || width * height > 4 * MOST
    {
        return;
    }
    let pixels = said.iter().copied().cycle().take((width * height) as usize);
    let Ok(image) = Image::new(width, height, dpi, pixels.collect()) else {
        return;
    };
    let Ok(found) = negin_recognition::extract(&image) else {
        return;
    };
    let template = &found.template;
    assert!(found.quality <= 100 && template.quality == found.quality);
    assert!((4..=100).contains(&template.minutiae.len()));
    for m in &template.minutiae {
        assert!((0.0..template.width as f32).contains(&m.x), "{}", m.x);
        assert!((0.0..template.height as f32).contains(&m.y), "{}", m.y);
        assert!((0.0..TAU).contains(&m.angle) && (1..=100).contains(&m.quality));
    }
    let score = compare(template, template).score;
    assert!((0.0..=1000.0).contains(&score), "{score}");
}
