//! A person painted, from the wall behind to the glasses in front.

use super::canvas::{Canvas, Colour, lit, mix, noise, oval, smooth, stroke};
use super::person::{Beard, Person};
use super::{HEIGHT, Look, WIDTH};

/// Paints a person.
pub fn draw(person: &Person) -> image::RgbImage {
    let mut canvas = wall(person);
    match person.look {
        Look::Woman => scarf_behind(&mut canvas, person),
        Look::Man => hair_behind(&mut canvas, person),
    }
    neck(&mut canvas, person);
    clothes(&mut canvas, person);
    if person.look == Look::Man {
        ears(&mut canvas, person);
    }
    face(&mut canvas, person);
    for side in [-1.0, 1.0] {
        eye(&mut canvas, person, side);
        brow(&mut canvas, person, side);
    }
    nose(&mut canvas, person);
    mouth(&mut canvas, person);
    match person.look {
        Look::Woman => scarf(&mut canvas, person),
        Look::Man => {
            beard(&mut canvas, person);
            hair(&mut canvas, person);
        }
    }
    if person.glasses {
        glasses(&mut canvas, person);
    }
    canvas.develop(0.012, noise(person.grain, 1.3))
}

/// Height of the eyes.
fn eyes_y(p: &Person) -> f32 {
    p.y - 4.0
}

/// Height of the mouth.
fn mouth_y(p: &Person) -> f32 {
    eyes_y(p) + p.nose_length + 0.235 * p.half_height
}

/// The outline of the face: round above, narrowing to the chin below.
fn outline(p: &Person) -> impl Fn(f32, f32) -> f32 + use<> {
    let (cx, cy, w, h, jaw) = (p.x, p.y, p.half_width, p.half_height, p.jaw);
    move |x, y| {
        let (u, v) = ((x - cx).abs() / w, (y - cy) / h);
        let exponent = if v > 0.0 { jaw } else { 2.0 };
        u.powf(2.15) + v.abs().powf(exponent) - 1.0
    }
}

/// How lit a round thing at (x, y) is: brighter towards the light and the middle.
fn light(p: &Person, x: f32, y: f32) -> f32 {
    let (u, v) = ((x - p.x) / p.half_width, (y - p.y) / p.half_height);
    1.05 + 0.07 * p.light * u - 0.16 * u * u * u * u - 0.05 * v - 0.07 * (v - 0.1).max(0.0).powi(2)
}

fn wall(p: &Person) -> Canvas {
    let wall = p.wall;
    let side = p.light;
    Canvas::new(WIDTH, HEIGHT, move |x, y| {
        let (u, v) = (x / WIDTH as f32 - 0.5, y / HEIGHT as f32 - 0.5);
        lit(
            wall,
            1.02 - 0.10 * v + 0.05 * side * u - 0.12 * (u * u + v * v),
        )
    })
}

fn hair_behind(canvas: &mut Canvas, p: &Person) {
    let high = p.half_height + 0.6 * p.hair_high;
    let shape = oval(p.x, p.y - 18.0, p.half_width + 7.0, high, 2.3);
    let limit = p.y + 10.0;
    let hair = p.hair;
    canvas.paint(
        move |x, y| shape(x, y).max((y - limit) / 60.0),
        2.0,
        move |_, _| lit(hair, 0.9),
    );
}

fn scarf_behind(canvas: &mut Canvas, p: &Person) {
    let (cx, scarf) = (p.x, p.scarf);
    let head = oval(
        p.x,
        p.y - 6.0,
        p.half_width + 44.0,
        p.half_height + 52.0,
        2.2,
    );
    canvas.paint(head, 2.0, move |x, _| {
        lit(scarf, 0.80 - 0.0010 * (x - cx).abs())
    });
}

fn neck(canvas: &mut Canvas, p: &Person) {
    let half = 0.56 * p.half_width;
    let (cx, chin) = (p.x, p.y + p.half_height);
    let skin = p.skin;
    let shape = oval(cx, chin + 10.0, half, 110.0, 6.0);
    canvas.paint(shape, 2.0, move |x, y| {
        let round = ((x - cx) / half).powi(2);
        let shadow = 1.0 - smooth((y - chin + 12.0) / 55.0);
        lit(skin, 0.92 - 0.20 * round - 0.24 * shadow)
    });
}

