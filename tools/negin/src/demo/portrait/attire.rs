//! What is round a face: wall, hair, beard, clothes, scarf, glasses.

use super::canvas::{Canvas, Colour, lit, mix, noise, oval, smooth, stroke};
use super::layout::{eyes_y, mouth_y, outline};
use super::person::{Beard, Person};
use super::{HEIGHT, Look, WIDTH};

pub fn wall(p: &Person) -> Canvas {
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

pub fn hair_behind(canvas: &mut Canvas, p: &Person) {
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

pub fn scarf_behind(canvas: &mut Canvas, p: &Person) {
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

pub fn neck(canvas: &mut Canvas, p: &Person) {
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

pub fn clothes(canvas: &mut Canvas, p: &Person) {
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

pub fn beard(canvas: &mut Canvas, p: &Person) {
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

pub fn hair(canvas: &mut Canvas, p: &Person) {
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

pub fn scarf(canvas: &mut Canvas, p: &Person) {
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

pub fn glasses(canvas: &mut Canvas, p: &Person) {
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
