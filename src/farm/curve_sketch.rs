//! A power curve in single precision, for telling yields apart, not for results.

use crate::farm::Curve;
use crate::lanes::EIGHT;
use crate::lanes::single::{Octet, ROUND};

/// Straight lines over even steps of wind speed, the end values beyond.
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
/// Steps over a curve whose knots are not evenly spaced.
const STEPS: usize = 4096;
/// How far, relative to the curve's greatest value, steps may be off.
const FAITHFUL: f64 = 1e-6;
/// How steep a curve may be, greatest values per m/s: a wind speed is known to a few millionths of itself.
const STEEPEST_PER_M_S: f64 = 1.0;

impl CurveSketch {
    /// The curve in even steps; none where they are not faithful to it, or it is so steep that single precision is not.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "single precision is what this is about; steps are not negative"
    )]
    pub fn of(curve: &Curve) -> Option<Self> {
        let knots = curve.wind_speed_m_s();
        let (first, last) = (knots[0], knots[knots.len() - 1]);
        let n = if curve.has_even_knots() { knots.len() - 1 } else { STEPS };
        let step_m_s = (last - first) / n as f64;
        let speed = |step: f64| (first + step_m_s * step).min(last);
        let value: Vec<f64> = (0..=n).map(|k| curve.at(speed(k as f64))).collect();
        let rise = |k: usize| value.get(k + 1).map_or(0.0, |next| next - value[k]);
        let on_line = |step: f64| {
            let k = step as usize;
            value[k] + (step - step.floor()) * rise(k)
        };
        let off = |step: f64| (on_line(step) - curve.at(speed(step))).abs();
        let at_knots = knots.iter().map(|knot| off((knot - first) / step_m_s)).fold(0.0, f64::max);
        let half_way = (0..n).map(|k| off(k as f64 + 0.5)).fold(0.0, f64::max);
        let steepest_per_m_s = (0..n).map(|k| rise(k).abs() / step_m_s).fold(0.0, f64::max);
        let most = curve.max();
        if at_knots.max(half_way) > FAITHFUL * most || steepest_per_m_s > STEEPEST_PER_M_S * most {
            return None;
        }
        Some(Self {
            first_m_s: first as f32,
            steps_per_m_s: (1.0 / step_m_s) as f32,
            last_step: n as f32,
            steps: (0..=n).map(|k| [value[k] as f32, rise(k) as f32]).collect(),
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
        assert!(CurveSketch::of(&cubic).is_none(), "it drops at cut-out");
        assert!(CurveSketch::of(&uneven).is_none(), "knots between steps");
        let stops = GenericTurbine { operating_range_m_s: Some((3.0, 25.0)), ..generic };
        assert!(CurveSketch::of(&stops.build("10").unwrap().power_w).is_none(), "too steep");
        let sketch = CurveSketch::of(&even).unwrap();
        for k in -10..40_000 {
            let speed = 1e-3 * f64::from(k);
            #[expect(clippy::cast_possible_truncation, reason = "what is tried")]
            let got = f64::from(sketch.at(&Octet([speed as f32; EIGHT])).0[5]);
            assert!((got - even.at(speed)).abs() < 1e-6 * even.max(), "{speed} m/s: {got}");
        }
    }
}
