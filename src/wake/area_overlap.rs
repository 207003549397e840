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

use crate::lanes::{Lanes, acos};

/// Twice the spacing of numbers near 1, as the reference code has it.
const EPSILON: f64 = 4.440_892_098_500_626e-16;

/// Share of a rotor covered by a wake, both given by their radius, m, at this distance between their centres, m.
#[inline(always)]
pub(crate) fn area_overlap<V: Lanes>(wake: V, rotor: V, distance: V) -> V {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let (big, small) = (wake.max(rotor), wake.min(rotor));
    let (is_whole, is_none) = (distance.at_most(big - small), (big + small).at_most(distance));
    if V::bits(is_whole) | V::bits(is_none) == V::all() {
        return V::select(is_whole, one, zero);
    }
    let (big_2, small_2, distance_2) = (big * big, small * small, distance * distance);
    let cos_alpha = cosine(big_2 + distance_2 - small_2, big * distance);
    let cos_beta = cosine(small_2 + distance_2 - big_2, small * distance);
    let sin_alpha = ((one - cos_alpha) * (one + cos_alpha)).sqrt();
    let lens = acos(cos_alpha) * big_2 + acos(cos_beta) * small_2 - sin_alpha * wake * distance;
    let share = (lens / (V::splat(std::f64::consts::PI) * rotor * rotor)).max(zero);
    V::select(is_whole, one, V::select(is_none, zero, share))
}

/// Cosine of an angle of a triangle: the squares of the sides beside it less that of the side opposite, over twice the product of the two.
#[inline(always)]
fn cosine<V: Lanes>(squares: V, product: V) -> V {
    let cosine = squares / (product.max(V::splat(EPSILON)) * V::splat(2.0));
    cosine.max(V::splat(EPSILON - 1.0)).min(V::splat(1.0 - EPSILON))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Dual;

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
        type Number = Dual<f64, 2>;
        let slopes = |wake, rotor, distance| {
            area_overlap(Number::variable(wake, 0), Number::splat(rotor), Number::variable(distance, 1)).slopes
        };
        for (wake, rotor, distance) in
            [(3.0, 1.0, 3.5), (3.0, 1.0, 2.2), (1.0, 1.0, 0.7), (0.8, 1.0, 1.3), (9.0, 2.0, 10.9)]
        {
            let h = 1e-6;
            let by_wake =
                (area_overlap(wake + h, rotor, distance) - area_overlap(wake - h, rotor, distance)) / (2.0 * h);
            let by_distance =
                (area_overlap(wake, rotor, distance + h) - area_overlap(wake, rotor, distance - h)) / (2.0 * h);
            let slopes = slopes(wake, rotor, distance);
            // Circles of equal radius: the formula has a kink there, both sides are right.
            let tolerance = if (wake - rotor).abs() < 1e-12 { 1.0 } else { 1e-8 };
            assert!((slopes[0] - by_wake).abs() < tolerance, "{wake} {rotor} {distance}: {slopes:?} {by_wake}");
            assert!((slopes[1] - by_distance).abs() < 1e-8, "{wake} {rotor} {distance}: {slopes:?} {by_distance}");
        }
        for distance in [1.9, 4.1] {
            let slopes = slopes(3.0, 1.0, distance);
            assert!(slopes.iter().all(|slope| slope.abs() < 1e-300), "covered wholly or not at all: {slopes:?}");
        }
    }
}
