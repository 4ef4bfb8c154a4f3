//! A face: skin, eyes, brows, nose, mouth.

use super::Look;
use super::canvas::{Canvas, lit, mix, noise, oval, stroke};
use super::layout::{eyes_y, mouth_y, outline};
use super::person::Person;

pub fn ears(canvas: &mut Canvas, p: &Person) {
    for side in [-1.0, 1.0] {
        let (x, y) = (p.x + side * (p.half_width + 1.0), eyes_y(p) + 24.0);
        let skin = p.skin;
        canvas.paint(oval(x, y, 13.0, 30.0, 2.2), 2.0, move |_, py| {
            lit(skin, 0.90 - 0.002 * (py - y).abs())
        });
        canvas.glaze(
            oval(x, y - 2.0, 6.0, 18.0, 2.0),
            7.0,
            |_, _| 0.45,
            move |_, _| lit(skin, 0.62),
        );
    }
}

pub fn face(canvas: &mut Canvas, p: &Person) {
    let skin = p.skin;
    let mottle = noise(p.grain ^ 1, 9.0);
    let (cx, cy) = (p.x, p.y);
    let blush = oval(0.0, cy + 34.0, 34.0, 24.0, 2.0);
    let person = p.clone();
    canvas.paint(outline(p), 2.0, move |x, y| {
        let base = lit(skin, light(&person, x, y) + 0.012 * mottle(x, y));
        let out = blush((x - cx).abs() - 56.0, y) + 1.0;
        mix(
            base,
            [0.80, 0.42, 0.36],
            0.10 * (1.0 - 0.6 * out).clamp(0.0, 1.0),
        )
    });
    // The hollows of the eyes, and the shadow under the lower lip.
    for side in [-1.0, 1.0] {
        let hollow = oval(cx + side * p.eye_apart, eyes_y(p) - 4.0, 34.0, 21.0, 2.0);
        canvas.glaze(hollow, 18.0, |_, _| 0.30, move |_, _| lit(skin, 0.70));
    }
    let under = oval(cx, mouth_y(p) + 22.0, 24.0, 6.0, 2.0);
    canvas.glaze(under, 8.0, |_, _| 0.28, move |_, _| lit(skin, 0.72));
    lines_of_age(canvas, p);
}

fn lines_of_age(canvas: &mut Canvas, p: &Person) {
    let (skin, wear) = (p.skin, p.wear);
    if wear < 0.2 {
        return;
    }
    for side in [-1.0, 1.0] {
        let nose = eyes_y(p) + p.nose_length;
        let fold = stroke(
            [
                (p.x + side * (p.nose_width + 5.0), nose - 4.0),
                (p.x + side * (p.nose_width + 17.0), nose + 10.0),
                (p.x + side * (p.mouth_width + 9.0), mouth_y(p) + 4.0),
            ],
            2.2,
            0.4,
        );
        canvas.glaze(
            fold,
            4.0,
            move |_, _| 0.5 * wear,
            move |_, _| lit(skin, 0.62),
        );
        let bag = stroke(
            [
                (p.x + side * (p.eye_apart - 16.0), eyes_y(p) + 14.0),
                (p.x + side * p.eye_apart, eyes_y(p) + 23.0),
                (p.x + side * (p.eye_apart + 17.0), eyes_y(p) + 14.0),
            ],
            1.8,
            0.5,
        );
        canvas.glaze(
            bag,
            4.0,
            move |_, _| 0.5 * wear,
            move |_, _| lit(skin, 0.66),
        );
    }
}

pub fn eye(canvas: &mut Canvas, p: &Person, side: f32) {
    let (x, y) = (p.x + side * p.eye_apart, eyes_y(p));
    let (w, open) = (p.eye_width, p.eye_open);
    // An almond: two arcs, the upper one higher.
    let almond = move |px: f32, py: f32| {
        let u = ((px - x) / w).clamp(-1.3, 1.3);
        let lid = 1.0 - u * u;
        let tilt = 1.5 * side * u;
        (py - y + tilt - 0.75 * open * lid).max(y - tilt - py - open * lid)
    };
    canvas.paint(almond, 1.5, move |px, py| {
        let shade = 0.90 - 0.16 * ((px - x) / w).powi(2) - 0.10 * ((y - py) / open).max(0.0);
        [shade, shade * 0.985, shade * 0.97]
    });
    let radius = open * 1.06;
    let iris = p.iris;
    let (ix, iy) = (x, y - 1.2);
    let inside = move |shape: f32, px: f32, py: f32| shape.max(almond(px, py));
    let disc =
        move |r: f32| move |px: f32, py: f32| ((px - ix).powi(2) + (py - iy).powi(2)).sqrt() - r;
    let round = disc(radius);
    canvas.paint(
        move |px, py| inside(round(px, py), px, py),
        1.5,
        move |px, py| {
            let out = (round(px, py) + radius) / radius;
            lit(iris, 1.25 - 0.75 * out * out + 0.25 * ((py - iy) / radius))
        },
    );
    let pupil = disc(radius * 0.45);
    canvas.paint(
        move |px, py| inside(pupil(px, py), px, py),
        1.2,
        |_, _| [0.03; 3],
    );
    canvas.paint(oval(ix + 2.6, iy - 2.8, 1.9, 1.9, 2.0), 1.2, |_, _| {
        [0.97; 3]
    });
    let lid = stroke(
        [
            (x - w - 1.0, y + side * 1.5),
            (x, y - 2.0 * open - 0.5),
            (x + w + 1.0, y - side * 1.5),
        ],
        if p.look == Look::Woman { 2.6 } else { 1.9 },
        0.5 + 0.18 * side,
    );
    canvas.glaze(lid, 1.5, |_, _| 0.9, |_, _| [0.10, 0.07, 0.06]);
    let skin = p.skin;
    let crease = stroke(
        [
            (x - w, y - 6.0),
            (x, y - 2.0 * open - 10.0),
            (x + w, y - 6.0),
        ],
        1.3,
        0.5,
    );
    canvas.glaze(crease, 2.0, |_, _| 0.5, move |_, _| lit(skin, 0.55));
    let lower = stroke(
        [(x - w, y + side), (x, y + 1.6 * open), (x + w, y - side)],
        0.9,
        0.5,
    );
    canvas.glaze(lower, 1.5, |_, _| 0.5, move |_, _| lit(skin, 0.45));
}