fn clothes(canvas: &mut Canvas, p: &Person) {
    let (cx, top) = (p.x, p.y + p.half_height + 42.0);
    let body = move |x: f32, y: f32| oval(cx, top + 190.0, 222.0, 190.0, 2.6)(x, y);
    let weave = noise(p.grain ^ 0x77, 3.0);
    let fold = noise(p.grain ^ 0x78, 46.0);
    let cloth = p.clothes;
    canvas.paint(body, 2.0, move |x, y| {
        let round = ((x - cx) / 222.0).powi(2);
        lit(
            cloth,
            1.12 - 0.35 * round + 0.05 * weave(x, y) + 0.07 * fold(x, y),
        )
    });
    if p.look == Look::Woman {
        return;
    }
    // An open collar: skin in the middle, shirt at its sides, lapels below.
    let half = 0.56 * p.half_width;
    let (skin, shirt) = (p.skin, p.shirt);
    let opening = move |x: f32, y: f32| {
        let drop = (y - top + 28.0).max(0.0);
        ((x - cx).abs() - (half - 0.62 * drop)).max(top - 42.0 - y) / 20.0
    };
    let lapel = move |x: f32, y: f32| {
        let drop = (y - top + 36.0).max(0.0);
        ((x - cx).abs() - (half + 27.0 - 0.42 * drop)).max(top - 22.0 - y + 0.10 * (x - cx).abs())
            / 20.0
    };
    canvas.paint(lapel, 2.0, move |x, y| {
        let crease = ((x - cx).abs() / 60.0).min(1.0);
        lit(shirt, 0.84 + 0.14 * crease - 0.0006 * (y - top))
    });
    canvas.paint(opening, 2.0, move |x, y| {
        lit(
            skin,
            0.80 - 0.18 * ((x - cx) / half).powi(2) - 0.001 * (top - y).max(0.0),
        )
    });
}

