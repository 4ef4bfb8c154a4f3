//! How the ridges of a finger flow: its class, its singular points, its orientation field.
//!
//! The zero-pole model (Sherlock and Monro, Pattern Recognition 26(7), 1993): the orientation at z is
//! half the sum of the angles from each core to z, less half the sum from each delta. On it lie
//! the corrections that let two fingers with the same singular points flow differently: each
//! angle goes through a periodic piecewise-linear curve (Vizcaya and Gerhardt, Pattern
//! Recognition 29(7), 1996), a core's ridges are rounded where they turn, all ridges bend with the fingertip's dome, and a weak smooth noise
//! is added. A smooth addition never makes a singular point. Plain arches have none: their
//! ridges rise and fall by a formula of their own.

use super::grid::Grid;
use super::random::{LatticeNoise, Stream};
use super::{HEIGHT, WIDTH};
use std::f32::consts::{PI, TAU};

/// The class of a pattern, in Henry's sense, as it looks on an image of the print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternClass {
    /// Ridges enter on one side, rise and leave on the other; no singular point.
    Arch,
    /// An arch with one core straight above one delta.
    TentedArch,
    /// Ridges enter and leave on the left; the delta lies right of the core.
    LeftLoop,
    /// Ridges enter and leave on the right; the delta lies left of the core.
    RightLoop,
    /// Ridges run round; two cores between two deltas.
    Whorl,
}

impl PatternClass {
    /// All classes.
    pub const ALL: [Self; 5] = [
        Self::Arch,
        Self::TentedArch,
        Self::LeftLoop,
        Self::RightLoop,
        Self::Whorl,
    ];

    /// A class drawn as often as it occurs in people: arch 3.7 %, tented arch 2.9 %, left loop
    /// 33.8 %, right loop 31.7 %, whorl 27.9 % (Wilson, Candela and Watson, 1993).
    pub(crate) fn draw(stream: &mut Stream) -> Self {
        match stream.unit() {
            u if u < 0.037 => Self::Arch,
            u if u < 0.066 => Self::TentedArch,
            u if u < 0.404 => Self::LeftLoop,
            u if u < 0.721 => Self::RightLoop,
            _ => Self::Whorl,
        }
    }
}

/// A core or delta of a finger, in the finger's own pixels at 500 dpi (y down).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Singularity {
    /// Pixels from the left.
    pub x: f32,
    /// Pixels from the top.
    pub y: f32,
    /// Whether it is a core or a delta.
    pub kind: SingularityKind,
}

/// What a singular point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SingularityKind {
    /// Where a ridge turns back.
    Core,
    /// Where three flows meet.
    Delta,
}

/// Corrections of a singularity's angle, at eight directions round it.
type Corrections = [f32; 8];

/// How ridges turn round a core: by themselves along a parabola, rounder with `strength`, close to
/// the core.
#[derive(Clone, Copy, Debug)]
struct Turn {
    core: (f32, f32),
    /// The direction in which the core's ridges open, radians.
    open: f32,
    strength: f32,
}

impl Turn {
    /// How far this turn's strength reaches, px.
    const REACH: f32 = 70.0;

    fn at(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.core.0, self.core.1 - y);
        let square = dx * dx + dy * dy;
        let fade = 1.0 / (1.0 + square / (Self::REACH * Self::REACH));
        let side = dy * libm::cosf(self.open) - dx * libm::sinf(self.open);
        -self.strength * fade * side / (square + 1.0).sqrt()
    }
}

/// The flow of a finger's ridges.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) class: PatternClass,
    singularities: Vec<(Singularity, Corrections)>,
    /// For each core, in the same order, how its ridges turn.
    turns: Vec<Turn>,
    centre: (f32, f32),
    dome: f32,
    dome_reach: f32,
    arch_height: f32,
    noise: LatticeNoise,
    noise_strength: f32,
    tilt: f32,
}

impl Flow {
    /// A flow of `class`.
    pub(crate) fn draw(class: PatternClass, stream: &mut Stream) -> Self {
        let centre = (
            WIDTH as f32 * 0.5 + 17.0 * stream.normal(),
            HEIGHT as f32 * 0.43 + 22.0 * stream.normal(),
        );
        let singularities = place(class, centre, stream)
            .into_iter()
            .map(|s| (s, corrections(stream)))
            .collect();
        let mut flow = Self {
            class,
            singularities,
            turns: Vec::new(),
            centre,
            dome: stream.between(0.25, 0.8),
            dome_reach: stream.between(80.0, 200.0),
            arch_height: stream.between(0.7, 1.25),
            noise: LatticeNoise::new(stream, WIDTH, HEIGHT, 85.0),
            noise_strength: stream.between(0.07, 0.17),
            tilt: 0.12 * stream.normal(),
        };
        let strength = stream.between(0.1, 0.5);
        flow.turns = flow.turns(strength);
        flow
    }

    /// The turns of the cores. At a core the orientation is half the angle from it plus what all
    /// else gives there, and a ridge leaves it straight where the two agree: at twice the rest.
    fn turns(&self, strength: f32) -> Vec<Turn> {
        self.singularities()
            .filter(|s| s.kind == SingularityKind::Core)
            .map(|s| Turn {
                core: (s.x, s.y),
                // Just right of the core the angle from it is 0: what is left is the rest.
                open: 2.0 * self.orientation(s.x + 0.01, s.y),
                strength,
            })
            .collect()
    }

