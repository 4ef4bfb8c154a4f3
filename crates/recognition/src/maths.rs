//! Functions that give the same bits on every machine.
//!
//! Those of the standard library are the system's: another C library, or the same one on a processor with other
//! instructions, rounds some of them differently. Whether a print matches must not depend on that. What the engine
//! computes is built of these, and of what IEEE 754 fixes: the four operations and the square root.

pub(crate) fn sin_cos(angle: f32) -> (f32, f32) {
    libm::sincosf(angle)
}

pub(crate) fn cos(angle: f32) -> f32 {
    libm::cosf(angle)
}

pub(crate) fn atan2(y: f32, x: f32) -> f32 {
    libm::atan2f(y, x)
}

pub(crate) fn exp(x: f32) -> f32 {
    libm::expf(x)
}

pub(crate) fn ln(x: f32) -> f32 {
    libm::logf(x)
}

/// The length of (x, y); for lengths whose squares an `f32` holds.
pub(crate) fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_what_they_say() {
        let close = |a: f32, b: f32| (a - b).abs() <= 1e-6 * b.abs().max(1.0);
        for step in -40..=40 {
            let x = step as f32 / 7.0;
            let (sine, cosine) = sin_cos(x);
            assert!(close(sine, x.sin()) && close(cosine, x.cos()) && close(cos(x), x.cos()));
            assert!(close(exp(x), x.exp()) && close(ln(x.exp()), x));
            assert!(close(atan2(sine, cosine), x.sin().atan2(x.cos())));
            assert!(close(length(x, 2.0), x.hypot(2.0)));
        }
    }
}