fn ears(canvas: &mut Canvas, p: &Person) {
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

fn face(canvas: &mut Canvas, p: &Person) {
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

fn eye(canvas: &mut Canvas, p: &Person, side: f32) {
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

fn brow(canvas: &mut Canvas, p: &Person, side: f32) {
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

fn nose(canvas: &mut Canvas, p: &Person) {
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

fn mouth(canvas: &mut Canvas, p: &Person) {
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

fn beard(canvas: &mut Canvas, p: &Person) {
    let strands = noise(p.grain ^ 3, 2.0);
    let clumps = noise(p.grain ^ 4, 8.0);
    let (x, lip, w) = (p.x, mouth_y(p), p.mouth_width);
    let nose = eyes_y(p) + p.nose_length;
    let hair = p.hair;
    let (dense, kind) = (p.beard_dense, p.beard);
    let opacity =
        move |px: f32, py: f32| 0.55 + 0.28 * strands(px, 0.4 * py) + 0.12 * clumps(px, py);
    let moustache = move |px: f32, py: f32| {
        let u = (px - x).abs() / (w + 7.0);
        let top = nose + 9.0 + 9.0 * u * u;
        let bottom = lip - 5.0 + 9.0 * u * u;
        (top - py).max(py - bottom).max((u - 1.0) * 20.0)
    };
    let face = outline(p);
    let (cy, h, hw) = (p.y, p.half_height, p.half_width);
    let cheeks = move |px: f32, py: f32| {
        let u = ((px - x) / hw).abs();
        // From the ears down along the cheeks, round the mouth, over the chin.
        let edge = cy + h * (0.66 - 0.62 * smooth((u - 0.42) / 0.55));
        let mouth = oval(x, lip + 3.0, w + 1.0, p.lip_full + 8.0, 2.2)(px, py);
        (10.0 * face(px, py)).max((edge - py) / 8.0).max(-mouth)
    };
    if kind == Beard::Shaved {
        // A shadow where it would grow.
        canvas.glaze(cheeks, 26.0, |_, _| 0.10, |_, _| [0.20, 0.20, 0.22]);
        return;
    }
    if kind == Beard::Full {
        canvas.glaze(
            cheeks,
            9.0,
            |px, py| dense * (opacity(px, py) + 0.25),
            move |_, _| hair,
        );
    }
    canvas.glaze(
        moustache,
        4.0,
        |px, py| dense * (opacity(px, py) + 0.3),
        move |_, _| hair,
    );
}

fn hair(canvas: &mut Canvas, p: &Person) {
    let (cx, crown) = (p.x, p.y - p.half_height);
    let (h, hw, high, hairline) = (p.half_height, p.half_width, p.hair_high, p.hairline);
    let outer = oval(cx, p.y - 18.0, hw + 8.0, h + 0.75 * high - 8.0, 2.3);
    let parting = cx + 0.5 * hw * p.parting;
    let temple = p.y - 0.12 * h;
    let edge = noise(p.grain ^ 5, 7.0);
    let shape = move |x: f32, y: f32| {
        let u = (x - cx) / hw;
        let sweep = 9.0 * smooth((x - parting).abs() / 26.0) * (x - parting).signum() * p.parting;
        // Along the forehead, then steeply down before the ears.
        let side = smooth((u.abs() - 0.66) / 0.30);
        let line = crown + hairline * h - sweep * 0.6
            + side * (temple - crown - hairline * h)
            + 3.0 * edge(x, y);
        (10.0 * outer(x, y)).max((y - line) / 10.0)
    };
    let strands = noise(p.grain ^ 6, 2.4);
    let locks = noise(p.grain ^ 7, 17.0);
    let hair = p.hair;
    canvas.paint(shape, 3.0, move |x, y| {
        let along = (x - parting) * 0.9 + 0.25 * (y - crown);
        let shine = smooth(1.0 - ((y - crown - 8.0) / 34.0).abs()) * 0.35;
        let texture = 0.22 * strands(along, 0.22 * y) + 0.20 * locks(along, 0.5 * y);
        lit(add(hair, 0.05 * shine), 1.0 + shine + texture)
    });
}

fn scarf(canvas: &mut Canvas, p: &Person) {
    let (cx, cy, hw, h) = (p.x, p.y, p.half_width, p.half_height);
    let back = p.scarf_back;
    // Hair that shows above the forehead.
    let (hair, face) = (p.hair, outline(p));
    let parting = cx + 0.3 * hw * p.parting;
    let strands = noise(p.grain ^ 6, 2.4);
    let line = cy - h + (0.22 * h).max(back);
    let shown = move |x: f32, y: f32| {
        let bow = 0.0035 * (x - parting).powi(2);
        (10.0 * face(x, y) - 0.4).max((y - line - bow) / 10.0)
    };
    canvas.paint(shown, 3.0, move |x, y| {
        lit(add(hair, 0.02), 1.0 + 0.3 * strands(x - parting, 0.3 * y))
    });
    let outer = oval(cx, cy - 6.0, hw + 38.0, h + 48.0, 2.2);
    let opening = oval(
        cx,
        cy + 8.0 - 0.5 * back,
        hw - 7.0,
        h - 6.0 - 0.1 * back,
        2.25,
    );
    let chin = cy + h;
    // Below the chin it is wrapped round the neck and falls over the shoulders.
    let wrap = oval(cx, chin + 30.0, hw + 34.0, 62.0, 2.3);
    let fall = oval(cx, chin + 190.0, 172.0, 170.0, 2.4);
    let shape = move |x: f32, y: f32| {
        let cloth = outer(x, y).min(wrap(x, y)).min(fall(x, y));
        (10.0 * cloth).max(-10.0 * opening(x, y))
    };
    let inner = oval(
        cx,
        cy + 8.0 - 0.5 * back,
        hw - 7.0,
        h - 6.0 - 0.1 * back,
        2.25,
    );
    let folds = noise(p.grain ^ 8, 26.0);
    let weave = noise(p.grain ^ 9, 2.5);
    let (scarf, side) = (p.scarf, p.light);
    canvas.paint(shape, 2.0, move |x, y| {
        let out = inner(x, y).max(0.0);
        let hem = 0.30 * (-out * 9.0).exp();
        let round = ((x - cx) / (hw + 60.0)).powi(2);
        // Folds run round the face.
        let angle = (y - cy).atan2(x - cx);
        let fold = folds(30.0 * out + 14.0 * angle.cos(), 70.0 * angle.sin());
        let shine = 0.09 * side * (x - cx) / hw;
        lit(
            add(scarf, 0.02),
            1.12 - hem - 0.22 * round + 0.16 * fold + 0.03 * weave(x, y) + shine,
        )
    });
}

fn glasses(canvas: &mut Canvas, p: &Person) {
    let y = eyes_y(p) + 2.0;
    let frame: Colour = lit(mix(p.hair, p.clothes, 0.5), 0.7);
    for side in [-1.0, 1.0] {
        let x = p.x + side * p.eye_apart;
        let outer = oval(x, y, 36.0, 25.0, 3.2);
        let inner = oval(x, y, 32.5, 21.5, 3.2);
        let lens = oval(x, y, 33.0, 22.0, 3.2);
        canvas.glaze(
            lens,
            2.0,
            move |px, py| 0.05 + 0.07 * smooth((px - x - py + y) / 50.0),
            |_, _| [0.95; 3],
        );
        canvas.paint(
            move |px, py| outer(px, py).max(-inner(px, py)),
            1.5,
            move |_, _| frame,
        );
        let arm = stroke(
            [
                (x + side * 34.0, y - 8.0),
                (x + side * 45.0, y - 9.0),
                (p.x + side * (p.half_width + 2.0), y - 6.0),
            ],
            2.4,
            0.1,
        );
        canvas.paint(arm, 1.5, move |_, _| frame);
    }
    let gap = p.eye_apart - 35.0;
    let bridge = stroke(
        [(p.x - gap, y - 5.0), (p.x, y - 12.0), (p.x + gap, y - 5.0)],
        2.6,
        0.5,
    );
    canvas.paint(bridge, 1.5, move |_, _| frame);
}

fn add(colour: Colour, light: f32) -> Colour {
    colour.map(|value| value + light)
}
