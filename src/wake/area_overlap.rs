//! The share of a rotor that a top-hat wake covers: the lens of two circles over the rotor's area.
//!
//! ```text
//! A = (alpha Rb^2 + beta Rs^2 - sin(alpha) Rw d) / (pi Rr^2)
//! cos(alpha) = (Rb^2 + d^2 - Rs^2) / (2 Rb d),   cos(beta) = (Rs^2 + d^2 - Rb^2) / (2 Rs d)
//! ```
//!
//! | symbol | code           | unit | meaning                                    |
//! |--------|----------------|------|--------------------------------------------|
//! | Rw, Rr | wake, rotor    | m    | radius of the wake, of the rotor           |
//! | Rb, Rs | big, small     | m    | the larger and the smaller of the two      |
//! | d      | distance       | m    | between their centres                      |
//!
//! Where the wake is the smaller circle this is what the reference code computes, not the exact lens, and a wake that lies wholly inside a
//! rotor counts as full cover; published results were computed so. With rotors of one size the wake is never the smaller. Proven by
//! tests/parity/models.rs.

/// Twice the spacing of numbers near 1, as the reference code has it.
const EPSILON: f64 = 4.440_892_098_500_626e-16;

/// Share of a rotor covered by a wake, both given by their radius, m, at this distance between their centres, m.
pub(crate) fn area_overlap(wake: f64, rotor: f64, distance: f64) -> f64 {
    let (big, small) = (wake.max(rotor), wake.min(rotor));
    if distance <= big - small {
        return 1.0;
    }
    if distance >= big + small {
        return 0.0;
    }
    let angle = |own: f64, other: f64| {
        let cosine = (own * own + distance * distance - other * other) / (2.0 * (own * distance).max(EPSILON));
        libm::acos(cosine.clamp(EPSILON - 1.0, 1.0 - EPSILON))
    };
    let (alpha, beta) = (angle(big, small), angle(small, big));
    let lens = alpha * big * big + beta * small * small - libm::sin(alpha) * wake * distance;
    (lens / (std::f64::consts::PI * rotor * rotor)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_larger_than_the_rotor_covers_the_exact_lens() {
        // Equal circles of radius 1 at distance 1: 2 pi / 3 - sqrt(3) / 2.
        let lens = 2.0 * std::f64::consts::PI / 3.0 - 3f64.sqrt() / 2.0;
        assert!((area_overlap(1.0, 1.0, 1.0) - lens / std::f64::consts::PI).abs() < 1e-14);
        assert!((area_overlap(3.0, 1.0, 1.9) - 1.0).abs() < 1e-15);
        assert!(area_overlap(3.0, 1.0, 4.1).abs() < 1e-15);
        assert!((area_overlap(1e6, 1.0, 1e6) - 0.5).abs() < 1e-6, "a straight edge through the centre");
    }
}
