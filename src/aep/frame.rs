//! Axes along and across the wind.

use crate::lanes::Lanes;
use crate::wake::Offset;

/// Axes of one wind direction: downwind and crosswind.
#[derive(Debug, Clone, Copy)]
pub struct WindFrame {
    cos: f64,
    sin: f64,
}

impl WindFrame {
    /// Axes for wind from `wind_direction_deg`, degrees clockwise from north.
    pub fn new(wind_direction_deg: f64) -> Self {
        let angle = (90.0 - wind_direction_deg) * std::f64::consts::PI / 180.0;
        Self { cos: libm::cos(angle), sin: libm::sin(angle) }
    }

    /// Cosine of the angle that the wind comes from, counted from east to north.
    pub fn cos(&self) -> f64 {
        self.cos
    }

    /// Its sine.
    pub fn sin(&self) -> f64 {
        self.sin
    }

    /// Coordinates (downwind, crosswind), m, of a horizontal displacement (x, y), m.
    ///
    /// Displacements, not positions, are turned: positions of millions of metres would lose nine digits in the difference.
    #[inline]
    pub fn turn(&self, x_m: f64, y_m: f64) -> (f64, f64) {
        turn(self.cos, self.sin, x_m, y_m)
    }

    /// Where `target` lies seen from `source`, both (x, y), m.
    #[inline]
    pub fn offset(&self, source: (f64, f64), target: (f64, f64), height_m: f64) -> Offset {
        let (downwind_m, crosswind_m) = self.turn(target.0 - source.0, target.1 - source.1);
        Offset { downwind_m, crosswind_m, height_m }
    }
}

/// [`WindFrame::turn`] in lanes of wind directions, given by cosine and sine.
#[inline(always)]
pub(crate) fn turn<V: Lanes>(cos: V, sin: V, x_m: V, y_m: V) -> (V, V) {
    // The signs are those of 0 - x: a zero's sign goes nowhere.
    (V::splat(0.0) - cos * x_m - sin * y_m, sin * x_m - cos * y_m)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wind_from_the_west_blows_east() {
        let offset = WindFrame::new(270.0).offset((100.0, 0.0), (600.0, 30.0), 0.0);
        assert!((offset.downwind_m - 500.0).abs() < 1e-9);
        assert!((offset.crosswind_m.abs() - 30.0).abs() < 1e-9);
        let north = WindFrame::new(0.0).offset((0.0, 0.0), (0.0, -70.0), 0.0);
        assert!((north.downwind_m - 70.0).abs() < 1e-9);
    }
}