    /// The singular points.
    pub(crate) fn singularities(&self) -> impl Iterator<Item = Singularity> + '_ {
        self.singularities.iter().map(|&(s, _)| s)
    }

    /// The middle of the pattern: where the core is, or would be.
    pub(crate) fn centre(&self) -> (f32, f32) {
        self.centre
    }

    /// The ridges' orientation at a pixel, in radians counter-clockwise from +x (y up), not
    /// reduced: two values that differ by π are the same orientation.
    pub(crate) fn orientation(&self, x: f32, y: f32) -> f32 {
        let base = if self.class == PatternClass::Arch {
            self.arch(x, y)
        } else {
            self.singularities
                .iter()
                .map(|(s, corrections)| {
                    let angle = libm::atan2f(s.y - y, x - s.x);
                    let half = 0.5 * (angle + correction(corrections, angle));
                    match s.kind {
                        SingularityKind::Core => half,
                        SingularityKind::Delta => -half,
                    }
                })
                .sum::<f32>()
        };
        let turned: f32 = self.turns.iter().map(|turn| turn.at(x, y)).sum();
        base + turned + self.bend(x, y) + self.tilt + self.noise_strength * self.noise.at(x, y)
    }

    /// What the fingertip's dome adds: right of the centre ridges fall, left they rise, in full
    /// above the core and less and less below.
    fn bend(&self, x: f32, y: f32) -> f32 {
        let across = x - self.centre.0;
        let below = ((y - self.centre.1) / 170.0).clamp(0.0, 1.0);
        let fade = 1.0 - below * below * (3.0 - 2.0 * below);
        -self.dome * fade * across / (across * across + self.dome_reach * self.dome_reach).sqrt()
    }

    /// A plain arch: a hump, flat at the foot, highest at the centre.
    fn arch(&self, x: f32, y: f32) -> f32 {
        let across = ((x - self.centre.0) / (WIDTH as f32 * 0.62)).clamp(-0.5, 0.5);
        let up = (y - self.centre.1) / 150.0;
        let hump = self.arch_height / (1.0 + up * up);
        libm::atanf(-hump * libm::sinf(TAU * across) * 1.1)
    }
}

/// The singular points of a class round `centre`.
fn place(class: PatternClass, centre: (f32, f32), stream: &mut Stream) -> Vec<Singularity> {
    let point = |kind, dx: f32, dy: f32| Singularity {
        x: centre.0 + dx,
        y: centre.1 + dy,
        kind,
    };
    use SingularityKind::{Core, Delta};
    match class {
        PatternClass::Arch => Vec::new(),
        PatternClass::TentedArch => {
            let lean = 11.0 * stream.normal();
            let drop = stream.between(40.0, 110.0);
            vec![point(Core, 0.0, 0.0), point(Delta, lean, drop)]
        }
        PatternClass::LeftLoop | PatternClass::RightLoop => {
            let side = if class == PatternClass::LeftLoop {
                1.0
            } else {
                -1.0
            };
            let away = stream.between(50.0, 140.0);
            let drop = stream.between(60.0, 170.0);
            vec![point(Core, 0.0, 0.0), point(Delta, side * away, drop)]
        }
        PatternClass::Whorl => {
            let half = stream.between(6.0, 48.0);
            let lean = 0.45 * half * stream.normal();
            let left = stream.between(65.0, 140.0);
            let right = stream.between(65.0, 140.0);
            vec![
                point(Core, -lean, -half),
                point(Core, lean, half),
                point(Delta, -left, half + stream.between(45.0, 140.0)),
                point(Delta, right, half + stream.between(45.0, 140.0)),
            ]
        }
    }
}

fn corrections(stream: &mut Stream) -> Corrections {
    let mut drawn = [0.0; 8];
    for value in &mut drawn {
        *value = 0.15 * stream.normal();
    }
    let mean = drawn.iter().sum::<f32>() / 8.0;
    drawn.map(|value| value - mean)
}

/// The correction at `angle` (−π..π), linear between its eight values.
fn correction(corrections: &Corrections, angle: f32) -> f32 {
    let position = ((angle + PI) / TAU * 8.0).clamp(0.0, 7.999);
    let whole = position as usize;
    let part = position - whole as f32;
    corrections[whole] * (1.0 - part) + corrections[(whole + 1) % 8] * part
}

/// How far apart the ridges of a finger lie at each pixel, in pixels at 500 dpi: a finger has
/// its own mean (7.9 to 10.6), ridges lie wider below the pattern and finer above it, and vary
/// a little everywhere.
pub(crate) fn period_map(flow: &Flow, mean: f32, stream: &mut Stream) -> Grid {
    let wide = LatticeNoise::new(stream, WIDTH, HEIGHT, 62.0);
    let below = stream.between(0.05, 0.14);
    let (_, centre_y) = flow.centre();
    Grid::from_fn(WIDTH, HEIGHT, |x, y| {
        let down = ((y as f32 - centre_y) / 200.0).clamp(-1.0, 1.0);
        let slope = if down > 0.0 { below } else { 0.04 };
        mean * (1.0 + slope * down + 0.065 * wide.at(x as f32, y as f32))
    })
}
