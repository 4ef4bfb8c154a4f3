//! Where a face's parts lie.

use super::person::Person;

/// Height of the eyes.
pub fn eyes_y(p: &Person) -> f32 {
    p.y - 4.0
}

/// Height of the mouth.
pub fn mouth_y(p: &Person) -> f32 {
    eyes_y(p) + p.nose_length + 0.235 * p.half_height
}

/// The outline of the face: round above, narrowing to the chin below.
pub fn outline(p: &Person) -> impl Fn(f32, f32) -> f32 + use<> {
    let (cx, cy, w, h, jaw) = (p.x, p.y, p.half_width, p.half_height, p.jaw);
    move |x, y| {
        let (u, v) = ((x - cx).abs() / w, (y - cy) / h);
        let exponent = if v > 0.0 { jaw } else { 2.0 };
        u.powf(2.15) + v.abs().powf(exponent) - 1.0
    }
}
