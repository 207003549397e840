//! The grid of positions that a search chooses from.

use crate::farm::Farm;

/// Grid points (x, y), m, at which a turbine may stand: `grid_size` per axis over the farm's bounding box, clipped by boundary and
/// exclusions, row by row from the least y, x fastest.
pub fn candidates(farm: &Farm, grid_size: usize) -> Vec<(f64, f64)> {
    let bounds = farm.bounding_box();
    let xs = evenly_spaced(bounds.x_min_m, bounds.x_max_m, grid_size);
    let ys = evenly_spaced(bounds.y_min_m, bounds.y_max_m, grid_size);
    ys.iter().flat_map(|&y| xs.iter().map(move |&x| (x, y))).filter(|&(x, y)| farm.allows(x, y)).collect()
}

/// `n` points from `start` to `stop`, both included; one point is `start`.
fn evenly_spaced(start: f64, stop: f64, n: usize) -> Vec<f64> {
    let step = (stop - start) / (n.max(2) - 1) as f64;
    (0..n).map(|i| if i > 0 && i + 1 == n { stop } else { start + i as f64 * step }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::farm::{Boundary, Polygon};

    #[test]
    fn clipped_row_by_row() {
        let triangle = Polygon::new(vec![(0.0, 0.0), (4.0, 0.0), (0.0, 4.0)]).unwrap();
        let farm =
            Farm { name: "t".into(), boundary: Boundary::Polygons(vec![triangle]), exclusions: vec![], crs: None };
        let points = candidates(&farm, 3);
        assert_eq!(points[..4], [(0.0, 0.0), (2.0, 0.0), (4.0, 0.0), (0.0, 2.0)]);
        assert!(!points.contains(&(4.0, 4.0)) && !points.contains(&(4.0, 2.0)));
    }
}
