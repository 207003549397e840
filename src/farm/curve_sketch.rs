//! A power curve in single precision, for telling yields apart, not for results.

use crate::farm::Curve;
use crate::lanes::EIGHT;
use crate::lanes::single::{Octet, ROUND};

/// Straight lines over even steps of wind speed, from knot to knot, the end values beyond.
#[derive(Debug, Clone, Default)]
pub struct CurveSketch {
    first_m_s: f32,
    steps_per_m_s: f32,
    last_step: f32,
    /// For each step the value at its start and the rise over it; one more for the end.
    steps: Vec<[f32; 2]>,
}

/// Where a whole number stands after [`ROUND`] was added to it.
const WHOLE_BITS: u32 = (1 << 22) - 1;
/// How steep a curve may be, greatest values per m/s: a wind speed is known to a few millionths of itself.
const STEEPEST_PER_M_S: f64 = 1.0;

impl CurveSketch {
    /// The curve from knot to knot; none if they are not evenly spaced, or it is so steep that single precision is not faithful to it.
    #[expect(clippy::cast_possible_truncation, reason = "single precision is what this is about")]
    pub fn of(curve: &Curve) -> Option<Self> {
        let (knots, value) = (curve.wind_speed_m_s(), curve.value());
        let (first, last) = (knots[0], knots.len() - 1);
        let step_m_s = (knots[last] - first) / last as f64;
        let rise = |k: usize| value.get(k + 1).map_or(0.0, |next| next - value[k]);
        let steepest_per_m_s = (0..last).map(|k| rise(k).abs() / step_m_s).fold(0.0, f64::max);
        if !curve.has_even_knots() || steepest_per_m_s > STEEPEST_PER_M_S * curve.max() {
            return None;
        }
        Some(Self {
            first_m_s: first as f32,
            steps_per_m_s: (1.0 / step_m_s) as f32,
            last_step: last as f32,
            steps: (0..=last).map(|k| [value[k] as f32, rise(k) as f32]).collect(),
        })
    }

    /// The curve's values at eight wind speeds, m/s.
    #[inline(always)]
    pub fn at(&self, wind_speed_m_s: &Octet) -> Octet {
        let (mut whole, mut beyond) = ([0; EIGHT], [0.0; EIGHT]);
        for k in 0..EIGHT {
            let step = (wind_speed_m_s.0[k] - self.first_m_s) * self.steps_per_m_s;
            // NaN stays what it is.
            let step = if step < 0.0 { 0.0 } else { step };
            let step = if step > self.last_step { self.last_step } else { step };
            // The step's number stands in the lowest bits. At a whole number it may be the step before, whose end has the same value.
            let rounded = step - 0.5 + ROUND;
            whole[k] = rounded.to_bits() & WHOLE_BITS;
            beyond[k] = step - (rounded - ROUND);
        }
        let mut values = Octet::default();
        for k in 0..EIGHT {
            let [value, rise] = self.steps[whole[k] as usize];
            values.0[k] = value + beyond[k] * rise;
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::farm::GenericTurbine;

    #[test]
    fn it_is_near_the_curve_or_not_made() {
        let generic = GenericTurbine::new(10e6, 195.0, 121.0);
        let even = generic.build("10").unwrap().power_w;
        let cubic = Curve::cubic(4.0, 10.0, 25.0, 8e6).unwrap();
        let uneven = Curve::new(vec![0.0, 3.0, 11.5, 100.0], vec![0.0, 0.0, 0.0, 5.0]).unwrap();
        assert!(CurveSketch::of(&cubic).is_none(), "no table");
        assert!(CurveSketch::of(&uneven).is_none(), "uneven");
        let stops = GenericTurbine { operating_range_m_s: Some((3.0, 25.0)), ..generic };
        assert!(CurveSketch::of(&stops.build("10").unwrap().power_w).is_none(), "it drops at cut-out");
        let steep = Curve::new(vec![3.0, 3.5, 4.0, 4.5], vec![0.0, 0.1, 0.9, 1.0]).unwrap();
        assert!(CurveSketch::of(&steep).is_none(), "too steep");
        let sketch = CurveSketch::of(&even).unwrap();
        for k in -10..40_000 {
            let speed = 1e-3 * f64::from(k);
            #[expect(clippy::cast_possible_truncation, reason = "what is tried")]
            let got = f64::from(sketch.at(&Octet([speed as f32; EIGHT])).0[5]);
            assert!((got - even.at(speed)).abs() < 1e-6 * even.max(), "{speed} m/s: {got}");
        }
    }
}
