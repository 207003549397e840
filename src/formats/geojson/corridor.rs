//! A line that must stay free with so much on either side (a cable, a pipeline, a shipping lane), as areas: a disc at every vertex and a
//! rectangle along every segment. Together they are exactly the points no further from the line than that.

use crate::error::Problem;
use crate::farm::{Circle, Polygon, Zone};

/// The areas within `buffer_m` of the line through these points (x, y), m.
pub(super) fn corridor(points_m: &[(f64, f64)], buffer_m: f64) -> Result<Vec<Zone>, Problem> {
    let mut zones = Vec::new();
    for &center_m in points_m {
        let disc = Circle { center_m, radius_m: buffer_m };
        disc.check()?;
        zones.push(Zone::Circle(disc));
    }
    for ends in points_m.windows(2) {
        let [(x, y), (u, v)] = [ends[0], ends[1]];
        let length_m = libm::hypot(u - x, v - y);
        if length_m > 0.0 {
            let (across, along) = (buffer_m * (v - y) / length_m, buffer_m * (u - x) / length_m);
            let corners = vec![
                (x + across, y - along),
                (u + across, v - along),
                (u - across, v + along),
                (x - across, y + along),
            ];
            zones.push(Zone::Polygon(Polygon::new(corners)?));
        }
    }
    Ok(zones)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_is_as_near_to_the_line_and_nothing_else() {
        let line = [(0.0, 0.0), (300.0, 400.0), (300.0, 900.0), (-100.0, 900.0)];
        let zones = corridor(&line, 50.0).unwrap();
        let distance_m = |x: f64, y: f64| {
            let to_segment = |ends: &[(f64, f64)]| {
                let ((x0, y0), (x1, y1)) = (ends[0], ends[1]);
                let (dx, dy) = (x1 - x0, y1 - y0);
                let t = (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
                libm::hypot(x - x0 - t * dx, y - y0 - t * dy)
            };
            line.windows(2).map(to_segment).fold(f64::INFINITY, f64::min)
        };
        let mut inside = 0;
        for k in 0..40_000_u32 {
            let (x, y) = (f64::from(k % 200) * 3.01 - 200.0, f64::from(k / 200) * 5.53 - 90.0);
            let held = zones.iter().any(|zone| zone.signed_distance_m(x, y) > 0.0);
            assert_eq!(held, distance_m(x, y) < 50.0, "({x}, {y})");
            inside += usize::from(held);
        }
        assert!(inside > 5000, "{inside}");
        assert_eq!(corridor(&[(1.0, 2.0)], 3.0).unwrap().len(), 1, "a point is a disc");
        assert!(corridor(&line, -1.0).is_err() && corridor(&line, f64::NAN).is_err());
    }
}
