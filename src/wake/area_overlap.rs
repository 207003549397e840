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

use crate::lanes::Real;

/// Twice the spacing of numbers near 1, as the reference code has it.
const EPSILON: f64 = 4.440_892_098_500_626e-16;

/// Share of a rotor covered by a wake, both given by their radius, m, at this distance between their centres, m.
pub(crate) fn area_overlap<R: Real>(wake: R, rotor: f64, distance: R) -> R {
    let of_rotor = R::splat(rotor);
    let (big, small) = (wake.max(of_rotor), wake.min(of_rotor));
    if distance.at_most(big - small) {
        return R::splat(1.0);
    }
    if (big + small).at_most(distance) {
        return R::splat(0.0);
    }
    let angle = |own: R, other: R| {
        let twice = (own * distance).max(R::splat(EPSILON)) * 2.0;
        let cosine = (own * own + distance * distance - other * other) / twice;
        cosine.max(R::splat(EPSILON - 1.0)).min(R::splat(1.0 - EPSILON)).acos()
    };
    let (alpha, beta) = (angle(big, small), angle(small, big));
    let lens = alpha * big * big + beta * small * small - alpha.sin() * wake * distance;
    (lens / (std::f64::consts::PI * rotor * rotor)).max(R::splat(0.0))
}

/// How that changes with the wake's radius and with the distance, 1/m.
pub(crate) fn area_overlap_slopes(wake: f64, rotor: f64, distance: f64) -> [f64; 2] {
    let (big, small) = (wake.max(rotor), wake.min(rotor));
    if distance <= big - small || distance >= big + small || area_overlap(wake, rotor, distance) <= 0.0 {
        return [0.0; 2];
    }
    // The angle at `own`'s centre, its cosine, and how the angle changes with own radius, the other's, and the distance.
    let angle = |own: f64, other: f64| {
        let cosine = (own * own + distance * distance - other * other) / (2.0 * own * distance);
        let per_sine = -1.0 / (1.0 - cosine * cosine).sqrt();
        let slopes = [1.0 / distance - cosine / own, -other / (own * distance), 1.0 / own - cosine / distance];
        (libm::acos(cosine), cosine, slopes.map(|slope| slope * per_sine))
    };
    let (alpha, cos_alpha, [alpha_by_big, alpha_by_small, alpha_by_distance]) = angle(big, small);
    let (beta, _, [beta_by_small, beta_by_big, beta_by_distance]) = angle(small, big);
    let (sin_alpha, big_2, small_2) = (libm::sin(alpha), big * big, small * small);
    let lens_by =
        |alpha_by: f64, beta_by: f64| big_2 * alpha_by + small_2 * beta_by - cos_alpha * alpha_by * wake * distance;
    let by_distance = lens_by(alpha_by_distance, beta_by_distance) - sin_alpha * wake;
    let by_wake = if wake >= rotor {
        lens_by(alpha_by_big, beta_by_big) + 2.0 * alpha * big - sin_alpha * distance
    } else {
        lens_by(alpha_by_small, beta_by_small) + 2.0 * beta * small - sin_alpha * distance
    };
    let area = std::f64::consts::PI * rotor * rotor;
    [by_wake / area, by_distance / area]
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

    #[test]
    fn slopes_are_those_of_differences() {
        for (wake, rotor, distance) in
            [(3.0, 1.0, 3.5), (3.0, 1.0, 2.2), (1.0, 1.0, 0.7), (0.8, 1.0, 1.3), (9.0, 2.0, 10.9)]
        {
            let h = 1e-6;
            let by_wake =
                (area_overlap(wake + h, rotor, distance) - area_overlap(wake - h, rotor, distance)) / (2.0 * h);
            let by_distance =
                (area_overlap(wake, rotor, distance + h) - area_overlap(wake, rotor, distance - h)) / (2.0 * h);
            let slopes = area_overlap_slopes(wake, rotor, distance);
            // Circles of equal radius: the formula has a kink there, both sides are right.
            let tolerance = if (wake - rotor).abs() < 1e-12 { 1.0 } else { 1e-8 };
            assert!((slopes[0] - by_wake).abs() < tolerance, "{wake} {rotor} {distance}: {slopes:?} {by_wake}");
            assert!((slopes[1] - by_distance).abs() < 1e-8, "{wake} {rotor} {distance}: {slopes:?} {by_distance}");
        }
        for distance in [1.9, 4.1] {
            let slopes = area_overlap_slopes(3.0, 1.0, distance);
            assert!(slopes.iter().all(|slope| slope.abs() < 1e-300), "covered wholly or not at all: {slopes:?}");
        }
    }
}
