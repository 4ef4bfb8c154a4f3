//! Where each point of the finger comes to lie on the glass.
//!
//! The middle of the contact sticks to the glass; outside it the skin follows the finger that is
//! pushed and twisted, between them it gives way smoothly (Cappelli, Maio and Maltoni, 'Modelling
//! plastic distortion in fingerprint images', ICAPR 2001). Then the finger is turned and
//! shifted as a whole.

use super::pressing::Pressing;
use negin_fingerprint::{Minutia, normalize_angle};

/// Which share of the contact sticks.
const STUCK: f32 = 0.42;
/// How wide the skin that gives way is, in units of the contact's half-size.
const GIVE: f32 = 0.95;

/// The map between a finger's own pixels and the glass, both at 500 dpi.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placement {
    centre: (f32, f32),
    on_glass: (f32, f32),
    contact: (f32, f32),
    turn: (f32, f32),
    traction: (f32, f32),
    torsion: (f32, f32),
    stretch: f32,
}

impl Placement {
    /// The placement of a pressing.
    pub(crate) fn of(pressing: &Pressing) -> Self {
        let sensor = pressing.sensor;
        let scale = sensor.scale();
        let sin_cos = |angle: f32| (libm::sinf(angle), libm::cosf(angle));
        Self {
            centre: pressing.contact_centre(),
            on_glass: (
                sensor.width() as f32 * 0.5 * scale + pressing.shift.0,
                sensor.height() as f32 * 0.5 * scale + pressing.shift.1,
            ),
            contact: pressing.contact,
            turn: sin_cos(pressing.rotation),
            traction: pressing.traction,
            torsion: sin_cos(pressing.torsion),
            stretch: 1.0 - 0.015 * pressing.pressure,
        }
    }

    /// The finger's point under a point of the glass.
    pub(crate) fn finger_at(&self, glass: (f32, f32)) -> (f32, f32) {
        let (dx, dy) = (glass.0 - self.on_glass.0, glass.1 - self.on_glass.1);
        let (sin, cos) = self.turn;
        // y runs down: turning back by a counter-clockwise angle.
        let turned = (
            (dx * cos - dy * sin) * self.stretch,
            (dx * sin + dy * cos) * self.stretch,
        );
        let (gx, gy) = self.give(turned);
        (self.centre.0 + turned.0 + gx, self.centre.1 + turned.1 + gy)
    }

    /// Where on the glass a point of the finger lies.
    pub(crate) fn glass_at(&self, finger: (f32, f32)) -> (f32, f32) {
        let target = (finger.0 - self.centre.0, finger.1 - self.centre.1);
        let mut turned = target;
        // The displacement changes far more slowly than the place, so this settles.
        for _ in 0..16 {
            let (gx, gy) = self.give(turned);
            turned = (target.0 - gx, target.1 - gy);
        }
        let (x, y) = (turned.0 / self.stretch, turned.1 / self.stretch);
        let (sin, cos) = self.turn;
        (
            self.on_glass.0 + x * cos + y * sin,
            self.on_glass.1 - x * sin + y * cos,
        )
    }

    /// The direction on the glass of a direction (radians counter-clockwise) at a point of the finger.
    pub(crate) fn glass_angle(&self, finger: (f32, f32), angle: f32) -> f32 {
        let (dx, dy) = (2.0 * libm::cosf(angle), -2.0 * libm::sinf(angle));
        let ahead = self.glass_at((finger.0 + dx, finger.1 + dy));
        let behind = self.glass_at((finger.0 - dx, finger.1 - dy));
        normalize_angle(libm::atan2f(behind.1 - ahead.1, ahead.0 - behind.0))
    }

    /// A minutia of the finger as it lies on the glass.
    pub(crate) fn minutia(&self, minutia: &Minutia) -> Minutia {
        let at = (minutia.x, minutia.y);
        let (x, y) = self.glass_at(at);
        Minutia {
            x,
            y,
            angle: self.glass_angle(at, minutia.angle),
            ..*minutia
        }
    }

    /// How far out in the contact a point of the finger lies: 0 in the middle, 1 at the rim.
    pub(crate) fn rim(&self, finger: (f32, f32)) -> f32 {
        self.reach((finger.0 - self.centre.0, finger.1 - self.centre.1))
    }

    fn reach(&self, (x, y): (f32, f32)) -> f32 {
        let (u, v) = (x / self.contact.0, y / self.contact.1);
        (u * u + v * v).sqrt()
    }

    /// How far the skin at a point, seen from the middle of the contact, is displaced.
    fn give(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let out = ((self.reach((x, y)) - STUCK) / GIVE).clamp(0.0, 1.0);
        let share = out * out * (3.0 - 2.0 * out);
        let (sin, cos) = self.torsion;
        let twisted = (x * cos + y * sin - x, y * cos - x * sin - y);
        (
            share * (self.traction.0 + twisted.0),
            share * (self.traction.1 + twisted.1),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_directions_undo_each_other() {
        for seed in 0..20 {
            let placement = Placement::of(&Pressing::random(seed));
            for (x, y) in [(80.0, 90.0), (150.0, 200.0), (220.0, 310.0), (40.0, 350.0)] {
                let there = placement.finger_at((x, y));
                let back = placement.glass_at(there);
                assert!(
                    (back.0 - x).abs() < 0.02 && (back.1 - y).abs() < 0.02,
                    "{back:?}"
                );
            }
        }
    }

    #[test]
    fn a_turned_finger_turns_angles_counter_clockwise() {
        let pressing = Pressing {
            rotation: 0.3,
            ..Pressing::ideal()
        };
        let placement = Placement::of(&pressing);
        let angle = placement.glass_angle(pressing.contact_centre(), 1.0);
        assert!((angle - 1.3).abs() < 1e-3, "{angle}");
    }

    #[test]
    fn the_middle_of_the_contact_sticks() {
        let loose = Pressing {
            traction: (12.0, -9.0),
            torsion: 0.2,
            ..Pressing::ideal()
        };
        let (still, pushed) = (Placement::of(&Pressing::ideal()), Placement::of(&loose));
        let (x, y) = loose.contact_centre();
        let moved = |point| {
            let (a, b): ((f32, f32), (f32, f32)) = (still.glass_at(point), pushed.glass_at(point));
            ((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)).sqrt()
        };
        assert!(moved((x + 20.0, y - 20.0)) < 1e-3);
        assert!(moved((x + 130.0, y - 120.0)) > 5.0);
    }
}
