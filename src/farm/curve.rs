//! A tabulated function of wind speed: power or thrust.

use crate::error::Problem;

/// Knots with linear interpolation between them and the end values beyond.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    wind_speed_m_s: Vec<f64>,
    value: Vec<f64>,
    /// Rise of segment i per m/s; one less than there are knots.
    slope: Vec<f64>,
}

impl Curve {
    /// A curve through (wind speed, value) knots; speeds in m/s, values in the curve's own unit.
    ///
    /// # Errors
    /// Unequal lengths, fewer than two knots, a number that is not finite, speeds that do not increase.
    pub fn new(wind_speed_m_s: Vec<f64>, value: Vec<f64>) -> Result<Self, Problem> {
        let fault = |text: String| Err(Problem::new("", text));
        if wind_speed_m_s.len() != value.len() {
            return fault(format!(
                "{} wind speeds but {} values; give one value for each speed",
                wind_speed_m_s.len(),
                value.len()
            ));
        }
        if wind_speed_m_s.len() < 2 {
            return fault(format!("{} knots, needs at least 2", wind_speed_m_s.len()));
        }
        for (i, (u, v)) in wind_speed_m_s.iter().zip(&value).enumerate() {
            if !u.is_finite() || !v.is_finite() {
                return fault(format!("knot {i} is ({u}, {v}); every number must be finite"));
            }
        }
        if let Some(i) = wind_speed_m_s.windows(2).position(|pair| pair[1] <= pair[0]) {
            return fault(format!(
                "wind speeds must increase, but knot {} ({} m/s) follows knot {i} ({} m/s)",
                i + 1,
                wind_speed_m_s[i + 1],
                wind_speed_m_s[i]
            ));
        }
        let slope =
            wind_speed_m_s.windows(2).zip(value.windows(2)).map(|(u, v)| (v[1] - v[0]) / (u[1] - u[0])).collect();
        Ok(Self { wind_speed_m_s, value, slope })
    }

    /// The curve's value at a wind speed, m/s.
    pub fn at(&self, wind_speed_m_s: f64) -> f64 {
        let after = self.wind_speed_m_s.partition_point(|&knot| knot <= wind_speed_m_s);
        if after == 0 {
            self.value[0]
        } else if after == self.value.len() {
            self.value[after - 1]
        } else {
            self.slope[after - 1] * (wind_speed_m_s - self.wind_speed_m_s[after - 1]) + self.value[after - 1]
        }
    }

    /// Wind speeds of the knots, m/s, increasing.
    pub fn wind_speed_m_s(&self) -> &[f64] {
        &self.wind_speed_m_s
    }

    /// Values at the knots.
    pub fn value(&self) -> &[f64] {
        &self.value
    }

    /// Largest value at any knot, and so anywhere.
    pub fn max(&self) -> f64 {
        self.value.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// Smallest value at any knot, and so anywhere.
    pub fn min(&self) -> f64 {
        self.value.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolates_between_knots_and_clamps_beyond_them() {
        let curve = Curve::new(vec![3.0, 5.0, 6.0], vec![0.0, 4.0, 4.0]).unwrap();
        for (u, expected) in [(-1.0, 0.0), (3.0, 0.0), (4.0, 2.0), (5.0, 4.0), (5.5, 4.0), (6.0, 4.0), (99.0, 4.0)] {
            assert!((curve.at(u) - expected).abs() < 1e-15, "at {u}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_curve() {
        for (u, v, word) in [
            (vec![1.0, 2.0], vec![1.0], "2 wind speeds but 1 values"),
            (vec![1.0], vec![1.0], "needs at least 2"),
            (vec![1.0, 2.0], vec![1.0, f64::NAN], "finite"),
            (vec![1.0, 3.0, 2.0], vec![1.0, 1.0, 1.0], "must increase"),
        ] {
            let problem = Curve::new(u, v).unwrap_err();
            assert!(problem.fault.contains(word), "{problem}");
        }
    }
}