pub fn brow(canvas: &mut Canvas, p: &Person, side: f32) {
    let (x, y) = (p.x + side * p.eye_apart, eyes_y(p) - p.brow_gap);
    let w = p.eye_width + 9.0;
    let points = [
        (x - side * w, y + 3.0),
        (x + side * 0.25 * w, y - p.brow_arch - 2.0),
        (x + side * (w + 3.0), y + 4.0),
    ];
    let strands = noise(p.grain ^ 2, 2.2);
    let hair = p.hair;
    canvas.glaze(
        stroke(points, p.brow_thick, 0.32),
        3.0,
        move |px, py| 0.86 + 0.3 * strands(px, 0.5 * py),
        move |_, _| lit(hair, 0.95),
    );
}

pub fn nose(canvas: &mut Canvas, p: &Person) {
    let (x, top, tip) = (p.x, eyes_y(p) - 8.0, eyes_y(p) + p.nose_length);
    let (skin, w) = (p.skin, p.nose_width);
    let shadow_side = if p.light > 0.0 { -1.0 } else { 1.0 };
    for (side, strength) in [(shadow_side, 0.42), (-shadow_side, 0.16)] {
        let flank = stroke(
            [
                (x + side * 11.0, top),
                (x + side * 8.0, 0.5 * (top + tip)),
                (x + side * w, tip - 3.0),
            ],
            4.5,
            0.7,
        );
        canvas.glaze(
            flank,
            9.0,
            move |_, _| strength,
            move |_, _| lit(skin, 0.66),
        );
    }
    let ridge = stroke(
        [(x, top), (x + 1.0, 0.5 * (top + tip)), (x, tip - 8.0)],
        5.0,
        0.8,
    );
    canvas.glaze(ridge, 9.0, |_, _| 0.30, move |_, _| lit(skin, 1.16));
    let ball = oval(x, tip - 7.0, 0.62 * w, 9.0, 2.0);
    canvas.glaze(ball, 9.0, |_, _| 0.28, move |_, _| lit(skin, 1.12));
    let base = stroke([(x - w, tip), (x, tip + 9.0), (x + w, tip)], 2.6, 0.5);
    canvas.glaze(base, 5.0, |_, _| 0.50, move |_, _| lit(skin, 0.56));
    for side in [-1.0, 1.0] {
        let hole = oval(x + side * 0.48 * w, tip + 1.0, 5.0, 2.6, 2.0);
        canvas.glaze(hole, 3.0, |_, _| 0.78, move |_, _| lit(skin, 0.27));
        let wing = stroke(
            [
                (x + side * w, tip - 12.0),
                (x + side * (w + 4.5), tip - 3.0),
                (x + side * (w - 3.0), tip + 2.0),
            ],
            1.5,
            0.6,
        );
        canvas.glaze(wing, 3.0, |_, _| 0.5, move |_, _| lit(skin, 0.58));
    }
}

pub fn mouth(canvas: &mut Canvas, p: &Person) {
    let (x, y, w, full, smile) = (p.x, mouth_y(p), p.mouth_width, p.lip_full, p.smile);
    let lips = p.lips;
    // The line between the lips rises to the corners in a smile and dips in the middle.
    let line = move |px: f32| {
        let u = (px - x) / w;
        y - smile * u * u + 1.6 * (-(u * u) * 18.0).exp()
    };
    let upper = move |px: f32, py: f32| {
        let u = ((px - x) / w).clamp(-1.2, 1.2);
        let bow = 1.0 - 0.22 * (-(u * u) * 40.0).exp();
        let rise = 0.78 * full * (1.0 - u * u) * bow;
        (line(px) - rise - py).max(py - line(px))
    };
    let lower = move |px: f32, py: f32| {
        let u = ((px - x) / w).clamp(-1.2, 1.2);
        (py - line(px) - full * (1.0 - u * u)).max(line(px) - py)
    };
    canvas.paint(upper, 2.5, move |_, _| lit(lips, 0.86));
    canvas.paint(lower, 2.5, move |px, py| {
        let shine = 1.0 - (((py - y) / full - 0.45).powi(2) * 8.0) - ((px - x) / w).powi(2);
        lit(lips, 1.0 + 0.12 * shine.max(0.0))
    });
    let crack = move |px: f32, py: f32| {
        let u = (px - x) / (w + 3.0);
        ((py - line(px)).abs() - 1.5 * (1.0 - u * u).max(0.0)).max(w * (u.abs() - 1.0))
    };
    canvas.glaze(crack, 1.5, |_, _| 0.85, move |_, _| lit(lips, 0.38));
}

/// How lit a round thing at (x, y) is: brighter towards the light and the middle.
fn light(p: &Person, x: f32, y: f32) -> f32 {
    let (u, v) = ((x - p.x) / p.half_width, (y - p.y) / p.half_height);
    1.05 + 0.07 * p.light * u - 0.16 * u * u * u * u - 0.05 * v - 0.07 * (v - 0.1).max(0.0).powi(2)
}
