//! Where the turbines stand.

/// Coordinates of n turbines, metres, in order of placement.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layout {
    /// Easting, m, shape (n).
    pub x_m: Vec<f64>,
    /// Northing, m, shape (n).
    pub y_m: Vec<f64>,
}

impl Layout {
    /// Number of turbines.
    pub fn len(&self) -> usize {
        self.x_m.len()
    }

    /// Whether there are no turbines.
    pub fn is_empty(&self) -> bool {
        self.x_m.is_empty()
    }

    /// Adds a turbine at (x, y), m.
    pub fn push(&mut self, x_m: f64, y_m: f64) {
        self.x_m.push(x_m);
        self.y_m.push(y_m);
    }

    /// The positions as (x, y) pairs, m.
    pub fn positions(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.x_m.iter().copied().zip(self.y_m.iter().copied())
    }

    /// Smallest distance between two turbines, m; infinite below two turbines.
    pub fn min_spacing_m(&self) -> f64 {
        let mut least = f64::INFINITY;
        for (i, (xi, yi)) in self.positions().enumerate() {
            for (xj, yj) in self.positions().skip(i + 1) {
                least = least.min((xj - xi) * (xj - xi) + (yj - yi) * (yj - yi));
            }
        }
        least.sqrt()
    }
}

impl FromIterator<(f64, f64)> for Layout {
    fn from_iter<I: IntoIterator<Item = (f64, f64)>>(positions: I) -> Self {
        let (x_m, y_m) = positions.into_iter().unzip();
        Self { x_m, y_m }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacing_is_the_least_distance() {
        let layout = Layout { x_m: vec![0.0, 3.0, 30.0], y_m: vec![0.0, 4.0, 40.0] };
        assert!((layout.min_spacing_m() - 5.0).abs() < 1e-12);
        assert!(Layout::default().min_spacing_m().is_infinite());
    }
}
