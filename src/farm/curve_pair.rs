//! Two curves with the same evenly spaced knots, looked up together: power and thrust mostly are given at the same wind speeds.

use crate::farm::Curve;
use crate::farm::even_steps::EvenSteps;
use crate::lanes::Lanes;

/// Two curves, read for one look-up.
#[derive(Debug, Clone)]
pub struct CurvePair {
    steps: EvenSteps,
    /// Both curves' values at the first knot, then at the second, and so on; those at the last knot twice.
    values: Vec<f64>,
}

impl CurvePair {
    /// The pair; none if knots are not evenly spaced or not the same.
    pub fn new(one: &Curve, other: &Curve) -> Option<Self> {
        let steps = one.even_steps()?;
        if other.even_steps() != Some(steps) {
            return None;
        }
        let last = one.value().last().zip(other.value().last());
        let both = one.value().iter().zip(other.value()).chain(last);
        Some(Self { steps, values: both.flat_map(|(a, b)| [*a, *b]).collect() })
    }

    /// Both curves' values at the wind speed, m/s, in every lane: the bits of [`Curve::at_lanes`].
    #[inline(always)]
    pub fn at_lanes<V: Lanes>(&self, wind_speed_m_s: V) -> [V; 2] {
        let (segment, share) = self.steps.find(wind_speed_m_s);
        let [a, b, next_a, next_b] = V::quads(&V::spots::<2>(&self.values, segment));
        [share.mul_add(next_a - a, a), share.mul_add(next_b - b, b)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_both_curves_to_the_bit() {
        let even = |from: f64, values: &[f64]| {
            let speeds = (0..values.len()).map(|k| from + 0.1 * k as f64).collect();
            Curve::new(speeds, values.to_vec()).unwrap()
        };
        let (power, thrust) = (even(3.0, &[0.0, 0.7, 2.9, 3.1]), even(3.0, &[0.8, 0.83, 0.79, 0.2]));
        let pair = CurvePair::new(&power, &thrust).unwrap();
        for speed in (0..500).map(|k| 2.9 + 0.001 * f64::from(k)).chain([-1.0, 99.0, f64::NAN]) {
            let both = [power.at(speed), thrust.at(speed)];
            assert_eq!(pair.at_lanes(speed).map(f64::to_bits), both.map(f64::to_bits), "at {speed}");
        }
        let uneven = Curve::new(vec![3.0, 3.1, 3.3, 3.4], vec![0.0; 4]).unwrap();
        for other in [even(3.1, &[0.8; 4]), even(3.0, &[0.8; 5]), uneven] {
            assert!(CurvePair::new(&power, &other).is_none() && CurvePair::new(&other, &power).is_none(), "{other:?}");
        }
    }
}
